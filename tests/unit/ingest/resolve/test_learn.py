"""Weights learned from pairs with codes: right signs, the same for any order, refused when few."""

import numpy as np
import polars as pl
import pytest

from ingest.errors import ResolveError
from ingest.resolve.compare import LEVEL_NAMES, compare, pack_records
from ingest.resolve.learn import learn
from ingest.resolve.weigh import load_weights, surprises, weigh
from tests.unit.ingest.resolve.conftest import code_of

FIRMS = 900


def frame_of_firms() -> pl.DataFrame:
    """Each firm twice under its code; the second record lacks or changes one value in turn."""
    number = np.arange(FIRMS)
    first = pl.DataFrame(
        {
            "code": [code_of(n) for n in number],
            "trunk": [f"字号{chr(0x4E00 + n % 800)}{chr(0x5E00 + n // 3)}化工" for n in number],
            "phone": [f"1390000{n:04d}" for n in number],
            "person": [f"人{chr(0x4E00 + n)}" for n in number],
        }
    ).with_columns(
        raw_code=pl.col("code"),
        core=pl.col("trunk").str.slice(0, 4),
        suffix=pl.lit("有限公司"),
        branch=pl.lit(""),
        region=pl.lit("3205"),
        city=pl.lit("3205"),
        address=pl.col("person") + "路1号",
    )
    turn = pl.int_range(pl.len()) % 3
    second = first.with_columns(
        phone=pl.when(turn == 0).then(pl.lit("")).otherwise("phone"),
        person=pl.when(turn == 1).then(pl.lit("某某")).otherwise("person"),
        region=pl.when(turn == 2).then(pl.lit("")).otherwise("region"),
    )
    return pl.concat([first, second])


def learned(order: np.ndarray | None = None):
    records = pack_records(frame_of_firms())
    number = np.arange(FIRMS)
    a = np.concatenate([number, number])
    b = np.concatenate([number + FIRMS, (number + 1) % FIRMS + FIRMS])
    if order is not None:
        a, b = a[order], b[order]
    levels = compare(records, a, b)
    return records, (a, b), levels, learn(records, a, b, levels, load_weights(), "test")


def test_same_firms_weigh_more_than_different_ones() -> None:
    records, (a, b), levels, found = learned()
    bits = weigh(found.weights, levels, surprises(records, a, b, levels))
    assert bits[:FIRMS].min() > bits[FIRMS:].max()
    assert found.training.positive == found.training.negative == FIRMS
    table = dict(zip(LEVEL_NAMES, found.weights.levels, strict=True))
    assert table["code"][3] > 8 > 0 == table["code"][0] > table["code"][1]
    assert table["name"][9] > 0


def test_the_order_of_pairs_changes_nothing() -> None:
    shuffled = np.random.default_rng(3).permutation(2 * FIRMS)
    assert learned(shuffled)[3] == learned()[3]


def test_a_level_that_no_pair_shows_keeps_its_weight() -> None:
    found = dict(zip(LEVEL_NAMES, learned()[3].weights.levels, strict=True))
    given = dict(zip(LEVEL_NAMES, load_weights().levels, strict=True))
    assert found["branch"] == pytest.approx(given["branch"])
    assert found["person"] != pytest.approx(given["person"])


def test_too_few_codes_are_refused_with_the_cure() -> None:
    records = pack_records(frame_of_firms())
    a, b = np.arange(50), np.arange(50) + FIRMS
    with pytest.raises(ResolveError, match=r"同码 50 对.*信用代码的登记"):
        learn(records, a, b, compare(records, a, b), load_weights(), "test")


def test_shares_of_levels_add_up() -> None:
    for shares in learned()[3].training.level_shares.values():
        assert sum(shares.values()) == pytest.approx(1, abs=1e-4)
