"""The loop kernel against brute force, its invariants, and inputs meant to break it."""

import math
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from analytics.kernels.temporal_cycles import CycleLimits, CycleRules, TimedEdges, find_cycles
from analytics.kernels.temporal_elements import NO_TIME
from tests.oracles.loops import Edge, all_loops
from tests.unit.analytics.cycle_checks import (
    DAY,
    as_arrays,
    check,
    edge_lists,
    limit_sets,
    node_sets,
    nodes_of,
    rule_sets,
    some_marks,
    walks_of,
)

# Bundles of one start and one end that are no single instant: a loop of them is one loop, not one
# per rotation.
LEVEL_BUNDLES: list[Edge] = [
    (1, 0, 2, 15.0, 0),
    (0, 1, 1, 5.0, 1),
    (0, 1, 0, 15.0, 1),
    (1, 0, 0, 10.0, 1),
    (1, 0, 1, 10.4, 1),
    (0, 1, 2, 7.0, 0),
    (0, 1, 1, None, None),
    (1, 0, 2, 10.0, None),
    (1, 0, 0, 10.0, 0),
    (0, 1, 1, 10.4, None),
    (1, 0, 1, 10.0, 0),
]


@settings(max_examples=300, deadline=None, derandomize=True)
@example(
    LEVEL_BUNDLES,
    frozenset(),
    CycleRules(window=1, hop_limit=2, bundle_length=DAY),
    CycleLimits(),
)
@given(edge_lists(), some_marks(), rule_sets(), limit_sets())
def test_equals_brute_force(
    edges: list[Edge], marked: frozenset[int], rules: CycleRules, limits: CycleLimits
) -> None:
    cycles = find_cycles(as_arrays(edges, marked), rules, limits)
    check(cycles, edges, rules, marked)
    loops = all_loops(edges, rules, marked)
    walks = Counter(nodes_of(walk) for walk in loops)
    assert walks_of(cycles) == walks
    for number, nodes in enumerate(node_sets(cycles)):
        of_set = [w for w in loops if nodes_of(w) == nodes]
        assert cycles.first[number] == min(w[0].start for w in of_set)
        assert cycles.last[number] == max(w[-1].end for w in of_set)
    assert not cycles.cut.is_truncated


@settings(max_examples=30, deadline=None, derandomize=True)
@given(edge_lists(), st.randoms(use_true_random=False))
def test_order_of_input_does_not_matter(edges: list[Edge], random: Random) -> None:
    rules = CycleRules(window=40, bundle_length=DAY)
    straight = as_arrays(edges)
    turn = list(range(len(edges)))
    random.shuffle(turn)
    picked = np.array(turn, np.int64)
    shuffled = TimedEdges(
        *(
            getattr(straight, name)[picked]
            for name in ("source", "target", "time", "tonnes", "code", "edge_id")
        )
    )
    one, two = find_cycles(straight, rules), find_cycles(shuffled, rules)
    assert one.nodes.tobytes() == two.nodes.tobytes()
    assert one.walks.tolist() == two.walks.tolist()
    hops = [one.hops(r) for r in range(len(one.round_set))]
    again = [
        [sorted(int(picked[e]) for e in hop) for hop in two.hops(r)]
        for r in range(len(two.round_set))
    ]
    assert [[sorted(hop) for hop in walk] for walk in hops] == again


LOOP: list[Edge] = [(0, 1, 0, 10.0, 1), (1, 2, 5, 9.0, 1), (2, 0, 8, 9.0, 1)]
RULES = CycleRules(window=20, bundle_length=DAY)


@pytest.mark.parametrize(
    ("name", "edges", "rules", "sets"),
    [
        ("plain", LOOP, RULES, 1),
        ("backwards in time", [LOOP[0], (1, 2, 8, 9.0, 1), (2, 0, 7, 9.0, 1)], RULES, 0),
        ("one edge missing", LOOP[:2], RULES, 0),
        ("window reached", LOOP, CycleRules(window=8), 1),
        ("window passed by one", LOOP, CycleRules(window=7), 0),
        ("flow at the lower bound", [(0, 1, 0, 10.0, 1), (1, 0, 1, 7.0, 1)], RULES, 1),
        ("flow below it", [(0, 1, 0, 10.0, 1), (1, 0, 1, 6.9, 1)], RULES, 0),
        ("flow at the upper bound", [(0, 1, 0, 10.0, 1), (1, 0, 1, 10.5, 1)], RULES, 1),
        ("flow above it", [(0, 1, 0, 10.0, 1), (1, 0, 1, 10.6, 1)], RULES, 0),
        ("unknown quantity", [(0, 1, 0, 10.0, 1), (1, 0, 1, None, 1)], RULES, 1),
        ("no quantity", [(0, 1, 0, 10.0, 1), (1, 0, 1, 0.0, 1)], RULES, 0),
        ("negative quantity", [(0, 1, 0, -1.0, 1), (1, 0, 1, -1.0, 1)], RULES, 0),
        ("missing time", [(0, 1, 0, 10.0, 1), (1, 0, int(NO_TIME), 10.0, 1)], RULES, 0),
        ("self-loop", [(0, 0, 0, 10.0, 1)], RULES, 0),
        ("all at one time", [(0, 1, 3, 10.0, 1), (1, 0, 3, 10.0, 1)], RULES, 1),
        ("code changed", [(0, 1, 0, 9.0, 1), (1, 0, 1, 9.0, 2)], RULES, 1),
        (
            "code changed, equal asked",
            [(0, 1, 0, 9.0, 1), (1, 0, 1, 9.0, 2)],
            CycleRules(window=20, most_changes=0),
            0,
        ),
        (
            "code changed twice, once asked",
            [(0, 1, 0, 9.0, 1), (1, 2, 1, 9.0, 2), (2, 0, 2, 9.0, 1)],
            CycleRules(window=20, most_changes=1),
            0,
        ),
        (
            "an unknown code is no change",
            [(0, 1, 0, 9.0, 1), (1, 2, 1, 9.0, None), (2, 0, 2, 9.0, 1)],
            CycleRules(window=20, most_changes=0),
            1,
        ),
        (
            "an unknown code hides no change",
            [(0, 1, 0, 9.0, 1), (1, 2, 1, 9.0, None), (2, 0, 2, 9.0, 2)],
            CycleRules(window=20, most_changes=0),
            0,
        ),
        (
            "an unknown waste is any waste",
            [(0, 1, 0, 9.0, 1), (1, 0, 1, 9.0, -2)],
            CycleRules(window=20, most_changes=0, goods_from=5),
            1,
        ),
        (
            "an unknown waste is no goods",
            [(0, 1, 0, 9.0, 7), (1, 0, 1, 9.0, -2)],
            CycleRules(window=20, most_changes=0, goods_from=5),
            0,
        ),
        (
            "an unknown waste hides no change",
            [(0, 1, 0, 9.0, 1), (1, 2, 1, 9.0, -2), (2, 0, 2, 9.0, 2)],
            CycleRules(window=20, most_changes=0, goods_from=5),
            0,
        ),
        (
            "lot split over trucks",
            [(0, 1, 0, 30.0, 1), *[(1, 0, 11 + i, 10.0, 1) for i in range(3)]],
            RULES,
            1,
        ),
        (
            "lots merged",
            [*[(0, 1, i, 10.0, 1) for i in range(3)], (1, 0, 11, 30.0, 1)],
            RULES,
            1,
        ),
        (
            "split over two codes is no lot",
            [(0, 1, 0, 30.0, 1), (1, 0, 11, 15.0, 1), (1, 0, 11, 15.0, 2)],
            RULES,
            0,
        ),
        (
            "two lots of one start, of which one ends later",
            [(0, 1, 0, 3.0, 1), (0, 1, 1, 7.0, 1), (1, 0, 0, 5.5, 1), (1, 0, 2, 4.5, 1)],
            RULES,
            1,
        ),
        (
            "a part left before the lot came",
            [(0, 1, 12, 30.0, 1), (1, 0, 11, 15.0, 1), (1, 0, 13, 15.0, 1)],
            RULES,
            0,
        ),
        ("empty", [], RULES, 0),
    ],
)
def test_cases(name: str, edges: list[Edge], rules: CycleRules, sets: int) -> None:
    cycles = find_cycles(as_arrays(edges), rules)
    check(cycles, edges, rules)
    assert len(cycles.nodes) == sets, name


@pytest.mark.parametrize(("marked", "sets"), [({0}, 1), ({2}, 1), ({0, 1, 2}, 1), (set(), 0)])
@pytest.mark.parametrize("most_changes", [None, 0, 1])
def test_a_mark_is_needed_on_the_way(marked: set[int], sets: int, most_changes: int | None) -> None:
    rules = CycleRules(window=20, most_changes=most_changes, needs_mark=True)
    found = find_cycles(as_arrays(LOOP, frozenset(marked)), rules)
    check(found, LOOP, rules, frozenset(marked))
    assert len(found.nodes) == sets


def test_a_mark_is_asked_for_but_none_is_told() -> None:
    edges = replace(as_arrays(LOOP), is_marked=None)
    with pytest.raises(ValueError, match="is_marked"):
        find_cycles(edges, CycleRules(window=20, needs_mark=True))


def test_a_code_that_changes_and_one_that_does_not_are_rounds_of_their_own() -> None:
    edges: list[Edge] = [*LOOP, (1, 2, 5, 9.0, 2), (2, 0, 8, 9.0, 3)]
    rules = CycleRules(window=20, most_changes=1)
    found = find_cycles(as_arrays(edges), rules)
    assert found.round_changes.tolist() == [0]
    # 1-1-1, 1-1-3, but neither 1-2-1 nor 1-2-3.
    assert found.walks.tolist() == [2]


def test_split_lot_is_one_round_and_daily_lots_are_many() -> None:
    trucks = [(a, b, t, 10.0, 1) for a, b, t in [(0, 1, 1), (1, 0, 12)] for _ in range(3)]
    split = find_cycles(as_arrays(trucks), RULES)
    assert len(split.round_set) == 1
    assert split.round_tonnes.tolist() == [30.0]
    days = [(a, b, 100 * i + t, 10.0, 1) for i in range(3) for a, b, t in [(0, 1, 1), (1, 0, 12)]]
    daily = find_cycles(as_arrays(days), RULES)
    assert len(daily.round_set) == 3


@pytest.mark.parametrize(
    "wrong",
    [
        {"hop_limit": 9},
        {"flow_low": 0.0},
        {"window": -1},
        {"flow_high": math.inf},
        {"window": 1 << 40},
        {"most_changes": -1},
    ],
)
def test_wrong_rules_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"give|2 to 8"):
        CycleRules(**{"window": 1, **wrong})


def test_times_in_order_along_each_round() -> None:
    cycles = find_cycles(as_arrays(LOOP), RULES)
    times = [LOOP[hop[0]][2] for hop in cycles.hops(0)]
    assert all(a <= b for a, b in pairwise(times))
