"""Others on the same incidence: DuckDB and Cypher for pairs, networkx for components and groups.

Pairs have one definition, so that counts, fingerprints and weights must agree. networkx has no
Leiden: its Louvain method looks for the same thing, high modularity, by another way, so that only
the modularity reached is compared.
"""

from pathlib import Path
from time import monotonic, process_time
from typing import Any

import duckdb
import networkx as nx
import numpy as np
import polars as pl

from analytics.kernels.communities import ALONE, communities, components
from analytics.kernels.rings import Floats, Ints, Sharing, share
from api.bench.apart import peak_mib
from api.bench.rings_data import Holdings, Province, make_holdings
from api.bench.rings_ours import TINY, modularity, pairs_digest, rules, search_all
from graph.client import GraphStore, Row, connect
from graph.ontology import ensure_schema
from graph.settings import GraphSettings
from graph.writer import GraphWriter
from records.workspace import Workspace

# Weights are sums of a few logarithms: engines may differ in the last digits.
SLACK = 1e-9
TIMEOUT_S = 120
PAIRS = """
WITH held AS (SELECT DISTINCT identifier, organization FROM holding),
rare AS (
    SELECT identifier, ln($population / count(*)) AS weight FROM held GROUP BY identifier
    HAVING count(*) BETWEEN 2 AND $cap AND count(*) < $population
)
SELECT a.organization AS first, b.organization AS second, sum(weight) AS weight
FROM held a JOIN rare USING (identifier) JOIN held b USING (identifier)
WHERE a.organization < b.organization GROUP BY ALL ORDER BY ALL
"""
# The degree is counted over all holders, the pair kept once; ids sort as the numbers do.
CYPHER = """
MATCH (p:Phone)<-[:HAS_PHONE]-(o:Organization)
WITH p, count(DISTINCT o) AS degree
WHERE degree >= 2 AND degree <= $cap AND degree < $population
MATCH (a:Organization)-[:HAS_PHONE]->(p)<-[:HAS_PHONE]-(b:Organization)
WHERE a.id < b.id
WITH a, b, p, degree
RETURN a.id AS first, b.id AS second, sum(log($population / toFloat(degree))) AS weight
ORDER BY first, second
"""


def pairs_by_duckdb(province: Province) -> dict[str, Any]:
    """Pairs and weights by one self-join, held against ours."""
    holdings = make_holdings(province)
    with duckdb.connect() as sql:
        sql.execute("SET threads = 1")
        # Its bar would stand in the document that is printed.
        sql.execute("SET enable_progress_bar = false")
        frame = pl.DataFrame(
            {"organization": holdings.organization, "identifier": holdings.identifier}
        )
        sql.register("holding", frame.to_arrow())
        started = process_time()
        found = sql.execute(
            PAIRS, {"population": holdings.organizations, "cap": rules().degree_cap}
        ).fetchnumpy()
        seconds = process_time() - started
    first, second = (np.asarray(found[side], dtype=np.int64) for side in ("first", "second"))
    agreed = _against_ours(holdings, first, second, np.asarray(found["weight"], dtype=np.float64))
    return {"seconds": round(seconds, 3), **agreed, "peak_mib": peak_mib()}


def _ours(holdings: Holdings) -> tuple[Sharing, float]:
    started = process_time()
    sharing = share(holdings.organizations, holdings.shared(), rules().degree_cap)
    sharing.weights()
    return sharing, process_time() - started


def _against_ours(holdings: Holdings, first: Ints, second: Ints, weight: Floats) -> dict[str, Any]:
    ours, seconds = _ours(holdings)
    is_same = bool(np.array_equal(first, ours.first) and np.array_equal(second, ours.second))
    furthest = float(np.abs(weight - ours.weights()).max(initial=0.0)) if is_same else None
    return {
        "ours_s": round(seconds, 3),
        "pairs": int(first.size),
        "pairs_ours": int(ours.first.size),
        "pairs_digest": pairs_digest(first, second),
        "same_pairs": is_same,
        "largest_weight_difference": furthest,
        "same_weights": furthest is not None and furthest <= SLACK,
    }


def groups_by_networkx(province: Province) -> dict[str, Any]:
    """Components, and groups by Louvain, of the same weighted graph."""
    # What ours needs is loaded before the clock starts, as networkx is.
    search_all(TINY)
    holdings, own = make_holdings(province), rules()
    sharing, _ = _ours(holdings)
    weight = sharing.weights()
    ends = sharing.first, sharing.second
    started = process_time()
    label = communities(
        holdings.organizations, *ends, weight, resolution=own.resolution, seed=own.seed
    )
    ours_s = process_time() - started
    root = components(holdings.organizations, *ends)
    started = process_time()
    graph: nx.Graph[int] = nx.Graph()
    graph.add_weighted_edges_from(
        zip(*(values.tolist() for values in (*ends, weight)), strict=True)
    )
    joined = nx.number_connected_components(graph)
    found = nx.community.louvain_communities(graph, resolution=own.resolution, seed=own.seed)
    seconds = process_time() - started
    theirs = np.full(holdings.organizations, ALONE, dtype=np.int64)
    for number, group in enumerate(found):
        theirs[list(group)] = number
    return {
        "seconds": round(seconds, 3),
        "ours_s": round(ours_s, 3),
        "nodes": graph.number_of_nodes(),
        "nodes_ours": int((label != ALONE).sum()),
        "components": joined,
        "components_ours": int(np.unique(root[label != ALONE]).size),
        "groups": len(found),
        "groups_ours": int(label.max()) + 1,
        "modularity": round(modularity(theirs, *ends, weight), 6),
        "modularity_ours": round(modularity(label, *ends, weight), 6),
        "peak_mib": peak_mib(),
    }


def pairs_by_cypher(province: Province, folder: Path, settings: GraphSettings) -> dict[str, Any]:
    """Pairs and weights by Cypher, held against ours.

    A server works in its own process, so its seconds are of the clock.

    Parameters
    ----------
    folder
        Where the embedded store lies when ``settings`` name no server.

    Raises
    ------
    RuntimeError
        When the server named holds data: a benchmark writes into an empty store only.
    """
    holdings = make_holdings(province)
    workspace = Workspace(folder)
    workspace.create()
    with connect(settings, workspace) as store:
        _refuse_full(store)
        try:
            _fill(store, holdings)
            # No identifier has so few holders: the statement is planned, nothing is found.
            _pairs(store, holdings, 1)
            started = monotonic()
            rows = _pairs(store, holdings, rules().degree_cap)
            seconds = monotonic() - started
        finally:
            store.write("MATCH (n) DETACH DELETE n")
        kind = store.kind
    first, second = (
        np.array([int(str(row[side]).partition(":")[2]) for row in rows], dtype=np.int64)
        for side in ("first", "second")
    )
    weight = np.array([float(str(row["weight"])) for row in rows])
    agreed = _against_ours(holdings, first, second, weight)
    return {"store": kind, "seconds": round(seconds, 3), **agreed}


def _pairs(store: GraphStore, holdings: Holdings, cap: int) -> list[Row]:
    values = {"population": holdings.organizations, "cap": cap}
    return store.read(CYPHER, values, timeout_s=TIMEOUT_S)


def _refuse_full(store: GraphStore) -> None:
    if store.read("MATCH (n) RETURN count(n) AS nodes", timeout_s=TIMEOUT_S)[0]["nodes"]:
        raise RuntimeError("图谱不是空的；基准测试只写入空的图谱，请换一个数据库")


def _fill(store: GraphStore, holdings: Holdings) -> None:
    ensure_schema(store)
    writer = GraphWriter(store)
    organizations = np.unique(holdings.organization).tolist()
    writer.merge_nodes("Organization", [{"id": _org(n), "level": "L1"} for n in organizations])
    phones = np.unique(holdings.identifier).tolist()
    writer.merge_nodes("Phone", [{"id": f"phone:{n}", "level": "L4"} for n in phones])
    writer.merge_relationships(
        "HAS_PHONE", "Organization", "Phone",
        [
            {"from_id": _org(a), "to_id": f"phone:{b}"}
            for a, b in zip(
                holdings.organization.tolist(), holdings.identifier.tolist(), strict=True
            )
        ],
    )  # fmt: skip


def _org(number: int) -> str:
    return f"org:{number:016d}"
