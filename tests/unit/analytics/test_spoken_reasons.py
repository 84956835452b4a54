"""What HW-10, HW-11 and TP-06 say aloud: numbers of trips, chances, doubts told one by one."""

import re

import pytest

from analytics.chain_report import _spoken_terms
from analytics.ring_report import _spoken_chance
from analytics.shell_terms import Term
from tests.unit.analytics.chain_lake import ChainLake
from tests.unit.analytics.drafts import value
from tests.unit.analytics.loop_lake import Lake
from tests.unit.analytics.ring_lake import RingLake


def test_trips_that_nobody_saw_are_counted() -> None:
    (draft,) = Lake().ring("abc", vehicle="1").cameras(range(-1, 15)).drafts()
    assert value(draft, "trips_unseen") == 3
    assert "可核对的3段运输均未被途中的卡口" in draft.reason
    assert "重叠" not in draft.reason


def test_a_trip_that_was_seen_is_not_counted() -> None:
    lake = Lake().move("ab", 0, vehicle="1").move("bc", 3, vehicle="2").move("ca", 6, vehicle="1")
    (draft,) = lake.cameras(range(-1, 15), seen="2").drafts()
    assert value(draft, "trips_unseen") == 2
    assert "可核对的3段运输中有2段未被途中的卡口" in draft.reason


@pytest.mark.parametrize(
    ("chance", "said"),
    [
        (0.0093, "约0.93%"),
        (0.05, "约5%"),
        (1.2e-6, "约百万分之1.2"),
        (3e-8, "不到百万分之一"),
        (0.0, "不到百万分之一"),
    ],
)
def test_a_chance_is_told_without_powers_of_ten(chance: float, said: str) -> None:
    assert _spoken_chance(chance) == said


def test_a_ring_tells_its_chance_in_words() -> None:
    own = [f"s{n}" for n in range(6)]
    (draft,) = RingLake().tied().anomalies([*own, "o1"]).drafts()
    assert "偶然达到这一数量的概率" in draft.reason
    assert "p=" not in draft.reason
    assert "目前仅有1个模型（OM-02）" in {cap.code: cap.reason for cap in draft.caps}["few_models"]


def test_doubts_of_a_firm_are_told_one_by_one_with_their_points() -> None:
    (draft,) = ChainLake().chain().drafts()
    found = re.search(r"x公司有(\d+)项疑点（(\d+)分，满分8分）：([^。]+)。", draft.reason)
    assert found
    assert int(found[2]) == value(draft, "node1_points")
    assert len(found[3].split("；")) == int(found[1])


def test_a_firm_without_doubts_says_so() -> None:
    terms = [Term("age_days", False, 400.0, 365.0), Term("power_ratio", None, None, 0.05)]
    assert _spoken_terms(terms) == "未见单项疑点（0分，满分8分）"


def test_a_title_of_several_hands_names_the_first() -> None:
    lake = ChainLake().shell("x").shell("y").sell("gx", 0, 100.0).sell("xy", 2, 95.0)
    titles = [draft.title for draft in lake.sell("yr", 4, 80.0, "工业盐").drafts()]
    assert "疑似空壳单位转手危险废物（经x公司等2家中间单位至接收方，100.0吨）" in titles
