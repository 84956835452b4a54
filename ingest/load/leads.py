"""Leads of casework as nodes, tied to what they are about.

Casework and ingest do not know each other, so the door hands over plain lines after detection.
What the graph holds of leads is read back and compared: a second call writes nothing, a lead that
is not handed over any more disappears.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from graph.client import GraphStore
from graph.ontology import LABELS
from graph.ontology_relationships import SHARED_RELATIONSHIP_PROPERTIES
from graph.ontology_terms import ENTITIES
from graph.values import iso
from graph.writer import SOURCES_KEPT, GraphWriter
from ingest.errors import LoadError

# A finding as a whole is L3 (RULINGS 22), and so is the lead it makes.
LEAD_LEVEL = "L3"
LABEL_BY_PREFIX = {LABELS[name].prefix: name for name in ENTITIES}


@dataclass(frozen=True, slots=True)
class LeadSubject:
    """One entity that a lead is about; ``sources`` are references of the rows that show it."""

    entity_id: str
    role: str
    model: str
    sources: tuple[str, ...] = ()
    first_at: datetime | None = None
    last_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LeadLine:
    """A lead as the graph shows it; ``grade`` 1 is the most severe."""

    lead_no: str
    grade: int
    state: str
    models: tuple[str, ...]
    finding_ids: tuple[str, ...]
    about: tuple[LeadSubject, ...]


@dataclass(frozen=True, slots=True)
class LeadsReport:
    """Nodes and ABOUT relationships: handed over, sent because changed, taken away."""

    rows: int
    written: int
    deleted: int


Row = Mapping[str, Any]


def load_leads(
    store: GraphStore, leads: Sequence[LeadLine], *, updated_at: datetime | str | None = None
) -> LeadsReport:
    """Bring the leads of the graph to ``leads``.

    Parameters
    ----------
    updated_at
        Moment that changed leads carry, in UTC.

    Raises
    ------
    LoadError
        When a lead is about something that the graph has no label for.
    """
    writer = GraphWriter(store, updated_at=updated_at)
    nodes = {f"lead:{lead.lead_no}": _node(lead) for lead in leads}
    ties = {
        (f"lead:{lead.lead_no}", s.entity_id, s.role, s.model): _tie(lead, s)
        for lead in leads
        for s in lead.about
    }
    held_nodes, held_ties = _held_nodes(store), _held_ties(store)
    new_nodes = [row for key, row in nodes.items() if held_nodes.get(key) != row]
    new_ties = {key: row for key, row in ties.items() if held_ties.get(key) != row}
    gone_ties = sorted(key for key in held_ties if key not in ties)
    gone_nodes = sorted(key for key in held_nodes if key not in nodes)
    for label in sorted({_label(key[1]) for key in gone_ties}):
        rows = [
            dict(zip(("from_id", "to_id", "role", "model"), key, strict=True))
            for key in gone_ties
            if _label(key[1]) == label
        ]
        writer.delete_relationships("ABOUT", "Lead", label, rows)
    writer.delete_nodes("Lead", gone_nodes)
    writer.merge_nodes("Lead", new_nodes)
    for label in sorted({_label(key[1]) for key in new_ties}):
        rows = [dict(row) for key, row in new_ties.items() if _label(key[1]) == label]
        writer.merge_relationships("ABOUT", "Lead", label, rows)
    return LeadsReport(
        len(nodes) + len(ties),
        len(new_nodes) + len(new_ties),
        len(gone_nodes) + len(gone_ties),
    )


def _node(lead: LeadLine) -> Row:
    return {
        "id": f"lead:{lead.lead_no}",
        "level": LEAD_LEVEL,
        "grade": lead.grade,
        "state": lead.state,
        "models": list(lead.models),
        "finding_ids": list(lead.finding_ids),
    }


def _tie(lead: LeadLine, subject: LeadSubject) -> Row:
    return {
        "from_id": f"lead:{lead.lead_no}",
        "to_id": subject.entity_id,
        "role": subject.role,
        "model": subject.model,
        "sources": sorted(set(subject.sources))[:SOURCES_KEPT],
        "source_count": len(set(subject.sources)),
        "first_at": iso(subject.first_at) if subject.first_at else None,
        "last_at": iso(subject.last_at) if subject.last_at else None,
    }


def _label(entity_id: str) -> str:
    prefix = entity_id.partition(":")[0]
    if prefix not in LABEL_BY_PREFIX:
        raise LoadError(
            f"线索涉及对象 {entity_id!r} 的编号前缀不在图谱中；"
            f"可用的前缀有：{'、'.join(LABEL_BY_PREFIX)}"
        )
    return LABEL_BY_PREFIX[prefix]


def _held_nodes(store: GraphStore) -> dict[str, Row]:
    names = ("id", "level", "grade", "state", "models", "finding_ids")
    shown = ", ".join(f"l.{name} AS {name}" for name in names)
    return {str(row["id"]): row for row in store.read(f"MATCH (l:Lead) RETURN {shown}")}


def _held_ties(store: GraphStore) -> dict[tuple[str, str, str, str], Row]:
    names = ("role", "model", *SHARED_RELATIONSHIP_PROPERTIES)
    shown = ", ".join(f"r.{name} AS {name}" for name in names)
    rows = store.read(
        f"MATCH (l:Lead)-[r:ABOUT]->(e) RETURN l.id AS from_id, e.id AS to_id, {shown}"
    )
    return {(str(r["from_id"]), str(r["to_id"]), str(r["role"]), str(r["model"])): r for r in rows}
