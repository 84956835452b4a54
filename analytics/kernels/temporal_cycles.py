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

The search runs by slices of the time at which loops end (:mod:`temporal_slices`): a day more is
:func:`advance_slices`, with the result of a full run.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analytics.kernels.temporal_elements import (
    ElementTable,
    Floats,
    Ints,
    TimedEdges,
    build_elements,
)
from analytics.kernels.temporal_rounds import rounds_of_sets
from analytics.kernels.temporal_rules import CycleLimits, CycleRules
from analytics.kernels.temporal_slices import (
    CycleSlice,
    Usable,
    bounded,
    busy_spans,
    cycles_ending,
    search_slice,
    spans_of,
    sum_slices,
    usable,
)

__all__ = [
    "Cut",
    "CycleLimits",
    "CycleRules",
    "CycleSlice",
    "Cycles",
    "TimedEdges",
    "advance_slices",
    "complete_cycles",
    "cycles_ending",
    "find_cycles",
    "find_slices",
]


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

    Time is bounded by ``limits.steps``, memory by about 100 bytes per edge and 400 per element of
    one segment and window.
    """
    limits = limits or CycleLimits()
    near = usable(edges)
    table = build_elements(near.edges, rules)
    return _completed(_search(table, rules, limits), table, near, rules, limits)


def find_slices(
    edges: TimedEdges, rules: CycleRules, limits: CycleLimits | None = None
) -> list[CycleSlice]:
    """The slices of all loops, as state for :func:`advance_slices`."""
    table = build_elements(usable(edges).edges, rules)
    return _search(table, rules, limits or CycleLimits())


def advance_slices(
    slices: Sequence[CycleSlice],
    edges: TimedEdges,
    rules: CycleRules,
    changed_from: int,
    limits: CycleLimits | None = None,
) -> list[CycleSlice]:
    """Slices after edges at ``changed_from`` or later came, changed or went.

    Slices that end before are kept; what follows is searched anew, day by day: for new edges of
    today one slice, for a late correction all days since.

    Parameters
    ----------
    slices
        Of the edges before the change, with the same rules.
    edges
        All edges as they are now, at least from one window and day before the first slice that
        is not kept.
    """
    limits = limits or CycleLimits()
    kept = [one for one in slices if one.ends_before <= changed_from]
    time = usable(edges).edges.time.astype(np.int64, copy=False)
    if not len(time):
        return kept
    since = max((one.ends_before for one in kept), default=int(time.min()))
    found = list(kept)
    spans = spans_of(since, int(time.max()), rules, CycleLimits(segment_days=1))
    for span in busy_spans(spans, time):
        found.append(cycles_ending(edges, rules, limits, *span))
    return found


def complete_cycles(
    slices: Sequence[CycleSlice],
    edges: TimedEdges,
    rules: CycleRules,
    limits: CycleLimits | None = None,
) -> Cycles:
    """Sum of slices with the rounds of each node set: what :func:`find_cycles` gives.

    Parameters
    ----------
    edges
        All edges that loops of the slices may use.
    """
    limits = limits or CycleLimits()
    total = sum_slices(slices, rules.hop_limit)
    near = usable(edges)
    nodes = np.unique(total.nodes[total.nodes >= 0])
    inside = np.isin(near.edges.source, nodes) & np.isin(near.edges.target, nodes)
    near = near.take(np.flatnonzero(inside))
    table = build_elements(near.edges, rules)
    return _completed(slices, table, near, rules, limits)


def _search(table: ElementTable, rules: CycleRules, limits: CycleLimits) -> list[CycleSlice]:
    """All slices; each may use its share of the steps that the ones before left."""
    if not len(table.elements.start):
        return []
    spans = busy_spans(
        spans_of(
            int(table.elements.start[0]),
            int(table.elements.end.max()),
            rules,
            limits,
            len(table.elements.start),
        ),
        table.elements.end,
    )
    slices: list[CycleSlice] = []
    left = limits.steps
    for number, span in enumerate(spans):
        slices.append(search_slice(table, rules, limits, left // (len(spans) - number), span))
        left = max(left - slices[-1].steps, 0)
    return slices


def _completed(
    slices: Sequence[CycleSlice],
    table: ElementTable,
    near: Usable,
    rules: CycleRules,
    limits: CycleLimits,
) -> Cycles:
    total = bounded(sum_slices(slices, rules.hop_limit), limits.node_sets)
    rounds = rounds_of_sets(
        total.nodes,
        np.stack([total.first, total.last], axis=1),
        table,
        rules.kernel(),
        rounds_per_set=limits.rounds_per_set,
        steps_per_set=limits.steps_per_set,
    )
    return Cycles(
        nodes=total.nodes,
        walks=total.walks,
        first=total.first,
        last=total.last,
        round_set=rounds.owner,
        round_hops=rounds.size,
        round_tonnes=rounds.tonnes,
        round_changes=rounds.changes,
        hop_from=rounds.bounds,
        hop_edge=near.in_input(rounds.edge),
        steps=total.steps,
        cut=Cut(*near.refused, total.cut, total.refused, np.flatnonzero(rounds.was_cut)),
    )
