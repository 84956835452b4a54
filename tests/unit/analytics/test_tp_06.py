"""TP-06 on small lakes: grades, likenesses, innocent explanations, bounds."""

import random
from dataclasses import fields
from datetime import date

import pytest

from analytics.models.tp_06 import MODEL, Params
from records.contract import load_contract
from tests.unit.analytics.drafts import result, value
from tests.unit.analytics.ring_lake import AS_OF, START, RingLake, org

OWN = [f"s{n}" for n in range(6)]
WAVE = [float(n * 7 % 11) + n / 100 for n in range(30)]


def ring() -> RingLake:
    return RingLake().tied().anomalies([*OWN, "o1"])


def thick(lake: RingLake) -> RingLake:
    """Three models at every own site, so that two independent types can be asked for."""
    return lake.anomalies(OWN, "WW-01").anomalies(OWN, "OM-03")


def test_a_ring_with_an_excess_is_grade_three_and_says_what_it_rests_on() -> None:
    (draft,) = ring().drafts()
    assert draft.grade == 3
    assert draft.identity == (org("a"), org("b"))
    assert draft.title == "疑似第三方机构造假团伙（2家机构，6个异常站点）"
    assert [(cap.code, cap.grade) for cap in draft.caps] == [("few_models", 3)]
    assert value(draft, "excess_p") < 0.001
    assert value(draft, "observed_share") == 1.0
    assert value(draft, "expected_share") == pytest.approx(1.5 / 31, abs=0.02)
    assert value(draft, "identifier_1_degree") == 2
    roles = {(s.role, s.entity_id) for s in draft.subjects}
    assert roles >= {
        ("operator", org("a")), ("operator", org("b")), ("controller", "person:boss"),
        ("person", "person:one"), ("site", org("s0")),
    }  # fmt: skip
    assert {e.role for e in draft.evidence} >= {
        "shared controller",
        "shared staff",
        "anomaly OM-02",
    }
    assert any(line.startswith("likeness photo: none") for line in draft.searched)
    assert "疑似" in draft.reason
    assert draft.started_at.date() == date(2026, 10, 5)


LIKENESS = {
    "parameter": lambda: ring().changed("s0").changed("s1"),
    "fragment": lambda: ring().series("s0", WAVE).series("s1", WAVE, start=100),
    "photo": lambda: ring().photo("a", "ffee").photo("b", "ffee"),
    "raw_file": lambda: ring().add("test_raw_file", file_sha256="x", tester_entity=org("a"))
    .add("test_raw_file", file_sha256="x", tester_entity=org("b")),
    "sampler": lambda: ring().sampled("a", "C00001", 0, 2).sampled("b", "C00001", 1, 3),
}  # fmt: skip


@pytest.mark.parametrize("kind", LIKENESS)
def test_each_likeness_makes_grade_two_and_shows_both_sides(kind: str) -> None:
    (draft,) = LIKENESS[kind]().drafts()
    assert draft.grade == 2
    assert value(draft, "likeness_kinds") == 1
    rows = [e for e in draft.evidence if e.role == f"likeness {kind}"]
    assert len({(e.batch, e.row) for e in rows}) == 2
    assert any(
        line.startswith(f"{kind} a环境服务公司 / b环境服务公司: 1") for line in draft.searched
    )


UNLIKE = {
    "another value": ring().changed("s0").changed("s1", 1.8),
    "a month apart": ring().changed("s0").changed("s1", changed_at=START.replace(month=8)),
    "one body alone": ring().changed("s0").changed("s2"),
    "what most bodies do": ring().changed("s0").changed("s1").changed("o0").changed("o1")
    .changed("o2"),
    "nothing changed": ring().changed("s0", 1.0).changed("s1", 1.0),
    "23 equal hours": ring().series("s0", WAVE[:23]).series("s1", WAVE[:23]),
    "a flat stretch": ring().series("s0", [5.0] * 30).series("s1", [5.0] * 30),
    "photos without a hash": ring().photo("a", None).photo("b", None),
    "one body's own photo twice": ring().photo("a", "ffee").photo("a", "ffee"),
    "sampler one after the other": ring().sampled("a", "C00001", 0, 2).sampled("b", "C00001", 2, 3),
    "outside the ring": ring().photo("a", "ffee").photo("c", "ffee"),
}  # fmt: skip


@pytest.mark.parametrize("name", UNLIKE)
def test_near_misses_of_likeness(name: str) -> None:
    (draft,) = UNLIKE[name].drafts()
    assert value(draft, "likeness_kinds") == 0
    assert draft.grade == 3


def test_grade_one_needs_two_kinds_five_sites_two_agencies_and_many_models() -> None:
    lake = thick(ring()).changed("s0").changed("s1").photo("a", "ffee").photo("b", "ffee")
    (draft,) = lake.drafts()
    assert draft.grade == 1
    assert draft.caps == ()
    assert value(draft, "types_needed") == 2
    assert value(draft, "agencies") == 2
    few = RingLake(sites=4).tied().anomalies(OWN[:4]).changed("s0").changed("s1")
    (draft,) = few.photo("a", "ffee").photo("b", "ffee").drafts()
    assert draft.grade == 2
    thin = ring().changed("s0").changed("s1").photo("a", "ffee").photo("b", "ffee")
    (draft,) = thin.drafts()
    assert [cap.code for cap in draft.caps] == ["few_models"]


CLEAN = {
    "no anomaly at all": RingLake().tied(),
    "as many as elsewhere": RingLake()
    .tied()
    .anomalies(OWN)
    .anomalies([f"o{n}" for n in range(30)]),
    "no shared identifier": RingLake().anomalies(OWN),
    "anomalies elsewhere": RingLake().tied().anomalies(["o1", "o2", "o4"]),
    "one site": RingLake().tied().anomaly("s0"),
    "with a data issue": RingLake().tied().anomaly("s0", status="data_issue"),
    "its own findings": RingLake().tied().anomalies(OWN, "TP-06"),
    "other directions": RingLake().tied().anomalies(OWN, "HW-11"),
    "too few others to compare": RingLake(others=9).tied().anomalies(OWN),
    "last year's": RingLake().tied().anomaly("s0", window_to="2025-01-01T08:00:00+08:00"),
}


@pytest.mark.parametrize("name", CLEAN)
def test_clean(name: str) -> None:
    assert CLEAN[name].drafts() == []


def test_two_types_on_the_same_rows_are_one() -> None:
    def lake(rows: tuple[int, ...]) -> RingLake:
        made = RingLake().tied()
        for number, site in enumerate(OWN):
            made.anomaly(site, "OM-02", (number,)).anomaly(site, "OM-03", rows or (number,))
        return made.anomaly("o1", "WW-01")

    assert lake(()).drafts() == []
    assert len(lake((500,)).drafts()) == 1


def test_a_hub_does_not_join_bodies() -> None:
    many = [f"n{n}" for n in range(19)]
    hub = RingLake().anomalies(OWN).share("HAS_PHONE", "phone:1", "a", "b", *many)
    assert hub.drafts() == []
    told = ring().share("HAS_PHONE", "phone:1", "a", "b", *many)
    (draft,) = told.drafts()
    assert any("phone:1: ignored, degree 21" in line for line in draft.searched)


def test_links_by_car_card_instrument_mail_and_certificate() -> None:
    lake = RingLake().anomalies(OWN)
    for name in "ab":
        lake.add("om_log", mn="m", arrived_at=START, work_kind="巡检", technician_cert_no="C00009",
                 operator_entity=org(name), vehicle_vehicle="vehicle:1")  # fmt: skip
        lake.add("door_log", mn="m", event_at=START, direction="进", card_no="8800123",
                 operator_entity=org(name))  # fmt: skip
        lake.add("lab_instrument", instrument_no="1", serial_no="SN-77", tester_entity=org(name))
        lake.add("company", uscc=name, email="x@y.cn", company_entity=org(name))
    (draft,) = lake.drafts()
    roles = {e.role for e in draft.evidence}
    assert {"shared vehicle", "shared staff", "shared card", "shared instrument"} <= roles
    assert all("8800123" not in e.key and "x@y.cn" not in e.key for e in draft.evidence)


def test_filed_subcontracts_within_a_group_cap() -> None:
    lake = ring().changed("s0").changed("s1").share("SHAREHOLDER_OF", "person:boss", "a", "b")
    (draft,) = lake.drafts()
    assert result(draft, "filed_subcontract_group") == "ruled_out"
    lake.add("test_report", report_no="1", tester_entity=org("a"), subcontractor_entity=org("b"))
    (draft,) = lake.drafts()
    assert result(draft, "filed_subcontract_group") == "holds"
    assert "filed_subcontract_group" in {cap.code for cap in draft.caps}


def test_a_makers_service_net_caps() -> None:
    lake = ring().changed("s0").changed("s1")
    for row in lake.tables["monitor_point"]:
        row["device_vendor"] = "丙仪器" if row["mn"].startswith("mn-s") else "乙仪器"
    (draft,) = lake.drafts()
    assert result(draft, "manufacturer_net") == "holds"
    assert "manufacturer_net" in {cap.code for cap in draft.caps}
    (draft,) = ring().drafts()
    assert result(draft, "manufacturer_net") == "ruled_out"


def test_a_shared_bookkeeper_caps() -> None:
    lake = RingLake().anomalies(OWN).share("HAS_PHONE", "phone:1", "a", "b")
    (draft,) = lake.changed("s0").changed("s1").drafts()
    assert result(draft, "shared_bookkeeper") == "holds"
    assert "shared_bookkeeper" in {cap.code for cap in draft.caps}
    (draft,) = ring().drafts()
    assert result(draft, "shared_bookkeeper") == "ruled_out"


def test_old_devices_are_expected_to_fail() -> None:
    lake = RingLake().tied().anomalies([*OWN, *[f"o{n}" for n in range(12)]])
    for row in lake.tables["monitor_point"]:
        is_old = row["mn"][3] == "s" or int(row["mn"][4:]) < 12
        row["accepted_on"] = date(2012, 1, 1) if is_old else date(2024, 1, 1)
    assert lake.drafts() == []
    for row in lake.tables["monitor_point"]:
        row["accepted_on"] = None
    (draft,) = lake.drafts()
    assert result(draft, "old_devices") == "unknown"


def test_a_testing_finding_counts_where_its_reports_were_written() -> None:
    lake = RingLake(sites=0).tied()
    for number in range(6):
        lake.add("test_report", report_no=f"r{number}", body_uscc="U",
                 tester_entity=org("ab"[number % 2]), site_entity=org(f"o{number}"),
                 sampled_on=date(2026, 10, 5))  # fmt: skip
    for number in range(6):
        finding = RingLake(0, 0).anomaly("x", "TP-01").findings[0]
        row = finding.evidence[0].__class__(
            "test_report", "batch-test_report", number + 1, 1, "r", "job"
        )
        lake.anomaly("x", "TP-01", evidence=(row,))
    (draft,) = lake.drafts()
    assert draft.quantities["anomalous_sites"] == 6
    assert {s.entity_id for s in draft.subjects if s.role == "site"} == {
        org(f"o{n}") for n in range(6)
    }


def test_order_of_rows_does_not_matter_and_a_second_run_gives_the_same() -> None:
    lake = ring().changed("s0").changed("s1").photo("a", "ffee").photo("b", "ffee")
    for name, rows in lake.tables.items():
        if name in load_contract().datasets:
            lake.tables[name] = [row | {"row": n, "batch": "b"} for n, row in enumerate(rows, 1)]
    first = repr(lake.drafts())
    for rows in lake.tables.values():
        random.Random(3).shuffle(rows)
    random.Random(5).shuffle(lake.findings)
    assert repr(lake.drafts()) == first
    assert repr(lake.drafts()) == first


def test_empty_lake() -> None:
    assert RingLake(0, 0).drafts() == []


def test_model_declares_what_it_needs() -> None:
    assert set(MODEL.datasets) <= set(load_contract().datasets)
    assert all(f.metadata["source"] and f.metadata["unit"] for f in fields(Params))
    assert MODEL.after == ("OM-", "WW-", "TP-")
    assert AS_OF.year == 2026
