"""The picture of a part of the graph: what surrounds an entity, whatever the findings say."""

from datetime import datetime

from graph.ontology import LABELS, relationship
from graph.types import Edge, Json, Node, Subgraph
from viz.picture import Picture, PictureEdge, PictureNode

KIND_BY_LABEL = {
    "Organization": "organization",
    "PoliceCase": "case",
    "CaseFile": "case",
    "Lead": "lead",
    "Incident": "event",
    "Complaint": "event",
}
DOCUMENTS = ("Manifest", "Licence", "Contract", "Penalty", "Order")
EDGE_KIND = {
    "TRANSFERRED_TO": "manifest",
    "SHIPPED_BY": "manifest",
    "RECEIVED_BY": "manifest",
    "CARRIED_BY": "carriage",
    "USED_VEHICLE": "vehicle",
    "VISITED": "vehicle",
    "DROVE": "office",
    "DRIVEN_BY": "office",
    "INVOICED": "invoice",
    "PAID": "invoice",
    "SHAREHOLDER_OF": "ownership",
    "BRANCH_OF": "ownership",
    "LEGAL_REP_OF": "office",
    "OFFICER_OF": "office",
    "EMPLOYED_BY": "office",
    "HAS_PHONE": "shared",
    "LOCATED_AT": "shared",
    "TESTED": "test",
    "OPERATES": "operation",
    "HAS_OUTLET": "outlet",
    "HAS_SITE": "outlet",
}
AMOUNTS = (("waste_t", "吨"), ("qty_t", "吨"), ("amount_yuan", "元"))


def picture_of_subgraph(subgraph: Subgraph, title: str) -> Picture:
    """A force-directed picture; the order of nodes and edges is kept."""
    ids = {node.id for node in subgraph.nodes}
    return Picture(
        title=title,
        period="",
        layout="force",
        nodes=tuple(_node(node) for node in subgraph.nodes),
        edges=tuple(_edge(e) for e in subgraph.edges if e.source in ids and e.target in ids),
        source="关系图谱",
        is_severe=False,
        left_out={
            LABELS[label].zh if label in LABELS else label: count
            for label, count in subgraph.left_out.items()
        },
    )


def _node(node: Node) -> PictureNode:
    return PictureNode(node.id, _kind(node.label), node.name, node.role)


def _kind(label: str) -> str:
    if label in DOCUMENTS:
        return "document"
    return KIND_BY_LABEL.get(label, label.lower())


def _edge(edge: Edge) -> PictureEdge:
    amount, unit = _amount(edge.properties)
    count = edge.properties.get("relationships")
    return PictureEdge(
        edge.source,
        edge.target,
        EDGE_KIND.get(edge.type, "other"),
        _time(edge.properties.get("first_at")),
        amount,
        unit,
        count if isinstance(count, int) else 1,
        label=relationship(edge.type).zh,
    )


def _amount(properties: dict[str, Json]) -> tuple[float | None, str]:
    for name, unit in AMOUNTS:
        value = properties.get(name)
        if isinstance(value, int | float) and value:
            return float(value), unit
    return None, ""


def _time(value: Json) -> datetime | None:
    return datetime.fromisoformat(value).replace(tzinfo=None) if isinstance(value, str) else None
