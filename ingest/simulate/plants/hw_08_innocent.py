"""HW-08: papers that are in order to the day and the tonne, and cases that the law excuses."""

from datetime import date

from ingest.simulate.abroad import found_outsider
from ingest.simulate.plants.casting import found_apart, host, set_apart
from ingest.simulate.plants.licensed import (
    host_with_licence,
    item,
    license_plant,
    number_of,
    usual_items,
)
from ingest.simulate.plants.loads import (
    INSPECTED,
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
from ingest.simulate.trades import CATALYST, DRUM, INCINERATOR, LANDFILL, METAL, WATER
from ingest.simulate.truth import Story


def plant_innocent(scene: Scene) -> None:
    """Near misses, then look-alikes."""
    _last_days(scene)
    _nearly_full(scene)
    _approved(scene)
    _other_gate(scene)
    _second_method(scene)
    _renewed(scene)
    _renewed_and_delivered(scene)
    _all_codes(scene)
    _pilot(scene)
    _trial(scene)
    _exempt_transport(scene)
    _exempt_use(scene)


def _near_miss(name: str, why: str) -> Story:
    return Story("near_miss", name, why)


def _look_alike(name: str, why: str) -> Story:
    return Story("look_alike", name, why)


def _last_days(scene: Scene) -> None:
    """Accepted on the last day of the licence, of the truck's permit, of a certificate."""
    plant = set_apart(scene, WATER)
    license_plant(scene, plant, [item("HW34", 3_000, "D9")], (date(2021, 10, 21), INSPECTED))
    story = _near_miss("许可证最后一天接收", "接收当天许可证尚在有效期内，次日到期")
    stage(scene, story, Loads(scene.generator(1, 3), plant, "900-300-34", "D9", days=[INSPECTED]))
    why = "运输当天证件尚在有效期内"
    for number, (story, papers) in enumerate((
        (_near_miss("道路运输证最后一天", why), Papers(permit_to=INSPECTED)),
        (_near_miss("驾驶员从业资格最后一天", why), Papers(driver_to=INSPECTED)),
    )):  # fmt: skip
        under_papers(scene, story, 20 + number, papers)


def _nearly_full(scene: Scene) -> None:
    story = _near_miss("年接收量约为许可量的八成", "十次共约240吨，许可300吨")
    year_of_oil(scene, story, 300)


def _approved(scene: Scene) -> None:
    loads = Loads(found_outsider(scene, 3), host(scene, METAL), "336-062-17", "R4", count=4)
    approval = Approval("苏环危转〔2026〕71号", 50, date(2026, 4, 8), date(2027, 4, 7))
    story = _near_miss("跨省转移几乎用完批准量", "批准50吨，四次共约48吨，批准在有效期内")
    stage(scene, story, over_the_border(scene, loads, approval))


def _other_gate(scene: Scene) -> None:
    plant = host(scene, LANDFILL)
    story = _near_miss("从另一个厂门接收", "接收定位距许可地址约400米，在同一厂区")
    stage(scene, story, Loads(
        scene.generator(2, 8), plant, "336-064-17", "D1",
        extra=beside(scene, plant, 0.0036, 0.0018),
    ))  # fmt: skip


def _second_method(scene: Scene) -> None:
    plant = host_with_licence(scene, METAL, usual_items(METAL, "R4、R5"))
    story = _near_miss("许可两种利用方式之一", "许可明细列有R4和R5，联单填R5")
    stage(scene, story, Loads(scene.generator(1), plant, "398-004-22", "R5"))


def _renewed(scene: Scene) -> None:
    """The new licence is out, the register has the old one; manifests cite the new number."""
    plant = set_apart(scene, INCINERATOR)
    items = [item("HW11", 5_000, "D10")]
    license_plant(scene, plant, items, (date(2021, 9, 28), date(2026, 9, 27)))
    story = _look_alike(
        "已换证而许可数据未更新", "旧证三周前到期，联单已填新证编号，新证尚未交换到平台"
    )
    stage(scene, story, Loads(
        scene.generator(0, 7), plant, "900-013-11", "D10",
        extra={"licence_no": number_of(scene, plant)[:-1] + "8"},
    ))  # fmt: skip


def _renewed_and_delivered(scene: Scene) -> None:
    plant = host_with_licence(
        scene, WATER, usual_items(WATER),
        (date(2021, 10, 1), date(2026, 9, 30)), (date(2026, 10, 1), date(2031, 9, 30)),
    )  # fmt: skip
    story = _look_alike("换证前后两个版本都在", "旧证到期次日新证生效，两版均已交换")
    stage(scene, story, Loads(scene.generator(6), plant, "900-006-09", "D9"))


def _all_codes(scene: Scene) -> None:
    plant = host_with_licence(scene, INCINERATOR, usual_items(INCINERATOR, code="全部"))
    story = _look_alike("许可范围为该类全部代码", "许可明细写明HW12全部，联单为其中一种")
    stage(scene, story, Loads(scene.generator(5), plant, "264-011-12", "D10"))


def _pilot(scene: Scene) -> None:
    plant = found_apart(scene, DRUM)
    items = [item("HW49", 1_500, "C1"), item("HW08", 1_500, "C1")]
    span = (date(2025, 3, 1), date(2028, 2, 28))
    license_plant(scene, plant, items, span, kind="收集试点", mode="收集")
    story = _look_alike("小微企业收集试点", "收集试点单位收集小微企业危险废物，暂存后转处置")
    stage(scene, story, Loads(
        scene.generator(5, 6), plant, "900-041-49", "C1", tonnes=0.8, count=5
    ))  # fmt: skip


def _trial(scene: Scene) -> None:
    plant = found_apart(scene, CATALYST)
    span = (date(2026, 7, 1), date(2027, 6, 30))
    license_plant(scene, plant, [item("HW50", 3_000, "R8")], span, kind="试生产", mode="利用")
    story = _look_alike("批准的试生产", "新建装置经批准试生产期间接收")
    stage(scene, story, Loads(scene.generator(9), plant, "251-016-50", "R8"))


def _exempt_transport(scene: Scene) -> None:
    """Whole lead batteries may travel as ordinary goods."""
    plant = host_with_licence(scene, METAL, [*usual_items(METAL), item("HW31", 8_000, "R4")])
    truck = crew_of_ordinary_haulier(scene)
    story = _look_alike(
        "未破损废铅蓄电池豁免运输", "运输环节豁免，由普通货运车辆承运，包装完好"
    )  # fmt: skip
    stage(scene, story, Loads(
        scene.generator(6), plant, "900-052-31", "R4", tonnes=8, truck=truck
    ))  # fmt: skip


def _exempt_use(scene: Scene) -> None:
    """Acid that only corrodes, used as raw material by a maker of water-treatment chemicals."""
    user = scene.found_firms(
        "generator", 1, trade=0, word="净水剂", industry="C2669", insured_count=48,
        scope="一般项目：专用化学产品制造（聚合氯化铁、聚合硫酸铁）；以废酸为原料的资源综合利用",
    )[0]  # fmt: skip
    story = _look_alike(
        "废酸作生产原料豁免利用",
        "仅具腐蚀性的废酸作为净水剂生产原料，利用环节豁免，运输手续齐全",
    )
    stage(scene, story, Loads(scene.generator(3), user, "900-300-34", "R5", tonnes=20))
