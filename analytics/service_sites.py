"""Which body serves which site, what kind of site it is, and which anomalies others found there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import duckdb
import polars as pl

from analytics.statements import run_statements
from graph.types import Finding
from records.clock import UTC_OFFSET, shanghai_day

SERVICE_COLUMNS: dict[str, pl.DataType] = {
    "body": pl.String(),
    "site": pl.String(),
    "channel": pl.String(),
    "source": pl.String(),
}
FEATURES = ("type", "industry", "device", "district", "age")
UNKNOWN_AGE = "unknown"
ANOMALY_COLUMNS: dict[str, pl.DataType] = {
    "body": pl.String(),
    "site": pl.String(),
    "model": pl.String(),
    "finding_id": pl.String(),
}


@dataclass(frozen=True, slots=True)
class ServiceSites:
    """``services`` (SERVICE_COLUMNS; channel om or lab), ``features``: site and FEATURES as texts.

    ``source`` of a service is one row that states it, a contract or report where there is one.
    ``anomalies`` (ANOMALY_COLUMNS): each finding at each site for each body answering for it.
    ``models``: ids of the models that delivered any finding.
    """

    services: pl.DataFrame
    features: pl.DataFrame
    anomalies: pl.DataFrame
    models: tuple[str, ...]


SERVICES = """
CREATE OR REPLACE TEMP TABLE service AS
WITH point AS (
    SELECT DISTINCT ON (mn) mn, owner_entity, operator_entity, batch, row, part
    FROM monitor_point_linked ORDER BY mn, batch, row, part
), stated AS (
    SELECT c.operator_entity AS body, coalesce(p.owner_entity, c.client_entity) AS site,
        'om' AS channel, '1om_contract:' || c.batch || ':' || c.row || ':' || c.part AS source
    FROM om_contract_linked c LEFT JOIN point p USING (mn)
    WHERE coalesce(c.valid_from <= $day, true) AND coalesce(c.valid_to >= $since_day, true)
    UNION
    SELECT operator_entity, owner_entity, 'om',
        '2monitor_point:' || batch || ':' || row || ':' || part FROM point
    UNION
    SELECT l.operator_entity, p.owner_entity, 'om',
        '3om_log:' || l.batch || ':' || l.row || ':' || l.part
    FROM om_log_linked l JOIN point p USING (mn)
    WHERE l.arrived_at >= $since AND l.arrived_at < $until
    UNION
    SELECT tester_entity, coalesce(site_entity, client_entity), 'lab',
        '1test_report:' || batch || ':' || row || ':' || part FROM test_report_linked
    WHERE coalesce(sampled_on <= $day, true) AND coalesce(sampled_on >= $since_day, true)
        AND coalesce(status, '') <> '作废'
)
SELECT body, site, channel, min(source)[2:] AS source FROM stated
WHERE body IS NOT NULL AND site IS NOT NULL AND body <> site GROUP BY body, site, channel
"""
# Who ran the monitors of a site on which days. A contract without an end ends where that of another
# body begins; the body of the register answers without a contract once those of others have ended.
TURNS = """
CREATE OR REPLACE TEMP TABLE service_turn AS
WITH point AS (
    SELECT DISTINCT ON (mn) mn, owner_entity, operator_entity
    FROM monitor_point_linked ORDER BY mn, batch, row, part
), contract AS (
    SELECT DISTINCT mn, operator_entity AS body, client_entity,
        coalesce(valid_from, DATE '1900-01-01') AS from_day, valid_to,
        parent_contract_no IS NOT NULL AS is_under
    FROM om_contract_linked WHERE operator_entity IS NOT NULL
), ended AS (
    SELECT c.mn, c.body, c.client_entity, c.from_day,
        coalesce(c.valid_to, min(n.from_day) - 1, DATE '2100-01-01') AS to_day
    FROM contract c LEFT JOIN contract n ON n.mn = c.mn AND n.body <> c.body
        AND n.from_day > c.from_day AND NOT n.is_under
    GROUP BY c.mn, c.body, c.client_entity, c.from_day, c.valid_to
), last AS (SELECT mn, max(to_day) AS to_day FROM ended GROUP BY mn)
SELECT e.body, coalesce(p.owner_entity, e.client_entity) AS site, e.from_day, e.to_day
FROM ended e LEFT JOIN point p USING (mn)
UNION
SELECT p.operator_entity, p.owner_entity, coalesce(l.to_day + 1, DATE '1900-01-01'),
    DATE '2100-01-01'
FROM point p LEFT JOIN last l USING (mn)
WHERE (p.mn, p.operator_entity) NOT IN (SELECT (mn, body) FROM ended WHERE mn IS NOT NULL)
UNION
SELECT l.operator_entity, p.owner_entity, CAST(min(l.arrived_at) + to_hours(8) AS DATE),
    CAST(max(l.arrived_at) + to_hours(8) AS DATE)
FROM om_log_linked l JOIN point p USING (mn)
WHERE l.arrived_at >= $since AND l.arrived_at < $until
    AND (l.mn, l.operator_entity) NOT IN (SELECT (mn, body) FROM ended WHERE mn IS NOT NULL)
GROUP BY l.mn, l.operator_entity, p.owner_entity
"""
SITE_FEATURES = f"""
WITH named AS (
    SELECT site, list_aggregate(list_sort(list(DISTINCT channel)), 'string_agg', '+') AS channels
    FROM service GROUP BY site
), point AS (
    SELECT owner_entity AS site, bool_or(st IN ('21', '24', '32', '33')) AS is_water,
        bool_or(st IN ('22', '27', '31', '51')) AS is_air,
        mode(coalesce(device_vendor, '') || ' ' || coalesce(device_model, '')
            ORDER BY device_vendor, device_model) AS device,
        min(division_code) AS division_code, median(date_diff('day', accepted_on, $day)) AS days
    FROM monitor_point_linked WHERE owner_entity IS NOT NULL GROUP BY owner_entity
), firm AS (
    SELECT enterprise_entity AS site, min(industry) AS industry, min(division_code) AS division_code
    FROM enterprise_linked WHERE enterprise_entity IS NOT NULL GROUP BY enterprise_entity
)
SELECT n.site,
    n.channels || CASE WHEN p.is_water THEN ' water' ELSE '' END
        || CASE WHEN p.is_air THEN ' air' ELSE '' END AS type,
    coalesce(left(o.industry_code, 3), left(f.industry, 3), '') AS industry,
    coalesce(p.device, '') AS device,
    coalesce(o.division_code, p.division_code, f.division_code, '') AS district,
    CASE WHEN p.days IS NULL THEN '{UNKNOWN_AGE}' WHEN p.days >= $old_days THEN 'old' ELSE 'new' END
        AS age
FROM named n LEFT JOIN point p USING (site) LEFT JOIN firm f USING (site)
LEFT JOIN organization o ON o.entity_id = n.site
ORDER BY n.site
"""
# A monitoring finding speaks of those who ran the site's monitors on its days; a testing finding of
# the bodies that it names, or whose reports it cites.
ANOMALIES = """
WITH cited AS (
    SELECT e.finding_id, r.tester_entity AS body, coalesce(r.site_entity, r.client_entity) AS site
    FROM evidence_given e JOIN test_report_linked r ON e.dataset = 'test_report'
        AND r.batch = e.batch AND r.row = e.row AND r.part = e.part
    UNION
    SELECT e.finding_id, r.tester_entity, coalesce(r.site_entity, r.client_entity)
    FROM evidence_given e JOIN test_sample s ON e.dataset = 'test_sample'
        AND s.batch = e.batch AND s.row = e.row AND s.part = e.part
    JOIN test_report_linked r ON r.report_no = s.report_no AND r.body_uscc = s.body_uscc
), subject AS (
    SELECT g.finding_id, g.model, coalesce(o.organization_id, g.entity_id) AS entity_id,
        g.from_day, g.to_day
    FROM subject_given g LEFT JOIN outlet_owner o ON o.entity_id = g.entity_id
), named AS (
    SELECT s.finding_id, s.model, v.body, v.site FROM subject s
    JOIN service v ON v.site = s.entity_id AND v.channel = 'om'
    SEMI JOIN service_turn t ON t.body = v.body AND t.site = v.site
        AND t.from_day <= s.to_day AND t.to_day >= s.from_day
    WHERE NOT starts_with(s.model, 'TP-')
    UNION
    SELECT s.finding_id, s.model, v.body, v.site FROM subject s
    JOIN subject t USING (finding_id)
    JOIN service v ON v.site = s.entity_id AND v.body = t.entity_id
    WHERE starts_with(s.model, 'TP-')
    UNION
    SELECT c.finding_id, s.model, v.body, v.site FROM cited c
    JOIN (SELECT DISTINCT finding_id, model FROM subject_given) s USING (finding_id)
    JOIN service v ON v.site = c.site AND v.body = c.body WHERE starts_with(s.model, 'TP-')
)
SELECT DISTINCT body, site, model, finding_id FROM named ORDER BY ALL
"""


def utc_of(text: str) -> datetime:
    """UTC without zone of a published +08:00 time."""
    return datetime.fromisoformat(text).replace(tzinfo=None) - UTC_OFFSET


def load_service_sites(
    sql: duckdb.DuckDBPyConnection,
    findings: Sequence[Finding],
    until: datetime,
    *,
    history_days: int,
    old_days: int,
) -> ServiceSites:
    """Services, features and anomalies of the ``history_days`` before ``until``.

    Parameters
    ----------
    findings
        Findings of other models; those with a data issue do not count.
    old_days
        Age from which the devices of a site are old.
    """
    since = until - timedelta(days=history_days)
    day = (until + UTC_OFFSET - timedelta(seconds=1)).date()
    used = [f for f in findings if f.status == "ok" and utc_of(f.window_to) >= since]
    subjects = [
        (f.finding_id, f.model, s.entity_id, *(shanghai_day(utc_of(t)) for t in window))
        for f in used
        for window in [(f.window_from, f.window_to)]
        for s in f.subjects
    ]
    evidence = [
        (f.finding_id, e.dataset, e.batch, e.row, e.part)
        for f in used
        for e in f.evidence
        if e.dataset in ("test_report", "test_sample")
    ]
    frames = {
        "subject_given": pl.DataFrame(
            subjects,
            schema={
                "finding_id": pl.String,
                "model": pl.String,
                "entity_id": pl.String,
                "from_day": pl.Date,
                "to_day": pl.Date,
            },
            orient="row",
        ),
        "evidence_given": pl.DataFrame(
            evidence,
            schema={
                "finding_id": pl.String,
                "dataset": pl.String,
                "batch": pl.String,
                "row": pl.Int64,
                "part": pl.Int64,
            },
            orient="row",
        ),
    }
    for name, frame in frames.items():
        sql.register(name, frame.to_arrow())
    span = {"since": since, "until": until, "day": day, "since_day": (since + UTC_OFFSET).date()}
    run_statements(sql, (SERVICES, TURNS), span)
    sql.execute(
        "CREATE OR REPLACE TEMP VIEW outlet_owner AS SELECT entity_id, organization_id"
        " FROM entity_outlet WHERE organization_id IS NOT NULL"
    )
    services = sql.sql("SELECT * FROM service ORDER BY ALL").pl()
    features = sql.sql(SITE_FEATURES, params={"day": day, "old_days": old_days}).pl()
    anomalies = sql.sql(ANOMALIES).pl()
    for table in ("service", "service_turn"):
        sql.execute(f"DROP TABLE {table}")
    sql.execute("DROP VIEW outlet_owner")
    for name in frames:
        sql.unregister(name)
    return ServiceSites(
        services.select(pl.col(name).cast(kind) for name, kind in SERVICE_COLUMNS.items()),
        features,
        anomalies.select(pl.col(name).cast(kind) for name, kind in ANOMALY_COLUMNS.items()),
        tuple(sorted({f.model for f in used})),
    )
