"""One frame for all kinds that are not organisations: block, compare, weigh, refuse, cluster.

A kind declares what makes two mentions one record, the keys under which records are compared, the
attributes with their levels, and the rules that refuse. The frame does the rest and is the same
for persons, vehicles, phones, addresses and sites. Two columns of a record have a meaning to it:

``tie``
    Records of one tie are one thing whatever else they say (a valid ID number, a plate read).
``identity``
    Records of different identities are never joined; a record without one that fits two of them
    equally well is left to neither.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ingest.resolve.block import Dropped, Key, block
from ingest.resolve.cluster import Clusters, Edges, Floats, Ints, cluster
from ingest.resolve.kind_weights import KindWeights
from ingest.resolve.kinds.keyed import joined, star_edges

Levels = NDArray[np.int8]
Mask = NDArray[np.bool_]
TIE_BITS = 40.0
# Two identities this close to each other are equally likely.
MARGIN_BITS = 1.5
WEIGHT_PLACES = 6
SCORED, TIED, DIFFERENT_IDENTITIES, AMBIGUOUS = range(4)
# Rules of a kind are numbered from here.
FIRST_RULE = 4
NOT_JUDGED = (
    Edges(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0)),
    (np.empty(0, np.int64), np.empty(0, np.int64)),
)


@dataclass(frozen=True, slots=True)
class Attribute:
    """What two records are compared by.

    ``levels`` maps each level to its Chinese word, the one without evidence first; ``value`` is
    the column of a record that shows what it says, ``source`` the part of a mention that states it.
    """

    name: str
    label_zh: str
    levels: Mapping[str, str]
    value: str
    source: str


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs ``a < b`` of ``records``; levels of shape (pairs, attributes), weight in bits."""

    records: pl.DataFrame
    a: Ints
    b: Ints
    levels: Levels
    weight: Floats

    def column(self, name: str) -> tuple[pl.Series, pl.Series]:
        """A column of the records, at both ends."""
        return self.records[name].gather(self.a), self.records[name].gather(self.b)


@dataclass(frozen=True, slots=True)
class Rule:
    """A reason not to join, whatever the weight; ``word`` is what a stored edge says."""

    word: str
    label_zh: str
    applies: Callable[[Pairs], Mask]


@dataclass(frozen=True, slots=True)
class LateRule:
    """A rule on weak pairs that asks what stronger pairs made of both ends.

    ``is_weak`` picks the pairs, ``applies`` says of each pair of cluster roots whether it refuses.
    """

    word: str
    label_zh: str
    is_weak: Callable[[Pairs], Mask]
    applies: Callable[[Pairs, Ints], Mask]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of thing.

    ``columns`` are what makes two mentions one record; ``title`` is the attribute by which a record
    is called.
    """

    name: str
    title: str
    columns: tuple[str, ...]
    attributes: tuple[Attribute, ...]
    keys: Callable[[pl.DataFrame], list[Key]]
    compare: Callable[[pl.DataFrame, Ints, Ints], Levels]
    rules: tuple[Rule, ...] = ()
    late: LateRule | None = None

    @property
    def refusals(self) -> tuple[Rule | LateRule, ...]:
        """All rules in the order of their numbers."""
        return (*self.rules, *([self.late] if self.late is not None else []))

    @property
    def level_names(self) -> dict[str, tuple[str, ...]]:
        """Levels of each attribute, in their order."""
        return {a.name: tuple(a.levels) for a in self.attributes}


@dataclass(frozen=True, slots=True)
class Resolved:
    """Records of a kind, their pairs with the ``status`` that rules gave them, and the clusters.

    ``edge`` is the place of each usable pair among the edges of ``clusters`` (-1: not there).
    """

    kind: Kind
    weights: KindWeights
    pairs: Pairs
    status: NDArray[np.int8]
    edge: Ints
    clusters: Clusters
    dropped: tuple[Dropped, ...]


def records_of(kind: Kind, tuples: pl.DataFrame) -> tuple[pl.DataFrame, pl.Series]:
    """Distinct combinations of the kind's columns, numbered in their order, and each tuple's."""
    columns = list(kind.columns)
    records = (
        tuples.select(columns)
        .unique()
        .sort(columns, nulls_last=True)
        .with_row_index("record")
        .with_columns(pl.col("record").cast(pl.Int64))
    )
    found = tuples.select(columns).join(
        records, on=columns, how="left", nulls_equal=True, maintain_order="left"
    )
    return records, found["record"]


def resolve_records(
    kind: Kind,
    records: pl.DataFrame,
    weights: KindWeights,
    judged: tuple[Edges, tuple[Ints, Ints]] = NOT_JUDGED,
) -> Resolved:
    """Compare and cluster records.

    Parameters
    ----------
    records
        ``record`` (0, 1, …), ``tie``, ``identity`` and what the kind's functions look at.
    judged
        Must-link edges and cannot-link pairs of record numbers.
    """
    blocks = block(kind.keys(records), records.height)
    ties = star_edges(records["record"], records["tie"], TIE_BITS)
    pairs = _compared(kind, records, weights, _candidates(records, ties, blocks.pairs))
    status = _ruled(kind, pairs)
    status[_is_open(pairs, status, weights.threshold)] = AMBIGUOUS
    if kind.late is not None:
        weak = (status == SCORED) & kind.late.is_weak(pairs)
        reached, _ = _clustered(pairs, np.where(weak, AMBIGUOUS, status), weights, judged)
        refused = weak & kind.late.applies(pairs, reached.root)
        status[refused] = FIRST_RULE + len(kind.rules)
    clusters, edge = _clustered(pairs, status, weights, judged)
    return Resolved(kind, weights, pairs, status, edge, clusters, blocks.dropped)


def _candidates(
    records: pl.DataFrame, ties: Edges, between: Callable[[int, int], tuple[Ints, Ints]]
) -> tuple[Ints, Ints]:
    """Pairs of the keys whose ends are not tied, and one pair from each tie's first record."""
    a, b = between(0, records.height)
    tie = records["tie"].rank("dense").fill_null(0).cast(pl.Int64).to_numpy()
    is_tied = (tie[a] > 0) & (tie[a] == tie[b])
    first = np.concatenate([a[~is_tied], ties.a])
    second = np.concatenate([b[~is_tied], ties.b])
    order = np.lexsort((second, first))
    return first[order], second[order]


def _compared(
    kind: Kind, records: pl.DataFrame, weights: KindWeights, pairs: tuple[Ints, Ints]
) -> Pairs:
    a, b = pairs
    levels = kind.compare(records, a, b)
    weight = weights.prior + weights.attribute_bits(levels).sum(axis=1)
    return Pairs(records, a, b, levels, np.round(weight, WEIGHT_PLACES))


def _ruled(kind: Kind, pairs: Pairs) -> NDArray[np.int8]:
    """What rules make of each pair; ties first, identities next, then the first rule that bites."""
    status = np.full(len(pairs.a), SCORED, np.int8)
    tie_a, tie_b = pairs.column("tie")
    one, two = pairs.column("identity")
    status[(one != two).fill_null(False).to_numpy()] = DIFFERENT_IDENTITIES
    status[(tie_a == tie_b).fill_null(False).to_numpy()] = TIED
    for number, rule in enumerate(kind.rules, FIRST_RULE):
        status[(status == SCORED) & rule.applies(pairs)] = number
    return status


def _is_open(pairs: Pairs, status: NDArray[np.int8], threshold: float) -> Mask:
    """Pairs of a record without identity whose best two identities are within the margin."""
    one, two = pairs.column("identity")
    frame = pl.DataFrame(
        {
            "bare": np.where(one.is_null().to_numpy(), pairs.a, pairs.b),
            "identity": pl.select(pl.coalesce(one, two)).to_series(),
            "weight": pairs.weight,
            "is_mixed": (one.is_null() ^ two.is_null())
            & pl.Series((status == SCORED) & (pairs.weight >= threshold)),
        }
    )
    undecided = (
        frame.filter("is_mixed")
        .group_by("bare", "identity")
        .agg(pl.col("weight").max())
        .group_by("bare")
        .agg(pl.col("weight").top_k(2).sort(descending=True))
        .filter(pl.col("weight").list.len() == 2)
        .filter(pl.col("weight").list.get(0) - pl.col("weight").list.get(1) < MARGIN_BITS)
    )["bare"]
    found: Mask = (frame["is_mixed"] & frame["bare"].is_in(undecided.implode())).to_numpy()
    return found


def _clustered(
    pairs: Pairs,
    status: NDArray[np.int8],
    weights: KindWeights,
    judged: tuple[Edges, tuple[Ints, Ints]],
) -> tuple[Clusters, Ints]:
    """Clusters of the usable pairs, and the place of each pair among their edges (-1: none)."""
    same, apart = judged
    is_usable = (status == TIED) | ((status == SCORED) & (pairs.weight >= weights.threshold))
    usable = np.flatnonzero(is_usable)
    weight = np.where(status[usable] == TIED, TIE_BITS, pairs.weight[usable])
    edges = joined([same, Edges(pairs.a[usable], pairs.b[usable], weight)])
    code = pairs.records["identity"].rank("dense").fill_null(0).cast(pl.Int64).to_numpy() - 1
    none = np.full(pairs.records.height, -1, np.int64)
    clusters = cluster(pairs.records.height, edges, weights.threshold, code, none, apart)
    edge = np.full(len(pairs.a), -1, np.int64)
    edge[usable] = len(same.a) + np.arange(len(usable))
    return clusters, edge


def notes_of(resolved: Resolved) -> tuple[str, ...]:
    """What a run says of keys above their caps and of records that were left open."""
    kind = resolved.kind.name
    notes = [
        f"{kind}: key {d.key}: {d.values} values above the cap left out,"
        f" the largest shared by {d.largest} records"
        for d in resolved.dropped
    ]
    open_ = int((resolved.status == AMBIGUOUS).sum())
    if open_:
        notes.append(f"{kind}: {open_} pairs left open: a record fits two equally")
    return tuple(notes)
