"""The audit trail: who looked at what, and why, each line chained to the one before.

A line is written before the value is returned. Changing or removing a line breaks the chain,
which :meth:`Audit.check` finds.
"""

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

SCHEMA = """
CREATE TABLE IF NOT EXISTS audit (
    position INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    user TEXT NOT NULL,
    role TEXT NOT NULL,
    action TEXT NOT NULL,
    object TEXT NOT NULL,
    purpose TEXT NOT NULL,
    case_no TEXT NOT NULL,
    detail TEXT NOT NULL,
    hash TEXT NOT NULL
);
"""


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One line of the trail; ``at`` is RFC 3339 in UTC."""

    position: int
    at: str
    user: str
    role: str
    action: str
    object: str
    purpose: str
    case_no: str
    detail: str
    hash: str


def _hash(previous: str, fields: tuple[object, ...]) -> str:
    return hashlib.sha256((previous + json.dumps(fields, ensure_ascii=False)).encode()).hexdigest()


class Audit:
    """The trail of a workspace; open with :meth:`open`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    @classmethod
    @contextmanager
    def open(cls, path: Path) -> "Iterator[Audit]":
        """Open ``state/audit.sqlite`` at ``path``; made when missing."""
        path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(path, timeout=30, isolation_level=None)) as connection:
            connection.executescript(SCHEMA)
            yield cls(connection)

    def record(
        self,
        user: str,
        role: str,
        action: str,
        object_: str,
        *,
        purpose: str = "",
        case_no: str = "",
        detail: str = "",
    ) -> None:
        """Append a line; on return it is on disk."""
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        self._connection.execute("BEGIN IMMEDIATE")
        with self._connection:
            last = self._connection.execute(
                "SELECT position, hash FROM audit ORDER BY position DESC LIMIT 1"
            ).fetchone()
            position, previous = (last[0] + 1, last[1]) if last else (1, "")
            fields = (position, at, user, role, action, object_, purpose, case_no, detail)
            self._connection.execute(
                "INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (*fields, _hash(previous, fields)),
            )

    def lines(
        self,
        *,
        text: str = "",
        actions: Sequence[str] = (),
        before: int | None = None,
        limit: int = 100,
    ) -> list[AuditLine]:
        """Newest lines first.

        Parameters
        ----------
        text
            Part of user, action and object; empty for all lines.
        actions
            Lines of these actions are given as well, whatever their text.
        before
            Position that continues a listing.
        """
        rows = self._connection.execute(
            "SELECT * FROM audit WHERE (? = '' OR user || ' ' || action || ' ' || object LIKE ?"
            " OR action IN (SELECT value FROM json_each(?)))"
            " AND (? IS NULL OR position < ?) ORDER BY position DESC LIMIT ?",
            (text, f"%{text}%", json.dumps(list(actions)), before, before, limit),
        ).fetchall()
        return [AuditLine(*row) for row in rows]

    def check(self) -> int | None:
        """Position of the first line that does not fit the chain, ``None`` when all fit."""
        previous, expected = "", 1
        for row in self._connection.execute("SELECT * FROM audit ORDER BY position"):
            *fields, held = row
            if fields[0] != expected or _hash(previous, tuple(fields)) != held:
                return expected
            previous, expected = held, expected + 1
        return None
