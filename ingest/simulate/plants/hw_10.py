"""HW-10: waste that is sold as a by-product to firms that exist on paper, until nobody has it.

The works is rid of its waste below cost, each firm in between keeps a part of what is paid for
that, the last one leaves it in a pit or a kiln.
"""

from datetime import date, timedelta

from ingest.simulate.penalties import punish
from ingest.simulate.plants.casting import honest
from ingest.simulate.plants.chains import (
    ACID,
    ASH,
    SLUDGE,
    SOLVENT,
    ByProduct,
    Chain,
    run,
)
from ingest.simulate.plants.hw_10_innocent import plant_innocent
from ingest.simulate.police import contacts, file_case, find_dump, name_party, payments
from ingest.simulate.scene import Place, Scene, moment
from ingest.simulate.trades import OIL
from ingest.simulate.truth import Severity

MODEL = "HW-10"
PAPER_SCOPE = "一般项目：企业管理咨询；国内贸易代理；建筑材料销售；包装材料销售"


def plant(scene: Scene) -> None:
    """Chains of every kind, then what only looks like one."""
    pit_behind_a_phone(scene)
    kiln_behind_a_convict(scene)
    pit_behind_three_hands(scene)
    new_but_unknown(scene)
    bought_shell(scene)
    paper_traces_only(scene)
    into_a_licensed_plant(scene)
    plant_innocent(scene)


def shells(scene: Scene, n: int, founded: date, **given: object) -> list[int]:
    """Firms of two people and a rented desk."""
    details: dict[str, object] = {
        "word": "贸易", "founded_on": founded, "insured_count": 2, "monthly_kwh": 45.0,
        "capital_yuan": 5e5, "scope": PAPER_SCOPE, "industry": "F5199",
    }  # fmt: skip
    return scene.found_firms("shell", n, **(details | given))


def kiln(scene: Scene) -> int:
    """A works without any licence that burns or buries what it gets."""
    return scene.found_firms(
        "handler", 1, word="新型建材", insured_count=5, monthly_kwh=900.0,
        scope="一般项目：砖瓦制造；建筑材料销售", industry="C3031",
    )[0]  # fmt: skip


def punished_firm(scene: Scene, tag: str | None = None, **given: object) -> int:
    """A firm that was fined for dealing in waste without a licence."""
    firm = scene.found_firms("handler", 1, word="再生资源", insured_count=4, **given)[0]
    punish(scene, "unlicensed", date(2025, 3, 18), firm=firm, tag=tag)
    return firm


def hit(scene: Scene, name: str, why: str, chain: Chain, severity: Severity) -> str:
    """Register a chain and put it on stage; its tag."""
    started, ended = chain.span()
    tag = scene.case(
        MODEL, "hit", name, chain.firms(), why, started, ended, severity=severity, core=chain.hands,
        waste_t=chain.tonnes, hops=len(chain.hands) + 1, givers=len(chain.givers),
    )  # fmt: skip
    run(scene, tag, chain)
    return tag


def _person_of(scene: Scene, firm: int) -> int:
    return int(scene.world.firms()["legal_person"][firm])


def _pit(scene: Scene, tag: str, chain: Chain, place: Place, found_day: float) -> None:
    """Waste found in a pit, a police case with the people of the chain, calls and payments."""
    found = moment(found_day, 7.5)
    number = file_case(
        scene,
        "倾倒危险废物污染环境案",
        "污染环境",
        "立案",
        found + timedelta(days=2),
        place=place,
        seized_t=chain.tonnes * 0.6,
        tag=tag,
    )
    find_dump(scene, place, found, round(chain.tonnes * 0.6, 1), "已确认", code=chain.what.code,
              case_no=number, tag=tag)  # fmt: skip
    boss, clerk = _person_of(scene, chain.hands[-1]), _person_of(scene, chain.givers[0])
    driver = int(scene.world.people.hire(1)[0])
    name_party(scene, number, "犯罪嫌疑人", "在办", person=boss, firm=chain.hands[-1], tag=tag)
    name_party(scene, number, "犯罪嫌疑人", "在办", person=driver, tag=tag)
    contacts(scene, number, [(boss, driver, 61), (boss, clerk, 17)], moment(chain.first_day, 8),
             found, tag)  # fmt: skip
    payments(scene, number, [(clerk, boss, 38_000.0, moment(chain.first_day - 3, 11)),
                             (boss, driver, 9_600.0, moment(chain.first_day - 4, 20)),
                             (boss, driver, 9_600.0, moment(chain.last_day, 20))], tag)  # fmt: skip


def pit_behind_a_phone(scene: Scene) -> None:
    """Acid of three works, one shell, a pit; the shell's phone is that of a punished firm."""
    phone = scene.phone()
    scene.found_firms("bystander", 3, phone=phone)
    punished_firm(scene, phone=phone)
    middle = shells(scene, 1, date(2026, 4, 21), phone=phone, word="化工贸易")
    place = scene.roadside(11)
    chain = Chain([scene.generator(3, 2) for _ in range(3)], middle, place, ACID, 210.0, lots=5,
                  lorries=tuple(scene.lorry(middle[0]) for _ in range(3)))  # fmt: skip
    tag = hit(scene, "副产酸经空壳倾倒取土坑",
              "新设公司两人参保，代账电话与受过危废处罚的单位相同，货车夜间直接从厂里开到取土坑",
              chain, "grave")  # fmt: skip
    _pit(scene, tag, chain, place, 4)


def kiln_behind_a_convict(scene: Scene) -> None:
    """Solvent of two works through two shells into a kiln; a manager has been convicted before."""
    convict = int(scene.world.people.hire(1)[0])
    old = file_case(scene, "非法处置废溶剂污染环境案", "污染环境", "判决", moment(700, 10))
    name_party(scene, old, "被告人", "有罪判决", person=convict)
    punish(scene, "unlicensed", date(2024, 11, 6), person=convict)
    middle = shells(scene, 2, date(2026, 2, 9), legal_person=convict, word="商贸")
    end = kiln(scene)
    lorries = (scene.lorry(end), scene.lorry(end))
    chain = Chain([scene.generator(0, 7), scene.generator(4)], middle, end, SOLVENT, 190.0,
                  lots=5, lorries=lorries, gap_days=1.5)  # fmt: skip
    hit(
        scene,
        "混合溶剂经两家空壳进砖窑",
        "两家空壳同一法定代表人，此人因污染环境罪被判过刑，砖厂无许可证",
        chain,
        "grave",
    )


def pit_behind_three_hands(scene: Scene) -> None:
    """Sludge through three shells; permitted trucks bring it to a pit, with their locators on."""
    phone = scene.phone()
    punished_firm(scene, contact_phone=phone, phone=phone)
    hands = [*shells(scene, 2, date(2026, 1, 15), word="金属材料"),
             *shells(scene, 1, date(2026, 6, 2), phone=phone)]  # fmt: skip
    place = scene.roadside(23)
    chain = Chain([scene.generator(1) for _ in range(2)], hands, place, SLUDGE, 160.0,
                  last_day=12.0, gap_days=1.0,
                  lorries=(scene.truck_number(), scene.truck_number()))  # fmt: skip
    tag = hit(
        scene,
        "污泥经三家空壳倾倒",
        "三家新设公司两日内逐级压价转手，持证车辆按定位停在取土坑",
        chain,
        "grave",
    )
    _pit(scene, tag, chain, place, 3)


def new_but_unknown(scene: Scene) -> None:
    """Aluminium ash through a new firm that nobody has heard of, into a yard without licence."""
    middle = shells(scene, 1, date(2026, 3, 3), word="再生金属", insured_count=1)
    end = kiln(scene)
    chain = Chain([scene.generator(8) for _ in range(3)], middle, end, ASH, 170.0, lots=5,
                  lorries=tuple(scene.lorry(end) for _ in range(3)))  # fmt: skip
    hit(
        scene,
        "铝灰经新设公司进无证场所",
        "新设公司一人参保，收三家铝灰当副产品压价转给砖厂，夜间运输",
        chain,
        "serious",
    )


def bought_shell(scene: Scene) -> None:
    """An old firm bought for its age; its new owner has been fined for waste before."""
    person = int(scene.world.people.hire(1)[0])
    punish(scene, "unlicensed", date(2025, 8, 27), person=person)
    middle = shells(scene, 1, date(2017, 9, 12), word="物资", legal_person=person, insured_count=0)
    scene.world.ownership.owned_by_person(person, middle)
    end = kiln(scene)
    chain = Chain([scene.generator(3, 2) for _ in range(2)], middle, end, ACID, 140.0,
                  lorries=(scene.lorry(end), scene.lorry(end)))  # fmt: skip
    hit(scene, "收购旧公司作空壳", "公司成立多年、无人参保，现控制人受过危废处罚，低价收酸次日转出",
        chain, "serious")  # fmt: skip


def paper_traces_only(scene: Scene) -> None:
    """Invoices and nothing else: a new firm turns over goods that nobody saw."""
    middle = shells(scene, 1, date(2026, 5, 20), word="供应链管理")
    chain = Chain([scene.generator(0), scene.generator(7)], middle, kiln(scene), SOLVENT, 110.0,
                  gap_days=3.0, fees=False)  # fmt: skip
    hit(scene, "仅有发票的快进快出", "新设公司两人参保，收两家副产溶剂三日内低价转出，仅见发票",
        chain, "slight")  # fmt: skip


def into_a_licensed_plant(scene: Scene) -> None:
    """The shell hands on to a licensed plant by manifest, as if the waste were its own."""
    phone = scene.phone()
    punished_firm(scene, phone=phone)
    middle = shells(scene, 1, date(2026, 3, 27), phone=phone, word="环境科技")
    (end,) = honest(scene, OIL)
    lorries = (scene.lorry(middle[0]), scene.lorry(middle[0]))
    what = ByProduct("*石油制品*副产燃料油", "900-249-08", 680.0, 60.0)
    chain = Chain([scene.generator(9), scene.generator(6)], [], middle[0], what, 130.0,
                  lorries=lorries, at_night=False)  # fmt: skip
    started, ended = chain.span()
    tag = scene.case(
        MODEL, "hit", "空壳以自产名义交有证单位",
        [*middle, end, *chain.givers],
        "新设公司收两家油类当副产品，再以自己产生的废矿物油名义填联单交有证单位，代账电话与受罚单位相同",
        started, ended, severity="serious", core=middle, waste_t=chain.tonnes, hops=2, givers=2,
    )  # fmt: skip
    run(scene, tag, chain)
    for lot in range(4):
        scene.moves.append({
            "tag": tag, "shipper": middle[0], "receiver": end, **scene.truck(),
            "waste_code": what.code, "quantity_t": 30.5 - lot, "method": "R9",
            "departed_at": moment(26 - lot * 7, 9.3 + 0.2 * lot), "received_ratio": 0.99,
        })  # fmt: skip
