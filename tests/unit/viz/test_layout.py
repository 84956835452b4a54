"""Where nodes stand, and that no edge hides another."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.viz.findings import drawn
from viz.layout import bends, positions

RING = drawn(
    "ring",
    {"a": "generator", "b": "receiver", "c": "receiver", "t": "carrier"},
    [("a", "b", 3), ("b", "c", 5), ("c", "a", 9)],
)


def _angle(place: tuple[float, float]) -> float:
    return math.atan2(place[0] - 0.5, place[1] - 0.5) % (2 * math.pi)


def test_a_loop_stands_clockwise_in_time_order() -> None:
    placed = positions(RING)
    order = sorted("abc", key=lambda node: _angle(placed[node]))
    assert "".join(order) in ("abc", "bca", "cab")
    radius = {node: math.dist(placed[node], (0.5, 0.5)) for node in "abct"}
    assert radius["t"] > radius["a"]


def test_two_stations_face_each_other_across_the_page() -> None:
    placed = positions(
        drawn("ring", {"a": "generator", "b": "receiver"}, [("a", "b", 1), ("b", "a", 2)])
    )
    assert placed["a"][1] == pytest.approx(placed["b"][1])
    assert abs(placed["a"][0] - placed["b"][0]) > 0.5


def test_a_chain_runs_from_left_to_right() -> None:
    roles = {"g": "generator", "x": "shell", "y": "shell", "p": "receiver"}
    placed = positions(drawn("chain", roles, [("y", "p", 3), ("g", "x", 1), ("x", "y", 2)]))
    assert [n for n, _ in sorted(placed.items(), key=lambda item: item[1][0])] == list("gxyp")


def test_bodies_stand_inside_and_sites_outside() -> None:
    roles = {"o": "operator", "t": "tester", "s1": "site", "s2": "site"}
    placed = positions(drawn("circle", roles, [("o", "s1", 1), ("t", "s2", 2)]))
    inner = max(math.dist(placed[n], (0.5, 0.5)) for n in "ot")
    outer = min(math.dist(placed[n], (0.5, 0.5)) for n in ("s1", "s2"))
    assert inner < outer


@pytest.mark.parametrize("layout", ["ring", "chain", "circle", "force"])
def test_the_same_picture_has_the_same_places(layout: str) -> None:
    picture = drawn(layout, {"a": "generator", "b": "operator", "c": ""}, [("a", "b", 1)])
    assert positions(picture) == positions(picture)


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(["ring", "chain", "circle", "force"]),
    st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from("abcdef")), max_size=12),
)
def test_every_node_has_a_place_of_its_own(layout: str, pairs: list[tuple[str, str]]) -> None:
    roles = dict.fromkeys("abcdef", "generator") | {"e": "operator", "f": ""}
    edges = [(a, b, 1 + k) for k, (a, b) in enumerate(pairs) if a != b]
    placed = positions(drawn(layout, roles, edges))
    assert set(placed) == set("abcdef")
    assert len({(round(x, 3), round(y, 3)) for x, y in placed.values()}) == 6
    assert all(-0.1 <= value <= 1.1 for place in placed.values() for value in place)


def test_parallel_edges_bend_apart_also_when_they_run_against_each_other() -> None:
    picture = drawn(
        "force", {"a": "", "b": ""}, [("a", "b", 1), ("a", "b", 2), ("b", "a", 3), ("b", "a", 4)]
    )
    seen_from_a = [
        bend if edge.source == "a" else -bend
        for bend, edge in zip(bends(picture), picture.edges, strict=True)
    ]
    assert len({round(b, 6) for b in seen_from_a}) == 4
    assert bends(drawn("force", {"a": "", "b": ""}, [("a", "b", 1)])) == [0.0]


def test_helpers_of_two_stations_stand_off_their_line() -> None:
    roles = {"a": "generator", "b": "receiver", "t": "carrier"}
    placed = positions(drawn("ring", roles, [("a", "b", 1), ("b", "a", 2), ("t", "a", 1)]))
    assert abs(placed["t"][1] - placed["a"][1]) > 0.15


def test_a_full_column_is_staggered_and_a_short_one_is_not() -> None:
    def columns(count: int) -> set[float]:
        roles = {f"g{n}": "generator" for n in range(count)} | {"x": "shell", "r": "receiver"}
        edges = [(f"g{n}", "x", 1) for n in range(count)]
        placed = positions(drawn("chain", roles, [*edges, ("x", "r", 2)]))
        return {round(placed[f"g{n}"][0], 3) for n in range(count)}

    assert len(columns(4)) == 1
    assert len(columns(5)) == 2
