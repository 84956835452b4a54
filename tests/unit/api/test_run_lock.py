"""One run at a time: a second is told who holds the workspace, and a dead holder holds nothing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from api.errors import Busy
from api.run_lock import run_lock
from records.workspace import Workspace

HOLD = (
    "import sys; from pathlib import Path; from api.run_lock import run_lock;"
    "from records.workspace import Workspace\n"
    "with run_lock(Workspace(Path(sys.argv[1])), 'detect'):\n"
    "    print('held', flush=True); sys.stdin.read()"
)


def test_a_second_is_refused_and_the_holder_named(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    with run_lock(workspace, "run"):
        with pytest.raises(Busy) as raised, run_lock(workspace, "run"):
            pass
        assert f"进程 {os.getpid()}" in str(raised.value)
        assert "jinghuan run" in str(raised.value)
    with run_lock(workspace, "run"):
        pass


def test_a_killed_holder_frees_the_workspace(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        named = f"jinghuan detect.*进程 {holder.pid}"
        with pytest.raises(Busy, match=named), run_lock(workspace, "run"):
            pass
    finally:
        holder.kill()
        holder.communicate()
    with run_lock(workspace, "run"):
        pass
