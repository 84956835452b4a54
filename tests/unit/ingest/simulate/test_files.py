"""Files of agencies: headings that mean one column, units that fit the cells, equal bytes."""

from pathlib import Path

import polars as pl
import pytest

from ingest.headings import match_heading
from ingest.simulate.files import FileStyle, as_cells, headings, write_workbook
from records.contract import load_contract

DATASETS = sorted(load_contract().datasets)


@pytest.mark.parametrize("heading", [-1, 0, 1, 2])
def test_headings_are_read_as_the_column_they_stand_for(heading: int) -> None:
    for name in DATASETS:
        dataset = load_contract().dataset(name)
        heads = headings(dataset, dataset.columns, FileStyle("csv", heading=heading))
        assert len(set(heads)) == len(heads), name
        for column, head in zip(dataset.columns, heads, strict=True):
            found = match_heading(dataset, head)
            assert found is not None, (name, head)
            assert found[0].name == column.name, (name, head)


def test_a_file_in_kilograms_says_so_in_every_place() -> None:
    dataset = load_contract().dataset("manifest_item")
    columns = [dataset.column(n) for n in ("manifest_no", "qty_out_t", "uom")]
    frame = pl.DataFrame({"manifest_no": ["1"], "qty_out_t": [12.5], "uom": ["吨"]})
    style = FileStyle("csv", kilograms=True)
    assert headings(dataset, columns, style)[1].endswith("(千克)")
    cells = as_cells(frame, columns, style)
    assert cells.row(0) == ("1", "12500", "千克")
    plain = as_cells(frame, columns, FileStyle("csv"))
    assert plain.row(0) == ("1", "12.5", "吨")


def test_units_stand_behind_headings_unless_the_style_leaves_them_out() -> None:
    dataset = load_contract().dataset("power_hour")
    columns = [dataset.column("energy_kwh")]
    assert headings(dataset, columns, FileStyle("csv"))[0].endswith("(kWh)")
    assert "(" not in headings(dataset, columns, FileStyle("csv", has_units=False))[0]


def test_a_workbook_is_the_same_bytes_each_time(tmp_path: Path) -> None:
    frame = pl.DataFrame({"manifest_no": ["1", "2"], "qty_out_t": [1.5, 2.25]})
    cells = frame.cast(pl.String)
    for name in ("a.xlsx", "b.xlsx"):
        write_workbook(tmp_path / name, "导出表", ["联单编号", "移出量(吨)"], frame, cells)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
