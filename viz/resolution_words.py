"""Chinese words for what resolution says: attributes, levels, reasons, questions, verdicts."""

from functools import cache

from ingest.resolve.frame import Attribute
from ingest.resolve.kinds.resolving import KINDS
from ingest.resolve.kinds.words import reasons_zh
from ingest.resolve.regions import AMBIGUOUS, region_codes

ATTRIBUTE_ZH = {
    "code": "代码",
    "name": "名称",
    "region": "地区",
    "branch": "分支机构",
    "phone": "电话",
    "person": "法定代表人",
    "address": "地址",
}
LEVEL_ZH = {
    "code": {"none": "缺失", "differ": "不同", "edit_1": "差一位", "equal": "相同"},
    "name": {
        "none": "无共同处",
        "weak": "略相似",
        "core": "字号相同",
        "edit_1": "差一两字",
        "edit_tail": "前三字相同，其后差一两字",
        "contained": "一方含另一方",
        "shortened": "字号相同，一方省略行业",
        "number": "只差编号或方位",
        "trunk": "主干相同",
        "trunk_suffix": "主干与组织形式相同",
    },
    "region": {
        "none": "缺失",
        "conflict": "不同",
        "other_city": "名称相符，但所在市不同",
        "other_county": "同市不同县",
        "compatible": "相符",
        "same_city": "同市",
        "same_county": "同县",
    },
    "branch": {
        "none": "均非分支",
        "one_only": "仅一方是",
        "differ": "不同分支",
        "same": "同一分支",
    },
    "phone": {
        "none": "缺失",
        "differ": "不同",
        "shared": "相同，但名称不同",
        "equal": "相同",
    },
    "person": {
        "none": "缺失",
        "differ": "不同",
        "edit_1": "差一字",
        "shared": "相同，但名称不同",
        "equal": "相同",
    },
    "address": {
        "none": "缺失",
        "weak": "不同",
        "similar": "相似",
        "shared": "相同或相近，但名称不同",
        "close": "相近",
        "equal": "相同",
    },
}
QUESTION_ZH = {
    "below_threshold": "证据接近门槛，未归并",
    "refused_short_name": "仅简称相符，未归并",
    "refused_ambiguous": "同时符合多个主体，未归并",
    "refused_contradictory": "代码与名称矛盾，未归并",
    "bridge": "已归并，但只靠这一条证据相连",
}
JOINED_ZH = {
    "first": "主记录",
    "same_code": "同一法定代码",
    "joined": "逐对比较",
    "judged": "人工判定",
}
REASON_ZH = reasons_zh() | {
    "same_code": "同一法定代码",
    "joined": "逐对比较后归为同一主体",
    "no_shared_key": "没有任何共同线索键，未曾比较",
    "below_threshold": "证据不足，未达到归并门槛",
    "refused_different_codes": "双方有不同的有效代码，拒绝归并",
    "refused_branch": "一方是分支机构，拒绝归并",
    "refused_judgement": "人工判定为不同主体",
    "refused_short_name": "仅有简称相同，不足以归并",
    "refused_ambiguous": "同时符合多个主体，无法确定",
    "refused_contradictory": "其他信息互相矛盾，拒绝归并",
    "refused_contrary": "与该主体的其他记录明显不符，拒绝归并",
}
VERDICT_ZH = {"same": "相同", "different": "不同", "unsure": "不确定"}


def attribute_zh(attribute: str) -> str:
    """Chinese word for an attribute that is compared."""
    if attribute in ATTRIBUTE_ZH:
        return ATTRIBUTE_ZH[attribute]
    return next((a.label_zh for a in _declared() if a.name == attribute), attribute)


def level_zh(attribute: str, level: str) -> str:
    """Chinese words for how two values of an attribute agree."""
    if level in LEVEL_ZH.get(attribute, {}):
        return LEVEL_ZH[attribute][level]
    own = (a.levels for a in _declared() if a.name == attribute)
    return next((levels[level] for levels in own if level in levels), level)


def _declared() -> list[Attribute]:
    """Attributes of every kind that the frame resolves."""
    return [attribute for kind in KINDS.values() for attribute in kind.attributes]


@cache
def _regions() -> dict[str, str]:
    """Longest name of each region code, as 盐城市 for 3209."""
    names: dict[str, str] = {}
    for name, code in region_codes().items():
        if code != AMBIGUOUS and len(name) > len(names.get(code, "")):
            names[code] = name
    return names


def value_zh(attribute: str, value: str) -> str:
    """A compared value as people read it; a region's code becomes its name."""
    return _regions().get(value, value) if attribute == "region" else value
