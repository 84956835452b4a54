"""HW-08, T1 to T4: licence, codes, methods and amount of the receiver; hits and look-alikes."""

from datetime import date, timedelta

import pytest

from tests.unit.analytics.licence_lake import CODE, OTHER_CODE, START, Lake, ended, found

CASES: dict[str, tuple[Lake, dict[str, int]]] = {
    # T1
    "no licence": (Lake("licence").ship(), {"T1": 1}),
    "licence over for 200 days": (
        Lake("licence").license(valid_to=ended(200)).ship(),
        {"T1": 1},
    ),
    "licence over for 31 days": (Lake("licence").license(valid_to=ended(31)).ship(), {"T1": 1}),
    "over for 30 days, feed may lag": (
        Lake("licence").license(valid_to=ended(30)).ship(),
        {"T1": 3},
    ),
    "over, the manifest cites a number the register does not know": (
        Lake("licence").license(valid_to=ended(30)).ship(licence_no="JS-r-neu"),
        {},
    ),
    "the same a day later": (
        Lake("licence").license(valid_to=ended(31)).ship(licence_no="JS-r-neu"),
        {"T1": 1},
    ),
    "last day of the licence": (Lake("licence").license(valid_to=ended(0)).ship(), {}),
    "renewed in time": (
        Lake("licence")
        .license(valid_to=ended(1))
        .license(valid_from=ended(0), issued_on=ended(9))
        .ship(),
        {},
    ),
    "not yet valid": (Lake("licence").license(valid_from=date(2026, 10, 6)).ship(), {"T1": 1}),
    "not yet valid, issued long before: a predecessor was not delivered": (
        Lake("licence").license(valid_from=date(2026, 10, 6), issued_on=date(2021, 10, 6)).ship(),
        {},
    ),
    "revoked": (Lake("licence").license(status="吊销").ship(), {"T1": 1}),
    "revoked after the acceptance": (
        Lake("licence").license(status="吊销", source_updated_at=START + timedelta(days=3)).ship(),
        {},
    ),
    "register does not cover the receiver's province": (
        Lake("licence").ship(receiver_division="330100", scope="省内"),
        {},
    ),
    "refused load": (Lake("licence").ship(decision="拒绝", status="已拒绝"), {}),
    "cancelled manifest": (Lake("licence").ship(status="作废"), {}),
    # T2
    "code outside": (Lake().ship(code="900-249-08"), {"T2": 1}),
    "one code of the category only": (
        Lake("licence")
        .license(items=[{"category": "HW17", "waste_code": "336-054-17", "method": "R4"}])
        .ship(),
        {"T2": 1},
    ),
    "that code": (
        Lake("licence")
        .license(items=[{"category": "HW17", "waste_code": CODE, "method": "R4"}])
        .ship(),
        {},
    ),
    "no lines of the licence delivered": (Lake("licence").license(items=[]).ship(), {}),
    "code of a newer catalogue in a held category": (
        Lake("licence")
        .license(items=[{"category": "HW17", "waste_code": "336-054-17", "method": "R4"}])
        .ship(
            item={
                "flags": [
                    {"column": "waste_code", "code": "unknown_code", "raw": "", "qualifier": ""}
                ]
            }
        ),
        {},
    ),
    "malformed code": (
        Lake().ship(
            code="废油",
            item={
                "flags": [{"column": "waste_code", "code": "bad_code", "raw": "", "qualifier": ""}]
            },
        ),
        {},
    ),
    "collection pilot": (
        Lake("licence").license(kind="收集试点", mode="收集").ship(code="900-249-08", method="C5"),
        {},
    ),
    "approved trial operation": (
        Lake("licence").license(kind="试生产").ship(code="900-249-08"),
        {},
    ),
    # T3
    "method outside": (Lake().ship(method="D10"), {"T3": 1}),
    "other licensed method": (Lake().ship(method="D9"), {}),
    "method not stated": (Lake().ship(method=None), {}),
    "words against the mode of the licence": (
        Lake("licence")
        .license(mode="利用", items=[{"category": "HW17", "method": ""}])
        .ship(method="处置"),
        {"T3": 1},
    ),
    # T4
    "89 % of the year": (Lake().ship(tonnes=890.0), {}),
    "90 %": (Lake().ship(tonnes=450.0).ship(2, tonnes=450.0), {"T4": 3}),
    "105 %": (Lake().ship(tonnes=1050.0), {"T4": 2}),
    "121 %": (Lake().ship(tonnes=1210.0), {"T4": 1}),
    "licence begins in July: half the amount": (
        Lake("licence").license(valid_from=date(2026, 7, 1)).ship(tonnes=610.0),
        {"T4": 1},
    ),
    "renewed in July: the whole amount": (
        Lake("licence").license().license(valid_from=date(2026, 7, 1)).ship(tonnes=610.0),
        {},
    ),
    "small line of a large licence": (
        Lake("licence")
        .license(items=[{"category": "HW17", "method": "R4", "licensed_t_a": 100.0}])
        .ship(tonnes=130.0),
        {"T4": 1},
    ),
    "lines that share one amount": (
        Lake("licence")
        .license(
            items=[
                {"category": c, "method": "R4", "licensed_t_a": 100.0, "shared_group": "合并1"}
                for c in ("HW17", "HW49")
            ]
        )
        .ship(tonnes=70.0)
        .ship(1, tonnes=70.0, code=OTHER_CODE),
        {"T4": 1},
    ),
    "amount of the year before does not count": (
        Lake().ship(-300, tonnes=800.0).ship(tonnes=800.0),
        {},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_grades(name: str) -> None:
    lake, expected = CASES[name]
    assert found(lake) == expected
