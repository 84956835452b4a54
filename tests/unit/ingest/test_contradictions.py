"""Contradictions are flagged and kept: nothing here sets a row aside."""

from datetime import UTC, datetime, timedelta

import pytest

from ingest.contradictions import ORDERED, PATTERNS
from records.clock import utc_instant
from records.contract import load_contract
from records.intake import Ledger
from tests.unit.ingest.intake import Intake, codes, table

HEAD = ("联单编号", "移出单位", "接受单位", "移出时间", "接收时间")
ROW = ("20263205000001", "甲", "乙", "2026-10-01 08:00:00", "2026-10-01 12:00:00")


@pytest.mark.parametrize(
    ("at", "cell", "column", "code"),
    [
        (0, "20263205001", "manifest_no", "odd_number"),
        (0, "20213205000001", "manifest_no", "odd_number"),
        (4, "2026-10-01 07:00:00", "accepted_at", "time_inverted"),
        (3, "2026-10-01", "handover_at", "date_only"),
    ],
)
def test_flags_on_a_manifest(intake: Intake, at: int, cell: str, column: str, code: str) -> None:
    row = list(ROW)
    row[at] = cell
    assert intake.take("manifest/a.csv", table(HEAD, row)).accepted == 1
    [found] = intake.rows("manifest")
    assert codes(found) == [code]
    assert codes(found, column) == [code]
    assert found["flags"][0]["raw"] == cell


def test_a_clean_row_has_no_flags(intake: Intake) -> None:
    intake.take("manifest/a.csv", table(HEAD, ROW))
    assert intake.rows("manifest")[0]["flags"] == []


def test_future_times_are_measured_at_the_first_intake(intake: Intake) -> None:
    """A day ahead is allowed; the flag stays as it was when the lake is built again."""
    now = datetime.now(UTC).replace(tzinfo=None) + timedelta(hours=8)
    near, far = (now + timedelta(hours=23)), (now + timedelta(hours=25))
    rows = [
        (f"2026320500000{k}", "甲", "乙", f"{t:%Y-%m-%d %H:%M:%S}", "")
        for k, t in ((1, near), (2, far))
    ]
    intake.take("manifest/a.csv", table(HEAD, *rows))
    found = [codes(row) for row in intake.rows("manifest")]
    assert found == [[], ["future_time"]]
    [record] = Ledger(intake.workspace).batches()
    taken = utc_instant(record.first_taken_at)
    assert abs(taken + timedelta(hours=8) - now) < timedelta(minutes=5)


def test_negative_quantities_are_kept(intake: Intake) -> None:
    head = ("联单编号", "废物名称", "废物代码", "移出量(吨)")
    intake.take(
        "manifest_item/a.csv",
        table(head, (ROW[0], "废酸", "900-300-34", "-2"), (ROW[0], "废酸", "900-300-34", "0")),
    )
    first, second = intake.rows("manifest_item")
    assert (first["qty_out_t"], codes(first)) == (-2.0, ["negative_quantity"])
    assert (second["qty_out_t"], codes(second)) == (0.0, [])


PLACE = ("收费站编号", "收费站名称", "经度", "纬度", "坐标系")


@pytest.mark.parametrize(
    ("lon", "lat", "crs", "found", "flagged"),
    [
        ("120.6", "31.3", "WGS84", (120.6, 31.3), []),
        ("31.3", "120.6", "WGS84", (120.6, 31.3), []),
        ("120.6", "31.3", "CGCS2000", (120.6, 31.3), []),
        ("120.6", "31.3", "", (120.6, 31.3), ["crs_unknown"]),
        ("116.4", "39.9", "WGS84", (116.4, 39.9), ["outside_province"]),
        ("120600000", "31300000", "WGS84", (120.6, 31.3), []),
        ("120°36'00\"", "31°18'00\"", "WGS84", (120.6, 31.3), []),
        ("120.6", "119.3", "WGS84", None, []),
        ("120.6", "31.3", "北京54", (120.6, 31.3), ["unknown_enum", "crs_unknown"]),
    ],
)
def test_positions(
    intake: Intake,
    lon: str,
    lat: str,
    crs: str,
    found: tuple[float, float] | None,
    flagged: list[str],
) -> None:
    quoted = [f'"{c.replace(chr(34), chr(34) * 2)}"' for c in (lon, lat)]
    report = intake.take("toll_station/a.csv", table(PLACE, ("G1", "甲", *quoted, crs)))
    if found is None:
        assert report.reasons == {"out_of_range": 1}
        assert intake.quarantine(report)[0]["columns"] == ["lat"]
        return
    [row] = intake.rows("toll_station")
    assert (row["lon"], row["lat"]) == found
    assert sorted(codes(row)) == sorted(flagged)


def test_factors_and_frame_numbers(intake: Intake) -> None:
    intake.take(
        "obs_hour/a.csv",
        table(
            ("MN号", "因子编码", "监测时间", "浓度均值"),
            ("AA", "w01018", "2026-10-01 00:00:00", 1),
            ("AA", "e70112", "2026-10-01 00:00:00", 1),
            ("AA", "w99999", "2026-10-01 00:00:00", 1),
        ),
    )
    found = {row["factor_code"]: codes(row) for row in intake.rows("obs_hour")}
    assert found == {"w01018": [], "e70112": [], "w99999": ["unknown_code"]}
    head = ("号牌号码", "号牌种类", "车辆识别代号")
    intake.take(
        "vehicle/a.csv",
        table(
            head, ("苏A12345", "01", "1M8GDM9AXKP042788"), ("苏A12346", "01", "1M8GDM9A1KP042788")
        ),
    )
    assert [codes(row) for row in intake.rows("vehicle")] == [[], ["bad_checksum"]]


def test_the_tables_name_columns_of_the_contract() -> None:
    datasets = load_contract().datasets
    for dataset, column in PATTERNS:
        assert datasets[dataset].column(column).base_type == "text"
    names = {c.name for d in datasets.values() for c in d.columns}
    for first, last in ORDERED:
        assert {first, last} <= names, (first, last)
        assert any({first, last} <= {c.name for c in d.columns} for d in datasets.values()), (
            first,
            last,
        )
