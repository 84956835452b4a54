"""Delimited text: encodings, separators, quotes, and rows whose shape cannot be told."""

import csv
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.formats import text_encoding
from ingest.formats.tokens import cut, gather
from tests.unit.ingest.intake import Intake, raw, table

HEAD = ("收费站编号", "收费站名称", "经度", "纬度", "坐标系")
ROWS = (
    ("G32010", "苏州新区站", "120.5", "31.3", "WGS84"),
    ("G32011", "昆山站", "120.9", "31.4", "WGS84"),
)
TEXT = table(HEAD, *ROWS)


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (TEXT, "utf-8"),
        (TEXT, "utf-8-sig"),
        (TEXT, "gb18030"),
        (TEXT.replace("苏州新区站", "苏州㐀𠀀站"), "gb18030"),
        ("\ufeff" + TEXT, "utf-16-le"),
        ("\ufeff" + TEXT, "utf-16-be"),
        (TEXT.replace("\r\n", "\n"), "utf-8"),
        (TEXT.replace("\r\n", "\r"), "gb18030"),
        (TEXT.rstrip(), "utf-8"),
        (table(HEAD, *ROWS, separator="\t"), "gb18030"),
        (table(HEAD, *ROWS, separator=";"), "utf-8"),
        (table(HEAD, *ROWS, separator="|"), "utf-8"),
        ("sep=;\r\n" + table(HEAD, *ROWS, separator=";"), "utf-8-sig"),
        ("\r\n\r\n" + TEXT, "utf-8"),
    ],
)
def test_encodings_and_separators_give_the_same_rows(
    intake: Intake, content: str, encoding: str
) -> None:
    report = intake.take("toll_station/a.csv", content, encoding)
    assert (report.read, report.accepted, report.refusal) == (2, 2, "")
    rows = intake.rows("toll_station")
    assert [row["station_no"] for row in rows] == ["G32010", "G32011"]
    assert [row["lon"] for row in rows] == [120.5, 120.9]
    assert rows[0]["name"] == ("苏州㐀𠀀站" if "㐀" in content else "苏州新区站")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (TEXT.encode("gb18030") + b"\xff\xff,x,120,31,WGS84\r\n", "undecodable"),
        (b"", "empty"),
        (b"\xef\xbb\xbf\r\n \r\n", "empty"),
        (table(HEAD).encode(), "empty"),
        (table(("甲", "乙"), (1, 2)).encode(), "no_header"),
        (b"%PDF-1.7 ...", "unsupported_format"),
        (b"<html><body><table><tr><td>x</td></tr></table></body></html>", "unsupported_format"),
        (b"Rar!\x1a\x07\x00", "unsupported_format"),
    ],
)
def test_what_cannot_be_read_is_refused(intake: Intake, content: bytes, code: str) -> None:
    report = intake.take("toll_station/a.xls", content)
    assert report.refusal_code == code
    assert (report.read, report.accepted) == (0, 0)
    assert "toll_station/a.xls" in report.refusal
    assert intake.rows("toll_station") == []
    assert intake.bytes_of_lake() == {}


def test_a_page_saved_as_xls_is_refused_with_the_cure(intake: Intake) -> None:
    report = intake.take("toll_station/网页.xls", "\ufeff<html xmlns:x=''><table>…</table></html>")
    assert "另存为 .xlsx" in report.refusal


def test_an_undecodable_block_far_behind_leaves_nothing(
    intake: Intake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_encoding, "BLOCK", 64)
    content = TEXT.encode("gb18030") * 20 + b"\x81\x20 \r\n"
    assert intake.take("toll_station/a.csv", content).refusal_code == "undecodable"
    assert intake.bytes_of_lake() == {}


def test_quotes_follow_rfc_4180(intake: Intake) -> None:
    content = table(
        HEAD,
        ('"G1"', '"甲""站""，\r\n二层"', "120.5", "31.3", "WGS84"),
        ("G2", '乙"站', "120.5", "31.3", "WGS84"),
        ('"G3" ', "丙,站".join('""'), "120.5", "31.3", "WGS84"),
    )
    report = intake.take("toll_station/a.csv", content)
    assert (report.read, report.accepted) == (3, 3)
    rows = intake.rows("toll_station")
    assert [raw(row)["收费站名称"] for row in rows] == ['甲"站"，\r\n二层', '乙"站', "丙,站"]
    assert [row["line"] for row in rows] == [2, 4, 5]


def test_a_broken_quote_gives_up_its_own_line_only(intake: Intake) -> None:
    broken = 'G1,"甲站,120.5,31.3,WGS84'
    content = TEXT + broken + "\r\n" + table(("G9", "末站", "120.5", "31.3", "WGS84"))
    report = intake.take("toll_station/a.csv", content)
    assert (report.read, report.accepted, report.reasons) == (4, 3, {"bad_shape": 1})
    [held] = intake.quarantine(report)
    assert (held["row"], held["line"], held["raw"]) == (3, 4, broken)
    assert [row["station_no"] for row in intake.rows("toll_station")][-1] == "G9"


def test_text_behind_a_closing_quote_is_a_broken_row(intake: Intake) -> None:
    report = intake.take("toll_station/a.csv", TEXT + 'G1,"甲"站,120.5,31.3,WGS84\r\n')
    assert report.reasons == {"bad_shape": 1}


def test_a_filled_cell_beyond_the_last_heading_is_a_broken_row(intake: Intake) -> None:
    content = (
        TEXT + "G1,甲站,120.5,31.3,WGS84,多\r\n" + "G2,乙站,120.5,31.3,WGS84,, \r\nG3,丙,120,31\r\n"
    )
    report = intake.take("toll_station/a.csv", content)
    assert (report.read, report.quarantined, report.reasons) == (5, 1, {"bad_shape": 1})
    assert intake.quarantine(report)[0]["raw"] == "G1,甲站,120.5,31.3,WGS84,多"
    assert intake.rows("toll_station")[-1]["crs"] is None


def test_rows_do_not_depend_on_where_blocks_end(
    intake: Intake, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [(f"G{k:05d}", f'"站,{k}\r\n""号"""', "120.5", "31.3", "WGS84") for k in range(300)]
    content = table(HEAD, *rows)
    intake.put("toll_station/a.csv", content)
    monkeypatch.setattr(text_encoding, "BLOCK", 97)
    monkeypatch.setattr("ingest.formats.delimited.BLOCK", 1000)
    assert intake.run().files[0].accepted == 300
    found = intake.rows("toll_station", "row, line, station_no, name, raw_json")
    assert [row["row"] for row in found] == list(range(1, 301))
    assert [row["line"] for row in found] == [2 + 2 * k for k in range(300)]
    assert raw(found[7])["收费站名称"] == '站,7\r\n"号"'


def test_a_line_that_fits_into_no_block_is_refused(
    intake: Intake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_encoding, "BLOCK", 200)
    monkeypatch.setattr("ingest.formats.delimited.BLOCK", 200)
    report = intake.take("toll_station/a.csv", TEXT + "G1," + "长" * 500 + ",120,31,WGS84\r\n")
    assert report.refusal_code == "too_large"


def test_spreadsheet_guards_are_taken_off(intake: Intake) -> None:
    content = table(HEAD, ('="0123"', "'甲站", "120.5", "31.3", "WGS84"))
    intake.take("toll_station/a.csv", content)
    [row] = intake.rows("toll_station")
    assert (row["station_no"], row["name"]) == ("0123", "甲站")
    assert raw(row)["收费站编号"] == '="0123"'


CELLS = st.text(st.sampled_from('ab,"\n 中;\t'), max_size=6)


@given(st.lists(st.lists(CELLS, min_size=2, max_size=4), min_size=1, max_size=8))
def test_cells_are_those_of_the_standard_reader(rows: list[list[str]]) -> None:
    """Oracle: the csv module, over what it wrote itself."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n", quoting=csv.QUOTE_ALL).writerows(rows)
    data = np.frombuffer(out.getvalue().encode(), np.uint8)
    tokens = cut(data, ord(","), is_last=True, line=1)
    assert not tokens.is_broken.any()
    found = []
    for record in range(tokens.size):
        width = int(tokens.first[record + 1] - tokens.first[record])
        cells = [gather(tokens, place, np.array([record]))[1] for place in range(width)]
        found.append([cell.tobytes().decode() for cell in cells])
    assert found == rows


@given(st.binary(max_size=200).map(lambda b: bytes(x % 5 * 7 + 34 for x in b)), st.integers(1, 50))
def test_cutting_in_pieces_loses_no_byte(data: bytes, size: int) -> None:
    """Whatever the bytes: records of all pieces, end to end, are the bytes of the text."""
    text = data.replace(b"0", b"\n")
    rest, kept, line = b"", [], 1
    for at in range(0, max(len(text), 1), size):
        rest += text[at : at + size]
        is_last = at + size >= len(text)
        tokens = cut(np.frombuffer(rest, np.uint8), ord(","), is_last=is_last, line=line)
        line = tokens.next_line
        kept += [rest[s:e] for s, e in zip(tokens.record_start, tokens.record_end, strict=True)]
        rest = rest[tokens.used :]
    assert rest == b""
    whole = text[:-1] if text.endswith(b"\n") else text
    if text:
        assert b"\n".join(kept) == whole
