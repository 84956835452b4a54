"""Depth-first search over bundles, and the single paths behind each path of bundles."""

from typing import NamedTuple

import numpy as np
from numba import njit

from analytics.kernels.flow_bundles import FOLLOWS, OPENS, STRICT, Bundles, Ledger
from analytics.kernels.flow_edges import LONGEST, Bools, Ints
from analytics.kernels.flow_sums import UNKNOWN, grams_within

SLACK = 1e-9


class Limits(NamedTuple):
    """Rules and bounds as the compiled search takes them; ``lots`` per path of bundles."""

    window: int
    hop_limit: int
    low: float
    high: float
    concentration: float
    steps: int
    paths: int
    pair_steps: int
    pair_paths: int
    lots: int


class Changed(NamedTuple):
    """Days of changes, ascending by node; ``start`` by node; empty days: every path counts."""

    start: Ints
    day: Ints


@njit(cache=True)
def _sent_enough(grams: int, sent: int, low: float) -> bool:
    return sent == UNKNOWN or grams == UNKNOWN or sent >= low * grams * (1 - SLACK)


@njit(cache=True)
def _took_enough(grams: int, taken: int, high: float) -> bool:
    return taken == UNKNOWN or grams == UNKNOWN or grams <= high * taken * (1 + SLACK)


@njit(cache=True)
def _is_thin(part: int, whole: int, concentration: float) -> bool:
    known = part != UNKNOWN and whole != UNKNOWN
    return known and part < concentration * whole * (1 - SLACK)


@njit(cache=True)
def _flow_holds(e: int, f: int, bundles: Bundles, ledger: Ledger, limits: Limits) -> bool:
    """Whether some lot of bundle ``f`` may follow some lot of bundle ``e``."""
    least = bundles.grams[bundles.start[f]]
    if not _took_enough(least, bundles.taken[f], limits.high):
        return False
    last = bundles.day[e] + limits.window
    sent = grams_within(ledger.pair, bundles.pair[f], bundles.day[e], last)
    if not _sent_enough(bundles.grams[bundles.start[e]], sent, limits.low):
        return False
    if not _is_thin(sent, bundles.given[e], limits.concentration):
        return True
    first = bundles.day[f] - limits.window
    own = grams_within(ledger.pair, bundles.pair[e], first, bundles.day[f])
    return not _is_thin(own, bundles.taken[f], limits.concentration)


@njit(cache=True)
def _is_changed(path: Ints, depth: int, bundles: Bundles, changed: Changed, window: int) -> bool:
    """Whether a sum that the path rests on may have changed."""
    if changed.day.size == 0:
        return True
    for i in range(depth):
        e, f = path[i], path[i + 1]
        start, stop = changed.start[bundles.source[f]], changed.start[bundles.source[f] + 1]
        days = changed.day[start:stop]
        place = np.searchsorted(days, bundles.day[f] - window)
        if place < days.size and days[place] <= bundles.day[e] + window:
            return True
    return False


@njit(cache=True)
def _fitting(
    path: Ints, i: int, depth: int, bundles: Bundles, ledger: Ledger, limits: Limits
) -> int:
    """How many lots of the bundle at place ``i`` fit between its neighbours on the path."""
    b = path[i]
    start, stop = bundles.start[b], bundles.start[b + 1]
    sent = np.int64(UNKNOWN)
    if i < depth:
        last = bundles.day[b] + limits.window
        sent = grams_within(ledger.pair, bundles.pair[path[i + 1]], bundles.day[b], last)
    # Smaller lots fit before larger ones: the last that fits is found by halving.
    low, high = start, stop
    while low < high:
        middle = (low + high) // 2
        fits = _sent_enough(bundles.grams[middle], sent, limits.low)
        if i > 0:
            fits = fits and _took_enough(bundles.grams[middle], bundles.taken[b], limits.high)
        if fits:
            low = middle + 1
        else:
            high = middle
    return int(low - start)


@njit(cache=True)
def _list_lots(
    path: Ints, depth: int, bundles: Bundles, ledger: Ledger, limits: Limits, room: int, out: Ints
) -> tuple[int, bool]:
    """Single paths of a path of bundles, largest lots first, into ``out``; were any left out."""
    counts = np.zeros(LONGEST, dtype=np.int64)
    for i in range(depth + 1):
        counts[i] = _fitting(path, i, depth, bundles, ledger, limits)
        if counts[i] == 0:
            return 0, False
    chosen = counts - 1
    written = 0
    while True:
        if written >= min(room, limits.lots):
            return written, True
        for i in range(LONGEST):
            out[written, i] = bundles.lot[bundles.start[path[i]] + chosen[i]] if i <= depth else -1
        written += 1
        place = depth
        while place >= 0 and chosen[place] == 0:
            chosen[place] = counts[place] - 1
            place -= 1
        if place < 0:
            return written, False
        chosen[place] -= 1


@njit(cache=True)
def _may_follow(f: int, path: Ints, depth: int, bundles: Bundles) -> bool:
    flags, goods = bundles.flags[f], bundles.goods[f]
    if flags & FOLLOWS == 0:
        return False
    if flags & STRICT and (goods < 0 or goods != bundles.goods[path[depth]]):
        return False
    if bundles.target[f] == bundles.source[path[0]]:
        return False
    is_new = True
    for i in range(depth + 1):
        is_new = is_new and bundles.target[f] != bundles.target[path[i]]
    return is_new


@njit(cache=True)
def search(
    openings: Ints,
    inner: Bools,
    bundles: Bundles,
    ledger: Ledger,
    changed: Changed,
    limits: Limits,
    found: Ints,
    is_cut: Ints,
) -> tuple[int, int]:
    """Fill ``found`` with single paths from the openings, which stand together by pair.

    ``is_cut`` is set at the openings from which paths are missing. Returns paths and steps.
    """
    count, steps, pair_count, pair_steps = 0, 0, 0, 0
    path = np.full(LONGEST, -1, dtype=np.int64)
    cursor = np.zeros(LONGEST, dtype=np.int64)
    for number in range(openings.size):
        opening = openings[number]
        if number == 0 or bundles.pair[opening] != bundles.pair[openings[number - 1]]:
            pair_count, pair_steps = 0, 0
        path[0], depth = opening, 0
        cursor[0] = _first_after(bundles, ledger, opening)
        deadline = bundles.day[opening] + limits.window
        while depth >= 0:
            e = path[depth]
            node = bundles.target[e]
            f = cursor[depth]
            is_end = depth + 1 >= limits.hop_limit or not inner[node]
            if is_end or f >= ledger.first[node + 1] or bundles.day[f] > deadline:
                depth -= 1
                continue
            if steps >= limits.steps or pair_steps >= limits.pair_steps:
                is_cut[number] = 1
                break
            cursor[depth] += 1
            steps += 1
            pair_steps += 1
            if not _may_follow(f, path, depth, bundles):
                continue
            if not _flow_holds(e, f, bundles, ledger, limits):
                continue
            depth += 1
            path[depth] = f
            cursor[depth] = _first_after(bundles, ledger, f)
            if not _is_changed(path, depth, bundles, changed, limits.window):
                continue
            room = min(limits.paths - count, limits.pair_paths - pair_count)
            written, is_short = _list_lots(
                path, depth, bundles, ledger, limits, room, found[count:]
            )
            count += written
            pair_count += written
            if is_short:
                is_cut[number] = 1
            if is_short and written == room:
                break
    return count, steps


@njit(cache=True)
def _first_after(bundles: Bundles, ledger: Ledger, b: int) -> int:
    """First bundle out of the target of ``b`` from its day on."""
    start, stop = ledger.first[bundles.target[b]], ledger.first[bundles.target[b] + 1]
    return int(start + np.searchsorted(bundles.day[start:stop], bundles.day[b]))


def openings_of(bundles: Bundles) -> Ints:
    """Bundles that may open a path, by pair and day."""
    opens = np.flatnonzero(bundles.flags & OPENS)
    return opens[np.lexsort((opens, bundles.day[opens], bundles.pair[opens]))].astype(np.int64)
