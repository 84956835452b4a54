"""The stores and files of one workspace, opened once and handed to every request.

``Services.open(settings)`` costs little: views open at the first read and again when the lake
changed (a service beside a ``run`` shows what the run made), the graph connects when it is asked.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import TypeVar, cast

import duckdb

from api.audit import Audit
from api.identity.caller import Caller
from api.identity.tokens import Tokens
from api.identity.users import Users
from api.settings import Settings
from casework.leads import Leads
from graph.client import GraphStore, connect
from records.views import Views, open_views
from records.workspace import Workspace

# Opening views takes a second; while a run adds file after file they are not opened for each.
REOPEN_S = 2.0
Mark = tuple[str, int, int]
Stamp = tuple[Mark, ...]
Kept = TypeVar("Kept")
# Written by ingest, resolution and detection in this order; each is replaced, never changed.
DERIVED_FILES = (
    ("resolve", "member.parquet"),
    ("resolve", "fingerprint.json"),
    ("detect", "findings.parquet"),
    ("detect", "fingerprint.json"),
)


@dataclass(slots=True)
class _Kept:
    """What was derived from one run of resolution, by what derives it."""

    resolved: Mark
    making: threading.Lock = field(default_factory=threading.Lock)
    values: dict[Callable[..., object], object] = field(default_factory=dict)


@dataclass(slots=True)
class _Snapshot:
    """Views as they were at one moment, and how many requests still read them."""

    views: Views
    stamp: Stamp
    opened_at: float
    kept: _Kept
    readers: int = 0
    is_retired: bool = False

    def close_if_unused(self) -> None:
        if self.is_retired and self.readers == 0:
            self.views.close()


class Services:
    """What requests and commands use; safe to share between threads."""

    def __init__(self, settings: Settings, tokens: Tokens) -> None:
        self.settings = settings
        self.tokens = tokens
        self._guard = threading.Lock()
        self._graph_guard = threading.Lock()
        self._snapshot: _Snapshot | None = None
        self._store: GraphStore | None = None

    @classmethod
    def open(cls, settings: Settings) -> "Services":
        """Services of the settings' workspace; makes its ``state/`` when missing."""
        with Users.open(settings.paths.state_file("users")) as users:
            key = users.signing_key()
        return cls(settings, Tokens(key, settings.session_hours))

    def close(self) -> None:
        """Release views and graph; requests that still read finish first."""
        with self._guard:
            snapshot, self._snapshot = self._snapshot, None
            if snapshot is not None:
                snapshot.is_retired = True
                snapshot.close_if_unused()
        with self._graph_guard:
            store, self._store = self._store, None
        if store is not None:
            store.close()

    @property
    def workspace(self) -> Workspace:
        """Paths of the workspace."""
        return self.settings.paths

    @contextmanager
    def sql(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor of its own over the views as they are now."""
        with self._reading() as (_, cursor):
            yield cursor

    def kept(self, make: Callable[[duckdb.DuckDBPyConnection], Kept]) -> Kept:
        """What ``make`` derives from the views: made at first use, again after a new resolution.

        Others who ask meanwhile wait; the value is shared, so nobody may change it.
        """
        with self._reading() as (snapshot, cursor), snapshot.kept.making:
            values = snapshot.kept.values
            if make not in values:
                values[make] = make(cursor)
            # The value was put there by this very function.
            return cast("Kept", values[make])

    @contextmanager
    def _reading(self) -> Iterator[tuple[_Snapshot, duckdb.DuckDBPyConnection]]:
        snapshot = self._current()
        cursor = snapshot.views.cursor()
        try:
            yield snapshot, cursor
        finally:
            cursor.close()
            with self._guard:
                snapshot.readers -= 1
                snapshot.close_if_unused()

    @property
    def graph(self) -> GraphStore:
        """The graph store, connected at first use.

        Raises
        ------
        StoreUnreachable
            When it does not answer.
        """
        with self._graph_guard:
            if self._store is None:
                self._store = connect(self.settings.graph, self.workspace)
            return self._store

    def leads(self) -> AbstractContextManager[Leads]:
        """The leads of the workspace."""
        return Leads.open(self.workspace.state_file("casework"))

    def users(self) -> AbstractContextManager[Users]:
        """Users and passwords of the workspace."""
        return Users.open(self.workspace.state_file("users"))

    def audit(self) -> AbstractContextManager[Audit]:
        """The audit trail of the workspace."""
        return Audit.open(self.workspace.state_file("audit"))

    def record(self, caller: Caller, action: str, object_: str, detail: str = "") -> None:
        """Write an audit line for the caller; it is on disk before this returns."""
        with self.audit() as audit:
            audit.record(
                caller.user,
                caller.role.name,
                action,
                object_,
                purpose=caller.purpose,
                case_no=caller.case_no,
                detail=detail,
            )

    def _current(self) -> _Snapshot:
        with self._guard:
            held = self._snapshot
            stamp = self._stamp()
            is_fresh = held is not None and monotonic() - held.opened_at < REOPEN_S
            if held is None or (held.stamp != stamp and not is_fresh):
                views = open_views(
                    self.workspace,
                    memory_limit=f"{self.settings.memory_gb}GB",
                    threads=self.settings.threads,
                )
                kept = _Kept(self._resolved())
                if held is not None:
                    held.is_retired = True
                    held.close_if_unused()
                    if held.kept.resolved == kept.resolved:
                        kept = held.kept
                held = self._snapshot = _Snapshot(views, stamp, monotonic(), kept)
            held.readers += 1
            return held

    def _resolved(self) -> Mark:
        """What tells that resolution ran again."""
        return _mark(self.workspace.derived("resolve") / "record.parquet")

    def _stamp(self) -> Stamp:
        """What tells that the lake changed: place, size and time of the files written last."""
        w = self.workspace
        paths = [w.state_file("intake"), *(w.derived(s) / name for s, name in DERIVED_FILES)]
        return tuple(_mark(path) for path in paths)


def _mark(path: Path) -> Mark:
    try:
        found = path.stat()
    except OSError:
        return path.name, 0, 0
    return path.name, found.st_mtime_ns, found.st_ino ^ found.st_size
