"""Every dataset of the contract takes a file of one minimal row, and one with all its columns."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ingest.report import FileReport
from records.contract import Column, Dataset, load_contract
from records.views import open_views
from records.workspace import Workspace
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


# What stands in for the defaults of keys when only the needed columns are delivered.
HELPED = {
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
}
ALLOWED = {"unit_assumed", "outside_province", "time_inverted"}


@dataclass(frozen=True)
class Taken:
    """One intake of a file for each dataset."""

    reports: dict[str, FileReport]
    rows: dict[str, list[dict[str, Any]]]


def take_all(folder: Path, files: dict[str, str], encoding: str) -> Taken:
    intake = Intake(Workspace(folder))
    for name, content in files.items():
        intake.put(f"{name}/{name}.csv", content, encoding)
    reports = {report.dataset: report for report in intake.run().files}
    views = open_views(intake.workspace)
    cursor = views.cursor()
    rows = {}
    for name in DATASETS:
        cursor.execute(f'SELECT * FROM "{name}"')
        columns = [item[0] for item in cursor.description]
        rows[name] = [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
    views.close()
    return Taken(reports, rows)


def needed(dataset: Dataset) -> list[Column]:
    columns = [c for c in dataset.columns if c.is_required or (c.key and not c.default_note)]
    helped = [dataset.column(name) for name in HELPED.get(dataset.name, ())]
    return [*columns, *(column for column in helped if column not in columns)]


def first_needed(dataset: Dataset) -> Column:
    return next(c for c in dataset.columns if (c.is_required or c.key) and not c.default_note)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Taken:
    """A row with every column under its Chinese heading, in GB18030."""
    files = {name: delivered(d, list(d.columns)) for name, d in DATASETS.items()}
    return take_all(tmp_path_factory.mktemp("whole"), files, "gb18030")


@pytest.fixture(scope="module")
def minimal(tmp_path_factory: pytest.TempPathFactory) -> Taken:
    """A row with the needed columns under their canonical names."""
    files = {
        name: table([c.name for c in needed(d)], map(cell, needed(d)))
        for name, d in DATASETS.items()
    }
    return take_all(tmp_path_factory.mktemp("minimal"), files, "utf-8")


@pytest.fixture(scope="module")
def lacking(tmp_path_factory: pytest.TempPathFactory) -> Taken:
    """A row with every column but the first that must be there."""
    files = {
        name: delivered(d, [c for c in d.columns if c is not first_needed(d)])
        for name, d in DATASETS.items()
    }
    return take_all(tmp_path_factory.mktemp("lacking"), files, "utf-8")


def test_no_two_columns_of_a_dataset_share_a_heading() -> None:
    for dataset in DATASETS.values():
        headings = [column.heading_zh for column in dataset.columns]
        assert len(set(headings)) == len(headings), dataset.name


@pytest.mark.parametrize("name", DATASETS)
def test_a_row_with_every_column_is_accepted(whole: Taken, name: str) -> None:
    report = whole.reports[name]
    assert (report.refusal, report.read, report.accepted, report.reasons) == ("", 1, 1, {})
    row = whole.rows[name][0]
    for column in DATASETS[name].columns:
        assert row[column.name] is not None, column.name
        assert set(codes(row, column.name)) <= ALLOWED, column.name


@pytest.mark.parametrize("name", DATASETS)
def test_a_row_with_the_needed_columns_only_is_accepted(minimal: Taken, name: str) -> None:
    report = minimal.reports[name]
    assert (report.refusal, report.read, report.accepted, report.reasons) == ("", 1, 1, {})
    assert len(minimal.rows[name]) == 1


@pytest.mark.parametrize("name", DATASETS)
def test_a_file_without_its_first_required_column_is_refused(lacking: Taken, name: str) -> None:
    missing, report = first_needed(DATASETS[name]), lacking.reports[name]
    assert report.refusal_code == "missing_column"
    for told in (missing.name, missing.heading_zh, f"{name}/{name}.csv"):
        assert told in report.refusal
    assert lacking.rows[name] == []
