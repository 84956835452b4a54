"""New findings a day: by the end of the window and by daily runs, every case once."""

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).parents[3] / "tools" / "duty_load.py"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    """The script as a module, loaded from its file as nothing else imports it."""
    spec = importlib.util.spec_from_file_location("duty_load", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["duty_load"] = module
    spec.loader.exec_module(module)
    return module


def finding(name: str, end: str, grade: int = 3, replaces: str | None = None) -> dict[str, object]:
    return {
        "finding_id": name, "model": name.partition(":")[0], "grade": grade,
        "as_of": "2026-10-31", "window": {"from": end, "to": end}, "replaces": replaces,
    }  # fmt: skip


def write(path: Path, *findings: dict[str, object]) -> None:
    path.write_text("".join(json.dumps(one) + "\n" for one in findings), encoding="utf-8")


def test_by_window_counts_days_without_a_finding(
    script: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(
        tmp_path / "f.jsonl",
        finding("HW-11:1", "2026-10-31T10:00:00+08:00", 1),
        finding("HW-11:2", "2026-10-30T17:00:00+00:00", 3),
        finding("TP-06:1", "2026-10-28T00:00:00+08:00"),
        finding("TP-06:2", "2026-10-27T23:59:00+08:00"),
    )
    assert script.main([str(tmp_path / "f.jsonl"), "--days", "4", "--json"]) == 0
    (load,) = json.loads(capsys.readouterr().out)
    assert (load["basis"], load["days"], load["raised"]) == ("window end", 4, None)
    assert load["figures"]["HW-11"] == {
        "all": {"total": 2, "mean": 0.5, "median": 0.0, "most": 2},
        "1": {"total": 1, "mean": 0.25, "median": 0.0, "most": 1},
        "3": {"total": 1, "mean": 0.25, "median": 0.0, "most": 1},
    }
    assert load["figures"]["all"]["all"]["total"] == 3, "the 27th is before the four days"


def test_daily_runs_count_what_no_earlier_day_had(script: ModuleType) -> None:
    old, grown = finding("HW-11:old", "2026-10-01"), finding("HW-11:old", "2026-10-02", 1)
    moved = finding("HW-11:moved", "2026-10-02", 1, replaces="HW-11:old")
    new, strange = finding("HW-10:new", "2026-10-03", 2), finding("HW-10:x", "2026-10-03", 3, "y")
    days = [script.date(2026, 10, day) for day in (1, 2, 3, 4)]
    load = script.by_daily_runs(
        dict(zip(days, ([old], [grown], [moved, new, strange], [new]), strict=True))
    )
    assert [(a.model, a.grade, a.day.day) for a in load.arrivals] == [
        ("HW-10", 2, 3),
        ("HW-10", 3, 3),
    ]
    assert load.raised == 1
    assert script.figures(load)["all"]["all"] == {
        "total": 2, "mean": 0.667, "median": 0.0, "most": 2
    }  # fmt: skip


def test_a_finding_that_goes_and_comes_back_is_not_new(script: ModuleType) -> None:
    one = finding("HW-11:1", "2026-10-01")
    days = [script.date(2026, 10, day) for day in (1, 2, 3)]
    load = script.by_daily_runs(dict(zip(days, ([], [one], [one]), strict=True)))
    assert len(load.arrivals) == 1
    gone = script.by_daily_runs(dict(zip(days, ([one], [], [one]), strict=True)))
    assert gone.arrivals == ()


def test_table_says_how_days_were_counted(
    script: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path / "f.jsonl", finding("HW-11:1", "2026-10-31T10:00:00+08:00", 2))
    folder = tmp_path / "daily"
    folder.mkdir()
    write(folder / "2026-10-30.jsonl")
    write(folder / "2026-10-31.jsonl", finding("HW-11:1", "2026-10-31T10:00:00+08:00", 2))
    script.main([str(tmp_path / "f.jsonl"), "--daily", str(folder)])
    text = capsys.readouterr().out
    assert "by window end, 30 days 2026-10-02 to 2026-10-31" in text
    assert "by daily runs, 1 days 2026-10-31 to 2026-10-31; 0 raised" in text


def test_nothing_found_is_no_error(
    script: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path / "f.jsonl")
    assert script.main([str(tmp_path / "f.jsonl")]) == 0
    assert "no days" in capsys.readouterr().out
