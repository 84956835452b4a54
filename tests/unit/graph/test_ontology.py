"""The ontology holds together."""

from collections.abc import Callable
from typing import Literal

import pytest

from graph.errors import UnknownTerm
from graph.ontology import (
    LABELS,
    PROPERTIES,
    RELATIONSHIPS,
    constraint_statements,
    ensure_schema,
    full_text_statement,
    index_statements,
    label,
    relationship,
)
from graph.ontology_relationships import RELATIONSHIP_ROWS
from graph.ontology_terms import NODE_ROWS, PROPERTY_ROWS

Kind = Literal["embedded", "neo4j"]


class Recorder:
    """A store that writes down what it is told."""

    def __init__(self, kind: Kind) -> None:
        self.kind: Kind = kind
        self.statements: list[str] = []

    def define(self, statement: str) -> None:
        self.statements.append(statement)


def test_names_are_unique_and_no_label_equals_a_type() -> None:
    for rows in (PROPERTY_ROWS, NODE_ROWS, RELATIONSHIP_ROWS):
        names = [row[0] for row in rows]
        assert len(names) == len(set(names))
    assert not {name.upper() for name in LABELS} & {name.upper() for name in RELATIONSHIPS}
    assert not {"CASE"} & {name.upper() for name in LABELS}
    assert len(LABELS) == 18
    assert len({item.prefix for item in LABELS.values()}) == 18


@pytest.mark.parametrize("name", sorted(LABELS))
def test_each_label(name: str) -> None:
    item = LABELS[name]
    assert set(item.properties) <= PROPERTIES.keys()
    assert {"id", "level", "updated_at", item.caption, *item.exact, *item.fuzzy} <= set(
        item.properties
    )
    assert item.zh
    assert item.en


@pytest.mark.parametrize("name", sorted(RELATIONSHIPS))
def test_each_relationship(name: str) -> None:
    term = RELATIONSHIPS[name]
    assert set(term.starts) | set(term.ends) <= LABELS.keys()
    assert set(term.keys) <= set(term.properties) <= PROPERTIES.keys()
    assert {"sources", "source_count", "first_at", "last_at"} <= set(term.properties)
    assert ("month" in term.keys) == term.is_flow


def test_suffixes_say_the_type() -> None:
    for item in PROPERTIES.values():
        if item.name.endswith("_at"):
            assert item.type == "datetime"
        if item.name.endswith("_on"):
            assert item.type == "date"
        if item.name.endswith("_count"):
            assert item.type == "int"


def test_every_property_is_used() -> None:
    of_nodes = {name for item in LABELS.values() for name in item.properties}
    of_relationships = {name for term in RELATIONSHIPS.values() for name in term.properties}
    assert of_nodes | of_relationships == PROPERTIES.keys()


@pytest.mark.parametrize(("kind", "has_full_text"), [("embedded", False), ("neo4j", True)])
def test_schema_statements_are_named_and_repeatable(kind: Kind, has_full_text: bool) -> None:
    store = Recorder(kind)
    ensure_schema(store)
    expected = [*constraint_statements(), *index_statements()]
    assert store.statements == expected + [full_text_statement()] * has_full_text
    assert all(" IF NOT EXISTS " in statement for statement in store.statements)
    names = [statement.split(" IF NOT")[0] for statement in store.statements]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("look_up", [label, relationship])
def test_unknown_words_are_refused(look_up: Callable[[str], object]) -> None:
    with pytest.raises(UnknownTerm, match="Nothing"):
        look_up("Nothing")
