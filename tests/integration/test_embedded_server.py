"""The embedded server as one child process that several processes share, join, leave and lose."""

import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

import pytest

from graph.client import GraphStore, connect
from graph.errors import (
    BadSettings,
    EmbeddedFailed,
    StatementTimedOut,
    StoreUnreachable,
    WriteRefused,
)
from graph.processes import Process
from graph.server_state import StateFile, stop
from graph.settings import GraphSettings
from tests.conftest import Folder

REPOSITORY = Path(__file__).parents[2]
SETTINGS = GraphSettings(java_heap="256m")
# Connects, says so, and then does what the test tells it on its standard input.
USER = """
import sys
from pathlib import Path
from graph.client import connect
from graph.settings import GraphSettings

class Folder:
    graph = Path(sys.argv[1])

with connect(GraphSettings(java_heap="256m"), Folder()) as store:
    print("attached", flush=True)
    for line in sys.stdin:
        if line.startswith("write"):
            for turn in range(int(line.split()[1])):
                store.write("MERGE (n:Order {id: $id}) SET n.state = $id", {"id": f"order:{turn}"})
        print("done", flush=True)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Folder]:
    """A workspace whose server, if any is left, is stopped afterwards."""
    workspace = Folder(tmp_path / "graph")
    yield workspace
    state = StateFile(workspace.graph).read()
    if state is not None:
        stop(state.server)


@contextmanager
def user(folder: Folder) -> Iterator["subprocess.Popen[str]"]:
    process = subprocess.Popen(
        [sys.executable, "-c", USER, str(folder.graph)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "attached\n", process.communicate()[1]
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def server(folder: Folder) -> Process:
    state = StateFile(folder.graph).read()
    assert state is not None
    return state.server


def eventually(is_so: Callable[[], bool], timeout_s: float = 10.0) -> bool:
    until = monotonic() + timeout_s
    while not is_so() and monotonic() < until:
        sleep(0.05)
    return is_so()


def count(store: GraphStore, label: str = "Order") -> object:
    return store.read(f"MATCH (n:{label}) RETURN count(n) AS c")[0]["c"]


def test_first_starts_others_join_last_stops(folder: Folder) -> None:
    with connect(SETTINGS, folder) as store:
        started = server(folder)
        with user(folder) as other:
            document = json.loads((folder.graph / "server.json").read_text(encoding="utf-8"))
            assert document["pid"] == started.pid
            assert [p["pid"] for p in document["attached"]] == [os.getpid(), other.pid]
            with connect(SETTINGS, folder) as again:
                again.write("CREATE (:Order {id: 'order:1'})")
        assert count(store) == 1
        assert server(folder) == started
    assert not started.is_alive
    assert not (folder.graph / "server.json").exists()
    with connect(SETTINGS, folder) as store:
        assert count(store) == 1


def test_the_starter_may_leave_first(folder: Folder) -> None:
    store = connect(SETTINGS, folder)
    started = server(folder)
    with user(folder) as other:
        store.close()
        assert started.is_alive
        other.communicate("write 3\n", timeout=30)
    assert eventually(lambda: not started.is_alive)
    assert not (folder.graph / "server.json").exists()


def test_an_interrupt_at_the_starters_terminal_leaves_the_server_to_others(folder: Folder) -> None:
    with user(folder) as starter, connect(SETTINGS, folder) as store:
        os.killpg(starter.pid, signal.SIGINT)
        starter.wait(timeout=20)
        store.write("CREATE (:Order {id: 'order:1'})")
        assert count(store) == 1


def test_a_killed_user_counts_as_gone(folder: Folder) -> None:
    with user(folder) as other:
        store = connect(SETTINGS, folder)
        started = server(folder)
        other.kill()
        other.wait()
        store.close()
    assert not started.is_alive


def test_the_server_ends_when_its_only_user_is_killed(folder: Folder) -> None:
    with user(folder) as only:
        started = server(folder)
        only.kill()
        only.wait()
        assert eventually(lambda: not started.is_alive)
    assert eventually(lambda: not (folder.graph / "server.json").exists())


def test_a_killed_server_is_told_and_started_again(folder: Folder) -> None:
    with connect(SETTINGS, folder) as store:
        store.write("CREATE (:Order {id: 'order:1'})")
        lost = server(folder)
        lost.signal(signal.SIGKILL)
        assert eventually(lambda: not lost.is_alive)
        with pytest.raises(StoreUnreachable, match="再执行一次"):
            count(store)
        assert count(store) == 1
        assert server(folder) != lost


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        '{"pid": 1}',
        json.dumps({"pid": 999999999, "start": "1", "port": 1, "attached": []}),
        json.dumps({"pid": os.getpid(), "start": "1", "port": 1, "attached": []}),
    ],
    ids=["empty", "cut short", "incomplete", "no such process", "another process"],
)
def test_a_stale_or_damaged_state_file_is_no_obstacle(folder: Folder, text: str) -> None:
    folder.graph.mkdir()
    (folder.graph / "server.json").write_text(text, encoding="utf-8")
    with connect(SETTINGS, folder) as store:
        assert count(store) == 0


def test_secrets_are_for_the_owner_only_and_not_on_the_command_line(folder: Folder) -> None:
    with connect(SETTINGS, folder):
        secrets = json.loads((folder.graph / "passwords.json").read_text(encoding="utf-8"))
        for name in ("passwords.json", "java.args"):
            assert stat.S_IMODE((folder.graph / name).stat().st_mode) == 0o600
        assert stat.S_IMODE(folder.graph.stat().st_mode) == 0o700
        line = Path(f"/proc/{server(folder).pid}/cmdline").read_text(encoding="utf-8")
        assert "java" in line
        assert not any(secret in line for secret in secrets.values())
        assert len(set(secrets.values())) == 2


def test_lost_passwords_are_made_anew(folder: Folder) -> None:
    with connect(SETTINGS, folder) as store:
        store.write("CREATE (:Order {id: 'order:1'})")
    (folder.graph / "passwords.json").unlink()
    with connect(SETTINGS, folder) as store:
        assert count(store) == 1


def test_the_server_listens_on_loopback_only(folder: Folder) -> None:
    with connect(SETTINGS, folder):
        listening = listening_addresses(server(folder).pid)
    assert len(listening) == 2, "Bolt and HTTP"
    assert set(listening) <= {"0100007F", "0000000000000000FFFF00000100007F"}


def listening_addresses(pid: int) -> list[str]:
    """Addresses, in the kernel's hexadecimal, that sockets of the process listen on."""
    own = {os.readlink(link) for link in Path(f"/proc/{pid}/fd").iterdir() if link.is_symlink()}
    found = []
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/{pid}/net/{table}").read_text(encoding="ascii").splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and f"socket:[{fields[9]}]" in own:
                found.append(fields[1].split(":")[0])
    return found


def test_two_processes_may_write_one_key_at_once(folder: Folder) -> None:
    with connect(SETTINGS, folder) as store, user(folder) as first, user(folder) as second:
        store.define(
            "CREATE CONSTRAINT order_id_unique IF NOT EXISTS FOR (n:Order) REQUIRE n.id IS UNIQUE"
        )
        for process in (first, second):
            assert process.stdin is not None
            process.stdin.write("write 30\n")
            process.stdin.flush()
        for process in (first, second):
            assert process.stdout is not None
            assert process.stdout.readline() == "done\n"
        assert count(store) == 30


def test_files_and_addresses_cannot_be_read_through_the_server(folder: Folder) -> None:
    secret = folder.graph.parent / "secret.csv"
    secret.write_text("a,b\n1,2\n", encoding="utf-8")
    with connect(SETTINGS, folder) as store:
        for source in (secret.as_uri(), str(secret), "http://127.0.0.1:9/x.csv"):
            for run in (store.read, store.write):
                with pytest.raises(WriteRefused, match=r"URLs are disabled|not allowed"):
                    run("LOAD CSV FROM $source AS row RETURN row", {"source": source})


def test_a_long_read_stops_at_its_limit(folder: Folder) -> None:
    with connect(SETTINGS, folder) as store:
        began = monotonic()
        with pytest.raises(StatementTimedOut, match="时限"):
            store.read(
                "UNWIND range(1, 100000) AS a UNWIND range(1, 100000) AS b"
                " WITH a + b AS c WHERE c < 0 RETURN count(c)",
                timeout_s=1.0,
            )
        assert monotonic() - began < 5
        assert count(store) == 0


def test_a_server_that_cannot_start_says_why(folder: Folder) -> None:
    folder.graph.mkdir()
    (folder.graph / "databases").write_text("in the way", encoding="utf-8")
    with pytest.raises(EmbeddedFailed, match=r"server\.log"):
        connect(GraphSettings(java_heap="256m", start_timeout_s=20), folder)
    assert not (folder.graph / "server.json").exists()
    with pytest.raises(BadSettings, match="内存"):
        connect(GraphSettings(java_heap="plenty"), folder)


def test_without_the_wheel_the_cure_is_told(folder: Folder) -> None:
    program = (
        "import sys; sys.modules['arcadedb_embedded'] = None\n"
        f"sys.argv = ['x', {str(folder.graph)!r}]\n" + USER
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        input="",
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
    )
    assert "EmbeddedMissing" in done.stderr
    assert "pip install" in done.stderr
    assert "JINGHUAN_GRAPH_URI" in done.stderr
