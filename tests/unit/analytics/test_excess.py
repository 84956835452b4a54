"""Expected share, its shrinkage and the exact test of TP-06, against brute force."""

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.excess import (
    Excess,
    coded,
    expected_chances,
    group_excess,
    poisson_binomial_tail,
    shrunk_effects,
)
from analytics.statistics import binomial_tail
from tests.oracles import rings as oracle


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.lists(st.floats(0, 1), max_size=8), st.integers(-1, 9))
def test_exact_tail(chances: list[float], hits: int) -> None:
    assert poisson_binomial_tail(hits, chances) == pytest.approx(
        oracle.tail(hits, chances), abs=1e-12
    )


def test_equal_chances_are_the_binomial() -> None:
    assert poisson_binomial_tail(7, [0.2] * 12) == pytest.approx(binomial_tail(7, 12, 0.2))


def test_far_tail_keeps_its_precision() -> None:
    assert poisson_binomial_tail(12, [0.01] * 12) == pytest.approx(1e-24)


@pytest.mark.parametrize("chances", [[1.1], [-0.1], [float("nan")]])
def test_chances_out_of_range(chances: list[float]) -> None:
    with pytest.raises(ValueError, match="outside"):
        poisson_binomial_tail(1, chances)


def test_levels_shrink_to_the_whole_unless_they_differ() -> None:
    assert shrunk_effects([6, 4, 5], [5, 5, 5], [4.5] * 3).tolist() == [1.0] * 3
    far = shrunk_effects([40, 1, 1], [20, 20, 1], [12, 12, 0.6])
    assert 1.8 < far[0] < 2.0
    assert 0.05 < far[1] < 0.2
    few = shrunk_effects([40, 1, 2], [20, 20, 1], [12, 12, 0.6])
    assert 1.0 < few[2] < 1.5, "two sites say little against the whole"


def test_own_sites_teach_nothing_and_new_levels_take_the_overall_rate() -> None:
    features = [("old",)] * 20 + [("new",)] * 20 + [("old",), ("strange",)]
    outcomes = np.array([True] * 16 + [False] * 4 + [False] * 20 + [True, True])
    is_own = np.array([False] * 40 + [True, True])
    chances, overall = expected_chances(coded(features), outcomes, is_own)
    assert overall == pytest.approx(16.5 / 41)
    assert 0.7 < chances[0] < 0.82
    assert chances[1] == pytest.approx(overall)
    flipped = np.concatenate((outcomes[:40], [False, False]))
    assert expected_chances(coded(features), flipped, is_own)[0] == pytest.approx(chances)


def test_features_that_say_the_same_count_once() -> None:
    levels = [("water", "A")] * 20 + [("none", "-")] * 80
    outcomes = np.array([True] * 8 + [False] * 12 + [True] * 4 + [False] * 76)
    is_own = np.array([False] * 100 + [True])
    both, _ = expected_chances(coded([*levels, ("water", "A")]), np.append(outcomes, False), is_own)
    one, _ = expected_chances(
        coded([(first,) for first, _ in levels] + [("water",)]), np.append(outcomes, False), is_own
    )
    assert both == pytest.approx(one, rel=0.15)
    assert 0.3 < one[0] < 0.42


def fisher_tail(own_hits: int, own: int, hits: int, sites: int) -> float:
    """Chance that ``own`` of all sites, drawn blindly, hold at least ``own_hits`` of the hits."""
    ways = sum(
        math.comb(hits, k) * math.comb(sites - hits, own - k)
        for k in range(own_hits, min(own, hits) + 1)
    )
    return ways / math.comb(sites, own)


def excess_of(others: Sequence[bool], own: Sequence[bool]) -> Excess:
    """The excess of a group where all sites are of one kind."""
    outcomes = np.array([*own, *others], dtype=np.bool_)
    is_own = np.array([True] * len(own) + [False] * len(others), dtype=np.bool_)
    return group_excess(
        coded([("x",)] * outcomes.size), outcomes, is_own, np.array(own, dtype=np.bool_)
    )


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 12), st.integers(0, 12))
def test_sites_that_are_all_alike_are_tested_as_fisher_did(
    bad: int, good: int, hits: int, clean: int
) -> None:
    found = excess_of([True] * bad + [False] * good, [True] * hits + [False] * clean)
    assert (found.sites, found.hits, found.others) == (hits + clean, hits, bad + good)
    assert found.overall == pytest.approx((bad + 0.5) / (bad + good + 1))
    assert found.p == pytest.approx(
        fisher_tail(hits, hits + clean, hits + bad, hits + clean + bad + good), rel=1e-4, abs=1e-9
    )


def test_ten_clean_others_are_weaker_than_ten_thousand() -> None:
    own = [True] * 3 + [False] * 2
    few, many = excess_of([False] * 10, own), excess_of([False] * 10_000, own)
    assert few.p > 1_000 * many.p
    assert few.p == pytest.approx(10 / 455)
    assert binomial_tail(3, 5, few.overall) < few.p / 20, "as if the rate were known"


def test_many_others_are_the_plain_exact_test() -> None:
    found = excess_of([True] * 2_000 + [False] * 18_000, [True] * 4 + [False] * 2)
    assert found.p == pytest.approx(binomial_tail(4, 6, 0.1), rel=0.01)


ODD = {
    "all anomalous": ([True] * 20, [True] * 5, 0.999, 1.0),
    "all but the group anomalous": ([True] * 20, [False] * 5, 0.999, 1.0),
    "nobody anomalous": ([False] * 20, [False] * 5, 1.0, 1.0),
    "the group alone anomalous": ([False] * 20, [True] * 5, 0.0, 0.001),
    "a group without sites": ([True] * 5, [], 1.0, 1.0),
    "no others": ([], [True] * 5, 0.999, 1.0),
    "no site at all": ([], [], 1.0, 1.0),
}


@pytest.mark.parametrize("name", ODD)
def test_shares_of_none_and_of_all(name: str) -> None:
    others, own, low, high = ODD[name]
    found = excess_of(others, own)
    assert low <= found.p <= high
    assert 0 < found.overall < 1
    assert 0 <= found.expected <= len(own)


def test_no_level_separates_perfectly_without_bound() -> None:
    features = coded([("bad",)] * 50 + [("good",)] * 50 + [("bad",), ("good",)])
    outcomes = np.array([True] * 50 + [False] * 50 + [True, True])
    is_own = np.arange(102) >= 100
    chances, _ = expected_chances(features, outcomes, is_own)
    assert 0.9 < chances[0] < 1
    assert 0 < chances[1] < 0.1


def test_sites_without_features() -> None:
    found = expected_chances(
        coded([()] * 4), np.array([True, False, False, True]), np.array([True, False, False, False])
    )
    assert found[0].tolist() == [found[1]] == [0.375]


def test_sites_with_different_features_are_refused() -> None:
    with pytest.raises(ValueError, match="zip"):
        coded([("a", "b"), ("c",)])
