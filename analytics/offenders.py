"""Ties of firms to those penalised or convicted for hazardous waste, through rare identifiers.

A tie is the firm itself, a controller who offended, or another firm that offended and shares a
controller, phone or address. An identifier shared by more organisations than the cap is ignored.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import duckdb

from analytics.shared_identifiers import ONE_PER_IDENTIFIER
from analytics.shell_rows import Row, by_organization, evidence_of, row_evidence
from graph.types import Evidence
from records.clock import shanghai_day


@dataclass(frozen=True, slots=True)
class Tie:
    """One tie: the offender, by which kind of identifier, its degree, the rows that show it."""

    offender: str
    kind: str
    degree: int
    rows: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class OffenderTies:
    """Ties by firm; ``ignored``: kind and degree of identifiers above the cap.

    ``has_records``: whether the lake knows any offender at all.
    """

    ties: dict[str, list[Tie]]
    ignored: dict[str, tuple[tuple[str, int], ...]]
    has_records: bool


OFFENDERS = """
CREATE OR REPLACE TEMP TABLE offender AS
SELECT coalesce(party_entity, party_person) AS entity_id, decided_on AS on_day,
    'penalty' AS dataset, batch, row, part, decision_no AS key
FROM penalty_linked WHERE is_hw
UNION ALL
SELECT party_person, decided_on, 'penalty', batch, row, part, decision_no
FROM penalty_linked WHERE is_hw AND party_entity IS NOT NULL AND party_person IS NOT NULL
UNION ALL
SELECT u.entity_id, coalesce(p.outcome_on, CAST(c.filed_at + to_hours(8) AS DATE)),
    'police_case_party', p.batch, p.row, p.part, p.case_no
FROM police_case_party_linked p JOIN police_case c USING (case_no),
    unnest([p.party_entity, p.party_person]) u(entity_id)
WHERE p.outcome = '有罪判决' AND c.case_kind = '污染环境'
"""
IDENTIFIERS = f"""
CREATE OR REPLACE TEMP TABLE shell_identifier AS{ONE_PER_IDENTIFIER}
SELECT *, count(*) OVER (PARTITION BY identifier, kind) AS degree FROM one
"""
OFFENDER_LINKS = """
WITH recent AS (
    SELECT g.organization AS shell, o.* FROM shell_given g JOIN offender o
        ON o.entity_id IS NOT NULL AND coalesce(o.on_day BETWEEN $day - $days AND $day, true)
), tie AS (
    SELECT r.shell, r.entity_id AS offender, 'self' AS kind, 1 AS degree, CAST([] AS VARCHAR[]) AS
        sources, r.dataset, r.batch, r.row, r.part, r.key
    FROM recent r WHERE r.entity_id = r.shell
    UNION ALL
    SELECT r.shell, r.entity_id, a.kind, a.degree, a.sources, r.dataset, r.batch, r.row, r.part,
        r.key
    FROM recent r JOIN shell_identifier a ON a.organization = r.shell AND a.degree <= $cap
        AND a.identifier = r.entity_id
    UNION ALL
    SELECT r.shell, r.entity_id, a.kind, a.degree, list_concat(a.sources, b.sources), r.dataset,
        r.batch, r.row, r.part, r.key
    FROM recent r JOIN shell_identifier a ON a.organization = r.shell AND a.degree <= $cap
    JOIN shell_identifier b ON b.identifier = a.identifier AND b.kind = a.kind
        AND b.organization = r.entity_id AND b.organization <> r.shell
)
SELECT * FROM tie ORDER BY ALL
"""
IGNORED = """
SELECT organization, kind, max(degree) AS degree FROM shell_identifier
WHERE degree > $cap AND organization IN (SELECT organization FROM shell_given)
GROUP BY organization, kind ORDER BY ALL
"""


def _tie(row: Row) -> Tie:
    offender, kind = str(row["offender"]), str(row["kind"])
    own = row_evidence(row, str(row["dataset"]), "shell offender")
    shared = evidence_of(row["sources"], offender, f"shell shared {kind}")
    return Tie(offender, kind, int(str(row["degree"])), (*own, *shared))


def offender_ties(
    sql: duckdb.DuckDBPyConnection, until: datetime, *, degree_cap: int, days: int
) -> OffenderTies:
    """Ties of the firms in the registered frame ``shell_given``.

    Parameters
    ----------
    until
        Exclusive end of the day of reckoning (UTC without zone).
    degree_cap
        Identifiers shared by more organisations are ignored.
    days
        How far back an offence counts; one without a date always does.
    """
    sql.execute(OFFENDERS)
    sql.execute(IDENTIFIERS)
    has_records = bool(sql.execute("SELECT 1 FROM offender LIMIT 1").fetchall())
    day = shanghai_day(until - timedelta(seconds=1))
    found = sql.sql(OFFENDER_LINKS, params={"days": days, "cap": degree_cap, "day": day}).pl()
    ties: dict[str, list[Tie]] = {}
    for row in found.iter_rows(named=True):
        ties.setdefault(str(row["shell"]), []).append(_tie(row))
    ignored = by_organization(sql.sql(IGNORED, params={"cap": degree_cap}).pl())
    for table in ("offender", "shell_identifier"):
        sql.execute(f"DROP TABLE {table}")
    return OffenderTies(
        ties,
        {
            name: tuple((str(row["kind"]), int(str(row["degree"]))) for row in rows)
            for name, rows in ignored.items()
        },
        has_records,
    )
