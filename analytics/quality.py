"""Valid values of automatic monitoring (DOMAIN D0): flags, marks, outages, range, fill values.

One temporary table of values serves all series models. It holds one value per point, factor and
moment; minute data stand where there are any in that hour, hours stand in elsewhere.
"""

from dataclasses import dataclass
from datetime import datetime

import duckdb
import polars as pl

from records.contract import read_table

VALUES = "observed_value"

FACTORS = """
CREATE OR REPLACE TEMP TABLE observed_factor AS
SELECT code AS factor_code, any_value(name_zh) AS factor_zh, any_value(family) AS family,
    any_value(unit_conc_zh) AS unit_zh,
    bool_or(regexp_matches(unit_conc_zh, '克/')) AS is_concentration,
    any_value(CASE WHEN regexp_matches("format", '^N[0-9]+(\\.[0-9]+)?$')
        THEN pow(10, -coalesce(TRY_CAST(regexp_extract("format", '\\.([0-9]+)$', 1) AS INTEGER), 0))
        END) AS display_digit
FROM given_factor GROUP BY code
"""
# A mark without an end lasts until it is ended; a rejected mark marks nothing.
MARKS = """
CREATE OR REPLACE TEMP TABLE valid_mark AS
SELECT mn, factor_code, started_at, coalesce(ended_at, $until) AS ended_at
FROM obs_mark
WHERE mn IS NOT NULL AND started_at < $until
    AND NOT regexp_matches(coalesce(status, ''), '驳回|无效|撤销|不通过|未通过')
"""
# An outage notice names a city or district: 320500 covers 320505.
OUTAGES = """
CREATE OR REPLACE TEMP TABLE silent_point AS
SELECT p.mn, o.started_at, coalesce(o.ended_at, $until) AS ended_at
FROM platform_outage o JOIN monitor_point p
    ON o.division_code IS NULL OR starts_with(p.division_code, rtrim(o.division_code, '0'))
"""
ROWS = """
SELECT mn, factor_code, data_time AS seen_at, '{dataset}' AS dataset, batch, row, part,
    avg AS value, coalesce(least(min, avg), avg) AS low, coalesce(greatest(max, avg), avg) AS high,
    upper(trim(coalesce(flag_raw, ''))) IN ('N', '正常') AS is_normal,
    {condition} AS is_marked_row
FROM {dataset}
WHERE data_time >= $since AND data_time < $until AND mn IS NOT NULL AND factor_code IS NOT NULL
QUALIFY row_number() OVER (PARTITION BY mn, factor_code, data_time ORDER BY batch, row, part) = 1
"""
CONDITION = "coalesce(trim(condition_mark), '') NOT IN ('', '正常', 'N', '无')"
COLLECT = f"""
CREATE OR REPLACE TEMP TABLE {VALUES} AS
WITH minute AS ({ROWS.format(dataset="obs_minute", condition="false")}),
hour AS ({ROWS.format(dataset="obs_hour", condition=CONDITION)}),
covered AS (SELECT DISTINCT mn, factor_code, date_trunc('hour', seen_at) AS seen_at FROM minute),
step AS (
    SELECT mn, factor_code, mode(minutes ORDER BY minutes) AS minutes FROM (
        SELECT mn, factor_code, date_diff('minute', lag(seen_at) OVER w, seen_at) AS minutes
        FROM minute
        WINDOW w AS (PARTITION BY mn, factor_code ORDER BY seen_at))
    WHERE minutes BETWEEN 1 AND 30 GROUP BY mn, factor_code
),
both_kinds AS (
    SELECT minute.*, coalesce(step.minutes, 10) AS period_min
    FROM minute LEFT JOIN step USING (mn, factor_code)
    UNION ALL
    SELECT hour.*, 60 FROM hour ANTI JOIN covered USING (mn, factor_code, seen_at)
)
SELECT * EXCLUDE (is_normal, is_marked_row),
    coalesce(is_normal AND isfinite(value) AND abs(value - $fill) > 1e-6
        AND coalesce(value >= range_low - $slack * (range_high - range_low), true)
        AND coalesce(value <= range_high + $slack * (range_high - coalesce(range_low, 0)), true)
        AND NOT is_marked AND NOT is_silent, false) AS is_valid
FROM (
    SELECT v.*, f.* EXCLUDE (factor_code), m.range_low, m.range_high, m.lod, m.resolution,
        m.cycle_min,
        is_marked_row OR EXISTS (
            SELECT 1 FROM valid_mark k WHERE k.mn = v.mn AND v.seen_at >= k.started_at
                AND v.seen_at < k.ended_at
                AND coalesce(k.factor_code, v.factor_code) = v.factor_code
        ) AS is_marked,
        EXISTS (SELECT 1 FROM silent_point s
            WHERE s.mn = v.mn AND v.seen_at >= s.started_at AND v.seen_at < s.ended_at) AS is_silent
    FROM both_kinds v
    JOIN observed_factor f USING (factor_code)
    LEFT JOIN (SELECT DISTINCT ON (mn, factor_code) * FROM monitor_factor
        ORDER BY mn, factor_code, batch, row, part) m USING (mn, factor_code)
)
"""


@dataclass(frozen=True, slots=True)
class ValueRules:
    """``fill``: value that a logger sends for none; ``slack``: share of the range beyond it."""

    fill: float = 9999.99
    slack: float = 0.0


def flagged(alias: str, column: str, code: str) -> str:
    """SQL condition: the row ``alias`` carries the intake flag ``code`` on ``column``."""
    return (
        f"len(list_filter(coalesce({alias}.flags, []), "
        f"lambda f: f.\"column\" = '{column}' AND f.code = '{code}')) > 0"
    )


def load_values(
    sql: duckdb.DuckDBPyConnection,
    since: datetime,
    until: datetime,
    rules: ValueRules | None = None,
) -> str:
    """Fill the temporary table of observed values and give its name.

    Parameters
    ----------
    since, until
        UTC without zone; values at or after ``until`` do not count.

    Returns
    -------
    str
        Table with mn, factor_code, seen_at (start of the period), dataset, batch, row, part, value,
        low, high (extremes of the period, the value itself where not delivered), period_min,
        factor_zh, family, unit_zh, is_concentration, display_digit, range_low, range_high, lod,
        resolution, cycle_min, is_marked, is_silent (platform outage), is_valid.
    """
    rules = rules or ValueRules()
    factors = [row for row in read_table("hj212_factors.csv") if row["code"]]
    sql.register("given_factor", pl.DataFrame(factors).to_arrow())
    sql.execute(FACTORS)
    sql.unregister("given_factor")
    sql.execute(MARKS, {"until": until})
    sql.execute(OUTAGES, {"until": until})
    sql.execute(COLLECT, {"since": since, "until": until, "fill": rules.fill, "slack": rules.slack})
    return VALUES
