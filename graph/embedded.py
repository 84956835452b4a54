"""The embedded graph server: one child process per workspace, shared by all who use it.

The first process starts it and writes ``graph/server.json``; others attach; the last to leave
stops it. Processes that died count as gone. Within a process attaching is counted, so a service
and its jobs share one entry.
"""

import atexit
import os
import threading
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

from neo4j import GraphDatabase
from neo4j.exceptions import AuthError, DriverError, Neo4jError

from graph.errors import EmbeddedFailed
from graph.java_server import (
    DATABASE,
    READER,
    WRITER,
    Passwords,
    free_port,
    launch,
    log_file,
    passwords,
)
from graph.processes import Process
from graph.server_state import ServerState, StateFile, folder_lock, stop

_POLL_S = 0.05
_REFUSED_PAUSE_S = 0.3
_USERS_READY_S = 15.0
_LOG_LINES = 4


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A running embedded server."""

    uri: str
    passwords: Passwords
    server: Process


class EmbeddedServer:
    """The server of one ``graph/`` folder as this process sees it; get it by :func:`server_of`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._states = StateFile(folder)
        self._guard = threading.Lock()
        self._users = 0
        self._endpoint: Endpoint | None = None

    def attach(self, heap: str, timeout_s: float) -> Endpoint:
        """Join the running server or start one, and wait until it answers.

        Every call is to be answered by one :meth:`release`.

        Raises
        ------
        EmbeddedMissing, EmbeddedFailed
            When it is not installed, or does not get ready within ``timeout_s`` seconds.
        """
        with self._guard:
            if self._endpoint is None or not self._endpoint.server.is_alive:
                self._endpoint = self._join(heap, timeout_s)
            self._users += 1
            return self._endpoint

    def release(self) -> None:
        """Leave; the last user of the last process stops the server."""
        with self._guard:
            self._users = max(0, self._users - 1)
            if self._users == 0:
                self._leave()

    def leave(self) -> None:
        """Leave for all users in this process at once."""
        with self._guard:
            self._users = 0
            self._leave()

    def _join(self, heap: str, timeout_s: float) -> Endpoint:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        me = Process.of(os.getpid())
        with folder_lock(self._states.lock_path):
            state = self._states.read()
            if state is None or not state.server.is_alive:
                port = free_port()
                state = ServerState(launch(self.folder, port, heap), port)
            state = state.with_attached(me)
            self._states.write(state)
        endpoint = Endpoint(f"bolt://127.0.0.1:{state.port}", passwords(self.folder), state.server)
        try:
            self._wait_until_ready(endpoint, timeout_s)
        except EmbeddedFailed:
            self._depart(me)
            raise
        return endpoint

    def _leave(self) -> None:
        if self._endpoint is not None:
            self._endpoint = None
            self._depart(Process.of(os.getpid()))

    def _depart(self, me: Process) -> None:
        if not self.folder.exists():
            return
        with folder_lock(self._states.lock_path):
            state = self._states.read()
            if state is None:
                return
            state = state.without(me)
            if state.attached and state.server.is_alive:
                self._states.write(state)
                return
            stop(state.server)
            self._states.remove()

    def _wait_until_ready(self, endpoint: Endpoint, timeout_s: float) -> None:
        started = monotonic()
        while True:
            try:
                _ask(endpoint)
                return
            except AuthError as error:
                # The port opens a moment before the users are there.
                if monotonic() - started < min(_USERS_READY_S, timeout_s):
                    sleep(_REFUSED_PAUSE_S)
                    continue
                raise EmbeddedFailed(
                    f"内置图数据库（{self.folder}）不认本工作区的口令；请结束进程"
                    f" {endpoint.server.pid}，删除 {self.folder / 'config'} 后重试"
                ) from error
            except (DriverError, Neo4jError) as error:
                if not endpoint.server.is_alive:
                    raise EmbeddedFailed(
                        f"内置图数据库（{self.folder}）启动后退出：{self._last_words()}；"
                        f"详见 {log_file(self.folder)}"
                    ) from error
                if monotonic() - started > timeout_s:
                    raise EmbeddedFailed(
                        f"内置图数据库（{self.folder}，进程 {endpoint.server.pid}）"
                        f"在 {timeout_s:g} 秒内没有应答：{error}；请结束该进程后重试，"
                        f"详见 {log_file(self.folder)}"
                    ) from error
                sleep(_POLL_S)

    def _last_words(self) -> str:
        try:
            text = log_file(self.folder).read_text(encoding="utf-8", errors="replace")
        except OSError:
            return "没有日志"
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        telling = [
            line for line in lines if "SEVER" in line or "rror" in line or "xception" in line
        ]
        return " / ".join((telling or lines)[-_LOG_LINES:]) or "没有日志"


def _ask(endpoint: Endpoint) -> None:
    """One question to the target database, as writer and as reader.

    The writer asks first: that user exists before the port opens, the reader only after the
    database does, and the server shuts out for half a minute a user who is refused too often.
    Without retries: the driver's own make a short start look long.
    """
    for user, password in (
        (WRITER, endpoint.passwords.writer),
        (READER, endpoint.passwords.reader),
    ):
        with (
            GraphDatabase.driver(endpoint.uri, auth=(user, password), connection_timeout=2.0) as d,
            d.session(database=DATABASE) as session,
        ):
            session.run("RETURN 1").consume()


_SERVERS: dict[Path, EmbeddedServer] = {}
_SERVERS_GUARD = threading.Lock()


def server_of(folder: Path) -> EmbeddedServer:
    """The one :class:`EmbeddedServer` of ``folder`` in this process."""
    with _SERVERS_GUARD:
        return _SERVERS.setdefault(folder.resolve(), EmbeddedServer(folder.resolve()))


@atexit.register
def _leave_all() -> None:
    for server in list(_SERVERS.values()):
        server.leave()


def _forget_after_fork() -> None:
    # A forked child has its parent's table but is not attached; it must not sign its parent off.
    _SERVERS.clear()


os.register_at_fork(after_in_child=_forget_after_fork)
__all__ = ["DATABASE", "READER", "WRITER", "EmbeddedServer", "Endpoint", "server_of"]
