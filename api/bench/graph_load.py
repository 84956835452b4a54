"""Graph load: our writer beside plain UNWIND MERGE through the official driver, same store."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import Any

from graph.client import GraphStore, connect
from graph.ontology import ensure_schema
from graph.settings import GraphSettings
from graph.writer import GraphWriter
from records.workspace import Workspace

NODES, EDGES, BATCH = 100_000, 200_000, 5_000
DESIGN_NODES_PER_S, DESIGN_EDGES_PER_S = 36_300, 12_600
ALLOWED_FACTOR = 1.5
Rows = list[dict[str, Any]]


def made_up_rows() -> tuple[Rows, Rows]:
    """Organisations, and manifest flows between them: each pair occurs once."""
    nodes: Rows = [
        {"id": f"org:{n:016x}", "name": f"江苏示例{n}环保有限公司", "level": "L1",
         "uscc": f"91320500{n:010d}"}
        for n in range(NODES)
    ]  # fmt: skip
    edges: Rows = [
        {"from_id": f"org:{n % NODES:016x}",
         "to_id": f"org:{(n * 7919 + 1 + n // NODES) % NODES:016x}",
         "month": "2026-10", "waste_code": "900-249-08", "waste_t": 1.5, "manifest_count": 1}
        for n in range(EDGES)
    ]  # fmt: skip
    return nodes, edges


def _plain(store: GraphStore, nodes: Rows, edges: Rows) -> tuple[float, float]:
    """Seconds for nodes and edges with hand-written statements, rows as maps."""
    started = monotonic()
    for batch in _batches(nodes):
        store.write(
            "UNWIND $rows AS row MERGE (n:Organization {id: row.id}) SET n.name = row.name,"
            " n.level = row.level, n.uscc = row.uscc",
            {"rows": batch},
        )
    middle = monotonic()
    for batch in _batches(edges):
        store.write(
            "UNWIND $rows AS row MATCH (a:Organization {id: row.from_id})"
            " MATCH (b:Organization {id: row.to_id}) MERGE (a)-[r:TRANSFERRED_TO"
            " {month: row.month, waste_code: row.waste_code}]->(b)"
            " SET r.waste_t = row.waste_t, r.manifest_count = row.manifest_count",
            {"rows": batch},
        )
    return middle - started, monotonic() - middle


def _ours(store: GraphStore, nodes: Rows, edges: Rows) -> tuple[float, float]:
    """Seconds for nodes and edges through the product's writer."""
    writer = GraphWriter(store)
    started = monotonic()
    writer.merge_nodes("Organization", nodes)
    middle = monotonic()
    writer.set_flows("TRANSFERRED_TO", "Organization", "Organization", edges)
    return middle - started, monotonic() - middle


def _batches(rows: Sequence[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    for begin in range(0, len(rows), BATCH):
        yield list(rows[begin : begin + BATCH])


@contextmanager
def _store(folder: Path) -> Iterator[GraphStore]:
    workspace = Workspace(folder)
    workspace.create()
    with connect(GraphSettings(), workspace) as store:
        ensure_schema(store)
        yield store


def _counts(store: GraphStore) -> dict[str, int]:
    rows = store.read(
        "MATCH (n:Organization) RETURN count(n) AS nodes,"
        " sum(COUNT { (n)-[:TRANSFERRED_TO]->(:Organization) }) AS edges",
        timeout_s=120,
    )
    return {"nodes": int(str(rows[0]["nodes"])), "edges": int(str(rows[0]["edges"]))}


def bench_graph(folder: Path) -> dict[str, Any]:
    """Both ways into a fresh embedded store each, counts read back from the store."""
    nodes, edges = made_up_rows()
    document: dict[str, Any] = {}
    for name, way in (("plain_driver", _plain), ("ours", _ours)):
        with _store(folder / f"graph-{name}") as store:
            node_s, edge_s = way(store, nodes, edges)
            document[name] = {
                "nodes_per_s": round(NODES / node_s),
                "edges_per_s": round(EDGES / edge_s),
                "counts": _counts(store),
            }
    plain, ours = document["plain_driver"], document["ours"]
    document["node_ratio"] = round(plain["nodes_per_s"] / ours["nodes_per_s"], 2)
    document["edge_ratio"] = round(plain["edges_per_s"] / ours["edges_per_s"], 2)
    document["design"] = {
        "nodes_per_s": DESIGN_NODES_PER_S,
        "edges_per_s": DESIGN_EDGES_PER_S,
        "source": "NEO4J.md, UNWIND MERGE on the embedded store",
    }
    document["same_work"] = plain["counts"] == ours["counts"]
    document["is_within_factor"] = (
        ours["nodes_per_s"] * ALLOWED_FACTOR >= DESIGN_NODES_PER_S
        and ours["edges_per_s"] * ALLOWED_FACTOR >= DESIGN_EDGES_PER_S
    )
    return document
