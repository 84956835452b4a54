"""How the rows behind a finding become edges of its picture."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EdgeSource:
    """How rows of one dataset become edges; the columns are those of its linked view.

    ``price`` is yuan per tonne, for the price ladder of a chain. ``is_day``: ``at`` names a day and
    no hour. ``only`` takes the rows cited in one role, ``but`` leaves those whose role ends so.
    """

    dataset: str
    kind: str
    source: str
    target: str
    at: str
    amount: str
    unit: str
    price: str = "NULL::DOUBLE"
    is_day: bool = False
    only: str = ""
    but: tuple[str, ...] = ()

    def takes(self, role: str) -> bool:
        """Whether a row that is evidence in ``role`` becomes an edge of this source."""
        return role == self.only if self.only else not role.endswith(self.but)


# Invoices for disposal and freight run against the goods: who takes the waste is paid.
FEE_ROLE = "fee"
# One invoice cited for how much business a firm does, whichever way it runs.
SIZE_ROLE = " turnover"
SERVICE_ROLE = "service"
EDGE_SOURCES: tuple[EdgeSource, ...] = (
    EdgeSource(
        "manifest",
        "manifest",
        "shipper_entity",
        "receiver_entity",
        "coalesce(accepted_at, handover_at)",
        "(SELECT sum(coalesce(i.qty_in_t, i.qty_out_t)) FROM manifest_item i"
        " WHERE i.manifest_no = r.manifest_no)",
        "吨",
    ),
    EdgeSource(
        "manifest",
        "carriage",
        "carrier_entity",
        "shipper_entity",
        "departed_at",
        "NULL::DOUBLE",
        "",
    ),
    EdgeSource(
        "invoice",
        "invoice",
        "seller_entity",
        "buyer_entity",
        "issued_at",
        "amount_yuan",
        "元",
        "CASE WHEN uom IN ('吨', 't', 'T', '公斤', '千克', 'kg', 'KG') AND qty > 0"
        " THEN amount_yuan / qty END",
        but=(FEE_ROLE, SIZE_ROLE),
    ),
    EdgeSource(
        "invoice",
        "fee",
        "seller_entity",
        "buyer_entity",
        "issued_at",
        "amount_yuan",
        "元",
        only=FEE_ROLE,
    ),
    EdgeSource(
        "waybill",
        "waybill",
        "consignor_entity",
        "consignee_entity",
        "departed_at",
        "qty_t",
        "吨",
    ),
    EdgeSource(
        "shareholder",
        "ownership",
        "coalesce(holder_entity, holder_person)",
        "company_entity",
        "valid_from::TIMESTAMP",
        "pct",
        "%",
        is_day=True,
    ),
    EdgeSource(
        "officer",
        "office",
        "officer_person",
        "company_entity",
        "valid_from::TIMESTAMP",
        "NULL::DOUBLE",
        "",
        is_day=True,
    ),
    EdgeSource(
        "company",
        "office",
        "legal_rep_person",
        "company_entity",
        "founded_on::TIMESTAMP",
        "NULL::DOUBLE",
        "",
        is_day=True,
    ),
    EdgeSource(
        "service_staff",
        "office",
        "staff_person",
        "employer_entity",
        "NULL::TIMESTAMP",
        "NULL::DOUBLE",
        "",
    ),
    EdgeSource(
        "test_report",
        "test",
        "tester_entity",
        "site_entity",
        "sampled_on::TIMESTAMP",
        "NULL::DOUBLE",
        "",
        is_day=True,
    ),
    EdgeSource(
        "om_contract",
        "operation",
        "operator_entity",
        "client_entity",
        "valid_from::TIMESTAMP",
        "NULL::DOUBLE",
        "",
        is_day=True,
    ),
    EdgeSource(
        "monitor_point",
        "operation",
        "operator_entity",
        "owner_entity",
        "NULL::TIMESTAMP",
        "NULL::DOUBLE",
        "",
        only=SERVICE_ROLE,
    ),
    EdgeSource(
        "monitor_point",
        "outlet",
        "owner_entity",
        "outlet_outlet",
        "NULL::TIMESTAMP",
        "NULL::DOUBLE",
        "",
    ),
    EdgeSource(
        "manifest",
        "vehicle",
        "vehicle_vehicle",
        "receiver_entity",
        "arrived_at",
        "NULL::DOUBLE",
        "",
    ),
)
# Both ends of a vehicle's move stand in the evidence: out at the sender, in at the receiver.
VEHICLE_ENDS = ("weighbridge", "gate_pass")
VEHICLE_MOVES = """
WITH seen AS (
    SELECT owner_entity AS owner, vehicle_vehicle AS vehicle, direction, weighed_at AS seen_at,
        net_t AS load_t
    FROM weighbridge_linked JOIN picture_rows USING (batch, row, part)
    UNION ALL
    SELECT owner_entity, vehicle_vehicle, direction, passed_at, load_t
    FROM gate_pass_linked JOIN picture_rows USING (batch, row, part)
)
SELECT o.owner AS a, i.owner AS b, i.seen_at AS moved_at,
    coalesce(i.load_t, o.load_t) AS amount, NULL::DOUBLE AS price
FROM seen o JOIN seen i ON i.vehicle = o.vehicle AND i.owner <> o.owner
    AND i.direction = '进厂' AND o.direction = '出厂'
    AND i.seen_at BETWEEN o.seen_at AND o.seen_at + INTERVAL 24 HOUR
"""
# A truck that stopped at a place: its sightings and the row of the place stand in the evidence.
VISIT_PLACES = ("place", "dump_site")
VISIT_SIGHTINGS = {
    "checkpoint_pass": "passed_at",
    "gps_point": "located_at",
}
# What ties subjects together: an identifier or person that at least two of them have, and few
# others (RULINGS 15).
DEGREE_CAP = 20
TIES = """
WITH tie AS (
    SELECT from_id AS subject, to_id AS tie, type FROM relation
    WHERE type IN ('HAS_PHONE', 'LOCATED_AT')
    UNION SELECT to_id, from_id, type FROM relation
    WHERE type IN ('LEGAL_REP_OF', 'OFFICER_OF', 'SHAREHOLDER_OF', 'EMPLOYED_BY')
), wanted AS (
    SELECT tie FROM tie GROUP BY tie
    HAVING count(DISTINCT subject) FILTER (WHERE list_contains($subjects, subject)) >= 2
        AND count(DISTINCT subject) <= $cap
)
SELECT subject, tie, type FROM tie JOIN wanted USING (tie)
WHERE list_contains($subjects, subject) ORDER BY tie, subject, type
"""
TIE_KIND = {
    "HAS_PHONE": "shared",
    "LOCATED_AT": "shared",
    "LEGAL_REP_OF": "office",
    "OFFICER_OF": "office",
    "EMPLOYED_BY": "office",
    "SHAREHOLDER_OF": "ownership",
}
