"""The drawing of a comparison: bars hang together, and every word has its translation."""

import pytest

from ingest.resolve.compare import ATTRIBUTES, LEVEL_NAMES
from ingest.resolve.waterfall import Part, Step
from viz.resolution_words import ATTRIBUTE_ZH, LEVEL_ZH, REASON_ZH, value_zh
from viz.waterfall import WIDTH, waterfall

THRESHOLD = 2.0


def step(*bits: float, prior: float = -4.0) -> Step:
    parts = tuple(
        Part(attribute, LEVEL_NAMES[attribute][0], "甲", "", value)
        for attribute, value in zip(ATTRIBUTES, bits, strict=False)
    )
    return Step("甲", "乙", parts, prior, prior + sum(bits))


def test_each_bar_starts_where_the_one_before_ended() -> None:
    drawn = waterfall(step(7.0, 1.5, -2.0), THRESHOLD)
    reached = drawn.zero
    for bar in (drawn.prior, *drawn.bars):
        start = bar.x if bar.bits >= 0 else bar.x + bar.width
        assert start == pytest.approx(reached, abs=0.2)
        reached = bar.x + bar.width if bar.bits >= 0 else bar.x
    end = drawn.total.x + drawn.total.width
    assert end == pytest.approx(reached, abs=0.2)
    assert drawn.zero < drawn.threshold


@pytest.mark.parametrize("bits", [(0.0,), (20.0, 30.0), (-9.0, -9.0), (0.1,)])
def test_bars_stay_inside_the_drawing(bits: tuple[float, ...]) -> None:
    drawn = waterfall(step(*bits), THRESHOLD)
    for bar in (drawn.prior, *drawn.bars, drawn.total):
        assert 0 <= bar.x <= bar.x + bar.width <= WIDTH
    assert 0 <= drawn.threshold <= WIDTH


def test_what_nobody_states_is_left_out() -> None:
    parts = (Part("name", "equal", "", "", 0.0), Part("phone", "differ", "", "", -0.8))
    drawn = waterfall(Step("甲", "乙", parts, -4.0, -4.8), THRESHOLD)
    assert [bar.title for bar in drawn.bars] == ["电话"]


def test_every_word_of_resolution_is_translated() -> None:
    assert set(ATTRIBUTE_ZH) == set(ATTRIBUTES)
    assert {name: set(words) for name, words in LEVEL_ZH.items()} == {
        name: set(levels) for name, levels in LEVEL_NAMES.items()
    }
    assert set(REASON_ZH) >= {"joined", "refused_branch"}


def test_a_region_reads_as_its_name() -> None:
    assert value_zh("region", "3209") == "盐城市"
    assert value_zh("region", "") == ""
    assert value_zh("name", "3209") == "3209"
