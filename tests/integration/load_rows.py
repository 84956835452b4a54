"""A small lake in which every label and relationship that the loader writes occurs."""

from datetime import date, datetime

from tests.integration.lake_files import Rows
from tests.unit.ingest.resolve.conftest import code_of, id_number_of

GENERATOR, RECEIVER, CARRIER, OPERATOR, BRANCH = (code_of(n) for n in range(1, 6))
OWNER, DRIVER, ESCORT, OFFICER = (id_number_of(n) for n in range(1, 5))
NAMES = {
    GENERATOR: "苏州宏润化工有限公司",
    RECEIVER: "南通绿源环保科技有限公司",
    CARRIER: "扬州金桥运输有限公司",
    OPERATOR: "常州清测检测技术有限公司",
}
CASE = "A3205010000002026010001"
HANDED, ACCEPTED = datetime(2026, 10, 2, 1), datetime(2026, 10, 2, 7)
DAY = date(2026, 1, 1)


def manifest(number: int, **more: object) -> dict[str, object]:
    """A manifest from generator to receiver."""
    return {
        "manifest_no": f"2026320500000{number}",
        "shipper_name": NAMES[GENERATOR],
        "shipper_uscc": GENERATOR,
        "shipper_phone": "051266668888",
        "shipper_address": "苏州市振兴路8号",
        "carrier_name": NAMES[CARRIER],
        "carrier_uscc": CARRIER,
        "receiver_name": NAMES[RECEIVER],
        "receiver_uscc": RECEIVER,
        "driver_name": "李明",
        "driver_id": DRIVER,
        "escort_name": "王芳",
        "escort_id": ESCORT,
        "plate": "苏KA1234",
        "trailer_plate": "苏KB123挂",
        "handover_at": HANDED,
        "departed_at": HANDED,
        "arrived_at": ACCEPTED,
        "accepted_at": ACCEPTED,
        "status": "已接受",
        "decision": "接受",
        **more,
    }


def item(number: int, tonnes: float = 10.0, **more: object) -> dict[str, object]:
    """An item of a manifest."""
    return {
        "manifest_no": f"2026320500000{number}",
        "item_no": 1,
        "waste_name": "废酸",
        "waste_code": "900-300-34",
        "qty_out_t": tonnes,
        "qty_in_t": tonnes,
        **more,
    }


def invoice(number: int, **more: object) -> dict[str, object]:
    """An invoice from receiver to generator for disposal."""
    return {
        "invoice_no": f"{number:08d}",
        "line_no": 1,
        "issued_at": datetime(2026, 10, 20, 4),
        "seller_uscc": RECEIVER,
        "seller_name": NAMES[RECEIVER],
        "buyer_uscc": GENERATOR,
        "buyer_name": NAMES[GENERATOR],
        "item_name": "*现代服务*处置费",
        "amount_yuan": 1000.0,
        "status": "正常",
        **more,
    }


ROWS: Rows = {
    "company": [
        {"uscc": code, "name": name, "division_code": "320505", "legal_rep": "赵强",
         "legal_rep_id": OWNER, "address": f"苏州市太湖路{n}号", "founded_on": DAY,
         "status": "存续"}
        for n, (code, name) in enumerate(NAMES.items(), 1)
    ],
    "enterprise": [
        {"name": NAMES[GENERATOR], "uscc": GENERATOR, "site_address": "苏州市振兴路8号",
         "division_code": "320505", "lon": 120.6, "lat": 31.3, "env_phone": "051266668888"},
    ],
    "permit": [
        {"permit_no": GENERATOR + "001P", "valid_from": DAY, "valid_to": date(2030, 12, 31),
         "unit_name": NAMES[GENERATOR], "uscc": GENERATOR, "site_address": "苏州市振兴路8号",
         "division_code": "320505", "lon": 120.6, "lat": 31.3, "status": "有效"},
    ],
    "hw_licence": [
        {"licence_no": "JS0501", "valid_from": DAY, "valid_to": date(2030, 12, 31),
         "unit_name": NAMES[RECEIVER], "uscc": RECEIVER, "kind": "综合经营",
         "site_address": "南通市江海路9号", "lon": 120.9, "lat": 32.0, "status": "有效"},
    ],
    "hw_licence_item": [
        {"licence_no": "JS0501", "valid_from": DAY, "category": c} for c in ("HW34", "HW17")
    ],
    "carrier_licence": [
        {"licence_no": "320500001", "name": NAMES[CARRIER], "uscc": CARRIER,
         "valid_from": DAY, "valid_to": date(2030, 12, 31), "status": "营业", "scope": "8类",
         "phone": "051455556666"},
    ],
    "outlet": [{"uscc": GENERATOR, "outlet_code": "DW001", "kind": "废水", "lon": 120.6,
                "lat": 31.3}],
    "monitor_point": [{"mn": "M1", "uscc": GENERATOR, "outlet_code": "DW001", "st": "32"}],
    "om_contract": [
        {"contract_no": "OM1", "mn": "M1", "client_uscc": GENERATOR, "body_uscc": OPERATOR,
         "amount_yuan": 5.0, "valid_from": DAY, "valid_to": date(2026, 12, 31)},
    ],
    "om_log": [{"mn": "M1", "arrived_at": HANDED, "body_uscc": OPERATOR, "work_kind": "巡检"}],
    "hw_contract": [
        {"contract_no": "HW1", "client_uscc": GENERATOR, "body_uscc": RECEIVER,
         "amount_yuan": 9.0, "valid_from": DAY, "valid_to": date(2026, 12, 31)},
    ],
    "hw_store": [{"uscc": GENERATOR, "store_code": "S1", "store_name": "危废库"}],
    "vehicle": [
        {"plate": "苏KA1234", "plate_kind": "01", "owner_name": NAMES[CARRIER],
         "owner_id": CARRIER, "rated_load_t": 20.0, "registered_on": DAY},
        {"plate": "苏KC5678", "plate_kind": "02", "owner_name": "赵强", "owner_id": OWNER,
         "owner_phone": "13800000001"},
    ],
    "driver_permit": [
        {"permit_no": "D1", "name": "李明", "person_id": DRIVER, "employer_uscc": CARRIER,
         "employer_name": NAMES[CARRIER], "issued_on": DAY, "valid_to": date(2030, 1, 1),
         "phone": "13800000002"},
    ],
    "insured_person": [
        {"uscc": GENERATOR, "person_id": OFFICER, "name": "孙丽", "started_month": "2025-03",
         "ended_month": "2026-02", "kind": "养老"},
    ],
    "officer": [{"uscc": GENERATOR, "name": "孙丽", "person_id": OFFICER, "post": "监事",
                 "valid_from": DAY}],
    "shareholder": [
        {"uscc": GENERATOR, "holder_name": "赵强", "holder_kind": "自然人股东", "holder_id": OWNER,
         "pct": 60.0, "valid_from": DAY},
        {"uscc": RECEIVER, "holder_name": NAMES[GENERATOR], "holder_kind": "企业法人",
         "holder_id": GENERATOR, "pct": 51.0},
    ],
    "company_branch": [
        {"uscc": GENERATOR, "branch_uscc": BRANCH, "branch_name": "苏州宏润化工有限公司太仓分公司",
         "founded_on": DAY},
    ],
    "person": [{"person_id": OWNER, "name": "赵强", "address": "苏州市人民路1号",
                "phone": "13800000001"}],
    "manifest": [manifest(1), manifest(2)],
    "manifest_item": [item(1), item(2, 5.5)],
    "manifest_leg": [
        {"manifest_no": "20263205000001", "leg_no": 2, "carrier_name": NAMES[CARRIER],
         "carrier_uscc": CARRIER, "departed_at": HANDED},
    ],
    "invoice": [invoice(1), invoice(2, amount_yuan=500.0)],
    "gate_pass": [
        {"gate_no": "G1", "passed_at": HANDED, "plate": "苏KA1234", "direction": "进厂",
         "uscc": GENERATOR},
        {"gate_no": "G1", "passed_at": ACCEPTED, "plate": "苏KA1234", "direction": "出厂",
         "uscc": GENERATOR},
    ],
    "test_report": [
        {"report_no": "R1", "body_uscc": OPERATOR, "body_name": NAMES[OPERATOR],
         "site_uscc": GENERATOR, "site_name": NAMES[GENERATOR], "sampled_on": DAY},
    ],
    "test_sample": [
        {"report_no": "R1", "sample_no": f"S{n}", "item_name": "COD", "body_uscc": OPERATOR,
         "sampling_start_at": HANDED, "samplers": "钱一、周二"}
        for n in (1, 2)
    ],
    "penalty": [
        {"decision_no": "苏环罚1号", "party_name": NAMES[GENERATOR], "party_uscc": GENERATOR,
         "decided_on": DAY, "fine_yuan": 100000.0, "is_hw": True},
        {"decision_no": "苏环罚1号", "party_name": "赵强", "party_person_id": OWNER,
         "decided_on": DAY, "fine_yuan": 5000.0},
    ],
    "police_case": [
        {"case_no": CASE, "case_name": "污染环境案", "case_kind": "污染环境", "filed_at": HANDED,
         "status": "立案"},
    ],
    "police_case_party": [
        {"case_no": CASE, "party_name": "赵强", "person_id": OWNER, "role": "犯罪嫌疑人",
         "phone": "13800000001"},
        {"case_no": CASE, "org_name": NAMES[GENERATOR], "uscc": GENERATOR, "role": "被告单位"},
    ],
    "phone": [{"phone": "13800000001", "owner_name": "赵强", "owner_id": OWNER, "case_no": CASE}],
    "phone_contact": [
        {"case_no": CASE, "phone_a": "13800000001", "phone_b": "13800000002", "contact_count": 3,
         "first_at": HANDED, "last_at": ACCEPTED},
    ],
    "account": [
        {"account_no": "6222000000000001", "owner_name": "赵强", "owner_id": OWNER,
         "bank": "工行", "case_no": CASE},
        {"account_no": "6222000000000002", "owner_name": NAMES[GENERATOR],
         "owner_id": GENERATOR, "bank": "建行", "case_no": CASE},
    ],
    "transfer": [
        {"case_no": CASE, "account_no": "6222000000000002", "traded_at": HANDED, "trade_no": "T1",
         "amount_yuan": 30000.0, "direction": "借", "peer_account_no": "6222000000000001"},
    ],
    "dump_site": [
        {"site_no": "DS1", "found_at": HANDED, "lon": 120.5, "lat": 31.2, "confirmed": "已确认",
         "case_no": CASE, "address": "太湖东路荒地"},
    ],
    "incident": [
        {"incident_no": "I1", "reported_at": HANDED, "kind": "倾倒", "plate": "苏KA1234"},
    ],
    "complaint": [
        {"complaint_no": "C1", "accepted_at": HANDED, "target_name": NAMES[GENERATOR],
         "target_uscc": GENERATOR, "pollution_kind": "水"},
    ],
}  # fmt: skip
