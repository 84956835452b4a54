"""From transfer edges to what the loop search walks on: elements, their members, their indexes.

An element is one edge, or the bundle of all edges of one pair, code and day whose quantities are
known: a lot split over trucks. Elements are ordered by start, bundles before single edges, so
that their index is the order in which loops are told, whatever the order of the input.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

NO_TIME = np.int64(np.iinfo(np.int64).min)
UNKNOWN_BAND = np.int64(-(1 << 40))
PEEL_ROUNDS = 30


class Elements(NamedTuple):
    """Elements as parallel arrays of length m; ``tonnes`` NaN and ``code`` -1 are unknown.

    ``start`` and ``end`` are the times of the first and last member, equal for a single edge.
    """

    source: Ints
    target: Ints
    start: Ints
    end: Ints
    tonnes: Floats
    code: Ints


class Adjacency(NamedTuple):
    """Elements at each node, split by band of the quantity's logarithm, each band by start.

    Node x owns the segments ``node[x]:node[x + 1]``; segment s holds elements of ``band[s]`` at
    ``order[begin[s]:begin[s + 1]]``. The band of unknown quantities comes first.
    """

    order: Ints
    node: Ints
    band: Ints
    begin: Ints


@dataclass(frozen=True, slots=True)
class ElementTable:
    """Elements over dense node numbers, with the way back to nodes and edges of the input.

    ``member[member_from[e]:member_from[e + 1]]`` are positions of the input's edges.
    ``single_of`` and ``bundle_of`` give the elements of an input edge, -1 where it has none.
    """

    elements: Elements
    node_ids: Ints
    member_from: Ints
    member: Ints
    single_of: Ints
    bundle_of: Ints


def _bundles(
    source: Ints, target: Ints, time: Ints, tonnes: Floats, code: Ints, block: Ints
) -> tuple[Ints, Ints]:
    """Positions sorted by pair, code and block, and where the bundles begin and end (n, 2)."""
    order = np.lexsort((time, block, code, target, source)).astype(np.int64)
    changed = np.zeros(len(order), bool)
    changed[:1] = True
    for column in (source, target, code, block):
        changed[1:] |= column[order[1:]] != column[order[:-1]]
    begins = np.flatnonzero(changed)
    ends = np.append(begins[1:], len(order))
    is_known = ~np.isnan(np.add.reduceat(tonnes[order], begins)) if len(begins) else begins > 0
    keep = (ends - begins >= 2) & is_known
    return order, np.stack([begins[keep], ends[keep]], axis=1).astype(np.int64)


def build_elements(
    source: Ints,
    target: Ints,
    time: Ints,
    tonnes: Floats,
    code: Ints,
    edge_id: Ints,
    bundle_length: int,
    bundle_offset: int,
) -> ElementTable:
    """Elements of edges that are already cleaned, without those that can lie on no loop.

    Parameters
    ----------
    source, target, time, tonnes, code, edge_id
        Shape (n,). ``edge_id`` only breaks ties of order.
    bundle_length, bundle_offset
        Length of a day in units of ``time`` (0: no bundles) and what is added to a time before
        it is cut into days.
    """
    n = len(source)
    order, spans = np.empty(0, np.int64), np.empty((0, 2), np.int64)
    if bundle_length > 0 and n:
        block = (time + bundle_offset) // bundle_length
        order, spans = _bundles(source, target, time, tonnes, code, block)
    length = spans[:, 1] - spans[:, 0]
    head = order[spans[:, 0]]
    total = np.concatenate([np.zeros(1), np.cumsum(tonnes[order])]) if len(spans) else np.zeros(1)
    if len(spans):
        flat = np.repeat(spans[:, 0], length) + _within(length)
        inside = order[flat]
        begin = np.cumsum(length) - length
        sums = np.add.reduceat(tonnes[inside], begin)
        smallest = np.minimum.reduceat(edge_id[inside], begin)
    else:
        inside, sums, smallest = np.empty(0, np.int64), total[:0], np.empty(0, np.int64)
    last = order[spans[:, 1] - 1]
    elements = Elements(
        np.concatenate([source, source[head]]),
        np.concatenate([target, target[head]]),
        np.concatenate([time, time[head]]),
        np.concatenate([time, time[last]]),
        np.concatenate([tonnes, sums]),
        np.concatenate([code, code[head]]),
    )
    sizes = np.concatenate([np.ones(n, np.int64), length])
    members = np.concatenate([np.arange(n, dtype=np.int64), inside])
    ids = np.concatenate([edge_id, smallest])
    is_single = np.arange(len(sizes)) < n
    rank = np.lexsort((ids, elements.end, is_single, elements.start))
    rank = rank[_peeled(elements.source[rank], elements.target[rank])]
    return _table(elements, sizes, members, rank, n)


def _within(length: Ints) -> Ints:
    """0..k-1 for each k of ``length``, one after the other."""
    ends = np.cumsum(length)
    return np.arange(ends[-1] if len(ends) else 0, dtype=np.int64) - np.repeat(
        ends - length, length
    )


def _peeled(source: Ints, target: Ints) -> Ints:
    """Positions left after taking off, again and again, what has no way in or no way on."""
    left = np.arange(len(source))
    if not len(left):
        return left
    count = int(max(source.max(), target.max())) + 1
    for _ in range(PEEL_ROUNDS):
        has_in, has_out = np.zeros(count, bool), np.zeros(count, bool)
        has_in[target[left]] = True
        has_out[source[left]] = True
        keep = has_in[source[left]] & has_out[target[left]]
        if keep.all():
            break
        left = left[keep]
    return left


def _table(elements: Elements, sizes: Ints, members: Ints, rank: Ints, n: int) -> ElementTable:
    begin = np.cumsum(sizes) - sizes
    length = sizes[rank]
    member = members[np.repeat(begin[rank], length) + _within(length)]
    member_from = np.concatenate([np.zeros(1, np.int64), np.cumsum(length)])
    owner = np.repeat(np.arange(len(rank)), length)
    is_alone = np.repeat(rank < n, length)
    single_of, bundle_of = np.full(n, -1, np.int64), np.full(n, -1, np.int64)
    single_of[member[is_alone]] = owner[is_alone]
    bundle_of[member[~is_alone]] = owner[~is_alone]
    ends = np.concatenate([elements.source[rank], elements.target[rank]])
    node_ids, dense = np.unique(ends, return_inverse=True)
    dense = dense.astype(np.int64)
    return ElementTable(
        Elements(
            np.ascontiguousarray(dense[: len(rank)]),
            np.ascontiguousarray(dense[len(rank) :]),
            elements.start[rank],
            elements.end[rank],
            elements.tonnes[rank],
            elements.code[rank],
        ),
        node_ids.astype(np.int64),
        member_from,
        member,
        single_of,
        bundle_of,
    )


def build_adjacency(node: Ints, tonnes: Floats, node_count: int, band_width: float) -> Adjacency:
    """Index elements, which come in order of start, by ``node`` and band of quantity."""
    band = np.full(len(node), UNKNOWN_BAND, np.int64)
    known = ~np.isnan(tonnes)
    band[known] = np.floor(np.log(tonnes[known]) / band_width).astype(np.int64)
    order = np.lexsort((band, node)).astype(np.int64)
    changed = np.ones(len(order), bool)
    changed[1:] = (node[order[1:]] != node[order[:-1]]) | (band[order[1:]] != band[order[:-1]])
    begins = np.flatnonzero(changed).astype(np.int64)
    owners = node[order[begins]]
    return Adjacency(
        order,
        np.searchsorted(owners, np.arange(node_count + 1)).astype(np.int64),
        band[order[begins]],
        np.append(begins, len(order)).astype(np.int64),
    )
