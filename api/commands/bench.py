"""bench: one benchmark with its peers, as JSON."""

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from api.bench import BENCHES, QUICK_BENCHES, run_bench
from api.bench.request import Request
from api.context import Context, QuietOption, WorkspaceOption


def register(app: typer.Typer) -> None:
    """Add the commands of this file to ``app``."""
    app.command("bench")(bench_command)


def bench_command(
    name: Annotated[str, typer.Argument(help=f"基准名：{'、'.join(sorted(BENCHES))}")],
    folder: Annotated[
        Path | None, typer.Option(help="工作目录（须为空）；缺省用临时目录，结束时删除")
    ] = None,
    data: Annotated[
        Path | None, typer.Option(help="公开数据所在目录（er 用）；缺省则不测这些数据")
    ] = None,
    pictures: Annotated[
        Path | None, typer.Option(help="把图画入此目录（er、loops、rings、shells 用）")
    ] = None,
    is_quick: Annotated[
        bool,
        typer.Option(
            "--quick",
            help=f"小数据试跑，不计达标（{'、'.join(QUICK_BENCHES)} 用）",
        ),
    ] = False,
    workspace: WorkspaceOption = None,
    is_json: Annotated[bool, typer.Option("--json", help="结果本来就是 JSON")] = True,
    is_quiet: QuietOption = False,
) -> None:
    """运行一项基准测试，连同对照，给出 JSON."""
    if name not in BENCHES:
        raise typer.BadParameter(f"没有基准 {name}；现有：{'、'.join(sorted(BENCHES))}")
    if is_quick and name not in QUICK_BENCHES:
        raise typer.BadParameter(f"基准 {name} 没有小数据；有的是：{'、'.join(QUICK_BENCHES)}")
    if data is not None and not data.is_dir():
        raise typer.BadParameter(f"目录 {data} 不存在")
    output = Context.build(workspace, is_json, is_quiet).output
    if folder is not None:
        if folder.exists() and any(folder.iterdir()):
            raise typer.BadParameter(f"目录 {folder} 不是空的；请换一个")
        folder.mkdir(parents=True, exist_ok=True)
        request = Request(folder, data, output.progress, pictures)
        output.document(run_bench(name, request, is_quick))
        return
    with tempfile.TemporaryDirectory(prefix="jinghuan-bench-") as made:
        request = Request(Path(made), data, output.progress, pictures)
        output.document(run_bench(name, request, is_quick))
