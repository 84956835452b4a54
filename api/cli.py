"""The command line. Each command builds the settings, does one thing and says how it ended.

Exit codes: 0 done · 1 done but something was refused or quarantined wholesale · 2 wrong use ·
3 a store or service could not be reached, or the workspace is held by another run.
"""

import json
import sys
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer
from typer.exceptions import TyperException

from api.exits import DONE, REFUSED, WRONG_USE, exit_code, one_line
from api.help_pages import ChineseGroup, make_chinese
from api.trace import trace_of
from api.version import program_version
from api.wrong_use import in_chinese

# Which file of api/commands holds a command: only that file is read, since some bring the web
# server, drawing or compiled kernels along, which takes seconds.
FILE_BY_COMMAND = {
    "demo": "demo",
    "simulate": "stages",
    "run": "stages",
    "ingest": "stages",
    "resolve": "stages",
    "load": "stages",
    "detect": "stages",
    "findings": "findings",
    "explain": "findings",
    "entity": "entities",
    "why": "entities",
    "weights": "weights",
    "members": "entities",
    "judge": "judgements",
    "match": "match",
    "query": "questions",
    "cypher": "questions",
    "leads": "leads",
    "brief": "leads",
    "serve": "serve",
    "users": "users",
    "doctor": "doctor",
    "bench": "bench",
}
INTERRUPTED = 130


def _say_version() -> None:
    sys.stdout.write(f"jinghuan {program_version()}\n")


def _show_version(is_wanted: bool) -> None:
    if is_wanted:
        _say_version()
        raise typer.Exit


def door(
    context: typer.Context,
    version: Annotated[  # noqa: ARG001 - acts when it is read
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="显示版本")
    ] = False,
) -> None:
    """警环：多部门数据归并、关系图谱与环境违法线索发现."""
    if context.invoked_subcommand is None:
        sys.stdout.write(context.get_help() + "\n")
        raise typer.Exit(WRONG_USE)


def build(command: str = "") -> typer.Typer:
    """The command line with the file of one command, or with all of them."""
    app = typer.Typer(
        name="jinghuan",
        cls=ChineseGroup,
        help="警环：多部门数据归并、关系图谱与环境违法线索发现",
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    app.callback(invoke_without_command=True)(door)
    wanted = FILE_BY_COMMAND.get(command)
    for name in [wanted] if wanted else dict.fromkeys(FILE_BY_COMMAND.values()):
        import_module(f"api.commands.{name}").register(app)
    make_chinese(app)
    return app


def run(arguments: list[str]) -> int:
    """Run one command and give its exit code; every error becomes one line on stderr."""
    if arguments == ["--version"]:
        _say_version()
        return DONE
    command = next((text for text in arguments if not text.startswith("-")), "")
    try:
        app = build(command)
        outcome = app(arguments, prog_name="jinghuan", standalone_mode=False)
        return outcome if isinstance(outcome, int) else 0
    except TyperException as error:
        text = f"用法有误：{in_chinese(error.format_message())}；加 --help 查看用法"
        _complain(text, WRONG_USE, arguments)
        return WRONG_USE
    except (typer.Abort, KeyboardInterrupt):
        _complain("已中断；重新运行会从中断处继续", INTERRUPTED, arguments)
        return INTERRUPTED
    except BrokenPipeError:
        return REFUSED
    except Exception as error:  # a defect too is said in one line, its trace kept in a file
        code = exit_code(error)
        if code is None:
            code = REFUSED
            _complain(_unforeseen(error), code, arguments)
        else:
            _complain(one_line(error), code, arguments)
        return code


def _complain(text: str, code: int, arguments: list[str]) -> None:
    """One line on stderr; with ``--json`` the document on stdout says the same."""
    sys.stderr.write(text.replace("\n", " ") + "\n")
    if "--json" in arguments:
        document = {"error": {"message": text, "exit_code": code}}
        sys.stdout.write(json.dumps(document, ensure_ascii=False) + "\n")


def _unforeseen(error: Exception) -> str:
    """What to say about a defect; its trace goes to a file, not to the terminal.

    The file is sent to others, so it says what failed and where, without any value.
    """
    from api.log import without_values  # read only when it is needed: a start is to be quick

    path = Path.home() / ".cache" / "jinghuan" / "error.log"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(trace_of(error) + "\n", encoding="utf-8")
        where = f"；详情已写入 {path}，请一并报告"
    except OSError:
        where = ""
    said = without_values(one_line(error))
    return f"内部错误（{type(error).__name__}）：{said}{where}"


def main() -> None:
    """Entry point of ``jinghuan``."""
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
