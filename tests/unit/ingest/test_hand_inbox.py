"""An inbox made by hand: what became of each row (sources: tests/data/hand_inbox)."""

from datetime import datetime
from pathlib import Path

import pytest

from ingest.report import FileReport
from records.workspace import Workspace
from tests.unit.ingest.intake import Intake, codes, raw, workbook

SOURCES = Path(__file__).resolve().parents[2] / "data" / "hand_inbox"
Delivery = tuple[Intake, dict[str, FileReport], dict[str, FileReport]]


def source(name: str) -> str:
    return (SOURCES / name).read_text(encoding="utf-8")


def as_workbook(text: str) -> bytes:
    """Cells of a tab-separated text; numbers as numbers, as a spreadsheet keeps them."""
    rows = [
        [int(c) if c.lstrip("-").isdigit() else c or None for c in line.split("\t")]
        for line in text.splitlines()
    ]
    merged = ["B3:C3", "A3:A4", "D3:D4", "E3:E4", "F3:F4", "A5:A6"]
    return workbook(("转移明细", rows), ("填写说明", [["请勿修改表头"]]), merged=merged)


@pytest.fixture(scope="module")
def delivery(tmp_path_factory: pytest.TempPathFactory) -> Delivery:
    """Both days of delivery: the intake and the reports of each day by path."""
    intake = Intake(Workspace(tmp_path_factory.mktemp("hand")))
    intake.put("manifest/202610_苏州.csv", source("manifest_suzhou.csv"), "gb18030")
    intake.put("manifest_item/202610.xlsx", as_workbook(source("manifest_items.tsv")))
    intake.put("invoice/进项.csv", source("invoices.csv"), "utf-8-sig")
    intake.put("hj212/gateway.log", source("gateway.log").replace("\n", "\r\n"))
    intake.put("manifest/缺列.csv", source("refused_without_receiver.csv"))
    intake.put("company/网页.xls", source("refused_page.xls"))
    first = {report.path: report for report in intake.run().files}
    intake.put("manifest/202610_苏州_再次.csv", source("manifest_suzhou.csv"), "gb18030")
    intake.put("manifest/202610_苏州_更正.csv", source("manifest_suzhou_corrected.csv"))
    second = {report.path: report for report in intake.run().files}
    return intake, first, second


def test_manifests(delivery: Delivery) -> None:
    intake, first, _ = delivery
    report = first["manifest/202610_苏州.csv"]
    assert (report.read, report.accepted, report.quarantined) == (6, 4, 2)
    assert report.reasons == {"bad_date": 1, "missing_required": 1}
    held = [(h["line"], h["reasons"], h["columns"]) for h in intake.quarantine(report)]
    assert held == [
        (8, ["bad_date"], ["handover_at"]),
        (9, ["missing_required"], ["receiver_name"]),
    ]
    assert report.layout["titles"][0] == "江苏省危险废物转移联单"
    assert [(r["kind"], r["line"]) for r in report.layout["rows"]] == [
        ("footer", 11),
        ("footer", 12),
    ]
    assert report.layout["headings_unknown"] == ["内部备注"]
    rows = {
        r["line"]: r for r in intake.rows("manifest", history=True) if r["batch"] == report.sha256
    }
    assert sorted(rows) == [5, 6, 7, 10]
    assert codes(rows[5]) == codes(rows[10]) == ["duplicate_in_file"]
    assert rows[6]["shipper_uscc"] == "91130200699229617X"
    assert codes(rows[6]) == ["repaired_confusable", "time_inverted"]
    assert codes(rows[7]) == ["bad_format", "odd_number"]
    assert rows[7]["planned_km"] == 1420.0
    assert rows[7]["handover_at"] == datetime(2026, 10, 5, 1)
    assert raw(rows[5])["内部备注"] == "晨班"


def test_items_of_the_workbook(delivery: Delivery) -> None:
    intake, first, _ = delivery
    report = first["manifest_item/202610.xlsx"]
    assert (report.read, report.accepted, report.quarantined) == (6, 4, 2)
    held = [(h["line"], h["reasons"], h["columns"]) for h in intake.quarantine(report)]
    assert held == [
        (8, ["bad_unit"], ["qty_out_t"]),
        (9, ["missing_required"], ["qty_out_t"]),
    ]
    assert report.layout["sheets_passed_over"] == ["填写说明"]
    assert {m["column"] for m in report.layout["total_mismatch"]} >= {"qty_out_t"}
    found = [
        (r["line"], r["manifest_no"], r["item_no"], r["waste_code"], r["qty_out_t"], r["qty_in_t"])
        for r in intake.rows("manifest_item")
    ]
    assert found == [
        (5, "20263205000101", 1, "900-300-34", 12.5, 12.48),
        (6, "20263205000101", 2, "398-005-22", 3.0, 3.0),
        (7, "20263205000102", 1, "900-249-08", 2.5, 0.01),
        (10, "20263205000105", 1, "900-353-35", -0.02, 0.0),
    ]
    third, last = intake.rows("manifest_item")[2:]
    assert codes(third) == ["below_detection"]
    assert codes(last) == ["negative_quantity"]


def test_invoices_with_unknown_columns(delivery: Delivery) -> None:
    intake, first, _ = delivery
    report = first["invoice/进项.csv"]
    assert (report.read, report.accepted, report.quarantined) == (5, 2, 3)
    held = {h["line"]: h["reasons"] for h in intake.quarantine(report)}
    assert held == {4: ["lost_precision"], 5: ["bad_number"], 6: ["bad_shape"]}
    assert report.layout["headings_unknown"] == ["平台流水号", "导出人"]
    rows = intake.rows("invoice")
    assert [(r["line_no"], r["qty"], r["uom"], r["amount_yuan"]) for r in rows] == [
        (1, 12.5, "t", 37500.0),
        (2, 3.0, "t", 6000.0),
    ]
    assert [r["rate_pct"] for r in rows] == [6.0, 6.0]
    assert [raw(r)["平台流水号"] for r in rows] == ["L001", "L002"]


def test_packets(delivery: Delivery) -> None:
    intake, first, _ = delivery
    report = first["hj212/gateway.log"]
    assert (report.read, report.accepted, report.quarantined) == (7, 5, 2)
    assert {h["line"]: h["reasons"] for h in intake.quarantine(report)} == {
        4: ["bad_crc"],
        8: ["encrypted"],
    }
    assert report.rows_by_dataset == {"device_event": 1, "obs_hour": 4}
    assert report.layout["rows"][0]["text"].startswith("# 数采网关")
    hours = [(r["row"], r["factor_code"], r["avg"], r["flag_raw"]) for r in intake.rows("obs_hour")]
    assert hours == [
        (2, "w01018", 31.2, "N"),
        (2, "w21003", None, "D"),
        (4, "w21011", 0.4, "N"),
        (5, "w21001", 8.8, "N"),
    ]
    [door] = intake.rows("device_event")
    assert (door["event_code"], door["event_kind"], door["value"]) == ("i32001", "门禁", "1")
    assert codes(door) == ["clock_skew"]


def test_refused_files(delivery: Delivery) -> None:
    _, first, second = delivery
    assert first["manifest/缺列.csv"].refusal_code == "missing_column"
    assert "receiver_name" in first["manifest/缺列.csv"].refusal
    assert first["company/网页.xls"].refusal_code == "unsupported_format"
    assert second["company/网页.xls"].refusal_code == "unsupported_format"


def test_the_second_day(delivery: Delivery) -> None:
    """The same bytes again are a no-op; the correction stands and the old row stays."""
    intake, first, second = delivery
    again = second["manifest/202610_苏州_再次.csv"]
    assert again.is_known
    assert again.sha256 == first["manifest/202610_苏州.csv"].sha256
    corrected = second["manifest/202610_苏州_更正.csv"]
    assert (corrected.read, corrected.accepted) == (1, 1)
    receivers = {r["manifest_no"]: r["receiver_name"] for r in intake.rows("manifest")}
    assert receivers["20263205000101"] == "如东绿岛环保有限公司"
    assert len(receivers) == 3
    gone = [r for r in intake.rows("manifest", history=True) if r["superseded_by"]]
    assert {r["line"]: r["superseded_by"] for r in gone} == {
        5: f"{corrected.sha256}:1:1",
        10: f"{corrected.sha256}:1:1",
    }


def test_reports_are_kept_with_the_batch(delivery: Delivery) -> None:
    intake, first, _ = delivery
    for report in first.values():
        folder = intake.workspace.batch(report.dataset, report.sha256)
        assert folder.exists() == (not report.refusal), report.path
