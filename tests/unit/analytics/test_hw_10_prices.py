"""HW-10: prices per tonne, what is said of money, and the reference that it is held against."""

from datetime import date, timedelta
from typing import Any

import duckdb
import polars as pl
import pytest

from analytics.chain_prices import WANTED_COLUMNS, licensed_prices
from tests.unit.analytics.chain_lake import START, ChainLake
from tests.unit.analytics.drafts import result, value

FEE = "*环境治理服务*危险废物处置费"


def test_a_line_without_tonnes_does_not_raise_the_price_of_a_tonne() -> None:
    """Ten pieces for half a million say nothing of what a tonne costs."""
    lake = ChainLake().chain().sell("gx", 0, None, uom="件", qty=10.0, amount_yuan=5e5)
    (draft,) = lake.drafts()
    assert draft.quantities["hop1_price_yuan_t"] == 2e4
    assert value(draft, "node1_price_ratio") == 0.75
    assert draft.quantities["generator_income_yuan"] == 2e6 + 5e5, "they are money all the same"


def test_money_that_is_not_known_is_not_told() -> None:
    lake = ChainLake().shell("x").ship("gx", 0, 100.0).ship("xr", 3, 80.0)
    lake.add("price_reference", item="HW11", kind="处置费", price_yuan=3e3, price_uom="元/吨")
    (draft,) = lake.drafts()
    assert draft.quantities["licensed_price_yuan_t"] == 3e3
    told = {"node1_margin_yuan", "end_income_yuan", "generator_income_yuan"}
    assert not {*told, "generator_saved_yuan"} & set(draft.quantities)
    assert "价格阶梯" not in draft.reason


def test_a_firm_paid_on_one_side_only_has_no_margin() -> None:
    lake = ChainLake().shell("x").ship("gx", 0, 100.0).sell("xr", 3, 80.0, "工业盐")
    (draft,) = lake.drafts()
    assert "node1_margin_yuan" not in draft.quantities
    assert draft.quantities["end_income_yuan"] == -1.2e6
    assert "账面" not in draft.reason


@pytest.mark.parametrize(
    ("paid", "told"),
    [(2e5, "x公司账面留存约100.0万元"), (2e6, "x公司账面倒贴约80.0万元"), (1.2e6 - 400, "")],
)
def test_a_loss_is_told_as_a_loss_and_a_trifle_not_at_all(paid: float, told: str) -> None:
    lake = ChainLake().shell("x").sell("gx", 0, 100.0, amount_yuan=paid)
    (draft,) = lake.sell("xr", 3, 80.0, "工业盐", amount_yuan=1.2e6).drafts(price_low=99.0)
    assert told in draft.reason
    assert "约-" not in draft.reason
    assert "约0.0万元" not in draft.reason


REFERENCES: dict[str, tuple[dict[str, Any], float | None]] = {
    "yuan a tonne": ({"price_yuan": 3e3, "price_uom": "元/吨"}, 3e3),
    "ten thousand yuan a tonne": ({"price_yuan": 0.3, "price_uom": "万元/吨"}, 3e3),
    "yuan a kilogram": ({"price_yuan": 3.0, "price_uom": "元/kg"}, 3e3),
    "a drum": ({"price_yuan": 90.0, "price_uom": "元/桶"}, None),
    "of its code": ({"item": "261-084-11", "price_yuan": 4e3}, 4e3),
    "of its category": ({"item": "HW11 精(蒸)馏残渣", "price_yuan": 4e3}, 4e3),
    "of another category": ({"item": "HW49", "price_yuan": 9e3}, None),
    "of waste at large": ({"item": "危险废物", "price_yuan": 2e3}, 2e3),
    "not yet in force": ({"price_yuan": 3e3, "valid_from": date(2026, 9, 1)}, None),
    "no more in force": ({"price_yuan": 3e3, "valid_to": date(2026, 8, 2)}, None),
    "the generator is paid": ({"price_yuan": 3e3, "positive_price": True}, None),
}  # fmt: skip


REFERENCE: dict[str, Any] = {
    "kind": "处置费", "item": "HW11", "price_yuan": 1.0, "price_uom": "元/吨",
    "positive_price": None, "valid_from": None, "valid_to": None,
}  # fmt: skip


def licensed(*rows: dict[str, Any], code: str | None = "261-084-11") -> float | None:
    """What licensed disposal of a code costs on 3 August by the rows of the reference."""
    schema = {
        "price_yuan": pl.Float64, "positive_price": pl.Boolean, "valid_from": pl.Date,
        "valid_to": pl.Date,
    }  # fmt: skip
    asked = pl.DataFrame(
        {"number": [7], "code": [code], "on_day": [START.date()]}, schema=WANTED_COLUMNS
    )
    with duckdb.connect() as sql:
        given = pl.DataFrame([REFERENCE | row for row in rows], schema_overrides=schema)
        sql.register("price_reference", given.to_arrow())
        return licensed_prices(sql, asked).get(7)


@pytest.mark.parametrize("name", REFERENCES)
def test_the_price_of_licensed_disposal(name: str) -> None:
    row, expected = REFERENCES[name]
    assert licensed(row) == expected


def test_the_price_of_the_code_goes_before_that_of_the_category() -> None:
    many = [("HW11", 2e3), ("HW49", 9e3), ("261-084-11", 5e3), ("危险废物", 1e3)]
    rows = [{"item": item, "price_yuan": price} for item, price in many]
    assert licensed(*rows) == 5e3
    assert licensed(*rows, code="261-085-11") == 2e3
    assert licensed(*rows, code="900-023-29") == 1e3
    assert licensed(*rows, code=None) == 3.5e3, "the middle of all, where the code is not known"


def test_chemicals_for_treatment_are_goods_and_no_fee() -> None:
    def lake(item: str) -> ChainLake:
        made = ChainLake().shell("x").sell("gx", 0, 100.0)
        made.sell("xr", 3, 99.0, "工业盐", amount_yuan=99 * 2.2e4)
        return made.sell("xg", 1, None, item, uom="桶", amount_yuan=1e4)

    assert lake("*化学试剂*污水处理药剂").drafts() == []
    (draft,) = lake(FEE).drafts()
    assert result(draft, "ordinary_price") == "ruled_out"


def test_one_agency_alone_corroborates_nothing() -> None:
    (draft,) = ChainLake().chain().drafts()
    assert "目前仅有1个部门的数据" in draft.reason
    assert "相互印证" not in draft.reason
    (draft,) = ChainLake().chain().ship("xr", 3, 80.0).drafts()
    assert "2个部门的数据相互印证" in draft.reason


def test_a_hop_over_the_turn_of_the_year_names_both_years() -> None:
    days = (date(2025, 12, 30) - START.date()).days
    lake = ChainLake().shell("x", founded_on=date(2025, 9, 1)).sell("gx", days, 100.0)
    lake.sell("gx", days + 5, 100.0).sell("xr", days + 6, 160.0, "工业盐")
    (draft,) = lake.drafts()
    assert draft.started_at - START == timedelta(days=days)
    assert "2025年12月30日至2026年1月4日由g公司" in draft.reason
