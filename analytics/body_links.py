"""What service and testing bodies share: persons, phones, addresses, cars, cards, instruments.

Only identifiers that few organisations have say anything about two of them; the degree is counted
over all organisations (a bookkeeper's phone, an incubator's address), and so is N of the weight
ln(N / degree). A body that owns another is a holder of itself, so that the two share it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import duckdb
import numpy as np
import polars as pl

from analytics.kernels.communities import ALONE
from analytics.kernels.rings import RingRules, Rings, SharedIdentifiers, find_rings
from analytics.shared_identifiers import IS_NUMBER, LONGEST_MODEL, MODEL_SIGNS, SERIAL
from analytics.statements import run_statements

LINK_COLUMNS: dict[str, pl.DataType] = {
    "identifier": pl.String(),
    "body": pl.String(),
    "kinds": pl.List(pl.String),
    "degree": pl.Int64(),
    "sources": pl.List(pl.String),
}


@dataclass(frozen=True, slots=True)
class Ring:
    """A group of bodies; ``links`` are the shared identifiers inside it, rarest first.

    A link: identifier, bodies, kinds, degree, row references by body.
    """

    bodies: tuple[str, ...]
    stability: float
    links: tuple["Link", ...]


@dataclass(frozen=True, slots=True)
class Link:
    """One identifier that bodies of a ring share."""

    identifier: str
    bodies: tuple[str, ...]
    kinds: tuple[str, ...]
    degree: int
    rows: tuple[tuple[str, ...], ...]

    def among(self, bodies: Collection[str]) -> "Link":
        """The link of some of its bodies, with the rows of these only."""
        own = [at for at, body in enumerate(self.bodies) if body in bodies]
        return replace(
            self,
            bodies=tuple(self.bodies[at] for at in own),
            rows=tuple(self.rows[at] for at in own),
        )


@dataclass(frozen=True, slots=True)
class SharedByBodies:
    """All bodies, what at least two of them have (rarest first), and the same by number."""

    bodies: tuple[str, ...]
    links: tuple[Link, ...]
    identifiers: SharedIdentifiers


@dataclass(frozen=True, slots=True)
class RingSearch:
    """Rings of two or more bodies, all bodies, and identifiers ignored for their degree.

    ``ignored``: identifier, degree, bodies.
    """

    rings: tuple[Ring, ...]
    bodies: tuple[str, ...]
    ignored: tuple[Link, ...]


BODIES = """
SELECT body FROM (
    SELECT body_entity AS body FROM service_body_linked
    WHERE coalesce("kind", '') NOT IN ('环评编制', '危废鉴别', '机动车检验')
    UNION SELECT operator_entity FROM om_contract_linked
    UNION SELECT operator_entity FROM om_log_linked WHERE arrived_at < $until
    UNION SELECT operator_entity FROM monitor_point_linked
    UNION SELECT tester_entity FROM test_report_linked
) WHERE body IS NOT NULL ORDER BY body
"""
REFERENCE = "'{}:' || batch || ':' || row || ':' || part"
# Where a body is said to have an identifier: identifier, body, kind, row reference. What stands in
# the table of relations is in the graph as well, the rest in records only.
SOURCES = {
    "relation": """
    SELECT from_id AS identifier, to_id AS body,
        CASE WHEN "type" = 'EMPLOYED_BY' THEN 'staff'
            WHEN "type" = 'SHAREHOLDER_OF' AND NOT coalesce(
                try_cast(properties ->> '$.pct' AS DOUBLE) >= $majority, false) THEN 'person'
            ELSE 'controller' END AS kind,
        unnest(sources) AS source
    FROM relation
    WHERE "type" IN ('LEGAL_REP_OF', 'OFFICER_OF', 'SHAREHOLDER_OF', 'EMPLOYED_BY')
        AND from_id <> to_id
    UNION ALL
    SELECT from_id, from_id, 'controller', unnest(sources)
    FROM relation WHERE "type" = 'SHAREHOLDER_OF' AND from_id LIKE 'org:%' AND from_id <> to_id
    UNION ALL
    SELECT to_id, from_id, CASE "type" WHEN 'HAS_PHONE' THEN 'phone' ELSE 'address' END,
        unnest(sources)
    FROM relation WHERE "type" IN ('HAS_PHONE', 'LOCATED_AT') AND from_id LIKE 'org:%'
    """,
    # A certificate is its holder where the register of staff names one: a person counts once.
    "certificate": f"""
    SELECT coalesce(h.person, 'certificate:' || c.cert_no), c.body, 'staff', c.source
    FROM (
        SELECT employer_entity AS body, cert_no,
            {REFERENCE.format("service_staff")} AS source FROM service_staff_linked
        UNION ALL
        SELECT operator_entity, technician_cert_no, {REFERENCE.format("om_log")}
        FROM om_log_linked WHERE arrived_at < $until
        UNION ALL
        SELECT tester_entity, unnest(string_split_regex(sampler_cert_nos, '[、，,;；\\s]+')),
            {REFERENCE.format("test_sample")}
        FROM test_sample_linked WHERE coalesce(sampling_start_at < $until, true)
    ) c LEFT JOIN (
        SELECT cert_no, min(staff_person) AS person FROM service_staff_linked
        WHERE cert_no IS NOT NULL AND staff_person IS NOT NULL GROUP BY cert_no
        HAVING count(DISTINCT staff_person) = 1
    ) h USING (cert_no) WHERE {IS_NUMBER.format("c.cert_no")}
    """,
    "technician": f"""
    SELECT technician_person, operator_entity, 'staff', {REFERENCE.format("om_log")}
    FROM om_log_linked WHERE arrived_at < $until
    """,
    "email": f"""
    SELECT 'email:' || lower(email), company_entity, 'email', {REFERENCE.format("company")}
    FROM company_linked WHERE email LIKE '%@%'
    """,
    "instrument": f"""
    SELECT 'instrument:' || serial, tester_entity, 'instrument', source FROM (
        SELECT tester_entity, {REFERENCE.format("lab_instrument")} AS source,
            {SERIAL.format("serial_no")} AS serial, {MODEL_SIGNS.format("model")} AS signs,
            {LONGEST_MODEL.format("model", "serial_no")} AS longest
        FROM lab_instrument_linked WHERE {IS_NUMBER.format(SERIAL.format("serial_no"))}
    ) WHERE contains(longest, signs)
    """,
    "vehicle": f"""
    SELECT vehicle_vehicle, operator_entity, 'vehicle', {REFERENCE.format("om_log")}
    FROM om_log_linked WHERE arrived_at < $until
    UNION ALL
    SELECT vehicle_vehicle, tester_entity, 'vehicle', {REFERENCE.format("test_sample")}
    FROM test_sample_linked WHERE coalesce(sampling_start_at < $until, true)
    """,
    "card": f"""
    SELECT 'card:' || card_no, operator_entity, 'card', {REFERENCE.format("door_log")}
    FROM door_log_linked WHERE event_at < $until AND {IS_NUMBER.format("card_no")}
    """,
}
LINKS = """
CREATE OR REPLACE TEMP TABLE body_link AS
SELECT identifier, body, list_sort(list(DISTINCT kind)) AS kinds,
    list_sort(list(DISTINCT source))[1:4] AS sources
FROM ({}) stated WHERE identifier IS NOT NULL AND body IS NOT NULL
GROUP BY identifier, body
"""
SHARED = """
WITH degree AS (SELECT identifier, count(*) AS degree FROM body_link GROUP BY identifier),
inside AS (
    SELECT identifier FROM body_link JOIN body_given USING (body)
    GROUP BY identifier HAVING count(*) >= 2
)
SELECT l.identifier, l.body, l.kinds, d.degree, l.sources
FROM body_link l JOIN body_given USING (body) JOIN inside USING (identifier)
JOIN degree d USING (identifier) ORDER BY l.identifier, l.body
"""
POPULATION = "SELECT count(*) FROM organization"


def shared_by_bodies(
    sql: duckdb.DuckDBPyConnection,
    until: datetime,
    sources: Sequence[str] = tuple(SOURCES),
    *,
    majority_pct: float,
) -> SharedByBodies:
    """Identifiers that at least two bodies have, as known before ``until``.

    Parameters
    ----------
    sources
        Keys of ``SOURCES`` that are asked.
    majority_pct
        Share in percent, 0 to 100, from which a holder is a controller; else of kind person.
    """
    bodies = [str(row[0]) for row in sql.execute(BODIES, {"until": until}).fetchall()]
    sql.register(
        "body_given", pl.DataFrame({"body": bodies}, schema={"body": pl.String}).to_arrow()
    )
    stated = " UNION ALL ".join(SOURCES[source] for source in sources)
    run_statements(sql, (LINKS.format(stated),), {"until": until, "majority": majority_pct})
    shared = sql.sql(SHARED).pl()
    population = int(sql.execute(POPULATION).fetchall()[0][0])
    sql.execute("DROP TABLE body_link")
    sql.unregister("body_given")
    found = shared.select(pl.col(name).cast(kind) for name, kind in LINK_COLUMNS.items())
    links = _links(found)
    place = {body: number for number, body in enumerate(bodies)}
    number_of = {link.identifier: number for number, link in enumerate(links)}
    return SharedByBodies(
        tuple(bodies),
        tuple(links),
        SharedIdentifiers(
            np.array([place[b] for b in found["body"]], dtype=np.int64),
            np.array([number_of[i] for i in found["identifier"]], dtype=np.int64),
            np.array([link.degree for link in links], dtype=np.int64),
            population,
        ),
    )


def find_body_rings(
    sql: duckdb.DuckDBPyConnection,
    until: datetime,
    rules: RingRules,
    sources: Sequence[str] = tuple(SOURCES),
    *,
    majority_pct: float,
) -> RingSearch:
    """Groups of bodies by rare shared identifiers; parameters as :func:`shared_by_bodies`."""
    shared = shared_by_bodies(sql, until, sources, majority_pct=majority_pct)
    found = find_rings(len(shared.bodies), shared.identifiers, rules)
    ignored = tuple(link for link in shared.links if link.degree > rules.degree_cap)
    return RingSearch(_rings(shared.bodies, shared.links, found, rules), shared.bodies, ignored)


def _rings(
    bodies: Sequence[str], links: Sequence[Link], found: Rings, rules: RingRules
) -> tuple[Ring, ...]:
    """Each community with the links inside it, in the order of ``links``."""
    ring_of = dict(zip(bodies, found.community.tolist(), strict=True))
    members: list[list[str]] = [[] for _ in range(found.stability.size)]
    for body, number in ring_of.items():
        if number != ALONE:
            members[number].append(body)
    inner: list[list[Link]] = [[] for _ in members]
    for link in links:
        if link.degree > rules.degree_cap:
            continue
        ends: dict[int, list[str]] = {}
        for body in link.bodies:
            ends.setdefault(ring_of[body], []).append(body)
        for number, own in ends.items():
            if number != ALONE and len(own) >= 2:
                inner[number].append(link.among(own))
    return tuple(
        Ring(tuple(sorted(own)), float(found.stability[number]), tuple(inner[number]))
        for number, own in enumerate(members)
    )


def _links(frame: pl.DataFrame) -> list[Link]:
    grouped: dict[str, list[dict[str, object]]] = {}
    for row in frame.iter_rows(named=True):
        grouped.setdefault(str(row["identifier"]), []).append(row)
    links = [
        Link(
            identifier,
            tuple(str(row["body"]) for row in rows),
            tuple(sorted({str(kind) for row in rows for kind in _texts(row["kinds"])})),
            int(str(rows[0]["degree"])),
            tuple(tuple(str(source) for source in _texts(row["sources"])) for row in rows),
        )
        for identifier, rows in grouped.items()
    ]
    return sorted(links, key=lambda link: (link.degree, link.identifier))


def _texts(value: object) -> list[object]:
    return value if isinstance(value, list) else []
