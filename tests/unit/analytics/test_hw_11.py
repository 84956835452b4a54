"""HW-11 on small lakes: grades, near misses, innocent explanations, odd data."""

from dataclasses import fields
from datetime import date, timedelta

import pytest

from analytics.models.hw_11 import MODEL, Params, detect
from records.contract import load_contract
from records.law import load_references
from tests.unit.analytics.drafts import value
from tests.unit.analytics.loop_lake import OTHER_CODE, START, Lake, org
from tests.unit.analytics.tables import make_inputs


def grades(lake: Lake) -> list[int]:
    return [draft.grade for draft in lake.drafts()]


def test_one_light_loop_is_grade_three_with_ordered_evidence() -> None:
    (draft,) = Lake().ring("abc", tonnes=2.0).drafts()
    assert draft.grade == 3
    assert draft.title == "疑似危险废物非法转移闭环（3家单位，2.0吨）"
    assert draft.identity == (org("a"), org("b"), org("c"))
    roles = [e.role for e in draft.evidence if e.dataset == "manifest"]
    assert roles == ["edge 1", "edge 2", "edge 3"]
    assert {e.dataset for e in draft.evidence} == {"manifest", "manifest_item"}
    assert [s.role for s in draft.subjects] == ["generator", "receiver", "receiver"]
    assert draft.subjects[0].name == "a公司"
    assert draft.quantities["waste_t"] == 2.0
    assert draft.quantities["node2_in_t"] == draft.quantities["node2_out_t"] == 2.0
    assert "疑似" in draft.reason
    assert draft.started_at == START
    assert draft.ended_at == START + timedelta(days=6)


GRADES = {
    "heavy, no suspicion": (Lake().ring("abc", tonnes=10.0), [3]),
    "heavy and too short a stay": (Lake().ring("abc", step=0.3, tonnes=10.0), [2]),
    "light and too short a stay": (Lake().ring("abc", step=0.3, tonnes=2.0), [3]),
    "three times in 90 days": (
        Lake().ring("ab", 0, tonnes=1.0).ring("ab", 20, tonnes=1.0).ring("ab", 40, tonnes=1.0),
        [2],
    ),
    "twice in 90 days": (Lake().ring("ab", 0, tonnes=1.0).ring("ab", 20, tonnes=1.0), [3]),
    "split over three trucks on one day is one loop": (
        Lake().ring("ab", 0, tonnes=1.0).ring("ab", 0.1, tonnes=1.0).ring("ab", 0.2, tonnes=1.0),
        [3],
    ),
    "lot of 12 t leaves in three trucks": (
        Lake().move("ab", 0, 12.0).move("ba", 5, 4.0).move("ba", 5.1, 4.0).move("ba", 5.2, 4.0),
        [3],
    ),
    "a hundred tonnes in a year": (
        Lake().ring("abc", 0, tonnes=40.0).ring("abc", 25, tonnes=30.0).ring(
            "abc", 50, tonnes=30.0
        ),
        [1],
    ),
    "code changed without licence": (
        Lake().license("z", "HW08", "R9").move("ab", 0).move("ba", 5, code=OTHER_CODE),
        [1],
    ),
    "code changed by a licensed plant": (
        Lake().license("b", "HW17", "D9").move("ab", 0).move("ba", 5, code=OTHER_CODE),
        [3],
    ),
    "code changed by a collector": (
        Lake().license("b", "HW17", "C1", "收集").move("ab", 0).move("ba", 5, code=OTHER_CODE),
        [1],
    ),
    "code changed, no licence data at all": (
        Lake().move("ab", 0).move("ba", 5, code=OTHER_CODE),
        [3],
    ),
    "refund claimed for what was handed on": (
        Lake().ring("ab").add(
            "vat_refund", period="2026-08", category="污泥", refund_yuan=9e4,
            input_t=10.0, taxpayer_entity=org("b"),
        ),
        [1],
    ),
    "refund claimed for less than the lot": (
        Lake().ring("ab").add(
            "vat_refund", period="2026-08", category="污泥", refund_yuan=9e4,
            input_t=1.0, taxpayer_entity=org("b"),
        ),
        [3],
    ),
    "longer than 30 days is not told": (Lake().ring("abc", step=16), []),
    "longer than 30 days with a refund": (
        Lake().ring("abc", step=16).add(
            "vat_refund", period="2026-08", category="污泥", refund_yuan=9e4,
            input_t=10.0, taxpayer_entity=org("b"),
        ),
        [1],
    ),
    "no quantity known": (Lake().ring("abc", tonnes=None), [3]),
    "shared phone": (
        Lake().ring("abc").add(
            "relation", from_id=org("a"), type="HAS_PHONE", to_id="phone:1", properties="{}",
            sources=["company:x:1:1"],
        ).add(
            "relation", from_id=org("c"), type="HAS_PHONE", to_id="phone:1", properties="{}",
            sources=["company:x:2:1"],
        ),
        [2],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", GRADES)
def test_grades(name: str) -> None:
    lake, expected = GRADES[name]
    assert grades(lake) == expected


def test_phone_of_a_bookkeeper_counts_for_nothing() -> None:
    lake = Lake().ring("abc")
    for name in [*"abc", *range(18)]:
        lake.add("relation", from_id=org(str(name)), type="HAS_PHONE", to_id="phone:1",
                 properties="{}", sources=[])  # fmt: skip
    assert grades(lake) == [3]


def test_low_power_between_is_a_suspicion() -> None:
    lake = Lake().ring("abc")
    for day in range(-40, 10):
        lake.add(
            "power_hour",
            meter_id="m",
            kind="总电",
            data_time=START + timedelta(days=day),
            energy_kwh=100.0 if day < 0 else 10.0,
            owner_entity=org("b"),
        )
    (draft,) = lake.drafts()
    assert draft.grade == 2
    assert value(draft, "power_ratio") == pytest.approx(0.1)
    assert any(e.role == "power" for e in draft.evidence)


@pytest.mark.parametrize(
    ("seen", "days", "expected"),
    [
        ("", [0, 3, 6], 1),
        ("T", [0, 3, 6], 3),
        ("", [40], 3),
    ],
    ids=["cameras awake, truck unseen", "truck seen", "cameras asleep"],
)
def test_paper_only(seen: str, days: list[int], expected: int) -> None:
    lake = Lake().ring("abc", vehicle="T").cameras(days, seen)
    (draft,) = lake.drafts()
    assert draft.grade == expected
    if expected == 1:
        assert any("checkpoint_pass" in line and "none" in line for line in draft.searched)
        assert value(draft, "cameras_awake") >= 3
        assert value(draft, "trips_unseen") == 3


def test_one_unseen_trip_beside_untested_ones_is_not_paper() -> None:
    lake = Lake().move("ab", 0, vehicle="T").move("ba", 4).cameras([0, 4])
    (draft,) = lake.drafts()
    assert value(draft, "trips_unseen") == 1
    assert draft.grade == 3


def test_one_truck_on_two_trips_at_once() -> None:
    lake = Lake().ring("ab", vehicle="T").move("cd", 0, vehicle="T")
    (draft,) = lake.drafts()
    assert draft.grade == 1
    assert value(draft, "trips_overlapping") == 1
    assert any(e.role == "overlapping trip" for e in draft.evidence)
    collecting = Lake().ring("ab", vehicle="T").move("cb", 0, vehicle="T")
    assert grades(collecting) == [3]


NEAR_MISSES = {
    "flow 0.69": Lake().move("ab", 0, 10.0).move("ba", 5, 6.9),
    "flow 1.06": Lake().move("ab", 0, 10.0).move("ba", 5, 10.6),
    "time reversed": Lake().move("ab", 5).move("bc", 3).move("ca", 1),
    "one edge missing": Lake().move("ab", 0).move("bc", 3),
    "91 days": Lake().move("ab", 0, 60.0).move("ba", 91, 60.0).ring("ab", -200, tonnes=60.0),
    "after the day of reckoning": Lake().move("ab", 80).move("ba", 95),
    "cancelled": Lake().move("ab", 0).move("ba", 5, status="作废"),
    "draft": Lake().move("ab", 0).move("ba", 5, status="草稿"),
    "zero quantity": Lake().move("ab", 0, 0.0).move("ba", 5, 0.0),
    "own plant": Lake().move("aa", 0),
    "goods only": Lake().sell("ab", 0, "*废料*铜泥", 10.0).sell("ba", 5, "*废料*铜泥", 10.0),
    "unresolved party": Lake().move("ab", 0).move("ba", 5, receiver_entity=None),
}


@pytest.mark.parametrize("name", NEAR_MISSES)
def test_near_misses(name: str) -> None:
    drafts = NEAR_MISSES[name].drafts()
    told = [d for d in drafts if d.ended_at >= START]
    assert told == []


def test_ninety_days_are_within_the_window() -> None:
    lake = Lake().move("ab", 0, 60.0).move("ba", 90, 60.0).ring("ab", -200, tonnes=60.0)
    late = detect(make_inputs(lake.tables, date(2026, 12, 31)), Params())
    assert [d.grade for d in late if d.ended_at > START] == [1]


INNOCENT = {
    "refused load goes back": Lake().move("ab", 0, decision="拒绝").move("ba", 2).move("ab", 9),
    "part of a load goes back": Lake()
    .move("ab", 0, decision="部分接受", item={"qty_out_t": 10.0, "qty_in_t": 6.0})
    .move("ba", 2, 4.0),
    "packaging comes back": Lake().move("ab", 0).move("ba", 5, 9.0, "900-041-49"),
    "solvent regenerated under contract": Lake()
    .license("b", "HW06", "R2")
    .move("ab", 0, code="900-402-06")
    .sell("ba", 9, "*化学试剂*再生丙酮", 9.0),
    "fee for disposal": Lake().move("ab", 0).sell("ba", 5, "*环境治理服务*危险废物处置费", 10.0),
    "freight": Lake().move("ab", 0).sell("ba", 5, "*运输服务*运费", 10.0),
    "service by its tax code": Lake()
    .move("ab", 0)
    .sell("ba", 5, "*现代*污泥", 10.0, tax_code="3049900000000000000"),
    "red invoice": Lake().move("ab", 0).sell("ba", 5, "*废料*铜泥", 10.0, status="全额红冲"),
    "voided invoice": Lake().move("ab", 0).sell("ba", 5, "*废料*铜泥", 10.0, status="作废"),
    "invoice that a red one took back": Lake()
    .move("ab", 0)
    .sell("ba", 5, "*废料*铜泥", 10.0)
    .sell("ba", 6, "*废料*铜泥", -10.0, amount_yuan=-1000.0, red_ref="00000000"),
}


@pytest.mark.parametrize("name", INNOCENT)
def test_innocent_explanations_clear(name: str) -> None:
    assert INNOCENT[name].drafts() == []


def test_goods_invoice_closes_a_loop_unless_the_plant_is_licensed() -> None:
    lake = Lake().move("ab", 0, code="900-402-06").sell("ba", 9, "*化学试剂*再生丙酮", 9.0)
    (draft,) = lake.drafts()
    assert draft.grade == 3
    assert [e.dataset for e in draft.evidence] == ["manifest", "manifest_item", "invoice"]
    refund = lake.add("vat_refund", period="2026-08", category="溶剂", refund_yuan=9e4,
                      input_t=10.0, taxpayer_entity=org("b"))  # fmt: skip
    assert grades(refund) == [3], "a recycler that sells its product may claim the refund"


def test_group_consolidation_at_a_collector_is_capped() -> None:
    lake = Lake().ring("abc", step=0.3).license("b", "HW17", "C1", "收集")
    for name in "abc":
        lake.add("relation", from_id="person:1", type="SHAREHOLDER_OF", to_id=org(name),
                 properties='{"pct": 60}', sources=[])  # fmt: skip
    (draft,) = lake.drafts()
    assert draft.grade == 2
    assert [(cap.code, cap.grade) for cap in draft.caps] == [("same_group", 3)]
    assert next(c.result for c in draft.innocent if c.code == "group_consolidation") == "holds"


def test_firms_of_one_legal_representative_are_one_group() -> None:
    lake = Lake().ring("abc", step=0.3)
    for name in "abc":
        lake.add("relation", from_id="person:1", type="LEGAL_REP_OF", to_id=org(name),
                 properties="{}", sources=[])  # fmt: skip
    (draft,) = lake.drafts()
    assert [(cap.code, cap.grade) for cap in draft.caps] == [("same_group", 3)]
    lake.tables["relation"].pop()
    (draft,) = lake.drafts()
    assert draft.caps == (), "two of three are no group"


def test_a_product_that_comes_back_through_others_is_no_regeneration() -> None:
    lake = Lake().license("b", "HW34", "R5").move("ab", 0, code="313-001-34")
    lake.sell("bc", 3, "*无机酸*副产盐酸", 9.8).sell("ca", 6, "*无机酸*工业盐酸", 9.6)
    assert grades(lake) == [3]


def test_longer_packaging_loop_is_capped() -> None:
    (draft,) = Lake().ring("abc", step=0.3, code="900-041-49").drafts()
    assert [cap.code for cap in draft.caps] == ["returned_packaging"]


def test_invoice_and_manifest_of_one_transfer_are_one_edge() -> None:
    lake = Lake().ring("ab").sell("ab", 4, "*废料*铜泥", 10.0).sell("ba", 5, "*废料*铜泥", 10.0)
    (draft,) = lake.drafts()
    assert draft.quantities["loops"] == 1
    assert [e.role for e in draft.evidence if e.dataset == "invoice"] == ["edge 1", "edge 2"]


def test_weighed_trip_closes_a_loop() -> None:
    lake = Lake().move("ab", 0)
    for name, direction, hour in [("b", "出厂", 0), ("a", "进厂", 2)]:
        lake.add(
            "weighbridge",
            ticket_no=f"w{hour}",
            direction=direction,
            net_t=9.5,
            weighed_at=START + timedelta(days=4, hours=hour),
            owner_entity=org(name),
            vehicle_vehicle="vehicle:W",
        )
    (draft,) = lake.drafts()
    assert [e.dataset for e in draft.evidence if e.role == "edge 2"] == ["weighbridge"] * 2


def test_manifest_of_two_codes_is_two_lots() -> None:
    lake = Lake().move("ab", 0, 10.0).move("ba", 5, 10.0)
    number = lake.tables["manifest"][0]["manifest_no"]
    lake.add("manifest_item", manifest_no=number, item_no=2, waste_name="油", qty_out_t=5.0,
             waste_code="900-249-08", qty_in_t=5.0)  # fmt: skip
    (draft,) = lake.drafts()
    assert draft.quantities["waste_t"] == 10.0


def test_repeated_rows_of_a_manifest_do_not_multiply() -> None:
    lake = Lake().ring("abc")
    lake.tables["manifest"] *= 2
    (draft,) = lake.drafts()
    assert draft.quantities["waste_t"] == 10.0
    assert draft.quantities["loops"] == 1


def test_equal_times_close_a_loop() -> None:
    assert grades(Lake().ring("abc", step=0.0, tonnes=2.0)) == [3]


def test_missing_times_fall_back_to_the_handover() -> None:
    lake = Lake().ring("abc", tonnes=2.0, accepted_at=None, arrived_at=None, departed_at=None)
    assert grades(lake) == [3]


def test_two_episodes_of_one_node_set() -> None:
    drafts = Lake().ring("ab", -120, tonnes=2.0).ring("ab", 0, tonnes=2.0).drafts()
    assert [d.started_at for d in drafts] == [START - timedelta(days=120), START]
    assert len({d.identity for d in drafts}) == 1


def test_order_of_rows_does_not_matter() -> None:
    lake = Lake().ring("abc", tonnes=2.0).ring("bd", 1, tonnes=5.0)
    straight = lake.drafts()
    for name in ("manifest", "manifest_item"):
        rows = lake.tables[name]
        for number, row in enumerate(rows, 1):
            row["row"] = number
        lake.tables[name] = rows[::-1]
    assert lake.drafts() == straight


def test_search_that_was_cut_says_so() -> None:
    lake = Lake().ring("ab", tonnes=2.0).ring("cd", tonnes=2.0)
    whole = lake.drafts()
    assert len(whole) == 2
    assert not any("search cut" in line for d in whole for line in d.searched)
    (draft,) = lake.drafts(node_sets=1)
    assert any("search cut" in line for line in draft.searched)


def test_model_declares_known_datasets_law_and_parameters() -> None:
    assert {*MODEL.datasets, *MODEL.required} <= set(load_contract().datasets)
    assert set(MODEL.legal_refs) <= set(load_references())
    assert all({"unit", "source"} <= set(f.metadata) for f in fields(Params))
