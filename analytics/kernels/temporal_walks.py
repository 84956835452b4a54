"""Walks that close at one home node, from the last element backward.

A depth-first search over nodes, from every element that comes home, enters only what is labelled.
All elements that can continue a walk to the same node are taken together with the number of walks
they stand for, so that parallel elements do not multiply the work.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from analytics.kernels.temporal_found import Found, record
from analytics.kernels.temporal_labels import (
    HOME_MARK,
    Labels,
    Layout,
    bands_between,
    first_from,
    fitting_group,
    may_change_to,
)
from analytics.kernels.temporal_rules import (
    LONGEST,
    UNKNOWN,
    UNKNOWN_WASTE,
    Rules,
    carried_code,
    flow_holds,
    is_change,
)
from analytics.kernels.temporal_segment import Side
from analytics.kernels.temporal_trim import NO_BAND

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

STACK = 1 << 20
SMALL = 24


class Stack(NamedTuple):
    """Elements that continue the walks at each depth, one behind the other.

    ``element``; ``code`` known first on the way home and ``tail`` known last; ``state`` twice the
    changes of code, and one for a mark; ``walks`` they stand for, those of them ``level`` whose
    elements all have one start and one end, and those of these ``lowest`` whose last element has
    the lowest place.
    """

    element: Ints
    code: Ints
    tail: Ints
    state: Ints
    walks: Floats
    level: Floats
    lowest: Floats


class Span(NamedTuple):
    """Loops asked for: those that end in ``[ends_from, ends_before)``.

    In the segment's time, which counts from ``since``.
    """

    ends_from: int
    ends_before: int
    since: int


class Sought(NamedTuple):
    """One part of the search of a home node: loops by edges, changes of code, and time passed.

    ``beyond``: only loops from whose first to whose last edge more time passes.
    """

    shortest: int
    longest: int
    fewest: int
    most: int
    beyond: int


def empty_stack() -> Stack:
    """Scratch of one search."""
    return Stack(
        np.empty(STACK, np.int64),
        np.empty(STACK, np.int64),
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
    stack.tail[i], stack.tail[j] = stack.tail[j], stack.tail[i]
    stack.state[i], stack.state[j] = stack.state[j], stack.state[i]
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
        key[i - begin] = np.int64(coming.other[element]) * coming.other.shape[0] + element
    order = np.argsort(key, kind="mergesort")
    for column in (stack.element, stack.code, stack.tail, stack.state):
        column[begin:end] = column[begin:end][order]
    for weights in (stack.walks, stack.level, stack.lowest):
        weights[begin:end] = weights[begin:end][order]


@njit(cache=True)
def _merge(stack: Stack, begin: int, end: int) -> int:
    """Take candidates of one element, code and state together; the new end."""
    last = begin
    for i in range(begin + 1, end):
        if (
            stack.element[i] == stack.element[last]
            and stack.code[i] == stack.code[last]
            and stack.tail[i] == stack.tail[last]
            and stack.state[i] == stack.state[last]
        ):
            stack.walks[last] += stack.walks[i]
            stack.level[last] += stack.level[i]
            stack.lowest[last] += stack.lowest[i]
        else:
            last += 1
            stack.element[last], stack.code[last] = stack.element[i], stack.code[i]
            stack.tail[last], stack.state[last] = stack.tail[i], stack.state[i]
            stack.walks[last], stack.level[last] = stack.walks[i], stack.level[i]
            stack.lowest[last] = stack.lowest[i]
    return last + 1 if end > begin else end


@njit(cache=True)
def _expand(
    last: int, depth: int, sought: Sought, begin: int, end: int, top: int, path: Ints,
    budget: int, rules: Rules, coming: Side, going: Side, place: Ints, labels: Labels,
    layout: Layout, mark: int, stack: Stack, closed: Floats,
) -> int:  # fmt: skip
    """Put what may come before the walks at ``begin..end`` at ``top``; the new top, -1: cut.

    ``closed``: walks closed here, and the earliest start among them.
    """
    row, _, used = labels
    (
        node, group_code, can_mark, group, bands, band_begin, _, _, others, starts, ends, tonnes,
        codes, is_marked,
    ) = coming  # fmt: skip
    (
        stack_element, stack_code, stack_tail, stack_state, stack_walks, stack_level, stack_lowest,
    ) = stack  # fmt: skip
    home, x = path[0], path[depth]
    leaving_code = going.group_code
    first_leaving, last_leaving = going.node[home], going.node[home + 1]
    earliest = ends[last] - rules.window
    left = sought.longest - depth
    marks = layout.marks
    column = layout.home + left - 1
    bottom = top
    closed[0] = 0.0
    for i in range(begin, end):
        e = stack_element[i]
        code, changes, has_mark = stack_code[i], stack_state[i] >> 1, stack_state[i] & 1
        near_low, near_high = bands_between(tonnes[e], rules.near_low, rules.near_high, rules.width)
        far_low, far_high = bands_between(tonnes[e], rules.log_low, rules.log_high, rules.width)
        can_pool = rules.pool_length > 0 and 0 <= codes[e] < rules.goods_from
        g, last_group = node[x], node[x + 1]
        while True:
            g, change = fitting_group(group_code, g, last_group, code, changes < sought.most, rules)
            if g == last_group:
                break
            needs_mark = marks == 2 and not has_mark
            if (
                change
                and changes + 1 == sought.most
                and not may_change_to(
                    group_code[g], can_mark[g], needs_mark, leaving_code, first_leaving,
                    last_leaving,
                )
            ):  # fmt: skip
                g += 1
                continue
            known = carried_code(code, group_code[g], rules.goods_from)
            tail = stack_tail[i]
            # An unknown waste at the end of the way is the first known waste before it.
            if tail == UNKNOWN or (
                tail == UNKNOWN_WASTE and code == UNKNOWN_WASTE and changes + change == 0
            ):
                tail = known
            rest = (sought.most - changes - change) * marks
            if marks == 2 and not has_mark:
                rest += 1
            label = column + rest * LONGEST
            low, high = (far_low, far_high) if can_pool and not change else (near_low, near_high)
            for s in range(group[g], group[g + 1]):
                if bands[s] > high:
                    break
                if bands[s] < low and bands[s] != NO_BAND:
                    continue
                since = earliest
                if not near_low <= bands[s] <= near_high and bands[s] != NO_BAND:
                    since = max(since, starts[e] - rules.pool_reach)
                f = first_from(starts, band_begin[s], band_begin[s + 1], since) - 1
                while f + 1 < band_begin[s + 1] and starts[f + 1] <= starts[e]:
                    f += 1
                    used[0] += 1
                    if used[0] > budget:
                        return -1
                    if (
                        row[f, HOME_MARK] != mark
                        or row[f, label] < earliest
                        or ends[f] > ends[e]
                        or not flow_holds(
                            tonnes[f], tonnes[e], codes[f], codes[e], starts[e] - ends[f], rules
                        )
                    ):
                        continue
                    is_level = starts[f] == starts[last] and ends[f] == ends[last]
                    level = stack_level[i] if is_level else 0.0
                    lowest = stack_lowest[i] if is_level and place[f] > place[last] else 0.0
                    y = others[f]
                    if y == home:
                        if (
                            depth + 1 >= sought.shortest
                            and changes + change >= sought.fewest
                            and ends[last] - starts[f] > sought.beyond
                            and (marks == 1 or has_mark or is_marked[f])
                        ):
                            walks = stack_walks[i]
                            # A loop of equal times that keeps the rules at home as well is one
                            # loop, not one per rotation.
                            if level and flow_holds(
                                tonnes[last], tonnes[f], codes[last], codes[f],
                                starts[f] - ends[last], rules,
                            ) and (
                                changes + change + is_change(tail, known, rules.goods_from)
                                <= rules.most_changes
                                or not rules.has_codes
                            ):  # fmt: skip
                                walks += lowest - level
                            if walks > 0:
                                if closed[0] == 0.0 or starts[f] < closed[1]:
                                    closed[1] = starts[f]
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
                    stack_code[top], stack_tail[top] = known, tail
                    stack_state[top] = 2 * (changes + change) + (has_mark | is_marked[f])
                    top += 1
            g += 1
    _sort_by_node(stack, bottom, top, coming)
    merged: int = _merge(stack, bottom, top)
    return merged


@njit(cache=True)
def walk_home(
    home: int, sought: Sought, budget: int, span: Span, rules: Rules, coming: Side, going: Side,
    place: Ints, ids: Ints, labels: Labels, layout: Layout, mark: int, stack: Stack, found: Found,
) -> bool:  # fmt: skip
    """Walk back from every element that comes home in the span; False when the budget ran out."""
    path = np.empty(LONGEST + 1, np.int64)
    cursor, stop = np.empty(LONGEST + 1, np.int64), np.empty(LONGEST + 1, np.int64)
    closed = np.zeros(2)
    path[0] = home
    for last in range(
        coming.begin[coming.group[coming.node[home]]],
        coming.begin[coming.group[coming.node[home + 1]]],
    ):
        if not span.ends_from <= coming.end[last] < span.ends_before:
            continue
        code = np.int64(coming.code[last]) if rules.has_codes else np.int64(-1)
        stack.element[0], stack.code[0], stack.tail[0] = last, code, code
        stack.state[0] = np.int64(coming.is_marked[last])
        stack.walks[0] = stack.level[0] = stack.lowest[0] = 1.0
        path[1] = coming.other[last]
        depth, begin, end = np.int64(1), np.int64(0), np.int64(1)
        stop[0] = 1
        while depth > 0:
            if begin >= 0:
                # Above the candidates of the depth before, which are still to be walked.
                bottom = stop[depth - 1]
                top = _expand(
                    last, depth, sought, begin, end, bottom, path, budget, rules, coming, going,
                    place, labels, layout, mark, stack, closed,
                )  # fmt: skip
                if closed[0] > 0:
                    record(
                        path,
                        depth + 1,
                        ids,
                        closed[0],
                        np.int64(closed[1]) + span.since,
                        np.int64(coming.end[last]) + span.since,
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
