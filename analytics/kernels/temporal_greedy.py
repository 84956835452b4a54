"""Greedy choice of edge-disjoint rounds, compiled: the search behind :mod:`temporal_rounds`.

Each node set for itself. Walks of little cost come first over all roots, so that no lot is taken
for a dear walk that belongs to a plain one: step by step more changes of code and pooled
hand-overs are allowed, at each step roots in order of start, for each the walk of least cost round
all nodes; its edges are taken out of the game before the next root.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from analytics.kernels.temporal_elements import Elements, Floats, Ints
from analytics.kernels.temporal_flows import Pools
from analytics.kernels.temporal_rules import (
    SLACK,
    CycleRules,
    Rules,
    carried_code,
    flow_holds,
    is_change,
    ratio_holds,
)

# One change of code weighs more than all hand-overs of a walk that are pooled.
CHANGE = 16
FAR = 1 << 30
EARLIEST = np.int64(np.iinfo(np.int64).min)


class Pairs(NamedTuple):
    """Elements by ordered pair of nodes, each pair by start.

    ``key`` is source * node_count + target, sorted; ``begin`` delimits its elements in ``order``.
    """

    order: Ints
    key: Ints
    begin: Ints


class Members(NamedTuple):
    """Elements to edges and back, edges numbered anew from 0.

    ``single_of`` and ``bundle_of`` give the elements of an edge, -1 where it has none.
    """

    member_from: Ints
    member: Ints
    single_of: Ints
    bundle_of: Ints


class Rounds(NamedTuple):
    """Rounds found: ``owner`` set, ``hops`` elements in order (-1 behind), ``changes`` of code.

    ``tonnes`` is the smallest known quantity on the way round, NaN where none is known.
    """

    owner: Ints
    hops: Ints
    changes: Ints
    tonnes: Floats


def steps_of_cost(rules: CycleRules) -> Ints:
    """Highest cost of a walk at each step of the choice.

    Nothing changed or pooled; then pooled; then one change of code, in the same two steps; then
    all that the rules allow.
    """
    most = rules.most_changes if rules.has_codes else None
    pooled = (0, CHANGE - 1) if rules.pool_length else (0,)
    steps = [
        changes * CHANGE + more
        for changes in range(2 if most is None else min(most, 1) + 1)
        for more in pooled
    ]
    if most is None or most > 1:
        steps.append(FAR)
    return np.array(steps, np.int64)


@njit(cache=True)
def _first_from(start: Ints, order: Ints, low: int, high: int, value: int) -> int:
    """First position in ``order[low:high]``, sorted by start, whose start is ``value`` or later."""
    while low < high:
        middle = (low + high) >> 1
        if start[order[middle]] < value:
            low = middle + 1
        else:
            high = middle
    return low


@njit(cache=True)
def _block(e: int, is_blocked: NDArray[np.bool_], members: Members) -> None:
    """Take an element and all that shares an edge with it out of the game."""
    is_blocked[e] = True
    for i in range(members.member_from[e], members.member_from[e + 1]):
        for owner in (members.single_of[members.member[i]], members.bundle_of[members.member[i]]):
            if owner >= 0:
                is_blocked[owner] = True


@njit(cache=True)
def _span(a: int, b: int, node_count: int, pairs: Pairs) -> tuple[np.int64, np.int64]:
    """Where the elements from a to b stand in ``pairs.order``."""
    key = a * node_count + b
    at = np.searchsorted(pairs.key, key)
    if at == pairs.key.shape[0] or pairs.key[at] != key:
        return np.int64(0), np.int64(0)
    return pairs.begin[at], pairs.begin[at + 1]


@njit(cache=True)
def _best_round(
    root: int,
    nodes: Ints,
    spans: Ints,
    most_cost: int,
    budget: int,
    rules: Rules,
    elements: Elements,
    pools: Pools,
    order: Ints,
    is_blocked: NDArray[np.bool_],
    best: Ints,
    used: Ints,
    scratch: Ints,
    weight: Floats,
) -> np.int64:
    """Best walk round all ``nodes`` from element ``root``, into ``best``; its cost.

    CHANGE for each change of code and 1 for each pooled hand-over, at most ``most_cost``; -1 when
    there is none. ``spans[i, j]`` delimits the elements from node i to node j.
    """
    size = nodes.shape[0]
    # Out of the tuple before the loops: each access inside would count a reference.
    source, target, start, end, tonnes, codes, is_marked = elements
    is_put_together, is_shared_out = pools
    deadline = start[root] + rules.window
    home, at = -1, -1
    for i in range(size):
        if nodes[i] == source[root]:
            home = i
        if nodes[i] == target[root]:
            at = i
    path, where, onward = scratch[0], scratch[1], scratch[2]
    place, carried, costs, marks = scratch[3], scratch[4], scratch[5], scratch[6]
    least_cost, best_end, best_weight = np.int64(most_cost + 1), EARLIEST, 0.0
    path[0], where[0], carried[0], costs[0] = root, at, codes[root], 0
    marks[0] = is_marked[root]
    weight[0] = tonnes[root]
    onward[1], place[1] = 0, -1
    depth = 1 if end[root] <= deadline else 0
    while depth > 0:
        e, x = path[depth - 1], where[depth - 1]
        is_closing = depth == size - 1
        j, p = onward[depth], place[depth]
        is_deeper = False
        while j < size and not is_deeper:
            is_open = j == home if is_closing else j != home
            for i in range(depth):
                is_open = is_open and where[i] != j
            if not is_open:
                j, p = j + 1, np.int64(-1)
                continue
            stop = spans[x, j, 1]
            if p < 0:
                p = _first_from(start, order, spans[x, j, 0], stop, start[e])
            while p < stop and start[order[p]] <= deadline:
                f = order[p]
                p += 1
                used[0] += 1
                if used[0] > budget:
                    return least_cost if least_cost <= most_cost else np.int64(-1)
                if (
                    is_blocked[f]
                    or end[f] < end[e]
                    or end[f] > deadline
                    or not flow_holds(
                        tonnes[e], tonnes[f], codes[e], codes[f], start[f] - end[e], rules
                    )
                ):
                    continue
                code = carried_code(carried[depth - 1], codes[f], rules.goods_from)
                turn = costs[depth - 1]
                has_mark = marks[depth - 1] | is_marked[f]
                if is_change(carried[depth - 1], codes[f], rules.goods_from):
                    turn += CHANGE
                    if rules.has_codes and turn // CHANGE > rules.most_changes:
                        continue
                if is_closing and rules.needs_mark and not has_mark:
                    continue
                if not ratio_holds(tonnes[e], tonnes[f], rules.low, rules.high):
                    is_larger = tonnes[f] > rules.high * tonnes[e] * (1 + SLACK)
                    if not (is_put_together[f] if is_larger else is_shared_out[e]):
                        continue
                    turn += 1
                if turn > least_cost or (turn == least_cost and end[f] > best_end):
                    continue
                least = np.fmin(weight[depth - 1], tonnes[f])
                path[depth], where[depth] = f, j
                carried[depth], costs[depth], weight[depth] = code, turn, least
                marks[depth] = has_mark
                if is_closing:
                    gain = 0.0 if np.isnan(least) else least
                    if turn < least_cost or end[f] < best_end or gain > best_weight:
                        least_cost, best_end, best_weight = turn, end[f], gain
                        best[:size] = path[:size]
                    continue
                onward[depth], place[depth] = j, p
                depth += 1
                onward[depth], place[depth] = 0, -1
                is_deeper = True
                break
            if not is_deeper:
                j, p = j + 1, np.int64(-1)
        if not is_deeper:
            depth -= 1
    return least_cost if least_cost <= most_cost else np.int64(-1)


@njit(cache=True, nogil=True)
def disjoint_rounds(
    sets: Ints,
    when: Ints,
    node_count: int,
    costs: Ints,
    most_rounds: Ints,
    share: int,
    rules: Rules,
    elements: Elements,
    pools: Pools,
    pairs: Pairs,
    members: Members,
    was_cut: NDArray[np.bool_],
) -> Rounds:
    """Rounds of each node set that share no edge.

    Parameters
    ----------
    sets
        Shape (sets, hop limit), sorted nodes, -1 behind; ``when`` the span of each set's loops.
    costs
        Of :func:`steps_of_cost`.
    most_rounds
        Of one set, and those that one set may have where all together have more than the third.
    share
        Elements that may be looked at for one set.
    was_cut
        Shape (sets,), set where ``share`` or ``most_rounds`` ended the count.
    """
    width = sets.shape[1]
    room = 1024
    owner, changes = np.empty(room, np.int64), np.empty(room, np.int64)
    hops, tonnes = np.full((room, width), -1, np.int64), np.empty(room, np.float64)
    count = 0
    is_blocked = np.zeros(elements.source.shape[0], np.bool_)
    scratch, weight = np.empty((7, width + 1), np.int64), np.empty(width + 1)
    used, best = np.zeros(1, np.int64), np.empty(width, np.int64)
    for k in range(sets.shape[0]):
        size = np.int64(0)
        while size < width and sets[k, size] >= 0:
            size += 1
        nodes = sets[k, :size]
        used[0] = 0
        spans = np.zeros((size, size, 2), np.int64)
        total = 0
        for i in range(size):
            for j in range(size):
                if i != j:
                    low, high = _span(nodes[i], nodes[j], node_count, pairs)
                    low = _first_from(elements.start, pairs.order, low, high, when[k, 0])
                    high = _first_from(elements.start, pairs.order, low, high, when[k, 1] + 1)
                    spans[i, j, 0], spans[i, j, 1] = low, high
                    total += spans[i, j, 1] - spans[i, j, 0]
        roots = np.empty(total, np.int64)
        total = 0
        for i in range(size):
            for j in range(size):
                for p in range(spans[i, j, 0], spans[i, j, 1]):
                    roots[total] = pairs.order[p]
                    total += 1
        roots.sort()
        begin = count
        room = most_rounds[0] if count < most_rounds[2] else most_rounds[1]
        for most_cost in costs:
            for root in roots:
                if is_blocked[root]:
                    continue
                if count - begin == room or used[0] > share:
                    was_cut[k] = True
                    break
                turn = _best_round(
                    root, nodes, spans, most_cost, share, rules, elements, pools, pairs.order,
                    is_blocked, best, used, scratch, weight,
                )  # fmt: skip
                if turn < 0:
                    continue
                if count == owner.shape[0]:
                    owner = np.append(owner, np.empty(count, np.int64))
                    changes = np.append(changes, np.empty(count, np.int64))
                    tonnes = np.append(tonnes, np.empty(count, np.float64))
                    wider = np.full((2 * count, width), -1, np.int64)
                    wider[:count] = hops
                    hops = wider
                owner[count], changes[count] = k, turn // CHANGE
                hops[count, :size] = best[:size]
                least = np.nan
                for i in range(size):
                    least = np.fmin(least, elements.tonnes[best[i]])
                    _block(best[i], is_blocked, members)
                tonnes[count] = least
                count += 1
            if was_cut[k]:
                break
        if costs.shape[0] > 1 and count - begin > 1:
            by_start = begin + np.argsort(hops[begin:count, 0], kind="mergesort")
            changes[begin:count] = changes[by_start]
            tonnes[begin:count] = tonnes[by_start]
            hops[begin:count] = hops[by_start]
        for i in range(begin, count):
            for h in range(size):
                e = hops[i, h]
                for q in range(members.member_from[e], members.member_from[e + 1]):
                    for other in (
                        members.single_of[members.member[q]],
                        members.bundle_of[members.member[q]],
                    ):
                        if other >= 0:
                            is_blocked[other] = False
    return Rounds(owner[:count], hops[:count], changes[:count], tonnes[:count])
