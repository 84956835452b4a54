"""The intake ledger: which batches were taken in, in which order, and with which outcome.

``state/intake.sqlite`` is the commit point of a batch: what it does not name is not in the lake.
Every processing of a batch is an **event** (its intake, or a later second try because a reference
arrived). Events in order, with the source settings of their time, are all that is needed to build
the lake again from the inbox.
"""

import json
import sqlite3
from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from records.errors import LedgerError
from records.state_file import read_state, write_state
from records.workspace import Workspace

SCHEMA = """
CREATE TABLE IF NOT EXISTS batch (
    folder TEXT NOT NULL,
    batch TEXT NOT NULL,
    path TEXT NOT NULL,
    sequence INTEGER NOT NULL UNIQUE,
    first_taken_at TEXT NOT NULL,
    event INTEGER NOT NULL,
    read INTEGER NOT NULL,
    accepted INTEGER NOT NULL,
    quarantined INTEGER NOT NULL,
    datasets TEXT NOT NULL,
    reasons TEXT NOT NULL,
    waits_for TEXT NOT NULL,
    report TEXT NOT NULL,
    PRIMARY KEY (folder, batch),
    CHECK (read = accepted + quarantined)
);
CREATE TABLE IF NOT EXISTS event (
    event INTEGER PRIMARY KEY,
    folder TEXT NOT NULL,
    batch TEXT NOT NULL,
    settings TEXT NOT NULL,
    is_done INTEGER NOT NULL
);
"""
BATCH_COLUMNS = (
    "folder, batch, path, sequence, first_taken_at, read, accepted, quarantined, datasets, reasons"
)


@dataclass(frozen=True, slots=True)
class BatchRecord:
    """One committed batch; ``path`` is relative to the inbox, a zip member stands after ``!``."""

    dataset_folder: str
    batch: str
    path: str
    sequence: int
    first_taken_at: str
    read: int
    accepted: int
    quarantined: int
    datasets: tuple[str, ...]
    reasons: dict[str, int]


@dataclass(frozen=True, slots=True)
class BatchOutcome:
    """What one processing of a batch gave.

    ``waits_for`` names the datasets whose arrival may resolve rows set aside as
    ``unresolved_key``; ``report`` is the batch report as JSON text.
    """

    read: int
    accepted: int
    quarantined: int
    datasets: tuple[str, ...]
    reasons: dict[str, int]
    waits_for: tuple[str, ...]
    report: str


@dataclass(frozen=True, slots=True)
class Event:
    """One processing of a batch: ``number`` from 1, ``settings`` of the source as JSON text."""

    number: int
    dataset_folder: str
    batch: str
    settings: str


class Ledger:
    """The ledger of one workspace; the file is made when it is first written."""

    def __init__(self, workspace: Workspace) -> None:
        self._path = workspace.state_file("intake")

    def _write(self) -> AbstractContextManager[sqlite3.Connection]:
        return write_state(self._path, SCHEMA)

    def _rows(self, sql: str, values: tuple[str | int, ...] = ()) -> list[tuple[str, ...]]:
        return read_state(self._path, sql, values)

    def batches(self) -> list[BatchRecord]:
        """All committed batches in order of intake."""
        rows = self._rows(f"SELECT {BATCH_COLUMNS} FROM batch ORDER BY sequence")
        return [_record(row) for row in rows]

    def find(self, folder: str, batch: str) -> BatchRecord | None:
        """The batch with these bytes in this folder, if it was taken in."""
        rows = self._rows(
            f"SELECT {BATCH_COLUMNS} FROM batch WHERE folder = ? AND batch = ?", (folder, batch)
        )
        return _record(rows[0]) if rows else None

    def report(self, folder: str, batch: str) -> str:
        """Report of a committed batch as JSON text.

        Raises
        ------
        LedgerError
            When the ledger does not name the batch.
        """
        rows = self._rows(
            "SELECT report FROM batch WHERE folder = ? AND batch = ?", (folder, batch)
        )
        if not rows:
            raise LedgerError(f"批次 {folder}/{batch} 不在接入台账中")
        return rows[0][0]

    def events(self) -> list[Event]:
        """All finished events in order: what a rebuild replays."""
        rows = self._rows(
            "SELECT event, folder, batch, settings FROM event WHERE is_done = 1 ORDER BY event"
        )
        return [Event(int(row[0]), *row[1:]) for row in rows]

    def unfinished(self) -> list[Event]:
        """Second tries that were announced and not finished: a killed run left them."""
        rows = self._rows(
            "SELECT event, folder, batch, settings FROM event WHERE is_done = 0 ORDER BY event"
        )
        return [Event(int(row[0]), *row[1:]) for row in rows]

    def last_event(self) -> dict[tuple[str, str], int]:
        """Number of the event that gave each batch its present state, by folder and batch."""
        rows = self._rows("SELECT folder, batch, event FROM batch")
        return {(row[0], row[1]): int(row[2]) for row in rows}

    def waiting(self) -> list[tuple[BatchRecord, frozenset[str]]]:
        """Batches with unresolved rows and the datasets that may resolve them."""
        rows = self._rows(
            f"SELECT {BATCH_COLUMNS}, waits_for FROM batch WHERE waits_for <> '[]'"
            " ORDER BY sequence"
        )
        return [(_record(row[:-1]), frozenset(json.loads(row[-1]))) for row in rows]

    def next_event(self) -> int:
        """Number that the next event will carry."""
        rows = self._rows("SELECT coalesce(max(event), 0) + 1 FROM event")
        return int(rows[0][0]) if rows else 1

    def commit(
        self, event: Event, path: str, first_taken_at: str, outcome: BatchOutcome
    ) -> BatchRecord:
        """Commit a new batch in one transaction; it gets the next sequence number."""
        with self._write() as connection:
            sequence = connection.execute(
                "SELECT coalesce(max(sequence), 0) + 1 FROM batch"
            ).fetchall()[0][0]
            connection.execute(
                "INSERT INTO batch VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    event.dataset_folder,
                    event.batch,
                    path,
                    sequence,
                    first_taken_at,
                    event.number,
                    *_outcome_values(outcome),
                ),
            )
            connection.execute(
                "INSERT INTO event VALUES (?, ?, ?, ?, 1)",
                (event.number, event.dataset_folder, event.batch, event.settings),
            )
        record = self.find(event.dataset_folder, event.batch)
        if record is None:
            raise LedgerError(f"批次 {event.dataset_folder}/{event.batch} 未能写入接入台账")
        return record

    def announce(self, event: Event) -> None:
        """Say that a committed batch is about to be processed again, before its files change."""
        with self._write() as connection:
            connection.execute(
                "INSERT INTO event VALUES (?, ?, ?, ?, 0)",
                (event.number, event.dataset_folder, event.batch, event.settings),
            )

    def withdraw(self, event: Event) -> None:
        """Take an announced processing back; the batch stays as it is."""
        with self._write() as connection:
            connection.execute("DELETE FROM event WHERE event = ? AND is_done = 0", (event.number,))

    def finish(self, event: Event, outcome: BatchOutcome) -> None:
        """Revise a batch after it was processed again; sequence and first intake stay."""
        self.restate([(event, outcome)])

    def restate(self, outcomes: Iterable[tuple[Event, BatchOutcome]]) -> None:
        """Revise batches after they were processed again, all in one transaction."""
        with self._write() as connection:
            for event, outcome in outcomes:
                connection.execute(
                    "UPDATE batch SET read = ?, accepted = ?, quarantined = ?, datasets = ?,"
                    " reasons = ?, waits_for = ?, report = ?, event = ?"
                    " WHERE folder = ? AND batch = ?",
                    (*_outcome_values(outcome), event.number, event.dataset_folder, event.batch),
                )
                connection.execute("UPDATE event SET is_done = 1 WHERE event = ?", (event.number,))


def _record(row: tuple[str, ...]) -> BatchRecord:
    folder, batch, path, sequence, taken, read, accepted, quarantined, datasets, reasons = row
    return BatchRecord(
        dataset_folder=folder,
        batch=batch,
        path=path,
        sequence=int(sequence),
        first_taken_at=taken,
        read=int(read),
        accepted=int(accepted),
        quarantined=int(quarantined),
        datasets=tuple(json.loads(datasets)),
        reasons=json.loads(reasons),
    )


def _outcome_values(outcome: BatchOutcome) -> tuple[int | str, ...]:
    return (
        outcome.read,
        outcome.accepted,
        outcome.quarantined,
        json.dumps(list(outcome.datasets)),
        json.dumps(outcome.reasons, sort_keys=True),
        json.dumps(sorted(outcome.waits_for)),
        outcome.report,
    )
