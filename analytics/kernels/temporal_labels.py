"""For one home node: which elements lie on a way from home back home, within how many hops.

An element is labelled with the latest departure from home from which it is reached within h
hops. Levels near home are taken from both ends, the smaller side first, so that hubs on one side
do not open the whole graph.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from analytics.kernels.temporal_rules import LONGEST, Rules, codes_agree, flow_holds
from analytics.kernels.temporal_segment import Side
from analytics.kernels.temporal_trim import NO_BAND

Ints = NDArray[np.int64]

NEVER = np.int64(-(1 << 62))
EVER = np.int64(1 << 62)
# Columns of a label row.
HOME_MARK = 0
HOME = 0
BACK_MARK = LONGEST + 1
BACK_HOPS = LONGEST + 2
BACK_END = LONGEST + 3
QUEUED = LONGEST + 4
ROW = 16


class Labels(NamedTuple):
    """Scratch of one segment; a row counts for the home node whose mark it carries.

    ``row[e, HOME + h]``: latest start of an element that leaves home, from which e is reached as
    at most the h-th element. ``row[e, BACK_HOPS]``: least number of elements from e to one that
    comes home, both counted, and ``BACK_END`` the earliest end of such a one. ``queues``: two
    for each direction. ``used[0]``: elements looked at for this home node.
    """

    row: Ints
    queues: Ints
    used: Ints


def empty_labels(elements: int) -> Labels:
    """Scratch for a segment of so many elements."""
    return Labels(
        np.zeros((elements, ROW), np.int64),
        np.empty((4, elements + 1), np.int64),
        np.zeros(1, np.int64),
    )


@njit(cache=True, inline="always")
def first_from(start: Ints, low: int, high: int, value: int) -> int:
    """First place in ``low..high``, sorted by start, whose start is ``value`` or later."""
    while low < high:
        middle = (low + high) >> 1
        if start[middle] < value:
            low = middle + 1
        else:
            high = middle
    return low


@njit(cache=True, inline="always")
def bands_before(tonnes: float, rules: Rules) -> tuple[np.int64, np.int64]:
    """Lowest and highest band of what may come before this quantity."""
    if np.isnan(tonnes):
        return NO_BAND, EVER
    here = np.log(tonnes)
    return (
        np.int64(np.floor((here - rules.log_high) / rules.width - 1e-6)),
        np.int64(np.floor((here - rules.log_low) / rules.width + 1e-6)),
    )


@njit(cache=True, inline="always")
def bands_after(tonnes: float, rules: Rules) -> tuple[np.int64, np.int64]:
    """Lowest and highest band of what may follow this quantity."""
    if np.isnan(tonnes):
        return NO_BAND, EVER
    here = np.log(tonnes)
    return (
        np.int64(np.floor((here + rules.log_low) / rules.width - 1e-6)),
        np.int64(np.floor((here + rules.log_high) / rules.width + 1e-6)),
    )


@njit(cache=True)
def _back_one(
    home: int, depth: int, count: int, budget: int, side: int, rules: Rules, coming: Side,
    labels: Labels, mark: int,
) -> int:  # fmt: skip
    """Elements ``depth + 1`` from coming home, from the queue of those ``depth`` away; -1: cut."""
    row, queues, used = labels
    (
        coming_node, coming_band, coming_begin, _, _, coming_other, coming_start, coming_end,
        coming_tonnes, coming_code,
    ) = coming  # fmt: skip
    here, there = queues[side], queues[1 - side]
    found = 0
    for i in range(count):
        e = here[i]
        x = coming_other[e]
        if x == home:
            continue
        earliest = row[e, BACK_END] - rules.window
        low, high = bands_before(coming_tonnes[e], rules)
        for s in range(coming_node[x], coming_node[x + 1]):
            if coming_band[s] > high:
                break
            if coming_band[s] < low and coming_band[s] != NO_BAND:
                continue
            f = first_from(coming_start, coming_begin[s], coming_begin[s + 1], earliest)
            while f < coming_begin[s + 1] and coming_start[f] <= coming_start[e]:
                used[0] += 1
                if used[0] > budget:
                    return -1
                if (
                    coming_end[f] <= coming_end[e]
                    and (row[f, BACK_MARK] != mark or row[f, BACK_END] > row[e, BACK_END])
                    and flow_holds(
                        coming_tonnes[f],
                        coming_tonnes[e],
                        coming_code[f],
                        coming_code[e],
                        coming_start[e] - coming_end[f],
                        rules,
                    )
                    and codes_agree(coming_code[f], coming_code[e], rules.is_equal_code)
                ):
                    if row[f, BACK_MARK] != mark:
                        row[f, BACK_MARK] = mark
                        row[f, BACK_HOPS] = depth + 1
                        row[f, BACK_END] = EVER
                    row[f, BACK_END] = row[e, BACK_END]
                    # Depths 1..8 of both directions share the column; marks grow by 64.
                    if row[f, QUEUED] != mark + depth:
                        row[f, QUEUED] = mark + depth
                        there[found] = f
                        found += 1
                f += 1
    return found


@njit(cache=True)
def _home_one(
    home: int, hops: int, count: int, budget: int, side: int, room: int, known: int, until: int,
    rules: Rules, coming: Side, going: Side, labels: Labels, mark: int,
) -> int:  # fmt: skip
    """Elements reached as the ``hops + 1``-th, from the queue of those reached as the last; -1.

    Those that need more than ``room`` elements to come home are left out, where the way back is
    ``known`` that far.
    """
    row, queues, used = labels
    _, _, _, _, coming_near, _, coming_start, coming_end, coming_tonnes, coming_code = coming
    (
        going_node, going_band, going_begin, going_element, _, _, going_start, going_end,
        going_tonnes, going_code,
    ) = going  # fmt: skip
    here, there = queues[2 + side], queues[3 - side]
    found = 0
    for i in range(count):
        e = here[i]
        x = coming_near[e]
        if x == home:
            continue
        departed = row[e, HOME + hops]
        latest = min(departed + rules.window, until)
        low, high = bands_after(coming_tonnes[e], rules)
        for s in range(going_node[x], going_node[x + 1]):
            if going_band[s] > high:
                break
            if going_band[s] < low and going_band[s] != NO_BAND:
                continue
            p = first_from(going_start, going_begin[s], going_begin[s + 1], coming_start[e])
            while p < going_begin[s + 1] and going_start[p] <= latest:
                used[0] += 1
                if used[0] > budget:
                    return -1
                g = going_element[p]
                if (
                    going_end[p] >= coming_end[e]
                    and going_end[p] <= latest
                    and flow_holds(
                        coming_tonnes[e],
                        going_tonnes[p],
                        coming_code[e],
                        going_code[p],
                        going_start[p] - coming_end[e],
                        rules,
                    )
                    and codes_agree(coming_code[e], going_code[p], rules.is_equal_code)
                    and (row[g, HOME_MARK] != mark or row[g, HOME + hops + 1] < departed)
                    and (
                        known < room
                        or (
                            row[g, BACK_MARK] == mark
                            and row[g, BACK_HOPS] <= room
                            and row[g, BACK_END] - rules.window <= departed
                        )
                    )
                ):
                    if row[g, HOME_MARK] != mark:
                        row[g, HOME_MARK] = mark
                        row[g, HOME + 1 : HOME + LONGEST + 1] = NEVER
                    for h in range(hops + 1, LONGEST + 1):
                        row[g, HOME + h] = max(row[g, HOME + h], departed)
                    if row[g, QUEUED] != mark + 16 + hops:
                        row[g, QUEUED] = mark + 16 + hops
                        there[found] = g
                        found += 1
                p += 1
    return found


@njit(cache=True)
def _open_home(
    home: int, ends_from: int, ends_before: int, rules: Rules, coming: Side, going: Side,
    labels: Labels, mark: int,
) -> tuple[int, int, np.int64]:  # fmt: skip
    """Queue what comes home within the span of ends and what leaves in time for it.

    Numbers of both, and the latest end.
    """
    row, queues, used = labels
    backs = homes = 0
    earliest, latest = EVER, NEVER
    for e in range(coming.begin[coming.node[home]], coming.begin[coming.node[home + 1]]):
        end = coming.end[e]
        if ends_from <= end < ends_before:
            row[e, BACK_MARK], row[e, BACK_HOPS], row[e, BACK_END] = mark, 1, end
            queues[0, backs] = e
            backs += 1
            earliest, latest = min(earliest, end), max(latest, end)
    if not backs:
        return 0, 0, NEVER
    for s in range(going.node[home], going.node[home + 1]):
        p = first_from(going.start, going.begin[s], going.begin[s + 1], earliest - rules.window)
        while p < going.begin[s + 1] and going.start[p] <= latest:
            g = going.element[p]
            row[g, HOME_MARK] = mark
            row[g, HOME + 1 : HOME + LONGEST + 1] = going.start[p]
            queues[2, homes] = g
            homes += 1
            p += 1
    used[0] += backs + homes
    return backs, homes, latest


@njit(cache=True)
def label_ways_home(
    home: int, hop_limit: int, budget: int, ends_from: int, ends_before: int, rules: Rules,
    coming: Side, going: Side, labels: Labels, mark: int,
) -> int:  # fmt: skip
    """Label for loops through ``home`` that end in ``[ends_from, ends_before)``.

    Hops up to which labels are complete: ``hop_limit - 1``, fewer when the budget ran out, 0 when
    there can be no loop.
    """
    backs, homes, until = _open_home(
        home, ends_from, ends_before, rules, coming, going, labels, mark
    )
    if not backs or not homes:
        return 0
    known, free, back_side, home_side = 1, 1, 0, 0
    while known + free < hop_limit and backs and homes:
        if backs <= homes:
            backs = _back_one(
                home, known, backs, budget // 4, back_side, rules, coming, labels, mark
            )
            back_side = 1 - back_side
            if backs < 0:
                break
            known += 1
        else:
            homes = _home_one(
                home, free, homes, budget, home_side, hop_limit - free, known, until,
                rules, coming, going, labels, mark,
            )  # fmt: skip
            home_side = 1 - home_side
            if homes < 0:
                return free
            free += 1
    if backs == 0:
        known = hop_limit
    while free < hop_limit - 1 and homes:
        homes = _home_one(
            home, free, homes, budget, home_side, hop_limit - free, known, until,
            rules, coming, going, labels, mark,
        )  # fmt: skip
        home_side = 1 - home_side
        if homes < 0:
            return free
        free += 1
    return hop_limit - 1
