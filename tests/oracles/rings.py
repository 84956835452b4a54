"""Graph building, communities, exact test, fragments and pictures by trying everything.

Written from the definitions alone; shares no code with the kernels.
"""

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence

Incidence = Sequence[tuple[int, int]]
Edges = Mapping[tuple[int, int], float]


def pair_weights(
    members: int, incidence: Incidence, degree: Sequence[int], cap: int, population: int
) -> dict[tuple[int, int], float]:
    """Weight of each pair of members by (member, identifier) entries; pairs without one absent."""
    has = set(incidence)
    held = [max(d, sum(i == own for _, own in has)) for i, d in enumerate(degree)]
    found = {}
    for a, b in itertools.combinations(range(members), 2):
        weights = [
            math.log(population / held[i])
            for i in range(len(held))
            if (a, i) in has and (b, i) in has and held[i] <= cap and held[i] < population
        ]
        if weights:
            found[a, b] = sum(weights)
    return found


def partitions(items: Sequence[int]) -> Iterator[list[list[int]]]:
    """Every way to cut items into groups."""
    if not items:
        yield []
        return
    head, rest = items[0], items[1:]
    for cut in partitions(rest):
        yield [[head], *cut]
        for at, group in enumerate(cut):
            yield [*cut[:at], [head, *group], *cut[at + 1 :]]


def modularity(groups: Sequence[Sequence[int]], edges: Edges, resolution: float) -> float:
    """Newman's modularity of a cut of a weighted graph without self-loops."""
    total = sum(edges.values())
    value = 0.0
    for group in groups:
        inside = sum(w for (a, b), w in edges.items() if a in group and b in group)
        strength = sum(w * ((a in group) + (b in group)) for (a, b), w in edges.items())
        value += inside / total - resolution * (strength / (2 * total)) ** 2
    return value


def jaccard(group: set[int], others: Sequence[set[int]]) -> float:
    """Largest overlap with one of the others."""
    return max((len(group & other) / len(group | other) for other in others), default=0.0)


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


def near_pairs(hashes: Sequence[int], owner: Sequence[int], distance: int) -> set[tuple[int, int]]:
    """Pairs of pictures of different owners whose hashes differ in at most ``distance`` bits."""
    return {
        (a, b)
        for a, b in itertools.combinations(range(len(hashes)), 2)
        if owner[a] != owner[b] and (hashes[a] ^ hashes[b]).bit_count() <= distance
    }
