"""One writer at a time on the embedded server, in this process and in all that share it.

The server answers concurrent MERGE of one key with an error.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

from graph.server_state import folder_lock

_LOCKS: dict[Path, Lock] = {}
_LOCKS_GUARD = Lock()


@contextmanager
def only_writer(folder: Path) -> Iterator[None]:
    """Wait until nobody else writes to the store in ``folder``, and keep others out."""
    with _LOCKS_GUARD:
        lock = _LOCKS.setdefault(folder.resolve(), Lock())
    with lock:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with folder_lock(folder / "writer.lock"):
            yield
