"""HW-11: waste that is handed round, on paper or on wheels, until it is back where it was.

What a circle of firms gains by it: disposal that never happened, a code that nobody may refuse,
a licence used up for a fee, a tax refund claimed on the same tonnes again.
"""

from dataclasses import replace

from ingest.simulate.plants.casting import accomplices
from ingest.simulate.plants.hw_11_innocent import plant_innocent
from ingest.simulate.plants.rounds import HandOver, falling, hand_over, round_trip, span
from ingest.simulate.scene import Scene
from ingest.simulate.trades import ACID, INCINERATOR, LANDFILL, METAL, OIL, SOLVENT, WATER
from ingest.simulate.truth import Severity

MODEL = "HW-11"


def plant(scene: Scene) -> None:
    """Loops of every kind, then what only looks like one."""
    paper_loops(scene)
    double_booked_truck(scene)
    recoded(scene)
    refunds(scene)
    repeated(scene)
    by_invoice(scene)
    by_another_name(scene)
    many_trucks(scene)
    small_and_slow(scene)
    plant_innocent(scene)


def loop(
    scene: Scene, name: str, why: str, steps: list[HandOver], severity: Severity, rounds: int = 1
) -> str:
    """Register a loop and put its hand-overs on stage; its tag."""
    nodes = list(dict.fromkeys(step.giver for step in steps))
    started, ended = span(steps)
    tag = scene.case(
        MODEL, "hit", name, nodes, why, started, ended, severity=severity,
        edges=len(nodes), rounds=rounds, waste_t=sum(s.tonnes for s in steps[:: len(nodes)]),
    )  # fmt: skip
    hand_over(scene, tag, steps)
    return tag


def paper_loops(scene: Scene) -> None:
    """Circles of three and of five plants; no truck ever left the yard."""
    for trades, code, tonnes, last in (
        ((INCINERATOR, SOLVENT, INCINERATOR), "900-404-06", 27.0, 11.0),
        ((LANDFILL, METAL, WATER, LANDFILL, WATER), "336-064-17", 34.0, 5.0),
    ):
        size = len(trades)
        rng = scene.random(f"paper {size}")
        nodes = accomplices(scene, *trades)
        days = falling(rng.integers(2, 4, size - 1).tolist(), last)
        steps = round_trip(nodes, code, tonnes * float(rng.uniform(0.9, 1.1)), days)
        loop(scene, f"{size}家单位纸面闭环",
             "联单首尾相接，沿途卡口、定位、收费站均无该批车辆，也无过磅和门岗记录",
             steps, "grave")  # fmt: skip


def double_booked_truck(scene: Scene) -> None:
    """Two rounds on paper for which one truck would have to be in two places."""
    rng = scene.random("double")
    nodes = accomplices(scene, INCINERATOR, INCINERATOR)
    truck = scene.truck()
    first = round_trip(nodes, "271-001-02", float(rng.uniform(7, 9)), [19, 17])
    second = round_trip(nodes, "271-001-02", float(rng.uniform(7, 9)), [17, 15])
    steps = [replace(s, truck=truck) for s in (*first, *second)]
    loop(
        scene,
        "同一车辆同时承运两单的纸面闭环",
        "同一车牌、同一驾驶员在同一时段出现在两张联单上，两地相距甚远",
        steps,
        "grave",
        2,
    )


def recoded(scene: Scene) -> None:
    """The code changes at a node that has no licence for what it claims to do."""
    rng = scene.random("recoded")
    middle = scene.found_firms(
        "handler", 1, word="资源回收", insured_count=6, scope="一般项目：再生资源回收；金属材料销售"
    )
    first, last = accomplices(scene, LANDFILL, METAL)
    nodes = [first, *middle, last]
    steps = round_trip(nodes, ["336-064-17", "336-062-17", "336-062-17"],
                       float(rng.uniform(15, 19)), [21, 19, 16], travelled=True)  # fmt: skip
    loop(scene, "无证环节改码的闭环", "中间单位无经营许可证，收进表面处理污泥，转出时改称含铜污泥",
         steps, "grave")  # fmt: skip
    nodes = accomplices(scene, WATER, ACID)
    steps = round_trip(nodes, ["900-006-09", "900-300-34"], float(rng.uniform(9, 12)), [12, 9],
                       travelled=True)  # fmt: skip
    loop(scene, "许可类别不符环节改码的闭环",
         "收进废乳化液的单位只有废酸许可，转出时改成废酸", steps, "grave")  # fmt: skip


def refunds(scene: Scene) -> None:
    """Tax refunds for resource recovery, claimed on the same tonnes at each turn."""
    rng = scene.random("refunds")
    nodes = accomplices(scene, METAL, METAL, METAL)
    scene.claimants.update(nodes)
    steps: list[HandOver] = []
    for turn in range(4):
        days = [83 - 22 * turn, 81 - 22 * turn, 78 - 22 * turn]
        steps += round_trip(nodes, "398-004-22", float(rng.uniform(14, 18)), days, travelled=True)
    loop(scene, "重复申报退税的闭环", "同一批含铜废液在三家之间转了四圈，每家每圈都申报即征即退",
         steps, "grave", 4)  # fmt: skip
    nodes = accomplices(scene, OIL, OIL)
    scene.claimants.update(nodes)
    steps = round_trip(nodes, "900-249-08", float(rng.uniform(23, 28)), [14, 11])
    loop(scene, "纸面流转骗取退税的闭环", "废矿物油只在联单上流转，两家均以其申报即征即退",
         steps, "grave")  # fmt: skip


def repeated(scene: Scene) -> None:
    """One set of firms, round after round, with trucks that really drive."""
    rng = scene.random("repeated")
    nodes = accomplices(scene, INCINERATOR, INCINERATOR)
    _share_phone(scene, nodes)
    steps: list[HandOver] = []
    for turn in range(5):
        start = 76 - 16 * turn
        steps += round_trip(nodes, "900-252-12", float(rng.uniform(4, 6)), [start, start - 1],
                            travelled=True)  # fmt: skip
    loop(
        scene,
        "同一组单位反复流转",
        "两家单位不到八十天转了五圈，联系电话相同，隔日即转出，来不及处置",
        steps,
        "serious",
        5,
    )
    nodes = accomplices(scene, WATER, INCINERATOR)
    steps = []
    for turn in range(9):
        start = 352 - 38 * turn
        steps += round_trip(nodes, "900-006-09", float(rng.uniform(13, 15)), [start, start - 3],
                            lots=2, travelled=True)  # fmt: skip
    loop(scene, "全年累计上百吨的闭环", "两家单位一年内转了九圈，累计一百余吨", steps, "grave", 9)


def _share_phone(scene: Scene, firms: list[int]) -> None:
    """Firms give the number of one person as that of their contact."""
    phone = scene.phone()
    for firm in firms:
        scene.world.amend(firm, {"contact_phone": phone})


def by_invoice(scene: Scene) -> None:
    """Circles that no single table shows: out by manifest, back as goods."""
    rng = scene.random("invoice")
    giver = scene.generator(3)
    taker, trader = (
        *accomplices(scene, ACID),
        *scene.found_firms(
            "bystander",
            1,
            word="化工贸易",
            insured_count=3,
            contact_phone=scene.name_of(giver, "phone"),
            phone=scene.name_of(giver, "phone"),
            scope="一般项目：化工产品销售（不含许可类化工产品）",
        ),
    )
    tonnes = float(rng.uniform(24, 28))
    steps = [
        HandOver(giver, taker, "313-001-34", tonnes, 17),
        HandOver(taker, trader, "", tonnes * 0.97, 15, goods="*无机酸*副产盐酸", price_yuan=95.0),
        HandOver(trader, giver, "", tonnes * 0.96, 12, goods="*无机酸*工业盐酸", price_yuan=180.0),
    ]
    loop(
        scene,
        "联单转出、以副产品购回的闭环",
        "废酸以联单转出，未见运输和处置，再经贸易公司当作盐酸卖回",
        steps,
        "grave",
    )
    nodes = accomplices(scene, METAL, METAL)
    tonnes = float(rng.uniform(11, 14))
    steps = [
        HandOver(nodes[0], nodes[1], "336-062-17", tonnes, 22),
        HandOver(nodes[1], nodes[0], "", tonnes * 0.98, 19, goods="*废弃资源*含铜物料",
                 price_yuan=2_300.0),
    ]  # fmt: skip
    loop(
        scene,
        "两家单位联单与发票对转",
        "含铜污泥按联单转出，三天后按货物发票原量卖回，车辆无行驶记录",
        steps,
        "grave",
    )


def by_another_name(scene: Scene) -> None:
    """Circles that close only when two spellings are seen to be one firm."""
    rng = scene.random("names")
    old = "江苏旭朗固废处置有限公司"
    nodes = accomplices(scene, INCINERATOR, INCINERATOR)
    scene.world.amend(nodes[0], {"former_name": old})
    steps = round_trip(nodes, "265-101-13", float(rng.uniform(16, 20)), [16, 13])
    steps[-1].extra = {"receiver_name": old, "receiver_coded": False}
    loop(
        scene,
        "以曾用名收回的闭环",
        "最后一张联单的接受人写的是曾用名，没有信用代码",
        steps,
        "grave",
    )
    nodes = accomplices(scene, LANDFILL, LANDFILL)
    steps = round_trip(nodes, "772-003-18", float(rng.uniform(21, 25)), [13, 9])
    short = scene.name_of(nodes[1], "brand") + scene.name_of(nodes[1], "word")
    steps[0].extra = {"receiver_name": short, "receiver_coded": False}
    loop(
        scene, "以简称掩盖的闭环", "一张联单的接受人只写了字号和行业，没有信用代码", steps, "grave"
    )


def many_trucks(scene: Scene) -> None:
    """Lots so large that each hand-over takes several trucks on one day."""
    rng = scene.random("trucks")
    nodes = accomplices(scene, LANDFILL, METAL)
    steps = round_trip(nodes, "336-054-17", float(rng.uniform(58, 66)), [18, 13], lots=3)
    loop(scene, "分车流转的闭环", "每次交接分三车，单车看不出，合起来首尾吨数相等；车辆无行驶记录",
         steps, "grave")  # fmt: skip
    nodes = accomplices(scene, INCINERATOR, SOLVENT, INCINERATOR, SOLVENT)
    steps = round_trip(nodes, "900-404-06", float(rng.uniform(40, 46)), [46, 33, 21, 7], lots=2)
    loop(scene, "历时一个多月的大额纸面闭环", "四家单位之间拖了近四十天，全程无车辆行驶记录",
         steps, "grave")  # fmt: skip


def small_and_slow(scene: Scene) -> None:
    """Single rounds that really drove: something to ask about, not more."""
    rng = scene.random("small")
    nodes = accomplices(scene, WATER, ACID, WATER)
    steps = round_trip(nodes, "900-300-34", float(rng.uniform(1.6, 2.2)), [20, 12, 4],
                       travelled=True)  # fmt: skip
    loop(
        scene, "小批量单次闭环", "两吨左右废酸确有车辆运输，转了一圈，间隔足够处置", steps, "slight"
    )
    nodes = accomplices(scene, INCINERATOR, INCINERATOR)
    _share_phone(scene, nodes)
    steps = round_trip(nodes, "900-402-06", float(rng.uniform(6, 8)), [9, 8], travelled=True)
    loop(scene, "两家单位次日对转", "废溶剂转出次日原量转回，两家联系电话相同", steps, "serious")
