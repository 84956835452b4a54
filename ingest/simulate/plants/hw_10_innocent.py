"""HW-10: chains that miss something, and firms that look hollow but are not."""

from datetime import date, timedelta

from ingest.simulate.penalties import punish
from ingest.simulate.plants.chains import ACID, SOLVENT, ByProduct, Chain, run
from ingest.simulate.scene import Scene, moment
from ingest.simulate.truth import Kind

MODEL = "HW-10"
CHEMICAL_SCOPE = "许可项目：危险化学品经营；一般项目：化工产品销售"
FREIGHT_SCOPE = "许可项目：道路货物运输（不含危险货物）；道路危险货物运输"
MANY_HANDS = 6


def plant_innocent(scene: Scene) -> None:
    """Near misses, then look-alikes."""
    sold_before_bought(scene)
    kept_for_months(scene)
    too_many_hands(scene)
    busy_newcomer(scene)
    honest_traders(scene)
    new_hauliers(scene)
    incubator_agents(scene)
    bookkeepers_client(scene)
    family_firm(scene)


def _stage(scene: Scene, kind: Kind, name: str, why: str, chain: Chain) -> str:
    started, ended = chain.span()
    tag = scene.case(MODEL, kind, name, chain.firms(), why, started, ended,
                     core=chain.hands, waste_t=chain.tonnes, hops=len(chain.hands) + 1)  # fmt: skip
    run(scene, tag, chain)
    return tag


def _young(scene: Scene, n: int, **given: object) -> list[int]:
    details: dict[str, object] = {
        "founded_on": date(2026, 3, 10), "insured_count": 3, "word": "贸易", "monthly_kwh": 600.0,
        "scope": "一般项目：化工产品销售（不含许可类化工产品）；国内贸易代理",
    }  # fmt: skip
    return scene.found_firms("shell", n, **(details | given))


def sold_before_bought(scene: Scene) -> None:
    """The same firms, but each sale lies before the purchase that would feed it."""
    chain = Chain(
        [scene.generator(3), scene.generator(2)],
        _young(scene, 1),
        _user(scene),
        ACID,
        90.0,
        first_day=12.0,
        last_day=2.0,
        gap_days=-13.0,
        margin=1.06,
        fees=False,
    )
    _stage(scene, "near_miss", "先卖后买", "每次卖出都早于买入，货不是同一批", chain)


def kept_for_months(scene: Scene) -> None:
    """Bought in summer and sold in autumn out of a rented tank."""
    chain = Chain([scene.generator(0), scene.generator(4)], _young(scene, 1, insured_count=7),
                  _user(scene), SOLVENT, 60.0, lots=2, first_day=96.0, last_day=88.0,
                  gap_days=70.0, margin=1.08, fees=False)  # fmt: skip
    _stage(scene, "near_miss", "存放两个多月", "买卖相隔两个多月，有租赁储罐", chain)


def too_many_hands(scene: Scene) -> None:
    """Goods that change hands again and again on an exchange."""
    hands = scene.found_firms("trader", MANY_HANDS, word="化工贸易", insured_count=9)
    what = ByProduct("*有机化学原料*混合二甲苯", "", 6_100.0, 0.0)
    chain = Chain([scene.generator(9)], hands, _user(scene), what, 120.0, lots=2, gap_days=1.0,
                  margin=1.004, fees=False)  # fmt: skip
    _stage(scene, "near_miss", "多手转卖的正品", "六手转卖的是合格化工品，逐级小幅加价", chain)


def busy_newcomer(scene: Scene) -> None:
    """A new firm with few people that buys real goods of one works and pays their price."""
    what = ByProduct("*金属制品*镀锌件", "", 8_400.0, 0.0)
    chain = Chain([scene.generator(2)], _young(scene, 1, word="五金"), _user(scene), what, 130.0,
                  margin=1.09, gap_days=4.0, fees=False, lorries=(scene.lorry(_user(scene)),),
                  at_night=False)  # fmt: skip
    _stage(scene, "near_miss", "新设的小贸易公司", "新设、人少，但买卖的是成品，按市价加价", chain)


def _user(scene: Scene) -> int:
    """A works that uses the goods: people, power, products."""
    return scene.found_firms(
        "supplier", 1, word="水处理剂", insured_count=64, monthly_kwh=210_000.0, industry="C2661",
        scope="一般项目：专用化学产品制造；水处理药剂制造",
    )[0]  # fmt: skip


def honest_traders(scene: Scene) -> None:
    """Traders of long standing that take by-product acid of several works to those who use it."""
    for founded, people in ((date(2009, 6, 1), 18), (date(2015, 2, 11), 11)):
        trader = scene.found_firms("trader", 1, word="化工销售", founded_on=founded,
                                   insured_count=people, scope=CHEMICAL_SCOPE)  # fmt: skip
        user = _user(scene)
        chain = Chain([scene.generator(3, 2, 1) for _ in range(3)], trader, user, ACID, 230.0,
                      lots=5, margin=1.12, gap_days=2.0, fees=False, at_night=False,
                      lorries=tuple(scene.truck_number() for _ in range(3)))  # fmt: skip
        _stage(
            scene,
            "look_alike",
            "老牌化工贸易公司",
            "有危化品经营许可，收副产酸加价卖给用酸企业，白天持证车辆运输",
            chain,
        )


def new_hauliers(scene: Scene) -> None:
    """A haulier in its first year: few insured so far, many customers, only freight invoices."""
    firm = scene.found_firms("handler", 1, word="物流", founded_on=date(2026, 5, 6),
                             insured_count=2, scope=FREIGHT_SCOPE, industry="G5430")[0]  # fmt: skip
    lorries = [scene.lorry(firm) for _ in range(3)]
    givers, user = [scene.generator(t) for t in (0, 3, 6, 8)], _user(scene)
    tag = scene.case(MODEL, "look_alike", "新设物流公司", [firm, *givers],
                     "成立不足一年、两人参保，为多家企业运成品，只开运费发票",
                     moment(29, 0), moment(2, 23))  # fmt: skip
    for number, giver in enumerate(givers * 4):
        day = 28 - number * 1.6
        scene.drive(tag, giver, user, moment(day, 8.2 + number % 3), 24.0,
                    vehicle=lorries[number % 3], goods="成品")  # fmt: skip
        scene.trades.append({
            "tag": tag, "seller": firm, "buyer": giver, "uom": "次", "quantity": 1.0,
            "item_name": "*运输服务*货物运输费", "rate_pct": 9.0, "price_yuan": 1_900.0 + number,
            "issued_at": moment(day, 8.2) + timedelta(days=1), "vehicle": lorries[number % 3],
        })  # fmt: skip


def incubator_agents(scene: Scene) -> None:
    """A sales agent with a desk in an incubator, where another tenant was once punished."""
    firms = scene.world.firms()
    host = firms.filter(firms["address"].str.contains("众创孵化园"))
    agent = _young(scene, 1, word="化工商贸", division_code=host["division_code"][0],
                   address=host["address"][0].rstrip("室0123456789") + "988室")  # fmt: skip
    chain = Chain([scene.generator(0), scene.generator(5)], agent, _user(scene),
                  ByProduct("*有机化学原料*副产醋酸钠溶液", "", 900.0, 0.0), 80.0, margin=1.07,
                  gap_days=3.0, fees=False)  # fmt: skip
    _stage(
        scene,
        "look_alike",
        "孵化园里的代理商",
        "注册在孵化园，同园有单位受过处罚，除地址外无关联，加价销售",
        chain,
    )


def bookkeepers_client(scene: Scene) -> None:
    """A small firm whose phone is that of a bookkeeper with ninety clients."""
    firms = scene.world.of_role("bystander")
    crowd = firms["phone"].mode().sort()[0]
    agent = _young(scene, 1, phone=crowd, word="材料")
    chain = Chain([scene.generator(7), scene.generator(4)], agent, _user(scene),
                  ByProduct("*合成材料*副产树脂粉", "", 2_100.0, 0.0), 70.0, margin=1.05,
                  gap_days=3.0, fees=False)  # fmt: skip
    _stage(
        scene,
        "look_alike",
        "代账公司的客户",
        "登记电话属代账公司，与近百家单位相同，其中一家受过处罚",
        chain,
    )


def family_firm(scene: Scene) -> None:
    """The owner's other firm takes the works' by-product to a user; fined once, for its air."""
    giver = scene.generator(3)
    owner = int(scene.world.firms()["legal_person"][giver])
    second = _young(scene, 1, legal_person=owner, word="化工", founded_on=date(2025, 12, 20),
                    phone=scene.name_of(giver, "phone"))  # fmt: skip
    scene.world.ownership.owned_by_person(owner, second)
    chain = Chain([giver], second, _user(scene), ACID, 110.0, margin=1.15, gap_days=1.0, fees=False,
                  lorries=(scene.truck_number(),), at_night=False)  # fmt: skip
    tag = _stage(
        scene, "look_alike", "家族企业", "老板名下另一家公司代销副产酸，只受过大气处罚", chain
    )
    punish(scene, "air", date(2025, 4, 9), firm=giver, tag=tag)
