"""The path kernel against its brute-force oracle, day by day, and its definition in small cases."""

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.kernels.flow_edges import NO_DAY, FlowChanges, FlowEdges, FlowLimits, FlowRules
from analytics.kernels.flows import find_paths, rest_on
from tests.oracles.chains import Step, all_paths

NODES = 6
RULES = FlowRules(window=30, hop_limit=4, low=0.5, high=1.05, concentration=0.25)
Paths = list[tuple[int, ...]]


def arrays(steps: Sequence[Step], passes: Sequence[bool]) -> FlowEdges:
    def unknown(value: float | None) -> float:
        return math.nan if value is None else value

    return FlowEdges(
        source=np.array([s.source for s in steps], dtype=np.int64),
        target=np.array([s.target for s in steps], dtype=np.int64),
        day=np.array([s.day for s in steps], dtype=np.int64),
        tonnes=np.array([unknown(s.tonnes) for s in steps], dtype=np.float64),
        goods=np.array([-1 if s.goods is None else s.goods for s in steps], dtype=np.int64),
        opens=np.array([s.opens for s in steps], dtype=np.bool_),
        follows=np.array([s.follows for s in steps], dtype=np.bool_),
        strict=np.array([s.strict for s in steps], dtype=np.bool_),
        passes=np.array(passes, dtype=np.bool_),
    )


def as_paths(rows: np.ndarray) -> Paths:
    return [tuple(int(e) for e in row if e >= 0) for row in rows]


def kernel(steps: Sequence[Step], passes: Sequence[bool], rules: FlowRules = RULES) -> Paths:
    found = find_paths(arrays(steps, passes), rules, FlowLimits(paths=10**5))
    assert not found.is_cut
    return as_paths(found.edges)


step_strategy = st.builds(
    Step,
    source=st.integers(-1, NODES - 1),
    target=st.integers(0, NODES - 1),
    day=st.sampled_from([0, 0, 1, 3, 3, 14, 29, 30, 31, 44, NO_DAY]),
    tonnes=st.sampled_from([None, 2.0, 5.0, 9.0, 10.0, 10.0, 20.0, 0.0, -5.0, 1e9]),
    goods=st.sampled_from([None, 0, 1]),
    opens=st.booleans(),
    follows=st.sampled_from([True, True, True, False]),
    strict=st.sampled_from([False, False, True]),
)
steps_strategy = st.lists(step_strategy, max_size=14)
# Few ways and days: chains, parallel lots and lots that belong together are common.
dense_strategy = st.lists(
    st.builds(
        Step,
        source=st.integers(0, 2),
        target=st.integers(1, 4),
        day=st.sampled_from([0, 0, 3, 31, 33]),
        tonnes=st.sampled_from([None, 4.0, 8.0, 8.0, 10.0]),
        goods=st.sampled_from([0, 1]),
        opens=st.booleans(),
        follows=st.just(True),
        strict=st.sampled_from([False, False, True]),
    ),
    max_size=14,
)
passes_strategy = st.lists(
    st.sampled_from([True, True, False]), min_size=NODES, max_size=NODES
)  # fmt: skip


@settings(max_examples=400, deadline=None, derandomize=True)
@given(
    st.one_of(steps_strategy, dense_strategy),
    passes_strategy,
    st.integers(2, 4),
    st.sampled_from([0.0, 0.25, 0.6]),
)
def test_kernel_is_the_definition(
    steps: list[Step], passes: list[bool], hops: int, concentration: float
) -> None:
    rules = FlowRules(30, hops, 0.5, 1.05, concentration)
    found = kernel(steps, passes, rules)
    assert len(set(found)) == len(found)
    assert found == sorted(found, key=lambda path: (*path, *(-1,) * (4 - len(path))))
    assert set(found) == all_paths(steps, passes, rules)


def changed_by(steps: Sequence[Step]) -> FlowChanges:
    """Both ends of the edges."""
    return FlowChanges(
        np.array([n for s in steps for n in (s.source, s.target)], dtype=np.int64),
        np.array([s.day for s in steps for _ in range(2)], dtype=np.int64),
    )


@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    st.lists(st.lists(step_strategy, max_size=5), max_size=5),
    passes_strategy,
    st.sampled_from([0.0, 0.25]),
    st.booleans(),
)
def test_sum_of_the_days_is_the_full_run(
    batches: list[list[Step]], passes: list[bool], concentration: float, is_late: bool
) -> None:
    """Each batch brings edges of any day; ``is_late`` also takes the oldest edge back at the end.

    Paths may appear and vanish with edges that are not theirs, as sums change.
    """
    rules = FlowRules(30, 4, 0.5, 1.05, concentration)
    known: list[Step] = []
    kept: set[tuple[int, ...]] = set()

    def bring(changes: FlowChanges) -> None:
        nonlocal kept
        edges = arrays(known, passes)
        rows = np.array([(*p, *(-1,) * (4 - len(p))) for p in sorted(kept)], dtype=np.int64)
        stale = rest_on(rows.reshape(-1, 4), edges, rules, changes)
        fresh = as_paths(find_paths(edges, rules, FlowLimits(paths=10**5), changes).edges)
        kept = {p for p, is_stale in zip(sorted(kept), stale, strict=True) if not is_stale}
        assert kept.isdisjoint(fresh)
        kept |= set(fresh)

    for batch in batches:
        known += batch
        bring(changed_by(batch))
        assert kept == all_paths(known, passes, rules)
    if is_late and known:
        withdrawn = known[0]
        known[0] = Step(-1, -1, NO_DAY, None, None, False, False, False)
        kept = {path for path in kept if 0 not in path}
        bring(changed_by([withdrawn]))
        assert kept == all_paths(known, passes, rules)


def test_a_later_lot_makes_paths_of_earlier_ones() -> None:
    """Three tenths of what came in went on; with the lot of day 8 it is six tenths."""
    steps = [
        Step(0, 1, 0, 100.0, None, True, True, False),
        Step(1, 2, 5, 30.0, None, False, True, False),
        Step(1, 2, 8, 30.0, None, False, True, False),
    ]
    assert kernel(steps[:2], [True] * 3) == []
    fresh = find_paths(arrays(steps, [True] * 3), RULES, None, changed_by(steps[2:]))
    assert as_paths(fresh.edges) == [(0, 1), (0, 2)]


def chain(*tonnes: float | None, day: int = 0) -> list[Step]:
    return [Step(i, i + 1, day + i, t, None, i == 0, True, False) for i, t in enumerate(tonnes)]


def test_every_prefix_of_a_chain_is_a_path_up_to_four_hops() -> None:
    steps = chain(10, 9, 8, 7, 6)
    assert kernel(steps, [True] * 6) == [(0, 1), (0, 1, 2), (0, 1, 2, 3)]


@pytest.mark.parametrize("changed", [0, 3], ids=["the first edge", "the last edge"])
def test_a_change_at_one_end_brings_the_whole_chain(changed: int) -> None:
    steps = chain(10, 9, 8, 7)
    fresh = find_paths(
        arrays(steps, [True] * 5), RULES, None, changed_by(steps[changed : changed + 1])
    )
    assert (0, 1, 2, 3) in as_paths(fresh.edges)


def test_node_that_may_not_be_passed_still_ends_a_path() -> None:
    assert kernel(chain(10, 9, 8), [True, True, False, True]) == [(0, 1)]


def test_a_way_back_to_the_generator_is_no_chain() -> None:
    steps = [*chain(10, 9), Step(1, 0, 2, 9.0, None, False, True, False)]
    assert kernel(steps, [True] * 3) == [(0, 1)]


@pytest.mark.parametrize(
    ("tonnes", "is_path"),
    [((10, 5), True), ((10, 4.9), False), ((10, 10.5), True), ((10, 10.6), False),
     ((None, 50), True), ((10, None), True), ((10, 0.0), True), ((-3.0, 50), True)],
)  # fmt: skip
def test_flow(tonnes: tuple[float | None, ...], is_path: bool) -> None:
    assert bool(kernel(chain(*tonnes), [True] * 3)) is is_path


def test_lots_put_together_and_split_again_are_followed() -> None:
    together = [Step(g, 3, 0, 10.0, None, True, True, False) for g in range(3)]
    out = Step(3, 4, 2, 27.0, None, False, True, False)
    assert kernel([*together, out], [True] * 6) == [(0, 3), (1, 3), (2, 3)]
    split = [Step(3, 4, d, 9.0, None, False, True, False) for d in (1, 2, 3)]
    assert len(kernel([Step(0, 3, 0, 30.0, None, True, True, False), *split], [True] * 6)) == 3


def test_many_flows_of_a_trader_are_no_chain() -> None:
    ins = [Step(i, 6, 0, 10.0, None, True, True, False) for i in range(6)]
    outs = [Step(6, 7 + i, 1, 9.5, None, False, True, False) for i in range(6)]
    assert kernel([*ins, *outs], [True] * 13) == []
    assert len(kernel([*ins, *outs[:2]], [True] * 13)) > 0


def test_the_window_counts_from_the_first_edge() -> None:
    steps = [
        Step(i, i + 1, day, 10.0, None, i == 0, True, False) for i, day in enumerate((0, 20, 31))
    ]
    assert kernel(steps, [True] * 4) == [(0, 1)]


def test_small_lots_follow_where_large_ones_of_the_same_day_may_not() -> None:
    """Parallel lots of one day are searched as one; each is still judged by its own tonnes."""
    ins = [Step(0, 1, 0, t, None, True, True, False) for t in (30.0, 4.0, 10.0, None)]
    out = [Step(1, 2, 1, t, None, False, True, False) for t in (5.0, 1.0)]
    assert kernel([*ins, *out], [True] * 3) == all_paths_sorted([*ins, *out])
    assert kernel([*ins[:3], *out], [True] * 3) == [(1, 3), (1, 4), (2, 3), (2, 4)]


def test_a_lot_larger_than_all_intake_follows_nothing_beside_small_ones_of_its_day() -> None:
    out = [Step(1, 2, 1, t, None, False, True, False) for t in (50.0, 8.0, 10.5)]
    assert kernel([*chain(10.0), *out], [True] * 3) == [(0, 2), (0, 3)]


def all_paths_sorted(steps: Sequence[Step]) -> Paths:
    return sorted(all_paths(steps, [True] * NODES, RULES))


def test_strict_goods_that_are_unknown_follow_nothing_though_they_may_open() -> None:
    steps = [
        Step(0, 1, 0, 10.0, None, True, True, False),
        Step(1, 2, 1, 10.0, None, True, True, True),
        Step(2, 3, 2, 10.0, None, False, True, False),
        Step(1, 4, 1, 10.0, None, False, True, False),
    ]
    assert kernel(steps, [True] * 5) == [(0, 3), (1, 2)]


def test_no_edges() -> None:
    assert kernel([], [True]) == []


@pytest.mark.parametrize("hops", [1, 5])
def test_hop_limit_out_of_range(hops: int) -> None:
    with pytest.raises(ValueError, match="hop limit"):
        find_paths(arrays([], []), FlowRules(30, hops, 0.5, 1, 0.2))
