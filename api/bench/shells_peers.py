"""The peers on slices of the province, each beside ours with equal counts."""

from pathlib import Path
from typing import Any

from analytics.models.hw_10 import Params
from api.bench.shells_cypher import paths_by_cypher
from api.bench.shells_duckdb import paths_by_duckdb
from api.bench.shells_edges import flow_edges, flow_rules
from api.bench.shells_networkx import paths_by_networkx
from api.bench.shells_ours import SEED, paths_ours
from api.bench.shells_province import make_province
from graph.settings import GraphSettings


def duckdb_beside(edges: int, organizations: int, chains: int) -> dict[str, Any]:
    """DuckDB self-joins on a province of that size."""
    flows = flow_edges(make_province(edges, organizations, chains, SEED), Params().degree_cap)
    rules = flow_rules(Params())
    return _compared(paths_ours(flows, rules), paths_by_duckdb(flows, rules))


def networkx_beside(edges: int, organizations: int, chains: int) -> dict[str, Any]:
    """Simple paths of networkx with the rules as a filter."""
    flows = flow_edges(make_province(edges, organizations, chains, SEED), Params().degree_cap)
    rules = flow_rules(Params())
    return _compared(paths_ours(flows, rules), paths_by_networkx(flows, rules))


def cypher_beside(
    edges: int, organizations: int, chains: int, settings: GraphSettings, workspace: Path
) -> dict[str, Any]:
    """Cypher in the store of the settings: the embedded one, or the Neo4j that they name."""
    flows = flow_edges(make_province(edges, organizations, chains, SEED), Params().degree_cap)
    rules = flow_rules(Params())
    peer = paths_by_cypher(flows, rules, settings, workspace)
    return _compared(paths_ours(flows, rules), peer)


def _compared(ours: dict[str, Any], peer: dict[str, Any]) -> dict[str, Any]:
    return {
        "ours": ours,
        "peer": peer,
        "same_counts": all(ours[name] == peer[name] for name in ("paths", "node_sequences")),
        "same_nodes": ours["fingerprint"] == peer["fingerprint"],
        "times_faster": round(peer["seconds"] / max(ours["seconds"], 1e-4), 1),
    }
