"""经营许可证明细: a list of codes is one record each; 全部 means every code of the category."""

import polars as pl

from ingest.raw import HeadingMap
from ingest.sources.rule import SourceRule

ALL_CODES = ("全部", "全部代码", "所有", "全类")


def _before(frame: pl.DataFrame, headings: HeadingMap) -> pl.DataFrame:  # noqa: ARG001  # a hook
    code = pl.col("t:waste_code")
    if "t:waste_code" not in frame.columns:
        return frame
    return frame.with_columns(pl.when(~code.is_in(ALL_CODES)).then(code).alias("t:waste_code"))


RULE = SourceRule(split="waste_code", before=_before)
