"""Organisations: records out of mention tuples, candidate keys, scored edges, refusals.

A record is one distinct combination of name, code, phone, address, representative and city; a
mention that people told apart from another is a record of its own (``apart``).
Former names that a register states stand in as records of their own under the firm's code.
"""

from dataclasses import dataclass

import duckdb
import numpy as np
import polars as pl

from ingest.resolve.block import Candidates, Key, candidate_pairs, rare_bigrams
from ingest.resolve.cluster import Edges, Ints
from ingest.resolve.compare import Attribute, Records, compare, pack_records
from ingest.resolve.extract import LIST_SPLIT, frame_of
from ingest.resolve.identifiers import is_person_number, valid_uscc
from ingest.resolve.kinds.keyed import star_edges
from ingest.resolve.normalise import (
    clean_column,
    cores,
    parse_addresses,
    parse_names,
    phone_column,
)
from ingest.resolve.regions import city_of
from ingest.resolve.weigh import Weights, surprises, weigh

FIELDS = ("clean", "code", "raw_code", "phone", "person", "address", "apart", "city")
CODE_BITS = 40.0
# A record without code that two firms could equally well be is left to neither.
MARGIN_BITS = 1.5
# A register's own statement of a name outweighs any number of rows elsewhere.
REGISTER_ROWS = 1_000_000
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
BIGRAM_MOST, BIGRAM_CITY_MOST = 60, 4_000
SHARED_MOST = 20


@dataclass(frozen=True, slots=True)
class Scored:
    """Compared pairs with their levels and weights; ``status`` says what a rule made of them."""

    candidates: Candidates
    levels: "np.ndarray[tuple[int, int], np.dtype[np.int8]]"
    weight: "np.ndarray[tuple[int], np.dtype[np.float64]]"
    status: "np.ndarray[tuple[int], np.dtype[np.int8]]"


SCORED, SHORT_ALONE, AMBIGUOUS, CONTRADICTORY, DIFFERENT_CODES, SAME_CODE = range(6)


def former_names(sql: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """``code, name``: former names that registers state, each once."""
    split = f"unnest(string_split_regex(names, '{LIST_SPLIT}'))"
    return frame_of(
        sql,
        f"SELECT DISTINCT code, name FROM (SELECT uscc AS code, {split} AS name FROM ("
        "SELECT uscc, former_names AS names FROM company UNION ALL"
        " SELECT uscc, former_names FROM enterprise UNION ALL"
        " SELECT uscc, old_value FROM company_change WHERE item LIKE '%名称%')"
        " WHERE uscc IS NOT NULL AND names IS NOT NULL) WHERE name <> '' ORDER BY code, name",
    )


def repaired(codes: pl.Series) -> pl.Series:
    """Codes in capitals; letters that GB 32100 does not use become the digits they look like."""
    return (
        codes.fill_null("")
        .str.normalize("NFKC")
        .str.to_uppercase()
        .str.replace_all(r"[\s\-]", "")
        .str.replace_many(["O", "I", "S", "Z"], ["0", "1", "5", "2"])
    )


def without_shared(records: pl.DataFrame) -> pl.DataFrame:
    """Records whose phone or address is blank where too many differently named firms share it.

    RULINGS 15: an identifier of degree above 20 is ignored, everywhere.
    """
    for column in ("phone", "address"):
        names = pl.col("trunk").n_unique().over(column)
        kept = pl.when(names <= SHARED_MOST).then(column).otherwise(pl.lit(""))
        records = records.with_columns(kept.alias(column))
    return records


def _with_fields(tuples: pl.DataFrame) -> pl.DataFrame:
    raw = repaired(tuples["code"])
    is_code = valid_uscc(raw) & ~is_person_number(tuples["code"])
    places = clean_column(tuples["address"])
    parsed = parse_addresses(places)
    division = pl.col("division").str.slice(0, 4)
    frame = tuples.select("mention", "rows", "division").with_columns(
        clean=clean_column(tuples["name"]),
        raw_code=raw,
        code=pl.select(pl.when(is_code).then(raw).otherwise(pl.lit(""))).to_series(),
        phone=phone_column(tuples["phone"]),
        person=clean_column(tuples["person"]),
        apart=tuples["apart"] if "apart" in tuples.columns else pl.lit(""),
        places=places,
    )
    return frame.join(
        parsed.rename({"clean": "places", "place": "address"}),
        on="places",
        how="left",
        maintain_order="left",
    ).with_columns(
        city=pl.when(division.str.ends_with("00") | (division.str.len_chars() < 4))
        .then(pl.col("place_region").str.slice(0, 4))
        .otherwise(division)
        .fill_null("")
    )


def build_records(tuples: pl.DataFrame, former: pl.DataFrame, registers: set[int]) -> pl.DataFrame:
    """Records of mention tuples and former names, numbered in sorted order.

    Parameters
    ----------
    tuples
        Mention tuples of organisations.
    registers
        Mentions whose name is the registered one.

    Returns
    -------
    DataFrame
        ``record``, FIELDS, ``region, trunk, suffix, branch, core, rows``; a record of a former
        name has ``rows`` 0.
    """
    fields = _with_fields(tuples)
    said = pl.when(pl.col("mention").is_in(sorted(registers))).then(pl.lit(REGISTER_ROWS))
    counted = fields.group_by(FIELDS).agg(rows=(pl.col("rows") + said.fill_null(0)).sum())
    old = pl.DataFrame(
        {"clean": clean_column(former["name"]), "code": former["code"], "raw_code": former["code"]}
    ).filter(valid_uscc(former["code"]))
    blank = {name: pl.lit("") for name in FIELDS[3:]}
    shadows = old.with_columns(**blank, rows=pl.lit(0, pl.Int64)).select(*FIELDS, "rows").unique()
    records = (
        pl.concat([counted.select(*FIELDS, pl.col("rows").cast(pl.Int64)), shadows])
        .group_by(FIELDS)
        .agg(pl.col("rows").sum())
        .sort(*FIELDS)
        .with_row_index("record")
    )
    named = records.join(
        parse_names(records["clean"]), on="clean", how="left", maintain_order="left"
    )
    cities = pl.DataFrame({"region": named["region"].unique().sort()})
    cities = cities.with_columns(
        own_city=pl.Series([city_of(r) for r in cities["region"].to_list()], dtype=pl.String)
    )
    return (
        named.join(cities, on="region", how="left", maintain_order="left")
        .with_columns(
            pl.col("record").cast(pl.Int64),
            city=pl.when(pl.col("city") == "").then("own_city").otherwise("city"),
            delivered_city=pl.col("city"),
            core=cores(named["trunk"]),
        )
        .drop("own_city")
        .sort("record")
    )


def record_of_tuple(tuples: pl.DataFrame, records: pl.DataFrame) -> pl.Series:
    """Record number per mention tuple."""
    fields = _with_fields(tuples)
    keys = records.select("record", *FIELDS[:-1], city="delivered_city")
    return fields.join(keys, on=list(FIELDS), how="left", maintain_order="left")["record"]


def contradictory(records: pl.DataFrame) -> pl.Series:
    """Whether a record pairs the code of one firm with the name of another.

    The name is another firm's when most rows with it carry another code, and most rows with this
    code carry another name.
    """
    coded = records.filter((pl.col("code") != "") & (pl.col("clean") != ""))
    pairs = coded.group_by("code", "clean").agg(pl.col("rows").sum())
    by_name = pairs.sort("clean", "rows", "code", descending=[False, True, False]).unique(
        "clean", keep="first", maintain_order=True
    )
    by_code = pairs.sort("code", "rows", "clean", descending=[False, True, False]).unique(
        "code", keep="first", maintain_order=True
    )
    joined = (
        records.select("record", "code", "clean", "rows")
        .join(by_name.select("clean", usual_code="code"), on="clean", how="left",
              maintain_order="left")
        .join(by_code.select("code", usual_name="clean"), on="code", how="left",
              maintain_order="left")
    )  # fmt: skip
    return joined.select(
        (
            (pl.col("code") != "")
            & (pl.col("rows") > 0)
            & (pl.col("usual_code") != pl.col("code"))
            & (pl.col("usual_name") != pl.col("clean"))
        ).fill_null(value=False)
    ).to_series()


def block_keys(records: pl.DataFrame, packed: Records) -> list[Key]:
    """The keys of RESOLUTION's design with their caps; names of contradictory records give none."""
    number = records["record"].to_numpy()
    named = records.with_columns(odd=contradictory(records))

    def key(name: str, *columns: str) -> Key:
        is_whole = pl.all_horizontal(pl.col(c) != "" for c in columns)
        if set(columns) & {"trunk", "core"}:
            is_whole = is_whole & ~pl.col("odd")
        value = pl.when(is_whole).then(pl.concat_str(list(columns), separator="|"))
        return Key(name, number, named.select(value.alias("value")).to_series(), CAPS[name])

    keys = [
        key("code", "raw_code"),
        key("trunk", "trunk"),
        key("trunk+city", "trunk", "city"),
        key("core+city", "core", "city"),
        key("core", "core"),
        key("phone", "phone"),
        key("phone+core", "phone", "core"),
        key("address", "address", "city"),
        key("representative+city", "person", "city"),
    ]
    trunk = np.maximum(packed.trunk.number, 0)
    record, pair = rare_bigrams(packed.trunk.points, trunk, BIGRAM_MOST)
    keys.append(Key("two rarest bigrams", record, pair, CAPS["two rarest bigrams"]))
    record, pair = rare_bigrams(packed.trunk.points, trunk, BIGRAM_CITY_MOST)
    city = records["city"].gather(record)
    value = pl.select(pl.when(city != "").then(pair.cast(pl.String) + "|" + city)).to_series()
    keys.append(Key("two rarest bigrams+city", record, value, CAPS["two rarest bigrams+city"]))
    return keys


def score(
    records: pl.DataFrame, packed: Records, candidates: Candidates, weights: Weights
) -> Scored:
    """Levels and weights of all candidates, with what the rules beyond weights say."""
    a, b = candidates.a, candidates.b
    levels = compare(packed, a, b)
    weight = weigh(weights, levels, surprises(packed, a, levels))
    status = np.zeros(len(a), np.int8)
    coded_a, coded_b = packed.code[a] >= 0, packed.code[b] >= 0
    is_same = coded_a & (packed.code[a] == packed.code[b])
    status[is_same] = SAME_CODE
    status[coded_a & coded_b & ~is_same] = DIFFERENT_CODES
    full = (records["suffix"] != "").to_numpy()
    is_backed = (
        (levels[:, Attribute.PHONE] == 2)
        | (levels[:, Attribute.PERSON] == 3)
        | (levels[:, Attribute.ADDRESS] >= 3)
        | (levels[:, Attribute.CODE] >= 2)
    )
    # A short name fits many firms: alone it joins nothing.
    status[(status == SCORED) & ~(full[a] & full[b]) & ~is_backed] = SHORT_ALONE
    odd = contradictory(records).to_numpy()
    status[(status == SCORED) & (odd[a] | odd[b])] = CONTRADICTORY
    return Scored(candidates, levels, weight, status)


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
    return Scored(scored.candidates, scored.levels, scored.weight, status)


def usable_edges(records: pl.DataFrame, scored: Scored) -> Edges:
    """Edges that may join, and those that tie the records of one code together."""
    usable = scored.status == SCORED
    code = records.select(pl.when(pl.col("code") != "").then(pl.col("code"))).to_series()
    tied = star_edges(records["record"], code, CODE_BITS)
    return Edges(
        np.concatenate([tied.a, scored.candidates.a[usable]]),
        np.concatenate([tied.b, scored.candidates.b[usable]]),
        np.concatenate([tied.weight, scored.weight[usable]]),
    )


def branch_numbers(records: pl.DataFrame, packed: Records) -> Ints:
    """Branch tail per record; under one code the tail of its most frequent name stands for all."""
    frame = records.select("record", "code", "rows").with_columns(
        branch=pl.Series(packed.branch.number)
    )
    usual = (
        frame.filter(pl.col("code") != "")
        .sort("code", "rows", "branch", descending=[False, True, False])
        .unique("code", keep="first", maintain_order=True)
        .select("code", usual="branch")
    )
    joined = frame.join(usual, on="code", how="left", maintain_order="left")
    return joined.select(pl.coalesce("usual", "branch")).to_series().to_numpy().copy()


def candidates_of(records: pl.DataFrame, packed: Records) -> Candidates:
    """Pairs of records that share a key."""
    return candidate_pairs(block_keys(records, packed), records.height)


def packed_records(records: pl.DataFrame) -> Records:
    """Arrays of the records for comparing; identifiers that many firms share are left out."""
    return pack_records(without_shared(records))
