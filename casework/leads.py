"""Leads: what officers work on, made from findings and kept in ``state/``.

A lead keeps a frozen copy of its finding, cells included, at creation and at each change of
grade (RULINGS 8); a finding that vanished marks its lead 数据已更正 and never closes it.
"""

import json
import sqlite3
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from casework.errors import UnknownLead
from casework.evidence import EvidenceRow, evidence_rows, freeze_rows, thaw_rows
from casework.lead_tables import COLUMNS, SCHEMA
from graph.types import Finding


@dataclass(frozen=True, slots=True)
class Lead:
    """A lead as lists show it; ``opened_on`` is the as_of day on which it appeared."""

    lead_no: str
    finding_id: str
    model: str
    grade: int
    state: str
    title: str
    division_code: str | None
    window_to: str
    score: float
    opened_on: str
    owner: str | None
    is_corrected: bool


@dataclass(frozen=True, slots=True)
class LeadEvent:
    """One step of a lead's history; ``at`` is RFC 3339 in UTC."""

    position: int
    at: str
    actor: str
    event: str
    from_state: str
    to_state: str
    note: str


@dataclass(frozen=True, slots=True)
class LeadFile:
    """A lead with its newest frozen copy and its history."""

    lead: Lead
    finding: Finding
    evidence: tuple[EvidenceRow, ...]
    events: tuple[LeadEvent, ...]


@dataclass(frozen=True, slots=True)
class _Held:
    """What a lead holds before a new set of findings."""

    lead_no: str
    grade: int
    is_corrected: bool
    model: str
    state: str

    def passes_gate(self, finding: Finding) -> bool:
        return self.state == "DATA_ISSUE" and finding.status == "ok"

    def is_changed_by(self, finding: Finding) -> bool:
        return self.grade != finding.grade or self.is_corrected or self.passes_gate(finding)


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What a new set of findings did to the leads."""

    opened: int
    regraded: int
    corrected: int
    unchanged: int


@dataclass(frozen=True, slots=True)
class LeadFilter:
    """Which leads a list shows; empty fields do not restrict."""

    grade: int | None = None
    model: str = ""
    state: str = ""
    division: str = ""
    text: str = ""
    owner: str = ""
    after: str = ""
    limit: int = 50


def _lead(row: Sequence[object]) -> Lead:
    (
        no,
        finding_id,
        model,
        grade,
        state,
        title,
        division,
        window_to,
        score,
        opened,
        owner,
        fixed,
    ) = row
    return Lead(
        str(no),
        str(finding_id),
        str(model),
        int(str(grade)),
        str(state),
        str(title),
        None if division is None else str(division),
        str(window_to),
        float(str(score)),
        str(opened),
        None if owner is None else str(owner),
        bool(fixed),
    )


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
        return [_lead(row) for row in rows]

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
        return [_lead(row) for row in rows]

    def newest_copies(self) -> list[tuple[Lead, Finding]]:
        """Every lead with the finding of its newest frozen copy, by number."""
        rows = self._connection.execute(
            f"SELECT {COLUMNS}, (SELECT c.finding FROM lead_copy c WHERE c.lead_no = lead.lead_no"
            " ORDER BY c.position DESC LIMIT 1) FROM lead ORDER BY lead_no"
        ).fetchall()
        return [(_lead(row[:-1]), Finding.from_line(row[-1])) for row in rows]

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
        lead = _lead(row)
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
        """Open leads for new findings, re-grade changed ones, mark those whose finding vanished.

        Parameters
        ----------
        sql
            Cursor over the views, for the cells of the evidence and the place of the subjects.
        findings
            All current findings. Leads are numbered in the order of finding ids.
        judged
            Models that looked at everything this time: only their silence says that a finding no
            longer holds. None means all; a model that failed or is suspended must not be among
            them.
        """
        known = {
            str(row[0]): _Held(str(row[1]), int(row[2]), bool(row[3]), str(row[4]), str(row[5]))
            for row in self._connection.execute(
                "SELECT finding_id, lead_no, grade, is_corrected, model, state FROM lead"
            )
        }
        places = dict(sql.execute("SELECT finding_id, division_code FROM finding").fetchall())
        opened = regraded = unchanged = 0
        for finding in sorted(findings, key=lambda f: f.finding_id):
            held = known.get(finding.finding_id) or known.get(finding.replaces or "")
            if held is None:
                self._open(sql, finding, places.get(finding.finding_id))
                opened += 1
            elif finding.finding_id not in known or held.is_changed_by(finding):
                self._renew(sql, held, finding, is_moved=finding.finding_id not in known)
                regraded += 1
            else:
                unchanged += 1
        current = {f.finding_id for f in findings} | {f.replaces for f in findings}
        gone = [
            held.lead_no
            for finding_id, held in sorted(known.items())
            if finding_id not in current
            and not held.is_corrected
            and (judged is None or held.model in judged)
        ]
        for lead_no in gone:
            self._connection.execute(
                "UPDATE lead SET is_corrected = 1 WHERE lead_no = ?", (lead_no,)
            )
            self.record(lead_no, "system", "data_corrected", note="数据已更正，原发现不再成立")
        return SyncReport(opened, regraded, len(gone), unchanged)

    def record(
        self, lead_no: str, actor: str, event: str, *, to_state: str | None = None, note: str = ""
    ) -> None:
        """Append a step to the lead's history, moving it when ``to_state`` is given."""
        state = self._connection.execute(
            "SELECT state FROM lead WHERE lead_no = ?", (lead_no,)
        ).fetchone()[0]
        (position,) = self._connection.execute(
            "SELECT count(*) + 1 FROM lead_event WHERE lead_no = ?", (lead_no,)
        ).fetchone()
        at = datetime.now(UTC).isoformat(timespec="seconds")
        self._connection.execute(
            "INSERT INTO lead_event VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (lead_no, position, at, actor, event, state, to_state or state, note),
        )
        if to_state:
            self._connection.execute(
                "UPDATE lead SET state = ? WHERE lead_no = ?", (to_state, lead_no)
            )

    def _open(self, sql: duckdb.DuckDBPyConnection, finding: Finding, division: str | None) -> None:
        year = finding.as_of[:4]
        (count,) = self._connection.execute(
            "SELECT count(*) FROM lead WHERE lead_no LIKE ?", (f"XS{year}%",)
        ).fetchone()
        lead_no = f"XS{year}{count + 1:06d}"
        self._connection.execute(
            f"INSERT INTO lead ({COLUMNS}) VALUES (?, ?, ?, ?, 'DETECTED', ?, ?, ?, ?, ?, NULL, 0)",
            (
                lead_no,
                finding.finding_id,
                finding.model,
                finding.grade,
                finding.title,
                division,
                finding.window_to,
                finding.score,
                finding.as_of,
            ),
        )
        self._copy(sql, lead_no, finding)
        self.record(lead_no, "system", "intake", note="模型发现")
        ok = finding.status == "ok"
        self.record(
            lead_no,
            "system",
            "score" if ok else "gate_failed",
            to_state="SCORED" if ok else "DATA_ISSUE",
        )

    def _renew(
        self, sql: duckdb.DuckDBPyConnection, held: _Held, finding: Finding, *, is_moved: bool
    ) -> None:
        lead_no = held.lead_no
        self._connection.execute(
            "UPDATE lead SET finding_id = ?, grade = ?, title = ?, window_to = ?, score = ?,"
            " is_corrected = 0 WHERE lead_no = ?",
            (
                finding.finding_id,
                finding.grade,
                finding.title,
                finding.window_to,
                finding.score,
                lead_no,
            ),
        )
        self._copy(sql, lead_no, finding)
        if held.is_corrected:
            self.record(lead_no, "system", "data_corrected", note="数据再次更正，原发现重新成立")
        if is_moved:
            note = "补充数据使行为起始日变动，沿用本线索"
            self.record(lead_no, "system", "data_corrected", note=note)
        if held.grade != finding.grade:
            note = f"模型由{held.grade}级重新评定为{finding.grade}级"
            self.record(lead_no, "system", "regrade", note=note)
        if held.passes_gate(finding):
            self.record(lead_no, "system", "gate_passed", to_state="SCORED")

    def _copy(self, sql: duckdb.DuckDBPyConnection, lead_no: str, finding: Finding) -> None:
        (position,) = self._connection.execute(
            "SELECT count(*) + 1 FROM lead_copy WHERE lead_no = ?", (lead_no,)
        ).fetchone()
        self._connection.execute(
            "INSERT INTO lead_copy VALUES (?, ?, ?, ?, ?)",
            (
                lead_no,
                position,
                finding.as_of,
                finding.to_line(),
                freeze_rows(evidence_rows(sql, finding.evidence)),
            ),
        )
