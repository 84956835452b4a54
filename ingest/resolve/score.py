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
    ATTRIBUTES,
    LEVEL_NAMES,
    Records,
    Texts,
    levels_of,
)
from ingest.resolve.weigh import Weights, surprise_tables

MOST_LEVELS = max(map(len, LEVEL_NAMES.values()))


@dataclass(frozen=True, slots=True)
class ScoredPairs:
    """Pairs that were kept, with levels and weight; what all compared pairs looked like.

    ``level_counts`` has the number of compared pairs per attribute and level, shape (7, 7).
    """

    a: Ints
    b: Ints
    levels: NDArray[np.int8]
    weight: Floats
    compared: int
    level_counts: Ints


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
    core_bits: Floats,
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
        total = prior
        for attribute in range(7):
            total += bits[attribute, levels[k, attribute]]
        if levels[k, 1] >= 5:
            total += trunk_bits[trunk.number[a]]
        elif levels[k, 1] == 2:
            total += core_bits[core[a]]
        if levels[k, 4] == 2:
            total += phone_bits[phone[a]]
        if levels[k, 5] == 3:
            total += person_bits[person.number[a]]
        if levels[k, 6] == 4:
            total += address_bits[address.number[a]]
        weight[k] = total


def _bits(weights: Weights) -> Floats:
    table = np.zeros((len(ATTRIBUTES), MOST_LEVELS))
    for row, values in enumerate(weights.levels):
        table[row, : len(values)] = values
    return table


def score_pairs(records: Records, weights: Weights, a: Ints, b: Ints) -> ScoredPairs:
    """Levels and weight of the given pairs, all of them kept."""
    levels = np.zeros((len(a), len(ATTRIBUTES)), np.int8)
    weight = np.zeros(len(a))
    tables = [
        table * factor
        for table, factor in zip(surprise_tables(records), weights.surprise, strict=True)
    ]
    _score(a, b, *records, weights.prior, _bits(weights), *tables, levels, weight)
    return ScoredPairs(a, b, levels, weight, len(a), count_levels(levels))


def count_levels(levels: NDArray[np.int8]) -> Ints:
    """Pairs per attribute and level, shape (7, 7)."""
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
    compared, counts = 0, np.zeros((len(ATTRIBUTES), MOST_LEVELS), np.int64)
    for first, last in blocks.segments():
        a, b = blocks.pairs(first, last)
        scored = score_pairs(records, weights, a, b)
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
