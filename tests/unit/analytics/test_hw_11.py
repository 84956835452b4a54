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
    assert draft.title == "疑似危险废物非法转移闭环（a公司等3家单位，2.0吨）"
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
        Lake().license("b", "HW08", "R9").move("ab", 0).move("ba", 5, code=OTHER_CODE),
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
        Lake().ring("ab").refund("b", "2026-08", 10.0),
        [1],
    ),
    "refund claimed for less than the lot": (
        Lake().ring("ab").refund("b", "2026-08", 1.0),
        [3],
    ),
    "longer than 30 days is not told": (Lake().ring("abc", step=16), []),
    "longer than 30 days with a refund": (
        Lake().ring("abc", step=16).refund("b", "2026-08", 10.0),
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


def test_long_rounds_within_a_heavy_year_are_told_with_it() -> None:
    lake = Lake().ring("ab", 0, tonnes=40.0).ring("ab", 20, 40, tonnes=30.0)
    assert [d.quantities["loops"] for d in lake.drafts()] == [1]
    (draft,) = lake.ring("ab", 70, tonnes=31.0).drafts()
    assert (draft.grade, draft.quantities["loops"]) == (1, 3)
    assert draft.quantities["tonnes_12_months"] == 101.0


def test_terms_say_whether_they_could_be_tested() -> None:
    (bare,) = Lake().ring("abc").drafts()
    tested = {s.name: (s.value, s.n) for s in bare.statistics}
    assert tested["unlicensed_changes"] == tested["refund_claimed"] == (0.0, 0)
    assert tested["untreated_loops"] == (0.0, 1)
    assert any(line.startswith("code change") and "not testable" in line for line in bare.searched)
    lake = Lake().ring("abc").license("z", "HW08", "R9").refund("z", "2026-08", 5.0)
    (draft,) = lake.drafts()
    tested = {s.name: (s.value, s.n) for s in draft.statistics}
    assert tested["unlicensed_changes"] == tested["refund_claimed"] == (0.0, 1)
    assert any(line.startswith("code change") and line.endswith("none") for line in draft.searched)


def test_parts_of_the_order_are_shown_and_sum_up() -> None:
    (draft,) = Lake().ring("abc").drafts()
    parts = {s.name: s.value for s in draft.statistics if s.name.startswith("rank_")}
    total = parts.pop("rank_total")
    names = ("rarity", "flow", "code", "pace", "choice", "repeat", "weight")
    assert set(parts) == {f"rank_{name}" for name in names}
    assert total == pytest.approx(sum(parts.values()), abs=1e-5)


def test_order_is_grade_then_terms_then_surprise() -> None:
    lake = Lake().license("h", "HW08", "R9")
    lake.ring("ab", step=5, tonnes=8.13)
    lake.move("ef", 0).move("fe", 25, 8.0)
    lake.move("gh", 0).move("hg", 5, code=OTHER_CODE)
    lake.ring("cd", step=0.3)
    found = [(d.grade, d.identity) for d in lake.drafts()]
    ends = [(grade, "".join(node[-1] for node in nodes)) for grade, nodes in found]
    assert ends == [(1, "gh"), (2, "cd"), (3, "ab"), (3, "ef")]
    scores = [d.score for d in lake.drafts()]
    assert 0.99 >= scores[0] >= 0.7 > scores[1] >= 0.4 > scores[2] > scores[3] >= 0.1


def test_hops_are_told_with_their_times() -> None:
    (draft,) = Lake().move("ab", 0, 10.0).move("ba", 5, 9.0).drafts()
    hops = {k: v for k, v in draft.quantities.items() if k.startswith("hop")}
    assert hops == {
        "hop1:after_h": 0.0, "hop1:t": 10.0, "hop1:transfers": 1.0, "hop1:kept_h": 118.0,
        "hop1:onward_ratio": 0.9, "hop2:after_h": 120.0, "hop2:t": 9.0, "hop2:transfers": 1.0,
    }  # fmt: skip


def test_invoice_and_manifest_of_one_transfer_are_one_edge() -> None:
    lake = Lake().ring("ab").sell("ab", 4, "*废料*铜泥", 10.0).sell("ba", 5, "*废料*铜泥", 10.0)
    (draft,) = lake.drafts()
    assert draft.quantities["loops"] == 1
    assert [e.role for e in draft.evidence if e.dataset == "invoice"] == ["edge 1", "edge 2"]


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
