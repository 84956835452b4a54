"""New rows against the index: normal forms, candidate pairs, levels and weights.

The functions are those of a full run; the surprise of a shared value is that of the stored records,
to which a few new rows would add next to nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ingest.resolve.cluster import Floats, Ints
from ingest.resolve.compare import Attribute, compare, pack_records
from ingest.resolve.kinds import organization as org
from ingest.resolve.kinds.organization_records import FIELDS, tuple_fields
from ingest.resolve.match_index import (
    BIGRAM_KEYS,
    VALID_CODE,
    MatchIndex,
    hashed,
    rarest_of,
)
from ingest.resolve.normalise import core_of, parse_names
from ingest.resolve.regions import city_of
from ingest.resolve.score import ScoredPairs, count_levels
from ingest.resolve.waterfall import attribute_bits
from ingest.resolve.weigh import SPELLING_HIGH, SURPRISES, Weights, applies, weigh

Flags = NDArray[np.bool_]
# Columns that say what a record states, in a query and in the index; equal ones are one record.
STATED = (
    ("clean", "clean"),
    ("code", "code"),
    ("raw_code", "raw_code"),
    ("phone", "stated_phone"),
    ("person", "person"),
    ("address", "stated_address"),
    ("delivered_city", "delivered_city"),
)
PACKED = (
    "code", "raw_code", "trunk", "core", "suffix", "branch", "region", "city", "phone", "person",
    "address", "clean", "is_contradictory",
)  # fmt: skip
# Level column → columns that are no more open than that.
GUARDED = {
    "clean_level": ("clean", "trunk", "core", "suffix", "branch", "region"),
    "raw_code_level": ("raw_code", "code"),
    "phone_level": ("phone", "stated_phone"),
    "person_level": ("person",),
    "address_level": ("address", "stated_address"),
}


@dataclass(frozen=True, slots=True)
class MatchQuery:
    """A row to be matched; what it does not say is empty."""

    name: str = ""
    code: str = ""
    phone: str = ""
    legal_representative: str = ""
    address: str = ""
    division_code: str = ""


@dataclass(frozen=True, slots=True)
class ComparedPairs:
    """Records of queries against records of the index; all arrays have one entry per pair.

    ``levels`` and ``bits`` have one column per attribute; ``status`` says what a rule beyond
    weights made of the pair. ``is_other_code``: both are firms of different valid codes.
    """

    query: Ints
    record: Ints
    levels: NDArray[np.int8]
    bits: Floats
    weight: Floats
    status: NDArray[np.int8]
    is_same_code: Flags
    is_other_code: Flags
    is_same_statement: Flags

    def of(self, chosen: Flags) -> "ComparedPairs":
        """The chosen pairs."""
        return ComparedPairs(
            self.query[chosen],
            self.record[chosen],
            self.levels[chosen],
            self.bits[chosen],
            self.weight[chosen],
            self.status[chosen],
            self.is_same_code[chosen],
            self.is_other_code[chosen],
            self.is_same_statement[chosen],
        )

    @property
    def is_other_branch(self) -> Flags:
        """Whether one is a branch and the other is not the same one."""
        return np.isin(self.levels[:, Attribute.BRANCH], (1, 2))


def query_records(
    index: MatchIndex, queries: Sequence[MatchQuery]
) -> tuple[pl.DataFrame, list[int]]:
    """The rows as records, equal ones once, and the record of each row."""
    said = pl.DataFrame(
        {
            "mention": pl.repeat(-1, len(queries), dtype=pl.Int16, eager=True),
            "rows": pl.repeat(1, len(queries), dtype=pl.Int64, eager=True),
            "name": [q.name for q in queries],
            "code": [q.code for q in queries],
            "phone": [q.phone for q in queries],
            "person": [q.legal_representative for q in queries],
            "address": [q.address for q in queries],
            "division": [q.division_code for q in queries],
        }
    )
    fields = tuple_fields(said)
    distinct = [name for name in FIELDS if name != "apart"]
    records = fields.select(distinct).unique(maintain_order=True)
    records = records.with_columns(record=pl.int_range(pl.len(), dtype=pl.Int64))
    number = fields.join(records, on=distinct, how="left", maintain_order="left")["record"]
    names = parse_names(records["clean"])
    parts = names.with_columns(
        core=pl.Series([core_of(t, index.lexicon) for t in names["trunk"]], dtype=pl.String),
        own_city=pl.Series([city_of(r) for r in names["region"]], dtype=pl.String),
    )
    records = records.join(parts, on="clean", how="left", maintain_order="left").with_columns(
        delivered_city=pl.col("city"),
        city=pl.when(pl.col("city") == "").then("own_city").otherwise("city"),
        # Whether a code belongs to another name shows in a collection, not in a single row.
        is_contradictory=pl.lit(value=False),
    )
    return records, number.to_list()


def compared_pairs(
    index: MatchIndex, records: pl.DataFrame, weights: Weights, level: str
) -> ComparedPairs:
    """All pairs of a query and an index record that share a key and may be looked at.

    Parameters
    ----------
    records
        Records of queries (:func:`query_records`).
    level
        Highest level of entities and records that take part; values above it are as if missing,
        L4 values are compared when L3 is read.
    """
    query, record = _probed(index, records)
    distinct, place = np.unique(record, return_inverse=True)
    known = _open_records(index, distinct, level)
    is_open = known["is_open"].to_numpy()[place]
    query, record, place = query[is_open], record[is_open], place[is_open].astype(np.int64)
    both = pl.concat([records.select(PACKED), known.select(PACKED)], how="vertical_relaxed")
    both = both.with_columns(record=pl.int_range(pl.len(), dtype=pl.Int64))
    packed = pack_records(both)
    a, b = query, place + records.height
    levels = compare(packed, a, b)
    surprise = _surprise(index, records, query, record, levels)
    weight = weigh(weights, levels, surprise)
    scored = ScoredPairs(a, b, levels, weight, len(a), count_levels(levels))
    own, other = records[query], known[place]
    code, entity_code = own["code"], other["entity_code"].fill_null("")
    equal = [(own[mine] == other[theirs]).to_numpy() for mine, theirs in STATED]
    return ComparedPairs(
        query,
        record,
        levels,
        attribute_bits(weights, levels, surprise),
        weight,
        org.with_rules(both, packed, scored, ()).status,
        ((code != "") & (code == entity_code)).to_numpy(),
        ((code != "") & (entity_code != "") & (code != entity_code)).to_numpy(),
        np.logical_and.reduce(equal),
    )


def _surprise(
    index: MatchIndex, records: pl.DataFrame, query: Ints, record: Ints, levels: NDArray[np.int8]
) -> Floats:
    """What is known of the values of each pair; a query's spelling stands in one record more."""
    stands = index.spellings.count(hashed(records["trunk"])) + 1
    spelling = np.clip(np.log2(stands), 0.0, SPELLING_HIGH)[query]
    out = np.zeros((len(query), len(SURPRISES)))
    for place, (name, _, _) in enumerate(SURPRISES):
        chosen = np.flatnonzero(applies(place, levels))
        own = index.surprise[record[chosen], place]
        is_spelling = name.startswith("spelling")
        out[chosen, place] = np.minimum(own, spelling[chosen]) if is_spelling else own
    return out


def _probed(index: MatchIndex, records: pl.DataFrame) -> tuple[Ints, Ints]:
    """Queries and the index records that share a key with them, each pair once."""
    values = {key.name: key.value.to_list() for key in org.value_keys(records)}
    values[VALID_CODE] = records["code"].to_list()
    named = {name: _filled(own) for name, own in values.items()} | _bigram_values(index, records)
    # One table of all values: a hash for each key would cost more than all lookups.
    hashes = hashed(pl.Series([text for key in index.keys for _, text in named[key.name]]))
    found, start, n = [], 0, index.frame.height
    for key in index.keys:
        query = np.array([record for record, _ in named[key.name]], np.int64)
        own, record = key.probe(query, hashes[start : start + len(query)])
        found.append(own * n + record)
        start += len(query)
    pair = np.unique(np.concatenate(found))
    return pair // n, pair % n


def _filled(values: list[str | None]) -> list[tuple[int, str]]:
    """Query and value where there is one."""
    return [(record, value) for record, value in enumerate(values) if value]


def _bigram_values(index: MatchIndex, records: pl.DataFrame) -> dict[str, list[tuple[int, str]]]:
    """The two rarest pairs of characters of each query's name, rare in the index."""
    names = list(enumerate(records.select("trunk", "city").rows()))
    return {
        name: [
            (record, f"{pair}|{city}" if has_city else str(pair))
            for record, (trunk, city) in names
            if city or not has_city
            for pair in rarest_of(trunk, index.pair_counts, most)
        ]
        for name, most, has_city in BIGRAM_KEYS
    }


def _open_records(index: MatchIndex, record: Ints, level: str) -> pl.DataFrame:
    """Records of these numbers, values above ``level`` blank; ``is_open``: it takes part at all."""
    readable = "L4" if level >= "L3" else level
    columns = [*PACKED, "stated_phone", "stated_address", "delivered_city", *GUARDED]
    own = index.frame.select(*columns, "entity_id", "entity_code", "level", "entity_level")[record]
    is_open = (
        pl.col("entity_id").is_not_null()
        & (pl.col("entity_level").fill_null("L4") <= level)
        & (pl.col("level") <= readable)
    )
    return own.with_columns(
        is_open.alias("is_open"),
        *(
            pl.when(pl.col(column).fill_null("L1") <= readable).then(name).otherwise(pl.lit(""))
            for column, names in GUARDED.items()
            for name in names
        ),
    )
