"""The command line. Each command builds the settings, does one thing and says how it ended.

Exit codes: 0 done · 1 done but something was refused or quarantined wholesale · 2 wrong use ·
3 a store or service could not be reached, or the workspace is held by another run.
"""

import typer

app = typer.Typer(
    name="jinghuan",
    help="警环：多部门数据归并、关系图谱与环境违法线索发现",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def door(
    context: typer.Context,
) -> None:
    """警环：多部门数据归并、关系图谱与环境违法线索发现."""
    context.obj = None
