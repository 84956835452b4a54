"""Nodes of resolved entities and the relationships that rows state between them."""

import duckdb

from graph.ontology import PROPERTIES, relationship
from graph.ontology_relationships import SHARED_RELATIONSHIP_PROPERTIES
from ingest.load.parts import EdgePart, NodePart

LABEL_BY_PREFIX = {
    "org": "Organization",
    "person": "Person",
    "vehicle": "Vehicle",
    "phone": "Phone",
    "address": "Address",
    "site": "Site",
    "outlet": "Outlet",
    "account": "Account",
}

# Types whose rows resolution writes; a type that vanished from ``relation`` must vanish from the
# graph too, hence they are listed and not only looked up.
STATED_TYPES = (
    "LEGAL_REP_OF",
    "OFFICER_OF",
    "SHAREHOLDER_OF",
    "BRANCH_OF",
    "EMPLOYED_BY",
    "HAS_PHONE",
    "LOCATED_AT",
    "HAS_SITE",
    "HAS_OUTLET",
    "OWNS_VEHICLE",
    "OWNS_ACCOUNT",
    "OPERATES",
)

ENTITY_NODES: tuple[NodePart, ...] = (
    NodePart(
        "organization",
        "Organization",
        "SELECT entity_id AS id, name, level, uscc, former_names, roles, division_code,"
        " industry_code, status, founded_on, insured_count FROM organization",
    ),
    NodePart(
        "person", "Person", "SELECT entity_id AS id, name, level, id_masked FROM entity_person"
    ),
    NodePart(
        "vehicle",
        "Vehicle",
        "SELECT entity_id AS id, name, level, plate, plate_kind, is_trailer, rated_load_t"
        " FROM entity_vehicle",
    ),
    NodePart("phone", "Phone", "SELECT entity_id AS id, 'L4' AS level, number FROM entity_phone"),
    NodePart(
        "address",
        "Address",
        "SELECT entity_id AS id, level, text, division_code, lon, lat FROM address",
    ),
    NodePart(
        "site",
        "Site",
        "SELECT entity_id AS id, name, level, kind, lon, lat, division_code FROM site",
    ),
    NodePart(
        "outlet",
        "Outlet",
        "SELECT entity_id AS id, name, level, outlet_code, medium, mns FROM entity_outlet",
    ),
    NodePart(
        "account",
        "Account",
        "SELECT entity_id AS id, 'L4' AS level, tail4, bank FROM entity_account",
    ),
)


CASTS = {"int": "BIGINT", "float": "DOUBLE", "bool": "BOOLEAN", "date": "DATE"}


def _property(name: str) -> str:
    """SQL of one property out of the JSON of ``relation``, typed as the graph types it."""
    value = f"json_extract_string(properties, '$.{name}')"
    cast = CASTS.get(PROPERTIES[name].type)
    return f"TRY_CAST({value} AS {cast}) AS {name}" if cast else f"{value} AS {name}"


def relation_part(type_: str, from_prefix: str, to_prefix: str) -> EdgePart:
    """The part of ``relation`` of one type between two kinds of entity."""
    term = relationship(type_)
    own = [name for name in term.properties if name not in SHARED_RELATIONSHIP_PROPERTIES]
    shown = "".join(f", {_property(name)}" for name in own)
    return EdgePart(
        f"{type_.lower()}_{from_prefix}_{to_prefix}",
        type_,
        LABEL_BY_PREFIX[from_prefix],
        LABEL_BY_PREFIX[to_prefix],
        f"SELECT from_id, to_id{shown}, sources, source_count, first_at, last_at"
        f" FROM relation WHERE type = '{type_}' AND starts_with(from_id, '{from_prefix}:')"
        f" AND starts_with(to_id, '{to_prefix}:')",
        keys=term.keys,
    )


def relation_parts(sql: duckdb.DuckDBPyConnection) -> tuple[EdgePart, ...]:
    """The parts of all types in ``relation``, and of those that it may hold another day."""
    prefixes = {label: prefix for prefix, label in LABEL_BY_PREFIX.items()}
    possible = {
        (name, prefixes[start], prefixes[end])
        for name in STATED_TYPES
        for start in relationship(name).starts
        for end in relationship(name).ends
    }
    found = sql.execute(
        "SELECT DISTINCT type, split_part(from_id, ':', 1), split_part(to_id, ':', 1) FROM relation"
    ).fetchall()
    return tuple(relation_part(*line) for line in sorted(possible | set(found)))
