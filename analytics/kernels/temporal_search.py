"""Search for the node sets that close a temporal cycle, from the last element backward.

Each home node is labelled first; then a depth-first search over nodes, from every element that
comes home, enters only what is labelled. All elements that can continue a walk to the same node
are taken together with the number of walks they stand for, so that parallel elements do not
multiply the work. Work is counted in elements looked at; a home node that uses up its share is
searched for shorter loops only, or cut.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from analytics.kernels.temporal_found import Found, record
from analytics.kernels.temporal_labels import (
    HOME,
    HOME_MARK,
    Labels,
    bands_before,
    first_from,
    label_ways_home,
)
from analytics.kernels.temporal_rules import LONGEST, Rules, codes_agree, flow_holds
from analytics.kernels.temporal_segment import Side
from analytics.kernels.temporal_trim import NO_BAND

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

# Loops up to so many hops are searched before longer ones where a home node has much to look at.
SHORT_HOPS = 4
MUCH = 20_000
STACK = 1 << 18
MARK_STEP = 64
SMALL = 24


class Stack(NamedTuple):
    """Elements that continue the walks at each depth, one behind the other.

    ``element``; ``code`` known last on the way; ``walks`` they stand for, those of them ``level``
    whose elements all have one start and one end, and those of these ``lowest`` whose last element
    has the lowest place.
    """

    element: Ints
    code: Ints
    walks: Floats
    level: Floats
    lowest: Floats


class Span(NamedTuple):
    """Loops asked for: those that end in ``[ends_from, ends_before)``."""

    ends_from: int
    ends_before: int


def empty_stack() -> Stack:
    """Scratch of one search."""
    return Stack(
        np.empty(STACK, np.int64),
        np.empty(STACK, np.int64),
        np.empty(STACK),
        np.empty(STACK),
        np.empty(STACK),
    )


@njit(cache=True, inline="always")
def _swap(stack: Stack, i: int, j: int) -> None:
    stack.element[i], stack.element[j] = stack.element[j], stack.element[i]
    stack.code[i], stack.code[j] = stack.code[j], stack.code[i]
    stack.walks[i], stack.walks[j] = stack.walks[j], stack.walks[i]
    stack.level[i], stack.level[j] = stack.level[j], stack.level[i]
    stack.lowest[i], stack.lowest[j] = stack.lowest[j], stack.lowest[i]


@njit(cache=True)
def _sort_by_node(stack: Stack, begin: int, end: int, coming: Side) -> None:
    """Order candidates by the node they come from, then by element."""
    if end - begin <= SMALL:
        for i in range(begin + 1, end):
            j = i
            while j > begin:
                one, other = stack.element[j - 1], stack.element[j]
                a, b = coming.other[one], coming.other[other]
                if a < b or (a == b and one <= other):
                    break
                _swap(stack, j - 1, j)
                j -= 1
        return
    key = np.empty(end - begin, np.int64)
    for i in range(begin, end):
        element = stack.element[i]
        key[i - begin] = coming.other[element] * coming.other.shape[0] + element
    order = np.argsort(key, kind="mergesort")
    for column in (stack.element, stack.code):
        column[begin:end] = column[begin:end][order]
    for weights in (stack.walks, stack.level, stack.lowest):
        weights[begin:end] = weights[begin:end][order]


@njit(cache=True)
def _merge(stack: Stack, begin: int, end: int) -> int:
    """Take candidates of one element and code together; the new end."""
    last = begin
    for i in range(begin + 1, end):
        if stack.element[i] == stack.element[last] and stack.code[i] == stack.code[last]:
            stack.walks[last] += stack.walks[i]
            stack.level[last] += stack.level[i]
            stack.lowest[last] += stack.lowest[i]
        else:
            last += 1
            stack.element[last], stack.code[last] = stack.element[i], stack.code[i]
            stack.walks[last], stack.level[last] = stack.walks[i], stack.level[i]
            stack.lowest[last] = stack.lowest[i]
    return last + 1 if end > begin else end


@njit(cache=True)
def _expand(
    last: int, depth: int, shortest: int, longest: int, begin: int, end: int, top: int, path: Ints,
    budget: int, rules: Rules, coming: Side, place: Ints, labels: Labels, mark: int,
    stack: Stack, closed: Floats,
) -> int:  # fmt: skip
    """Put what may come before the walks at ``begin..end`` at ``top``; the new top, -1: cut.

    ``closed``: walks closed here, and the earliest start among them.
    """
    row, _, used = labels
    (
        coming_node, coming_band, coming_begin, _, _, coming_other, coming_start, coming_end,
        coming_tonnes, coming_code,
    ) = coming  # fmt: skip
    stack_element, stack_code, stack_walks, stack_level, stack_lowest = stack
    home, x = path[0], path[depth]
    earliest = coming_end[last] - rules.window
    left = longest - depth
    bottom = top
    closed[0] = 0.0
    for i in range(begin, end):
        e = stack_element[i]
        low, high = bands_before(coming_tonnes[e], rules)
        for s in range(coming_node[x], coming_node[x + 1]):
            if coming_band[s] > high:
                break
            if coming_band[s] < low and coming_band[s] != NO_BAND:
                continue
            f = first_from(coming_start, coming_begin[s], coming_begin[s + 1], earliest) - 1
            while f + 1 < coming_begin[s + 1] and coming_start[f + 1] <= coming_start[e]:
                f += 1
                used[0] += 1
                if used[0] > budget:
                    return -1
                if (
                    row[f, HOME_MARK] != mark
                    or row[f, HOME + left] < earliest
                    or coming_end[f] > coming_end[e]
                    or not flow_holds(
                        coming_tonnes[f],
                        coming_tonnes[e],
                        coming_code[f],
                        coming_code[e],
                        coming_start[e] - coming_end[f],
                        rules,
                    )
                    or not codes_agree(stack_code[i], coming_code[f], rules.is_equal_code)
                ):
                    continue
                is_level = (
                    coming_start[f] == coming_start[last] and coming_end[f] == coming_end[last]
                )
                level = stack_level[i] if is_level else 0.0
                lowest = stack_lowest[i] if is_level and place[f] > place[last] else 0.0
                y = coming_other[f]
                if y == home:
                    if depth + 1 >= shortest:
                        walks = stack_walks[i]
                        # A loop of equal times is one loop, not one per rotation.
                        if level and flow_holds(
                            coming_tonnes[last],
                            coming_tonnes[f],
                            coming_code[last],
                            coming_code[f],
                            coming_start[f] - coming_end[last],
                            rules,
                        ):
                            walks += lowest - level
                        if walks > 0:
                            if closed[0] == 0.0 or coming_start[f] < closed[1]:
                                closed[1] = coming_start[f]
                            closed[0] += walks
                    continue
                if left < 2:
                    continue
                is_seen = False
                for k in range(1, depth + 1):
                    is_seen = is_seen or path[k] == y
                if is_seen:
                    continue
                if top == stack_element.shape[0]:
                    return -1
                stack_element[top], stack_walks[top] = f, stack_walks[i]
                stack_level[top], stack_lowest[top] = level, lowest
                code = np.int64(-1)
                if rules.is_equal_code:
                    code = coming_code[f] if coming_code[f] >= 0 else stack_code[i]
                stack_code[top] = code
                top += 1
    _sort_by_node(stack, bottom, top, coming)
    merged: int = _merge(stack, bottom, top)
    return merged


@njit(cache=True)
def _search_home(
    home: int, shortest: int, longest: int, budget: int, span: Span, rules: Rules, coming: Side,
    place: Ints, ids: Ints, labels: Labels, mark: int, stack: Stack, found: Found,
) -> bool:  # fmt: skip
    """Walk back from every element that comes home in the span; False when the budget ran out."""
    path = np.empty(LONGEST + 1, np.int64)
    cursor, stop = np.empty(LONGEST + 1, np.int64), np.empty(LONGEST + 1, np.int64)
    closed = np.zeros(2)
    path[0] = home
    for last in range(coming.begin[coming.node[home]], coming.begin[coming.node[home + 1]]):
        if not span.ends_from <= coming.end[last] < span.ends_before:
            continue
        stack.element[0], stack.code[0], stack.walks[0] = last, coming.code[last], 1.0
        stack.level[0] = stack.lowest[0] = 1.0
        path[1] = coming.other[last]
        depth, begin, end = 1, np.int64(0), np.int64(1)
        stop[0] = 1
        while depth > 0:
            if begin >= 0:
                # Above the candidates of the depth before, which are still to be walked.
                bottom = stop[depth - 1]
                top = _expand(
                    last, depth, shortest, longest, begin, end, bottom, path, budget, rules,
                    coming, place, labels, mark, stack, closed,
                )  # fmt: skip
                if closed[0] > 0:
                    record(
                        path,
                        depth + 1,
                        ids,
                        closed[0],
                        np.int64(closed[1]),
                        coming.end[last],
                        found,
                    )
                if top < 0:
                    return False
                cursor[depth], stop[depth] = bottom, top
            begin = np.int64(-1)
            if cursor[depth] == stop[depth]:
                depth -= 1
                continue
            # The next group: all candidates from one node.
            begin = cursor[depth]
            node = coming.other[stack.element[begin]]
            end = begin + 1
            while end < stop[depth] and coming.other[stack.element[end]] == node:
                end += 1
            cursor[depth] = end
            depth += 1
            path[depth] = node
    return True


@njit(cache=True, nogil=True)
def search_homes(
    homes: Ints, hop_limit: int, steps: int, span: Span, rules: Rules, coming: Side, going: Side,
    place: Ints, ids: Ints, labels: Labels, stack: Stack, found: Found,
    was_cut: NDArray[np.bool_],
) -> np.int64:  # fmt: skip
    """Search all home nodes; elements looked at in all.

    A node may use its equal share of the steps that are left, so the cheap ones, which should
    come first, leave theirs to the dear ones.
    """
    used = labels.used
    total, mark = np.int64(0), np.int64(0)
    for i in range(homes.shape[0]):
        home = homes[i]
        share = (steps - total) // (homes.shape[0] - i)
        used[0] = 0
        mark += MARK_STEP
        hops = label_ways_home(
            home, hop_limit, share // 2, span.ends_from, span.ends_before, rules, coming, going,
            labels, mark,
        )  # fmt: skip
        longest = min(hops + 1, hop_limit)
        is_whole = hops == 0 or longest == hop_limit
        if hops > 0:
            if used[0] > MUCH and longest > SHORT_HOPS:
                is_whole = _search_home(
                    home, 2, SHORT_HOPS, share, span, rules, coming, place, ids, labels, mark,
                    stack, found,
                ) and is_whole  # fmt: skip
                shortest = SHORT_HOPS + 1
            else:
                shortest = 2
            is_whole = _search_home(
                home, shortest, longest, share, span, rules, coming, place, ids, labels, mark,
                stack, found,
            ) and is_whole  # fmt: skip
        was_cut[home] = not is_whole
        total += used[0]
    return total
