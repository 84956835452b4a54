"""Splink compares by the levels of the built-in engine: its comparison vectors are the oracle."""

import json
import math
from itertools import combinations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from splink import Linker, SettingsCreator

from ingest.resolve.block import Key, candidate_pairs
from ingest.resolve.compare import ATTRIBUTES, LEVEL_NAMES, compare, pack_records
from ingest.resolve.engines.splink_backends import duckdb_backend, quiet
from ingest.resolve.engines.splink_input import key_columns, splink_records
from ingest.resolve.engines.splink_levels import LEVEL_SQL, WITHOUT_NULL, splink_order
from ingest.resolve.engines.splink_options import SplinkOptions
from ingest.resolve.engines.splink_settings import VERSION, KeyColumn, splink_document
from ingest.resolve.weigh import load_weights
from tests.unit.ingest.resolve.conftest import code_of

GROUP = KeyColumn("group", "key_group", is_list=False)
LONG_NAME, LONG_ADDRESS = "江海川流" * 6, "振兴工业园区第八号路" * 5
CODES = [code_of(1), code_of(2), code_of(1)[:9] + "W" + code_of(1)[10:], code_of(1) + "X9"]
POOLS = {
    "trunk": [
        "宏润环保科技", "宏闰环保科技", "宏润环保", "宏润", "鸿润环报科技", "宏润化工", "中兴",
        "丰兴", "𠮷野环保", "吉野环保", "ABC科技", "ABD科技", "润宏保环科技", "海川",
        "宏润二", "宏润四", "宏润环报科技",
        LONG_NAME + "甲", LONG_NAME + "乙", LONG_NAME[:23] + "丙丁", "",
    ],
    "core": ["宏润", "中兴", "江海", ""],
    "suffix": ["有限公司", "厂", ""],
    "branch": ["昆山分公司", "江阴分公司", "", ""],
    "region": ["", "", "32", "3205", "320500", "320505", "320583", "3201", "33", "330106"],
    "city": ["", "3205", "3201", "3301"],
    "phone": ["13811112222", "05121234567", ""],
    "person": [
        "王中", "王丰", "李中", "王中明", "王", "欧阳立群上官婉儿甲", "欧阳立群上官婉儿乙", "",
    ],
    "address": [
        "振兴路88号", "振兴路89号", "振兴东路88号", "中山北路1号", "丰山北路1号", "振兴路",
        LONG_ADDRESS + "1", LONG_ADDRESS + "2", LONG_ADDRESS[3:], "甲", "",
    ],
}  # fmt: skip
# Column, its two values, the attribute and the level that a reader of Chinese would expect.
ONE_CHARACTER = [
    ("trunk", "中兴环保", "丰兴环保", "name", "edit_1"),
    ("trunk", "中兴", "丰兴", "name", "none"),
    ("trunk", "宏润环保科技", "宏闰环保科技", "name", "edit_1"),
    ("trunk", "𠮷野环保", "吉野环保", "name", "edit_1"),
    ("trunk", "宏润环保", "宏润环保科技", "name", "contained"),
    ("person", "王中", "王丰", "person", "edit_1"),
    ("person", "王中明", "王丰亮", "person", "differ"),
    ("address", "中山路88号", "丰山路88号", "address", "similar"),
    ("address", "中山北路1088号", "丰山北路1088号", "address", "shared"),
    ("raw_code", CODES[0], CODES[2], "code", "edit_1"),
]


def records_of(rows: list[dict[str, str]]) -> pl.DataFrame:
    columns = ("code", "raw_code", *POOLS)
    return pl.DataFrame(
        {column: [row.get(column, "") for row in rows] for column in columns}
    ).with_row_index("record").with_columns(pl.col("record").cast(pl.Int64))  # fmt: skip


def random_records(number: int, seed: int) -> pl.DataFrame:
    random = np.random.default_rng(seed)
    rows = []
    for _ in range(number):
        row = {column: str(random.choice(pool)) for column, pool in POOLS.items()}
        raw = str(random.choice([*CODES, ""]))
        rows.append(row | {"raw_code": raw, "code": raw if raw in CODES[:2] else ""})
    return records_of(rows)


def levels_by_splink(records: pl.DataFrame, group: list[int]) -> dict[tuple[int, int], list[int]]:
    """Levels of the pairs of each group, read off Splink's comparison vectors."""
    document = splink_document((GROUP,), load_weights(), "duckdb")
    keys = records.select("record", key_group=pl.Series(group))
    with quiet(), duckdb_backend(SplinkOptions()) as backend:
        frame = splink_records(records, keys)
        table = backend.put("compared", frame.to_arrow(compat_level=pl.CompatLevel.oldest()))
        shown = document.settings | {"retain_matching_columns": True}
        linker = Linker(table, shown, log_level=None, validate_settings=False)
        gammas = ", ".join(f"gamma_{attribute}" for attribute in ATTRIBUTES)
        found = backend.query(
            f"SELECT record_l, record_r, {gammas} FROM {linker.inference.predict().physical_name}"
        ).to_pylist()
    return {
        (row["record_l"], row["record_r"]): [
            row[f"gamma_{attribute}"] + (attribute not in WITHOUT_NULL) for attribute in ATTRIBUTES
        ]
        for row in found
    }


@pytest.mark.parametrize("seed", [1, 2])
def test_levels_equal_the_built_in_ones(seed: int) -> None:
    records = random_records(60, seed)
    a, b = (np.array(side) for side in zip(*combinations(range(60), 2), strict=True))
    expected = compare(pack_records(records), a, b)
    for column, attribute in enumerate(ATTRIBUTES):
        assert set(expected[:, column]) == set(range(len(LEVEL_NAMES[attribute]))), attribute
    found = levels_by_splink(records, [0] * 60)
    wrong = [
        (pair, found[pair], wanted)
        for pair, wanted in zip(
            zip(a.tolist(), b.tolist(), strict=True), expected.tolist(), strict=True
        )
        if found[pair] != wanted
    ]
    assert wrong == []


def test_one_wrong_character_is_one_character() -> None:
    rows = [{column: value} for column, *both, _, _ in ONE_CHARACTER for value in both]
    found = levels_by_splink(records_of(rows), [n // 2 for n in range(len(rows))])
    named = [
        LEVEL_NAMES[attribute][found[2 * n, 2 * n + 1][ATTRIBUTES.index(attribute)]]
        for n, (*_, attribute, _) in enumerate(ONE_CHARACTER)
    ]
    assert named == [level for *_, level in ONE_CHARACTER]


def test_every_level_is_said_and_else_comes_last() -> None:
    for attribute in ATTRIBUTES:
        order = splink_order(attribute)
        assert sorted(order) == sorted(LEVEL_NAMES[attribute])
        conditions = [LEVEL_SQL[attribute][name] for name in order]
        assert [c == "ELSE" for c in conditions] == [False] * (len(order) - 1) + [True]


@pytest.mark.parametrize("dialect", ["duckdb", "spark"])
def test_document_is_plain_and_read_by_splink(dialect: str) -> None:
    weights = load_weights()
    keys = (GROUP, KeyColumn("bigrams", "key_bigrams", is_list=True))
    document = json.loads(json.dumps(splink_document(keys, weights, dialect).to_json()))
    assert document["version"] == VERSION
    assert document["weights"] == weights.version
    assert document["levels"] == {name: list(levels) for name, levels in LEVEL_NAMES.items()}
    read = SettingsCreator.from_path_or_dict(document["settings"]).get_settings(dialect)
    assert [c.output_column_name for c in read.comparisons] == [
        *ATTRIBUTES, "value_spelling", "value_spread",
    ]  # fmt: skip
    rules = document["settings"]["blocking_rules_to_generate_predictions"]
    assert rules == [
        {"blocking_rule": "l.key_group = r.key_group"},
        {"blocking_rule": "l.key_bigrams = r.key_bigrams", "arrays_to_explode": ["key_bigrams"]},
    ]


def test_frozen_weights_are_ratios_of_m_and_u() -> None:
    weights = load_weights()
    for comparison in splink_document((GROUP,), weights, "duckdb").settings["comparisons"]:
        attribute = comparison["output_column_name"]
        if attribute.startswith("value_"):
            continue
        for level in comparison["comparison_levels"]:
            index = LEVEL_NAMES[attribute].index(level["label_for_charts"])
            bits = weights.levels[ATTRIBUTES.index(attribute)][index]
            if level.get("is_null_level"):
                assert bits == 0.0  # Splink gives a null level no weight
            else:
                ratio = level["m_probability"] / level["u_probability"]
                assert math.log2(ratio) == pytest.approx(bits, abs=1e-9)
                assert 0.0 < level["m_probability"] <= 1.0


def test_untrained_document_holds_no_weights() -> None:
    text = json.dumps(splink_document((GROUP,), None, "duckdb").to_json())
    assert "m_probability" not in text
    assert "probability_two_random_records_match" not in text


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 7), st.sampled_from("甲乙丙")), max_size=20),
    st.lists(st.one_of(st.none(), st.sampled_from("丁戊")), min_size=8, max_size=8),
    st.integers(1, 5),
)
def test_key_columns_block_as_the_built_in_keys(
    many: list[tuple[int, str]], one: list[str | None], cap: int
) -> None:
    keys = [
        Key("many+values", np.array([n for n, _ in many], np.int64),
            pl.Series([v for _, v in many], dtype=pl.String), cap),
        Key("one", np.arange(8), pl.Series(one, dtype=pl.String), cap),
    ]  # fmt: skip
    expected = candidate_pairs(keys, 8)
    frame, columns, dropped = key_columns(keys, pl.DataFrame({"record": np.arange(8)}))
    assert dropped == expected.dropped
    assert [c.column for c in columns] == ["key_many_values", "key_one"]
    pairs = set()
    for column in columns:
        held = frame.select("record", value=column.column)
        if column.is_list:
            held = held.explode("value", empty_as_null=True, keep_nulls=True)
        joined = held.join(held, on="value").filter(pl.col("record") < pl.col("record_right"))
        pairs |= set(joined.select("record", "record_right").iter_rows())
    assert sorted(pairs) == list(zip(expected.a.tolist(), expected.b.tolist(), strict=True))
