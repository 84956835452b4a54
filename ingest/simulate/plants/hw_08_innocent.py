"""HW-08: papers that are in order to the day and the tonne, and cases that the law excuses."""

from datetime import date

import polars as pl

from ingest.simulate.abroad import found_outsider
from ingest.simulate.plants.licensed import (
    Loads,
    Papers,
    carrier_of,
    crew,
    item,
    license_plant,
    number_of,
    plant_of,
    stage,
    usual_plant,
)
from ingest.simulate.scene import Scene
from ingest.simulate.truth import Kind

INCINERATOR, LANDFILL, WATER, SOLVENT, METAL, ACID, OIL, DRUM, CATALYST = range(9)
LAST_LOAD = date(2026, 10, 20)


def approve(
    scene: Scene,
    number: str,
    shipper: int,
    receiver: int,
    code: str,
    tonnes: float,
    approved_on: date,
    valid_to: date,
) -> None:
    """An approval to move waste over the border of the province."""
    scene.delivery.hold(
        "transfer_approval",
        pl.DataFrame(
            [
                {
                    "approval_no": number,
                    "waste_code": code,
                    "org:shipper": shipper,
                    "org:receiver": receiver,
                    "approved_t": tonnes,
                    "approved_on": approved_on,
                    "valid_to": valid_to,
                    "status": "批准",
                }
            ]
        ),
    )


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


def _last_days(scene: Scene) -> None:
    """Accepted on the last day of the licence, of the truck's permit, of a certificate."""
    plant = plant_of(scene, WATER)
    license_plant(scene, plant, [item("HW34", 3_000, "D9")], (date(2021, 10, 21), LAST_LOAD))
    stage(
        scene,
        Loads(
            "near_miss",
            "",
            "许可证最后一天接收",
            "接收当天许可证尚在有效期内，次日到期",
            scene.generator(1, 3),
            plant,
            "900-300-34",
            "D9",
            days=[LAST_LOAD],
        ),
    )
    for number, (name, papers) in enumerate(
        (
            ("道路运输证最后一天", Papers(permit_to=LAST_LOAD)),
            ("驾驶员从业资格最后一天", Papers(driver_to=LAST_LOAD)),
        )
    ):
        truck = crew(scene, carrier_of(scene, 20 + number), papers)
        stage(
            scene,
            Loads(
                "near_miss",
                "",
                name,
                "运输当天证件尚在有效期内",
                scene.generator(0, 5),
                usual_plant(scene, INCINERATOR),
                "900-252-12",
                "D10",
                tonnes=6,
                days=[LAST_LOAD],
                truck=truck,
            ),
        )


def _nearly_full(scene: Scene) -> None:
    plant = plant_of(scene, OIL)
    license_plant(scene, plant, [item("HW08", 300, "R9")], mode="利用")
    stage(
        scene,
        Loads(
            "near_miss",
            "",
            "年接收量约为许可量的八成",
            "十次共约240吨，许可300吨",
            scene.generator(6, 9),
            plant,
            "900-249-08",
            "R9",
            tonnes=24,
            count=10,
        ),
    )


def _approved(scene: Scene) -> None:
    shipper, plant = found_outsider(scene, 3), usual_plant(scene, METAL)
    approve(
        scene,
        "苏环危转〔2026〕71号",
        shipper,
        plant,
        "336-062-17",
        50,
        date(2026, 4, 8),
        date(2027, 4, 7),
    )
    stage(
        scene,
        Loads(
            "near_miss",
            "",
            "跨省转移几乎用完批准量",
            "批准50吨，四次共约48吨，批准在有效期内",
            shipper,
            plant,
            "336-062-17",
            "R4",
            tonnes=12,
            count=4,
            extra={"scope": "跨省", "approval_no": "苏环危转〔2026〕71号"},
        ),
    )


def _other_gate(scene: Scene) -> None:
    plant = usual_plant(scene, LANDFILL)
    place = scene.world.firms().row(plant, named=True)
    stage(
        scene,
        Loads(
            "near_miss",
            "",
            "从另一个厂门接收",
            "接收定位距许可地址约400米，在同一厂区",
            scene.generator(2, 8),
            plant,
            "336-064-17",
            "D1",
            extra={
                "receiver_lon": round(place["lon"] + 0.0036, 6),
                "receiver_lat": round(place["lat"] + 0.0018, 6),
            },
        ),
    )


def _second_method(scene: Scene) -> None:
    plant = plant_of(scene, METAL)
    license_plant(
        scene, plant, [item("HW17", 4_000, "R4、R5"), item("HW22", 4_000, "R4、R5")], mode="利用"
    )
    stage(
        scene,
        Loads(
            "near_miss",
            "",
            "许可两种利用方式之一",
            "许可明细列有R4和R5，联单填R5",
            scene.generator(1),
            plant,
            "398-004-22",
            "R5",
        ),
    )


def _innocent(
    scene: Scene,
    name: str,
    why: str,
    plant: int,
    code: str,
    method: str,
    *trades: int,
    **given: object,
) -> None:
    kind: Kind = "look_alike"
    loads = Loads(kind, "", name, why, scene.generator(*trades), plant, code, method)
    for key, value in given.items():
        setattr(loads, key, value)
    stage(scene, loads)


def _renewed(scene: Scene) -> None:
    """The new licence is out, the register has the old one; manifests cite the new number."""
    plant = plant_of(scene, INCINERATOR)
    license_plant(
        scene, plant, [item("HW11", 5_000, "D10")], (date(2021, 9, 28), date(2026, 9, 27))
    )
    _innocent(
        scene,
        "已换证而许可数据未更新",
        "旧证三周前到期，联单已填新证编号，新证尚未交换到平台",
        plant,
        "900-013-11",
        "D10",
        0,
        7,
        extra={"licence_no": number_of(scene, plant)[:-1] + "8"},
    )


def _renewed_and_delivered(scene: Scene) -> None:
    plant = plant_of(scene, WATER)
    for span in ((date(2021, 10, 1), date(2026, 9, 30)), (date(2026, 10, 1), date(2031, 9, 30))):
        license_plant(scene, plant, [item("HW09", 9_000, "D9")], span)
    _innocent(
        scene,
        "换证前后两个版本都在",
        "旧证到期次日新证生效，两版均已交换",
        plant,
        "900-006-09",
        "D9",
        6,
    )


def _all_codes(scene: Scene) -> None:
    plant = plant_of(scene, INCINERATOR)
    license_plant(scene, plant, [item("HW12", 4_000, "D10", "全部")])
    _innocent(
        scene,
        "许可范围为该类全部代码",
        "许可明细写明HW12全部，联单为其中一种",
        plant,
        "264-011-12",
        "D10",
        5,
    )


def _pilot(scene: Scene) -> None:
    plant = plant_of(scene, DRUM)
    license_plant(
        scene,
        plant,
        [item("HW49", 1_500, "C1"), item("HW08", 1_500, "C1")],
        (date(2025, 3, 1), date(2028, 2, 28)),
        kind="收集试点",
        mode="收集",
    )
    _innocent(
        scene,
        "小微企业收集试点",
        "收集试点单位收集小微企业危险废物，暂存后转处置",
        plant,
        "900-041-49",
        "C1",
        5,
        6,
        tonnes=0.8,
        count=5,
    )


def _trial(scene: Scene) -> None:
    plant = plant_of(scene, CATALYST)
    license_plant(
        scene,
        plant,
        [item("HW50", 3_000, "R8")],
        (date(2026, 7, 1), date(2027, 6, 30)),
        kind="试生产",
        mode="利用",
    )
    _innocent(scene, "批准的试生产", "新建装置经批准试生产期间接收", plant, "251-016-50", "R8", 9)


def _exempt_transport(scene: Scene) -> None:
    """Whole lead batteries may travel as ordinary goods."""
    plant = plant_of(scene, METAL)
    license_plant(scene, plant, [item("HW31", 8_000, "R4")], mode="利用")
    carrier = scene.found_firms(
        "carrier", 1, scope="许可项目：道路普通货物运输（依法须经批准的项目）", industry="G5430"
    )[0]
    _innocent(
        scene,
        "未破损废铅蓄电池豁免运输",
        "运输环节豁免，由普通货运车辆承运，包装完好",
        plant,
        "900-052-31",
        "R4",
        6,
        tonnes=8,
        truck=crew(scene, carrier),
    )


def _exempt_use(scene: Scene) -> None:
    """Acid that only corrodes, used as raw material by a maker of water-treatment chemicals."""
    user = scene.found_firms(
        "generator",
        1,
        trade=0,
        word="净水剂",
        industry="C2669",
        insured_count=48,
        scope="一般项目：专用化学产品制造（聚合氯化铁、聚合硫酸铁）；以废酸为原料的资源综合利用",
    )[0]
    _innocent(
        scene,
        "废酸作生产原料豁免利用",
        "仅具腐蚀性的废酸作为净水剂生产原料，利用环节豁免，运输手续齐全",
        user,
        "900-300-34",
        "R5",
        3,
        tonnes=20,
    )
