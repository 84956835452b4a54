"""The id registry: which row stands for which entity, aliases of merged ids, judgements of people.

``state/registry.sqlite`` cannot be derived again once rows have been corrected or batches deleted,
so it lies in ``state/``. A line ties a row reference and role to an id: ids are asked for here
before any is minted, are never reused, and a merged id stays resolvable as an alias. Judgements
bind rows, so they survive merges and splits.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

from records.state_file import read_state, write_state
from records.workspace import Workspace

SCHEMA = """
CREATE TABLE IF NOT EXISTS entity_row (
    dataset TEXT NOT NULL,
    batch TEXT NOT NULL,
    row INTEGER NOT NULL,
    part INTEGER NOT NULL,
    kind TEXT NOT NULL,
    role TEXT NOT NULL,
    ordinal INTEGER NOT NULL,
    entity_id TEXT NOT NULL,
    PRIMARY KEY (dataset, batch, row, part, kind, role, ordinal)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS issued (entity_id TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS alias (
    alias_id TEXT PRIMARY KEY,
    entity_id TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS judgement (
    number INTEGER PRIMARY KEY,
    row_a TEXT NOT NULL,
    role_a TEXT NOT NULL,
    row_b TEXT NOT NULL,
    role_b TEXT NOT NULL,
    verdict TEXT NOT NULL CHECK (verdict IN ('same', 'different', 'unsure')),
    judged_by TEXT NOT NULL,
    judged_at TEXT NOT NULL,
    reason TEXT NOT NULL,
    withdrawn_by TEXT NOT NULL DEFAULT '',
    withdrawn_at TEXT NOT NULL DEFAULT ''
);
"""
Verdict = Literal["same", "different", "unsure"]


@dataclass(frozen=True, slots=True)
class RegisteredRow:
    """One mention of one row and the id it was given; ``ordinal`` is 0 outside list cells."""

    dataset: str
    batch: str
    row: int
    part: int
    kind: str
    role: str
    ordinal: int
    entity_id: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a person decided about two mentions; rows as ``dataset:batch:row:part``."""

    row_a: str
    role_a: str
    row_b: str
    role_b: str
    verdict: Verdict
    judged_by: str
    judged_at: str
    reason: str
    number: int = 0


@dataclass(frozen=True, slots=True)
class RecordedJudgement:
    """A judgement as the file keeps it; both texts are empty while it stands."""

    judgement: Judgement
    withdrawn_by: str
    withdrawn_at: str


class Registry:
    """The registry of one workspace; the file is made when it is first written."""

    def __init__(self, workspace: Workspace) -> None:
        self._path = workspace.state_file("registry")

    def _read(self, sql: str) -> list[tuple[Any, ...]]:
        return read_state(self._path, sql)

    @contextmanager
    def transaction(self) -> Iterator["RegistryTransaction"]:
        """One transaction; leaving the block with an exception rolls it back."""
        with write_state(self._path, SCHEMA) as connection:
            yield RegistryTransaction(connection)

    def rows(self) -> list[tuple[object, ...]]:
        """All registered rows in the order of :class:`RegisteredRow`'s fields, sorted."""
        return self._read(
            "SELECT dataset, batch, row, part, kind, role, ordinal, entity_id FROM entity_row"
            " ORDER BY dataset, batch, row, part, kind, role, ordinal"
        )

    def issued(self) -> set[str]:
        """Every id that was ever given out."""
        return {str(line[0]) for line in self._read("SELECT entity_id FROM issued")}

    def aliases(self) -> dict[str, str]:
        """Merged id → id that stands for it now."""
        return {str(a): str(b) for a, b in self._read("SELECT alias_id, entity_id FROM alias")}

    def judgements(self) -> list[Judgement]:
        """Judgements that were not withdrawn, in order of entry."""
        lines = self._read(
            "SELECT row_a, role_a, row_b, role_b, verdict, judged_by, judged_at, reason, number"
            " FROM judgement WHERE withdrawn_by = '' ORDER BY number"
        )
        return [Judgement(*line) for line in lines]

    def recorded(self, *, before: int | None = None, limit: int = 100) -> list[RecordedJudgement]:
        """Judgements, withdrawn ones too, newest first; ``before`` continues a listing."""
        lines = read_state(
            self._path,
            "SELECT row_a, role_a, row_b, role_b, verdict, judged_by, judged_at, reason, number,"
            " withdrawn_by, withdrawn_at FROM judgement WHERE ? = 0 OR number < ?"
            " ORDER BY number DESC LIMIT ?",
            (before or 0, before or 0, limit),
        )
        return [RecordedJudgement(Judgement(*line[:9]), *line[9:]) for line in lines]

    def judge(self, judgement: Judgement) -> int:
        """Keep a judgement; the newest one of a pair binds. Gives its number."""
        with self.transaction() as transaction:
            return transaction.judge(judgement)

    def withdraw(self, number: int, by: str, at: str) -> None:
        """Take a judgement back; it stays readable in the file.

        Raises
        ------
        KeyError
            When there is no such judgement, or it was withdrawn before.
        """
        with self.transaction() as transaction:
            transaction.withdraw(number, by, at)


class RegistryTransaction:
    """Writes inside one open transaction; get it from :meth:`Registry.transaction`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def put_rows(self, rows: Iterable[tuple[str, str, int, int, str, str, int, str]]) -> None:
        """Tie rows to ids; a row tied before moves to its new id."""
        self._connection.executemany(
            "INSERT INTO entity_row VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET entity_id = excluded.entity_id"
            " WHERE entity_id <> excluded.entity_id",
            rows,
        )

    def put_issued(self, ids: Iterable[str]) -> None:
        """Remember ids as given out."""
        self._connection.executemany("INSERT OR IGNORE INTO issued VALUES (?)", ((i,) for i in ids))

    def put_aliases(self, aliases: dict[str, str]) -> None:
        """Remember merged ids; an alias of an alias points to the last id."""
        self._connection.executemany(
            "INSERT INTO alias VALUES (?, ?)"
            " ON CONFLICT DO UPDATE SET entity_id = excluded.entity_id",
            sorted(aliases.items()),
        )

    def judge(self, judgement: Judgement) -> int:
        """Insert a judgement and give its number."""
        cursor = self._connection.execute(
            "INSERT INTO judgement (row_a, role_a, row_b, role_b, verdict, judged_by, judged_at,"
            " reason) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                judgement.row_a,
                judgement.role_a,
                judgement.row_b,
                judgement.role_b,
                judgement.verdict,
                judgement.judged_by,
                judgement.judged_at,
                judgement.reason,
            ),
        )
        return int(cursor.lastrowid or 0)

    def withdraw(self, number: int, by: str, at: str) -> None:
        """Mark a judgement as withdrawn; ``KeyError`` when there is none to withdraw."""
        cursor = self._connection.execute(
            "UPDATE judgement SET withdrawn_by = ?, withdrawn_at = ?"
            " WHERE number = ? AND withdrawn_by = ''",
            (by, at, number),
        )
        if cursor.rowcount == 0:
            raise KeyError(f"judgement {number} does not exist or was withdrawn before")
