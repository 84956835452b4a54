"""Leads brought in line with what the models find now.

A lead keeps a frozen copy of its finding, cells included, at creation and at each change of
grade (RULINGS 8); a finding that vanished marks its lead 数据已更正 and never closes it.
"""

import sqlite3
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import duckdb

from casework.evidence import evidence_rows, freeze_rows
from casework.lead import GRADE_ZH
from casework.lead_history import record
from casework.lead_tables import COLUMNS
from graph.types import Finding

ACTOR = "system"


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


class LeadSync:
    """One pass over the leads of ``connection``.

    ``sql`` is a cursor over the views, for the cells of the evidence and the place of the subjects.
    """

    def __init__(self, connection: sqlite3.Connection, sql: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._sql = sql

    def sync(
        self, findings: Sequence[Finding], judged: Collection[str] | None = None
    ) -> SyncReport:
        """Open leads for new findings, re-grade changed ones, mark those whose finding vanished.

        Parameters
        ----------
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
        places = dict(self._sql.execute("SELECT finding_id, division_code FROM finding").fetchall())
        opened = regraded = unchanged = 0
        for finding in sorted(findings, key=lambda f: f.finding_id):
            held = known.get(finding.finding_id) or known.get(finding.replaces or "")
            if held is None:
                self._open(finding, places.get(finding.finding_id))
                opened += 1
            elif finding.finding_id not in known or held.is_changed_by(finding):
                self._renew(held, finding, is_moved=finding.finding_id not in known)
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
            self._record(lead_no, "data_corrected", note="数据已更正，原发现不再成立")
        return SyncReport(opened, regraded, len(gone), unchanged)

    def _record(
        self, lead_no: str, event: str, *, to_state: str | None = None, note: str = ""
    ) -> None:
        record(self._connection, lead_no, ACTOR, event, to_state=to_state, note=note)

    def _open(self, finding: Finding, division: str | None) -> None:
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
        self._copy(lead_no, finding)
        self._record(lead_no, "intake", note="模型发现")
        ok = finding.status == "ok"
        self._record(
            lead_no,
            "score" if ok else "gate_failed",
            to_state="SCORED" if ok else "DATA_ISSUE",
        )

    def _renew(self, held: _Held, finding: Finding, *, is_moved: bool) -> None:
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
        self._copy(lead_no, finding)
        if held.is_corrected:
            self._record(lead_no, "data_corrected", note="数据再次更正，原发现重新成立")
        if is_moved:
            note = "补充数据使行为起始日变动，沿用本线索"
            self._record(lead_no, "data_corrected", note=note)
        if held.grade != finding.grade:
            note = f"模型由{GRADE_ZH[held.grade]}重新评定为{GRADE_ZH[finding.grade]}"
            self._record(lead_no, "regrade", note=note)
        if held.passes_gate(finding):
            self._record(lead_no, "gate_passed", to_state="SCORED")

    def _copy(self, lead_no: str, finding: Finding) -> None:
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
                freeze_rows(evidence_rows(self._sql, finding.evidence)),
            ),
        )
