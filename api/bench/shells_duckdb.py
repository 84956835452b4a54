"""Self-joins in DuckDB as a peer: the same path definition, sums as correlated subqueries."""

from time import process_time
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from analytics.kernels.flow_edges import FlowEdges, FlowRules
from analytics.kernels.flow_search import SLACK
from analytics.kernels.flow_sums import grams_of
from api.bench.shells_counts import Nodes, node_counts

SUM = "(SELECT CASE WHEN min(s.grams) > 0 THEN sum(s.grams)::DOUBLE END FROM lot s WHERE {})"
AFTER = "s.day BETWEEN e.day AND e.day + $window"
BEFORE = "s.day BETWEEN f.day - $window AND f.day"
STEPS = """
CREATE TEMP TABLE step AS
WITH pair AS (
    SELECT e.number AS e, f.number AS f, e.grams AS e_grams, f.grams AS f_grams,
        {sent} AS sent,
        {given} AS given,
        {taken} AS taken,
        {own} AS own
    FROM lot e JOIN party p ON p.number = e.target AND p.passes JOIN lot f
        ON f.source = e.target AND f.day BETWEEN e.day AND e.day + $window AND f.follows
        AND f.target <> e.source AND (NOT f.strict OR (f.goods >= 0 AND f.goods = e.goods))
    WHERE e.opens OR e.follows
)
SELECT e, f FROM pair WHERE NOT coalesce(e_grams > 0 AND sent < $low * e_grams, false)
    AND NOT coalesce(f_grams > 0 AND f_grams > $high * taken, false)
    AND NOT (coalesce(own < $thin * taken, false) AND coalesce(sent < $thin * given, false))
"""
SUMS = {
    "sent": SUM.format(f"s.source = e.target AND s.target = f.target AND {AFTER}"),
    "given": SUM.format(f"s.source = e.target AND {AFTER}"),
    "taken": SUM.format(f"s.target = e.target AND {BEFORE}"),
    "own": SUM.format(f"s.source = e.source AND s.target = e.target AND {BEFORE}"),
}
COUNTED = "SELECT {names}, count(*) FROM {table} GROUP BY {names}"
LONGER = """
CREATE TEMP TABLE {longer} AS SELECT {names}, b.target AS {last}, p.day, b.number AS last
FROM {table} p JOIN step s ON s.e = p.last JOIN lot b ON b.number = s.f
WHERE b.day <= p.day + $window AND b.target NOT IN ({names})
"""
FIRST = """
CREATE TEMP TABLE path2 AS SELECT a.source AS n0, a.target AS n1, b.target AS n2, a.day AS day,
    b.number AS last FROM step s JOIN lot a ON a.number = s.e AND a.opens
    JOIN lot b ON b.number = s.f
"""


def paths_by_duckdb(edges: FlowEdges, rules: FlowRules) -> dict[str, Any]:
    """Counts, and the processor's seconds of the joins (all its threads together)."""
    lots = pa.table(
        {
            "number": np.arange(edges.source.size),
            "source": edges.source,
            "target": edges.target,
            "day": edges.day,
            "grams": grams_of(edges.tonnes),
            "goods": edges.goods,
            "opens": edges.opens,
            "follows": edges.follows,
            "strict": edges.strict,
        }
    )
    parties = pa.table({"number": np.arange(edges.passes.size), "passes": edges.passes})
    values = {
        "window": rules.window,
        "low": rules.low * (1 - SLACK),
        "high": rules.high * (1 + SLACK),
        "thin": rules.concentration * (1 - SLACK),
    }
    found: dict[Nodes, int] = {}
    with duckdb.connect() as sql:
        # The document goes to the same stream.
        sql.execute("SET enable_progress_bar = false")
        sql.register("lot_given", lots)
        sql.register("party", parties)
        sql.execute("CREATE TABLE lot AS FROM lot_given WHERE source <> target")
        started = process_time()
        sql.execute(STEPS.format(**SUMS), values)
        sql.execute(FIRST)
        for hops in range(2, rules.hop_limit + 1):
            if hops > 2:
                sql.execute(_longer(hops), {"window": rules.window})
            names = ", ".join(f"n{i}" for i in range(hops + 1))
            counted = sql.execute(COUNTED.format(names=names, table=f"path{hops}"))
            found |= {row[:-1]: int(row[-1]) for row in counted.fetchall()}
        seconds = process_time() - started
    return {"seconds": round(seconds, 4), **node_counts(found)}


def _longer(hops: int) -> str:
    """Paths of one edge more than the table before."""
    names = ", ".join(f"p.n{i}" for i in range(hops))
    return LONGER.format(
        names=names, last=f"n{hops}", table=f"path{hops - 1}", longer=f"path{hops}"
    )
