"""One segment of the search: the elements that loops ending in a span of time can use.

Segments are pure functions of a slice of elements; nodes get numbers of their own, and both ways
of walking are laid out so that neighbours lie side by side in memory.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from analytics.kernels.temporal_elements import Elements, Floats, Ints, with_marked_code
from analytics.kernels.temporal_rules import Rules
from analytics.kernels.temporal_trim import NO_BAND, bands_of

Narrow = NDArray[np.int32]
LONGEST_SEGMENT = 1 << 29


class Side(NamedTuple):
    """Elements at each node on one side, by code, then band of quantity, each band by start.

    Node x owns the groups ``node[x]:node[x + 1]``, one for each code (``group_code``; one in all
    where codes do not matter); ``can_mark``: whether elements of its code may be marked, or need
    not. Group g owns the bands ``group[g]:group[g + 1]``; band s is number
    ``band[s]`` and holds the places ``begin[s]:begin[s + 1]``. The unknown come first.
    ``element`` is the number of the element at each place, ``near`` the node itself, ``other`` the
    node at the far end; ``start`` and ``end`` count from the segment's first time.
    """

    node: Ints
    group_code: Ints
    can_mark: NDArray[np.bool_]
    group: Ints
    band: Ints
    begin: Ints
    element: Narrow
    near: Narrow
    other: Narrow
    start: Narrow
    end: Narrow
    tonnes: Floats
    code: Narrow
    is_marked: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Segment:
    """A slice of elements over nodes 0..n-1, ``ids`` their numbers outside.

    ``coming``: elements by target, in whose order they are numbered; ``going``: by source.
    ``place`` is the place of each element among all, which tells apart rotations of a loop at one
    instant. ``since`` is the time from which theirs counts. ``homes``: nodes through which a loop
    can go, those with the fewest pairs of a coming and a going element first.
    """

    ids: Ints
    coming: Side
    going: Side
    place: Ints
    since: int
    homes: Ints


def _begins(*columns: Ints) -> Ints:
    """Where a value of any column differs from the one before it."""
    changed = np.ones(len(columns[0]), bool)
    changed[1:] = False
    for column in columns:
        changed[1:] |= column[1:] != column[:-1]
    return np.flatnonzero(changed).astype(np.int64)


def _side(
    node: Ints, other: Ints, elements: Elements, count: int, rules: Rules, band: Ints,
    element: Ints | None,
) -> tuple[Side, Ints]:  # fmt: skip
    # Elements come in order of start, which a stable sort keeps.
    code = elements.code if rules.has_codes else np.full(len(node), -1, np.int64)
    is_known = band != NO_BAND
    low = int(band[is_known].min(initial=0))
    place = np.where(is_known, band - low + 1, 0)
    width = int(place.max(initial=0)) + 1
    codes, number = np.unique(code, return_inverse=True)
    has_mark = _codes_with_mark(elements, rules)
    order = np.argsort((node * len(codes) + number) * width + place, kind="stable")
    bands, owners, codes_of = band[order], node[order], code[order]
    begins = _begins(owners, codes_of, bands)
    groups = _begins(owners[begins], codes_of[begins])
    side = Side(
        np.searchsorted(owners[begins[groups]], np.arange(count + 1)).astype(np.int64),
        codes_of[begins[groups]],
        has_mark[order[begins[groups]]],
        np.append(groups, len(begins)).astype(np.int64),
        bands[begins],
        np.append(begins, len(order)).astype(np.int64),
        (np.arange(len(order)) if element is None else element[order]).astype(np.int32),
        owners.astype(np.int32),
        other[order].astype(np.int32),
        elements.start[order].astype(np.int32),
        elements.end[order].astype(np.int32),
        elements.tonnes[order],
        elements.code[order].astype(np.int32),
        elements.is_marked[order],
    )
    return side, order.astype(np.int64)


def _codes_with_mark(elements: Elements, rules: Rules) -> NDArray[np.bool_]:
    """Of each element, whether one of its code may be marked; all where no mark is needed."""
    found = None
    if rules.needs_mark and rules.has_codes:
        found = with_marked_code(elements.code, elements.is_marked, rules.goods_from)
    return np.ones(len(elements.code), np.bool_) if found is None else found


def _numbered(numbers: Ints) -> tuple[Ints, Ints]:
    """The distinct numbers in order, and the place of each among them.

    ``np.unique`` sorts all; numbers that lie close are marked in a table instead.
    """
    size = int(numbers.max(initial=-1)) + 1
    if size > 4 * len(numbers):
        ids, place = np.unique(numbers, return_inverse=True)
        return ids, place.astype(np.int64)
    is_used = np.zeros(size, np.bool_)
    is_used[numbers] = True
    return np.flatnonzero(is_used).astype(np.int64), (np.cumsum(is_used) - 1)[numbers]


def _within_components(source: Ints, target: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """Places of elements whose ends reach each other, their nodes, and both ends by number.

    A loop lies within one strongly connected component.
    """
    ids, dense = _numbered(np.concatenate([source, target]))
    first, second = dense[: len(source)], dense[len(source) :]
    ways = csr_array((np.ones(len(first), np.int8), (first, second)), shape=(len(ids), len(ids)))
    _, component = connected_components(ways, directed=True, connection="strong")
    kept = np.flatnonzero(component[first] == component[second])
    used, numbers = _numbered(np.concatenate([first[kept], second[kept]]))
    return kept.astype(np.int64), ids[used], numbers[: len(kept)], numbers[len(kept) :]


def _homes(source: Ints, target: Ints, elements: Elements, count: int, rules: Rules) -> Ints:
    """Nodes that loops can come back to, the cheap ones first.

    With at most one change a loop has no more than two codes, one of them with a mark; so the
    first or the last element has a code of which some element is marked.
    """
    into, out = np.bincount(target, minlength=count), np.bincount(source, minlength=count)
    can_be = (into > 0) & (out > 0)
    if rules.needs_mark and rules.has_codes and rules.most_changes <= 1:
        has_mark = with_marked_code(elements.code, elements.is_marked, rules.goods_from)
        if has_mark is not None:
            strong = np.flatnonzero(has_mark)
            is_near = np.zeros(count, bool)
            is_near[source[strong]] = is_near[target[strong]] = True
            can_be &= is_near
    homes = np.flatnonzero(can_be)
    return homes[np.lexsort((homes, (into * out)[homes]))].astype(np.int64)


def build_segment(elements: Elements, place: Ints, rules: Rules) -> Segment:
    """Lay out a slice of elements, in order of start, for the search.

    Where all codes must be equal and are known, a node is an organisation with a code: walks of
    different codes never meet.

    Raises
    ------
    ValueError
        When the elements lie too far apart in time for narrow numbers.
    """
    source, target = elements.source, elements.target
    is_split = rules.has_codes and not rules.most_changes and bool((elements.code >= 0).all())
    stride = int(max(source.max(initial=0), target.max(initial=0))) + 1 if is_split else 0
    if is_split:
        source = source + elements.code * stride
        target = target + elements.code * stride
    kept, ids, source, target = _within_components(source, target)
    since = int(elements.start[kept].min(initial=np.iinfo(np.int64).max)) if len(kept) else 0
    elements, place = elements.take(kept), place[kept]
    if len(kept) and int(elements.end.max()) - since > LONGEST_SEGMENT:
        raise ValueError(
            f"a segment spans more than {LONGEST_SEGMENT} units of time: give times in a coarser"
            " unit, or fewer segment_days"
        )
    elements = elements._replace(start=elements.start - since, end=elements.end - since)
    band = (
        bands_of(elements.tonnes, rules)
        if rules.log_low or rules.log_high
        else np.full(len(source), NO_BAND)
    )
    count = len(ids)
    coming, order = _side(target, source, elements, count, rules, band, None)
    number = np.empty(len(order), np.int64)
    number[order] = np.arange(len(order))
    going, _ = _side(source, target, elements, count, rules, band, number)
    return Segment(
        (ids % stride if stride else ids).astype(np.int64),
        coming,
        going,
        place[order],
        since,
        _homes(source, target, elements, count, rules),
    )
