"""leads, brief: the leads as far as they can be read, and their papers."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from api.commands.findings import explanation
from api.context import Context, JsonOption, OutOption, QuietOption, WorkspaceOption
from api.output import GRADE_ZH
from api.reading.briefings import make_paper
from api.reading.leads import list_leads, read_lead
from casework.lead import LeadFilter


def register(app: typer.Typer) -> None:
    """Add the commands of this file to ``app``."""
    leads = typer.Typer(help="线索：列表与详情", no_args_is_help=False)
    leads.command("list")(list_command)
    leads.command("show")(show_command)
    app.add_typer(leads, name="leads")
    app.command("brief")(brief_command)


def list_command(
    grade: Annotated[int | None, typer.Option(min=1, max=3, help="级别，1 最重")] = None,
    model: Annotated[str, typer.Option(help="模型编号，如 HW-11")] = "",
    state: Annotated[str, typer.Option(help="状态")] = "",
    after: Annotated[str, typer.Option(help="从这条线索之后继续")] = "",
    limit: Annotated[int, typer.Option(min=1, max=200, help="最多几条")] = 50,
    workspace: WorkspaceOption = None,
    is_json: JsonOption = False,
    is_quiet: QuietOption = False,
) -> None:
    """列出线索."""
    context = Context.build(workspace, is_json, is_quiet)
    where = LeadFilter(grade=grade, model=model, state=state, after=after, limit=limit)
    with context.services() as services:
        page = list_leads(services, context.caller(), where)
    if is_json:
        context.output.document(asdict(page))
        return
    context.output.table(
        ("线索", "级别", "模型", "状态", "区划", "标题"),
        [(x.lead_no, x.grade, x.model, x.state, x.division_code, x.title) for x in page.items],
    )
    more = f"；继续：--after {page.next}" if page.next else ""
    context.output.line(f"共 {page.total} 条{more}")


def show_command(
    lead_no: Annotated[str, typer.Argument(help="线索编号或发现编号")],
    workspace: WorkspaceOption = None,
    is_json: JsonOption = False,
    is_quiet: QuietOption = False,
) -> None:
    """显示一条线索."""
    context = Context.build(workspace, is_json, is_quiet)
    with context.services() as services:
        view = read_lead(services, context.caller(), lead_no)
    if is_json:
        context.output.document(
            {
                "lead": asdict(view.lead),
                "finding": explanation(view.finding, view.evidence),
                "events": [asdict(event) for event in view.events],
            }
        )
        return
    out = context.output
    out.line(f"{view.lead.lead_no}　{view.lead.title}　{GRADE_ZH[view.lead.grade]}")
    if view.lead.is_corrected:
        out.line("数据已更正，原发现不再成立")
    out.line(view.finding.reason)
    out.table(
        ("时间", "经手", "事项", "状态", "说明"),
        [(e.at, e.actor, e.event, e.to_state, e.note) for e in view.events],
    )
    out.line(f"证据 {len(view.evidence)} 行；可用 jinghuan explain {view.lead.lead_no} 查看")


def brief_command(
    lead_no: Annotated[str, typer.Argument(help="线索编号")],
    form: Annotated[str, typer.Option("--format", help="html、docx、network 或 svg")] = "html",
    out: OutOption = None,
    workspace: WorkspaceOption = None,
    is_json: JsonOption = False,
    is_quiet: QuietOption = False,
) -> None:
    """写出线索专报，或其交互网络图."""
    context = Context.build(workspace, is_json, is_quiet)
    with context.services() as services:
        paper = make_paper(services, context.caller(), lead_no, form)
    path = out or _default(context, paper.filename)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(paper.content)
    if is_json:
        context.output.document(
            {"lead_no": lead_no, "format": form, "out": str(path), "bytes": len(paper.content)}
        )
    else:
        context.output.line(f"已写入 {path}")


def _default(context: Context, filename: str) -> Path:
    return context.workspace.out / filename
