"""Units: every line of the contract's table, and where the unit of a cell is taken from."""

import pytest

from ingest.row_units import UNIT_COLUMNS, unit_column
from ingest.units import between_factors, multiplier
from records.contract import load_contract
from tests.unit.ingest.intake import Intake, codes, table

HEAD = ("联单编号", "废物名称", "废物代码", "移出量", "计量单位")


def item(qty: object, unit: str = "", number: int = 1) -> tuple[object, ...]:
    return (f"2026320500000{number}", "废酸", "900-300-34", qty, unit)


@pytest.mark.parametrize(
    ("storage", "unit", "factor"),
    [
        ("t", "吨", 1),
        ("t", "公斤", 1e-3),
        ("t", "千克", 1e-3),
        ("t", "克", 1e-6),
        ("t", "万吨", 1e4),
        ("t", "KG", 1e-3),
        ("kg", "吨", 1e3),
        ("t/a", "吨/年", 1),
        ("t/a", "万吨/年", 1e4),
        ("t/a", "公斤/年", 1e-3),
        ("t/d", "吨/天", 1),
        ("t/d", "公斤/天", 1e-3),
        ("yuan", "元", 1),
        ("yuan", "万元", 1e4),
        ("yuan", "亿元", 1e8),
        ("yuan/t", "元/吨", 1),
        ("yuan/t", "元/公斤", 1e3),
        ("kWh", "度", 1),
        ("kWh", "千瓦时", 1),
        ("kWh", "万千瓦时", 1e4),
        ("kWh", "MWh", 1e3),
        ("kW", "W", 1e-3),
        ("kW", "MW", 1e3),
        ("V", "kV", 1e3),
        ("m3", "立方米", 1),
        ("m3", "方", 1),
        ("m3", "万立方米", 1e4),
        ("m3", "L", 1e-3),
        ("m3", "吨", 1),
        ("m3", "m³", 1),
        ("m3", "㎥", 1),
        ("m3/h", "L/s", 3.6),
        ("m3/h", "m³/h", 1),
        ("m3/d", "吨/天", 1),
        ("m", "米", 1),
        ("km", "公里", 1),
        ("m", "公里", 1e3),
        ("mm", "毫米", 1),
        ("m2", "平方米", 1),
        ("m2", "㎡", 1),
        ("m2", "亩", 666.667),
        ("m2", "公顷", 1e4),
        ("km/h", "公里/小时", 1),
        ("m/s", "米/秒", 1),
        ("deg", "度", 1),
        ("degC", "℃", 1),
        ("s", "秒", 1),
        ("min", "分钟", 1),
        ("h", "小时", 1),
        ("h", "天", 24),
        ("%", "%", 1),
        ("1", "%", 0.01),
        ("row", "公斤", 1e-3),
        ("row", "吨", 1),
        ("row", "件", 1),
        ("t", "桶", None),
        ("t", "立方米", None),
        ("yuan", "美元", None),
        ("kWh", "吨", None),
    ],
)
def test_units(storage: str, unit: str, factor: float | None) -> None:
    assert multiplier(unit, storage) == (None if factor is None else pytest.approx(factor))


def test_every_storage_unit_of_the_contract_is_known() -> None:
    units = {c.unit for d in load_contract().datasets.values() for c in d.columns if c.unit}
    for unit in units - {"row", "factor", "1"}:
        assert multiplier(unit, unit) == 1.0, unit


def test_unit_columns_are_columns_of_their_datasets() -> None:
    for name, told in UNIT_COLUMNS.items():
        dataset = load_contract().dataset(name)
        assert dataset.column(told).base_type == "text"
        assert any(unit_column(dataset, column) for column in dataset.columns), name


@pytest.mark.parametrize(
    ("unit", "factor_unit", "ratio"),
    [
        ("mg/L", "微克/升", 1000),
        ("μg/L", "毫克/升", 0.001),
        ("µg/L", "微克/升", 1),
        ("mg/m3", "毫克/立方米", 1),
        ("ug/m3", "毫克/立方米", 0.001),
        ("t", "千克", 1000),
        ("mg/L", "毫克/立方米", None),
        ("个", "毫克/升", None),
    ],
)
def test_units_of_factors(unit: str, factor_unit: str, ratio: float | None) -> None:
    found = between_factors(unit, factor_unit)
    assert found == (None if ratio is None else pytest.approx(ratio))


def test_cell_goes_before_row_before_heading_before_title_before_source(intake: Intake) -> None:
    head = ("联单编号", "废物名称", "废物代码", "移出量(公斤)", "计量单位")
    intake.take(
        "manifest_item/a.csv",
        table(head, item("2t", "克", 1), item("2000", "克", 2), item("2000", "", 3)),
    )
    found = {row["manifest_no"][-1]: row["qty_out_t"] for row in intake.rows("manifest_item")}
    assert found == {"1": 2.0, "2": 0.002, "3": 2.0}


def test_title_then_source_then_assumed(intake: Intake) -> None:
    plain = table(HEAD[:4], item("2000")[:4])
    intake.put("manifest_item/title.csv", "单位：千克\r\n" + plain)
    intake.run()
    [row] = intake.rows("manifest_item")
    assert (row["qty_out_t"], codes(row)) == (2.0, [])
    intake.put("manifest_item/source.csv", table(HEAD[:4], item("2000", number=2)[:4]))
    intake.run(sources={"manifest_item": {"units": {"qty_out_t": "公斤"}}})
    intake.put("manifest_item/none.csv", table(HEAD[:4], item("2", number=3)[:4]))
    intake.run()
    rows = {row["manifest_no"][-1]: row for row in intake.rows("manifest_item")}
    assert (rows["2"]["qty_out_t"], codes(rows["2"])) == (2.0, [])
    assert (rows["3"]["qty_out_t"], codes(rows["3"])) == (2.0, ["unit_assumed"])


def test_a_unit_of_another_dimension_sets_a_required_column_aside(intake: Intake) -> None:
    report = intake.take("manifest_item/a.csv", table(HEAD, item("3 桶"), item("3", "桶", 2)))
    assert report.reasons == {"bad_unit": 2}
    assert all(held["columns"] == ["qty_out_t"] for held in intake.quarantine(report))


def test_in_another_column_it_is_a_flag_on_nothing(intake: Intake) -> None:
    head = (*HEAD, "接收量")
    intake.take("manifest_item/a.csv", table(head, (*item("3", "吨"), "2桶")))
    [row] = intake.rows("manifest_item")
    assert (row["qty_in_t"], codes(row, "qty_in_t")) == (None, ["bad_unit"])
    assert [f["raw"] for f in row["flags"]] == ["2桶"]


def test_masses_are_exact_to_a_gram(intake: Intake) -> None:
    intake.take("manifest_item/a.csv", table(HEAD, item("1234.567", "公斤"), item("0.1", "克", 2)))
    assert [row["qty_out_t"] for row in intake.rows("manifest_item")] == [1.234567, 0.0]


INVOICE = ("发票代码", "发票号码", "开票日期", "销方名称", "销方税号", "购方名称", "购方税号")
PARTIES = ("3200", "00000001", "2026-10-01", "甲", "91130200699229617X", "乙", "91130200699229617X")


def test_the_row_names_its_own_unit_and_masses_become_tonnes(intake: Intake) -> None:
    head = (*INVOICE, "货物或应税劳务名称", "数量", "单位", "金额")
    rows = [
        (*PARTIES, "*危废*废酸", *more)
        for more in (("1500", "公斤", 10), ("2", "吨", 10), ("3", "件", 10), ("4kg", "吨", 10))
    ]
    report = intake.take("invoice/a.csv", table(head, *rows))
    assert report.accepted == 4, report
    found = [(row["qty"], row["uom"]) for row in intake.rows("invoice")]
    assert found == [(1.5, "t"), (2.0, "t"), (3.0, "件"), (0.004, "t")]


@pytest.mark.parametrize(
    ("cells", "heading", "found", "is_scaled"),
    [
        (("0.13", "0.06", "1"), "税率", [13, 6, 100], True),
        (("0.13", "6", "1"), "税率", [0.13, 6, 1], False),
        (("13%", "0.06", "1"), "税率", [13, 0.06, 1], False),
        (("0.13", "0.06", "0"), "税率(%)", [0.13, 0.06, 0], False),
        (("免税", "13", "***"), "税率", [0, 13, 0], False),
    ],
)
def test_percentages(
    intake: Intake, cells: tuple[str, ...], heading: str, found: list[float], is_scaled: bool
) -> None:
    head = (*INVOICE, "货物或应税劳务名称", heading, "金额")
    rows = [(*PARTIES, "*x*y", cell, 10) for cell in cells]
    intake.take("invoice/a.csv", table(head, *rows))
    rows_found = intake.rows("invoice")
    assert [row["rate_pct"] for row in rows_found] == found
    assert [("ratio_scaled" in codes(row)) for row in rows_found] == [is_scaled] * 3


def test_a_heading_in_another_unit_than_the_factor_is_converted_by_row(intake: Intake) -> None:
    head = ("MN号", "因子编码", "监测时间", "浓度均值(mg/L)", "排放量(t)")
    intake.take(
        "obs_hour/a.csv",
        table(
            head,
            ("AA", "w20117", "2026-10-01 00:00:00", "0.05", "0.001"),
            ("AA", "w01018", "2026-10-01 00:00:00", "23.5", "0.002"),
            ("AA", "a21026", "2026-10-01 00:00:00", "7", "1"),
        ),
    )
    found = {r["factor_code"]: (r["avg"], r["cou"]) for r in intake.rows("obs_hour")}
    assert found == {"w20117": (50.0, 1000.0), "w01018": (23.5, 2.0), "a21026": (7.0, 1000.0)}
