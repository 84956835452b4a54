"""HW-11: what clears a loop, what only lowers it, and which refunds rest on its tonnes."""

import pytest

from tests.unit.analytics.loop_lake import OTHER_CODE, Lake, org

DRUMS = "900-041-49"


def grades(lake: Lake) -> list[int]:
    return [draft.grade for draft in lake.drafts()]


INNOCENT = {
    "refused load goes back": Lake().move("ab", 0, decision="拒绝").move("ba", 2).move("ab", 9),
    "part of a load goes back": Lake()
    .move("ab", 0, decision="部分接受", item={"qty_out_t": 10.0, "qty_in_t": 6.0})
    .move("ba", 2, 4.0),
    "drums are cleaned and sold back": Lake()
    .license("b", "HW49", "R15")
    .move("ab", 0, code=DRUMS)
    .sell("ba", 5, "*金属制品*再生钢桶", 9.0),
    "drums come back as waste, every step documented": Lake()
    .license("a", "HW49", "C1", "收集")
    .license("b", "HW49", "R15")
    .ring("ab", code=DRUMS, vehicle="T")
    .cameras([0, 3], seen="T"),
    "solvent regenerated under contract": Lake()
    .license("b", "HW06", "R2")
    .move("ab", 0, code="900-402-06")
    .sell("ba", 9, "*化学试剂*再生丙酮", 9.0),
    "fee for disposal": Lake().move("ab", 0).sell("ba", 5, "*环境治理服务*危险废物处置费", 10.0),
    "freight": Lake().move("ab", 0).sell("ba", 5, "*运输服务*运费", 10.0),
    "service by its tax code": Lake()
    .move("ab", 0)
    .sell("ba", 5, "*现代*污泥", 10.0, tax_code="3049900000000000000"),
    "red invoice": Lake().move("ab", 0).sell("ba", 5, "*废料*铜泥", 10.0, status="全额红冲"),
    "voided invoice": Lake().move("ab", 0).sell("ba", 5, "*废料*铜泥", 10.0, status="作废"),
    "invoice that a red one took back": Lake()
    .move("ab", 0)
    .sell("ba", 5, "*废料*铜泥", 10.0)
    .sell("ba", 6, "*废料*铜泥", -10.0, amount_yuan=-1000.0, red_ref="00000000"),
}


@pytest.mark.parametrize("name", INNOCENT)
def test_innocent_explanations_clear(name: str) -> None:
    assert INNOCENT[name].drafts() == []


def test_goods_invoice_closes_a_loop_unless_the_plant_is_licensed() -> None:
    lake = Lake().move("ab", 0, code="900-402-06").sell("ba", 9, "*化学试剂*再生丙酮", 9.0)
    (draft,) = lake.drafts()
    assert draft.grade == 3
    assert [e.dataset for e in draft.evidence] == ["manifest", "manifest_item", "invoice"]
    refund = lake.refund("b", "2026-08", 10.0)
    assert grades(refund) == [3], "a recycler that sells its product may claim the refund"


def test_longer_packaging_loop_is_capped() -> None:
    (draft,) = Lake().ring("abc", step=0.3, code="900-041-49").drafts()
    assert [cap.code for cap in draft.caps] == ["returned_packaging"]


PACKAGING = {
    "trips without a trace": Lake().license("a", "HW49", "C1").license("b", "HW49", "R15")
    .ring("ab", code=DRUMS),
    "one trip unseen": Lake().license("a", "HW49", "C1").license("b", "HW49", "R15")
    .ring("ab", code=DRUMS, vehicle="T").cameras([0], seen="T"),
    "no licence to take it back": Lake().license("b", "HW49", "R15")
    .ring("ab", code=DRUMS, vehicle="T").cameras([0, 3], seen="T"),
    "no licences at all": Lake().ring("ab", code=DRUMS, vehicle="T").cameras([0, 3], seen="T"),
    "refund claimed on it": Lake().license("a", "HW49", "C1").license("b", "HW49", "R15")
    .ring("ab", code=DRUMS, vehicle="T").cameras([0, 3], seen="T")
    .refund("b", "2026-08", 10.0, "废包装容器"),
    "waste goes out, drums come back": Lake().license("a", "HW49", "C1").license("b", "HW17", "C1")
    .move("ab", 0, vehicle="T").move("ba", 3, 9.0, DRUMS, vehicle="T").cameras([0, 3], seen="T"),
}  # fmt: skip


@pytest.mark.parametrize("name", PACKAGING)
def test_packaging_without_every_document_is_lowered_only(name: str) -> None:
    (draft,) = PACKAGING[name].drafts()
    assert [(cap.code, cap.grade) for cap in draft.caps] == [("returned_packaging", 3)]
    assert next(c.result for c in draft.innocent if c.code == "returned_packaging") == "holds"


def documented_group() -> Lake:
    """Two firms of one owner, licensed, whose trips were seen."""
    lake = Lake().one_owner("ab").license("a", "HW17", "C1", "收集").license("b", "HW17", "D9")
    return lake.ring("ab", vehicle="T").cameras([0, 3], seen="T")


def test_consolidation_in_a_group_is_cleared_when_documented() -> None:
    assert documented_group().drafts() == []


GROUPS = {
    "refund": documented_group().refund("b", "2026-08", 10.0),
    "too short a stay": Lake().one_owner("ab").license("a", "HW17", "D9")
    .license("b", "HW17", "D9").ring("ab", step=0.3, vehicle="T").cameras([0], seen="T"),
    "trip unseen": Lake().one_owner("ab").license("a", "HW17", "C1").license("b", "HW17", "D9")
    .ring("ab", vehicle="T").cameras([0], seen="T"),
    "code changed": Lake().one_owner("ab").license("a", "HW17", "C1").license("b", "HW17", "D9")
    .move("ab", 0, vehicle="T").move("ba", 3, code=OTHER_CODE, vehicle="T")
    .cameras([0, 3], seen="T"),
    "three times": documented_group().ring("ab", 10, vehicle="T").ring("ab", 20, vehicle="T")
    .cameras([10, 13, 20, 23], seen="T"),
    "a hundred tonnes": documented_group().ring("ab", 20, tonnes=95.0, vehicle="T")
    .cameras([20, 23], seen="T"),
}  # fmt: skip


@pytest.mark.parametrize("name", GROUPS)
def test_a_group_is_lowered_where_something_is_open(name: str) -> None:
    (draft,) = GROUPS[name].drafts()
    assert [(cap.code, cap.grade) for cap in draft.caps] == [("same_group", 3)]


def test_group_consolidation_at_a_collector_is_capped() -> None:
    lake = Lake().ring("abc", step=0.3).license("b", "HW17", "C1", "收集").one_owner("abc")
    (draft,) = lake.drafts()
    assert draft.grade == 2
    assert [(cap.code, cap.grade) for cap in draft.caps] == [("same_group", 3)]
    assert next(c.result for c in draft.innocent if c.code == "group_consolidation") == "holds"


def test_firms_of_one_legal_representative_are_one_group() -> None:
    lake = Lake().ring("abc", step=0.3)
    for name in "abc":
        lake.add("relation", from_id="person:1", type="LEGAL_REP_OF", to_id=org(name),
                 properties="{}", sources=[])  # fmt: skip
    (draft,) = lake.drafts()
    assert [(cap.code, cap.grade) for cap in draft.caps] == [("same_group", 3)]
    lake.tables["relation"].pop()
    (draft,) = lake.drafts()
    assert draft.caps == (), "two of three are no group"


def test_a_product_that_comes_back_through_others_is_no_regeneration() -> None:
    lake = Lake().license("b", "HW34", "R5").move("ab", 0, code="313-001-34")
    lake.sell("bc", 3, "*无机酸*副产盐酸", 9.8).sell("ca", 6, "*无机酸*工业盐酸", 9.6)
    assert grades(lake) == [3]


def test_a_load_refused_in_part_leaves_the_explanation_open() -> None:
    lake = Lake().move("ab", 0, decision="部分接受", item={"qty_out_t": 10.0, "qty_in_t": 9.0})
    (draft,) = lake.move("bc", 3, 9.0).move("ca", 6, 9.0).drafts()
    assert next(c.result for c in draft.innocent if c.code == "rejected_load_returned") == "unknown"


def claim(period: str, tonnes: float | None, name: str = "b") -> Lake:
    return Lake().refund(name, period, tonnes, "2.14 电镀污泥")


REFUNDS = {
    "all that came in is claimed": (claim("2026-08", 30.0), 1),
    "other waste of the category is enough for the claim": (claim("2026-08", 20.0), 3),
    "most of the lot must be in it": (claim("2026-08", 27.0), 1),
    "the next month's claim, explained by its own waste": (claim("2026-09", 8.0), 3),
    "the next month's claim, explained by what was left": (claim("2026-09", 17.0), 3),
    "the next month's claim, too large for both": (claim("2026-09", 36.0), 1),
    "more than all waste that came in": (claim("2026-08", 90.0), 1),
    "tonnes unknown": (claim("2026-08", None), 3),
    "two months later": (claim("2026-10", 10.0), 3),
    "somebody else": (claim("2026-08", 30.0, "c"), 3),
}


@pytest.mark.parametrize("name", REFUNDS)
def test_a_refund_must_rest_on_the_lot(name: str) -> None:
    lake, expected = REFUNDS[name]
    lake = lake.ring("ab").move("db", 1, 20.0).move("cb", 2, 40.0, "900-402-06").move("db", 35, 8.0)
    assert grades(lake) == [expected]
