"""A part of the graph for drawing: what surrounds some objects, bounded, and what was left out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from api.errors import NotFound
from api.identity.caller import Caller
from api.reading.leads import read_file
from api.reading.neighbours import VISIBLE, scope
from api.reading.objects import label_of, node_of, shanghai, unknown
from api.services import Services
from graph.ontology import relationship
from graph.types import Edge, Json, Node, Subgraph
from queries.errors import ParameterError

MOST_NODES = 300
MOST_HOPS = 3
MOST_FOCUS = 50
# A frontier is asked about in parts, so that no statement looks at a whole province.
FRONTIER = 500
SUMMED = ("waste_t", "amount_yuan", "qty_t")


@dataclass(frozen=True, slots=True)
class SubgraphFilter:
    """How far to go from the focus, over which relationship types (empty: all), how many nodes."""

    hops: int = 1
    limit: int = 120
    types: tuple[str, ...] = ()


def by_label(ids: Iterable[str]) -> dict[str, list[str]]:
    """Ids by the label that their prefix names."""
    grouped: dict[str, list[str]] = {}
    for entity_id in ids:
        grouped.setdefault(label_of(entity_id).name, []).append(entity_id)
    return grouped


def subgraph(
    services: Services, caller: Caller, focus: Sequence[str], where: SubgraphFilter
) -> Subgraph:
    """What surrounds the objects of ``focus``: entity ids, or a lead, which means its subjects.

    Returns
    -------
    Subgraph
        The focus first, then nodes nearest first and most tied first; edges between all of them,
        one per pair and type with counts and sums; ``left_out`` counts neighbours that did not
        fit, by label.

    Raises
    ------
    NotFound
        When an object of the focus does not exist or is out of reach.
    ParameterError
        When nothing or too much is in focus.
    UnknownTerm
        For a relationship type that does not exist.
    StoreUnreachable
    """
    if not focus or len(focus) > MOST_FOCUS:
        raise ParameterError(f"focus 需要 1 到 {MOST_FOCUS} 个编号，收到 {len(focus)} 个")
    types = [relationship(name).name for name in where.types]
    roles = _roles(services, caller, focus)
    services.record(caller, "graph", ",".join(focus)[:200])
    limit = max(len(roles), min(where.limit, MOST_NODES))
    nodes = _focus(services, caller, roles, is_strict=list(roles) == list(focus))
    frontier = list(nodes)
    left_out: dict[str, int] = {}
    for _ in range(max(1, min(where.hops, MOST_HOPS))):
        found = _around(services, caller, frontier, types, set(nodes))
        fitting = found[: limit - len(nodes)]
        for node, _ties in found[len(fitting) :]:
            left_out[node.label] = left_out.get(node.label, 0) + 1
        frontier = [node.id for node, _ties in fitting]
        nodes |= {node.id: node for node, _ties in fitting}
        if not frontier:
            break
    edges = _edges(services, caller, list(nodes), types)
    return Subgraph(tuple(nodes.values()), tuple(edges), dict(sorted(left_out.items())))


def _roles(services: Services, caller: Caller, focus: Sequence[str]) -> dict[str, str]:
    """Ids to start from and the role of each; a lead number stands for the lead's subjects."""
    roles: dict[str, str] = {}
    for item in focus:
        if ":" in item and not item.startswith("lead:"):
            roles.setdefault(item, "")
            continue
        file = read_file(services, caller, item.removeprefix("lead:"))
        for subject in file.finding.subjects:
            if ":" in subject.entity_id:
                roles[subject.entity_id] = subject.role
    return roles


def _focus(
    services: Services, caller: Caller, roles: dict[str, str], *, is_strict: bool
) -> dict[str, Node]:
    found: dict[str, Node] = {}
    for label, ids in by_label(roles).items():
        for row in services.graph.read(
            f"UNWIND $ids AS id MATCH (n:{label} {{id: id}}) RETURN n, n.level AS level",
            {"ids": ids},
        ):
            level = row["level"]
            if caller.sees(label, level if isinstance(level, str) else None):
                node = node_of(row["n"])
                found[node.id] = Node(
                    node.id, node.label, node.name, roles[node.id], node.properties
                )
    missing = [entity_id for entity_id in roles if entity_id not in found]
    if missing and is_strict:
        raise unknown(missing[0])
    if not found:
        raise NotFound("焦点中的对象都不在图谱中；数据可能尚未入图，请先运行 jinghuan load")
    return {entity_id: found[entity_id] for entity_id in roles if entity_id in found}


def _around(
    services: Services, caller: Caller, frontier: list[str], types: list[str], known: set[str]
) -> list[tuple[Node, int]]:
    """Neighbours of the frontier that are not known yet, most tied first."""
    typed = f":{'|'.join(types)}" if types else ""
    ties: dict[str, int] = {}
    raws: dict[str, Json] = {}
    for label, ids in by_label(frontier).items():
        for start in range(0, len(ids), FRONTIER):
            rows = services.graph.read(
                f"UNWIND $ids AS id MATCH (a:{label} {{id: id}})-[r{typed}]-(b) WHERE {VISIBLE}"
                " RETURN b, count(r) AS ties",
                {"ids": ids[start : start + FRONTIER], **scope(caller)},
            )
            for row in rows:
                raw = row["b"]
                if isinstance(raw, dict) and str(raw["id"]) not in known:
                    entity_id = str(raw["id"])
                    raws[entity_id] = raw
                    ties[entity_id] = ties.get(entity_id, 0) + int(str(row["ties"]))
    order = sorted(raws, key=lambda entity_id: (-ties[entity_id], entity_id))
    return [(node_of(raws[entity_id]), ties[entity_id]) for entity_id in order]


def _edges(services: Services, caller: Caller, ids: list[str], types: list[str]) -> list[Edge]:
    typed = f":{'|'.join(types)}" if types else ""
    sums = ", ".join(f"sum(r.{name}) AS {name}" for name in SUMMED)
    edges: list[Edge] = []
    for label, own in by_label(ids).items():
        rows = services.graph.read(
            f"UNWIND $ids AS id MATCH (a:{label} {{id: id}})-[r{typed}]->(b)"
            f" WHERE b.id IN $all AND {VISIBLE}"
            " RETURN a.id AS source, b.id AS target, type(r) AS type, count(r) AS relationships,"
            f" min(r.first_at) AS first_at, max(r.last_at) AS last_at, {sums}",
            {"ids": own, "all": ids, **scope(caller)},
        )
        edges += [_edge(row) for row in rows]
    return sorted(edges, key=lambda e: (e.source, e.target, e.type))


def _edge(row: dict[str, Json]) -> Edge:
    properties: dict[str, Json] = {"relationships": row["relationships"]}
    for name in ("first_at", "last_at"):
        if row[name] is not None:
            properties[name] = shanghai(str(row[name]))
    for name in SUMMED:
        value = row[name]
        if isinstance(value, int | float) and value:
            properties[name] = round(float(value), 6)
    return Edge(str(row["source"]), str(row["target"]), str(row["type"]), properties)
