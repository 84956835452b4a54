"""Figure, offline network and canvas: one grammar, equal bytes, nothing from outside."""

import json
import re
from dataclasses import replace
from typing import Literal

import pytest

from tests.unit.viz.findings import drawn, loop
from viz import network
from viz.canvas import drawing_json
from viz.figure import _has_above, _wrapped, figure
from viz.grammar import KIND_SHAPE, LINES, ROLE_COLOR, amount_text, sizes, width_of
from viz.markers import marker_of
from viz.network import OutsideAddress, network_html
from viz.picture import Picture, PictureEdge, PictureNode, picture_of

FETCHED = re.compile(r"(?:src|href|url\()\s*=?\s*[\"'(]?\s*(?:https?:)?//", re.I)
NASTY = '</script><img src=x onerror=alert(1)>"公司'


def picture() -> Picture:
    sql, finding = loop()
    return picture_of(sql, replace(finding, grade=1))


@pytest.mark.parametrize("form", ["svg", "png"])
def test_the_same_picture_gives_the_same_bytes(form: Literal["svg", "png"]) -> None:
    made = picture()
    assert figure(made, form) == figure(made, form)


def test_the_figure_holds_no_clock_and_fetches_nothing() -> None:
    text = figure(picture()).decode()
    assert not FETCHED.search(text)
    assert "<dc:date>" not in text


@pytest.mark.parametrize("layout", ["ring", "chain", "circle", "force"])
def test_every_layout_can_be_drawn(layout: str) -> None:
    roles = {"a": "generator", "b": "shell", "c": "operator"}
    assert figure(drawn(layout, roles, [("a", "b", 1), ("b", "c", 2)])).startswith(b"<?xml")


def test_an_empty_picture_can_be_drawn() -> None:
    assert figure(drawn("ring", {}, [])).startswith(b"<?xml")


def test_the_offline_network_fetches_nothing_and_tells_its_source() -> None:
    made = picture()
    page = network_html(made)
    assert not FETCHED.search(page)
    assert not re.search(r"<link\b", re.sub(r"<!--.*?-->", "", page, flags=re.S))
    for word in (made.title, made.period, made.source, "产废单位", "转移联单", "红框：一级疑似"):
        assert word in page, word
    assert page == network_html(made)


def test_names_with_markup_stay_text() -> None:
    node = PictureNode("org:x", "organization", NASTY, "generator")
    made = replace(picture(), nodes=(node,), edges=(), title=NASTY)
    assert "<img src=x" not in network_html(made)
    drawing = drawing_json(made, lambda _: "")
    assert "<" not in drawing
    assert json.loads(drawing)["nodes"][0]["name"] == NASTY


def test_a_changed_library_page_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "OUTSIDE", re.compile("<body>"))
    with pytest.raises(OutsideAddress, match="pyvis"):
        network_html(picture())


def test_the_canvas_gets_what_the_picture_says() -> None:
    made = picture()
    drawing = json.loads(drawing_json(made, lambda i: f"/entities/{i}"))
    assert [n["id"] for n in drawing["nodes"]] == [n.id for n in made.nodes]
    assert drawing["nodes"][0]["href"] == "/entities/" + made.nodes[0].id
    assert drawing["nodes"][0]["is_severe"] is True
    shared = next(e for e in drawing["edges"] if e["kind"] == "shared")
    assert shared["is_double"] is True
    assert shared["is_directed"] is False
    flow = next(e for e in drawing["edges"] if e["kind"] == "manifest")
    assert flow["text"] == "40.0 吨\n08-03起"


def test_lines_stay_apart_without_colour() -> None:
    strong = [(line.dashes, line.is_double) for line in LINES.values() if line.is_strong]
    assert len(strong) == len(set(strong))


def test_roles_stay_apart_by_colour() -> None:
    assert len(set(ROLE_COLOR.values())) == len(ROLE_COLOR)


def test_every_kind_has_a_shape_on_paper() -> None:
    for canvas, _ in KIND_SHAPE.values():
        if canvas != "circle":
            assert marker_of(canvas).get_path() is not marker_of("circle").get_path()
    assert len({canvas for canvas, _ in KIND_SHAPE.values()}) >= 8


def test_sizes_and_widths_stay_within_three_to_one() -> None:
    star = drawn("force", dict.fromkeys("abcdefghijklmnopqrstuvwxyz", ""), [
        ("a", other, 1 + k) for k, other in enumerate("bcdefghijklmnopqrstuvwxyz")
    ])  # fmt: skip
    scale = sizes(star)
    assert max(scale.values()) / min(scale.values()) <= 3.0
    assert scale["a"] > scale["b"]
    largest = {"吨": 100.0}
    widths = [
        width_of(PictureEdge("a", "b", "manifest", None, t, "吨"), largest) for t in (0.0, 1.0, 100)
    ]
    assert widths == sorted(widths)
    assert widths[-1] / widths[0] <= 3.0


@pytest.mark.parametrize(
    ("amount", "unit", "text"),
    [
        (48.2, "吨", "48.2 吨"),
        (123500.0, "元", "12.35 万元"),
        (9999.0, "元", "9999 元"),
        (30.0, "%", "30%"),
        (0.0, "吨", "0.0 吨"),
        (None, "吨", ""),
    ],
)
def test_quantities_are_written_as_people_read_them(
    amount: float | None, unit: str, text: str
) -> None:
    assert amount_text(amount, unit) == text


def test_a_number_stays_whole_under_its_node() -> None:
    assert _wrapped("139****0001", 9) == "139****0001"
    assert _wrapped("某某环保科技有限公司", 9) == "某某环保科\n技有限公司"


def test_a_name_does_not_go_where_another_node_stands() -> None:
    places = [(0.1, 0.9), (0.1, 0.7), (0.5, 0.9)]
    assert [_has_above(place, places) for place in places] == [False, True, False]
