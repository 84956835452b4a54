"""Shared identifiers with their degree cap, and majority chains."""

from datetime import date
from typing import Any

import pytest

from analytics.affiliation import Affiliations, Ties, affiliations
from tests.unit.analytics.tables import make_inputs


def link(one: str, kind: str, other: str, pct: float | None = None) -> dict[str, Any]:
    properties = "{}" if pct is None else f'{{"pct": {pct}}}'
    return {
        "from_id": one,
        "type": kind,
        "to_id": other,
        "properties": properties,
        "sources": [f"company:{one}:1:1"],
    }


def known(links: list[dict[str, Any]], names: str = "ab") -> Affiliations:
    inputs = make_inputs({"relation": links}, date(2026, 10, 31))
    wanted = [f"org:{name}" for name in names]
    return affiliations(inputs.sql, wanted, degree_cap=20, majority_pct=50)


@pytest.mark.parametrize(
    ("links", "kind"),
    [
        ([link(f"org:{n}", "HAS_PHONE", "phone:1") for n in "ab"], "phone"),
        ([link(f"org:{n}", "LOCATED_AT", "address:1") for n in "ab"], "address"),
        ([link("person:1", "LEGAL_REP_OF", f"org:{n}") for n in "ab"], "controller"),
    ],
)
def test_shared_identifiers(links: list[dict[str, Any]], kind: str) -> None:
    (row,) = known(links).shared.iter_rows(named=True)
    assert (row["organization"], row["other"]) == ("org:a", "org:b")
    assert (row["kind"], row["degree"]) == (kind, 2)


@pytest.mark.parametrize(("others", "expected"), [(18, 1), (19, 0)])
def test_degree_cap(others: int, expected: int) -> None:
    firms = ["org:a", "org:b", *(f"org:x{i}" for i in range(others))]
    shared = known([link(firm, "HAS_PHONE", "phone:1") for firm in firms]).shared
    assert shared.height == expected


@pytest.mark.parametrize(
    ("links", "expected"),
    [
        ([link("person:1", "SHAREHOLDER_OF", f"org:{n}", 50) for n in "ab"], True),
        ([link("person:1", "SHAREHOLDER_OF", f"org:{n}", 49) for n in "ab"], False),
        ([link("org:a", "SHAREHOLDER_OF", "org:b", 60)], True),
        (
            [
                link("org:h", "SHAREHOLDER_OF", "org:a", 60),
                link("person:1", "SHAREHOLDER_OF", "org:h", 80),
                link("person:1", "SHAREHOLDER_OF", "org:b", 100),
            ],
            True,
        ),
        (
            [
                link("org:a", "SHAREHOLDER_OF", "org:b", 60),
                link("org:b", "SHAREHOLDER_OF", "org:a", 60),
            ],
            True,
        ),
        ([], False),
    ],
    ids=["half", "under half", "parent", "chain", "circle", "strangers"],
)
def test_one_group(links: list[dict[str, Any]], expected: bool) -> None:
    assert Ties(known(links)).is_one_group(["org:a", "org:b"]) is expected
