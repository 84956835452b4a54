"""Weights learned from labels that cost nothing: pairs whose two records carry valid codes.

Candidate pairs of coded records are labelled by their codes, so the weights see the hard negatives
that blocking brings together, not random pairs. A logistic regression over the indicators of the
comparison levels and the surprise of shared values stays additive: a match is still a sum of bits.
The ridge pulls towards given weights, so a level that the pairs never show keeps what it was worth.

Method: iteratively reweighted least squares with a ridge, on pairs grouped by equal patterns.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ingest.errors import ResolveError
from ingest.resolve.cluster import Floats, Ints
from ingest.resolve.compare import ATTRIBUTES, LEVEL_NAMES, Attribute, Records, compare
from ingest.resolve.score import count_levels
from ingest.resolve.weigh import (
    SURPRISE_HIGH,
    SURPRISE_LOW,
    SURPRISES,
    Weights,
    surprises,
)

# Fewer labelled pairs of either kind than this teach nothing.
LEAST_PAIRS = 500
RIDGE = 1.0
MOST_ROUNDS, SMALLEST_STEP = 40, 1e-4
RANDOM_PAIRS, RANDOM_SEED = 1_000_000, 1
# The levels that stand for "nothing to compare": their weight is 0 by definition.
BASE_LEVELS = {"region": 0, "phone": 0, "person": 0, "address": 0, "branch": 0, "name": 0}
# No labelled pair can hold an invalid code, so these bounds keep the code's weight in reason.
CODE_LOW, CODE_HIGH = -8.0, 16.0


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
        Pairs per attribute and level, shape (7, 7).
    """
    return {
        attribute: {
            level: round(float(n) / max(int(row.sum()), 1), 6)
            for level, n in zip(LEVEL_NAMES[attribute], row, strict=False)
        }
        for attribute, row in zip(ATTRIBUTES, counts, strict=True)
    }


def learn(
    records: Records,
    a: Ints,
    b: Ints,
    levels: NDArray[np.int8],
    start: Weights,
    version: str,
) -> Learned:
    """Weights from candidate pairs.

    Parameters
    ----------
    records
        The packed records that ``a`` and ``b`` number.
    a, b
        Candidate pairs.
    levels
        Their levels, shape (pairs, 7).
    start
        Weights that levels without evidence keep.
    version
        Name of the new weights.

    Raises
    ------
    ResolveError
        When there are fewer than 500 pairs of equal, or of different, valid codes.
    """
    held = (records.code[a] >= 0) & (records.code[b] >= 0)
    is_same = records.code[a] == records.code[b]
    chosen = np.flatnonzero(held)
    positive = int(is_same[chosen].sum())
    negative = len(chosen) - positive
    if min(positive, negative) < LEAST_PAIRS:
        raise ResolveError(
            f"有效信用代码的配对太少，无法学习权重：同码 {positive} 对、异码 {negative} 对，"
            f"各需至少 {LEAST_PAIRS} 对；请先接入带信用代码的登记或排污单位数据"
        )
    surprise = surprises(records, a, levels)
    design, same, count = _patterns(levels[chosen], surprise[chosen], is_same[chosen])
    bits, rounds = _regress(design, same, count, _given(start))
    columns = _columns()
    table = {attribute: [0.0] * len(LEVEL_NAMES[attribute]) for attribute in ATTRIBUTES}
    for (attribute, level), value in zip(columns, bits, strict=False):
        table[attribute][level] = float(value)
    table["code"] = _code_bits(records, levels)
    weights = Weights(
        version,
        float(bits[-1]),
        tuple(tuple(round(v, 4) for v in table[attribute]) for attribute in ATTRIBUTES),
        tuple(round(float(v), 4) for v in bits[len(columns) : -1]),
    )
    shares = shares_of_counts(count_levels(levels))
    training = Training(
        int(records.code.size), len(a), positive, negative, len(count), rounds, shares
    )
    return Learned(weights, training)


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
    rounded = np.rint(np.clip(surprise, SURPRISE_LOW, SURPRISE_HIGH)).astype(np.int8)
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


def _code_bits(records: Records, levels: NDArray[np.int8]) -> list[float]:
    """Bits of the code's levels: how often certain pairs show them against random pairs."""
    is_certain = (
        (levels[:, Attribute.NAME] >= 5)
        & (levels[:, Attribute.REGION] != 1)
        & np.isin(levels[:, Attribute.BRANCH], (0, 3))
        & (
            (levels[:, Attribute.PHONE] == 2)
            | (levels[:, Attribute.PERSON] == 3)
            | (levels[:, Attribute.ADDRESS] >= 3)
        )
    )
    number = records.code.size
    random = np.random.default_rng(RANDOM_SEED)
    one = random.integers(0, number, RANDOM_PAIRS)
    two = random.integers(0, number, RANDOM_PAIRS)
    is_pair = one != two
    chance = compare(records, one[is_pair], two[is_pair])[:, Attribute.CODE]
    sizes = len(LEVEL_NAMES["code"])
    seen = np.bincount(levels[is_certain, Attribute.CODE], minlength=sizes)[1:] + 0.5
    expected = np.bincount(chance, minlength=sizes)[1:] + 0.5
    bits = np.log2(seen / seen.sum()) - np.log2(expected / expected.sum())
    return [0.0, *(round(float(v), 4) for v in np.clip(bits, CODE_LOW, CODE_HIGH))]
