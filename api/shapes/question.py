"""The catalogue of queries, what is asked and what is answered."""

from typing import Annotated

from pydantic import Field, JsonValue, StringConstraints

from api.shapes.body import Id, RequestBody, Shape, Short


class ParameterShape(Shape):
    """A parameter of a catalogue query."""

    name: str
    type: str
    label: str
    default: str | None
    is_required: bool


class ColumnShape(Shape):
    """A column of a catalogue query's answer."""

    name: str
    type: str
    label: str


class QueryShape(Shape):
    """A catalogue query."""

    name: str
    title_zh: str
    title_en: str
    group: str
    purpose: str
    level: str
    parameters: list[ParameterShape]
    columns: list[ColumnShape]


class QueriesShape(Shape):
    """The catalogue."""

    items: list[QueryShape]


class QueryRequest(RequestBody):
    """Values of a query's parameters."""

    parameters: dict[Id, JsonValue] = Field(default_factory=dict)
    row_limit: Annotated[int, Field(ge=1, le=5000)] = 1000


class CypherRequest(RequestBody):
    """One reading statement; the purpose may stand here instead of in the header."""

    cypher: Annotated[str, StringConstraints(min_length=1, max_length=20_000)]
    purpose: Short = ""
    row_limit: Annotated[int, Field(ge=1, le=5000)] = 1000


class AnswerShape(Shape):
    """Rows of an answer in column order."""

    title_zh: str
    columns: list[str]
    labels: list[str]
    rows: list[list[JsonValue]]
    is_truncated: bool
    seconds: float
