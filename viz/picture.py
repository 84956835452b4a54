"""What a picture of a finding shows: nodes by role, edges by the rows that are its evidence.

One grammar for the screen, the offline network, the static figure and the briefing (the table in
:mod:`viz.grammar`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import duckdb
import polars as pl

from graph.types import Evidence, Finding, Subject
from records.clock import UTC_OFFSET
from records.views import resolved_view

LABEL_BY_KIND = {
    "organization": "Organization",
    "person": "Person",
    "vehicle": "Vehicle",
    "phone": "Phone",
    "address": "Address",
    "site": "Site",
    "outlet": "Outlet",
    "account": "Account",
    "case": "CaseFile",
}


@dataclass(frozen=True, slots=True)
class PictureNode:
    """An entity in a picture; ``role`` is empty for one that is not a subject."""

    id: str
    kind: str
    name: str
    role: str


@dataclass(frozen=True, slots=True)
class PictureEdge:
    """An edge of a picture; ``at`` is Shanghai time without zone, ``amount`` in ``unit``."""

    source: str
    target: str
    kind: str
    at: datetime | None
    amount: float | None
    unit: str
    count: int = 1


@dataclass(frozen=True, slots=True)
class Picture:
    """Nodes, edges and the words around them."""

    title: str
    period: str
    layout: str
    nodes: tuple[PictureNode, ...]
    edges: tuple[PictureEdge, ...]
    source: str
    is_severe: bool
    left_out: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EdgeSource:
    """How rows of one dataset become edges; the columns are those of its linked view."""

    dataset: str
    kind: str
    source: str
    target: str
    at: str
    amount: str
    unit: str


EDGE_SOURCES: tuple[EdgeSource, ...] = (
    EdgeSource(
        "manifest",
        "manifest",
        "shipper_entity",
        "receiver_entity",
        "coalesce(accepted_at, handover_at)",
        "(SELECT sum(coalesce(i.qty_in_t, i.qty_out_t)) FROM manifest_item i"
        " WHERE i.manifest_no = r.manifest_no)",
        "吨",
    ),
    EdgeSource(
        "manifest",
        "carriage",
        "carrier_entity",
        "shipper_entity",
        "departed_at",
        "NULL::DOUBLE",
        "",
    ),
    EdgeSource(
        "invoice", "invoice", "seller_entity", "buyer_entity", "issued_at", "amount_yuan", "元"
    ),
    EdgeSource(
        "waybill",
        "waybill",
        "consignor_entity",
        "consignee_entity",
        "departed_at",
        "qty_t",
        "吨",
    ),
    EdgeSource(
        "shareholder",
        "ownership",
        "coalesce(holder_entity, holder_person)",
        "company_entity",
        "valid_from::TIMESTAMP",
        "pct",
        "%",
    ),
    EdgeSource(
        "officer",
        "office",
        "officer_person",
        "company_entity",
        "valid_from::TIMESTAMP",
        "NULL::DOUBLE",
        "",
    ),
    EdgeSource(
        "company",
        "office",
        "legal_rep_person",
        "company_entity",
        "founded_on::TIMESTAMP",
        "NULL::DOUBLE",
        "",
    ),
    EdgeSource(
        "service_staff",
        "office",
        "staff_person",
        "employer_entity",
        "NULL::TIMESTAMP",
        "NULL::DOUBLE",
        "",
    ),
    EdgeSource(
        "test_report",
        "test",
        "tester_entity",
        "site_entity",
        "sampled_on::TIMESTAMP",
        "NULL::DOUBLE",
        "",
    ),
    EdgeSource(
        "om_contract",
        "operation",
        "operator_entity",
        "client_entity",
        "valid_from::TIMESTAMP",
        "NULL::DOUBLE",
        "",
    ),
    EdgeSource(
        "monitor_point",
        "outlet",
        "owner_entity",
        "outlet_outlet",
        "NULL::TIMESTAMP",
        "NULL::DOUBLE",
        "",
    ),
    EdgeSource(
        "manifest",
        "vehicle",
        "vehicle_vehicle",
        "receiver_entity",
        "arrived_at",
        "NULL::DOUBLE",
        "",
    ),
)
LAYOUTS = {"HW-11": "ring", "HW-10": "chain", "TP-06": "circle"}
SUBJECT_KINDS = ("vehicle", "carriage")


def _rows(evidence: Iterable[Evidence], dataset: str) -> pl.DataFrame:
    keys = [(e.batch, e.row, e.part) for e in evidence if e.dataset == dataset]
    return pl.DataFrame(
        keys, schema={"batch": pl.String, "row": pl.Int64, "part": pl.Int32}, orient="row"
    ).unique(maintain_order=True)


def _edges(
    sql: duckdb.DuckDBPyConnection, finding: Finding, subjects: Sequence[str]
) -> list[PictureEdge]:
    edges: list[PictureEdge] = []
    for source in EDGE_SOURCES:
        keys = _rows(finding.evidence, source.dataset)
        if keys.is_empty():
            continue
        sql.register("picture_rows", keys.to_arrow())
        found = sql.execute(
            f"SELECT a, b, min(at), sum(amount), count(*) FROM ("
            f" SELECT {source.source} AS a, {source.target} AS b, {source.at} AS at,"
            f" {source.amount} AS amount FROM {source.dataset}_linked r"
            f" JOIN picture_rows USING (batch, row, part))"
            " WHERE a IS NOT NULL AND b IS NOT NULL AND a <> b GROUP BY a, b ORDER BY 3, a, b"
        ).fetchall()
        sql.unregister("picture_rows")
        for a, b, at, amount, count in found:
            # A vehicle or carrier is drawn only when the finding is about it: else every
            # manifest would bring its own.
            if source.kind in SUBJECT_KINDS and a not in subjects:
                continue
            edges.append(
                PictureEdge(
                    a, b, source.kind, at + UTC_OFFSET if at else None, amount, source.unit, count
                )
            )
    return edges


def _others(sql: duckdb.DuckDBPyConnection, ids: Sequence[str]) -> dict[str, tuple[str, str]]:
    if not ids:
        return {}
    union = " UNION ALL ".join(
        f"SELECT entity_id, '{kind}' AS kind, name FROM {resolved_view(kind)}"
        for kind in ("organization", "person", "vehicle", "site", "outlet")
    )
    rows = sql.execute(
        f"SELECT entity_id, kind, name FROM ({union}) WHERE entity_id IN"
        " (SELECT unnest($ids::VARCHAR[]))",
        {"ids": list(ids)},
    ).fetchall()
    return {str(i): (str(kind), str(name or i)) for i, kind, name in rows}


def _period(finding: Finding) -> str:
    first, last = finding.window_from[:10], finding.window_to[:10]
    return first if first == last else f"{first} 至 {last}"


def _node(subject: Subject) -> PictureNode:
    return PictureNode(subject.entity_id, subject.kind, subject.name, subject.role)


def picture_of(sql: duckdb.DuckDBPyConnection, finding: Finding) -> Picture:
    """The picture of a finding: its subjects, and edges from its evidence rows.

    Parameters
    ----------
    sql
        Cursor over the views.

    Returns
    -------
    Picture
        Nodes in the order of the subjects, then others that edges need, by id; at most 300 nodes,
        the rest counted in ``left_out``.
    """
    subjects = [_node(s) for s in finding.subjects]
    known = {node.id for node in subjects}
    edges = _edges(sql, finding, tuple(known))
    missing = sorted({end for e in edges for end in (e.source, e.target)} - known)
    others = _others(sql, missing)
    nodes = subjects + [PictureNode(i, *others[i], "") for i in missing if i in others]
    kept = nodes[:300]
    ids = {node.id for node in kept}
    left_out: dict[str, int] = {}
    for node in nodes[300:]:
        left_out[node.kind] = left_out.get(node.kind, 0) + 1
    return Picture(
        title=finding.title,
        period=_period(finding),
        layout=LAYOUTS.get(finding.model, "force"),
        nodes=tuple(kept),
        edges=tuple(e for e in edges if e.source in ids and e.target in ids),
        source=f"{finding.model} v{finding.model_version}，数据截至 {finding.as_of}",
        is_severe=finding.grade == 1,
        left_out=left_out,
    )
