"""Why persons, vehicles, sites and addresses are one or not, out of a lake resolved once."""

import pytest

from ingest.errors import ResolveError
from ingest.resolve.explain import why
from ingest.resolve.explain_kinds import explain_kind
from ingest.resolve.kinds.words import attribute_of, reason_zh, reasons_zh
from records.registry import Judgement, Registry
from records.views import open_views
from tests.unit.ingest.resolve.conftest import code_of, id_number_of
from tests.unit.ingest.resolve.stored_lake import resolve_again, resolved_lake

FIRM = code_of(1)
ONE, TWO = id_number_of(1), id_number_of(2)
MOBILE, OTHER = "13811112222", "13899998888"
ROWS = {
    "company": [
        {"uscc": FIRM, "name": "苏州宏润环保科技有限公司", "address": "苏州市吴中区振兴路88号"},
        {"uscc": code_of(2), "name": "南通金桥运输有限公司", "address": "苏州市相城区振兴路88号"},
        {"uscc": code_of(3), "name": "南通启明货运有限公司", "address": "南通市人民路1号"},
    ],
    "driver_permit": [
        {"permit_no": "P1", "name": "李明", "person_id": ONE, "phone": MOBILE,
         "employer_uscc": FIRM},
        {"permit_no": "P2", "name": "王强", "person_id": TWO, "phone": OTHER},
    ],
    "manifest": [
        {"manifest_no": "1", "driver_name": "李明", "driver_phone": MOBILE, "carrier_uscc": FIRM},
        {"manifest_no": "2", "driver_name": "赵六", "driver_phone": OTHER, "carrier_uscc": FIRM},
    ],
    "waybill": [{"waybill_no": "W", "driver_name": "李明", "carrier_uscc": FIRM}],
    "vehicle": [{"plate": "苏A12B45", "plate_kind": "01"}],
    "checkpoint_pass": [
        {"plate": "苏A12845", "plate_color": "黄"},
        {"plate": "苏A1284S", "plate_color": "蓝"},
    ],
    "permit": [
        {"permit_no": "1", "uscc": FIRM, "unit_name": "宏润", "lon": 120.6, "lat": 31.3},
        {"permit_no": "2", "uscc": FIRM, "unit_name": "宏润", "lon": 120.6, "lat": 31.302},
        {"permit_no": "3", "uscc": FIRM, "unit_name": "宏润", "lon": 120.6, "lat": 31.304},
        {"permit_no": "4", "uscc": FIRM, "unit_name": "宏润", "lon": 120.6, "lat": 31.31},
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def lake(tmp_path_factory):
    return resolved_lake(tmp_path_factory.mktemp("kinds"), ROWS)


def members(lake, kind):
    """Row with role, and entity, of each mention of a kind: by dataset and place in it."""
    views = open_views(lake)
    try:
        lines = views.cursor().execute(
            "SELECT dataset, row, dataset || ':' || batch || ':' || row || ':' || part || ':'"
            " || role, entity_id FROM member WHERE kind = ? ORDER BY ALL",
            [kind],
        )
        return {(dataset, row): (text, entity) for dataset, row, text, entity in lines.fetchall()}
    finally:
        views.close()


CASES = {
    "person, name and phone": (
        "person", ("driver_permit", 1), ("manifest", 1), True, "joined", "phone", "equal",
    ),
    "person, a bare name": (
        "person", ("driver_permit", 1), ("waybill", 1), False, "refused_bare_name",
        "employer", "equal",
    ),
    "person, two numbers": (
        "person", ("driver_permit", 1), ("driver_permit", 2), False, "refused_different_codes",
        None, None,
    ),
    "person, nothing shared": (
        "person", ("driver_permit", 2), ("manifest", 2), False, "no_evidence", None, None,
    ),
    "vehicle, a misread": (
        "vehicle", ("vehicle", 1), ("checkpoint_pass", 1), True, "joined", "plate", "misread",
    ),
    "vehicle, another colour": (
        "vehicle", ("vehicle", 1), ("checkpoint_pass", 2), False, "refused_colour",
        "colour", "contradicts",
    ),
    "site, 220 m": ("site", ("permit", 1), ("permit", 2), True, "joined", "distance", "near"),
    "address, two districts": (
        "address", ("company", 1), ("company", 2), False, "refused_different_codes",
        "text", "equal",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("form", ["row", "entity"])
def test_why(case, form, lake):
    kind, a, b, is_same, reason, attribute, level = CASES[case]
    held = members(lake, kind)
    if form == "entity" and is_same:
        assert held[a][1] == held[b][1]
        return
    sides = [held[side][form == "entity"] for side in (a, b)]
    told = why(lake, *sides)
    assert (told.is_same, told.reason) == (is_same, reason)
    assert len(told.steps) == (attribute is not None)
    for step in told.steps:
        assert {p.attribute: p.level for p in step.parts}[attribute] == level
        assert step.bits == pytest.approx(step.prior_bits + sum(p.bits for p in step.parts))
        assert attribute_of(kind, attribute).levels[level]
    assert reason_zh(reason)


def test_a_way_over_several_records_is_shown_step_by_step(lake):
    held = members(lake, "site")
    told = why(lake, held["permit", 1][0], held["permit", 3][0])
    assert told.is_same
    assert [{p.attribute: p.level for p in s.parts}["distance"] for s in told.steps] == ["near"] * 2
    far = why(lake, held["permit", 1][0], held["permit", 4][0])
    assert (far.is_same, far.reason) == (False, "below_threshold")


def test_values_carry_the_level_at_which_they_came(lake):
    held = members(lake, "person")
    views = open_views(lake)
    try:
        told = explain_kind(
            views.cursor(), "person", held["driver_permit", 1][0], held["manifest", 1][0], {}
        )
    finally:
        views.close()
    said = {s.value: s.level for s in told.steps[0].said_a + told.steps[0].said_b}
    assert said[ONE] == said[MOBILE] == "L4"
    assert said["李明"] < "L4"


def test_a_judgement_is_given_as_the_reason(tmp_path):
    lake = resolved_lake(tmp_path, ROWS)
    held = members(lake, "person")
    sides = [held[side][0] for side in (("driver_permit", 2), ("manifest", 2))]
    rows = [side.rpartition(":") for side in sides]
    judged = Judgement(
        rows[0][0], rows[0][2], rows[1][0], rows[1][2], "same", "甲", "2026-11-01", ""
    )
    Registry(lake).judge(judged)
    resolve_again(lake)
    told = why(lake, *sides)
    assert (told.is_same, told.reason, told.steps) == (True, "judged", ())


@pytest.mark.parametrize(
    ("a", "b", "words"),
    [
        ("person:0000000000000000", "person:1111111111111111", "no stored records"),
        ("person:0000000000000000", "vehicle:1111111111111111", "different kinds"),
        (f"permit:{'b' * 64}:1:1:site", "person:1", "different kinds"),
        (f"driver_permit:{'b' * 64}:77:1:driver", "person:1", "names 0 entities"),
    ],
)
def test_what_cannot_be_explained(a, b, words, lake):
    with pytest.raises(ResolveError, match=words):
        why(lake, a, b)


def test_every_reason_has_words():
    assert all(reasons_zh().values())
    with pytest.raises(KeyError):
        reason_zh("nothing")
