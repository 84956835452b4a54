"""Weights learned from labels that cost nothing: pairs whose two records carry valid codes.

Candidate pairs of coded records are labelled by their codes, so the weights see the hard negatives
that blocking brings together, not random pairs. A logistic regression over the indicators of the
comparison levels and the surprise of shared values stays additive: a match is still a sum of bits.
The ridge pulls towards given weights, so a level that the pairs never show keeps what it was worth.

Method: iteratively reweighted least squares with a ridge, on pairs grouped by equal patterns.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ingest.errors import ResolveError
from ingest.resolve.cluster import Floats, Ints
from ingest.resolve.compare import (
    ADDRESS_CLOSE,
    ATTRIBUTES,
    CONFLICT,
    LEVEL_NAMES,
    OTHER_CITY,
    OTHER_COUNTY,
    PERSON_EQUAL,
    PHONE_EQUAL,
    TRUNK,
    Attribute,
    Records,
    compare,
)
from ingest.resolve.score import count_levels
from ingest.resolve.weigh import SURPRISES, Weights, surprises

# Fewer labelled pairs of either kind than this teach nothing.
LEAST_PAIRS = 500
RIDGE = 1.0
MOST_ROUNDS, SMALLEST_STEP = 40, 1e-4
RANDOM_PAIRS, RANDOM_SEED = 1_000_000, 1
# The levels that stand for "nothing to compare": their weight is 0 by definition.
BASE_LEVELS = {"region": 0, "phone": 0, "person": 0, "address": 0, "branch": 0, "name": 0}
# No labelled pair can hold an invalid code, so these bounds keep the code's weight in reason.
CODE_LOW, CODE_HIGH = -8.0, 16.0
# What no pair of one firm ever shows (a branch and its head office) would weigh without bound.
LEVEL_LOW, LEVEL_HIGH = -12.0, 16.0


@dataclass(frozen=True, slots=True)
class Training:
    """What the weights were learned from; shares are per attribute and level over candidates."""

    records: int
    candidates: int
    positive: int
    negative: int
    patterns: int
    rounds: int
    level_shares: dict[str, dict[str, float]]


@dataclass(frozen=True, slots=True)
class Learned:
    """Weights with the record of their training."""

    weights: Weights
    training: Training


def shares_of_counts(counts: Ints) -> dict[str, dict[str, float]]:
    """Share of the pairs at each level, per attribute.

    Parameters
    ----------
    counts
        Pairs per attribute and level, shape (attributes, levels).
    """
    return {
        attribute: {
            level: round(float(n) / max(int(row.sum()), 1), 6)
            for level, n in zip(LEVEL_NAMES[attribute], row, strict=False)
        }
        for attribute, row in zip(ATTRIBUTES, counts, strict=True)
    }


@dataclass(frozen=True, slots=True)
class Compared:
    """Candidate pairs of one collection: packed records, the two sides, levels (pairs, 7)."""

    records: Records
    a: Ints
    b: Ints
    levels: NDArray[np.int8]


def learn(
    records: Records,
    a: Ints,
    b: Ints,
    levels: NDArray[np.int8],
    start: Weights,
    version: str,
) -> Learned:
    """Weights from the candidate pairs of one collection; see :func:`learn_from`."""
    return learn_from([Compared(records, a, b, levels)], start, version)


def learn_from(collections: Sequence[Compared], start: Weights, version: str) -> Learned:
    """Weights from candidate pairs.

    Parameters
    ----------
    collections
        Pairs of one or more collections, each with its own frequencies of values.
    start
        Weights that levels without evidence keep.
    version
        Name of the new weights.

    Raises
    ------
    ResolveError
        When there are fewer than 500 pairs of equal, or of different, valid codes.
    """
    parts = [_labelled(pairs) for pairs in collections]
    is_same = np.concatenate([part[2] for part in parts])
    positive = int(is_same.sum())
    negative = len(is_same) - positive
    if min(positive, negative) < LEAST_PAIRS:
        raise ResolveError(
            f"有效信用代码的配对太少，无法学习权重：同码 {positive} 对、异码 {negative} 对，"
            f"各需至少 {LEAST_PAIRS} 对；请先接入带信用代码的登记或排污单位数据"
        )
    design, same, count = _patterns(
        np.concatenate([part[0] for part in parts]),
        np.concatenate([part[1] for part in parts]),
        is_same,
    )
    bits, rounds = _regress(design, same, count, _given(start))
    columns = _columns()
    table = {attribute: [0.0] * len(LEVEL_NAMES[attribute]) for attribute in ATTRIBUTES}
    for (attribute, level), value in zip(columns, bits, strict=False):
        table[attribute][level] = float(np.clip(value, LEVEL_LOW, LEVEL_HIGH))
    table["code"] = _code_bits(collections)
    weights = Weights(
        version,
        float(bits[-1]),
        tuple(tuple(round(v, 4) for v in table[attribute]) for attribute in ATTRIBUTES),
        tuple(round(float(v), 4) for v in bits[len(columns) : -1]),
    )
    counts = np.sum([count_levels(pairs.levels) for pairs in collections], axis=0)
    training = Training(
        sum(int(pairs.records.code.size) for pairs in collections),
        sum(len(pairs.a) for pairs in collections),
        positive,
        negative,
        len(count),
        rounds,
        shares_of_counts(counts),
    )
    return Learned(weights, training)


def _labelled(pairs: Compared) -> tuple[NDArray[np.int8], Floats, NDArray[np.bool_]]:
    """Levels and surprises of the pairs with two valid codes, and whether these are equal."""
    code = pairs.records.code
    chosen = np.flatnonzero((code[pairs.a] >= 0) & (code[pairs.b] >= 0))
    a, b, levels = pairs.a[chosen], pairs.b[chosen], pairs.levels[chosen]
    return levels, surprises(pairs.records, a, b, levels), code[a] == code[b]


def _columns() -> list[tuple[str, int]]:
    """(attribute, level) of each indicator; the code labels and is not among them."""
    return [
        (attribute, level)
        for attribute in ATTRIBUTES[1:]
        for level in range(len(LEVEL_NAMES[attribute]))
        if level != BASE_LEVELS[attribute]
    ]


def _patterns(
    levels: NDArray[np.int8], surprise: Floats, is_same: NDArray[np.bool_]
) -> tuple[Floats, Floats, Floats]:
    """Design matrix of distinct patterns, equal pairs per pattern, pairs per pattern.

    Surprises are rounded to whole bits, which leaves some thousand patterns of millions of pairs.
    """
    frame = pl.DataFrame(levels[:, 1:], schema=[f"level_{n}" for n in ATTRIBUTES[1:]])
    rounded = np.rint(surprise).astype(np.int8)
    names = [f"surprise_{name}" for name, _, _ in SURPRISES]
    frame = frame.hstack(pl.DataFrame(rounded, schema=names)).with_columns(
        is_same=pl.Series(is_same)
    )
    grouped = (
        frame.group_by(pl.exclude("is_same"))
        .agg(same=pl.col("is_same").sum(), count=pl.len())
        .sort(pl.exclude("same", "count"))
    )
    columns = [
        (grouped[f"level_{attribute}"] == level).cast(pl.Float64).to_numpy()
        for attribute, level in _columns()
    ]
    columns += [grouped[name].cast(pl.Float64).to_numpy() for name in names]
    columns.append(np.ones(grouped.height))
    same, count = grouped["same"].cast(pl.Float64), grouped["count"].cast(pl.Float64)
    return np.column_stack(columns), same.to_numpy(), count.to_numpy()


def _given(start: Weights) -> Floats:
    """Coefficients in bits of given weights, against the base level of each attribute."""
    bits = dict(zip(ATTRIBUTES, start.levels, strict=True))
    base = {attribute: bits[attribute][level] for attribute, level in BASE_LEVELS.items()}
    levels = [bits[attribute][level] - base[attribute] for attribute, level in _columns()]
    return np.array([*levels, *start.surprise, start.prior + sum(base.values())])


def _regress(design: Floats, same: Floats, count: Floats, given: Floats) -> tuple[Floats, int]:
    """Coefficients in bits, the intercept last and unpenalised; rounds until they stand."""
    given = given * np.log(2.0)
    beta = np.zeros(design.shape[1])
    ridge = np.full(design.shape[1], RIDGE)
    ridge[-1] = 0.0

    def loss(at: Floats) -> float:
        score = design @ at
        fit = count @ np.logaddexp(0.0, score) - same @ score
        return float(fit + (ridge * (at - given) ** 2).sum() / 2)

    rounds, largest, best = 0, np.inf, loss(beta)
    while largest >= SMALLEST_STEP and rounds < MOST_ROUNDS:
        rounds += 1
        chance = 1.0 / (1.0 + np.exp(-np.clip(design @ beta, -30.0, 30.0)))
        gradient = design.T @ (same - count * chance) - ridge * (beta - given)
        spread = np.maximum(count * chance * (1.0 - chance), 1e-9)
        step = np.linalg.solve((design * spread[:, None]).T @ design + np.diag(ridge), gradient)
        # A full step may overshoot where nearly all pairs are certain.
        while (now := loss(beta + step)) > best and np.abs(step).max() >= SMALLEST_STEP:
            step /= 2
        beta, best, largest = beta + step, now, float(np.abs(step).max())
    return beta / np.log(2.0), rounds


def _code_bits(collections: Sequence[Compared]) -> list[float]:
    """Bits of the code's levels: how often certain pairs show them against random pairs."""
    sizes = len(LEVEL_NAMES["code"])
    seen, expected = np.full(sizes, 0.5), np.full(sizes, 0.5)
    for pairs in collections:
        own = pairs.levels[_is_certain(pairs.levels), Attribute.CODE]
        seen += np.bincount(own, minlength=sizes)
        expected += np.bincount(_random_codes(pairs.records), minlength=sizes)
    seen, expected = seen[1:], expected[1:]
    bits = np.log2(seen / seen.sum()) - np.log2(expected / expected.sum())
    return [0.0, *(round(float(v), 4) for v in np.clip(bits, CODE_LOW, CODE_HIGH))]


def _is_certain(levels: NDArray[np.int8]) -> NDArray[np.bool_]:
    """Pairs that are one firm whatever their codes say."""
    found: NDArray[np.bool_] = (
        (levels[:, Attribute.NAME] >= TRUNK)
        & ~np.isin(levels[:, Attribute.REGION], (CONFLICT, OTHER_CITY, OTHER_COUNTY))
        & np.isin(levels[:, Attribute.BRANCH], (0, 3))
        & (
            (levels[:, Attribute.PHONE] == PHONE_EQUAL)
            | (levels[:, Attribute.PERSON] == PERSON_EQUAL)
            | (levels[:, Attribute.ADDRESS] >= ADDRESS_CLOSE)
        )
    )
    return found


def _random_codes(records: Records) -> NDArray[np.int8]:
    """Level of the code of random pairs."""
    number = records.code.size
    random = np.random.default_rng(RANDOM_SEED)
    one = random.integers(0, number, RANDOM_PAIRS)
    two = random.integers(0, number, RANDOM_PAIRS)
    is_pair = one != two
    return compare(records, one[is_pair], two[is_pair])[:, Attribute.CODE]
