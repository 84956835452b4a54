"""Which unit the numbers of a row are in, and the way to the unit of storage.

Source: section 5 of the drop contract. A unit is taken from the cell, the unit column of the row,
the heading, the title row, the configuration of the source; if none speaks, the unit of storage is
assumed and flagged.
"""

from collections.abc import Mapping

import polars as pl

from ingest.units import between_factors, is_mass, multiplier
from records.contract import Column, Dataset, read_table

UNIT_COLUMNS = {
    "permit_limit": "conc_unit",
    "permit_facility": "capacity_unit",
    "param_log": "value_unit",
    "param_accepted": "value_unit",
    "production_ledger": "qty_unit",
    "om_reagent": "qty_unit",
    "test_sample": "result_unit",
    "eia_item": "qty_unit",
    "mobile_survey": "conc_unit",
    "hw_ledger": "uom",
    "manifest_item": "uom",
    "invoice": "uom",
}
# Storage units that say nothing about a unit to be assumed.
UNITLESS = ("", "1", "%", "row", "factor")
DIGITS = 6


def unit_column(dataset: Dataset, column: Column) -> str:
    """Column that names the unit of ``column`` in each row, empty when there is none.

    A unit column speaks for the columns stored in the unit of the row; where a dataset has none of
    those, for its masses.
    """
    name = UNIT_COLUMNS.get(dataset.name, "")
    has_row_units = any(c.unit == "row" for c in dataset.columns)
    return name if column.unit == ("row" if has_row_units else "t") else ""


def to_storage(
    column: Column, read: pl.DataFrame, row_units: pl.Series | None, outer: str
) -> pl.DataFrame:
    """Numbers brought to the unit of storage.

    Parameters
    ----------
    read
        Value, code, qualifier and unit of the cells, as typed.
    row_units
        Texts of the unit column, null where it is empty; ``None`` when there is no such column.
    outer
        Unit that heading, title row or configuration give, empty when none does.

    Returns
    -------
    polars.DataFrame
        ``read`` with the values converted, ``unit`` being the one that was applied.
    """
    unit = pl.when(pl.col("unit") != "").then(pl.col("unit"))
    spoken = [unit] if row_units is None else [unit, row_units]
    read = read.with_columns(pl.coalesce(*spoken, pl.lit(outer)).alias("unit"))
    factors = {
        text: 1.0 if text == "" else multiplier(text, column.unit)
        for text in read["unit"].unique().to_list()
    }
    factor = pl.col("unit").replace_strict(factors, return_dtype=pl.Float64)
    is_filled = pl.col("value").is_not_null()
    is_assumed = is_filled & (pl.col("unit") == "") & pl.lit(column.unit not in UNITLESS)
    return read.with_columns(
        (pl.col("value") * factor).round(DIGITS).alias("value"),
        pl.when(is_filled & factor.is_null())
        .then(pl.lit("bad_unit"))
        .when(is_assumed & (pl.col("code") == ""))
        .then(pl.lit("unit_assumed"))
        .otherwise("code")
        .alias("code"),
    )


def outer_unit(
    column: Column, headings: Mapping[str, str], title_unit: str, configured: Mapping[str, str]
) -> str:
    """Unit that heading, title row or configuration give for a column, the first that fits."""
    if column.unit == "":
        return ""
    heading = headings.get(column.name, "")
    if heading and (column.unit in ("row", "factor") or multiplier(heading, column.unit)):
        return heading
    for unit in (title_unit, configured.get(column.name, "")):
        if unit and column.unit not in ("factor", "1", "%") and multiplier(unit, column.unit):
            return unit
    return ""


def name_row_unit(frame: pl.DataFrame, dataset: Dataset, applied: pl.Series) -> pl.DataFrame:
    """The unit column says what the stored number is in: ``t`` for masses, else as applied."""
    name = UNIT_COLUMNS[dataset.name]
    names = {text: "t" if is_mass(text) else text for text in applied.unique().to_list() if text}
    told = applied.replace_strict(names, default=None, return_dtype=pl.String)
    return frame.with_columns(pl.coalesce(told, pl.col(name)).alias(name))


def to_factor_units(
    frame: pl.DataFrame, dataset: Dataset, headings: Mapping[str, str]
) -> pl.DataFrame:
    """Values of monitored factors whose heading names a unit, in the unit of their factor.

    A heading of another dimension, or a factor that is not in the table, leaves the value as it is.
    """
    if "factor_code" not in frame.columns:
        return frame
    for column in dataset.columns:
        unit = headings.get(column.name, "")
        if column.unit != "factor" or not unit:
            continue
        field = "unit_mass_zh" if column.name == "cou" else "unit_conc_zh"
        ratios = {
            row["code"]: between_factors(unit, row[field])
            for row in read_table("hj212_factors.csv")
        }
        known = {code: ratio for code, ratio in ratios.items() if ratio is not None}
        ratio = pl.col("factor_code").replace_strict(known, default=1.0, return_dtype=pl.Float64)
        frame = frame.with_columns((pl.col(column.name) * ratio).round(9).alias(column.name))
    return frame
