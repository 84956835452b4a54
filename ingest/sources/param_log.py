"""参数变更日志、备案参数: a parameter without a code is known by its name."""

from functools import cache

import polars as pl

from ingest.raw import HeadingMap
from ingest.sources.rule import SourceRule
from records.contract import read_table


@cache
def _codes() -> dict[str, str]:
    """Codes of the parameters of analysers by name; shorter everyday names beside the full ones."""
    codes: dict[str, str] = {}
    for row in read_table("hj212_factors.csv"):
        if row["family"] == "site_info":
            codes.setdefault(row["name_zh"], row["code"])
    return codes | {
        "量程": "i13001",
        "精度": "i13002",
        "检出限": "i13009",
        "截距": "i13007",
        "斜率": "i13008",
    }


def _after(frame: pl.DataFrame, headings: HeadingMap) -> pl.DataFrame:  # noqa: ARG001  # a hook
    # What the standard has no code for, such as the geometry of a flue, goes by its name.
    code = pl.col("param_name").replace_strict(
        _codes(), default=pl.col("param_name"), return_dtype=pl.String
    )
    return frame.with_columns(pl.coalesce("param_code", code).alias("param_code"))


RULE = SourceRule(after=_after)
