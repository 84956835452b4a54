"""What service and testing bodies share: persons, phones, addresses, cars, cards, instruments.

Only identifiers that few organisations have say anything about two of them; the degree is counted
over all organisations (a bookkeeper's phone, an incubator's address).
"""

from dataclasses import dataclass
from datetime import datetime

import duckdb
import numpy as np
import polars as pl

from analytics.kernels.rings import RingRules, SharedIdentifiers, find_rings

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

    A link: identifier, bodies, kinds, degree, row references.
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
    sources: tuple[str, ...]


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
REFERENCE = "dataset || ':' || batch || ':' || row || ':' || part"
# A certificate is its holder where the register of staff names one, so that a person counts once.
LINKS = """
CREATE OR REPLACE TEMP TABLE body_link AS
WITH holder AS (
    SELECT cert_no, min(staff_person) AS person FROM service_staff_linked
    WHERE cert_no IS NOT NULL AND staff_person IS NOT NULL GROUP BY cert_no
    HAVING count(DISTINCT staff_person) = 1
), certificate AS (
    SELECT employer_entity AS body, cert_no, 'service_staff' AS dataset, batch, row, part
    FROM service_staff_linked
    UNION ALL
    SELECT operator_entity, technician_cert_no, 'om_log', batch, row, part FROM om_log_linked
    WHERE arrived_at < $until
    UNION ALL
    SELECT tester_entity, unnest(string_split_regex(sampler_cert_nos, '[、，,;；\\s]+')),
        'test_sample', batch, row, part FROM test_sample_linked
    WHERE coalesce(sampling_start_at < $until, true)
), stated AS (
    SELECT r.from_id AS identifier, r.to_id AS body,
        CASE r."type" WHEN 'EMPLOYED_BY' THEN 'staff' ELSE 'controller' END AS kind,
        unnest(r.sources) AS source
    FROM relation r
    WHERE r."type" IN ('LEGAL_REP_OF', 'OFFICER_OF', 'SHAREHOLDER_OF', 'EMPLOYED_BY')
    UNION ALL
    SELECT to_id, from_id, CASE "type" WHEN 'HAS_PHONE' THEN 'phone' ELSE 'address' END,
        unnest(sources)
    FROM relation WHERE "type" IN ('HAS_PHONE', 'LOCATED_AT') AND from_id LIKE 'org:%'
    UNION ALL
    SELECT coalesce(h.person, 'certificate:' || c.cert_no), c.body, 'staff',
        c.dataset || ':' || c.batch || ':' || c.row || ':' || c.part
    FROM certificate c LEFT JOIN holder h USING (cert_no) WHERE length(c.cert_no) >= 4
    UNION ALL
    SELECT technician_person, operator_entity, 'staff', 'om_log:' || batch || ':' || row || ':'
        || part FROM om_log_linked WHERE arrived_at < $until
    UNION ALL
    SELECT 'email:' || lower(email), company_entity, 'email', 'company:' || batch || ':' || row
        || ':' || part FROM company_linked WHERE email LIKE '%@%'
    UNION ALL
    SELECT 'instrument:' || serial_no, tester_entity, 'instrument', 'lab_instrument:' || batch
        || ':' || row || ':' || part FROM lab_instrument_linked WHERE length(serial_no) >= 4
    UNION ALL
    SELECT vehicle_vehicle, operator_entity, 'vehicle', 'om_log:' || batch || ':' || row || ':'
        || part FROM om_log_linked WHERE arrived_at < $until
    UNION ALL
    SELECT vehicle_vehicle, tester_entity, 'vehicle', 'test_sample:' || batch || ':' || row || ':'
        || part FROM test_sample_linked WHERE coalesce(sampling_start_at < $until, true)
    UNION ALL
    SELECT 'card:' || card_no, operator_entity, 'card', 'door_log:' || batch || ':' || row || ':'
        || part FROM door_log_linked WHERE event_at < $until AND length(card_no) >= 4
)
SELECT identifier, body, list_sort(list(DISTINCT kind)) AS kinds,
    list_sort(list(DISTINCT source))[1:4] AS sources
FROM stated WHERE identifier IS NOT NULL AND body IS NOT NULL AND identifier <> body
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


def find_body_rings(
    sql: duckdb.DuckDBPyConnection, until: datetime, rules: RingRules
) -> RingSearch:
    """Groups of bodies by rare shared identifiers, as known before ``until``."""
    bodies = [str(row[0]) for row in sql.execute(BODIES, {"until": until}).fetchall()]
    sql.register(
        "body_given", pl.DataFrame({"body": bodies}, schema={"body": pl.String}).to_arrow()
    )
    sql.execute(LINKS, {"until": until})
    shared = sql.sql(SHARED).pl()
    sql.execute("DROP TABLE body_link")
    sql.unregister("body_given")
    links = shared.select(pl.col(name).cast(kind) for name, kind in LINK_COLUMNS.items())
    if links.is_empty():
        return RingSearch((), tuple(bodies), ())
    per_identifier = _links(links)
    place = {body: number for number, body in enumerate(bodies)}
    number_of = {link.identifier: number for number, link in enumerate(per_identifier)}
    found = find_rings(
        len(bodies),
        SharedIdentifiers(
            np.array([place[b] for b in links["body"]], dtype=np.int64),
            np.array([number_of[i] for i in links["identifier"]], dtype=np.int64),
            np.array([link.degree for link in per_identifier], dtype=np.int64),
        ),
        rules,
    )
    rings = []
    for number, stability in enumerate(found.stability.tolist()):
        own = {bodies[i] for i in np.flatnonzero(found.community == number).tolist()}
        inner = [
            Link(x.identifier, tuple(sorted(own & set(x.bodies))), x.kinds, x.degree, x.sources)
            for x in per_identifier
            if len(own & set(x.bodies)) >= 2 and x.degree <= rules.degree_cap
        ]
        rings.append(Ring(tuple(sorted(own)), float(stability), tuple(inner)))
    ignored = [link for link in per_identifier if link.degree > rules.degree_cap]
    return RingSearch(tuple(rings), tuple(bodies), tuple(ignored))


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
            tuple(str(source) for row in rows for source in _texts(row["sources"])),
        )
        for identifier, rows in grouped.items()
    ]
    return sorted(links, key=lambda link: (link.degree, link.identifier))


def _texts(value: object) -> list[object]:
    return value if isinstance(value, list) else []
