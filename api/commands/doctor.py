"""doctor: what is installed, reachable and missing, with the cure."""

import platform
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib.resources import files
from importlib.util import find_spec
from typing import Literal

import typer

from api.commands.serve import listen
from api.context import Context, JsonOption, QuietOption, WorkspaceOption
from api.errors import PortTaken
from api.exits import one_line
from api.identity.users import Users
from api.settings import SettingsError
from api.version import program_version
from graph.client import connect
from graph.errors import GraphError
from records.contract import load_contract
from viz.fonts import chinese_font

LEAST_FREE_GB = 2.0
State = Literal["ok", "warning", "failed"]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: ``failed`` keeps the program from working, ``warning`` does not."""

    name: str
    state: State
    found: str
    cure: str = ""


def register(app: typer.Typer) -> None:
    """Add the commands of this file to ``app``."""
    app.command("doctor")(doctor_command)


def doctor_command(
    workspace: WorkspaceOption = None, is_json: JsonOption = False, is_quiet: QuietOption = False
) -> None:
    """检查已安装、可连接与缺少的部分，并给出办法."""
    context = Context.build(workspace, is_json, is_quiet)
    checks = tuple(examine(context))
    if is_json:
        context.output.document([asdict(check) for check in checks])
    else:
        words = {"ok": "正常", "warning": "注意", "failed": "故障"}
        context.output.table(
            ("项目", "状态", "情况", "办法"),
            [(c.name, words[c.state], c.found, c.cure) for c in checks],
        )
    if any(check.state == "failed" for check in checks):
        raise typer.Exit(3)


def examine(context: Context) -> Iterator[Check]:
    """All checks in order; none changes the workspace."""
    yield Check("程序", "ok", f"jinghuan {program_version()}，Python {platform.python_version()}")
    yield Check("数据契约", "ok", f"{len(load_contract().datasets)} 个数据集")
    yield _workspace(context)
    yield _disk(context)
    yield _graph(context)
    yield _users(context)
    yield _page_assets()
    yield _fonts()
    yield _port(context)


def _workspace(context: Context) -> Check:
    w = context.workspace
    if not w.state.is_dir():
        cure = "运行 jinghuan demo，或把文件放进 inbox/<数据集>/ 后运行 jinghuan run"
        return Check("工作区", "warning", f"{w.root} 尚未建立", cure)
    try:
        for path in sorted(w.state.glob("*.sqlite")):
            connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
            try:
                found = connection.execute("PRAGMA quick_check").fetchone()
            finally:
                connection.close()
            if found != ("ok",):
                return Check("工作区", "failed", f"{path.name} 已损坏", "从备份恢复 state/")
    except sqlite3.Error as error:
        return Check("工作区", "failed", f"{path.name}：{error}", "从备份恢复 state/")
    return Check("工作区", "ok", str(w.root))


def _disk(context: Context) -> Check:
    folder = context.workspace.root
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free / 1e9
    if free < LEAST_FREE_GB:
        return Check("磁盘", "failed", f"剩余 {free:.1f} GB", f"至少腾出 {LEAST_FREE_GB:.0f} GB")
    return Check("磁盘", "ok", f"剩余 {free:.1f} GB")


def _graph(context: Context) -> Check:
    settings = context.settings.graph
    if settings.is_embedded and find_spec("arcadedb_embedded") is None:
        cure = "pip install 'jinghuan[embedded]'，或设置 JINGHUAN_GRAPH_URI 指向 Neo4j"
        return Check("图数据库", "failed", "未安装内置图数据库", cure)
    if settings.is_embedded and not context.workspace.state.is_dir():
        return Check("图数据库", "ok", "内置（首次运行时建立）")
    try:
        with connect(settings, context.workspace) as store:
            return Check("图数据库", "ok", settings.uri or f"内置（{store.kind}）")
    except GraphError as error:
        return Check("图数据库", "failed", one_line(error), "按提示处理后重试")


def _users(context: Context) -> Check:
    path = context.workspace.state_file("users")
    count = 0
    if path.exists():
        with Users.open(path) as users:
            count = users.count()
    if count:
        return Check("用户", "ok", f"{count} 个")
    return Check("用户", "warning", "还没有用户", "jinghuan users set 用户名 --role analyst")


def _page_assets() -> Check:
    static = files("viz") / "static"
    built = [entry.name for entry in static.iterdir() if not entry.name.startswith(".")]
    if built:
        return Check("页面资源", "ok", f"{len(built)} 个文件")
    return Check("页面资源", "warning", "尚未构建", "make web")


def _fonts() -> Check:
    font = chinese_font()
    return Check("中文字体", "ok", "、".join(font) if isinstance(font, list) else str(font))


def _port(context: Context) -> Check:
    try:
        listen(context.settings).close()
    except (PortTaken, SettingsError) as error:
        return Check("端口", "warning", one_line(error), "用 --port 换一个端口")
    return Check("端口", "ok", f"{context.settings.host}:{context.settings.port} 可用")
