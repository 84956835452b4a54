"""HW-10: innocent explanations cap a grade or clear a case."""

from datetime import date, timedelta

import pytest

from analytics.model import Draft
from tests.unit.analytics.chain_lake import START, ChainLake, driven, org
from tests.unit.analytics.drafts import result

CAPPED = {
    "trading_company": driven(
        ChainLake().firm("x", scope="化工产品销售", insured=3)
        .share("HAS_PHONE", "phone:1", "x", "z").penalise("z")
        .sell("gx", 0, 100.0).sell("xr", 3, 80.0, "工业盐")
    ),
    "new_logistics_firm": driven(ChainLake().chain()).add(
        "carrier_licence", licence_no="1", status="有效", carrier_entity=org("x")
    ),
    "family_firm": driven(ChainLake().chain()).share("SHAREHOLDER_OF", "person:1", "g", "x"),
    "licensed_body": driven(ChainLake().chain()).add(
        "hw_licence", licence_no="1", status="有效", holder_entity=org("x"),
        valid_from=date(2020, 1, 1), valid_to=date(2030, 1, 1),
    ),
}  # fmt: skip


@pytest.mark.parametrize("code", CAPPED)
def test_innocent_explanations_cap_the_grade(code: str) -> None:
    lake = CAPPED[code]
    for row in lake.tables.get("relation", []):
        if row["type"] == "SHAREHOLDER_OF":
            row["properties"] = '{"pct": 60}'
    (draft,) = lake.drafts()
    assert [(cap.code, cap.grade) for cap in draft.caps] == [(code, 3)]
    assert result(draft, code) == "holds"


def test_a_registered_producer_does_not_pass_on_but_by_the_same_goods() -> None:
    def lake(item: str, code: str = "336-064-17") -> ChainLake:
        made = ChainLake().shell("x").add("enterprise", name="x", enterprise_entity=org("x"))
        return made.sell("gx", 0, 100.0, item).ship("xr", 3, 80.0, code)

    assert lake("*化工*副产硫酸").drafts() == [], "its waste salt is not the acid that it bought"
    (draft,) = lake("*化工*副产盐").drafts()
    assert draft.identity == (org("x"), org("r"))


def test_an_explanation_for_all_clears_a_mere_reminder() -> None:
    lake = ChainLake().firm("x", scope="化工产品销售", insured=3).sell("hx", 0, 50.0)
    lake.sell("gx", 0, 50.0).sell("xr", 3, 99.0, "工业盐")
    assert lake.drafts() == []
    young = ChainLake().firm("x", scope="化工产品销售", insured=3, founded_on=date(2026, 1, 1))
    young.sell("hx", 0, 50.0).sell("gx", 0, 50.0).sell("xr", 3, 99.0, "工业盐")
    assert [draft.grade for draft in young.drafts()] == [3]


def sold_on(lake: ChainLake, ratio: float) -> ChainLake:
    """The works g sells to x at 20 000 yuan a tonne, and x sells on at ``ratio`` of that."""
    return lake.sell("gx", 0, 100.0).sell("xr", 3, 99.0, "工业盐", amount_yuan=99 * 2e4 * ratio)


def young() -> ChainLake:
    """Young, without scope or staff: 3 points."""
    return ChainLake().shell("x")


@pytest.mark.parametrize(
    ("ratio", "is_told"), [(0.99, True), (1.0, False), (1.3, False), (1.31, True), (3.0, True)]
)
def test_an_ordinary_price_clears_a_reminder(ratio: float, is_told: bool) -> None:
    assert [d.grade for d in sold_on(young(), ratio).drafts()] == ([3] if is_told else [])


def test_a_fee_to_the_taker_is_no_ordinary_price() -> None:
    paid = sold_on(young(), 1.1).sell(
        "xg", 1, None, "*环境治理服务*处置费", uom="次", amount_yuan=1e4
    )
    (draft,) = paid.drafts()
    assert result(draft, "ordinary_price") == "ruled_out"


def test_an_ordinary_price_says_nothing_for_a_firm_tied_to_an_offender() -> None:
    tied = sold_on(young(), 1.1).share("HAS_PHONE", "phone:1", "x", "z").penalise("z")
    (draft,) = tied.drafts()
    assert (draft.grade, result(draft, "ordinary_price")) == (3, "holds")


def warned(**firm: object) -> list[Draft]:
    """A chain of two agencies, old enough to be a trader, at an ordinary price."""
    lake = ChainLake().firm("x", scope="化工产品销售", **firm).sell("hx", 0, 50.0)
    return sold_on(lake, 1.1).ship("xr", 3, 90.0).drafts()


def test_a_warning_is_cleared_by_two_explanations_of_different_kind_only() -> None:
    assert warned(insured=3) == []
    (draft,) = warned(insured=2)
    assert draft.grade == 2
    assert result(draft, "ordinary_price") == "holds"


def test_an_order_is_never_cleared() -> None:
    lake = driven(sold_on(young(), 1.1)).share("SHAREHOLDER_OF", "person:1", "g", "x")
    lake.tables["relation"][0] |= {"properties": '{"pct": 60}'}
    lake.tables["relation"][1] |= {"properties": '{"pct": 60}'}
    (draft,) = lake.drafts()
    assert draft.grade == 1
    assert result(draft, "family_firm") == result(draft, "ordinary_price") == "holds"


@pytest.mark.parametrize(("kwh", "is_told"), [(499.0, True), (501.0, False)])
def test_power_of_its_own_makes_a_trader_real(kwh: float, is_told: bool) -> None:
    lake = ChainLake().firm("x", scope="化工产品销售", insured=1).sell("hx", 0, 50.0)
    for name in (*(f"p{n}" for n in range(9)), "x"):
        lake.add("grid_power_month", account_no=name, month="2026-07", customer_entity=org(name),
                 energy_kwh=kwh if name == "x" else 1000.0)  # fmt: skip
    assert [d.grade for d in sold_on(lake, 0.9).drafts()] == ([3] if is_told else [])


def test_a_works_that_bought_the_goods_uses_them_up() -> None:
    """Its own waste, on a manifest with a disposal fee, is no sale of what it bought."""

    def lake(ratio: float) -> ChainLake:
        made = ChainLake().firm("x", scope="化工产品销售", insured=3).firm("y", scope="钢管销售")
        made.sell("gx", 0, 100.0).sell("xy", 2, 99.0, amount_yuan=99 * 2e4 * ratio)
        made.sell("hx", 0, 5.0).ship("yr", 5, 80.0)
        return made.sell("ry", 6, None, "*环境治理服务*处置费", uom="次", amount_yuan=1e5)

    assert lake(1.1).drafts() == []
    assert [d.grade for d in lake(0.8).drafts()] == [2]


def test_a_licensed_collector_is_clean() -> None:
    lake = ChainLake().ship("gk", 0).ship("kr", 5, 100.0)
    assert lake.drafts() == []


def test_a_trader_with_many_flows_is_clean() -> None:
    lake = ChainLake().firm("x", scope="工业盐销售", insured=2)
    for day in range(-40, 41):
        is_own = day % 8 == 3
        seller = org("g") if is_own else f"org:s{day % 8}"
        buyer = org("r") if is_own else f"org:c{day % 8}"
        lake.sell("gx", day, 10.0, seller_entity=seller)
        lake.sell("xr", day, 9.0, buyer_entity=buyer)
    told = [draft for draft in lake.drafts() if draft.started_at > START - timedelta(days=10)]
    assert told == []
    assert lake.drafts(concentration=0.05) != [], "only the many flows keep it clean"


def test_a_family_is_one_only_with_every_generator_in_it() -> None:
    lake = driven(ChainLake().chain()).share("SHAREHOLDER_OF", "person:1", "g", "x")
    for row in lake.tables["relation"]:
        row["properties"] = '{"pct": 60}'
    (draft,) = lake.sell("hx", 0, 20.0).drafts()
    assert [s.entity_id for s in draft.subjects if s.role == "generator"] == [org("g"), org("h")]
    assert result(draft, "family_firm") == "ruled_out"
