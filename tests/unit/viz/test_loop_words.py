"""Words of HW-11, and its balance sheet read back from a finding."""

from tests.unit.analytics.loop_lake import CODE, Lake
from viz.loop_words import HEADING, balance_rows
from viz.model_words import statistic_zh


def test_every_number_of_a_loop_has_a_name() -> None:
    (draft,) = Lake().ring("abc").drafts()
    names = [s.name for s in draft.statistics]
    assert [name for name in names if statistic_zh(name) == name] == []


def test_balance_is_told_party_by_party() -> None:
    (draft,) = Lake().move("ab", 0, 10.0).move("ca", 1, 7.0).move("ba", 5, 9.0).drafts()
    rows = balance_rows(draft.quantities, {1: "甲厂"})
    assert [(row.node, row.code) for row in rows] == [(1, CODE), (2, CODE)]
    assert rows[0].cells == (
        "甲厂", CODE, "16.000（2笔）", "9.000", "10.000（1笔）", "10.000", "6.000",
        "无台账", "无台账", "无台账",
    )  # fmt: skip
    assert rows[1].cells[0] == "第2家"
    assert {len(row.cells) for row in rows} == {len(HEADING)}


def test_goods_and_other_codes_come_last() -> None:
    quantities = {f"node1:{code}:in_t": 1.0 for code in ("other", "unknown", "900-041-49", CODE)}
    assert [row.code for row in balance_rows(quantities, {})] == [
        CODE, "900-041-49", "unknown", "other",
    ]  # fmt: skip
    assert balance_rows({"node1_in_t": 1.0, "hop1:t": 2.0}, {}) == []


def test_nothing_at_all_is_zero() -> None:
    quantities = {f"node1:{CODE}:in_t": 0.0, f"node1:{CODE}:out_t": 0.0004}
    (row,) = balance_rows(quantities, {})
    assert row.cells[2:5] == ("0（0笔）", "无台账", "0（0笔）")
