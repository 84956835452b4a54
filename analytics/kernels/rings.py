"""Groups of members that share rare identifiers, with their stability: arrays in, arrays out.

The weight of a pair is the sum over shared identifiers of ln(N / degree), N all who could hold one
(term weighting by inverse document frequency). An identifier of a degree above the cap, or one
whose weight is not positive, is ignored. Groups are communities of the weighted graph
(:mod:`analytics.kernels.communities`); members without a neighbour are in none. Stability as
Hennig 2007 (doi:10.1016/j.csda.2006.11.025): the mean over resamples, each without some of the
identifiers, of the largest Jaccard overlap of the group with a group of the resample.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.kernels.communities import ALONE, communities

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SharedIdentifiers:
    """Incidence of members and identifiers, one entry per pair; ``degree`` is by identifier.

    Degree counts all of ``population`` that hold an identifier, also those that are no members.
    """

    member: Ints
    identifier: Ints
    degree: Ints
    population: int


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

    Communities are numbered by their smallest member.
    """

    community: Ints
    stability: Floats


@dataclass(frozen=True, slots=True)
class Sharing:
    """Who shares what: one entry per pair of members and identifier that both hold.

    ``first`` < ``second`` by pair, in order; ``pair`` and ``identifier`` by entry; ``weight`` by
    identifier.
    """

    first: Ints
    second: Ints
    pair: Ints
    identifier: Ints
    weight: Floats

    def weights(self, stays: NDArray[np.bool_] | None = None) -> Floats:
        """Weight of each pair, 0 when no identifier of ``stays`` joins it."""
        value = self.weight if stays is None else np.where(stays, self.weight, 0.0)
        return np.bincount(self.pair, value[self.identifier], minlength=self.first.size).astype(
            np.float64
        )


def share(members: int, shared: SharedIdentifiers, degree_cap: int) -> Sharing:
    """Pairs of members with what they share; duplicate entries count once.

    An identifier held by more members than its degree says is taken to have that many holders.

    Raises
    ------
    ValueError
        When an entry names a member or identifier that does not exist, or shapes differ.
    """
    _check(members, shared)
    identifier, member = once(shared.identifier, shared.member)
    held = np.bincount(identifier, minlength=shared.degree.size)
    degree = np.maximum(np.maximum(shared.degree, held), 1)
    weight = np.log(max(shared.population, members, 1) / degree)
    keep = ((degree <= degree_cap) & (weight > 0) & (held >= 2))[identifier]
    identifier, member = identifier[keep], member[keep]
    # In one order, so that sums come out the same whatever the order of the entries was.
    pair, by = once(*_all_pairs(identifier, member, members))
    is_new = np.ones(pair.size, dtype=np.bool_)
    is_new[1:] = pair[1:] != pair[:-1]
    head = pair[is_new]
    return Sharing(head // members, head % members, np.cumsum(is_new) - 1, by, weight)


def once(first: Ints, second: Ints) -> tuple[Ints, Ints]:
    """Pairs of numbers (0, 1, …) sorted, each once."""
    width = int(second.max(initial=0)) + 1
    if int(first.max(initial=0)) >= np.iinfo(np.int64).max // width:
        table = np.unique(np.column_stack((first, second)), axis=0)
        return table[:, 0], table[:, 1]
    # One number sorts many times faster than two.
    key = np.sort(first * width + second)
    is_new = np.ones(key.size, dtype=np.bool_)
    is_new[1:] = key[1:] != key[:-1]
    key = key[is_new]
    return key // width, key % width


def _check(members: int, shared: SharedIdentifiers) -> None:
    if shared.member.shape != shared.identifier.shape:
        raise ValueError(
            f"{shared.member.size} members but {shared.identifier.size} identifiers are given;"
            " an entry has one of each"
        )
    for name, values, end in (
        ("member", shared.member, members),
        ("identifier", shared.identifier, shared.degree.size),
    ):
        if values.size and not 0 <= values.min() <= values.max() < end:
            raise ValueError(f"{name} {values.min()} to {values.max()} outside 0 to {end - 1}")


def _all_pairs(identifier: Ints, member: Ints, members: int) -> tuple[Ints, Ints]:
    """Pairs (first * members + second) inside each identifier, and the identifier of each.

    ``identifier`` is sorted, then ``member``; the loop runs as often as the largest identifier
    has holders.
    """
    found: list[Ints] = []
    by: list[Ints] = []
    at = np.arange(max(identifier.size - 1, 0), dtype=np.int64)
    step = 1
    while at.size:
        at = at[at + step < identifier.size]
        at = at[identifier[at] == identifier[at + step]]
        found.append(member[at] * members + member[at + step])
        by.append(identifier[at])
        step += 1
    none = np.empty(0, dtype=np.int64)
    return np.concatenate([none, *found]), np.concatenate([none, *by])


def pair_weights(
    members: int, shared: SharedIdentifiers, degree_cap: int
) -> tuple[Ints, Ints, Floats]:
    """Pairs of members (first < second) in order, with their weight > 0."""
    sharing = share(members, shared, degree_cap)
    return sharing.first, sharing.second, sharing.weights()


def _partition(members: int, sharing: Sharing, weight: Floats, rules: RingRules) -> Ints:
    has = weight > 0
    return communities(
        members, sharing.first[has], sharing.second[has], weight[has],
        resolution=rules.resolution, seed=rules.seed,
    )  # fmt: skip


def best_overlaps(community: Ints, other: Ints, count: int) -> Floats:
    """Largest Jaccard overlap of each community with one of another partition.

    Parameters
    ----------
    community, other
        Group by member, ALONE for none; such a member is a group of its own in ``other``.
    count
        Communities 0 to ``count`` - 1, none of them empty.
    """
    inside = np.flatnonzero(community != ALONE)
    own, theirs = community[inside], other[inside]
    size = np.bincount(own, minlength=count)
    best = np.zeros(count)
    alone = np.unique(own[theirs == ALONE])
    best[alone] = 1.0 / size[alone]
    met = theirs != ALONE
    if met.any():
        their_size = np.bincount(other[other != ALONE])
        key, common = np.unique(own[met] * their_size.size + theirs[met], return_counts=True)
        a, b = key // their_size.size, key % their_size.size
        np.maximum.at(best, a, common / (size[a] + their_size[b] - common))
    return best


def find_rings(members: int, shared: SharedIdentifiers, rules: RingRules) -> Rings:
    """Communities of ``members`` nodes; the same input gives the same output.

    Raises
    ------
    ValueError
        As :func:`share`.
    """
    sharing = share(members, shared, rules.degree_cap)
    community = _partition(members, sharing, sharing.weights(), rules)
    count = int(community.max(initial=ALONE)) + 1
    if not count or not rules.resamples:
        return Rings(community, np.ones(count))
    total = np.zeros(count)
    random = np.random.default_rng(rules.seed)
    for _ in range(rules.resamples):
        stays = random.random(shared.degree.size) >= rules.dropped
        other = _partition(members, sharing, sharing.weights(stays), rules)
        total += best_overlaps(community, other, count)
    return Rings(community, total / rules.resamples)
