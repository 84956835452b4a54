"""findings, explain: what the models found, and why."""

import io
import json
from pathlib import Path
from typing import Annotated, Any

import polars as pl
import typer

from api.context import Context, JsonOption, OutOption, QuietOption, WorkspaceOption
from api.errors import NotFound
from api.output import GRADE_ZH
from api.reading.findings import read_finding
from api.reading.leads import read_lead
from api.services import Services
from casework.evidence import EvidenceRow, evidence_rows
from graph.types import Finding
from records.law import load_references
from records.masking import mask_cells
from records.resolved import FINDING_COLUMNS

FORMATS = ("table", "jsonl", "csv", "parquet")


def register(app: typer.Typer) -> None:
    """Add the commands of this file to ``app``."""
    app.command("findings")(findings_command)
    app.command("explain")(explain_command)


def read_findings(context: Context, model: str = "", grade: int | None = None) -> pl.DataFrame:
    """Findings by id, with the columns of the ``finding`` view."""
    with context.sql() as sql:
        rows = sql.execute(
            f"SELECT {', '.join(FINDING_COLUMNS)} FROM finding"  # noqa: S608 - our own columns
            " WHERE ($model = '' OR model = $model) AND ($grade IS NULL OR grade = $grade)"
            " ORDER BY finding_id",
            {"model": model, "grade": grade},
        ).fetchall()
    return pl.DataFrame(rows, schema=FINDING_COLUMNS, orient="row")


def findings_command(
    model: Annotated[str, typer.Option(help="模型编号，如 HW-11")] = "",
    grade: Annotated[int | None, typer.Option(min=1, max=3, help="级别，1 最重")] = None,
    form: Annotated[str, typer.Option("--format", help="table、jsonl、csv、parquet")] = "table",
    out: OutOption = None,
    workspace: WorkspaceOption = None,
    is_json: JsonOption = False,
    is_quiet: QuietOption = False,
) -> None:
    """列出模型的发现."""
    if form not in FORMATS:
        raise typer.BadParameter(f"--format 只能是 {'、'.join(FORMATS)}，而不是 {form}")
    context = Context.build(workspace, is_json, is_quiet)
    context.caller().require_findings()
    frame = read_findings(context, model, grade)
    if form == "parquet" and out is None:
        raise typer.BadParameter("--format parquet 需要 --out 指定文件")
    if out is not None:
        _write(frame, "jsonl" if form == "table" else form, out)
        if not is_json:
            context.output.line(f"{frame.height} 条发现已写入 {out}")
    if is_json:
        context.output.document([json.loads(line) for line in frame["json"]])
    elif out is None and form == "table":
        rows = frame.sort("grade", -pl.col("score"), "finding_id").select(
            "finding_id", "grade", "score", "status", "title"
        )
        context.output.table(("编号", "级别", "分值", "状态", "标题"), rows.rows())
        context.output.line(f"共 {frame.height} 条")
    elif out is None:
        context.output.text(_as_text(frame, form))


def _write(frame: pl.DataFrame, form: str, out: Path) -> None:
    if form == "parquet":
        frame.write_parquet(out)
    else:
        out.write_text(_as_text(frame, form), encoding="utf-8", newline="\n")


def _as_text(frame: pl.DataFrame, form: str) -> str:
    if form == "jsonl":
        return "".join(line + "\n" for line in frame["json"])
    flat = frame.drop("json").with_columns(pl.col("subject_ids").list.join(" "))
    buffer = io.StringIO()
    flat.write_csv(buffer)
    return buffer.getvalue()


def explain_command(
    id_: Annotated[str, typer.Argument(metavar="ID", help="发现编号或线索编号")],
    workspace: WorkspaceOption = None,
    is_json: JsonOption = False,
    is_quiet: QuietOption = False,
) -> None:
    """说明一条发现或线索：理由、数字、证据行、法律依据."""
    context = Context.build(workspace, is_json, is_quiet)
    with context.services() as services:
        finding, rows = _found(services, context, id_)
    if is_json:
        context.output.document(explanation(finding, rows))
    else:
        _print(context, finding, rows)


def _found(
    services: Services, context: Context, id_: str
) -> tuple[Finding, tuple[EvidenceRow, ...]]:
    """A finding as it is now, else the frozen copy of a lead."""
    caller = context.caller()
    try:
        finding = read_finding(services, caller, id_)
    except NotFound:
        view = read_lead(services, caller, id_)
        return view.finding, view.evidence
    with services.sql() as sql:
        return finding, tuple(evidence_rows(sql, finding.evidence))


def explanation(finding: Finding, rows: tuple[EvidenceRow, ...]) -> dict[str, Any]:
    """The finding with its evidence rows as delivered, L4 values masked, and the law cited."""
    return {
        **finding.to_json(),
        "rows": [
            {
                "reference": row.evidence.reference,
                "role": row.evidence.role,
                "dataset_zh": row.dataset_zh,
                "agency": row.agency_zh,
                "path": row.path,
                "sheet": row.sheet,
                "line": row.line,
                "is_current": row.is_current,
                "cells": mask_cells(row.evidence.dataset, row.cells),
            }
            for row in rows
        ],
        "law": law_of(finding),
    }


def law_of(finding: Finding) -> list[str]:
    """Citations of the references that a finding names."""
    references = load_references()
    return [references[ref].citation for ref in finding.legal_refs if ref in references]


def _print(context: Context, finding: Finding, rows: tuple[EvidenceRow, ...]) -> None:
    out = context.output
    out.line(f"{finding.title}　{GRADE_ZH[finding.grade]}")
    out.line(f"{finding.finding_id}　数据截至 {finding.as_of}")
    out.line("")
    out.line(finding.reason)
    out.table(("主体", "角色", "编号"), [(s.name, s.role, s.entity_id) for s in finding.subjects])
    if finding.statistics:
        out.table(
            ("指标", "数值", "阈值", "单位", "样本"),
            [(s.name, s.value, s.threshold, s.unit, s.n) for s in finding.statistics],
        )
    out.table(
        ("证据", "数据集", "文件", "行", "内容"),
        [
            (
                row.evidence.role,
                row.dataset_zh,
                row.path,
                row.line or row.evidence.row,
                "；".join(
                    f"{heading}={value}"
                    for heading, value in mask_cells(row.evidence.dataset, row.cells).items()
                    if value
                )[:200],
            )
            for row in rows
        ],
    )
    for text in finding.searched:
        out.line(f"已检索：{text}")
    for text in finding.would_clear:
        out.line(f"可予澄清：{text}")
    for text in law_of(finding):
        out.line(f"如经查实可能适用：{text}")
