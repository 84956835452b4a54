"""A column of texts as typed values: common forms at once, odd ones one distinct text at a time."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import numpy as np
import numpy.typing as npt
import polars as pl

from ingest.values import coordinate, geometry, identifiers, moment, number
from ingest.values.parsed import Parsed, as_read, by_distinct
from records.contract import Column

DAYS = ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d")
MOMENTS = (
    "%Y-%m-%d %H:%M:%S",
    "%Y/%m/%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S",
    "%Y%m%d%H%M%S",
    "%Y-%m-%d %H:%M",
    "%Y/%m/%d %H:%M",
)
# Forms of which nothing is to be noticed and that are stored as they are.
PLAIN = {
    "phone": r"^(1\d{10}|0\d{2,3}\d{7,8})$",
    "plate": rf"^[{identifiers.PROVINCES}][A-Z][0-9A-HJ-NP-Z]{{5,6}}$",
}
# A number of more digits than a spreadsheet keeps, as it comes out of one.
EXPONENT = r"^\d(\.\d+)?[eE]\+?\d{2,3}$"
FIXED_LENGTHS = {("test_report", "cma_no"): 12, ("service_body", "cma_no"): 12}
IDENTIFIERS = ("uscc", "person_id", "phone")
# Identifiers of 18 signs (n × 18), each sign as its place in the alphabet.
Signs = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Cells:
    """Cleaned texts of one column; ``numeric`` tells cells that a workbook holds as numbers.

    ``epoch`` is day nought of serial numbers.
    """

    texts: pl.Series
    numeric: pl.Series | None = None
    epoch: datetime = moment.EXCEL_EPOCH


def typed(column: Column, cells: Cells) -> pl.DataFrame:
    """Value, code, qualifier and cell unit of each text; numbers are in the unit of their cell."""
    texts = cells.texts
    if column.base_type in ("text", *IDENTIFIERS):
        return _identifying(column, cells)
    fast = _fast(column, texts)
    if fast is None:
        return by_distinct(texts, _parser(column, cells.epoch), column.stored_type)
    rest = texts.set(fast.is_not_null(), None)
    if rest.null_count() == len(rest):
        return as_read(fast)
    slow = by_distinct(rest, _parser(column, cells.epoch), column.stored_type)
    return slow.with_columns(fast.zip_with(fast.is_not_null(), slow["value"]).alias("value"))


def _parser(column: Column, epoch: datetime) -> Callable[[str], Parsed]:
    parsers: dict[str, Callable[[str], Parsed]] = {
        "uscc": identifiers.parse_uscc,
        "person_id": identifiers.parse_person_id,
        "phone": identifiers.parse_phone,
        "plate": identifiers.parse_plate,
        "hw_code": identifiers.parse_hw_code,
        "division": identifiers.parse_division,
        "date": partial(moment.parse_date, epoch=epoch),
        "datetime": partial(moment.parse_moment, epoch=epoch),
        "month": moment.parse_month,
        "float": partial(number.parse_number, storage_unit=column.unit),
        "int": number.parse_int,
        "bool": number.parse_bool,
        "enum": partial(number.parse_enum, column=column),
        "coord_lon": partial(coordinate.parse_degrees, limit=180.0),
        "coord_lat": partial(coordinate.parse_degrees, limit=90.0),
        "coord_wkt": geometry.parse_wkt,
        "json": geometry.parse_json,
    }
    return parsers.get(column.base_type, Parsed)


def _fast(column: Column, texts: pl.Series) -> pl.Series | None:
    """Values in the commonest forms, null where a text has another; ``None``: no such form."""
    match column.base_type:
        case "datetime":
            return _local_moments(texts).dt.offset_by("-8h")
        case "date":
            return _in_range(_first_form(texts, DAYS, pl.Date()))
        case "float":
            values = texts.cast(pl.Float64, strict=False)
            return values.set(~values.is_finite().fill_null(value=True), None)
        case "int":
            return texts.cast(pl.Int64, strict=False)
        case "coord_lon" | "coord_lat":
            degrees = texts.cast(pl.Float64, strict=False)
            degrees = degrees.zip_with(degrees.abs() <= coordinate.MICRO, degrees / 1e6).round(7)
            return degrees.set(~(degrees.abs() <= 180).fill_null(value=True), None)
        case "plate":
            return texts.set(~texts.str.contains(PLAIN["plate"]).fill_null(value=True), None)
        case _:
            return None


def _first_form(texts: pl.Series, forms: tuple[str, ...], kind: pl.DataType) -> pl.Series:
    values = pl.repeat(None, len(texts), dtype=kind, eager=True)
    for form in forms:
        rest = texts.set(values.is_not_null(), None)
        if rest.null_count() == len(rest):
            break
        found = (
            rest.str.to_date(form, strict=False)
            if kind == pl.Date()
            else rest.str.to_datetime(form, strict=False, time_unit="us")
        )
        values = values.zip_with(values.is_not_null(), found)
    return values


def _local_moments(texts: pl.Series) -> pl.Series:
    return _in_range(_first_form(texts, MOMENTS, pl.Datetime("us")))


def _in_range(values: pl.Series) -> pl.Series:
    return values.set(~values.dt.year().is_between(1900, 2100).fill_null(value=True), None)


def _identifying(column: Column, cells: Cells) -> pl.DataFrame:
    """Texts and identifiers, which a spreadsheet may have damaged by taking them for numbers."""
    texts, code = cells.texts, None
    if is_identifier(column):
        lost = texts.str.contains(EXPONENT).fill_null(value=False)
        if lost.any():
            texts, code = texts.set(lost, None), lost
    restored, texts = _with_zeros(column, texts, cells.numeric)
    if column.base_type == "text":
        read = as_read(texts)
    else:
        plain = _undamaged(column, texts)
        rest = texts.set(plain, None)
        read = by_distinct(rest, _parser(column, cells.epoch), pl.String())
        read = read.with_columns(texts.zip_with(plain, read["value"]).alias("value"))
    if code is not None:
        read = read.with_columns(read["code"].set(code, "lost_precision"))
    if restored is not None:
        marked = restored & (read["code"] == "")
        read = read.with_columns(read["code"].set(marked, "leading_zero_restored"))
    return read


def is_identifier(column: Column) -> bool:
    """Whether a text identifies something, so that a rounded number in it is no value at all."""
    named = column.name.endswith(("_no", "_code", "_id", "_nos", "vin", "_phone"))
    return column.base_type in IDENTIFIERS or (
        column.base_type == "text" and (named or column.key > 0)
    )


def _with_zeros(
    column: Column, texts: pl.Series, numeric: pl.Series | None
) -> tuple[pl.Series | None, pl.Series]:
    """Numbers of a fixed length that lost their leading noughts in a numeric cell."""
    if numeric is None:
        return None, texts
    length = FIXED_LENGTHS.get((column.dataset, column.name))
    if column.base_type == "phone":
        # A landline begins with the nought of its area code; a mobile number never does.
        short = texts.str.contains(r"^[2-9]\d{8,10}$")
        filled = "0" + texts
    elif length:
        short = texts.str.contains(r"^\d+$") & (texts.str.len_chars() < length)
        filled = texts.str.zfill(length)
    else:
        return None, texts
    restored = (numeric.fill_null(value=False) & short).fill_null(value=False)
    return restored, filled.zip_with(restored, texts)


def _undamaged(column: Column, texts: pl.Series) -> pl.Series:
    """Which identifiers are well formed as they stand."""
    if column.base_type == "phone":
        return texts.str.contains(PLAIN["phone"]).fill_null(value=False)
    if column.base_type == "uscc":
        shaped = texts.str.contains(r"^[0-9A-HJ-NPQRTUWXY]{18}$").fill_null(value=False)
        return _checked(texts, shaped, identifiers.USCC_ALPHABET, _uscc_check)
    shaped = texts.str.contains(r"^\d{17}[0-9X]$").fill_null(value=False)
    births = texts.str.slice(6, 8).str.to_date("%Y%m%d", strict=False)
    return _checked(texts, shaped & births.is_not_null(), "0123456789X", _person_check)


def _checked(
    texts: pl.Series,
    shaped: pl.Series,
    alphabet: str,
    check: Callable[[Signs], npt.NDArray[np.bool_]],
) -> pl.Series:
    """Of the well-shaped texts of 18 signs those whose check sign fits."""
    places = shaped.arg_true()
    if not len(places):
        return shaped
    signs = np.frombuffer("".join(texts.gather(places).to_list()).encode("ascii"), np.uint8)
    values = np.zeros(256, np.int64)
    values[np.frombuffer(alphabet.encode("ascii"), np.uint8)] = np.arange(len(alphabet))
    fits = pl.Series(check(values[signs].reshape(-1, 18)), dtype=pl.Boolean)
    return shaped.scatter(places, fits)


def _uscc_check(signs: Signs) -> npt.NDArray[np.bool_]:
    total = signs[:, :17] @ np.array(identifiers.USCC_WEIGHTS)
    fits: npt.NDArray[np.bool_] = (31 - total % 31) % 31 == signs[:, 17]
    return fits


def _person_check(signs: Signs) -> npt.NDArray[np.bool_]:
    total = signs[:, :17] @ np.array(identifiers.ID_WEIGHTS)
    checks = np.array(["0123456789X".index(sign) for sign in identifiers.ID_CHECKS])
    fits: npt.NDArray[np.bool_] = checks[total % 11] == signs[:, 17]
    return fits
