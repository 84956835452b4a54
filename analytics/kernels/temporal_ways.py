"""For one home node: which elements lie on a way from home back home, within how many hops.

Levels near home are taken from both ends, the smaller side first, so that hubs on one side do not
open the whole graph.
"""

import numpy as np
from numba import njit

from analytics.kernels.temporal_labels import (
    BACK_MARK,
    EVER,
    HOME_MARK,
    NEVER,
    QUEUED,
    Labels,
    Layout,
    any_can_mark,
    bands_between,
    degree_of,
    first_from,
    fitting_group,
    may_change_to,
)
from analytics.kernels.temporal_rules import LONGEST, Rules, flow_holds
from analytics.kernels.temporal_segment import Narrow, Side
from analytics.kernels.temporal_trim import NO_BAND


@njit(cache=True, inline="always")
def _carry_back(
    row: Narrow, f: int, e: int, change: int, is_marked: bool, start: int, hops: int, most: int,
    window: int, layout: Layout, mark: int,
) -> bool:  # fmt: skip
    """Label f from e, which it comes before: whether it comes home earlier in any state."""
    marks, back_hops, back_end = layout.marks, layout.back_hops, layout.back_end
    if row[f, BACK_MARK] != mark:
        row[f, BACK_MARK] = mark
        row[f, back_end : back_end + (most + 1) * marks] = EVER
    is_better = False
    for k in range(most - change + 1):
        for m in range(marks):
            at = back_end + k * marks + m
            end = row[e, at]
            # The state with one change fewer has said the same already.
            if end == EVER or start < end - window or (k > 0 and row[e, at - marks] == end):
                continue
            has_mark = m == 1 or (marks == 2 and is_marked)
            for more in range(k + change, most + 1):
                for mm in range(2 if has_mark else 1):
                    state = more * marks + mm
                    if end < row[f, back_end + state]:
                        if row[f, back_end + state] == EVER:
                            row[f, back_hops + state] = hops
                        row[f, back_end + state] = end
                        is_better = True
    return is_better


@njit(cache=True)
def _back_one(
    home: int, depth: int, count: int, budget: int, side: int, most: int, rules: Rules,
    coming: Side, going: Side, labels: Labels, layout: Layout, mark: int,
) -> int:  # fmt: skip
    """Elements ``depth + 1`` from coming home, from the queue of those ``depth`` away; -1: cut."""
    row, queues, used = labels
    (
        node, group_code, can_mark, group, bands, begin, _, _, other, starts, ends, tonnes, codes,
        is_marked,
    ) = coming  # fmt: skip
    leaving_code = going.group_code
    first_leaving, last_leaving = going.node[home], going.node[home + 1]
    here, there = queues[side], queues[1 - side]
    lenient = layout.back_end + most * layout.marks
    found, used[1] = 0, 0
    for i in range(count):
        e = np.int64(here[i])
        x = other[e]
        if x == home:
            continue
        earliest = row[e, lenient] - rules.window
        can_change = most > 0 and row[e, lenient - layout.marks] < EVER
        needs_mark = layout.marks == 2 and row[e, layout.back_end + 1] == EVER
        near_low, near_high = bands_between(tonnes[e], rules.near_low, rules.near_high, rules.width)
        far_low, far_high = bands_between(tonnes[e], rules.log_low, rules.log_high, rules.width)
        can_pool = rules.pool_length > 0 and 0 <= codes[e] < rules.goods_from
        g, last_group = node[x], node[x + 1]
        while True:
            g, change = fitting_group(group_code, g, last_group, codes[e], can_change, rules)
            if g == last_group:
                break
            if (
                change
                and most == 1
                and not may_change_to(
                    group_code[g],
                    can_mark[g],
                    needs_mark,
                    leaving_code,
                    first_leaving,
                    last_leaving,
                )
            ):
                g += 1
                continue
            # Quantities beyond the band of flow can only be pooled: of one code, and soon.
            low, high = (far_low, far_high) if can_pool and not change else (near_low, near_high)
            for s in range(group[g], group[g + 1]):
                if bands[s] > high:
                    break
                if bands[s] < low and bands[s] != NO_BAND:
                    continue
                since = earliest
                if not near_low <= bands[s] <= near_high and bands[s] != NO_BAND:
                    since = max(since, starts[e] - rules.pool_reach)
                f = first_from(starts, begin[s], begin[s + 1], since)
                while f < begin[s + 1] and starts[f] <= starts[e]:
                    used[0] += 1
                    if used[0] > budget:
                        return -1
                    if (
                        ends[f] <= ends[e]
                        and flow_holds(
                            tonnes[f], tonnes[e], codes[f], codes[e], starts[e] - ends[f], rules
                        )
                        and _carry_back(
                            row, f, e, change, is_marked[f], starts[f], depth + 1, most,
                            rules.window, layout, mark,
                        )
                        # Depths 1..8 of both directions share the column; marks grow by 64.
                        and row[f, QUEUED] != mark + depth
                    ):  # fmt: skip
                        row[f, QUEUED] = mark + depth
                        there[found] = f
                        found += 1
                        used[1] += degree_of(other[f], coming)
                    f += 1
            g += 1
    return found


@njit(cache=True, inline="always")
def _carry_on(
    row: Narrow, g: int, e: int, change: int, is_marked: bool, end: int, hops: int, room: int,
    is_known: bool, most: int, window: int, layout: Layout, mark: int,
) -> bool:  # fmt: skip
    """Label g from e, the ``hops``-th, which it follows: whether it is reached later in any state.

    Where the way back ``is_known`` far enough, states from which nothing comes home within
    ``room`` elements are left out.
    """
    marks, home = layout.marks, layout.home
    is_new = row[g, HOME_MARK] != mark
    has_back = row[g, BACK_MARK] == mark
    if is_known and not has_back:
        return False
    is_better = False
    for k in range(most - change + 1):
        for m in range(marks):
            at = home + (k * marks + m) * LONGEST + hops - 1
            departed = row[e, at]
            if (
                departed == NEVER
                or end > departed + window
                or (k > 0 and row[e, at - marks * LONGEST] == departed)
            ):
                continue
            has_mark = m == 1 or (marks == 2 and is_marked)
            state = (k + change) * marks + (1 if has_mark else 0)
            if not is_new and row[g, home + state * LONGEST + hops] >= departed:
                continue
            if is_known:
                rest = (most - k - change) * marks + (0 if has_mark or marks == 1 else 1)
                if (
                    row[g, layout.back_end + rest] == EVER
                    or row[g, layout.back_hops + rest] > room
                    or row[g, layout.back_end + rest] - window > departed
                ):
                    continue
            if is_new:
                row[g, HOME_MARK] = mark
                row[g, home : home + (most + 1) * marks * LONGEST] = NEVER
                is_new = False
            for more in range(k + change, most + 1):
                for mm in range(2 if has_mark else 1):
                    first = home + (more * marks + mm) * LONGEST
                    for h in range(first + hops, first + LONGEST):
                        if row[g, h] >= departed:
                            break
                        row[g, h] = departed
            is_better = True
    return is_better


@njit(cache=True)
def _home_one(
    home: int, hops: int, count: int, budget: int, side: int, room: int, known: int, until: int,
    most: int, rules: Rules, coming: Side, going: Side, labels: Labels, layout: Layout, mark: int,
) -> int:  # fmt: skip
    """Elements reached as the ``hops + 1``-th, from the queue of those reached as the last; -1.

    Those that need more than ``room`` elements to come home are left out, where the way back is
    ``known`` that far.
    """
    row, queues, used = labels
    near, end_of, tonnes_of = coming.near, coming.end, coming.tonnes
    start_of, code_of = coming.start, coming.code
    (
        node, group_code, can_mark, group, bands, begin, element, _, _, starts, ends, tonnes,
        codes, is_marked,
    ) = going  # fmt: skip
    coming_code = coming.group_code
    first_coming, last_coming = coming.node[home], coming.node[home + 1]
    here, there = queues[2 + side], queues[3 - side]
    lenient = layout.home + most * layout.marks * LONGEST + hops - 1
    found, used[2] = 0, 0
    for i in range(count):
        e = np.int64(here[i])
        x = near[e]
        if x == home:
            continue
        latest = min(row[e, lenient] + rules.window, until)
        can_change = most > 0 and row[e, lenient - layout.marks * LONGEST] > NEVER
        needs_mark = layout.marks == 2 and row[e, layout.home + LONGEST + hops - 1] == NEVER
        near_low, near_high = bands_between(
            tonnes_of[e], -rules.near_high, -rules.near_low, rules.width
        )
        far_low, far_high = bands_between(
            tonnes_of[e], -rules.log_high, -rules.log_low, rules.width
        )
        can_pool = rules.pool_length > 0 and 0 <= code_of[e] < rules.goods_from
        g, last_group = node[x], node[x + 1]
        while True:
            g, change = fitting_group(group_code, g, last_group, code_of[e], can_change, rules)
            if g == last_group:
                break
            if (
                change
                and most == 1
                and not may_change_to(
                    group_code[g], can_mark[g], needs_mark, coming_code, first_coming, last_coming
                )
            ):
                g += 1
                continue
            # Quantities beyond the band of flow can only be pooled: of one code, and soon.
            low, high = (far_low, far_high) if can_pool and not change else (near_low, near_high)
            for s in range(group[g], group[g + 1]):
                if bands[s] > high:
                    break
                if bands[s] < low and bands[s] != NO_BAND:
                    continue
                until_here = latest
                if not near_low <= bands[s] <= near_high and bands[s] != NO_BAND:
                    until_here = min(until_here, end_of[e] + rules.pool_length)
                p = first_from(starts, begin[s], begin[s + 1], start_of[e])
                while p < begin[s + 1] and starts[p] <= until_here:
                    used[0] += 1
                    if used[0] > budget:
                        return -1
                    follower = np.int64(element[p])
                    if (
                        ends[p] >= end_of[e]
                        and ends[p] <= latest
                        and flow_holds(
                            tonnes_of[e], tonnes[p], code_of[e], codes[p], starts[p] - end_of[e],
                            rules,
                        )
                        and _carry_on(
                            row, follower, e, change, is_marked[p], ends[p], hops, room,
                            known >= room, most, rules.window, layout, mark,
                        )
                        and row[follower, QUEUED] != mark + 16 + hops
                    ):  # fmt: skip
                        row[follower, QUEUED] = mark + 16 + hops
                        there[found] = follower
                        found += 1
                        used[2] += degree_of(near[follower], going)
                    p += 1
            g += 1
    return found


@njit(cache=True)
def _open_home(
    home: int, ends_from: int, ends_before: int, most: int, rules: Rules, coming: Side,
    going: Side, labels: Labels, layout: Layout, mark: int,
) -> tuple[int, int, int]:  # fmt: skip
    """Queue what comes home within the span of ends and what leaves in time for it.

    Numbers of both, and the latest end.
    """
    row, queues, used = labels
    marks = layout.marks
    backs = homes = 0
    used[1] = used[2] = 0
    earliest, latest = 1 << 30, -(1 << 30)
    can_come = most > 1 or (most == 1 and any_can_mark(home, going))
    for g in range(coming.node[home], coming.node[home + 1]):
        # Without a mark of this code or of the code that leaves home there is none on the way.
        if not coming.can_mark[g] and not can_come:
            continue
        for e in range(coming.begin[coming.group[g]], coming.begin[coming.group[g + 1]]):
            end = int(coming.end[e])
            if not ends_from <= end < ends_before:
                continue
            row[e, BACK_MARK] = mark
            for k in range(most + 1):
                for m in range(marks):
                    is_there = m == 0 or coming.is_marked[e]
                    row[e, layout.back_hops + k * marks + m] = 1
                    row[e, layout.back_end + k * marks + m] = end if is_there else EVER
            queues[0, backs] = e
            backs += 1
            used[1] += degree_of(coming.other[e], coming)
            earliest, latest = min(earliest, end), max(latest, end)
    if not backs:
        return 0, 0, 0
    can_leave = most > 1 or (most == 1 and any_can_mark(home, coming))
    for g in range(going.node[home], going.node[home + 1]):
        if not going.can_mark[g] and not can_leave:
            continue
        for s in range(going.group[g], going.group[g + 1]):
            p = first_from(going.start, going.begin[s], going.begin[s + 1], earliest - rules.window)
            while p < going.begin[s + 1] and going.start[p] <= latest:
                leaving = np.int64(going.element[p])
                row[leaving, HOME_MARK] = mark
                for k in range(most + 1):
                    for m in range(marks):
                        is_there = m == 0 or going.is_marked[p]
                        at = layout.home + (k * marks + m) * LONGEST
                        row[leaving, at : at + LONGEST] = going.start[p] if is_there else NEVER
                queues[2, homes] = leaving
                homes += 1
                used[2] += degree_of(going.other[p], going)
                p += 1
    used[0] += backs + homes
    return backs, homes, latest


@njit(cache=True)
def label_ways_home(
    home: int, hop_limit: int, budget: int, ends_from: int, ends_before: int, most: int,
    rules: Rules, coming: Side, going: Side, labels: Labels, layout: Layout, mark: int,
) -> int:  # fmt: skip
    """Label for loops through ``home`` that end in ``[ends_from, ends_before)``.

    ``most`` changes of code at most. Hops up to which labels are complete: ``hop_limit - 1``,
    fewer when the budget ran out, 0 when there can be no loop.
    """
    backs, homes, until = _open_home(
        home, ends_from, ends_before, most, rules, coming, going, labels, layout, mark
    )
    if not backs or not homes:
        return 0
    # Numbers of one type: a constant of its own type would have everything compiled twice.
    known, free = np.int64(1), np.int64(1)
    back_side, home_side = np.int64(0), np.int64(0)
    while known + free < hop_limit and backs and homes:
        if labels.used[1] <= labels.used[2]:
            backs = _back_one(
                home, known, backs, budget // 4, back_side, most, rules, coming, going, labels,
                layout, mark,
            )  # fmt: skip
            back_side = 1 - back_side
            if backs < 0:
                break
            known += 1
        else:
            homes = _home_one(
                home, free, homes, budget, home_side, hop_limit - free, known, until, most,
                rules, coming, going, labels, layout, mark,
            )  # fmt: skip
            home_side = 1 - home_side
            if homes < 0:
                return int(free)
            free += 1
    if backs == 0:
        known = np.int64(hop_limit)
    while free < hop_limit - 1 and homes:
        homes = _home_one(
            home, free, homes, budget, home_side, hop_limit - free, known, until, most,
            rules, coming, going, labels, layout, mark,
        )  # fmt: skip
        home_side = 1 - home_side
        if homes < 0:
            return int(free)
        free += 1
    return hop_limit - 1
