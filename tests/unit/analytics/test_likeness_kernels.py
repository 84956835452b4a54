"""Kernels behind likenesses against brute force: equal fragments, near pictures."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.kernels.fragments import equal_fragments
from analytics.kernels.near_hashes import near_pairs
from tests.oracles import rings as oracle


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), max_size=24),
    st.integers(2, 4),
    st.integers(1, 3),
)
def test_fragments(points: list[tuple[int, int]], length: int, distinct: int) -> None:
    points.sort(key=lambda point: point[0])
    series, values = [s for s, _ in points], [v for _, v in points]
    found = equal_fragments(
        np.array(series, dtype=np.int64),
        np.array(values, dtype=np.int64),
        length=length,
        distinct=distinct,
        copies=100,
    )
    windows = {
        (a + step, b + step)
        for a, b, run in zip(
            found.first.tolist(), found.second.tolist(), found.length.tolist(), strict=True
        )
        for step in range(run - length + 1)
    }
    assert windows == oracle.equal_windows(series, values, length, distinct)
    starts = set(zip(found.first.tolist(), found.second.tolist(), strict=True))
    assert all((a - 1, b - 1) not in windows for a, b in starts), "the longest run is one fragment"


def test_common_patterns_are_left_out() -> None:
    series = np.repeat(np.arange(5), 4)
    values = np.tile(np.arange(4), 5)
    assert equal_fragments(series, values, length=4, distinct=2, copies=4).first.size == 0
    assert equal_fragments(series, values, length=4, distinct=2, copies=5).first.size == 10


def test_fragment_of_one_value_is_refused() -> None:
    with pytest.raises(ValueError, match="length 1"):
        equal_fragments(np.zeros(3, np.int64), np.zeros(3, np.int64), length=1, distinct=1)


def test_coarse_readings_meet_by_chance_and_fine_ones_do_not() -> None:
    random = np.random.default_rng(3)
    series = np.repeat(np.arange(40), 1_000)
    coarse = np.concatenate([np.cumsum(random.integers(-1, 2, 1_000)) for _ in range(40)])
    found = equal_fragments(series, coarse, length=12, distinct=3, copies=100)
    assert found.first.size > 0
    kept = equal_fragments(series, coarse, length=12, distinct=3, copies=100, margin_bits=10)
    assert kept.first.size == 0
    fine = np.cumsum(random.integers(-500, 500, 40_000))
    fine[5_100:5_130] = fine[100:130]
    kept = equal_fragments(series, fine, length=12, distinct=3, margin_bits=10)
    assert (kept.first.tolist(), kept.second.tolist(), kept.length.tolist()) == (
        [100], [5_100], [30],
    )  # fmt: skip


def test_a_long_coarse_fragment_is_no_chance() -> None:
    random = np.random.default_rng(3)
    series = np.repeat(np.arange(4), 1_000)
    values = np.cumsum(random.integers(-1, 2, 4_000))
    values[2_200:2_280] = values[200:280]
    kept = equal_fragments(series, values, length=12, distinct=3, margin_bits=10)
    # Where it moves too little for a window, the copy falls into two parts.
    assert (kept.second - kept.first).tolist() == [2_000, 2_000]
    assert kept.length.sum() >= 80


@settings(max_examples=100, deadline=None, derandomize=True)
@given(
    st.lists(
        st.tuples(st.sampled_from([0, 1, 2**63, 2**64 - 1, 2**32 + 5]), st.integers(0, 2**10),
                  st.integers(0, 2)),
        max_size=14,
    ),
    st.integers(0, 7),
)  # fmt: skip
def test_near_pictures(pictures: list[tuple[int, int, int]], distance: int) -> None:
    hashes = [base ^ noise for base, noise, _ in pictures]
    owner = [own for _, _, own in pictures]
    first, second = near_pairs(
        np.array(hashes, dtype=np.uint64), np.array(owner, dtype=np.int64), distance
    )
    found = list(zip(first.tolist(), second.tolist(), strict=True))
    assert found == sorted(oracle.near_pairs(hashes, owner, distance))


def test_ten_thousand_equal_pictures_are_compared_in_bounded_time() -> None:
    hashes, owner = np.full(10_000, 7, dtype=np.uint64), np.zeros(10_000, dtype=np.int64)
    assert near_pairs(hashes, owner, 6)[0].size == 0
