"""Counts of temporal cycles against brute force, and inputs meant to break them."""

from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.kernels.temporal_counts import count_cycles
from analytics.kernels.temporal_elements import NO_TIME
from tests.oracles.temporal_counts import Edge, all_cycles

HOPS = 6


def counted(edges: list[Edge], window: int, hop_limit: int, is_rising: bool) -> list[int]:
    columns = np.array(edges, np.int64).reshape(-1, 3).T
    nodes = int(columns[:2].max(initial=0)) + 1
    return count_cycles(*columns, nodes, window, hop_limit, is_rising).tolist()


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4), st.integers(0, 12)), max_size=18),
    st.integers(0, 12),
    st.integers(2, HOPS),
    st.booleans(),
)
def test_equals_brute_force(
    edges: list[Edge], window: int, hop_limit: int, is_rising: bool
) -> None:
    lengths = Counter(len(c) for c in all_cycles(edges, window, hop_limit, is_rising))
    expected = [lengths[length] for length in range(hop_limit + 1)]
    assert counted(edges, window, hop_limit, is_rising) == expected


@pytest.mark.parametrize(
    ("name", "edges", "is_rising", "expected"),
    [
        ("plain", [(0, 1, 0), (1, 2, 1), (2, 0, 2)], True, [0, 0, 0, 1]),
        ("window passed by one", [(0, 1, 0), (1, 2, 1), (2, 0, 11)], True, [0, 0, 0, 0]),
        ("parallel edges", [(0, 1, 0), (0, 1, 1), (1, 0, 2), (1, 0, 3)], True, [0, 0, 4, 0]),
        ("at one instant", [(0, 1, 5), (1, 2, 5), (2, 0, 5)], False, [0, 0, 0, 1]),
        ("at one instant, rising", [(0, 1, 5), (1, 2, 5), (2, 0, 5)], True, [0, 0, 0, 0]),
        ("self-loop", [(0, 0, 1), (0, 1, 1), (1, 0, 2)], True, [0, 0, 1, 0]),
        ("missing time", [(0, 1, int(NO_TIME)), (1, 0, 2)], False, [0, 0, 0, 0]),
        ("empty", [], False, [0, 0, 0, 0]),
    ],
)
def test_cases(name: str, edges: list[Edge], is_rising: bool, expected: list[int]) -> None:
    assert counted(edges, 10, 3, is_rising) == expected, name


def test_order_of_input_and_stretches_of_time_do_not_matter() -> None:
    random = np.random.default_rng(5)
    n = 4_000
    source, target = random.integers(0, 60, n), random.integers(0, 60, n)
    time = random.integers(0, 10_000, n)
    straight = count_cycles(source, target, time, 60, 400, 5)
    turn = random.permutation(n)
    shuffled = count_cycles(source[turn], target[turn], time[turn], 60, 400, 5)
    later = count_cycles(source, target, time + 10**12, 60, 400, 5)
    assert straight.tolist() == shuffled.tolist() == later.tolist()
    assert straight[2:].min() > 0


@pytest.mark.parametrize("wrong", [{"hop_limit": 1}, {"window": -1}, {"node_count": 1}])
def test_wrong_bounds_are_refused(wrong: dict[str, Any]) -> None:
    one = np.array([0, 1]), np.array([1, 0]), np.array([0, 1])
    asked = {"node_count": 2, "window": 5, "hop_limit": 3, **wrong}
    with pytest.raises(ValueError, match=r"give|below"):
        count_cycles(*one, **asked)
