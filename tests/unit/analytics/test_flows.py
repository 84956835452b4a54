"""The path kernel against its brute-force oracle, and its bounds."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.kernels.flows import FlowEdges, FlowRules, find_paths
from tests.oracles.chains import Step, all_paths

NODES = 6
RULES = FlowRules(window=30, hop_limit=4, low=0.5, high=1.05, concentration=0.25)


def arrays(steps: list[Step], passes: list[bool]) -> FlowEdges:
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


def kernel(
    steps: list[Step], passes: list[bool], rules: FlowRules = RULES
) -> list[tuple[int, ...]]:
    found = find_paths(arrays(steps, passes), rules, steps=10**7, paths=10**5)
    assert not found.is_cut
    return [tuple(int(e) for e in row if e >= 0) for row in found.edges]


steps_strategy = st.lists(
    st.builds(
        Step,
        source=st.integers(0, NODES - 1),
        target=st.integers(0, NODES - 1),
        day=st.sampled_from([0, 0, 1, 3, 3, 14, 29, 30, 31, 44]),
        tonnes=st.sampled_from([None, 2.0, 5.0, 9.0, 10.0, 10.0, 20.0]),
        goods=st.sampled_from([None, 0, 1]),
        opens=st.booleans(),
        follows=st.sampled_from([True, True, True, False]),
        strict=st.sampled_from([False, False, True]),
    ),
    max_size=14,
)


@settings(max_examples=400, deadline=None, derandomize=True)
@given(
    steps_strategy,
    st.lists(st.sampled_from([True, True, False]), min_size=NODES, max_size=NODES),
    st.integers(2, 4),
    st.sampled_from([0.0, 0.25, 0.6]),
)
def test_kernel_is_the_definition(
    steps: list[Step], passes: list[bool], hops: int, concentration: float
) -> None:
    rules = FlowRules(30, hops, 0.5, 1.05, concentration)
    found = kernel(steps, passes, rules)
    assert len(set(found)) == len(found)
    assert set(found) == all_paths(steps, passes, rules)


def chain(*tonnes: float | None, day: int = 0) -> list[Step]:
    return [Step(i, i + 1, day + i, t, None, i == 0, True, False) for i, t in enumerate(tonnes)]


def test_every_prefix_of_a_chain_is_a_path_up_to_four_hops() -> None:
    steps = chain(10, 9, 8, 7, 6)
    assert kernel(steps, [True] * 6) == [(0, 1), (0, 1, 2), (0, 1, 2, 3)]


def test_node_that_may_not_be_passed_still_ends_a_path() -> None:
    assert kernel(chain(10, 9, 8), [True, True, False, True]) == [(0, 1)]


def test_a_way_back_to_the_generator_is_no_chain() -> None:
    steps = [*chain(10, 9), Step(1, 0, 2, 9.0, None, False, True, False)]
    assert kernel(steps, [True] * 3) == [(0, 1)]


@pytest.mark.parametrize(
    ("tonnes", "is_path"),
    [((10, 5), True), ((10, 4.9), False), ((10, 10.5), True), ((10, 10.6), False),
     ((None, 50), True), ((10, None), True)],
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


def test_limits_cut_and_say_so() -> None:
    edges = arrays(chain(10, 9, 8), [True] * 4)
    assert find_paths(edges, RULES, steps=1, paths=10).is_cut
    few = find_paths(edges, RULES, steps=10**6, paths=1)
    assert few.is_cut
    assert few.edges.tolist() == [[0, 1, -1, -1]]


def test_no_edges() -> None:
    assert kernel([], [True]) == []


@pytest.mark.parametrize("hops", [1, 5])
def test_hop_limit_out_of_range(hops: int) -> None:
    with pytest.raises(ValueError, match="hop limit"):
        find_paths(arrays([], []), FlowRules(30, hops, 0.5, 1, 0.2), steps=1, paths=1)


def test_the_window_counts_from_the_first_edge() -> None:
    steps = [
        Step(i, i + 1, day, 10.0, None, i == 0, True, False) for i, day in enumerate((0, 20, 31))
    ]
    assert kernel(steps, [True] * 4) == [(0, 1)]
