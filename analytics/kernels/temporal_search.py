"""Search for the node sets that close a temporal cycle, home node by home node.

Each home node is labelled first (:mod:`temporal_ways`), then walked (:mod:`temporal_walks`). Work
is counted in elements looked at; home nodes that have much to look at come last, are searched for
loops of few changes of code and few edges first, and are cut when their share is used up.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from analytics.kernels.temporal_found import Found
from analytics.kernels.temporal_labels import LAST_MARK, MARK_STEP, Labels, Layout
from analytics.kernels.temporal_rules import Rules
from analytics.kernels.temporal_segment import Side
from analytics.kernels.temporal_walks import Sought, Span, Stack, walk_home
from analytics.kernels.temporal_ways import label_ways_home

Ints = NDArray[np.int64]

# Loops of so many edges come before longer ones where there is much to look at.
SHORT_HOPS = 4


@njit(cache=True)
def _search_part(
    home: int, hop_limit: int, share: int, dear_steps: int, fewest: int, most: int, beyond: int,
    is_tentative: bool, span: Span, rules: Rules, coming: Side, going: Side, place: Ints,
    ids: Ints, labels: Labels, layout: Layout, mark: int, stack: Stack, found: Found,
) -> int:  # fmt: skip
    """Loops of a home node with ``fewest`` to ``most`` changes of code, longer than ``beyond``.

    1: searched to the end; 0: cut; -1: nothing searched, because there is much to look at and
    the search ``is_tentative``.
    """
    used = labels.used
    label_share = min(share // 2, dear_steps) if is_tentative else share // 2
    hops = label_ways_home(
        home, hop_limit, label_share, span.ends_from, span.ends_before, most, rules, coming, going,
        labels, layout, mark,
    )  # fmt: skip
    if hops == 0:
        return 1
    longest = min(hops + 1, hop_limit)
    is_whole = longest == hop_limit
    shortest = 2
    if is_tentative and not is_whole:
        return -1
    if used[0] > dear_steps and longest > SHORT_HOPS:
        is_whole = walk_home(
            home, Sought(2, SHORT_HOPS, fewest, most, beyond), share, span, rules, coming, going,
            place, ids, labels, layout, mark, stack, found,
        ) and is_whole  # fmt: skip
        shortest = SHORT_HOPS + 1
    is_whole = walk_home(
        home, Sought(shortest, longest, fewest, most, beyond), share, span, rules, coming, going,
        place, ids, labels, layout, mark, stack, found,
    ) and is_whole  # fmt: skip
    return 1 if is_whole else 0


@njit(cache=True)
def _within(window: int, rules: Rules) -> Rules:
    """The rules with another window."""
    return Rules(
        window, rules.low, rules.high, rules.near_low, rules.near_high, rules.log_low,
        rules.log_high, rules.width, rules.has_codes, rules.most_changes, rules.needs_mark,
        rules.goods_from, rules.pool_length, rules.pool_reach, rules.pool_low, rules.pool_high,
    )  # fmt: skip


@njit(cache=True)
def _next_mark(mark: int, labels: Labels) -> np.int64:
    """A mark that no row of the labels carries."""
    if mark > LAST_MARK:
        labels.row[:, :3] = 0
        return np.int64(MARK_STEP)
    return np.int64(mark + MARK_STEP)


@njit(cache=True, nogil=True)
def search_homes(
    homes: Ints, hop_limit: int, steps: int, dear_steps: int, first_window: int, span: Span,
    rules: Rules, coming: Side, going: Side, place: Ints, ids: Ints, labels: Labels, layout: Layout,
    stack: Stack, found: Found, was_cut: NDArray[np.bool_],
) -> int:  # fmt: skip
    """Search all home nodes; elements looked at in all.

    Those with little to look at come first and leave the steps to the dear ones. Of all of these
    the loops with few changes of code come first, of these the ones within ``first_window``; each
    node with its share of what is left.
    """
    used = labels.used
    has_first = 0 < first_window < rules.window
    parts = (rules.most_changes + 1) * (2 if has_first else 1)
    total, mark, most = 0, np.int64(0), rules.most_changes
    # Numbers of one type: a constant of its own type would have everything compiled twice.
    none, all_spans = np.int64(0), np.int64(-1)
    is_tentative: np.bool_ = np.bool_(True)
    dear = np.empty(homes.shape[0], np.int64)
    dears = 0
    for i in range(homes.shape[0]):
        home = homes[i]
        mark = _next_mark(mark, labels)
        used[0] = 0
        share = max((steps - total) // (homes.shape[0] - i), 0)
        state = _search_part(
            home, hop_limit, share, dear_steps, none, most, all_spans, is_tentative, span, rules,
            coming, going, place, ids, labels, layout, mark, stack, found,
        )  # fmt: skip
        total += int(used[0])
        if state < 0:
            dear[dears] = home
            dears += 1
        was_cut[home] = state == 0
    is_tentative = np.bool_(False)
    for part in range(parts):
        changes, is_long = (part >> 1, part & 1) if has_first else (part, 0)
        window = first_window if has_first and not is_long else rules.window
        beyond = first_window if is_long else -1
        for i in range(dears):
            used[0] = 0
            mark = _next_mark(mark, labels)
            share = max((steps - total) // (dears - i), 0)
            is_whole = _search_part(
                dear[i], hop_limit, share, dear_steps, changes, changes, beyond, is_tentative, span,
                _within(window, rules), coming, going, place, ids, labels, layout, mark, stack,
                found,
            )  # fmt: skip
            was_cut[dear[i]] |= is_whole == 0
            total += int(used[0])
    return total
