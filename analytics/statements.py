"""Runs of SQL statements that share one set of named values."""

from collections.abc import Iterable, Mapping
from typing import Any

import duckdb


def run_statements(
    sql: duckdb.DuckDBPyConnection, statements: Iterable[str], values: Mapping[str, Any]
) -> None:
    """Run statements in order, each with those of the ``values`` that it names as ``$name``.

    DuckDB refuses a value that a statement does not name.
    """
    for statement in statements:
        sql.execute(statement, {k: v for k, v in values.items() if f"${k}" in statement})
