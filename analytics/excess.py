"""How many anomalies a group of sites should have, and whether it has too many.

The expected share comes from the sites that the group does not serve, by features of a site
(type, industry, device, district, age), shrunk towards the whole where a feature's level has few
sites (empirical Bayes, prior by the method of moments). The test is exact: the tail of the
sum of independent, unequal trials (Poisson-binomial).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
LEAST = 1e-6
ROUNDS = 50


def poisson_binomial_tail(hits: int, probabilities: npt.ArrayLike) -> float:
    """Exact P(X >= hits) of the sum of independent trials with these probabilities.

    Complexity O(n²). Raises ValueError for a probability outside 0 to 1.
    """
    chances = np.asarray(probabilities, dtype=np.float64).ravel()
    if chances.size and not ((chances >= 0) & (chances <= 1)).all():
        raise ValueError("a probability lies outside 0 to 1")
    if hits <= 0:
        return 1.0
    if hits > chances.size:
        return 0.0
    mass = np.zeros(chances.size + 1)
    mass[0] = 1.0
    for chance in chances:
        mass[1:] = mass[1:] * (1 - chance) + mass[:-1] * chance
        mass[0] *= 1 - chance
    return float(min(1.0, np.sort(mass[hits:]).sum()))


def shrunk_effects(hits: npt.ArrayLike, expected: npt.ArrayLike, spread: npt.ArrayLike) -> Floats:
    """How many times the expected each level has, shrunk towards once.

    Parameters
    ----------
    hits, expected, spread
        Per level: anomalous sites, their expected number and its variance by chance.

    Returns
    -------
    ndarray
        ``(hits + k) / (expected + k)``; k is the moment estimate of the prior's weight: levels
        that differ no more than chance lets them are all 1.
    """
    x, mean = np.asarray(hits, dtype=np.float64), np.asarray(expected, dtype=np.float64)
    excess = (x - mean) ** 2 - np.asarray(spread, dtype=np.float64)
    between = float((excess / np.maximum(mean, LEAST)).sum())
    if between <= 0:
        return np.ones(x.size)
    weight = float(mean.sum()) / between
    return np.asarray((x + weight) / (mean + weight))


def _levels(features: Sequence[Sequence[str]], sites: Sequence[int], feature: int) -> list[str]:
    return sorted({features[i][feature] for i in sites})


def expected_chances(
    features: Sequence[Sequence[str]], outcomes: Bools, is_own: Bools
) -> tuple[Floats, float]:
    """Chance of each own site to be anomalous, learned from the others; and their overall rate.

    Parameters
    ----------
    features
        Per site its levels, one per feature.
    outcomes
        Whether each site is anomalous.
    is_own
        Which sites the group serves: they teach nothing.

    Notes
    -----
    The chance is the overall rate (half a hit and half a miss added) times one effect per feature.
    Each effect is fitted to what the other features leave unexplained, in turn until nothing
    moves, so that features which say the same thing count once. An own level that no other site
    has takes the effect 1.
    """
    others = np.flatnonzero(~is_own).tolist()
    own = np.flatnonzero(is_own).tolist()
    hits = outcomes[others].astype(np.float64)
    overall = float((hits.sum() + 0.5) / (len(others) + 1))
    chances = np.full(len(others), overall)
    width = len(features[0]) if len(features) else 0
    levels = [_levels(features, others, feature) for feature in range(width)]
    at = [
        np.array([known.index(features[i][feature]) for i in others], dtype=np.int64)
        for feature, known in enumerate(levels)
    ]
    effects = [np.ones(len(known)) for known in levels]
    for _ in range(ROUNDS if others else 0):
        moved = 0.0
        for feature, known in enumerate(levels):
            bare = np.clip(chances / effects[feature][at[feature]], LEAST, 1 - LEAST)
            fitted = shrunk_effects(
                np.bincount(at[feature], hits, minlength=len(known)),
                np.bincount(at[feature], bare, minlength=len(known)),
                np.bincount(at[feature], bare * (1 - bare), minlength=len(known)),
            )
            moved = max(moved, float(np.abs(fitted - effects[feature]).max()))
            effects[feature] = fitted
            chances = np.clip(bare * fitted[at[feature]], LEAST, 1 - LEAST)
        if moved < LEAST:
            break
    found = np.full(len(own), overall)
    for feature, known in enumerate(levels):
        place = {level: number for number, level in enumerate(known)}
        for number, i in enumerate(own):
            level = place.get(features[i][feature])
            found[number] *= 1.0 if level is None else effects[feature][level]
    return np.clip(found, LEAST, 1 - LEAST), overall


@dataclass(frozen=True, slots=True)
class Excess:
    """Anomalous sites of a group against what was to be expected; ``p`` by the exact test."""

    sites: int
    hits: int
    expected: float
    overall: float
    others: int
    p: float


def group_excess(
    features: Sequence[Sequence[str]], outcomes: Bools, is_own: Bools, own_outcomes: Bools
) -> Excess:
    """The excess of one group.

    Parameters
    ----------
    own_outcomes
        Anomalous by what the group itself serves there, in order of its sites: at most as many
        as ``outcomes`` says.
    """
    chances, overall = expected_chances(features, outcomes, is_own)
    hits = int(own_outcomes.sum())
    return Excess(
        int(is_own.sum()),
        hits,
        float(chances.sum()),
        overall,
        int((~is_own).sum()),
        poisson_binomial_tail(hits, chances),
    )
