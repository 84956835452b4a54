"""HW-10: whole chains with people and prices, and vehicles seen on the way and at the dump."""

import json
from datetime import date, timedelta
from typing import Any

import pytest

from analytics.identity import finding_id
from tests.unit.analytics.chain_lake import DUMP, START, ChainLake, driven, org
from tests.unit.analytics.drafts import value


def test_whole_chain_with_people_vehicles_and_price_ladder() -> None:
    lake = driven(ChainLake().shell("x").shell("y", scope="物流咨询"))
    lake.sell("gx", 0, 100.0, amount_yuan=1e4)
    lake.sell("xg", 1, None, "*环境治理服务*危险废物处置费", uom="次", amount_yuan=8e4)
    lake.tables["manifest"].clear()
    lake.tables["manifest_item"].clear()
    lake.sell("xy", 2, 80.0, "工业盐", amount_yuan=2.4e4).sell(
        "yr", 4, 70.0, "工业盐", amount_yuan=7e4
    )
    lake.share("LEGAL_REP_OF", "person:boss", "x", "y")
    lake.add("person", person_id="1", name="张三")
    (draft,) = lake.drafts()
    assert draft.identity == (org("x"), org("y"), org("r"))
    roles = {(s.role, s.entity_id) for s in draft.subjects}
    assert roles >= {
        ("generator", org("g")), ("shell", org("x")), ("shell", org("y")), ("receiver", org("r")),
        ("carrier", org("k")), ("vehicle", "vehicle:T"), ("driver", "person:d"),
        ("controller", "person:boss"),
    }  # fmt: skip
    assert draft.quantities["hop1_price_yuan_t"] == 100
    assert draft.quantities["hop1_fee_yuan_t"] == 800
    assert draft.quantities["hop2_price_yuan_t"] == 300
    assert draft.quantities["hop3_price_yuan_t"] == 1000
    assert draft.quantities["node1_margin_yuan"] == 8e4 + 2.4e4 - 1e4
    assert draft.quantities["node2_margin_yuan"] == 7e4 - 2.4e4
    assert draft.quantities["generator_income_yuan"] == 1e4 - 8e4
    assert draft.quantities["node1_margin_yuan_t"] == 940
    assert draft.quantities["end_income_yuan"] == -7e4
    assert "licensed_price_yuan_t" not in draft.quantities
    assert "价格阶梯" in draft.reason
    assert {"fee", "controller"} <= {e.role for e in draft.evidence}


def test_who_profits_is_held_against_licensed_disposal() -> None:
    lake = ChainLake().chain()
    lake.sell("xg", 1, None, "*环境治理服务*危险废物处置费", uom="次", amount_yuan=8e4)
    for price in (2_000.0, 3_000.0, 9_000.0):
        lake.add("price_reference", item="废盐", kind="处置费", price_yuan=price, price_uom="元/吨")
    (draft,) = lake.drafts()
    assert draft.quantities["licensed_price_yuan_t"] == 3_000
    assert draft.quantities["generator_saved_yuan"] == 3e5 - 8e4 + 2e6
    assert value(draft, "node1_price_ratio") == 0.75
    assert "持证处置参考价每吨3000元" in draft.reason
    assert "少支出约222.0万元" in draft.reason


def test_a_part_of_a_longer_chain_is_told_once_with_the_best_score() -> None:
    lake = ChainLake().shell("x").firm("y", scope="咨询", founded_on=date(2026, 3, 1))
    lake.sell("gx", 0, 100.0).sell("xy", 2, 80.0).sell("yr", 4, 78.0)
    (draft,) = lake.drafts()
    assert draft.identity == (org("x"), org("y"), org("r"))
    assert value(draft, "chain_score") == 4.5, "the way as far as y scores more than the whole"


def test_slow_points_of_a_terminal_that_reports_seldom() -> None:
    once = ChainLake().shell("x").sell("gx", 0, 100.0).dump().stop("x", 2, 0)
    assert once.drafts() == []
    (draft,) = once.stop("x", 4, 0).drafts()
    assert draft.identity == (org("x"), DUMP)


def seen_by_camera(lon: float, hours: list[float]) -> ChainLake:
    """A truck of the firm x passes a camera east of the dump."""
    lake = ChainLake().firm("x", scope="咨询", founded_on=date(2026, 3, 1))
    lake.sell("gx", 0, 100.0).dump()
    lake.add("checkpoint", checkpoint_no="c1", lon=lon, lat=32.0)
    lake.add("relation", type="OWNS_VEHICLE", from_id=org("x"), to_id="vehicle:T",
             properties="{}", sources=["vehicle_permit:b:1:1"])  # fmt: skip
    for hour in hours:
        at = START + timedelta(hours=hour)
        lake.add("checkpoint_pass", checkpoint_no="c1", plate="苏AT", plate_kind="01",
                 passed_at=at, vehicle_vehicle="vehicle:T")  # fmt: skip
    return lake


@pytest.mark.parametrize(
    ("lon", "hours", "is_visit"),
    [
        (121.005, [48], False),
        (121.005, [48, 96], True),
        (121.03, [48, 96], False),
        (121.03, [48, 50, 96, 98], True),
        (121.03, [48, 50, 96], False),
        (121.03, [48, 55, 96, 103], False),
        (121.06, [48, 50, 96, 98], False),
    ],
    ids=[
        "close by, one day", "close by, two days", "3 km off, passing", "there and back twice",
        "there and back once", "back after seven hours", "6 km off",
    ],
)  # fmt: skip
def test_cameras_on_the_road_to_the_dump(lon: float, hours: list[float], is_visit: bool) -> None:
    drafts = seen_by_camera(lon, hours).drafts()
    assert [draft.identity for draft in drafts] == ([(org("x"), DUMP)] if is_visit else [])
    for draft in drafts:
        assert draft.grade == 2, "a camera near by does not tie the chain to the confirmed dump"
        datasets = {e.dataset for e in draft.evidence}
        assert datasets >= {"checkpoint_pass", "dump_site", "vehicle_permit"}


def test_a_sighting_on_the_way_adds_an_agency() -> None:
    lake = ChainLake().chain()
    lake.tables["invoice"][1] |= {"vehicle_vehicle": "vehicle:T", "plate": "苏AT"}
    lake.add("toll_trip", pass_no="t1", plate="苏AT", in_at=START + timedelta(days=3),
             out_at=START + timedelta(days=3, hours=1), vehicle_vehicle="vehicle:T")  # fmt: skip
    (draft,) = lake.drafts()
    assert value(draft, "support") == 2
    assert draft.grade == 2
    assert ("toll_trip", "edge 2 seen") in {(e.dataset, e.role) for e in draft.evidence}
    assert any(line.startswith("checkpoint_pass plate 苏AT") for line in draft.searched)


def test_a_chain_has_the_gravest_grade_that_one_of_its_ways_earns_by_itself() -> None:
    """The score of one way and the agencies of another make no order against all three firms."""
    lake = ChainLake().shell("x").firm("y", scope="咨询").firm("z", scope="咨询")
    lake.share("HAS_PHONE", "phone:1", "x", "k").penalise("k")
    lake.sell("gx", 0, 100.0).sell("xy", 2, 80.0).sell("yz", 4, 79.0).ship("zr", 6, 78.0)
    at = START + timedelta(days=6)
    lake.add("waybill", waybill_no="w", consignor_entity=org("z"), consignee_entity=org("r"),
             departed_at=at, arrived_at=at, goods="副产盐", qty_t=78.0)  # fmt: skip
    (draft,) = lake.drafts()
    assert draft.identity == (org("x"), org("y"), org("z"), org("r"))
    assert [value(draft, f"node{n}_points") for n in (1, 2, 3)] == [6, 1, 1]
    assert value(draft, "support") == 3
    assert draft.grade == 2, "8 / 3 points and three agencies; 6 points have one agency only"
    assert value(draft, "chain_score") == 6.5
    assert "链条得分6.5（取其中得分最高的一段）" in draft.reason


LEFT = {
    "before the waste had left the generator": (4, 1, False),
    "on the day on which the waste left": (4, 4, True),
    "unknown when": (4, None, True),
    "the waste at an unknown time": (None, 1, True),
}


@pytest.mark.parametrize("name", LEFT)
def test_what_left_before_the_waste_came_is_something_else(name: str) -> None:
    """Papers are accepted days later; the load itself must leave after the one before."""
    came, left, is_chain = LEFT[name]

    def head(day: int | None) -> dict[str, Any]:
        at = None if day is None else START + timedelta(days=day)
        return {"departed_at": at, "arrived_at": None}

    lake = ChainLake().shell("x").ship("gx", 5, 100.0, **head(came))
    assert bool(lake.ship("xr", 7, 80.0, **head(left)).drafts()) is is_chain


def test_a_firm_is_as_old_as_it_is_at_each_of_its_chains() -> None:
    lake = ChainLake().shell("x", founded_on=date(2025, 6, 1)).chain_at(-270).chain_at(0)
    first, second = sorted(lake.drafts(), key=lambda draft: draft.started_at)
    assert (value(first, "node1_age_days"), value(first, "node1_points")) == (158, 4)
    assert (value(second, "node1_age_days"), value(second, "node1_points")) == (428, 3)
    assert "成立不足一年" not in second.reason


def test_equipment_against_waste_is_no_waste() -> None:
    def lake(item: str) -> ChainLake:
        made = ChainLake().shell("x")
        for way, day in (("gx", 0), ("xr", 3)):
            made.sell(way, day, None, item, uom="台", qty=2.0)
        return made

    assert lake("*环境污染防治设备*废气处理设备").drafts() == []
    assert lake("*化学试剂*废水处理药剂").drafts() == []
    assert len(lake("*再生资源*报废设备").drafts()) == 1


def test_two_ways_through_the_same_firms_are_two_findings() -> None:
    lake = ChainLake().shell("x").shell("y")
    for way in ("xy", "yx"):
        lake.sell(f"g{way[0]}", 0, 100.0).sell(way, 2, 80.0).sell(f"{way[1]}r", 4, 70.0)
    drafts = lake.drafts()
    assert len(drafts) == 2
    assert len({finding_id("HW-10", draft) for draft in drafts}) == 2


@pytest.mark.parametrize(("pct", "is_named"), [(49.9, False), (50, True), (None, False)])
def test_who_holds_little_of_a_firm_does_not_control_it(pct: float | None, is_named: bool) -> None:
    lake = ChainLake().chain()
    lake.add("relation", type="SHAREHOLDER_OF", from_id="person:h", to_id=org("x"),
             properties=json.dumps({"pct": pct}), sources=["shareholder:b:1:1"])  # fmt: skip
    (draft,) = lake.drafts()
    assert (
        ("controller", "person:h") in {(s.role, s.entity_id) for s in draft.subjects}
    ) is is_named
    assert any(e.role == "controller" for e in draft.evidence) is is_named
