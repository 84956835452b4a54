"""What crosses the wire to and from the store."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import neo4j.time
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from neo4j.spatial import WGS84Point

from graph.errors import BadRow
from graph.values import from_wire, iso, to_wire

EAST = timezone(timedelta(hours=8))
OUT = [
    (datetime(2026, 1, 1, 8), "2026-01-01T08:00:00Z"),
    (datetime(2026, 1, 1, 8, tzinfo=UTC), "2026-01-01T08:00:00Z"),
    (datetime(2026, 1, 1, 8, tzinfo=EAST), "2026-01-01T00:00:00Z"),
    (date(2026, 1, 1), "2026-01-01"),
    (Decimal("1.25"), 1.25),
    (np.int64(3), 3),
    (np.array([1.5, 2.5]), [1.5, 2.5]),
    (("a", None, True), ["a", None, True]),
]


@pytest.mark.parametrize(("value", "wire"), OUT)
def test_to_the_store(value: object, wire: object) -> None:
    assert to_wire({"x": [value]})[0] == {"x": [wire]}


@pytest.mark.parametrize("value", [float("nan"), float("inf"), b"x", {1, 2}, object()])
def test_what_no_store_holds_is_refused(value: object) -> None:
    with pytest.raises(BadRow):
        to_wire([value])


BACK = [
    (neo4j.time.DateTime(2026, 1, 1, 8, 0, 0, tzinfo=UTC), "2026-01-01T08:00:00Z"),
    (neo4j.time.DateTime(2026, 1, 1, 8, 0, 0, tzinfo=EAST), "2026-01-01T00:00:00Z"),
    (neo4j.time.Date(2026, 1, 1), "2026-01-01"),
    (neo4j.time.Duration(days=2), "P2D"),
    (WGS84Point((120.5, 31.25)), [120.5, 31.25]),
    ({"a": [neo4j.time.Date(2026, 1, 1), None]}, {"a": ["2026-01-01", None]}),
    (float("nan"), None),
    (True, True),
]


@pytest.mark.parametrize(("wire", "value"), BACK)
def test_from_the_store(wire: Any, value: object) -> None:
    assert from_wire(wire) == value


@given(st.datetimes(timezones=st.just(EAST)))
def test_moments_survive(moment: datetime) -> None:
    assert datetime.fromisoformat(iso(moment)) == moment


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)  # fmt: skip


@given(JSON)
def test_plain_values_go_and_come_unchanged(value: Any) -> None:
    wire, size = to_wire(value)
    assert from_wire(wire) == value
    assert size >= 1
