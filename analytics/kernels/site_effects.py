"""How many times the usual each level of each feature is anomalous: arrays in, arrays out.

Model. The chance of a site is the overall rate times one effect per feature. An effect is fitted
to what the other features leave unexplained, in turn until nothing moves, so that features which
say the same count once.

Shrinkage. Hits of a level are Poisson with mean ``effect * expected``; effects have a Gamma prior
of mean 1 and variance 1/k, so that a level takes ``(hits + k) / (expected + k)``: one that expects
k hits goes half the way from 1 to what it shows, one that expects none stays at 1. k comes from
the levels themselves by the method of moments (Clayton and Kaldor 1987, doi:10.2307/2532003); where
they differ no more than chance lets them, all effects are 1.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
LEAST = 1e-6
ROUNDS = 50


@njit(cache=True)
def shrunk(hits: Floats, expected: Floats, spread: Floats) -> Floats:
    """Effect of each level by its hits, their expected number and its variance by chance."""
    between = 0.0
    for level in range(hits.size):
        excess = (hits[level] - expected[level]) ** 2 - spread[level]
        between += excess / max(expected[level], LEAST)
    if between <= 0:
        return np.ones(hits.size)
    prior = expected.sum() / between
    found: Floats = (hits + prior) / (expected + prior)
    return found


@njit(cache=True)
def fit_effects(
    codes: Ints, levels: int, outcomes: Bools, teaches: Bools, overall: float
) -> Floats:
    """Effects, features by levels.

    Parameters
    ----------
    codes
        Level 0 to ``levels`` - 1, features by sites.
    outcomes, teaches
        By site: whether it is anomalous, and whether it counts.
    overall
        Rate that the effects are relative to, above 0.
    """
    features = codes.shape[0]
    used = np.flatnonzero(teaches)
    chances = np.full(used.size, overall)
    effects = np.ones((features, levels))
    for _ in range(ROUNDS):
        moved = 0.0
        for feature in range(features):
            hits, expected, spread = np.zeros(levels), np.zeros(levels), np.zeros(levels)
            for at in range(used.size):
                level = codes[feature, used[at]]
                bare = min(max(chances[at] / effects[feature, level], LEAST), 1 - LEAST)
                chances[at] = bare
                hits[level] += outcomes[used[at]]
                expected[level] += bare
                spread[level] += bare * (1 - bare)
            fitted = shrunk(hits, expected, spread)
            for level in range(levels):
                moved = max(moved, abs(fitted[level] - effects[feature, level]))
                effects[feature, level] = fitted[level]
            for at in range(used.size):
                level = codes[feature, used[at]]
                chances[at] = min(max(chances[at] * fitted[level], LEAST), 1 - LEAST)
        if moved < LEAST:
            break
    return effects
