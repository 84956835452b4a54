"""What a picture of a finding shows: nodes by role, edges by the rows that are its evidence.

One grammar for the screen, the offline network, the static figure and the briefing (the table in
:mod:`viz.grammar`).
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import duckdb
import polars as pl

from graph.types import Finding, Subject
from records.clock import UTC_OFFSET
from records.masking import mask_text, mask_value
from records.views import resolved_view
from viz.edge_sources import DEGREE_CAP, EDGE_SOURCES, TIE_KIND, TIES, VEHICLE_ENDS, VEHICLE_MOVES
from viz.timeline import Moment, moments_of
from viz.visits import Visit, rows_of, visits_of

LAYOUTS = {"HW-11": "ring", "HW-10": "chain", "TP-06": "circle"}
# Drawn only when the finding is about them: else every manifest would bring its own.
SUBJECT_KINDS = ("vehicle", "carriage")
# Roles of the firms between, which a finding lists in the order of the chain.
HANDS = ("shell", "broker")
NAMED_KINDS = ("organization", "person", "vehicle", "site", "outlet", "phone", "address")
MAX_NODES = 300
# What carries or drives for a finding: many of them would bury the parties, one that nothing in
# the evidence ties to a party says nothing. The first are left out first.
HELPERS = ("driver", "vehicle", "carrier")
MAX_HELPERS = 16


@dataclass(frozen=True, slots=True)
class PictureNode:
    """An entity in a picture; ``role`` is empty for one that is not a subject."""

    id: str
    kind: str
    name: str
    role: str


@dataclass(frozen=True, slots=True)
class PictureEdge:
    """An edge of a picture.

    ``at`` is Shanghai time without zone, ``amount`` in ``unit``, ``price`` in yuan per tonne;
    ``label`` is a word of its own where the kind's word is too general.
    """

    source: str
    target: str
    kind: str
    at: datetime | None
    amount: float | None
    unit: str
    count: int = 1
    price: float | None = None
    label: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """Nodes, edges and the words around them.

    ``left_out`` counts by kind what is not drawn; ``moments`` tell the same in time order.
    """

    title: str
    period: str
    layout: str
    nodes: tuple[PictureNode, ...]
    edges: tuple[PictureEdge, ...]
    source: str
    is_severe: bool
    left_out: dict[str, int] = field(default_factory=dict)
    moments: tuple[Moment, ...] = ()

    def name_of(self, node_id: str) -> str:
        """Name of a node, the id when it is not drawn."""
        return next((node.name for node in self.nodes if node.id == node_id), node_id)

    def role_of(self, subject: Subject) -> str:
        """Role of a subject as it is drawn; as the finding has it when it is not drawn."""
        drawn = next((node.role for node in self.nodes if node.id == subject.entity_id), "")
        return drawn or _role(subject)


def _found_edges(
    sql: duckdb.DuckDBPyConnection, keys: pl.DataFrame, select: str, kind: str, unit: str
) -> list[PictureEdge]:
    """Edges of one select over the evidence rows ``keys``, one per pair."""
    sql.register("picture_rows", keys.to_arrow())
    found = sql.execute(
        "SELECT a, b, min(moved_at), sum(amount), count(*), avg(price)"
        f" FROM ({select}) WHERE a IS NOT NULL AND b IS NOT NULL AND a <> b"
        " GROUP BY a, b ORDER BY 3, a, b"
    ).fetchall()
    sql.unregister("picture_rows")
    return [
        PictureEdge(a, b, kind, at + UTC_OFFSET if at else None, amount, unit, count, price)
        for a, b, at, amount, count, price in found
    ]


def _edges(
    sql: duckdb.DuckDBPyConnection, finding: Finding, subjects: Sequence[str]
) -> list[PictureEdge]:
    edges: list[PictureEdge] = []
    for source in EDGE_SOURCES:
        taken = [e for e in finding.evidence if source.takes(e.role)]
        keys = rows_of(taken, source.dataset)
        if keys.is_empty():
            continue
        select = (
            f"SELECT {source.source} AS a, {source.target} AS b, {source.at} AS moved_at,"
            f" {source.amount} AS amount, {source.price} AS price"
            f" FROM {source.dataset}_linked r JOIN picture_rows USING (batch, row, part)"
        )
        edges += [
            edge
            for edge in _found_edges(sql, keys, select, source.kind, source.unit)
            if source.kind not in SUBJECT_KINDS or edge.source in subjects
        ]
    # A gate that only saw the truck of a manifest is no further edge.
    moves = [e for e in finding.evidence if e.role != "seen on the way"]
    ends = pl.concat([rows_of(moves, dataset) for dataset in VEHICLE_ENDS])
    if not ends.is_empty():
        edges += _found_edges(sql, ends, VEHICLE_MOVES, "vehicle", "吨")
    return edges + _visits(finding, visits_of(sql, finding.evidence))


def _visits(finding: Finding, visits: Sequence[Visit]) -> list[PictureEdge]:
    """Trucks to the place where they stopped, and the last hand before it to the place."""
    edges = [
        PictureEdge(v.vehicle, v.place, "vehicle", v.first_at, None, "", v.sightings)
        for v in visits
    ]
    hands = [s.entity_id for s in finding.subjects if s.role in HANDS]
    for place in dict.fromkeys(v.place for v in visits if hands):
        times = [v.first_at for v in visits if v.place == place and v.first_at]
        seen = sum(v.sightings for v in visits if v.place == place)
        first = min(times, default=None)
        edges.append(PictureEdge(hands[-1], place, "visit", first, None, "", seen))
    return edges


def _ties(sql: duckdb.DuckDBPyConnection, subjects: Sequence[str]) -> list[PictureEdge]:
    """Edges to the phones, addresses and persons that tie subjects together."""
    if len(subjects) < 2:
        return []
    rows = sql.execute(TIES, {"subjects": list(subjects), "cap": DEGREE_CAP}).fetchall()
    return [
        PictureEdge(tie, subject, TIE_KIND[kind], None, None, "") for subject, tie, kind in rows
    ]


def _others(sql: duckdb.DuckDBPyConnection, ids: Sequence[str]) -> dict[str, PictureNode]:
    if not ids:
        return {}
    union = " UNION ALL ".join(
        f"SELECT entity_id, '{kind}' AS kind, name FROM {resolved_view(kind)}"
        for kind in NAMED_KINDS
    )
    rows = sql.execute(
        f"SELECT entity_id, kind, name FROM ({union}) WHERE entity_id IN"
        " (SELECT unnest($ids::VARCHAR[])) ORDER BY entity_id",
        {"ids": list(ids)},
    ).fetchall()
    return {
        str(i): PictureNode(str(i), kind, _shown(kind, str(name or i)), "")
        for i, kind, name in rows
    }


def _shown(kind: str, name: str) -> str:
    """The name as a picture may show it: L4 values masked (RULINGS 22)."""
    return mask_value(name) if kind in ("phone", "account") else mask_text(name)


def _period(finding: Finding) -> str:
    first, last = finding.window_from[:10], finding.window_to[:10]
    return first if first == last else f"{first} 至 {last}"


def _role(subject: Subject) -> str:
    """Role of a subject; a firm that is a site of bodies is served by them and is no place."""
    is_served = subject.role == "site" and subject.kind == "organization"
    return "served" if is_served else subject.role


def _node(subject: Subject) -> PictureNode:
    name = _shown(subject.kind, subject.name or subject.entity_id)
    return PictureNode(subject.entity_id, subject.kind, name, _role(subject))


def _with_trades(nodes: Sequence[PictureNode], edges: Sequence[PictureEdge]) -> list[PictureNode]:
    """Bodies by what they do: one that tests and runs no monitor is a tester.

    A ring whose evidence has no monitor run by any of them is one of testers.
    """
    runs = {e.source for e in edges if e.kind == "operation"}
    tests = {e.source for e in edges if e.kind == "test"}
    return [
        replace(node, role="tester")
        if node.role == "operator"
        and node.id not in runs
        and (node.id in tests or (bool(tests) and not runs))
        else node
        for node in nodes
    ]


def _without_helpers(
    nodes: Sequence[PictureNode], edges: Sequence[PictureEdge]
) -> list[PictureNode]:
    """Nodes without helpers that nothing ties to the rest, and not too many of all others."""
    tied = {end for e in edges for end in (e.source, e.target)}
    kept = [n for n in nodes if n.role not in HELPERS or n.id in tied]
    for role in HELPERS:
        if sum(n.role in HELPERS for n in kept) <= MAX_HELPERS:
            break
        kept = [n for n in kept if n.role != role]
    return kept


def _without_repeats(edges: Iterable[PictureEdge]) -> list[PictureEdge]:
    """One edge per pair and kind: a tie that a row of the evidence shows is not drawn again."""
    kept: dict[tuple[str, str, str], PictureEdge] = {}
    for edge in edges:
        kept.setdefault((edge.source, edge.target, edge.kind), edge)
    return list(kept.values())


def _tells(node: PictureNode, edges: Sequence[PictureEdge]) -> bool:
    """Whether a node that is no subject belongs in the picture: a person of one firm says nothing.

    It is drawn when it ties two others together, or when it is a place or firm of the evidence.
    """
    if node.kind not in ("person", "phone", "address"):
        return True
    ends = {e.target if e.source == node.id else e.source for e in edges
            if node.id in (e.source, e.target)}  # fmt: skip
    return len(ends) >= 2


def picture_of(sql: duckdb.DuckDBPyConnection, finding: Finding) -> Picture:
    """The picture of a finding: its subjects, edges from its evidence rows, and what ties them.

    Parameters
    ----------
    sql
        Cursor over the views.

    Returns
    -------
    Picture
        Nodes in the order of the subjects, then others that edges need, by id; at most 300 nodes
        and not too many that only carry or drive, the rest counted in ``left_out``.
    """
    subjects = list({s.entity_id: _node(s) for s in reversed(finding.subjects)}.values())[::-1]
    known = {node.id for node in subjects}
    firms = [node.id for node in subjects if node.kind == "organization"]
    shown = _edges(sql, finding, tuple(known))
    # A firm of the evidence that is no subject, one with a penalty say, is tied to them as well.
    named = {end for e in shown for end in (e.source, e.target)} - known
    firms += sorted(end for end in named if end.startswith("org:"))
    edges = _without_repeats(shown + _ties(sql, firms))
    missing = sorted({end for e in edges for end in (e.source, e.target)} - known)
    others = _others(sql, missing)
    telling = [others[i] for i in missing if i in others and _tells(others[i], edges)]
    ids = {node.id for node in (*subjects, *telling)}
    edges = [e for e in edges if e.source in ids and e.target in ids]
    tied = {end for e in edges for end in (e.source, e.target)}
    nodes = _with_trades(subjects, edges) + [node for node in telling if node.id in tied]
    kept = _without_helpers(nodes, edges)[:MAX_NODES]
    ids = {node.id for node in kept}
    return Picture(
        title=mask_text(finding.title),
        period=_period(finding),
        layout=LAYOUTS.get(finding.model, "force"),
        nodes=tuple(kept),
        edges=tuple(e for e in edges if e.source in ids and e.target in ids),
        source=(
            f"{finding.model} 第 {finding.model_version} 版，数据截至 {finding.as_of}，按该日绘制"
        ),
        is_severe=finding.grade == 1,
        left_out=dict(Counter(node.kind for node in nodes if node.id not in ids)),
        moments=moments_of(sql, finding),
    )
