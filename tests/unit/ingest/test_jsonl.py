"""JSON Lines: names map like headings; a line that is no object is a broken row."""

import json

import pytest

from ingest.formats import text_encoding
from tests.unit.ingest.intake import Intake, raw

ROW = {
    "联单编号": "20263205000001",
    "废物名称": "废酸",
    "废物代码": "900-300-34",
    "移出量(kg)": 1500,
}


def lines(*objects: object) -> str:
    return "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in objects)


def test_numbers_texts_nulls_and_lists(intake: Intake) -> None:
    other = {**ROW, "移出量(kg)": "2,000", "危险特性": ["T", "C"], "接受量": None, "备注": {"a": 1}}
    report = intake.take("manifest_item/a.jsonl", lines(ROW, other))
    assert (report.read, report.accepted) == (2, 2)
    first, second = intake.rows("manifest_item")
    assert (first["qty_out_t"], second["qty_out_t"]) == (1.5, 2.0)
    assert (second["hazards"], second["qty_in_t"]) == ("T、C", None)
    assert raw(second)["备注"] == '{"a":1}'


def test_names_that_differ_from_line_to_line_are_all_known(intake: Intake) -> None:
    late = {
        "manifest_no": "20263205000002",
        "waste_name": "废碱",
        "waste_code": "900-353-35",
        "qty_out_t": 1,
    }
    report = intake.take("manifest_item/a.jsonl", lines(ROW, ROW | late))
    assert report.refusal_code == "ambiguous_heading"
    report = intake.take("manifest_item/b.jsonl", lines(late))
    assert report.accepted == 1


@pytest.mark.parametrize("bad", ["{not json}", '["a"]', "42", '{"联单编号": "1"', "废话"])
def test_a_line_that_is_no_object_is_set_aside_as_delivered(intake: Intake, bad: str) -> None:
    report = intake.take("manifest_item/a.jsonl", lines(ROW) + "\n" + bad + "\n" + lines(ROW))
    assert (report.read, report.accepted, report.reasons) == (3, 2, {"bad_shape": 1})
    [held] = intake.quarantine(report)
    assert (held["row"], held["line"], held["raw"]) == (2, 3, bad)
    assert [row["row"] for row in intake.rows("manifest_item")] == [1, 3]


def test_gb18030_and_blocks(intake: Intake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_encoding, "BLOCK", 100)
    content = lines(*({**ROW, "联单编号": f"2026320500{k:04d}"} for k in range(50)))
    report = intake.take("manifest_item/a.jsonl", content, "gb18030")
    assert report.accepted == 50
    assert [row["line"] for row in intake.rows("manifest_item")] == list(range(1, 51))
