"""Communities of a weighted graph with their stability: arrays in, arrays out.

Members share identifiers; the weight of a pair is the sum over shared identifiers of
ln(N / degree), N members in all. An identifier of a degree above the cap, or one whose weight is
not positive, is ignored. Communities by the Leiden algorithm (Traag, Waltman, van Eck 2019,
doi:10.1038/s41598-019-41695-z) with a fixed seed; members without a neighbour are in none.
"""

from dataclasses import dataclass

import graspologic_native as native
import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
ALONE = -1


@dataclass(frozen=True, slots=True)
class SharedIdentifiers:
    """Incidence of members and identifiers, one entry per pair; ``degree`` is by identifier.

    Degree counts all that share an identifier, also those that are no members.
    """

    member: Ints
    identifier: Ints
    degree: Ints


@dataclass(frozen=True, slots=True)
class RingRules:
    """``degree_cap`` of identifiers, Leiden ``resolution`` and ``seed``, number of ``resamples``.

    ``dropped``: share of the identifiers that each resample leaves out.
    """

    degree_cap: int
    resolution: float
    seed: int
    resamples: int
    dropped: float


@dataclass(frozen=True, slots=True)
class Rings:
    """``community`` by member (ALONE for none) and ``stability`` 0 to 1 by community.

    Communities are numbered by their smallest member. Stability is the mean over resamples of the
    largest Jaccard overlap of the community with one of the resample.
    """

    community: Ints
    stability: Floats


def pair_weights(
    members: int, shared: SharedIdentifiers, degree_cap: int
) -> tuple[Ints, Ints, Floats]:
    """Pairs of members (first < second) in order, with their weight > 0."""
    keep = shared.degree[shared.identifier] <= degree_cap
    order = np.lexsort((shared.member[keep], shared.identifier[keep]))
    member, identifier = shared.member[keep][order], shared.identifier[keep][order]
    first: list[Ints] = []
    second: list[Ints] = []
    weight: list[Floats] = []
    bounds = np.flatnonzero(np.diff(identifier)) + 1
    for block in np.split(np.arange(identifier.size), bounds):
        if block.size < 2:
            continue
        value = np.log(members / shared.degree[identifier[block[0]]])
        if value <= 0:
            continue
        a, b = np.triu_indices(block.size, k=1)
        first.append(member[block[a]])
        second.append(member[block[b]])
        weight.append(np.full(a.size, value))
    if not first:
        none = np.empty(0, dtype=np.int64)
        return none, none, np.empty(0)
    key = np.concatenate(first) * members + np.concatenate(second)
    pairs, at = np.unique(key, return_inverse=True)
    return (
        pairs // members,
        pairs % members,
        np.bincount(at, np.concatenate(weight)).astype(np.float64),
    )


def _partition(members: int, shared: SharedIdentifiers, rules: RingRules) -> Ints:
    first, second, weight = pair_weights(members, shared, rules.degree_cap)
    community = np.full(members, ALONE, dtype=np.int64)
    if first.size == 0:
        return community
    width = len(str(members))
    edges = [
        (f"{a:0{width}d}", f"{b:0{width}d}", float(w))
        for a, b, w in zip(first.tolist(), second.tolist(), weight.tolist(), strict=True)
    ]
    _, found = native.leiden(
        edges, resolution=rules.resolution, seed=rules.seed, iterations=4, trials=4
    )
    names: dict[int, int] = {}
    for node in sorted(found):
        number = names.setdefault(found[node], len(names))
        community[int(node)] = number
    return community


def _best_overlap(own: NDArray[np.bool_], other: Ints) -> float:
    inside = other[own]
    best = 1.0 / own.sum() if (inside == ALONE).any() else 0.0
    for number in np.unique(inside[inside != ALONE]):
        them = other == number
        best = max(best, float((own & them).sum() / (own | them).sum()))
    return best


def find_rings(members: int, shared: SharedIdentifiers, rules: RingRules) -> Rings:
    """Communities of ``members`` nodes; the same input gives the same output.

    Duplicate entries of a member and identifier count once.
    """
    entries = np.unique(np.column_stack((shared.identifier, shared.member)), axis=0)
    once = SharedIdentifiers(
        entries[:, 1].astype(np.int64), entries[:, 0].astype(np.int64), shared.degree
    )
    community = _partition(members, once, rules)
    count = int(community.max()) + 1 if community.size else 0
    overlaps = np.zeros((max(rules.resamples, 1), count))
    random = np.random.default_rng(rules.seed)
    for turn in range(rules.resamples):
        stays = random.random(shared.degree.size) >= rules.dropped
        kept = stays[once.identifier]
        part = SharedIdentifiers(once.member[kept], once.identifier[kept], once.degree)
        other = _partition(members, part, rules)
        for number in range(count):
            overlaps[turn, number] = _best_overlap(community == number, other)
    stability = overlaps.mean(axis=0) if rules.resamples else np.ones(count)
    return Rings(community, stability)
