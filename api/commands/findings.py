"""findings, explain: what the models found, and why."""

import io
import json
from pathlib import Path
from typing import Annotated, Any

import polars as pl
import typer

from api.context import Context, JsonOption, QuietOption, WorkspaceOption
from casework.evidence import evidence_rows
from graph.types import Finding
from records.masking import mask_cells

FORMATS = ("table", "jsonl", "csv", "parquet")


def register(app: typer.Typer) -> None:
    """Add the commands of this file to ``app``."""
    app.command("findings")(findings_command)


def read_findings(context: Context, model: str = "", grade: int | None = None) -> pl.DataFrame:
    """Findings by id, with the columns of the ``finding`` view."""
    views = context.views()
    try:
        return (
            views.cursor()
            .execute(
                "SELECT * FROM finding WHERE ($model = '' OR model = $model)"
                " AND ($grade IS NULL OR grade = $grade) ORDER BY finding_id",
                {"model": model, "grade": grade},
            )
            .pl()
        )
    finally:
        views.close()


def findings_command(
    model: Annotated[str, typer.Option(help="模型编号，如 HW-11")] = "",
    grade: Annotated[int | None, typer.Option(min=1, max=3, help="级别，1 最重")] = None,
    form: Annotated[str, typer.Option("--format", help="table、jsonl、csv、parquet")] = "table",
    out: Annotated[Path | None, typer.Option("--out", help="写入文件")] = None,
    workspace: WorkspaceOption = None,
    is_json: JsonOption = False,
    is_quiet: QuietOption = False,
) -> None:
    """列出模型的发现."""
    if form not in FORMATS:
        raise typer.BadParameter(f"--format 只能是 {'、'.join(FORMATS)}，而不是 {form}")
    context = Context.build(workspace, is_json, is_quiet)
    frame = read_findings(context, model, grade)
    if is_json:
        context.output.document([json.loads(line) for line in frame["json"]])
    elif form == "table" and out is None:
        rows = frame.select("finding_id", "grade", "score", "status", "title").rows()
        context.output.table(("编号", "级别", "分值", "状态", "标题"), rows)
        context.output.line(f"共 {frame.height} 条")
    elif form == "parquet":
        if out is None:
            raise typer.BadParameter("--format parquet 需要 --out 指定文件")
        frame.write_parquet(out)
    else:
        text = _as_text(frame, form)
        if out is None:
            context.output.line(text.rstrip("\n"))
        else:
            out.write_text(text, encoding="utf-8")


def _as_text(frame: pl.DataFrame, form: str) -> str:
    if form == "jsonl":
        return "".join(line + "\n" for line in frame["json"])
    flat = frame.drop("json").with_columns(pl.col("subject_ids").list.join(" "))
    buffer = io.StringIO()
    flat.write_csv(buffer)
    return buffer.getvalue()


def explain_finding(context: Context, finding: Finding) -> dict[str, Any]:
    """The finding with its evidence rows as delivered, L4 values masked."""
    views = context.views()
    try:
        rows = evidence_rows(views.cursor(), finding.evidence)
    finally:
        views.close()
    return {
        **finding.to_json(),
        "rows": [
            {
                "reference": row.evidence.reference,
                "role": row.evidence.role,
                "dataset_zh": row.dataset_zh,
                "agency": row.agency_zh,
                "path": row.path,
                "line": row.line,
                "is_current": row.is_current,
                "cells": mask_cells(row.evidence.dataset, row.cells),
            }
            for row in rows
        ],
    }
