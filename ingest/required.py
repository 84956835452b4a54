"""Which columns a file must have: required ones, and keys that no default can fill."""

import re
from functools import cache

from ingest.defaults import CONSTANTS, COPIES, LOOKUPS
from ingest.errors import SourceError
from ingest.headings import HeadingChoice
from records.contract import Column, Dataset, read_table

# Any one of these columns lets the default of the key work; what is not listed here and has no
# rule of its own in ``ingest.defaults`` needs nothing from the file.
HELPERS: dict[tuple[str, str], tuple[str, ...]] = {
    ("permit", "valid_from"): ("valid_to",),
    ("hw_licence", "valid_from"): ("valid_to",),
    ("gate_pass", "passed_at"): ("entered_at", "left_at"),
    ("hw_ledger", "batch_no"): (
        "gen_batch_no",
        "in_batch_no",
        "out_batch_no",
        "self_batch_no",
        "ext_batch_no",
    ),
    ("toll_trip", "pass_no"): ("out_at",),
    ("param_log", "param_code"): ("param_name",),
    ("param_accepted", "param_code"): ("param_name",),
    ("river_obs_hour", "station_id"): ("station_name",),
}
FOUND_BY_NAME = "found by factor_name"


def can_be_filled(column: Column, mapped: set[str]) -> bool:
    """Whether the default of an absent column can work with the columns that are mapped."""
    place = (column.dataset, column.name)
    if not column.default_note:
        return False
    if place in CONSTANTS or column.default_note.startswith("empty"):
        return True
    if place in COPIES:
        return COPIES[place] in mapped
    if place in LOOKUPS:
        return all(own in mapped for own, _ in LOOKUPS[place].keys)
    if column.default_note.startswith(FOUND_BY_NAME):
        return "factor_name" in mapped
    return place not in HELPERS or any(name in mapped for name in HELPERS[place])


def missing_columns(dataset: Dataset, mapped: set[str]) -> list[Column]:
    """Required and key columns that are absent and that nothing in the file can fill."""
    return [
        column
        for column in dataset.columns
        if (column.is_required or column.key)
        and column.name not in mapped
        and not can_be_filled(column, mapped)
    ]


def check_required(dataset: Dataset, choice: HeadingChoice, file: str) -> None:
    """Refuse a file that lacks a column it must have.

    Raises
    ------
    SourceError
        ``missing_column``, naming file, columns, accepted headings and the headings found.
    """
    missing = missing_columns(dataset, set(choice.position))
    if not missing:
        return
    wanted = "；".join(
        f"“{column.heading_zh}”（{column.name}，可用表头：{'、'.join(column.headings)}）"
        for column in missing
    )
    raise SourceError(
        "missing_column",
        f"文件 {file}（{dataset.name_zh} {dataset.name}）缺少必需列 {wanted}。"
        f"文件中的表头：{'、'.join(choice.labels)}。{_cure(missing, choice)}",
    )


def _cure(missing: list[Column], choice: HeadingChoice) -> str:
    """What to do about it; a table with a column for each factor needs another form."""
    factors = [
        label
        for label in choice.mapped.unknown
        if re.split(r"[（(\[/\s_-]", label)[0] in _factor_names()
    ]
    if factors and any(column.name == "factor_code" for column in missing):
        return (
            f"该文件像是每个因子一列的宽表（{'、'.join(factors[:5])}），这种形式不能接入："
            "请在平台上改为每行一个因子导出（监测因子、浓度均值两列），或投递 HJ 212 报文日志"
        )
    return "请补上所缺的列后重新投递"


@cache
def _factor_names() -> frozenset[str]:
    """Names by which web exports head the columns of factors."""
    rows = read_table("hj212_factors.csv")
    return frozenset(row["name_zh"] for row in rows) | {"COD", "化学需氧量", "氨氮", "总磷", "总氮"}
