"""Numbers: what is accepted, what is stored, what is noticed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.values import number
from tests.unit.ingest.column_reading import column, read


@pytest.mark.parametrize(
    ("text", "value", "code", "qualifier", "unit"),
    [
        ("12.5", 12.5, "", "", ""),
        ("1,200", 1200.0, "", "", ""),
        ("1,234,567.89", 1234567.89, "", "", ""),
        ("1.2E3", 1200.0, "", "", ""),
        ("1.2×10^3", 1200.0, "", "", ""),
        ("1.2 x 10^-3", 0.0012, "", "", ""),
        ("-3", -3.0, "", "", ""),
        ("+3", 3.0, "", "", ""),
        (".5", 0.5, "", "", ""),
        ("12.5吨", 12.5, "", "", "吨"),
        ("12.5 kg", 12.5, "", "", "kg"),
        ("13%", 13.0, "", "", "%"),
        ("<0.05", 0.05, "below_detection", "<", ""),
        ("0.05L", 0.05, "below_detection", "<", ""),
        ("< 0.05mg/L", 0.05, "below_detection", "<", "mg/L"),
        ("ND", None, "below_detection", "<", ""),
        ("未检出", None, "below_detection", "<", ""),
        (">100", 100.0, "qualified", ">", ""),
        ("≥100", 100.0, "qualified", ">", ""),
        ("约3", 3.0, "qualified", "≈", ""),
        ("12,5吨", None, "bad_number", "", ""),
        ("1,23", None, "bad_number", "", ""),
        ("十二吨半", None, "bad_number", "", ""),
        ("6-9", None, "bad_number", "", ""),
        ("1.2.3", None, "bad_number", "", ""),
        ("待补", None, "bad_number", "", ""),
    ],
)
def test_numbers(text: str, value: float | None, code: str, qualifier: str, unit: str) -> None:
    found = number.parse_number(text, "t")
    assert (found.value, found.code, found.qualifier, found.unit) == (value, code, qualifier, unit)


def test_litres_are_a_unit_where_volumes_are_stored() -> None:
    assert number.parse_number("500L", "m3").unit == "L"
    assert number.parse_number("免税", "%").value == 0.0
    assert number.parse_number("免税", "%").code == "qualified"
    assert number.parse_number("免税", "t").code == "bad_number"


@given(st.floats(-1e12, 1e12, allow_nan=False).map(lambda x: round(x, 6)))
def test_numbers_with_thousands_read_back(value: float) -> None:
    assert number.parse_number(f"{value:,.6f}", "t").value == pytest.approx(value, abs=1e-6)
    assert number.parse_number(f"{value!r}吨", "t").value == value


@given(st.text(st.sampled_from("0123456789.,eE+-<>L吨%kg ×^"), max_size=12))
def test_no_text_breaks_the_reading_of_numbers(text: str) -> None:
    """Odd texts give a code, the column and the single reader agree, and nothing is infinite."""
    [(value, _, _)] = read(column("float", unit="t"), text)
    assert value is None or (isinstance(value, float) and abs(value) < float("inf"))


@pytest.mark.parametrize(
    ("text", "value", "code"),
    [
        ("12", 12, ""),
        ("12.0", 12, ""),
        ("1,200", 1200, ""),
        ("3个", 3, ""),
        ("3 吨桶", 3, ""),
        ("12.5", None, "bad_number"),
        ("x", None, "bad_number"),
    ],
)
def test_whole_numbers(text: str, value: int | None, code: str) -> None:
    assert read(column("int"), text) == [(value, code, "")]
