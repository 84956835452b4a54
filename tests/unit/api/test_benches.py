"""Every benchmark that the command names is there, and small data where it says so."""

import json
import sys
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import Any

import pytest

from api.bench import BENCHES, QUICK_BENCHES
from api.bench.request import Request
from api.cli import run


@pytest.mark.parametrize("name", BENCHES)
def test_is_a_function_of_a_request(name: str) -> None:
    assert callable(import_module(f"api.bench.{BENCHES[name]}").bench)


@pytest.mark.parametrize("name", BENCHES)
def test_small_data_is_there_where_the_command_offers_it(name: str) -> None:
    module = import_module(f"api.bench.{BENCHES[name]}")
    assert hasattr(module, "QUICK") == (name in QUICK_BENCHES)
    if name in QUICK_BENCHES:
        assert module.Sizes() != module.QUICK


@dataclass(frozen=True)
class Sizes:
    """Sizes of a benchmark that only says what it was given."""

    rows: int = 1_000


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    """Registers the benchmark ``tiny``, which has small data."""

    def bench(request: Request, sizes: Sizes | None = None) -> dict[str, Any]:
        rows = (sizes or Sizes()).rows
        return {"rows": rows, "is_empty": not any(request.folder.iterdir()), "targets_met": True}

    module = ModuleType("api.bench.tiny")
    module.__dict__.update(bench=bench, QUICK=Sizes(3))
    monkeypatch.setitem(sys.modules, "api.bench.tiny", module)
    monkeypatch.setitem(BENCHES, "tiny", "tiny")
    monkeypatch.setattr("api.commands.bench.QUICK_BENCHES", ("tiny",))


@pytest.mark.usefixtures("tiny")
@pytest.mark.parametrize(
    ("flags", "rows", "targets_met"), [([], 1_000, True), (["--quick"], 3, None)]
)
def test_quick_runs_on_small_data_and_claims_no_target(
    flags: list[str], rows: int, targets_met: bool | None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["bench", "tiny", *flags]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "is_quick": bool(flags), "rows": rows, "is_empty": True, "targets_met": targets_met,
    }  # fmt: skip


def test_quick_is_refused_where_there_is_no_small_data(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["bench", "match", "--quick"]) == 2
    assert "基准 match 没有小数据" in capsys.readouterr().err
