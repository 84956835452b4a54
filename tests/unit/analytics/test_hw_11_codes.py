"""HW-11 where what is handed on changes on the way: its waste code, or from waste to goods."""

from string import ascii_letters
from typing import Any

import pytest

from tests.unit.analytics.drafts import value
from tests.unit.analytics.loop_lake import CODE, OTHER_CODE, Lake, org

OIL = "900-249-08"
ACID, SALT = "1070102020100000000", "1070102030100000000"
COPPER = "*无机盐*硫酸铜"
Step = str | tuple[str, str | None] | None

# Three steps, each a waste code (None: unknown) or the name and tax code of goods, and the changes.
WALKS: dict[str, tuple[tuple[Step, Step, Step], int]] = {
    "one waste code": ((CODE, CODE, CODE), 0),
    "a code unknown on the way": ((CODE, None, CODE), 0),
    "one other code": ((CODE, OTHER_CODE, OTHER_CODE), 1),
    "waste, product, home": ((CODE, (COPPER, ACID), (COPPER, ACID)), 1),
    "one tax code under other names": ((CODE, (COPPER, ACID), ("*化工产品*铜盐", ACID)), 1),
    "one short name without a tax code": (
        (CODE, ("*无机酸*副产盐酸", None), ("*无机酸*工业盐酸", None)), 1,
    ),
    "product that comes back as waste": (((COPPER, ACID), (COPPER, ACID), CODE), 1),
    "two other codes": ((CODE, OTHER_CODE, OIL), 2),
    "another code and back": ((CODE, OTHER_CODE, CODE), 2),
    "product, another product": ((CODE, (COPPER, ACID), (COPPER, SALT)), 2),
    "waste between goods": (((COPPER, ACID), CODE, (COPPER, ACID)), 2),
    "waste, product, waste of the first code": ((CODE, (COPPER, ACID), CODE), 2),
}  # fmt: skip


def firms(name: str) -> str:
    """Three firms for each walk."""
    at = 3 * list(WALKS).index(name)
    return ascii_letters[at : at + 3]


def all_walks() -> Lake:
    """Every walk among firms of its own, so that one search answers for all."""
    lake = Lake()
    for name, (steps, _) in WALKS.items():
        ring = firms(name)
        for day, step in enumerate(steps):
            way = ring[day] + ring[(day + 1) % 3]
            if isinstance(step, tuple):
                lake.sell(way, 3 * day, step[0], 9.8, tax_code=step[1])
            else:
                lake.move(way, 3 * day, 9.8, step)
    return lake


@pytest.mark.parametrize("most", [0, 1, 2, None], ids=["none", "one", "two", "by default"])
def test_changes_of_what_is_handed_on(most: int | None) -> None:
    drafts = all_walks().drafts(**({} if most is None else {"most_changes": most}))
    allowed = 1 if most is None else most
    found = {draft.identity for draft in drafts}
    by_walk = {name: tuple(sorted(map(org, firms(name)))) in found for name in WALKS}
    assert by_walk == {name: changes <= allowed for name, (_, changes) in WALKS.items()}
    assert len(drafts) == sum(by_walk.values())


def test_seven_changes_are_any_number() -> None:
    ring = "abcdefgh"
    lake = Lake()
    for i, (giver, taker) in enumerate(zip(ring, ring[1:] + ring[0], strict=True)):
        lake.move(giver + taker, 3.0 * i, 9.8, f"900-{i:03d}-08")
    assert (len(lake.drafts(most_changes=6)), len(lake.drafts(most_changes=7))) == (0, 1)


@pytest.mark.parametrize("most", [1, 7])
def test_goods_alone_are_no_loop(most: int) -> None:
    lake = Lake().sell("ab", 0, COPPER, 9.8, tax_code=ACID).sell("ba", 3, COPPER, 9.8)
    assert lake.sell("ba", 4, COPPER, 9.8, tax_code=ACID).drafts(most_changes=most) == []


def test_a_sale_billed_beside_its_manifest_keeps_the_waste_code() -> None:
    lake = Lake().move("ab", 0, 9.8).sell("ab", 2, COPPER, 9.8, tax_code=ACID).move("ba", 5, 9.8)
    (draft,) = lake.drafts(most_changes=0)
    assert [e.dataset for e in draft.evidence].count("invoice") == 1


def test_a_product_is_no_change_of_code_without_licence() -> None:
    lake = Lake().license("z", "HW08", "R9").move("ab", 0).sell("ba", 5, COPPER, 9.8)
    (draft,) = lake.drafts()
    tested = {s.name: (s.value, s.n) for s in draft.statistics}
    assert tested["unlicensed_changes"] == (0.0, 0)
    assert draft.grade == 3
    assert "硫酸铜" in draft.reason, "goods are told by their name"
    assert ACID not in draft.reason


def documented_group(**back: Any) -> Lake:
    """Two firms of one owner; every trip seen, every taker licensed."""
    lake = Lake().one_owner("ab").license("a", "HW17", "C1", "收集").license("b", "HW17", "D9")
    return lake.move("ab", 0, vehicle="T").cameras([0, 3], seen="T")


def test_a_group_consolidates_waste_and_makes_no_product_of_it() -> None:
    assert documented_group().move("ba", 3, vehicle="T").drafts() == []
    (draft,) = documented_group().sell("ba", 3, COPPER, 9.8).drafts()
    assert [(cap.code, cap.grade) for cap in draft.caps] == [("same_group", 3)]


def test_goods_kept_on_the_way_are_a_surprise_as_waste_is() -> None:
    lake = Lake().move("ab", 0).sell("bc", 3, COPPER, 9.8).sell("ca", 6, COPPER, 9.8)
    lake.sell("ef", 20, "*煤炭*动力煤", 50.0)
    (draft,) = lake.drafts()
    assert value(draft, "rank_code") == pytest.approx(1.0), "two of four edges"
