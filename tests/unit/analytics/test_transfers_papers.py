"""Which papers are of one transfer: by quantity, goods, truck and time, one of a kind for each."""

from datetime import timedelta
from itertools import pairwise
from typing import Any

import polars as pl
import pytest

from analytics.transfers import TransferRules, Transfers, load_transfers, transfer_tables
from records.clock import day_end, shanghai_day
from tests.unit.analytics.loop_lake import AS_OF, START, Lake
from tests.unit.analytics.tables import make_inputs

RULES = TransferRules(merge_days=7, return_days=30, trip_hours=24, weight_tolerance=0.1)
SPAN = (START - timedelta(days=100), day_end(AS_OF))
SLUDGE, SODA = "*废料*铜泥", "*化学产品*烧碱"
H = 1 / 24


def transfers(lake: Lake) -> Transfers:
    return load_transfers(make_inputs(lake.tables, AS_OF).sql, *SPAN, RULES)


def told(lake: Lake) -> list[str]:
    """Kinds and tonnes of each edge in order of time."""
    rows = transfers(lake).edges.select("kinds", "tonnes").rows()
    return [f"{'+'.join(kinds)} {tonnes}" for kinds, tonnes in rows]


def trip(lake: Lake, way: str, day: float, tonnes: float, **more: Any) -> Lake:
    lake.weigh(way[0], "出厂", day - 2 * H, tonnes, **more)
    return lake.weigh(way[1], "进厂", day, tonnes, **more)


def six_sales() -> Lake:
    lake = Lake().move("ab", 0, 1.0)
    for day in range(1, 7):
        lake.sell("ab", day, SODA, 30.0)
    return lake


CASES: dict[str, tuple[Lake, list[str]]] = {
    "a larger sale beside a small manifest": (
        Lake().move("ab", 0, 1.0).sell("ab", 1, SLUDGE, 30.0),
        ["manifest 1.0", "invoice 30.0"],
    ),
    "sales of other goods": (six_sales(), ["manifest 1.0", *["invoice 30.0"] * 6]),
    "goods of the same quantity": (
        Lake().move("ab", 0).sell("ab", 1, SODA, 9.5), ["invoice+manifest 10.0"],
    ),
    "goods beside a manifest without tonnes": (
        Lake().move("ab", 0, None).sell("ab", 1, SODA, 9.0), ["manifest None", "invoice 9.0"],
    ),
    "waste beside a manifest without tonnes": (
        Lake().move("ab", 0, None).sell("ab", 1, SLUDGE, 9.0), ["invoice+manifest 9.0"],
    ),
    "a bill without tonnes": (
        Lake().move("ab", 0).sell("ab", 1, SLUDGE, None), ["invoice+manifest 10.0"],
    ),
    "two bills of the same lot, the nearer one": (
        Lake().move("ab", 0).sell("ab", 1, SLUDGE, 10.0).sell("ab", 2, SLUDGE, 10.0),
        ["invoice+manifest 10.0", "invoice 10.0"],
    ),
    "nearest pairs first": (
        Lake().move("ab", 0, 10.0).move("ab", 7, 10.5).sell("ab", 4, SLUDGE, 10.2)
        .sell("ab", 7, SLUDGE, 10.2),
        ["invoice+manifest 10.0", "invoice+manifest 10.5"],
    ),
    "by quantity and not by nearness": (
        Lake().move("ab", 0, 10.0).move("ab", 4, 20.0).sell("ab", 3, SLUDGE, 10.0),
        ["invoice+manifest 10.0", "manifest 20.0"],
    ),
    "one bill for several manifests": (
        Lake().move("ab", 0, 10.0).move("ab", 1, 12.0).move("ab", 2, 8.0)
        .sell("ab", 3, SLUDGE, 30.0),
        ["invoice+manifest 10.0", "manifest 12.0", "manifest 8.0"],
    ),
    "one bill for those without a bill": (
        Lake().move("ab", 0, 10.0).move("ab", 1, 12.0).move("ab", 2, 8.0)
        .sell("ab", 1, SLUDGE, 12.0).sell("ab", 3, SLUDGE, 18.0),
        ["invoice+manifest 10.0", "invoice+manifest 12.0", "manifest 8.0"],
    ),
    "bills that add up to a lot": (
        Lake().move("ab", 0, 30.0).sell("ab", 1, SLUDGE, 18.0).sell("ab", 2, SLUDGE, 12.0),
        ["invoice+manifest 30.0"],
    ),
    "bills that do not add up": (
        Lake().move("ab", 0, 30.0).sell("ab", 1, SLUDGE, 18.0).sell("ab", 2, SLUDGE, 18.0),
        ["manifest 30.0", "invoice 18.0", "invoice 18.0"],
    ),
    "goods that add up by chance": (
        Lake().move("ab", 0, 30.0).sell("ab", 1, SODA, 18.0).sell("ab", 2, SODA, 12.0),
        ["manifest 30.0", "invoice 18.0", "invoice 12.0"],
    ),
    "trucks that add up to a lot": (
        trip(trip(Lake().move("ab", 0, 30.0), "ab", -0.1, 16.0), "ab", 0.9, 14.5, vehicle="V"),
        ["manifest+vehicle 30.0"],
    ),
    "a truck of two wastes": (
        trip(
            Lake().move("ab", 0, 6.0).add(
                "manifest_item", manifest_no="20263205000000", item_no=2, waste_name="油",
                waste_code="900-249-08", qty_out_t=4.0, qty_in_t=4.0,
            ),
            "ab", -0.1, 10.1,
        ),
        ["manifest+vehicle 6.0", "manifest 4.0"],
    ),
    "another truck": (
        trip(Lake().move("ab", 0, 10.0, vehicle="T"), "ab", -0.1, 10.0),
        ["vehicle 10.0", "manifest 10.0"],
    ),
    "the truck of the manifest before a nearer one": (
        trip(Lake().move("ab", 0, vehicle="T").move("ab", 2, vehicle="W"), "ab", 0, 10.0),
        ["manifest 10.0", "manifest+vehicle 10.0"],
    ),
    "trucks that add up to a bill": (
        trip(trip(Lake().sell("ab", 1, SODA, 30.0), "ab", 0, 15.0, goods="烧碱"), "ab", 2, 15.0,
             goods="烧碱"),
        ["invoice+vehicle 30.0"],
    ),
    "a second truck of a bill whose manifest has one": (
        trip(trip(Lake().move("ab", 0).sell("ab", 1, SLUDGE, 10.0), "ab", -0.1, 10.0), "ab", 2,
             10.0),
        ["invoice+manifest+vehicle 10.0", "vehicle 10.0"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_what_joins(name: str) -> None:
    lake, expected = CASES[name]
    assert told(lake) == expected


def test_a_manifest_takes_no_truck_of_another_paper() -> None:
    lake = Lake().move("ab", 0).sell("ab", 5, SODA, 30.0, plate="苏AX", vehicle_vehicle="vehicle:X")
    assert transfers(lake).edges.select("vehicle", "plate").rows()[0] == (None, None)


def test_goods_of_the_same_quantity_lend_no_truck() -> None:
    lake = Lake().move("ab", 0).sell("ab", 5, SODA, 10.0, plate="苏AX", vehicle_vehicle="vehicle:X")
    assert transfers(lake).edges.select("vehicle", "plate").rows() == [(None, None)]
    lake = Lake().move("ab", 0).sell("ab", 5, SLUDGE, 10.0, plate="苏AX",
                                     vehicle_vehicle="vehicle:X")  # fmt: skip
    assert transfers(lake).edges.select("vehicle", "plate").rows() == [("vehicle:X", "苏AX")]


def test_vehicle_and_plate_are_of_one_truck() -> None:
    lake = trip(Lake().move("ab", 0, 30.0), "ab", -0.1, 16.0, vehicle="Z")
    trip(lake, "ab", 0.9, 14.0, vehicle="V")
    assert transfers(lake).edges.select("vehicle", "plate").rows() == [("vehicle:Z", "苏AZ")]
    lake = trip(Lake().move("ab", 0, 10.0, plate="苏AT"), "ab", -0.1, 10.0)
    assert transfers(lake).edges.select("vehicle", "plate").rows() == [(None, "苏AT")]


BY_DAY = [{"column": "issued_at", "code": "date_only", "raw": "", "qualifier": ""}]
MIDNIGHT = -9 * H
ORDERS = {
    "after what its giver took in that day": (
        Lake().move("ab", 0).sell("ba", MIDNIGHT, SLUDGE, 10.0, flags=BY_DAY), ["ab", "ba"],
    ),
    "before what its taker handed on that day": (
        Lake().move("bc", 0).sell("ab", MIDNIGHT, SLUDGE, 10.0, flags=BY_DAY), ["ab", "bc"],
    ),
    "between the two": (
        Lake().move("ab", 0).move("ca", 0.2).sell("bc", MIDNIGHT, SLUDGE, 10.0, flags=BY_DAY),
        ["ab", "bc", "ca"],
    ),
    "not after what came in the next day": (
        Lake().move("ab", 1).sell("ba", MIDNIGHT, SLUDGE, 10.0, flags=BY_DAY), ["ba", "ab"],
    ),
    "a midnight to the second is a day": (
        Lake().move("ab", 0).sell("ba", MIDNIGHT, SLUDGE, 10.0), ["ab", "ba"],
    ),
    "a time that is known stands": (
        Lake().move("ab", 0).sell("ba", MIDNIGHT + H / 60, SLUDGE, 10.0), ["ba", "ab"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ORDERS)
def test_a_paper_dated_by_day_is_of_any_time_of_that_day(name: str) -> None:
    lake, expected = ORDERS[name]
    with transfer_tables(make_inputs(lake.tables, AS_OF).sql, *SPAN, RULES) as tables:
        arrays, edges = tables.arrays(), tables.read().edges
    ways = [a[-1] + b[-1] for a, b in edges.select("source", "target").rows()]
    times = dict(zip(ways, arrays.time.tolist(), strict=True))
    assert all(times[a] <= times[b] for a, b in pairwise(expected))
    (bill,) = edges.filter(pl.col("kinds") == ["invoice"])["moved_at"]
    assert shanghai_day(bill) == shanghai_day(START)


def test_papers_dated_by_one_day_are_at_one_time() -> None:
    lake = Lake().sell("ab", MIDNIGHT, SLUDGE, 10.0, flags=BY_DAY)
    lake.sell("bc", MIDNIGHT, SLUDGE, 10.0, flags=BY_DAY)
    with transfer_tables(make_inputs(lake.tables, AS_OF).sql, *SPAN, RULES) as tables:
        assert len(set(tables.arrays().time.tolist())) == 1


def test_a_day_is_as_near_as_its_nearest_hour() -> None:
    lake = Lake().move("ab", -6.9).sell("ab", MIDNIGHT, SLUDGE, 10.0, flags=BY_DAY)
    assert told(lake) == ["invoice+manifest 10.0"]


def test_a_manifest_dated_by_day_is_not_put_before_that_morning() -> None:
    flags = [{"column": "accepted_at", "code": "date_only", "raw": "", "qualifier": ""}]
    lake = Lake().move("ba", MIDNIGHT, flags=flags).move("ab", 0)
    edges = transfers(lake).edges
    assert [a[-1] + b[-1] for a, b in edges.select("source", "target").rows()] == ["ab", "ba"]


def test_goods_on_a_scale_are_a_class_and_waste_is_not() -> None:
    lake = trip(Lake(), "ab", 0, 9.0, goods="水泥")
    lake.sell("bc", 3, "*水泥*普通硅酸盐水泥", 9.0)
    trip(lake, "cd", 5, 9.0, goods="钢材")
    trip(lake, "da", 7, 9.0, goods="含铜污泥")
    trip(lake, "ac", 9, 9.0)
    lake.move("ba", 20)
    with transfer_tables(make_inputs(lake.tables, AS_OF).sql, *SPAN, RULES) as tables:
        arrays = tables.arrays()
    cement, sold, steel, waste, unnamed, manifest = arrays.code.tolist()
    assert cement == sold >= arrays.goods_from
    assert steel >= arrays.goods_from
    assert steel != cement
    assert (waste, unnamed, manifest) == (-2, -1, 0)


def test_cement_and_steel_close_no_loop_of_waste() -> None:
    lake = trip(
        trip(Lake().move("ab", 0), "bc", 2, 10.0, goods="水泥"), "ca", 4, 10.0, goods="钢材"
    )
    assert lake.drafts() == []
    lake = trip(
        trip(Lake().move("ab", 0), "bc", 2, 10.0, goods="污泥"), "ca", 4, 10.0, goods="污泥"
    )
    assert len(lake.drafts()) == 1
