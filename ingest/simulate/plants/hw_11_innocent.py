"""HW-11: what is no loop, or is one with a good reason."""

from dataclasses import replace
from datetime import timedelta

from ingest.simulate.plants.casting import honest
from ingest.simulate.plants.rounds import HandOver, hand_over, round_trip, span
from ingest.simulate.scene import Scene, moment
from ingest.simulate.trades import (
    ACID,
    CATALYST,
    DRUM,
    INCINERATOR,
    LANDFILL,
    OIL,
    SOLVENT,
)
from ingest.simulate.truth import Kind

MODEL = "HW-11"


def plant_innocent(scene: Scene) -> None:
    """Near misses, then look-alikes."""
    open_chain(scene)
    backwards(scene)
    unlike_tonnes(scene)
    months_of_little(scene)
    rejected_load(scene)
    returned_drums(scene)
    regeneration(scene)
    group_consolidation(scene)


def _stage(scene: Scene, kind: Kind, name: str, why: str, steps: list[HandOver]) -> str:
    firms = list(dict.fromkeys(f for step in steps for f in (step.giver, step.taker)))
    started, ended = span(steps)
    tag = scene.case(MODEL, kind, name, firms, why, started, ended,
                     waste_t=steps[0].tonnes, edges=len(steps))  # fmt: skip
    hand_over(scene, tag, steps)
    return tag


def open_chain(scene: Scene) -> None:
    """From hand to hand, but it ends somewhere."""
    rng = scene.random("chain")
    nodes = [scene.generator(0, 7), *honest(scene, INCINERATOR, INCINERATOR)]
    steps = round_trip(nodes, "900-013-11", float(rng.uniform(18, 24)), [17, 14, 11],
                       travelled=True)[:-1]  # fmt: skip
    _stage(scene, "near_miss", "不闭合的链", "两次交接后在最后一家处置，没有回到起点", steps)
    nodes = [scene.generator(8), *honest(scene, LANDFILL, CATALYST, LANDFILL)]
    steps = round_trip(nodes, "321-024-48", float(rng.uniform(25, 30)), [18, 15, 12, 9])[:-1]
    _stage(scene, "near_miss", "不闭合的纸面链", "联单无行驶记录，但没有回到起点", steps)


def backwards(scene: Scene) -> None:
    """The same three hand-overs in an order in which nothing can come back."""
    nodes = honest(scene, DRUM, DRUM, INCINERATOR)
    steps = round_trip(nodes, "900-041-49", 9.0, [5, 12, 19], travelled=True)
    _stage(
        scene, "near_miss", "时间顺序相反的三角", "三家互有交接，但后一段都发生在前一段之前", steps
    )


def unlike_tonnes(scene: Scene) -> None:
    """A triangle of dealings that have nothing to do with each other."""
    nodes = honest(scene, OIL, OIL, INCINERATOR)
    steps = round_trip(nodes, "900-249-08", 28.0, [16, 12, 8], travelled=True)
    steps = [replace(step, tonnes=t) for step, t in zip(steps, (28.0, 3.5, 26.0), strict=True)]
    _stage(scene, "near_miss", "吨数不相续的三角", "中间一段只有几吨，前后接不上", steps)
    nodes = honest(scene, OIL, SOLVENT, INCINERATOR)
    steps = round_trip(nodes, ["900-404-06", "900-014-13", "900-249-08"], 9.0, [15, 11, 6],
                       travelled=True)  # fmt: skip
    steps = [replace(step, tonnes=t) for step, t in zip(steps, (26.0, 11.0, 3.0), strict=True)]
    _stage(
        scene,
        "near_miss",
        "三种废物的正常往来",
        "各段是各自产生的不同废物，各在许可范围内，吨数不同",
        steps,
    )


def months_of_little(scene: Scene) -> None:
    """Tiny lots over months, each really driven and really treated."""
    nodes = honest(scene, SOLVENT, INCINERATOR)
    steps = round_trip(nodes, "900-404-06", 0.4, [148, 31], travelled=True)
    _stage(
        scene, "near_miss", "数月间的零星往来", "间隔近四个月，每次不到半吨，车辆行驶可查", steps
    )
    nodes = honest(scene, CATALYST, CATALYST)
    steps = round_trip(nodes, "251-016-50", 1.4, [66, 19], travelled=True)
    _stage(
        scene, "near_miss", "四十余天的小批量往来", "不足两吨，车辆行驶可查，间隔足够处置", steps
    )


def rejected_load(scene: Scene) -> None:
    """A load refused at the gate goes home on the same truck."""
    rng = scene.random("rejected")
    for trade, code, decision, back in ((0, "900-013-11", "拒绝", 1.0),
                                        (6, "900-006-09", "部分接受", 0.85)):  # fmt: skip
        giver, (taker,) = scene.generator(trade), honest(scene, INCINERATOR)
        truck, tonnes = scene.truck(), float(rng.uniform(9, 13))
        out = HandOver(giver, taker, code, tonnes, 10, 8.0, travelled=True, truck=truck,
                       extra={"decision": decision, "billed": False})  # fmt: skip
        if decision == "部分接受":
            out.extra["received_ratio"] = 1 - back
        tag = _stage(
            scene, "look_alike", f"{decision}后退运", "接受单位化验不符，次日原车退回", [out]
        )
        scene.drive(tag, taker, giver, moment(9, 8.5), tonnes * back, goods="退回",
                    vehicle=int(str(truck["vehicle"])))  # fmt: skip


def returned_drums(scene: Scene) -> None:
    """Empty drums go out as waste and come back clean."""
    rng = scene.random("drums")
    for turn in range(2):
        if turn:
            giver, taker = honest(scene, INCINERATOR, DRUM)
        else:
            giver, (taker,) = scene.generator(5, 0), honest(scene, DRUM)
        tonnes = float(rng.uniform(4.5, 6))
        out = HandOver(giver, taker, "900-041-49", tonnes, 16 - turn, travelled=True)
        back = HandOver(taker, giver, "", tonnes * 0.93, 11 - turn, goods="*金属制品*再生钢桶",
                        price_yuan=3_900.0)  # fmt: skip
        if turn:
            back = HandOver(taker, giver, "900-041-49", tonnes * 0.96, 13, travelled=True)
        _stage(scene, "look_alike", "包装桶周转", "废包装桶送去清洗再生，洗净后返回", [out, back])


def regeneration(scene: Scene) -> None:
    """Spent solvent, acid or catalyst goes to a licensed plant; the product comes back."""
    rng = scene.random("regeneration")
    for trade, plant, code, product, price, share, wait in (
        (4, SOLVENT, "900-404-06", "*有机化学原料*再生丙酮", 4_300.0, 0.78, 6),
        (0, SOLVENT, "900-404-06", "*有机化学原料*再生丙酮", 4_250.0, 0.81, 7),
        (3, ACID, "313-001-34", "*无机化学原料*聚合硫酸铁", 620.0, 0.9, 5),
        (9, CATALYST, "251-016-50", "*催化剂*再生加氢催化剂", 21_000.0, 0.88, 12),
    ):
        giver, (taker,) = scene.generator(trade), honest(scene, plant)
        tonnes = float(rng.uniform(12, 20))
        out = HandOver(giver, taker, code, tonnes, 20, travelled=True)
        back = HandOver(taker, giver, "", tonnes * share, 20 - wait, goods=product,
                        price_yuan=price)  # fmt: skip
        tag = _stage(
            scene,
            "look_alike",
            "委托再生",
            "有证单位再生后把产品卖回产废单位，按得率交付",
            [out, back],
        )
        scene.trades.append({
            "tag": tag, "seller": taker, "buyer": giver, "item_name": "*加工劳务*委托加工费",
            "uom": "批", "quantity": 1.0, "price_yuan": round(tonnes * 380, 2),
            "issued_at": moment(20 - wait, 15.0) + timedelta(minutes=20),
        })  # fmt: skip
        scene.drive(tag, taker, giver, moment(20 - wait, 8.5), tonnes * share)


def group_consolidation(scene: Scene) -> None:
    """Firms of one group bring small lots together at the group's licensed collector."""
    rng = scene.random("group")
    head = scene.found_firms("holding", 1, word="控股", insured_count=24)[0]
    nodes = honest(scene, LANDFILL, CATALYST)
    scene.world.ownership.sell_out(nodes)
    scene.world.ownership.owned_by_firm(head, nodes, 100.0)
    steps = round_trip(nodes, "321-024-48", float(rng.uniform(5, 7)), [20, 7], travelled=True)
    _stage(
        scene,
        "look_alike",
        "集团内部集中",
        "两家为同一控股公司全资子公司，在有证单位集中后再分配",
        steps,
    )
    person = int(scene.world.people.hire(1)[0])
    mobile = str(scene.world.people.frame()["mobile"][person])
    nodes = honest(scene, OIL, INCINERATOR)
    scene.world.ownership.sell_out(nodes)
    scene.world.ownership.owned_by_person(person, nodes, 70.0)
    for firm in nodes:
        scene.world.amend(firm, {"legal_person": person, "phone": mobile})
    steps = round_trip(nodes, "900-249-08", float(rng.uniform(4, 5)), [19, 6], travelled=True)
    _stage(
        scene,
        "look_alike",
        "同一控制人的集中贮存",
        "两家由同一自然人控股，有证单位之间调剂贮存",
        steps,
    )
