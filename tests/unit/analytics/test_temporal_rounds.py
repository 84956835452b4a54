"""Which rounds are told: plain ones first, and pooled ones only where they are covered."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.kernels.temporal_cycles import CycleLimits, CycleRules, find_cycles
from tests.oracles.loops import (
    Edge,
    Part,
    all_loops,
    changes_of_code,
    pooled_in,
    pools_hold,
)
from tests.unit.analytics.cycle_checks import (
    DAY,
    as_arrays,
    check,
    edge_lists,
    node_sets,
    nodes_of,
    rounds_as_parts,
    rule_sets,
    some_marks,
)

POOLED = CycleRules(
    window=90 * DAY,
    hop_limit=4,
    most_changes=1,
    bundle_length=DAY,
    pool_length=7 * DAY,
    goods_from=2,
)


@st.composite
def lots(draw: st.DrawFn) -> list[Edge]:
    """Whole days and few quantities between two or three parties: lots that may be pooled."""
    party = st.integers(0, draw(st.integers(1, 2)))
    day = st.integers(0, draw(st.sampled_from([3, 12])))
    lot = st.tuples(
        party, party, day, st.sampled_from([5.0, 10.0, 20.0, 40.0]), st.sampled_from([0, 0, 1, 2])
    )
    return [(s, t, d * DAY, q, c) for s, t, d, q, c in draw(st.lists(lot, max_size=9))]


def is_within(walk: list[Part], most_changes: int, may_pool: bool, rules: CycleRules) -> bool:
    """Whether a walk has fewer changes of code, or as many and, unless allowed, nothing pooled."""
    changes = changes_of_code(walk, rules)
    return changes < most_changes or (
        changes == most_changes and (may_pool or not pooled_in(walk, rules))
    )


def assert_rounds(edges: list[Edge], marked: frozenset[int] | None, rules: CycleRules) -> int:
    """Each loop was taken, or gave way to a round with no more changes and no more pooled.

    Number of loops that no round tells, because what they pool is not covered.
    """
    cycles = find_cycles(as_arrays(edges, marked), rules)
    check(cycles, edges, rules, marked)
    rounds = rounds_as_parts(cycles, edges, rules, marked)
    assert all(pools_hold(walk, edges, rules) for walk in rounds)
    loops = all_loops(edges, rules, marked)
    told = [walk for walk in loops if pools_hold(walk, edges, rules)]
    for number, nodes in enumerate(node_sets(cycles)):
        taken = [rounds[r] for r in np.flatnonzero(cycles.round_set == number)]
        for step in [(0, False), (0, True), (1, False), (1, True), (8, True)]:
            spent = {e for w in taken if is_within(w, *step, rules) for p in w for e in p.edges}
            for walk in told:
                if nodes_of(walk) == nodes and is_within(walk, *step, rules):
                    assert spent & {e for p in walk for e in p.edges}, "a round was missed"
    return len(loops) - len(told)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(lots())
def test_lots_put_together_or_shared_out(edges: list[Edge]) -> None:
    assert_rounds(edges, None, POOLED)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(edge_lists(), some_marks(), rule_sets())
def test_under_any_rules(edges: list[Edge], marked: frozenset[int], rules: CycleRules) -> None:
    assert_rounds(edges, marked, rules)


@pytest.mark.parametrize(
    ("name", "edges", "rounds"),
    [
        (
            "a lot of the same code goes before one whose code changes",
            [(0, 1, 0, 10.0, 0), (0, 1, DAY, 10.0, 1), (1, 0, 5 * DAY, 10.0, 1)],
            [[1, 2]],
        ),
        (
            "a larger lot before does not hide a round",
            [(0, 1, 0, 40.0, 0), (0, 1, DAY, 10.0, 0), (1, 0, 3 * DAY, 10.0, 0)],
            [[1, 2]],
        ),
        (
            "a lot shared out: the rest goes elsewhere",
            [(0, 1, 0, 40.0, 0), (1, 0, 3 * DAY, 10.0, 0), (1, 2, 4 * DAY, 30.0, 0)],
            [[0, 1]],
        ),
        (
            "the rest stays: it was another lot",
            [(0, 1, 0, 40.0, 0), (1, 0, 3 * DAY, 10.0, 0), (1, 2, 4 * DAY, 10.0, 0)],
            [],
        ),
        (
            "lots put together: the rest came from elsewhere",
            [(0, 1, 0, 10.0, 0), (2, 1, DAY, 30.0, 0), (1, 0, 3 * DAY, 40.0, 0)],
            [[0, 2]],
        ),
        (
            "the rest came too long before",
            [(2, 1, 0, 30.0, 0), (0, 1, 5 * DAY, 10.0, 0), (1, 0, 12 * DAY, 40.0, 0)],
            [],
        ),
        (
            "goods are not pooled",
            [(0, 1, 0, 10.0, 2), (2, 1, DAY, 30.0, 2), (1, 0, 3 * DAY, 40.0, 2)],
            [],
        ),
    ],
)
def test_told(name: str, edges: list[Edge], rounds: list[list[int]]) -> None:
    cycles = find_cycles(as_arrays(edges), POOLED)
    assert [[e for hop in cycles.hops(r) for e in hop] for r in range(len(cycles.round_set))] == (
        rounds
    ), name


def test_many_rounds_of_a_pair_are_told_as_long_as_there_is_room() -> None:
    rounds: list[Edge] = [
        (a, b, 100 * DAY * i + t, 10.0, 1) for i in range(90) for a, b, t in [(0, 1, 1), (1, 0, 12)]
    ]
    assert len(find_cycles(as_arrays(rounds), POOLED).round_set) == 90
    pairs = [(s + n, t + n, *rest) for n in (0, 2) for s, t, *rest in rounds]
    cycles = find_cycles(as_arrays(pairs), POOLED, CycleLimits(rounds=90, rounds_when_many=20))
    assert np.bincount(cycles.round_set).tolist() == [90, 20]
    assert cycles.cut.sets.tolist() == [1]
