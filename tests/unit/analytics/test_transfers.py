"""Papers become transfers: which belong together, and arrays that say what the full rows say."""

from datetime import timedelta

import numpy as np
import pytest

from analytics.transfers import (
    TransferArrays,
    TransferRules,
    Transfers,
    load_transfers,
    transfer_tables,
)
from records.clock import day_end
from tests.unit.analytics.loop_lake import AS_OF, CODE, START, Lake, org
from tests.unit.analytics.tables import make_inputs

RULES = TransferRules(merge_days=7, return_days=30, trip_hours=24, weight_tolerance=0.1)
SPAN = (START - timedelta(days=100), day_end(AS_OF))


def transfers(lake: Lake) -> Transfers:
    return load_transfers(make_inputs(lake.tables, AS_OF).sql, *SPAN, RULES)


def kinds(lake: Lake) -> list[str]:
    return ["+".join(found) for found in transfers(lake).edges["kinds"].to_list()]


@pytest.mark.parametrize(
    ("lake", "expected"),
    [
        (Lake().move("ab", 0).sell("ab", 7, "*废料*铜泥", 9.0), ["invoice+manifest"]),
        (Lake().move("ab", 0).sell("ab", 7.1, "*废料*铜泥", 9.0), ["manifest", "invoice"]),
        (Lake().move("ab", 7).sell("ab", 0, "*废料*铜泥", 9.0), ["invoice+manifest"]),
        (Lake().move("ab", 0).sell("ba", 1, "*废料*铜泥", 9.0), ["manifest", "invoice"]),
        (
            Lake().sell("ab", 1, "*废料*铜泥", 9.0).weigh("a", "出厂", 0, 9.0)
            .weigh("b", "进厂", 0.1, 9.0),
            ["invoice+vehicle"],
        ),
        (
            Lake().move("ab", 3).sell("ab", 1, "*废料*铜泥", 9.0).weigh("a", "出厂", 0, 9.0)
            .weigh("b", "进厂", 0.1, 9.0),
            ["invoice+manifest+vehicle"],
        ),
        (
            Lake().move("ab", 9).sell("ab", 5, "*废料*铜泥", 9.0).weigh("a", "出厂", 0, 9.0)
            .weigh("b", "进厂", 0.1, 9.0),
            ["invoice+manifest+vehicle"],
        ),
        (
            Lake().sell("ab", 0, "*废料*铜泥", 9.0).weigh("a", "出厂", 5, 9.0)
            .weigh("b", "进厂", 5.1, 9.0).move("ab", 11),
            ["invoice", "manifest+vehicle"],
        ),
    ],
    ids=["7 days later", "beyond 7 days", "7 days before", "the other way", "move and invoice",
         "all three", "move by way of its invoice",
         "a manifest before a nearer invoice"],
)  # fmt: skip
def test_papers_of_one_transfer_are_one_edge(lake: Lake, expected: list[str]) -> None:
    assert kinds(lake) == expected


def test_a_paper_joins_the_nearest_manifest() -> None:
    lake = Lake().move("ab", 0, 9.1).move("ab", 5, 9.2).move("ab", 6, 9.3)
    lake.sell("ab", 3, "*废料*铜泥", 9.0)
    found = transfers(lake)
    assert found.edges["tonnes"].to_list() == [9.1, 9.2, 9.3]
    assert found.edges["kinds"].list.len().to_list() == [1, 2, 1]
    tie = transfers(Lake().move("ab", 0).move("ab", 4).sell("ab", 2, "*废料*铜泥", 9.0))
    assert tie.edges["kinds"].list.len().to_list() == [2, 1], "of equally near ones the earlier"


def test_unknown_tonnes_come_from_the_paper_that_joins() -> None:
    found = transfers(Lake().move("ab", 0, None).sell("ab", 1, "*废料*铜泥", 9.0, plate="苏A9"))
    assert found.edges.select("tonnes", "plate").rows() == [(9.0, "苏A9")]
    assert found.rows["dataset"].to_list() == ["manifest", "manifest_item", "invoice"]


def several() -> Lake:
    lake = Lake().ring("abc").move("ab", 1, None, vehicle="T").sell("ca", 40, "*废料*铜泥", 5.0)
    number = lake.tables["manifest"][0]["manifest_no"]
    return lake.add("manifest_item", manifest_no=number, item_no=2, waste_name="油",
                    waste_code="900-249-08", qty_out_t=5.0, qty_in_t=5.0)  # fmt: skip


def arrays_of(lake: Lake) -> tuple[TransferArrays, Transfers, Transfers]:
    """Arrays, all transfers, and the second and fourth of them."""
    sql = make_inputs(lake.tables, AS_OF).sql
    with transfer_tables(sql, *SPAN, RULES) as tables:
        found = tables.arrays(), tables.read(), tables.read([1, 3])
    left = sql.execute("SELECT table_name FROM duckdb_tables() WHERE temporary").fetchall()
    assert left == [], "the tables go with the block"
    return found


def test_arrays_say_what_the_rows_say() -> None:
    arrays, whole, _ = arrays_of(several())
    parties = arrays.parties.to_list()
    assert parties == [org("a"), org("b"), org("c")]
    assert [parties[n] for n in arrays.source] == whole.edges["source"].to_list()
    assert [parties[n] for n in arrays.target] == whole.edges["target"].to_list()
    assert arrays.time.tolist() == whole.edges["moved_at"].dt.epoch("s").to_list()
    given = whole.edges["tonnes"].fill_null(float("nan")).to_numpy()
    assert np.array_equal(arrays.tonnes, given, equal_nan=True)
    is_paper = whole.edges["manifest_no"].is_not_null().to_list()
    assert arrays.with_manifest.tolist() == is_paper
    codes = sorted({code for code in whole.edges["code"] if code})
    assert arrays.goods_from == len(codes)
    named = [codes[n] if 0 <= n < arrays.goods_from else None for n in arrays.code]
    assert named == whole.edges["code"].to_list()
    assert CODE in codes


def test_chosen_transfers_are_those_of_the_whole() -> None:
    _, whole, chosen = arrays_of(several())
    assert whole.edges["edge"].to_list() == list(range(whole.edges.height))
    assert chosen.edges.rows() == [whole.edges.rows()[1], whole.edges.rows()[3]]
    assert chosen.rows.rows() == [row for row in whole.rows.rows() if row[0] in (1, 3)]


ACID, SALT = "1070102020100000000", "1070102030100000000"
CLASSES = {
    "one tax code, other names": (("*无机酸*副产盐酸", ACID), ("*废料*铜泥", ACID), True),
    "other tax codes, one name": (("*无机酸*副产盐酸", ACID), ("*无机酸*副产盐酸", SALT), False),
    "no tax code, one short name": (("*无机酸*副产盐酸", None), ("*无机酸*工业盐酸", ""), True),
    "no tax code, other short names": (("*无机酸*盐酸", None), ("*无机盐*盐酸", None), False),
    "blanks about the short name": (("*无机酸*盐酸", None), ("* 无机酸 * 工业盐酸", None), True),
    "a tax code that a spreadsheet rounded": (
        ("*无机酸*盐酸", "1.0701E+18"), ("*无机盐*硫酸镍", "1.0701E+18"), False,
    ),
    "no short name, one name": (("盐酸", None), ("盐酸", None), True),
    "no short name, other names": (("盐酸", None), ("硫酸", None), False),
    "asterisks of a measure": (("钢板10*20*3", None), ("铜板10*20*3", None), False),
    "an empty short name": (("**盐酸", None), ("**硫酸", None), False),
}  # fmt: skip


@pytest.mark.parametrize("name", CLASSES)
def test_goods_are_told_apart_by_their_class(name: str) -> None:
    first, second, is_one = CLASSES[name]
    lake = Lake().sell("ab", 0, first[0], 9.0, tax_code=first[1])
    arrays, whole, _ = arrays_of(lake.sell("bc", 20, second[0], 9.0, tax_code=second[1]))
    assert len(set(arrays.code.tolist())) == (1 if is_one else 2)
    assert whole.edges["code"].to_list() == [None, None], "no waste code is told of goods"


def test_classes_of_goods_stand_behind_the_waste_codes() -> None:
    lake = Lake().move("ab", 0).move("bc", 1, code=None).move("cd", 2, code="900-249-08")
    lake.sell("ab", 0.5, "*无机酸*盐酸", 9.0).sell("bc", 1.5, "*无机酸*盐酸", 9.0)
    lake.sell("da", 3, "*无机酸*盐酸", 9.0).sell("da", 30, "*废料*铜泥", 9.0)
    lake.weigh("a", "出厂", 40, 9.0, waste_code=CODE).weigh("d", "进厂", 40.1, 9.0)
    lake.weigh("d", "出厂", 41, 9.0, goods="盐酸").weigh("b", "进厂", 41.1, 9.0)
    arrays, _, _ = arrays_of(lake)
    assert arrays.goods_from == 2
    assert arrays.code.tolist() == [0, -1, 1, 3, 2, 0, 4]


def test_no_papers_no_transfers() -> None:
    arrays, whole, chosen = arrays_of(Lake())
    assert (len(arrays.time), whole.edges.height, chosen.rows.height) == (0, 0, 0)
