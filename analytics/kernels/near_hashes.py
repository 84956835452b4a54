"""Pairs of 64-bit picture hashes that differ in few bits: arrays in, arrays out.

Definition. Two pictures are near when their hashes differ in at most ``distance`` bits (Hamming)
and their owners differ. By the pigeonhole principle two such hashes agree in one of
``distance + 1`` bands of bits, so that only pictures of one band value are compared.
"""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Hashes = NDArray[np.uint64]
BITS = 64
# A band value of more pictures than this is one that pictures have by their making.
MOST_IN_BAND = 1_000


def near_pairs(hashes: Hashes, owner: Ints, distance: int) -> tuple[Ints, Ints]:
    """Places of near pictures (first < second), in order.

    Parameters
    ----------
    distance
        0 to 15 bits.

    Notes
    -----
    Pictures that share a band value with a thousand others are compared by that band no further;
    they are found by another band, if by any.
    """
    edges = np.linspace(0, BITS, distance + 2).astype(np.uint64)
    found: list[Ints] = [np.empty(0, dtype=np.int64)]
    for low, high in pairwise(edges):
        width = high - low
        mask = np.uint64(2 ** int(width) - 1)
        band = (hashes >> low) & mask
        order = np.argsort(band, kind="stable")
        found.append(_pairs_of_band(band[order], order, hashes, owner, distance))
    key = np.unique(np.concatenate(found))
    size = max(hashes.size, 1)
    return key // size, key % size


def _pairs_of_band(band: Hashes, order: Ints, hashes: Hashes, owner: Ints, distance: int) -> Ints:
    """Near pairs of one band as first * size + second."""
    found = [np.empty(0, dtype=np.int64)]
    at = np.arange(max(band.size - 1, 0), dtype=np.int64)
    step = 1
    while at.size and step <= MOST_IN_BAND:
        at = at[at + step < band.size]
        at = at[band[at] == band[at + step]]
        a, b = order[at], order[at + step]
        near = (owner[a] != owner[b]) & (np.bitwise_count(hashes[a] ^ hashes[b]) <= distance)
        found.append(np.minimum(a, b)[near] * hashes.size + np.maximum(a, b)[near])
        step += 1
    return np.concatenate(found)
