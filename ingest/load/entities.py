"""Nodes of resolved entities and the relationships that rows state between them."""

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
        "SELECT entity_id AS id, name, level, outlet_code, medium, mns FROM outlet",
    ),
    NodePart(
        "account",
        "Account",
        "SELECT entity_id AS id, 'L4' AS level, tail4, bank FROM entity_account",
    ),
)


def relation_part(type_: str, from_prefix: str, to_prefix: str) -> EdgePart:
    """The part of ``relation`` of one type between two kinds of entity."""
    return EdgePart(
        f"{type_.lower()}_{from_prefix}_{to_prefix}",
        type_,
        LABEL_BY_PREFIX[from_prefix],
        LABEL_BY_PREFIX[to_prefix],
        "SELECT from_id, to_id, properties, sources, source_count, first_at, last_at"
        f" FROM relation WHERE type = '{type_}' AND starts_with(from_id, '{from_prefix}:')"
        f" AND starts_with(to_id, '{to_prefix}:')",
        keys=("properties",),
    )
