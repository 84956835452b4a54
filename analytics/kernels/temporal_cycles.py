"""Temporal loops: closed walks of timed edges that keep a flow, told by node set.

Definition. A loop is a closed walk v0 -> v1 -> ... -> v0 of 2 to ``hop_limit`` edges whose inner
nodes are distinct from each other and from v0. Times do not decrease; from the first to the last
edge at most ``window`` passes. At each inner node the quantity handed on keeps
``flow_low <= next / this <= flow_high`` where both are known. With ``code_rule`` "equal" all
known codes are one; with "any" changes are counted.

An edge of the walk may be a bundle: all edges of one pair and code on one day, taken together
with the sum of their tonnes, so that a lot split over trucks or merged again still closes. A
bundle follows an element when both its first and its last time do.

Edge cases. Edges from a node to itself, edges without a time and edges whose quantity is zero,
negative or infinite are refused and counted. Unknown quantities (NaN) and codes (-1) take part.
Equal times are allowed; a loop all of whose times are equal is one loop, not one per rotation.
Work, node sets and rounds are bounded; :class:`Cut` says what was left out.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from analytics.kernels.temporal_elements import (
    NO_TIME,
    ElementTable,
    Floats,
    Ints,
    build_adjacency,
    build_elements,
)
from analytics.kernels.temporal_rounds import Members, Rounds, build_pairs, disjoint_rounds
from analytics.kernels.temporal_search import Found, Rules, search_roots


@dataclass(frozen=True, slots=True)
class TimedEdges:
    """Edges as parallel arrays of one length.

    ``source``, ``target``: node numbers from 0. ``time``: any unit, ``NO_TIME`` where missing.
    ``tonnes``: NaN where unknown. ``code``: -1 where unknown. ``edge_id`` breaks ties, so the
    result does not depend on the order of the input.
    """

    source: Ints
    target: Ints
    time: Ints
    tonnes: Floats
    code: Ints
    edge_id: Ints


@dataclass(frozen=True, slots=True)
class CycleRules:
    """What makes a walk a loop; times in the unit of the edges' times.

    ``bundle_length`` is the length of a day (0: no bundles), ``bundle_offset`` is added to a
    time before it is cut into days.
    """

    window: int
    hop_limit: int = 8
    flow_low: float = 0.7
    flow_high: float = 1.05
    code_rule: Literal["any", "equal"] = "any"
    bundle_length: int = 0
    bundle_offset: int = 0

    def __post_init__(self) -> None:
        if not 2 <= self.hop_limit <= 8:
            raise ValueError(f"hop_limit {self.hop_limit}: a loop has 2 to 8 edges")
        if not 0 < self.flow_low <= self.flow_high < float("inf"):
            raise ValueError(f"flow band {self.flow_low}..{self.flow_high}: give 0 < low <= high")
        if self.window < 0 or self.bundle_length < 0:
            raise ValueError("window and bundle_length: give 0 or more units of time")


@dataclass(frozen=True, slots=True)
class CycleLimits:
    """Bounds of work and output.

    ``steps`` elements looked at in the search (each element may be looked at once more), and
    again in counting rounds; ``node_sets`` kept in all; a set is refused when each of its nodes
    is already in ``sets_per_node`` others.
    """

    steps: int = 400_000_000
    node_sets: int = 50_000
    sets_per_node: int = 500
    rounds_per_set: int = 64


@dataclass(frozen=True, slots=True)
class Cut:
    """What was refused or left out.

    ``roots``: nodes whose search was ended before its time. ``walks_of_refused_sets``: closed
    walks whose node set found no room. ``sets``: positions of sets whose rounds were not counted
    to the end.
    """

    self_loops: int
    without_time: int
    without_quantity: int
    roots: Ints
    walks_of_refused_sets: int
    sets: Ints

    @property
    def is_truncated(self) -> bool:
        """Whether loops may be missing from the result."""
        return bool(len(self.roots) or self.walks_of_refused_sets or len(self.sets))


@dataclass(frozen=True, slots=True)
class Cycles:
    """Loops by node set, sorted by node set.

    Set i has the nodes ``nodes[i]`` (sorted, -1 behind), ``walks[i]`` closed walks (exact unless
    a root was cut), the first at ``first[i]``, the last ended by ``last[i]``. Round r belongs to
    set ``round_set[r]``; its hop h, walked in order, consists of the edge positions
    ``hop_edge[hop_from[r, h]:hop_from[r, h + 1]]``; ``round_hops[r]`` is the number of hops.
    Rounds of one set share no edge and come in order of start. ``round_tonnes`` is the smallest
    known quantity on the way (NaN: none known), ``round_changes`` the changes of code.
    """

    nodes: Ints
    walks: Ints
    first: Ints
    last: Ints
    round_set: Ints
    round_hops: Ints
    round_tonnes: Floats
    round_changes: Ints
    hop_from: Ints
    hop_edge: Ints
    steps: int
    cut: Cut

    def hops(self, round_number: int) -> list[list[int]]:
        """Positions of the input edges of a round, hop by hop."""
        bounds = self.hop_from[round_number]
        return [
            self.hop_edge[bounds[h] : bounds[h + 1]].tolist()
            for h in range(int(self.round_hops[round_number]))
        ]


def find_cycles(edges: TimedEdges, rules: CycleRules, limits: CycleLimits | None = None) -> Cycles:
    """Find the node sets that close a loop, and the edge-disjoint rounds of each.

    Time is bounded by ``limits.steps``, memory by about 150 bytes per edge and element.
    """
    limits = limits or CycleLimits()
    is_self = edges.source == edges.target
    is_timeless = ~is_self & (edges.time == NO_TIME)
    is_void = ~is_self & ~is_timeless & ((edges.tonnes <= 0) | np.isinf(edges.tonnes))
    position = np.flatnonzero(~(is_self | is_timeless | is_void))
    table = build_elements(
        edges.source[position],
        edges.target[position],
        edges.time[position],
        edges.tonnes[position],
        edges.code[position],
        edges.edge_id[position],
        rules.bundle_length,
        rules.bundle_offset,
    )
    walked = _kernel_rules(rules)
    found, was_cut, steps = _search(table, rules, walked, limits)
    count = int(found.tally[0])
    nodes, facts = found.nodes[:count], found.facts[:count]
    by_node = np.lexsort(nodes.T[::-1]) if count else np.empty(0, np.int64)
    nodes, facts = np.ascontiguousarray(nodes[by_node]), facts[by_node]
    sets_cut = np.zeros(count, np.bool_)
    rounds = disjoint_rounds(
        nodes,
        len(table.node_ids),
        limits.rounds_per_set,
        limits.steps,
        walked,
        table.elements,
        build_pairs(table.elements, len(table.node_ids)),
        Members(table.member_from, table.member, table.single_of, table.bundle_of),
        sets_cut,
    )
    hop_from, hop_edge = _edges_of_hops(rounds, table, position)
    return Cycles(
        nodes=np.where(nodes < 0, -1, table.node_ids[nodes]) if count else nodes,
        walks=facts[:, 0],
        first=facts[:, 1],
        last=facts[:, 2],
        round_set=rounds.owner,
        round_hops=(rounds.hops >= 0).sum(axis=1).astype(np.int64),
        round_tonnes=rounds.tonnes,
        round_changes=rounds.changes,
        hop_from=hop_from,
        hop_edge=hop_edge,
        steps=steps,
        cut=Cut(
            int(is_self.sum()),
            int(is_timeless.sum()),
            int(is_void.sum()),
            table.node_ids[was_cut],
            int(found.tally[1]),
            np.flatnonzero(sets_cut).astype(np.int64),
        ),
    )


def _kernel_rules(rules: CycleRules) -> Rules:
    low, high = float(np.log(rules.flow_low)), float(np.log(rules.flow_high))
    return Rules(
        rules.window,
        rules.flow_low,
        rules.flow_high,
        low,
        high,
        max(high - low, 0.05),
        rules.code_rule == "equal",
    )


def _search(
    table: ElementTable, rules: CycleRules, walked: Rules, limits: CycleLimits
) -> tuple[Found, NDArray[np.bool_], int]:
    """Run the search over all roots, cheap ones first."""
    elements, count = table.elements, len(table.node_ids)
    size = 1 << int(2 * limits.node_sets).bit_length()
    found = Found(
        np.full(size, -1, np.int64),
        np.full((limits.node_sets, rules.hop_limit), -1, np.int64),
        np.zeros((limits.node_sets, 3), np.int64),
        np.zeros(count, np.int64),
        np.zeros(2, np.int64),
        limits.sets_per_node,
    )
    was_cut = np.zeros(count, np.bool_)
    leaving = np.bincount(elements.source, minlength=count)
    coming = np.bincount(elements.target, minlength=count)
    roots = np.flatnonzero((leaving > 0) & (coming > 0))
    roots = roots[np.lexsort((roots, (leaving * coming)[roots]))].astype(np.int64)
    steps = search_roots(
        roots,
        rules.hop_limit,
        limits.steps,
        walked,
        elements,
        build_adjacency(elements.source, elements.tonnes, count, walked.width),
        build_adjacency(elements.target, elements.tonnes, count, walked.width),
        found,
        was_cut,
    )
    return found, was_cut, int(steps)


def _edges_of_hops(rounds: Rounds, table: ElementTable, position: Ints) -> tuple[Ints, Ints]:
    """Input positions of the edges of each hop, and their bounds of shape (rounds, hops + 1)."""
    size = np.where(
        rounds.hops >= 0,
        table.member_from[rounds.hops + 1] - table.member_from[rounds.hops],
        0,
    )
    flat = size.ravel()
    ends = np.cumsum(flat)
    begin = np.repeat(table.member_from[np.maximum(rounds.hops, 0)].ravel(), flat)
    inside = np.arange(len(begin), dtype=np.int64) - np.repeat(ends - flat, flat)
    hop_edge = position[table.member[begin + inside]].astype(np.int64)
    bounds = np.zeros((len(size), size.shape[1] + 1), np.int64)
    bounds[:, 1:] = ends.reshape(size.shape)
    bounds[:, 0] = bounds[:, 1] - size[:, 0]
    return bounds, hop_edge
