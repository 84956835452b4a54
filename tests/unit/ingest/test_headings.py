"""Headings: variants, units, stacked rows, rivals, and files that lack a column."""

import pytest

from ingest.headings import HeadRow, map_head, match_heading, normal_heading
from records.contract import load_contract
from tests.unit.ingest.intake import Intake, raw, table

ITEM = load_contract().dataset("manifest_item")
MANIFEST = load_contract().dataset("manifest")
HEAD = ("联单编号", "废物名称", "废物代码", "移出量(吨)", "接收量(吨)")
ROW = ("20263205000001", "废酸", "900-300-34", "1.5", "1.5")


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("移出量 ", "移出量"),
        ("移 出\n量", "移出量"),
        ("ｑｔｙ＿ｏｕｔ＿ｔ", "qty_out_t"),
        ("*移出量(必填)", "移出量"),
        ("移出量（必填）", "移出量"),
        ("移出-量：", "移出量"),
        ("移·出·量", "移出量"),
        ("QTY_OUT_T", "qty-out-t"),
    ],
)
def test_headings_are_compared_in_one_form(left: str, right: str) -> None:
    assert normal_heading(left) == normal_heading(right)


@pytest.mark.parametrize(
    ("heading", "column", "unit"),
    [
        ("移出量", "qty_out_t", ""),
        ("移出量(吨)", "qty_out_t", "吨"),
        ("移出量（ｋｇ）", "qty_out_t", "kg"),
        ("移出量[kg]", "qty_out_t", "kg"),
        ("移出量/kg", "qty_out_t", "kg"),
        ("*移出量(kg)(必填)", "qty_out_t", "kg"),
        ("qty_out_t", "qty_out_t", ""),
    ],
)
def test_a_unit_behind_a_heading_is_taken_off(heading: str, column: str, unit: str) -> None:
    found = match_heading(ITEM, heading)
    assert found is not None
    assert (found[0].name, found[2]) == (column, unit)


@pytest.mark.parametrize("heading", ["移出量(折算)", "移出量的说明", "不知道", "(吨)"])
def test_what_is_no_heading_is_not_guessed(heading: str) -> None:
    assert match_heading(ITEM, heading) is None


def test_every_accepted_heading_of_the_contract_maps_to_a_column_that_accepts_it() -> None:
    for dataset in load_contract().datasets.values():
        for column in dataset.columns:
            for heading in column.headings:
                found = match_heading(dataset, heading)
                assert found is not None
                assert heading in found[0].headings


def _row(line: int, *cells: str) -> HeadRow:
    return HeadRow(line, cells, cells)


def test_the_row_with_most_columns_stands_and_titles_are_kept() -> None:
    rows = [
        _row(1, "危险废物转移联单明细表", "", "", ""),
        _row(2, "单位：公斤", "", "联单编号", ""),
        _row(3, *HEAD),
        _row(4, *ROW),
    ]
    choice = map_head(ITEM, rows)
    assert choice is not None
    assert (choice.index, choice.height) == (2, 1)
    assert choice.mapped.title_unit == "公斤"
    assert choice.titles[0] == "危险废物转移联单明细表"


def test_two_stacked_rows_are_joined_parent_and_child() -> None:
    spread = ("移出人", "移出人", "接受人", "接受人", "联单编号")
    rows = [
        HeadRow(1, ("移出人", "", "接受人", "", "联单编号"), spread),
        HeadRow(
            2,
            ("单位名称", "统一社会信用代码", "单位名称", "交付时间", ""),
            ("单位名称", "统一社会信用代码", "单位名称", "交付时间", "联单编号"),
        ),
    ]
    choice = map_head(MANIFEST, rows)
    assert choice is not None
    assert choice.height == 2
    # The child alone stands for a column only where it is unique and the joined form unknown.
    assert choice.position == {
        "shipper_name": 0,
        "shipper_uscc": 1,
        "receiver_name": 2,
        "handover_at": 3,
        "manifest_no": 4,
    }


def test_headings_stand_within_the_first_twenty_rows(intake: Intake) -> None:
    blank = "说明,,,,\r\n"
    near = intake.take("manifest_item/a.csv", blank * 19 + table(HEAD, ROW))
    far = intake.take("manifest_item/b.csv", blank * 20 + table(HEAD, ROW))
    assert (near.accepted, near.refusal) == (1, "")
    assert far.refusal_code == "no_header"


def test_a_missing_column_is_named_with_file_accepted_and_found_headings(intake: Intake) -> None:
    report = intake.take("manifest_item/坏.csv", table(HEAD[:3], ROW[:3]))
    assert report.refusal_code == "missing_column"
    for told in ("manifest_item/坏.csv", "qty_out_t", "移出量", "转移量", "废物代码", "联单编号"):
        assert told in report.refusal, told
    assert intake.bytes_of_lake() == {}


def test_a_key_that_a_default_fills_may_be_absent(intake: Intake) -> None:
    report = intake.take("manifest_item/a.csv", table(HEAD, ROW, ROW))
    assert report.accepted == 2
    assert [row["item_no"] for row in intake.rows("manifest_item")] == [1, 2]


def test_a_key_whose_default_needs_an_absent_column_is_refused(intake: Intake) -> None:
    head = ("因子编码", "监测时间", "实时值")
    report = intake.take("obs_rtd/a.csv", table(head, ("w01018", "2026-10-01 00:00:00", 1)))
    assert report.refusal_code == "missing_column"
    assert "mn" in report.refusal


def test_of_two_headings_for_a_column_the_one_standing_first_wins(intake: Intake) -> None:
    head = (*HEAD, "废物俗称", "危险废物名称")
    report = intake.take("manifest_item/a.csv", table(head, (*ROW, "酸水", "废酸")))
    assert report.accepted == 1
    assert report.layout["headings_unknown"] == ["废物俗称"]
    assert report.layout["headings_passed_over"] == ["危险废物名称"]
    [row] = intake.rows("manifest_item")
    assert raw(row)["废物俗称"] == "酸水"
    assert row["waste_name"] == "废酸"


@pytest.mark.parametrize("other", ["废碱", ""])
def test_two_headings_of_a_required_column_that_differ_refuse_the_file(
    intake: Intake, other: str
) -> None:
    head = (*HEAD, "危险废物名称")
    content = table(head, (*ROW, "废酸"), (*ROW, other))
    report = intake.take("manifest_item/a.csv", content)
    assert report.refusal_code == "ambiguous_heading"
    assert "第 3 行" in report.refusal
    assert "“危险废物名称”" in report.refusal
    assert intake.bytes_of_lake() == {}


def test_unknown_columns_and_original_cells_stay_in_raw_json(intake: Intake) -> None:
    head = (*HEAD, "内部流水", "", "内部流水")
    intake.take("manifest_item/a.csv", table(head, (*ROW, "x1", "y", "x2")))
    [row] = intake.rows("manifest_item")
    cells = raw(row)
    assert cells["移出量(吨)"] == "1.5"
    assert (cells["内部流水"], cells["第7列"], cells["内部流水#8"]) == ("x1", "y", "x2")
