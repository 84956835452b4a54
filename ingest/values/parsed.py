"""What reading one cell gives, and how distinct cells are read once each."""

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

NULL_TOKENS = ("", "-", "--", "—", "/", "\\", "null", "NULL", "N/A", "#N/A", "NaN")
WORD_NULL_TOKENS = ("无", "暂无", "空")
# Codes that quarantine the row when the column is required or part of the key; else they are flags
# on a null value.
FAILURES = frozenset(
    {
        "missing_required",
        "bad_number",
        "bad_date",
        "bad_bool",
        "bad_json",
        "bad_geometry",
        "bad_unit",
        "bad_format",
        "lost_precision",
        "out_of_range",
        "unresolved_key",
    }
)


@dataclass(frozen=True, slots=True)
class Parsed:
    """A value with the code of what was noticed (empty: nothing) and a qualifier such as ``<``.

    ``unit`` is the unit that stood in the cell, which has not been applied to the value yet.
    """

    value: object
    code: str = ""
    qualifier: str = ""
    unit: str = ""


def clean(cells: pl.Expr) -> pl.Expr:
    """Cells in NFKC, stripped, blanks collapsed, spreadsheet guards taken off."""
    guarded = cells.str.replace(r'^="(.*)"$', "$1").str.replace(r"^['\t]", "")
    return guarded.str.normalize("NFKC").str.replace_all(r"\s+", " ").str.strip_chars()


def nulled(cells: pl.Expr, *, with_words: bool, kept: tuple[str, ...] = ()) -> pl.Expr:
    """Null tokens as null; words such as 无 only for types other than text; ``kept`` never."""
    tokens = NULL_TOKENS + (WORD_NULL_TOKENS if with_words else ())
    gone = [token for token in tokens if token not in kept]
    return pl.when(cells.is_in(gone)).then(None).otherwise(cells)


def as_read(values: pl.Series) -> pl.DataFrame:
    """Values about which nothing was noticed, in the shape of :func:`by_distinct`."""
    nothing = pl.repeat("", len(values), eager=True)
    return pl.DataFrame({"value": values, "code": nothing, "qualifier": nothing, "unit": nothing})


def by_distinct(
    cells: pl.Series, parse: Callable[[str], Parsed], stored: pl.DataType
) -> pl.DataFrame:
    """Parse each distinct text once.

    Returns
    -------
    polars.DataFrame
        Columns value, code, qualifier and unit, a row per cell in order; null cells stay null.
    """
    distinct = cells.drop_nulls().unique().sort()
    parsed = [parse(text) for text in distinct.to_list()]
    table = pl.DataFrame(
        {
            "text": distinct,
            "value": pl.Series([p.value for p in parsed], dtype=stored, strict=False),
            "code": pl.Series([p.code for p in parsed], dtype=pl.String),
            "qualifier": pl.Series([p.qualifier for p in parsed], dtype=pl.String),
            "unit": pl.Series([p.unit for p in parsed], dtype=pl.String),
        }
    )
    joined = pl.DataFrame({"text": cells}).join(table, on="text", how="left", maintain_order="left")
    return joined.select("value", pl.col("code", "qualifier", "unit").fill_null(""))
