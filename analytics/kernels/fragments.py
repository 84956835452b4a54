"""Equal fragments of different series: arrays in, arrays out.

Definition. Two windows of ``length`` consecutive values in two different series are equal when all
values are; a window with fewer than ``distinct`` different values says nothing and is left out.
Overlapping matches of the same shift are one fragment, as long as it goes.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
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


def _usable(values: Ints, series: Ints, length: int, distinct: int) -> Ints:
    """Starts of windows that stay in one series and hold enough different values."""
    windows = np.lib.stride_tricks.sliding_window_view(values, length)
    inside = series[length - 1 :] == series[: series.size - length + 1]
    starts = np.flatnonzero(inside)
    found = []
    for block in np.array_split(starts, max(1, starts.size // 50_000)):
        ordered = np.sort(windows[block], axis=1)
        kinds = 1 + (np.diff(ordered, axis=1) != 0).sum(axis=1)
        found.append(block[kinds >= distinct])
    return np.concatenate(found) if found else starts


def equal_fragments(
    series: Ints, values: Ints, *, length: int, distinct: int, copies: int = 8
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
    starts = _usable(values, series, length, distinct)
    hashes = _window_hash(values, length)[starts]
    order = np.lexsort((starts, hashes))
    starts, hashes = starts[order], hashes[order]
    bounds = np.flatnonzero(np.diff(hashes)) + 1
    sizes = np.diff(np.concatenate(([0], bounds, [hashes.size])))
    heads = np.concatenate(([0], bounds))
    pairs: list[tuple[int, int]] = []
    for head, size in zip(heads.tolist(), sizes.tolist(), strict=True):
        if 2 <= size <= copies:
            block = starts[head : head + size]
            pairs += [
                (int(a), int(b))
                for i, a in enumerate(block)
                for b in block[i + 1 :]
                if series[a] != series[b]
                and np.array_equal(values[a : a + length], values[b : b + length])
            ]
    return _joined(pairs, length)


def _joined(pairs: list[tuple[int, int]], length: int) -> Fragments:
    """Pairs of one shift that follow each other become one longer fragment."""
    known = set(pairs)
    found = []
    for a, b in sorted(known):
        if (a - 1, b - 1) in known:
            continue
        run = 1
        while (a + run, b + run) in known:
            run += 1
        found.append((a, b, length + run - 1))
    table = np.array(found, dtype=np.int64).reshape(-1, 3)
    return Fragments(table[:, 0], table[:, 1], table[:, 2])
