"""Which planted loops a search must find: cases by hand, and agreement with the kernel."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from analytics.kernels.temporal_cycles import CycleRules, TimedEdges, find_cycles
from analytics.kernels.temporal_rules import UNKNOWN_WASTE
from api.bench.loops_edges import DAY_S, Edges
from api.bench.loops_findable import changes_of, findable
from api.bench.loops_judged import judged, node_sets, row_numbers, told
from api.bench.loops_planted import Planted
from api.bench.loops_planted_papers import NO_CODE
from api.bench.loops_province import ProvinceParameters, province_year, waste_code_numbers
from api.bench.loops_year import SEARCHES, YearSearch, with_manifests

GOODS = len(waste_code_numbers())
RULES = CycleRules(
    30 * DAY_S, most_changes=1, needs_mark=True, bundle_length=DAY_S, goods_from=GOODS
)
# A paper: which hop, hours since the beginning, tonnes, code.
Paper = tuple[int, float, float, int]


def papers(rows: Sequence[Sequence[Paper]], nodes: Sequence[Sequence[int]]) -> Planted:
    """Loops of one turn each, through the nodes given."""
    flat = [(loop, *row) for loop, papers in enumerate(rows) for row in papers]
    loop, hop, hours, tonnes, code = (np.array(column) for column in zip(*flat, strict=True))
    hops = np.array([len(one) for one in nodes])
    width = np.array([[*one, *[-1] * (8 - len(one))] for one in nodes])
    order = np.argsort(hours, kind="stable")
    edges = Edges(
        width[loop, hop].astype(np.int32),
        width[loop, (hop + 1) % hops[loop]].astype(np.int32),
        (hours * 3_600).astype(np.int32),
        tonnes.astype(np.float32),
        code.astype(np.int16),
        loop.astype(np.int32),
    ).take(order)
    none = np.zeros(len(nodes), np.int64)
    flags = np.zeros(len(nodes), np.bool_)
    return Planted(
        edges, np.zeros(len(edges), np.int64), hop[order], width, hops, none, none + 1, none, none,
        none, flags, flags,
    )  # fmt: skip


def together(*parts: Edges) -> Edges:
    return Edges(
        *(np.concatenate([getattr(one, name) for one in parts]) for name in Edges.__slots__)
    ).by_time()


@cache
def alone() -> tuple[Planted, TimedEdges]:
    planted = province_year(ProvinceParameters(3_000, 12_000, 20_000, 600), 5).planted
    loop, places = planted.edges.loop.astype(np.int64), np.arange(planted.nodes.shape[1])
    following = (planted.hop + 1) % planted.hops[loop]
    edges = replace(
        planted.edges,
        source=(loop * len(places) + planted.hop).astype(np.int32),
        target=(loop * len(places) + following).astype(np.int32),
    )
    nodes = np.where(
        planted.nodes < 0, -1, np.arange(len(planted.hops))[:, None] * len(places) + places
    )
    return replace(planted, edges=edges, nodes=nodes), with_manifests(edges)


PLAIN: list[Paper] = [(0, 0, 10, 3), (1, 24, 9, 3), (2, 50, 9, 3)]
CASES: dict[str, tuple[list[Paper], CycleRules, bool]] = {
    "plain": (PLAIN, RULES, True),
    "after the window": ([*PLAIN[:2], (2, 30 * 24 + 1, 9, 3)], RULES, False),
    "at the end of the window": ([*PLAIN[:2], (2, 30 * 24, 9, 3)], RULES, True),
    "too much is lost": ([*PLAIN[:2], (2, 50, 6, 3)], RULES, False),
    "all on one instant": ([(hop, 0, 10, 3) for hop in range(3)], RULES, True),
    "changed once": ([*PLAIN[:2], (2, 50, 9, 4)], RULES, True),
    "changed once, one code asked for": (
        [*PLAIN[:2], (2, 50, 9, 4)], replace(RULES, most_changes=0), False,
    ),
    "washed and washed back": ([PLAIN[0], (1, 24, 9, 4), PLAIN[2]], RULES, False),
    "washed and washed back, two asked for": (
        [PLAIN[0], (1, 24, 9, 4), PLAIN[2]], replace(RULES, most_changes=2), True,
    ),
    "any change asked for": (
        [PLAIN[0], (1, 24, 9, 4), PLAIN[2]], replace(RULES, most_changes=None), True,
    ),
    "a paper without a code": (
        [PLAIN[0], (1, 24, 9, NO_CODE), PLAIN[2]], replace(RULES, most_changes=0), True,
    ),
    "a change behind a paper without a code": (
        [PLAIN[0], (1, 24, 9, NO_CODE), (2, 50, 9, 4)], replace(RULES, most_changes=0), False,
    ),
    "no waste on the way": ([(hop, hop, 9, GOODS) for hop in range(3)], RULES, False),
    "no waste on the way, none asked for": (
        [(hop, hop, 9, GOODS) for hop in range(3)], replace(RULES, needs_mark=False), True,
    ),
    "a waste without a code on the way": (
        [(0, 0, 9, NO_CODE), (1, 1, 9, GOODS), (2, 2, 9, GOODS)], RULES, True,
    ),
    "two trucks": ([PLAIN[0], (1, 26, 5, 3), (1, 27, 4, 3), PLAIN[2]], RULES, True),
    "two trucks, days not taken together": (
        [PLAIN[0], (1, 26, 5, 3), (1, 27, 4, 3), PLAIN[2]], replace(RULES, bundle_length=0), False,
    ),
    "two trucks, one without a code": (
        [PLAIN[0], (1, 26, 5, 3), (1, 27, 4, NO_CODE), PLAIN[2]], RULES, False,
    ),
    "two trucks on two days": (
        [PLAIN[0], (1, 26, 5, 3), (1, 49, 4, 3), (2, 80, 9, 3)], RULES, False,
    ),
    "more than the kernel walks": (PLAIN, replace(RULES, hop_limit=2), False),
    "half a lot, lots pooled": (
        [*PLAIN[:2], (2, 50, 5, 3)], replace(RULES, pool_length=7 * DAY_S), True,
    ),
    "half a lot, pooled too late": (
        [*PLAIN[:2], (2, 24 * 9, 5, 3)], replace(RULES, pool_length=7 * DAY_S), False,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_cases_by_hand_and_by_the_kernel(name: str) -> None:
    rows, rules, expected = CASES[name]
    planted = papers([rows], [[4, 2, 7]])
    edges = with_manifests(planted.edges)
    assert findable(planted, edges, rules).tolist() == [expected]
    assert len(find_cycles(edges, rules).nodes) == expected


def test_a_lot_on_trucks_counts_with_all_that_goes_with_it() -> None:
    planted = papers([[(0, 25, 10, 3), (1, 26, 5, 3), (1, 27, 4, 3), (2, 46, 9, 3)]], [[4, 2, 7]])
    more = planted.edges.take(np.flatnonzero(planted.edges.source == 2)[:1])
    little = more.tonnes * 0.01
    for change, expected in (
        ({}, False),
        ({"code": more.code + 1}, True),
        ({"source": more.source + 1}, True),
        ({"target": more.target + 1}, True),
        ({"time": more.time + DAY_S}, True),
        ({"tonnes": little}, True),
        # It leaves before the lot has come, and its day's papers are one.
        ({"tonnes": little, "time": more.time - 2 * 3_600}, False),
        # It comes after the lot has been handed on.
        ({"tonnes": little, "time": more.time + 21 * 3_600}, False),
    ):
        edges = with_manifests(together(planted.edges, replace(more, **change)))
        assert findable(planted, edges, RULES).tolist() == [expected], change
        assert len(find_cycles(edges, RULES).nodes) == expected, change


@pytest.mark.parametrize("search", SEARCHES, ids=lambda search: search.name)
def test_the_kernel_finds_what_is_findable_and_no_more_among_the_loops_alone(
    search: YearSearch,
) -> None:
    # Each loop has firms of its own, so that nothing but its papers can close it.
    planted, edges = alone()
    expected = findable(planted, edges, search.rules())
    cycles = find_cycles(edges, search.rules(), search.limits())
    found = row_numbers(cycles.nodes, node_sets(planted.nodes)) >= 0
    assert 0 < expected.sum() < len(expected)
    assert not (expected & ~found).any()
    # What goes round again can be closed from another firm on as well, and of a lot whose trucks
    # have different codes one may carry enough.
    plain = (planted.rounds == 1) & ~(planted.is_split & planted.is_uncoded)
    assert plain.mean() > 0.5
    assert np.array_equal(found[plain], expected[plain])


def test_changes_of_code_are_counted_over_unknown_wastes() -> None:
    lost = UNKNOWN_WASTE
    for codes, changes in (
        ([1, 1, 1], 0),
        ([1, 2, 1], 2),
        ([1, lost, 1], 0),
        ([1, lost, 2], 1),
        ([lost, lost, 2], 0),
        ([lost, 5, 2], 2),
        ([lost, 5, lost], 2),
        ([1, lost, 5], 1),
        ([5, lost, 5], 2),
        ([5, lost, 2], 1),
        ([5, 6, 5], 2),
    ):
        found = changes_of(np.array([codes]), np.array([3]), 5)
        assert found.tolist() == [changes], codes
    assert changes_of(np.array([[1, 2, 1]]), np.array([2]), 5).tolist() == [1]


def test_loops_of_one_node_set_count_each_and_stand_once_in_the_list() -> None:
    late: list[Paper] = [(hop, hours + 24 * 40, 9, 3) for hop, hours, _, _ in PLAIN]
    lost: list[Paper] = [
        (hop, hours + 24 * 80, 9.0 if hop else 1.0, 3) for hop, hours, _, _ in PLAIN
    ]
    there_and_back: list[Paper] = [(0, 1, 5, 3), (1, 2, 5, 3)]
    planted = papers(
        [PLAIN, late, lost, there_and_back, there_and_back, there_and_back],
        [[4, 2, 7], [2, 7, 4], [7, 2, 4], [1, 3], [5, 6], [6, 5]],
    )
    planted = replace(planted, is_split=np.arange(6) == 0)
    edges = with_manifests(planted.edges)
    # The last two loops are not in what was searched.
    is_there = np.flatnonzero(~np.isin(edges.source, [5, 6]))
    cycles = find_cycles(edges.take(is_there), RULES)
    found = judged(planted, cycles, edges, RULES)
    assert (found["planted_findable"], found["planted_found"]) == (5, 3)
    ranking = found["ranking"]
    assert (ranking["planted"], ranking["not_in_list"], ranking["others"]) == (3, 1, 0)
    two = found["kinds"]["two_firms"]
    assert two == {"planted": 3, "findable": 3, "found": 1, "found_otherwise": 0}
    evenly = found["kinds"]["firms_drawn_evenly"]
    assert evenly == {"planted": 6, "findable": 5, "found": 3, "found_otherwise": 1}
    by_kind = ranking["by_kind"]
    assert (by_kind["two_firms"]["planted"], by_kind["two_firms"]["not_in_list"]) == (2, 1)
    assert by_kind["split_over_trucks"]["planted"] == 1
    assert by_kind["firms_drawn_evenly"]["planted"] == 3
    assert "all_firms_busy" not in by_kind


def elsewhere(planted: Planted) -> Planted:
    """The same papers, told to be of pairs that close no loop."""
    nodes = planted.nodes.copy()
    nodes[:, 1] = (nodes[:, 0] + 3) % 6
    return replace(planted, nodes=nodes)


def test_a_set_that_no_round_tells_is_in_no_list() -> None:
    pooled = replace(RULES, pool_length=7 * DAY_S)
    rows = [
        [(0, 0.0, 10.0, 3), (1, 30.0, 40.0, 3)],
        [(0, 1.0, 10.0, 4), (1, 31.0, 10.0, 4)],
        [(0, 2.0, 10.0, 5), (1, 700.0, 10.0, 5)],
    ]
    planted = papers(rows, [(0, 1), (2, 3), (4, 5)])
    edges = with_manifests(planted.edges)
    cycles = find_cycles(edges, pooled)
    assert node_sets(cycles.nodes)[:, :2].tolist() == [[0, 1], [2, 3], [4, 5]]
    assert told(cycles).nodes[:, :2].tolist() == [[2, 3], [4, 5]]
    assert told(cycles).round_set.tolist() == [0, 1]
    wide = replace(pooled, window=90 * DAY_S)
    nobody = elsewhere(planted)
    found = judged(nobody, find_cycles(edges, wide), edges, wide)
    assert (found["chance_told"], found["chance_told_within_30_days"]) == (2, 2)
    late = [[(0, 2.0, 10.0, 5), (1, 800.0, 10.0, 5)]]
    planted = papers(late, [(4, 5)])
    edges = with_manifests(planted.edges)
    nobody = elsewhere(planted)
    found = judged(nobody, find_cycles(edges, wide), edges, wide)
    assert (found["chance_told"], found["chance_told_within_30_days"]) == (1, 0)
