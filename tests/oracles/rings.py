"""Graph building, exact test and equal fragments by trying everything.

Written from the definitions alone; shares no code with the kernels.
"""

import itertools
import math
from collections.abc import Sequence

Incidence = Sequence[tuple[int, int]]


def pair_weights(
    members: int, incidence: Incidence, degree: Sequence[int], cap: int
) -> dict[tuple[int, int], float]:
    """Weight of each pair of members by (member, identifier) entries; pairs without one absent."""
    has = set(incidence)
    found = {}
    for a, b in itertools.combinations(range(members), 2):
        weights = [
            math.log(members / degree[i])
            for i in range(len(degree))
            if (a, i) in has and (b, i) in has and degree[i] <= cap and degree[i] < members
        ]
        if weights:
            found[a, b] = sum(weights)
    return found


def tail(hits: int, chances: Sequence[float]) -> float:
    """P(X >= hits) over all outcomes of independent trials."""
    total = 0.0
    for outcome in itertools.product((0, 1), repeat=len(chances)):
        if sum(outcome) >= hits:
            total += math.prod(p if o else 1 - p for o, p in zip(outcome, chances, strict=True))
    return total


def equal_windows(
    series: Sequence[int], values: Sequence[int], length: int, distinct: int
) -> set[tuple[int, int]]:
    """Starts of all equal windows of different series, overlapping ones too."""
    starts = [
        at
        for at in range(len(values) - length + 1)
        if len(set(series[at : at + length])) == 1
        and len(set(values[at : at + length])) >= distinct
    ]
    return {
        (a, b)
        for a, b in itertools.combinations(starts, 2)
        if series[a] != series[b] and values[a : a + length] == values[b : b + length]
    }
