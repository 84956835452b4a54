"""Stretches of monitoring data that stand on points of different bodies of a ring.

Minutes and hours are both compared, each with its like: a point that delivers hours only has its
replay found in hours (RULINGS 25).
"""

from datetime import timedelta

import duckdb
import numpy as np

from analytics.kernels.fragments import equal_fragments
from analytics.likeness_rows import Likeness, LikenessRules
from graph.types import Evidence

VALUE_STEP = 1e-4
SERIES = """
CREATE OR REPLACE TEMP TABLE ring_series AS
WITH wanted AS (
    SELECT mn, day, body, ring FROM point_body JOIN ring_given USING (body)
), value AS (
    SELECT w.ring, w.body, o.mn, o.factor_code, o.data_time, o.avg AS value,
        'obs_hour' AS dataset, o.batch, o.row, o.part
    FROM obs_hour o JOIN wanted w ON w.mn = o.mn
        AND w.day = CAST(o.data_time + to_hours(8) AS DATE)
    WHERE o.data_time >= $since AND o.data_time < $until
    UNION ALL
    SELECT w.ring, w.body, o.mn, o.factor_code, o.data_time, o.avg, 'obs_minute', o.batch, o.row,
        o.part
    FROM obs_minute o JOIN wanted w ON w.mn = o.mn
        AND w.day = CAST(o.data_time + to_hours(8) AS DATE)
    WHERE o.data_time >= $since AND o.data_time < $until
)
SELECT *, row_number() OVER (ORDER BY ring, dataset, factor_code, mn, body, data_time, batch, row,
        part) - 1 AS place,
    dense_rank() OVER (ORDER BY ring, dataset, factor_code, mn, body) AS series,
    CAST(round(value / $step) AS BIGINT) AS code
FROM value WHERE value IS NOT NULL AND isfinite(value) AND abs(value) < 1e9
"""
CODES = "SELECT series, code FROM ring_series WHERE ring = $ring ORDER BY place"
FIRST = "SELECT min(place) FROM ring_series WHERE ring = $ring"
ROWS = """
SELECT place, body, mn, factor_code, dataset, batch, row, part FROM ring_series
WHERE place IN (SELECT unnest($places))
"""


def series_likenesses(sql: duckdb.DuckDBPyConnection, rules: LikenessRules) -> list[Likeness]:
    """Equal stretches of points of different bodies, from ``point_body`` and ``ring_given``."""
    since = rules.until - timedelta(days=rules.fragment_days)
    sql.execute(SERIES, {"since": since, "until": rules.until, "step": VALUE_STEP})
    rings = sql.execute("SELECT DISTINCT ring FROM ring_series ORDER BY ring").fetchall()
    found = [one for (ring,) in rings for one in _of_ring(sql, int(ring), rules)]
    sql.execute("DROP TABLE ring_series")
    return found


def _of_ring(sql: duckdb.DuckDBPyConnection, ring: int, rules: LikenessRules) -> list[Likeness]:
    codes = sql.execute(CODES, {"ring": ring}).fetchnumpy()
    equal = equal_fragments(
        np.asarray(codes["series"], dtype=np.int64),
        np.asarray(codes["code"], dtype=np.int64),
        length=rules.fragment,
        distinct=rules.distinct,
        margin_bits=rules.margin_bits,
    )
    offset = int(sql.execute(FIRST, {"ring": ring}).fetchall()[0][0])
    first, second = (equal.first + offset).tolist(), (equal.second + offset).tolist()
    rows = sql.execute(ROWS, {"places": sorted({*first, *second})}).fetchall()
    about = {int(place): tuple(rest) for place, *rest in rows}
    grouped: dict[tuple[str, str], list[Evidence]] = {}
    for a, b in zip(first, second, strict=True):
        ends = sorted((about[a], about[b]), key=lambda end: str(end[0]))
        bodies = (str(ends[0][0]), str(ends[1][0]))
        # A point that changed hands shows its own values to both.
        if bodies[0] == bodies[1] or ends[0][1] == ends[1][1]:
            continue
        grouped.setdefault(bodies, []).extend(
            Evidence(str(dataset), str(batch), int(row), int(part), f"{mn} {factor}",
                     "likeness fragment")
            for _, mn, factor, dataset, batch, row, part in ends
        )  # fmt: skip
    return [
        Likeness(one, other, "fragment", len(many) // 2,
                 tuple(dict.fromkeys(many[: 2 * rules.rows_shown])))
        for (one, other), many in sorted(grouped.items())
    ]  # fmt: skip
