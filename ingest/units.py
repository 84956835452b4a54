"""Units as agencies write them, and the factor to the unit of storage.

Source: section 5 of the drop contract.
"""

import re
import unicodedata
from functools import cache

TABLE: dict[str, dict[str, float]] = {
    "t": {
        "t": 1.0,
        "吨": 1.0,
        "kg": 1e-3,
        "公斤": 1e-3,
        "千克": 1e-3,
        "g": 1e-6,
        "克": 1e-6,
        "万吨": 1e4,
    },
    "kg": {"kg": 1.0, "公斤": 1.0, "千克": 1.0, "t": 1e3, "吨": 1e3, "g": 1e-3, "克": 1e-3},
    "t/a": {
        "t/a": 1.0,
        "吨/年": 1.0,
        "t/年": 1.0,
        "万吨/年": 1e4,
        "kg/a": 1e-3,
        "公斤/年": 1e-3,
        "千克/年": 1e-3,
        "t": 1.0,
        "吨": 1.0,
    },
    "t/d": {
        "t/d": 1.0,
        "吨/天": 1.0,
        "吨/日": 1.0,
        "万吨/天": 1e4,
        "kg/d": 1e-3,
        "公斤/天": 1e-3,
        "千克/天": 1e-3,
        "公斤/日": 1e-3,
        "千克/日": 1e-3,
        "m3/d": 1.0,
        "立方米/天": 1.0,
        "立方米/日": 1.0,
    },
    "yuan": {
        "元": 1.0,
        "yuan": 1.0,
        "人民币": 1.0,
        "人民币元": 1.0,
        "元人民币": 1.0,
        "万": 1e4,
        "万元": 1e4,
        "人民币万元": 1e4,
        "万人民币": 1e4,
        "万元人民币": 1e4,
        "亿元": 1e8,
    },
    "yuan/t": {
        "yuan/t": 1.0,
        "元/吨": 1.0,
        "元/t": 1.0,
        "元/公斤": 1e3,
        "元/kg": 1e3,
        "元/千克": 1e3,
    },
    "kwh": {"kwh": 1.0, "度": 1.0, "千瓦时": 1.0, "万千瓦时": 1e4, "mwh": 1e3},
    "kw": {"kw": 1.0, "千瓦": 1.0, "w": 1e-3, "mw": 1e3},
    "kva": {"kva": 1.0, "千伏安": 1.0, "va": 1e-3, "mva": 1e3},
    "v": {"v": 1.0, "伏": 1.0, "伏特": 1.0, "kv": 1e3, "千伏": 1e3},
    "a": {"a": 1.0, "安": 1.0, "安培": 1.0, "ma": 1e-3, "ka": 1e3},
    "m3": {
        "m3": 1.0,
        "m³": 1.0,
        "立方米": 1.0,
        "方": 1.0,
        "万立方米": 1e4,
        "l": 1e-3,
        "升": 1e-3,
        "吨": 1.0,
        "t": 1.0,
    },
    "m3/h": {
        "m3/h": 1.0,
        "立方米/小时": 1.0,
        "立方米/时": 1.0,
        "方/小时": 1.0,
        "l/s": 3.6,
        "升/秒": 3.6,
        "t/h": 1.0,
        "吨/小时": 1.0,
        "m3/d": 1 / 24,
        "立方米/天": 1 / 24,
        "立方米/日": 1 / 24,
        "m3/s": 3600.0,
        "立方米/秒": 3600.0,
    },
    "m3/d": {
        "m3/d": 1.0,
        "立方米/天": 1.0,
        "立方米/日": 1.0,
        "方/天": 1.0,
        "万立方米/天": 1e4,
        "万立方米/日": 1e4,
        "t/d": 1.0,
        "吨/天": 1.0,
        "吨/日": 1.0,
        "万吨/天": 1e4,
        "万吨/日": 1e4,
        "m3/h": 24.0,
        "立方米/小时": 24.0,
    },
    "m3/s": {"m3/s": 1.0, "立方米/秒": 1.0, "l/s": 1e-3, "升/秒": 1e-3, "m3/h": 1 / 3600},
    "m": {"m": 1.0, "米": 1.0, "km": 1e3, "公里": 1e3, "mm": 1e-3, "毫米": 1e-3},
    "km": {"km": 1.0, "公里": 1.0, "千米": 1.0, "m": 1e-3, "米": 1e-3},
    "mm": {"mm": 1.0, "毫米": 1.0, "m": 1e3, "米": 1e3},
    "m2": {"m2": 1.0, "平方米": 1.0, "亩": 666.667, "公顷": 1e4, "ha": 1e4},
    "km/h": {"km/h": 1.0, "公里/小时": 1.0, "公里/时": 1.0, "m/s": 3.6},
    "m/s": {"m/s": 1.0, "米/秒": 1.0},
    "deg": {"deg": 1.0, "度": 1.0, "°": 1.0},
    "degc": {"degc": 1.0, "℃": 1.0, "°c": 1.0, "摄氏度": 1.0},
    "s": {"s": 1.0, "秒": 1.0, "秒钟": 1.0, "min": 60.0, "分钟": 60.0, "h": 3600.0, "小时": 3600.0},
    "min": {"min": 1.0, "分钟": 1.0, "分": 1.0, "h": 60.0, "小时": 60.0, "s": 1 / 60},
    "h": {"h": 1.0, "小时": 1.0, "min": 1 / 60, "分钟": 1 / 60, "天": 24.0, "d": 24.0},
    "%": {"%": 1.0, "百分比": 1.0, "‰": 0.1},
    "1": {"%": 0.01, "‰": 0.001},
}
MASS = TABLE["t"]


VOLUMES = ("m3", "m3/h", "m3/d", "m3/s")
# Concentrations by dimension, in grams per cubic metre.
CONCENTRATIONS: dict[str, tuple[str, float]] = {
    "mg/l": ("water", 1.0),
    "毫克/升": ("water", 1.0),
    "ug/l": ("water", 1e-3),
    "μg/l": ("water", 1e-3),
    "微克/升": ("water", 1e-3),
    "ng/l": ("water", 1e-6),
    "纳克/升": ("water", 1e-6),
    "g/l": ("water", 1e3),
    "克/升": ("water", 1e3),
    "mg/m3": ("air", 1e-3),
    "毫克/立方米": ("air", 1e-3),
    "ug/m3": ("air", 1e-6),
    "μg/m3": ("air", 1e-6),
    "微克/立方米": ("air", 1e-6),
    "ng/m3": ("air", 1e-9),
    "纳克/立方米": ("air", 1e-9),
    "g/m3": ("air", 1.0),
    "克/立方米": ("air", 1.0),
    "kg": ("mass", 1e3),
    "千克": ("mass", 1e3),
    "公斤": ("mass", 1e3),
    "t": ("mass", 1e6),
    "吨": ("mass", 1e6),
    "g": ("mass", 1.0),
    "克": ("mass", 1.0),
    "l/s": ("flow", 1e-3),
    "升/秒": ("flow", 1e-3),
    "m3/s": ("flow", 1.0),
    "立方米/秒": ("flow", 1.0),
    "m3/h": ("flow", 1 / 3600),
    "立方米/小时": ("flow", 1 / 3600),
    "m3": ("volume", 1.0),
    "立方米": ("volume", 1.0),
    "万立方米": ("volume", 1e4),
}


def is_volume(storage_unit: str) -> bool:
    """Whether a storage unit is a volume or a flow of one, so that ``L`` reads as litres."""
    return storage_unit in VOLUMES


def between_factors(unit: str, factor_unit: str) -> float | None:
    """Factor from ``unit`` to the unit of a monitored factor.

    ``None`` when one of them is unknown or they are of different dimensions.
    """
    known = _spelled_concentrations()
    ours, theirs = known.get(spelled(unit)), known.get(spelled(factor_unit))
    if ours is None or theirs is None or ours[0] != theirs[0]:
        return None
    return ours[1] / theirs[1]


def spelled(unit: str) -> str:
    """A unit in one spelling: no blanks, lower case, full-width and superscript forms plain."""
    plain = unicodedata.normalize("NFKC", unit).lower().replace("µ", "μ")
    return re.sub(r"[\s.]", "", plain)


def is_unit(text: str) -> bool:
    """Whether a text is a unit that some storage unit reads."""
    return any(spelled(text) in known for known in _spelled_table().values())


def multiplier(unit: str, storage_unit: str) -> float | None:
    """Factor from ``unit`` to ``storage_unit``; ``None`` when it is unknown or another dimension.

    For the storage unit ``row`` masses become tonnes and all else stays as it is: the unit is named
    beside the value there. What ``factor`` means depends on the row: :func:`between_factors`.
    """
    wanted = spelled(storage_unit)
    if wanted == "row":
        return MASS.get(spelled(unit), 1.0)
    if wanted == "factor":
        return 1.0
    return _spelled_table().get(wanted, {}).get(spelled(unit))


def is_mass(unit: str) -> bool:
    """Whether a unit is a mass."""
    return spelled(unit) in MASS


@cache
def _spelled_concentrations() -> dict[str, tuple[str, float]]:
    return {spelled(name): known for name, known in CONCENTRATIONS.items()}


@cache
def _spelled_table() -> dict[str, dict[str, float]]:
    return {
        storage: {spelled(name): factor for name, factor in known.items()}
        for storage, known in TABLE.items()
    }
