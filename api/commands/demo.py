"""demo: from nothing to an open console with findings."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from time import monotonic
from typing import Annotated, Any

import typer

from api.commands.serve import listen, open_browser, serve, url_of
from api.commands.stages import Size, SizeOption, as_size, jobs_of, print_run, problems
from api.context import Context, JsonOption, QuietOption, WorkspaceOption
from api.errors import DoorError
from api.identity.roles import DEMO_USERS, ROLES
from api.identity.users import Users
from api.jobs import RunReport, StageReport
from api.run_lock import run_lock
from ingest.simulate.province import simulate
from records.atomic import write_text
from records.workspace import Workspace


class NotADemo(DoorError):
    """The workspace holds data that the demo did not make."""


def register(app: typer.Typer) -> None:
    """Add the commands of this file to ``app``."""
    app.command("demo")(demo_command)


def demo_command(
    is_served: Annotated[bool, typer.Option("--serve/--no-serve", help="最后启动操作台")] = True,
    size: SizeOption = "small",
    seed: Annotated[int, typer.Option(help="随机种子")] = 1,
    host: Annotated[str, typer.Option(help="监听地址；缺省仅本机")] = "",
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="端口；0 取空闲端口")] = None,
    is_reset: Annotated[
        bool, typer.Option("--reset-password", help="为演示用户换一个新口令")
    ] = False,
    workspace: WorkspaceOption = None,
    is_json: JsonOption = False,
    is_quiet: QuietOption = False,
) -> None:
    """模拟一个省、运行全部阶段并打开操作台."""
    context = Context.build(workspace, is_json, is_quiet)
    # A taken port is said before the work, not after it.
    listener = listen(context.settings, host, port) if is_served else None
    with run_lock(context.workspace, "demo"):
        made = _inbox(context, as_size(size), seed)
        report = jobs_of(context).run()
    stages = ((made, *report.stages)) if made else report.stages
    whole = RunReport(report.as_of, stages, False)
    password = _users(context.workspace, is_reset=is_reset)
    url = url_of(listener) if listener else ""
    if is_json:
        context.output.document(_document(whole, password, url))
    else:
        print_run(context.output, whole)
        for line in problems(report.stages):
            context.output.complain(line)
        _say_how_to_sign_in(context, password, url)
    if listener:
        serve(context, listener, lambda: _open(url))


def _open(url: str) -> None:
    open_browser(url)


def _inbox(context: Context, size: Size, seed: int) -> StageReport | None:
    """Fill the inbox when it is empty; ``None`` when an earlier demo did.

    Raises
    ------
    NotADemo
        When the workspace holds other data.
    """
    w = context.workspace
    mark = w.state / "demo.json"
    is_empty = not w.inbox.exists() or not any(w.inbox.iterdir())
    if mark.exists() and not is_empty:
        return None
    if not is_empty or w.state_file("intake").exists():
        raise NotADemo(
            f"工作区 {w.root} 已有其他数据，演示不会混入其中；"
            "请用 --workspace 指定一个新目录，已有数据用 jinghuan run 处理"
        )
    started = monotonic()
    with _new_inbox(w) as folder:
        report = simulate(
            folder,
            size=size,
            seed=seed,
            truth=w.out / "simulation_truth.json",
            progress=lambda text: context.output.progress("simulate", text),
        )
        write_text(json.dumps({"size": size, "seed": seed}), mark)
    rows = sum(report.rows.values())
    return StageReport("simulate", monotonic() - started, False, 0, rows)


@contextmanager
def _new_inbox(w: Workspace) -> Iterator[Path]:
    """A folder that becomes the inbox when the block ends well: a killed demo leaves none."""
    w.create()
    folder = w.root / ".inbox-being-made"
    _clear(folder)
    folder.mkdir()
    yield folder
    w.inbox.rmdir()
    os.rename(folder, w.inbox)


def _clear(folder: Path) -> None:
    if folder.exists():
        for path in sorted(folder.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
        folder.rmdir()


def _users(w: Workspace, *, is_reset: bool) -> str:
    """The password of the demo's users when they are made now, else empty."""
    with Users.open(w.state_file("users")) as users:
        return users.make_demo_users() if is_reset or not users.count() else ""


def _document(report: RunReport, password: str, url: str) -> dict[str, Any]:
    return {
        **report.to_json(),
        "stages": [asdict(stage) for stage in report.stages],
        "users": [name for name, _ in DEMO_USERS],
        "password": password or None,
        "url": url or None,
    }


def _say_how_to_sign_in(context: Context, password: str, url: str) -> None:
    out = context.output
    if password:
        out.line("")
        out.line(f"演示用户的口令（只显示这一次）：{password}")
        out.table(("用户", "角色"), [(name, ROLES[role].title_zh) for name, role in DEMO_USERS])
    else:
        out.line("演示用户已建立；忘记口令可运行 jinghuan demo --reset-password")
    if url:
        out.line(f"操作台：{url}")
