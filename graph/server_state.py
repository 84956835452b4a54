"""``graph/server.json``: the running embedded server and who is attached to it.

Whoever reads or writes the file holds the folder's lock; the kernel frees it when a holder dies.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from signal import SIGKILL, SIGTERM
from time import monotonic, sleep

from graph.processes import Process

STOP_TIMEOUT_S = 20.0


@dataclass(frozen=True, slots=True)
class ServerState:
    """The server process, its Bolt port, and the processes attached to it."""

    server: Process
    port: int
    attached: tuple[Process, ...] = ()

    def living(self) -> "ServerState":
        """The same without attached processes that have died."""
        return replace(self, attached=tuple(p for p in self.attached if p.is_alive))

    def with_attached(self, process: Process) -> "ServerState":
        """The same with ``process`` attached once."""
        rest = tuple(p for p in self.living().attached if p.pid != process.pid)
        return replace(self, attached=(*rest, process))

    def without(self, process: Process) -> "ServerState":
        """The same without ``process``."""
        return replace(self, attached=tuple(p for p in self.living().attached if p != process))


@contextmanager
def folder_lock(path: Path) -> Iterator[None]:
    """Hold the exclusive lock file ``path`` across processes; waits for it."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


class StateFile:
    """Reads and writes ``server.json`` in the folder of the embedded store."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "server.json"
        self.lock_path = folder / "server.lock"

    def read(self) -> ServerState | None:
        """What the file says, ``None`` when it is absent or damaged."""
        try:
            document = json.loads(self.path.read_text(encoding="utf-8"))
            return ServerState(
                Process(document["pid"], document["start"]),
                document["port"],
                tuple(Process(a["pid"], a["start"]) for a in document["attached"]),
            )
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def write(self, state: ServerState) -> None:
        """Replace the file in one step."""
        document = {
            "pid": state.server.pid,
            "start": state.server.start,
            "port": state.port,
            "attached": [{"pid": p.pid, "start": p.start} for p in state.attached],
        }
        fresh = self.path.with_suffix(".new")
        fresh.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
        fresh.replace(self.path)

    def remove(self) -> None:
        """Forget the server."""
        self.path.unlink(missing_ok=True)


def stop(server: Process) -> None:
    """End the server and wait until it is gone: politely first, then by force."""
    for number in (SIGTERM, SIGKILL):
        server.signal(number)
        until = monotonic() + STOP_TIMEOUT_S
        while server.is_alive and monotonic() < until:
            sleep(0.02)
        if not server.is_alive:
            return
