"""Numbers along the axes of the pictures, as they are read in Chinese."""

import pytest

from api.bench.growth_axes import count_words, number_words


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "0 家"),
        (500, "500 家"),
        (9_999, "9,999 家"),
        (10_000, "1 万家"),
        (25_000_000, "2,500 万家"),
    ],
)
def test_counts(count: int, words: str) -> None:
    assert count_words(count, "家") == words
    assert count_words(count) == words.removesuffix("家").rstrip()


@pytest.mark.parametrize(
    ("value", "words"), [(0, "0"), (1e-5, "0.00001"), (0.1, "0.1"), (1, "1"), (1_400, "1,400")]
)
def test_numbers_have_no_exponent(value: float, words: str) -> None:
    assert number_words(value) == words
