"""From cells as text to typed records with flags, and rows that cannot be read to quarantine."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import polars as pl

from ingest.clock_times import with_days
from ingest.contradictions import contradictions
from ingest.defaults import References, fill_defaults
from ingest.positions import read_positions
from ingest.raw import Converted, RawChunk
from ingest.row_units import (
    name_row_unit,
    outer_unit,
    to_factor_units,
    to_storage,
    unit_column,
)
from ingest.sources.registry import rule_of
from ingest.values import moment
from ingest.values.columns import Cells, typed
from ingest.values.parsed import FAILURES, Parsed, by_distinct, clean, nulled
from records.contract import QUARANTINE_SCHEMA, Column, Dataset

RUNNING_NUMBERS = {"manifest_item": "manifest_no", "waybill": "waybill_no", "invoice": "invoice_no"}
NUMBERED = {"manifest_item": "item_no", "waybill": "item_no", "invoice": "line_no"}
DEFAULT_IS_EMPTY = "empty"
OPEN_END = "open_end"
# Texts of these types that would be null tokens elsewhere are values.
KEPT_TOKENS = {"plate": ("-",), "bool": ("无",)}
LIST_SEPARATORS = r"\s*[、，,;；]\s*"
FLAG = pl.Struct({"column": pl.String, "code": pl.String, "raw": pl.String, "qualifier": pl.String})
Marks = dict[tuple[str, str], pl.Expr]


@dataclass(frozen=True, slots=True)
class ConvertContext:
    """What the files do not say: settings of the source, tables for lookups, the time of intake.

    ``taken_at`` is when the file was first taken in (UTC without zone); ``None`` leaves out what
    depends on it.
    """

    crs: str = ""
    source_system: str = ""
    units: dict[str, str] = field(default_factory=dict)
    references: References = field(default_factory=References)
    taken_at: datetime | None = None


def convert(chunk: RawChunk, context: ConvertContext) -> Converted:
    """Typed records and quarantined rows of a chunk; each row read ends in exactly one of them.

    A value that cannot be read quarantines its row when the column is required or in the key;
    otherwise it becomes null with the code as a flag.
    """
    dataset, rule = chunk.dataset, rule_of(chunk.dataset.name)
    frame = rule.before(_texts(chunk), chunk.headings)
    frame = _split(with_days(frame, dataset), rule.split)
    frame, noticed, signed = _read_columns(frame, chunk, context)
    frame = _starts_of_ranges(frame, dataset)
    frame = fill_defaults(frame, dataset, context.references, context.taken_at)
    frame = rule.after(frame, chunk.headings)
    if context.source_system:
        frame = frame.with_columns(pl.col("source_system").fill_null(context.source_system))
    frame = read_positions(frame, dataset, context.crs)
    frame = to_factor_units(frame, dataset, chunk.headings.units)
    marks = contradictions(frame, dataset, context.taken_at) | _position_marks(frame)
    frame = frame.with_columns(_flags(frame, noticed, marks))
    return _divide(frame, dataset, noticed, signed)


def _texts(chunk: RawChunk) -> pl.DataFrame:
    """The chunk with a cleaned text ``t:<column>`` beside each cell, null where it is empty."""
    types = {c.name: c.base_type for c in chunk.dataset.columns}
    return chunk.frame.with_columns(
        nulled(
            clean(pl.col(cell)),
            with_words=types[cell[2:]] != "text",
            kept=KEPT_TOKENS.get(types[cell[2:]], ()),
        ).alias("t:" + cell[2:])
        for cell in chunk.frame.columns
        if cell.startswith("c:")
    )


def _split(frame: pl.DataFrame, name: str) -> pl.DataFrame:
    """Rows whose cell of a single-valued key column holds a list, once for each of its values."""
    if not name or f"t:{name}" not in frame.columns:
        return frame
    pieces = pl.col(f"t:{name}").str.replace_all(LIST_SEPARATORS, ",").str.strip_chars(",")
    return frame.with_columns(pieces.str.split(",")).explode(f"t:{name}", keep_nulls=True)


def _read_columns(
    frame: pl.DataFrame, chunk: RawChunk, context: ConvertContext
) -> tuple[pl.DataFrame, list[str], frozenset[str]]:
    """All columns of the dataset as values.

    Returns
    -------
    tuple
        The frame, with ``k:<column>`` (code) and ``q:<column>`` (qualifier) where something was
        noticed; the names of those columns; and the ratios that carry a percent sign.
    """
    dataset, noticed, signed = chunk.dataset, [], set()
    for column in dataset.columns:
        if f"t:{column.name}" not in frame.columns:
            empty = pl.lit(None, dtype=column.stored_type).alias(column.name)
            frame = frame.with_columns(empty)
            continue
        numeric = f"n:{column.name}"
        cells = Cells(
            frame[f"t:{column.name}"],
            frame[numeric] if numeric in frame.columns else None,
            chunk.epoch,
        )
        read = typed(column, cells)
        if column.base_type == "float":
            read = _in_storage_unit(read, frame, column, chunk, context)
            if column.unit == "%" and (read["unit"] != "").any():
                signed.add(column.name)
        value = read["value"].cast(column.stored_type, strict=False).alias(column.name)
        frame = frame.with_columns(value)
        if column.base_type == "float" and unit_column(dataset, column) and column.unit == "row":
            filled = read["unit"].set(read["value"].is_null(), "")
            frame = frame.with_columns(filled.alias(f"u:{column.name}"))
        if ((read["code"] != "") | (read["qualifier"] != "")).any():
            noticed.append(column.name)
            frame = frame.with_columns(
                read["code"].alias(f"k:{column.name}"),
                read["qualifier"].alias(f"q:{column.name}"),
            )
    for name in [c for c in frame.columns if c.startswith("u:")]:
        frame = name_row_unit(frame, dataset, frame[name])
    return frame, noticed, frozenset(signed)


def _in_storage_unit(
    read: pl.DataFrame,
    frame: pl.DataFrame,
    column: Column,
    chunk: RawChunk,
    context: ConvertContext,
) -> pl.DataFrame:
    spoken = f"t:{unit_column(chunk.dataset, column)}"
    row_units = frame[spoken] if spoken in frame.columns else None
    outer = outer_unit(column, chunk.headings.units, chunk.headings.title_unit, context.units)
    return to_storage(column, read, row_units, outer)


def _starts_of_ranges(frame: pl.DataFrame, dataset: Dataset) -> pl.DataFrame:
    """A range cell under the heading of an end fills the start as well."""
    names = {column.name for column in dataset.columns}
    if "t:valid_to" not in frame.columns or "valid_from" not in names:
        return frame
    starts = by_distinct(
        frame["t:valid_to"], lambda text: Parsed(moment.range_start(text)), pl.Date()
    )
    return frame.with_columns(
        pl.coalesce(pl.col("valid_from"), starts["value"]).alias("valid_from")
    )


def _position_marks(frame: pl.DataFrame) -> Marks:
    found = {}
    for name in frame.columns:
        if name.startswith("m:"):
            _, code, column = name.split(":")
            found[column, code] = pl.col(name)
    return found


def _flags(frame: pl.DataFrame, noticed: list[str], marks: Marks) -> pl.Expr:
    """The ``flags`` list of each row: what was noticed in its cells and in the row as a whole."""
    items = [_flag(frame, name, pl.col(f"k:{name}"), pl.col(f"q:{name}")) for name in noticed]
    conditions = [
        condition.fill_null(value=False).alias(f"{column}|{code}")
        for (column, code), condition in marks.items()
    ]
    raised = frame.select(conditions) if conditions else pl.DataFrame()
    for column, code in marks:
        mark = raised[f"{column}|{code}"]
        if mark.any():
            told = pl.lit(mark.cast(pl.Int8).replace_strict({1: code, 0: ""}))
            items.append(_flag(frame, column, told, pl.lit("")))
    if not items:
        return pl.lit([], dtype=pl.List(FLAG)).alias("flags")
    return pl.concat_list(items).list.drop_nulls().cast(pl.List(FLAG)).alias("flags")


def _flag(frame: pl.DataFrame, column: str, code: pl.Expr, qualifier: pl.Expr) -> pl.Expr:
    cell = f"c:{column}"
    raw = pl.col(cell) if cell in frame.columns else pl.lit(None, dtype=pl.String)
    return pl.when((code != "") | (qualifier != "")).then(
        pl.struct(
            pl.lit(column).alias("column"),
            code.alias("code"),
            raw.alias("raw"),
            qualifier.alias("qualifier"),
        )
    )


def may_be_empty(column: Column, dataset: Dataset) -> bool:
    """Whether an empty key cell may stay empty or is numbered later."""
    return DEFAULT_IS_EMPTY in column.default_note or NUMBERED.get(dataset.name) == column.name


def _failure(frame: pl.DataFrame, column: Column, dataset: Dataset, noticed: list[str]) -> pl.Expr:
    """Code for which a row is set aside because of one column; null where it is not."""
    is_empty = pl.col(column.name).is_null()
    own = pl.lit("")
    if column.name in noticed:
        own = pl.col(f"k:{column.name}")
        # An open end such as 长期 is a value: the term has none.
        is_empty &= pl.col(f"q:{column.name}") != OPEN_END
    if f"m:out_of_range:{column.name}" in frame.columns:
        is_off = pl.col(f"m:out_of_range:{column.name}")
        own = pl.when(is_off).then(pl.lit("out_of_range")).otherwise(own)
    unreadable = pl.when(is_empty & own.is_in(list(FAILURES))).then(own)
    if column.key and may_be_empty(column, dataset):
        return unreadable
    missing = "unresolved_key" if column.default_note else "missing_required"
    return pl.coalesce(unreadable, pl.when(is_empty).then(pl.lit(missing)))


def _divide(
    frame: pl.DataFrame, dataset: Dataset, noticed: list[str], signed: frozenset[str]
) -> Converted:
    """Records and quarantined rows; a row of several records is set aside as a whole."""
    needed = [c for c in dataset.columns if c.is_required or c.key]
    failures = frame.select(
        "row", *(_failure(frame, c, dataset, noticed).alias(c.name) for c in needed)
    )
    failed = failures.filter(pl.any_horizontal(pl.col(c.name).is_not_null() for c in needed))
    bad = _quarantine(frame, failed, [c.name for c in needed]) if failed.height else None
    good = frame.join(failed.select("row"), on="row", how="anti", maintain_order="left")
    ordinal = pl.int_range(1, pl.len() + 1, dtype=pl.Int32).over("row")
    wanted = {name: kind for name, kind in dataset.schema.items() if name != "batch"}
    records = good.with_columns(ordinal.alias("part")).select(*wanted).cast(pl.Schema(wanted))
    empty = pl.DataFrame(schema=QUARANTINE_SCHEMA)
    return Converted(records, empty if bad is None else bad, signed)


def _quarantine(frame: pl.DataFrame, failed: pl.DataFrame, names: list[str]) -> pl.DataFrame:
    """One line for each row set aside, with all its reasons and their columns."""
    reasons = (
        failed.unpivot(on=names, index="row", variable_name="column", value_name="code")
        .drop_nulls("code")
        .unique(["row", "column", "code"], maintain_order=True)
    )
    place: Mapping[str, int] = {name: k for k, name in enumerate(names)}
    reasons = reasons.sort("row", pl.col("column").replace_strict(place), maintain_order=True)
    listed = reasons.group_by("row", maintain_order=True).agg(
        pl.col("code").alias("reasons"), pl.col("column").alias("columns")
    )
    rows = frame.unique("row", keep="first", maintain_order=True)
    return (
        rows.join(listed, on="row", how="inner", maintain_order="left")
        .select("row", "sheet", "line", "reasons", "columns", pl.col("raw_json").alias("raw"))
        .cast(pl.Schema(QUARANTINE_SCHEMA))
    )
