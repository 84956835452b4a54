"""许可限值: a cell ``6-9`` holds both ends; the period follows the medium when it is not given."""

import polars as pl

from ingest.raw import HeadingMap
from ingest.sources.rule import SourceRule

BOTH_ENDS = r"^(\d+(?:\.\d+)?)\s*(?:-|~|至)\s*(\d+(?:\.\d+)?)$"


def _before(frame: pl.DataFrame, headings: HeadingMap) -> pl.DataFrame:  # noqa: ARG001  # a hook
    for name in ("t:limit_conc", "t:limit_low"):
        if name not in frame.columns:
            continue
        ends = frame[name].str.extract_groups(BOTH_ENDS).struct
        low, high = ends.field("1"), ends.field("2")
        frame = frame.with_columns(low.alias("low_end"), high.alias("high_end"))
        for column, end in (("t:limit_low", "low_end"), ("t:limit_conc", "high_end")):
            known = pl.col(column) if column in frame.columns else pl.lit(None, dtype=pl.String)
            kept = known if column != name else pl.when(pl.col(end).is_null()).then(known)
            frame = frame.with_columns(pl.coalesce(kept, end).alias(column))
        frame = frame.drop("low_end", "high_end")
    return frame


def _after(frame: pl.DataFrame, headings: HeadingMap) -> pl.DataFrame:  # noqa: ARG001  # a hook
    is_air = pl.col("outlet_code").str.starts_with("DA") | pl.col("factor_code").str.starts_with(
        "a"
    )
    usual = pl.when(is_air.fill_null(value=False)).then(pl.lit("小时均值"))
    return frame.with_columns(
        pl.coalesce("period", usual, pl.lit("日均值")).alias("period"),
    )


RULE = SourceRule(before=_before, after=_after)
