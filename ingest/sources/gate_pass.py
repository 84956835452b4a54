"""门禁进出: a row with the time of entry and the time of leaving is two passes."""

import polars as pl

from ingest.raw import HeadingMap
from ingest.sources.rule import SourceRule


def _after(frame: pl.DataFrame, headings: HeadingMap) -> pl.DataFrame:  # noqa: ARG001  # a hook
    is_both = (
        pl.col("passed_at").is_null()
        & pl.col("entered_at").is_not_null()
        & pl.col("left_at").is_not_null()
    )
    moments = pl.concat_list(pl.col("entered_at"), pl.col("left_at"))
    single = pl.coalesce("passed_at", "entered_at", "left_at")
    frame = frame.with_columns(
        is_both.alias("is_both"),
        pl.when(is_both).then(moments).otherwise(pl.concat_list(single)).alias("moment"),
    ).explode("moment", keep_nulls=True)
    is_entry = (pl.col("moment") == pl.col("entered_at")).fill_null(value=False)
    by_time = (
        pl.when(is_entry)
        .then(pl.lit("进厂"))
        .when((pl.col("moment") == pl.col("left_at")).fill_null(value=False))
        .then(pl.lit("出厂"))
    )
    stated = pl.when(~pl.col("is_both")).then(pl.col("direction"))
    return frame.with_columns(
        pl.col("moment").alias("passed_at"),
        pl.coalesce(stated, by_time, pl.lit("进厂")).alias("direction"),
    ).drop("moment", "is_both")


RULE = SourceRule(after=_after)
