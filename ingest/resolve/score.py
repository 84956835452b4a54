"""Levels and weight of many pairs at once, a segment at a time; what weighs too little is let go.

A million records have tens of millions of candidate pairs, of which a few per cent can join
anything. Levels and weights are therefore made and filtered segment by segment.
"""

from dataclasses import dataclass

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

from ingest.resolve.block import Blocks
from ingest.resolve.cluster import Floats, Ints
from ingest.resolve.compare import (
    ADDRESS_EQUAL,
    ATTRIBUTES,
    CORE,
    LEVEL_NAMES,
    PERSON_SHARED,
    PHONE_SHARED,
    SAME_CITY,
    SHORTENED,
    TRUNK,
    WEAK,
    Records,
    Texts,
    levels_of,
)
from ingest.resolve.weigh import SURPRISES, Weights, surprise_tables

MOST_LEVELS = max(map(len, LEVEL_NAMES.values()))


@dataclass(frozen=True, slots=True)
class ScoredPairs:
    """Pairs that were kept, with levels and weight; what all compared pairs looked like.

    ``level_counts`` has the number of compared pairs, shape (attributes, levels).
    """

    a: Ints
    b: Ints
    levels: NDArray[np.int8]
    weight: Floats
    compared: int
    level_counts: Ints


# As in :mod:`compare`: compiled parallel loops take no tuple of tuples, so each kernel lists what
# it needs; what they have in common to compute is here.
@njit(cache=True)
def _weight(
    levels: NDArray[np.int8],
    a: int,
    b: int,
    trunk: Ints,
    core: Ints,
    phone: Ints,
    person: Ints,
    address: Ints,
    prior: float,
    bits: Floats,
    trunk_bits: Floats,
    spread_bits: Floats,
    brand_bits: Floats,
    spelling: Floats,
    spelling_factor: Floats,
    phone_bits: Floats,
    person_bits: Floats,
    address_bits: Floats,
) -> float:
    """Bits of one pair at these levels; the integers number the values of each record."""
    total = prior
    for attribute in range(7):
        total += bits[attribute, levels[attribute]]
    name = levels[1]
    if name >= TRUNK:
        total += trunk_bits[trunk[a]]
        if levels[2] < SAME_CITY:
            total += spread_bits[trunk[a]]
    elif name >= WEAK:
        total += spelling_factor[name] * min(spelling[trunk[a]], spelling[trunk[b]])
        if name in (CORE, SHORTENED):
            total += brand_bits[core[a]]
    if levels[4] >= PHONE_SHARED:
        total += phone_bits[phone[a]]
    if levels[5] >= PERSON_SHARED:
        total += person_bits[person[a]]
    if levels[6] == ADDRESS_EQUAL:
        total += address_bits[address[a]]
    return total


@njit(parallel=True, cache=True)
def _score(
    first: Ints,
    second: Ints,
    code: Ints,
    code_text: Texts,
    trunk: Texts,
    core: Ints,
    suffix: Ints,
    branch: Texts,
    region: Ints,
    city: Ints,
    phone: Ints,
    person: Texts,
    address: Texts,
    prior: float,
    bits: Floats,
    trunk_bits: Floats,
    spread_bits: Floats,
    brand_bits: Floats,
    spelling: Floats,
    spelling_factor: Floats,
    phone_bits: Floats,
    person_bits: Floats,
    address_bits: Floats,
    levels: NDArray[np.int8],
    weight: Floats,
) -> None:
    for k in prange(first.size):
        a, b = first[k], second[k]
        levels_of(
            a, b, code, code_text, trunk, core, suffix, branch, region, city, phone, person,
            address, levels[k],
        )  # fmt: skip
        weight[k] = _weight(
            levels[k], a, b, trunk.number, core, phone, person.number, address.number, prior, bits,
            trunk_bits, spread_bits, brand_bits, spelling, spelling_factor, phone_bits,
            person_bits, address_bits,
        )  # fmt: skip


@njit(parallel=True, cache=True)
def _weigh(
    first: Ints,
    second: Ints,
    levels: NDArray[np.int8],
    trunk: Ints,
    core: Ints,
    phone: Ints,
    person: Ints,
    address: Ints,
    prior: float,
    bits: Floats,
    trunk_bits: Floats,
    spread_bits: Floats,
    brand_bits: Floats,
    spelling: Floats,
    spelling_factor: Floats,
    phone_bits: Floats,
    person_bits: Floats,
    address_bits: Floats,
    weight: Floats,
) -> None:
    for k in prange(first.size):
        weight[k] = _weight(
            levels[k], first[k], second[k], trunk, core, phone, person, address, prior, bits,
            trunk_bits, spread_bits, brand_bits, spelling, spelling_factor, phone_bits,
            person_bits, address_bits,
        )  # fmt: skip


def _bits(weights: Weights) -> Floats:
    table = np.zeros((len(ATTRIBUTES), MOST_LEVELS))
    for row, values in enumerate(weights.levels):
        table[row, : len(values)] = values
    return table


@dataclass(frozen=True, slots=True)
class Scale:
    """Weights as arrays for the kernel, with what is known of the values of one collection."""

    prior: float
    bits: Floats
    values: tuple[Floats, ...]


def scale(records: Records, weights: Weights) -> Scale:
    """What :func:`score_pairs` adds up; made once per collection."""
    names = [name for name, _, _ in SURPRISES]
    tables = dict(zip(names, surprise_tables(records), strict=True))
    factor = dict(zip(names, weights.surprise, strict=True))
    by_level = np.zeros(MOST_LEVELS)
    for name, _, shared in SURPRISES:
        if name.startswith("spelling"):
            by_level[list(shared)] = factor[name]
    worth = {name: tables[name] * factor[name] for name in names}
    return Scale(
        weights.prior,
        _bits(weights),
        (
            worth["trunk"], worth["spread"], worth["brand"], tables["spelling_weak"], by_level,
            worth["phone"], worth["person"], worth["address"],
        ),
    )  # fmt: skip


def score_pairs(
    records: Records, weights: Weights, a: Ints, b: Ints, known: Scale | None = None
) -> ScoredPairs:
    """Levels and weight of the given pairs, all of them kept; ``known`` spares making the scale."""
    levels = np.zeros((len(a), len(ATTRIBUTES)), np.int8)
    weight = np.zeros(len(a))
    by = known or scale(records, weights)
    _score(a, b, *records, by.prior, by.bits, *by.values, levels, weight)
    return ScoredPairs(a, b, levels, weight, len(a), count_levels(levels))


def weigh_pairs(records: Records, by: Scale, a: Ints, b: Ints, levels: NDArray[np.int8]) -> Floats:
    """Weight in bits of pairs whose levels are known; no characters of texts are read."""
    weight = np.zeros(len(a))
    _weigh(
        a, b, levels, records.trunk.number, records.core, records.phone, records.person.number,
        records.address.number, by.prior, by.bits, *by.values, weight,
    )  # fmt: skip
    return weight


def count_levels(levels: NDArray[np.int8]) -> Ints:
    """Pairs, shape (attributes, levels)."""
    return np.stack([np.bincount(column, minlength=MOST_LEVELS) for column in levels.T]).astype(
        np.int64
    )


def score_blocks(
    records: Records, weights: Weights, blocks: Blocks, least: float, *, with_coded: bool
) -> ScoredPairs:
    """Candidate pairs of all keys that weigh at least ``least`` bits.

    Parameters
    ----------
    least
        Pairs below this weight are counted and let go; ``-inf`` keeps all.
    with_coded
        Whether pairs whose two records both hold a valid code are kept: their codes, not their
        weight, say whether they are one.
    """
    parts: list[ScoredPairs] = []
    known = scale(records, weights)
    compared, counts = 0, np.zeros((len(ATTRIBUTES), MOST_LEVELS), np.int64)
    for first, last in blocks.segments():
        a, b = blocks.pairs(first, last)
        scored = score_pairs(records, weights, a, b, known)
        compared += scored.compared
        counts += scored.level_counts
        is_kept = scored.weight >= least
        if not with_coded:
            is_kept &= (records.code[a] < 0) | (records.code[b] < 0)
        parts.append(
            ScoredPairs(
                a[is_kept], b[is_kept], scored.levels[is_kept], scored.weight[is_kept], 0, counts
            )
        )
    return ScoredPairs(
        np.concatenate([np.empty(0, np.int64), *(p.a for p in parts)]),
        np.concatenate([np.empty(0, np.int64), *(p.b for p in parts)]),
        np.concatenate([np.zeros((0, len(ATTRIBUTES)), np.int8), *(p.levels for p in parts)]),
        np.concatenate([np.empty(0), *(p.weight for p in parts)]),
        compared,
        counts,
    )
