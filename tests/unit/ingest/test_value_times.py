"""Days, ranges of days, moments and months: what is accepted and what is stored."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.values import moment
from tests.unit.ingest.column_reading import column, read


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
