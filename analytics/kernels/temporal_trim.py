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
MOST_BITS = 27
LEAST_BITS = 12
ROUNDS = 12
# Another pass over what is left pays while it takes off at least one in so many.
WORTHWHILE = 50
NO_BAND = np.int64(-(1 << 40))


class Keys(NamedTuple):
    """What trimming looks at, one entry per edge or element; all of one length.

    ``code`` -1 unknown; ``band`` NO_BAND unknown; ``span`` number of the stretch of time, each at
    least as long as a window; ``may_end``: whether a loop that is asked for may end with it, of
    length 0 when all may.
    """

    source: NDArray[np.int32]
    target: NDArray[np.int32]
    code: NDArray[np.int32]
    band: NDArray[np.int64]
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


@njit(cache=True, inline="always")
def _bit(node: int, code: int, band: int, span: int, mask: np.uint64) -> np.uint64:
    x = (
        np.uint64(node) * np.uint64(0x9E3779B97F4A7C15)
        + np.uint64(code + 3) * np.uint64(0xC2B2AE3D27D4EB4F)
        + np.uint64(band + 1000) * np.uint64(0x165667B19E3779F9)
        + np.uint64(span + 2) * np.uint64(0x27D4EB2F165667C5)
    )
    x ^= x >> np.uint64(29)
    x *= np.uint64(0xBF58476D1CE4E5B9)
    x ^= x >> np.uint64(32)
    return x & mask


@njit(cache=True, inline="always")
def _put(bits: Bytes, node: int, code: int, band: int, span: int, mask: np.uint64) -> None:
    at = _bit(node, code, band, span, mask)
    bits[at >> np.uint64(3)] |= np.uint8(1) << np.uint8(at & np.uint64(7))


@njit(cache=True, inline="always")
def _has(bits: Bytes, node: int, code: int, band: int, span: int, mask: np.uint64) -> bool:
    at = _bit(node, code, band, span, mask)
    return bool(bits[at >> np.uint64(3)] & (np.uint8(1) << np.uint8(at & np.uint64(7))))


@njit(cache=True)
def _mark(
    bits: Bytes, node: int, code: int, band: int, span: int, reach: Reach, mask: np.uint64
) -> None:
    """Set the bits under which a neighbour may look for this edge."""
    own_code = np.int64(code) if reach.has_codes else np.int64(ANY)
    own_band = band if reach.has_bands else np.int64(ANY)
    _put(bits, node, own_code, own_band, span, mask)
    if reach.has_bands:
        _put(bits, node, own_code, ANY, span, mask)
    if reach.has_codes and reach.has_unknown_code:
        _put(bits, node, ANY, own_band, span, mask)
        if reach.has_bands:
            _put(bits, node, ANY, ANY, span, mask)


@njit(cache=True)
def _is_there(
    bits: Bytes,
    node: int,
    code: int,
    low: int,
    high: int,
    span: int,
    reach: Reach,
    mask: np.uint64,
) -> bool:
    """Whether an edge of agreeing code and of a band within low..high may be there.

    ``low`` ANY: of any band.
    """
    own = np.int64(code) if reach.has_codes and code >= 0 else np.int64(ANY)
    for turn in range(2):
        if turn == 1:
            if own == ANY or not reach.has_unknown_code:
                break
            own = np.int64(UNKNOWN)
        if low == ANY:
            if _has(bits, node, own, ANY, span, mask):
                return True
            continue
        for band in range(low, high + 1):
            if _has(bits, node, own, band, span, mask):
                return True
        if reach.has_unknown_band and _has(bits, node, own, NO_BAND, span, mask):
            return True
    return False


@njit(cache=True)
def _keeps(
    e: int, keys: Keys, reach: Reach, coming: Bytes, going: Bytes, ending: Bytes, mask: np.uint64
) -> bool:
    source, target, code = keys.source[e], keys.target[e], keys.code[e]
    span, band = np.int64(keys.span[e]), keys.band[e] if reach.has_bands else NO_BAND
    # Bands of what comes before, then of what follows; any where this quantity is unknown.
    before_low = before_high = after_low = after_high = np.int64(ANY)
    if reach.has_bands and band != NO_BAND:
        before_low, before_high = band - reach.up, band + reach.down
        after_low, after_high = band - reach.down, band + reach.up
    has_before = _is_there(
        coming, source, code, before_low, before_high, span, reach, mask
    ) or _is_there(coming, source, code, before_low, before_high, span - 1, reach, mask)
    has_after = _is_there(
        going, target, code, after_low, after_high, span, reach, mask
    ) or _is_there(going, target, code, after_low, after_high, span + 1, reach, mask)
    if has_before and has_after:
        return True
    if not has_before and not has_after:
        return False
    if not has_before:
        # It can only be the first: the last of the loop comes back to its source.
        return _is_there(ending, source, code, ANY, ANY, span, reach, mask) or _is_there(
            ending, source, code, ANY, ANY, span + 1, reach, mask
        )
    if keys.may_end.size and not keys.may_end[e]:
        return False
    return _is_there(going, target, code, ANY, ANY, span, reach, mask) or _is_there(
        going, target, code, ANY, ANY, span - 1, reach, mask
    )


@njit(cache=True)
def _trim(keys: Keys, reach: Reach, bits: int) -> NDArray[np.int32]:
    mask = np.uint64((1 << bits) - 1)
    left = np.arange(keys.source.size).astype(np.int32)
    count = left.size
    coming, going = np.zeros(1 << (bits - 3), np.uint8), np.zeros(1 << (bits - 3), np.uint8)
    has_ends = keys.may_end.size > 0
    ending = np.zeros(1 << (bits - 3), np.uint8) if has_ends else coming
    for _ in range(ROUNDS):
        coming[:] = 0
        going[:] = 0
        if has_ends:
            ending[:] = 0
        for i in range(count):
            e = left[i]
            band = keys.band[e] if reach.has_bands else NO_BAND
            _mark(coming, keys.target[e], keys.code[e], band, keys.span[e], reach, mask)
            _mark(going, keys.source[e], keys.code[e], band, keys.span[e], reach, mask)
            if has_ends and keys.may_end[e]:
                _mark(ending, keys.target[e], keys.code[e], band, keys.span[e], reach, mask)
        kept = 0
        for i in range(count):
            if _keeps(left[i], keys, reach, coming, going, ending, mask):
                left[kept] = left[i]
                kept += 1
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


def trim(keys: Keys, rules: Rules, *, has_bands: bool) -> NDArray[np.int32]:
    """Positions, in order, of the edges that may lie on a loop.

    Parameters
    ----------
    keys
        ``span`` numbers stretches no shorter than the longest time between two edges of a loop.
    has_bands
        Whether quantities count; only for elements, since a part of a bundle need not fit.
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
        rules.is_equal_code,
        bool(has_bands and (keys.band == NO_BAND).any()),
        bool(rules.is_equal_code and (keys.code < 0).any()),
    )
    bits = int(np.clip(np.ceil(np.log2(keys.source.size * 32.0)), LEAST_BITS, MOST_BITS))
    return _trim(keys, reach, bits)
