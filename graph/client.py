"""The one way to the graph store: the official driver, on the embedded server and on Neo4j alike.

``with connect(settings, workspace) as store: store.read("MATCH (n:Organization) RETURN n.id")``
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from threading import Lock, Thread
from time import sleep
from types import TracebackType
from typing import Any, Literal, Protocol

from neo4j import READ_ACCESS, WRITE_ACCESS, Driver, GraphDatabase, NotificationMinimumSeverity
from neo4j.exceptions import (
    ClientError,
    DriverError,
    IncompleteCommit,
    Neo4jError,
    ServiceUnavailable,
    SessionExpired,
    TransientError,
)

from graph.embedded import DATABASE, READER, WRITER, EmbeddedServer, server_of
from graph.errors import BadRow, GraphError, StoreUnreachable
from graph.failures import too_slow, translate
from graph.server_state import folder_lock
from graph.settings import GraphSettings
from graph.types import Json
from graph.values import from_wire, to_wire

BATCH_ROWS = 2000
# The embedded server refuses messages above 16 MiB; JSON is not smaller than what is sent by
# more than this margin.
MESSAGE_BYTES = 6 * 1024 * 1024
# Above its limit the embedded server answers nothing at all, so it must not come to that.
PARAMETER_BYTES = 8 * 1024 * 1024
READ_TIMEOUT_S = 30.0
_ATTEMPTS = 8
_FIRST_PAUSE_S = 0.05

Row = dict[str, Json]
Progress = Callable[[int], None]


class HasGraphFolder(Protocol):
    """A workspace, as far as the graph needs one."""

    @property
    def graph(self) -> Path:
        """Folder of the embedded store."""


@dataclass(frozen=True, slots=True)
class _Link:
    """Open drivers; on the embedded server reading signs in as a user who cannot write."""

    writer: Driver
    reader: Driver
    database: str

    def close(self) -> None:
        self.writer.close()
        if self.reader is not self.writer:
            self.reader.close()


@dataclass(frozen=True, slots=True)
class Plan:
    """What Neo4j says about a statement: ``r``, ``rw``, ``w`` or ``s``, and operators by name."""

    query_type: str
    operators: tuple[str, ...]


class GraphStore:
    """A connected store; use it as a context manager, from any number of threads.

    After the server was lost, the failing call says so and the next one connects anew.
    """

    kind: Literal["embedded", "neo4j"]

    def __init__(self, settings: GraphSettings, folder: Path) -> None:
        self.kind = "embedded" if settings.is_embedded else "neo4j"
        self._settings = settings
        self._folder = folder
        self._guard = Lock()
        self._link: _Link | None = None
        self._is_closed = False
        self._server: EmbeddedServer | None = server_of(folder) if settings.is_embedded else None

    def __enter__(self) -> "GraphStore":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def read(
        self,
        cypher: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        timeout_s: float = READ_TIMEOUT_S,
    ) -> list[Row]:
        """Rows of a statement that changes nothing.

        Parameters
        ----------
        cypher
            The statement; values belong into ``parameters``.
        timeout_s
            Longest it may run. The embedded server does not know such a limit: there the caller
            is freed in time, and the server gives up by its own limit.

        Raises
        ------
        WriteRefused, StatementTimedOut, StatementFailed, StoreUnreachable, BadRow
        """
        if self.kind == "neo4j":
            return self._run(cypher, parameters, timeout_s, is_write=False)
        # Connecting may mean to start the server; that is not the statement's time.
        with self._failures(cypher):
            self._open()
        answer: Future[list[Row]] = Future()
        Thread(
            target=_settle,
            args=(answer, lambda: self._run(cypher, parameters, timeout_s, is_write=False)),
            daemon=True,
        ).start()
        try:
            return answer.result(timeout_s)
        except TimeoutError:
            raise too_slow(cypher, self._name, f"{timeout_s:g} 秒") from None

    def plan(self, cypher: str) -> Plan:
        """How the store would run a statement, without running it; on Neo4j only.

        Raises
        ------
        StatementFailed, StoreUnreachable
        """
        with self._failures(cypher):
            link = self._open()
            with link.reader.session(
                database=link.database, default_access_mode=READ_ACCESS
            ) as session:
                summary = session.run(f"EXPLAIN {cypher}").consume()
        return Plan(summary.query_type or "", tuple(_operators(summary.plan)))

    def write(
        self,
        cypher: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        timeout_s: float | None = None,
    ) -> list[Row]:
        """Run a statement that may change the graph, in one transaction, and give its rows.

        It runs again when the store asks for that, so it must give the same when run twice.

        Raises
        ------
        ConstraintViolated, StatementTimedOut, StatementFailed, StoreUnreachable, BadRow
        """
        limit = self._settings.write_timeout_s if timeout_s is None else timeout_s
        with self._writing():
            return self._run(cypher, parameters, limit, is_write=True)

    def write_rows(
        self,
        cypher: str,
        rows: Sequence[Any],
        *,
        batch: int = BATCH_ROWS,
        parameters: Mapping[str, Any] | None = None,
        progress: Progress = lambda _written: None,
    ) -> int:
        """Run ``cypher``, which begins with ``UNWIND $rows AS row``, once per batch of rows.

        Each batch is one transaction; after a failure the batches before it stay.

        Parameters
        ----------
        rows
            What ``row`` is in turn: mappings, lists of cells, or single values.
        batch
            Most rows in a statement, 1,000 to 5,000 is fast; wide rows are split further.
        progress
            Called with the number of rows written so far.

        Returns
        -------
        int
            Number of rows written.
        """
        written = 0
        for start in range(0, len(rows), batch):
            for part in _parts(rows[start : start + batch]):
                with self._writing():
                    self._send(cypher, {**(parameters or {}), "rows": part})
                written += len(part)
                progress(written)
        return written

    def define(self, statement: str) -> None:
        """Run one statement that changes the schema; it commits by itself."""
        with self._writing(), self._failures(statement):
            link = self._open()
            with link.writer.session(database=link.database) as session:
                session.run(statement).consume()

    def close(self) -> None:
        """Disconnect for good; the last one to leave the embedded server stops it."""
        with self._guard:
            self._is_closed = True
        self._drop()

    def _send(self, cypher: str, wired: dict[str, Any]) -> list[Row]:
        return self._attempt(cypher, wired, self._settings.write_timeout_s, is_write=True)

    def _run(
        self,
        cypher: str,
        parameters: Mapping[str, Any] | None,
        timeout_s: float,
        *,
        is_write: bool,
    ) -> list[Row]:
        wired, size = to_wire(dict(parameters or {}))
        if size > PARAMETER_BYTES:
            raise BadRow(
                f"语句的参数约 {size // 2**20} MiB，超过 {PARAMETER_BYTES // 2**20} MiB；"
                "请分批，写入用 write_rows"
            )
        return self._attempt(cypher, wired, timeout_s, is_write=is_write)

    def _attempt(
        self, cypher: str, wired: dict[str, Any], timeout_s: float, *, is_write: bool
    ) -> list[Row]:
        with self._failures(cypher):
            for attempt in range(_ATTEMPTS):
                try:
                    return self._transaction(cypher, wired, timeout_s, is_write=is_write)
                except (Neo4jError, DriverError) as error:
                    if attempt + 1 == _ATTEMPTS or not _is_worth_repeating(error, attempt):
                        raise
                sleep(_FIRST_PAUSE_S * 2**attempt)
        raise AssertionError("unreachable")

    def _transaction(
        self, cypher: str, wired: dict[str, Any], timeout_s: float, *, is_write: bool
    ) -> list[Row]:
        link = self._open()
        driver = link.writer if is_write else link.reader
        access = WRITE_ACCESS if is_write else READ_ACCESS
        with (
            driver.session(database=link.database, default_access_mode=access) as session,
            session.begin_transaction(timeout=timeout_s) as transaction,
        ):
            result = transaction.run(cypher, wired)
            names = result.keys()
            rows = [
                {name: from_wire(item) for name, item in zip(names, record, strict=True)}
                for record in result
            ]
            result.consume()
            transaction.commit()
        return rows

    def _open(self) -> _Link:
        with self._guard:
            # A read that was given up may still be running; it must not bring the server back.
            if self._is_closed:
                raise StoreUnreachable(f"图数据库 {self._name} 的连接已关闭；请重新连接")
            if self._link is None:
                self._link = self._connect_embedded() if self._server else self._connect_neo4j()
            return self._link

    def _connect_embedded(self) -> _Link:
        assert self._server is not None  # noqa: S101 - narrowed for the type checker
        s = self._settings
        endpoint = self._server.attach(s.java_heap, s.start_timeout_s)
        return _Link(
            self._driver(endpoint.uri, WRITER, endpoint.passwords.writer),
            self._driver(endpoint.uri, READER, endpoint.passwords.reader),
            DATABASE,
        )

    def _connect_neo4j(self) -> _Link:
        s = self._settings
        driver = self._driver(s.uri, s.user, s.password)
        return _Link(driver, driver, s.database)

    def _driver(self, uri: str, user: str, password: str) -> Driver:
        return GraphDatabase.driver(
            uri,
            auth=(user, password),
            connection_timeout=self._settings.connect_timeout_s,
            connection_acquisition_timeout=60.0,
            notifications_min_severity=NotificationMinimumSeverity.OFF,
            telemetry_disabled=True,
        )

    def _drop(self) -> None:
        with self._guard:
            link, self._link = self._link, None
        if link is not None:
            link.close()
            if self._server is not None:
                self._server.release()

    @contextmanager
    def _failures(self, cypher: str) -> Iterator[None]:
        try:
            yield
        except (Neo4jError, DriverError) as error:
            ours = translate(error, cypher, self._name, is_embedded=self.kind == "embedded")
            if isinstance(ours, StoreUnreachable):
                self._drop()
            raise ours from error

    @property
    def _name(self) -> str:
        return self._settings.uri or f"（内置，{self._folder}）"

    @contextmanager
    def _writing(self) -> Iterator[None]:
        # The embedded server answers concurrent MERGE of one key with an error: one writer at a
        # time, in this process and in all that share the server.
        if self.kind == "neo4j":
            with nullcontext():
                yield
            return
        with _writer_lock(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with folder_lock(self._folder / "writer.lock"):
                yield


_LOCKS: dict[Path, Lock] = {}
_LOCKS_GUARD = Lock()


def _operators(plan: Any) -> Iterator[str]:
    """Names of a plan's operators, depth first, without the planner's suffix."""
    if plan:
        yield str(plan["operatorType"]).partition("@")[0]
        for child in plan.get("children", ()):
            yield from _operators(child)


def _settle(answer: "Future[list[Row]]", work: Callable[[], list[Row]]) -> None:
    try:
        answer.set_result(work())
    except BaseException as error:
        answer.set_exception(error)


def _writer_lock(folder: Path) -> Lock:
    with _LOCKS_GUARD:
        return _LOCKS.setdefault(folder.resolve(), Lock())


def _is_worth_repeating(error: Neo4jError | DriverError, attempt: int) -> bool:
    if isinstance(error, IncompleteCommit):
        return False
    if isinstance(error, ServiceUnavailable | SessionExpired):
        # A pooled connection may have gone stale; a server that is gone stays gone.
        return attempt == 0
    return isinstance(error, TransientError) or (
        not isinstance(error, ClientError) and error.is_retryable()
    )


def _parts(rows: Sequence[Any]) -> Iterator[list[Any]]:
    plain, size = to_wire([*rows])
    count = -(-size // MESSAGE_BYTES)
    step = max(1, -(-len(plain) // count))
    for start in range(0, len(plain), step):
        yield plain[start : start + step]


def connect(settings: GraphSettings, workspace: HasGraphFolder) -> GraphStore:
    """Connect to the store that ``settings`` name, else to the workspace's embedded server.

    Raises
    ------
    StoreUnreachable
        When it does not answer; the message names the store, the cause and the cure.
    """
    store = GraphStore(settings, workspace.graph)
    try:
        store.read("RETURN 1 AS one", timeout_s=settings.connect_timeout_s)
    except GraphError:
        store.close()
        raise
    return store
