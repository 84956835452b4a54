"""Processes, the state file of the embedded server, and its keeper, without a server."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from graph.keeper import is_watch_over
from graph.processes import Process
from graph.server_state import ServerState, StateFile, stop


@pytest.fixture
def sleeper() -> Iterator["subprocess.Popen[bytes]"]:
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    yield process
    process.kill()
    process.wait()


def me() -> Process:
    return Process.of(os.getpid())


def dead() -> Process:
    return Process(os.getpid(), "another start")


def test_a_process_is_known_by_its_start(sleeper: "subprocess.Popen[bytes]") -> None:
    process = Process.of(sleeper.pid)
    assert process.is_alive
    assert me().is_alive
    assert not dead().is_alive
    sleeper.kill()
    os.waitid(os.P_PID, sleeper.pid, os.WEXITED | os.WNOWAIT)
    assert not process.is_alive, "a zombie does not run"
    sleeper.wait()
    assert not process.is_alive
    process.signal(15)


def test_attaching_twice_counts_once_and_the_dead_fall_out() -> None:
    state = ServerState(dead(), 7, (dead(),)).with_attached(me()).with_attached(me())
    assert state.attached == (me(),)
    assert state.without(me()).attached == ()


def test_the_file_gives_back_what_was_written(tmp_path: Path) -> None:
    file = StateFile(tmp_path)
    assert file.read() is None
    state = ServerState(me(), 4711, (me(), dead()))
    file.write(state)
    assert file.read() == state
    file.remove()
    assert file.read() is None


def test_stop_waits_for_the_end(sleeper: "subprocess.Popen[bytes]") -> None:
    process = Process.of(sleeper.pid)
    stop(process)
    assert not process.is_alive


Starting = Callable[[Process], ServerState | None]
CASES: list[tuple[str, Starting, bool]] = [
    ("someone lives", lambda server: ServerState(server, 1, (me(), dead())), False),
    ("all have died", lambda server: ServerState(server, 1, (dead(),)), True),
    ("nobody joined", lambda server: ServerState(server, 1), True),
    ("another server runs", lambda _server: ServerState(me(), 1, (me(),)), True),
    ("starter died early", lambda _server: None, True),
]


@pytest.mark.parametrize(("state", "ends"), [case[1:] for case in CASES], ids=[c[0] for c in CASES])
def test_the_keeper_ends_a_server_without_users(
    tmp_path: Path, sleeper: "subprocess.Popen[bytes]", state: Starting, ends: bool
) -> None:
    server = Process.of(sleeper.pid)
    written = state(server)
    if written is not None:
        StateFile(tmp_path).write(written)
    assert is_watch_over(tmp_path, server) == ends
    assert server.is_alive != ends
    left = StateFile(tmp_path).read()
    if left is not None and left.server == server:
        assert left.attached == (me(),)


def test_the_keeper_ends_the_server_of_a_deleted_folder(
    tmp_path: Path, sleeper: "subprocess.Popen[bytes]"
) -> None:
    server = Process.of(sleeper.pid)
    assert is_watch_over(tmp_path / "gone", server)
    assert not server.is_alive
