"""HW-08: an exempt use frees the receiver, an exempt transport the carrier, and nothing else."""

import pytest

from analytics.exemptions import exempt_steps
from tests.unit.analytics.licence_lake import OTHER_CODE, Lake, found

CASES: dict[str, tuple[Lake, dict[str, int]]] = {
    "acid for use, no licence at all": (
        Lake("licence").ship(code="900-300-34", method="R6", item={"hazards": "C"}),
        {},
    ),
    "acid for disposal": (
        Lake("licence").ship(code="900-300-34", method="D9", item={"hazards": "C"}),
        {"T1": 1},
    ),
    "acid that is toxic too": (
        Lake("licence").ship(code="900-300-34", method="R6", item={"hazards": "C、T"}),
        {"T1": 1},
    ),
    "exempt use keeps the carrier tests": (
        Lake("licence", "carrier").ship(code="900-300-34", method="R6", item={"hazards": "C"}),
        {"T5": 2},
    ),
    "exempt transport keeps the receiver tests": (
        Lake("licence", "carrier", "fleet").ship(code="900-052-31"),
        {"T1": 1},
    ),
    "baled iron drums for melting": (
        Lake("licence").ship(code="900-249-08", item={"waste_name": "废铁质油桶"}),
        {},
    ),
    "waste oil of the same code": (Lake("licence").ship(code="900-249-08"), {"T1": 1}),
    "cloths on a manifest were collected separately": (
        Lake("licence").ship(code=OTHER_CODE, method="D10"),
        {"T1": 1},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_grades(name: str) -> None:
    lake, expected = CASES[name]
    assert found(lake) == expected


def test_exemptions_hold_per_step_and_only_where_a_row_can_prove_them() -> None:
    steps = exempt_steps()
    battery = steps.filter(steps["code"] == "900-052-31")["step"].to_list()
    assert battery == ["transport"]
    acid = steps.filter(steps["category"] == "HW34")
    assert acid["step"].to_list() == ["use"]
    assert acid["is_corrosive_only"].to_list() == [True]
    assert steps.filter(steps["code"].is_in(["900-041-49", "any", "event"])).is_empty()
