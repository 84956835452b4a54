"""What an entity is tied to: counts by relationship first, then neighbours in pages."""

from dataclasses import dataclass

from api.identity.caller import Caller
from api.reading.objects import label_of, node_of, shanghai, unknown
from api.services import Services
from graph.ontology import LABELS, relationship
from graph.types import Json, Node
from queries.errors import ParameterError

MOST = 200
# A node's own level decides, apart from those of which only a value is masked.
VISIBLE = (
    "(b.level <= $level OR ($level >= 'L3' AND labels(b)[0] IN ['Phone']))"
    " AND NOT type(r) IN $hidden"
)


@dataclass(frozen=True, slots=True)
class TieCount:
    """How many neighbours one kind of relationship leads to; ``is_out`` when it starts here."""

    type: str
    type_zh: str
    label: str
    label_zh: str
    is_out: bool
    neighbours: int
    relationships: int


@dataclass(frozen=True, slots=True)
class Tie:
    """One neighbour by one kind of relationship; times are RFC 3339, months of flows joined."""

    node: Node
    type: str
    is_out: bool
    relationships: int
    sources: int
    first_at: str | None
    last_at: str | None


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """The entity, counts of all its ties, and one page of them."""

    entity: Node
    counts: tuple[TieCount, ...]
    items: tuple[Tie, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class TieFilter:
    """Which ties a page shows; empty fields do not restrict."""

    type: str = ""
    label: str = ""
    after: str = ""
    limit: int = 50


def scope(caller: Caller) -> dict[str, Json]:
    """Parameters of the condition that keeps what the caller does not see out of a statement."""
    return {"level": caller.level, "hidden": list(caller.hidden_relationships)}


def graph_node(services: Services, caller: Caller, entity_id: str) -> Node:
    """The node of an entity as the graph holds it.

    Raises
    ------
    NotFound
        When there is none, or the caller does not see it.
    StoreUnreachable
    """
    label = label_of(entity_id)
    rows = services.graph.read(f"MATCH (n:{label.name} {{id: $id}}) RETURN n", {"id": entity_id})
    raw = rows[0]["n"] if rows else None
    if not isinstance(raw, dict):
        raise unknown(entity_id)
    level = raw.get("level")
    if not caller.sees(label.name, level if isinstance(level, str) else None):
        raise unknown(entity_id)
    return node_of(raw)


def neighbours(
    services: Services, caller: Caller, entity_id: str, where: TieFilter
) -> Neighbourhood:
    """An entity's neighbours: by number of relationships, then by id.

    Raises
    ------
    NotFound
        When there is no such entity, or none within the caller's reach.
    UnknownTerm, ParameterError
        For a relationship type, label or cursor that does not exist.
    StoreUnreachable
    """
    from_, to = label_of(entity_id).name, ""
    if where.type:
        relationship(where.type)
    if where.label:
        to = ":" + LABELS[where.label].name if where.label in LABELS else ""
        if not to:
            raise ParameterError(f"没有类别 {where.label}；可用：{'、'.join(LABELS)}")
    entity = graph_node(services, caller, entity_id)
    services.record(caller, "entity.neighbours", entity_id, where.type)
    counts = services.graph.read(
        f"MATCH (a:{from_} {{id: $id}})-[r]-(b) WHERE {VISIBLE}"
        " RETURN type(r) AS type, labels(b)[0] AS label, startNode(r) = a AS is_out,"
        " count(DISTINCT b.id) AS neighbours, count(r) AS relationships"
        " ORDER BY type, label, is_out",
        {"id": entity_id, **scope(caller)},
    )
    limit = max(1, min(where.limit, MOST))
    typed = f":{where.type}" if where.type else ""
    count, after_id, after_type = _cursor(where.after)
    rows = services.graph.read(
        f"MATCH (a:{from_} {{id: $id}})-[r{typed}]-(b{to}) WHERE {VISIBLE}"
        " WITH b, type(r) AS type, startNode(r) = a AS is_out, count(r) AS relationships,"
        " sum(r.source_count) AS sources, min(r.first_at) AS first_at, max(r.last_at) AS last_at"
        " WITH b, type, is_out, relationships, sources, first_at, last_at,"
        " b.id AS b_id, type + toString(is_out) AS tie"
        " WHERE $count < 0 OR relationships < $count OR (relationships = $count AND"
        " (b_id > $after_id OR (b_id = $after_id AND tie > $after_type)))"
        " RETURN b, type, is_out, relationships, sources, first_at, last_at, b_id, tie"
        " ORDER BY relationships DESC, b_id, tie LIMIT $limit",
        {
            "id": entity_id,
            "count": count,
            "after_id": after_id,
            "after_type": after_type,
            "limit": limit + 1,
            **scope(caller),
        },
    )
    last = rows[limit - 1] if len(rows) > limit else None
    return Neighbourhood(
        entity,
        tuple(_count(row) for row in counts),
        tuple(_tie(row) for row in rows[:limit]),
        f"{last['relationships']}|{last['b_id']}|{last['tie']}" if last else None,
    )


def _cursor(after: str) -> tuple[int, str, str]:
    if not after:
        return -1, "", ""
    parts = after.split("|")
    if len(parts) != 3 or not parts[0].isdigit():
        raise ParameterError(f"续页标记 {after} 无法识别；请从第一页重新读取")
    return int(parts[0]), parts[1], parts[2]


def _count(row: dict[str, Json]) -> TieCount:
    term, label = relationship(str(row["type"])), LABELS[str(row["label"])]
    return TieCount(
        term.name,
        term.zh,
        label.name,
        label.zh,
        bool(row["is_out"]),
        int(str(row["neighbours"])),
        int(str(row["relationships"])),
    )


def _tie(row: dict[str, Json]) -> Tie:
    return Tie(
        node_of(row["b"]),
        str(row["type"]),
        bool(row["is_out"]),
        int(str(row["relationships"])),
        int(str(row["sources"] or 0)),
        _time(row["first_at"]),
        _time(row["last_at"]),
    )


def _time(value: Json) -> str | None:
    return None if value is None else shanghai(str(value))
