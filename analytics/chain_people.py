"""The people of a chain: who drives, and who stands behind the firms between."""

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from analytics.chain_case import ChainCase
from analytics.shell_rows import evidence_of
from graph.types import Evidence, Subject

DRIVERS = """
SELECT DISTINCT m.dataset || ':' || m.batch || ':' || m.row || ':' || m.part AS reference,
    m.entity_id, coalesce(p.name, m.entity_id) AS name, coalesce(p.id_masked, '') AS id_masked
FROM member m LEFT JOIN entity_person p ON p.entity_id = m.entity_id
WHERE m.kind = 'person' AND m.role = 'driver' AND m.dataset IN ('manifest', 'waybill')
    AND m.dataset || ':' || m.batch || ':' || m.row || ':' || m.part
        IN (SELECT unnest($references))
ORDER BY ALL
"""
CONTROLLERS = """
SELECT r.to_id AS organization, r.from_id, r."type", coalesce(p.name, r.from_id) AS name,
    coalesce(p.id_masked, '') AS id_masked, r.sources
FROM relation r LEFT JOIN entity_person p ON p.entity_id = r.from_id
WHERE (r."type" = 'LEGAL_REP_OF' OR (r."type" = 'SHAREHOLDER_OF'
        AND try_cast(r.properties ->> '$.pct' AS DOUBLE) >= $majority))
    AND r.from_id LIKE 'person:%'
    AND r.to_id IN (SELECT unnest($firms))
ORDER BY ALL
"""


@dataclass(frozen=True, slots=True)
class Person:
    """A person as a subject needs it; ``rows`` show the tie."""

    entity_id: str
    name: str
    id_masked: str
    rows: tuple[Evidence, ...] = ()

    def subject(self, role: str) -> Subject:
        """The person in a role of the finding."""
        ids = {"person_id": self.id_masked} if self.id_masked else {}
        return Subject(self.entity_id, "person", role, self.name, ids)


@dataclass(frozen=True, slots=True)
class People:
    """Drivers by row reference, controllers by firm."""

    by_reference: dict[str, tuple[Person, ...]]
    by_firm: dict[str, tuple[Person, ...]]

    def drivers(self, case: ChainCase) -> list[Subject]:
        """Drivers named on the papers of a case."""
        known = {
            person.entity_id: person
            for rows in case.rows.values()
            for row in rows
            for person in self.by_reference.get(row.reference, ())
        }
        return [known[entity].subject("driver") for entity in sorted(known)]

    def controllers(self, firms: Sequence[str]) -> list[Subject]:
        """Legal representatives and majority holders of the firms."""
        known = {p.entity_id: p for firm in firms for p in self.by_firm.get(firm, ())}
        return [known[entity].subject("controller") for entity in sorted(known)]

    def rows(self, firms: Sequence[str]) -> tuple[Evidence, ...]:
        """Rows that name the controllers of the firms."""
        return tuple(row for firm in firms for p in self.by_firm.get(firm, ()) for row in p.rows)


def read_people(
    sql: duckdb.DuckDBPyConnection, cases: Sequence[ChainCase], majority_pct: float
) -> People:
    """People of all cases, in two statements.

    Parameters
    ----------
    majority_pct
        Share in percent, 0 to 100, from which a holder controls a firm.
    """
    references = sorted(
        {row.reference for case in cases for rows in case.rows.values() for row in rows}
    )
    drivers: dict[str, list[Person]] = {}
    for reference, entity, name, masked in sql.execute(
        DRIVERS, {"references": references}
    ).fetchall():
        drivers.setdefault(str(reference), []).append(Person(str(entity), str(name), str(masked)))
    firms = sorted({node for case in cases for node in case.chain.middle})
    controllers: dict[str, list[Person]] = {}
    for firm, entity, _, name, masked, sources in sql.execute(
        CONTROLLERS, {"firms": firms, "majority": majority_pct}
    ).fetchall():
        rows = evidence_of(sources, str(entity), "controller")
        controllers.setdefault(str(firm), []).append(
            Person(str(entity), str(name), str(masked), rows)
        )
    return People(
        {key: tuple(many) for key, many in drivers.items()},
        {key: tuple(many) for key, many in controllers.items()},
    )
