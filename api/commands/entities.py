"""entity, why, members: who is who, and why."""

from dataclasses import asdict
from typing import Annotated, Any

import polars as pl
import typer

from api.context import Context, JsonOption, OutOption, QuietOption, WorkspaceOption
from api.reading.entity import EntityProfile, read_entity
from api.reading.resolution import read_why
from api.reading.search import SearchAnswer, search
from api.reading.sides import SideAsked
from graph.ontology import LABELS
from ingest.resolve.explain import Explanation
from records.resolved import RESOLVED_TABLES
from records.views import quoted
from viz.resolution_words import REASON_ZH, attribute_zh, level_zh, value_zh


def register(app: typer.Typer) -> None:
    """Add the commands of this file to ``app``."""
    app.command("entity")(entity_command)
    app.command("why")(why_command)
    app.command("members")(members_command)


def entity_command(
    text: Annotated[str, typer.Argument(help="名称、代码、车牌、电话或编号")],
    limit: Annotated[int, typer.Option(min=1, max=100, help="最多几条")] = 20,
    workspace: WorkspaceOption = None,
    is_json: JsonOption = False,
    is_quiet: QuietOption = False,
) -> None:
    """检索主体；给出编号则显示其档案."""
    context = Context.build(workspace, is_json, is_quiet)
    with context.services() as services:
        if text.partition(":")[0] in {label.prefix for label in LABELS.values()}:
            profile = read_entity(services, context.caller(), text)
            if is_json:
                context.output.document(asdict(profile))
            else:
                _print_profile(context, profile)
            return
        found = search(services, context.caller(), text, limit=limit)
    if is_json:
        context.output.document(asdict(found))
    else:
        _print_found(context, text, found)


def _print_found(context: Context, text: str, found: SearchAnswer) -> None:
    if not found.items:
        context.output.line(f"没有找到与“{text}”相符的主体；可换用全称、代码或车牌")
        return
    context.output.table(
        ("编号", "类别", "名称", "代码", "区划", "相符"),
        [
            (item.entity_id, item.kind, item.name, item.code, item.division_code, item.score)
            for item in found.items
        ],
    )


def _print_profile(context: Context, profile: EntityProfile) -> None:
    out = context.output
    out.line(f"{profile.name}　{profile.entity_id}")
    if profile.asked_id != profile.entity_id:
        out.line(f"{profile.asked_id} 已并入该主体")
    out.table(
        ("属性", "值"),
        [
            (key, "、".join(map(str, value)) if isinstance(value, list) else value)
            for key, value in profile.properties.items()
        ],
    )
    out.table(
        ("名称与标识", "值", "来源", "角色", "行数"),
        [
            (item.kind, item.value, f"{item.dataset_zh}（{item.agency_zh}）", item.role, item.rows)
            for item in (*profile.names, *profile.identifiers)
        ],
    )
    if profile.findings:
        out.table(
            ("发现", "级别", "标题"),
            [(item.finding_id, item.grade, item.title) for item in profile.findings],
        )


def why_command(
    a: Annotated[str, typer.Argument(help="单位编号，或 数据集:批次:行:序[:角色]")],
    b: Annotated[str, typer.Argument(help="另一个")],
    workspace: WorkspaceOption = None,
    is_json: JsonOption = False,
    is_quiet: QuietOption = False,
) -> None:
    """说明两条记录为何是、或为何不是同一主体."""
    context = Context.build(workspace, is_json, is_quiet)
    with context.services() as services:
        found = read_why(services, context.caller(), SideAsked.parse(a), SideAsked.parse(b))
    if is_json:
        context.output.document(_explanation(found))
        return
    out = context.output
    out.line(("是同一主体：" if found.is_same else "不是同一主体：") + REASON_ZH[found.reason])
    for step in found.steps:
        out.line("")
        out.line(
            f"{step.name_a}　⟷　{step.name_b}：{step.bits:.2f} 比特"
            f"（先验 {step.prior_bits:.2f}，门槛 {found.threshold_bits:.2f}）"
        )
        out.table(
            ("项目", "甲", "乙", "程度", "比特"),
            [
                (
                    attribute_zh(p.attribute),
                    value_zh(p.attribute, p.value_a),
                    value_zh(p.attribute, p.value_b),
                    level_zh(p.attribute, p.level),
                    p.bits,
                )
                for p in step.parts
            ],
        )


def _explanation(found: Explanation) -> dict[str, Any]:
    return {**asdict(found), "reason_zh": REASON_ZH[found.reason]}


def members_command(
    out: OutOption = None,
    workspace: WorkspaceOption = None,
    is_json: JsonOption = False,
    is_quiet: QuietOption = False,
) -> None:
    """列出哪一行在哪一列指名哪个主体（CSV）."""
    context = Context.build(workspace, is_json, is_quiet)
    columns = RESOLVED_TABLES["member"]
    with context.sql() as sql:
        rows = sql.execute(
            f"SELECT {', '.join(map(quoted, columns))} FROM member ORDER BY ALL"  # noqa: S608 - our own columns
        ).fetchall()
    frame = pl.DataFrame(rows, schema=columns, orient="row")
    if out is not None:
        frame.write_csv(out)
        if is_json:
            context.output.document({"members": frame.height, "out": str(out)})
        else:
            context.output.line(f"{frame.height} 行已写入 {out}")
    elif is_json:
        context.output.document(frame.to_dicts())
    else:
        context.output.text(frame.write_csv())
