"""Records out of the items of HJ 212 packets: readings, events of devices, parameters.

Source: section 7 of the drop contract. ``DataTime`` is the start of the period, of real-time
packets the moment; it is kept as sent.
"""

from collections.abc import Mapping

import polars as pl

from ingest.convert import FLAG
from ingest.formats.hj212.heads import stamp
from ingest.values.number import parse_number
from ingest.values.parsed import by_distinct
from records.contract import load_contract

READINGS = {"2011": "obs_rtd", "2051": "obs_minute", "2061": "obs_hour", "2031": "obs_day"}
# Field of an item by column of the readings.
MEASURES = {
    "rtd": ("rtd",),
    "zs_rtd": ("zsrtd",),
    "avg": ("avg",),
    "min": ("min",),
    "max": ("max",),
    "zs_avg": ("zsavg",),
    "cou": ("cou",),
}
FILL_VALUE = 9999.99
SHANGHAI_HOURS = "-8h"
RAW_NAMES = ("QN", "ST", "CN", "MN", "Flag", "DataTime")


def flag_list(marks: Mapping[tuple[str, str], pl.Expr], raw: pl.Expr) -> pl.Expr:
    """The ``flags`` list from conditions by (column, code)."""
    items = [
        pl.when(condition).then(
            pl.struct(
                pl.lit(column).alias("column"),
                pl.lit(code).alias("code"),
                raw.alias("raw"),
                pl.lit("").alias("qualifier"),
            )
        )
        for (column, code), condition in marks.items()
    ]
    return pl.concat_list(items).list.drop_nulls().cast(pl.List(FLAG)).alias("flags")


def packet_marks() -> dict[tuple[str, str], pl.Expr]:
    """Conditions on a packet as a whole."""
    return {
        ("", "crc_byte_swapped"): pl.col("is_swapped"),
        ("", "packet_incomplete"): pl.col("is_incomplete"),
        ("", "clock_skew"): pl.col("is_late"),
    }


def raw_json(content: pl.Expr) -> pl.Expr:
    """What a record was made of: head of the packet, its own items, the text before the packet."""
    return (
        pl.struct(
            pl.col("QN"),
            pl.col("ST"),
            pl.col("CN"),
            pl.col("MN"),
            pl.col("Flag"),
            pl.col("data_time").alias("DataTime"),
            content.alias("内容"),
            pl.col("before").alias("报文前文字"),
        )
        .struct.json_encode()
        .alias("raw_json")
    )


def shaped(frame: pl.DataFrame, dataset: str) -> pl.DataFrame:
    """Records in the schema of their dataset, with ``part`` counted within each row."""
    schema = {n: t for n, t in load_contract().dataset(dataset).schema.items() if n != "batch"}
    frame = frame.sort("row", "place", maintain_order=True).with_columns(
        pl.int_range(1, pl.len() + 1, dtype=pl.Int32).over("row").alias("part")
    )
    return frame.select(
        pl.col(name).cast(kind) if name in frame.columns else pl.lit(None, dtype=kind).alias(name)
        for name, kind in schema.items()
    )


def to_utc(local: pl.Expr) -> pl.Expr:
    """A Shanghai moment as UTC without zone."""
    return local.dt.offset_by(SHANGHAI_HOURS)


def readings(items: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Readings by dataset: one record for each factor of a message.

    Parameters
    ----------
    items
        Items with a field, of packets whose CN is one of ``READINGS``, with the head of their
        packet beside them. A factor that says a field twice gives a second record.
    """
    found = {}
    for command, dataset in READINGS.items():
        own = items.filter(pl.col("CN") == command)
        if own.height:
            found[dataset] = _readings(own, dataset)
    return found


def _readings(items: pl.DataFrame, dataset: str) -> pl.DataFrame:
    columns = {c.name: c for c in load_contract().dataset(dataset).columns}
    measures = {name: fields for name, fields in MEASURES.items() if name in columns}
    turn = pl.int_range(pl.len()).over("message", "factor", "field").alias("turn")

    def value_of(*fields: str) -> pl.Expr:
        return pl.col("value").filter(pl.col("field").is_in(fields)).first()

    head = ("line", "QN", "ST", "CN", "MN", "Flag", "data_time", "before", "name")
    marks = ("is_swapped", "is_incomplete", "is_late", "is_repaired", "is_unknown")
    rows = (
        items.with_columns(turn)
        .group_by("message", "factor", "turn", maintain_order=True)
        .agg(
            pl.col("row").first(),
            pl.col("place").first(),
            pl.col(*head, *marks).first(),
            pl.col("item").str.join(",").alias("content"),
            *(value_of(*fields).alias(f"t:{name}") for name, fields in measures.items()),
            value_of("flag").alias("flag_raw"),
            value_of("eflag").alias("eflag"),
            value_of("sampletime").alias("t:sample_at"),
        )
    )
    conditions = packet_marks() | {
        ("factor_code", "factor_prefix_repaired"): pl.col("is_repaired"),
        ("factor_code", "unknown_code"): pl.col("is_unknown"),
    }
    rows, more = _numbers(rows, tuple(measures))
    if "sample_at" in columns:
        rows = rows.with_columns(to_utc(stamp(pl.col("t:sample_at"))).alias("sample_at"))
    return shaped(
        rows.with_columns(
            pl.col("MN").alias("mn"),
            pl.col("factor").alias("factor_code"),
            to_utc(stamp(pl.col("data_time"))).alias("data_time"),
            flag_list(conditions, pl.col("name")).list.concat(more),
            raw_json(pl.col("content")),
        ),
        dataset,
    )


def _numbers(rows: pl.DataFrame, names: tuple[str, ...]) -> tuple[pl.DataFrame, pl.Expr]:
    """Measures as numbers, and the flags that their texts earn."""
    flags = []
    for name in names:
        text = rows[f"t:{name}"]
        plain = text.cast(pl.Float64, strict=False)
        plain = plain.set(~plain.is_finite().fill_null(value=True), None).round(6)
        odd = text.set(plain.is_not_null() | (text == ""), None)
        slow = by_distinct(odd, lambda cell: parse_number(cell, "factor"), pl.Float64())
        value = plain.zip_with(plain.is_not_null(), slow["value"])
        is_filling = (value == FILL_VALUE).fill_null(value=False)
        rows = rows.with_columns(
            value.set(is_filling, None).alias(name),
            slow["code"].set(is_filling, "fill_value").alias(f"k:{name}"),
            slow["qualifier"].alias(f"q:{name}"),
        )
        flags.append(
            pl.when(pl.col(f"k:{name}") != "").then(
                pl.struct(
                    pl.lit(name).alias("column"),
                    pl.col(f"k:{name}").alias("code"),
                    pl.col(f"t:{name}").alias("raw"),
                    pl.col(f"q:{name}").alias("qualifier"),
                )
            )
        )
    return rows, pl.concat_list(flags).list.drop_nulls().cast(pl.List(FLAG))
