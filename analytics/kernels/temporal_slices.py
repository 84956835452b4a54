"""Loops by the time at which they end: slices that can be searched apart and added up.

A loop belongs to the slice in which its last element ends. A slice needs the edges of its own
span and of one window before it, and nothing else: a year is the sum of its days, a late
correction is a few slices made anew, and slices run on any machine.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numba import njit
from numpy.typing import NDArray

from analytics.kernels.temporal_elements import (
    NO_TIME,
    ElementTable,
    Ints,
    TimedEdges,
    build_elements,
)
from analytics.kernels.temporal_found import empty_found
from analytics.kernels.temporal_labels import empty_labels, layout_of
from analytics.kernels.temporal_rules import CycleLimits, CycleRules
from analytics.kernels.temporal_search import search_homes
from analytics.kernels.temporal_segment import build_segment
from analytics.kernels.temporal_walks import Span, empty_stack

# A count of walks is exact up to here; beyond, it stands for at least so many.
MOST_WALKS = float(1 << 62)
SEGMENT_ELEMENTS = 3_000_000


@dataclass(frozen=True, slots=True)
class CycleSlice:
    """Node sets with loops that end in ``[ends_from, ends_before)``, sorted by node set.

    Set i has the nodes ``nodes[i]`` (sorted, -1 behind; shape (sets, hop limit)), ``walks[i]``
    closed walks, the first started at ``first[i]``, the last ended at ``last[i]``. ``refused``:
    walks of sets that found no room; ``cut``: nodes whose search was ended before its time.
    ``steps``: elements looked at.
    """

    ends_from: int
    ends_before: int
    nodes: Ints
    walks: Ints
    first: Ints
    last: Ints
    refused: int
    cut: Ints
    steps: int


@dataclass(frozen=True, slots=True)
class Usable:
    """Edges that can take part, where they stand in the input, and how many cannot.

    ``position`` is None when all can. ``refused``: edges from a node to itself, without a time,
    and with a quantity that is zero, negative or infinite; counted in this order.
    """

    edges: TimedEdges
    position: Ints | None
    refused: tuple[int, int, int]

    def in_input(self, place: Ints) -> Ints:
        """Positions in the input of edges at these places."""
        return place if self.position is None else self.position[place]

    def take(self, chosen: Ints) -> "Usable":
        """Some of the edges."""
        return Usable(self.edges.take(chosen), self.in_input(chosen), self.refused)


@njit(cache=True)
def _refusals(
    source: NDArray[np.integer],
    target: NDArray[np.integer],
    time: NDArray[np.integer],
    tonnes: NDArray[np.floating],
    no_time: int,
) -> NDArray[np.int8]:
    """0 for each usable edge, else 1 to 3 in the order of ``Usable.refused``."""
    found = np.zeros(source.size, np.int8)
    for e in range(source.size):
        if source[e] == target[e]:
            found[e] = 1
        elif time[e] == no_time:
            found[e] = 2
        elif tonnes[e] <= 0 or np.isinf(tonnes[e]):
            found[e] = 3
    return found


def usable(edges: TimedEdges) -> Usable:
    """Set aside what cannot take part; nothing is copied when all can."""
    why = _refusals(edges.source, edges.target, edges.time, edges.tonnes, int(NO_TIME))
    if not why.any():
        return Usable(edges, None, (0, 0, 0))
    refused = (int((why == 1).sum()), int((why == 2).sum()), int((why == 3).sum()))
    position = np.flatnonzero(why == 0).astype(np.int64)
    return Usable(edges.take(position), position, refused)


def spans_of(
    start: int, end: int, rules: CycleRules, limits: CycleLimits, elements: int = 0
) -> list[tuple[int, int]]:
    """Spans of loop ends from the day of ``start`` on to the day of ``end``, whole days.

    As long as a window, or a half or a quarter of one where ``elements`` in all would make a
    segment of more than SEGMENT_ELEMENTS.
    """
    day = rules.day
    share = elements / max(end - start, 1) * rules.window / SEGMENT_ELEMENTS
    parts = 1 if share <= 1 / 2 else 2 if share <= 0.9 else 4
    days = limits.segment_days or max(rules.window // day // parts, 1)
    first, last = (
        (instant + rules.bundle_offset) // day * day - rules.bundle_offset
        for instant in (start, end)
    )
    # The last span ends with the last day, so that the next day needs no span anew.
    bounds = [*range(first, last + day, days * day), last + day]
    return list(pairwise(bounds))


def busy_spans(spans: Sequence[tuple[int, int]], ends: Ints) -> list[tuple[int, int]]:
    """The spans in which something ends: a wrong year must not make thousands of empty slices.

    Parameters
    ----------
    ends
        Times at which edges or elements end, in any order.
    """
    if not spans:
        return []
    bounds = np.array([since for since, _ in spans] + [spans[-1][1]], np.int64)
    count = np.histogram(ends, bounds)[0] if len(ends) else np.zeros(len(spans), np.int64)
    # The last bin of a histogram is closed on both sides; nothing ends at its upper bound.
    return [span for span, number in zip(spans, count.tolist(), strict=True) if number]


def search_slice(
    table: ElementTable, rules: CycleRules, limits: CycleLimits, steps: int, span: tuple[int, int]
) -> CycleSlice:
    """Search the loops that end in a span; ``steps`` elements may be looked at.

    Memory: about 400 bytes per element of the span and one window before it.
    """
    start = table.elements.start
    chosen = slice(
        int(np.searchsorted(start, span[0] - rules.window, "left")),
        int(np.searchsorted(start, span[1], "left")),
    )
    elements = table.elements.take(chosen)
    place = np.arange(chosen.start, max(chosen.stop, chosen.start), dtype=np.int64)
    kernel = rules.kernel()
    segment = build_segment(elements, place, kernel)
    count, layout = len(segment.ids), layout_of(kernel)
    found = empty_found(limits.node_sets, rules.hop_limit, count, limits.sets_per_node)
    was_cut = np.zeros(count, np.bool_)
    used = search_homes(
        segment.homes,
        rules.hop_limit,
        steps,
        limits.dear_steps,
        limits.first_window,
        Span(span[0] - segment.since, span[1] - segment.since, segment.since),
        kernel,
        segment.coming,
        segment.going,
        segment.place,
        segment.ids,
        empty_labels(len(segment.place), layout),
        layout,
        empty_stack(),
        found,
        was_cut,
    )
    rows = int(found.tally[0])
    order = np.lexsort(found.nodes[:rows].T[::-1]) if rows else np.empty(0, np.int64)
    return CycleSlice(
        *span,
        nodes=np.ascontiguousarray(found.nodes[:rows][order]),
        walks=_whole(found.walks[:rows][order]),
        first=found.facts[:rows, 0][order],
        last=found.facts[:rows, 1][order],
        refused=int(min(found.tally[1], MOST_WALKS)),
        cut=np.unique(segment.ids[was_cut]),
        steps=int(used),
    )


def _whole(walks: NDArray[np.float64]) -> Ints:
    return np.minimum(walks, MOST_WALKS).astype(np.int64)


def cycles_ending(
    edges: TimedEdges,
    rules: CycleRules,
    limits: CycleLimits,
    ends_from: int,
    ends_before: int,
) -> CycleSlice:
    """Loops that end in a span, from edges that may reach further on both sides.

    Parameters
    ----------
    edges
        At least the edges from the first time of the day of ``ends_from - window`` until
        ``ends_before``.
    ends_from, ends_before
        First times of days where edges are bundled, so that no bundle is torn.

    Raises
    ------
    ValueError
        When the span tears a day.
    """
    for bound in (ends_from, ends_before):
        if rules.bundle_length and (bound + rules.bundle_offset) % rules.bundle_length:
            raise ValueError(f"span of ends {ends_from}..{ends_before}: give first times of days")
    time = edges.time.astype(np.int64, copy=False)
    since = ends_from - rules.window - rules.bundle_length
    near = usable(edges.take(np.flatnonzero((time >= since) & (time < ends_before)))).edges
    table = build_elements(near, rules, ends_from)
    return search_slice(table, rules, limits, limits.steps, (ends_from, ends_before))


def sum_slices(slices: Sequence[CycleSlice], hop_limit: int) -> CycleSlice:
    """The slices as one, whatever their order; spans must not overlap."""
    nodes = np.concatenate([np.empty((0, hop_limit), np.int64), *(one.nodes for one in slices)])
    order = np.lexsort(nodes.T[::-1])
    nodes = nodes[order]
    is_new = np.ones(len(nodes), bool)
    is_new[1:] = (nodes[1:] != nodes[:-1]).any(axis=1)
    begins = np.flatnonzero(is_new)

    def joined(name: str) -> Ints:
        parts = [np.asarray(getattr(one, name), np.int64) for one in slices]
        return np.concatenate([np.empty(0, np.int64), *parts])[order]

    walks = joined("walks").astype(np.float64)
    empty = not len(begins)
    return CycleSlice(
        min((one.ends_from for one in slices), default=0),
        max((one.ends_before for one in slices), default=0),
        nodes=np.ascontiguousarray(nodes[begins]),
        walks=_whole(walks if empty else np.add.reduceat(walks, begins)),
        first=joined("first") if empty else np.minimum.reduceat(joined("first"), begins),
        last=joined("last") if empty else np.maximum.reduceat(joined("last"), begins),
        refused=sum(one.refused for one in slices),
        cut=np.unique(np.concatenate([np.empty(0, np.int64), *(one.cut for one in slices)])),
        steps=sum(one.steps for one in slices),
    )


def bounded(total: CycleSlice, node_sets: int) -> CycleSlice:
    """At most so many node sets; those of nodes that are in the most sets go first.

    Chance closes loops through hubs; a set whose nodes are in few other sets says more.
    """
    if len(total.nodes) <= node_sets:
        return total
    is_node = total.nodes >= 0
    _, number, sets_of = np.unique(total.nodes[is_node], return_inverse=True, return_counts=True)
    busiest = np.zeros(total.nodes.shape, np.int64)
    busiest[is_node] = sets_of[number]
    kept = np.sort(np.argsort(busiest.max(axis=1), kind="stable")[:node_sets])
    left_out = int(total.walks.astype(np.float64).sum() - total.walks[kept].sum())
    return replace(
        total,
        nodes=total.nodes[kept],
        walks=total.walks[kept],
        first=total.first[kept],
        last=total.last[kept],
        refused=total.refused + left_out,
    )
