"""The catalogue: one ``.cypher`` file per query, with a header that says what it is.

Header lines are ``// key: value``: title_zh, title_en, group, purpose, timeout_s, then one
``// parameter: name type 说明 [= default]`` per parameter and one ``// column: name type 说明``
per column, in order. Types: string, int, float, date, bool, strings (a list). ``level`` names
the level that a caller must read, L2 unless given.
"""

import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from itertools import takewhile

from graph.types import Json
from queries.errors import CatalogueError, ParameterError, UnknownQuery

TYPES = ("string", "int", "float", "date", "strings", "bool")
HEADER = re.compile(r"^//\s*(\w+):\s*(.*)$")
PLACEHOLDER = re.compile(r"\$(\w+)")
ROW_LIMIT = "row_limit"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a query; one with a default may be left out."""

    name: str
    type: str
    label: str
    default: str | None

    @property
    def is_required(self) -> bool:
        """Whether the caller must give it."""
        return self.default is None


@dataclass(frozen=True, slots=True)
class QueryColumn:
    """A column of a query's answer."""

    name: str
    type: str
    label: str


@dataclass(frozen=True, slots=True)
class Query:
    """One catalogue entry with its statement."""

    name: str
    title_zh: str
    title_en: str
    group: str
    purpose: str
    level: str
    timeout_s: float
    parameters: tuple[Parameter, ...]
    columns: tuple[QueryColumn, ...]
    cypher: str

    def bind(self, given: dict[str, Json]) -> dict[str, Json]:
        """Parameter values for the driver, converted and completed with defaults.

        Raises
        ------
        ParameterError
            When one is missing, unknown or not of its type.
        """
        known = {p.name for p in self.parameters}
        unknown = sorted(set(given) - known)
        if unknown:
            raise ParameterError(
                f"查询 {self.name} 没有参数 {'、'.join(unknown)}；"
                f"可用参数：{'、'.join(sorted(known)) or '无'}"
            )
        values: dict[str, Json] = {}
        for parameter in self.parameters:
            value = given.get(parameter.name)
            if value is None or value == "":
                if parameter.is_required:
                    raise ParameterError(
                        f"查询 {self.name} 缺少参数 {parameter.name}（{parameter.label}）"
                    )
                value = parameter.default
            values[parameter.name] = convert(self.name, parameter, value)
        return values


def convert(query: str, parameter: Parameter, value: Json) -> Json:
    """``value`` as the parameter's type; dates become ISO text, lists may come as ``a,b``.

    Raises
    ------
    ParameterError
        When the value cannot be read as that type.
    """
    try:
        match parameter.type:
            case "string":
                return str(value)
            case "int":
                return int(str(value))
            case "float":
                return float(str(value))
            case "bool":
                return {"true": True, "1": True, "是": True}.get(str(value).lower(), False)
            case "date":
                return date.fromisoformat(str(value)).isoformat() if value else ""
            case _:
                items = value if isinstance(value, list) else re.split(r"[,，、\s]+", str(value))
                return [str(item) for item in items if str(item)]
    except ValueError:
        example = {"int": "12", "float": "12.5", "date": "2026-10-31"}.get(parameter.type, "")
        raise ParameterError(
            f"查询 {query} 的参数 {parameter.name}：“{value}” 不是 {parameter.type}；例如 {example}"
        ) from None


def parse(name: str, text: str) -> Query:
    """Read one catalogue file.

    Raises
    ------
    CatalogueError
        When a header is missing or does not fit the statement.
    """
    fields: dict[str, str] = {}
    parameters: list[Parameter] = []
    columns: list[QueryColumn] = []
    lines = text.splitlines()
    head = [m for m in takewhile(bool, map(HEADER.match, lines)) if m]
    for line in head:
        key, value = line.groups()
        if key in ("parameter", "column"):
            definition, mark, default = value.partition(" = ")
            item, _, rest = definition.strip().partition(" ")
            type_, _, label = rest.strip().partition(" ")
            if type_ not in TYPES:
                raise CatalogueError(f"query {name}, {key} {item}: unknown type {type_!r}")
            if key == "parameter":
                shown = default.strip() if mark else None
                parameters.append(Parameter(item, type_, label.strip(), shown))
            else:
                columns.append(QueryColumn(item, type_, label.strip()))
        else:
            fields[key] = value.strip()
    cypher = "\n".join(lines[len(head) :]).strip()
    missing = {"title_zh", "title_en", "group", "purpose", "timeout_s"} - set(fields)
    if missing or not columns or not cypher:
        raise CatalogueError(f"query {name}: header lacks {sorted(missing) or 'columns or body'}")
    used = set(PLACEHOLDER.findall(cypher)) - {ROW_LIMIT}
    if used != {p.name for p in parameters}:
        raise CatalogueError(
            f"query {name}: header declares {sorted(p.name for p in parameters)},"
            f" statement uses {sorted(used)}"
        )
    return Query(
        name=name,
        title_zh=fields["title_zh"],
        title_en=fields["title_en"],
        group=fields["group"],
        purpose=fields["purpose"],
        level=fields.get("level", "L2"),
        timeout_s=float(fields["timeout_s"]),
        parameters=tuple(parameters),
        columns=tuple(columns),
        cypher=cypher,
    )


@cache
def load_catalogue() -> dict[str, Query]:
    """All catalogue queries by name, in name order."""
    folder = files("queries").joinpath("catalogue")
    entries = sorted(
        (entry for entry in folder.iterdir() if entry.name.endswith(".cypher")),
        key=lambda entry: entry.name,
    )
    return {
        entry.name.removesuffix(".cypher"): parse(
            entry.name.removesuffix(".cypher"), entry.read_text(encoding="utf-8")
        )
        for entry in entries
    }


def find_query(name: str) -> Query:
    """The query ``name``.

    Raises
    ------
    UnknownQuery
        With the names there are.
    """
    catalogue = load_catalogue()
    if name not in catalogue:
        raise UnknownQuery(f"没有名为 {name} 的查询；现有：{'、'.join(catalogue)}")
    return catalogue[name]
