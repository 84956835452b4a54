"""judge: what people say about records: same, different, unsure; undo; the list."""

from dataclasses import asdict
from typing import Annotated, Literal

import typer

from api.context import Context, JsonOption, QuietOption, WorkspaceOption
from api.deciding.judgements import judge, undo
from api.reading.judgements import JudgementPage, RecordedView, list_judgements
from api.reading.sides import SideAsked
from viz.resolution_words import VERDICT_ZH

SideArgument = Annotated[
    str, typer.Argument(help="主体编号，或 数据集:批次:行:序[:角色]", show_default=False)
]


def register(app: typer.Typer) -> None:
    """Add the commands of this file to ``app``."""
    app.command("judge")(judge_command)


def judge_command(
    a: SideArgument = "",
    b: SideArgument = "",
    verdict: Annotated[
        Literal["same", "different", "unsure"] | None,
        typer.Option(help="same 相同、different 不同、unsure 不确定"),
    ] = None,
    reason: Annotated[str, typer.Option(help="理由，记入判定与审计")] = "",
    number: Annotated[int | None, typer.Option("--undo", min=1, help="撤销第几号判定")] = None,
    is_list: Annotated[bool, typer.Option("--list", help="列出判定，新的在前")] = False,
    after: Annotated[int | None, typer.Option(min=1, help="列表从这一号之后继续")] = None,
    limit: Annotated[int, typer.Option(min=1, max=200, help="最多列几条")] = 50,
    workspace: WorkspaceOption = None,
    is_json: JsonOption = False,
    is_quiet: QuietOption = False,
) -> None:
    """判定两条记录是否同一主体，或撤销、列出判定；下一次归并时生效."""
    ways = (bool(a or b or verdict), number is not None, is_list)
    if sum(ways) != 1:
        raise typer.BadParameter("请三选一：A B --verdict … --reason …；--undo 编号；--list")
    context = Context.build(workspace, is_json, is_quiet)
    with context.services() as services:
        caller = context.caller()
        if is_list:
            _print_list(context, list_judgements(services, caller, after, limit))
            return
        if number is not None:
            made = undo(services, caller, number)
        else:
            if not (a and b and verdict and reason.strip()):
                raise typer.BadParameter("判定须给出两个主体或行、--verdict 和 --reason")
            sides = (SideAsked.parse(a), SideAsked.parse(b))
            made = judge(services, caller, sides, verdict, reason)
    _print_one(context, made)


def _print_one(context: Context, made: RecordedView) -> None:
    if context.output.is_json:
        context.output.document(asdict(made))
        return
    did = "已撤销" if made.withdrawn_by else "已记录"
    context.output.line(
        f"{did}第 {made.number} 号判定：“{made.a.name}”与“{made.b.name}”"
        f"{VERDICT_ZH[made.verdict]}；{made.takes_effect}"
    )


def _print_list(context: Context, page: JudgementPage) -> None:
    if context.output.is_json:
        context.output.document(asdict(page))
        return
    context.output.table(
        ("编号", "判定", "甲", "乙", "理由", "判定人", "时间", "撤销"),
        [
            (
                item.number,
                VERDICT_ZH[item.verdict],
                item.a.name or item.a.reference,
                item.b.name or item.b.reference,
                item.reason,
                item.judged_by,
                item.judged_at,
                item.withdrawn_by or None,
            )
            for item in page.items
        ],
    )
    if page.next:
        context.output.line(f"继续：--after {page.next}")
