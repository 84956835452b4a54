"""Which records are compared at all: pairs that share one of several keys.

Each key has a cap. A value shared by more records than that is dropped as a whole and reported,
never half used: a bookkeeper's phone or an incubator's address would otherwise bring thousands of
firms together. Two rarest bigrams of a name find names with a wrong character.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numba import njit
from numpy.typing import NDArray

from ingest.resolve.cluster import Ints

RAREST = 2


@dataclass(frozen=True, slots=True)
class Key:
    """One way to be compared: ``value`` per entry of ``record`` (null: none), dropped above cap."""

    name: str
    record: Ints
    value: pl.Series
    cap: int


@dataclass(frozen=True, slots=True)
class Dropped:
    """Values of one key above its cap: how many, and the records of the largest."""

    key: str
    values: int
    largest: int


@dataclass(frozen=True, slots=True)
class Candidates:
    """Pairs ``a < b`` of record numbers, sorted, each once; what was dropped on the way."""

    a: Ints
    b: Ints
    dropped: tuple[Dropped, ...]


@njit(cache=True)
def _pairs(order: Ints, start: Ints, end: Ints, total: int, n: int) -> Ints:
    out = np.empty(total, np.int64)
    k = 0
    for g in range(start.size):
        for i in range(start[g], end[g]):
            for j in range(i + 1, end[g]):
                a, b = order[i], order[j]
                if a > b:
                    a, b = b, a
                out[k] = a * n + b
                k += 1
    return out


def _key_pairs(key: Key, n: int) -> tuple[Ints, Dropped | None]:
    held = (
        pl.DataFrame({"record": key.record, "value": key.value})
        .filter(pl.col("value").is_not_null())
        .unique()
        .with_columns(value=pl.col("value").rank("dense").cast(pl.Int64))
        .sort("value", "record")
    )
    value = held["value"].to_numpy()
    if not len(value):
        return np.empty(0, np.int64), None
    starts = np.flatnonzero(np.r_[True, value[1:] != value[:-1]])
    ends = np.r_[starts[1:], len(value)]
    size = ends - starts
    over = size > key.cap
    kept = (size > 1) & ~over
    total = int((size[kept] * (size[kept] - 1) // 2).sum())
    record = held["record"].cast(pl.Int64).to_numpy()
    found = _pairs(record, starts[kept], ends[kept], total, n)
    dropped = Dropped(key.name, int(over.sum()), int(size[over].max())) if over.any() else None
    return found, dropped


def candidate_pairs(keys: list[Key], n: int) -> Candidates:
    """All pairs of ``n`` records that share a value of some key."""
    parts, dropped = [], []
    for key in keys:
        found, over = _key_pairs(key, n)
        parts.append(pl.Series("pair", found).unique())
        if over is not None:
            dropped.append(over)
    pair = pl.concat(parts).unique().sort().to_numpy()
    return Candidates(pair // n, pair % n, tuple(dropped))


def rare_bigrams(points: NDArray[np.uint32], trunk: Ints, most: int) -> tuple[Ints, pl.Series]:
    """The two rarest character pairs of each record's name.

    Parameters
    ----------
    points
        Code points per distinct name, zero-padded, shape (names, width).
    trunk
        Name of each record.
    most
        A bigram that stands in the names of more records than this is no key.

    Returns
    -------
    record, value
        Parallel; value is null where a name has no such bigram.
    """
    first, second = points[:, :-1].astype(np.int64), points[:, 1:].astype(np.int64)
    pair = np.where(second != 0, (first << 21) | second, -1)
    records_of = np.bincount(trunk, minlength=len(points))
    name = np.repeat(np.arange(len(points)), pair.shape[1])
    flat = (
        pl.DataFrame({"name": name, "pair": pair.ravel(), "weight": records_of[name]})
        .filter(pl.col("pair") >= 0)
        .unique()
    )
    rarest = (
        flat.with_columns(common=pl.col("weight").sum().over("pair"))
        .filter((pl.col("common") <= most) & (pl.col("common") >= 2))
        .sort("name", "common", "pair")
        .group_by("name", maintain_order=True)
        .head(RAREST)
        .select("name", "pair")
    )
    spread = (
        pl.DataFrame({"record": np.arange(len(trunk)), "name": trunk})
        .join(rarest, on="name", how="inner")
        .sort("record", "pair")
    )
    return spread["record"].cast(pl.Int64).to_numpy(), spread["pair"]
