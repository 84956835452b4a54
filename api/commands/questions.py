"""query, cypher: questions to the graph."""

from typing import Annotated

import typer

from api.context import Context, JsonOption, QuietOption, WorkspaceOption
from api.reading.questions import Answer, ask, ask_cypher, list_queries
from graph.types import Json
from queries.errors import ParameterError
from queries.runner import DEFAULT_ROW_LIMIT

LimitOption = Annotated[int, typer.Option("--limit", min=1, max=5000, help="最多行数")]


def register(app: typer.Typer) -> None:
    """Add the commands of this file to ``app``."""
    app.command("query")(query_command)
    app.command("cypher")(cypher_command)


def query_command(
    name: Annotated[str, typer.Argument(help="查询名；不给则列出目录")] = "",
    values: Annotated[list[str] | None, typer.Argument(metavar="KEY=VALUE...")] = None,
    limit: LimitOption = DEFAULT_ROW_LIMIT,
    workspace: WorkspaceOption = None,
    is_json: JsonOption = False,
    is_quiet: QuietOption = False,
) -> None:
    """列出查询目录，或运行其中一条."""
    context = Context.build(workspace, is_json, is_quiet)
    caller = context.caller()
    if not name:
        _print_catalogue(context)
        return
    parameters = _parameters(values or [])
    with context.services() as services:
        answer = ask(services, caller, name, parameters, limit)
    print_answer(context, answer)


def _parameters(values: list[str]) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for value in values:
        key, mark, text = value.partition("=")
        if not mark or not key:
            raise ParameterError(f"参数 {value} 应写成 名=值，例如 id=org:0123456789abcdef")
        found[key] = text
    return found


def _print_catalogue(context: Context) -> None:
    queries = list_queries(context.caller())
    if context.output.is_json:
        context.output.document(
            [
                {
                    "name": q.name,
                    "title_zh": q.title_zh,
                    "title_en": q.title_en,
                    "group": q.group,
                    "purpose": q.purpose,
                    "parameters": {p.name: p.label for p in q.parameters},
                    "columns": [c.name for c in q.columns],
                }
                for q in queries
            ]
        )
        return
    context.output.table(
        ("查询", "题目", "参数", "用途"),
        [
            (q.name, q.title_zh, " ".join(f"{p.name}=" for p in q.parameters), q.purpose)
            for q in queries
        ],
    )


def print_answer(context: Context, answer: Answer) -> None:
    """Rows as a table, or as a document of columns and rows."""
    found = answer.answer
    if context.output.is_json:
        context.output.document(
            {
                "columns": list(found.columns),
                "rows": [list(row) for row in found.rows],
                "is_truncated": found.is_truncated,
                "seconds": round(found.seconds, 3),
            }
        )
        return
    context.output.table(found.labels, found.rows)
    more = "；还有更多行未显示，可用 --limit 放宽" if found.is_truncated else ""
    context.output.line(f"共 {len(found.rows)} 行，{found.seconds:.2f} 秒{more}")


def cypher_command(
    text: Annotated[str, typer.Argument(help="只读语句：MATCH … RETURN …")],
    purpose: Annotated[str, typer.Option(help="查询目的，记入审计")] = "",
    limit: LimitOption = DEFAULT_ROW_LIMIT,
    workspace: WorkspaceOption = None,
    is_json: JsonOption = False,
    is_quiet: QuietOption = False,
) -> None:
    """运行一条只读 Cypher；记入审计."""
    if not purpose.strip():
        raise typer.BadParameter("自由查询须用 --purpose 说明目的，例如 --purpose 核查某线索")
    context = Context.build(workspace, is_json, is_quiet)
    with context.services() as services:
        answer = ask_cypher(services, context.caller(purpose), text, limit)
    print_answer(context, answer)
