"""Edges that can lie on no loop, taken off cheaply before anything is sorted.

An edge on a loop has an edge before it and one after it; the first of a loop has the last before
it, and the last the first behind it. Whether a fitting one exists is asked of bit maps over
hashed (node, code, band of quantity, span of time): a collision keeps an edge too many, never
takes one too many. Repeated until little changes.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from analytics.kernels.temporal_rules import Rules

Ints = NDArray[np.int64]
Bytes = NDArray[np.uint8]

ANY = -2
UNKNOWN = -1
# Few false neighbours, and a map that still fits near the processor.
CELLS_PER_EDGE = 4.0
MOST_BITS = 26
LEAST_BITS = 8
ROUNDS = 12
# Another pass over what is left pays while it takes off at least one in so many.
WORTHWHILE = 50
NO_BAND = np.int64(-(1 << 40))


class Keys(NamedTuple):
    """What trimming looks at, one entry per edge or element; all of one length.

    ``code`` -1 unknown; ``band`` NO_BAND unknown, of length 0 when quantities do not count;
    ``span`` number of the stretch of time, each at least as long as a window; ``may_end``:
    whether a loop that is asked for may end with it, of length 0 when all may.
    """

    source: NDArray[np.int32]
    target: NDArray[np.int32]
    code: NDArray[np.int32]
    band: Ints
    span: NDArray[np.int32]
    may_end: NDArray[np.bool_]


class Reach(NamedTuple):
    """How far a neighbour's band may lie: after ``up`` and ``down`` bands, and whether to ask."""

    down: int
    up: int
    has_bands: bool
    has_codes: bool
    has_unknown_band: bool
    has_unknown_code: bool


class Maps(NamedTuple):
    """A byte per hashed key, with bits for three neighbouring spans, by their number modulo 3.

    ``near``: something comes to the node (bits 1, 2, 4) or goes from it (8, 16, 32). ``ending``:
    something comes to it that may end a loop (1, 2, 4); the same array when all may.
    """

    near: Bytes
    ending: Bytes
    mask: np.uint64


@njit(cache=True, inline="always")
def _cell(node: int, code: int, band: int, mask: np.uint64) -> np.uint64:
    x = (
        np.uint64(node) * np.uint64(0x9E3779B97F4A7C15)
        + np.uint64(code + 3) * np.uint64(0xC2B2AE3D27D4EB4F)
        + np.uint64(band + 1000) * np.uint64(0x165667B19E3779F9)
    )
    x ^= x >> np.uint64(29)
    x *= np.uint64(0xBF58476D1CE4E5B9)
    x ^= x >> np.uint64(32)
    return x & mask


@njit(cache=True, inline="always")
def _put(
    cells: Bytes, node: int, code: int, band: int, bit: int, reach: Reach, mask: np.uint64
) -> None:
    """Set a bit under all keys under which a neighbour may look for this edge."""
    own_code = np.int64(code) if reach.has_codes else np.int64(ANY)
    if reach.has_bands:
        cells[_cell(node, own_code, band, mask)] |= np.uint8(bit)
    cells[_cell(node, own_code, ANY, mask)] |= np.uint8(bit)
    if reach.has_codes and reach.has_unknown_code:
        if reach.has_bands:
            cells[_cell(node, ANY, band, mask)] |= np.uint8(bit)
        cells[_cell(node, ANY, ANY, mask)] |= np.uint8(bit)


@njit(cache=True, inline="always")
def _look(
    cells: Bytes, node: int, code: int, low: int, high: int, reach: Reach, mask: np.uint64
) -> np.uint8:
    """Bits of edges of agreeing code and of a band within low..high; ``low`` ANY: of any band."""
    own = np.int64(code) if reach.has_codes and code >= 0 else np.int64(ANY)
    turns = 2 if own != ANY and reach.has_unknown_code else 1
    bits = np.uint8(0)
    for _ in range(turns):
        if low == ANY:
            bits |= cells[_cell(node, own, ANY, mask)]
        else:
            for band in range(low, high + 1):
                bits |= cells[_cell(node, own, band, mask)]
            if reach.has_unknown_band:
                bits |= cells[_cell(node, own, NO_BAND, mask)]
        own = np.int64(UNKNOWN)
    return bits


@njit(cache=True, inline="always")
def _keeps(
    source: int, target: int, code: int, band: int, may_end: bool, slot: int, reach: Reach,
    near: Bytes, ending: Bytes, mask: np.uint64,
) -> bool:  # fmt: skip
    here, before, after = 1 << slot, 1 << (slot + 2) % 3, 1 << (slot + 1) % 3
    # Bands of what comes before, then of what follows; any where this quantity is unknown.
    is_free = not reach.has_bands or band == NO_BAND
    before_low = np.int64(ANY) if is_free else np.int64(band - reach.up)
    before_high = np.int64(ANY) if is_free else np.int64(band + reach.down)
    after_low = np.int64(ANY) if is_free else np.int64(band - reach.down)
    after_high = np.int64(ANY) if is_free else np.int64(band + reach.up)
    coming = _look(near, source, code, before_low, before_high, reach, mask)
    going = _look(near, target, code, after_low, after_high, reach, mask)
    has_before = bool(coming & (here | before))
    has_after = bool(going & ((here | after) << 3))
    is_kept = has_before and has_after
    if has_after and not has_before:
        # It can only be the first: the last of the loop comes back to its source.
        last = _look(ending, source, code, np.int64(ANY), np.int64(ANY), reach, mask)
        is_kept = bool(last & (here | after))
    if has_before and not has_after and may_end:
        first = _look(near, target, code, np.int64(ANY), np.int64(ANY), reach, mask)
        is_kept = bool(first & ((here | before) << 3))
    return is_kept


@njit(cache=True)
def _mark_span(
    left: NDArray[np.int32], begin: int, end: int, slot: int, keys: Keys, reach: Reach, maps: Maps
) -> None:
    """Put the edges ``begin..end`` in place of the span that had the slot before."""
    # Arrays are taken out of the tuples before the loops: each access inside would count a
    # reference.
    source, target, code, bands, _, may_end = keys
    near, ending, mask = maps
    has_ends = may_end.size > 0
    others = np.uint8(63 ^ (9 << slot))
    for i in range(near.size):
        near[i] &= others
    if has_ends:
        for i in range(ending.size):
            ending[i] &= others
    for i in range(begin, end):
        e = left[i]
        band = bands[e] if reach.has_bands else NO_BAND
        _put(near, target[e], code[e], band, 1 << slot, reach, mask)
        _put(near, source[e], code[e], band, 8 << slot, reach, mask)
        if has_ends and may_end[e]:
            _put(ending, target[e], code[e], band, 1 << slot, reach, mask)


@njit(cache=True)
def _longest_span(spans: NDArray[np.int32]) -> int:
    """Most edges of one span; 0 when they do not come in order."""
    most, begin = 0, 0
    for i in range(spans.size):
        if spans[i] < spans[begin]:
            return 0
        if spans[i] != spans[begin]:
            begin = i
        most = max(most, i + 1 - begin)
    return most


@njit(cache=True)
def _end_of_span(
    left: NDArray[np.int32], begin: int, count: int, span: int, spans: NDArray[np.int32]
) -> int:
    while begin < count and spans[left[begin]] == span:
        begin += 1
    return begin


@njit(cache=True)
def _pass_spans(left: NDArray[np.int32], count: int, keys: Keys, reach: Reach, maps: Maps) -> int:
    """One pass over ``left[:count]``, which comes by span; what is kept is moved to the front.

    A span is put into the maps just before it is asked for, so that they stay small.
    """
    source, target, code, bands, spans, may_end = keys
    near, ending, mask = maps
    has_ends = may_end.size > 0
    near[:] = 0
    ending[:] = 0
    # Numbers of one type: a constant of its own type would have all below compiled twice.
    kept, begin, marked = np.int64(0), np.int64(0), np.int64(-1)
    none = np.int64(0)
    while begin < count:
        span = np.int64(spans[left[begin]])
        end = _end_of_span(left, begin, count, span, spans)
        if marked < span:
            # The span before it is empty, or this is the first one.
            _mark_span(left, none, none, (span + 2) % 3, keys, reach, maps)
            _mark_span(left, begin, end, span % 3, keys, reach, maps)
        following = _end_of_span(left, end, count, span + 1, spans)
        _mark_span(left, end, following, (span + 1) % 3, keys, reach, maps)
        marked = span + 1
        for i in range(begin, end):
            e = left[i]
            band = bands[e] if reach.has_bands else NO_BAND
            is_last = not has_ends or may_end[e]
            if _keeps(
                source[e], target[e], code[e], band, is_last, span % 3, reach, near, ending, mask
            ):
                left[kept] = e
                kept += 1
        begin = end
    return int(kept)


@njit(cache=True)
def _trim(left: NDArray[np.int32], keys: Keys, reach: Reach, bits: int) -> NDArray[np.int32]:
    count = left.size
    near = np.zeros(1 << bits, np.uint8)
    ending = np.zeros(1 << bits, np.uint8) if keys.may_end.size else near
    maps = Maps(near, ending, np.uint64((1 << bits) - 1))
    for _ in range(ROUNDS):
        kept = _pass_spans(left, count, keys, reach, maps)
        is_done = (count - kept) * WORTHWHILE <= count
        count = kept
        if is_done:
            break
    return left[:count].copy()


def bands_of(tonnes: NDArray[np.floating], rules: Rules) -> Ints:
    """Band of each quantity on the scale of its logarithm; NO_BAND where unknown."""
    with np.errstate(divide="ignore", invalid="ignore"):
        raw = np.floor(np.log(tonnes.astype(np.float64, copy=False)) / rules.width)
    return np.where(np.isnan(tonnes), float(NO_BAND), raw).astype(np.int64)


def trim(keys: Keys, rules: Rules, *, has_bands: bool, has_codes: bool) -> NDArray[np.int32]:
    """Positions, in order, of the edges that may lie on a loop.

    Parameters
    ----------
    keys
        ``span`` numbers stretches no shorter than the longest time between two edges of a loop.
    has_bands
        Whether quantities count; only for elements, since a part of a bundle need not fit.
    has_codes
        Whether an edge needs a neighbour of its own code, or of an unknown one.
    """
    if not keys.source.size:
        return np.empty(0, np.int32)
    # The band of a neighbour, with a little over for rounding at the edges of bands.
    down = int(np.ceil(-rules.log_low / rules.width + 1e-6))
    up = int(np.ceil(rules.log_high / rules.width + 1e-6))
    reach = Reach(
        max(down, 0) if has_bands else 0,
        max(up, 0) if has_bands else 0,
        has_bands,
        has_codes,
        bool(has_bands and (keys.band == NO_BAND).any()),
        bool(has_codes and (keys.code < 0).any()),
    )
    left = np.arange(keys.source.size, dtype=np.int32)
    most = _longest_span(keys.span)
    if most == 0:
        left = np.argsort(keys.span, kind="stable").astype(np.int32)
        most = _longest_span(keys.span[left])
    bits = int(np.clip(np.ceil(np.log2(most * CELLS_PER_EDGE)), LEAST_BITS, MOST_BITS))
    kept = _trim(left, keys, reach, bits)
    return np.sort(kept)
