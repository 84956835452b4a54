"""行政处罚: whether hazardous waste is concerned shows in the cause and the article breached."""

import polars as pl

from ingest.raw import HeadingMap
from ingest.sources.rule import SourceRule

HAZARDOUS = r"危险废物|危废|HW\d{2}"


def _after(frame: pl.DataFrame, headings: HeadingMap) -> pl.DataFrame:  # noqa: ARG001  # a hook
    told = pl.concat_str("case_kind", "basis", ignore_nulls=True)
    is_told = pl.when(told != "").then(told.str.contains(HAZARDOUS))
    return frame.with_columns(pl.coalesce("is_hw", is_told).alias("is_hw"))


RULE = SourceRule(after=_after)
