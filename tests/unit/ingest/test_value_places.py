"""Degrees, datums and geometries."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.values import coordinate, geometry


@pytest.mark.parametrize(
    ("text", "value", "code"),
    [
        ("119.305556", 119.305556, ""),
        ("119°18'20\"", 119.3055556, ""),
        ("119°18′20″", 119.3055556, ""),
        ("119度18分20秒", 119.3055556, ""),
        ("119305556", 119.305556, ""),
        ("-0.5", -0.5, ""),
        ("999", None, "out_of_range"),
        ("东经", None, "bad_number"),
    ],
)
def test_degrees(text: str, value: float | None, code: str) -> None:
    found = coordinate.parse_degrees(text, 180.0)
    assert (found.value, found.code) == (value, code)


@given(st.floats(73.6, 135), st.floats(18.2, 53.5))
def test_the_way_back_from_shifted_datums_is_good_to_a_metre(lon: float, lat: float) -> None:
    east, north = coordinate._shift(np.array([lon]), np.array([lat]))
    x, y = coordinate.from_gcj02(np.array([lon + east[0]]), np.array([lat + north[0]]))
    assert abs(x[0] - lon) < 1e-5
    assert abs(y[0] - lat) < 1e-5


@pytest.mark.parametrize(
    ("text", "is_good"),
    [
        ("POINT(120.5 31.3)", True),
        ("POINT (120.5 31.3)", True),
        ("linestring(1 2, 3 4)", True),
        ("POLYGON((0 0, 1 0, 1 1, 0 0),(0.2 0.2, 0.3 0.2, 0.3 0.3, 0.2 0.2))", True),
        ("MULTIPOLYGON(((0 0,1 0,1 1,0 0)),((2 2,3 2,3 3,2 2)))", True),
        ("POINT(120.5)", False),
        ("POLYGON((0 0, 1 0)", False),
        ("CIRCLE(1 2)", False),
    ],
)
def test_geometries(text: str, is_good: bool) -> None:
    found = geometry.parse_wkt(text)
    assert (found.value, found.code) == ((text, "") if is_good else (None, "bad_geometry"))
