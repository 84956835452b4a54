"""Search for the node sets that close a temporal cycle: backward labels meet forward paths.

For a root node, every element that can still come home within a few hops is labelled with its
earliest homecoming; a depth-first search over the elements that leave the root then enters only
what is labelled. Work is counted in elements looked at; a root that uses up its share is cut.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from analytics.kernels.temporal_elements import UNKNOWN_BAND, Adjacency, Elements, Ints

SLACK = 1e-9
FAR = np.int64(1 << 62)
SHORT_HOPS = 4
LABEL_HOPS = 4


class Rules(NamedTuple):
    """What a walk must keep; ``log_low``, ``log_high`` and ``width`` place quantities in bands."""

    window: int
    low: float
    high: float
    log_low: float
    log_high: float
    width: float
    is_equal_code: bool


class Labels(NamedTuple):
    """Scratch of the backward pass.

    ``home[e, h]``: earliest end of a closing element that e reaches with at most h + 1 elements,
    itself included; it counts where ``stamp[e]`` is the current mark. ``used[0]``: elements
    looked at for this root.
    """

    home: Ints
    stamp: Ints
    queued: Ints
    queue: Ints
    used: Ints


class Found(NamedTuple):
    """Node sets found: hash ``table`` of rows into ``nodes`` (sorted, -1 behind) and ``facts``.

    ``facts`` columns: closed walks, first start, last end. ``tally``: sets kept, walks of sets
    that were not kept. ``quota`` is the number of sets that a node may be in before a set of
    such nodes only is refused.
    """

    table: Ints
    nodes: Ints
    facts: Ints
    per_node: Ints
    tally: Ints
    quota: int


@njit(cache=True, inline="always")
def flow_holds(before: float, after: float, low: float, high: float) -> bool:
    """Whether the quantity handed on keeps the ratio; an unknown one never breaks it."""
    if np.isnan(before) or np.isnan(after):
        return True
    return low * before * (1 - SLACK) <= after <= high * before * (1 + SLACK)


@njit(cache=True, inline="always")
def codes_agree(before: int, after: int, is_equal_code: bool) -> bool:
    """Whether two codes may follow each other; -1 is unknown."""
    return not is_equal_code or before < 0 or after < 0 or before == after


@njit(cache=True)
def first_from(start: Ints, order: Ints, low: int, high: int, value: int) -> int:
    """First position in ``order[low:high]``, sorted by start, whose start is ``value`` or later."""
    while low < high:
        middle = (low + high) >> 1
        if start[order[middle]] < value:
            low = middle + 1
        else:
            high = middle
    return low


@njit(cache=True)
def _bands(tonnes: float, down: float, up: float, width: float) -> tuple[np.int64, np.int64]:
    """Lowest and highest band in which a neighbour of this quantity may lie."""
    if np.isnan(tonnes):
        return UNKNOWN_BAND, FAR
    here = np.log(tonnes)
    return (
        np.int64(np.floor((here + down) / width - 1e-6)),
        np.int64(np.floor((here + up) / width + 1e-6)),
    )


@njit(cache=True)
def _mixed(value: np.uint64) -> np.uint64:
    x = value + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


@njit(cache=True)
def _slot(nodes: Ints, size: int, found: Found) -> np.int64:
    """Slot of a sorted node set: its own, or the free one where it belongs."""
    key = np.uint64(size)
    for i in range(size):
        key = _mixed(key ^ np.uint64(nodes[i]))
    mask = np.uint64(found.table.shape[0] - 1)
    at = key & mask
    while found.table[at] >= 0:
        known = found.table[at]
        same = size == found.nodes.shape[1] or found.nodes[known, size] < 0
        for i in range(size):
            if found.nodes[known, i] != nodes[i]:
                same = False
                break
        if same:
            break
        at = (at + np.uint64(1)) & mask
    return np.int64(at)


@njit(cache=True)
def _record(nodes: Ints, size: int, first: int, last: int, found: Found) -> None:
    """Count a closed walk under its node set (``nodes[:size]`` is sorted here)."""
    for i in range(1, size):
        value = nodes[i]
        j = i - 1
        while j >= 0 and nodes[j] > value:
            nodes[j + 1] = nodes[j]
            j -= 1
        nodes[j + 1] = value
    at = _slot(nodes, size, found)
    known = found.table[at]
    if known < 0:
        is_crowded = True
        for i in range(size):
            if found.per_node[nodes[i]] < found.quota:
                is_crowded = False
        if is_crowded or found.tally[0] == found.nodes.shape[0]:
            found.tally[1] += 1
            return
        known = found.tally[0]
        found.tally[0] += 1
        found.table[at] = known
        for i in range(size):
            found.nodes[known, i] = nodes[i]
            found.per_node[nodes[i]] += 1
        found.facts[known, 1] = first
        found.facts[known, 2] = last
    found.facts[known, 0] += 1
    found.facts[known, 1] = min(found.facts[known, 1], first)
    found.facts[known, 2] = max(found.facts[known, 2], last)


@njit(cache=True)
def _label_home(
    root: int,
    hops: int,
    budget: int,
    rules: Rules,
    elements: Elements,
    incoming: Adjacency,
    labels: Labels,
    mark: int,
) -> int:
    """Label what comes home to ``root`` within ``hops``; hops for which labels are complete."""
    home, stamp, queued, queue, used = labels
    order, node, band, begin = incoming
    count = 0
    for s in range(node[root], node[root + 1]):
        for p in range(begin[s], begin[s + 1]):
            e = order[p]
            stamp[e] = mark
            home[e, :hops] = elements.end[e]
            queue[count] = e
            count += 1
    used[0] += count
    done, reached = 1, 0
    for level in range(1, hops):
        stop = count
        for i in range(reached, stop):
            e = queue[i]
            x = elements.source[e]
            arrival = home[e, level - 1]
            low, high = _bands(elements.tonnes[e], -rules.log_high, -rules.log_low, rules.width)
            for s in range(node[x], node[x + 1]):
                if band[s] > high:
                    break
                if band[s] < low and band[s] != UNKNOWN_BAND:
                    continue
                earliest = arrival - rules.window
                p = first_from(elements.start, order, begin[s], begin[s + 1], earliest)
                while p < begin[s + 1] and elements.start[order[p]] <= elements.start[e]:
                    f = order[p]
                    p += 1
                    used[0] += 1
                    if used[0] > budget or count == queue.shape[0]:
                        return done
                    if (
                        elements.source[f] == root
                        or elements.end[f] > elements.end[e]
                        or (stamp[f] == mark and home[f, level] <= arrival)
                        or not flow_holds(
                            elements.tonnes[f], elements.tonnes[e], rules.low, rules.high
                        )
                        or not codes_agree(elements.code[f], elements.code[e], rules.is_equal_code)
                    ):
                        continue
                    if stamp[f] != mark:
                        stamp[f] = mark
                        home[f, :hops] = FAR
                    for h in range(level, hops):
                        home[f, h] = min(home[f, h], arrival)
                    if queued[f] != mark * 16 + level:
                        queued[f] = mark * 16 + level
                        queue[count] = f
                        count += 1
        reached = stop
        done = level + 1
    return done


@njit(cache=True)
def _is_told_elsewhere(path: Ints, depth: int, last: int, rules: Rules, elements: Elements) -> bool:
    """Whether a closed walk at one instant is the same loop as one from a lower element."""
    first = path[0]
    if (
        elements.start[last] != elements.start[first]
        or elements.end[last] != elements.end[first]
        or not flow_holds(elements.tonnes[last], elements.tonnes[first], rules.low, rules.high)
    ):
        return False
    lowest = last
    for i in range(depth):
        lowest = min(lowest, path[i])
    return bool(lowest != first)


@njit(cache=True)
def _walk_from(
    root: int,
    shortest: int,
    longest: int,
    labelled: int,
    budget: int,
    rules: Rules,
    elements: Elements,
    outgoing: Adjacency,
    labels: Labels,
    mark: int,
    found: Found,
) -> bool:
    """Walk from every element that leaves ``root``; False when the budget ran out."""
    order, node, band, begin = outgoing
    used = labels.used
    path, seen = np.empty(longest + 1, np.int64), np.empty(longest + 1, np.int64)
    carried, nodes = np.empty(longest + 1, np.int64), np.empty(longest + 1, np.int64)
    segment, place = np.empty(longest + 1, np.int64), np.empty(longest + 1, np.int64)
    seen[0] = root
    for q in range(begin[node[root]], begin[node[root + 1]]):
        path[0] = order[q]
        carried[0] = elements.code[path[0]]
        deadline = elements.start[path[0]] + rules.window
        seen[1] = elements.target[path[0]]
        segment[1], place[1] = node[seen[1]], -1
        depth = 1 if elements.end[path[0]] <= deadline else 0
        while depth > 0:
            e, left = path[depth - 1], longest - depth
            low, high = _bands(elements.tonnes[e], rules.log_low, rules.log_high, rules.width)
            s, p = segment[depth], place[depth]
            stop = node[seen[depth] + 1]
            is_deeper = False
            while s < stop and band[s] <= high and not is_deeper:
                if band[s] < low and band[s] != UNKNOWN_BAND:
                    s += 1
                    continue
                if p < 0:
                    used[0] += 1
                    p = first_from(elements.start, order, begin[s], begin[s + 1], elements.start[e])
                while p < begin[s + 1] and elements.start[order[p]] <= deadline:
                    f = order[p]
                    p += 1
                    used[0] += 1
                    if used[0] > budget:
                        return False
                    w = elements.target[f]
                    if (
                        elements.end[f] < elements.end[e]
                        or elements.end[f] > deadline
                        or (w != root and left < 2)
                        or not codes_agree(
                            carried[depth - 1], elements.code[f], rules.is_equal_code
                        )
                        or not flow_holds(
                            elements.tonnes[e], elements.tonnes[f], rules.low, rules.high
                        )
                    ):
                        continue
                    if w == root:
                        if depth + 1 >= shortest and not _is_told_elsewhere(
                            path, depth, f, rules, elements
                        ):
                            nodes[: depth + 1] = seen[: depth + 1]
                            first = elements.start[path[0]]
                            _record(nodes, depth + 1, first, elements.end[f], found)
                        continue
                    if left <= labelled and (
                        labels.stamp[f] != mark or labels.home[f, left - 1] > deadline
                    ):
                        continue
                    is_seen = False
                    for i in range(1, depth + 1):
                        is_seen = is_seen or seen[i] == w
                    if is_seen:
                        continue
                    segment[depth], place[depth], path[depth] = s, p, f
                    carried[depth] = elements.code[f]
                    if carried[depth] < 0:
                        carried[depth] = carried[depth - 1]
                    depth += 1
                    seen[depth], segment[depth], place[depth] = w, node[w], -1
                    is_deeper = True
                    break
                if not is_deeper:
                    s, p = s + 1, np.int64(-1)
            if not is_deeper:
                depth -= 1
    return True


@njit(cache=True)
def search_roots(
    roots: Ints,
    hop_limit: int,
    steps: int,
    rules: Rules,
    elements: Elements,
    outgoing: Adjacency,
    incoming: Adjacency,
    found: Found,
    was_cut: NDArray[np.bool_],
) -> int:
    """Search all roots, short loops before long ones; elements looked at in all.

    A root may use its equal share of the steps that are left, so the cheap ones, which come
    first, leave theirs to the dear ones.
    """
    m = elements.source.shape[0]
    labels = Labels(
        np.empty((m, LABEL_HOPS), np.int64),
        np.zeros(m, np.int64),
        np.zeros(m, np.int64),
        np.empty(m * 2 + 16, np.int64),
        np.zeros(1, np.int64),
    )
    used = labels.used
    total, mark = 0, 0
    for i in range(roots.shape[0]):
        share = (steps - total) // (roots.shape[0] - i)
        for stage in range(1 if hop_limit <= SHORT_HOPS else 2):
            mark += 1
            shortest = 2 if stage == 0 else SHORT_HOPS + 1
            longest = min(hop_limit, SHORT_HOPS) if stage == 0 else hop_limit
            budget = share if longest == hop_limit else share // 2
            hops = min(longest - 1, LABEL_HOPS)
            half = used[0] + (budget - used[0]) // 2
            done = _label_home(roots[i], hops, half, rules, elements, incoming, labels, mark)
            if not _walk_from(
                roots[i], shortest, longest, done, budget, rules, elements, outgoing, labels,
                mark, found,
            ):  # fmt: skip
                was_cut[roots[i]] = True
        total += used[0]
        used[0] = 0
    return total
