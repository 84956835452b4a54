"""Findings as far as the caller reads them, in pages."""

from dataclasses import dataclass, replace

import duckdb

from api.errors import NotFound
from api.identity.caller import Caller
from api.services import Services
from casework.lead import LeadFilter
from graph.types import Finding
from queries.errors import ParameterError
from records.masking import mask_text

MOST = 200


@dataclass(frozen=True, slots=True)
class FindingFilter:
    """Which findings a list shows; empty fields do not restrict."""

    model: str = ""
    grade: int | None = None
    status: str = ""
    division: str = ""
    subject: str = ""
    text: str = ""
    after: str = ""
    limit: int = 50


@dataclass(frozen=True, slots=True)
class FindingPage:
    """Findings, most severe first; ``next`` continues the list, ``total`` counts all of it."""

    items: tuple[Finding, ...]
    next: str | None
    total: int


def own_finding_ids(services: Services, caller: Caller) -> list[str] | None:
    """Findings whose leads the caller owns; ``None`` when the role reads all.

    Raises
    ------
    Forbidden
        When the role reads none, or a purpose is missing.
    """
    caller.require_findings()
    if caller.role.lead_scope == "all":
        return None
    if caller.role.lead_scope == "transfer":
        return []
    with services.leads() as leads:
        return [lead.finding_id for lead in leads.find(LeadFilter(owner=caller.user, limit=10_000))]


def masked_finding(finding: Finding) -> Finding:
    """The finding with L4 values in its texts masked."""
    return replace(
        finding,
        title=mask_text(finding.title),
        reason=mask_text(finding.reason),
        searched=tuple(mask_text(text) for text in finding.searched),
        would_clear=tuple(mask_text(text) for text in finding.would_clear),
    )


def list_findings(services: Services, caller: Caller, where: FindingFilter) -> FindingPage:
    """Findings by grade, score and id.

    Raises
    ------
    Forbidden
        When the caller reads none.
    ParameterError
        When ``where.after`` names no finding of the list.
    """
    own = own_finding_ids(services, caller)
    services.record(caller, "findings.list", where.model or "*")
    limit = max(1, min(where.limit, MOST))
    with services.sql() as sql:
        rows, total = _rows(sql, where, own, limit + 1)
    kept = [masked_finding(Finding.from_line(line)) for line in rows[:limit]]
    following = kept[-1].finding_id if len(rows) > limit else None
    return FindingPage(tuple(kept), following, total)


def _rows(
    sql: duckdb.DuckDBPyConnection, where: FindingFilter, own: list[str] | None, limit: int
) -> tuple[list[str], int]:
    condition = (
        "($model = '' OR model = $model) AND ($grade IS NULL OR grade = $grade)"
        " AND ($status = '' OR status = $status)"
        " AND starts_with(coalesce(division_code, ''), $division)"
        " AND ($subject = '' OR list_contains(subject_ids, $subject))"
        " AND contains(title, $text)"
        " AND ($own IS NULL OR list_contains($own::VARCHAR[], finding_id))"
    )
    values = {
        "model": where.model,
        "grade": where.grade,
        "status": where.status,
        "division": where.division,
        "subject": where.subject,
        "text": where.text,
        "own": own,
    }
    total = sql.execute(f"SELECT count(*) FROM finding WHERE {condition}", values).fetchall()[0][0]  # noqa: S608 - the condition is fixed above
    start: tuple[object, ...] = (0, 0.0, "")
    if where.after:
        found = sql.execute(
            "SELECT grade, -score, finding_id FROM finding WHERE finding_id = $after",
            {"after": where.after},
        ).fetchall()
        if not found:
            raise ParameterError(f"续页标记 {where.after} 已失效；请从第一页重新读取")
        start = found[0]
    rows = sql.execute(
        f"SELECT json FROM finding WHERE {condition}"  # noqa: S608 - as above
        " AND ($first = 0 OR (grade, -score, finding_id) > ($first, $second, $third))"
        " ORDER BY grade, -score, finding_id LIMIT $limit",
        {**values, "first": start[0], "second": start[1], "third": start[2], "limit": limit},
    ).fetchall()
    return [str(row[0]) for row in rows], int(total)


def read_finding(services: Services, caller: Caller, finding_id: str) -> Finding:
    """One finding.

    Raises
    ------
    NotFound
        When there is none of that id, or none within the caller's reach.
    Forbidden
    """
    own = own_finding_ids(services, caller)
    services.record(caller, "finding.read", finding_id)
    with services.sql() as sql:
        rows = sql.execute("SELECT json FROM finding WHERE finding_id = ?", [finding_id]).fetchall()
    if not rows or (own is not None and finding_id not in own):
        raise NotFound(f"没有编号为 {finding_id} 的发现；可用 jinghuan findings 查看全部发现")
    return masked_finding(Finding.from_line(rows[0][0]))
