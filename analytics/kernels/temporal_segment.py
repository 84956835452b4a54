"""One segment of the search: the elements that loops ending in a span of time can use.

Segments are pure functions of a slice of elements; nodes get numbers of their own, and both ways
of walking are laid out so that neighbours lie side by side in memory.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from analytics.kernels.temporal_elements import Elements, Floats, Ints
from analytics.kernels.temporal_rules import Rules
from analytics.kernels.temporal_trim import NO_BAND, bands_of


class Side(NamedTuple):
    """Elements at each node on one side, by band of quantity, each band by start.

    Node x owns the bands ``node[x]:node[x + 1]``; band s is number ``band[s]`` and holds the
    places ``begin[s]:begin[s + 1]``. The unknown quantities come first. ``other`` is the node at
    the far end, ``element`` the number of the element, ``near`` the node itself.
    """

    node: Ints
    band: Ints
    begin: Ints
    element: Ints
    near: Ints
    other: Ints
    start: Ints
    end: Ints
    tonnes: Floats
    code: Ints


@dataclass(frozen=True, slots=True)
class Segment:
    """A slice of elements over nodes 0..n-1, ``ids`` their numbers outside.

    ``coming``: elements by target, in whose order they are numbered; ``going``: by source.
    ``place`` is the place of each element among all, which tells apart rotations of a loop at one
    instant.
    """

    ids: Ints
    coming: Side
    going: Side
    place: Ints


def _side(
    node: Ints, other: Ints, elements: Elements, count: int, band: Ints, element: Ints | None
) -> tuple[Side, Ints]:
    # Elements come in order of start, which a stable sort keeps.
    low = int(band.min(initial=0))
    width = int(band.max(initial=0)) - low + 1
    order = np.argsort(node * width + (band - low), kind="stable").astype(np.int64)
    bands, owners = band[order], node[order]
    changed = np.ones(len(order), bool)
    changed[1:] = (owners[1:] != owners[:-1]) | (bands[1:] != bands[:-1])
    begins = np.flatnonzero(changed).astype(np.int64)
    side = Side(
        np.searchsorted(owners[begins], np.arange(count + 1)).astype(np.int64),
        bands[begins],
        np.append(begins, len(order)).astype(np.int64),
        np.arange(len(order)) if element is None else element[order],
        owners,
        other[order],
        elements.start[order],
        elements.end[order],
        elements.tonnes[order],
        elements.code[order],
    )
    return side, order


def _within_components(source: Ints, target: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """Places of elements whose ends reach each other, their nodes, and both ends by number.

    A loop lies within one strongly connected component.
    """
    ids, dense = np.unique(np.concatenate([source, target]), return_inverse=True)
    first, second = dense[: len(source)], dense[len(source) :]
    ways = csr_array((np.ones(len(first), np.int8), (first, second)), shape=(len(ids), len(ids)))
    _, component = connected_components(ways, directed=True, connection="strong")
    kept = np.flatnonzero(component[first] == component[second])
    used, numbers = np.unique(np.concatenate([first[kept], second[kept]]), return_inverse=True)
    return (
        kept.astype(np.int64),
        ids[used],
        numbers[: len(kept)].astype(np.int64),
        numbers[len(kept) :].astype(np.int64),
    )


def build_segment(elements: Elements, place: Ints, rules: Rules) -> Segment:
    """Lay out a slice of elements, in order of start, for the search.

    Where codes must be equal and all are known, a node is an organisation with a code: walks of
    different codes never meet.
    """
    source, target = elements.source, elements.target
    if rules.is_equal_code and (elements.code >= 0).all():
        stride = int(max(source.max(), target.max())) + 1 if len(source) else 1
        source = source + elements.code * stride
        target = target + elements.code * stride
    else:
        stride = 0
    kept, ids, source, target = _within_components(source, target)
    elements, place = elements.take(kept), place[kept]
    band = (
        bands_of(elements.tonnes, rules)
        if rules.log_low or rules.log_high
        else np.full(len(source), NO_BAND)
    )
    coming, order = _side(target, source, elements, len(ids), band, None)
    number = np.empty(len(order), np.int64)
    number[order] = np.arange(len(order))
    going, _ = _side(source, target, elements, len(ids), band, number)
    return Segment((ids % stride if stride else ids).astype(np.int64), coming, going, place[order])
