"""All tests of HW-08 over the manifests of a time, and the episodes in which they failed.

One row per (test, manifest, leg) with its result; a hit is a run of failures of one test at one
owner (the receiver, for T5 to T7 the carrier) without a longer gap than an episode allows.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import duckdb
import polars as pl

from analytics.carrier_tests import CARRIER_TABLES, CARRIER_TESTS
from analytics.exemptions import load_exempt_steps
from analytics.receiver_tests import RECEIVER_TABLES, RECEIVER_TESTS
from analytics.statements import run_statements

CHECKS = "hw08_check"
TAKEN = """SELECT manifest_no, sum(qty_t) AS qty_t, bool_or(may_be_free) AS may_be_free
    FROM hw08_item GROUP BY manifest_no"""
EPISODES = f"""
CREATE OR REPLACE TEMP TABLE hw08_fail AS
WITH cut AS (
    SELECT *, coalesce(act_at - lag(act_at) OVER (PARTITION BY test, owner
        ORDER BY act_at, manifest_no, leg_no, detail) > to_days($gap_days), true) AS is_new
    FROM {CHECKS} WHERE result = 'fail'
)
SELECT *, sum(CAST(is_new AS INTEGER)) OVER (PARTITION BY test, owner
    ORDER BY act_at, manifest_no, leg_no, detail ROWS UNBOUNDED PRECEDING) AS episode
FROM cut
"""
CASES = f"""
SELECT f.test, f.owner, f.episode, min(f.act_at) AS started_at, max(f.act_at) AS ended_at,
    count(DISTINCT f.manifest_no) AS manifests, max(f.load) AS load,
    max(f.soft_days) AS soft_days, bool_and(f.soft_days IS NOT NULL) AS is_all_expired,
    list(DISTINCT f.detail ORDER BY f.detail) AS details,
    (SELECT coalesce(sum(qty_t), 0) FROM ({TAKEN}) t WHERE t.manifest_no IN (
        SELECT g.manifest_no FROM hw08_fail g WHERE g.test = f.test AND g.owner = f.owner
            AND g.episode = f.episode)) AS waste_t,
    (SELECT coalesce(bool_or(may_be_free), false) FROM ({TAKEN}) t WHERE t.manifest_no IN (
        SELECT g.manifest_no FROM hw08_fail g WHERE g.test = f.test AND g.owner = f.owner
            AND g.episode = f.episode)) AS may_be_free,
    any_value(o.name) AS name, any_value(o.uscc) AS uscc
FROM hw08_fail f LEFT JOIN organization o ON o.entity_id = f.owner
GROUP BY f.test, f.owner, f.episode ORDER BY f.test, f.owner, f.episode
"""
# How every test of the same owner fared in the time of the case.
TABLE = f"""
SELECT f.test AS of_test, f.owner, f.episode, c.test, c.result, count(DISTINCT c.manifest_no) AS n
FROM (SELECT test, owner, episode, min(act_at) AS started_at, max(act_at) AS ended_at FROM hw08_fail
    GROUP BY test, owner, episode) f
JOIN {CHECKS} c ON c.owner = f.owner AND c.act_at BETWEEN f.started_at AND f.ended_at
GROUP BY ALL ORDER BY ALL
"""
SHOWN = """
CREATE OR REPLACE TEMP TABLE hw08_shown AS
WITH one AS (
    SELECT DISTINCT ON (test, owner, episode, manifest_no) * FROM hw08_fail
    ORDER BY test, owner, episode, manifest_no, leg_no, detail
)
SELECT * FROM (
    SELECT *, row_number() OVER w AS no, count(*) OVER (PARTITION BY test, owner, episode) AS n
    FROM one WINDOW w AS (PARTITION BY test, owner, episode ORDER BY act_at, manifest_no))
WHERE no = n OR (no - 1) % greatest(1, CAST(ceil(n / $rows) AS BIGINT)) = 0
"""
EVIDENCE = """
SELECT s.test, s.owner, s.episode, 'manifest' AS dataset, m.batch, m.row, m.part,
    m.manifest_no AS "key", CASE WHEN s.test IN ('T5', 'T6', 'T7') THEN '承运联单'
        ELSE '接受联单' END AS role, 1 AS place, s.act_at
FROM hw08_shown s JOIN hw08_manifest m USING (manifest_no)
UNION ALL
SELECT s.test, s.owner, s.episode, 'manifest_item', i.batch, i.row, i.part,
    i.manifest_no || '/' || coalesce(CAST(i.item_no AS VARCHAR), ''), '联单明细', 2, s.act_at
FROM hw08_shown s JOIN hw08_item i USING (manifest_no)
WHERE s.test IN ('T1', 'T2', 'T3', 'T4', 'T8')
UNION ALL
SELECT s.test, s.owner, s.episode, 'manifest_leg', j.batch, j.row, j.part,
    j.manifest_no || '/' || j.leg_no, '承运段', 2, s.act_at
FROM hw08_shown s JOIN hw08_leg j USING (manifest_no, leg_no) WHERE j.dataset = 'manifest_leg'
UNION ALL
SELECT DISTINCT test, owner, episode, c.dataset, c.batch, c."row", c.part, c."key", c.role, 0,
    NULL::TIMESTAMP FROM (SELECT test, owner, episode, unnest(cited) AS c FROM hw08_shown)
ORDER BY 1, 2, 3, place, act_at, dataset, batch, row, part
"""
# Everyone on the failed manifests; vehicles and crew where the test is about them.
PARTIES = """
WITH failed AS (
    SELECT f.test, f.owner, f.episode, f.detail, m.shipper_entity, m.receiver_entity,
        coalesce(CASE WHEN f.test IN ('T5', 'T6', 'T7') THEN f.owner END, m.carrier_entity)
            AS carrier, m.plate, m.vehicle_vehicle, m.trailer_plate, m.trailer_vehicle,
        m.driver_name, m.driver_person, m.escort_name, m.escort_person
    FROM hw08_fail f JOIN hw08_manifest m USING (manifest_no)
), party AS (
    SELECT test, owner, episode, 'receiver' AS role, 'organization' AS "kind",
        receiver_entity AS entity_id, NULL AS label FROM failed
    UNION ALL SELECT test, owner, episode, 'carrier', 'organization', carrier, NULL FROM failed
    WHERE test IN ('T5', 'T6', 'T7')
    UNION ALL SELECT test, owner, episode, 'generator', 'organization', shipper_entity, NULL
    FROM failed
    UNION ALL SELECT test, owner, episode, 'vehicle', 'vehicle', vehicle_vehicle, plate
    FROM failed WHERE test = 'T6' AND starts_with(detail, plate || ' ')
    UNION ALL SELECT test, owner, episode, 'vehicle', 'vehicle', trailer_vehicle, trailer_plate
    FROM failed WHERE test = 'T6' AND starts_with(detail, trailer_plate || ' ')
    UNION ALL SELECT test, owner, episode, 'driver', 'person', driver_person, driver_name
    FROM failed WHERE test = 'T7' AND starts_with(detail, '驾驶：' || driver_name)
    UNION ALL SELECT test, owner, episode, 'person', 'person', escort_person, escort_name
    FROM failed WHERE test = 'T7' AND starts_with(detail, '押运：' || escort_name)
), counted AS (
    SELECT test, owner, episode, role, "kind", entity_id, min(label) AS label, count(*) AS n
    FROM party WHERE entity_id IS NOT NULL GROUP BY ALL
)
SELECT c.* EXCLUDE (label), coalesce(o.name, c.label, c.entity_id) AS name, o.uscc, c.label
FROM counted c LEFT JOIN organization o USING (entity_id)
QUALIFY row_number() OVER (PARTITION BY test, owner, episode, role
    ORDER BY n DESC, entity_id) <= $parties
ORDER BY test, owner, episode, entity_id <> owner, role, n DESC, entity_id
"""
REGISTERS = (
    "hw_licence",
    "hw_licence_item",
    "carrier_licence",
    "vehicle_permit",
    "driver_permit",
    "transfer_approval",
)
# Months of the year of each case in which any manifest was accepted: the coverage of T4.
COVERAGE = """
SELECT year(accepted_on), count(DISTINCT month(accepted_on)) FROM hw08_manifest
WHERE was_taken GROUP BY 1
"""


def run_tests(
    sql: duckdb.DuckDBPyConnection,
    since: datetime,
    until: datetime,
    numbers: Mapping[str, Any],
) -> None:
    """Fill ``hw08_check`` with one row per test and manifest and ``hw08_fail`` with episodes.

    Parameters
    ----------
    since, until
        UTC without zone; manifests that moved in between are tested.
    numbers
        ``load_near`` (ratio), ``site_km``, ``lag_days``, ``gap_days``.
    """
    load_exempt_steps(sql)
    tests = (*RECEIVER_TESTS, *CARRIER_TESTS)
    union = " UNION ALL BY NAME ".join(f"(SELECT * FROM ({test}))" for test in tests)
    checks = f"CREATE OR REPLACE TEMP TABLE {CHECKS} AS {union}"
    run_statements(
        sql,
        (*RECEIVER_TABLES, *CARRIER_TABLES, checks, EPISODES),
        {**numbers, "since": since, "until": until},
    )


def failed_cases(sql: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """One row per test, owner and episode: times, counts, tonnes, load, details, names."""
    frame: pl.DataFrame = sql.sql(CASES).pl()
    return frame


def results_by_test(sql: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """Results of all tests of a case's owner in its time: of_test, test, result, n."""
    frame: pl.DataFrame = sql.sql(TABLE).pl()
    return frame


def case_evidence(sql: duckdb.DuckDBPyConnection, rows: int) -> pl.DataFrame:
    """Evidence rows of all cases, registers first, then at most about ``rows`` manifests each."""
    sql.execute(SHOWN, {"rows": rows})
    frame: pl.DataFrame = sql.sql(EVIDENCE).pl()
    return frame


def case_parties(sql: duckdb.DuckDBPyConnection, parties: int) -> pl.DataFrame:
    """Who takes part in each case, the owner first, at most ``parties`` of each role."""
    frame: pl.DataFrame = sql.sql(PARTIES, params={"parties": parties}).pl()
    return frame


def register_sizes(sql: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Rows in each register that was searched."""
    return {
        name: int(sql.execute(f"SELECT count(*) FROM {name}").fetchall()[0][0])
        for name in REGISTERS
    }


def months_delivered(sql: duckdb.DuckDBPyConnection) -> dict[int, int]:
    """Months with accepted manifests, by year."""
    return {int(year): int(n) for year, n in sql.execute(COVERAGE).fetchall()}
