"""A day more, and days changed afterwards: the same bytes as a run over everything."""

import math
from dataclasses import dataclass
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.kernels.temporal_cycles import (
    CycleLimits,
    CycleRules,
    CycleSlice,
    TimedEdges,
    advance_slices,
    complete_cycles,
    cycles_ending,
    find_cycles,
    find_slices,
)
from analytics.kernels.temporal_elements import NO_TIME
from tests.oracles.loops import Edge
from tests.unit.analytics.cycle_checks import DAY, as_arrays, as_bytes, edge_lists, rule_sets

RULES = CycleRules(window=20, bundle_length=DAY)
SEGMENTS = st.sampled_from([0, 1, 2, 5])


def columns_of(lake: dict[int, Edge]) -> TimedEdges:
    """Edges under numbers that stay with them, as a lake gives them."""
    rows = as_arrays(list(lake.values()))
    ids = np.array(list(lake), np.int64)
    is_marked = np.array([number % 3 == 0 for number in lake], np.bool_)
    return TimedEdges(rows.source, rows.target, rows.time, rows.tonnes, rows.code, ids, is_marked)


def same_as_full_run(
    slices: list[CycleSlice], edges: TimedEdges, rules: CycleRules, limits: CycleLimits
) -> None:
    full = find_cycles(edges, rules, limits)
    summed = complete_cycles(slices, edges, rules, limits)
    assert as_bytes(summed) == as_bytes(full)
    assert (summed.cut.self_loops, summed.cut.without_time, summed.cut.without_quantity) == (
        full.cut.self_loops,
        full.cut.without_time,
        full.cut.without_quantity,
    )
    assert not full.cut.is_truncated


@dataclass(frozen=True)
class Change:
    """What becomes of an edge: ``edge`` None takes it away, ``number`` None adds one."""

    number: int | None
    edge: Edge | None


def changes() -> st.SearchStrategy[list[Change]]:
    some_edge = edge_lists(most=2).map(lambda edges: edges[0] if edges else (0, 1, 3, 10.0, 1))
    change = st.one_of(
        st.builds(Change, st.none(), some_edge),
        st.builds(Change, st.integers(0, 30), st.none()),
        st.builds(Change, st.integers(0, 30), some_edge),
    )
    return st.lists(change, min_size=1, max_size=4)


def applied(lake: dict[int, Edge], change: list[Change]) -> tuple[dict[int, Edge], int]:
    """The lake after a change, and the earliest time that it touched."""
    after, touched = dict(lake), []
    for one in change:
        number = max(after, default=-1) + 1 if one.number is None else one.number
        if one.number is not None and number not in after:
            continue
        for edge in (after.pop(number, None), one.edge):
            if edge is not None:
                touched.append(edge[2])
        if one.edge is not None:
            after[number] = one.edge
    return after, min(touched, default=1000)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(edge_lists(), rule_sets(), SEGMENTS, st.lists(changes(), min_size=1, max_size=3))
def test_late_corrections_equal_a_full_run(
    edges: list[Edge], rules: CycleRules, segment_days: int, corrections: list[list[Change]]
) -> None:
    limits = CycleLimits(segment_days=segment_days)
    lake = dict(enumerate(edges))
    slices = find_slices(columns_of(lake), rules, limits)
    same_as_full_run(slices, columns_of(lake), rules, limits)
    for change in corrections:
        lake, changed_from = applied(lake, change)
        kept = [one for one in slices if one.ends_before <= changed_from]
        slices = advance_slices(slices, columns_of(lake), rules, changed_from, limits)
        assert [id(one) for one in slices[: len(kept)]] == [id(one) for one in kept]
        same_as_full_run(slices, columns_of(lake), rules, limits)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(edge_lists(), rule_sets())
def test_days_one_by_one_with_the_edges_of_a_window_equal_a_full_run(
    edges: list[Edge], rules: CycleRules
) -> None:
    limits, slices = CycleLimits(), list[CycleSlice]()
    every = columns_of(dict(enumerate(edges)))
    begins = range(-rules.bundle_offset, 50, rules.day)
    for day in begins:
        since = day - rules.window - rules.day
        # What a lake would read: today's edges and those of the window and day before.
        is_near = (every.time < day + rules.day) & (every.time >= since)
        slices = advance_slices(slices, every.take(is_near), rules, day, limits)
        so_far = every.take(every.time < day + rules.day)
        same_as_full_run(slices, so_far, rules, limits)
    bounds = [(one.ends_from, one.ends_before) for one in slices]
    assert bounds == sorted(set(bounds))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(edge_lists(), rule_sets(), SEGMENTS, st.randoms(use_true_random=False))
def test_a_slice_is_a_function_of_its_edges_alone(
    edges: list[Edge], rules: CycleRules, segment_days: int, random: Random
) -> None:
    limits = CycleLimits(segment_days=segment_days)
    every = as_arrays(edges)
    slices = find_slices(every, rules, limits)
    turned = np.array(sorted(range(len(edges)), key=lambda _: random.random()), np.int64)
    for one in slices:
        again = cycles_ending(every.take(turned), rules, limits, one.ends_from, one.ends_before)
        assert as_bytes(again) == as_bytes(one)
    same_as_full_run(slices[::-1], every, rules, limits)


@pytest.mark.parametrize(("ends_from", "ends_before"), [(1, 20), (0, 15), (-3, 7)])
def test_a_span_that_tears_a_day_is_refused(ends_from: int, ends_before: int) -> None:
    edges = as_arrays([(0, 1, 0, 10.0, 1)])
    with pytest.raises(ValueError, match="first times of days"):
        cycles_ending(edges, RULES, CycleLimits(), ends_from, ends_before)
    shifted = CycleRules(window=20, bundle_length=DAY, bundle_offset=3)
    if ends_from == -3:
        assert cycles_ending(edges, shifted, CycleLimits(), ends_from, ends_before).steps == 0


def test_a_loop_belongs_to_the_day_on_which_it_ends() -> None:
    edges = as_arrays([(0, 1, 5, 10.0, 1), (1, 0, 20, 10.0, 1)])
    found = {
        day: cycles_ending(edges, RULES, CycleLimits(), day, day + DAY).walks.tolist()
        for day in range(0, 40, DAY)
    }
    assert found == {0: [], 10: [], 20: [1], 30: []}


def test_an_edge_without_time_changes_no_slice() -> None:
    edges = as_arrays([(0, 1, 5, 10.0, 1), (1, 0, 20, 10.0, 1), (0, 1, int(NO_TIME), 9.0, 1)])
    slices = find_slices(edges, RULES)
    same_as_full_run(slices, edges, RULES, CycleLimits())
    assert advance_slices(slices, edges, RULES, 30) == slices


def test_nothing_is_left_when_all_edges_go() -> None:
    edges = as_arrays([(0, 1, 5, 10.0, 1), (1, 0, 20, math.nan, 1)])
    slices = find_slices(edges, RULES)
    assert sum(len(one.nodes) for one in slices) == 1
    assert advance_slices(slices, as_arrays([]), RULES, 5) == []
    same_as_full_run([], as_arrays([]), RULES, CycleLimits())
