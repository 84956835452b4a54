"""Zip files: each member is a file of its own; nothing outside, nothing nested, nothing endless."""

from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import pytest

from ingest.formats import archive
from tests.unit.ingest.intake import Intake, table, workbook

HEAD = ("收费站编号", "收费站名称", "经度", "纬度", "坐标系")


def member(number: int) -> bytes:
    return table(HEAD, (f"G{number}", f"站{number}", "120.5", "31.3", "WGS84")).encode()


def zipped(*files: tuple[str, bytes]) -> bytes:
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as target:
        for name, content in files:
            target.writestr(name, content)
    return out.getvalue()


def with_gb18030_names(*files: tuple[str, bytes]) -> bytes:
    """As an archiver of a Chinese Windows writes it: names in the local code, no UTF-8 mark."""
    plain = [(f"{'x' * len(name.encode('gb18030'))}", content) for name, content in files]
    data = zipped(*plain)
    for (placeholder, _), (name, _) in zip(plain, files, strict=True):
        data = data.replace(placeholder.encode(), name.encode("gb18030"))
    return data


def test_members_are_files_of_their_own(intake: Intake) -> None:
    intake.put("toll_station/a.zip", zipped(("甲.csv", member(1)), ("dir/乙.csv", member(2))))
    reports = intake.run().files
    assert [r.path for r in reports] == [
        "toll_station/a.zip!dir/乙.csv",
        "toll_station/a.zip!甲.csv",
    ]
    assert len({r.sha256 for r in reports}) == 2
    assert [row["station_no"] for row in intake.rows("toll_station")] != []
    assert sum(r.accepted for r in reports) == 2


def test_names_in_gb18030(intake: Intake) -> None:
    intake.put("toll_station/a.zip", with_gb18030_names(("苏州收费站.csv", member(1))))
    [report] = intake.run().files
    assert report.path == "toll_station/a.zip!苏州收费站.csv"
    assert report.accepted == 1


def test_the_same_bytes_zipped_and_plain_are_one_batch(intake: Intake) -> None:
    intake.put("toll_station/a.csv", member(1))
    intake.put("toll_station/b.zip", zipped(("x.csv", member(1))))
    first, second = intake.run().files
    assert first.sha256 == second.sha256
    assert [first.is_known, second.is_known] == [False, True]
    assert len(intake.rows("toll_station")) == 1


def test_a_refused_member_does_not_stop_the_others(intake: Intake) -> None:
    nested = zipped(("y.csv", member(3)))
    intake.put(
        "toll_station/a.zip",
        zipped(("1.csv", member(1)), ("2.zip", nested), ("3.pdf", b"%PDF-"), ("4.csv", member(4))),
    )
    reports = {r.path.partition("!")[2]: r for r in intake.run().files}
    assert reports["2.zip"].refusal_code == "unsupported_format"
    assert "解开一层" in reports["2.zip"].refusal
    assert reports["3.pdf"].refusal_code == "unsupported_format"
    assert [reports[n].accepted for n in ("1.csv", "4.csv")] == [1, 1]


def test_a_workbook_in_a_zip_is_read(intake: Intake) -> None:
    book = workbook(("S", [HEAD, ("G1", "站", 120.5, 31.3, "WGS84")]))
    intake.put("toll_station/a.zip", zipped(("a.xlsx", book)))
    assert intake.run().files[0].accepted == 1


@pytest.mark.parametrize(
    "name", ["../外.csv", "/etc/x.csv", "a/../../x.csv", "C:/x.csv", "..\\x.csv"]
)
def test_a_path_outside_refuses_the_archive(intake: Intake, name: str) -> None:
    info = ZipInfo("placeholder")
    info.filename = name
    out = BytesIO()
    with ZipFile(out, "w") as target:
        target.writestr("ok.csv", member(1))
        target.writestr(info, member(2))
    [report] = intake.run().files if intake.put("toll_station/a.zip", out.getvalue()) else []
    assert report.refusal_code == "unsupported_format"
    assert "路径" in report.refusal
    assert intake.bytes_of_lake() == {}


def test_too_many_members_or_bytes_are_refused(
    intake: Intake, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = zipped(*((f"{k}.csv", member(k)) for k in range(1001)))
    assert intake.take("toll_station/many.zip", data).refusal_code == "too_large"
    monkeypatch.setattr(archive, "MAX_UNPACKED", 1000)
    big = zipped(("a.csv", member(1) + b"\r\n" * 1000))
    assert intake.take("toll_station/big.zip", big).refusal_code == "too_large"


@pytest.mark.parametrize("cut", [40, -30])
def test_a_damaged_archive_is_refused(intake: Intake, cut: int) -> None:
    data = zipped(("a.csv", member(1)))
    assert intake.take("toll_station/a.zip", data[:cut]).refusal_code == "unsupported_format"


def test_a_damaged_member_is_refused(intake: Intake) -> None:
    data = bytearray(zipped(("a.csv", member(1) * 50)))
    at = data.index(b"a.csv") + 20
    data[at : at + 8] = b"\x00" * 8
    report = intake.take("toll_station/a.zip", bytes(data))
    assert report.refusal_code == "unsupported_format"
    assert intake.bytes_of_lake() == {}


def test_what_archivers_add_is_passed_over(intake: Intake) -> None:
    data = zipped(("__MACOSX/._a.csv", b"x"), ("a.csv", member(1)), (".DS_Store", b"x"))
    intake.put("toll_station/a.zip", data)
    assert [r.path for r in intake.run().files] == ["toll_station/a.zip!a.csv"]
