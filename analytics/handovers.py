"""What a firm could have done with the waste between taking it in and handing it on.

For hand-overs (a firm takes a lot in and sends it on) the licence of the day, the power drawn
meanwhile and the VAT refunds claimed (``analytics/refund_claims.py``) are read for all at once.
Energy is summed as decimals, so that the order of the rows does not reach the last digit.
"""

from dataclasses import dataclass

import duckdb
import polars as pl

from analytics.licence_cover import firms_of_known_licence
from analytics.refund_claims import RefundClaims, refund_claims

HANDOVER_COLUMNS: dict[str, pl.DataType] = {
    "handover": pl.Int64(),
    "organization": pl.String(),
    "received_at": pl.Datetime("us"),
    "sent_at": pl.Datetime("us"),
    "code": pl.String(),
    "tonnes": pl.Float64(),
}


@dataclass(frozen=True, slots=True)
class HandoverFacts:
    """Facts per hand-over, keyed by ``handover``; rows carry dataset, batch, row, part, key.

    ``licences``: ``treats`` (R or D method for the code), ``recycles`` (R), ``collects``: each
    true or false. A hand-over without a licence of that day for the code is missing; whether that
    means something, ``known_firms`` tells: those whose licences the lake would hold.
    ``power``: ``ratio`` of the power while the lot was there to the normal, ``n`` days or months
    behind the normal, ``basis`` power_hour or grid_power_month.
    ``has_licence_data`` tells whether the lake holds any licence.
    """

    licences: pl.DataFrame
    power: pl.DataFrame
    refunds: RefundClaims
    known_firms: frozenset[str]
    has_licence_data: bool


LICENCES = """
SELECT h.handover, l.licence_no AS key, 'hw_licence' AS dataset, l.batch, l.row, l.part,
    coalesce(bool_or(i.licence_no IS NULL OR regexp_matches(coalesce(i.method, l.mode, ''),
        '[RrDd][0-9]|利用|处置')), false) AS treats,
    coalesce(bool_or(i.licence_no IS NULL OR regexp_matches(coalesce(i.method, l.mode, ''),
        '[Rr][0-9]|利用')), false) AS recycles,
    coalesce(bool_or(l."kind" IN ('收集', '收集试点')
        OR regexp_matches(coalesce(l.mode, ''), '收集|贮存')
        OR regexp_matches(coalesce(i.method, ''), '[Cc][0-9]')), false) AS collects
FROM handover_given h JOIN hw_licence_linked l ON l.holder_entity = h.organization
LEFT JOIN hw_licence_item i ON i.licence_no = l.licence_no
WHERE (l.valid_from IS NULL OR l.valid_from <= h.received_at + to_hours(8))
    AND CAST(h.received_at + to_hours(8) AS DATE) <= l.valid_to
    AND coalesce(l.status, '有效') IN ('有效', '过期')
    AND (i.licence_no IS NULL OR (
        (i.valid_from IS NULL OR l.valid_from IS NULL OR i.valid_from = l.valid_from)
        AND i.category = 'HW' || right(h.code, 2)
        AND (coalesce(i.waste_code, '') IN ('', '全部') OR i.waste_code = h.code)))
GROUP BY ALL ORDER BY ALL
"""
POWER_HOUR = """
WITH mine AS (
    SELECT DISTINCT batch, row, part, entity_id AS organization FROM member
    WHERE dataset = 'power_hour' AND kind = 'organization'
        AND entity_id IN (SELECT organization FROM handover_given)
), hours AS (
    SELECT m.organization, p.* FROM mine m JOIN power_hour p USING (batch, row, part)
    WHERE p.energy_kwh >= 0
), total AS (
    SELECT organization, bool_or("kind" = '总电') AS has_total FROM hours GROUP BY organization
), daily AS (
    SELECT organization, CAST(data_time + to_hours(8) AS DATE) AS on_day,
        sum(TRY_CAST(energy_kwh AS DECIMAL(18, 6))) AS kwh,
        min(struct_pack(batch, row, part, key := meter_id)) AS source
    FROM hours JOIN total USING (organization)
    WHERE NOT has_total OR "kind" = '总电' GROUP BY organization, on_day
)
SELECT h.handover, 'power_hour' AS basis,
    round(avg(kwh) FILTER (WHERE on_day BETWEEN first_day AND last_day)
        / nullif(median(CAST(kwh AS DOUBLE))
            FILTER (WHERE on_day < first_day AND on_day >= first_day - 90), 0), 9) AS ratio,
    count(*) FILTER (WHERE on_day < first_day AND on_day >= first_day - 90) AS n,
    'power_hour' AS dataset,
    unnest(arg_min(source, on_day) FILTER (WHERE on_day BETWEEN first_day AND last_day))
FROM (SELECT *, CAST(received_at + to_hours(8) AS DATE) AS first_day,
        CAST(sent_at + to_hours(8) AS DATE) AS last_day FROM handover_given) h
JOIN daily d USING (organization)
GROUP BY h.handover HAVING ratio IS NOT NULL AND n >= $days ORDER BY h.handover
"""
POWER_MONTH = """
WITH monthly AS (
    SELECT customer_entity AS organization, month,
        sum(TRY_CAST(energy_kwh AS DECIMAL(18, 6))) AS kwh,
        min(struct_pack(batch, row, part, key := account_no)) AS source
    FROM grid_power_month_linked WHERE customer_entity IN (SELECT organization FROM handover_given)
    GROUP BY customer_entity, month
)
SELECT h.handover, 'grid_power_month' AS basis,
    round(avg(kwh) FILTER (WHERE month BETWEEN first_month AND last_month)
        / nullif(median(CAST(kwh AS DOUBLE))
            FILTER (WHERE month < first_month AND month >= year_before), 0), 9) AS ratio,
    count(*) FILTER (WHERE month < first_month AND month >= year_before) AS n,
    'grid_power_month' AS dataset,
    unnest(arg_min(source, month) FILTER (WHERE month BETWEEN first_month AND last_month))
FROM (SELECT *, strftime(received_at + to_hours(8), '%Y-%m') AS first_month,
        strftime(sent_at + to_hours(8), '%Y-%m') AS last_month,
        strftime(received_at + to_hours(8) - to_months(12), '%Y-%m') AS year_before
    FROM handover_given) h
JOIN monthly USING (organization)
GROUP BY h.handover HAVING ratio IS NOT NULL AND n >= $months ORDER BY h.handover
"""


def handover_facts(
    sql: duckdb.DuckDBPyConnection,
    handovers: pl.DataFrame,
    *,
    normal_days: int,
    normal_months: int,
    refund_share: float,
) -> HandoverFacts:
    """Licence, power and refunds of hand-overs, while ``transfer_tables`` is open.

    Parameters
    ----------
    handovers
        Columns HANDOVER_COLUMNS; ``code`` of the lot taken in.
    normal_days, normal_months
        Days or months that the normal power must rest on.
    refund_share
        Share (0 to 1) of the lot that must be in the claimed input.
    """
    given = handovers.select(pl.col(name).cast(kind) for name, kind in HANDOVER_COLUMNS.items())
    sql.register("handover_given", given.to_arrow())
    licences = sql.sql(LICENCES).pl()
    hourly = sql.sql(POWER_HOUR, params={"days": normal_days}).pl()
    monthly = sql.sql(POWER_MONTH, params={"months": normal_months}).pl()
    refunds = refund_claims(sql, refund_share)
    known = firms_of_known_licence(sql)
    sql.unregister("handover_given")
    monthly = monthly.filter(~pl.col("handover").is_in(hourly["handover"].to_list()))
    has_licences = bool(sql.execute("SELECT 1 FROM hw_licence LIMIT 1").fetchall())
    power = pl.concat([hourly, monthly], how="vertical_relaxed").sort("handover")
    return HandoverFacts(licences, power, refunds, known, has_licences)
