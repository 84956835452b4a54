"""Both stores alike: what statements give back, what fails, and what cannot be reached."""

from dataclasses import replace

import pytest

from graph.client import GraphStore, connect
from graph.errors import ConstraintViolated, StatementFailed, StoreUnreachable, WriteRefused
from graph.java_server import free_port
from graph.settings import GraphSettings
from graph.writer import GraphWriter
from tests.conftest import StoreAddress
from tests.integration.graph_rows import FIRM, dump, firms, number


def test_counting_related_nodes(store: GraphStore) -> None:
    writer = GraphWriter(store)
    writer.merge_nodes(FIRM, firms(3))
    writer.merge_nodes("Phone", [{"id": f"phone:{i}"} for i in range(2)])
    writer.merge_relationships(
        "HAS_PHONE",
        FIRM,
        "Phone",
        [{"from_id": firms(1)[0]["id"], "to_id": f"phone:{i}"} for i in (0, 1)],
    )
    rows = store.read(
        f"MATCH (o:{FIRM}) RETURN o.name AS name, COUNT {{ (o)-[:HAS_PHONE]->(:Phone) }} AS phones"
        " ORDER BY name"
    )
    assert rows == [{"name": f"单位{i}", "phones": n} for i, n in enumerate((2, 0, 0))]


def test_a_failed_transaction_leaves_nothing(store: GraphStore) -> None:
    GraphWriter(store).merge_nodes(FIRM, firms(1))
    rows = [{"id": "org:a"}, {"id": "org:b"}, {"id": firms(1)[0]["id"]}]
    with pytest.raises(ConstraintViolated):
        store.write_rows(f"UNWIND $rows AS row CREATE (:{FIRM} {{id: row.id}})", rows)
    assert number(store, f"MATCH (n:{FIRM}) RETURN count(n)") == 1
    with pytest.raises(StatementFailed):
        store.write(f"CREATE (n:{FIRM} {{id: 'org:c'}}) WITH n RETURN 1 / 0 AS x")
    assert number(store, f"MATCH (n:{FIRM}) RETURN count(n)") == 1


WRITES = [
    "CREATE (:Organization {id: 'x'})",
    "MATCH (n:Organization) SET n.name = 'y'",
    "MATCH (n:Organization) DETACH DELETE n",
    "MATCH (n:Organization) CALL (n) { SET n.name = 'y' } RETURN n.id",
    "MERGE (n:Organization {id: 'z'}) RETURN n.id",
    "CREATE (:Other {id: 'x'})",
    "CREATE INDEX other IF NOT EXISTS FOR (n:Organization) ON (n.other)",
]


@pytest.mark.parametrize("cypher", WRITES)
def test_reading_cannot_write(store: GraphStore, cypher: str) -> None:
    GraphWriter(store).merge_nodes(FIRM, firms(2))
    before = dump(store)
    with pytest.raises(WriteRefused):
        store.read(cypher)
    assert dump(store) == before


def test_nodes_relationships_and_paths_come_back_plain(store: GraphStore) -> None:
    writer = GraphWriter(store)
    writer.merge_nodes(FIRM, [{"id": "org:1"}, {"id": "org:2"}])
    writer.merge_relationships("BRANCH_OF", FIRM, FIRM, [{"from_id": "org:1", "to_id": "org:2"}])
    (row,) = store.read("MATCH p = (a {id: 'org:1'})-[r]->(b) RETURN a, r, p")
    first, last = ({"label": FIRM, "id": f"org:{i}"} for i in (1, 2))
    edge = {"type": "BRANCH_OF", "from_id": "org:1", "to_id": "org:2"}
    assert row["a"] == first
    assert row["p"] == [first, edge, last]
    assert row["r"] == edge


def test_a_wrong_statement_says_which(store: GraphStore) -> None:
    with pytest.raises(StatementFailed, match=r"MATCH \(n RETURN"):
        store.read("MATCH (n RETURN 1")


def test_an_unreachable_server_is_named_with_the_cure(store_address: StoreAddress) -> None:
    port = free_port()
    settings = GraphSettings(uri=f"bolt://127.0.0.1:{port}", password="x")
    with pytest.raises(StoreUnreachable, match=rf"{port}.*JINGHUAN_GRAPH_URI"):
        connect(settings, store_address.workspace)


@pytest.mark.neo4j
def test_a_closed_store_stays_closed(store_address: StoreAddress) -> None:
    with store_address.connect() as store:
        assert store.read("RETURN 1 AS one") == [{"one": 1}]
    with pytest.raises(StoreUnreachable, match="已关闭"):
        store.read("RETURN 1 AS one")


def test_wrong_password_and_database_are_told(neo4j_address: StoreAddress) -> None:
    settings = neo4j_address.settings
    with pytest.raises(StoreUnreachable, match="JINGHUAN_GRAPH_PASSWORD"):
        connect(replace(settings, password="wrong"), neo4j_address.workspace)
    with pytest.raises(StoreUnreachable, match="JINGHUAN_GRAPH_DATABASE"):
        connect(replace(settings, database="nowhere"), neo4j_address.workspace)
