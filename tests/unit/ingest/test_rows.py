"""What becomes of a row: accepted, quarantined with its bytes, numbered, split, superseded."""

from datetime import date, datetime

import pytest

from tests.unit.ingest.intake import Intake, codes, raw, table

ITEM = ("联单编号", "废物名称", "废物代码", "移出量(吨)", "接收量(吨)")
NO = "2026320500000{}"


def item(number: int, qty: object = "1.5", received: object = "1.5") -> tuple[object, ...]:
    return (NO.format(number), "废酸", "900-300-34", qty, received)


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("—", "missing_required"),
        ("", "missing_required"),
        ("无", "missing_required"),
        ("12,5吨", "bad_number"),
        ("3 桶", "bad_unit"),
        ("未检出", "missing_required"),
    ],
)
def test_a_required_cell_that_cannot_be_read_sets_the_row_aside(
    intake: Intake, cell: str, reason: str
) -> None:
    quoted = f'"{cell}"' if "," in cell else cell
    report = intake.take(
        "manifest_item/a.csv", table(ITEM, item(1), item(2, quoted), item(3)), "gb18030"
    )
    assert (report.read, report.accepted, report.reasons) == (3, 2, {reason: 1})
    [held] = intake.quarantine(report)
    assert held["row"] == 2
    assert held["line"] == 3
    assert held["reasons"] == [reason]
    assert held["columns"] == ["qty_out_t"]
    assert held["raw"] == f"{NO.format(2)},废酸,900-300-34,{quoted},1.5"
    assert [row["row"] for row in intake.rows("manifest_item")] == [1, 3]


def test_all_reasons_of_a_row_are_told(intake: Intake) -> None:
    report = intake.take("manifest_item/a.csv", table(ITEM, item(1), ("", "", "", "x", "y")))
    [held] = intake.quarantine(report)
    assert dict(zip(held["columns"], held["reasons"], strict=True)) == {
        "manifest_no": "missing_required",
        "waste_name": "missing_required",
        "waste_code": "missing_required",
        "qty_out_t": "bad_number",
    }
    assert report.reasons == {"bad_number": 1, "missing_required": 3}
    assert report.quarantined == 1


def test_in_other_columns_the_value_is_nothing_with_the_code_as_flag(intake: Intake) -> None:
    report = intake.take("manifest_item/a.csv", table(ITEM, item(1, received="约莫")))
    assert report.flags == {"bad_number": 1}
    [row] = intake.rows("manifest_item")
    assert row["qty_in_t"] is None
    assert row["flags"] == [
        {"column": "qty_in_t", "code": "bad_number", "raw": "约莫", "qualifier": ""}
    ]


def test_qualifiers_stand_in_the_flags(intake: Intake) -> None:
    intake.take("manifest_item/a.csv", table(ITEM, item(1, received="<0.05")))
    [row] = intake.rows("manifest_item")
    assert row["qty_in_t"] == 0.05
    assert [(f["code"], f["qualifier"]) for f in row["flags"]] == [("below_detection", "<")]


def test_equal_rows_of_a_flat_export_are_duplicates_unequal_ones_supersede(intake: Intake) -> None:
    head = ("联单编号", "移出单位", "接受单位", "移出时间", "运输里程(公里)")
    one = (NO.format(1), "甲", "乙", "2026-10-01 08:00:00", 10)
    two = (NO.format(2), "甲", "乙", "2026-10-01 08:00:00", 10)
    late = (NO.format(2), "甲", "丙", "2026-10-01 08:00:00", 10)
    report = intake.take("manifest/a.csv", table(head, one, two, one, late, one))
    assert (report.read, report.accepted) == (5, 5)
    assert report.flags == {"duplicate_in_file": 3, "superseded_in_file": 1}
    current = intake.rows("manifest", "manifest_no, receiver_name, row")
    assert [(r["receiver_name"], r["row"]) for r in current] == [("丙", 4), ("乙", 5)]
    history = intake.rows("manifest", history=True)
    assert [bool(r["superseded_by"]) for r in history] == [True, True, True, False, False]
    assert history[1]["superseded_by"].endswith(":4:1")


def test_running_numbers_count_within_their_parent_in_file_order(intake: Intake) -> None:
    intake.take("manifest_item/a.csv", table(ITEM, item(1), item(2), item(1, 2), item(1, 3)))
    found = [(r["manifest_no"][-1], r["item_no"]) for r in intake.rows("manifest_item")]
    assert found == [("1", 1), ("2", 1), ("1", 2), ("1", 3)]


def test_a_list_in_a_key_cell_gives_several_records_of_one_row(intake: Intake) -> None:
    head = (
        "许可证编号",
        "有效期起",
        "有效期止",
        "危险废物类别",
        "危险废物代码",
        "核准经营量(吨/年)",
    )
    rows = [
        ("JS01", "2024-01-01", "2029-01-01", "HW34", "900-300-34、900-301-34；900-302-34", 10),
        ("JS01", "2024-01-01", "2029-01-01", "HW17", "全部", 20),
    ]
    report = intake.take("hw_licence_item/a.csv", table(head, *rows))
    assert (report.read, report.accepted, report.rows_by_dataset) == (2, 2, {"hw_licence_item": 4})
    found = [(r["row"], r["part"], r["waste_code"]) for r in intake.rows("hw_licence_item")]
    assert found == [
        (1, 1, "900-300-34"),
        (1, 2, "900-301-34"),
        (1, 3, "900-302-34"),
        (2, 1, None),
    ]
    assert raw(intake.rows("hw_licence_item")[2])["危险废物代码"].startswith("900-300-34、")


def test_a_list_of_points_of_a_contract(intake: Intake) -> None:
    head = ("合同编号", "MN号", "乙方信用代码", "合同期限")
    row = ("H1", "AA1、AA2", "91130200699229617X", "2026-01-01至2026-12-31")
    report = intake.take("om_contract/a.csv", table(head, row))
    assert (report.read, report.accepted, report.refusal) == (1, 1, "")
    found = [(r["mn"], r["part"], r["valid_from"]) for r in intake.rows("om_contract")]
    assert found == [("AA1", 1, date(2026, 1, 1)), ("AA2", 2, date(2026, 1, 1))]


GATE = ("门岗编号", "车牌号", "统一社会信用代码")
PASS = ("M1", "苏A12345", "91130200699229617X")


def test_two_times_in_a_row_are_two_passes(intake: Intake) -> None:
    head = (*GATE, "进厂时间", "出厂时间")
    rows = [
        (*PASS, "2026-10-01 08:00:00", "2026-10-01 09:00:00"),
        (*PASS, "2026-10-02 08:00:00", ""),
        (*PASS, "", "2026-10-03 09:00:00"),
        (*PASS, "", ""),
    ]
    report = intake.take("gate_pass/a.csv", table(head, *rows))
    assert (report.read, report.accepted, report.reasons) == (4, 3, {"unresolved_key": 1})
    found = [
        (r["row"], r["part"], r["direction"], r["passed_at"]) for r in intake.rows("gate_pass")
    ]
    assert found == [
        (1, 1, "进厂", datetime(2026, 10, 1)),
        (1, 2, "出厂", datetime(2026, 10, 1, 1)),
        (2, 1, "进厂", datetime(2026, 10, 2)),
        (3, 1, "出厂", datetime(2026, 10, 3, 1)),
    ]


def test_the_stated_direction_of_a_single_pass_stands(intake: Intake) -> None:
    head = (*GATE, "进出厂时间", "进出方向")
    intake.take(
        "gate_pass/a.csv",
        table(head, (*PASS, "2026-10-01 08:00:00", "出厂"), (*PASS, "2026-10-02 08:00:00", "")),
    )
    assert [r["direction"] for r in intake.rows("gate_pass")] == ["出厂", "进厂"]


def test_unread_plates_count_as_filled(intake: Intake) -> None:
    head = (*GATE, "进出厂时间")
    rows = [(PASS[0], plate, PASS[2], "2026-10-01 08:00:00") for plate in ("-", "无牌", "")]
    report = intake.take("gate_pass/a.csv", table(head, *rows))
    assert (report.accepted, report.reasons) == (2, {"missing_required": 1})
    assert {r["plate"] for r in intake.rows("gate_pass", history=True)} == {"UNREAD"}


LEDGER = ("统一社会信用代码", "危险废物代码", "计量单位")


@pytest.mark.parametrize(
    ("time", "qty", "batch", "event", "column"),
    [
        ("产生时间", "产生量", "产生批次编码", "GEN", "gen_batch_no"),
        ("入库时间", "入库量", "入库批次编码", "IN", "in_batch_no"),
        ("出库时间", "出库量", "出库批次编码", "OUT", "out_batch_no"),
    ],
)
def test_forms_of_the_ledger_are_told_by_their_headings(
    intake: Intake, time: str, qty: str, batch: str, event: str, column: str
) -> None:
    other = "产生批次编码" if event != "GEN" else "入库批次编码"
    head = (*LEDGER, time, qty, batch, other)
    rows = [
        ("91130200699229617X", "900-300-34", unit, "2026-10-01 08:00:00", 1500, "B1", "S1")
        for unit in ("kg", "桶")
    ]
    report = intake.take("hw_ledger/a.csv", table(head, *rows))
    assert report.refusal == "", report.refusal
    assert (report.accepted, report.reasons) == (1, {"bad_unit": 1})
    [row] = intake.rows("hw_ledger")
    assert (row["event"], row["batch_no"], row[column]) == (event, "B1", "B1")
    assert (row["source_batch_no"], row["qty_t"]) == ("S1", 1.5)


def test_a_range_cell_fills_both_ends(intake: Intake) -> None:
    head = ("排污许可证编号", "有效期限", "单位名称", "统一社会信用代码", "管理类别")
    code = "91130200699229617X"
    rows = [
        (code + "001P", "2024-01-01至2028-12-31", "甲", code, "重点管理"),
        (code + "002P", "2028-12-31", "甲", code, "重点管理"),
        (code + "003P", "2024-01-01至长期", "甲", code, "重点管理"),
    ]
    report = intake.take("permit/a.csv", table(head, *rows))
    assert (report.accepted, report.reasons) == (2, {"unresolved_key": 1})
    found = [(r["valid_from"], r["valid_to"]) for r in intake.rows("permit")]
    assert found == [(date(2024, 1, 1), date(2028, 12, 31)), (date(2024, 1, 1), None)]


def test_times_of_day_take_their_day_from_another_column(intake: Intake) -> None:
    head = (
        "设备唯一标识",
        "运维日期",
        "到达时间",
        "离开时间",
        "运维类型",
        "运维单位统一社会信用代码",
    )
    rows = [
        ("AA", "2026-10-01", "8:30", "9:15", "巡检", "91130200699229617X"),
        ("AA", "2026-10-02", "23:30", "0:15", "巡检", "91130200699229617X"),
        ("AA", "2026-10-03", "2026-10-04 08:00:00", "下午1:00", "巡检", "91130200699229617X"),
    ]
    report = intake.take("om_log/a.csv", table(head, *rows))
    assert report.refusal == "", report.refusal
    found = [(r["arrived_at"], r["left_at"]) for r in intake.rows("om_log")]
    assert found[0] == (datetime(2026, 10, 1, 0, 30), datetime(2026, 10, 1, 1, 15))
    assert found[1] == (datetime(2026, 10, 2, 15, 30), datetime(2026, 10, 2, 16, 15))
    assert found[2] == (datetime(2026, 10, 4), datetime(2026, 10, 3, 5))


def test_both_ends_of_a_limit_in_one_cell(intake: Intake) -> None:
    head = (
        "排污许可证编号",
        "限值生效日期",
        "排放口编号",
        "污染物种类",
        "许可排放浓度限值",
        "单位",
    )
    rows = [
        ("P1", "2024-01-01", "DW001", "pH值", "6-9", "无量纲"),
        ("P1", "2024-01-01", "DW001", "化学需氧量", "50", "mg/L"),
        ("P1", "2024-01-01", "DA001", "二氧化硫", "35", "mg/m3"),
    ]
    report = intake.take("permit_limit/a.csv", table(head, *rows))
    assert report.accepted == 3, report
    found = {
        r["factor_code"]: (r["limit_low"], r["limit_conc"], r["period"])
        for r in intake.rows("permit_limit")
    }
    assert found == {
        "w01001": (6.0, 9.0, "日均值"),
        "w01018": (None, 50.0, "日均值"),
        "a21026": (None, 35.0, "小时均值"),
    }


def test_consumption_is_the_difference_of_the_meter(intake: Intake) -> None:
    head = ("监测点编号", "采集时间", "累计电量(千瓦时)", "小时电量(度)")
    rows = [
        ("M1", "2026-10-01 00:00:00", 100, ""),
        ("M1", "2026-10-01 01:00:00", 112.5, ""),
        ("M2", "2026-10-01 01:00:00", 7, ""),
        ("M1", "2026-10-01 03:00:00", 120, ""),
        ("M1", "2026-10-01 04:00:00", 110, ""),
        ("M1", "2026-10-01 05:00:00", 130, 9),
    ]
    report = intake.take("power_hour/a.csv", table(head, *rows))
    assert report.refusal == "", report.refusal
    assert [r["energy_kwh"] for r in intake.rows("power_hour")] == [None, 12.5, None, None, None, 9]


def test_source_settings_fill_system_and_datum(intake: Intake) -> None:
    head = ("收费站编号", "收费站名称", "经度", "纬度", "来源系统")
    intake.put(
        "toll_station/a.csv",
        table(head, ("G1", "甲", 120.6, 31.3, ""), ("G2", "乙", 120.6, 31.3, "自报")),
    )
    intake.run(sources={"toll_station": {"crs": "GCJ02", "source_system": "高速平台"}})
    first, second = intake.rows("toll_station")
    assert (first["source_system"], second["source_system"]) == ("高速平台", "自报")
    assert first["lon"] != 120.6
    assert abs(first["lon"] - 120.6) < 0.01
    assert codes(first) == []


def test_a_wide_export_is_refused_with_the_cure(intake: Intake) -> None:
    head = ("企业名称", "监控点名称", "监测时间", "化学需氧量", "氨氮(mg/L)", "流量")
    content = table(head, ("甲", "总排口", "2026-10-01 00:00:00", 23, 1.2, 5))
    report = intake.take("obs_hour/a.csv", content)
    assert report.refusal_code == "missing_column"
    assert "宽表（化学需氧量、氨氮(mg/L)）" in report.refusal
