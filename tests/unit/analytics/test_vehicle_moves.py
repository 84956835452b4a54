"""Loads seen at scales and gates: what makes a move, and what only looks like one."""

from datetime import timedelta

import pytest

from analytics.transfers import WASTE_WORDS
from analytics.vehicle_moves import load_vehicle_moves
from records.clock import day_end
from tests.unit.analytics.loop_lake import AS_OF, START, Lake, org
from tests.unit.analytics.tables import make_inputs

H = 1 / 24
Move = tuple[str, str, float | None]


def moves(lake: Lake) -> list[Move]:
    """Source, target and tonnes of each move, in order of time."""
    sql = make_inputs(lake.tables, AS_OF).sql
    span: dict[str, object] = {"since": START - timedelta(days=9), "until": day_end(AS_OF)}
    table = load_vehicle_moves(sql, span, 24, 0.1, WASTE_WORDS)
    rows = sql.execute(f"SELECT source, target, tonnes FROM {table} ORDER BY moved_at, source")
    return [(str(a)[-1], str(b)[-1], t) for a, b, t in rows.fetchall()]


CASES: dict[str, tuple[Lake, list[Move]]] = {
    "weighed out and in": (
        Lake().weigh("b", "出厂", 0, 9.8).weigh("a", "进厂", 2 * H, 9.5), [("b", "a", 9.5)],
    ),
    "a gate that noted the load": (
        Lake().gate("b", "出厂", 0, 9.8).gate("a", "进厂", 2 * H), [("b", "a", 9.8)],
    ),
    "weighed on entering only": (
        Lake().gate("b", "出厂", 0).weigh("a", "进厂", 2 * H, 9.5), [("b", "a", 9.5)],
    ),
    "no load stated anywhere": (Lake().gate("b", "出厂", 0).gate("a", "进厂", 2 * H), []),
    "left empty": (Lake().gate("b", "出厂", 0, 0.0).gate("a", "进厂", 2 * H), []),
    "left empty by the gate, entered with a load": (
        Lake().gate("b", "出厂", 0, 0.0).weigh("a", "进厂", 2 * H, 9.5), [],
    ),
    "entered empty": (Lake().weigh("b", "出厂", 0, 9.8).gate("a", "进厂", 2 * H, 0.0), []),
    "weights differ": (Lake().weigh("b", "出厂", 0, 9.8).weigh("a", "进厂", 2 * H, 8.8), []),
    "weights differ by a tenth": (
        Lake().weigh("b", "出厂", 0, 10.0).weigh("a", "进厂", 2 * H, 9.0), [("b", "a", 9.0)],
    ),
    "a day and half an hour": (
        Lake().weigh("b", "出厂", 0, 9.8).weigh("a", "进厂", 24.5 * H, 9.8), [],
    ),
    "another truck": (
        Lake().weigh("b", "出厂", 0, 9.8).weigh("a", "进厂", 2 * H, 9.8, vehicle="V"), [],
    ),
    "stop at a third firm": (
        Lake().weigh("b", "出厂", 0, 9.8).gate("c", "进厂", H).gate("c", "出厂", 1.5 * H, 0.0)
        .weigh("a", "进厂", 2 * H, 9.8),
        [("b", "c", 9.8)],
    ),
    "back at the same firm": (Lake().weigh("b", "出厂", 0, 9.8).weigh("b", "进厂", H, 9.8), []),
    "entered before it left": (
        Lake().weigh("a", "进厂", 0, 9.5).weigh("b", "出厂", 2 * H, 9.8), [],
    ),
    "scale and gate at both ends are one move": (
        Lake().weigh("b", "出厂", 0, 9.8).gate("b", "出厂", 0.2 * H, 12.0)
        .gate("a", "进厂", 2 * H, 12.0).weigh("a", "进厂", 2.2 * H, 9.7),
        [("b", "a", 9.7)],
    ),
    "a visit ends where nothing was seen for a day": (
        Lake().weigh("b", "出厂", 0, 9.8).gate("a", "进厂", 2 * H, 9.8).weigh("a", "进厂", 5, 7.0),
        [("b", "a", 9.8)],
    ),
    "there and back with loads": (
        Lake().weigh("b", "出厂", 0, 9.8).weigh("a", "进厂", 2 * H, 9.8)
        .weigh("a", "出厂", 3 * H, 7.0).weigh("b", "进厂", 5 * H, 7.0),
        [("b", "a", 9.8), ("a", "b", 7.0)],
    ),
    "the same trip twice": (
        Lake().weigh("b", "出厂", 0, 9.8).weigh("a", "进厂", 2 * H, 9.8)
        .weigh("b", "出厂", 2, 9.6).weigh("a", "进厂", 2 + 2 * H, 9.6),
        [("b", "a", 9.8), ("b", "a", 9.6)],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_moves(name: str) -> None:
    lake, expected = CASES[name]
    assert moves(lake) == expected


def test_a_move_closes_a_loop_and_shows_both_ends() -> None:
    lake = Lake().move("ab", 0)
    lake.weigh("b", "出厂", 4, 9.8).gate("a", "进厂", 4 + 2 * H, 9.8)
    (draft,) = lake.drafts()
    assert [e.dataset for e in draft.evidence if e.role == "edge 2"] == ["weighbridge", "gate_pass"]
    assert "依据过磅或门禁" in draft.reason
    assert [s.ids["plate"] for s in draft.subjects if s.kind == "vehicle"] == ["苏AW"]


def test_an_empty_truck_on_its_way_home_closes_nothing() -> None:
    lake = Lake().move("ab", 0, vehicle="W")
    lake.gate("b", "出厂", H).gate("a", "进厂", 3 * H)
    assert lake.drafts() == []


def test_a_move_of_a_manifest_is_one_transfer_with_it() -> None:
    lake = Lake().ring("ab", vehicle="W")
    lake.weigh("a", "出厂", -2 * H, 10.0).weigh("b", "进厂", -0.1 * H, 10.0)
    (draft,) = lake.drafts()
    assert draft.quantities["loops"] == 1
    assert draft.quantities["hop1:transfers"] == 1
    datasets = sorted(e.dataset for e in draft.evidence if e.role == "edge 1")
    assert datasets == ["manifest", "manifest_item", "weighbridge", "weighbridge"]


def test_parties_are_the_firms_of_scale_and_gate() -> None:
    (draft,) = Lake().move("cd", 0).weigh("d", "出厂", 1, 9.9).weigh("c", "进厂", 1.1, 9.9).drafts()
    assert draft.identity == (org("c"), org("d"))
