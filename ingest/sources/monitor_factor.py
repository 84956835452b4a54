"""监测因子: the resolution follows from the number of decimals that the standard gives a factor."""

import re
from functools import cache

import polars as pl

from ingest.raw import HeadingMap
from ingest.sources.rule import SourceRule
from records.contract import read_table

FORMAT = re.compile(r"N\d+(?:\.(\d+))?")


@cache
def _resolutions() -> dict[str, float]:
    found = {
        row["code"]: FORMAT.fullmatch(row["format"]) for row in read_table("hj212_factors.csv")
    }
    return {code: 10.0 ** -int(each[1] or 0) for code, each in found.items() if each}


def _after(frame: pl.DataFrame, headings: HeadingMap) -> pl.DataFrame:  # noqa: ARG001  # a hook
    usual = pl.col("factor_code").replace_strict(
        _resolutions(), default=None, return_dtype=pl.Float64
    )
    return frame.with_columns(pl.coalesce("resolution", usual).alias("resolution"))


RULE = SourceRule(after=_after)
