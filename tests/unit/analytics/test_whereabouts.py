"""What was seen of a trip, and whether anybody was looking."""

from datetime import date, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from analytics.whereabouts import TRIP_COLUMNS, Presence, WayRules, presence
from tests.unit.analytics.tables import make_inputs

LEFT, CAME = datetime(2026, 9, 1, 1), datetime(2026, 9, 1, 3)
RULES = WayRules(pad_h=2, detour_ratio=1.3, detour_km=5, overlap_min=30)
TRIP = {
    "trip": 7,
    "vehicle": "vehicle:1",
    "manifest_no": "1",
    "source": "org:a",
    "target": "org:b",
    "departed_at": LEFT,
    "arrived_at": CAME,
    "from_lon": 120.0,
    "from_lat": 31.0,
    "to_lon": 120.5,
    "to_lat": 31.0,
}


def seen(tables: dict[str, list[dict[str, Any]]], **trip: Any) -> Presence:
    inputs = make_inputs(tables, date(2026, 10, 31))
    return presence(inputs.sql, pl.DataFrame([TRIP | trip], schema=TRIP_COLUMNS), RULES)


def camera(lon: float, vehicle: str, hour: float) -> dict[str, list[dict[str, Any]]]:
    at = datetime(2026, 9, 1) + timedelta(hours=hour)
    return {
        "checkpoint": [{"checkpoint_no": "c", "lon": lon, "lat": 31.0}],
        "checkpoint_pass": [
            {
                "checkpoint_no": "c",
                "passed_at": at,
                "plate": "苏A1",
                "plate_kind": "01",
                "vehicle_vehicle": vehicle,
            }
        ],
    }


@pytest.mark.parametrize(
    ("lon", "vehicle", "hour", "awake", "count"),
    [
        (120.2, "vehicle:1", 2, 1, 1),
        (120.2, "vehicle:2", 2, 1, 0),
        (121.5, "vehicle:1", 2, 0, 0),
        (120.2, "vehicle:1", 9, 0, 0),
    ],
    ids=["seen", "another truck only", "far off the way", "too late"],
)
def test_cameras(lon: float, vehicle: str, hour: float, awake: int, count: int) -> None:
    row = seen(camera(lon, vehicle, hour)).trips.row(0, named=True)
    assert (row["awake"], row["checkpoint_pass"]) == (awake, count)


@pytest.mark.parametrize(
    ("lat", "hours", "awake"),
    [(31.2, [2], 1), (31.22, [2], 0), (31.0, [0, 1, 2, 3], 1), (31.0, [9, 2], 1), (31.0, [], 0)],
    ids=["beside the way", "too far beside it", "many passes", "first pass too late", "asleep"],
)
def test_cameras_awake_on_the_way(lat: float, hours: list[int], awake: int) -> None:
    tables = camera(120.25, "vehicle:2", 2)
    tables["checkpoint"][0]["lat"] = lat
    (one,) = tables["checkpoint_pass"]
    tables["checkpoint_pass"] = [
        one | {"passed_at": datetime(2026, 9, 1) + timedelta(hours=hour)} for hour in hours
    ]
    assert seen(tables).trips["awake"].to_list() == [awake]


def test_a_camera_counts_for_the_trips_of_its_own_time() -> None:
    later = timedelta(days=3)
    trips = [TRIP, TRIP | {"trip": 8, "departed_at": LEFT + later, "arrived_at": CAME + later}]
    inputs = make_inputs(camera(120.2, "vehicle:2", 2), date(2026, 10, 31))
    found = presence(inputs.sql, pl.DataFrame(trips, schema=TRIP_COLUMNS), RULES)
    assert found.trips.select("trip", "awake").rows() == [(7, 1), (8, 0)]


def test_without_positions_coverage_is_unknown() -> None:
    row = seen(camera(120.2, "vehicle:1", 2), to_lon=None).trips.row(0, named=True)
    assert row["awake"] is None
    assert row["checkpoint_pass"] == 1


def test_tolls_gates_and_positions_count() -> None:
    truck = {"plate": "苏A1", "vehicle_vehicle": "vehicle:1"}
    found = seen(
        {
            "toll_trip": [truck | {"pass_no": "p", "in_at": LEFT, "out_at": CAME}],
            "gate_pass": [
                truck | {"gate_no": "g", "passed_at": CAME, "owner_entity": "org:b"},
                truck | {"gate_no": "h", "passed_at": CAME, "owner_entity": "org:x"},
            ],
            "gps_point": [truck | {"located_at": LEFT, "lon": 120.1, "lat": 31.0}],
        }
    )
    row = found.trips.row(0, named=True)
    assert (row["toll_trip"], row["gate_pass"], row["gps_point"]) == (1, 1, 1)
    assert found.rows["dataset"].to_list() == ["gate_pass", "gps_point", "toll_trip"]
    assert found.rows["trip"].to_list() == [7, 7, 7]


def manifest(number: str, way: str, left: datetime, came: datetime | None) -> dict[str, Any]:
    return {
        "manifest_no": number,
        "shipper_name": way[0],
        "receiver_name": way[1],
        "shipper_entity": f"org:{way[0]}",
        "receiver_entity": f"org:{way[1]}",
        "handover_at": left,
        "departed_at": left,
        "arrived_at": came,
        "vehicle_vehicle": "vehicle:1",
    }


@pytest.mark.parametrize(
    ("way", "shift_min", "came", "expected"),
    [
        ("cd", 0, True, 1),
        ("cd", 89, True, 1),
        ("cd", 91, True, 0),
        ("cb", 0, True, 0),
        ("bc", 0, True, 0),
        ("cd", 0, False, 0),
    ],
    ids=["same time", "31 min", "29 min", "same receiver", "next leg", "arrival unknown"],
)
def test_overlapping_trips(way: str, shift_min: int, came: bool, expected: int) -> None:
    shift = timedelta(minutes=shift_min)
    other = manifest("2", way, LEFT + shift, CAME + shift if came else None)
    found = seen({"manifest": [manifest("1", "ab", LEFT, CAME), other]})
    assert found.overlaps.height == expected
