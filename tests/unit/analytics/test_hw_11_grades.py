"""HW-11: sums over the rounds of a case, and what packaging may lower."""

import pytest

from tests.unit.analytics.drafts import result
from tests.unit.analytics.loop_lake import CODE, OTHER_CODE, Lake

DRUMS = "900-041-49"


def unlicensed(*rounds: tuple[float, float, float]) -> Lake:
    """Rounds that change their code at a firm with another licence: day, length, tonnes."""
    lake = Lake().license("b", "HW08", "R9")
    for day, length, tonnes in rounds:
        lake.move("ab", day, tonnes).move("ba", day + length, tonnes, OTHER_CODE)
    return lake


LONG = {
    "two of two tonnes": (unlicensed((-20, 40, 2.0), (21, 40, 2.0)), [(1, 2)]),
    "one of two tonnes": (unlicensed((0, 40, 2.0)), []),
    "one of three tonnes": (unlicensed((0, 40, 3.0)), [(1, 1)]),
    "too far apart": (unlicensed((-200, 40, 2.0), (0, 40, 2.0)), []),
    "a short one and a long one": (unlicensed((0, 5, 2.0), (20, 40, 2.0)), [(1, 2)]),
    "terms of different kinds": (
        unlicensed((-20, 40, 2.0)).move("ab", 21, 2.9, OTHER_CODE).move("ba", 61, 2.9, OTHER_CODE)
        .refund("b", "2026-08", 2.9, "2.14 电镀污泥"), [],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LONG)
def test_long_rounds_are_told_by_the_sums_that_grade_them(name: str) -> None:
    lake, expected = LONG[name]
    assert [(d.grade, d.quantities["loops"]) for d in lake.drafts()] == expected


def drums(lake: Lake, day: float, tonnes: float, step: float = 4.0) -> Lake:
    return lake.ring("ab", day, step, tonnes=tonnes, code=DRUMS)


NOT_LOWERED = {
    "half a tonne of drums beside it": (drums(unlicensed((0, 5, 50.0)), 20, 0.5), "unknown"),
    "drums go out, sludge comes back": (
        Lake().license("b", "HW08", "R9").move("ab", 0, 50.0, DRUMS).move("ba", 5, 50.0, CODE),
        "ruled_out",
    ),
}


@pytest.mark.parametrize("name", NOT_LOWERED)
def test_packaging_lowers_nothing_that_it_does_not_explain(name: str) -> None:
    lake, told = NOT_LOWERED[name]
    (draft,) = lake.drafts()
    assert (draft.grade, draft.caps) == (1, ())
    assert result(draft, "returned_packaging") == told


def test_packaging_lowers_a_case_to_what_its_other_rounds_are_worth() -> None:
    mild = Lake().ring("ab", tonnes=2.0)
    (draft,) = drums(mild, 20, 10.0, step=0.3).drafts()
    assert draft.grade == 2
    assert [(cap.code, cap.grade) for cap in draft.caps] == [("returned_packaging", 3)]
    assert result(draft, "returned_packaging") == "unknown"
    short = Lake().ring("ab", step=0.3, tonnes=10.0).license("b", "HW08", "R9")
    short.move("ab", 20, 10.0, CODE).move("ba", 25, 10.0, DRUMS)
    (draft,) = short.drafts()
    assert draft.grade == 1
    assert [(cap.code, cap.grade) for cap in draft.caps] == [("returned_packaging", 2)]


def test_a_manifest_home_without_code_may_be_packaging() -> None:
    lake = Lake().move("ab", 0).move("ba", 5, code=None)
    (draft,) = lake.drafts()
    (check,) = (c for c in draft.innocent if c.code == "returned_packaging")
    assert (check.tested, check.result) == (False, "unknown")
