"""Pairs that could join under some frequency of their values, whatever the other records are.

What a shared value adds depends on how rare it is among all records, and so changes with every
run. Its bounds do not: a pair that falls short of them need never be looked at again.
"""

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

from ingest.resolve.cluster import Floats
from ingest.resolve.compare import ATTRIBUTES
from ingest.resolve.score import MOST_LEVELS
from ingest.resolve.weigh import SURPRISE_BOUNDS, SURPRISES, Weights

SMALL = 1e-9


def most_bits(weights: Weights) -> Floats:
    """Most bits that each level can bring with the surprise of its value."""
    table = np.zeros((len(ATTRIBUTES), MOST_LEVELS))
    for row, values in enumerate(weights.levels):
        table[row, : len(values)] = values
    for (name, attribute, levels), factor in zip(SURPRISES, weights.surprise, strict=True):
        most = max(factor * bound for bound in SURPRISE_BOUNDS[name])
        for level in levels:
            table[attribute, level] += most
    return table


@njit(parallel=True, cache=True)
def _most(levels: NDArray[np.int8], prior: float, table: Floats) -> Floats:
    out = np.empty(len(levels))
    for k in prange(len(levels)):
        total = prior
        for attribute in range(levels.shape[1]):
            total += table[attribute, levels[k, attribute]]
        out[k] = total
    return out


def worth_keeping(weights: Weights, least: float, levels: NDArray[np.int8]) -> NDArray[np.bool_]:
    """Whether each pair can reach ``least`` bits."""
    kept: NDArray[np.bool_] = _most(levels, weights.prior, most_bits(weights)) >= least - SMALL
    return kept
