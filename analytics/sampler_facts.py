"""What drafts of TP-01 cite: jobs, subjects and the delivered rows behind them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import polars as pl

from analytics.sampler_cases import Case, Row

JOBS = """
SELECT j.id, j.report_no, j.body, b.name AS body_name, b.uscc AS body_uscc, j.site,
    coalesce(o.name, j.site) AS site_name, o.uscc AS site_uscc, o.entity_id AS site_entity,
    j.start_at, j.end_at, j.point_name, j.source.batch, j.source.row, j.source.part, j.source."key"
FROM tp01_job j LEFT JOIN organization b ON b.entity_id = j.body
LEFT JOIN organization o ON o.entity_id = j.site
WHERE j.id IN (SELECT id FROM given_job)
"""
SUBJECTS = """
SELECT sampler AS subject, min(name) AS name, min(cert) AS code,
    NULL AS dataset, NULL AS batch, NULL AS "row", NULL AS part, NULL AS "key"
FROM tp01_sampler WHERE sampler IN (SELECT subject FROM given_subject) GROUP BY sampler
UNION ALL
SELECT instrument, min(name), min(instrument_no), 'lab_instrument', min(source.batch),
    min(source."row"), min(source.part), min(source."key")
FROM tp01_instrument WHERE instrument IN (SELECT subject FROM given_subject) GROUP BY instrument
"""
STAFF = """
SELECT DISTINCT person AS subject, batch, row, part, name || ' ' || coalesce(cert, '') AS "key"
FROM tp01_staff WHERE person IN (SELECT subject FROM given_subject)
UNION SELECT DISTINCT 'cert:' || cert, batch, row, part, name || ' ' || cert
FROM tp01_staff WHERE 'cert:' || cert IN (SELECT subject FROM given_subject)
ORDER BY ALL
"""
PHOTOS = """
SELECT id, batch, row, part, photo_id AS "key" FROM tp01_photo
WHERE (is_place_off OR is_time_off) AND id IN (SELECT id FROM given_job) ORDER BY ALL
"""
REPORTS = """
SELECT report_no, min(batch) AS batch, arg_min(row, batch) AS "row", arg_min(part, batch) AS part
FROM test_report WHERE report_no IN (SELECT report_no FROM tp01_job
    WHERE id IN (SELECT id FROM given_job)) GROUP BY report_no ORDER BY ALL
"""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the drafts of a run cite: jobs by id, subjects by key, rows behind them."""

    jobs: dict[int, Row]
    subjects: dict[str, Row]
    staff: dict[str, list[Row]]
    photos: dict[int, list[Row]]
    reports: dict[str, Row]


def facts_of(sql: duckdb.DuckDBPyConnection, cases: Sequence[Case]) -> Facts:
    """What is known of the subjects of ``cases`` and of the jobs in conflict, one query each."""
    ids = {r[k] for c in cases for r in c.conflicts for k in ("first_id", "second_id") if r[k]}
    sql.register("given_job", pl.DataFrame({"id": sorted(ids)}).to_arrow())
    sql.register(
        "given_subject", pl.DataFrame({"subject": sorted({c.subject for c in cases})}).to_arrow()
    )

    def rows(statement: str) -> list[Row]:
        return list(sql.sql(statement).pl().iter_rows(named=True))

    def grouped(statement: str, key: str) -> dict[Any, list[Row]]:
        found: dict[Any, list[Row]] = {}
        for row in rows(statement):
            found.setdefault(row[key], []).append(row)
        return found

    facts = Facts(
        jobs={int(r["id"]): r for r in rows(JOBS)},
        subjects={str(r["subject"]): r for r in rows(SUBJECTS)},
        staff=grouped(STAFF, "subject"),
        photos=grouped(PHOTOS, "id"),
        reports={str(r["report_no"]): r for r in rows(REPORTS)},
    )
    sql.unregister("given_job")
    sql.unregister("given_subject")
    return facts
