"""Both stores alike: moments are kept in UTC and compare as moments, days as days."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from graph.client import GraphStore
from graph.writer import GraphWriter

SHANGHAI = timezone(timedelta(hours=8))
MOMENTS = [
    (datetime(2026, 10, 1, 8, 30), "2026-10-01T08:30:00Z"),
    (datetime(2026, 10, 1, 8, 30, tzinfo=UTC), "2026-10-01T08:30:00Z"),
    (datetime(2026, 10, 1, 8, 30, tzinfo=SHANGHAI), "2026-10-01T00:30:00Z"),
    (datetime(2026, 10, 1, 8, 30, 15, 123000), "2026-10-01T08:30:15.123000Z"),
    ("2026-10-01T00:30:00Z", "2026-10-01T00:30:00Z"),
    (None, None),
]


@pytest.mark.parametrize(("given", "kept"), MOMENTS)
def test_moments_come_back_as_utc(store: GraphStore, given: object, kept: object) -> None:
    GraphWriter(store).merge_nodes("Manifest", [{"id": "manifest:1", "handover_at": given}])
    assert store.read("MATCH (m:Manifest) RETURN m.handover_at AS at") == [{"at": kept}]


def test_moments_compare_as_moments_and_days_as_days(store: GraphStore) -> None:
    writer = GraphWriter(store)
    rows = [
        {"id": f"manifest:{h}", "handover_at": datetime(2026, 10, 1, h)} for h in range(0, 24, 6)
    ]
    writer.merge_nodes("Manifest", rows)
    found = store.read(
        "MATCH (m:Manifest) WHERE m.handover_at >= datetime($at) RETURN count(m) AS c",
        {"at": "2026-10-01T12:00:00Z"},
    )
    assert found == [{"c": 2}]
    writer.merge_nodes("Penalty", [{"id": "penalty:1", "decided_on": date(2026, 2, 28)}])
    assert store.read(
        "MATCH (p:Penalty) WHERE p.decided_on < date('2026-03-01') RETURN p.decided_on AS day"
    ) == [{"day": "2026-02-28"}]


def test_equal_moments_of_different_offsets_are_ordered_by_offset(store: GraphStore) -> None:
    # The trap behind the rule that all moments are stored, and asked for, in UTC.
    (row,) = store.read(
        "WITH datetime('2026-10-01T12:00:00Z') AS z, datetime('2026-10-01T20:00:00+08:00') AS east"
        " RETURN z < east AS less, z = east AS equal, z.epochMillis = east.epochMillis AS same"
    )
    assert row == {"less": True, "equal": False, "same": True}
