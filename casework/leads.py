"""The store of leads, kept in ``state/``: lists, counts and whole files.

A lead keeps a frozen copy of its finding, cells included, at creation and at each change of
grade (RULINGS 8); ``casework.lead_sync`` makes and changes leads.
"""

import json
import sqlite3
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import duckdb

from casework.errors import UnknownLead
from casework.evidence import thaw_rows
from casework.lead import Lead, LeadEvent, LeadFile, LeadFilter, lead_of
from casework.lead_sync import LeadSync, SyncReport
from casework.lead_tables import COLUMNS, SCHEMA
from graph.types import Finding


def _condition(where: LeadFilter) -> tuple[str, list[object]]:
    """SQL condition of a filter, and its values."""
    clauses, values = ["1 = 1"], []  # type: list[str], list[object]
    for clause, value in (
        ("grade = ?", where.grade),
        ("model = ?", where.model),
        ("state = ?", where.state),
        ("division_code LIKE ?", f"{where.division}%" if where.division else ""),
        ("(title LIKE ? OR lead_no LIKE ?)", f"%{where.text}%" if where.text else ""),
        ("owner = ?", where.owner),
    ):
        if value:
            clauses.append(clause)
            values += [value] * clause.count("?")
    return " AND ".join(clauses), values


class Leads:
    """The leads of a workspace; changes are kept when the block of :meth:`open` ends well."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    @classmethod
    @contextmanager
    def open(cls, path: Path) -> "Iterator[Leads]":
        """Open ``state/casework.sqlite`` at ``path``; made when missing."""
        path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(path, timeout=30)) as connection:
            connection.executescript(SCHEMA)
            with connection:
                yield cls(connection)

    def find(self, where: LeadFilter) -> list[Lead]:
        """Leads by grade, then score; ``where.after`` is the last number seen."""
        condition, values = _condition(where)
        if where.after:
            condition += (
                " AND (grade, -score, lead_no) >"
                " (SELECT grade, -score, lead_no FROM lead WHERE lead_no = ?)"
            )
            values.append(where.after)
        rows = self._connection.execute(
            f"SELECT {COLUMNS} FROM lead WHERE {condition} ORDER BY grade, -score, lead_no LIMIT ?",
            (*values, where.limit),
        ).fetchall()
        return [lead_of(row) for row in rows]

    def count(self, where: LeadFilter) -> int:
        """How many leads the filter leaves, whatever its ``after`` and ``limit``."""
        condition, values = _condition(where)
        row = self._connection.execute(
            f"SELECT count(*) FROM lead WHERE {condition}", values
        ).fetchone()
        return int(row[0])

    def of_findings(self, finding_ids: Sequence[str]) -> list[Lead]:
        """The leads made from these findings, by grade, score and number."""
        rows = self._connection.execute(
            f"SELECT {COLUMNS} FROM lead WHERE finding_id IN (SELECT value FROM json_each(?))"
            " ORDER BY grade, -score, lead_no",
            (json.dumps(list(finding_ids)),),
        ).fetchall()
        return [lead_of(row) for row in rows]

    def newest_copies(self) -> list[tuple[Lead, Finding]]:
        """Every lead with the finding of its newest frozen copy, by number."""
        rows = self._connection.execute(
            f"SELECT {COLUMNS}, (SELECT c.finding FROM lead_copy c WHERE c.lead_no = lead.lead_no"
            " ORDER BY c.position DESC LIMIT 1) FROM lead ORDER BY lead_no"
        ).fetchall()
        return [(lead_of(row[:-1]), Finding.from_line(row[-1])) for row in rows]

    def counts(self, column: str, owner: str = "") -> dict[str, int]:
        """How many leads there are by ``grade``, ``model``, ``state`` or ``division_code``.

        Parameters
        ----------
        owner
            Count this person's only.

        Raises
        ------
        ValueError
            For any other column.
        """
        if column not in ("grade", "model", "state", "division_code", "opened_on"):
            raise ValueError(f"leads are not counted by {column}")
        rows = self._connection.execute(
            f"SELECT {column}, count(*) FROM lead WHERE ? IN ('', owner)"
            f" GROUP BY {column} ORDER BY {column}",
            (owner,),
        ).fetchall()
        return {str(key): int(count) for key, count in rows}

    def file(self, lead_no: str) -> LeadFile:
        """The lead with its newest frozen copy and history; a finding id is accepted as well.

        Raises
        ------
        UnknownLead
            When no lead has that number or finding.
        """
        row = self._connection.execute(
            f"SELECT {COLUMNS} FROM lead WHERE lead_no = ? OR finding_id = ?", (lead_no, lead_no)
        ).fetchone()
        if row is None:
            raise UnknownLead(f"没有编号为 {lead_no} 的线索；可用 jinghuan leads list 查看全部线索")
        lead = lead_of(row)
        finding, evidence = self._connection.execute(
            "SELECT finding, evidence FROM lead_copy WHERE lead_no = ?"
            " ORDER BY position DESC LIMIT 1",
            (lead.lead_no,),
        ).fetchone()
        events = self._connection.execute(
            "SELECT position, at, actor, event, from_state, to_state, note FROM lead_event"
            " WHERE lead_no = ? ORDER BY position",
            (lead.lead_no,),
        ).fetchall()
        return LeadFile(
            lead,
            Finding.from_line(finding),
            thaw_rows(evidence),
            tuple(LeadEvent(*event) for event in events),
        )

    def sync(
        self,
        sql: duckdb.DuckDBPyConnection,
        findings: Sequence[Finding],
        judged: Collection[str] | None = None,
    ) -> SyncReport:
        """Bring the leads in line with all current findings, as :class:`LeadSync` does."""
        return LeadSync(self._connection, sql).sync(findings, judged)
