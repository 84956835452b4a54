"""What people read about a model: what it looks for, its numbers, doubts, and checks by agency.

Models themselves speak in codes; a code without an entry here is shown as it is.
"""

from dataclasses import dataclass


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
}
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
}
INNOCENT_TEST = {
    "rejected_load_returned": "调取拒收凭证和改派联单",
    "returned_packaging": "核对包装物台账和返还联单",
    "contract_regeneration": "调取加工合同、产品检验单和投料记录",
    "group_consolidation": "核对集团关系和收集许可",
}


def statistic_zh(name: str) -> str:
    """Chinese name of a number of a finding."""
    return STATISTIC_ZH.get(name, name)


def innocent_zh(code: str) -> str:
    """Chinese text of an innocent explanation."""
    return INNOCENT_ZH.get(code, code)
