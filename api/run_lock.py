"""One run at a time in a workspace; a second one is told who holds it (RULINGS 9)."""

import fcntl
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from api.errors import Busy
from records.workspace import Workspace


@contextmanager
def run_lock(workspace: Workspace, command: str) -> Iterator[None]:
    """Hold the workspace for ``command``; the system frees the lock when the process dies.

    Raises
    ------
    Busy
        When another process holds it; the message names its command, process and start.
    """
    workspace.state.mkdir(parents=True, exist_ok=True)
    path = workspace.state / "run.lock"
    with path.open("a+", encoding="utf-8") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            handle.seek(0)
            raise Busy(_who(handle.read(), workspace)) from error
        handle.truncate(0)
        holder = {
            "command": command,
            "pid": os.getpid(),
            "host": socket.gethostname(),
            "since": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        handle.write(json.dumps(holder, ensure_ascii=False))
        handle.flush()
        try:
            yield
        finally:
            handle.truncate(0)


def _who(text: str, workspace: Workspace) -> str:
    try:
        holder = json.loads(text)
        named = (
            f"“jinghuan {holder['command']}”（进程 {holder['pid']}，主机 {holder['host']}，"
            f"始于 {holder['since']}）"
        )
    except (ValueError, KeyError):
        named = "另一个运行"
    return f"工作区 {workspace.root} 正由{named}使用；请等它结束后再运行，或先停止该进程"
