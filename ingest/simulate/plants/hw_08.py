"""HW-08: waste goes where it may not, or travels with whom it may not.

Typology: the licence has run out or never was, another code, another treatment, more than
licensed, another site, a carrier or crew without papers, over the border without approval.
Near misses and excused cases: ``hw_08_innocent.py``.
"""

from datetime import date

from ingest.simulate.abroad import found_outsider
from ingest.simulate.plants.casting import found_apart, host, set_apart
from ingest.simulate.plants.hw_08_innocent import plant_innocent
from ingest.simulate.plants.licensed import item, license_plant
from ingest.simulate.plants.loads import (
    Approval,
    Loads,
    Papers,
    beside,
    crew_of_ordinary_haulier,
    over_the_border,
    stage,
    under_papers,
    year_of_oil,
)
from ingest.simulate.scene import Scene
from ingest.simulate.trades import ACID, INCINERATOR, LANDFILL, WATER
from ingest.simulate.truth import Severity, Story


def plant(scene: Scene) -> None:
    """Plant all cases."""
    _run_out(scene)
    _out_of_scope(scene)
    _never_licensed(scene)
    _other_method(scene)
    _too_much(scene)
    _other_site(scene)
    _carrier(scene)
    _papers(scene)
    _border(scene)
    plant_innocent(scene)


def _hit(name: str, why: str, severity: Severity = "grave") -> Story:
    return Story("hit", name, why, severity)


def _run_out(scene: Scene) -> None:
    plant = found_apart(scene, INCINERATOR)
    items = [item("HW11", 6_000, "D10")]
    license_plant(scene, plant, items, (date(2021, 8, 21), date(2026, 8, 20)))
    story = _hit("许可证到期后继续接收", "许可证8月20日到期未延续，10月仍接收五车精馏残渣")
    stage(scene, story, Loads(scene.generator(0, 7), plant, "900-013-11", "D10", count=5))


def _out_of_scope(scene: Scene) -> None:
    plant = set_apart(scene, WATER)
    license_plant(scene, plant, [item("HW17", 5_000, "D9"), item("HW09", 5_000, "D9")])
    story = _hit("接收许可范围外的废物", "许可仅含HW09和HW17，接收三车废酸HW34")
    stage(scene, story, Loads(scene.generator(2, 3), plant, "900-300-34", "D9", tonnes=22))


def _never_licensed(scene: Scene) -> None:
    shop = scene.found_firms("bystander", 1, word="五金加工", insured_count=5)[0]
    story = _hit("交给无许可证的作坊", "接收单位没有危险废物经营许可证")
    stage(scene, story, Loads(scene.generator(6), shop, "900-249-08", "R9", tonnes=6))


def _other_method(scene: Scene) -> None:
    story = _hit("处置方式与许可不符", "许可为焚烧D10，联单为填埋D1")
    stage(scene, story, Loads(
        scene.generator(0), host(scene, INCINERATOR), "900-039-49", "D1", tonnes=9
    ))  # fmt: skip


def _too_much(scene: Scene) -> None:
    for story, licensed_t in (
        (_hit("年接收量为许可量的一倍半", "十次共约240吨，许可160吨"), 160),
        (_hit("年接收量略超许可量", "十次共约240吨，许可224吨", "serious"), 224),
        (_hit("年接收量接近许可量", "十次共约240吨，许可252吨", "slight"), 252),
    ):
        year_of_oil(scene, story, licensed_t)


def _other_site(scene: Scene) -> None:
    plant = host(scene, LANDFILL)
    story = _hit("接收地点不在许可设施", "接收定位在许可设施九公里外的场地")
    stage(scene, story, Loads(
        scene.generator(2, 8), plant, "336-064-17", "D1", tonnes=14,
        extra=beside(scene, plant, 0.081, 0.048),
    ))  # fmt: skip


def _carrier(scene: Scene) -> None:
    story = _hit("承运人无危险货物运输资质", "经营范围仅为普通货物运输", "serious")
    truck = crew_of_ordinary_haulier(scene)
    stage(scene, story, Loads(
        scene.generator(1, 3), host(scene, ACID), "900-300-34", "R5", tonnes=14, truck=truck
    ))  # fmt: skip


def _papers(scene: Scene) -> None:
    """Trucks and crews whose papers have run out or never were, on 20 October."""
    cases = (
        (_hit("道路运输证过期一周", "过期7天", "slight"), Papers(permit_to=date(2026, 10, 13))),
        (_hit("道路运输证过期四个月", "过期4个月", "serious"), Papers(permit_to=date(2026, 6, 20))),
        (_hit("车辆没有道路运输证", "查无该车道路运输证", "serious"), Papers(is_permitted=False)),
        (_hit("驾驶员从业资格过期三周", "过期21天", "slight"), Papers(driver_to=date(2026, 9, 29))),
        (_hit("押运员没有从业资格", "查无押运资格", "serious"), Papers(has_escort_paper=False)),
    )
    for number, (story, papers) in enumerate(cases):
        under_papers(scene, story, number, papers)


def _border(scene: Scene) -> None:
    cases: tuple[tuple[Story, Approval | None], ...] = (
        (_hit("跨省转移未经批准", "从省外移入四车，无批准文号"), None),
        (_hit("跨省转移批准已过期", "批准8月底到期，10月仍转移"),
         Approval("苏环危转〔2026〕41号", 400, date(2025, 9, 1), date(2026, 8, 31))),
        (_hit("跨省转移超过批准量", "批准30吨，四次共约48吨"),
         Approval("苏环危转〔2026〕42号", 30, date(2026, 3, 1), date(2027, 2, 28))),
    )  # fmt: skip
    for number, (story, approval) in enumerate(cases):
        shipper, plant = found_outsider(scene, number), host(scene, LANDFILL)
        loads = Loads(shipper, plant, "336-064-17", "D1", count=4)
        stage(scene, story, over_the_border(scene, loads, approval))
