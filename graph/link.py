"""How a store is connected: drivers of the embedded server or of Neo4j, opened at first use."""

from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from neo4j import Driver, GraphDatabase, NotificationMinimumSeverity

from graph.embedded import DATABASE, READER, WRITER, EmbeddedServer, server_of
from graph.errors import StoreUnreachable
from graph.settings import GraphSettings


@dataclass(frozen=True, slots=True)
class Drivers:
    """Open drivers; on the embedded server reading signs in as a user who cannot write."""

    writer: Driver
    reader: Driver
    database: str

    def close(self) -> None:
        """Disconnect both."""
        self.writer.close()
        if self.reader is not self.writer:
            self.reader.close()


class Link:
    """The connection of one store, shared by any number of threads."""

    def __init__(self, settings: GraphSettings, folder: Path) -> None:
        self._settings = settings
        self._folder = folder
        self._guard = Lock()
        self._drivers: Drivers | None = None
        self._is_closed = False
        self._server: EmbeddedServer | None = server_of(folder) if settings.is_embedded else None

    @property
    def name(self) -> str:
        """The store as its user knows it."""
        return self._settings.uri or f"（内置，{self._folder}）"

    def open(self) -> Drivers:
        """The drivers, connected now when they are not; that may start the embedded server.

        Raises
        ------
        StoreUnreachable
            When the store does not answer, or the connection was closed for good.
        """
        with self._guard:
            # A read that was given up may still be running; it must not bring the server back.
            if self._is_closed:
                raise StoreUnreachable(f"图数据库 {self.name} 的连接已关闭；请重新连接")
            if self._drivers is None:
                self._drivers = (
                    self._to_embedded(self._server) if self._server else self._to_neo4j()
                )
            return self._drivers

    def drop(self) -> None:
        """Disconnect, and leave the embedded server; the next :meth:`open` connects anew."""
        with self._guard:
            drivers, self._drivers = self._drivers, None
        if drivers is not None:
            drivers.close()
            if self._server is not None:
                self._server.release()

    def close(self) -> None:
        """Disconnect for good."""
        with self._guard:
            self._is_closed = True
        self.drop()

    def _to_embedded(self, server: EmbeddedServer) -> Drivers:
        endpoint = server.attach(self._settings.java_heap, self._settings.start_timeout_s)
        return Drivers(
            self._driver(endpoint.uri, WRITER, endpoint.passwords.writer),
            self._driver(endpoint.uri, READER, endpoint.passwords.reader),
            DATABASE,
        )

    def _to_neo4j(self) -> Drivers:
        s = self._settings
        driver = self._driver(s.uri, s.user, s.password)
        return Drivers(driver, driver, s.database)

    def _driver(self, uri: str, user: str, password: str) -> Driver:
        return GraphDatabase.driver(
            uri,
            auth=(user, password),
            connection_timeout=self._settings.connect_timeout_s,
            connection_acquisition_timeout=60.0,
            notifications_min_severity=NotificationMinimumSeverity.OFF,
            telemetry_disabled=True,
        )
