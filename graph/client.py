"""The one way to the graph store: the official driver, on the embedded server and on Neo4j alike.

``with connect(settings, workspace) as store: store.read("MATCH (n:Organization) RETURN n.id")``
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from time import sleep
from types import TracebackType
from typing import Any, Literal, Protocol

from neo4j import READ_ACCESS, WRITE_ACCESS
from neo4j.exceptions import DriverError, Neo4jError

from graph.errors import BadRow, GraphError, StoreUnreachable
from graph.failures import is_worth_repeating, too_slow, translate
from graph.link import Link
from graph.only_writer import only_writer
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
        self._link = Link(settings, folder)

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
            self._link.open()
        answer: Future[list[Row]] = Future()
        Thread(
            target=_settle,
            args=(answer, lambda: self._run(cypher, parameters, timeout_s, is_write=False)),
            daemon=True,
        ).start()
        try:
            return answer.result(timeout_s)
        except TimeoutError:
            raise too_slow(cypher, self._link.name, f"{timeout_s:g} 秒") from None

    def plan(self, cypher: str) -> Plan:
        """How the store would run a statement, without running it; on Neo4j only.

        Raises
        ------
        StatementFailed, StoreUnreachable
        """
        with self._failures(cypher):
            drivers = self._link.open()
            with drivers.reader.session(
                database=drivers.database, default_access_mode=READ_ACCESS
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
            drivers = self._link.open()
            with drivers.writer.session(database=drivers.database) as session:
                session.run(statement).consume()

    def close(self) -> None:
        """Disconnect for good; the last one to leave the embedded server stops it."""
        self._link.close()

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
                    if attempt + 1 == _ATTEMPTS or not is_worth_repeating(error, attempt):
                        raise
                sleep(_FIRST_PAUSE_S * 2**attempt)
        raise AssertionError("unreachable")

    def _transaction(
        self, cypher: str, wired: dict[str, Any], timeout_s: float, *, is_write: bool
    ) -> list[Row]:
        drivers = self._link.open()
        driver = drivers.writer if is_write else drivers.reader
        access = WRITE_ACCESS if is_write else READ_ACCESS
        with (
            driver.session(database=drivers.database, default_access_mode=access) as session,
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

    @contextmanager
    def _failures(self, cypher: str) -> Iterator[None]:
        try:
            yield
        except (Neo4jError, DriverError) as error:
            ours = translate(error, cypher, self._link.name, is_embedded=self.kind == "embedded")
            if isinstance(ours, StoreUnreachable):
                self._link.drop()
            raise ours from error

    def _writing(self) -> AbstractContextManager[None]:
        return nullcontext() if self.kind == "neo4j" else only_writer(self._folder)


def _operators(plan: Any) -> Iterator[str]:
    """Names of a plan's operators, depth first, without the planner's suffix."""
    if plan:
        yield str(plan["operatorType"]).partition("@")[0]
        for child in plan.get("children", ()):
            yield from _operators(child)


def _settle(answer: "Future[list[Row]]", work: Callable[[], list[Row]]) -> None:
    try:
        answer.set_result(work())
    except BaseException as error:  # raised again in the thread that waits for the answer
        answer.set_exception(error)


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
