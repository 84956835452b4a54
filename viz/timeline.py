"""What happened, in time order: one moment per row of the evidence that moves something."""

from dataclasses import dataclass
from datetime import datetime

import duckdb

from graph.types import Finding
from records.clock import UTC_OFFSET
from viz.edge_sources import EDGE_SOURCES, EdgeSource
from viz.visits import rows_of

MOVING = ("manifest", "invoice", "fee", "waybill", "test", "operation")
MOST_MOMENTS = 200
WEIGHING = EdgeSource(
    "weighbridge", "weighing", "owner_entity", "NULL", "weighed_at", "net_t", "吨"
)


@dataclass(frozen=True, slots=True)
class Moment:
    """One event: ``at`` is Shanghai time without zone; ``amount`` in ``unit``.

    ``source`` and ``target`` are entity ids, empty where the row names none. ``is_day``: the row
    names the day only, ``at`` is its midnight.
    """

    at: datetime
    kind: str
    source: str
    target: str
    amount: float | None
    unit: str
    role: str
    is_day: bool = False


def moments_of(sql: duckdb.DuckDBPyConnection, finding: Finding) -> tuple[Moment, ...]:
    """Moments of a finding by time, the first 200.

    Parameters
    ----------
    sql
        Cursor over the views.
    """
    roles = {e.reference: e.role for e in finding.evidence}
    found: list[Moment] = []
    for source in (*(s for s in EDGE_SOURCES if s.kind in MOVING), WEIGHING):
        taken = [e for e in finding.evidence if source.takes(e.role)]
        keys = rows_of(taken, source.dataset)
        if keys.is_empty():
            continue
        sql.register("picture_rows", keys.to_arrow())
        rows = sql.execute(
            f"SELECT {source.at} AS moved_at, {source.source} AS a, {source.target} AS b,"
            f" {source.amount} AS amount, r.batch, r.row, r.part"
            f" FROM {source.dataset}_linked r JOIN picture_rows USING (batch, row, part)"
            f" WHERE {source.at} IS NOT NULL ORDER BY ALL LIMIT {MOST_MOMENTS}"
        ).fetchall()
        sql.unregister("picture_rows")
        found += [
            Moment(
                at if source.is_day else at + UTC_OFFSET,
                source.kind,
                a or "",
                b or "",
                amount,
                source.unit,
                roles.get(f"{source.dataset}:{batch}:{row}:{part}", ""),
                source.is_day,
            )
            for at, a, b, amount, batch, row, part in rows
        ]
    found.sort(key=lambda m: (m.at, m.kind, m.source, m.target, m.role))
    return tuple(found[:MOST_MOMENTS])
