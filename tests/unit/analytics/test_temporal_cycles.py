"""The loop kernel against brute force, its invariants, and inputs meant to break it."""

import math
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.kernels.temporal_cycles import (
    CycleLimits,
    CycleRules,
    Cycles,
    TimedEdges,
    find_cycles,
)
from analytics.kernels.temporal_elements import NO_TIME
from tests.oracles.loops import (
    Edge,
    Part,
    all_loops,
    changes_of_code,
    is_loop,
    least_tonnes,
    parts_of,
)

DAY = 10


def as_arrays(edges: Sequence[Edge]) -> TimedEdges:
    return TimedEdges(
        source=np.array([e[0] for e in edges], np.int64),
        target=np.array([e[1] for e in edges], np.int64),
        time=np.array([e[2] for e in edges], np.int64),
        tonnes=np.array([math.nan if e[3] is None else e[3] for e in edges], np.float64),
        code=np.array([-1 if e[4] is None else e[4] for e in edges], np.int64),
        edge_id=np.arange(len(edges), dtype=np.int64),
    )


def node_sets(cycles: Cycles) -> list[tuple[int, ...]]:
    return [tuple(int(n) for n in row if n >= 0) for row in cycles.nodes]


def rounds_as_parts(cycles: Cycles, edges: Sequence[Edge], rules: CycleRules) -> list[list[Part]]:
    by_edges = {part.edges: part for part in parts_of(edges, rules)}
    return [
        [by_edges[frozenset(hop)] for hop in cycles.hops(r)] for r in range(len(cycles.round_set))
    ]


def check(cycles: Cycles, edges: Sequence[Edge], rules: CycleRules) -> None:
    """Invariants of any result: rounds are loops, share no edge, and state their own facts."""
    sets = node_sets(cycles)
    assert sets == sorted(set(sets))
    taken: Counter[tuple[int, int]] = Counter()
    for r, walk in enumerate(rounds_as_parts(cycles, edges, rules)):
        owner = int(cycles.round_set[r])
        assert is_loop(walk, rules)
        assert tuple(sorted(p.source for p in walk)) == sets[owner]
        assert cycles.round_changes[r] == changes_of_code(walk)
        assert cycles.round_tonnes[r] == pytest.approx(least_tonnes(walk), nan_ok=True)
        assert cycles.first[owner] <= walk[0].start
        assert walk[-1].end <= cycles.last[owner]
        taken.update((owner, edge) for part in walk for edge in part.edges)
    assert max(taken.values(), default=1) == 1
    owners = cycles.round_set.tolist()
    assert owners == sorted(owners)


def edge_lists() -> st.SearchStrategy[list[Edge]]:
    quantity = st.sampled_from([None, 5.0, 7.0, 10.0, 10.4, 10.5, 15.0, 20.0, 0.0])
    edge = st.tuples(
        st.integers(0, 4),
        st.integers(0, 4),
        st.integers(0, 40),
        quantity,
        st.sampled_from([None, 0, 1]),
    )
    return st.lists(edge, max_size=14)


def rule_sets() -> st.SearchStrategy[CycleRules]:
    return st.builds(
        CycleRules,
        window=st.integers(0, 40),
        hop_limit=st.integers(2, 8),
        flow_low=st.sampled_from([0.5, 0.7]),
        flow_high=st.sampled_from([1.05, 2.0]),
        code_rule=st.sampled_from(["any", "equal"]),
        bundle_length=st.sampled_from([0, DAY]),
        bundle_offset=st.integers(0, 9),
    )


@settings(max_examples=200, deadline=None, derandomize=True)
@given(edge_lists(), rule_sets())
def test_equals_brute_force(edges: list[Edge], rules: CycleRules) -> None:
    cycles = find_cycles(as_arrays(edges), rules)
    check(cycles, edges, rules)
    loops = all_loops(edges, rules)
    walks = Counter(tuple(sorted(p.source for p in walk)) for walk in loops)
    assert dict(zip(node_sets(cycles), cycles.walks.tolist(), strict=True)) == walks
    assert set(cycles.round_set.tolist()) == set(range(len(walks)))
    rounds = rounds_as_parts(cycles, edges, rules)
    for number, nodes in enumerate(node_sets(cycles)):
        of_set = [w for w in loops if tuple(sorted(p.source for p in w)) == nodes]
        assert cycles.first[number] == min(w[0].start for w in of_set)
        assert cycles.last[number] == max(w[-1].end for w in of_set)
        spent = {
            e
            for r in np.flatnonzero(cycles.round_set == number)
            for p in rounds[r]
            for e in p.edges
        }
        assert all(spent & {e for p in w for e in p.edges} for w in of_set), "a round was missed"
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
            CycleRules(window=20, code_rule="equal"),
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


def test_split_lot_is_one_round_and_daily_lots_are_many() -> None:
    trucks = [(a, b, t, 10.0, 1) for a, b, t in [(0, 1, 1), (1, 0, 12)] for _ in range(3)]
    split = find_cycles(as_arrays(trucks), RULES)
    assert len(split.round_set) == 1
    assert split.round_tonnes.tolist() == [30.0]
    days = [(a, b, 100 * i + t, 10.0, 1) for i in range(3) for a, b, t in [(0, 1, 1), (1, 0, 12)]]
    daily = find_cycles(as_arrays(days), RULES)
    assert len(daily.round_set) == 3


def test_refused_edges_are_counted() -> None:
    edges: list[Edge] = [
        (0, 0, 1, 1.0, 1),
        (0, 1, int(NO_TIME), 1.0, 1),
        (0, 1, 1, 0.0, 1),
        (0, 1, 1, math.inf, 1),
        (0, 1, 1, -2.0, 1),
    ]
    cut = find_cycles(as_arrays(edges), RULES).cut
    assert (cut.self_loops, cut.without_time, cut.without_quantity) == (1, 1, 3)
    assert not cut.is_truncated


def test_planted_loop_beside_a_clique_of_thirty_is_found_and_the_cut_is_told() -> None:
    clique: list[Edge] = [(a, b, 0, 10.0, 1) for a in range(30) for b in range(30) if a != b]
    planted: list[Edge] = [(100 + i, 100 + (i + 1) % 8, i, 10.0, 1) for i in range(8)]
    limits = CycleLimits(steps=3_000_000, node_sets=2_000, sets_per_node=50)
    cycles = find_cycles(as_arrays(clique + planted), RULES, limits)
    check(cycles, clique + planted, RULES)
    assert tuple(range(100, 108)) in node_sets(cycles)
    assert cycles.steps <= limits.steps + len(clique)
    assert cycles.cut.is_truncated
    assert set(cycles.cut.roots.tolist()) <= set(range(30))
    assert len(cycles.nodes) <= 2_000


def test_hub_and_a_hundred_thousand_edges_at_one_instant() -> None:
    random = np.random.default_rng(7)
    n = 100_000
    spoke = random.integers(1, 5_000, n)
    outward = random.random(n) < 0.5
    edges = TimedEdges(
        source=np.concatenate([np.where(outward, 0, spoke), [6_000, 6_001]]),
        target=np.concatenate([np.where(outward, spoke, 0), [6_001, 6_000]]),
        time=np.concatenate([np.zeros(n, np.int64), [0, 5]]),
        tonnes=np.concatenate([random.lognormal(1, 1, n), [10.0, 9.0]]),
        code=np.zeros(n + 2, np.int64),
        edge_id=np.arange(n + 2),
    )
    limits = CycleLimits(steps=20_000_000, node_sets=1_000, sets_per_node=100)
    cycles = find_cycles(edges, CycleRules(window=20), limits)
    assert (6_000, 6_001) in node_sets(cycles)
    assert len(cycles.nodes) <= 1_000
    assert cycles.cut.is_truncated


@pytest.mark.parametrize(
    "wrong", [{"hop_limit": 9}, {"flow_low": 0.0}, {"window": -1}, {"flow_high": math.inf}]
)
def test_wrong_rules_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"give|2 to 8"):
        CycleRules(**{"window": 1, **wrong})


def test_times_in_order_along_each_round() -> None:
    cycles = find_cycles(as_arrays(LOOP), RULES)
    times = [LOOP[hop[0]][2] for hop in cycles.hops(0)]
    assert all(a <= b for a, b in pairwise(times))
