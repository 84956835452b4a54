"""TP-06 on small lakes: grades, likenesses, innocent explanations, bounds."""

import random
from dataclasses import fields
from datetime import date

import pytest

from analytics.models.tp_06 import MODEL, Params
from graph.types import Evidence
from records.contract import load_contract
from tests.unit.analytics.drafts import result, value
from tests.unit.analytics.ring_lake import AS_OF, START, RingLake, org

OWN = [f"s{n}" for n in range(6)]
PICTURE, NEAR, FAR = "5a3c96f00f69c3a5", "5a3c96f00f69c39a", "5a3c96f00f6900ff"
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
    assert draft.title == "疑似第三方机构造假团伙（a环境服务公司等2家机构，6个异常站点）"
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
    served = {e.key for e in draft.evidence if e.role == "service"}
    assert served == {org(site) for site in OWN}
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


ALIKE = {
    "the slope of another factor": lambda: ring()
    .changed("s0").changed("s1", factor_code="w21003"),
    "a near picture of another place": lambda: ring()
    .photo("a", PICTURE, site="o0").photo("b", NEAR, site="o1"),
    "one picture of one place on two days": lambda: ring()
    .photo("a", PICTURE, site="o0").photo("b", PICTURE, site="o0", day=date(2026, 10, 9)),
    "one file without a hash of the picture": lambda: ring()
    .photo("a", None, "sha").photo("b", None, "sha"),
}  # fmt: skip


@pytest.mark.parametrize("name", ALIKE)
def test_further_likenesses(name: str) -> None:
    (draft,) = ALIKE[name]().drafts()
    assert value(draft, "likeness_kinds") == 1
    assert draft.grade == 2


UNLIKE = {
    "a change on file": ring().changed("s0", approved=True).changed("s1", approved=True),
    "a near picture of one place": ring()
    .photo("a", PICTURE, site="o0").photo("b", NEAR, site="o0", day=date(2026, 10, 9)),
    "a near picture, places unknown": ring().photo("a", PICTURE).photo("b", NEAR),
    "a far picture": ring().photo("a", PICTURE, site="o0").photo("b", FAR, site="o1"),
    "one picture of one job": ring().photo("a", PICTURE, site="o0").photo("b", PICTURE, site="o0"),
    "an empty picture": ring().photo("a", "0" * 16, site="o0").photo("b", "0" * 16, site="o1"),
    "a stock picture": ring().photo("a", PICTURE).photo("b", PICTURE).photo("c", PICTURE)
    .photo("d", PICTURE).photo("e", PICTURE),
    "a picture of next year": ring().photo("a", PICTURE, exif_at=START.replace(year=2027))
    .photo("b", PICTURE, exif_at=START.replace(year=2027)),
    "a picture of long ago": ring().photo("a", PICTURE, exif_at=START.replace(year=2024))
    .photo("b", PICTURE, exif_at=START.replace(year=2024)),
    "a raw file that all bodies have": ring()
    .add("test_raw_file", file_sha256="x", tester_entity=org("a"))
    .add("test_raw_file", file_sha256="x", tester_entity=org("b"))
    .add("test_raw_file", file_sha256="x", tester_entity=org("c"))
    .add("test_raw_file", file_sha256="x", tester_entity=org("d"))
    .add("test_raw_file", file_sha256="x", tester_entity=org("e")),
    "a sampler at one works": ring()
    .sampled("a", "C00001", 0, 2).sampled("b", "C00001", 1, 3, lon=119.005),
    "a sampler whose place is unknown": ring()
    .sampled("a", "C00001", 0, 2).sampled("b", "C00001", 1, 3, lon=None),
    "a sampler who left the device to run": ring()
    .sampled("a", "C00001", 0, 24).sampled("b", "C00001", 10, 11),
    "a ramp, each step like the last": ring().series("s0", [float(n) for n in range(30)])
    .series("s1", [float(n) for n in range(30)], start=100),
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


def test_many_equal_photos_are_counted_and_a_few_shown() -> None:
    lake = ring()
    for number in range(40):
        lake.photo("ab"[number % 2], PICTURE, site=f"o{number % 4}")
    (draft,) = lake.drafts()
    assert any("photo a环境服务公司 / b环境服务公司: 400" in line for line in draft.searched)
    assert len([e for e in draft.evidence if e.role == "likeness photo"]) <= 8


def test_an_owner_and_its_firm_are_one_circle() -> None:
    lake = RingLake().anomalies([*OWN, "o1"])
    lake.add("relation", type="SHAREHOLDER_OF", properties='{"pct": 100}', from_id=org("a"),
             to_id=org("b"), sources=["shareholder:b:1:1"])  # fmt: skip
    (draft,) = lake.drafts()
    assert draft.identity == (org("a"), org("b"))
    assert value(draft, "identifier_1_degree") == 2


def test_a_holding_of_two_bodies_is_shown_as_their_controller() -> None:
    lake = RingLake().anomalies([*OWN, "o1"]).add("organization", entity_id=org("h"), name="控股")
    for number, name in enumerate("ab"):
        lake.add("relation", type="SHAREHOLDER_OF", properties='{"pct": 100}', from_id=org("h"),
                 to_id=org(name), sources=[f"shareholder:b:{number + 1}:1"])  # fmt: skip
    (draft,) = lake.drafts()
    assert ("controller", org("h")) in {(s.role, s.entity_id) for s in draft.subjects}
    assert value(draft, "identifier_1_degree") == 3, "the holding, and both of its firms"


def test_a_phone_of_fifteen_firms_still_ties_two_of_five_bodies() -> None:
    """N is the number of organisations over which the degree is counted, not that of bodies."""
    lake = RingLake().anomalies([*OWN, "o1"])
    lake.share("HAS_PHONE", "phone:1", "a", "b", *[f"n{n}" for n in range(13)])
    (draft,) = lake.drafts()
    assert value(draft, "identifier_1_degree") == 15


def test_the_other_bodies_are_told_for_the_funnel() -> None:
    (draft,) = ring().drafts()
    assert draft.quantities["bodies_with_10_sites_0_anomalous"] == 2
    assert draft.quantities["bodies_with_10_sites_1_anomalous"] == 1
    assert "bodies_with_3_sites_3_anomalous" not in draft.quantities, "those of the ring"


def test_everybody_anomalous_is_no_excess() -> None:
    lake = RingLake().tied().anomalies([*OWN, *[f"o{n}" for n in range(30)]])
    assert lake.drafts(p=0.9, q=0.9) == []


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


def test_one_device_makes_no_service_net() -> None:
    lake = ring()
    for row in lake.tables["monitor_point"]:
        is_first = row["mn"] == "mn-s0"
        row["device_vendor"] = "丙仪器" if is_first else None if row["mn"][3] == "s" else "乙仪器"
    (draft,) = lake.drafts()
    assert result(draft, "manufacturer_net") == "unknown"


def test_laboratories_are_no_service_net_of_the_devices_where_they_sample() -> None:
    lake = RingLake(sites=0).tied()
    for row in lake.tables["monitor_point"]:
        row["device_vendor"] = "丙仪器" if int(row["mn"][4:]) < 6 else "乙仪器"
    for number in range(6):
        site = f"o{number}"
        lake.add("test_report", report_no=f"r{number}", body_uscc="U", site_entity=org(site),
                 tester_entity=org("ab"[number % 2]), sampled_on=date(2026, 10, 5))  # fmt: skip
        row = Evidence("test_report", "batch-test_report", number + 1, 1, "r", "job")
        lake.anomaly("x", "TP-01", evidence=(row,))
    (draft,) = lake.drafts()
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
        row = Evidence("test_report", "batch-test_report", number + 1, 1, "r", "job")
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
