"""Times of day that stand alone: they take their day from another column of the row.

Source: section 4 of the drop contract and the notes of the columns.
"""

import re

import polars as pl

from ingest.values.moment import parse_clock, parse_date
from ingest.values.parsed import Parsed, by_distinct
from records.contract import Dataset

DAY_COLUMN = re.compile(r"a time of day alone takes its day from (\w+)")
MIDNIGHT = "when absent 00:00 of it"
ENDS = {
    "left_at": "arrived_at",
    "sampling_end_at": "sampling_start_at",
    "analysis_end_at": "analysis_start_at",
}


def with_days(frame: pl.DataFrame, dataset: Dataset) -> pl.DataFrame:
    """Texts of moments with the day put before a time of day that stands alone.

    An end before its start by the clock is on the next day. The texts stay the columns
    ``t:<column>``; cells without a clock time are left alone.
    """
    for column in dataset.columns:
        found = DAY_COLUMN.search(column.notes)
        if found is None or f"t:{found[1]}" not in frame.columns:
            continue
        name, day = f"t:{column.name}", f"t:{found[1]}"
        if name not in frame.columns:
            if MIDNIGHT in column.notes:
                frame = frame.with_columns(pl.col(day).alias(name), pl.col(day).alias(_cell(name)))
            continue
        if MIDNIGHT in column.notes:
            frame = frame.with_columns(pl.coalesce(name, day).alias(name))
        frame = _placed(frame, column.name, day)
    return frame.drop(c for c in frame.columns if c.startswith("clock:"))


def _cell(name: str) -> str:
    return "c:" + name.removeprefix("t:")


def _placed(frame: pl.DataFrame, name: str, day: str) -> pl.DataFrame:
    clock = by_distinct(frame[f"t:{name}"], lambda t: Parsed(parse_clock(t)), pl.Int64())["value"]
    frame = frame.with_columns(clock.alias(f"clock:{name}"))
    if clock.null_count() == len(clock):
        return frame
    days = by_distinct(frame[day], parse_date, pl.Date())["value"]
    start = f"clock:{ENDS.get(name, '')}"
    is_next = (
        (pl.col(f"clock:{name}") < pl.col(start)).fill_null(value=False)
        if start in frame.columns
        else pl.lit(value=False)
    )
    moment = (
        pl.lit(days).cast(pl.Datetime("us"))
        + pl.duration(seconds=pl.col(f"clock:{name}"))
        + pl.when(is_next).then(pl.duration(days=1)).otherwise(pl.duration(days=0))
    )
    text = moment.dt.strftime("%Y-%m-%d %H:%M:%S")
    return frame.with_columns(pl.coalesce(text, f"t:{name}").alias(f"t:{name}"))
