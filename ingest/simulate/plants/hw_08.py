"""HW-08: waste goes where it may not, or travels with whom it may not.

Typology: the licence has run out or never was, another code, another treatment, more than
licensed, another site, a carrier or crew without papers, over the border without approval.
Near misses and excused cases: ``hw_08_innocent.py``.
"""

from datetime import date

from ingest.simulate.abroad import found_outsider
from ingest.simulate.plants.hw_08_innocent import approve, plant_innocent
from ingest.simulate.plants.licensed import (
    Loads,
    Papers,
    carrier_of,
    crew,
    item,
    license_plant,
    plant_of,
    stage,
    usual_plant,
)
from ingest.simulate.scene import Row, Scene
from ingest.simulate.truth import Severity

INCINERATOR, LANDFILL, WATER, SOLVENT, METAL, ACID, OIL, DRUM, CATALYST = range(9)


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
    _over_the_border(scene)
    plant_innocent(scene)


def _run_out(scene: Scene) -> None:
    plant = plant_of(scene, INCINERATOR)
    license_plant(
        scene, plant, [item("HW11", 6_000, "D10")], (date(2021, 8, 21), date(2026, 8, 20))
    )
    stage(
        scene,
        Loads(
            "hit",
            "grave",
            "许可证到期后继续接收",
            "许可证8月20日到期未延续，10月仍接收五车精馏残渣",
            scene.generator(0, 7),
            plant,
            "900-013-11",
            "D10",
            count=5,
        ),
    )


def _out_of_scope(scene: Scene) -> None:
    plant = plant_of(scene, WATER)
    license_plant(scene, plant, [item("HW17", 5_000, "D9"), item("HW09", 5_000, "D9")])
    stage(
        scene,
        Loads(
            "hit",
            "grave",
            "接收许可范围外的废物",
            "许可仅含HW09和HW17，接收三车废酸HW34",
            scene.generator(2, 3),
            plant,
            "900-300-34",
            "D9",
            tonnes=22,
        ),
    )


def _never_licensed(scene: Scene) -> None:
    shop = scene.found_firms("bystander", 1, word="五金加工", insured_count=5)[0]
    stage(
        scene,
        Loads(
            "hit",
            "grave",
            "交给无许可证的作坊",
            "接收单位没有危险废物经营许可证",
            scene.generator(6),
            shop,
            "900-249-08",
            "R9",
            tonnes=6,
        ),
    )


def _other_method(scene: Scene) -> None:
    plant = plant_of(scene, INCINERATOR)
    license_plant(scene, plant, [item("HW49", 4_000, "D10"), item("HW12", 4_000, "D10")])
    stage(
        scene,
        Loads(
            "hit",
            "grave",
            "处置方式与许可不符",
            "许可为焚烧D10，联单为填埋D1",
            scene.generator(0),
            plant,
            "900-039-49",
            "D1",
            tonnes=9,
        ),
    )


def _too_much(scene: Scene) -> None:
    cases: tuple[tuple[Severity, str, float, str], ...] = (
        ("grave", "年接收量为许可量的一倍半", 160, "十次共约240吨，许可160吨"),
        ("serious", "年接收量略超许可量", 224, "十次共约240吨，许可224吨"),
        ("slight", "年接收量接近许可量", 252, "十次共约240吨，许可252吨"),
    )
    for severity, name, licensed, why in cases:
        plant = plant_of(scene, OIL)
        license_plant(scene, plant, [item("HW08", licensed, "R9")], mode="利用")
        stage(
            scene,
            Loads(
                "hit",
                severity,
                name,
                why,
                scene.generator(6, 9),
                plant,
                "900-249-08",
                "R9",
                tonnes=24,
                count=10,
            ),
        )


def _other_site(scene: Scene) -> None:
    plant = usual_plant(scene, LANDFILL)
    place = scene.world.firms().row(plant, named=True)
    stage(
        scene,
        Loads(
            "hit",
            "grave",
            "接收地点不在许可设施",
            "接收定位在许可设施九公里外的场地",
            scene.generator(2, 8),
            plant,
            "336-064-17",
            "D1",
            tonnes=14,
            extra={
                "receiver_lon": round(place["lon"] + 0.081, 6),
                "receiver_lat": round(place["lat"] + 0.048, 6),
            },
        ),
    )


def _carrier(scene: Scene) -> None:
    carrier = scene.found_firms(
        "carrier", 1, scope="许可项目：道路普通货物运输（依法须经批准的项目）", industry="G5430"
    )[0]
    stage(
        scene,
        Loads(
            "hit",
            "serious",
            "承运人无危险货物运输资质",
            "经营范围仅为普通货物运输",
            scene.generator(1, 3),
            usual_plant(scene, ACID),
            "900-300-34",
            "R5",
            tonnes=14,
            truck=crew(scene, carrier),
        ),
    )


def _papers(scene: Scene) -> None:
    """Trucks and crews whose papers have run out or never were, on 20 October."""
    cases: tuple[tuple[Severity, str, str, Papers], ...] = (
        ("slight", "道路运输证过期一周", "过期7天", Papers(permit_to=date(2026, 10, 13))),
        ("serious", "道路运输证过期四个月", "过期4个月", Papers(permit_to=date(2026, 6, 20))),
        ("serious", "车辆没有道路运输证", "查无该车道路运输证", Papers(is_permitted=False)),
        ("slight", "驾驶员从业资格过期三周", "过期21天", Papers(driver_to=date(2026, 9, 29))),
        ("serious", "押运员没有从业资格", "查无押运资格", Papers(has_escort_paper=False)),
    )
    for number, (severity, name, why, papers) in enumerate(cases):
        truck = crew(scene, carrier_of(scene, number), papers)
        stage(
            scene,
            Loads(
                "hit",
                severity,
                name,
                why,
                scene.generator(0, 5, 6),
                usual_plant(scene, INCINERATOR),
                "900-252-12",
                "D10",
                tonnes=6,
                days=[date(2026, 10, 20)],
                truck=truck,
            ),
        )


def _over_the_border(scene: Scene) -> None:
    for number, (name, why, approval, code) in enumerate(
        (
            ("跨省转移未经批准", "从省外移入四车，无批准文号", None, "336-064-17"),
            (
                "跨省转移批准已过期",
                "批准8月底到期，10月仍转移",
                (date(2025, 9, 1), date(2026, 8, 31), 400.0),
                "336-064-17",
            ),
            (
                "跨省转移超过批准量",
                "批准30吨，四次共约48吨",
                (date(2026, 3, 1), date(2027, 2, 28), 30.0),
                "336-064-17",
            ),
        )
    ):
        shipper, plant = found_outsider(scene, number), usual_plant(scene, LANDFILL)
        extra: Row = {"scope": "跨省"}
        if approval:
            extra["approval_no"] = f"苏环危转〔2026〕{number + 40}号"
            approve(
                scene,
                str(extra["approval_no"]),
                shipper,
                plant,
                code,
                approval[2],
                approval[0],
                approval[1],
            )
        stage(
            scene,
            Loads(
                "hit",
                "grave",
                name,
                why,
                shipper,
                plant,
                code,
                "D1",
                count=4,
                extra=extra,
            ),
        )
