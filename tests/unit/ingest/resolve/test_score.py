"""Segments of pairs add up to all pairs, and scoring in one go equals comparing, then weighing."""

from itertools import combinations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.resolve.block import Key, block
from ingest.resolve.compare import LEVEL_NAMES, compare, pack_records
from ingest.resolve.score import score_blocks, score_pairs
from ingest.resolve.weigh import load_weights, surprises, weigh

VALUES = st.lists(
    st.tuples(st.integers(0, 3), st.one_of(st.none(), st.sampled_from("甲乙丙"))),
    min_size=1,
    max_size=14,
)


@given(VALUES, st.integers(1, 6), st.integers(1, 9))
def test_segments_give_every_pair_that_shares_a_value(
    values: list[tuple[int, str | None]], cap: int, most: int
) -> None:
    number = np.arange(len(values))
    columns = list(zip(*values, strict=True))
    keys = [
        Key("count", number, pl.Series([str(v) for v in columns[0]]), cap),
        Key("word", number, pl.Series(columns[1], dtype=pl.String), cap),
    ]
    blocks = block(keys, len(values))
    found = []
    for first, last in blocks.segments(most):
        a, b = blocks.pairs(first, last)
        assert (np.diff(a * len(values) + b) > 0).all()
        found += zip(a.tolist(), b.tolist(), strict=True)
    expected = {
        (i, j)
        for column in columns
        for i, j in combinations(range(len(values)), 2)
        if column[i] is not None and column[i] == column[j] and column.count(column[i]) <= cap
    }
    assert found == sorted(expected)


def records_of(number: int) -> pl.DataFrame:
    random = np.random.default_rng(5)

    def some(words: list[str]) -> pl.Series:
        return pl.Series(random.choice(words, number).tolist())

    trunk = some(
        [
            "宏润环保",
            "宏闰环保",
            "宏润",
            "宏环化工贸易",
            "恒通物流运输",
            "恒达物流运服",
            "宏润化工贸易",
            "宏润化工",
            "宏润化工纺织品",
            "恒通物留运输",
            "宏润环保一",
            "宏润环保二",
        ]
    )
    return pl.DataFrame(
        {
            "code": some(["", "91320000000000000A", "91320000000000000B"]),
            "raw_code": some(["", "91320000000000000A", "9132000000000000OA"]),
            "trunk": trunk,
            "core": trunk.str.slice(0, 4),
            "suffix": some(["", "有限公司", "厂"]),
            "branch": some(["", "", "昆山分公司"]),
            "region": some(["", "3205", "320583", "3201"]),
            "city": some(["", "3205", "3201"]),
            "phone": some(["", "13811112222", "13811112223"]),
            "person": some(["", "欧阳立群", "欧阳立君", "张伟"]),
            "address": some(["", "振兴路88号", "振兴路89号", "工业园一期振兴路88号"]),
        }
    )


def test_scoring_in_one_go_is_comparing_then_weighing() -> None:
    records, weights = pack_records(records_of(60)), load_weights()
    a, b = (side.astype(np.int64) for side in np.triu_indices(60, 1))
    scored = score_pairs(records, weights, a, b)
    levels = compare(records, a, b)
    assert (scored.levels == levels).all()
    assert len(np.unique(levels[:, 1])) == len(LEVEL_NAMES["name"]), "every level of a name is met"
    assert scored.weight == pytest.approx(weigh(weights, levels, surprises(records, a, b, levels)))


def test_what_weighs_too_little_is_counted_and_let_go() -> None:
    records, weights = pack_records(records_of(60)), load_weights()
    blocks = block([Key("one", np.arange(60), pl.Series(["x"] * 60), 100)], 60)
    everything = score_blocks(records, weights, blocks, -np.inf, with_coded=True)
    some = score_blocks(records, weights, blocks, 0.0, with_coded=False)
    assert everything.compared == some.compared == len(everything.a) == 60 * 59 // 2
    assert (everything.level_counts == some.level_counts).all()
    is_coded = (records.code[everything.a] >= 0) & (records.code[everything.b] >= 0)
    kept = (everything.weight >= 0.0) & ~is_coded
    assert 0 < kept.sum() < len(kept)
    assert some.a.tolist() == everything.a[kept].tolist()
    assert some.weight.tolist() == everything.weight[kept].tolist()
