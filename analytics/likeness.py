"""What different bodies of one group did in the same way: settings, series, photos, samplers.

A likeness joins two bodies and names the rows on both sides. What many other bodies do as well is
no likeness, and neither is a change of settings that is on file.
"""

from collections.abc import Sequence

import duckdb
import polars as pl

from analytics.likeness_rows import (
    EMPTY_FILE,
    IN_RING,
    KINDS,
    PAIRED,
    Likeness,
    LikenessRules,
    paired,
)
from analytics.photo_likeness import photo_likenesses
from analytics.sampler_jobs import JOBS, KM, LINES, PRESENCE, SAMPLERS, SLIPS, STAFF, THERE
from analytics.series_likeness import series_likenesses
from analytics.statements import run_statements

# Who answers for a point on a day: the newest contract, a subcontract before the contract it is
# under, the register of points where there is none. Two bodies under equal contracts: nobody, for
# one of them did it and not the other.
POINT_BODY = """
CREATE OR REPLACE TEMP TABLE point_body AS
WITH day AS (
    SELECT CAST(unnest(generate_series(CAST($since + to_hours(8) AS DATE),
        CAST($until + to_hours(8) AS DATE), INTERVAL 1 DAY)) AS DATE) AS day
), contract AS (
    SELECT mn, operator_entity AS body, coalesce(valid_from, DATE '1900-01-01') AS from_day,
        coalesce(valid_to, DATE '2100-01-01') AS to_day, parent_contract_no IS NOT NULL AS is_under
    FROM om_contract_linked WHERE operator_entity IS NOT NULL AND mn IS NOT NULL
), answering AS (
    SELECT c.mn, d.day, c.body FROM contract c JOIN day d ON d.day BETWEEN c.from_day AND c.to_day
    QUALIFY (c.from_day, c.is_under) = max((c.from_day, c.is_under)) OVER (PARTITION BY c.mn, d.day)
    UNION
    SELECT p.mn, d.day, p.operator_entity FROM monitor_point_linked p CROSS JOIN day d
    WHERE p.operator_entity IS NOT NULL AND p.mn NOT IN (SELECT mn FROM contract)
)
SELECT mn, day, min(body) AS body FROM answering GROUP BY mn, day HAVING min(body) = max(body)
"""
# One slope set at every analyser of every site is one habit, whatever the analyser measures.
PARAMETERS = f"""
WITH changed AS (
    SELECT g.ring, c.body, p.mn, p.param_code, printf('%.6g', p.old_value) AS old_value,
        printf('%.6g', p.new_value) AS new_value, p.changed_at, p.batch, p.row, p.part,
        p.mn || ' ' || p.param_code AS key
    FROM param_log p JOIN point_body c ON c.mn = p.mn
        AND c.day = CAST(p.changed_at + to_hours(8) AS DATE)
    LEFT JOIN ring_given g ON g.body = c.body
    WHERE p.old_value IS NOT NULL AND p.new_value IS NOT NULL AND p.old_value <> p.new_value
        AND p.changed_at >= $since AND p.changed_at < $until AND NOT coalesce(p.approved, false)
), spread AS (
    SELECT param_code, old_value, new_value, count(DISTINCT body) AS bodies
    FROM changed GROUP BY ALL
), rare AS (
    SELECT ring, param_code, old_value, new_value FROM changed
    JOIN spread USING (param_code, old_value, new_value) WHERE ring IS NOT NULL
    GROUP BY ALL HAVING count(DISTINCT body) >= 2 AND count(DISTINCT body) * 2 >= any_value(bodies)
), one AS (
    SELECT c.* FROM changed c JOIN rare USING (ring, param_code, old_value, new_value)
)
{
    PAIRED.format(
        pairs=IN_RING + "a.mn <> b.mn AND a.param_code = b.param_code AND a.old_value = b.old_value"
        " AND a.new_value = b.new_value"
        " AND abs(date_diff('day', a.changed_at, b.changed_at)) <= $parameter_days"
    )
}
"""
RAW_FILES = f"""
WITH file AS (
    SELECT g.ring, f.tester_entity AS body, lower(trim(f.file_sha256)) AS file_sha256, f.batch,
        f.row, f.part
    FROM test_raw_file_linked f LEFT JOIN ring_given g ON g.body = f.tester_entity
    WHERE f.tester_entity IS NOT NULL AND lower(trim(f.file_sha256)) NOT IN ('', $empty)
        AND coalesce(coalesce(f.acquired_at, f.created_at) >= $since, true)
        AND coalesce(coalesce(f.acquired_at, f.created_at) < $until, true)
), spread AS (SELECT file_sha256, count(DISTINCT body) AS bodies FROM file GROUP BY file_sha256),
rare AS (
    SELECT ring, file_sha256 FROM file JOIN spread USING (file_sha256) WHERE ring IS NOT NULL
    GROUP BY ALL HAVING count(DISTINCT body) >= 2 AND count(DISTINCT body) * 2 >= any_value(bodies)
), one AS (
    SELECT f.*, f.file_sha256 AS key FROM file f JOIN rare USING (ring, file_sha256)
)
{PAIRED.format(pairs=IN_RING + "a.file_sha256 = b.file_sha256")}
"""
# Certificates and persons only: a bare name is known within its own body alone (RULINGS 34).
SAMPLERS_APART = f"""
WITH one AS (
    SELECT g.ring, p.body, p.sampler, p.start_at, p.end_at, p.lon, p.lat, p.site,
        p.source.batch AS batch, p.source."row" AS "row", p.source.part AS part,
        p.source."key" AS "key"
    FROM tp01_presence p JOIN ring_given g ON g.body = p.body
    WHERE NOT starts_with(p.sampler, 'name:')
)
{
    PAIRED.format(
        pairs=IN_RING + "a.sampler = b.sampler AND a.start_at < b.end_at AND b.start_at < a.end_at"
        " AND a.site <> b.site AND tp01_km(a.lon, a.lat, b.lon, b.lat) > $place_km"
    )
}
"""
JOB_STATEMENTS = (KM, LINES, JOBS, SLIPS, THERE, STAFF, SAMPLERS, PRESENCE)
JOB_TABLES = ("line", "job", "slip", "there", "staff", "sampler", "presence")


def likenesses_of_rings(
    sql: duckdb.DuckDBPyConnection, rings: Sequence[Sequence[str]], rules: LikenessRules
) -> list[tuple[Likeness, ...]]:
    """Likenesses between bodies of each ring, by kind and pair; a body is in one ring only."""
    ring_of = {body: number for number, bodies in enumerate(rings) for body in bodies}
    given = pl.DataFrame(
        {"body": list(ring_of), "ring": list(ring_of.values())},
        schema={"body": pl.String, "ring": pl.Int64},
    )
    sql.register("ring_given", given.to_arrow())
    values = {
        "since": rules.since, "until": rules.until, "parameter_days": rules.parameter_days,
        "place_km": rules.place_km, "join_min": rules.join_min, "fixed_h": rules.fixed_h,
        "setup_min": rules.setup_min, "exif_min": rules.exif_min, "shown": rules.rows_shown,
        "empty": EMPTY_FILE,
    }  # fmt: skip
    run_statements(sql, (POINT_BODY, *JOB_STATEMENTS), values)
    found = series_likenesses(sql, rules) + photo_likenesses(sql, rules)
    for kind, dataset, statement in (
        ("parameter", "param_log", PARAMETERS),
        ("raw_file", "test_raw_file", RAW_FILES),
        ("sampler", "test_sample", SAMPLERS_APART),
    ):
        named = {name: value for name, value in values.items() if f"${name}" in statement}
        found += paired(sql.sql(statement, params=named).pl(), dataset, kind)
    for table in ("point_body", *(f"tp01_{name}" for name in JOB_TABLES)):
        sql.execute(f"DROP TABLE {table}")
    sql.unregister("ring_given")
    found.sort(key=lambda one: (KINDS.index(one.kind), one.first, one.second))
    return [
        tuple(one for one in found if ring_of[one.first] == number) for number in range(len(rings))
    ]
