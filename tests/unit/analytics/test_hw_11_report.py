"""HW-11 says what it found and what it could not look at: no more, no less."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from analytics.identity import FindingHistory, finding_id
from analytics.model import Draft
from analytics.models.hw_11 import Params, detect
from tests.unit.analytics.drafts import result, value
from tests.unit.analytics.loop_lake import AS_OF, OTHER_CODE, START, Lake
from tests.unit.analytics.tables import make_inputs


def only(lake: Lake, **params: object) -> Draft:
    (draft,) = lake.drafts(**params)
    return draft


def searched(draft: Draft, start: str) -> list[str]:
    return [line for line in draft.searched if line.startswith(start)]


def fifteen_rounds() -> Lake:
    """Fourteen rounds without a doubt, then one that changes its code after the licence ended."""
    lake = Lake().license("b", "HW17", "D9")
    lake.tables["hw_licence"][0]["valid_to"] = date(2026, 9, 30)
    for number in range(14):
        lake.ring("ab", 60 - 3 * number, step=1.5, tonnes=1.0)
    return lake.move("ab", 70, 9.0).move("ba", 74, 8.5, OTHER_CODE)


def test_the_round_that_accuses_is_told_first() -> None:
    draft = only(fifteen_rounds())
    assert draft.grade == 1
    told = [e.key for e in draft.evidence if e.dataset == "manifest" and e.role[:4] == "edge"]
    assert told == ["20263205000028", "20263205000029"]
    assert (draft.quantities["hop1:t"], draft.quantities["hop2:t"]) == (9.0, 8.5)
    assert "2026年10月12日由a公司转至b公司9.0吨" in draft.reason
    assert any(e.role == "licence" for e in draft.evidence) or searched(draft, "hw_licence")
    assert "（1次，8.5吨）" in draft.reason


def test_rounds_that_are_not_shown_are_counted() -> None:
    draft = only(fifteen_rounds())
    shown = {e.role.rpartition("edge")[0] for e in draft.evidence if "edge" in e.role}
    assert len(shown) == 12
    assert "共发现15次" in draft.reason
    assert "证据列出其中12次，有疑点的在前" in draft.reason
    (few,) = Lake().ring("ab").ring("ab", 20).drafts()
    assert "证据列出" not in few.reason


def test_records_beside_the_loop_that_are_not_shown_are_counted() -> None:
    lake = Lake()
    for number in range(12):
        lake.ring("ab", 60 - 5 * number, step=1.5, vehicle="T")
    days = [60 - 5 * number + step for number in range(12) for step in (0, 1, 2)]
    draft = only(lake.cameras(days, seen="T"))
    support = [e for e in draft.evidence if e.role == "seen on the way"]
    found = 12 * 2 * 2
    assert 0 < len(support) < found
    assert f"旁证列出{len(support)}条，另有{found - len(support)}条未列出" in draft.reason


def test_rounds_of_a_set_that_were_not_counted_to_the_end() -> None:
    lake = Lake()
    for number in range(5):
        lake.ring("ab", 10.0 * number, tonnes=1.0)
    lake.ring("cd", tonnes=1.0)
    cut, whole = sorted(lake.drafts(rounds_per_set=3), key=lambda d: d.identity)
    assert "至少发现3次" in cut.reason
    assert "未数尽" in cut.reason
    assert searched(cut, "loops of these firms")
    assert "至少3.0吨" in cut.title
    assert "未数尽" not in whole.reason
    assert not searched(whole, "loops of these firms")


def left_out(lake: Lake, **params: object) -> tuple[list[Draft], list[str]]:
    told: list[str] = []
    inputs = make_inputs(lake.tables, AS_OF, left_out=told.append)
    return detect(inputs, Params(**params)), told


def test_a_cut_search_that_finds_nothing_leaves_a_trace() -> None:
    drafts, told = left_out(Lake().ring("ab"), search_steps=1)
    assert drafts == []
    assert len(told) == 1
    assert told[0].startswith("search cut: ")
    assert left_out(Lake().ring("ab"))[1] == []
    assert left_out(Lake().move("ab", 0))[1] == []


def test_ties_that_were_never_delivered_are_not_ruled_out() -> None:
    draft = only(Lake().ring("ab"))
    (check,) = (c for c in draft.innocent if c.code == "group_consolidation")
    assert (check.tested, check.result) == (False, "unknown")
    assert searched(draft, "relation")[0].endswith(": not testable")
    assert next(s.n for s in draft.statistics if s.name == "shared_identifiers") == 0
    assert "未能核查（无数据）" in draft.reason
    assert "控制人、电话与地址" in draft.reason


def owned_apart(names: str) -> Lake:
    lake = Lake().ring("ab")
    for name in names:
        lake.add("relation", from_id=f"person:{name}", type="LEGAL_REP_OF", to_id=f"org:{name}",
                 properties="{}", sources=[])  # fmt: skip
    return lake


def test_ties_of_all_parties_rule_a_group_out() -> None:
    draft = only(owned_apart("ab"))
    assert result(draft, "group_consolidation") == "ruled_out"
    assert searched(draft, "relation")[0].endswith(": none")
    assert "控制人、电话与地址" not in draft.reason
    half = only(owned_apart("a"))
    assert result(half, "group_consolidation") == "unknown"
    assert searched(half, "relation")[0].endswith(": not testable")


def test_a_stay_is_tested_without_power() -> None:
    draft = only(Lake().ring("ab"))
    assert searched(draft, "dwell")[0].endswith(": none")
    assert searched(draft, "power")[0].endswith(": not testable")
    assert "用电量" in draft.reason


def test_one_step_unseen_is_not_told_as_none() -> None:
    lake = Lake().ring("abc", vehicle="T").cameras([0, 3, 6])
    for row in [r for r in lake.tables["checkpoint_pass"] if r["passed_at"] < START]:
        lake.add("checkpoint_pass", **row | {"vehicle_vehicle": "vehicle:T", "plate": "苏AT"})
    lake.tables["manifest"][2]["vehicle_vehicle"] = None
    lake.tables["manifest"][2]["plate"] = None
    draft = only(lake)
    assert value(draft, "trips_unseen") == 1
    (line,) = searched(draft, "trips without a trace")
    assert line.endswith(": 1 of 2 legs not seen, 1 not testable")
    seen = only(Lake().ring("ab", vehicle="T").cameras([0, 3], seen="T"))
    assert searched(seen, "trips without a trace")[0].endswith(": none")


def test_a_term_tested_for_some_rounds_says_for_how_many() -> None:
    lake = Lake().license("b", "HW17", "D9").ring("ab", tonnes=2.0).ring("ab", 20, tonnes=2.0)
    lake.tables["manifest_item"][3]["waste_code"] = None
    draft = only(lake)
    (line,) = searched(draft, "code change")
    assert line.endswith(": none in 1 of 2 loops, the rest not testable")


TITLES = {
    "known": (Lake().ring("ab", tonnes=2.0), "2.0吨"),
    "one unknown": (Lake().ring("ab", tonnes=5.0).ring("ab", 10, tonnes=None), "至少5.0吨"),
    "all unknown": (Lake().ring("ab", tonnes=None), "数量不明"),
    "forty kilograms": (Lake().ring("ab", tonnes=0.04), "0.04吨"),
    "two grams": (Lake().ring("ab", tonnes=0.000002), "不足0.001吨"),
}


@pytest.mark.parametrize("name", TITLES)
def test_tonnes_in_the_title(name: str) -> None:
    lake, told = TITLES[name]
    draft = only(lake)
    assert draft.title == f"疑似危险废物非法转移闭环（a公司等2家单位，{told}）"
    assert "转至b公司0.0吨" not in draft.reason


def test_spans_are_told_as_they_were_set() -> None:
    lake = Lake()
    for day in (0, 20, 40):
        lake.ring("ab", day, tonnes=40.0)
    draft = only(lake)
    assert "90日内同一组单位在3个不同日期起流转成环" in draft.reason
    assert "12个月累计120.0吨" in draft.reason
    other = only(lake, repeat_days=60, year_days=200)
    assert "60日内同一组单位在3个不同日期起" in other.reason
    assert "200日累计120.0吨" in other.reason


def test_firms_are_named_in_what_was_searched() -> None:
    draft = only(Lake().license("b", "HW08", "R9").move("ab", 0).move("ba", 5, code=OTHER_CODE))
    assert searched(draft, "hw_licence b公司 ")
    assert not any("org:" in line for line in draft.searched)


def test_rounds_that_the_flow_check_drops_count_for_nothing() -> None:
    lake = Lake().move("ab", 0, 40.0).move("ba", 3, 10.0).move("ab", 30, 10.0).move("ba", 33, 10.0)
    draft = only(lake.move("ab", 40, 40.0).move("ba", 43, 10.0))
    assert draft.quantities["loops"] == 1
    assert value(draft, "rank_repeat") == 0.0


def old_ring() -> Lake:
    lake = Lake()
    for number in range(60):
        lake.ring("ab", 60 - 3 * number, step=1.5, tonnes=1.0)
    return lake


@pytest.mark.parametrize("days", [1, 2, 30])
def test_an_old_ring_keeps_its_first_day_while_the_history_slides(days: int) -> None:
    lake = old_ring()
    as_of = date(2026, 10, 15)
    first, later = (
        detect(make_inputs(lake.tables, day), Params(history_days=100))
        for day in (as_of, as_of + timedelta(days=days))
    )
    assert [d.started_at for d in first] == [d.started_at for d in later]
    assert [d.subjects[0] for d in first] == [d.subjects[0] for d in later]


def test_a_ring_whose_first_quarter_is_left_behind_replaces_itself(tmp_path: Path) -> None:
    lake = old_ring()
    with FindingHistory.open(tmp_path / "findings.sqlite") as history:
        (before,), (after,) = (
            detect(make_inputs(lake.tables, day), Params(history_days=100))
            for day in (date(2026, 10, 7), date(2026, 10, 8))
        )
        assert before.started_at < after.started_at
        assert history.replaced_by("HW-11", before, 90) is None
        assert history.replaced_by("HW-11", after, 90) == finding_id("HW-11", before)


def test_tonnes_of_a_doubt_that_are_not_known_are_not_made_up() -> None:
    lake = Lake().ring("ab", step=0.3, tonnes=None).ring("ab", 20, tonnes=2.0)
    assert "不足以完成利用处置（1次，数量不明）" in only(lake).reason


def test_licences_that_are_not_found_are_named_as_not_looked_up() -> None:
    lake = Lake().license("a", "HW17", "D9").move("ab", 0).move("ba", 5, code=OTHER_CODE)
    said = only(lake).reason
    assert "未能核查（无数据）：" in said
    assert "b公司的许可证" in said
    assert "a公司的许可证" not in said
    assert "未持相应利用处置许可" not in said


def test_a_claim_on_two_rounds_is_one_amount() -> None:
    lake = Lake().ring("ab", 0, 4, tonnes=10.0).ring("ab", 9, 4, tonnes=10.0)
    draft = only(lake.refund("b", "2026-08", 20.0, "2.14 电镀污泥"))
    assert value(draft, "refund_claimed") == 2
    assert draft.quantities["refund_yuan"] == 9e4
