"""What happened, in time order: one moment per row of the evidence that moves something."""

from dataclasses import dataclass
from datetime import datetime

import duckdb
import polars as pl

from graph.types import Finding
from records.clock import UTC_OFFSET
from viz.edge_sources import EDGE_SOURCES

MOVING = ("manifest", "invoice", "waybill", "test", "operation")
MOST_MOMENTS = 200
WEIGHINGS = """
SELECT w.owner_entity AS a, NULL AS b, w.weighed_at AS moved_at, w.net_t AS amount,
    w.batch, w.row, w.part
FROM weighbridge_linked w JOIN picture_rows USING (batch, row, part)
"""


@dataclass(frozen=True, slots=True)
class Moment:
    """One event: ``at`` is Shanghai time without zone; ``amount`` in ``unit``.

    ``source`` and ``target`` are entity ids, empty where the row names none.
    """

    at: datetime
    kind: str
    source: str
    target: str
    amount: float | None
    unit: str
    role: str


def moments_of(sql: duckdb.DuckDBPyConnection, finding: Finding) -> tuple[Moment, ...]:
    """Moments of a finding by time, the first 200.

    Parameters
    ----------
    sql
        Cursor over the views.
    """
    roles = {e.reference: e.role for e in finding.evidence}
    found: list[Moment] = []
    selects = [
        (
            source.dataset,
            source.kind,
            source.unit,
            f"SELECT {source.source} AS a, {source.target} AS b, {source.at} AS moved_at,"
            f" {source.amount} AS amount, r.batch, r.row, r.part"
            f" FROM {source.dataset}_linked r JOIN picture_rows USING (batch, row, part)",
        )
        for source in EDGE_SOURCES
        if source.kind in MOVING
    ]
    for dataset, kind, unit, select in [*selects, ("weighbridge", "weighing", "吨", WEIGHINGS)]:
        keys = [(e.batch, e.row, e.part) for e in finding.evidence if e.dataset == dataset]
        if not keys:
            continue
        schema = {"batch": pl.String, "row": pl.Int64, "part": pl.Int32}
        frame = pl.DataFrame(keys, schema=schema, orient="row").unique(maintain_order=True)
        sql.register("picture_rows", frame.to_arrow())
        rows = sql.execute(
            "SELECT moved_at, a, b, amount, batch, row, part"
            f" FROM ({select}) WHERE moved_at IS NOT NULL ORDER BY ALL LIMIT {MOST_MOMENTS}"
        ).fetchall()
        sql.unregister("picture_rows")
        found += [
            Moment(
                at + UTC_OFFSET,
                kind,
                a or "",
                b or "",
                amount,
                unit,
                roles.get(f"{dataset}:{batch}:{row}:{part}", ""),
            )
            for at, a, b, amount, batch, row, part in rows
        ]
    found.sort(key=lambda m: (m.at, m.kind, m.source, m.target, m.role))
    return tuple(found[:MOST_MOMENTS])
