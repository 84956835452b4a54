"""Flows: what passed between two entities in a month, summed, with the rows behind it."""

from ingest.load.parts import EdgePart, month, provenance

# Service words first: 危废处置运输费 is disposal, and no service is goods.
ITEM_GROUP = (
    "CASE WHEN regexp_matches(r.item_name, '处置|处理费|治理|清运') THEN 'disposal'"
    " WHEN regexp_matches(r.item_name, '运输|运费|货运|物流') THEN 'transport'"
    " WHEN regexp_matches(r.item_name, '服务|检测|运维|咨询|租赁|技术|劳务') THEN 'other'"
    " ELSE 'goods' END"
)
TRANSFER_AT = "coalesce(r.accepted_at, r.handover_at)"

FLOWS: tuple[EdgePart, ...] = (
    EdgePart(
        "transferred_to",
        "TRANSFERRED_TO",
        "Organization",
        "Organization",
        f"SELECT r.shipper_entity AS from_id, r.receiver_entity AS to_id,"
        f" {month(TRANSFER_AT)} AS month, i.waste_code,"
        " round(sum(coalesce(i.qty_in_t, i.qty_out_t)), 6) AS waste_t,"
        " count(DISTINCT r.manifest_no)::BIGINT AS manifest_count,"
        f" {provenance('manifest', TRANSFER_AT)}"
        " FROM manifest_linked r JOIN manifest_item i USING (manifest_no)"
        " WHERE r.shipper_entity IS NOT NULL AND r.receiver_entity IS NOT NULL"
        " AND i.waste_code IS NOT NULL"
        " AND coalesce(r.status, '') NOT IN ('草稿', '作废') GROUP BY 1, 2, 3, 4",
        keys=("month", "waste_code"),
        is_flow=True,
    ),
    EdgePart(
        "invoiced",
        "INVOICED",
        "Organization",
        "Organization",
        f"SELECT r.seller_entity AS from_id, r.buyer_entity AS to_id,"
        f" {month('r.issued_at')} AS month, {ITEM_GROUP} AS item_group,"
        " round(sum(r.amount_yuan), 2) AS amount_yuan,"
        " round(sum(r.qty) FILTER (WHERE regexp_matches(coalesce(r.uom, ''),"
        " '吨|千克|公斤|kg|^t$')), 6) AS qty_t,"
        " count(DISTINCT r.invoice_no)::BIGINT AS invoice_count,"
        f" {provenance('invoice', 'r.issued_at')}"
        " FROM invoice_linked r"
        " WHERE r.seller_entity IS NOT NULL AND r.buyer_entity IS NOT NULL"
        " AND coalesce(r.status, '正常') NOT IN ('作废', '已作废') GROUP BY 1, 2, 3, 4",
        keys=("month", "item_group"),
        is_flow=True,
    ),
    EdgePart(
        "paid",
        "PAID",
        "Account",
        "Account",
        f"SELECT CASE WHEN r.direction = '借' THEN a.entity_id ELSE p.entity_id END AS from_id,"
        f" CASE WHEN r.direction = '借' THEN p.entity_id ELSE a.entity_id END AS to_id,"
        f" {month('r.traded_at')} AS month, r.case_no,"
        " round(sum(r.amount_yuan), 2) AS amount_yuan, count(*)::BIGINT AS payment_count,"
        f" {provenance('transfer', 'r.traded_at')}"
        " FROM transfer r JOIN entity_account a ON a.number = r.account_no"
        " JOIN entity_account p ON p.number = r.peer_account_no GROUP BY 1, 2, 3, 4",
        keys=("month", "case_no"),
        is_flow=True,
    ),
    EdgePart(
        "tested",
        "TESTED",
        "Organization",
        "Organization",
        f"SELECT r.tester_entity AS from_id, r.site_entity AS to_id,"
        f" {month('r.sampled_on::TIMESTAMP')} AS month,"
        " count(DISTINCT r.report_no)::BIGINT AS report_count,"
        " (sum(s.samples))::BIGINT AS sample_count,"
        f" {provenance('test_report', 'r.sampled_on::TIMESTAMP')}"
        " FROM test_report_linked r LEFT JOIN (SELECT report_no, body_uscc,"
        " count(DISTINCT sample_no) AS samples FROM test_sample GROUP BY 1, 2) s"
        " ON s.report_no = r.report_no AND s.body_uscc = r.body_uscc"
        " WHERE r.tester_entity IS NOT NULL AND r.site_entity IS NOT NULL"
        " AND r.sampled_on IS NOT NULL GROUP BY 1, 2, 3",
        keys=("month",),
        is_flow=True,
    ),
    EdgePart(
        "visited",
        "VISITED",
        "Vehicle",
        "Site",
        # Gate logs name the firm only; its plant is meant where it has several sites.
        "WITH plant AS (SELECT organization_id,"
        " arg_min(entity_id, {'k': kind <> 'plant', 'i': entity_id}) AS site_id FROM site"
        " WHERE organization_id IS NOT NULL AND kind IN ('plant', 'facility') GROUP BY 1),"
        " passes AS (SELECT r.*, p.site_id,"
        " lead(r.passed_at) OVER w AS next_at, lead(r.direction) OVER w AS next_direction"
        " FROM gate_pass_linked r JOIN plant p ON p.organization_id = r.owner_entity"
        " WHERE r.vehicle_vehicle IS NOT NULL"
        " WINDOW w AS (PARTITION BY r.vehicle_vehicle, p.site_id ORDER BY r.passed_at, r.row))"
        " SELECT r.vehicle_vehicle AS from_id, r.site_id AS to_id,"
        f" {month('r.passed_at')} AS month,"
        " count(*)::BIGINT AS visit_count,"
        " round(sum(date_diff('minute', r.passed_at, r.next_at))"
        " FILTER (WHERE r.next_direction = '出厂') / 60.0, 2) AS stay_h,"
        " count(*) FILTER (WHERE hour(r.passed_at + INTERVAL 8 HOUR) NOT BETWEEN 6 AND 21)::BIGINT"
        " AS night_count,"
        f" {provenance('gate_pass', 'r.passed_at')}"
        " FROM passes r WHERE r.direction = '进厂' GROUP BY 1, 2, 3",
        keys=("month",),
        is_flow=True,
    ),
    EdgePart(
        "drove",
        "DROVE",
        "Person",
        "Vehicle",
        f"SELECT r.driver_person AS from_id, r.vehicle_vehicle AS to_id,"
        f" {month('r.departed_at')} AS month, count(DISTINCT r.manifest_no)::BIGINT AS trip_count,"
        f" {provenance('manifest', 'r.departed_at')}"
        " FROM manifest_linked r WHERE r.driver_person IS NOT NULL"
        " AND r.vehicle_vehicle IS NOT NULL AND r.departed_at IS NOT NULL GROUP BY 1, 2, 3",
        keys=("month",),
        is_flow=True,
    ),
)
