"""HJ 212 packet logs: frame, check sum, versions, split packets, and what each command becomes."""

from datetime import datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.formats import text_encoding
from ingest.formats.hj212.framing import check_sum
from tests.unit.ingest.intake import Intake, codes, raw

STANDARD = (
    "QN=20160801085857223;ST=32;CN=1062;PW=100000;MN=010000A8900016F000169DC0;"
    "Flag=5;CP=&&RtdInterval=30&&"
)
MN = "010000A8900016F000169DC0"


def oracle(data: bytes) -> int:
    """The standard's algorithm, sign by sign."""
    register = 0xFFFF
    for byte in data:
        register = (register >> 8) ^ byte
        for _ in range(8):
            odd, register = register & 1, register >> 1
            register ^= 0xA001 if odd else 0
    return register


def modbus(data: bytes) -> int:
    """What is often taken for it."""
    register = 0xFFFF
    for byte in data:
        register ^= byte
        for _ in range(8):
            odd, register = register & 1, register >> 1
            register ^= 0xA001 if odd else 0
    return register


def packet(segment: str, *, crc: int | None = None, length: int | None = None) -> str:
    data = segment.encode()
    crc = oracle(data) if crc is None else crc
    return f"##{len(data) if length is None else length:04d}{segment}{crc:04X}"


def data_packet(
    content: str, *, cn: str = "2061", st: str = "32", flag: int = 5, mn: str = MN, more: str = ""
) -> str:
    head = f"QN=20260301080003123;ST={st};CN={cn};PW=123456;MN={mn};Flag={flag};{more}"
    return packet(f"{head}CP=&&{content}&&")


def log(*lines: str) -> str:
    return "".join(line + "\r\n" for line in lines)


def test_the_vector_of_the_standard() -> None:
    data = np.frombuffer(STANDARD.encode(), np.uint8)
    assert len(data) == 101
    assert check_sum(data, 0, 101) == 0x1C80
    assert modbus(STANDARD.encode()) == 0x0759


@given(st.binary(max_size=300))
def test_the_kernel_is_the_standards_algorithm(data: bytes) -> None:
    assert check_sum(np.frombuffer(data, np.uint8), 0, len(data)) == oracle(data)


@pytest.mark.parametrize(
    ("line", "reasons"),
    [
        (packet(STANDARD, crc=0x1C80), {}),
        (packet(STANDARD, crc=0x801C), {}),
        (packet(STANDARD, crc=0x0759), {"bad_crc": 1}),
        (packet(STANDARD, crc=0x1C81), {"bad_crc": 1}),
        (packet(STANDARD, length=102), {"bad_length": 1}),
        (packet(STANDARD, length=99), {"bad_length": 1}),
        (packet(STANDARD)[:60], {"bad_packet": 1}),
        (packet(STANDARD).replace("##0101", "##01x1"), {"bad_packet": 1}),
        (packet(STANDARD)[6:], {"bad_packet": 1}),
        ("##", {"bad_packet": 1}),
        (packet("QN=20160801085857223;ST=32;CN=2061;Flag=5;CP=&&DataTime=1&&"), {"bad_packet": 1}),
        (packet("QN=20160801085857223;ST=32;MN=AA;Flag=5;CP=&&x=1&&"), {"bad_packet": 1}),
        (data_packet("w01018-Avg=1"), {"missing_required": 1}),
        (data_packet("DataTime=20260230070000;w01018-Avg=1"), {"bad_date": 1}),
        (data_packet("A0B1C2D3E4F5A0B1C2D3E4F5A0B1C2D3", flag=9), {"encrypted": 1}),
        (data_packet("oLHC0+T1oLHC0+T1oLHC0+T1oLHC0w==", flag=8, cn="3020"), {"encrypted": 1}),
    ],
)
def test_each_packet_is_accepted_or_set_aside_with_its_reason(
    intake: Intake, line: str, reasons: dict[str, int]
) -> None:
    good = packet(STANDARD)
    report = intake.take("hj212/log.txt", log(good, "2026-03-01 08:00:05 10.1.1.1 " + line, good))
    assert report.reasons == reasons
    assert (report.read, report.quarantined) == (3, len(reasons))
    if reasons:
        [held] = intake.quarantine(report)
        assert (held["row"], held["line"]) == (2, 2)
        assert held["raw"] == "2026-03-01 08:00:05 10.1.1.1 " + line


def test_an_hour_of_two_factors(intake: Intake) -> None:
    line = data_packet(
        "DataTime=20260301070000;w01018-Avg=23.1,w01018-Min=20,w01018-Max=9999.99,"
        "w01018-ZsAvg=1.5,w01018-Cou=0.33,w01018-Flag=N,w01018-EFlag=1;w21003-Avg=ND,w21003-Flag=D"
    )
    report = intake.take("hj212/log.txt", log(line))
    assert (report.read, report.accepted, report.rows_by_dataset) == (1, 1, {"obs_hour": 2})
    first, second = intake.rows("obs_hour")
    assert (first["mn"], first["factor_code"]) == (MN, "w01018")
    assert first["data_time"] == datetime(2026, 2, 28, 23)
    assert [first[n] for n in ("avg", "min", "max", "zs_avg", "cou", "flag_raw", "eflag")] == [
        *(23.1, 20.0, None, 1.5, 0.33, "N", "1")
    ]
    assert [(f["column"], f["code"], f["raw"]) for f in first["flags"]] == [
        ("max", "fill_value", "9999.99")
    ]
    assert (second["avg"], codes(second)) == (None, ["below_detection"])
    assert [(r["row"], r["part"]) for r in (first, second)] == [(1, 1), (1, 2)]
    assert raw(first)["内容"].startswith("w01018-Avg=23.1,")
    assert raw(second)["DataTime"] == "20260301070000"


@pytest.mark.parametrize(
    ("cn", "dataset", "field", "column"),
    [
        ("2011", "obs_rtd", "Rtd", "rtd"),
        ("2011", "obs_rtd", "ZsRtd", "zs_rtd"),
        ("2051", "obs_minute", "Avg", "avg"),
        ("2061", "obs_hour", "ZsAvg", "zs_avg"),
        ("2031", "obs_day", "Cou", "cou"),
    ],
)
@pytest.mark.parametrize("folder", ["hj212", "obs_hour"])
def test_the_command_decides_not_the_folder(
    intake: Intake, cn: str, dataset: str, field: str, column: str, folder: str
) -> None:
    line = data_packet(f"DataTime=20260301000000;w01018-{field}=7.25,w01018-Flag=N", cn=cn)
    report = intake.take(f"{folder}/log.txt", log(line))
    assert (report.dataset, report.rows_by_dataset) == (folder, {dataset: 1})
    [row] = intake.rows(dataset)
    assert (row[column], row["data_time"]) == (7.25, datetime(2026, 2, 28, 16))


def test_2005_codes_without_flag_and_without_separator(intake: Intake) -> None:
    water = packet(
        "ST=32;CN=2011;PW=123456;MN=88888880000001CP=&&DataTime=20260301080000;"
        "B01-Rtd=100;011-Rtd=1.1,011-Flag=N&&"
    )
    air = packet("ST=31;CN=2011;PW=123456;MN=8888;CP=&&DataTime=20260301080000;02-Rtd=35&&")
    report = intake.take("hj212/log.txt", log(water + air))
    assert (report.read, report.accepted, report.reasons) == (2, 2, {})
    found = {r["factor_code"]: (r["mn"], r["rtd"], r["line"]) for r in intake.rows("obs_rtd")}
    assert found == {
        "w00000": ("88888880000001", 100.0, 1),
        "w01018": ("88888880000001", 1.1, 1),
        "a21026": ("8888", 35.0, 1),
    }


def test_what_is_flagged_on_a_reading(intake: Intake) -> None:
    content = "DataTime=20260301070000;01018-Avg=1;w99999-Avg=2;w21003-Avg=abc"
    segment = data_packet(content)[6:-4]
    swapped = oracle(segment.encode())
    swapped = (swapped & 255) << 8 | swapped >> 8
    line = "[2026-03-01 08:30:00] " + packet(segment, crc=swapped)
    intake.take("hj212/log.txt", log(line))
    whole = ["crc_byte_swapped", "clock_skew"]
    found = {r["factor_code"]: codes(r) for r in intake.rows("obs_hour")}
    assert found == {
        "w01018": [*whole, "factor_prefix_repaired"],
        "w99999": [*whole, "unknown_code"],
        "w21003": [*whole, "bad_number"],
    }
    assert raw(intake.rows("obs_hour")[0])["报文前文字"] == "[2026-03-01 08:30:00]"


@pytest.mark.parametrize(
    ("before", "is_late"),
    [
        ("2026-03-01 08:09:00", False),
        ("2026-03-01 07:49:00", True),
        ("20260301081100", True),
        ("10.1.1.1", False),
    ],
)
def test_skew_of_the_clock_is_measured_against_the_time_of_receipt(
    intake: Intake, before: str, is_late: bool
) -> None:
    intake.take(
        "hj212/log.txt", log(before + " " + data_packet("DataTime=20260301070000;w01018-Avg=1"))
    )
    [row] = intake.rows("obs_hour")
    assert codes(row) == (["clock_skew"] if is_late else [])


def test_2025_packets(intake: Intake) -> None:
    line = data_packet("DataTime=20260301070000;w01018-Avg=1,w01018-Flag=hd;d00001-Avg=3", flag=9)
    assert intake.take("hj212/log.txt", log(line)).accepted == 1
    first, second = intake.rows("obs_hour")
    assert (first["flag_raw"], raw(first)["Flag"]) == ("hd", 9)
    assert codes(second) == ["unknown_code"]


def split(number: int, total: int, content: str, *, mn: str = MN) -> str:
    return data_packet(content, flag=7, mn=mn, more=f"PNUM={total};PNO={number};")


@pytest.mark.parametrize("block", [1 << 20, 400])
def test_split_packets_are_joined(
    intake: Intake, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    monkeypatch.setattr(text_encoding, "BLOCK", block)
    monkeypatch.setattr("ingest.formats.hj212.reader.BLOCK", 1000)
    lines = [
        split(1, 2, "DataTime=20260301070000;w01018-Avg=1"),
        split(1, 3, "DataTime=20260301070000;w01018-Avg=9", mn="BB"),
        split(2, 2, "w01018-Flag=N;w21003-Avg=3"),
        split(3, 3, "w21011-Avg=7", mn="BB"),
        data_packet("DataTime=20260301070000;w01018-Avg=5", mn="CC"),
    ]
    report = intake.take("hj212/log.txt", log(*lines))
    assert (report.read, report.accepted) == (5, 5)
    rows = {(r["mn"], r["factor_code"]): r for r in intake.rows("obs_hour")}
    assert (rows[MN, "w01018"]["avg"], rows[MN, "w01018"]["flag_raw"]) == (1.0, "N")
    assert (rows[MN, "w21003"]["row"], rows[MN, "w21003"]["data_time"]) == (
        3,
        datetime(2026, 2, 28, 23),
    )
    assert codes(rows[MN, "w01018"]) == []
    assert codes(rows["BB", "w01018"]) == codes(rows["BB", "w21011"]) == ["packet_incomplete"]
    assert codes(rows["CC", "w01018"]) == []


def test_a_packet_sent_twice_and_the_next_message(intake: Intake) -> None:
    first = split(1, 2, "DataTime=20260301070000;w01018-Avg=1")
    second = split(2, 2, "DataTime=20260301070000;w21003-Avg=2")
    following = split(2, 2, "DataTime=20260301080000;w21003-Avg=4")
    intake.take("hj212/log.txt", log(first, first, second, following))
    rows = {(r["factor_code"], r["data_time"].hour): r for r in intake.rows("obs_hour")}
    assert codes(rows["w21003", 23]) == []
    assert codes(rows["w21003", 0]) == ["packet_incomplete"]


@pytest.mark.parametrize(
    ("cn", "content", "expected"),
    [
        (
            "2021",
            "DataTime=20260301070000;SB1-RS=1;SB2-RS=0",
            [("2021", "SB1", "工作状态", "1"), ("2021", "SB2", "工作状态", "0")],
        ),
        ("2041", "DataTime=20260301000000;SB1-RT=7.5", [("2041", "SB1", "工作状态", "7.5")]),
        (
            "2081",
            "DataTime=20260301070000;RestartTime=20260301065900",
            [("2081", None, "开机", "20260301065900")],
        ),
        ("3011", "PolId=w01018", [("3011", "w01018", "校准", None)]),
        (
            "3016",
            "PolId=w01018,CstartTime=000000,Ctime=2",
            [("3016", "w01018", "采样周期设置", "2")],
        ),
        (
            "3020",
            "DataTime=20260301070000;PolId=w01018,i12001-Info=3;i32001-Info=1",
            [("i12001", "w01018", "工作状态", "3"), ("i32001", None, "门禁", "1")],
        ),
    ],
)
def test_commands_that_are_events_of_a_device(
    intake: Intake, cn: str, content: str, expected: list[tuple[object, ...]]
) -> None:
    report = intake.take("hj212/log.txt", log(data_packet(content, cn=cn)))
    assert report.rows_by_dataset == {"device_event": len(expected)}
    found = [
        (r["event_code"], r["device_no"], r["event_kind"], r["value"])
        for r in intake.rows("device_event")
    ]
    assert found == expected


def test_logs_keep_their_separators_and_checks_their_values(intake: Intake) -> None:
    lines = [
        data_packet(
            "DataTime=20260301070000;PolId=w01018,i11001-Info=//校准,完成;下次=7天//", cn="3020"
        ),
        data_packet(
            "DataTime=20260301070000;w01018-Check=10.1,w01018-StandardValue=10,w01018-Flag=N",
            cn="2062",
        ),
    ]
    intake.take("hj212/log.txt", log(*lines))
    text, check = intake.rows("device_event")
    assert (text["log_text"], text["factor_code"]) == ("校准,完成;下次=7天", "w01018")
    assert (check["measured_value"], check["reference_value"]) == (10.1, 10.0)
    assert (check["factor_code"], check["event_kind"]) == ("w01018", "标样核查")


def test_parameters_go_to_their_log(intake: Intake) -> None:
    content = "DataTime=20260301070000;PolId=w01018,i13001-Info=200,i13008-Info=1.02,i13006-Info=x"
    lines = [
        data_packet(content, cn="3020"),
        data_packet("PolId=w21003,i13004-Info=165", cn="3021"),
    ]
    report = intake.take("hj212/log.txt", log(*lines))
    assert report.rows_by_dataset == {"param_log": 4}
    found = {r["param_code"]: r for r in intake.rows("param_log")}
    assert (found["i13001"]["new_value"], found["i13001"]["param_name"]) == (200.0, "测量量程")
    assert (found["i13004"]["factor_code"], found["i13004"]["source"]) == ("w21003", "平台反控")
    assert found["i13004"]["changed_at"] == datetime(2026, 3, 1, 0, 0, 3)
    assert codes(found["i13006"]) == ["bad_number"]


@pytest.mark.parametrize(
    ("cn", "content"),
    [
        ("9014", ""),
        ("9011", "QnRtn=1"),
        ("9015", ""),
        ("2061", "BeginTime=20260301000000,EndTime=20260301230000"),
        ("3020", "PolId=w01018,InfoId=i11001,BeginTime=20260301000000,EndTime=20260302000000"),
    ],
)
def test_acknowledgements_and_requests_are_accepted_without_a_record(
    intake: Intake, cn: str, content: str
) -> None:
    report = intake.take("hj212/log.txt", log(data_packet(content, cn=cn)))
    assert (report.read, report.accepted, report.rows_by_dataset) == (1, 1, {})
    assert report.layout["packets"] == {cn: 1}


def test_lines_that_are_no_packets_are_listed_not_counted(intake: Intake) -> None:
    report = intake.take("hj212/log.txt", log("# 网关日志", "", packet(STANDARD), "连接断开"))
    assert report.read == 1
    assert [(r["line"], r["text"]) for r in report.layout["rows"]] == [
        (1, "# 网关日志"),
        (4, "连接断开"),
    ]


def test_a_log_elsewhere_or_something_else_here_is_refused(intake: Intake) -> None:
    report = intake.take("manifest/log.txt", log(packet(STANDARD)))
    assert report.refusal_code == "unsupported_format"
    assert "inbox/hj212/" in report.refusal
    report = intake.take("hj212/a.csv", "联单编号,移出单位\r\n1,2\r\n")
    assert report.refusal_code == "unsupported_format"


def test_the_same_log_in_two_folders_fills_the_lake_once(intake: Intake) -> None:
    line = log(data_packet("DataTime=20260301070000;w01018-Avg=1"))
    intake.take("hj212/log.txt", line)
    again = intake.take("obs_rtd/log.txt", line)
    assert again.is_known
    assert len(intake.rows("obs_hour", history=True)) == 1


def test_chinese_packets_in_gb18030(intake: Intake) -> None:
    line = data_packet("DataTime=20260301070000;PolId=w01018,i11001-Info=//人工校准//", cn="3020")
    assert intake.take("hj212/log.txt", log(line), "gb18030").accepted == 1
    assert intake.rows("device_event")[0]["log_text"] == "人工校准"


def test_a_log_of_many_blocks(intake: Intake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_encoding, "BLOCK", 1 << 12)
    monkeypatch.setattr("ingest.formats.hj212.reader.CHUNK_PACKETS", 7)
    lines = [
        data_packet(f"DataTime=202603{d:02d}{h:02d}0000;w01018-Avg={h};a21026-Avg={d}")
        for d in range(1, 11)
        for h in range(24)
    ]
    report = intake.take("hj212/log.txt", log(*lines))
    assert (report.read, report.rows_by_dataset) == (240, {"obs_hour": 480})
    rows = intake.rows("obs_hour", "row, part, line, avg, factor_code, data_time")
    assert [r["row"] for r in rows] == [k // 2 + 1 for k in range(480)]
    assert all(r["line"] == r["row"] for r in rows)
    assert sum(r["avg"] for r in rows if r["factor_code"] == "w01018") == 10 * sum(range(24))
