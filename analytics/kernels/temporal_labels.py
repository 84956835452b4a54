"""What is noted of each element for one home node, and how neighbours are looked up.

An element is labelled with the latest departure from home from which it is reached within h
hops, with so many changes of code, with or without a mark on the way; the labels are filled by
:mod:`temporal_ways`.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from analytics.kernels.temporal_rules import LONGEST, Rules, is_change
from analytics.kernels.temporal_segment import Narrow, Side
from analytics.kernels.temporal_trim import NO_BAND

Ints = NDArray[np.int64]

EVER = np.int32(1 << 30)
NEVER = np.int32(-(1 << 30))
ANY_BAND = np.int64(1 << 62)
# Columns of a label row: marks of the home node for which each part counts.
HOME_MARK, BACK_MARK, QUEUED = 0, 1, 2
# A home node uses marks up to so far above its own.
MARK_STEP = 64
LAST_MARK = (1 << 31) - 2 * MARK_STEP


class Layout(NamedTuple):
    """Where the labels of each state stand in a row.

    State ``k * marks + m``: at most k changes of code; m 1: with a mark. What holds with fewer
    changes or with a mark holds with more and without, and is written there as well.
    """

    marks: int
    back_hops: int
    back_end: int
    home: int
    width: int


class Labels(NamedTuple):
    """Scratch of one segment; a row counts for the home node whose mark it carries.

    ``row[e, home + state * 8 + h - 1]``: latest start of an element that leaves home, from which e
    is reached as at most the h-th element; changes and marks of all elements up to e count.
    ``row[e, back_hops + state]``: least number of elements from e to one that comes home, both
    counted, and ``back_end + state`` the earliest end of such a one. ``queues``: two for each
    direction. ``used[0]``: elements looked at for this home node; ``used[1]`` and ``used[2]``:
    elements that the next look from the home-coming and from the leaving side would pass by.
    """

    row: Narrow
    queues: Narrow
    used: Ints


def layout_of(rules: Rules) -> Layout:
    """Room for all states that the rules tell apart."""
    marks = 2 if rules.needs_mark else 1
    states = (rules.most_changes + 1) * marks
    # Rows of whole cache lines, or halves of one.
    width = (3 + states * (2 + LONGEST) + 7) // 8 * 8
    return Layout(marks, 3, 3 + states, 3 + 2 * states, width)


def empty_labels(elements: int, layout: Layout) -> Labels:
    """Scratch for a segment of so many elements."""
    return Labels(
        np.zeros((elements, layout.width), np.int32),
        np.empty((4, elements + 1), np.int32),
        np.zeros(3, np.int64),
    )


@njit(cache=True, inline="always")
def first_from(values: NDArray[np.signedinteger], low: int, high: int, value: int) -> int:
    """First place in ``low..high``, sorted, that holds ``value`` or more."""
    while low < high:
        middle = (low + high) >> 1
        if values[middle] < value:
            low = middle + 1
        else:
            high = middle
    return low


@njit(cache=True, inline="always")
def degree_of(x: int, side: Side) -> int:
    """Elements at a node."""
    first, last = side.group[side.node[x]], side.group[side.node[x + 1]]
    degree: int = side.begin[last] - side.begin[first]
    return degree


@njit(cache=True, inline="always")
def fitting_group(
    group_code: Ints, g: int, last: int, code: int, can_change: bool, rules: Rules
) -> tuple[int, int]:
    """From ``g`` on the first group that may stand beside ``code``, and whether that is a change.

    ``last`` where there is none.
    """
    while g < last:
        if not rules.has_codes or not is_change(group_code[g], code, rules.goods_from):
            return g, 0
        if can_change:
            return g, 1
        if group_code[g] < 0:
            g += 1
        else:
            g = first_from(group_code, g, last, code)
            if g == last or group_code[g] != code:
                return last, 0
    return last, 0


@njit(cache=True, inline="always")
def may_change_to(
    code: int, can_mark: bool, needs_mark: bool, group_code: Ints, first: int, last: int
) -> bool:
    """Whether a walk whose last change is to ``code`` can still close and have its mark.

    On the other side of that change it keeps the code up to home, whose groups there are
    ``first..last`` (any, where one is not known), and finds a mark, if it still needs one, only
    where elements of the code may have one.
    """
    if needs_mark and not can_mark:
        return False
    if code < 0 or (first < last and group_code[first] < 0):
        return True
    g = first_from(group_code, first, last, code)
    return bool(g < last and group_code[g] == code)


@njit(cache=True, inline="always")
def any_can_mark(x: int, side: Side) -> bool:
    """Whether an element at the node may have a mark by its code."""
    return bool(side.can_mark[side.node[x] : side.node[x + 1]].any())


@njit(cache=True, inline="always")
def bands_between(
    tonnes: float, log_low: float, log_high: float, width: float
) -> tuple[np.int64, np.int64]:
    """Lowest and highest band of quantities of which this one is ``log_low`` to ``log_high``."""
    if np.isnan(tonnes):
        return NO_BAND, ANY_BAND
    here = np.log(tonnes)
    return (
        np.int64(np.floor((here - log_high) / width - 1e-6)),
        np.int64(np.floor((here - log_low) / width + 1e-6)),
    )
