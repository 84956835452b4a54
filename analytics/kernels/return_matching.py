"""Which lots are refused loads on their way back."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


class Refusals(NamedTuple):
    """Refused lots in order of ``key`` (the two firms and the code) and time.

    ``first`` to ``last``: when the load may have come back, in the time of the lots; ``tonnes``
    NaN where unknown, and then at most ``most_t`` (infinite where that is unknown too).
    """

    key: Ints
    first: Ints
    last: Ints
    tonnes: Floats
    most_t: Floats


class Lots(NamedTuple):
    """Lots of the other direction in order of ``key`` and time; ``tonnes`` NaN where unknown.

    ``first`` and ``last`` are equal where the time is known, else the ends of the day.
    """

    key: Ints
    first: Ints
    last: Ints
    tonnes: Floats


def match_returns(refusals: Refusals, lots: Lots, tolerance: float) -> NDArray[np.bool_]:
    """Of each lot, whether it is a refused load on its way back.

    Each lot belongs to one refusal at most. In turn, and within each turn in order of time, a
    refusal takes

    1. the earliest free lot of its quantity,
    2. of all runs of free lots, none more than it, that add up to it, the one that ends first
       (lots larger than it and those already taken do not interrupt a run),
    3. where its own quantity is unknown, the earliest free lot that is no larger than what was
       sent; where it is known, the earliest free lot of unknown quantity.

    Two quantities agree that differ by at most ``tolerance`` of the refused one. Whatever fits
    none of this is a transfer of its own: a lot much smaller than the refused one that no others
    complete, one that is larger, a second return of a load that came back already. A refusal
    without a return leaves nothing out.

    Returns
    -------
    NDArray[np.bool_]
        As long as ``lots``. Time grows with refusals times the lots of their pair and code that
        fall within the time of the return.
    """
    taken = np.zeros(len(lots.key), np.bool_)
    if len(lots.key) and len(refusals.key):
        begins = np.searchsorted(lots.key, refusals.key, "left").astype(np.int64)
        ends = np.searchsorted(lots.key, refusals.key, "right").astype(np.int64)
        _match(tuple(refusals), tuple(lots), begins, ends, tolerance, taken)
    return taken


Refused = tuple[Ints, Ints, Ints, Floats, Floats]
Back = tuple[Ints, Ints, Ints, Floats]


@njit(cache=True)
def _match(
    refusals: Refused,
    lots: Back,
    begins: Ints,
    ends: Ints,
    tolerance: float,
    taken: NDArray[np.bool_],
) -> None:
    _, first, last, refused_t, most_t = refusals
    _, lot_first, lot_last, lot_t = lots
    is_settled = np.zeros(refused_t.size, np.bool_)
    for turn in range(3):
        for r in range(refused_t.size):
            if is_settled[r]:
                continue
            begin = begins[r]
            while begin < ends[r] and lot_last[begin] < first[r]:
                begin += 1
            end = begin
            while end < ends[r] and lot_first[end] <= last[r]:
                end += 1
            if turn == 1:
                is_settled[r] = _take_run(lot_t, taken, begin, end, refused_t[r], tolerance)
                continue
            for b in range(begin, end):
                if taken[b]:
                    continue
                if turn == 0:
                    is_it = abs(lot_t[b] - refused_t[r]) <= tolerance * refused_t[r]
                elif np.isnan(refused_t[r]):
                    is_it = np.isnan(lot_t[b]) or lot_t[b] <= most_t[r] * (1 + tolerance)
                else:
                    is_it = np.isnan(lot_t[b])
                if is_it:
                    taken[b] = True
                    is_settled[r] = True
                    break


@njit(cache=True)
def _take_run(
    lot_t: Floats,
    taken: NDArray[np.bool_],
    begin: int,
    end: int,
    refused_t: float,
    tolerance: float,
) -> bool:
    """Take the run that ends first; NaN never adds up."""
    low, high = refused_t * (1 - tolerance), refused_t * (1 + tolerance)
    sum_t = 0.0
    start = begin
    for b in range(begin, end):
        if taken[b] or not lot_t[b] <= high:
            continue
        sum_t += lot_t[b]
        while sum_t > high:
            if not taken[start] and lot_t[start] <= high:
                sum_t -= lot_t[start]
            start += 1
        if sum_t >= low:
            for k in range(start, b + 1):
                taken[k] = taken[k] or lot_t[k] <= high
            return True
    return False
