"""Every benchmark that the command names is there."""

from importlib import import_module

import pytest

from api.bench import BENCHES


@pytest.mark.parametrize("name", BENCHES)
def test_is_a_function_of_a_request(name: str) -> None:
    assert callable(import_module(f"api.bench.{BENCHES[name]}").bench)
