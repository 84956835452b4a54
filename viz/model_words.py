"""What people read about a model: what it looks for, its numbers, doubts, and checks by agency.

Models themselves speak in codes; a code without an entry here is shown as it is.
"""

import re
from dataclasses import dataclass

from viz.loop_words import LOOP_STATISTIC_ZH


@dataclass(frozen=True, slots=True)
class ModelWords:
    """Texts of one model: what it looks for, and checks for the field team by agency."""

    looks_for: str
    checks: tuple[str, ...]


MODEL_WORDS: dict[str, ModelWords] = {
    "HW-08": ModelWords(
        "接受、承运危险废物的单位、车辆或人员没有相应资质，或跨省转移未经批准。",
        (
            "生态环境：调取经营许可证正副本及变更材料，核对类别、代码、方式、规模和设施地址",
            "生态环境：核对豁免、收集试点和试生产的批准文件",
            "交通运输：核对承运单位经营范围、车辆道路运输证和人员从业资格",
        ),
    ),
    "HW-10": ModelWords(
        "危险废物经成立不久、人员很少、没有相应能力的单位倒手后去向不明，价格逐级下降。",
        (
            "市场监管：核查中间单位的登记、住所和实际经营情况",
            "税务：调取各环节发票和资金往来的申报情况",
            "生态环境：核查末端去向和实际利用处置能力",
            "交通运输：核对承运车辆和驾驶员的关联关系",
            "公安：在案件项下核查控制人、联系人与涉案前科的关联",
        ),
    ),
    "HW-11": ModelWords(
        "危险废物在几家单位之间辗转后又回到曾经转出的单位，疑似虚假处置、洗改代码或骗取退税。",
        (
            "生态环境：到各环节核对入库、投料、产品和出库台账，现场查看贮存量",
            "交通运输：调取各趟运输的卫星定位轨迹和电子运单",
            "税务：核对相应发票与资源综合利用退税申报",
            "公安：在案件项下调取卡口记录，核实车辆是否实际到达",
        ),
    ),
    "OM-02": ModelWords(
        "在线监测数据长时间不变或只在极窄范围内波动，而流量、用电等另有变化。",
        (
            "生态环境：现场查看仪器状态、量程和原始记录，做标样核查与同步比对",
            "生态环境：调取运维记录、参数修改记录与门禁影像",
            "供电：核对同期生产与治理设施用电",
        ),
    ),
    "TP-01": ModelWords(
        "同一采样人员或仪器在同一时间出现在两处，或行程所需时间不足。",
        (
            "生态环境：调取采样原始记录、照片及其定位信息，逐项核对",
            "市场监管：核对检测机构的资质、人员和仪器台账",
            "交通运输：核对采样车辆当日行程",
        ),
    ),
    "TP-06": ModelWords(
        "由同一控制圈掌握的几家运维或检测机构，所服务的单位以相同方式出现数据异常。",
        (
            "市场监管：核查机构之间的股权、人员、住所关系",
            "生态环境：对所服务单位同步抽查，比对参数与数据片段",
            "人社：核对技术人员参保单位与实际任职",
        ),
    ),
}
STATISTIC_ZH = {
    **LOOP_STATISTIC_ZH,
    "loops_90d": "九十日成环次数",
    "tonnes_12_months": "十二个月累计数量",
    "waste_t": "废物数量",
    "shared_identifiers": "共用标识数",
    "trips_unseen": "未被记录的运输",
    "trips_overlapping": "同车重叠的运输",
    "flow_ratio": "前后环节数量比",
    "dwell_h": "最短停留时间",
    "power_ratio": "用电与正常之比",
    "cameras_awake": "途中在运行的卡口数",
    "unlicensed_changes": "未持许可改变代码",
    "refund_claimed": "申报退税的环节",
    "expired_days": "过期天数",
    "load_ratio": "接受量与核准量之比",
    "site_distance": "接受点与许可地址的距离",
    "chain_score": "链条得分",
    "end_partners": "终点单位的往来单位数",
    "support": "独立佐证的部门",
    "run_h": "恒值持续时间",
    "cycles": "分析周期数",
    "chance_runs": "偶然出现的期望次数",
    "band_share": "波动幅度占量程",
    "low_share": "低于检出限的比例",
    "test_to_lod": "监督监测值与检出限之比",
    "second_cv": "对照量的变异系数",
    "hard_conflicts": "确定的时空冲突",
    "soft_conflicts": "可能的时空冲突",
    "conflict_rate": "冲突占比",
    "instrument_overlaps": "仪器时间重叠",
    "excess_p": "偶然出现这么多异常的概率",
    "fdr_q": "各组同时检验允许的误报比例",
    "fdr_rejected": "各组同时检验后仍然成立",
    "observed_share": "本组站点的异常比例",
    "expected_share": "同类站点应有的异常比例",
    "overall_share": "其他站点的异常比例",
    "sites": "服务站点数",
    "stability": "重复抽样后仍为一组的程度",
    "likeness_kinds": "相同手法种类",
    "agencies": "数据来源部门",
    "types_needed": "认定异常站点所需的异常种类",
}
# Numbers of one party of a chain, after "node 2".
NODE_STATISTIC_ZH = {
    "points": "可疑分",
    "volume_t": "经手数量",
    "volume_yuan": "经手金额",
    "age_days": "成立天数",
    "insured_count": "参保人数",
    "scope_without_waste": "经营范围不含危废",
    "offender_links": "与涉案主体的关联",
    "byproduct_generators": "收购同类副产品的产废单位",
    "power_ratio": "用电与同类之比",
    "pass_through_share": "快进快出的差额比例",
    "insured": "参保人数",
    "offender": "涉案关联",
    "scope": "经营范围",
    "turnover": "经手规模",
    "partners": "往来单位数",
    "price_ratio": "转手单价之比",
}
IDENTIFIER_ZH = {
    "phone": "电话",
    "address": "地址",
    "officer": "任职人员",
    "person": "人员",
    "controller": "控制人",
    "legal_rep": "法定代表人",
    "parameter": "参数修改",
    "fragment": "数据片段",
    "photo": "照片",
    "raw_file": "原始谱图文件",
    "sampler": "采样人员",
    "instrument": "仪器",
    "staff": "人员",
    "vehicle": "车辆",
}
NODE_STATISTIC = re.compile(r"node(\d+)_(\w+)")
# The party itself is the one on record: nothing is shared.
SELF_DEGREE = "shared_self_degree"
SHARED_DEGREE = re.compile(r"shared_(\w+)_degree")
LICENCE_TEST = re.compile(r"(T\d)_(failed|unknown)")
LICENCE_TEST_ZH = {
    "T1": "许可证有效性",
    "T2": "许可代码",
    "T3": "利用处置方式",
    "T4": "年度核准量",
    "T5": "承运范围",
    "T6": "车辆道路运输证",
    "T7": "从业资格",
    "T8": "跨省批准",
    "T9": "设施地址",
}
IDENTIFIER_DEGREE = re.compile(r"identifier_(\d+)_degree")
INNOCENT_ZH = {
    "rejected_load_returned": "拒收货物按规定退回",
    "returned_packaging": "包装物周转返还",
    "contract_regeneration": "委托再生后返还合格产品",
    "group_consolidation": "同一集团内部集中转运",
    "all_codes_of_category": "许可证按整类核准",
    "approval_feed_late": "批准文件数据滞后",
    "collection_pilot": "属于收集试点",
    "exempt_waste": "属于豁免管理的废物",
    "further_licensed_site": "另有获批的设施地址",
    "licence_renewed_feed_late": "已换证而数据滞后",
    "licensed_amount_extended": "核准规模已扩大",
    "transport_exemption": "运输环节豁免",
    "trial_operation": "属于批准的试生产",
    "analyser_holds_last_value": "分析仪在两次分析之间保持上一个值",
    "buffered_outlet": "排放口前有调节池，水质本就平稳",
    "camera_gap": "相机停拍或未上传",
    "clean_discharge_at_lod": "排放清洁，长期处于检出限",
    "clerical_times": "时间系人工填写，有笔误",
    "exif_clock": "相机时钟不准",
    "firmware_rounding": "仪器固件取整",
    "fixed_sampler": "固定安装的自动采样器",
    "personal_car": "使用自备车辆，行程未登记",
    "register_renewed_feed_late": "资质已更新而数据滞后",
    "stable_small_load": "负荷小而稳定",
    "two_teams_one_lead": "两组同时采样，登记同一负责人",
    "unmarked_stop": "停产或停排未作标记",
    "bookkeeper_phone": "登记的是代账公司电话",
    "family_firm": "家族企业",
    "incubator_address": "登记在孵化器或集群地址",
    "licensed_body": "中间单位持有相应许可",
    "new_logistics_firm": "新设的物流企业",
    "trading_company": "正常的贸易公司",
    "operating_firm": "正常经营的企业",
    "ordinary_price": "按正常价差购销",
    "filed_subcontract_group": "已备案分包的合法集团",
    "manufacturer_net": "设备厂商的服务网络",
    "old_devices": "地区设备普遍老旧",
    "shared_bookkeeper": "共用代账公司",
}
INNOCENT_TEST = {
    "rejected_load_returned": "调取拒收凭证和改派联单",
    "returned_packaging": "核对包装物台账和返还联单",
    "contract_regeneration": "调取加工合同、产品检验单和投料记录",
    "group_consolidation": "核对集团关系和收集许可",
    "all_codes_of_category": "核对许可证附表",
    "approval_feed_late": "调取批准文件原件",
    "collection_pilot": "调取试点批准文件",
    "exempt_waste": "对照豁免清单核对去向和用途",
    "further_licensed_site": "调取许可证变更材料",
    "licence_renewed_feed_late": "调取新证原件",
    "licensed_amount_extended": "调取扩量批准文件",
    "transport_exemption": "对照豁免清单核对运输环节",
    "trial_operation": "调取试生产批准文件",
    "register_renewed_feed_late": "调取证件原件",
    "analyser_holds_last_value": "查看仪器分析周期和原始谱图",
    "buffered_outlet": "现场查看调节池",
    "camera_gap": "调取原始影像",
    "clean_discharge_at_lod": "现场采样比对",
    "clerical_times": "核对纸质原始记录",
    "exif_clock": "检查相机时钟",
    "firmware_rounding": "查看仪器型号和量程设置",
    "fixed_sampler": "现场查看采样设备",
    "personal_car": "核对差旅和用车记录",
    "stable_small_load": "核对生产负荷和流量",
    "two_teams_one_lead": "核对采样人员签到",
    "unmarked_stop": "核对停产报告和用电",
    "bookkeeper_phone": "核对该电话的登记用户",
    "family_firm": "核对亲属关系和实际经营",
    "incubator_address": "核对集群注册备案",
    "licensed_body": "核对许可证",
    "new_logistics_firm": "核对运力和运输合同",
    "trading_company": "核对购销合同、仓储和终端用户",
    "operating_firm": "核对用工、场所和实际经营",
    "ordinary_price": "核对进销发票的单价和资金往来",
    "filed_subcontract_group": "调取分包合同及备案",
    "manufacturer_net": "调取厂商授权文件",
    "old_devices": "核对设备台账",
    "shared_bookkeeper": "核对代账合同",
}


def statistic_zh(name: str) -> str:
    """Chinese name of a number of a finding."""
    if name in STATISTIC_ZH:
        return STATISTIC_ZH[name]
    if found := IDENTIFIER_DEGREE.fullmatch(name):
        return f"第{found[1]}个共用标识的关联单位数"
    if found := NODE_STATISTIC.fullmatch(name):
        return f"第{found[1]}家{party_statistic_zh(found[2])}"
    if found := LICENCE_TEST.fullmatch(name):
        word = {"failed": "不符", "unknown": "无法判定"}[found[2]]
        return f"{LICENCE_TEST_ZH.get(found[1], found[1])}{word}的联单"
    return name


def party_statistic_zh(name: str) -> str:
    """Chinese name of a number of one party, without the party."""
    if name == SELF_DEGREE:
        return "本身即有涉案记录"
    if shared := SHARED_DEGREE.fullmatch(name):
        return f"共用{IDENTIFIER_ZH.get(shared[1], shared[1])}的关联单位数"
    return NODE_STATISTIC_ZH.get(name, name)


def innocent_zh(code: str) -> str:
    """Chinese text of an innocent explanation."""
    return INNOCENT_ZH.get(code, code)
