"""Judgements as they were entered: both rows, who, when and why, and what was taken back."""

from dataclasses import dataclass

import duckdb

from api.errors import NotFound
from api.identity.caller import Caller
from api.reading.objects import label_of, shanghai
from api.reading.sides import KIND_BY_LABEL
from api.services import Services
from ingest.resolve.known import current_judgements
from records.contract import load_contract
from records.masking import mask_text
from records.registry import Judgement, RecordedJudgement, Registry, Verdict
from records.views import quoted, resolved_view

MOST = 200
TAKES_EFFECT_ZH = "下一次归并（jinghuan resolve 或 run）时生效"


@dataclass(frozen=True, slots=True)
class JudgedSide:
    """One row that a judgement binds, and its entity now; both empty when the row is gone."""

    reference: str
    role: str
    dataset_zh: str
    entity_id: str
    name: str


@dataclass(frozen=True, slots=True)
class RecordedView:
    """A judgement; ``withdrawn_by`` is empty while it stands. Times are RFC 3339."""

    number: int
    verdict: Verdict
    a: JudgedSide
    b: JudgedSide
    reason: str
    judged_by: str
    judged_at: str
    withdrawn_by: str
    withdrawn_at: str
    takes_effect: str


@dataclass(frozen=True, slots=True)
class JudgementPage:
    """Judgements newest first; ``next`` continues the list.

    A page may hold fewer than were asked for: judgements out of the caller's reach are not there.
    """

    items: tuple[RecordedView, ...]
    next: int | None


def list_judgements(
    services: Services, caller: Caller, after: int | None = None, limit: int = 50
) -> JudgementPage:
    """Judgements of everybody, withdrawn ones too.

    Raises
    ------
    Forbidden
        For roles that read no business data.
    """
    caller.require("L2", "归并判定")
    services.record(caller, "judgements.list", "*")
    limit = max(1, min(limit, MOST))
    found = Registry(services.workspace).recorded(before=after, limit=limit + 1)
    shown = _views(services, caller, found[:limit])
    return JudgementPage(shown, found[limit - 1].judgement.number if len(found) > limit else None)


def read_judgement(services: Services, caller: Caller, number: int) -> RecordedView:
    """One judgement.

    Raises
    ------
    NotFound
        When there is none of that number, or its entities are out of reach.
    """
    found = [
        entry
        for entry in Registry(services.workspace).recorded(before=number + 1, limit=1)
        if entry.judgement.number == number
    ]
    shown = _views(services, caller, found)
    if not shown:
        raise NotFound(f"没有第 {number} 号判定；可用 GET /api/v1/judgements 查看全部判定")
    return shown[0]


def _views(
    services: Services, caller: Caller, found: list[RecordedJudgement]
) -> tuple[RecordedView, ...]:
    """What the caller may see of these; a row that was superseded is followed to its successor."""
    with services.sql() as sql:
        now = current_judgements(sql, [entry.judgement for entry in found])
        rows = [row for j in now for row in ((j.row_a, j.role_a), (j.row_b, j.role_b))]
        entities = _entities(sql, rows)
    views = []
    for entry, current in zip(found, now, strict=True):
        a = entities.get((current.row_a, current.role_a), ("", "", ""))
        b = entities.get((current.row_b, current.role_b), ("", "", ""))
        if _is_seen(caller, a) and _is_seen(caller, b):
            views.append(_view(entry, current, a, b))
    return tuple(views)


def _is_seen(caller: Caller, entity: tuple[str, str, str]) -> bool:
    entity_id, _, level = entity
    return not entity_id or caller.sees(label_of(entity_id).name, level or "L4")


def _entities(
    sql: duckdb.DuckDBPyConnection, rows: list[tuple[str, str]]
) -> dict[tuple[str, str], tuple[str, str, str]]:
    """Entity id, name and level by row reference and role."""
    named = " UNION ALL ".join(
        f"SELECT entity_id, name, level FROM {quoted(resolved_view(kind))}"  # noqa: S608 - our own views
        for kind in KIND_BY_LABEL.values()
    )
    lines = sql.execute(
        "WITH asked AS (SELECT DISTINCT unnest($rows::VARCHAR[]) AS row_id,"  # noqa: S608 - as above
        " unnest($roles::VARCHAR[]) AS role)"
        " SELECT a.row_id, a.role, m.entity_id, coalesce(n.name, m.entity_id), n.level FROM asked a"
        " JOIN member m ON m.dataset = split_part(a.row_id, ':', 1)"
        " AND m.batch = split_part(a.row_id, ':', 2)"
        " AND m.row = CAST(split_part(a.row_id, ':', 3) AS BIGINT)"
        " AND m.part = CAST(split_part(a.row_id, ':', 4) AS INTEGER) AND m.role = a.role"
        f" JOIN ({named}) n USING (entity_id) ORDER BY ALL DESC",
        {"rows": [row for row, _ in rows], "roles": [role for _, role in rows]},
    ).fetchall()
    return {(row, role): (entity, name, level) for row, role, entity, name, level in lines}


def _view(
    entry: RecordedJudgement,
    now: Judgement,
    a: tuple[str, str, str],
    b: tuple[str, str, str],
) -> RecordedView:
    said = entry.judgement
    return RecordedView(
        number=said.number,
        verdict=said.verdict,
        a=_side(now.row_a, now.role_a, a),
        b=_side(now.row_b, now.role_b, b),
        reason=mask_text(said.reason),
        judged_by=said.judged_by,
        judged_at=shanghai(said.judged_at),
        withdrawn_by=entry.withdrawn_by,
        withdrawn_at=shanghai(entry.withdrawn_at) if entry.withdrawn_at else "",
        takes_effect=TAKES_EFFECT_ZH,
    )


def _side(reference: str, role: str, entity: tuple[str, str, str]) -> JudgedSide:
    dataset = reference.partition(":")[0]
    return JudgedSide(
        reference, role, load_contract().dataset(dataset).name_zh, entity[0], entity[1]
    )
