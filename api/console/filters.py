"""How values are written on pages."""

import re
from collections.abc import Callable
from datetime import date, datetime
from functools import cache
from typing import Any

from api.action_words import action_zh
from api.identity.roles import ROLES
from casework.lead import GRADE_ZH
from graph.types import Json
from records.clock import SHANGHAI
from records.contract import read_table
from records.masking import mask_text
from viz.grammar import KIND_ZH, ROLE_ZH, amount_text, role_zh
from viz.lead_words import event_zh, state_zh
from viz.model_words import innocent_zh
from viz.timeline_drawing import moment_kind_zh, moment_text
from viz.words import (
    IDS_ZH,
    dataset_text,
    evidence_role_text,
    number_text,
    reason_text,
    searched_text,
)

MISSING = "—"
PROPERTY_ZH = {
    "uscc": "统一社会信用代码",
    "short_name": "简称",
    "former_names": "曾用名",
    "aliases": "别称",
    "division_code": "行政区划",
    "industry_code": "行业",
    "status": "登记状态",
    "founded_on": "成立日期",
    "legal_rep": "法定代表人",
    "reg_capital_yuan": "注册资本",
    "scope": "经营范围",
    "insured_count": "参保人数",
    "roles": "角色",
    "record_count": "记录数",
    "lon": "经度",
    "lat": "纬度",
    "id_masked": "身份证号",
    "birth_on": "出生日期",
    "plate": "车牌",
    "plate_kind": "号牌种类",
    "is_trailer": "挂车",
    "rated_load_t": "核定载质量",
    "text": "地址",
    "kind": "类别",
    "outlet_code": "排放口编号",
    "medium": "介质",
    "mns": "设备 MN 号",
    "number": "号码",
    "tail4": "尾号",
    "bank": "开户行",
    "decision": "处理意见",
    "handover_at": "交付时间",
    "accepted_at": "接受时间",
    "waste_codes": "废物代码",
    "qty_out_t": "移出量",
    "qty_in_t": "接受量",
    "valid_to_on": "有效期止",
    "categories": "类别",
    "amount_yuan": "金额",
    "from_on": "起",
    "to_on": "止",
    "decided_on": "决定日期",
    "fine_yuan": "罚款",
    "is_hw": "涉危险废物",
    "case_no": "案件编号",
    "case_kind": "案件类别",
    "filed_at": "立案时间",
    "reported_at": "报告时间",
    "grade": "级别",
    "state": "状态",
    "models": "模型",
    "finding_ids": "发现编号",
    "level": "数据级别",
}
UNIT_BY_ENDING = {"_t": "t", "_yuan": "yuan", "_count": ""}
TIME_FORM = re.compile(r"\d{4}-\d{2}-\d{2}T")


def clock_text(value: str | datetime | None) -> str:
    """A time as 2026-05-02 08:00 in Shanghai; an RFC 3339 text is converted."""
    if not value:
        return MISSING
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    if moment.tzinfo is not None:
        moment = moment.astimezone(SHANGHAI)
    return f"{moment:%Y-%m-%d %H:%M}"


def age_text(day: str, now: datetime) -> str:
    """How long ago a day was, as people say it."""
    passed = (now.date() - date.fromisoformat(day[:10])).days
    if passed < 0:
        return day[:10]
    return {0: "今天", 1: "昨天", 2: "前天"}.get(passed, f"{passed} 天前")


@cache
def _divisions() -> dict[str, str]:
    return {row["code"]: row["name_zh"] for row in read_table("jiangsu_divisions.csv")}


def division_text(code: str | None) -> str:
    """City, and the district where the code names one."""
    if not code:
        return MISSING
    names = _divisions()
    city, place = names.get(code[:4] + "00", ""), names.get(code, "")
    if not city:
        return place or code
    return city if place in ("", city) else f"{city}{place}"


def city_text(code: str | None) -> str:
    """The city of a code."""
    return _divisions().get(code[:4] + "00", code) if code else MISSING


def property_zh(name: str) -> str:
    """Heading for a property of an entity."""
    return PROPERTY_ZH.get(name, name)


def property_text(value: Json, name: str) -> str:
    """A property's value as people read it."""
    if value in (None, "", []):
        return MISSING
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "、".join(_word(name, str(item)) for item in value)
    if isinstance(value, int | float):
        ending = next((unit for end, unit in UNIT_BY_ENDING.items() if name.endswith(end)), "")
        return f"{value:.5f}" if name in ("lon", "lat") else number_text(float(value), ending)
    if name == "division_code":
        return division_text(value if isinstance(value, str) else None)
    text = str(value)
    return clock_text(text) if TIME_FORM.match(text) else _word(name, text)


def _word(name: str, value: str) -> str:
    if name == "roles":
        return part_zh(value)
    if name == "kind":
        return SITE_KIND_ZH.get(value, value)
    return state_zh(value) if name == "state" else value


SITE_KIND_ZH = {
    "plant": "厂区",
    "facility": "设施",
    "store": "贮存场所",
    "dump": "倾倒点",
    "place": "地点",
    "outlet": "排放口",
    "site": "场所",
    "yard": "停车场",
}


MENTION_ROLE_ZH = {
    "discharger": "排污单位",
    "case_party": "涉案单位",
    "eia_author": "环评编制单位",
    "penalised": "受处罚单位",
    "a": "甲方",
    "b": "乙方",
    "account": "账户",
    "author": "编制单位",
    "body": "机构",
    "branch": "分支机构",
    "buyer": "购方",
    "carrier": "承运人",
    "client": "委托方",
    "company": "登记企业",
    "consignee": "收货人",
    "consignor": "托运人",
    "contact": "联系方式",
    "customer": "用电户",
    "driver": "驾驶员",
    "dump": "倾倒点",
    "employer": "用人单位",
    "enterprise": "企业",
    "escort": "押运员",
    "facility": "设施",
    "holder": "持有人",
    "home": "住址",
    "insured": "参保人",
    "legal_rep": "法定代表人",
    "loader": "装货人",
    "officer": "任职人员",
    "operator": "运维单位",
    "outlet": "排放口",
    "owner": "所有人",
    "party": "当事人",
    "peer": "对方",
    "person": "人员",
    "place": "地点",
    "receiver": "接受人",
    "receiver_contact": "接受人联系方式",
    "registered": "登记地址",
    "sampler": "采样人",
    "seller": "销方",
    "shipper": "移出人",
    "shipper_contact": "移出人联系方式",
    "site": "场所",
    "staff": "从业人员",
    "store": "贮存场所",
    "subcontractor": "分包机构",
    "supplier": "供应商",
    "suspect": "嫌疑单位",
    "target": "对象",
    "taxpayer": "纳税人",
    "technician": "技术人员",
    "tester": "检测机构",
    "trailer": "挂车",
    "usage": "使用人",
    "vehicle": "车辆",
    "visitor": "到访人员",
}
VALUE_FORM = {
    "text": "文字",
    "uscc": "18 位统一社会信用代码",
    "person_id": "18 位身份证号",
    "phone": "电话号码",
    "plate": "车牌，如 苏A12345",
    "hw_code": "废物代码，如 336-064-17",
    "division": "6 位行政区划代码",
    "date": "日期，如 2026-10-31",
    "datetime": "时间，如 2026-10-31 08:00",
    "month": "月份，如 2026-10",
    "int": "整数",
    "float": "数字，如 12.5",
    "bool": "是或否",
    "enum": "规定的取值之一",
    "coord_lon": "经度，如 118.79",
    "coord_lat": "纬度，如 32.06",
    "coord_wkt": "WKT 图形",
    "json": "JSON",
}


def mention_role_zh(role: str) -> str:
    """Chinese word for the part that an entity plays in a row."""
    return MENTION_ROLE_ZH.get(role, role)


def part_zh(role: str) -> str:
    """Chinese word for a role that an entity has anywhere: in findings or in rows."""
    return role_zh(role) if role in ROLE_ZH else mention_role_zh(role)


def value_form(base_type: str) -> str:
    """How a value of a type is to be written."""
    return VALUE_FORM.get(base_type, base_type)


def user_role_zh(role: str) -> str:
    """Title of a user's role."""
    return ROLES[role].title_zh if role in ROLES else role or MISSING


def kind_zh(kind: str) -> str:
    """Chinese word for a kind of entity."""
    return KIND_ZH.get(kind, kind)


def ids_text(ids: dict[str, str]) -> str:
    """Identifiers of a subject."""
    return "；".join(f"{IDS_ZH.get(k, k)} {v}" for k, v in sorted(ids.items()) if v) or MISSING


def amount_cell(amount: float | None, unit: str) -> str:
    """A quantity, or the sign for a missing one."""
    return amount_text(amount, unit) or MISSING


FILTERS: dict[str, Callable[..., Any]] = {
    "action_zh": action_zh,
    "masked": mask_text,
    "clock": clock_text,
    "age": age_text,
    "division": division_text,
    "city": city_text,
    "property_zh": property_zh,
    "property_text": property_text,
    "kind_zh": kind_zh,
    "role_zh": role_zh,
    "grade_zh": lambda grade: GRADE_ZH.get(grade, str(grade)),
    "state_zh": state_zh,
    "innocent_zh": innocent_zh,
    "amount": amount_cell,
    "reason": reason_text,
    "dataset": dataset_text,
    "evidence_role": evidence_role_text,
    "searched": searched_text,
    "ids": ids_text,
    "moment": moment_kind_zh,
    "moment_time": moment_text,
    "event_zh": event_zh,
    "mention_role": mention_role_zh,
    "value_form": value_form,
    "user_role": user_role_zh,
    "part_zh": part_zh,
}
