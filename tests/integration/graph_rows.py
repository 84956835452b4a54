"""Rows for tests of the graph, and what a store then holds."""

from graph.client import GraphStore

FIRM = "Organization"
DUMP = "MATCH (n) RETURN labels(n)[0] AS label, n AS node ORDER BY n.id"
DUMP_EDGES = (
    "MATCH (a)-[r]->(b) RETURN a.id AS a, type(r) AS type, b.id AS b, r AS edge"
    " ORDER BY a, type, b, toString(r.month), r.role"
)


def firms(count: int) -> list[dict[str, object]]:
    return [{"id": f"org:{i:016x}", "name": f"单位{i}", "level": "L1"} for i in range(count)]


def number(store: GraphStore, cypher: str) -> object:
    rows = store.read(cypher)
    return next(iter(rows[0].values()))


def dump(store: GraphStore) -> list[object]:
    return [*store.read(DUMP), *store.read(DUMP_EDGES)]
