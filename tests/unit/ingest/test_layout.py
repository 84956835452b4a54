"""Rows that are no data: titles, repeated headings, blank rows, footers; totals that differ."""

import pytest

from tests.unit.ingest.intake import Intake, table

HEAD = ("联单编号", "废物名称", "废物代码", "移出量(吨)", "接收量(吨)")
ROWS = [(f"2026320500000{k}", "废酸", "900-300-34", "2.5", "2.5") for k in (1, 2, 3, 4)]


@pytest.mark.parametrize(
    "footer",
    [
        ("合计", "", "", "10", "10"),
        ("合 计：", "", "", "10", "10"),
        ("", "合计", "", "10.0", "10.02"),
        ("总计", "", "", "10", ""),
        ("制表人：张三", "", "", "", ""),
        ("", "审核人:李四", "", "", ""),
        ("", "填报人", "王五", "", ""),
        ("打印时间：2026-11-01", "", "", "", ""),
        ("", "注:本表数据来自系统", "", "", ""),
        ("说明：以上", "", "", "", ""),
    ],
)
def test_a_footer_is_no_data(intake: Intake, footer: tuple[str, ...]) -> None:
    report = intake.take("manifest_item/a.csv", table(HEAD, *ROWS, footer))
    assert (report.read, report.accepted) == (4, 4)
    assert report.layout["row_count"] == 1
    [row] = report.layout["rows"]
    assert (row["kind"], row["line"]) == ("footer", 6)
    assert "total_mismatch" not in report.layout


def test_a_row_with_a_filled_key_is_always_data(intake: Intake) -> None:
    odd = ("20263205000009", "合计", "900-300-34", "10", "10")
    assert intake.take("manifest_item/a.csv", table(HEAD, *ROWS, odd)).accepted == 5


def test_a_row_without_a_key_that_is_no_footer_is_set_aside(intake: Intake) -> None:
    report = intake.take(
        "manifest_item/a.csv", table(HEAD, *ROWS, ("", "废碱", "900-353-35", 1, 1))
    )
    assert (report.read, report.reasons) == (5, {"missing_required": 1})


def test_blank_rows_and_repeated_headings_keep_their_line_numbers(intake: Intake) -> None:
    content = table(HEAD, ROWS[0], ("", " ", "", "", ""), HEAD, ROWS[1], ("本页合计", "", "", 5, 5))
    report = intake.take("manifest_item/a.csv", content)
    assert report.read == 2
    assert [(r["kind"], r["line"]) for r in report.layout["rows"]] == [
        ("blank", 3),
        ("heading", 4),
        ("footer", 6),
    ]
    assert [(r["row"], r["line"]) for r in intake.rows("manifest_item")] == [(1, 2), (2, 5)]


@pytest.mark.parametrize(
    ("stated", "differs"), [("10", False), ("10.05", False), ("10.06", True), ("9.9", True)]
)
def test_a_total_off_by_more_than_half_a_percent_is_reported(
    intake: Intake, stated: str, differs: bool
) -> None:
    footer = ("合计", "", "", stated, "10")
    report = intake.take("manifest_item/a.csv", table(HEAD, *ROWS, footer))
    mismatch = report.layout.get("total_mismatch", [])
    assert [(m["column"], m["sum"]) for m in mismatch] == ([("qty_out_t", 10.0)] if differs else [])


def test_a_total_with_thousands_is_understood(intake: Intake) -> None:
    rows = [(n, w, c, "1,250.5", "1250.5") for n, w, c, _, _ in ROWS]
    quoted = [(n, w, c, f'"{a}"', b) for n, w, c, a, b in rows]
    footer = ("合计", "", "", '"5,002"', "5002")
    report = intake.take("manifest_item/a.csv", table(HEAD, *quoted, footer))
    assert (report.accepted, "total_mismatch" in report.layout) == (4, False)
    assert intake.rows("manifest_item")[0]["qty_out_t"] == 1250.5


def test_page_totals_are_not_compared_with_the_whole(intake: Intake) -> None:
    content = table(
        HEAD,
        *ROWS[:2],
        ("小计", "", "", 5, 5),
        *ROWS[2:],
        ("小计", "", "", 5, 5),
        ("合计", "", "", 10, 10),
    )
    report = intake.take("manifest_item/a.csv", content)
    assert (report.read, "total_mismatch" in report.layout) == (4, False)
