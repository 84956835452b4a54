"""HW-08 on small lakes: each test as hit, near miss and innocent look-alike; coverage; episodes."""

from datetime import date, timedelta

import pytest

from analytics.exemptions import exempt_steps
from analytics.model import Draft
from analytics.models.hw_08 import Outcome, Params, grade
from tests.unit.analytics.licence_lake import CODE, OTHER_CODE, SITE, START, Lake, org
from tests.unit.analytics.model_vectors import vectors_of

APPROVAL = {
    "approval_no": "SZ-1",
    "waste_code": CODE,
    "shipper_uscc": "x",
    "receiver_uscc": "y",
    "shipper_entity": org("g"),
    "receiver_entity": org("r"),
    "from_division": "320500",
    "approved_t": 20.0,
    "approved_on": date(2026, 3, 1),
    "valid_to": date(2027, 2, 28),
}
FAR = {"receiver_division": "330100", "scope": "跨省"}


def found(lake: Lake, **params: float) -> dict[str, int]:
    """Grade by test, after the model's own caps."""
    return {
        draft.discriminator: max([draft.grade, *(cap.grade for cap in draft.caps)])
        for draft in lake.drafts(**params)
    }


def flag(column: str, code: str) -> dict[str, str]:
    return {"column": column, "code": code, "raw": "", "qualifier": ""}


def ended(days: int) -> date:
    """A last day of validity that many days before the first manifest."""
    return START.date() - timedelta(days=days)


CASES: dict[str, tuple[Lake, dict[str, int]]] = {
    "all in order": (Lake().ship(), {}),
    # T1
    "no licence": (Lake("licence").ship(), {"T1": 1}),
    "licence over for 200 days": (
        Lake("licence").license(valid_to=ended(200)).ship(),
        {"T1": 1},
    ),
    "licence over for 31 days": (Lake("licence").license(valid_to=ended(31)).ship(), {"T1": 1}),
    "over for 30 days, feed may lag": (
        Lake("licence").license(valid_to=ended(30)).ship(),
        {"T1": 3},
    ),
    "over, the manifest cites a number the register does not know": (
        Lake("licence").license(valid_to=ended(30)).ship(licence_no="JS-r-neu"),
        {},
    ),
    "the same a day later": (
        Lake("licence").license(valid_to=ended(31)).ship(licence_no="JS-r-neu"),
        {"T1": 1},
    ),
    "last day of the licence": (Lake("licence").license(valid_to=ended(0)).ship(), {}),
    "renewed in time": (
        Lake("licence")
        .license(valid_to=ended(1))
        .license(valid_from=ended(0), issued_on=ended(9))
        .ship(),
        {},
    ),
    "not yet valid": (Lake("licence").license(valid_from=date(2026, 10, 6)).ship(), {"T1": 1}),
    "not yet valid, issued long before: a predecessor was not delivered": (
        Lake("licence").license(valid_from=date(2026, 10, 6), issued_on=date(2021, 10, 6)).ship(),
        {},
    ),
    "revoked": (Lake("licence").license(status="吊销").ship(), {"T1": 1}),
    "revoked after the acceptance": (
        Lake("licence").license(status="吊销", source_updated_at=START + timedelta(days=3)).ship(),
        {},
    ),
    "register does not cover the receiver's province": (
        Lake("licence").ship(receiver_division="330100", scope="省内"),
        {},
    ),
    "refused load": (Lake("licence").ship(decision="拒绝", status="已拒绝"), {}),
    "cancelled manifest": (Lake("licence").ship(status="作废"), {}),
    # T2
    "code outside": (Lake().ship(code="900-249-08"), {"T2": 1}),
    "one code of the category only": (
        Lake("licence")
        .license(items=[{"category": "HW17", "waste_code": "336-054-17", "method": "R4"}])
        .ship(),
        {"T2": 1},
    ),
    "that code": (
        Lake("licence")
        .license(items=[{"category": "HW17", "waste_code": CODE, "method": "R4"}])
        .ship(),
        {},
    ),
    "no lines of the licence delivered": (Lake("licence").license(items=[]).ship(), {}),
    "code of a newer catalogue in a held category": (
        Lake("licence")
        .license(items=[{"category": "HW17", "waste_code": "336-054-17", "method": "R4"}])
        .ship(
            item={
                "flags": [
                    {"column": "waste_code", "code": "unknown_code", "raw": "", "qualifier": ""}
                ]
            }
        ),
        {},
    ),
    "malformed code": (
        Lake().ship(
            code="废油",
            item={
                "flags": [{"column": "waste_code", "code": "bad_code", "raw": "", "qualifier": ""}]
            },
        ),
        {},
    ),
    "collection pilot": (
        Lake("licence").license(kind="收集试点", mode="收集").ship(code="900-249-08", method="C5"),
        {},
    ),
    "approved trial operation": (
        Lake("licence").license(kind="试生产").ship(code="900-249-08"),
        {},
    ),
    # T3
    "method outside": (Lake().ship(method="D10"), {"T3": 1}),
    "other licensed method": (Lake().ship(method="D9"), {}),
    "method not stated": (Lake().ship(method=None), {}),
    "words against the mode of the licence": (
        Lake("licence")
        .license(mode="利用", items=[{"category": "HW17", "method": ""}])
        .ship(method="处置"),
        {"T3": 1},
    ),
    # T4
    "89 % of the year": (Lake().ship(tonnes=890.0), {}),
    "90 %": (Lake().ship(tonnes=450.0).ship(2, tonnes=450.0), {"T4": 3}),
    "105 %": (Lake().ship(tonnes=1050.0), {"T4": 2}),
    "121 %": (Lake().ship(tonnes=1210.0), {"T4": 1}),
    "licence begins in July: half the amount": (
        Lake("licence").license(valid_from=date(2026, 7, 1)).ship(tonnes=610.0),
        {"T4": 1},
    ),
    "renewed in July: the whole amount": (
        Lake("licence").license().license(valid_from=date(2026, 7, 1)).ship(tonnes=610.0),
        {},
    ),
    "small line of a large licence": (
        Lake("licence")
        .license(items=[{"category": "HW17", "method": "R4", "licensed_t_a": 100.0}])
        .ship(tonnes=130.0),
        {"T4": 1},
    ),
    "lines that share one amount": (
        Lake("licence")
        .license(
            items=[
                {"category": c, "method": "R4", "licensed_t_a": 100.0, "shared_group": "合并1"}
                for c in ("HW17", "HW49")
            ]
        )
        .ship(tonnes=70.0)
        .ship(1, tonnes=70.0, code=OTHER_CODE),
        {"T4": 1},
    ),
    "amount of the year before does not count": (
        Lake().ship(-300, tonnes=800.0).ship(tonnes=800.0),
        {},
    ),
    # Exemptions: an exempt use frees the receiver, an exempt transport the carrier.
    "acid for use, no licence at all": (
        Lake("licence").ship(code="900-300-34", method="R6", item={"hazards": "C"}),
        {},
    ),
    "acid for disposal": (
        Lake("licence").ship(code="900-300-34", method="D9", item={"hazards": "C"}),
        {"T1": 1},
    ),
    "acid that is toxic too": (
        Lake("licence").ship(code="900-300-34", method="R6", item={"hazards": "C、T"}),
        {"T1": 1},
    ),
    "exempt use keeps the carrier tests": (
        Lake("licence", "carrier").ship(code="900-300-34", method="R6", item={"hazards": "C"}),
        {"T5": 2},
    ),
    "exempt transport keeps the receiver tests": (
        Lake("licence", "carrier", "fleet").ship(code="900-052-31"),
        {"T1": 1},
    ),
    "baled iron drums for melting": (
        Lake("licence").ship(code="900-249-08", item={"waste_name": "废铁质油桶"}),
        {},
    ),
    "waste oil of the same code": (Lake("licence").ship(code="900-249-08"), {"T1": 1}),
    "cloths on a manifest were collected separately": (
        Lake("licence").ship(code=OTHER_CODE, method="D10"),
        {"T1": 1},
    ),
    # T5 to T7
    "no carrier licence": (Lake("carrier").ship(), {"T5": 2}),
    "ordinary goods only": (
        Lake("carrier").carrier(scope="道路普通货物运输(危险货物除外)").ship(),
        {"T5": 2},
    ),
    "carrier of a province that is not covered": (
        Lake("carrier").ship(carrier_entity=org("far"), driver_id=None, escort_id=None),
        {},
    ),
    "truck permit over for 10 days": (
        Lake("fleet").fleet(truck={"valid_to": ended(10)}).ship(),
        {"T6": 3},
    ),
    "truck permit over for 31 days": (
        Lake("fleet").fleet(truck={"valid_to": ended(31)}).ship(),
        {"T6": 2},
    ),
    "yearly check of the trailer missed": (
        Lake("fleet").fleet(trailer={"inspected_to": ended(200)}).ship(),
        {"T6": 2},
    ),
    "trailer without permit": (Lake().ship(trailer_plate="苏A9999挂"), {"T6": 2}),
    "a truck's plate does not stand for a trailer": (
        Lake().ship(trailer_plate="苏A12345"),
        {"T6": 2},
    ),
    "plate unread": (Lake().ship(plate="UNREAD", trailer_plate=None), {}),
    "plate of a province that is not covered": (
        Lake().ship(plate="浙A12345", trailer_plate=None),
        {},
    ),
    "driver's certificate over for 10 days": (
        Lake("fleet").fleet(driver={"valid_to": ended(10)}).ship(),
        {"T7": 3},
    ),
    "driver holds an escort's certificate": (
        Lake("fleet").fleet(driver={"kind": "道路危险货物押运"}).ship(),
        {"T7": 2},
    ),
    "unknown driver": (Lake().ship(driver_person="person:9", driver_id="9"), {"T7": 2}),
    "driver known by the waybill's certificate": (
        Lake()
        .ship(driver_person="person:9", driver_id="9")
        .add("waybill", waybill_no="W", manifest_no="20263205000000", driver_permit_no="D1"),
        {},
    ),
    "driver named without a number": (Lake().ship(driver_person=None, driver_id=None), {}),
    "second leg by an unlicensed carrier": (
        Lake()
        .ship()
        .add(
            "manifest_leg",
            manifest_no="20263205000000",
            leg_no=2,
            carrier_name="g公司",
            carrier_entity=org("g"),
        ),
        {"T5": 2},
    ),
    # T8
    "across provinces with approval": (
        Lake("licence")
        .license(division_code="330100")
        .add("transfer_approval", **APPROVAL)
        .ship(approval_no="SZ-1", **FAR),
        {},
    ),
    "across provinces without": (
        Lake().add("transfer_approval", **APPROVAL | {"receiver_entity": org("z")}).ship(**FAR),
        {"T8": 1},
    ),
    "approval over": (
        Lake()
        .add("transfer_approval", **APPROVAL | {"valid_to": date(2026, 10, 4)})
        .ship(approval_no="SZ-1", **FAR),
        {"T8": 1},
    ),
    "approval of more than twelve months": (
        Lake()
        .add("transfer_approval", **APPROVAL | {"approved_on": date(2025, 10, 1)})
        .ship(approval_no="SZ-1", **FAR),
        {"T8": 1},
    ),
    "more than was approved": (
        Lake()
        .add("transfer_approval", **APPROVAL)
        .ship(approval_no="SZ-1", **FAR)
        .ship(1, approval_no="SZ-1", **FAR)
        .ship(2, approval_no="SZ-1", **FAR),
        {"T8": 1},
    ),
    "approvals of neither province delivered": (Lake().ship(**FAR), {}),
    "approvals of the receiving province delivered": (
        Lake()
        .add(
            "transfer_approval",
            **APPROVAL
            | {"from_division": "340100", "to_division": "330100", "receiver_entity": org("z")},
        )
        .ship(**FAR),
        {"T8": 1},
    ),
    # T9
    "accepted 1.1 km away": (Lake().ship(receiver_lat=SITE[1] + 0.0101), {"T9": 1}),
    "accepted 0.9 km away": (Lake().ship(receiver_lat=SITE[1] + 0.0081), {}),
    "position without a known system": (
        Lake().ship(
            receiver_lat=SITE[1] + 0.5,
            flags=[flag("receiver_lat", "crs_unknown")],
        ),
        {},
    ),
    "second licensed site": (
        Lake().license(number="JS-r2", lat=SITE[1] + 0.5).ship(receiver_lat=SITE[1] + 0.5),
        {},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_grades(name: str) -> None:
    lake, expected = CASES[name]
    assert found(lake) == expected


def test_grade_follows_the_shipped_vectors() -> None:
    vectors = vectors_of("HW-08")
    assert len(vectors) == 5
    for vector in vectors:
        given = vector["input"]
        outcome = Outcome(
            tuple(given.get("fails", ())),
            given.get("exempt", False),
            given.get("soft_expired_days"),
            given.get("U", 0.0),
        )
        assert grade(outcome, Params()) == vector["expected_level"], vector["why"]


def one(lake: Lake) -> Draft:
    (draft,) = lake.drafts()
    return draft


def test_a_case_states_owner_times_tonnes_test_table_and_rows() -> None:
    draft = one(Lake("licence").ship().ship(5).ship(20, status="作废"))
    assert draft.identity == (org("r"),)
    assert (draft.started_at, draft.ended_at) == (START, START + timedelta(days=5))
    assert draft.quantities == {"manifests": 2.0, "waste_t": 20.0}
    assert [s.role for s in draft.subjects] == ["receiver", "generator"]
    table = {s.name: (s.value, s.n) for s in draft.statistics}
    assert table["T1_failed"] == (2.0, 2)
    assert "T5_failed" not in table, "the carrier's tests stand in the carrier's case"
    assert sorted({e.dataset for e in draft.evidence}) == ["manifest", "manifest_item"]
    assert "hw_licence r公司: 1 rows in the register" in draft.searched
    assert "疑似" in draft.reason
    assert "登记中查无" in draft.reason


def test_the_licence_behind_a_verdict_is_cited() -> None:
    draft = one(Lake().ship(code="900-249-08"))
    cited = {(e.dataset, e.key) for e in draft.evidence}
    assert ("hw_licence", "JS-r") in cited
    assert {i.code: i.result for i in draft.innocent} == {
        "all_codes_of_category": "ruled_out",
        "exempt_waste": "ruled_out",
        "collection_pilot": "ruled_out",
        "trial_operation": "ruled_out",
    }


def test_carrier_cases_name_the_carrier() -> None:
    draft = one(Lake("carrier").ship())
    assert draft.identity == (org("c"),)
    assert [(s.role, s.entity_id) for s in draft.subjects] == [
        ("carrier", org("c")),
        ("generator", org("g")),
        ("receiver", org("r")),
    ]
    assert draft.legal_refs == ("CODE-537", "TRM-11")


def test_vehicles_and_crew_are_named_where_the_test_is_about_them() -> None:
    (draft,) = (
        Lake("fleet")
        .fleet(truck={"valid_to": ended(90)})
        .ship(vehicle_vehicle="vehicle:1")
        .drafts()
    )
    named = [(s.kind, s.entity_id, s.ids) for s in draft.subjects if s.kind != "organization"]
    assert named == [("vehicle", "vehicle:1", {"plate": "苏A12345"})]
    (draft,) = Lake("fleet").fleet(driver={"valid_to": ended(90)}).ship().drafts()
    assert [(s.role, s.name) for s in draft.subjects if s.kind == "person"] == [("driver", "甲")]


def test_an_episode_ends_after_thirty_days_of_silence() -> None:
    lake = Lake("licence").ship(-40).ship(-10).ship(21)
    starts = sorted(d.started_at for d in lake.drafts())
    assert starts == [START - timedelta(days=40), START + timedelta(days=21)]


def test_evidence_is_capped_and_counted() -> None:
    lake = Lake("licence")
    for number in range(50):
        lake.ship(number / 4)
    draft = one(lake)
    shown = [e for e in draft.evidence if e.dataset == "manifest"]
    assert 15 <= len(shown) <= 21
    assert draft.quantities["manifests"] == 50
    assert any(line.startswith("manifest: 50 failed") for line in draft.searched)


def test_t4_states_the_months_delivered() -> None:
    reason = one(Lake().ship(tonnes=1300.0)).reason
    assert "2026年1个月（应有10个月）" in reason
    assert "130%" in reason


def test_later_manifests_do_not_count() -> None:
    assert found(Lake("licence").ship(40)) == {}


def test_parameters_are_used() -> None:
    assert found(Lake().ship(tonnes=500.0), load_near=0.4) == {"T4": 3}
    assert found(Lake().ship(receiver_lat=SITE[1] + 0.0101), site_km=2.0) == {}


def test_exemptions_hold_per_step_and_only_where_a_row_can_prove_them() -> None:
    steps = exempt_steps()
    battery = steps.filter(steps["code"] == "900-052-31")["step"].to_list()
    assert battery == ["transport"]
    acid = steps.filter(steps["category"] == "HW34")
    assert acid["step"].to_list() == ["use"]
    assert acid["is_corrosive_only"].to_list() == [True]
    assert steps.filter(steps["code"].is_in(["900-041-49", "any", "event"])).is_empty()
