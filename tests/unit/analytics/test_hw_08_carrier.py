"""HW-08, T5 to T7: licence, vehicles and crew of the carrier; hits and look-alikes."""

import pytest

from tests.unit.analytics.licence_lake import Lake, ended, found, org

CASES: dict[str, tuple[Lake, dict[str, int]]] = {
    "no carrier licence": (Lake("carrier").ship(), {"T5": 2}),
    "ordinary goods only": (
        Lake("carrier").carrier(scope="道路普通货物运输(危险货物除外)").ship(),
        {"T5": 2},
    ),
    "carrier of a province that is not covered": (
        Lake("carrier").ship(carrier_entity=org("far"), driver_id=None, escort_id=None),
        {},
    ),
    "truck permit over for 10 days": (
        Lake("fleet").fleet(truck={"valid_to": ended(10)}).ship(),
        {"T6": 3},
    ),
    "truck permit over for 31 days": (
        Lake("fleet").fleet(truck={"valid_to": ended(31)}).ship(),
        {"T6": 2},
    ),
    "yearly check of the trailer missed": (
        Lake("fleet").fleet(trailer={"inspected_to": ended(200)}).ship(),
        {"T6": 2},
    ),
    "trailer without permit": (Lake().ship(trailer_plate="苏A9999挂"), {"T6": 2}),
    "a truck's plate does not stand for a trailer": (
        Lake().ship(trailer_plate="苏A12345"),
        {"T6": 2},
    ),
    "plate unread": (Lake().ship(plate="UNREAD", trailer_plate=None), {}),
    "plate of a province that is not covered": (
        Lake().ship(plate="浙A12345", trailer_plate=None),
        {},
    ),
    "driver's certificate over for 10 days": (
        Lake("fleet").fleet(driver={"valid_to": ended(10)}).ship(),
        {"T7": 3},
    ),
    "driver holds an escort's certificate": (
        Lake("fleet").fleet(driver={"kind": "道路危险货物押运"}).ship(),
        {"T7": 2},
    ),
    "unknown driver": (Lake().ship(driver_person="person:9", driver_id="9"), {"T7": 2}),
    "driver known by the waybill's certificate": (
        Lake()
        .ship(driver_person="person:9", driver_id="9")
        .add("waybill", waybill_no="W", manifest_no="20263205000000", driver_permit_no="D1"),
        {},
    ),
    "driver named without a number": (Lake().ship(driver_person=None, driver_id=None), {}),
    "second leg by an unlicensed carrier": (
        Lake()
        .ship()
        .add(
            "manifest_leg",
            manifest_no="20263205000000",
            leg_no=2,
            carrier_name="g公司",
            carrier_entity=org("g"),
        ),
        {"T5": 2},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_grades(name: str) -> None:
    lake, expected = CASES[name]
    assert found(lake) == expected


def test_carrier_cases_name_the_carrier() -> None:
    (draft,) = Lake("carrier").ship().drafts()
    assert draft.identity == (org("c"),)
    assert [(s.role, s.entity_id) for s in draft.subjects] == [
        ("carrier", org("c")),
        ("generator", org("g")),
        ("receiver", org("r")),
    ]
    assert draft.legal_refs == ("CODE-537", "TRM-11")


def test_vehicles_and_crew_are_named_where_the_test_is_about_them() -> None:
    (draft,) = (
        Lake("fleet")
        .fleet(truck={"valid_to": ended(90)})
        .ship(vehicle_vehicle="vehicle:1")
        .drafts()
    )
    named = [(s.kind, s.entity_id, s.ids) for s in draft.subjects if s.kind != "organization"]
    assert named == [("vehicle", "vehicle:1", {"plate": "苏A12345"})]
    (draft,) = Lake("fleet").fleet(driver={"valid_to": ended(90)}).ship().drafts()
    assert [(s.role, s.name) for s in draft.subjects if s.kind == "person"] == [("driver", "甲")]
