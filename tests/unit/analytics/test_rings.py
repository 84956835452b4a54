"""Kernels of TP-06 against brute force: pair weights, communities, fragments, the exact test."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.excess import (
    expected_chances,
    group_excess,
    poisson_binomial_tail,
    shrunk_effects,
)
from analytics.kernels.fragments import equal_fragments
from analytics.kernels.rings import (
    ALONE,
    RingRules,
    SharedIdentifiers,
    find_rings,
    pair_weights,
)
from analytics.statistics import binomial_tail
from tests.oracles import rings as oracle

RULES = RingRules(degree_cap=20, resolution=1.0, seed=7, resamples=30, dropped=0.2)


def shared(incidence: list[tuple[int, int]], degree: list[int]) -> SharedIdentifiers:
    return SharedIdentifiers(
        np.array([m for m, _ in incidence], dtype=np.int64),
        np.array([i for _, i in incidence], dtype=np.int64),
        np.array(degree, dtype=np.int64),
    )


@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    st.sets(st.tuples(st.integers(0, 6), st.integers(0, 4)), max_size=20),
    st.lists(st.integers(2, 9), min_size=5, max_size=5),
    st.integers(2, 6),
)
def test_pair_weights(entries: set[tuple[int, int]], degree: list[int], cap: int) -> None:
    incidence = sorted(entries)
    first, second, weight = pair_weights(7, shared(incidence, degree), cap)
    found = {
        (a, b): w for a, b, w in zip(first.tolist(), second.tolist(), weight.tolist(), strict=True)
    }
    expected = oracle.pair_weights(7, incidence, degree, cap)
    assert found.keys() == expected.keys()
    assert all(found[pair] == pytest.approx(expected[pair]) for pair in expected)


def test_two_circles_are_two_rings_and_loners_are_in_none() -> None:
    incidence = [(m, i) for i in range(3) for m in (0, 1, 2)] + [(m, 3) for m in (4, 5)]
    found = find_rings(8, shared(incidence, [3, 3, 3, 2]), RULES)
    assert found.community.tolist() == [0, 0, 0, ALONE, 1, 1, ALONE, ALONE]
    assert found.stability[0] == 1.0
    assert found.stability[1] == pytest.approx(0.9, abs=0.06), (
        "its one identifier is at times left out"
    )


def test_rings_do_not_depend_on_order_or_duplicates() -> None:
    incidence = [(m, i) for i in range(4) for m in (i, i + 1, i + 5)]
    first = find_rings(10, shared(incidence, [3] * 4), RULES)
    second = find_rings(10, shared([*incidence[::-1], *incidence], [3] * 4), RULES)
    assert first.community.tolist() == second.community.tolist()
    assert first.stability.tolist() == second.stability.tolist()


def test_no_identifiers() -> None:
    found = find_rings(3, shared([], []), RULES)
    assert found.community.tolist() == [ALONE] * 3
    assert found.stability.size == 0


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), max_size=24),
    st.integers(2, 4),
    st.integers(1, 3),
)
def test_fragments(points: list[tuple[int, int]], length: int, distinct: int) -> None:
    points.sort(key=lambda point: point[0])
    series, values = [s for s, _ in points], [v for _, v in points]
    found = equal_fragments(
        np.array(series, dtype=np.int64),
        np.array(values, dtype=np.int64),
        length=length,
        distinct=distinct,
        copies=100,
    )
    windows = {
        (a + step, b + step)
        for a, b, run in zip(
            found.first.tolist(), found.second.tolist(), found.length.tolist(), strict=True
        )
        for step in range(run - length + 1)
    }
    assert windows == oracle.equal_windows(series, values, length, distinct)
    starts = set(zip(found.first.tolist(), found.second.tolist(), strict=True))
    assert all((a - 1, b - 1) not in windows for a, b in starts), "the longest run is one fragment"


def test_common_patterns_are_left_out() -> None:
    series = np.repeat(np.arange(5), 4)
    values = np.tile(np.arange(4), 5)
    assert equal_fragments(series, values, length=4, distinct=2, copies=4).first.size == 0
    assert equal_fragments(series, values, length=4, distinct=2, copies=5).first.size == 10


def test_fragment_of_one_value_is_refused() -> None:
    with pytest.raises(ValueError, match="length 1"):
        equal_fragments(np.zeros(3, np.int64), np.zeros(3, np.int64), length=1, distinct=1)


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
    chances, overall = expected_chances(features, outcomes, is_own)
    assert overall == pytest.approx(16.5 / 41)
    assert 0.7 < chances[0] < 0.82
    assert chances[1] == pytest.approx(overall)
    flipped = np.concatenate((outcomes[:40], [False, False]))
    assert expected_chances(features, flipped, is_own)[0] == pytest.approx(chances)


def test_features_that_say_the_same_count_once() -> None:
    levels = [("water", "A")] * 20 + [("none", "-")] * 80
    outcomes = np.array([True] * 8 + [False] * 12 + [True] * 4 + [False] * 76)
    is_own = np.array([False] * 100 + [True])
    both, _ = expected_chances([*levels, ("water", "A")], np.append(outcomes, False), is_own)
    one, _ = expected_chances(
        [(first,) for first, _ in levels] + [("water",)], np.append(outcomes, False), is_own
    )
    assert both == pytest.approx(one, rel=0.15)
    assert 0.3 < one[0] < 0.42


def test_group_excess() -> None:
    features = [("x",)] * 30
    outcomes = np.array([True] * 5 + [False] * 25)
    is_own = np.array([True] * 5 + [False] * 25)
    found = group_excess(features, outcomes, is_own, np.array([True] * 4 + [False]))
    assert (found.sites, found.hits, found.others) == (5, 4, 25)
    assert found.p == pytest.approx(binomial_tail(4, 5, 0.5 / 26))
