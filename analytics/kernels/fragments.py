"""Equal fragments of different series: arrays in, arrays out.

Definition. Two windows of ``length`` consecutive values in two different series are equal when all
values are; a window with fewer than ``distinct`` different values says nothing and is left out.
Overlapping matches of the same shift are one fragment, as long as it goes.

Chance. Coarse readings that move by a digit or stand meet by accident once millions of windows are
compared. A fragment's steps have a probability by how often each step occurs in the series; it is
kept when that is below one in the number of comparisons by ``margin_bits`` more, in both series.
"""

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, slots=True)
class Fragments:
    """Positions of the first values of both copies (first < second) and the length, in order."""

    first: Ints
    second: Ints
    length: Ints


def _window_hash(values: Ints, length: int) -> NDArray[np.uint64]:
    """Polynomial hash, modulo 2^64, of each window of ``length`` values."""
    mixed = values.astype(np.uint64) * np.uint64(0xBF58476D1CE4E5B9) + np.uint64(1)
    mixed ^= mixed >> np.uint64(31)
    windows = values.size - length + 1
    total = np.zeros(windows, dtype=np.uint64)
    for at in range(length):
        total = total * MULTIPLIER + mixed[at : at + windows]
    return total


def _last_seen(series: Ints, values: Ints) -> Ints:
    """Place of the same value before, in the same series; -1 for none."""
    order = np.lexsort((values, series))
    is_same = np.zeros(values.size, dtype=np.bool_)
    is_same[1:] = (np.diff(series[order]) == 0) & (np.diff(values[order]) == 0)
    before = np.full(values.size, -1, dtype=np.int64)
    before[order[is_same]] = order[np.flatnonzero(is_same) - 1]
    return before


@njit(cache=True)
def _usable(series: Ints, before: Ints, length: int, distinct: int) -> Ints:
    """Starts of windows that stay in one series and hold enough different values."""
    found = np.empty(max(series.size - length + 1, 0), dtype=np.int64)
    count = 0
    for start in range(found.size):
        if series[start] != series[start + length - 1]:
            continue
        kinds = 0
        for at in range(start, start + length):
            kinds += before[at] < start
        if kinds >= distinct:
            found[count] = start
            count += 1
    return found[:count]


@njit(cache=True)
def _are_equal(values: Ints, first: Ints, second: Ints, length: int) -> Bools:
    """Whether the windows that start at ``first`` and ``second`` hold the same values."""
    found = np.ones(first.size, dtype=np.bool_)
    for pair in range(first.size):
        for step in range(length):
            if values[first[pair] + step] != values[second[pair] + step]:
                found[pair] = False
                break
    return found


def equal_fragments(
    series: Ints,
    values: Ints,
    *,
    length: int,
    distinct: int,
    copies: int = 8,
    margin_bits: float | None = None,
) -> Fragments:
    """Equal fragments among series.

    Parameters
    ----------
    series, values
        Series number and value code, sorted by series and time; equal shapes.
    length, distinct
        Values of a window, and how many different ones it must hold.
    copies
        A window that stands in more places than this is a common pattern and left out.
    margin_bits
        How much rarer than one chance match in all comparisons a fragment must be; ``None``: any.

    Raises
    ------
    ValueError
        For a length below 2.
    """
    if length < 2:
        raise ValueError(f"fragment length {length} must be at least 2")
    none = np.empty(0, dtype=np.int64)
    if values.size < length:
        return Fragments(none, none, none)
    starts = _usable(series, _last_seen(series, values), length, distinct)
    first, second = _matches(series, values, starts, length, copies)
    found = _joined(first, second, length)
    if margin_bits is None or not found.first.size:
        return found
    return _surprising(found, series, values, 2 * np.log2(starts.size) - 1 + margin_bits)


def _matches(
    series: Ints, values: Ints, starts: Ints, length: int, copies: int
) -> tuple[Ints, Ints]:
    """Starts (first < second) of equal windows of different series, at most ``copies`` of one."""
    hashes = _window_hash(values, length)[starts]
    order = np.argsort(hashes, kind="stable")
    starts, hashes = starts[order], hashes[order]
    group = np.cumsum(np.concatenate(([0], np.diff(hashes) != 0)))[: starts.size]
    is_rare = np.bincount(group)[group] <= copies if starts.size else np.empty(0, dtype=np.bool_)
    starts, group = starts[is_rare], group[is_rare]
    found = [(np.empty(0, dtype=np.int64),) * 2]
    for step in range(1, copies):
        at = np.flatnonzero(group[step:] == group[: group.size - min(step, group.size)])
        found.append((starts[at], starts[at + step]))
    first, second = (np.concatenate([pair[side] for pair in found]) for side in (0, 1))
    is_match = (series[first] != series[second]) & _are_equal(values, first, second, length)
    return first[is_match], second[is_match]


def _joined(first: Ints, second: Ints, length: int) -> Fragments:
    """Pairs of one shift that follow each other become one longer fragment."""
    shift = second - first
    order = np.lexsort((first, shift))
    first, second, shift = first[order], second[order], shift[order]
    is_head = np.ones(first.size, dtype=np.bool_)
    is_head[1:] = (np.diff(shift) != 0) | (np.diff(first) != 1)
    heads = np.flatnonzero(is_head)
    runs = np.diff(np.append(heads, first.size)) + length - 1
    order = np.lexsort((second[heads], first[heads]))
    return Fragments(first[heads][order], second[heads][order], runs[order])


def _step_bits(series: Ints, values: Ints) -> Floats:
    """Running sum of -log2 of the share that each step has among those of its series."""
    inside = np.flatnonzero(np.diff(series) == 0)
    table = np.column_stack((series[inside], np.diff(values)[inside]))
    _, kind, counts = np.unique(table, axis=0, return_inverse=True, return_counts=True)
    kind = kind.ravel()
    _, own, steps = np.unique(series[inside], return_inverse=True, return_counts=True)
    bits = np.zeros(series.size)
    bits[inside + 1] = np.log2(steps[own]) - np.log2(counts[kind])
    return np.cumsum(bits)


def _surprising(found: Fragments, series: Ints, values: Ints, needed: float) -> Fragments:
    """Fragments whose steps carry at least ``needed`` bits in both series."""
    running = _step_bits(series, values)
    last = found.length - 1
    bits = np.minimum(
        running[found.first + last] - running[found.first],
        running[found.second + last] - running[found.second],
    )
    keep = bits >= needed
    return Fragments(found.first[keep], found.second[keep], found.length[keep])
