"""A column of one type, and what the intake reads from texts in it."""

import polars as pl

from ingest.values.columns import Cells, typed
from ingest.values.parsed import clean, nulled
from records.contract import Column, EnumValue


def column(base: str, *, unit: str = "", enum: tuple[EnumValue, ...] = ()) -> Column:
    return Column("d", "c", "列", (), base, enum, unit, False, 0, "L1", "", "")


def read(column_: Column, *texts: str | None) -> list[tuple[object, str, str]]:
    """As the intake reads a column: cleaned, null tokens gone, typed."""
    words = column_.base_type != "text"
    cells = (
        pl.DataFrame({"t": pl.Series(texts, dtype=pl.String)})
        .select(nulled(clean(pl.col("t")), with_words=words))
        .to_series()
    )
    return typed(column_, Cells(cells)).select("value", "code", "qualifier").rows()
