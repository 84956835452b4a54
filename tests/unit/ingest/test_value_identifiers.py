"""Codes and numbers of firms, persons, phones, vehicles, wastes and divisions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.values import identifiers
from tests.unit.ingest.column_reading import column, read


@pytest.mark.parametrize(
    ("text", "value", "code"),
    [
        ("91130200699229617X", "91130200699229617X", ""),
        ("91130200699229617x", "91130200699229617X", ""),
        ("9113 0200-699229617X", "91130200699229617X", ""),
        ("9I130200699229617X", "91130200699229617X", "repaired_confusable"),
        ("9113O2OO699229617X", "91130200699229617X", "repaired_confusable"),
        ("911302006992296170", "911302006992296170", "bad_checksum"),
        ("9I1302006992296170", "9I1302006992296170", "bad_checksum"),
        ("699229617", "699229617", "legacy_id"),
        ("320500000000123", "320500000000123", "legacy_id"),
        ("11010519491231002X", "11010519491231002X", ""),
        ("待补", None, "bad_format"),
        ("9113020069922961", None, "bad_format"),
        ("9.11302E+17", None, "lost_precision"),
    ],
)
def test_credit_codes(text: str, value: str | None, code: str) -> None:
    assert read(column("uscc"), text) == [(value, code, "")]


@pytest.mark.parametrize(
    ("text", "value", "code"),
    [
        ("11010519491231002X", "11010519491231002X", ""),
        ("440524188001010014", "440524188001010014", ""),
        ("11010519491231002x", "11010519491231002X", ""),
        ("110105194912310021", "110105194912310021", "bad_checksum"),
        ("110105194913310028", "110105194913310028", "bad_checksum"),
        ("130503670401001", "130503670401001", "legacy_id"),
        ("3205**********1234", "3205**********1234", "masked"),
        ("3.20599E+17", None, "lost_precision"),
        ("12345", None, "bad_format"),
    ],
)
def test_id_numbers(text: str, value: str | None, code: str) -> None:
    assert read(column("person_id"), text) == [(value, code, "")]


@given(st.text(st.sampled_from("0123456789ABCDEFGHJKLMNPQRTUWXY"), min_size=17, max_size=17))
def test_exactly_one_check_sign_makes_a_credit_code_valid(body: str) -> None:
    """The column check and the single one agree on all 31 signs."""
    signs = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    valid = [sign for sign in signs if identifiers.is_valid_uscc(body + sign)]
    assert len(valid) == 1
    found = read(column("uscc"), *(body + sign for sign in signs))
    for sign, (value, code, _) in zip(signs, found, strict=True):
        assert value == body + sign
        is_person = identifiers.is_valid_person_id(body + sign)
        assert (code == "") == (sign in valid or is_person)


@pytest.mark.parametrize(
    ("text", "value", "code"),
    [
        ("13800000000", "13800000000", ""),
        ("138 0000-0000", "13800000000", ""),
        ("+8613800000000", "13800000000", ""),
        ("0512-68888888", "051268888888", ""),
        ("（0512）68888888转801", "051268888888", ""),
        ("138****0000", "138****0000", "masked"),
        ("123", None, "bad_format"),
        ("电话", None, "bad_format"),
    ],
)
def test_phones(text: str, value: str | None, code: str) -> None:
    assert read(column("phone"), text) == [(value, code, "")]


@pytest.mark.parametrize(
    ("text", "value", "code"),
    [
        ("苏A·12345", "苏A12345", ""),
        ("苏a•1234挂", "苏A1234挂", ""),
        ("苏A D12345", "苏AD12345", ""),
        ("苏AO1I23", "苏A01123", ""),
        ("无牌", "UNREAD", "unread_plate"),
        ("未识别", "UNREAD", "unread_plate"),
        ("车牌", "UNREAD", "unread_plate"),
        ("12345", "12345", "odd_plate"),
    ],
)
def test_plates(text: str, value: str, code: str) -> None:
    assert read(column("plate"), text) == [(value, code, "")]


@pytest.mark.parametrize(
    ("text", "value", "code"),
    [
        ("900-300-34", "900-300-34", ""),
        ("HW34 900-300-34", "900-300-34", ""),
        ("90030034", "900-300-34", ""),
        ("900-300-34(废酸)", "900-300-34", ""),
        ("900-000-34", "900-000-34", ""),
        ("999-999-99", "999-999-99", "unknown_code"),
        ("HW34", "HW34", "bad_code"),
    ],
)
def test_waste_codes(text: str, value: str, code: str) -> None:
    assert read(column("hw_code"), text) == [(value, code, "")]


@pytest.mark.parametrize(
    ("text", "value", "code"),
    [
        ("320583", "320583", ""),
        ("320583.0", "320583", ""),
        ("320583001002", "320583", ""),
        ("昆山市", "320583", ""),
        ("江苏省苏州市昆山市", "320583", ""),
        ("320999", "320999", "unknown_code"),
        ("310101", "310101", ""),
        ("火星", None, "bad_format"),
    ],
)
def test_divisions(text: str, value: str | None, code: str) -> None:
    assert read(column("division"), text) == [(value, code, "")]
