"""Which records are compared at all: pairs that share one of several keys.

Each key has a cap. A value shared by more records than that is dropped as a whole and reported,
never half used: a bookkeeper's phone or an incubator's address would otherwise bring thousands of
firms together. Two rarest bigrams of a name find names with a wrong character.

Pairs are made segment by segment of their smaller record, so that memory is bounded by a segment
and not by the number of pairs.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl
from numba import njit, prange
from numpy.typing import NDArray

from ingest.resolve.cluster import Ints

RAREST = 2
# Pairs of one segment before equal ones are taken together: 64 MiB of numbers.
SEGMENT_PAIRS = 8_000_000


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


@dataclass(frozen=True, slots=True)
class Groups:
    """Records of one key by value, then by number; ``end`` is where the group of a place ends."""

    record: Ints
    end: Ints


@dataclass(frozen=True, slots=True)
class Blocks:
    """All keys over ``n`` records; ``following`` is how many pairs each record leads, at most."""

    n: int
    groups: tuple[Groups, ...]
    following: Ints
    dropped: tuple[Dropped, ...]

    def segments(self, most: int = SEGMENT_PAIRS) -> Iterator[tuple[int, int]]:
        """Ranges of records that together lead about ``most`` pairs each, in order."""
        reached = np.cumsum(self.following)
        first = 0
        while first < self.n:
            done = int(reached[first - 1]) if first else 0
            last = max(first + 1, int(np.searchsorted(reached, done + most, "right")))
            yield first, min(last, self.n)
            first = last

    def pairs(self, first: int, last: int) -> tuple[Ints, Ints]:
        """Pairs whose smaller record is in ``first <= a < last``, sorted, each once."""
        parts = [_pairs_of(group, first, last, self.n) for group in self.groups]
        merged = np.concatenate(parts) if parts else np.empty(0, np.int64)
        merged.sort()
        pair = merged[is_first(merged)]
        return pair // self.n, pair % self.n


@njit(parallel=True, cache=True)
def _fill(record: Ints, end: Ints, chosen: Ints, start: Ints, n: int, out: Ints) -> None:
    for k in prange(chosen.size):
        i = chosen[k]
        place = start[k]
        for j in range(i + 1, end[i]):
            out[place] = record[i] * n + record[j]
            place += 1


@njit(cache=True)
def is_first(values: Ints) -> NDArray[np.bool_]:
    """Whether each of some sorted numbers differs from the one before."""
    differs = np.ones(values.size, np.bool_)
    for k in range(1, values.size):
        differs[k] = values[k] != values[k - 1]
    return differs


def _pairs_of(group: Groups, first: int, last: int, n: int) -> Ints:
    chosen = np.flatnonzero((group.record >= first) & (group.record < last))
    count = group.end[chosen] - chosen - 1
    start = np.cumsum(count) - count
    out = np.empty(int(count.sum()), np.int64)
    _fill(group.record, group.end, chosen, start, n, out)
    return out


def _group(key: Key) -> tuple[Groups, Dropped | None]:
    held = (
        pl.DataFrame({"record": key.record, "value": key.value})
        .filter(pl.col("value").is_not_null())
        .with_columns(value=pl.col("value").rank("dense").cast(pl.Int64))
        .unique()
        .sort("value", "record")
    )
    value = held["value"].to_numpy()
    record = held["record"].cast(pl.Int64).to_numpy()
    if not len(value):
        return Groups(record, np.empty(0, np.int64)), None
    starts = np.flatnonzero(np.r_[True, value[1:] != value[:-1]])
    ends = np.r_[starts[1:], len(value)]
    size = ends - starts
    over = size > key.cap
    dropped = Dropped(key.name, int(over.sum()), int(size[over].max())) if over.any() else None
    kept = np.repeat((size > 1) & ~over, size)
    # Ends move forward by the places of groups that are left out.
    end = np.cumsum(kept)[np.repeat(ends, size) - 1]
    return Groups(record[kept], end[kept].astype(np.int64)), dropped


def block(keys: list[Key], n: int) -> Blocks:
    """The keys of ``n`` records, ready to give pairs."""
    made = [_group(key) for key in keys]
    following = np.zeros(n, np.int64)
    for group, _ in made:
        led = group.end - np.arange(group.end.size) - 1
        following += np.bincount(group.record, weights=led, minlength=n).astype(np.int64)
    return Blocks(
        n,
        tuple(group for group, _ in made),
        following,
        tuple(dropped for _, dropped in made if dropped is not None),
    )


def candidate_pairs(keys: list[Key], n: int) -> Candidates:
    """All pairs of ``n`` records that share a value of some key, at once."""
    blocks = block(keys, n)
    a, b = blocks.pairs(0, n)
    return Candidates(a, b, blocks.dropped)


def rare_bigrams(points: NDArray[np.uint32], trunk: Ints, most: int) -> tuple[Ints, pl.Series]:
    """The two rarest character pairs of each record's name.

    Parameters
    ----------
    points
        Code points per distinct name, zero-padded, shape (names, width).
    trunk
        Name of each record, -1 where it has none.
    most
        A bigram that stands in the names of more records than this is no key.

    Returns
    -------
    record, value
        Parallel; value is null where a name has no such bigram.
    """
    first, second = points[:, :-1].astype(np.int64), points[:, 1:].astype(np.int64)
    pair = np.where(second != 0, (first << 21) | second, -1)
    named = np.flatnonzero(trunk >= 0)
    records_of = np.bincount(trunk[named], minlength=len(points))
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
        pl.DataFrame({"record": named, "name": trunk[named]})
        .join(rarest, on="name", how="inner")
        .sort("record", "pair")
    )
    return spread["record"].cast(pl.Int64).to_numpy(), spread["pair"]
