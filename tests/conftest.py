"""Fixtures are few: two stores for the whole session, emptied for each test that asks for one.

``embedded`` always runs when its wheel is installed. ``neo4j`` is the server named by
``JINGHUAN_TEST_NEO4J_URI``, else one that is fetched and started; where neither can be had its
tests are skipped with the reason, and fail when ``CI=true``. Processes of tests side by side are
kept busy to the end by what begins first.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from graph.client import GraphStore, connect
from graph.ontology import ensure_schema
from graph.settings import GraphSettings
from tests.neo4j_server import DEFAULT_VERSION, Neo4jUnavailable, run_neo4j

# Files that take longest, the longest first: one that begins last would leave a process idle. The
# second needs none of the kernels that the first one compiles for all.
FIRST = (
    "tests/e2e/test_nothing_lost.py",
    "tests/integration/test_graph_schema.py",
    "tests/integration/test_load.py",
    "tests/integration/test_judgement_histories.py",
    "tests/integration/test_loops_on_graph.py",
    "tests/integration/test_rings_on_graph.py",
    "tests/unit/api/test_bench_loops.py",
    "tests/unit/analytics/test_registry.py",
    "tests/e2e/test_console_pages.py",
    "tests/e2e/test_cli.py",
    "tests/unit/ingest/resolve/test_splink_engine.py",
    "tests/unit/ingest/test_intake_line.py",
    "tests/integration/test_embedded_server.py",
    "tests/integration/test_shells_on_graph.py",
    "tests/unit/analytics/test_hw_11.py",
    "tests/integration/test_simulated_inbox.py",
    "tests/unit/ingest/resolve/test_history.py",
)
# Servers of tests live for a minute or two: what Java's second compiler spends is never earned.
JAVA_OPTIONS = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"


def pytest_configure(config: pytest.Config) -> None:
    """What holds for this process of tests and for all that it starts."""
    os.environ.setdefault("JDK_JAVA_OPTIONS", JAVA_OPTIONS)
    # By itself the distribution begins with files of many tests, however short they take.
    config.option.loadscopereorder = False


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that take longest come first."""
    places = {name: place for place, name in enumerate(FIRST)}
    items.sort(key=lambda item: places.get(item.nodeid.partition("::")[0], len(FIRST)))


@dataclass(frozen=True)
class Folder:
    """A workspace as far as the graph needs one."""

    graph: Path


@dataclass(frozen=True)
class StoreAddress:
    """What it takes to connect to a session's store once more."""

    settings: GraphSettings
    workspace: Folder

    def connect(self) -> GraphStore:
        """One more connection."""
        return connect(self.settings, self.workspace)


@pytest.fixture(scope="session")
def embedded_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StoreAddress]:
    """The embedded server in a folder of its own, running for the session."""
    folder = Folder(tmp_path_factory.mktemp("embedded") / "graph")
    address = StoreAddress(GraphSettings(java_heap="1g"), folder)
    with address.connect() as store:
        ensure_schema(store)
        yield address


@pytest.fixture(scope="session")
def neo4j_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StoreAddress]:
    """A real Neo4j: the one named by the environment, else one started here."""
    folder = Folder(tmp_path_factory.mktemp("neo4j") / "graph")
    uri = os.environ.get("JINGHUAN_TEST_NEO4J_URI")
    if uri:
        settings = GraphSettings(
            uri=uri,
            user=os.environ.get("JINGHUAN_TEST_NEO4J_USER", "neo4j"),
            password=os.environ.get("JINGHUAN_TEST_NEO4J_PASSWORD", ""),
            database=os.environ.get("JINGHUAN_TEST_NEO4J_DATABASE", "neo4j"),
        )
        yield from _prepared(StoreAddress(settings, folder))
        return
    version = os.environ.get("JINGHUAN_TEST_NEO4J_VERSION", DEFAULT_VERSION)
    home = tmp_path_factory.mktemp("neo4j-home") / "home"
    started = run_neo4j(home, version)
    try:
        server = started.__enter__()
    except Neo4jUnavailable as error:
        if os.environ.get("CI") == "true":
            pytest.fail(f"CI must run on a real Neo4j: {error}")
        pytest.skip(f"no Neo4j: {error}")
    try:
        settings = GraphSettings(
            uri=server.uri, user=server.user, password=server.password, database=server.database
        )
        yield from _prepared(StoreAddress(settings, folder))
    finally:
        started.__exit__(None, None, None)


def _prepared(address: StoreAddress) -> Iterator[StoreAddress]:
    with address.connect() as store:
        ensure_schema(store)
        store.read("CALL db.awaitIndexes(60)", timeout_s=90)
    yield address


@pytest.fixture(params=["embedded", pytest.param("neo4j", marks=pytest.mark.neo4j)])
def store_address(request: pytest.FixtureRequest) -> StoreAddress:
    """Each of the two stores in turn."""
    address: StoreAddress = request.getfixturevalue(f"{request.param}_address")
    return address


@pytest.fixture
def store(store_address: StoreAddress) -> Iterator[GraphStore]:
    """Each of the two stores in turn, with its schema and without nodes."""
    with store_address.connect() as connected:
        connected.write("MATCH (n) DETACH DELETE n")
        yield connected
