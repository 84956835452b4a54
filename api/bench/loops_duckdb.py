"""DuckDB as a peer: one self-join per number of edges, with the rules of the kernel."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import process_time
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from analytics.kernels.temporal_cycles import CycleRules
from analytics.kernels.temporal_rules import SLACK, UNBOUNDED
from api.bench.loops_counts import by_length, set_counts, sorted_sets
from api.bench.loops_edges import Edges, load_edges

MEMORY = "3GB"


def search_duckdb(folder: Path, rules: CycleRules) -> dict[str, Any]:
    """Node sets and walks by length; ``ended`` says when memory was not enough."""
    edges = load_edges(folder)
    nodes, walks = [], []
    started = process_time()
    with _loaded(edges) as connection:
        for hops in range(2, rules.hop_limit + 1):
            names = [f"n{i}" for i in range(1, hops + 1)]
            columns = [f"e{i}.source AS n{i}" for i in range(1, hops + 1)]
            query = f"{statement(hops, rules, [*columns, 'count(*) AS walks'])} GROUP BY ALL"
            try:
                found = connection.execute(query, _parameters(rules)).fetchnumpy()
            except duckdb.OutOfMemoryException:
                return {"edges": len(edges), "ended": "memory", "at_edges_per_loop": hops}
            told = np.stack([np.asarray(found[name], np.int64) for name in names], axis=1)
            counts = np.asarray(found["walks"], np.int64)
            sets = sorted_sets(told, counts, rules.hop_limit)
            nodes.append(sets[0])
            walks.append(sets[1])
    return {
        "edges": len(edges),
        "seconds": round(process_time() - started, 4),
        **set_counts(np.concatenate(nodes), np.concatenate(walks), rules.hop_limit),
    }


def count_duckdb(folder: Path, window: int, hop_limit: int) -> dict[str, Any]:
    """Temporal cycles by length, without rules of flow and code; equal times allowed."""
    edges = load_edges(folder)
    rules = CycleRules(window, hop_limit, 0.0, UNBOUNDED)
    counts = np.zeros(hop_limit + 1, np.int64)
    started = process_time()
    with _loaded(edges) as connection:
        for hops in range(2, hop_limit + 1):
            query = statement(hops, rules, ["count(*)"])
            try:
                row = connection.execute(query, _parameters(rules)).fetchall()[0]
            except duckdb.OutOfMemoryException:
                return {"edges": len(edges), "ended": "memory", "at_edges_per_loop": hops}
            counts[hops] = row[0]
    seconds = process_time() - started
    return {"edges": len(edges), "seconds": round(seconds, 4), "walks": by_length(counts)}


@contextmanager
def _loaded(edges: Edges) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database of one thread with the table ``edge``."""
    table = pa.table(
        {
            "number": np.arange(len(edges)),
            "source": edges.source,
            "target": edges.target,
            "time": edges.time.astype(np.int64),
            "tonnes": edges.tonnes.astype(np.float64),
            "code": edges.code,
        }
    )
    with duckdb.connect(config={"threads": 1, "memory_limit": MEMORY}) as connection:
        # It would be drawn on standard output, where the document goes.
        connection.execute("SET enable_progress_bar = false")
        connection.register("given", table)
        connection.execute("CREATE TABLE edge AS SELECT * FROM given")
        yield connection


def _parameters(rules: CycleRules) -> dict[str, float]:
    bounds = {"low": rules.flow_low * (1 - SLACK), "high": rules.flow_high * (1 + SLACK)}
    return {"window": rules.window} | (bounds if rules.has_flow else {})


def statement(hops: int, rules: CycleRules, columns: Sequence[str]) -> str:
    """The query for closed walks of ``hops`` edges; the i-th edge on the way is ``e{i}``."""
    names = [f"e{i}" for i in range(1, hops + 1)]
    first, last = names[0], names[-1]
    joins = [f"edge {first}"]
    for i in range(1, hops):
        before, after = names[i - 1], names[i]
        wanted = [
            f"{after}.source = {before}.target",
            f"{after}.time BETWEEN {before}.time AND {first}.time + $window",
        ]
        if rules.has_flow:
            wanted.append(keeps_flow(before, after))
        if rules.most_changes == 0:
            wanted.append(f"{after}.code = {before}.code")
        if after == last:
            wanted.append(f"{after}.target = {first}.source")
        else:
            wanted += [f"{after}.target <> {other}.source" for other in names[: i + 1]]
        joins.append(f"JOIN edge {after} ON {' AND '.join(wanted)}")
    turned = [
        f"{first}.time = {last}.time",
        f"{first}.number <> least({', '.join(f'{name}.number' for name in names)})",
    ]
    if rules.has_flow:
        turned.append(keeps_flow(last, first))
    # Names of tables and columns only; every value is a parameter.
    return (
        f"SELECT {', '.join(columns)} FROM {' '.join(joins)} "  # noqa: S608 - numbered columns, no input
        f"WHERE {first}.source <> {first}.target AND NOT ({' AND '.join(turned)})"
    )


def keeps_flow(before: str, after: str) -> str:
    """Condition that the quantity handed on keeps the ratio."""
    return f"{after}.tonnes BETWEEN $low * {before}.tonnes AND $high * {before}.tonnes"
