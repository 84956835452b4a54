"""Weights of fields without labels: Fellegi and Sunter's model, fitted by expectation-maximisation.

How often two different records agree by chance (u) is counted on random pairs; how often two
records of one thing agree (m) is fitted on the candidate pairs with the prior held fixed. Weights
never fall as a level rises. Agreement on a rare value is worth more than on a common one.

Sources: I. Fellegi, A. Sunter, A theory for record linkage, JASA 64 (1969),
doi:10.1080/01621459.1969.10501049; W. Winkler on frequency-based matching (2000).
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ingest.resolve.cluster import Floats, Ints
from ingest.resolve.fields import DIFFER, EQUAL, FIELD_LEVELS, Fields, compare_fields

RANDOM_PAIRS = 1_000_000
ROUNDS = 40
FIRST_GUESS = (0.0, 0.05, 0.05, 0.15, 0.75)
RARITY_FACTOR, RARITY_BITS = 0.7, 6.0
SMALLEST = 1e-9


@dataclass(frozen=True, slots=True)
class FieldWeights:
    """``bits`` per field and level, shape (fields, 5); ``prior`` in bits, of any two records."""

    prior: float
    bits: Floats


def fit(
    fields: Fields,
    levels: NDArray[np.int8],
    prior: float,
    source: Ints | None = None,
    seed: int = 1,
) -> FieldWeights:
    """Fit the weights to candidate pairs.

    Parameters
    ----------
    fields
        The records.
    levels
        Levels of the candidate pairs, shape (pairs, fields).
    prior
        Chance that two records taken at random are one, 0..1.
    source
        File of each record when only pairs across files count, else ``None``.
    seed
        Of the random pairs.
    """
    chance = _chance(fields, source, seed)
    pattern, count = _patterns(levels)
    agree = np.tile(np.array(FIRST_GUESS), (len(fields.names), 1))
    odds = np.log(prior / (1.0 - prior))
    for _ in range(ROUNDS):
        weight = np.full(len(count), odds)
        for column, bits in enumerate(_log_ratio(agree, chance)):
            weight += bits[pattern[:, column]]
        share = 1.0 / (1.0 + np.exp(-np.clip(weight, -500.0, 500.0)))
        for column in range(len(fields.names)):
            held = np.bincount(pattern[:, column], weights=share * count, minlength=5) + 0.5
            held[0] = 0.0
            ratio = held / held.sum() / np.maximum(chance[column], SMALLEST)
            ratio[1:] = np.maximum.accumulate(ratio[1:])
            agree[column] = ratio * chance[column]
            agree[column, 0] = 0.0
            agree[column] /= agree[column].sum()
    return FieldWeights(odds / np.log(2.0), _log_ratio(agree, chance) / np.log(2.0))


def weigh_fields(
    weights: FieldWeights, fields: Fields, a: Ints, levels: NDArray[np.int8]
) -> Floats:
    """Weight in bits of each pair, rarity of equal values included."""
    total = np.full(len(levels), weights.prior)
    for column, texts in enumerate(fields.texts):
        total += weights.bits[column][levels[:, column]]
        held = np.bincount(texts.number[texts.number >= 0]).astype(np.float64)
        if not held.size:
            continue
        share = held / held.sum()
        usual = np.log2((share**2).sum())
        equal = np.flatnonzero(levels[:, column] == EQUAL)
        rarity = usual - np.log2(share[texts.number[a[equal]]])
        total[equal] += RARITY_FACTOR * np.clip(rarity, -RARITY_BITS, RARITY_BITS)
    return total


def _chance(fields: Fields, source: Ints | None, seed: int) -> Floats:
    """Share of random pairs at each level of each field, missing ones left out."""
    number = fields.texts[0].number.size
    random = np.random.default_rng(seed)
    one = random.integers(0, number, RANDOM_PAIRS)
    two = random.integers(0, number, RANDOM_PAIRS)
    is_pair = one != two
    if source is not None:
        is_pair &= source[one] != source[two]
    levels = compare_fields(fields, one[is_pair], two[is_pair])
    counts = np.stack(
        [
            np.bincount(column[column >= DIFFER], minlength=len(FIELD_LEVELS)) + 0.5
            for column in levels.T
        ]
    )
    counts[:, 0] = 0.0
    shares: Floats = counts / counts.sum(axis=1, keepdims=True)
    return shares


def _patterns(levels: NDArray[np.int8]) -> tuple[NDArray[np.int8], Floats]:
    """Distinct combinations of levels, and how many pairs show each."""
    names = [str(column) for column in range(levels.shape[1])]
    grouped = pl.DataFrame(levels, schema=names).group_by(names).len().sort(names)
    return grouped.select(names).to_numpy(), grouped["len"].cast(pl.Float64).to_numpy()


def _log_ratio(agree: Floats, chance: Floats) -> Floats:
    """Natural logarithm of m / u, 0 where a value is missing."""
    ratio: Floats = np.log(np.maximum(agree, SMALLEST) / np.maximum(chance, SMALLEST))
    ratio[:, 0] = 0.0
    return ratio
