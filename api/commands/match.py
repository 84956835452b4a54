"""match: which known organisations the rows of a CSV file mean."""

from dataclasses import asdict, fields
from pathlib import Path
from typing import Annotated

import polars as pl
import typer

from api.context import Context, JsonOption, OutOption, QuietOption, WorkspaceOption
from api.reading.match import MOST_ROWS, MatchedRow, match_rows
from ingest.resolve.match_pairs import MatchQuery
from queries.errors import ParameterError

COLUMNS = tuple(field.name for field in fields(MatchQuery))
DECISION_ZH = {"match": "匹配", "review": "待核", "new": "新主体"}


def register(app: typer.Typer) -> None:
    """Add the commands of this file to ``app``."""
    app.command("match")(match_command)


def match_command(
    file: Annotated[
        Path,
        typer.Argument(
            exists=True, dir_okay=False, help=f"UTF-8 的 CSV，列名取自 {'、'.join(COLUMNS)}"
        ),
    ],
    out: OutOption = None,
    workspace: WorkspaceOption = None,
    is_json: JsonOption = False,
    is_quiet: QuietOption = False,
) -> None:
    """比对一份名单：每一行是哪个已知单位，或是新的."""
    context = Context.build(workspace, is_json, is_quiet)
    rows = _rows(file)
    with context.services() as services:
        caller = context.caller()
        found = [
            MatchedRow(start + item.row, item.decision, item.candidates)
            for start in range(0, len(rows), MOST_ROWS)
            for item in match_rows(services, caller, rows[start : start + MOST_ROWS]).items
        ]
    if is_json:
        context.output.document([asdict(item) for item in found])
        return
    table = _table(rows, found)
    if out is not None:
        table.write_csv(out, include_bom=True)
        context.output.line(f"{table.height} 行已写入 {out}")
    else:
        context.output.table(table.columns, table.rows())


def _rows(file: Path) -> list[MatchQuery]:
    try:
        frame = pl.read_csv(file, infer_schema=False).fill_null("")
    except pl.exceptions.PolarsError as error:
        raise ParameterError(f"{file} 读不成 CSV：{error}；请另存为 UTF-8 的 CSV") from error
    unknown = sorted(set(frame.columns) - set(COLUMNS))
    if unknown or not {"name", "code"} & set(frame.columns):
        raise ParameterError(
            f"{file} 的列是 {'、'.join(frame.columns)}；只认 {'、'.join(COLUMNS)}，"
            "且至少要有 name 或 code"
        )
    if frame.is_empty():
        raise ParameterError(f"{file} 没有数据行")
    return [MatchQuery(**line) for line in frame.iter_rows(named=True)]


def _table(rows: list[MatchQuery], found: list[MatchedRow]) -> pl.DataFrame:
    """One line per row with its best candidate."""
    lines = []
    for row, item in zip(rows, found, strict=True):
        best = item.candidates[0] if item.candidates else None
        lines.append(
            (
                item.row,
                row.name or row.code,
                DECISION_ZH[item.decision],
                best.entity_id if best else "",
                best.name if best else "",
                best.code if best else "",
                best.bits if best else None,
            )
        )
    return pl.DataFrame(
        lines,
        schema={
            "行": pl.Int64,
            "名称": pl.String,
            "结论": pl.String,
            "主体编号": pl.String,
            "主体名称": pl.String,
            "代码": pl.String,
            "比特": pl.Float64,
        },
        orient="row",
    )
