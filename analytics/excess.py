"""How many anomalies a group of sites should have, and whether it has too many.

The expected share comes from the sites that the group does not serve, by features of a site
(type, industry, device, district, age), shrunk towards the whole where a feature's level has few
sites (empirical Bayes, method of moments of the beta-binomial). The test is exact: the tail of the
sum of independent, unequal trials (Poisson-binomial).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
LEAST = 1e-6


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


def shrunk_rates(hits: npt.ArrayLike, trials: npt.ArrayLike) -> tuple[Floats, float]:
    """Rate of each level shrunk to the overall rate, and the overall rate.

    The prior's weight is the moment estimate of the beta-binomial; levels that differ no more than
    chance lets them take the overall rate. The overall rate has half a hit and half a miss added.
    """
    x, n = np.asarray(hits, dtype=np.float64), np.asarray(trials, dtype=np.float64)
    total = n.sum()
    overall = float((x.sum() + 0.5) / (total + 1))
    if total == 0:
        return np.full(n.size, overall), overall
    rates = np.divide(x, n, out=np.full(n.size, overall), where=n > 0)
    variance = overall * (1 - overall)
    between = float((n * (rates - overall) ** 2).sum()) - (np.count_nonzero(n) - 1) * variance
    scale = float(total - (n**2).sum() / total)
    if between <= 0 or scale <= 0:
        return np.full(n.size, overall), overall
    weight = max(variance / (between / scale) - 1, 0.0)
    return np.asarray((x + weight * overall) / np.maximum(n + weight, LEAST)), overall


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
    Features act on the odds one by one. An own level that no other site has takes the overall
    rate.
    """
    others = np.flatnonzero(~is_own).tolist()
    own = np.flatnonzero(is_own).tolist()
    width = len(features[0]) if len(features) else 0
    overall = float((outcomes[others].sum() + 0.5) / (len(others) + 1))
    base = np.log(overall / (1 - overall))
    odds = np.full(len(own), base)
    for feature in range(width):
        levels = sorted({features[i][feature] for i in others})
        place = {level: number for number, level in enumerate(levels)}
        at = np.array([place[features[i][feature]] for i in others], dtype=np.int64)
        trials = np.bincount(at, minlength=len(levels))
        hits = np.bincount(at, outcomes[others].astype(np.float64), minlength=len(levels))
        rates, _ = shrunk_rates(hits, trials)
        for number, i in enumerate(own):
            level = place.get(features[i][feature])
            if level is not None:
                rate = min(max(float(rates[level]), LEAST), 1 - LEAST)
                odds[number] += np.log(rate / (1 - rate)) - base
    return np.clip(1 / (1 + np.exp(-odds)), LEAST, 1 - LEAST), overall


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
