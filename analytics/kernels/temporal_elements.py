"""From transfer edges to what the loop search walks on: elements and their members.

An element is one edge, or the bundle of all edges of one pair, code and day whose quantities are
known: a lot split over trucks. Elements are ordered by start, bundles before single edges, so
that their index is the order in which loops are told, whatever the order of the input.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from analytics.kernels.temporal_rules import UNKNOWN, UNKNOWN_WASTE, CycleRules
from analytics.kernels.temporal_trim import NO_BAND, Keys, bands_of, trim

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

MOST_SPANS = 1 << 30
NO_TIME = np.int64(np.iinfo(np.int64).min)


@dataclass(frozen=True, slots=True)
class TimedEdges:
    """Edges as parallel arrays of one length.

    ``source``, ``target``: node numbers from 0 below 2**31. ``time``: any unit, ``NO_TIME`` where
    missing. ``tonnes``: NaN where unknown. ``code``: below 2**31, UNKNOWN (-1), or UNKNOWN_WASTE
    (-2). ``edge_id``
    breaks ties, so the result does not depend on the order of the input; each stands for one
    edge. Any integer type, any type of float: narrow ones save memory. ``is_marked``: edges of
    which a loop needs at least one where the rules ask for it.
    """

    source: NDArray[np.integer]
    target: NDArray[np.integer]
    time: NDArray[np.integer]
    tonnes: NDArray[np.floating]
    code: NDArray[np.integer]
    edge_id: NDArray[np.integer]
    is_marked: NDArray[np.bool_] | None = None

    def take(self, chosen: NDArray[np.integer] | NDArray[np.bool_] | slice) -> "TimedEdges":
        """The edges at the chosen positions."""
        return TimedEdges(
            self.source[chosen],
            self.target[chosen],
            self.time[chosen],
            self.tonnes[chosen],
            self.code[chosen],
            self.edge_id[chosen],
            None if self.is_marked is None else self.is_marked[chosen],
        )


class Elements(NamedTuple):
    """Elements as parallel arrays of length m; ``tonnes`` NaN and ``code`` -1 are unknown.

    ``start`` and ``end`` are the times of the first and last member, equal for a single edge.
    ``is_marked``: whether any member is.
    """

    source: Ints
    target: Ints
    start: Ints
    end: Ints
    tonnes: Floats
    code: Ints
    is_marked: NDArray[np.bool_]

    def take(self, chosen: Ints | slice) -> "Elements":
        """The elements at the chosen places."""
        return Elements(
            self.source[chosen],
            self.target[chosen],
            self.start[chosen],
            self.end[chosen],
            self.tonnes[chosen],
            self.code[chosen],
            self.is_marked[chosen],
        )


@dataclass(frozen=True, slots=True)
class ElementTable:
    """Elements of the edges that may lie on a loop, in order of start.

    ``member[member_from[e]:member_from[e + 1]]`` are positions of the input's edges.
    """

    elements: Elements
    member_from: Ints
    member: Ints


def within(length: Ints) -> Ints:
    """0..k-1 for each k of ``length``, one after the other."""
    ends = np.cumsum(length)
    return np.arange(ends[-1] if len(ends) else 0, dtype=np.int64) - np.repeat(
        ends - length, length
    )


def _day(time: NDArray[np.integer], rules: CycleRules) -> Ints:
    """First time of each edge's day, the same for all that can be in one bundle."""
    times = time.astype(np.int64, copy=False)
    if not rules.bundle_length:
        return times
    days = (times + rules.bundle_offset) // rules.bundle_length
    return days * rules.bundle_length - rules.bundle_offset


@njit(cache=True)
def _spans(
    time: NDArray[np.integer], window: int, bundle_length: int, bundle_offset: int
) -> NDArray[np.int32]:
    """Numbers of stretches of time of which a loop touches at most two neighbouring ones.

    Whole days where edges are bundled, so that all that can be in one bundle share a number.
    """
    spans = np.empty(time.size, np.int32)
    day = max(bundle_length, 1)
    length = window // day + 2
    first = np.int64(0)
    for e in range(time.size):
        block = np.int64((time[e] + bundle_offset) // day)
        if e == 0 or block < first:
            first = block
    for e in range(time.size):
        block = np.int64((time[e] + bundle_offset) // day)
        spans[e] = (block - first) // length
    return spans


def _spans_of(time: NDArray[np.integer], rules: CycleRules) -> NDArray[np.int32]:
    if time.size and (int(time.max()) - int(time.min())) // (rules.window + 1) >= MOST_SPANS:
        return _close_spans(_day(time, rules) // (rules.window + rules.bundle_length + 1))
    found: NDArray[np.int32] = _spans(time, rules.window, rules.bundle_length, rules.bundle_offset)
    return found


def _close_spans(spans: Ints) -> NDArray[np.int32]:
    """Numbers of spans too far apart for narrow ones: neighbours stay neighbours, others do not."""
    used, which = np.unique(spans, return_inverse=True)
    steps = np.minimum(np.diff(used, prepend=used[:1]), 2)
    return np.cumsum(steps)[which].astype(np.int32)


def _may_end(time: NDArray[np.integer], ends_from: int | None) -> NDArray[np.bool_]:
    return np.empty(0, np.bool_) if ends_from is None else time >= ends_from


def with_marked_code(
    code: NDArray[np.integer], is_marked: NDArray[np.bool_], goods_from: int
) -> NDArray[np.bool_] | None:
    """Of each edge, whether its code may be one of a marked edge.

    None where an edge of wholly unknown code is marked, which goes with all codes.
    """
    marked = code[is_marked]
    if (marked == UNKNOWN).any():
        return None
    found = np.zeros(max(int(code.max(initial=-1)), 0) + 2, np.bool_)
    found[marked[marked >= 0]] = True
    if (marked == UNKNOWN_WASTE).any():
        found[: min(goods_from, len(found))] = True
    # The last entry stands for unknown codes.
    found[-1] = True
    has_mark: NDArray[np.bool_] = found[np.maximum(code, UNKNOWN)]
    return has_mark


def _neighbour_codes(
    code: NDArray[np.integer], is_marked: NDArray[np.bool_] | None, rules: CycleRules
) -> NDArray[np.int32] | None:
    """Codes that a neighbour must share, -1 where any will do; None where all will.

    With one change and a mark on the way, two codes without marks never follow each other.
    """
    codes: NDArray[np.int32] = code.astype(np.int32, copy=False)
    if rules.has_codes and rules.most_changes == 0:
        return np.maximum(codes, np.int32(UNKNOWN))
    if not rules.has_codes or rules.most_changes != 1 or not rules.needs_mark or is_marked is None:
        return None
    has_mark = with_marked_code(code, is_marked, rules.goods_from)
    if has_mark is None:
        return None
    return np.where(has_mark, np.int32(UNKNOWN), codes)


def _of_marked_codes(edges: TimedEdges, rules: CycleRules) -> NDArray[np.intp] | None:
    """Positions of edges that may be on a loop with a mark by their code; None: all may."""
    if not (rules.has_codes and rules.most_changes == 0 and rules.needs_mark):
        return None
    if edges.is_marked is None:
        return None
    has_mark = with_marked_code(edges.code, edges.is_marked, rules.goods_from)
    if has_mark is None or has_mark.all():
        return None
    return np.flatnonzero(has_mark)


def _loose(edges: TimedEdges, rules: CycleRules, ends_from: int | None) -> NDArray[np.int32]:
    """Positions of edges that have an edge before and after them, whatever the quantities.

    All edges of a day's bundle share their key and so their fate: a bundle is never torn.
    """
    codes = _neighbour_codes(edges.code, edges.is_marked, rules)
    keys = Keys(
        edges.source.astype(np.int32, copy=False),
        edges.target.astype(np.int32, copy=False),
        edges.code.astype(np.int32, copy=False) if codes is None else codes,
        np.empty(0, np.int64),
        _spans_of(edges.time, rules),
        _may_end(edges.time, ends_from),
    )
    return trim(keys, rules.kernel(), has_bands=False, has_codes=codes is not None)


def _bundles(edges: TimedEdges, rules: CycleRules) -> tuple[Ints, Ints]:
    """Positions sorted by pair, code and day, and where the bundles begin and end (n, 2)."""
    day = _day(edges.time, rules)
    repeated = _repeated(edges, day)
    order = repeated[
        np.lexsort(
            (
                edges.edge_id[repeated],
                edges.time[repeated],
                day[repeated],
                edges.code[repeated],
                edges.target[repeated],
                edges.source[repeated],
            )
        )
    ].astype(np.int64)
    changed = np.zeros(len(order), bool)
    changed[:1] = True
    for column in (edges.source, edges.target, edges.code, day):
        changed[1:] |= column[order[1:]] != column[order[:-1]]
    begins = np.flatnonzero(changed)
    ends = np.append(begins[1:], len(order))
    is_known = (
        ~np.isnan(np.add.reduceat(edges.tonnes[order], begins)) if len(begins) else begins > 0
    )
    keep = (ends - begins >= 2) & is_known
    return order, np.stack([begins[keep], ends[keep]], axis=1).astype(np.int64)


def _repeated(edges: TimedEdges, day: Ints) -> Ints:
    """Positions whose pair, code and day come more than once, up to a few by collision."""
    key = edges.source.astype(np.uint64)
    for column in (edges.target, edges.code, day):
        key = key * np.uint64(0x9E3779B97F4A7C15) + column.astype(np.int64).astype(np.uint64)
        key ^= key >> np.uint64(29)
    order = np.argsort(key)
    same = key[order[1:]] == key[order[:-1]]
    is_repeated = np.zeros(len(key), bool)
    is_repeated[order[1:][same]] = True
    is_repeated[order[:-1][same]] = True
    return np.flatnonzero(is_repeated).astype(np.int64)


def _with_bundles(edges: TimedEdges, rules: CycleRules) -> tuple[Elements, Ints, Ints, Ints]:
    """Single edges and bundles; sizes, members and smallest edge numbers of each."""
    n = len(edges.source)
    order, spans = np.empty(0, np.int64), np.empty((0, 2), np.int64)
    if rules.bundle_length and n:
        order, spans = _bundles(edges, rules)
    length = spans[:, 1] - spans[:, 0]
    inside = order[np.repeat(spans[:, 0], length) + within(length)]
    begin = np.cumsum(length) - length
    tonnes = edges.tonnes.astype(np.float64, copy=False)
    sums, smallest = tonnes[:0], edges.edge_id[:0]
    if len(spans):
        sums = np.add.reduceat(tonnes[inside], begin)
        smallest = np.minimum.reduceat(edges.edge_id[inside], begin)
    head, last = order[spans[:, 0]], order[spans[:, 1] - 1]
    time = edges.time.astype(np.int64, copy=False)
    elements = Elements(
        np.concatenate([edges.source, edges.source[head]]).astype(np.int64),
        np.concatenate([edges.target, edges.target[head]]).astype(np.int64),
        np.concatenate([time, time[head]]),
        np.concatenate([time, time[last]]),
        np.concatenate([tonnes, sums]),
        np.concatenate([edges.code, edges.code[head]]).astype(np.int64),
        _marks(edges, inside, begin),
    )
    sizes = np.concatenate([np.ones(n, np.int64), length])
    members = np.concatenate([np.arange(n, dtype=np.int64), inside])
    return elements, sizes, members, np.concatenate([edges.edge_id, smallest]).astype(np.int64)


def _marks(edges: TimedEdges, inside: Ints, begin: Ints) -> NDArray[np.bool_]:
    """Marks of single edges, then of the bundles whose members ``inside`` begin at ``begin``."""
    if edges.is_marked is None:
        return np.ones(len(edges.source) + len(begin), np.bool_)
    if not len(begin):
        return edges.is_marked
    return np.concatenate([edges.is_marked, np.logical_or.reduceat(edges.is_marked[inside], begin)])


def _tight(elements: Elements, rules: CycleRules, ends_from: int | None) -> NDArray[np.int32]:
    """Positions of elements that have a fitting one before and after them."""
    kernel = rules.kernel()
    has_bands = rules.has_flow
    codes = _neighbour_codes(elements.code, elements.is_marked, rules)
    keys = Keys(
        elements.source.astype(np.int32),
        elements.target.astype(np.int32),
        elements.code.astype(np.int32) if codes is None else codes,
        bands_of(elements.tonnes, kernel) if has_bands else np.full(0, NO_BAND),
        _spans_of(elements.start, rules),
        _may_end(elements.end, ends_from),
    )
    return trim(keys, kernel, has_bands=has_bands, has_codes=codes is not None)


def loose_edges(
    edges: TimedEdges, rules: CycleRules, ends_from: int | None = None
) -> NDArray[np.int32]:
    """Positions, in order, of usable edges that may lie on a loop, whatever the quantities.

    Raises
    ------
    ValueError
        When the rules ask for marks and the edges have none.
    """
    if rules.needs_mark and edges.is_marked is None:
        raise ValueError("rules ask for a marked edge, but is_marked is not given: give it")
    chosen = _of_marked_codes(edges, rules)
    if chosen is None:
        return _loose(edges, rules, ends_from)
    return chosen[_loose(edges.take(chosen), rules, ends_from)].astype(np.int32)


def build_elements(
    edges: TimedEdges, rules: CycleRules, ends_from: int | None = None
) -> ElementTable:
    """Elements of usable edges, without those that can lie on no loop.

    Parameters
    ----------
    edges
        Without self-loops, missing times or void quantities.
    ends_from
        When given, only loops that end at it or later are asked for; the first time of a day.
    """
    left = loose_edges(edges, rules, ends_from)
    chosen = edges.take(left)
    elements, sizes, members, ids = _with_bundles(chosen, rules)
    rank = _tight(elements, rules, ends_from).astype(np.int64)
    is_single = rank < len(left)
    rank = rank[np.lexsort((ids[rank], elements.end[rank], is_single, elements.start[rank]))]
    begin = np.cumsum(sizes) - sizes
    length = sizes[rank]
    return ElementTable(
        elements.take(rank),
        np.concatenate([np.zeros(1, np.int64), np.cumsum(length)]),
        left[members[np.repeat(begin[rank], length) + within(length)]].astype(np.int64),
    )
