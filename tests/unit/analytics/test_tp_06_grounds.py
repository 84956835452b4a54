"""TP-06: nothing is laid at a body's door that is not its own, and nothing is said unchecked."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from analytics.models.tp_06 import Params, types_asked
from graph.types import Evidence
from tests.unit.analytics.drafts import result, value
from tests.unit.analytics.ring_lake import START, RingLake, org

OWN = [f"s{n}" for n in range(6)]
PICTURE = "5a3c96f00f69c3a5"
EMPTY_FILE = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
WAVE = [float(n * 7 % 11) + n / 100 for n in range(30)]


def ring() -> RingLake:
    return RingLake().tied().anomalies([*OWN, "o1"])


def contract(lake: RingLake, number: str, body: str, site: str, **more: Any) -> RingLake:
    return lake.add("om_contract", contract_no=number, mn=f"mn-{site}", operator_entity=org(body),
                    **more)  # fmt: skip


def handed_over(lake: RingLake) -> RingLake:
    """The body b took over the points of a, whose contracts name no end."""
    for site in ("s0", "s2"):
        contract(lake, f"a-{site}", "a", site, valid_from=date(2025, 1, 1))
        contract(lake, f"b-{site}", "b", site, valid_from=date(2026, 9, 1))
    return lake


def subcontracted(lake: RingLake) -> RingLake:
    """The body a has the contract, b does the work."""
    for site in ("s0", "s2"):
        whole = {"valid_from": date(2026, 1, 1), "valid_to": date(2026, 12, 31)}
        contract(lake, f"a-{site}", "a", site, **whole)
        contract(lake, f"b-{site}", "b", site, parent_contract_no=f"a-{site}", **whole)
    return lake


def together(lake: RingLake) -> RingLake:
    """Two bodies under one contract each of the same days: who did what is not known."""
    for site in ("s0", "s2"):
        for body in "ab":
            contract(lake, f"{body}-{site}", body, site, valid_from=date(2026, 1, 1))
    return lake


@pytest.mark.parametrize("whose", [handed_over, subcontracted, together], ids=lambda w: w.__name__)
def test_what_one_body_did_at_two_points_is_no_likeness_of_two(
    whose: Callable[[RingLake], RingLake],
) -> None:
    (draft,) = whose(ring()).changed("s0").changed("s2").drafts()
    assert value(draft, "likeness_kinds") == 0
    (draft,) = whose(ring()).series("s0", WAVE).series("s2", WAVE, start=100).drafts()
    assert value(draft, "likeness_kinds") == 0


def test_what_was_done_before_the_points_changed_hands_is_the_first_bodys() -> None:
    lake = handed_over(ring()).changed("s0", changed_at=START.replace(month=8, day=20))
    (draft,) = lake.changed("s2", changed_at=START.replace(month=9, day=5)).drafts()
    assert value(draft, "likeness_kinds") == 1


def test_a_picture_of_a_report_number_that_two_bodies_use_is_nobodys() -> None:
    def lake(**more: Any) -> RingLake:
        made = ring()
        for body, site in (("a", "o0"), ("b", "o1")):
            made.add("test_report", report_no="2026-001", body_uscc=f"U-{body}",
                     tester_entity=org(body), site_entity=org(site))  # fmt: skip
        made.add("test_photo", photo_id="p", report_no="2026-001", phash=PICTURE, **more)
        return made.photo("b", PICTURE, site="o2")

    (draft,) = lake().drafts()
    assert value(draft, "likeness_kinds") == 0
    (draft,) = lake(body_uscc="U-a").drafts()
    assert value(draft, "likeness_kinds") == 1


def test_an_empty_file_is_no_likeness() -> None:
    lake = ring()
    for body, sha in (("a", EMPTY_FILE), ("b", EMPTY_FILE.upper())):
        lake.photo(body, None, EMPTY_FILE).photo(body, None, sha)
        lake.add("test_raw_file", file_sha256=EMPTY_FILE, tester_entity=org(body))
        lake.add("test_raw_file", file_sha256=sha, tester_entity=org(body))
    (draft,) = lake.drafts()
    assert value(draft, "likeness_kinds") == 0


@pytest.mark.parametrize("word", ["无", "0000"])
def test_a_word_in_the_place_of_a_certificate_is_nobody(word: str) -> None:
    both = f"{word}、{word}"
    lake = ring().sampled("a", word, 0, 2, sampler_cert_nos=both)
    (draft,) = lake.sampled("b", word, 1, 3, sampler_cert_nos=both).drafts()
    assert value(draft, "likeness_kinds") == 0
    loose = RingLake().anomalies(OWN).sampled("a", word, 0, 2, sampler_cert_nos=both)
    assert loose.sampled("b", word, 9, 11, sampler_cert_nos=both).drafts() == []


def with_instruments(first: str | None, second: str | None, serial: str = "2021001") -> RingLake:
    lake = RingLake().anomalies(OWN)
    for body, model, number in (("a", first, serial), ("b", second, serial.lower() + " ")):
        lake.add("lab_instrument", instrument_no="1", serial_no=number, model=model,
                 tester_entity=org(body))  # fmt: skip
    return lake


@pytest.mark.parametrize(
    ("first", "second", "is_one"),
    [("崂应3012H", "3012H型", True), ("3012H", None, True), ("3012H", "GH-60E", False)],
)
def test_one_serial_number_on_two_models_is_two_instruments(
    first: str | None, second: str | None, is_one: bool
) -> None:
    assert bool(with_instruments(first, second, "SN2021001").drafts()) is is_one


def test_a_serial_number_of_noughts_is_none() -> None:
    assert with_instruments("3012H", "3012H", "000000").drafts() == []


def test_rows_of_bodies_outside_the_ring_are_no_evidence_against_it() -> None:
    """The phone is that of a fourth body too, which has nothing else in common with the ring."""
    lake = ring().share("HAS_PHONE", "phone:1", "a", "b", "c")
    for name in ("one", "two", "three"):
        lake.share("EMPLOYED_BY", f"person:c{name}", "c", "d")
    (draft,) = lake.drafts()
    assert draft.identity == (org("a"), org("b"))
    phones = [e.reference for e in draft.evidence if e.role == "shared phone"]
    assert phones == ["company:b:1:1", "company:b:2:1"]


def test_ages_of_other_sites_say_nothing_of_the_rings_devices() -> None:
    lake = ring()
    for row in lake.tables["monitor_point"]:
        row["accepted_on"] = date(2024, 1, 1) if row["mn"][3] == "o" else None
    (draft,) = lake.drafts()
    assert result(draft, "old_devices") == "unknown"


def test_old_devices_that_nobody_else_has_cannot_be_ruled_out() -> None:
    lake = ring()
    for row in lake.tables["monitor_point"]:
        row["accepted_on"] = date(2012 if row["mn"][3] == "s" else 2024, 1, 1)
    (draft,) = lake.drafts()
    assert result(draft, "old_devices") == "unknown"


def test_the_name_of_a_place_makes_no_service_net() -> None:
    """Every second firm of the province is named after it, the maker as well."""

    def lake(vendor: str, name: str) -> RingLake:
        made = ring()
        for row in made.tables["monitor_point"]:
            row["device_vendor"] = vendor
        for row in made.tables["organization"]:
            row["name"] = name if row["entity_id"] in (org("a"), org("b")) else row["name"]
        for number in range(21):
            made.add("organization", entity_id=org(f"j{number}"), name=f"江苏{number}厂")
        return made

    for vendor, name, expected in (
        ("江苏仪器厂", "江苏环境服务公司", "ruled_out"),
        ("江苏天瑞仪器厂", "苏州天瑞环境服务公司", "holds"),
        ("天瑞仪器", "天瑞环境服务公司", "holds"),
    ):
        (draft,) = lake(vendor, name).drafts()
        assert result(draft, "manufacturer_net") == expected, vendor


def signed(lake: RingLake, body: str, *sites: str) -> RingLake:
    """False reports of a body on sites, each found by TP-01."""
    for site in sites:
        number = len(lake.tables.get("test_report", [])) + 1
        lake.add("test_report", report_no=f"r{number}", body_uscc=f"U-{body}",
                 tester_entity=org(body), site_entity=org(site),
                 sampled_on=START.date() + timedelta(days=1))  # fmt: skip
        row = Evidence("test_report", "batch-test_report", number, 1, "r", "job")
        lake.anomaly("x", "TP-01", evidence=(row,))
    return lake


def test_a_strangers_false_report_is_a_second_type_at_the_rings_site() -> None:
    """Of the two types that a site must have, one is the ring's own."""
    lake = signed(RingLake().tied().anomalies(OWN).anomaly("o1", "WW-01"), "c", *OWN)
    (draft,) = lake.drafts()
    assert draft.quantities["anomalous_sites"] == 6
    assert {e.role for e in draft.evidence} >= {"anomaly OM-02", "anomaly TP-01"}


def test_a_site_where_only_others_failed_is_no_hit_of_the_ring() -> None:
    lake = RingLake(sites=0).tied()
    sites = [f"o{n}" for n in range(6)]
    for number, site in enumerate(sites):
        lake.add("test_report", report_no=f"own{number}", body_uscc="U-a", site_entity=org(site),
                 tester_entity=org("ab"[number % 2]), sampled_on=START.date())  # fmt: skip
    lake.anomalies(sites).anomalies(sites, "OM-03").anomalies(sites, "WW-01")
    assert lake.drafts() == []


@pytest.mark.parametrize(("pct", "role"), [(5, "person"), (50, "controller")])
def test_who_holds_little_of_two_bodies_does_not_control_them(pct: int, role: str) -> None:
    lake = RingLake().anomalies([*OWN, "o1"]).share("SHAREHOLDER_OF", "person:h", "a", "b")
    for row in lake.tables["relation"]:
        row["properties"] = f'{{"pct": {pct}}}'
    (draft,) = lake.drafts()
    assert {s.role for s in draft.subjects if s.entity_id == "person:h"} == {role}
    assert ("参股股东1项" if role == "person" else "控制人或高管1项") in draft.reason


def test_what_is_not_shown_of_a_large_ring_is_said() -> None:
    sites = [f"s{n}" for n in range(40)]
    lake = RingLake(sites=40, others=60).tied().anomalies([*sites, "o1"])
    (draft,) = lake.drafts()
    assert draft.quantities["anomalous_sites"] == 40
    assert len([s for s in draft.subjects if s.role == "site"]) == 30
    assert len({e.key for e in draft.evidence if e.role.startswith("anomaly")}) == 30
    assert "证据列出其中30个异常站点" in draft.reason
    (draft,) = ring().drafts()
    assert "证据列出" not in draft.reason


def test_likenesses_of_many_pairs_are_counted_and_a_few_shown() -> None:
    """Twelve bodies under one roof with one picture have 66 pairs."""
    names = [f"z{n}" for n in range(12)]
    lake = RingLake(sites=0).share("LEGAL_REP_OF", "person:boss", *names)
    for number, name in enumerate(names):
        lake.add("organization", entity_id=org(name), name=f"{name}公司").serve(name, f"p{number}")
        lake.anomaly(f"p{number}").photo(name, PICTURE)
    (draft,) = lake.drafts()
    assert draft.quantities["likeness_pairs"] == 66
    assert len([line for line in draft.searched if line.startswith("photo ")]) == 20
    assert "证据列出其中20对" in draft.reason


def taken_over(day: date, *, is_open: bool = False) -> RingLake:
    """The ring's bodies took over six points of c on that day; the anomalies are of 5 October."""
    lake = RingLake(sites=0).tied().anomaly("o1")
    for number in range(6):
        site, body = f"z{number}", "ab"[number % 2]
        lake.serve(body, site).anomaly(site)
        contract(lake, f"c-{site}", "c", site, valid_from=date(2025, 1, 1),
                 valid_to=None if is_open else day - timedelta(days=1))  # fmt: skip
        contract(lake, f"{body}-{site}", body, site, valid_from=day)
    return lake


@pytest.mark.parametrize("is_open", [False, True])
@pytest.mark.parametrize(
    ("day", "is_theirs"), [(date(2026, 10, 7), False), (date(2026, 10, 5), True)]
)
def test_what_went_wrong_before_they_took_over_is_not_theirs(
    day: date, is_theirs: bool, is_open: bool
) -> None:
    drafts = taken_over(day, is_open=is_open).drafts()
    assert [draft.quantities["anomalous_sites"] for draft in drafts] == ([6] if is_theirs else [])


def test_a_body_of_the_register_answers_once_the_contracts_of_others_have_ended() -> None:
    def lake(last: date | None) -> RingLake:
        made = RingLake().tied().anomalies([*OWN, "o1"])
        for site in OWN:
            contract(made, f"c-{site}", "c", site, valid_from=date(2025, 1, 1), valid_to=last)
        return made

    assert len(lake(date(2026, 10, 4)).drafts()) == 1
    assert lake(date(2026, 10, 31)).drafts() == []
    assert lake(None).drafts() == []


def test_small_figures_are_told_apart() -> None:
    """Slopes of some 10^-5 are not all nought."""
    lake = ring().changed("s0", 3e-5, old_value=2e-5).changed("s1", 4e-5, old_value=1e-5)
    (draft,) = lake.drafts()
    assert value(draft, "likeness_kinds") == 0
    (draft,) = lake.changed("s3", 3e-5, old_value=2e-5).drafts()
    assert value(draft, "likeness_kinds") == 1


def test_two_models_are_enough_for_the_definition_and_one_type_is_asked_beside_it() -> None:
    """Six of ten sites have OM-02, so one type is no excess; OM-02 and TP-01 together are one."""
    lake = RingLake(sites=4).tied().anomalies(OWN[:4]).anomalies([f"o{n}" for n in range(18)])
    assert lake.drafts() == []
    (draft,) = signed(lake, "c", *OWN[:4]).drafts()
    assert value(draft, "types_needed") == 2
    assert draft.quantities["anomalous_sites"] == 4
    assert "4个出现至少2类相互独立的异常" in draft.reason
    assert [cap.code for cap in draft.caps] == ["few_models"]
    (draft,) = signed(ring(), "c", "o2").drafts()
    assert value(draft, "types_needed") == 1
    assert value(draft, "excess_p") < 0.01
    assert [s.n for s in draft.statistics if s.name == "fdr_rejected"] == [2]


@pytest.mark.parametrize(
    ("models", "asked"), [(0, (1,)), (1, (1,)), (2, (2, 1)), (3, (2,)), (9, (2,))]
)
def test_types_that_are_asked_for(models: int, asked: tuple[int, ...]) -> None:
    assert types_asked(models, Params()) == asked
