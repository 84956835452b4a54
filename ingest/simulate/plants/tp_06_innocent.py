"""TP-06: bodies that are linked and clean, or share faults for a reason that is on record."""

from datetime import date, datetime, timedelta

import polars as pl

from ingest.simulate.plants.circles import (
    Circle,
    free_stations,
    gather,
    lend_technician,
    mention,
    stand_still,
    upgrade,
)
from ingest.simulate.scene import Scene
from ingest.simulate.stations import VENDORS, set_operator, stations
from ingest.simulate.tampering import change
from ingest.simulate.truth import Kind

MODEL = "TP-06"
STARTED, ENDED = datetime(2026, 10, 1), datetime(2026, 10, 31, 23, 0)


def plant_innocent(scene: Scene) -> None:
    """Near misses, then look-alikes."""
    linked_but_clean(scene)
    one_bad_site(scene)
    group_with_subcontract(scene)
    service_net(scene)
    old_devices(scene)
    bookkeepers_phone(scene)


def _case(scene: Scene, kind: Kind, name: str, why: str, circle: Circle) -> str:
    return scene.case(MODEL, kind, name, circle.bodies, why, STARTED, ENDED,
                      bodies=len(circle.bodies), sites=len(circle.stations))  # fmt: skip


def linked_but_clean(scene: Scene) -> None:
    """Two operators with one phone and one technician; their stations are in order."""
    circle = gather(scene, 2, 0, 2, phone=scene.phone())
    tag = _case(
        scene, "near_miss", "关联但数据正常", "两家运维公司共用电话和技术员，站点数据无异常", circle
    )
    lend_technician(scene, tag, circle)


def one_bad_site(scene: Scene) -> None:
    """Two operators of one owner; one of their stations had a stuck valve for half a day."""
    person = int(scene.world.people.hire(1)[0])
    circle = gather(scene, 2, 0, 3, legal_person=person)
    tag = _case(
        scene,
        "near_miss",
        "关联但仅一处异常",
        "同一法定代表人的两家运维公司，仅一个站点短时恒值",
        circle,
    )
    for station in circle.stations[:1]:
        stand_still(scene, tag, station, 14, hours=13, name="单站短时恒值", severity="serious")


def group_with_subcontract(scene: Scene) -> None:
    """A group's two firms: one holds the contracts, the other works under filed subcontracts."""
    circle = gather(scene, 2, 0, 3, phone=scene.phone())
    head = scene.found_firms("holding", 1, word="环保控股", insured_count=40)[0]
    scene.world.ownership.owned_by_firm(head, circle.operators)
    tag = _case(
        scene,
        "look_alike",
        "集团内备案分包",
        "两家同属一家控股公司，分包合同已备案，参数统一调整经批准",
        circle,
    )
    main, second = circle.operators
    for station in circle.stations:
        set_operator(scene, station, main)
        row = stations(scene).row(station, named=True)
        scene.note("om_contract", {
            "tag": tag, "contract_no": f"YW2026-F{second}-{row['firm']:05d}", "mn": row["mn"],
            "parent_contract_no": f"YW2026-{main}-{row['firm']:05d}", "scope": "分包：日常巡检",
            "amount_yuan": 26_000.0, "valid_from": date(2026, 1, 1), "valid_to": date(2026, 12, 31),
            "remote_inspection_allowed": False, "org:client": main, "org:operator": second,
        })  # fmt: skip
    lend_technician(scene, tag, circle)
    upgrade(scene, tag, circle.stations, 16, "集团统一校验方案")


def service_net(scene: Scene) -> None:
    """A maker's regional service firms: one hotline, one kind of device, one update."""
    vendor, model = VENDORS["水"][0], VENDORS["水"][1]
    circle = gather(scene, 3, 0, 3, phone="4008201234", brand=vendor[:2])
    for station in circle.stations:
        scene.kept["stations"] = stations(scene).with_columns(
            vendor=pl.when(pl.col("station") == station).then(pl.lit(vendor)).otherwise("vendor"),
            model=pl.when(pl.col("station") == station).then(pl.lit(model)).otherwise("model"),
        )
    tag = _case(
        scene,
        "look_alike",
        "厂家服务网点",
        "同一仪器厂家的三个服务网点共用客服电话，同日升级程序，参数相同并已备案",
        circle,
    )
    upgrade(scene, tag, circle.stations, 21, "厂家程序升级，统一参数，已备案")


def old_devices(scene: Scene) -> None:
    """Devices of one old model in one district tremble alike, whoever serves them."""
    circle = Circle(scene.found_firms("operator", 3, scope="一般项目：环境保护监测"), [])
    circle.stations = free_stations(scene, 3)
    tag = _case(
        scene,
        "look_alike",
        "老旧设备集中",
        "三家互无关联的运维公司，站点均为同一老型号仪器，读数分辨力低",
        circle,
    )
    for number, station in enumerate(circle.stations):
        set_operator(scene, station, circle.operators[number])
        is_it = pl.col("station") == station
        scene.kept["stations"] = stations(scene).with_columns(
            model=pl.when(is_it).then(pl.lit("LX-90")).otherwise("model"),
            accepted_on=pl.when(is_it).then(date(2011, 6, 8)).otherwise("accepted_on"),
        )
        start = STARTED + timedelta(days=9 + number * 4, hours=8)
        also = scene.case(
            "OM-02", "look_alike", "老仪器读数分辨力低", [stations(scene)["firm"][station]],
            "老型号仪器，读数波动小是分辨力所致", start, start + timedelta(hours=30),
            subjects=[mention(scene, station)], hours=30,
        )  # fmt: skip
        scene.tampered.append(
            change(
                f"{tag}+{also}", station, "narrow", start, start + timedelta(hours=30), value=0.006
            )
        )


def bookkeepers_phone(scene: Scene) -> None:
    """Two operators whose registered phone is a bookkeeper's; one station each has had a fault."""
    crowd = scene.world.of_role("bystander")["phone"].mode().sort()[0]
    circle = gather(scene, 2, 0, 2, phone=crowd)
    tag = _case(
        scene,
        "look_alike",
        "代账公司电话",
        "登记电话属代账公司，与近百家单位相同，两家互无往来",
        circle,
    )
    for station in circle.stations[:1]:
        stand_still(scene, tag, station, 19, hours=14, name="单站短时恒值", severity="serious")
