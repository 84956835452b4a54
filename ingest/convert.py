"""From cells as text to typed records with flags, and rows that cannot be read to quarantine."""

from dataclasses import dataclass, field

import numpy as np
import polars as pl

from ingest.defaults import References, fill_defaults
from ingest.raw import Converted, RawChunk
from ingest.units import multiplier
from ingest.values import coordinate, identifiers, moment, number
from ingest.values.parsed import FAILURES, Parsed, by_distinct, clean, nulled
from records.contract import QUARANTINE_SCHEMA, Column, Dataset

RUNNING_NUMBERS = {"manifest_item": "manifest_no", "waybill": "waybill_no", "invoice": "invoice_no"}
NUMBERED = {"manifest_item": "item_no", "waybill": "item_no", "invoice": "line_no"}
DEFAULT_IS_EMPTY = "empty"
FAST_MOMENT = "%Y-%m-%d %H:%M:%S"
FLAG = pl.Struct({"column": pl.String, "code": pl.String, "raw": pl.String, "qualifier": pl.String})


@dataclass(frozen=True, slots=True)
class ConvertContext:
    """What the files do not say: settings of the source and tables for lookups."""

    crs: str = ""
    source_system: str = ""
    units: dict[str, str] = field(default_factory=dict)
    references: References = field(default_factory=References)


def _parse(column: Column, text: str, unit: str) -> Parsed:
    match column.base_type:
        case "uscc":
            return identifiers.parse_uscc(text)
        case "person_id":
            return identifiers.parse_person_id(text)
        case "phone":
            return identifiers.parse_phone(text)
        case "plate":
            return identifiers.parse_plate(text)
        case "hw_code":
            return identifiers.parse_hw_code(text)
        case "division":
            return identifiers.parse_division(text)
        case "date":
            return moment.parse_date(text)
        case "datetime":
            return moment.parse_moment(text)
        case "month":
            return moment.parse_month(text)
        case "float":
            return number.parse_number(text, column.unit, unit)
        case "int":
            return number.parse_int(text)
        case "bool":
            return number.parse_bool(text)
        case "enum":
            return number.parse_enum(text, column)
        case "coord_lon":
            return coordinate.parse_degrees(text, 180.0)
        case "coord_lat":
            return coordinate.parse_degrees(text, 90.0)
        case _:
            return Parsed(text)


def _plain(size: int, values: pl.Series) -> pl.DataFrame:
    empty = pl.repeat("", size, eager=True)
    return pl.DataFrame({"value": values, "code": empty, "qualifier": empty})


def _typed(column: Column, cells: pl.Series, unit: str) -> pl.DataFrame:
    """Value, code and qualifier of each cell; common forms of moments and numbers by column."""
    size = len(cells)
    if column.base_type in ("text", "coord_wkt", "json"):
        return _plain(size, cells)
    if column.base_type == "datetime":
        local = cells.str.to_datetime(FAST_MOMENT, strict=False, time_unit="us")
        utc = local.dt.offset_by("-8h")
        rest = cells.set(utc.is_not_null(), None)
        fast = _plain(size, utc)
    elif column.base_type == "float" and (not unit or multiplier(unit, column.unit) == 1.0):
        values = cells.cast(pl.Float64, strict=False)
        values = values.set(values.is_nan() | values.is_infinite(), None)
        rest = cells.set(values.is_not_null(), None)
        fast = _plain(size, values.round(6))
    else:
        return by_distinct(cells, lambda text: _parse(column, text, unit), column.stored_type)
    if rest.null_count() == size:
        return fast
    slow = by_distinct(rest, lambda text: _parse(column, text, unit), column.stored_type)
    return pl.DataFrame(
        {
            "value": fast["value"].zip_with(fast["value"].is_not_null(), slow["value"]),
            "code": slow["code"],
            "qualifier": slow["qualifier"],
        }
    )


def _unit_of(column: Column, chunk: RawChunk, context: ConvertContext) -> tuple[str, bool]:
    """Unit outside the cell, and whether the unit of storage had to be assumed."""
    if column.base_type != "float" or column.unit in ("", "1", "factor", "row", "%"):
        return "", False
    for unit in (
        chunk.headings.units.get(column.name, ""),
        chunk.headings.title_unit,
        context.units.get(column.name, ""),
    ):
        if unit and multiplier(unit, column.unit) is not None:
            return unit, False
    return "", True


def _flags(frame: pl.DataFrame, names: list[str]) -> pl.DataFrame:
    """The ``flags`` list of each row from the code and qualifier columns."""
    items = [
        pl.when((pl.col(f"k:{name}") != "") | (pl.col(f"q:{name}") != ""))
        .then(
            pl.struct(
                pl.lit(name).alias("column"),
                pl.col(f"k:{name}").alias("code"),
                pl.col(f"c:{name}").alias("raw"),
                pl.col(f"q:{name}").alias("qualifier"),
            )
        )
        .otherwise(None)
        for name in names
    ]
    if not items:
        return frame.with_columns(pl.lit([], dtype=pl.List(FLAG)).alias("flags"))
    return frame.with_columns(pl.concat_list(items).list.drop_nulls().alias("flags"))


def _is_key_defaulted(column: Column, dataset: Dataset) -> bool:
    """Whether an empty key cell may stay empty or is numbered later."""
    return DEFAULT_IS_EMPTY in column.default_note or NUMBERED.get(dataset.name) == column.name


def _positions(frame: pl.DataFrame, dataset: Dataset, crs: str) -> pl.DataFrame:
    """Exchanged pairs put right and shifted datums brought to WGS84."""
    for column in dataset.columns:
        if column.base_type != "coord_lon":
            continue
        lat_name = column.name.replace("lon", "lat")
        lon, lat = pl.col(column.name), pl.col(lat_name)
        swapped = lon.is_between(3, 54) & lat.is_between(73, 136)
        frame = frame.with_columns(
            pl.when(swapped).then(lat).otherwise(lon).alias(column.name),
            pl.when(swapped).then(lon).otherwise(lat).alias(lat_name),
        )
        datum = pl.col("crs").fill_null(crs) if "crs" in frame.columns else pl.lit(crs)
        named = frame.select(datum.alias("datum"))["datum"]
        for name, back in (("GCJ02", coordinate.from_gcj02), ("BD09", coordinate.from_bd09)):
            mask = (
                (named == name) & frame[column.name].is_not_null() & frame[lat_name].is_not_null()
            )
            if not mask.any():
                continue
            where = mask.arg_true()
            x, y = back(
                frame[column.name].gather(where).to_numpy().astype(np.float64),
                frame[lat_name].gather(where).to_numpy().astype(np.float64),
            )
            frame = frame.with_columns(
                frame[column.name].scatter(where, np.round(x, 7)).alias(column.name),
                frame[lat_name].scatter(where, np.round(y, 7)).alias(lat_name),
            )
    return frame


def _split_lists(frame: pl.DataFrame, dataset: Dataset) -> pl.DataFrame:
    """Rows whose single-valued key cell holds a list become several records of one row."""
    for column in dataset.keys:
        if not column.is_list or dataset.name not in ("hw_licence_item", "om_contract"):
            continue
        pieces = pl.col(column.name).str.replace_all(r"[、，;；]", ",").str.split(",")
        frame = frame.with_columns(pieces.alias(column.name)).explode(column.name)
        if column.base_type == "hw_code":
            codes = by_distinct(frame[column.name], identifiers.parse_hw_code, column.stored_type)
            frame = frame.with_columns(codes["value"].alias(column.name))
    ordinal = pl.int_range(1, pl.len() + 1, dtype=pl.Int32).over("row")
    return frame.with_columns(ordinal.alias("part"))


def convert(chunk: RawChunk, context: ConvertContext) -> Converted:
    """Typed records and quarantined rows of a chunk; each row read ends in exactly one of them.

    A value that cannot be read quarantines its row when the column is required or in the key;
    otherwise it becomes null with the code as a flag.
    """
    dataset, frame = chunk.dataset, chunk.frame
    names = [c.name for c in dataset.columns if f"c:{c.name}" in frame.columns]
    by_name = {c.name: c for c in dataset.columns}
    frame = frame.with_columns(
        nulled(clean(pl.col(f"c:{name}")), with_words=by_name[name].base_type != "text").alias(
            f"t:{name}"
        )
        for name in names
    )
    for name in names:
        column = by_name[name]
        cells = frame[f"t:{name}"]
        if dataset.name == "hw_licence_item" and name == "waste_code":
            cells = cells.set(cells.is_in(["全部", "全部代码", "所有"]), None)
        unit, is_assumed = _unit_of(column, chunk, context)
        is_split = column.key and column.is_list and "," in "".join(cells.drop_nulls().head(500))
        parsed = _plain(len(cells), cells) if is_split else _typed(column, cells, unit)
        code = parsed["code"]
        if is_assumed:
            code = pl.select(
                pl.when((code == "") & cells.is_not_null())
                .then(pl.lit("unit_assumed"))
                .otherwise(code)
            ).to_series()
        frame = frame.with_columns(
            parsed["value"].cast(column.stored_type, strict=False).alias(name),
            code.alias(f"k:{name}"),
            parsed["qualifier"].alias(f"q:{name}"),
        )
    missing = [c for c in dataset.columns if c.name not in names]
    frame = frame.with_columns(pl.lit(None, dtype=c.stored_type).alias(c.name) for c in missing)
    frame = _ranges(frame, dataset, names)
    frame = _flags(frame, names)
    frame = fill_defaults(frame, dataset, context.references)
    if context.source_system:
        frame = frame.with_columns(pl.col("source_system").fill_null(context.source_system))
    frame = _positions(frame, dataset, context.crs)
    return _divide(frame, dataset, names)


def _ranges(frame: pl.DataFrame, dataset: Dataset, names: list[str]) -> pl.DataFrame:
    """A range cell under an end heading fills the start as well."""
    if "valid_to" not in names or not any(c.name == "valid_from" for c in dataset.columns):
        return frame
    starts = by_distinct(
        frame["t:valid_to"], lambda text: Parsed(moment.range_start(text)), pl.Date()
    )
    return frame.with_columns(
        pl.coalesce(pl.col("valid_from"), starts["value"]).alias("valid_from")
    )


def _divide(frame: pl.DataFrame, dataset: Dataset, names: list[str]) -> Converted:
    reasons = []
    for column in dataset.columns:
        is_key = column.key > 0 and not _is_key_defaulted(column, dataset)
        if not (column.is_required or is_key):
            continue
        failed = pl.col(column.name).is_null()
        code = pl.lit("unresolved_key" if column.default_note else "missing_required")
        if column.name in names:
            own = pl.col(f"k:{column.name}")
            code = pl.when(own.is_in(list(FAILURES))).then(own).otherwise(code)
            # An open end such as 长期 is a value: the term has none.
            failed &= pl.col(f"q:{column.name}") != "open_end"
        reasons.append(
            pl.when(failed)
            .then(pl.struct(code.alias("code"), pl.lit(column.name).alias("column")))
            .otherwise(None)
        )
    frame = frame.with_columns(
        (pl.concat_list(reasons).list.drop_nulls() if reasons else pl.lit([])).alias("failures")
    )
    bad = frame.filter(pl.col("failures").list.len() > 0)
    good = frame.filter(pl.col("failures").list.len() == 0)
    quarantine = bad.select(
        "row",
        "sheet",
        "line",
        pl.col("failures").list.eval(pl.element().struct.field("code")).alias("reasons"),
        pl.col("failures").list.eval(pl.element().struct.field("column")).alias("columns"),
        pl.col("raw_json").alias("raw"),
    ).cast(pl.Schema(QUARANTINE_SCHEMA))
    records = _split_lists(good, dataset)
    wanted = {name: kind for name, kind in dataset.schema.items() if name != "batch"}
    return Converted(records.select(*wanted).cast(pl.Schema(wanted)), quarantine)
