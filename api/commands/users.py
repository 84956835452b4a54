"""users: who may sign in."""

import sys
from typing import Annotated

import typer

from api.context import Context, JsonOption, QuietOption, WorkspaceOption
from api.identity.roles import ROLES
from api.identity.users import Users

LEAST_CHARACTERS = 10


def register(app: typer.Typer) -> None:
    """Add the commands of this file to ``app``."""
    users = typer.Typer(help="用户：列表与设置", no_args_is_help=False)
    users.command("list")(list_command)
    users.command("set")(set_command)
    app.add_typer(users, name="users")


def list_command(
    workspace: WorkspaceOption = None, is_json: JsonOption = False, is_quiet: QuietOption = False
) -> None:
    """列出可登录的用户."""
    context = Context.build(workspace, is_json, is_quiet)
    with context.services() as services, services.users() as users:
        found = users.all()
    if is_json:
        context.output.document([{"user": u.name, "role": u.role} for u in found])
    else:
        context.output.table(
            ("用户", "角色", "名称"), [(u.name, u.role, ROLES[u.role].title_zh) for u in found]
        )


def set_command(
    name: Annotated[str, typer.Argument(help="用户名")],
    role: Annotated[str, typer.Option(help=f"角色：{'、'.join(ROLES)}")],
    password: Annotated[str, typer.Option(help="口令；不给则当场询问")] = "",
    workspace: WorkspaceOption = None,
    is_json: JsonOption = False,
    is_quiet: QuietOption = False,
) -> None:
    """新建用户，或更换其角色与口令."""
    if role not in ROLES:
        raise typer.BadParameter(f"没有角色 {role}；可用：{'、'.join(ROLES)}")
    password = password or _asked()
    if len(password) < LEAST_CHARACTERS:
        raise typer.BadParameter(f"口令至少 {LEAST_CHARACTERS} 个字符")
    context = Context.build(workspace, is_json, is_quiet)
    with Users.open(context.workspace.state_file("users")) as users:
        users.set(name, role, password)
    if is_json:
        context.output.document({"user": name, "role": role})
    else:
        context.output.line(f"用户 {name}（{ROLES[role].title_zh}）可以登录了")


def _asked() -> str:
    """A password typed twice; asked on stderr, since stdout may be one document."""
    while True:
        password = str(typer.prompt("口令", hide_input=True, err=True))
        if password == typer.prompt("再输一次", hide_input=True, err=True):
            return password
        sys.stderr.write("两次输入的口令不一致，请重新输入\n")
