"""Workbooks as agencies make them, built cell by cell."""

from datetime import datetime
from io import BytesIO
from zipfile import ZipFile

import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from tests.unit.ingest.intake import Intake, codes, raw, workbook

HEAD = ["联单编号", "废物名称", "废物代码", "移出量", "接收量"]
ROW = ["20263205000001", "废酸", "900-300-34", 1500, 1.5]


def test_titles_unit_of_the_title_stacked_headings_and_footer(intake: Intake) -> None:
    book = workbook(
        (
            "明细",
            [
                ["江苏省危险废物转移联单明细表"],
                ["导出时间：2026-11-02", None, None, None, "单位：公斤"],
                ["联单编号", "废物", None, "移出量", "接收量(吨)"],
                [None, "废物名称", "废物代码", None, None],
                ROW,
                ["合计", None, None, 1500, 1.5],
                ["制表人：张三"],
            ],
        ),
        merged=["A1:E1", "A3:A4", "B3:C3", "D3:D4", "E3:E4"],
    )
    report = intake.take("manifest_item/a.xlsx", book)
    assert (report.read, report.accepted, report.refusal) == (1, 1, "")
    assert report.layout["titles"][0].startswith("江苏省危险废物")
    [row] = intake.rows("manifest_item")
    assert (row["qty_out_t"], row["qty_in_t"]) == (1.5, 1.5)
    assert (row["sheet"], row["line"], row["waste_name"]) == ("明细", 5, "废酸")
    assert "total_mismatch" not in report.layout


def test_every_sheet_that_maps_is_read_and_the_others_are_listed(intake: Intake) -> None:
    book = workbook(
        ("说明", [["本表由系统导出"], ["请勿修改"]]),
        ("一季度", [HEAD, ROW]),
        ("二季度", [HEAD, [20263205000002, "废碱", "900-353-35", 2, 2]]),
    )
    report = intake.take("manifest_item/a.xlsx", book)
    assert (report.read, report.accepted) == (2, 2)
    assert report.layout["sheets_passed_over"] == ["说明"]
    rows = intake.rows("manifest_item")
    assert [(r["row"], r["sheet"], r["manifest_no"]) for r in rows] == [
        (1, "一季度", "20263205000001"),
        (2, "二季度", "20263205000002"),
    ]


def test_merged_cells_give_their_value_to_each_cell_they_cover(intake: Intake) -> None:
    book = workbook(("S", [HEAD, ROW, [None, "废碱", "900-353-35", 2, 2]]), merged=["A2:A3"])
    assert intake.take("manifest_item/a.xlsx", book).accepted == 2
    rows = intake.rows("manifest_item")
    assert [(r["manifest_no"], r["item_no"]) for r in rows] == [
        ("20263205000001", 1),
        ("20263205000001", 2),
    ]


def test_numbers_that_lost_digits_are_no_identifiers(intake: Intake) -> None:
    head = ["姓名", "身份证号", "手机号", "户籍所在地"]
    book = workbook(("S", [head, ["张三", 320599199003077758, 13800000000, "苏州"]]))
    report = intake.take("person/a.xlsx", book)
    assert report.reasons == {"lost_precision": 1}
    [held] = intake.quarantine(report)
    assert held["columns"] == ["person_id"]


def test_lost_leading_noughts_come_back(intake: Intake) -> None:
    head = ["单位名称", "统一社会信用代码", "联系电话", "CMA证书编号", "机构类型"]
    book = workbook(
        ("S", [head, ["甲检测", "91320500MA1XYW12A7", 51268886666, 21012345678, "检测机构"]])
    )
    report = intake.take("service_body/a.xlsx", book)
    assert report.refusal == ""
    rows = intake.rows("service_body")
    cells = raw(rows[0])
    assert rows[0]["cma_no"] == "021012345678"
    assert codes(rows[0], "cma_no") == ["leading_zero_restored"]
    assert cells["CMA证书编号"] == "21012345678"


@pytest.mark.parametrize("epoch", [None, CALENDAR_MAC_1904])
def test_days_are_right_in_both_calendars(intake: Intake, epoch: object) -> None:
    serial = 46082 if epoch is None else 46082 - 1462
    head = ["联单编号", "移出单位", "接受单位", "移出时间", "接收时间", "发证日期"]
    book = workbook(
        ("S", [head, ["20263205000001", "甲", "乙", datetime(2026, 3, 1, 8, 30), serial + 0.5, 1]]),
        epoch=epoch,
    )
    report = intake.take("manifest/a.xlsx", book)
    assert report.accepted == 1, report
    [row] = intake.rows("manifest")
    assert row["handover_at"] == datetime(2026, 3, 1, 0, 30)
    assert row["accepted_at"] == datetime(2026, 3, 1, 4, 0)


def test_a_locked_or_broken_workbook_is_refused(intake: Intake) -> None:
    data = workbook(("S", [HEAD, ROW]))
    for name, content in (
        ("cut.xlsx", data[: len(data) // 2]),
        ("ole.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600),
        (
            "locked.xlsx",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
            + b"\x00" * 600
            + "EncryptedPackage".encode("utf-16-le"),
        ),
    ):
        report = intake.take(f"manifest_item/{name}", content)
        assert report.refusal_code == "unsupported_format", name
    assert intake.bytes_of_lake() == {}


def test_a_workbook_that_unpacks_to_too_much_is_refused(
    intake: Intake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.formats.workbook.MAX_UNPACKED", 100)
    report = intake.take("manifest_item/a.xlsx", workbook(("S", [HEAD, ROW])))
    assert report.refusal_code == "too_large"


def test_the_extension_is_only_a_hint(intake: Intake) -> None:
    assert intake.take("manifest_item/a.csv", workbook(("S", [HEAD, ROW]))).accepted == 1
    text = ",".join(HEAD) + "\n" + ",".join(map(str, ROW)) + "\n"
    assert intake.take("manifest_item/b.xlsx", text).accepted == 1


def test_a_cell_beyond_the_headings_is_a_broken_row(intake: Intake) -> None:
    report = intake.take("manifest_item/a.xlsx", workbook(("S", [HEAD, ROW, [*ROW, "多"]])))
    assert report.reasons == {"bad_shape": 1}
    assert '"移出量":"1500"' in intake.quarantine(report)[0]["raw"]


def test_cached_values_of_formulas_are_read(intake: Intake) -> None:
    data = workbook(("S", [HEAD, [*ROW[:3], "=750*2", 1.5]]))
    source, out = ZipFile(BytesIO(data)), BytesIO()
    with ZipFile(out, "w") as target:
        for info in source.infolist():
            content = source.read(info)
            if info.filename == "xl/worksheets/sheet1.xml":
                content = content.replace(b"<f>750*2</f><v></v>", b"<f>750*2</f><v>1500</v>")
                content = content.replace(b"<f>750*2</f><v/>", b"<f>750*2</f><v>1500</v>")
            target.writestr(info, content)
    report = intake.take("manifest_item/a.xlsx", out.getvalue())
    assert report.accepted == 1, report
    assert intake.rows("manifest_item")[0]["qty_out_t"] == 1500
