"""Which mentions are one site: an owner's places by distance and address, the others by number."""

import pytest

from tests.unit.ingest.resolve.conftest import code_of, entities_of

FIRM, OTHER = code_of(1), code_of(2)
LON, LAT = 120.6, 31.3
# Degrees of latitude that make about so many metres.
DEGREES = {"40 m": 0.00036, "280 m": 0.00252, "330 m": 0.00297, "900 m": 0.0081, "9 km": 0.081}


def plant(code=FIRM, north=0.0, address=None, **more):
    return {"uscc": code, "unit_name": "甲公司", "site_address": address, "lon": LON,
            "lat": LAT + north, "division_code": "320505", **more}  # fmt: skip


def entities(rows, root):
    return [entity for _, entity in sorted(entities_of({"permit": rows}, "site", root).items())]


@pytest.mark.parametrize(
    ("apart", "address", "is_one"),
    [
        ("40 m", None, True),
        ("280 m", None, True),
        ("330 m", None, False),
        ("900 m", None, False),
        ("900 m", "苏州市振兴路88号", True),
        ("9 km", "苏州市振兴路88号", True),
        ("9 km", None, False),
    ],
)
def test_distance_and_address(apart, address, is_one, tmp_path):
    rows = [plant(address=address), plant(north=DEGREES[apart], address=address)]
    assert (len(set(entities(rows, tmp_path))) == 1) == is_one


def test_two_firms_at_one_place_have_two_sites(tmp_path):
    assert len(set(entities([plant(), plant(OTHER)], tmp_path))) == 2


def test_mentions_without_any_place_are_the_only_one(tmp_path):
    bare = {"lon": None, "lat": None}
    rows = [plant(**bare), plant(**bare, unit_name="甲"), plant(north=DEGREES["40 m"])]
    first, second, placed = entities(rows, tmp_path)
    assert first == second != placed


def test_a_number_decides_whatever_the_distance(tmp_path):
    def place(number, north, name="堆场"):
        return {"place_id": number, "name": name, "lon": LON, "lat": LAT + north}

    rows = {"place": [place("1", 0.0), place("1", 0.08, "堆放点"), place("2", 0.0)]}
    found = entities_of(rows, "site", tmp_path)
    one, same, other = (found["place", n, "place", 0] for n in (1, 2, 3))
    assert one == same != other
