"""Papers of one transfer find each other: the table of papers through the kernel and back.

Only pairs of firms that left more than one kind of paper are looked at, as narrow arrays; most
invoices are of pairs without a manifest.
"""

import duckdb
import numpy as np
import polars as pl

from analytics.kernels.paper_matching import Papers, Reach, match_papers

DAY_S = 86_400
JOINED_PAPERS = "transfer_place"

PAPERS = """
WITH pair AS (
    SELECT source, target FROM transfer_source GROUP BY ALL HAVING min(kind) < max(kind)
)
SELECT id, (CAST(source AS BIGINT) << 32) | target AS pair,
    CASE WHEN by_day THEN (epoch_us(moved_at) // 1000000 + 28800) // 86400 * 86400 - 28800
        ELSE epoch_us(moved_at) // 1000000 END AS first,
    CASE WHEN by_day THEN first + 86400 ELSE first END AS last, coalesce(tonnes, 'nan') AS tonnes,
    kind, CAST(coalesce(truck, 0) AS BIGINT) AS truck, is_goods
FROM transfer_source SEMI JOIN pair USING (source, target) ORDER BY pair, first, id
"""


def join_papers(sql: duckdb.DuckDBPyConnection, merge_days: int, weight_tolerance: float) -> str:
    """Fill the table of papers (``id``) and the paper whose transfer they are of (``host``).

    Parameters
    ----------
    merge_days
        Days between two papers of one transfer at most.
    weight_tolerance
        Share by which quantities of one load may differ.

    Returns
    -------
    str
        Name of the table; a host is in no line as ``id``.
    """
    found = sql.execute(PAPERS).fetchnumpy()
    ids = np.asarray(found["id"], np.int64)
    papers = Papers(
        pair=np.asarray(found["pair"], np.int64),
        first=np.asarray(found["first"], np.int64),
        last=np.asarray(found["last"], np.int64),
        tonnes=np.asarray(found["tonnes"], np.float64),
        kind=np.asarray(found["kind"], np.int8),
        truck=np.asarray(found["truck"], np.int64),
        is_goods=np.asarray(found["is_goods"], np.bool_),
    )
    host = match_papers(papers, Reach(merge_days * DAY_S, weight_tolerance))
    joined = host >= 0
    places = pl.DataFrame({"id": ids[joined], "host": ids[host[joined]]})
    sql.register("joined_given", places.to_arrow())
    sql.execute(f"CREATE OR REPLACE TEMP TABLE {JOINED_PAPERS} AS FROM joined_given")
    sql.unregister("joined_given")
    return JOINED_PAPERS
