"""Temporal loops: closed walks of timed edges that keep a flow, told by node set.

Definition. A loop is a closed walk v0 -> v1 -> ... -> v0 of 2 to ``hop_limit`` edges whose inner
nodes are distinct from each other and from v0. Times do not decrease; from the first to the last
edge at most ``window`` passes. At each inner node the quantity handed on keeps
``flow_low <= next / this <= flow_high`` where both are known. From edge to edge the known code
changes at most ``most_changes`` times. With ``needs_mark`` at least one edge is marked.

An edge of the walk may be a bundle: all edges of one pair and code on one day, taken together
with the sum of their tonnes, so that a lot split over trucks or merged again still closes. A
bundle follows an element when both its first and its last time do.

Edge cases. Edges from a node to itself, edges without a time and edges whose quantity is zero,
negative or infinite are refused and counted. Unknown quantities (NaN) and codes (-1) take part.
Equal times are allowed; a loop all of whose times are equal is one loop, not one per rotation,
where it keeps the rules at the node where it begins and ends as well.
Work, node sets and rounds are bounded; :class:`Cut` says what was left out.

The search runs by slices of the time at which loops end (:mod:`temporal_slices`): a day more is
:func:`advance_slices`, with the result of a full run.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from analytics.kernels.temporal_elements import (
    Floats,
    Ints,
    TimedEdges,
    build_elements,
    loose_edges,
)
from analytics.kernels.temporal_flows import pools_of
from analytics.kernels.temporal_rounds import edges_within, rounds_of_sets
from analytics.kernels.temporal_rules import CycleLimits, CycleRules
from analytics.kernels.temporal_slices import (
    CycleSlice,
    Usable,
    bounded,
    busy_spans,
    cycles_ending,
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
    every = usable(edges)
    near = every.take(loose_edges(every.edges, rules).astype(np.int64))
    return _completed(_search(near.edges, rules, limits), near, every.edges, rules, limits)


def find_slices(
    edges: TimedEdges, rules: CycleRules, limits: CycleLimits | None = None
) -> list[CycleSlice]:
    """The slices of all loops, as state for :func:`advance_slices`."""
    near = usable(edges).edges
    near = near.take(loose_edges(near, rules))
    return _search(near, rules, limits or CycleLimits())


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
        All edges that loops of the slices may use, and all else that their nodes took in and gave
        out where lots are pooled.
    """
    every = usable(edges)
    return _completed(slices, every, every.edges, rules, limits or CycleLimits())


def _search(edges: TimedEdges, rules: CycleRules, limits: CycleLimits) -> list[CycleSlice]:
    """All slices; each may use its share of the steps that the ones before left."""
    count = len(edges.source)
    if not count:
        return []
    time = edges.time.astype(np.int64, copy=False)
    spans = busy_spans(spans_of(int(time.min()), int(time.max()), rules, limits, count), time)
    slices: list[CycleSlice] = []
    left = limits.steps
    for number, span in enumerate(spans):
        steps = left // (len(spans) - number)
        slices.append(cycles_ending(edges, rules, replace(limits, steps=steps), *span))
        left = max(left - slices[-1].steps, 0)
    return slices


def _completed(
    slices: Sequence[CycleSlice],
    near: Usable,
    every: TimedEdges,
    rules: CycleRules,
    limits: CycleLimits,
) -> Cycles:
    """Rounds are sought among the ``near`` edges; ``every`` one counts in what is pooled."""
    total = bounded(sum_slices(slices, rules.hop_limit), limits.node_sets)
    kept = near.take(edges_within(total.nodes, near.edges.source, near.edges.target))
    table = build_elements(kept.edges, rules)
    rounds = rounds_of_sets(
        total.nodes,
        np.stack([total.first, total.last], axis=1),
        table,
        pools_of(table.elements, every, rules),
        rules,
        limits,
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
        hop_edge=kept.in_input(rounds.edge),
        steps=total.steps,
        cut=Cut(*near.refused, total.cut, total.refused, np.flatnonzero(rounds.was_cut)),
    )
