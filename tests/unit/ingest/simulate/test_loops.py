"""HW-11 plants against an exhaustive search: hits close, near misses do not, nobody else does."""

import polars as pl
import pytest

from tests.unit.ingest.simulate.closed_walks import closed_walks, edges
from tests.unit.ingest.simulate.conftest import Province

SLOW_BUT_CLOSED = "四十余天的小批量往来"
RETURNS = {"拒绝后退运", "部分接受后退运"}


@pytest.fixture(scope="module")
def closed(province: Province) -> dict[str, list[int]]:
    """Firms of the closed walks by tag."""
    out: dict[str, list[int]] = {}
    for walk in closed_walks(edges(province.events)):
        for edge in walk:
            out.setdefault(edge.tag or "", []).append(edge.giver)
    return out


def test_every_planted_loop_closes_through_all_its_firms(
    province: Province, closed: dict[str, list[int]]
) -> None:
    hits = province.cases("HW-11", "hit")
    assert len(hits) >= 15
    assert {case.name: set(closed.get(case.tag, [])) == set(case.firms) for case in hits} == {
        case.name: True for case in hits
    }


def test_near_misses_do_not_close_but_for_the_slow_one(
    province: Province, closed: dict[str, list[int]]
) -> None:
    closing = {c.name for c in province.cases("HW-11", "near_miss") if c.tag in closed}
    assert closing == {SLOW_BUT_CLOSED}


def test_look_alikes_do_close_unless_a_load_was_sent_back(
    province: Province, closed: dict[str, list[int]]
) -> None:
    open_ones = {c.name for c in province.cases("HW-11", "look_alike") if c.tag not in closed}
    assert open_ones <= RETURNS
    assert "委托再生" not in open_ones


def test_no_walk_closes_outside_the_plants(province: Province, ordinary: Province) -> None:
    assert closed_walks(edges(ordinary.events)) == []
    strangers = [w for w in closed_walks(edges(province.events)) if all(e.tag is None for e in w)]
    assert strangers == []


def test_no_walk_closes_through_two_cases(province: Province) -> None:
    walks = closed_walks(edges(province.events))
    mixed = [walk for walk in walks if len({edge.tag for edge in walk} - {None}) > 1]
    assert walks
    assert mixed == []


def test_paper_only_loops_leave_no_trace_on_the_road(province: Province) -> None:
    paper = [c for c in province.cases("HW-11", "hit") if "纸面" in c.name]
    assert len(paper) >= 5
    for case in paper:
        moves = province.of_case(province.events.shipments, case)
        assert moves.height >= len(case.firms)
        assert not moves["travelled"].any(), case.name


def test_the_double_booked_truck_is_in_two_places_at_once(province: Province) -> None:
    (case,) = [c for c in province.cases("HW-11", "hit") if "同一车辆" in c.name]
    moves = province.of_case(province.events.shipments, case).sort("departed_at")
    assert moves["vehicle"].n_unique() == 1
    early = moves["departed_at"][1:] < moves["arrived_at"].shift(1)[1:]
    assert early.any()


def test_codes_change_only_where_the_case_says_so(province: Province) -> None:
    for case in province.cases("HW-11", "hit"):
        codes = province.of_case(province.events.shipments, case)["waste_code"].n_unique()
        assert (codes > 1) == ("改码" in case.name), case.name


def test_ordinary_trucks_are_never_in_two_places(ordinary: Province) -> None:
    trips = ordinary.events.shipments.sort("vehicle", "departed_at")
    before = pl.col("accepted_at").shift(1).over("vehicle")
    assert trips.filter(pl.col("departed_at") < before).is_empty()


def test_planted_trucks_that_really_drive_are_never_in_two_places(province: Province) -> None:
    trips = province.events.trips.filter("travelled").sort("vehicle", "departed_at")
    before = pl.col("accepted_at").shift(1).over("vehicle")
    assert trips.filter(pl.col("departed_at") < before).is_empty()


def test_manifest_numbers_are_unique(province: Province) -> None:
    numbers = province.events.shipments["manifest_no"]
    assert numbers.n_unique() == len(numbers)
    assert numbers.str.contains(r"^20\d{12}$").all()
