"""Whether a claim of tax refund rests on the waste of a loop."""

from collections.abc import Callable
from typing import Any

import pytest

from analytics.refund_materials import materials_of
from tests.unit.analytics.loop_lake import START, Lake, org

SOLVENT = "900-402-06"


@pytest.mark.parametrize(
    ("text", "categories", "is_shared"),
    [
        ("2.10 废矿物油", {"08"}, False),
        ("污泥", {"06", "08", "12", "17", "18", "21", "22", "23", "31", "46", "48", "49"}, True),
        ("2.14 电镀污泥", {"17"}, False),
        ("废矿物油、废溶剂", {"06", "08"}, False),
        ("粉煤灰", set(), True),
        ("废矿物油、粉煤灰", {"08"}, True),
        ("2.9", None, True),
        ("综合利用产品", None, True),
    ],
)
def test_words_of_a_claim(text: str, categories: set[str] | None, is_shared: bool) -> None:
    found = materials_of(text)
    if categories is None:
        assert not found.is_known
    else:
        assert (set(found.categories), found.is_known) == (categories, True)
    assert found.is_shared is is_shared


def claim(input_t: float | None, category: str, period: str = "2026-08", **more: Any) -> Lake:
    lake = Lake().ring("ab").move("db", 1, 20.0).move("db", 35, 8.0)
    lake.move("cb", 2, 40.0, SOLVENT, item={"waste_name": "废溶剂"})
    return lake.add("vat_refund", period=period, category=category, refund_yuan=9e4,
                    input_t=input_t, taxpayer_entity=org("b"), **more)  # fmt: skip


def bought(lake: Lake, item: str, tonnes: float) -> Lake:
    return lake.sell("eb", 3, item, tonnes)


CLAIMS: dict[str, tuple[Lake, tuple[float, int]]] = {
    "all of the category": (claim(30.0, "电镀污泥"), (1.0, 1)),
    "part of it": (claim(20.0, "电镀污泥"), (0.0, 1)),
    "another waste": (claim(40.0, "废溶剂"), (0.0, 1)),
    "no hazardous waste at all": (
        bought(claim(5000.0, "粉煤灰"), "*矿产品*粉煤灰", 5000.0), (0.0, 1),
    ),
    "more than all, of a waste that is always hazardous": (claim(90.0, "电镀污泥"), (1.0, 1)),
    "more than all, of a material that has no papers": (claim(90.0, "污泥"), (0.0, 0)),
    "goods bought explain it": (
        bought(claim(30.0, "电镀污泥"), "*废弃资源*电镀污泥", 20.0), (0.0, 1),
    ),
    "a bill for what came by manifest explains nothing more": (
        claim(30.0, "电镀污泥").sell("db", 20, "*废弃资源*电镀污泥", 20.0), (1.0, 1),
    ),
    "goods bought are something else": (
        bought(claim(30.0, "电镀污泥"), "*钢材*螺纹钢", 20.0), (1.0, 1),
    ),
    "material unknown": (claim(30.0, "2.14"), (0.0, 0)),
    "material named as on the manifest": (
        claim(30.0, "资源综合利用", input_name="污泥"), (1.0, 1),
    ),
    "tonnes unknown": (claim(None, "电镀污泥"), (0.0, 0)),
    "next month, what is left of this month explains it": (
        claim(17.0, "电镀污泥", "2026-09"), (0.0, 1),
    ),
    "next month, nothing else is left": (claim(36.0, "电镀污泥", "2026-09"), (1.0, 1)),
    "nobody's claims of these months": (claim(30.0, "电镀污泥", "2026-02"), (0.0, 0)),
}  # fmt: skip


@pytest.mark.parametrize("name", CLAIMS)
def test_a_claim_accuses_only_for_the_waste_of_the_loop(
    name: str, figure: Callable[[Lake, str], tuple[float, int | None]]
) -> None:
    lake, expected = CLAIMS[name]
    assert figure(lake, "refund_claimed") == expected


@pytest.fixture
def figure() -> Callable[[Lake, str], tuple[float, int | None]]:
    """Value and number figure of a statistic of the only draft about the firms a and b."""

    def read(lake: Lake, name: str) -> tuple[float, int | None]:
        (draft,) = (d for d in lake.drafts() if d.identity == (org("a"), org("b")))
        assert draft.started_at == START
        return next((one.value, one.n) for one in draft.statistics if one.name == name)

    return read


def test_claims_of_two_months_together_are_more_than_the_other_waste() -> None:
    lake = claim(25.0, "电镀污泥").add(
        "vat_refund", period="2026-09", category="电镀污泥", refund_yuan=7.0, input_t=11.0,
        taxpayer_entity=org("b"),
    )  # fmt: skip
    (draft,) = lake.drafts()
    assert draft.quantities["refund_yuan"] == 7.0, "what came first may be of the other waste"
