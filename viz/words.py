"""Chinese words for the codes that stand in findings, leads and reports; unknown codes stay."""

import re

from casework.lead import GRADE_ZH
from records.contract import PACKETS, load_contract
from viz.model_words import IDENTIFIER_ZH, NODE_STATISTIC_ZH

GRADE_MEANING = {1: "工单", 2: "警告", 3: "提醒"}
DIRECTION_ZH = {
    "A": "危险废物非法转移",
    "B": "在线监测弄虚作假",
    "C": "涉水违法排污",
    "D": "第三方机构造假",
}
STATUS_ZH = {"ok": "数据质量通过", "data_issue": "数据质量未通过，暂不升级"}
RESULT_ZH = {"ruled_out": "已排除", "holds": "成立", "unknown": "未能判定"}
NOT_TESTED = "尚未检验"
MODEL_STATE_ZH = {
    "DRAFT": "草稿",
    "SHADOW": "影子运行",
    "TRIAL": "试运行",
    "LIVE": "正式运行",
    "SUSPENDED": "暂停",
}
NOTICE_ZH = {"enterprise": "可告知企业", "neutral": "中性告知", "internal": "仅限内部"}
UNIT_ZH = {
    "1": "",
    "ratio": "",
    "t": "吨",
    "t/d": "吨/天",
    "h": "小时",
    "min": "分钟",
    "d": "天",
    "days": "天",
    "months": "个月",
    "yuan": "元",
    "yuan/t": "元/吨",
    "km": "公里",
    "m": "米",
    "m3": "立方米",
    "kWh": "千瓦时",
    "persons": "人",
    "person": "人",
    "loops": "次",
    "bits": "比特",
    "trips": "趟",
    "legs": "段",
    "cameras": "个",
    "identifiers": "个",
    "organisations": "家",
    "organizations": "家",
    "agencies": "个部门",
    "sites": "处",
    "bodies": "家",
    "hops": "手",
    "edges": "条",
    "cycles": "个周期",
    "values": "个",
    "reports": "份",
    "samples": "个",
    "jobs": "项",
    "pairs": "对",
    "manifests": "份",
    "rows": "条",
    "score": "分",
    "conflicts": "处",
    "overlaps": "处",
    "runs": "次",
    "types": "种",
    "kinds": "种",
    "links": "处",
    "generators": "家",
    "points": "分",
    "%": "%",
    "mg/L": "mg/L",
    "mg/m3": "mg/m³",
}
IDS_ZH = {
    "uscc": "统一社会信用代码",
    "plate": "车牌",
    "permit_no": "许可证编号",
    "licence_no": "许可证编号",
    "manifest_no": "联单编号",
    "outlet_code": "排放口编号",
    "mn": "设备 MN 号",
    "cert_no": "证书号",
    "point_code": "监测点编号",
    "id_number": "身份证号",
    "person_id": "身份证号",
    "number": "号码",
    "factor": "监测因子",
}
REASON_ZH = {
    "bad_date": "日期不成立",
    "bad_number": "不是数字",
    "bad_format": "格式不符",
    "bad_checksum": "校验位不符",
    "bad_code": "代码不存在",
    "bad_bool": "不是“是”或“否”",
    "bad_geometry": "图形不成立",
    "bad_json": "JSON 不成立",
    "bad_shape": "列数与表头不符",
    "bad_unit": "单位无法识别",
    "missing_required": "必填项为空",
    "out_of_range": "超出合理范围",
    "unknown_code": "代码不存在",
    "unknown_enum": "不在规定的取值内",
    "unresolved_key": "所引用的记录尚未到达",
    "duplicate_key": "主键重复",
    "bad_crc": "报文校验不符",
    "bad_length": "报文长度不符",
    "bad_packet": "报文无法识别",
    "lost_precision": "位数过多，精度已丢失",
    "encrypted": "报文已加密",
}


def grade_text(grade: int) -> str:
    """A grade in words: 一级（工单）."""
    return f"{GRADE_ZH.get(grade, grade)}（{GRADE_MEANING.get(grade, '')}）"


def number_text(value: float, unit: str = "") -> str:
    """A number as people read it, with a Chinese unit where there is one."""
    if unit == "yuan" and abs(value) >= 10000:
        return f"{value / 10000:.2f} 万元"
    if float(value).is_integer() and abs(value) < 1e15:
        text = f"{value + 0.0:.0f}"
    elif abs(value) >= 1000:
        text = f"{value:.1f}"
    elif abs(value) < 1e-4:
        text = f"{value:.1e}"
    else:
        text = f"{value:.4g}"
    return f"{text} {UNIT_ZH.get(unit, unit)}".strip()


def model_text(name: str) -> str:
    """Name of a model as people read it: how it was built stands in brackets and is left out."""
    return re.sub(r"[(（][^()（）]*模型[)）]$", "", name)


def reason_text(code: str) -> str:
    """Why a row was set aside; a code may name its column after a colon."""
    head, _, column = code.partition(":")
    word = REASON_ZH.get(head, head)
    return f"{word}（{column}）" if column else word


def dataset_text(name: str) -> str:
    """Chinese name of a dataset; other names stay."""
    if name == PACKETS:
        return "HJ 212 报文"
    datasets = load_contract().datasets
    return datasets[name].name_zh if name in datasets else name


NODE_ROLE = re.compile(r"node (\d+) (.+)")
ROLE_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), text)
    for pattern, text in (
        (r"loop (\d+) edge (\d+)", r"第\1圈第\2环"),
        (r"edge (\d+) seen", r"第\1环途中记录"),
        (r"anomaly (\S+)", r"站点异常（\1）"),
        (r"likeness parameter", "相同的参数修改"),
        (r"likeness fragment", "相同的数据片段"),
        (r"likeness photo", "相同的照片"),
        (r"likeness raw_file", "相同的原始谱图文件"),
        (r"likeness sampler", "同一采样人员"),
        (r"edge (\d+)", r"第\1环"),
        (r"hop (\d+)", r"第\1手"),
        (r"shared phone", "共用电话"),
        (r"shared address", "共用地址"),
        (r"shared (?:person|controller|officer|staff)", "共同人员"),
        (r"shared instrument", "共用仪器"),
        (r"shared vehicle", "共用车辆"),
        (r"shared (\w+)", r"共用标识（\1）"),
    )
)


EVIDENCE_ZH = {
    "age": "成立时间",
    "insured": "参保人数",
    "turnover": "业务规模",
    "scope": "经营范围",
    "offender": "涉案关联",
    "overlapping trip": "同车行程重叠",
    "overlap": "同车行程重叠",
    "licence": "许可证",
    "permit": "许可",
    "refund": "退税申报",
    "vat_refund": "退税申报",
    "power": "用电",
    "seen on the way": "途中记录",
    "fee": "费用发票",
    "controls": "控制关系",
    "controller": "控制人",
    "likeness": "相同手法",
    "manifest": "联单",
    "invoice": "发票",
    "service": "服务关系",
    "": "证据",
}


def evidence_role_text(role: str) -> str:
    """What a row shows, in Chinese."""
    if role in EVIDENCE_ZH:
        return EVIDENCE_ZH[role]
    if found := NODE_ROLE.fullmatch(role):
        rest = found[2].removeprefix("shell ")
        return f"第{found[1]}家{NODE_STATISTIC_ZH.get(rest, evidence_role_text(rest))}"
    for pattern, text in ROLE_PATTERNS:
        if pattern.fullmatch(role):
            return pattern.sub(text, role)
    return role


NAMED_ZH = {
    **{code: word for code, word in NODE_STATISTIC_ZH.items() if "_" in code},
    **IDENTIFIER_ZH,
}
# A name of a dataset at the start, or in a list there.
DATASET_NAME = re.compile(r"^([a-z_]+)(?=[ :,])")
SEARCHED_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), text)
    for pattern, text in (
        (
            r"^search cut: (\d+) organisations, (\d+) walks of further node sets, (\d+) node sets"
            r" not counted to the end$",
            r"检索达到上限：\1 家单位、其余单位组合的 \2 条走法、\3 组未数尽",
        ),
        (
            r"^path search did not pass (\d+) organisations of more than (\d+) partners$",
            r"路径搜索未经过往来单位超过 \2 家的单位（共 \1 家）",
        ),
        (
            r"^path search cut behind the first hand-over: more of this chain may exist$",
            "路径搜索在首次转手之后达到上限，该链条可能还有其他去向",
        ),
        (
            r"^path search cut at (\d+) first hand-overs: more chains may exist$",
            r"路径搜索有 \1 处首次转手达到上限，可能还有其他链条",
        ),
        (r": none$", "：未发现"),
        (
            r": none in (\d+) of (\d+) loops, the rest not testable$",
            r"：\2 次中可核查的 \1 次未发现，其余未能核查（无数据）",
        ),
        (
            r": (\d+) of (\d+) legs not seen, (\d+) not testable$",
            r"：可核查的 \2 段中 \1 段未被记录到，另有 \3 段未能核查（无数据）",
        ),
        (
            r"^loops of these firms were counted up to (\d+): more may exist$",
            r"本组单位的闭环数到 \1 次为止，可能还有",
        ),
        (r": not testable$", "：未能核查（无数据）"),
        (r": not met$", "：不符合"),
        (r": ignored, degree (\d+)$", r"：关联 \1 家，视为公共标识，不计"),
        (r": (\d+) rows in the register$", r"：已查登记 \1 条"),
        (r": none with R/D method$", "：没有含利用处置方式的许可"),
        (r": (\d+) failed, about (\d+) shown as evidence$", r"：\1 份不符，列出约 \2 份"),
        (r"^shared identifier\b", "共用标识"),
        (r"^shared (?=phone|address|officer|person)", "共用"),
        (r"^anomaly models:", "异常模型："),
        (r"^likeness\b", "相同手法"),
        *((rf"\b{code}\b", word) for code, word in NAMED_ZH.items()),
        (r"^relation \(.*?\)", "共同的控制人、电话或地址"),
        (r"(?<=, )hours\b", "小时数据"),
        (r"(?<=, )(?:obs_)?minutes?\b", "分钟数据"),
        (r"(?<=, )flow\b", "流量"),
        (r"\bmn (?=\d)", "设备 "),
        (r"^evidence: (\d+) of (\d+) conflicts shown$", r"证据：\2 处冲突列出 \1 处"),
        (r": (\d+) visits in the window, (\d+) in conflict$", r"：期间到场 \1 次，冲突 \2 次"),
        (r"^shared ?(?=[^\x00-\x7f])", "共用"),
        (r"\bT(\d)_failed\b", r"第\1项不符"),
        (r"\bT(\d)_unknown\b", r"第\1项无法判定"),
        (r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)", r"\1 \2"),
        (r"\bplate\b", "车牌"),
        (r"(\d)\.\.(\d)", r"\1 至 \2"),
        (r"^dwell\b", "停留时间过短"),
        (r"^power\b", "用电量过低"),
        (r"^code change without licence", "未持许可改变废物代码"),
        (r"^trips without a trace", "没有任何通行记录的运输"),
    )
)


def searched_text(line: str) -> str:
    """One line of what was searched and not found, in Chinese."""
    text = DATASET_NAME.sub(lambda found: dataset_text(found[1]), line)
    for pattern, chinese in SEARCHED_PATTERNS:
        text = pattern.sub(chinese, text)
    return text
