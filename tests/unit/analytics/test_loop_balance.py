"""Split and consolidated lots close a loop, and each party's balance sheet says what it kept."""

from datetime import timedelta

import pytest

from analytics.loop_balance import BalanceLine
from analytics.model import Draft
from tests.unit.analytics.loop_lake import CODE, OTHER_CODE, START, Lake, org

OIL = "900-249-08"


def only(lake: Lake) -> Draft:
    (draft,) = lake.drafts()
    return draft


def line(draft: Draft, node: int, code: str = CODE) -> dict[str, float]:
    stem = f"node{node}:{code}:"
    return {k.removeprefix(stem): v for k, v in draft.quantities.items() if k.startswith(stem)}


SPLIT = {
    "on one day": Lake().move("ab", 0, 30.0)
    .move("bc", 4.0, 12.0).move("bc", 4.1, 9.0).move("bc", 4.2, 8.0)
    .move("ca", 8, 28.0),
    "at both ends": Lake().move("ab", 0, 15.0).move("ab", 0.2, 15.0)
    .move("bc", 4.0, 14.0).move("bc", 4.2, 15.0)
    .move("ca", 8, 9.0).move("ca", 8.1, 9.5).move("ca", 8.2, 10.0),
}  # fmt: skip


@pytest.mark.parametrize("name", SPLIT)
def test_a_lot_split_over_trucks_is_one_loop(name: str) -> None:
    draft = only(SPLIT[name])
    assert draft.identity == (org("a"), org("b"), org("c"))
    assert draft.quantities["loops"] == 1
    assert draft.quantities["waste_t"] == pytest.approx(28.5, abs=0.5)
    transfers = len(SPLIT[name].tables["manifest"])
    assert len([e for e in draft.evidence if e.dataset == "manifest"]) == transfers
    taken = line(draft, 2)
    assert (taken["in_t"], taken["out_t"]) == (30.0, 29.0)
    assert (taken["loop_in_t"], taken["loop_out_t"]) == (30.0, 29.0)


POOLED = {
    "shared out over days": Lake().move("ab", 0, 30.0).move("ba", 5, 14.0).move("ba", 6, 15.0),
    "shared out to two firms": Lake().move("ab", 0, 30.0).move("ba", 5, 14.0).move("bd", 6, 15.0),
    "put together with another firm's": Lake().move("ab", 0, 10.0).move("cb", 1, 20.0)
    .move("ba", 4, 29.0),
}  # fmt: skip
APART = {
    "too little given out": Lake().move("ab", 0, 30.0).move("ba", 5, 14.0).move("ba", 8, 15.0),
    "too little taken in": Lake().move("ab", 0, 10.0).move("cb", 1, 10.0).move("ba", 4, 29.0),
    "another code given out": Lake().move("ab", 0, 30.0).move("ba", 5, 14.0)
    .move("ba", 6, 15.0, OTHER_CODE),
    "another code taken in": Lake().move("ab", 0, 10.0).move("cb", 1, 20.0, OTHER_CODE)
    .move("ba", 4, 29.0),
    "goods taken in": Lake().move("ab", 0, 10.0).move("cb", 1, 10.0)
    .sell("db", 1, "*废弃资源*铜泥", 10.0).move("ba", 4, 29.0),
    "too late": Lake().move("ab", 0, 30.0).move("ba", 8, 14.0).move("ba", 9, 15.0),
    "too small a part": Lake().move("ab", 0, 5.0).move("cb", 1, 25.0).move("ba", 4, 29.0),
}  # fmt: skip
SMALLEST = {
    "shared out over days": 14.0,
    "shared out to two firms": 14.0,
    "put together with another firm's": 10.0,
}


@pytest.mark.parametrize("name", POOLED)
def test_a_lot_put_together_or_shared_out_still_closes_the_loop(name: str) -> None:
    draft = only(POOLED[name])
    assert draft.identity == (org("a"), org("b"))
    assert draft.quantities["waste_t"] == SMALLEST[name]


def sold(*lots: tuple[str, float, float]) -> Lake:
    """Waste from a to b, then goods of one class: way, day and tonnes of each lot."""
    lake = Lake().move("ab", 0, 30.0)
    for way, day, tonnes in lots:
        lake.sell(way, day, "*废弃资源*铜泥", tonnes)
    return lake


GOODS_LOTS = {
    "whole": (sold(("bc", 3, 29.0), ("ca", 6, 28.0)), 1),
    "in parts on one day": (sold(("bc", 3, 29.0), ("ca", 6, 14.0), ("ca", 6.1, 14.0)), 1),
    "in parts over days": (sold(("bc", 3, 29.0), ("ca", 6, 14.0), ("ca", 7, 14.0)), 0),
    "with others": (sold(("bc", 3, 29.0), ("dc", 4, 30.0), ("ca", 6, 58.0)), 0),
}


@pytest.mark.parametrize("name", GOODS_LOTS)
def test_lots_of_goods_are_not_pooled(name: str) -> None:
    lake, count = GOODS_LOTS[name]
    assert len(lake.drafts()) == count


POOLED_ELSEWHERE = {
    # Firms and codes are numbered in order: what one firm trades must not count for the next.
    "goods of the firm before": (
        Lake().move("ab", 0, 10.0).move("cb", 1, 10.0).move("ba", 4, 29.0)
        .sell("da", 1, "*废弃资源*铜泥", 10.0)
        .move("ca", 40, 10.0).move("da", 41, 20.0).move("ac", 44, 29.0), "ac",
    ),
    "waste of the firm behind": (
        sold(("bc", 3, 29.0), ("ca", 6, 14.0), ("ca", 7, 14.0))
        .move("ed", 0, 30.0).move("de", 5, 14.0).move("de", 6, 15.0), "de",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", POOLED_ELSEWHERE)
def test_goods_and_wastes_are_summed_apart(name: str) -> None:
    lake, firms = POOLED_ELSEWHERE[name]
    assert only(lake).identity == tuple(map(org, firms))


@pytest.mark.parametrize("name", APART)
def test_what_the_papers_of_the_firm_do_not_cover_is_another_lot(name: str) -> None:
    assert APART[name].drafts() == []


def test_a_party_that_consolidates_other_lots_still_closes_the_loop() -> None:
    lake = Lake().move("ab", 0, 10.0)
    lake.move("db", 1, 6.0).move("db", 2, 8.0).move("db", 3, 40.0, OIL)
    lake.move("bc", 4, 10.0).move("ca", 8, 9.8)
    lake.move("be", 5, 12.0)
    draft = only(lake)
    assert draft.identity == (org("a"), org("b"), org("c"))
    assert line(draft, 2) == {
        "in_t": 24.0, "out_t": 22.0, "held_t": 2.0, "loop_in_t": 10.0, "loop_out_t": 10.0,
        "in_rows": 3.0, "out_rows": 2.0,
    }  # fmt: skip
    assert line(draft, 2, "other") == {
        "in_t": 40.0, "out_t": 0.0, "held_t": 40.0, "loop_in_t": 0.0, "loop_out_t": 0.0,
        "in_rows": 1.0, "out_rows": 0.0,
    }  # fmt: skip
    assert line(draft, 2, OIL) == {}


def test_lots_merged_into_one_truck_are_weighed_by_the_day() -> None:
    lake = Lake().move("ab", 0, 10.0).move("ab", 0.1, 11.0).move("bc", 4, 20.5).move("ca", 8, 20.0)
    draft = only(lake)
    assert draft.quantities["waste_t"] == 20.0
    assert line(draft, 2)["in_rows"] == 2


def test_balance_ends_with_the_case_and_keeps_codes_apart() -> None:
    lake = Lake().move("ab", 0, 10.0).move("ba", 5, 9.0, OTHER_CODE)
    lake.move("cb", -1, 7.0).move("cb", 6, 7.0)
    draft = only(lake)
    assert (line(draft, 2)["in_t"], line(draft, 2)["out_t"]) == (10.0, 0.0)
    assert line(draft, 2, OTHER_CODE)["out_t"] == 9.0
    assert line(draft, 1, OTHER_CODE)["loop_in_t"] == 9.0


def test_goods_have_no_code() -> None:
    lake = Lake().move("ab", 0, 10.0).sell("ba", 5, "*废料*铜泥", 9.0)
    assert line(only(lake), 2, "unknown")["out_t"] == 9.0


def test_unknown_tonnes_are_counted_as_transfers_only() -> None:
    draft = only(Lake().ring("ab", tonnes=None))
    assert (line(draft, 2)["in_t"], line(draft, 2)["in_rows"]) == (0.0, 1.0)


def test_ledger_tells_treatment_and_stock() -> None:
    lake = Lake().ring("ab").move("db", 1, 30.0)
    for event, tonnes, code in [("IN", 40.0, CODE), ("OUT", 12.0, CODE), ("SELF", 5.0, CODE),
                                ("SELF", 3.0, OIL), ("GEN", 99.0, CODE)]:  # fmt: skip
        lake.add("hw_ledger", event=event, qty_t=tonnes, waste_code=code, occurred_at=START,
                 owner_entity=org("b"))  # fmt: skip
    draft = only(lake)
    kept = line(draft, 2)
    assert (kept["held_t"], kept["treated_t"], kept["stock_t"]) == (30.0, 5.0, 28.0)
    assert kept["open_t"] == -3.0
    assert line(draft, 2, "other")["treated_t"] == 3.0
    assert "treated_t" not in line(draft, 1), "no ledger of this firm"


def test_what_is_open_needs_a_ledger() -> None:
    bare = BalanceLine("o", CODE, 10.0, 4.0, 0.0, 0.0, 1, 1, None, None)
    assert (bare.held_t, bare.open_t) == (6.0, None)


def entry(lake: Lake, name: str, day: float, event: str, tonnes: float) -> None:
    lake.add("hw_ledger", event=event, qty_t=tonnes, waste_code=CODE, owner_entity=org(name),
             occurred_at=START + timedelta(days=day))  # fmt: skip


def kept_ledger(shift_days: float = 0.0) -> Lake:
    """Ledgers of both firms, each line ``shift_days`` after the lot left or came."""
    lake = Lake().ring("ab")
    for name, day, event in (("a", -0.1, "OUT"), ("b", -0.05, "IN"), ("b", 2.9, "OUT"),
                             ("a", 2.95, "IN")):  # fmt: skip
        entry(lake, name, day + shift_days, event, 10.0)
    return lake


AGREE = {
    "on the same day": kept_ledger(),
    "entered a day early": kept_ledger(-1),
    "entered a day late": kept_ledger(1),
}


@pytest.mark.parametrize("name", AGREE)
def test_ledgers_that_agree_with_the_papers_leave_nothing_open(name: str) -> None:
    draft = only(AGREE[name])
    assert [line(draft, node)["open_t"] for node in (1, 2)] == [0.0, 0.0]


def test_papers_of_the_days_around_do_not_make_a_difference() -> None:
    lake = kept_ledger().move("cb", -1, 7.0).move("bd", 4, 6.0)
    entry(lake, "b", 0.1, "IN", 7.0)
    entry(lake, "b", 3.1, "OUT", 6.0)
    assert line(only(lake), 2)["open_t"] == 0.0


def test_what_the_ledger_has_too_much_stays_open() -> None:
    lake = kept_ledger()
    entry(lake, "b", 1.5, "IN", 5.0)
    assert line(only(lake), 2)["open_t"] == -5.0
