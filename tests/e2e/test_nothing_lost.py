"""A run that is killed, a lake that is lost, a second run: the findings come out the same.

Strategy: the small workspace of :mod:`tests.workspace` went through all stages undisturbed; every
case works on its own copy of the inbox (and, where decisions must survive, of ``state/``) and
compares SHA-256 sums of what a run by the command line leaves behind with those of that run. A run
costs most of a minute however few the rows, so one workspace is killed in every stage in turn.
``JINGHUAN_TEST_SIZE=small`` takes the province of the demo.
"""

import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest

from graph.server_state import StateFile, stop
from ingest.simulate.province import simulate_world
from ingest.simulate.size import SIZES
from records.intake import Ledger
from records.workspace import Workspace
from tests.workspace import take_workspace

pytestmark = pytest.mark.slow

PROGRAM = [sys.executable, "-c", "from api.cli import main; main()"]
STAGES = ("接入", "归并", "入图", "研判", "线索")


def run(workspace: Path) -> dict[str, Any]:
    """A whole run by the command line; its report."""
    done = subprocess.run(
        [*PROGRAM, "run", "--workspace", str(workspace), "--json"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def sums(workspace: Path) -> dict[str, str]:
    """SHA-256 of everything derived that holds rows, by path below the lake."""
    lake = workspace / "lake"
    files = [p for p in lake.rglob("*.parquet") if "load" not in p.relative_to(lake).parts]
    return {
        str(p.relative_to(lake)): hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(files)
    }


@contextmanager
def copy_of(source: Path, target: Path, *parts: str) -> Iterator[Path]:
    """A workspace with some parts of another; its graph server is stopped at the end."""
    for part in parts:
        shutil.copytree(source / part, target / part)
    try:
        yield target
    finally:
        state = StateFile(target / "graph").read()
        if state is not None:
            stop(state.server)
        shutil.rmtree(target, ignore_errors=True)


@pytest.fixture(scope="module")
def whole(
    shared_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Path, dict[str, str]]]:
    """A workspace after one undisturbed run, and the sums of what it left."""
    root = tmp_path_factory.mktemp("whole") / "workspace"
    if os.environ.get("JINGHUAN_TEST_SIZE") == "small":
        simulate_world(root / "inbox", SIZES["small"], seed=7)
        run(root)
    else:
        take_workspace(shared_folder, root)
    with copy_of(root, root):
        yield root, sums(root)


def test_every_row_is_accepted_or_quarantined(whole: tuple[Path, dict[str, str]]) -> None:
    root, _ = whole
    batches = [p for p in (root / "lake").glob("*/*/report.json") if "derived" not in p.parts]
    reports = [json.loads(path.read_text(encoding="utf-8")) for path in batches]
    assert reports
    assert all(r["read"] == r["accepted"] + r["quarantined"] for r in reports)


def test_a_second_run_does_nothing_and_says_so(whole: tuple[Path, dict[str, str]]) -> None:
    root, before = whole
    report = run(root)
    assert report["is_nothing_new"]
    assert all(stage["is_skipped"] for stage in report["stages"])
    assert sums(root) == before


def test_lost_lake_and_graph_come_back_with_equal_bytes(
    whole: tuple[Path, dict[str, str]], tmp_path: Path
) -> None:
    root, before = whole
    with copy_of(root, tmp_path / "rebuilt", "inbox", "state") as workspace:
        report = run(workspace)
        assert sums(workspace) == before
        assert not report["stages"][2]["is_skipped"]


def test_a_fresh_workspace_gives_equal_bytes(
    whole: tuple[Path, dict[str, str]], tmp_path: Path
) -> None:
    root, before = whole
    with copy_of(root, tmp_path / "fresh", "inbox") as workspace:
        report = run(workspace)
        assert sums(workspace) == before
    names = [stage["stage"] for stage in report["stages"]]
    assert names == ["ingest", "resolve", "load", "detect", "leads"]
    assert not any(stage["is_skipped"] for stage in report["stages"])
    assert report["stages"][3]["rows_out"] > 0


def kill_in(stage: str, workspace: Path, delay_s: float) -> bool:
    """Start a run and kill it ``delay_s`` after ``stage`` speaks first; whether it was killed."""
    process = subprocess.Popen(
        [*PROGRAM, "run", "--workspace", str(workspace), "--json"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith(stage):
            break
    until = monotonic() + delay_s
    while monotonic() < until and process.poll() is None:
        sleep(0.005)
    is_running = process.poll() is None
    process.kill()
    process.stderr.close()
    process.wait()
    return is_running


def stage_of(path: str) -> str:
    """The stage that writes a file of rows, finished or not; ``path`` is below the lake."""
    folder = path.split("/")[-2]
    return "归并" if "resolve" in folder else "研判" if "detect" in folder else "接入"


def test_killed_in_every_stage_in_turn_nothing_is_lost(
    whole: tuple[Path, dict[str, str]], tmp_path: Path
) -> None:
    root, before = whole
    seed = random.SystemRandom().randrange(1 << 30)
    print(f"seed {seed}")
    delays = random.Random(seed)
    with copy_of(root, tmp_path / "killed", "inbox") as workspace:
        for number, stage in enumerate(STAGES):
            was_killed = kill_in(stage, workspace, delays.uniform(0.0, 0.4))
            assert was_killed, f"{stage}: the run was over before it could be killed"
            # The stage that the kill before this one hit was finished by one run.
            done = STAGES[:number]
            found, wanted = (
                {path: value for path, value in each.items() if stage_of(path) in done}
                for each in (sums(workspace), before)
            )
            assert found == wanted, f"after a kill in {done[-1]}"
            assert number == 0 or Ledger(Workspace(workspace)).unfinished() == []
        run(workspace)
        assert sums(workspace) == before
