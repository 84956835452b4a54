"""Nodes of manifests, licences, contracts, penalties and cases, and what ties entities to them."""

from ingest.load.parts import EdgePart, NodePart, provenance, reference

MANIFEST_ID = "'manifest:' || r.manifest_no"
HW_LICENCE_ID = (
    "'licence:hw_licence:' || r.licence_no || ':' || coalesce(r.valid_from::VARCHAR, '')"
)
PERMIT_ID = "'licence:permit:' || r.permit_no || ':' || coalesce(r.valid_from::VARCHAR, '')"
CARRIER_LICENCE_ID = (
    "'licence:carrier_licence:' || r.licence_no || ':' || coalesce(r.valid_from::VARCHAR, '')"
)
PENALTY_ID = (
    "'penalty:' || r.decision_no || ':' ||"
    " left(sha256(coalesce(r.party_uscc, '') || '|' || r.party_name), 16)"
)
POLICE_CASE_ID = "'police_case:' || left(sha256(r.case_no), 16)"
NO_TIME = "NULL::TIMESTAMP"

DOCUMENT_NODES: tuple[NodePart, ...] = (
    NodePart(
        "manifest",
        "Manifest",
        f"SELECT {MANIFEST_ID} AS id, 'L2' AS level, max(r.status) AS status,"
        " max(r.decision) AS decision, max(r.handover_at) AS handover_at,"
        " max(r.accepted_at) AS accepted_at,"
        " list(DISTINCT i.waste_code ORDER BY i.waste_code)"
        " FILTER (WHERE i.waste_code IS NOT NULL) AS waste_codes,"
        " round(sum(i.qty_out_t), 6) AS qty_out_t, round(sum(i.qty_in_t), 6) AS qty_in_t"
        " FROM manifest r LEFT JOIN manifest_item i USING (manifest_no) GROUP BY r.manifest_no",
    ),
    NodePart(
        "hw_licence",
        "Licence",
        f"SELECT {HW_LICENCE_ID} AS id, 'L1' AS level, max(r.kind) AS kind,"
        " max(r.valid_to) AS valid_to_on, max(r.status) AS status,"
        " list(DISTINCT i.category ORDER BY i.category)"
        " FILTER (WHERE i.category IS NOT NULL) AS categories"
        " FROM hw_licence r LEFT JOIN hw_licence_item i USING (licence_no)"
        " GROUP BY r.licence_no, r.valid_from",
    ),
    NodePart(
        "permit",
        "Licence",
        f"SELECT {PERMIT_ID} AS id, 'L1' AS level, '排污许可证' AS kind,"
        " max(r.valid_to) AS valid_to_on, max(r.status) AS status"
        " FROM permit r GROUP BY r.permit_no, r.valid_from",
    ),
    NodePart(
        "carrier_licence",
        "Licence",
        f"SELECT {CARRIER_LICENCE_ID} AS id, 'L2' AS level, '道路运输经营许可证' AS kind,"
        " max(r.valid_to) AS valid_to_on, max(r.status) AS status"
        " FROM carrier_licence r GROUP BY r.licence_no, r.valid_from",
    ),
    NodePart(
        "om_contract",
        "Contract",
        "SELECT 'contract:om_contract:' || r.contract_no AS id, 'L2' AS level, '运维' AS kind,"
        " max(r.amount_yuan) AS amount_yuan, min(r.valid_from) AS from_on,"
        " max(r.valid_to) AS to_on FROM om_contract r GROUP BY r.contract_no",
    ),
    NodePart(
        "hw_contract",
        "Contract",
        "SELECT 'contract:hw_contract:' || r.contract_no AS id, 'L2' AS level, '危废处置' AS kind,"
        " max(r.amount_yuan) AS amount_yuan, min(r.valid_from) AS from_on,"
        " max(r.valid_to) AS to_on FROM hw_contract r GROUP BY r.contract_no",
    ),
    NodePart(
        "penalty",
        "Penalty",
        f"SELECT {PENALTY_ID} AS id, 'L1' AS level, max(r.decided_on) AS decided_on,"
        " max(r.fine_yuan) AS fine_yuan, bool_or(r.is_hw) AS is_hw"
        " FROM penalty r GROUP BY ALL",
    ),
    NodePart(
        "police_case",
        "PoliceCase",
        f"SELECT {POLICE_CASE_ID} AS id, 'L4' AS level, r.case_no, max(r.case_kind) AS case_kind,"
        " max(r.filed_at) AS filed_at, max(r.status) AS status"
        " FROM police_case r GROUP BY r.case_no",
    ),
    NodePart(
        "incident",
        "Incident",
        "SELECT 'incident:' || r.incident_no AS id, 'L3' AS level, max(r.kind) AS kind,"
        " max(r.reported_at) AS reported_at, max(r.lon) AS lon, max(r.lat) AS lat"
        " FROM incident r GROUP BY r.incident_no",
    ),
    NodePart(
        "complaint",
        "Complaint",
        "SELECT 'complaint:' || r.complaint_no AS id, 'L3' AS level,"
        " max(r.pollution_kind) AS kind, max(r.accepted_at) AS accepted_at,"
        " max(r.lon) AS lon, max(r.lat) AS lat FROM complaint r GROUP BY r.complaint_no",
    ),
)


def _party(type_: str, role: str, quantity: str, at: str) -> EdgePart:
    return EdgePart(
        type_.lower(),
        type_,
        "Manifest",
        "Organization",
        f"SELECT {MANIFEST_ID} AS from_id, r.{role}_entity AS to_id,"
        f" (SELECT round(sum(i.{quantity}), 6) FROM manifest_item i"
        f" WHERE i.manifest_no = r.manifest_no) AS qty_t, max(r.{at}) AS at,"
        f" {provenance('manifest', f'r.{at}')}"
        f" FROM manifest_linked r WHERE r.{role}_entity IS NOT NULL"
        f" GROUP BY r.manifest_no, r.{role}_entity",
    )


def _used(dataset: str, kind: str, role: str) -> EdgePart:
    type_ = "USED_VEHICLE" if kind == "vehicle" else "DRIVEN_BY"
    label = "Vehicle" if kind == "vehicle" else "Person"
    shown = "tractor" if role == "vehicle" else role
    return EdgePart(
        f"{type_.lower()}_{dataset}_{role}",
        type_,
        "Manifest",
        label,
        f"SELECT {MANIFEST_ID} AS from_id, r.{role}_{kind} AS to_id, '{shown}' AS role,"
        f" {provenance(dataset, 'r.departed_at')}"
        f" FROM {dataset}_linked r WHERE r.{role}_{kind} IS NOT NULL"
        f" GROUP BY r.manifest_no, r.{role}_{kind}",
        keys=("role",),
    )


def _holds(dataset: str, node_id: str, role: str) -> EdgePart:
    return EdgePart(
        f"holds_{dataset}",
        "HOLDS_LICENCE",
        "Organization",
        "Licence",
        f"SELECT r.{role}_entity AS from_id, {node_id} AS to_id, {provenance(dataset, NO_TIME)}"
        f" FROM {dataset}_linked r WHERE r.{role}_entity IS NOT NULL GROUP BY 1, 2",
    )


def _party_to(dataset: str, role: str) -> EdgePart:
    return EdgePart(
        f"party_to_{dataset}_{role}",
        "PARTY_TO",
        "Organization",
        "Contract",
        f"SELECT r.{role}_entity AS from_id, 'contract:{dataset}:' || r.contract_no AS to_id,"
        f" '{role}' AS role, {provenance(dataset, NO_TIME)}"
        f" FROM {dataset}_linked r WHERE r.{role}_entity IS NOT NULL GROUP BY 1, 2",
        keys=("role",),
    )


def _concerns(dataset: str, node: str, column: str, label: str, at: str) -> EdgePart:
    number = f"{dataset}_no"
    return EdgePart(
        f"concerns_{dataset}_{label.lower()}",
        "CONCERNS",
        node,
        label,
        f"SELECT '{dataset}:' || r.{number} AS from_id, r.{column} AS to_id,"
        f" {provenance(dataset, f'r.{at}')}"
        f" FROM {dataset}_linked r WHERE r.{column} IS NOT NULL GROUP BY 1, 2",
    )


def _involved(dataset: str, label: str, entity: str, role: str, source: str = "") -> EdgePart:
    """Who or what a case names; ``source`` joins the entity where no linked column holds it."""
    return EdgePart(
        f"involved_{dataset}_{label.lower()}",
        "INVOLVED_IN",
        label,
        "PoliceCase",
        f"SELECT {entity} AS from_id, {POLICE_CASE_ID} AS to_id, {role} AS role,"
        f" {provenance(dataset, NO_TIME)} FROM {dataset}_linked r {source}"
        f" WHERE {entity} IS NOT NULL AND r.case_no IS NOT NULL GROUP BY 1, 2, 3",
        keys=("role",),
    )


def _named(dataset: str, kind: str, role: str) -> str:
    """JOIN that gives alias ``r`` the entity ``e`` of a mention that linked views do not show."""
    return (
        f"JOIN member e ON e.dataset = '{dataset}' AND e.kind = '{kind}' AND e.role = '{role}'"
        " AND e.batch = r.batch AND e.row = r.row AND e.part = r.part"
    )


DOCUMENT_EDGES: tuple[EdgePart, ...] = (
    _party("SHIPPED_BY", "shipper", "qty_out_t", "handover_at"),
    _party("RECEIVED_BY", "receiver", "qty_in_t", "accepted_at"),
    EdgePart(
        "carried_by",
        "CARRIED_BY",
        "Manifest",
        "Organization",
        "WITH legs AS ("
        " SELECT manifest_no, 1 AS leg_no, carrier_entity, departed_at, arrived_at,"
        f" {reference('manifest')} AS ref FROM manifest_linked r"
        " UNION ALL SELECT manifest_no, leg_no, carrier_entity, departed_at, arrived_at,"
        f" {reference('manifest_leg')} FROM manifest_leg_linked r"
        " WHERE manifest_no IN (SELECT manifest_no FROM manifest))"
        " SELECT 'manifest:' || manifest_no AS from_id, carrier_entity AS to_id, leg_no,"
        " max(departed_at) AS departed_at, max(arrived_at) AS arrived_at,"
        " list(ref ORDER BY ref)[1:20] AS sources, count(*)::BIGINT AS source_count,"
        " min(departed_at) AS first_at, max(departed_at) AS last_at"
        " FROM legs WHERE carrier_entity IS NOT NULL GROUP BY manifest_no, carrier_entity, leg_no",
        keys=("leg_no",),
    ),
    _used("manifest", "vehicle", "vehicle"),
    _used("manifest", "vehicle", "trailer"),
    _used("manifest", "person", "driver"),
    _used("manifest", "person", "escort"),
    _holds("hw_licence", HW_LICENCE_ID, "holder"),
    _holds("permit", PERMIT_ID, "holder"),
    _holds("carrier_licence", CARRIER_LICENCE_ID, "carrier"),
    _party_to("om_contract", "client"),
    _party_to("om_contract", "operator"),
    _party_to("hw_contract", "client"),
    _party_to("hw_contract", "body"),
    EdgePart(
        "covers_outlet",
        "COVERS_OUTLET",
        "Contract",
        "Outlet",
        "SELECT 'contract:om_contract:' || r.contract_no AS from_id, o.entity_id AS to_id,"
        f" {provenance('om_contract', NO_TIME)}"
        " FROM om_contract r JOIN (SELECT entity_id, unnest(mns) AS mn FROM entity_outlet) o"
        " USING (mn)"
        " GROUP BY 1, 2",
    ),
    EdgePart(
        "imposed_on_organization",
        "IMPOSED_ON",
        "Penalty",
        "Organization",
        f"SELECT {PENALTY_ID} AS from_id, r.party_entity AS to_id, {provenance('penalty', NO_TIME)}"
        " FROM penalty_linked r WHERE r.party_entity IS NOT NULL GROUP BY 1, 2",
    ),
    EdgePart(
        "imposed_on_person",
        "IMPOSED_ON",
        "Penalty",
        "Person",
        f"SELECT {PENALTY_ID} AS from_id, r.party_person AS to_id, {provenance('penalty', NO_TIME)}"
        " FROM penalty_linked r WHERE r.party_person IS NOT NULL GROUP BY 1, 2",
    ),
    _concerns("complaint", "Complaint", "target_entity", "Organization", "accepted_at"),
    _concerns("incident", "Incident", "vehicle_vehicle", "Vehicle", "reported_at"),
    _involved("police_case_party", "Organization", "r.party_entity", "r.role"),
    _involved("police_case_party", "Person", "r.party_person", "r.role"),
    _involved(
        "police_case_party",
        "Phone",
        "e.entity_id",
        "r.role",
        _named("police_case_party", "phone", "party"),
    ),
    _involved("phone", "Phone", "e.entity_id", "'登记号码'", _named("phone", "phone", "owner")),
    _involved(
        "account", "Account", "e.entity_id", "'涉案账户'", _named("account", "account", "account")
    ),
    _involved("dump_site", "Site", "r.dump_site", "'倾倒点'"),
    EdgePart(
        "contacted",
        "CONTACTED",
        "Phone",
        "Phone",
        "SELECT a.entity_id AS from_id, b.entity_id AS to_id, r.case_no,"
        " sum(r.contact_count)::BIGINT AS contact_count,"
        f" {provenance('phone_contact', 'r.first_at')}"
        " FROM phone_contact r JOIN entity_phone a ON a.number = r.phone_a"
        " JOIN entity_phone b ON b.number = r.phone_b GROUP BY 1, 2, 3",
        keys=("case_no",),
    ),
)
