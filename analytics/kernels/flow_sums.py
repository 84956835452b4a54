"""Running sums of what nodes took in and handed on, exact to the gram.

Whole grams make sums that do not depend on what else is summed: a day's edges give the same
numbers as a year's.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from analytics.kernels.flow_edges import Ints, Numbers

GRAMS_PER_TONNE = 1e6
MOST_TONNES = 1e6
UNKNOWN = -1


class Sums(NamedTuple):
    """Per group, in order of days: sum of known grams and count of unknown ones up to each day.

    Group ``g`` lies at ``start[g]`` to ``start[g + 1]``; sums begin anew in each group.
    """

    start: Ints
    day: Ints
    grams: Ints
    unknown: Ints


def grams_of(tonnes: NDArray[np.floating]) -> Ints:
    """Whole grams, UNKNOWN where the tonnes are no quantity of a lot."""
    is_known = (tonnes > 0) & (tonnes <= MOST_TONNES)
    grams = np.full(tonnes.size, UNKNOWN, dtype=np.int64)
    grams[is_known] = np.maximum(
        np.rint(tonnes[is_known].astype(np.float64) * GRAMS_PER_TONNE), 1
    ).astype(np.int64)
    return grams


def running_sums(group: Ints, day: Numbers, grams: Ints, groups: int) -> Sums:
    """Sums by group number, 0 to ``groups`` less one."""
    order = np.lexsort((day, group))
    start = np.searchsorted(group[order], np.arange(groups + 1)).astype(np.int64)
    sorted_grams = grams[order]
    is_unknown = sorted_grams == UNKNOWN
    known = np.where(is_unknown, 0, sorted_grams)
    return Sums(
        start,
        day[order].astype(np.int64),
        _restarted(np.cumsum(known), start),
        _restarted(np.cumsum(is_unknown).astype(np.int64), start),
    )


def _restarted(total: Ints, start: Ints) -> Ints:
    """Cumulative sums less what stood before the group."""
    before = np.concatenate((np.zeros(1, dtype=np.int64), total))[start[:-1]]
    return total - np.repeat(before, np.diff(start))


@njit(cache=True)
def grams_within(sums: Sums, group: int, first: int, last: int) -> int:
    """Grams of a group from day ``first`` to ``last``; UNKNOWN when one of them is unknown."""
    start, stop = sums.start[group], sums.start[group + 1]
    low = start + np.searchsorted(sums.day[start:stop], first)
    high = start + np.searchsorted(sums.day[start:stop], last, side="right")
    if high == low:
        return 0
    grams, unknown = sums.grams[high - 1], sums.unknown[high - 1]
    if low > start:
        grams -= sums.grams[low - 1]
        unknown -= sums.unknown[low - 1]
    return UNKNOWN if unknown > 0 else grams


@njit(cache=True)
def grams_within_each(sums: Sums, group: Ints, first: Ints, last: Ints) -> Ints:
    """:func:`grams_within` for each position of the arrays."""
    found = np.empty(group.size, dtype=np.int64)
    for i in range(group.size):
        found[i] = grams_within(sums, group[i], first[i], last[i])
    return found
