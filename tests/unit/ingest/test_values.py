"""Every type of value: what is accepted, what is stored, what is noticed."""

from datetime import date, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.values import coordinate, geometry, identifiers, moment, number
from ingest.values.columns import Cells, typed
from ingest.values.parsed import clean, nulled
from records.contract import Column, EnumValue


def column(base: str, *, unit: str = "", enum: tuple[EnumValue, ...] = ()) -> Column:
    return Column("d", "c", "列", (), base, enum, unit, False, 0, "L1", "", "")


def read(column_: Column, *texts: str | None) -> list[tuple[object, str, str]]:
    """As the intake reads a column: cleaned, null tokens gone, typed."""
    words = column_.base_type != "text"
    cells = (
        pl.DataFrame({"t": pl.Series(texts, dtype=pl.String)})
        .select(nulled(clean(pl.col("t")), with_words=words))
        .to_series()
    )
    return typed(column_, Cells(cells)).select("value", "code", "qualifier").rows()


@pytest.mark.parametrize(
    "token", ["", " ", "-", "--", "—", "/", "\\", "null", "NULL", "N/A", "#N/A", "NaN"]
)
def test_null_tokens_are_whole_cells_of_any_type(token: str) -> None:
    assert read(column("text"), token, token + "x")[0][0] is None
    assert read(column("float"), token) == [(None, "", "")]
    assert read(column("text"), f"a{token}b")[0][0] == f"a{token}b".replace("  ", " ")


@pytest.mark.parametrize("token", ["无", "暂无", "空"])
def test_words_are_null_for_types_other_than_text(token: str) -> None:
    assert read(column("text"), token) == [(token, "", "")]
    assert read(column("float"), token) == [(None, "", "")]


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        ("　１２．５ｔ　", "12.5t"),
        ("a \n b", "a b"),
        ('="0123"', "0123"),
        ("'0123", "0123"),
        ("\t0123", "0123"),
        ("（甲）", "(甲)"),
    ],
)
def test_cells_are_cleaned(raw: str, cleaned: str) -> None:
    assert pl.select(clean(pl.lit(raw))).item() == cleaned


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


@pytest.mark.parametrize(
    ("text", "value", "code", "qualifier"),
    [
        ("2026-03-01", date(2026, 3, 1), "", ""),
        ("2026/3/1", date(2026, 3, 1), "", ""),
        ("2026.3.1", date(2026, 3, 1), "", ""),
        ("20260301", date(2026, 3, 1), "", ""),
        ("2026年3月1日", date(2026, 3, 1), "", ""),
        ("2026-03-01 08:00:00", date(2026, 3, 1), "", ""),
        ("2026-03-01T08:00:00Z", date(2026, 3, 1), "", ""),
        ("46082", date(2026, 3, 1), "", ""),
        ("46082.5", date(2026, 3, 1), "", ""),
        ("长期", None, "qualified", "open_end"),
        ("永久", None, "qualified", "open_end"),
        ("9999-12-31", None, "qualified", "open_end"),
        ("2024-01-01至2028-12-31", date(2028, 12, 31), "", "range"),
        ("2024-01-01~2028-12-31", date(2028, 12, 31), "", "range"),
        ("2024年1月1日 至 2028年12月31日", date(2028, 12, 31), "", "range"),
        ("2024.01.01-2028.12.31", date(2028, 12, 31), "", "range"),
        ("20240101-20281231", date(2028, 12, 31), "", "range"),
        ("2024-01-01至长期", None, "qualified", "open_end"),
        ("2026-02-30", None, "bad_date", ""),
        ("26-03-01", None, "bad_date", ""),
        ("01/03/2026", None, "bad_date", ""),
        ("1899-12-31", None, "bad_date", ""),
        ("2101-01-01", None, "bad_date", ""),
        ("三月一日", None, "bad_date", ""),
    ],
)
def test_days(text: str, value: date | None, code: str, qualifier: str) -> None:
    assert read(column("date"), text) == [(value, code, qualifier)]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("2024-01-01至2028-12-31", date(2024, 1, 1)),
        ("2024.1.1-长期", date(2024, 1, 1)),
        ("2024-01-01", None),
        ("长期", None),
    ],
)
def test_starts_of_ranges(text: str, first: date | None) -> None:
    assert moment.range_start(text) == first


@pytest.mark.parametrize(
    ("text", "local", "code"),
    [
        ("2026-03-01 08:00:00", datetime(2026, 3, 1, 8), ""),
        ("2026-03-01 08:00:00.250", datetime(2026, 3, 1, 8, 0, 0, 250_000), ""),
        ("2026/3/1 8:00", datetime(2026, 3, 1, 8), ""),
        ("2026年3月1日 8:00:05", datetime(2026, 3, 1, 8, 0, 5), ""),
        ("2026.3.1 8:00", datetime(2026, 3, 1, 8), ""),
        ("20260301080000", datetime(2026, 3, 1, 8), ""),
        ("202603010800", datetime(2026, 3, 1, 8), ""),
        ("2026-03-01T08:00:00", datetime(2026, 3, 1, 8), ""),
        ("2026-03-01T00:00:00Z", datetime(2026, 3, 1, 8), ""),
        ("2026-03-01T08:00:00+08:00", datetime(2026, 3, 1, 8), ""),
        ("2026-03-01T02:00:00+0200", datetime(2026, 3, 1, 8), ""),
        ("2026-03-01 24:00:00", datetime(2026, 3, 2), ""),
        ("2026-03-01 24:00", datetime(2026, 3, 2), ""),
        ("2026-03-01 下午3:05", datetime(2026, 3, 1, 15, 5), ""),
        ("2026-03-01 上午9:05", datetime(2026, 3, 1, 9, 5), ""),
        ("2026-03-01 上午12:05", datetime(2026, 3, 1, 0, 5), ""),
        ("2026-03-01 下午12:05", datetime(2026, 3, 1, 12, 5), ""),
        ("46082.5", datetime(2026, 3, 1, 12), ""),
        ("46082", datetime(2026, 3, 1), "date_only"),
        ("2026-03-01", datetime(2026, 3, 1), "date_only"),
        ("2026年3月1日", datetime(2026, 3, 1), "date_only"),
        ("2026-03-01 24:01", None, "bad_date"),
        ("2026-03-01 08:60", None, "bad_date"),
        ("2026-02-30 08:00:00", None, "bad_date"),
        ("08:00", None, "bad_date"),
        ("1800-01-01 00:00:00", None, "bad_date"),
    ],
)
def test_moments_are_stored_in_utc(text: str, local: datetime | None, code: str) -> None:
    stored = None if local is None else local - timedelta(hours=8)
    assert read(column("datetime"), text) == [(stored, code, "")]


@given(
    st.datetimes(datetime(1900, 1, 2), datetime(2100, 12, 30)).map(
        lambda t: t.replace(microsecond=0)
    )
)
def test_moments_written_in_any_form_are_the_same_moment(local: datetime) -> None:
    forms = (
        f"{local:%Y-%m-%d %H:%M:%S}",
        f"{local:%Y/%m/%d %H:%M:%S}",
        f"{local:%Y%m%d%H%M%S}",
        f"{local.year}年{local.month}月{local.day}日 {local:%H:%M:%S}",
        f"{local:%Y-%m-%dT%H:%M:%S}+08:00",
        f"{local - timedelta(hours=8):%Y-%m-%dT%H:%M:%S}Z",
    )
    found = {value for value, _, _ in read(column("datetime"), *forms)}
    assert found == {local - timedelta(hours=8)}


@pytest.mark.parametrize(
    ("text", "value", "code"),
    [
        ("2026-03", "2026-03", ""),
        ("202603", "2026-03", ""),
        ("2026年3月", "2026-03", ""),
        ("2026/3", "2026-03", ""),
        ("2026-03-15", "2026-03", ""),
        ("20260315", "2026-03", ""),
        ("2026-01至2026-03", "2026-03", ""),
        ("2026-13", None, "bad_date"),
        ("2026年", None, "bad_date"),
        ("3月", None, "bad_date"),
        ("2026-03-15x", None, "bad_date"),
    ],
)
def test_months(text: str, value: str | None, code: str) -> None:
    assert read(column("month"), text) == [(value, code, "")]


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


@pytest.mark.parametrize(
    ("texts", "value"),
    [
        (("是", "有", "Y", "yes", "TRUE", "true", "1", "1.0", "√"), True),
        (("否", "N", "no", "false", "0", "0.0", "×"), False),
    ],
)
def test_truth(texts: tuple[str, ...], value: bool) -> None:
    assert read(column("bool"), *texts) == [(value, "", "")] * len(texts)
    assert read(column("bool"), "也许") == [(None, "bad_bool", "")]


CODED = (EnumValue("01", "大型汽车"), EnumValue("A", "甲"))


@pytest.mark.parametrize(
    ("text", "value", "code"),
    [
        ("01", "01", ""),
        ("1", "01", ""),
        ("1.0", "01", ""),
        ("大型汽车", "01", ""),
        ("01大型汽车", "01", ""),
        ("A", "A", ""),
        ("甲", "A", ""),
        ("A 甲", "A", ""),
        ("乙", "乙", "unknown_enum"),
    ],
)
def test_enumerations(text: str, value: str, code: str) -> None:
    assert read(column("enum", enum=CODED), text) == [(value, code, "")]


@pytest.mark.parametrize(
    ("text", "value", "code"),
    [
        ("119.305556", 119.305556, ""),
        ("119°18'20\"", 119.3055556, ""),
        ("119°18′20″", 119.3055556, ""),
        ("119度18分20秒", 119.3055556, ""),
        ("119305556", 119.305556, ""),
        ("-0.5", -0.5, ""),
        ("999", None, "out_of_range"),
        ("东经", None, "bad_number"),
    ],
)
def test_degrees(text: str, value: float | None, code: str) -> None:
    found = coordinate.parse_degrees(text, 180.0)
    assert (found.value, found.code) == (value, code)


@given(st.floats(73.6, 135), st.floats(18.2, 53.5))
def test_the_way_back_from_shifted_datums_is_good_to_a_metre(lon: float, lat: float) -> None:
    east, north = coordinate._shift(np.array([lon]), np.array([lat]))
    x, y = coordinate.from_gcj02(np.array([lon + east[0]]), np.array([lat + north[0]]))
    assert abs(x[0] - lon) < 1e-5
    assert abs(y[0] - lat) < 1e-5


@pytest.mark.parametrize(
    ("text", "is_good"),
    [
        ("POINT(120.5 31.3)", True),
        ("POINT (120.5 31.3)", True),
        ("linestring(1 2, 3 4)", True),
        ("POLYGON((0 0, 1 0, 1 1, 0 0),(0.2 0.2, 0.3 0.2, 0.3 0.3, 0.2 0.2))", True),
        ("MULTIPOLYGON(((0 0,1 0,1 1,0 0)),((2 2,3 2,3 3,2 2)))", True),
        ("POINT(120.5)", False),
        ("POLYGON((0 0, 1 0)", False),
        ("CIRCLE(1 2)", False),
    ],
)
def test_geometries(text: str, is_good: bool) -> None:
    found = geometry.parse_wkt(text)
    assert (found.value, found.code) == ((text, "") if is_good else (None, "bad_geometry"))


def test_json_texts() -> None:
    assert read(column("json"), "[1, 2]", "{") == [("[1, 2]", "", ""), (None, "bad_json", "")]


@given(st.lists(st.sampled_from(["12.5", "1,200", "<0.05", "ND", "x", "3吨", None]), max_size=20))
def test_a_column_reads_as_its_cells_do(texts: list[str | None]) -> None:
    together = read(column("float", unit="t"), *texts)
    assert together == [read(column("float", unit="t"), text)[0] for text in texts]
