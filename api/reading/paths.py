"""How two things hang together: the shortest ways between them that say something.

Breadth first from both ends, one statement per label and step. Definition: simple ways of least
length over :data:`TIES`, ignoring direction, that pass through no identifier shared by more than
20 (RULINGS 15): such a phone or address belongs to a bookkeeper or an incubator and ties nobody.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from api.identity.caller import Caller
from api.reading.neighbours import VISIBLE, graph_node, scope
from api.reading.objects import node_of, shanghai
from api.reading.subgraph import by_label
from api.services import Services
from graph.types import Edge, Json, Node
from queries.errors import ParameterError

TIES = (
    "LEGAL_REP_OF", "OFFICER_OF", "SHAREHOLDER_OF", "EMPLOYED_BY", "BRANCH_OF", "HAS_PHONE",
    "LOCATED_AT", "HAS_SITE", "HAS_OUTLET", "OPERATES", "OWNS_VEHICLE", "OWNS_ACCOUNT",
    "TRANSFERRED_TO", "INVOICED", "PAID", "TESTED", "VISITED", "DROVE", "CONTACTED",
)  # fmt: skip
IDENTIFIER_LABELS = ("Phone", "Address", "Account")
MAX_DEGREE = 20
MOST_HOPS = 6
MOST_PATHS = 10
# Beyond this many nodes in one step the search stops and says so.
MOST_FRONTIER = 20_000


@dataclass(frozen=True, slots=True)
class Way:
    """One way: nodes in order and the edges between them, each as it is directed."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


@dataclass(frozen=True, slots=True)
class Ways:
    """Shortest ways; ``hops`` of each, ``has_more`` when not all are given.

    ``is_exhausted`` says that there is no way within the hops asked for, rather than that the
    search gave up because it grew too wide.
    """

    hops: int | None
    ways: tuple[Way, ...]
    has_more: bool
    is_exhausted: bool


class _Side:
    """One end of the search: for each node the nodes before it, step by step."""

    def __init__(self, start: str) -> None:
        self.before: dict[str, list[str]] = {start: []}
        self.depth: dict[str, int] = {start: 0}
        self.frontier = [start]
        self.steps = 0

    def advance(self, pairs: Iterable[tuple[str, str]]) -> None:
        self.steps += 1
        fresh: list[str] = []
        for here, there in pairs:
            known = self.depth.get(there)
            if known is None:
                self.depth[there] = self.steps
                self.before[there] = [here]
                fresh.append(there)
            elif known == self.steps and here not in self.before[there]:
                self.before[there].append(here)
        self.frontier = fresh

    def ways_to(self, node: str) -> list[list[str]]:
        """All shortest ways from the start to ``node``, at most one more than are given."""
        if not self.before[node]:
            return [[node]]
        ways: list[list[str]] = []
        for previous in sorted(self.before[node]):
            ways += [[*way, node] for way in self.ways_to(previous)]
            if len(ways) > MOST_PATHS:
                break
        return ways


def paths(services: Services, caller: Caller, a: str, b: str, max_hops: int = 4) -> Ways:
    """The shortest ways between two objects, at most ten, in order of their ids.

    Raises
    ------
    NotFound
        When one of them does not exist or is out of reach.
    ParameterError
        When both are the same.
    StoreUnreachable
    """
    if a == b:
        raise ParameterError("起点与终点相同；请给出两个不同的对象")
    for end in (a, b):
        graph_node(services, caller, end)
    services.record(caller, "paths", f"{a} {b}")
    one, two = _Side(a), _Side(b)
    hops = max(1, min(max_hops, MOST_HOPS))
    while one.steps + two.steps < hops:
        side = one if len(one.frontier) <= len(two.frontier) else two
        if len(side.frontier) > MOST_FRONTIER:
            return Ways(None, (), False, False)
        if not side.frontier:
            return Ways(None, (), False, True)
        side.advance(_steps(services, caller, side.frontier, ends=(a, b)))
        meeting = [node for node in side.frontier if node in one.depth and node in two.depth]
        if meeting:
            return _ways(services, caller, one, two, meeting)
    return Ways(None, (), False, True)


def _steps(
    services: Services, caller: Caller, frontier: list[str], ends: tuple[str, str]
) -> list[tuple[str, str]]:
    """Pairs of a node of the frontier and a neighbour, without crowded identifiers."""
    pairs: list[tuple[str, str]] = []
    for label, ids in by_label(frontier).items():
        rows = services.graph.read(
            f"UNWIND $ids AS id MATCH (a:{label} {{id: id}})-[r:{'|'.join(TIES)}]-(b)"
            f" WHERE {VISIBLE} RETURN DISTINCT a.id AS here, b.id AS there",
            {"ids": ids, **scope(caller)},
        )
        pairs += [(str(row["here"]), str(row["there"])) for row in rows]
    crowded = _crowded(services, {there for _, there in pairs} - set(ends))
    return sorted({pair for pair in pairs if pair[1] not in crowded})


def _crowded(services: Services, ids: set[str]) -> set[str]:
    found: set[str] = set()
    for label, own in by_label(sorted(ids)).items():
        if label in IDENTIFIER_LABELS:
            rows = services.graph.read(
                f"UNWIND $ids AS id MATCH (n:{label} {{id: id}})"
                f"-[:HAS_PHONE|LOCATED_AT|OWNS_ACCOUNT]-(o)"
                " WITH n, count(DISTINCT o.id) AS degree WHERE degree > $most"
                " RETURN n.id AS id",
                {"ids": own, "most": MAX_DEGREE},
            )
            found |= {str(row["id"]) for row in rows}
    return found


def _ways(services: Services, caller: Caller, one: _Side, two: _Side, meeting: list[str]) -> Ways:
    least = min(one.depth[node] + two.depth[node] for node in meeting)
    chains: list[list[str]] = []
    for node in sorted(meeting):
        if one.depth[node] + two.depth[node] == least and len(chains) <= MOST_PATHS:
            chains += [
                [*first, *second[-2::-1]]
                for first in one.ways_to(node)
                for second in two.ways_to(node)
            ]
    chains = sorted(chains)
    kept = chains[:MOST_PATHS]
    nodes, edges = _details(services, caller, sorted({node for way in kept for node in way}))
    ways = []
    for chain in kept:
        between = [
            edge
            for here, there in pairwise(chain)
            for edge in edges
            if {edge.source, edge.target} == {here, there}
        ]
        ways.append(Way(tuple(nodes[node] for node in chain), tuple(between)))
    return Ways(least, tuple(ways), len(chains) > MOST_PATHS, True)


def _details(
    services: Services, caller: Caller, ids: list[str]
) -> tuple[dict[str, Node], list[Edge]]:
    nodes: dict[str, Node] = {}
    edges: list[Edge] = []
    for label, own in by_label(ids).items():
        for row in services.graph.read(
            f"UNWIND $ids AS id MATCH (n:{label} {{id: id}}) RETURN n", {"ids": own}
        ):
            node = node_of(row["n"])
            nodes[node.id] = node
        rows = services.graph.read(
            f"UNWIND $ids AS id MATCH (a:{label} {{id: id}})-[r:{'|'.join(TIES)}]->(b)"
            f" WHERE b.id IN $all AND {VISIBLE}"
            " RETURN a.id AS source, b.id AS target, type(r) AS type, count(r) AS relationships,"
            " min(r.first_at) AS first_at, max(r.last_at) AS last_at",
            {"ids": own, "all": ids, **scope(caller)},
        )
        edges += [_edge(row) for row in rows]
    return nodes, sorted(edges, key=lambda e: (e.source, e.target, e.type))


def _edge(row: dict[str, Json]) -> Edge:
    times = {
        name: shanghai(str(row[name])) for name in ("first_at", "last_at") if row[name] is not None
    }
    properties: dict[str, Json] = {"relationships": row["relationships"], **times}
    return Edge(str(row["source"]), str(row["target"]), str(row["type"]), properties)
