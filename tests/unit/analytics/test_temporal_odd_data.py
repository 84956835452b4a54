"""Inputs meant to break the loop kernel: bounded work and output, and the cut is told."""

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from analytics.kernels.temporal_cycles import (
    CycleLimits,
    CycleRules,
    Cycles,
    TimedEdges,
    find_cycles,
)
from analytics.kernels.temporal_elements import NO_TIME
from tests.oracles.loops import Edge
from tests.unit.analytics.cycle_checks import (
    COLUMNS,
    DAY,
    as_arrays,
    check,
    joined,
    node_sets,
    walks_of,
)

RULES = CycleRules(window=20, bundle_length=DAY)
# A loop of eight parties beside the trouble, over two days.
PLANTED: list[Edge] = [(900_000 + i, 900_000 + (i + 1) % 8, 2 * i, 10.0, 1) for i in range(8)]
PLANTED_SET = tuple(range(900_000, 900_008))


def hub_of(spokes: int, times: NDArray[np.int64], seed: int) -> TimedEdges:
    """One party that all others deliver to and fetch from, random tonnes."""
    random, n = np.random.default_rng(seed), len(times)
    spoke, is_outward = random.integers(1, spokes, n), random.random(n) < 0.5
    return TimedEdges(
        source=np.where(is_outward, 0, spoke),
        target=np.where(is_outward, spoke, 0),
        time=times,
        tonnes=random.lognormal(1, 1, n),
        code=np.ones(n, np.int64),
        edge_id=np.arange(n),
    )


def is_bounded(cycles: Cycles, limits: CycleLimits) -> None:
    """What every result keeps however bad the input."""
    assert len(cycles.nodes) <= limits.node_sets
    assert np.bincount(cycles.round_set, minlength=1).max() <= limits.rounds_per_set
    assert cycles.cut.is_truncated
    assert PLANTED_SET in node_sets(cycles)
    is_planted = np.isin(cycles.cut.roots, PLANTED_SET)
    assert not is_planted.any(), "what is whole is not told as cut"


def test_hub_of_a_million_edges_over_a_year() -> None:
    n = 1_000_000
    times = np.random.default_rng(3).integers(0, 365 * DAY, n)
    limits = CycleLimits(steps=20_000_000, node_sets=1_000, sets_per_node=100)
    cycles = find_cycles(joined(hub_of(200_000, times, 4), as_arrays(PLANTED)), RULES, limits)
    is_bounded(cycles, limits)


def test_hundred_thousand_edges_at_one_instant() -> None:
    hub = hub_of(5_000, np.full(100_000, 10), 7)
    limits = CycleLimits(steps=20_000_000, node_sets=1_000, sets_per_node=100)
    cycles = find_cycles(joined(hub, as_arrays(PLANTED)), RULES, limits)
    is_bounded(cycles, limits)


def test_many_parties_at_one_instant() -> None:
    random, n = np.random.default_rng(8), 100_000
    crowd = TimedEdges(
        *random.integers(0, 2_000, (2, n)),
        time=np.full(n, 3, np.int64),
        tonnes=random.lognormal(1, 1, n),
        code=random.integers(-1, 3, n),
        edge_id=np.arange(n),
    )
    limits = CycleLimits(steps=10_000_000, node_sets=1_000, sets_per_node=100)
    cycles = find_cycles(joined(crowd, as_arrays(PLANTED)), RULES, limits)
    is_bounded(cycles, limits)


def test_clique_of_thirty_in_one_day() -> None:
    clique: list[Edge] = [
        (a, b, (7 * a + 3 * b) % DAY, 10.0, 1) for a in range(30) for b in range(30) if a != b
    ]
    limits = CycleLimits(steps=3_000_000, node_sets=2_000, sets_per_node=50)
    cycles = find_cycles(as_arrays(clique + PLANTED), RULES, limits)
    check(cycles, clique + PLANTED, RULES)
    is_bounded(cycles, limits)
    assert set(cycles.cut.roots.tolist()) <= set(range(30))
    assert cycles.steps <= limits.steps + 10 * len(clique)


def test_no_room_for_any_set_is_told() -> None:
    limits = CycleLimits(node_sets=0)
    cut = find_cycles(as_arrays(PLANTED), RULES, limits).cut
    assert cut.walks_of_refused_sets == 1
    assert cut.is_truncated


def test_rounds_past_their_number_are_told() -> None:
    rounds: list[Edge] = [
        (a, b, 100 * i + t, 10.0, 1) for i in range(5) for a, b, t in [(0, 1, 1), (1, 0, 12)]
    ]
    cycles = find_cycles(as_arrays(rounds), RULES, CycleLimits(rounds_per_set=3))
    assert cycles.walks.tolist() == [5]
    assert len(cycles.round_set) == 3
    assert cycles.cut.sets.tolist() == [0]


def test_odd_edges_are_refused_counted_and_change_nothing() -> None:
    odd: list[Edge] = [
        (900_000, 900_000, 1, 1.0, 1),
        (900_000, 900_001, int(NO_TIME), 1.0, 1),
        (900_001, 900_000, 1, 0.0, 1),
        (900_001, 900_000, 1, float("inf"), 1),
        (900_001, 900_000, 1, float("-inf"), 1),
        (900_001, 900_000, 1, -2.0, 1),
        (900_001, 900_001, int(NO_TIME), -2.0, 1),
    ]
    cycles = find_cycles(as_arrays(odd + PLANTED), RULES)
    cut = cycles.cut
    assert (cut.self_loops, cut.without_time, cut.without_quantity) == (2, 1, 4)
    assert not cut.is_truncated
    assert walks_of(cycles) == {PLANTED_SET: 1}
    assert cycles.hops(0) == [[len(odd) + i] for i in range(8)]


def lots(*moves: tuple[int, int, Sequence[int], float]) -> list[Edge]:
    """Equal trucks: from, to, their times, tonnes of each."""
    return [(a, b, time, tonnes, 1) for a, b, times, tonnes in moves for time in times]


@pytest.mark.parametrize(
    ("name", "edges", "hops"),
    [
        (
            "split over trucks of one day",
            lots((0, 1, [1], 30.0), (1, 0, [11, 15, 19], 10.0)),
            [[[0], [1, 2, 3]]],
        ),
        ("merged", lots((0, 1, [1, 5, 9], 10.0), (1, 0, [12], 30.0)), [[[0, 1, 2], [3]]]),
        (
            "split, merged and split again",
            lots((0, 1, [1, 2], 15.0), (1, 2, [11], 30.0), (2, 0, [12, 13, 14], 10.0)),
            [[[0, 1], [2], [3, 4, 5]]],
        ),
        (
            "trucks on several days are as many findings",
            lots((0, 1, [1, 11], 10.0), (1, 0, [9, 19], 10.0)),
            [[[0], [2]], [[1], [3]]],
        ),
        (
            "a lot over two days does not come back whole",
            lots((0, 1, [1], 30.0), (1, 0, [5, 15], 15.0)),
            [],
        ),
        (
            "consolidated at a node from two senders",
            lots((0, 1, [1], 10.0), (2, 1, [1], 20.0), (1, 0, [2], 30.0)),
            [],
        ),
        (
            "of a consolidated lot the sender's part comes back",
            lots((0, 1, [1], 10.0), (2, 1, [1], 20.0), (1, 3, [2], 30.0), (1, 0, [2], 10.0)),
            [[[0], [3]]],
        ),
    ],
)
def test_split_and_merged_lots(name: str, edges: list[Edge], hops: list[list[list[int]]]) -> None:
    cycles = find_cycles(as_arrays(edges), RULES)
    check(cycles, edges, RULES)
    assert [cycles.hops(r) for r in range(len(cycles.round_set))] == hops, name


@pytest.mark.parametrize("most_changes", [None, 0, 1])
def test_narrow_types_give_the_same(most_changes: int | None) -> None:
    random, n = np.random.default_rng(9), 3_000
    wide = TimedEdges(
        *random.integers(0, 40, (2, n)),
        time=random.integers(0, 30 * DAY, n),
        # Halves, so that a narrow float holds every quantity and sum exactly.
        tonnes=np.round(random.lognormal(2, 0.5, n) * 2) / 2,
        code=random.integers(-1, 3, n),
        edge_id=np.arange(n),
    )
    kinds = (np.int32, np.int32, np.int32, np.float32, np.int16, np.int32)
    narrow = TimedEdges(
        *(getattr(wide, name).astype(kind) for name, kind in zip(COLUMNS, kinds, strict=True))
    )
    rules = CycleRules(window=20, hop_limit=4, bundle_length=DAY, most_changes=most_changes)
    one, two = find_cycles(wide, rules), find_cycles(narrow, rules)
    assert len(one.nodes) > 50
    assert two.nodes.tobytes() == one.nodes.tobytes()
    assert two.walks.tobytes() == one.walks.tobytes()
    assert two.hop_edge.tolist() == one.hop_edge.tolist()


def test_the_order_of_a_crowd_does_not_matter_even_where_work_is_cut() -> None:
    random, n = np.random.default_rng(10), 2_000
    edges = TimedEdges(
        *random.integers(0, 60, (2, n)),
        time=random.integers(0, 3 * DAY, n),
        tonnes=random.choice([np.nan, 5.0, 10.0, 15.0], n),
        code=random.integers(-1, 2, n),
        edge_id=np.arange(n),
    )
    limits = CycleLimits(steps=200_000, node_sets=300, sets_per_node=20)
    turn = random.permutation(n)
    one, two = find_cycles(edges, RULES, limits), find_cycles(edges.take(turn), RULES, limits)
    assert one.cut.is_truncated
    assert one.steps == two.steps
    for name in ("nodes", "walks", "first", "last", "round_set", "round_tonnes", "hop_from"):
        assert getattr(one, name).tobytes() == getattr(two, name).tobytes(), name
    assert one.cut.roots.tolist() == two.cut.roots.tolist()
    assert one.hop_edge.tolist() == turn[two.hop_edge].tolist()
