"""What firms of a trade make, buy, throw away and write into their names: tables only."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Trade:
    """A trade of waste generators.

    ``wastes`` maps a waste code to the usual load in tonnes; ``product`` and ``feed`` are invoice
    items with a price in yuan per tonne; ``media`` names the outlets that such a plant has.
    """

    industry: str
    words: tuple[str, ...]
    wastes: dict[str, float]
    product: tuple[str, float]
    feed: tuple[str, float]
    media: str


TRADES: tuple[Trade, ...] = (
    Trade("C2614", ("化工", "精细化工", "化学", "新材料"),
          {"900-013-11": 9, "900-404-06": 14, "900-039-49": 4, "900-041-49": 2},
          ("*有机化学原料*工业乙酸酯", 7200), ("*有机化学原料*工业甲醇", 2600), "水气"),
    Trade("C3985", ("电路", "电子", "线路板", "电子科技"),
          {"398-004-22": 18, "398-005-34": 24, "336-062-17": 8, "900-041-49": 1.5},
          ("*电子元件*印制线路板", 64000), ("*有色金属*电解铜", 71000), "水"),
    Trade("C3360", ("表面处理", "金属制品", "电镀", "五金"),
          {"336-064-17": 12, "336-054-17": 7, "900-300-34": 20},
          ("*金属制品*镀锌件", 8600), ("*有色金属*锌锭", 22500), "水"),
    Trade("C3130", ("钢丝绳", "金属线缆", "钢业", "特钢"),
          {"313-001-34": 28, "900-300-34": 26, "336-064-17": 10, "900-249-08": 3},
          ("*黑色金属*钢丝绳", 6900), ("*黑色金属*盘条", 3900), "水气"),
    Trade("C2710", ("药业", "生物医药", "制药", "医药化工"),
          {"271-001-02": 8, "900-404-06": 12, "900-047-49": 0.6, "900-039-49": 3},
          ("*化学药品*医药中间体", 88000), ("*有机化学原料*工业丙酮", 5600), "水"),
    Trade("C2641", ("涂料", "涂装材料", "新材料", "化工"),
          {"264-011-12": 5, "900-252-12": 6, "900-402-06": 9, "900-041-49": 3},
          ("*涂料*水性工业漆", 16800), ("*有机化学原料*工业二甲苯", 6300), "水气"),
    Trade("C3670", ("汽车零部件", "机械", "精密机械", "传动"),
          {"900-006-09": 16, "900-249-08": 4, "900-252-12": 5, "900-041-49": 1},
          ("*汽车零配件*传动轴", 31000), ("*黑色金属*冷轧板", 4500), "水"),
    Trade("C2651", ("树脂", "高分子材料", "塑胶", "新材料"),
          {"265-101-13": 7, "900-014-13": 5, "900-404-06": 13, "900-013-11": 8},
          ("*合成材料*环氧树脂", 14500), ("*有机化学原料*工业苯酚", 7800), "水气"),
    Trade("C3211", ("有色金属", "金属", "铜业", "铝业"),
          {"321-024-48": 22, "900-249-08": 3, "900-041-49": 1},
          ("*有色金属*铝合金锭", 19800), ("*有色金属*废铝", 14200), "气"),
    Trade("C2511", ("石化", "石油化工", "能源", "燃料"),
          {"251-016-50": 10, "900-249-08": 6, "900-013-11": 12},
          ("*石油制品*工业白油", 7400), ("*石油制品*燃料油", 5100), "水气"),
    Trade("D4417", ("热电", "生物质发电", "环保能源", "热力"),
          {"772-003-18": 26, "900-249-08": 2},
          ("*蒸汽*工业蒸汽", 230), ("*煤炭*动力煤", 820), "气"),
    Trade("C3841", ("电源", "新能源", "电池", "动力科技"),
          {"900-402-06": 11, "900-037-46": 9, "900-041-49": 2, "900-039-49": 3},
          ("*电池*锂离子电池", 52000), ("*无机盐*硫酸镍", 33000), "水"),
)  # fmt: skip

WASTE_NAMES: dict[str, tuple[str, str]] = {
    "900-013-11": ("蒸馏残渣", "SS"), "900-404-06": ("废有机溶剂", "L"),
    "900-402-06": ("废溶剂", "L"), "900-039-49": ("废活性炭", "S"),
    "900-041-49": ("废包装桶", "S"), "900-047-49": ("实验室废液", "L"),
    "398-004-22": ("含铜蚀刻废液", "L"), "398-005-34": ("废酸", "L"),
    "336-062-17": ("含铜污泥", "SS"), "336-064-17": ("表面处理污泥", "SS"),
    "336-054-17": ("含镍污泥", "SS"), "900-300-34": ("废酸", "L"), "313-001-34": ("酸洗废液", "L"),
    "900-249-08": ("废矿物油", "L"), "271-001-02": ("蒸馏釜残", "SS"),
    "264-011-12": ("涂料生产废渣", "S"), "900-252-12": ("漆渣", "S"),
    "900-006-09": ("废乳化液", "L"), "265-101-13": ("废树脂", "S"), "900-014-13": ("废胶", "S"),
    "321-024-48": ("铝灰渣", "S"), "251-016-50": ("废催化剂", "S"), "772-003-18": ("焚烧残渣", "S"),
    "900-037-46": ("废镍催化剂", "S"), "900-349-34": ("废酸液", "L"),
}  # fmt: skip

# Disposal fee in yuan per tonne; where negative the receiver pays the generator.
DISPOSAL_PRICE_YUAN_T: dict[str, float] = {
    "HW02": 3300, "HW06": 1900, "HW08": 650, "HW09": 1600, "HW11": 3100, "HW12": 3300,
    "HW13": 3000, "HW17": 1500, "HW18": 1250, "HW22": -2100, "HW34": 780, "HW46": -3400,
    "HW48": 1300, "HW49": 2900, "HW50": 2200,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Treatment:
    """A kind of licensed plant: categories, method, words for its name, what it sells, power."""

    categories: tuple[str, ...]
    method: str
    mode: str
    words: tuple[str, ...]
    product: tuple[str, float] | None
    yield_ratio: float
    kwh_t: float


TREATMENTS: tuple[Treatment, ...] = (
    Treatment(
        ("HW02", "HW06", "HW08", "HW09", "HW11", "HW12", "HW13", "HW49"),
        "D10",
        "处置",
        ("固废处置", "环保", "危废处置", "环境服务"),
        None,
        0,
        260,
    ),
    Treatment(("HW17", "HW18", "HW48"), "D1", "处置", ("固废填埋", "环境", "环保"), None, 0, 35),
    Treatment(
        ("HW09", "HW17", "HW34"), "D9", "处置", ("水处理", "环保科技", "环境工程"), None, 0, 90
    ),
    Treatment(
        ("HW06",),
        "R2",
        "利用",
        ("溶剂再生", "资源再生", "环保科技"),
        ("*有机化学原料*再生丙酮", 4300),
        0.78,
        310,
    ),
    Treatment(
        ("HW17", "HW22", "HW46"),
        "R4",
        "利用",
        ("金属再生", "资源循环", "再生资源"),
        ("*有色金属*粗制氢氧化铜", 24000),
        0.35,
        420,
    ),
    Treatment(
        ("HW34",),
        "R5",
        "利用",
        ("净水材料", "资源利用", "化工"),
        ("*无机化学原料*聚合硫酸铁", 620),
        0.9,
        120,
    ),
    Treatment(
        ("HW08",),
        "R9",
        "利用",
        ("润滑油再生", "再生能源", "环保能源"),
        ("*石油制品*再生基础油", 5600),
        0.82,
        280,
    ),
    Treatment(
        ("HW49",),
        "R15",
        "利用",
        ("包装再生", "容器再生", "环保科技"),
        ("*金属制品*再生钢桶", 3900),
        0.85,
        150,
    ),
    Treatment(
        ("HW48", "HW50"),
        "R8",
        "利用",
        ("催化剂再生", "有色再生", "资源再生"),
        ("*有色金属*再生铝锭", 17500),
        0.5,
        600,
    ),
)

# Kinds of licensed plants (indices of TREATMENTS).
INCINERATOR, LANDFILL, WATER, SOLVENT, METAL, ACID, OIL, DRUM, CATALYST = range(len(TREATMENTS))
# In which order a province gets its plants: one of each kind, then more of those that it needs
# most; the order begins again after the thirtieth.
PLANT_ORDER: tuple[int, ...] = (
    *range(len(TREATMENTS)),
    INCINERATOR, LANDFILL, WATER, METAL, OIL, INCINERATOR, LANDFILL, WATER, METAL, OIL,
    INCINERATOR, SOLVENT, ACID, INCINERATOR, LANDFILL, WATER, METAL, OIL,
    INCINERATOR, INCINERATOR, INCINERATOR,
)  # fmt: skip

# Which trades use the product of a kind of plant (index of TREATMENTS -> indices of TRADES).
BUYERS: dict[int, tuple[int, ...]] = {
    3: (0, 4, 5, 7), 4: (1, 2, 8), 5: (1, 2, 3, 10), 6: (3, 6, 9), 7: (0, 5, 7), 8: (2, 6, 8),
}  # fmt: skip

# What works of a trade may sell beside their product, with a price in yuan per tonne.
BY_PRODUCTS: dict[int, tuple[str, float]] = {
    0: ("*无机酸*副产盐酸", 260.0), 2: ("*无机盐*副产氯化亚铁溶液", 310.0),
    3: ("*无机盐*副产硫酸亚铁", 240.0), 4: ("*无机盐*副产氯化钠", 160.0),
    7: ("*有机化学原料*副产甲醇溶液", 900.0), 9: ("*石油制品*副产轻质油", 3800.0),
}  # fmt: skip

FREIGHT_YUAN_T_KM = 0.95
