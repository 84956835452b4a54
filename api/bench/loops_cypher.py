"""Cypher as a peer: one pattern per number of edges, with the rules of the kernel.

The store must be empty: what is put there for the benchmark goes again, and nothing else may be
touched. A server works in its own process, so its seconds are of the clock, not of the processor.
"""

from itertools import pairwise
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.kernels.temporal_cycles import CycleRules
from analytics.kernels.temporal_rules import SLACK
from api.bench.loops_counts import set_counts, sorted_sets
from api.bench.loops_edges import Edges, load_edges
from graph.client import GraphStore, connect
from graph.settings import GraphSettings
from records.workspace import Workspace

BATCH = 5_000
TIMEOUT_S = 120.0
Ints = NDArray[np.int64]


def search_cypher(
    folder: Path, rules: CycleRules, settings: GraphSettings, workspace: Path
) -> dict[str, Any]:
    """Node sets and walks by length in a store of its own, loaded before the clock runs.

    Raises
    ------
    RuntimeError
        When the store is not empty.
    """
    edges = load_edges(folder)
    place = Workspace(workspace)
    place.create()
    with connect(settings, place) as store:
        if store.read("MATCH (n) RETURN n LIMIT 1"):
            raise RuntimeError("图数据库不是空的：基准只在空库上运行，请另起一个")
        try:
            load_parties(store, edges)
            started = monotonic()
            nodes, walks = walks_by_cypher(store, rules)
            seconds = monotonic() - started
        finally:
            store.write("MATCH (n:BenchParty) DETACH DELETE n")
    return {
        "edges": len(edges),
        "seconds": round(seconds, 4),
        **set_counts(nodes, walks, rules.hop_limit),
    }


def load_parties(store: GraphStore, edges: Edges) -> None:
    """Write the edges as relationships between nodes of the benchmark's own label."""
    store.write("CREATE INDEX bench_party IF NOT EXISTS FOR (n:BenchParty) ON (n.number)")
    numbers = np.unique(np.concatenate([edges.source, edges.target])).tolist()
    for begin in range(0, len(numbers), BATCH):
        store.write(
            "UNWIND $numbers AS number CREATE (:BenchParty {number: number})",
            {"numbers": numbers[begin : begin + BATCH]},
        )
    columns = (edges.source, edges.target, edges.time, edges.tonnes, edges.code)
    rows = [list(row) for row in zip(*(column.tolist() for column in columns), strict=True)]
    for begin in range(0, len(rows), BATCH):
        store.write(
            "UNWIND range(0, size($rows) - 1) AS i WITH $begin + i AS number, $rows[i] AS row "
            "MATCH (a:BenchParty {number: row[0]}) MATCH (b:BenchParty {number: row[1]}) "
            "CREATE (a)-[:BENCH_MOVED {number: number, time: row[2], tonnes: row[3],"
            " code: row[4]}]->(b)",
            {"rows": rows[begin : begin + BATCH], "begin": begin},
        )


def walks_by_cypher(store: GraphStore, rules: CycleRules) -> tuple[Ints, Ints]:
    """Node sets, shape (k, hop limit), and closed walks of each."""
    parameters = {
        "window": rules.window,
        "low": rules.flow_low * (1 - SLACK),
        "high": rules.flow_high * (1 + SLACK),
    }
    told, counts = [np.empty((0, rules.hop_limit), np.int64)], [np.empty(0, np.int64)]
    for hops in range(2, rules.hop_limit + 1):
        rows = store.read(statement(hops, rules), parameters, timeout_s=TIMEOUT_S)
        if rows:
            names = [f"n{i}" for i in range(hops)]
            nodes = np.array([[row[name] for name in names] for row in rows], np.int64)
            walks = np.array([row["walks"] for row in rows], np.int64)
            sets = sorted_sets(nodes, walks, rules.hop_limit)
            told.append(sets[0])
            counts.append(sets[1])
    return np.concatenate(told), np.concatenate(counts)


def statement(hops: int, rules: CycleRules) -> str:
    """The query for loops of ``hops`` edges: nodes in order of the walk, and how many walks."""
    nodes = [f"v{i}" for i in range(hops)]
    edges = [f"e{i}" for i in range(hops)]
    pattern = "".join(f"({nodes[i]})-[{edges[i]}:BENCH_MOVED]->" for i in range(hops))
    pattern = pattern.replace("(v0)", "(v0:BenchParty)", 1)
    wanted = [
        *(f"{a} <> {b}" for i, a in enumerate(nodes) for b in nodes[:i]),
        *(_follows(a, b, rules) for a, b in pairwise(edges)),
        *(f"{edge}.time <= e0.time + $window" for edge in edges[1:]),
    ]
    last = edges[-1]
    is_turned = " AND ".join(
        [
            f"{last}.time = e0.time",
            _keeps_flow(last, "e0"),
            f"({' OR '.join(f'{edge}.number < e0.number' for edge in edges[1:])})",
        ]
    )
    told = ", ".join(f"{node}.number AS n{i}" for i, node in enumerate(nodes))
    return (
        f"MATCH {pattern}(v0) WHERE {' AND '.join(wanted)} AND NOT ({is_turned})"
        f" RETURN {told}, count(*) AS walks"
    )


def _follows(before: str, after: str, rules: CycleRules) -> str:
    code = f" AND {after}.code = {before}.code" if rules.most_changes == 0 else ""
    return f"{after}.time >= {before}.time AND {_keeps_flow(before, after)}{code}"


def _keeps_flow(before: str, after: str) -> str:
    return f"{after}.tonnes >= $low * {before}.tonnes AND {after}.tonnes <= $high * {before}.tonnes"
