"""How many anomalies a group of sites should have, and whether it has too many.

The expected share comes from the sites that the group does not serve, by features of a site (type,
industry, device, district, age), shrunk towards the whole where a feature's level has few sites
(:mod:`analytics.kernels.site_effects` says how). The test is exact: the tail of a sum of
independent, unequal trials (Poisson-binomial). The overall rate is known only from the others, so
the tail is averaged over Beta(hits + 1, misses) of the others: where all sites are alike this is
Fisher's exact test (its one-sided p is that average), where the others are many it is the plain
tail. Ten clean sites elsewhere make an anomaly less of a wonder than ten thousand do.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analytics.kernels.site_effects import LEAST, Bools, Floats, Ints, fit_effects, shrunk

NODES = 64
# Mass beyond this many standard deviations (on the arcsine scale) is nothing.
REACH_SD = 9.0


def poisson_binomial_tail(hits: int, probabilities: npt.ArrayLike) -> float:
    """Exact P(X >= hits) of the sum of independent trials with these probabilities.

    Complexity O(n²). Raises ValueError for a probability outside 0 to 1.
    """
    chances = np.asarray(probabilities, dtype=np.float64).reshape(1, -1)
    if chances.size and not ((chances >= 0) & (chances <= 1)).all():
        raise ValueError("a probability lies outside 0 to 1")
    return float(_tails(hits, chances)[0])


def _tails(hits: int, chances: Floats) -> Floats:
    """P(X >= hits) for each row of chances, sums taken from the smallest terms up."""
    rows, trials = chances.shape
    if hits <= 0:
        return np.ones(rows)
    if hits > trials:
        return np.zeros(rows)
    mass = np.zeros((rows, trials + 1))
    mass[:, 0] = 1.0
    for done in range(trials):
        chance = chances[:, done : done + 1]
        mass[:, 1 : done + 2] = mass[:, 1 : done + 2] * (1 - chance) + mass[:, : done + 1] * chance
        mass[:, 0] *= 1 - chance[:, 0]
    tails: Floats = np.minimum(1.0, np.sort(mass[:, hits:], axis=1).sum(axis=1))
    return tails


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
    found = shrunk(*(np.asarray(each, dtype=np.float64) for each in (hits, expected, spread)))
    return np.asarray(found)


@dataclass(frozen=True, slots=True)
class SiteFeatures:
    """Level of each feature at each site: ``codes`` features by sites, below ``levels``."""

    codes: Ints
    levels: int


def coded(features: Sequence[Sequence[str]]) -> SiteFeatures:
    """Features as numbers, from one sequence of levels per site, equally long."""
    columns = list(zip(*features, strict=True))
    codes = [np.unique(np.array(column), return_inverse=True)[1] for column in columns]
    levels = 1 + max((int(code.max(initial=0)) for code in codes), default=0)
    return SiteFeatures(
        np.array(codes, dtype=np.int64).reshape(len(columns), len(features)), levels
    )


def expected_chances(
    features: SiteFeatures, outcomes: Bools, is_own: Bools
) -> tuple[Floats, float]:
    """Chance of each own site to be anomalous, learned from the others; and their overall rate.

    Parameters
    ----------
    outcomes
        Whether each site is anomalous.
    is_own
        Which sites the group serves: they teach nothing.

    Notes
    -----
    The chance is the overall rate (half a hit and half a miss added) times one effect per feature.
    An own level that no other site has takes the effect 1.
    """
    multiples, overall, _ = _multiples(features, outcomes, is_own)
    return np.clip(overall * multiples, LEAST, 1 - LEAST), overall


def _multiples(
    features: SiteFeatures, outcomes: Bools, is_own: Bools
) -> tuple[Floats, float, tuple[int, int]]:
    """How many times the overall rate each own site expects, that rate, hits and misses of it."""
    teaches = ~is_own
    hits, others = int(outcomes[teaches].sum()), int(teaches.sum())
    overall = (hits + 0.5) / (others + 1)
    effects = fit_effects(features.codes, features.levels, outcomes, teaches, overall)
    own = np.flatnonzero(is_own)
    multiples = np.ones(own.size)
    for feature, codes in enumerate(features.codes):
        multiples *= effects[feature][codes[own]]
    return multiples, overall, (hits, others - hits)


def _rates(hits: int, misses: int) -> tuple[Floats, Floats]:
    """Rates and their weights (sum 1) that stand for Beta(hits + 1, misses).

    On the arcsine scale, where the density is smooth and about normal, by Gauss-Legendre. Without a
    miss the rate is 1.
    """
    if not misses:
        return np.ones(1), np.ones(1)
    a, b = hits + 1, misses
    middle, reach = np.arcsin(np.sqrt(a / (a + b))), REACH_SD / (2 * np.sqrt(a + b))
    low, high = max(0.0, middle - reach), min(np.pi / 2, middle + reach)
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    angle = low + (high - low) * (nodes + 1) / 2
    density = (2 * a - 1) * np.log(np.sin(angle)) + (2 * b - 1) * np.log(np.cos(angle))
    weights = weights * np.exp(density - density.max())
    return np.sin(angle) ** 2, weights / weights.sum()


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
    features: SiteFeatures, outcomes: Bools, is_own: Bools, own_outcomes: Bools
) -> Excess:
    """The excess of one group.

    Parameters
    ----------
    own_outcomes
        Anomalous by what the group itself serves there, in order of its sites: at most as many
        as ``outcomes`` says.

    Notes
    -----
    Complexity O(n²) in own sites, O(n) in the others. A group without sites has p 1.
    """
    multiples, overall, seen = _multiples(features, outcomes, is_own)
    hits = int(own_outcomes.sum())
    rates, weights = _rates(*seen)
    chances = np.clip(np.outer(rates, multiples), LEAST, 1 - LEAST)
    return Excess(
        int(is_own.sum()),
        hits,
        float(np.clip(overall * multiples, LEAST, 1 - LEAST).sum()),
        overall,
        int((~is_own).sum()),
        min(1.0, float(weights @ _tails(hits, chances))),
    )
