"""Run catalogue queries and guarded statements with limits, and give typed answers."""

from dataclasses import dataclass
from time import monotonic

from graph.client import GraphStore
from graph.types import Json
from queries.catalogue import ROW_LIMIT, Query
from queries.guard import check
from queries.plan import check_plan

DEFAULT_ROW_LIMIT = 1000


@dataclass(frozen=True, slots=True)
class QueryAnswer:
    """Rows of an answer in column order; ``is_truncated`` when more rows matched than were read."""

    columns: tuple[str, ...]
    labels: tuple[str, ...]
    rows: tuple[tuple[Json, ...], ...]
    is_truncated: bool
    seconds: float


def run_query(
    store: GraphStore, query: Query, given: dict[str, Json], row_limit: int = DEFAULT_ROW_LIMIT
) -> QueryAnswer:
    """Run one catalogue query.

    Raises
    ------
    ParameterError
        When the given parameters do not fit the query.
    """
    started = monotonic()
    values = query.bind(given) | {ROW_LIMIT: row_limit + 1}
    rows = store.read(query.cypher, values, timeout_s=query.timeout_s)
    names = tuple(column.name for column in query.columns)
    return QueryAnswer(
        columns=names,
        labels=tuple(column.label or column.name for column in query.columns),
        rows=tuple(tuple(row[name] for name in names) for row in rows[:row_limit]),
        is_truncated=len(rows) > row_limit,
        seconds=monotonic() - started,
    )


def run_cypher(
    store: GraphStore,
    text: str,
    *,
    row_limit: int = DEFAULT_ROW_LIMIT,
    timeout_s: float = 20.0,
    has_active_case: bool = False,
) -> QueryAnswer:
    """Run an investigator's own statement after the guard has let it pass.

    Parameters
    ----------
    row_limit
        Most rows to give; one more is asked for, to know whether there are more.
    has_active_case
        Whether objects and values of police cases are open to the caller.

    Raises
    ------
    Forbidden
        When the guard refuses it.
    """
    started = monotonic()
    statement = check(text, row_limit + 1, has_active_case=has_active_case)
    if store.kind == "neo4j":
        check_plan(store.plan(statement))
    rows = store.read(statement, {}, timeout_s=timeout_s)
    names = tuple(rows[0]) if rows else ()
    return QueryAnswer(
        columns=names,
        labels=names,
        rows=tuple(tuple(row[name] for name in names) for row in rows[:row_limit]),
        is_truncated=len(rows) > row_limit,
        seconds=monotonic() - started,
    )
