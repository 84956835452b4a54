"""Labels, relationship types and properties of the graph, with names to show and schema statements.

The one place where a label or type may come from: they cannot be parameters of a statement, so a
word that is not found here never reaches the store.
"""

from dataclasses import dataclass
from typing import Literal, Protocol

from graph.errors import UnknownTerm
from graph.ontology_relationships import RELATIONSHIP_ROWS, SHARED_RELATIONSHIP_PROPERTIES
from graph.ontology_terms import ENTITIES, NODE_ROWS, PROPERTY_ROWS, SHARED_NODE_PROPERTIES

PropertyType = Literal["text", "texts", "int", "float", "bool", "date", "datetime"]


@dataclass(frozen=True, slots=True)
class Property:
    """A property; the type is the same wherever the name occurs."""

    name: str
    type: PropertyType
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Label:
    """A node label.

    ``prefix`` begins its ids, ``caption`` is the property to show, ``exact`` the codes that search
    matches from their beginning, ``fuzzy`` the texts that search looks into.
    """

    name: str
    prefix: str
    zh: str
    en: str
    properties: tuple[str, ...]
    caption: str
    exact: tuple[str, ...]
    fuzzy: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Relationship:
    """A relationship type; ``keys`` tell two of one type between the same nodes apart."""

    name: str
    zh: str
    en: str
    starts: tuple[str, ...]
    ends: tuple[str, ...]
    properties: tuple[str, ...]
    keys: tuple[str, ...]
    is_flow: bool


class DefinesSchema(Protocol):
    """A store, as far as the schema needs one."""

    @property
    def kind(self) -> Literal["embedded", "neo4j"]:
        """Which store it is."""

    def define(self, statement: str) -> None:
        """Run one schema statement."""


def _labels(names: tuple[str, ...]) -> tuple[str, ...]:
    return ENTITIES if names == ("*",) else names


PROPERTIES = {row[0]: Property(*row) for row in PROPERTY_ROWS}
LABELS = {
    name: Label(name, prefix, zh, en, (*properties, *SHARED_NODE_PROPERTIES), caption, exact, fuzzy)
    for name, prefix, zh, en, properties, caption, exact, fuzzy in NODE_ROWS
}
RELATIONSHIPS = {
    name: Relationship(
        name,
        zh,
        en,
        _labels(starts),
        _labels(ends),
        (*properties, *SHARED_RELATIONSHIP_PROPERTIES),
        keys,
        is_flow,
    )
    for name, zh, en, starts, ends, properties, keys, is_flow in RELATIONSHIP_ROWS
}
FULL_TEXT_INDEX = "entity_text"


def label(name: str) -> Label:
    """The label called ``name``.

    Raises
    ------
    UnknownTerm
        When the ontology has none of that name.
    """
    if name not in LABELS:
        raise UnknownTerm(f"图谱没有节点类型 {name!r}；可用的有：{'、'.join(LABELS)}")
    return LABELS[name]


def relationship(name: str) -> Relationship:
    """The relationship type called ``name``.

    Raises
    ------
    UnknownTerm
        When the ontology has none of that name.
    """
    if name not in RELATIONSHIPS:
        raise UnknownTerm(f"图谱没有关系类型 {name!r}；可用的有：{'、'.join(RELATIONSHIPS)}")
    return RELATIONSHIPS[name]


def constraint_statements() -> tuple[str, ...]:
    """One named unique constraint on ``id`` per label."""
    return tuple(
        f"CREATE CONSTRAINT {name.lower()}_id_unique IF NOT EXISTS"
        f" FOR (n:{name}) REQUIRE n.id IS UNIQUE"
        for name in LABELS
    )


def index_statements() -> tuple[str, ...]:
    """One named index per code that is searched from its beginning."""
    return tuple(
        f"CREATE INDEX {name.lower()}_{code} IF NOT EXISTS FOR (n:{name}) ON (n.{code})"
        for name, item in LABELS.items()
        for code in item.exact
    )


def full_text_statement() -> str:
    """Neo4j's full-text index over all names and texts, split for Chinese."""
    names = sorted(name for name, item in LABELS.items() if item.fuzzy)
    texts = sorted({text for item in LABELS.values() for text in item.fuzzy})
    return (
        f"CREATE FULLTEXT INDEX {FULL_TEXT_INDEX} IF NOT EXISTS FOR (n:{'|'.join(names)})"
        f" ON EACH [{', '.join('n.' + text for text in texts)}]"
        " OPTIONS {indexConfig: {`fulltext.analyzer`: 'cjk'}}"
    )


def ensure_schema(store: DefinesSchema) -> None:
    """Constraints and indexes of all labels; what exists already stays as it is.

    The embedded server has no full-text statement; search goes its own way there.
    """
    for statement in (*constraint_statements(), *index_statements()):
        store.define(statement)
    if store.kind == "neo4j":
        store.define(full_text_statement())
