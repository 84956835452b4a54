"""How many temporal cycles there are, by length: no flow, no codes, nothing stored.

Definition. A cycle is a closed walk of 2 to ``hop_limit`` edges over distinct nodes whose times do
not decrease (or strictly rise), the last at most ``window`` after the first. Parallel edges make
cycles of their own. With equal times allowed, a cycle all of whose times are equal is one cycle,
not one per rotation. Edges from a node to itself are on none.

For one home node, walks start at its edges in order of time. A node is labelled with the latest
departure that still comes home within h hops before the deadline; deadlines only grow, so labels
only rise and each edge is looked at once per level and home node, not once per walk. The search
follows only pairs of nodes that were seen on a way home, and carries the times of all parallel
edges at once with the number of walks they stand for.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from analytics.kernels.temporal_elements import NO_TIME
from analytics.kernels.temporal_labels import first_from
from analytics.kernels.temporal_rules import CycleRules
from analytics.kernels.temporal_trim import Keys, trim

Ints = NDArray[np.int64]
Narrow = NDArray[np.int32]

LEVELS = 64
NONE = np.int32(-1)


class Segment(NamedTuple):
    """Edges of one stretch of time over nodes 0..n-1, times from 0.

    ``in_*``: by target and time, with the pair of each; ``in_from`` bounds by node. ``out_*``: by
    source, target and time; ``edge`` is the place of each among all edges. ``pair_from`` bounds
    of each pair in ``out_*``. ``root_*``: edges by source and time.
    """

    in_from: Ints
    in_source: Narrow
    in_time: Narrow
    in_pair: Narrow
    pair_from: Ints
    pair_target: Narrow
    out_time: Narrow
    edge: Narrow
    root_from: Ints
    root_time: Narrow
    root_target: Narrow
    root_edge: Narrow


class Scratch(NamedTuple):
    """Labels of the home node at hand.

    ``latest[x, h]``: latest departure from x that is home within h hops, -1 for none.
    ``head[x, h]``: first pair from x whose far end is home within h hops, ``following`` the next
    one; ``level_of`` a pair tells which list it is in (the home node's number times LEVELS, less
    the level).
    """

    latest: Narrow
    head: Narrow
    following: Narrow
    level_of: Ints
    touched: Narrow
    stamp: Ints
    one: Narrow
    one_before: Narrow
    two: Narrow
    two_before: Narrow
    on_path: NDArray[np.bool_]
    time: Narrow
    walks: NDArray[np.float64]


def _scratch(nodes: int, pairs: int, hop_limit: int, most_parallel: int) -> Scratch:
    def ints(*shape: int) -> Narrow:
        return np.full(shape, -1, np.int32)

    room = (hop_limit + 2) * (most_parallel + 1)
    return Scratch(
        ints(nodes, hop_limit),
        ints(nodes, hop_limit),
        ints(pairs, hop_limit),
        np.full(pairs, -1, np.int64),
        ints(nodes),
        np.zeros(nodes, np.int64),
        ints(nodes),
        ints(nodes),
        ints(nodes),
        ints(nodes),
        np.zeros(nodes, np.bool_),
        ints(room),
        np.zeros(room),
    )


@njit(cache=True)
def _raise_labels(
    home: int, since: int, until: int, place: int, turn: int, marks: int, touched_count: int,
    hop_limit: int, gap: int, segment: Segment, scratch: Scratch,
) -> tuple[int, int, int]:  # fmt: skip
    """Let the deadline grow to ``until``; edges before ``since`` are of no use any more.

    ``place`` is the first edge into home not yet taken. The new place, marks, touched nodes.
    """
    in_from, in_source, in_time, in_pair = segment[:4]
    (
        latest, head, following, level_of, touched, stamp, one, one_before, two, two_before,
        _, _, _,
    ) = scratch  # fmt: skip
    stop = in_from[home + 1]
    if place < stop and in_time[place] < since:
        place = first_from(in_time, place, stop, since)
    marks += 1
    count = 0
    while place < stop and in_time[place] <= until:
        y, when, pair = in_source[place], in_time[place], in_pair[place]
        place += 1
        if latest[y, 1] >= when:
            continue
        if latest[y, hop_limit - 1] == NONE:
            touched[touched_count] = y
            touched_count += 1
        if stamp[y] != marks:
            stamp[y] = marks
            one[count], one_before[count] = y, latest[y, 1]
            count += 1
        head[y, 0] = pair
        for h in range(1, hop_limit):
            if latest[y, h] >= when:
                break
            latest[y, h] = when
    for h in range(1, hop_limit - 1):
        if count == 0:
            break
        marks += 1
        more = 0
        for i in range(count):
            y = one[i]
            high = latest[y, h] - gap
            low = np.int64(one_before[i])
            if h > 1:
                low = max(low, np.int64(latest[y, h - 1]))
            low = max(low - gap + 1, np.int64(since))
            p = first_from(in_time, in_from[y], in_from[y + 1], low)
            while p < in_from[y + 1] and in_time[p] <= high:
                w, when, pair = in_source[p], in_time[p], in_pair[p]
                p += 1
                if w == home:
                    continue
                level = turn * LEVELS + LEVELS - 1 - h
                if level_of[pair] < level:
                    level_of[pair] = level
                    following[pair, h] = head[w, h]
                    head[w, h] = pair
                if latest[w, h + 1] >= when:
                    continue
                if latest[w, hop_limit - 1] == NONE:
                    touched[touched_count] = w
                    touched_count += 1
                if stamp[w] != marks:
                    stamp[w] = marks
                    two[more], two_before[more] = w, latest[w, h + 1]
                    more += 1
                for k in range(h + 1, hop_limit):
                    if latest[w, k] >= when:
                        break
                    latest[w, k] = when
        for i in range(more):
            one[i], one_before[i] = two[i], two_before[i]
        count = more
    return place, marks, touched_count


@njit(cache=True)
def _walk(
    home: int, root: int, until: int, turn: int, hop_limit: int, gap: int, segment: Segment,
    scratch: Scratch, counts: NDArray[np.float64],
) -> None:  # fmt: skip
    """Count the cycles whose first edge is ``root``."""
    _, _, _, _, pair_from, pair_target, out_time, edge, _, root_time, root_target, root_edge = (
        segment
    )
    latest, head, following, level_of, _, _, _, _, _, _, on_path, time, walks = scratch
    began, first_edge, v = root_time[root], root_edge[root], root_target[root]
    node, place = np.empty(hop_limit + 1, np.int32), np.empty(hop_limit + 1, np.int32)
    level = np.empty(hop_limit + 1, np.int64)
    begin = np.empty(hop_limit + 2, np.int64)
    # Walks all of whose edges are at the first instant, and those of them from the lowest edge.
    even, lowest = np.empty(hop_limit + 1), np.empty(hop_limit + 1)
    time[0], walks[0] = began, 1.0
    begin[1], begin[2] = 0, 1
    even[1] = lowest[1] = 1.0
    node[1], place[1], level[1] = v, head[v, 0], 0
    on_path[home] = on_path[v] = True
    depth = 1
    while depth > 0:
        x, pair = node[depth], place[depth]
        left = hop_limit - depth
        if pair == NONE:
            level[depth] += 1
            if level[depth] > left - 1:
                on_path[x] = False
                depth -= 1
            else:
                place[depth] = head[x, level[depth]]
            continue
        is_home = level[depth] == 0
        place[depth] = NONE if is_home else following[pair, level[depth]]
        w = home if is_home else pair_target[pair]
        last = np.int64(until)
        if not is_home:
            if level_of[pair] != turn * LEVELS + LEVELS - 1 - level[depth] or on_path[w]:
                continue
            last = np.int64(latest[w, left - 1]) - gap
        low, high = begin[depth], begin[depth + 1]
        p = first_from(out_time, pair_from[pair], pair_from[pair + 1], time[low] + gap)
        top, i, sum_here, total, here_even, here_lowest = high, low, 0.0, 0.0, 0.0, 0.0
        while p < pair_from[pair + 1] and out_time[p] <= last:
            when = out_time[p]
            while i < high and time[i] <= when - gap:
                sum_here += walks[i]
                i += 1
            time[top], walks[top] = when, sum_here
            top += 1
            total += sum_here
            if gap == 0 and when == began:
                here_even += 1
                if edge[p] > first_edge:
                    here_lowest += 1
            p += 1
        if top == high:
            continue
        here_even, here_lowest = even[depth] * here_even, lowest[depth] * here_lowest
        if is_home:
            counts[depth + 1] += total - here_even + here_lowest
            continue
        depth += 1
        node[depth], place[depth], level[depth] = w, head[w, 0], 0
        even[depth], lowest[depth] = here_even, here_lowest
        begin[depth + 1] = top
        on_path[w] = True
    on_path[home] = False


@njit(cache=True)
def _count(
    began: int, ended: int, window: int, hop_limit: int, gap: int, segment: Segment,
    scratch: Scratch, counts: NDArray[np.float64],
) -> None:  # fmt: skip
    """Add the cycles whose first edge lies in ``[began, ended)``."""
    in_from, _, in_time, _ = segment[:4]
    root_from, root_time, root_target, _ = segment[8:]
    latest, head, touched = scratch[0], scratch[1], scratch[4]
    marks = 0
    for home in range(in_from.size - 1):
        low = first_from(root_time, root_from[home], root_from[home + 1], began)
        stop = in_from[home + 1]
        if (
            low == root_from[home + 1]
            or root_time[low] >= ended
            or in_from[home] == stop
            or in_time[stop - 1] < root_time[low] + gap
        ):
            continue
        place, count = in_from[home], 0
        for root in range(low, root_from[home + 1]):
            if root_time[root] >= ended:
                break
            since, until = root_time[root] + gap, root_time[root] + window
            place, marks, count = _raise_labels(
                home, since, until, place, home, marks, count, hop_limit, gap, segment, scratch
            )
            if latest[root_target[root], hop_limit - 1] >= since:
                _walk(home, root, until, home, hop_limit, gap, segment, scratch, counts)
        for i in range(count):
            latest[touched[i]] = NONE
            head[touched[i]] = NONE


def _laid_out(source: Ints, target: Ints, time: Ints, edge: Ints) -> tuple[Segment, int]:
    """Edges in order of time, side by side for both ways of walking; most parallel edges."""
    nodes, dense = np.unique(np.concatenate([source, target]), return_inverse=True)
    count, n = len(nodes), len(source)
    source, target = dense[:n].astype(np.int64), dense[n:].astype(np.int64)
    pair_key = source * count + target
    out = np.argsort(pair_key, kind="stable")
    keys, pair_from = np.unique(pair_key[out], return_index=True)
    pair_of = np.empty(n, np.int32)
    pair_of[out] = np.repeat(np.arange(len(keys), dtype=np.int32), np.diff([*pair_from, n]))
    into, root = np.argsort(target, kind="stable"), np.argsort(source, kind="stable")
    bounds = np.arange(count + 1)
    segment = Segment(
        np.searchsorted(target[into], bounds).astype(np.int64),
        source[into].astype(np.int32),
        time[into].astype(np.int32),
        pair_of[into],
        np.append(pair_from, n).astype(np.int64),
        (keys % count).astype(np.int32),
        time[out].astype(np.int32),
        edge[out].astype(np.int32),
        np.searchsorted(source[root], bounds).astype(np.int64),
        time[root].astype(np.int32),
        target[root].astype(np.int32),
        edge[root].astype(np.int32),
    )
    return segment, int(np.diff(segment.pair_from).max())


def _trimmed(source: Ints, target: Ints, time: Ints, window: int) -> NDArray[np.int32]:
    """Places of edges that have one before and one after them, in stretches of a window."""
    keys = Keys(
        source.astype(np.int32),
        target.astype(np.int32),
        np.zeros(len(source), np.int32),
        np.empty(0, np.int64),
        ((time - time[0]) // (window + 1)).astype(np.int32),
        np.empty(0, np.bool_),
    )
    return trim(keys, CycleRules(window).kernel(), has_bands=False, has_codes=False)


def count_cycles(
    source: NDArray[np.integer],
    target: NDArray[np.integer],
    time: NDArray[np.integer],
    node_count: int,
    window: int,
    hop_limit: int,
    is_rising: bool = False,
) -> Ints:
    """Temporal cycles by number of edges; entry i of the hop_limit + 1 counts those of i edges.

    Parameters
    ----------
    source, target
        Shape (n,), node numbers from 0 below ``node_count``.
    time
        Shape (n,), any unit; three windows must stay below 2**31 units.
    hop_limit
        2 or more edges, up to 60.
    is_rising
        Whether times must strictly rise; else equal times may follow each other.

    Raises
    ------
    ValueError
        For a hop limit or window out of range, or a node beyond ``node_count``.
    """
    if not 2 <= hop_limit <= LEVELS - 4 or not 0 <= window < 2**31 // 3:
        raise ValueError(f"hop_limit {hop_limit}, window {window}: give 2..60 and below 2**31 / 3")
    if len(source) and int(max(source.max(), target.max())) >= node_count:
        raise ValueError(f"node_count {node_count}: a node number is not below it")
    kept = np.flatnonzero((source != target) & (time != NO_TIME))
    kept = kept[np.argsort(time[kept], kind="stable")]
    ends = source[kept].astype(np.int64), target[kept].astype(np.int64)
    times = time[kept].astype(np.int64)
    counts = np.zeros(hop_limit + 1)
    if not len(times):
        return counts.astype(np.int64)
    left = _trimmed(*ends, times, window)
    ends, times = (ends[0][left], ends[1][left]), times[left]
    began = int(times[0]) if len(times) else 0
    while len(times) and began <= times[-1]:
        ended = began + max(window, 1)
        low = int(np.searchsorted(times, began))
        high = int(np.searchsorted(times, ended + window))
        if high - low >= 2:
            span = slice(low, high)
            segment, parallel = _laid_out(
                ends[0][span], ends[1][span], times[span] - began, np.arange(low, high)
            )
            scratch = _scratch(
                len(segment.in_from) - 1, len(segment.pair_target), hop_limit, parallel
            )
            _count(0, ended - began, window, hop_limit, int(is_rising), segment, scratch, counts)
        began = ended
    return counts.astype(np.int64)
