"""HW-10: innocent explanations cap a grade or clear a case."""

from datetime import date, timedelta

import pytest

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
