"""A real Neo4j for tests, without a container engine and without root.

Community Edition is fetched from its published artefacts into a cache folder outside the
repository and run by the Java inside the embedded wheel, else by the machine's.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

from neo4j import GraphDatabase
from neo4j.exceptions import DriverError, Neo4jError

from graph.errors import EmbeddedMissing
from graph.java_server import free_port, java_files
from graph.server_state import folder_lock

DEFAULT_VERSION = "5.26.30"
PASSWORD = "contract-suite"
START_TIMEOUT_S = 90.0
_ARTEFACTS = ("org.neo4j:neo4j", "org.neo4j.app:neo4j-server", "org.neo4j:neo4j-slf4j-provider")


class Neo4jUnavailable(Exception):
    """No Neo4j can be had here; the message says why."""


@dataclass(frozen=True, slots=True)
class Neo4jServer:
    """A running server."""

    uri: str
    user: str
    password: str
    database: str = "neo4j"


def cache_folder() -> Path:
    """Where fetched artefacts stay between runs."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "jinghuan" / "neo4j"


def class_path(version: str) -> str:
    """Fetch the artefacts of ``version`` unless they are there, and give the class path."""
    import jgo

    cache_folder().mkdir(parents=True, exist_ok=True)
    try:
        # Test processes side by side must not fetch into one folder at once.
        with folder_lock(cache_folder() / "fetch.lock"):
            environment = jgo.build(
                "+".join(f"{artefact}:{version}" for artefact in _ARTEFACTS),
                cache_dir=cache_folder(),
            )
    except Exception as error:  # whatever the fetching tool raises: there is no Neo4j to test on
        raise Neo4jUnavailable(f"Neo4j {version} 的构件取不到：{error}") from error
    folders = [environment.jars_dir, environment.modules_dir]
    return os.pathsep.join(f"{folder}/*" for folder in folders if folder and folder.is_dir())


def java() -> str:
    """A Java that runs the server: the wheel's, else the machine's."""
    try:
        return str(java_files().java)
    except EmbeddedMissing:
        found = shutil.which("java")
        if found is None:
            raise Neo4jUnavailable("没有 Java：请安装 arcadedb-embedded 或 Java 17 以上") from None
        return found


def _configuration(port: int) -> str:
    return "\n".join(
        (
            "server.default_listen_address=127.0.0.1",
            f"server.bolt.listen_address=127.0.0.1:{port}",
            f"server.bolt.advertised_address=127.0.0.1:{port}",
            "server.http.enabled=false",
            "server.https.enabled=false",
            "dbms.usage_report.enabled=false",
            "server.directories.import=import",
            "dbms.security.allow_csv_import_from_file_urls=false",
            "internal.dbms.cypher_ip_blocklist=0.0.0.0/0,::/0",
            "internal.server.bolt.thread_pool_shutdown_wait_time=0s",
            "internal.server.bolt.connection_shutdown_wait_time=0s",
            "server.memory.pagecache.size=256m",
        )
    )


@contextmanager
def run_neo4j(home: Path, version: str = DEFAULT_VERSION) -> Iterator[Neo4jServer]:
    """Start a server with its data in ``home`` and stop it in the end.

    Raises
    ------
    Neo4jUnavailable
        When it cannot be fetched or does not start; the message says why.
    """
    port = free_port()
    (home / "conf").mkdir(parents=True)
    (home / "import").mkdir()
    (home / "conf" / "neo4j.conf").write_text(_configuration(port) + "\n", encoding="utf-8")
    environment = {**os.environ, "NEO4J_HOME": str(home), "NEO4J_CONF": str(home / "conf")}
    opens = [
        f"--add-opens=java.base/{name}=ALL-UNNAMED"
        for name in ("java.nio", "java.io", "sun.nio.ch")
    ]
    command = [java(), "-Xmx1g", *opens, "-cp", class_path(version)]
    main = "Neo4jCommunity" if int(version.split(".")[0]) >= 2025 else "CommunityEntryPoint"
    prepared = subprocess.run(
        [*command, "org.neo4j.cli.AdminTool", "dbms", "set-initial-password", PASSWORD],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if prepared.returncode:
        raise Neo4jUnavailable(f"Neo4j {version} 不能设置口令：{prepared.stderr[-500:]}")
    log = home / "server.log"
    with log.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(
            [
                *command,
                f"org.neo4j.server.{main}",
                f"--home-dir={home}",
                f"--config-dir={home}/conf",
            ],
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            server = Neo4jServer(f"bolt://127.0.0.1:{port}", "neo4j", PASSWORD)
            _wait(server, process, log)
            yield server
        finally:
            process.terminate()
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait(server: Neo4jServer, process: "subprocess.Popen[bytes]", log: Path) -> None:
    until = monotonic() + START_TIMEOUT_S
    while True:
        try:
            with (
                GraphDatabase.driver(server.uri, auth=(server.user, server.password)) as driver,
                driver.session(database=server.database) as session,
            ):
                session.run("RETURN 1").consume()
            return
        except (DriverError, Neo4jError) as error:
            if process.poll() is not None or monotonic() > until:
                words = log.read_text(encoding="utf-8", errors="replace")[-800:]
                raise Neo4jUnavailable(f"Neo4j 没有启动：{error}；{words}") from error
            sleep(0.1)
