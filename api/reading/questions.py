"""Questions to the graph: the catalogue, and guarded Cypher of investigators."""

from dataclasses import dataclass, replace

from api.errors import Forbidden
from api.identity.caller import Caller
from api.reading.objects import masked
from api.services import Services
from graph.errors import GraphError
from graph.types import Json
from queries.catalogue import Query, find_query, load_catalogue
from queries.errors import Forbidden as GuardForbidden
from queries.errors import QueryError
from queries.runner import DEFAULT_ROW_LIMIT, QueryAnswer, run_cypher, run_query
from records.masking import mask_text

MOST_ROWS = 5000
TIMEOUT_S = 20.0


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer with the question's title; cells masked as the caller's role asks."""

    title_zh: str
    answer: QueryAnswer


def list_queries(caller: Caller) -> tuple[Query, ...]:
    """The queries of the catalogue in name order that the caller's role may run.

    Raises
    ------
    Forbidden
        For roles that read no business data.
    """
    caller.require("L2", "查询目录")
    return tuple(load_catalogue().values())


def ask(
    services: Services,
    caller: Caller,
    name: str,
    parameters: dict[str, Json],
    row_limit: int = DEFAULT_ROW_LIMIT,
) -> Answer:
    """Run one catalogue query.

    Raises
    ------
    UnknownQuery, ParameterError
    Forbidden
        When the caller does not read the level of the query.
    StoreUnreachable, StatementTimedOut
    """
    query = find_query(name)
    caller.require(query.level, f"查询“{query.title_zh}”")
    services.record(caller, "query", name, mask_text(str(parameters))[:500])
    limit = max(1, min(row_limit, MOST_ROWS))
    answer = run_query(services.graph, query, parameters, limit)
    return Answer(query.title_zh, _masked(caller, answer))


def ask_cypher(
    services: Services, caller: Caller, text: str, row_limit: int = DEFAULT_ROW_LIMIT
) -> Answer:
    """Run an investigator's own statement; the trail holds it before the first row leaves.

    Raises
    ------
    Forbidden
        When the role may not, a purpose is missing, or the guard refuses the statement.
    StoreUnreachable, StatementTimedOut, StatementFailed
    """
    if not caller.role.may_query:
        raise Forbidden(f"角色“{caller.role.title_zh}”不能自由查询；请使用查询目录")
    if not caller.purpose:
        raise Forbidden("自由查询需要先说明查询目的")
    shown = mask_text(text)[:2000]
    limit = max(1, min(row_limit, MOST_ROWS))
    try:
        answer = run_cypher(
            services.graph,
            text,
            row_limit=limit,
            timeout_s=TIMEOUT_S,
            has_active_case=caller.has_active_case,
        )
    except (QueryError, GraphError) as error:
        kind = "cypher.refused" if isinstance(error, GuardForbidden) else "cypher.failed"
        services.record(caller, kind, shown, str(error)[:500])
        raise
    services.record(caller, "cypher", shown, f"{len(answer.rows)} 行")
    return Answer("自由查询", _masked(caller, answer))


def _masked(caller: Caller, answer: QueryAnswer) -> QueryAnswer:
    if caller.has_active_case:
        return answer
    rows = tuple(tuple(masked(cell) for cell in row) for row in answer.rows)
    return replace(answer, rows=rows)
