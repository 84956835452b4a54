"""Both stores alike: constraints, and every label and relationship of the ontology."""

import pytest

from graph.client import GraphStore
from graph.errors import ConstraintViolated
from graph.ontology import LABELS, RELATIONSHIPS, ensure_schema
from graph.writer import GraphWriter
from tests.integration.graph_rows import number


def test_schema_can_be_ensured_again(store: GraphStore) -> None:
    ensure_schema(store)
    before = store.read("SHOW CONSTRAINTS YIELD name RETURN name ORDER BY name")
    ensure_schema(store)
    assert store.read("SHOW CONSTRAINTS YIELD name RETURN name ORDER BY name") == before
    assert len(before) == len(LABELS)


@pytest.mark.parametrize("label", sorted(LABELS))
def test_each_label_has_a_unique_id(store: GraphStore, label: str) -> None:
    store.write(f"CREATE (:{label} {{id: 'x'}})")
    with pytest.raises(ConstraintViolated):
        store.write(f"CREATE (:{label} {{id: 'x'}})")


@pytest.mark.parametrize("name", sorted(RELATIONSHIPS))
def test_each_relationship_between_each_pair_of_labels(store: GraphStore, name: str) -> None:
    term, writer = RELATIONSHIPS[name], GraphWriter(store)
    row = {"from_id": "a", "to_id": "b", "sources": ["manifest:b:1:1"], "source_count": 1}
    row |= {"first_at": "2026-10-01T00:00:00Z", "last_at": None}
    row |= {key: 1 if key == "leg_no" else "k" for key in term.keys}
    for start in term.starts:
        for end in term.ends:
            store.write("MATCH (n) DETACH DELETE n")
            writer.merge_nodes(start, [{"id": "a"}])
            writer.merge_nodes(end, [{"id": "b"}])
            for _ in range(2):
                writer.merge_relationships(name, start, end, [row])
            assert number(store, f"MATCH (:{start})-[r:{name}]->(:{end}) RETURN count(r)") == 1
