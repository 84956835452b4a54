"""weights: what decides about organisations, learned anew or compared with its training."""

from dataclasses import asdict
from datetime import UTC, datetime

import typer

from api.context import Context, JsonOption, QuietOption, WorkspaceOption
from ingest.resolve.compare import ATTRIBUTES, LEVEL_NAMES
from ingest.resolve.retrain import drift, retrain
from ingest.resolve.weight_files import document, save_weights, weights_path, workspace_weights
from records.clock import shanghai_iso


def register(app: typer.Typer) -> None:
    """Add the commands of this file to ``app``."""
    weights = typer.Typer(help="归并权重：查看、学习与漂移", no_args_is_help=True)
    weights.command("show")(show_command)
    weights.command("learn")(learn_command)
    weights.command("drift")(drift_command)
    app.add_typer(weights, name="weights")


def show_command(
    workspace: WorkspaceOption = None, is_json: JsonOption = False, is_quiet: QuietOption = False
) -> None:
    """显示当前使用的归并权重（比特）."""
    context = Context.build(workspace, is_json, is_quiet)
    weights = workspace_weights(context.workspace)
    if is_json:
        context.output.document(asdict(weights))
        return
    own = weights_path(context.workspace).exists()
    context.output.line(f"版本 {weights.version}（{'本工作区学习' if own else '程序自带'}）")
    context.output.table(
        ("项目", "程度", "比特"),
        [
            (attribute, level, bits)
            for attribute, values in zip(ATTRIBUTES, weights.levels, strict=True)
            for level, bits in zip(LEVEL_NAMES[attribute], values, strict=True)
        ],
    )


def learn_command(
    workspace: WorkspaceOption = None, is_json: JsonOption = False, is_quiet: QuietOption = False
) -> None:
    """用本工作区带信用代码的记录重新学习权重；下次归并起生效."""
    context = Context.build(workspace, is_json, is_quiet)
    day = shanghai_iso(datetime.now(UTC).replace(tzinfo=None))[:10]
    learned = retrain(
        context.workspace,
        f"organization-workspace-{day}",
        lambda text: context.output.progress("weights", text),
    )
    path = save_weights(context.workspace, learned)
    if is_json:
        context.output.document(document(learned) | {"file": str(path)})
        return
    training = learned.training
    context.output.line(
        f"已学习权重 {learned.weights.version}：同码 {training.positive} 对、"
        f"异码 {training.negative} 对；写入 {path}，下次归并起生效"
    )


def drift_command(
    workspace: WorkspaceOption = None, is_json: JsonOption = False, is_quiet: QuietOption = False
) -> None:
    """比较现有数据与权重训练时的程度分布."""
    context = Context.build(workspace, is_json, is_quiet)
    found = drift(context.workspace)
    if is_json:
        context.output.document(
            {"levels": [asdict(item) | {"is_large": item.is_large} for item in found]}
        )
        return
    context.output.table(
        ("项目", "程度", "训练时", "现在", "说明"),
        [
            (
                item.attribute,
                item.level,
                f"{item.trained:.3f}",
                f"{item.now:.3f}",
                "变化较大" if item.is_large else "",
            )
            for item in found
        ],
    )
