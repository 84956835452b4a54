"""HW-08, T8 and T9: approvals across provinces, and the place of acceptance."""

from datetime import date

import pytest

from tests.unit.analytics.licence_lake import CODE, SITE, Lake, Row, found, org

APPROVAL = {
    "approval_no": "SZ-1",
    "waste_code": CODE,
    "shipper_uscc": "x",
    "receiver_uscc": "y",
    "shipper_entity": org("g"),
    "receiver_entity": org("r"),
    "from_division": "320500",
    "approved_t": 20.0,
    "approved_on": date(2026, 3, 1),
    "valid_to": date(2027, 2, 28),
}
FAR: Row = {"receiver_division": "330100", "scope": "跨省"}


def flag(column: str, code: str) -> dict[str, str]:
    return {"column": column, "code": code, "raw": "", "qualifier": ""}


CASES: dict[str, tuple[Lake, dict[str, int]]] = {
    # T8
    "across provinces with approval": (
        Lake("licence")
        .license(division_code="330100")
        .add("transfer_approval", **APPROVAL)
        .ship(approval_no="SZ-1", **FAR),
        {},
    ),
    "across provinces without": (
        Lake().add("transfer_approval", **APPROVAL | {"receiver_entity": org("z")}).ship(**FAR),
        {"T8": 1},
    ),
    "approval over": (
        Lake()
        .add("transfer_approval", **APPROVAL | {"valid_to": date(2026, 10, 4)})
        .ship(approval_no="SZ-1", **FAR),
        {"T8": 1},
    ),
    "approval of more than twelve months": (
        Lake()
        .add("transfer_approval", **APPROVAL | {"approved_on": date(2025, 10, 1)})
        .ship(approval_no="SZ-1", **FAR),
        {"T8": 1},
    ),
    "more than was approved": (
        Lake()
        .add("transfer_approval", **APPROVAL)
        .ship(approval_no="SZ-1", **FAR)
        .ship(1, approval_no="SZ-1", **FAR)
        .ship(2, approval_no="SZ-1", **FAR),
        {"T8": 1},
    ),
    "approvals of neither province delivered": (Lake().ship(**FAR), {}),
    "approvals of the receiving province delivered": (
        Lake()
        .add(
            "transfer_approval",
            **APPROVAL
            | {"from_division": "340100", "to_division": "330100", "receiver_entity": org("z")},
        )
        .ship(**FAR),
        {"T8": 1},
    ),
    # T9
    "accepted 1.1 km away": (Lake().ship(receiver_lat=SITE[1] + 0.0101), {"T9": 1}),
    "accepted 0.9 km away": (Lake().ship(receiver_lat=SITE[1] + 0.0081), {}),
    "position without a known system": (
        Lake().ship(
            receiver_lat=SITE[1] + 0.5,
            flags=[flag("receiver_lat", "crs_unknown")],
        ),
        {},
    ),
    "second licensed site": (
        Lake().license(number="JS-r2", lat=SITE[1] + 0.5).ship(receiver_lat=SITE[1] + 0.5),
        {},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_grades(name: str) -> None:
    lake, expected = CASES[name]
    assert found(lake) == expected
