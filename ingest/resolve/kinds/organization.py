"""Organisations: candidate keys, scored edges, and the rules beyond weights."""

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from ingest.resolve.block import Candidates, Dropped, Key, block, rare_bigrams
from ingest.resolve.cluster import Edges, Ints
from ingest.resolve.compare import (
    ADDRESS_SHARED,
    CONFLICT,
    CONTAINED,
    EDIT_1,
    NUMBER,
    PERSON_SHARED,
    PHONE_SHARED,
    SHORTENED,
    Attribute,
    Records,
)
from ingest.resolve.kinds.keyed import star_edges
from ingest.resolve.score import ScoredPairs, score_blocks
from ingest.resolve.weigh import Weights

CODE_BITS = 40.0
# A record without code that two firms could equally well be is left to neither.
MARGIN_BITS = 1.5
CAPS = {
    "code": 200,
    "trunk": 60,
    "trunk+city": 400,
    "core+city": 80,
    "core": 25,
    "phone": 25,
    "phone+core": 300,
    "address": 25,
    "representative+city": 30,
    "two rarest bigrams": 60,
    "two rarest bigrams+city": 60,
}
WEIGHT_PLACES = 9
# Characters of 字号 and industry words together; of a name that is part of a longer one.
WHOLE_TRUNK, WHOLE_PART = 4, 5
VALUE_KEYS = {
    "code": ("raw_code",),
    "trunk": ("trunk",),
    "trunk+city": ("trunk", "city"),
    "core+city": ("core", "city"),
    "core": ("core",),
    "phone": ("phone",),
    "phone+core": ("phone", "core"),
    "address": ("address", "city"),
    "representative+city": ("person", "city"),
}
BIGRAM_MOST, BIGRAM_CITY_MOST = 60, 4_000


@dataclass(frozen=True, slots=True)
class Scored:
    """Pairs with their levels and weights; ``status`` says what a rule made of each.

    ``compared`` pairs were looked at in all, ``level_counts`` of them per attribute and level
    (shape (attributes, levels)); of these only the ones worth keeping are here.
    """

    candidates: Candidates
    levels: "np.ndarray[tuple[int, int], np.dtype[np.int8]]"
    weight: "np.ndarray[tuple[int], np.dtype[np.float64]]"
    status: "np.ndarray[tuple[int], np.dtype[np.int8]]"
    compared: int
    level_counts: "np.ndarray[tuple[int, int], np.dtype[np.int64]]"


SCORED, SHORT_ALONE, AMBIGUOUS, CONTRADICTORY, DIFFERENT_CODES, SAME_CODE = range(6)


def value_keys(records: pl.DataFrame) -> list[Key]:
    """Keys that are values of a record, with their caps; contradictory records have no names."""
    number = records["record"].to_numpy()
    values = records.select(_whole(columns).alias(name) for name, columns in VALUE_KEYS.items())
    return [Key(name, number, values[name], CAPS[name]) for name in VALUE_KEYS]


def _whole(columns: tuple[str, ...]) -> pl.Expr:
    """The columns as one value, null where one of them is empty."""
    is_whole = pl.all_horizontal(pl.col(column) != "" for column in columns)
    if set(columns) & {"trunk", "core"}:
        is_whole = is_whole & ~pl.col("is_contradictory")
    return pl.when(is_whole).then(pl.concat_str(list(columns), separator="|"))


def block_keys(records: pl.DataFrame, packed: Records) -> list[Key]:
    """The keys of RESOLUTION's design: values of a record, and what is rare in its name."""
    keys = value_keys(records)
    trunk = packed.trunk.number
    record, pair = rare_bigrams(packed.trunk.points, trunk, BIGRAM_MOST)
    keys.append(Key("two rarest bigrams", record, pair, CAPS["two rarest bigrams"]))
    record, pair = rare_bigrams(packed.trunk.points, trunk, BIGRAM_CITY_MOST)
    city = records["city"].gather(record)
    value = pl.select(pl.when(city != "").then(pair.cast(pl.String) + "|" + city)).to_series()
    keys.append(Key("two rarest bigrams+city", record, value, CAPS["two rarest bigrams+city"]))
    return keys


def score(
    records: pl.DataFrame, packed: Records, weights: Weights, least: float = -np.inf
) -> Scored:
    """Candidate pairs with levels and weights, and what the rules beyond weights say.

    Parameters
    ----------
    least
        Pairs below this weight, and pairs of two codes, are counted only; ``-inf`` keeps all,
        which an explanation needs.
    """
    blocks = block(block_keys(records, packed), records.height)
    pairs = score_blocks(packed, weights, blocks, least, with_coded=bool(np.isneginf(least)))
    return with_rules(records, packed, pairs, blocks.dropped)


def with_rules(
    records: pl.DataFrame, packed: Records, pairs: ScoredPairs, dropped: tuple[Dropped, ...]
) -> Scored:
    """Scored pairs, of whatever engine, with the status that the rules give them."""
    a, b, levels = pairs.a, pairs.b, pairs.levels
    status = np.zeros(len(a), np.int8)
    coded_a, coded_b = packed.code[a] >= 0, packed.code[b] >= 0
    is_same = coded_a & (packed.code[a] == packed.code[b])
    status[is_same] = SAME_CODE
    status[coded_a & coded_b & ~is_same] = DIFFERENT_CODES
    full = (records["suffix"] != "").to_numpy()
    is_backed = (
        (levels[:, Attribute.PHONE] >= PHONE_SHARED)
        | (levels[:, Attribute.PERSON] >= PERSON_SHARED)
        | (levels[:, Attribute.ADDRESS] >= ADDRESS_SHARED)
        | (levels[:, Attribute.CODE] >= 2)
    )
    # A name of 字号 and industry is whole without its legal form; the weights know how rare it is.
    name = levels[:, Attribute.NAME]
    is_part = (name == CONTAINED) | (name == SHORTENED)
    shorter = np.minimum(_trunk_length(packed, a), _trunk_length(packed, b))
    is_whole = (
        (name >= EDIT_1)
        & (name != NUMBER)
        & (levels[:, Attribute.REGION] != CONFLICT)
        & (shorter >= np.where(is_part, WHOLE_PART, WHOLE_TRUNK))
    )
    # A short name fits many firms: alone it joins nothing.
    is_short = ~(full[a] & full[b]) & ~is_whole
    status[(status == SCORED) & is_short & ~is_backed] = SHORT_ALONE
    odd = records["is_contradictory"].to_numpy()
    status[(status == SCORED) & (odd[a] | odd[b])] = CONTRADICTORY
    # Engines add up in different orders; what lies beyond this place is no difference.
    weight = np.round(pairs.weight, WEIGHT_PLACES)
    return Scored(
        Candidates(a, b, dropped), levels, weight, status, pairs.compared, pairs.level_counts
    )


def _trunk_length(packed: Records, record: Ints) -> Ints:
    length: Ints = packed.trunk.length[np.maximum(packed.trunk.number[record], 0)]
    return length


def without_ambiguous(scored: Scored, packed: Records, threshold: float) -> Scored:
    """Mark the edges of records without code whose best two firms are within the margin."""
    a, b = scored.candidates.a, scored.candidates.b
    usable = (scored.status == SCORED) & (scored.weight >= threshold)
    coded_a, coded_b = packed.code[a] >= 0, packed.code[b] >= 0
    mixed = np.flatnonzero(usable & (coded_a ^ coded_b))
    bare = np.where(coded_a[mixed], b[mixed], a[mixed])
    firm = np.where(coded_a[mixed], packed.code[a[mixed]], packed.code[b[mixed]])
    best = (
        pl.DataFrame({"bare": bare, "firm": firm, "weight": scored.weight[mixed]})
        .group_by("bare", "firm")
        .agg(pl.col("weight").max())
        .sort("bare", "weight", "firm", descending=[False, True, False])
        .group_by("bare", maintain_order=True)
        .agg(first=pl.col("weight").get(0), second=pl.col("weight").get(1, null_on_oob=True))
        .filter(pl.col("first") - pl.col("second") < MARGIN_BITS)
    )
    undecided = np.isin(bare, best["bare"].to_numpy())
    status = scored.status.copy()
    status[mixed[undecided]] = AMBIGUOUS
    return replace(scored, status=status)


def usable_edges(packed: Records, scored: Scored, threshold: float) -> Edges:
    """Edges that may join, and those that tie the records of one code together."""
    usable = (scored.status == SCORED) & (scored.weight >= threshold)
    coded = np.flatnonzero(packed.code >= 0)
    tied = star_edges(pl.Series(coded), pl.Series(packed.code[coded]), CODE_BITS)
    return Edges(
        np.concatenate([tied.a, scored.candidates.a[usable]]),
        np.concatenate([tied.b, scored.candidates.b[usable]]),
        np.concatenate([tied.weight, scored.weight[usable]]),
    )
