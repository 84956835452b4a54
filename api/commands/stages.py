"""simulate, run, and the stages alone."""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import typer

from api.context import Context, JsonOption, QuietOption, WorkspaceOption
from api.jobs import Jobs, RunReport, StageReport
from api.output import STAGE_ZH, Output
from api.run_lock import run_lock
from ingest.resolve.engine import BUILT_IN, ENGINES
from ingest.simulate.province import SimulationReport, simulate
from viz.words import searched_text

AsOfOption = Annotated[
    datetime | None,
    typer.Option("--as-of", formats=["%Y-%m-%d"], help="研判日（含当日，上海时间）"),
]
Size = Literal["small", "month", "year"]
SizeOption = Annotated[str, typer.Option("--size", help="、".join(get_args(Size)))]


def register(app: typer.Typer) -> None:
    """Add the commands of this file to ``app``."""
    app.command("simulate")(simulate_command)
    app.command("run")(run_command)
    app.command("ingest")(ingest_command)
    app.command("resolve")(resolve_command)
    app.command("load")(load_command)
    app.command("detect")(detect_command)


def jobs_of(context: Context) -> Jobs:
    """The stages, reporting progress to the command's output."""
    return Jobs(context.settings, context.output.progress)


def print_run(output: Output, report: RunReport) -> None:
    """The answer of ``run``: the document, or a table of stages and of what was refused."""
    if output.is_json:
        output.document(report.to_json())
        return
    output.table(
        ("阶段", "秒", "读入", "产出", "说明"),
        [
            (
                STAGE_ZH.get(stage.stage, stage.stage),
                round(stage.seconds, 1),
                stage.rows_in,
                stage.rows_out,
                "无新内容，跳过" if stage.is_skipped else "",
            )
            for stage in report.stages
        ],
    )
    if report.is_nothing_new:
        output.line("没有新内容：各阶段的结果都是最新的")
    for line in problems(report.stages):
        output.complain(line)


def problems(stages: tuple[StageReport, ...]) -> list[str]:
    """Refused files, unknown folders, failed models and cut searches of a run, one line each."""
    lines: list[str] = []
    for stage in stages:
        for file in stage.detail.get("files", ()):
            if file.get("refusal"):
                lines.append(f"拒收 {file['path']}：{file['refusal']}")
            elif file.get("read") and not file.get("accepted"):
                lines.append(f"整批隔离 {file['path']}：{file['read']} 行全部未通过")
        lines += [
            f"未知目录 inbox/{name}：不是数据集目录，未读取；请改为契约中的数据集名"
            for name in stage.detail.get("unknown_folders", ())
        ]
        lines += [
            f"模型 {model['model']} 未能完成：{model['failure']}"
            for model in stage.detail.get("models", ())
            if model.get("failure")
        ]
        lines += [
            f"模型 {model['model']} 未查全：{searched_text(line)}"
            for model in stage.detail.get("models", ())
            for line in model.get("left_out", ())
        ]
    return lines


def simulation_json(report: SimulationReport) -> dict[str, Any]:
    """Document of ``simulate --json``."""
    return {
        "files": [str(path) for path in report.files],
        "rows": report.rows,
        "seconds": round(report.seconds, 3),
    }


def as_size(text: str) -> Size:
    """A named size.

    Raises
    ------
    typer.BadParameter
    """
    match text:
        case "small" | "month" | "year":
            return text
        case _:
            raise typer.BadParameter(f"--size 只能是 small、month、year，而不是 {text}")


def simulate_command(
    out: Annotated[Path, typer.Argument(help="写入的收件目录（inbox）")],
    size: SizeOption = "small",
    seed: Annotated[int, typer.Option(help="随机种子；同种子同字节")] = 1,
    truth: Annotated[Path | None, typer.Option(help="真值文件，须在收件目录之外")] = None,
    is_json: JsonOption = False,
    is_quiet: QuietOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """模拟一个省的各部门数据文件."""
    named = as_size(size)
    if truth is not None and truth.resolve().is_relative_to(out.resolve()):
        raise typer.BadParameter(f"真值文件 {truth} 不能放在收件目录 {out} 之内")
    context = Context.build(workspace, is_json, is_quiet)
    report = simulate(
        out,
        size=named,
        seed=seed,
        truth=truth,
        progress=lambda text: context.output.progress("simulate", text),
    )
    if is_json:
        context.output.document(simulation_json(report))
    else:
        context.output.table(("数据集", "行"), sorted(report.rows.items()))
        context.output.line(f"共 {len(report.files)} 个文件，{report.seconds:.1f} 秒，写入 {out}")


def run_command(
    as_of: AsOfOption = None,
    workspace: WorkspaceOption = None,
    is_json: JsonOption = False,
    is_quiet: QuietOption = False,
) -> None:
    """接入、归并、入图、研判；可随时停止并重新开始."""
    context = Context.build(workspace, is_json, is_quiet)
    with run_lock(context.workspace, "run"):
        report = jobs_of(context).run(_day(as_of))
    print_run(context.output, report)
    if report.has_refusals:
        raise typer.Exit(1)


def _day(as_of: datetime | None) -> date | None:
    return as_of.date() if as_of else None


def _alone(context: Context, stages: tuple[StageReport, ...], has_refusals: bool = False) -> None:
    as_of = next((s.detail["as_of"] for s in stages if "as_of" in s.detail), None)
    print_run(context.output, RunReport(as_of, stages, has_refusals))
    if has_refusals:
        raise typer.Exit(1)


def ingest_command(
    paths: Annotated[list[Path] | None, typer.Argument(help="只接入这些文件或目录")] = None,
    workspace: WorkspaceOption = None,
    is_json: JsonOption = False,
    is_quiet: QuietOption = False,
) -> None:
    """把收件目录中的新文件接入数据湖."""
    context = Context.build(workspace, is_json, is_quiet)
    with run_lock(context.workspace, "ingest"):
        stage, report = jobs_of(context).ingest(tuple(str(path) for path in paths or ()))
    _alone(context, (stage,), report.has_refusals)


def resolve_command(
    engine: Annotated[str, typer.Option(help=f"比较单位的引擎：{'、'.join(ENGINES)}")] = BUILT_IN,
    is_full: Annotated[
        bool, typer.Option("--full", help="不用上次的索引，全部重新比较（结果相同）")
    ] = False,
    workspace: WorkspaceOption = None,
    is_json: JsonOption = False,
    is_quiet: QuietOption = False,
) -> None:
    """判定哪些记录是同一单位、人员、车辆或地点."""
    if engine not in ENGINES:
        raise typer.BadParameter(f"没有引擎 {engine}；可用：{'、'.join(ENGINES)}")
    context = Context.build(workspace, is_json, is_quiet)
    with run_lock(context.workspace, "resolve"):
        stage, _ = jobs_of(context).resolve(engine, is_full=is_full)
    _alone(context, (stage,))


def load_command(
    workspace: WorkspaceOption = None, is_json: JsonOption = False, is_quiet: QuietOption = False
) -> None:
    """把主体、单据、流量与线索写入图谱."""
    context = Context.build(workspace, is_json, is_quiet)
    with run_lock(context.workspace, "load"):
        jobs = jobs_of(context)
        with jobs.graph():
            stage, _ = jobs.load()
            leads = jobs.leads()
    _alone(context, (stage, leads))


def detect_command(
    model: Annotated[list[str] | None, typer.Option("--model", help="只运行这些模型")] = None,
    as_of: AsOfOption = None,
    workspace: WorkspaceOption = None,
    is_json: JsonOption = False,
    is_quiet: QuietOption = False,
) -> None:
    """运行模型，生成发现与线索."""
    context = Context.build(workspace, is_json, is_quiet)
    with run_lock(context.workspace, "detect"):
        jobs = jobs_of(context)
        stage, report = jobs.detect(_day(as_of), tuple(model or ()))
        leads = jobs.leads()
    has_failures = report is not None and any(m.failure for m in report.models)
    _alone(context, (stage, leads), has_failures)
