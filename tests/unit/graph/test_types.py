"""Numbers of a finding as they are published."""

import pytest

from graph.types import _rounded


@pytest.mark.parametrize(
    ("value", "published"),
    [
        (1.23456789, 1.234568),
        (0.0012345678, 0.001235),
        (1.84e-7, 1.84e-7),
        (-3.14159e-5, -3.14e-5),
        (2.2e-16, 0.0),
        (0.0, 0.0),
    ],
)
def test_a_small_probability_is_not_zero(value: float, published: float) -> None:
    assert _rounded({"p": [value]}) == {"p": [published]}
