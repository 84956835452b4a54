"""SQLite files of ``state/``: read without being made, written in one durable transaction."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

WAIT_S = 30.0


def read_state(path: Path, sql: str, values: tuple[str | int, ...] = ()) -> list[tuple[Any, ...]]:
    """Rows of one statement; none when the file was never written."""
    if not path.exists():
        return []
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=WAIT_S)) as connection:
        return connection.execute(sql, values).fetchall()


@contextmanager
def write_state(path: Path, schema: str) -> Iterator[sqlite3.Connection]:
    """One transaction, made with its file when that is missing.

    It waits for other writers, is on disk when the block ends, and leaves nothing behind when the
    block fails.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path, timeout=WAIT_S, isolation_level=None)) as connection:
        connection.executescript(schema)
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("BEGIN IMMEDIATE")
        with connection:
            yield connection
