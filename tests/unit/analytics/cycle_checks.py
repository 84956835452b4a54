"""Timed edges for tests of the loop kernel, and what any result of it must keep."""

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import strategies as st

from analytics.kernels.temporal_cycles import (
    CycleLimits,
    CycleRules,
    Cycles,
    CycleSlice,
    TimedEdges,
)
from tests.oracles.loops import (
    Edge,
    Marks,
    Part,
    changes_of_code,
    is_loop,
    least_tonnes,
    parts_of,
)

DAY = 10
COLUMNS = ("source", "target", "time", "tonnes", "code", "edge_id")


def as_arrays(edges: Sequence[Edge], marked: Marks = None) -> TimedEdges:
    return TimedEdges(
        source=np.array([e[0] for e in edges], np.int64),
        target=np.array([e[1] for e in edges], np.int64),
        time=np.array([e[2] for e in edges], np.int64),
        tonnes=np.array([math.nan if e[3] is None else e[3] for e in edges], np.float64),
        code=np.array([-1 if e[4] is None else e[4] for e in edges], np.int64),
        edge_id=np.arange(len(edges), dtype=np.int64),
        is_marked=np.array([marked is None or i in marked for i in range(len(edges))], np.bool_),
    )


def as_tuples(edges: TimedEdges) -> list[Edge]:
    columns = (getattr(edges, name).tolist() for name in COLUMNS[:5])
    return [
        (s, t, when, None if math.isnan(tonnes) else tonnes, None if code == -1 else code)
        for s, t, when, tonnes, code in zip(*columns, strict=True)
    ]


def joined(*parts: TimedEdges) -> TimedEdges:
    """Edges of all parts, numbered anew."""
    columns = [np.concatenate([getattr(p, name) for p in parts]) for name in COLUMNS[:5]]
    marks = [
        np.ones(len(p.source), np.bool_) if p.is_marked is None else p.is_marked for p in parts
    ]
    return TimedEdges(
        *columns,
        edge_id=np.arange(len(columns[0]), dtype=np.int64),
        is_marked=np.concatenate(marks),
    )


def as_bytes(result: Cycles | CycleSlice) -> dict[str, tuple[str, tuple[int, ...], bytes]]:
    """Every array of a result: its type, shape and bytes."""
    arrays = {
        name: getattr(result, name)
        for name in type(result).__slots__
        if isinstance(getattr(result, name), np.ndarray)
    }
    return {name: (a.dtype.str, a.shape, a.tobytes()) for name, a in arrays.items()}


def node_sets(result: Cycles | CycleSlice) -> list[tuple[int, ...]]:
    return [tuple(int(n) for n in row if n >= 0) for row in result.nodes]


def walks_of(result: Cycles | CycleSlice) -> dict[tuple[int, ...], int]:
    return dict(zip(node_sets(result), result.walks.tolist(), strict=True))


def nodes_of(walk: Sequence[Part]) -> tuple[int, ...]:
    return tuple(sorted(part.source for part in walk))


def rounds_as_parts(
    cycles: Cycles, edges: Sequence[Edge], rules: CycleRules, marked: Marks = None
) -> list[list[Part]]:
    by_edges = {part.edges: part for part in parts_of(edges, rules, marked)}
    return [
        [by_edges[frozenset(hop)] for hop in cycles.hops(r)] for r in range(len(cycles.round_set))
    ]


def check(cycles: Cycles, edges: Sequence[Edge], rules: CycleRules, marked: Marks = None) -> None:
    """Invariants of any result: rounds are loops, share no edge, and state their own facts."""
    sets = node_sets(cycles)
    assert sets == sorted(set(sets))
    assert (cycles.walks > 0).all()
    taken: Counter[tuple[int, int]] = Counter()
    starts: dict[int, int] = {}
    for r, walk in enumerate(rounds_as_parts(cycles, edges, rules, marked)):
        owner = int(cycles.round_set[r])
        assert is_loop(walk, rules)
        assert nodes_of(walk) == sets[owner]
        assert cycles.round_hops[r] == len(walk)
        assert cycles.round_changes[r] == changes_of_code(walk, rules)
        assert cycles.round_tonnes[r] == pytest.approx(least_tonnes(walk), nan_ok=True)
        assert cycles.first[owner] <= walk[0].start
        assert walk[-1].end <= cycles.last[owner]
        assert starts.get(owner, walk[0].start) <= walk[0].start, "rounds come in order of start"
        starts[owner] = walk[0].start
        taken.update((owner, edge) for part in walk for edge in part.edges)
    assert max(taken.values(), default=1) == 1
    owners = cycles.round_set.tolist()
    assert owners == sorted(owners)


@st.composite
def edge_lists(draw: st.DrawFn, most: int = 22) -> list[Edge]:
    """Few parties and times, so that edges meet: ties, parallels, lots split over a day."""
    parties = draw(st.integers(2, 5))
    party, last = st.integers(0, parties - 1), draw(st.sampled_from([0, 4, 19, 40]))
    codes = draw(st.sampled_from([[1], [0, 1], [0, 1, 2], [None, 0, 1], [None], [-2, 0, 1, None]]))
    quantities = draw(
        st.sampled_from(
            [[10.0], [None, 10.0, 10.4], [None, 5.0, 7.0, 10.0, 10.4, 10.5, 15.0, 20.0, 0.0]]
        )
    )
    truck = st.tuples(st.integers(0, 9), st.sampled_from(quantities))
    lots = draw(
        st.lists(
            st.tuples(
                party,
                party,
                st.integers(0, last),
                st.sampled_from(codes),
                st.lists(truck, min_size=1, max_size=3),
            ),
            max_size=most // 2,
        )
    )
    edges: list[Edge] = []
    for source, target, time, code, trucks in lots:
        # The first truck leaves at the lot's time, the others some time of the same day.
        when = [time, *(time // DAY * DAY + hour for hour, _ in trucks[1:])]
        edges += [
            (source, target, t, tonnes, code) for t, (_, tonnes) in zip(when, trucks, strict=True)
        ]
    return edges[:most]


def some_marks(most: int = 22) -> st.SearchStrategy[Marks]:
    """Numbers of marked edges, some of which may not exist."""
    return st.frozensets(st.integers(0, most - 1), max_size=most // 2)


def rule_sets() -> st.SearchStrategy[CycleRules]:
    bands = st.sampled_from([(0.7, 1.05), (0.5, 2.0), (1.0, 1.0), (0.0, math.inf)])
    return st.builds(
        lambda band, **rules: CycleRules(flow_low=band[0], flow_high=band[1], **rules),
        bands,
        window=st.integers(0, 40),
        hop_limit=st.integers(2, 8),
        most_changes=st.sampled_from([None, 0, 0, 1, 1, 2]),
        needs_mark=st.booleans(),
        bundle_length=st.sampled_from([0, DAY]),
        bundle_offset=st.integers(0, 9),
        pool_length=st.sampled_from([0, 0, 7]),
        goods_from=st.sampled_from([1, 2, 1 << 31]),
    )


def limit_sets() -> st.SearchStrategy[CycleLimits]:
    """Limits that cut nothing; with few ``dear_steps`` every node is searched in parts."""
    return st.builds(
        CycleLimits,
        segment_days=st.sampled_from([0, 1, 2, 5]),
        first_window=st.sampled_from([0, 0, 7]),
        dear_steps=st.sampled_from([0, 0, 4, 30_000]),
    )
