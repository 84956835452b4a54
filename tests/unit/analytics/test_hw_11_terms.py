"""HW-11: what the terms of suspicion may rest on, and where they say nothing."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from analytics.loop_suspicion import RoundFacts, claimed_yuan
from analytics.loops import Hop, Round
from analytics.model import Draft
from tests.unit.analytics.drafts import value
from tests.unit.analytics.loop_lake import CODE, OTHER_CODE, START, Lake, org


def only(lake: Lake) -> Draft:
    (draft,) = lake.drafts()
    return draft


def names_of(draft: Draft) -> set[str]:
    return {one.name for one in draft.statistics}


def figure(draft: Draft, name: str) -> tuple[float, int | None]:
    return next((one.value, one.n) for one in draft.statistics if one.name == name)


def midnight(day: int) -> datetime:
    """What intake stores for a day of August alone: 00:00 in Shanghai."""
    return datetime(2026, 8, day) - timedelta(hours=8)


def flags(*columns: str) -> list[dict[str, str]]:
    return [{"column": c, "code": "date_only", "raw": "", "qualifier": ""} for c in columns]


def dated(day: int, **more: Any) -> dict[str, Any]:
    """Times of a manifest of which only the day was written."""
    columns = ("handover_at", "departed_at", "arrived_at", "accepted_at")
    return dict.fromkeys(columns, midnight(day)) | {"flags": flags(*columns)} | more


def watched(hour: float, *, is_flagged: bool = True) -> Lake:
    """Two trips of one truck dated by day; cameras see it at ``hour`` of these days."""
    lake = Lake()
    for way, day in (("ab", 3), ("ba", 6)):
        lake.move(way, 0, vehicle="T", **dated(day, **({} if is_flagged else {"flags": []})))
        for number, lon in enumerate((120.01, 120.26, 120.49)):
            if day == 3:
                lake.add("checkpoint", checkpoint_no=f"k{number}", lon=lon, lat=31.0)
            for plate, at in (("T", hour), ("Z", 9.0)):
                lake.add("checkpoint_pass", checkpoint_no=f"k{number}", plate=f"苏A{plate}",
                         plate_kind="01", vehicle_vehicle=f"vehicle:{plate}",
                         passed_at=midnight(day) + timedelta(hours=at))  # fmt: skip
    return lake


@pytest.mark.parametrize("is_flagged", [True, False])
@pytest.mark.parametrize("hour", [1.0, 15.0, 23.5])
def test_a_day_without_hour_is_searched_whole(hour: float, is_flagged: bool) -> None:
    draft = only(watched(hour, is_flagged=is_flagged))
    assert (draft.grade, value(draft, "trips_unseen")) == (3, 0)
    assert not any(line.startswith("checkpoint_pass") for line in draft.searched)


def test_a_trip_of_a_day_that_nothing_saw_is_still_paper() -> None:
    draft = only(watched(-30.0))
    assert draft.grade == 1
    assert (
        "checkpoint_pass 2026-08-02 12:00..2026-08-04 12:00 plate 苏AT: none" in draft.searched
    ), "what was searched is said to the hour"


def test_days_without_hour_do_not_overlap() -> None:
    lake = Lake().ring("ab", vehicle="T")
    whole_day = START - timedelta(hours=9)
    lake.move("cd", 0, vehicle="T", departed_at=whole_day, flags=flags("departed_at"))
    assert value(only(lake), "trips_overlapping") == 0
    lake = Lake().ring("ab", vehicle="T", flags=flags("departed_at")).move("cd", 0, vehicle="T")
    assert value(only(lake), "trips_overlapping") == 0


def test_without_departure_nobody_knows_when_to_look() -> None:
    lake = Lake().cameras([3, 9]).cameras([0, 6], seen="T")
    for way, day in (("ab", 3), ("ba", 9)):
        lake.move(way, day, vehicle="T", departed_at=None, arrived_at=None, handover_at=None)
    draft = only(lake)
    assert (draft.grade, figure(draft, "paper_loops")) == (3, (0.0, 0))


@pytest.mark.parametrize("late", [0, 2], ids=["on the day of the papers", "two days later"])
def test_scales_at_both_ends_show_a_trip(late: float) -> None:
    lake = Lake().ring("ab", vehicle="T").cameras([0, 3])
    assert only(lake).grade == 1
    for day, (giver, taker) in ((0, "ab"), (3, "ba")):
        lake.weigh(giver, "出厂", day + late - 2 / 24, 10.0, vehicle="T")
        lake.weigh(taker, "进厂", day + late - 0.2 / 24, 10.0, vehicle="T")
    assert (only(lake).grade, value(only(lake), "trips_unseen")) == (3, 0)


def test_the_scales_of_one_end_show_a_trip() -> None:
    lake = Lake().ring("ab", vehicle="T").cameras([0, 3])
    for name, day in (("b", 0), ("a", 3)):
        lake.weigh(name, "进厂", day - 0.2 / 24, 10.0, vehicle="T")
    draft = only(lake)
    assert (draft.grade, value(draft, "trips_unseen")) == (3, 0)
    assert {e.dataset for e in draft.evidence if e.role == "seen on the way"} == {"weighbridge"}


def recoded(**head: Any) -> Lake:
    return Lake().move("ab", 0, **head).move("ba", 5, code=OTHER_CODE)


def listed(lake: Lake, count: int, missing: int = 0, city: str = "320100", first: int = 0) -> Lake:
    """So many licensed firms of a city take waste in; ``missing`` of them are not in the list."""
    for number in range(first, first + count):
        name = f"l{number}"
        lake.add("organization", entity_id=org(name), name=name, division_code=city)
        lake.add("manifest", manifest_no=f"l{number}", licence_no=f"JS-{name}", status="已接受",
                 shipper_entity=org("x"), receiver_entity=org(name), accepted_at=START,
                 shipper_name="x", receiver_name=name)  # fmt: skip
        if number >= first + missing:
            lake.license(name, "HW08", "R9")
    return lake


def settled(lake: Lake, city: str = "320102") -> Lake:
    """All firms of the loop are in one district."""
    for row in lake.tables["organization"]:
        row.setdefault("division_code", city)
    return lake


LICENCES = {
    "other code": (recoded().license("b", "HW08", "R9"), 1),
    "only others": (recoded().license("z", "HW08", "R9"), 3),
    "named on a manifest": (
        listed(settled(recoded(licence_no="浙危废经第3301000123号", scope="跨省")), 20), 3,
    ),
    "the number of another firm": (listed(settled(recoded(licence_no="JS-l3")), 6), 1),
    "the list of the city is full": (listed(settled(recoded()), 6), 1),
    "the list of the city has gaps": (listed(settled(recoded()), 6, missing=1), 3),
    "too few firms to tell": (listed(settled(recoded()), 4), 3),
    "few firms, but the list of the province is full": (
        listed(listed(settled(recoded()), 1), 19, city="320500", first=1), 1,
    ),
    "the list of the province is full, that of the city is not": (
        listed(listed(settled(recoded()), 1, missing=1), 39, city="320500", first=1), 3,
    ),
    "the list of the city is full, but few, that of the province is not": (
        listed(listed(settled(recoded()), 1), 24, missing=4, city="320500", first=1), 3,
    ),
    "the list of another city": (listed(settled(recoded()), 6, city="320500"), 3),
    "withdrawn": (recoded().license("b", "HW17", "R9"), 1),
}  # fmt: skip
LICENCES["withdrawn"][0].tables["hw_licence"][0]["status"] = "吊销"


@pytest.mark.parametrize("name", LICENCES)
def test_a_missing_licence_speaks_only_where_the_list_would_hold_it(name: str) -> None:
    lake, grade = LICENCES[name]
    draft = only(lake)
    count = 0 if grade == 3 else 1
    assert (draft.grade, figure(draft, "unlicensed_changes")) == (grade, (float(count), count))
    told = [line for line in draft.searched if line.startswith("hw_licence b公司")]
    ending = "none with R/D method" if count else "not testable"
    assert told == [f"hw_licence b公司 {CODE}: {ending}"]


STAYS = {
    "long enough": ({}, {}, (0.0, 1), 3),
    "too short": ({"day": 0.5}, {}, (1.0, 1), 2),
    "left on the next day, hour unknown": (
        {"day": 1.3},
        {"departed_at": midnight(4), "handover_at": midnight(4), "flags": flags("departed_at")},
        (0.0, 0), 3,
    ),
    "left on a far day, hour unknown": (
        {"day": 6}, {"departed_at": midnight(8), "flags": flags("departed_at")}, (0.0, 1), 3,
    ),
    "left before the other came": (
        {"day": 2},
        {"departed_at": START - timedelta(days=1), "arrived_at": START - timedelta(days=0.9)},
        (0.0, 0), 3,
    ),
    "departure unknown, accepted soon": (
        {"day": 0.5}, {"departed_at": None, "handover_at": None}, (1.0, 1), 2,
    ),
    "departure unknown, accepted late": (
        {"day": 9}, {"departed_at": None, "handover_at": None}, (0.0, 0), 3,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", STAYS)
def test_a_stay_is_short_only_when_it_cannot_have_been_longer(name: str) -> None:
    move, head, expected, grade = STAYS[name]
    draft = only(Lake().move("ab", 0).move("ba", **{"day": 3.0, **move}, **head))
    assert (draft.grade, figure(draft, "untreated_loops")) == (grade, expected)
    is_told = name in ("long enough", "too short")
    assert ("dwell_h" in names_of(draft)) is is_told


ACID, SOLVENT = "313-001-34", "900-404-06"


def regenerated(item: str, day: float, tonnes: float | None = 9.0, method: str = "R2") -> Lake:
    lake = Lake().license("b", "HW06", method).move("ab", 0, code=SOLVENT)
    return lake.sell("ba", day, item, tonnes)


REGENERATED = {
    "product": (regenerated("*化学试剂*再生丙酮", 6), True, None),
    "the waste itself": (regenerated("*化学试剂*废丙酮", 6), False, "ruled_out"),
    "a by-product": (regenerated("*化学试剂*副产丙酮", 6), False, "ruled_out"),
    "within the hour": (regenerated("*化学试剂*再生丙酮", 1 / 24), False, "ruled_out"),
    "without any loss": (regenerated("*化学试剂*再生丙酮", 6, 10.0), False, "ruled_out"),
    "tonnes unknown": (
        regenerated("*化学试剂*再生丙酮（含铜）", 6, None), False, "ruled_out",
    ),
    "licence for disposal only": (
        regenerated("*化学试剂*再生丙酮", 6, method="D10"), False, "ruled_out",
    ),
    "licence not in the lake": (
        Lake().license("z", "HW06", "R2").move("ab", 0, code=SOLVENT)
        .sell("ba", 6, "*化学试剂*再生丙酮", 9.0), False, "unknown",
    ),
    "times of the waste unknown": (
        Lake().license("b", "HW06", "R2").sell("ba", 2, "*化学试剂*再生丙酮", 9.0)
        .move("ab", 0, code=SOLVENT, **dated(4)).sell("ba", 2, "*化学试剂*再生丙酮", 9.0),
        False, "unknown",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REGENERATED)
def test_only_a_product_made_in_time_clears(name: str) -> None:
    lake, is_cleared, result = REGENERATED[name]
    drafts = lake.drafts()
    assert (drafts == []) is is_cleared
    checks = [c.result for d in drafts for c in d.innocent if c.code == "contract_regeneration"]
    assert checks == ([] if is_cleared else [result])


def test_waste_acid_sold_back_as_waste_acid_is_no_regeneration() -> None:
    lake = Lake().license("b", "HW34", "R5")
    for turn in range(6):
        lake.move("ab", 10 * turn, 40.0, ACID)
        lake.sell("ba", 10 * turn + 1 / 24, "*化学产品*废硫酸", 40.0)
    assert only(lake).grade == 1


def test_a_claim_that_rests_on_two_rounds_is_counted_once() -> None:
    hops = (Hop("a", "b", (0,), 1.0, CODE, START, START, START, ("manifest",), ()),)
    one = RoundFacts(Round(("a", "b"), hops, 1.0, 0), claims={"vat_refund:x:1:1": 0.1})
    other = replace(one, claims=one.claims | {"vat_refund:x:2:1": 0.2})
    assert one.refund_yuan == 0.1
    assert claimed_yuan([one, other, one]) == pytest.approx(0.3)


def power(kwh: float) -> Lake:
    lake = Lake().ring("abc")
    for hour in range(-40 * 24, 10 * 24):
        at = midnight(3) + timedelta(hours=hour)
        lake.add("power_hour", meter_id="m", kind="总电", data_time=at, owner_entity=org("b"),
                 energy_kwh=0.1 if hour < 0 else kwh)  # fmt: skip
    return lake


@pytest.mark.parametrize(("kwh", "grade"), [(0.02, 3), (0.0199, 2)])
def test_power_at_the_threshold_does_not_hang_on_rounding(kwh: float, grade: int) -> None:
    """24 times 0.1 and 0.02 are no round numbers as floats; their ratio is one fifth."""
    draft = only(power(kwh))
    assert (draft.grade, value(draft, "power_ratio")) == (grade, round(kwh / 0.1, 9))


def test_withdrawn_licence_is_not_counted_before_its_time() -> None:
    lake = recoded().license("b", "HW17", "R9")
    lake.tables["hw_licence"][0]["valid_to"] = date(2026, 8, 1)
    assert only(lake).grade == 1
