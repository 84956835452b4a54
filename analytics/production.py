"""``prod`` of DOMAIN D0: was the plant behind a monitoring point producing in an hour.

Power of the production meters (the total meter where there is none) above a share of the 30-day
median of its non-zero hours; without power the point's own flow in the same way. An hour without
either is missing from the table: unknown, never "stopped".
"""

from dataclasses import dataclass
from datetime import datetime

import duckdb

from analytics.quality import VALUES

PRODUCTION = "production_hour"
FLOW_FACTORS = ("w00000", "a00000")


@dataclass(frozen=True, slots=True)
class ProductionRules:
    """``share`` of the median above which an hour counts; ``median_days`` behind the median."""

    share: float = 0.3
    median_days: int = 30


# Meters of one owner are summed; several deliveries of one meter and hour count once.
POWER = """
CREATE OR REPLACE TEMP TABLE power_of_hour AS
WITH meter AS (
    SELECT DISTINCT ON (meter_id, seen_at) coalesce(owner_entity, uscc) AS owner, meter_id,
        date_trunc('hour', data_time) AS seen_at, "kind", energy_kwh, batch, row, part
    FROM power_hour_linked
    WHERE data_time >= $since - to_days($days) AND data_time < $until AND energy_kwh >= 0
        AND coalesce(owner_entity, uscc) IS NOT NULL
        AND coalesce("kind", '总电') IN ('产污设施', '总电')
    ORDER BY meter_id, seen_at, batch, row, part
), rank AS (
    SELECT owner, bool_or("kind" = '产污设施') AS has_own FROM meter GROUP BY owner
)
SELECT owner, seen_at, sum(energy_kwh) AS amount,
    first(struct_pack(batch := batch, row := row, part := part, key := meter_id)
        ORDER BY energy_kwh DESC, meter_id) AS source
FROM meter JOIN rank USING (owner)
WHERE NOT coalesce(has_own, false) OR "kind" = '产污设施'
GROUP BY owner, seen_at
"""
FLOW = f"""
CREATE OR REPLACE TEMP TABLE flow_of_hour AS
WITH packets AS (
    SELECT mn, date_trunc('hour', seen_at) AS seen_at, avg(value) AS amount,
        first(struct_pack(dataset := dataset, batch := batch, row := row, part := part,
            key := factor_code) ORDER BY seen_at) AS source
    FROM {VALUES} WHERE factor_code IN {FLOW_FACTORS} AND is_valid AND value >= 0
    GROUP BY mn, date_trunc('hour', seen_at)
), exports AS (
    SELECT mn, date_trunc('hour', data_time) AS seen_at, max(flow_m3) AS amount,
        first(struct_pack(dataset := 'obs_hour', batch := batch, row := row, part := part,
            key := factor_code) ORDER BY factor_code, batch, row, part) AS source
    FROM obs_hour WHERE flow_m3 >= 0 AND data_time < $until GROUP BY ALL
)
SELECT * FROM packets UNION ALL BY NAME SELECT * FROM exports ANTI JOIN packets USING (mn, seen_at)
"""
ON_BY_MEDIAN = """
SELECT {key}, seen_at, amount, source, coalesce(amount > $share * median(amount)
    FILTER (WHERE amount > 0) OVER (PARTITION BY {key} ORDER BY seen_at
        RANGE BETWEEN to_days($days) PRECEDING AND CURRENT ROW), false) AS is_on
FROM {table}
"""
FLOW_ON = f"""
CREATE OR REPLACE TEMP TABLE flow_on_hour AS {ON_BY_MEDIAN.format(key="mn", table="flow_of_hour")}
"""
JOINED = f"""
CREATE OR REPLACE TEMP TABLE {PRODUCTION} AS
WITH power AS ({ON_BY_MEDIAN.format(key="owner", table="power_of_hour")}),
point AS (
    SELECT DISTINCT ON (mn) mn, coalesce(owner_entity, uscc) AS owner FROM monitor_point_linked
    ORDER BY mn, batch, row, part
), by_power AS (SELECT mn, seen_at, is_on, 'power' AS basis FROM point JOIN power USING (owner))
SELECT * FROM by_power
UNION ALL
SELECT mn, seen_at, is_on, 'flow' FROM flow_on_hour ANTI JOIN by_power USING (mn, seen_at)
"""


def load_production(
    sql: duckdb.DuckDBPyConnection,
    since: datetime,
    until: datetime,
    rules: ProductionRules | None = None,
) -> str:
    """Fill the temporary table of producing hours and give its name.

    ``analytics.quality.load_values`` must have run for the same time.

    Returns
    -------
    str
        Table with mn, seen_at (start of the hour, UTC), is_on, basis ``power`` or ``flow``; beside
        it ``power_of_hour`` (owner, seen_at, amount in kWh, source) and ``flow_of_hour`` (mn,
        seen_at, amount, source) for comparison, and ``flow_on_hour`` (mn, seen_at, is_on): whether
        the outlet itself was discharging.
    """
    rules = rules or ProductionRules()
    sql.execute(POWER, {"since": since, "until": until, "days": rules.median_days})
    sql.execute(FLOW, {"until": until})
    sql.execute(FLOW_ON, {"share": rules.share, "days": rules.median_days})
    sql.execute(JOINED, {"share": rules.share, "days": rules.median_days})
    return PRODUCTION
