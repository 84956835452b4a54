"""Records of organisations out of mention tuples and former names, and their arrays.

A record is one distinct combination of name, code, phone, address, representative and city; a
mention that people told apart from another is a record of its own (``apart``).
Former names that a register states stand in as records of their own under the firm's code.
"""

import duckdb
import polars as pl

from ingest.resolve.cluster import Ints
from ingest.resolve.compare import Records, pack_records
from ingest.resolve.extract import LIST_SPLIT, frame_of
from ingest.resolve.identifiers import is_person_number, valid_uscc
from ingest.resolve.normalise import (
    clean_column,
    cores,
    parse_addresses,
    parse_names,
    phone_column,
)
from ingest.resolve.regions import city_of

FIELDS = ("clean", "code", "raw_code", "phone", "person", "address", "apart", "city")
# A register's own statement of a name outweighs any number of rows elsewhere.
REGISTER_ROWS = 1_000_000
SHARED_MOST = 20


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


def _clean_names(names: pl.Series) -> pl.Series:
    """Clean names; one of nothing but punctuation stays as it is, or all such were one name."""
    clean = clean_column(names)
    if not (clean == "").any():
        return clean
    written = names.fill_null("").str.normalize("NFKC")
    return pl.select(pl.when(clean == "").then(written).otherwise(clean)).to_series()


def tuple_fields(tuples: pl.DataFrame) -> pl.DataFrame:
    """Normal forms of mention tuples: FIELDS and ``region``-free place values, in their order."""
    raw = repaired(tuples["code"])
    is_code = valid_uscc(raw) & ~is_person_number(tuples["code"])
    places = clean_column(tuples["address"])
    parsed = parse_addresses(places)
    division = pl.col("division").str.slice(0, 4)
    frame = tuples.select("mention", "rows", "division").with_columns(
        clean=_clean_names(tuples["name"]),
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


def build_records(fields: pl.DataFrame, former: pl.DataFrame, registers: set[int]) -> pl.DataFrame:
    """Records of mention tuples and former names, numbered in sorted order.

    Parameters
    ----------
    fields
        Normal forms of mention tuples (:func:`tuple_fields`).
    registers
        Mentions whose name is the registered one.

    Returns
    -------
    DataFrame
        ``record``, FIELDS, ``region, trunk, suffix, branch, core, rows, is_contradictory``; a
        record of a former name has ``rows`` 0.
    """
    records = counted_records(fields, shadow_records(former), registers)
    named = with_parts(records)
    return named.with_columns(core=cores(named["trunk"]), is_contradictory=contradictory(named))


def said_rows(registers: set[int]) -> pl.Expr:
    """How many rows stand behind a mention tuple; a register's own statement counts for many."""
    said = pl.when(pl.col("mention").is_in(sorted(registers))).then(pl.lit(REGISTER_ROWS))
    return pl.col("rows").cast(pl.Int64) + said.fill_null(0)


def shadow_records(former: pl.DataFrame) -> pl.DataFrame:
    """FIELDS of the records that stand in for former names, each once."""
    old = pl.DataFrame(
        {"clean": clean_column(former["name"]), "code": former["code"], "raw_code": former["code"]}
    ).filter(valid_uscc(former["code"]))
    blank = {name: pl.lit("") for name in FIELDS[3:]}
    return old.with_columns(**blank).select(*FIELDS).unique()


def counted_records(
    fields: pl.DataFrame, shadows: pl.DataFrame, registers: set[int]
) -> pl.DataFrame:
    """``record``, FIELDS and ``rows`` of distinct records, sorted."""
    counted = fields.group_by(FIELDS).agg(rows=said_rows(registers).sum())
    return (
        pl.concat([counted, shadows.with_columns(rows=pl.lit(0, pl.Int64))])
        .group_by(FIELDS)
        .agg(pl.col("rows").sum())
        .sort(*FIELDS)
        .with_row_index("record")
        .with_columns(pl.col("record").cast(pl.Int64))
    )


def with_parts(records: pl.DataFrame) -> pl.DataFrame:
    """``records`` with the parts of their names; their own city where none is delivered."""
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
            city=pl.when(pl.col("city") == "").then("own_city").otherwise("city"),
            delivered_city=pl.col("city"),
        )
        .drop("own_city")
    )


def record_of_tuple(fields: pl.DataFrame, records: pl.DataFrame) -> pl.Series:
    """Record number per mention tuple, in the order of its normal forms."""
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


def branch_numbers(records: pl.DataFrame, packed: Records) -> Ints:
    """Branch tail per record; under one code the tail of its most frequent name stands for all."""
    frame = pl.DataFrame(
        {"code": packed.code, "rows": records["rows"], "branch": packed.branch.number}
    )
    usual = (
        frame.filter(pl.col("code") >= 0)
        .sort("code", "rows", "branch", descending=[False, True, False])
        .unique("code", keep="first", maintain_order=True)
        .select("code", usual="branch")
    )
    joined = frame.join(usual, on="code", how="left", maintain_order="left")
    return joined.select(pl.coalesce("usual", "branch")).to_series().to_numpy().copy()


def packed_records(records: pl.DataFrame) -> Records:
    """Arrays of the records for comparing; identifiers that many firms share are left out."""
    return pack_records(without_shared(records))
