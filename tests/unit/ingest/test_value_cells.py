"""Cells of any type: null tokens, cleaning, truth, enumerations, JSON; column and cell agree."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.values.parsed import clean
from records.contract import EnumValue
from tests.unit.ingest.column_reading import column, read


@pytest.mark.parametrize(
    "token", ["", " ", "-", "--", "—", "/", "\\", "null", "NULL", "N/A", "#N/A", "NaN"]
)
def test_null_tokens_are_whole_cells_of_any_type(token: str) -> None:
    assert read(column("text"), token, token + "x")[0][0] is None
    assert read(column("float"), token) == [(None, "", "")]
    assert read(column("text"), f"a{token}b")[0][0] == f"a{token}b".replace("  ", " ")


@pytest.mark.parametrize("token", ["无", "暂无", "空"])
def test_words_are_null_for_types_other_than_text(token: str) -> None:
    assert read(column("text"), token) == [(token, "", "")]
    assert read(column("float"), token) == [(None, "", "")]


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        ("　１２．５ｔ　", "12.5t"),
        ("a \n b", "a b"),
        ('="0123"', "0123"),
        ("'0123", "0123"),
        ("\t0123", "0123"),
        ("（甲）", "(甲)"),
    ],
)
def test_cells_are_cleaned(raw: str, cleaned: str) -> None:
    assert pl.select(clean(pl.lit(raw))).item() == cleaned


@pytest.mark.parametrize(
    ("texts", "value"),
    [
        (("是", "有", "Y", "yes", "TRUE", "true", "1", "1.0", "√"), True),
        (("否", "N", "no", "false", "0", "0.0", "×"), False),
    ],
)
def test_truth(texts: tuple[str, ...], value: bool) -> None:
    assert read(column("bool"), *texts) == [(value, "", "")] * len(texts)
    assert read(column("bool"), "也许") == [(None, "bad_bool", "")]


CODED = (EnumValue("01", "大型汽车"), EnumValue("A", "甲"))


@pytest.mark.parametrize(
    ("text", "value", "code"),
    [
        ("01", "01", ""),
        ("1", "01", ""),
        ("1.0", "01", ""),
        ("大型汽车", "01", ""),
        ("01大型汽车", "01", ""),
        ("A", "A", ""),
        ("甲", "A", ""),
        ("A 甲", "A", ""),
        ("乙", "乙", "unknown_enum"),
    ],
)
def test_enumerations(text: str, value: str, code: str) -> None:
    assert read(column("enum", enum=CODED), text) == [(value, code, "")]


def test_json_texts() -> None:
    assert read(column("json"), "[1, 2]", "{") == [("[1, 2]", "", ""), (None, "bad_json", "")]


@given(st.lists(st.sampled_from(["12.5", "1,200", "<0.05", "ND", "x", "3吨", None]), max_size=20))
def test_a_column_reads_as_its_cells_do(texts: list[str | None]) -> None:
    together = read(column("float", unit="t"), *texts)
    assert together == [read(column("float", unit="t"), text)[0] for text in texts]
