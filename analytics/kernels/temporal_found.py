"""The table of node sets that a search fills: bounded, counted in place, no walk is stored."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


class Found(NamedTuple):
    """Node sets found: hash ``table`` of rows into ``nodes`` (sorted, -1 behind) and ``facts``.

    ``walks`` by set; ``facts`` columns: first start, last end. ``tally``: sets kept, walks of
    sets that were not kept. ``quota`` is the number of sets that a node may be in before a set
    of such nodes only is refused.
    """

    table: Ints
    nodes: Ints
    walks: Floats
    facts: Ints
    per_node: Ints
    tally: Floats
    quota: int


def empty_found(sets: int, longest: int, nodes: int, quota: int) -> Found:
    """Room for ``sets`` node sets of at most ``longest`` of ``nodes`` nodes."""
    size = 1 << int(2 * max(sets, 1)).bit_length()
    return Found(
        np.full(size, -1, np.int64),
        np.full((sets, longest), -1, np.int64),
        np.zeros(sets),
        np.zeros((sets, 2), np.int64),
        np.zeros(nodes, np.int64),
        np.zeros(2),
        quota,
    )


@njit(cache=True)
def _mixed(value: np.uint64) -> np.uint64:
    x = value + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


@njit(cache=True)
def _slot(nodes: Ints, size: int, found: Found) -> np.int64:
    """Slot of a sorted node set: its own, or the free one where it belongs."""
    key = np.uint64(size)
    for i in range(size):
        key = _mixed(key ^ np.uint64(nodes[i]))
    mask = np.uint64(found.table.shape[0] - 1)
    at = key & mask
    while found.table[at] >= 0:
        known = found.table[at]
        same = size == found.nodes.shape[1] or found.nodes[known, size] < 0
        for i in range(size):
            if found.nodes[known, i] != nodes[i]:
                same = False
                break
        if same:
            break
        at = (at + np.uint64(1)) & mask
    return np.int64(at)


@njit(cache=True)
def _is_crowded(local: Ints, size: int, found: Found) -> bool:
    least = found.per_node[local[0]]
    for i in range(1, size):
        least = min(least, found.per_node[local[i]])
    return bool(least >= found.quota)


@njit(cache=True)
def record(
    local: Ints, size: int, ids: Ints, walks: float, first: int, last: int, found: Found
) -> None:
    """Count ``walks`` closed walks under their node set.

    ``local[:size]`` are node numbers of the segment, ``ids`` what they stand for outside.
    """
    nodes = np.empty(size, np.int64)
    for i in range(size):
        value = ids[local[i]]
        j = i - 1
        while j >= 0 and nodes[j] > value:
            nodes[j + 1] = nodes[j]
            j -= 1
        nodes[j + 1] = value
    at = _slot(nodes, size, found)
    known = found.table[at]
    if known < 0:
        if found.tally[0] == found.nodes.shape[0] or _is_crowded(local, size, found):
            found.tally[1] += walks
            return
        known = np.int64(found.tally[0])
        found.tally[0] += 1
        found.table[at] = known
        found.nodes[known, :size] = nodes
        for i in range(size):
            found.per_node[local[i]] += 1
        found.facts[known, 0] = first
        found.facts[known, 1] = last
    found.walks[known] += walks
    found.facts[known, 0] = min(found.facts[known, 0], first)
    found.facts[known, 1] = max(found.facts[known, 1], last)
