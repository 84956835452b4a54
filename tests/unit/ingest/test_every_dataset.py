"""Every dataset of the contract takes a file of one minimal row, and one with all its columns."""

import pytest

from records.contract import Column, Dataset, load_contract
from tests.unit.ingest.intake import Intake, codes, table

DATASETS = load_contract().datasets
CODE = "91130200699229617X"
CELLS = {
    "text": "甲1",
    "uscc": CODE,
    "person_id": "11010519491231002X",
    "phone": "13800000000",
    "plate": "苏A12345",
    "hw_code": "900-300-34",
    "division": "320583",
    "date": "2026-03-01",
    "datetime": "2026-03-01 08:00:00",
    "month": "2026-03",
    "int": "3",
    "float": "1.5",
    "bool": "是",
    "coord_lon": "120.6",
    "coord_lat": "31.3",
    "coord_wkt": "POINT(120.6 31.3)",
    "json": "[1]",
}
# Texts of a pattern of their own.
PATTERNED = {
    "manifest_no": "20263205000001",
    "permit_no": CODE + "001P",
    "einvoice_no": "26320000000000000001",
    "mn": "010000A8900016F000169DC0",
    "factor_code": "w01018",
    "param_code": "i13001",
    "vin": "1M8GDM9AXKP042788",
    "licence_no": "JS0500OOD001",
}
CASE = "A320500000000202603" + "0001"


def cell(column: Column) -> str:
    """A valid cell of a column."""
    if column.enum:
        return column.enum[0].label or column.enum[0].code
    if column.name in ("uom", "qty_unit"):
        return "吨"
    if column.name == "case_no":
        return CASE
    if column.base_type == "text" and column.name in PATTERNED:
        return PATTERNED[column.name]
    return CELLS[column.base_type]


def delivered(dataset: Dataset, columns: list[Column]) -> str:
    return table([f"{c.heading_zh}" for c in columns], [f'"{cell(c)}"' for c in columns])


@pytest.mark.parametrize("name", DATASETS)
def test_a_row_with_every_column_is_accepted(intake: Intake, name: str) -> None:
    dataset = DATASETS[name]
    columns = list({c.heading_zh: c for c in reversed(dataset.columns)}.values())[::-1]
    assert columns == list(dataset.columns), "two columns share a heading"
    report = intake.take(f"{name}/a.csv", delivered(dataset, columns), "gb18030")
    assert report.refusal == ""
    assert (report.read, report.accepted, report.reasons) == (1, 1, {})
    rows = intake.rows(name)
    row = rows[0]
    for column in columns:
        assert row[column.name] is not None, column.name
    allowed = {"unit_assumed", "outside_province", "time_inverted"}
    for column in columns:
        left = set(codes(row, column.name)) - allowed
        assert not left, (column.name, left)


@pytest.mark.parametrize("name", DATASETS)
def test_a_row_with_the_needed_columns_only_is_accepted(intake: Intake, name: str) -> None:
    """Required columns and keys without a default; headings are the canonical names."""
    dataset = DATASETS[name]
    needed = [c for c in dataset.columns if c.is_required or (c.key and not c.default_note)]
    helped = {
        "permit": ("valid_from",),
        "permit_limit": ("valid_from", "factor_code"),
        "obs_rtd": ("mn", "factor_code"),
        "obs_minute": ("mn", "factor_code"),
        "obs_hour": ("mn", "factor_code"),
        "obs_day": ("mn", "factor_code"),
        "obs_mark": ("mn",),
        "param_log": ("param_code",),
        "param_accepted": ("param_code",),
        "test_sample": ("body_uscc",),
        "river_obs_hour": ("station_id", "factor_code"),
        "hw_licence": ("valid_from",),
        "hw_licence_item": ("valid_from",),
        "hw_ledger": ("event", "batch_no"),
        "gate_pass": ("passed_at",),
        "gps_point": ("terminal_phone",),
        "police_case_party": ("party_name",),
        "account": ("account_no",),
        "transfer": ("account_no",),
        "invoice": ("invoice_no",),
        "toll_trip": (),
    }
    more = [dataset.column(n) for n in helped.get(name, ()) if dataset.column(n) not in needed]
    columns = [*needed, *more]
    report = intake.take(f"{name}/a.csv", table([c.name for c in columns], map(cell, columns)))
    assert report.refusal == ""
    assert (report.read, report.accepted, report.reasons) == (1, 1, {})
    assert len(intake.rows(name)) == 1


@pytest.mark.parametrize("name", DATASETS)
def test_a_file_without_its_first_required_column_is_refused(intake: Intake, name: str) -> None:
    dataset = DATASETS[name]
    missing = next(c for c in dataset.columns if (c.is_required or c.key) and not c.default_note)
    columns = [c for c in dataset.columns if c is not missing]
    report = intake.take(f"{name}/a.csv", delivered(dataset, columns))
    assert report.refusal_code == "missing_column", report
    assert missing.name in report.refusal
    assert missing.heading_zh in report.refusal
    assert f"{name}/a.csv" in report.refusal
