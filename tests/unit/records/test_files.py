"""Files that readers see whole or not at all, and the names of paths."""

import os
from datetime import date, datetime
from pathlib import Path

import polars as pl
import pytest

from records.atomic import write_parquet, write_text
from records.clock import day_end, shanghai_day, shanghai_iso, utc_instant
from records.workspace import Workspace


def test_an_interrupted_write_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text, table = tmp_path / "a" / "b.json", tmp_path / "a" / "c.parquet"
    write_text("old", text)
    write_parquet(pl.DataFrame({"x": [1]}), table)

    def interrupted(source: object, target: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupted)
    for write in (
        lambda: write_text("new", text),
        lambda: write_parquet(pl.DataFrame({"x": [2]}), table),
    ):
        with pytest.raises(KeyboardInterrupt):
            write()
    assert text.read_text() == "old"
    assert pl.read_parquet(table)["x"].to_list() == [1]


def test_a_workspace_names_its_paths_and_touches_nothing(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "w")
    assert workspace.derived("resolve") == tmp_path / "w" / "lake" / "derived" / "resolve"
    assert workspace.batch("manifest", "ab") == tmp_path / "w" / "lake" / "manifest" / "ab"
    assert workspace.state_file("intake") == tmp_path / "w" / "state" / "intake.sqlite"
    assert workspace.settings_file.name == "jinghuan.toml"
    assert not workspace.root.exists()
    workspace.create()
    workspace.create()
    assert sorted(p.name for p in workspace.root.iterdir()) == ["inbox", "lake", "out", "state"]


def test_shanghai_days_and_instants() -> None:
    assert day_end(date(2026, 10, 31)) == datetime(2026, 10, 31, 16)
    assert shanghai_day(datetime(2026, 10, 31, 16)) == date(2026, 11, 1)
    assert shanghai_iso(datetime(2026, 10, 31, 16, 0, 0, 5)) == "2026-11-01T00:00:00+08:00"
    assert utc_instant("2026-11-01T00:00:00+08:00") == datetime(2026, 10, 31, 16)
