"""A side of a comparison: an entity, or one row in one role, as people name it."""

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

from api.errors import NotFound
from api.identity.caller import Caller
from api.reading.aliases import resolve_alias
from api.reading.objects import label_of, unknown
from api.reading.record_values import reads_values
from graph.ontology import LABELS
from queries.errors import ParameterError
from records.contract import load_contract
from records.mentions import load_mentions
from records.resolved import RESOLVED_TABLES
from records.views import quoted, resolved_view

# Kinds about whose rows people can judge.
KIND_BY_LABEL = {"Organization": "organization", "Person": "person"}
# Kinds whose pairs can be explained; of what a role of a row names, the first counts.
EXPLAINED_BY_LABEL = KIND_BY_LABEL | {
    "Vehicle": "vehicle",
    "Site": "site",
    "Address": "address",
    "Phone": "phone",
}
LABEL_BY_KIND = {kind: label for label, kind in EXPLAINED_BY_LABEL.items()}
ROW_FORM = "行引用应写成 数据集:批次:行:序，例如 manifest:9f…:17:1"


@dataclass(frozen=True, slots=True)
class SideAsked:
    """What was asked about: an entity id, or a row reference with a role where it needs one."""

    entity_id: str = ""
    row: str = ""
    role: str = ""

    @classmethod
    def parse(cls, text: str) -> "SideAsked":
        """``org:…`` or ``dataset:batch:row:part`` with ``:role`` or without."""
        parts = text.strip().split(":")
        if len(parts) == 2:
            return cls(entity_id=text.strip())
        return cls(row=":".join(parts[:4]), role=":".join(parts[4:]))


@dataclass(frozen=True, slots=True)
class Side:
    """A row that stands for one side, and the entity that it belongs to now."""

    reference: str
    role: str
    kind: str
    entity_id: str
    name: str

    @property
    def text(self) -> str:
        """The row and its role as one text."""
        return f"{self.reference}:{self.role}"


def find_side(
    sql: duckdb.DuckDBPyConnection,
    caller: Caller,
    asked: SideAsked,
    kinds: Mapping[str, str] = KIND_BY_LABEL,
) -> Side:
    """The row that a side means; of an entity its smallest row, the anchor of its id.

    ``kinds`` maps the labels that may be meant to their kinds.

    Raises
    ------
    NotFound
        When there is no such entity or row, or none within the caller's reach.
    ParameterError
        When the text has neither form, the role is missing, or the kind is not compared.
    """
    if asked.entity_id:
        return _of_entity(sql, caller, asked.entity_id, kinds)
    return _of_row(sql, caller, asked, list(kinds.values()))


def _of_entity(
    sql: duckdb.DuckDBPyConnection, caller: Caller, entity_id: str, kinds: Mapping[str, str]
) -> Side:
    kind = kinds.get(label_of(entity_id).name)
    if kind is None:
        raise ParameterError(f"{entity_id} 不能比较；可比较的是{_kinds_zh(kinds)}")
    current, _ = resolve_alias(sql, entity_id)
    lines = sql.execute(
        "SELECT dataset || ':' || batch || ':' || row || ':' || part, role FROM member"
        " WHERE kind = ? AND entity_id = ? ORDER BY dataset, batch, row, part, role LIMIT 1",
        [kind, current],
    ).fetchall()
    name = _name(sql, caller, kind, current)
    if not lines or name is None:
        raise unknown(entity_id)
    return Side(str(lines[0][0]), str(lines[0][1]), kind, current, name)


def _name(sql: duckdb.DuckDBPyConnection, caller: Caller, kind: str, entity_id: str) -> str | None:
    """The entity's name, ``None`` where it is not there for the caller."""
    # A phone has no name, and its number is not for everybody.
    name = "name" if "name" in RESOLVED_TABLES[kind] else "entity_id"
    rows = sql.execute(
        f"SELECT {name}, level FROM {quoted(resolved_view(kind))} WHERE entity_id = ?",  # noqa: S608 - our own view
        [entity_id],
    ).fetchall()
    if not rows or not caller.sees(LABEL_BY_KIND[kind], str(rows[0][1] or "L4")):
        return None
    return str(rows[0][0] or entity_id)


def _kinds_zh(kinds: Mapping[str, str]) -> str:
    return "、".join(LABELS[label].zh for label in kinds)


def _of_row(
    sql: duckdb.DuckDBPyConnection, caller: Caller, asked: SideAsked, kinds: list[str]
) -> Side:
    row, role = asked.row, asked.role
    parts = row.split(":")
    if len(parts) != 4 or not (parts[2].isdecimal() and parts[3].isdecimal()):
        raise ParameterError(f"无法识别 {row or '（空）'}；{ROW_FORM}")
    dataset, batch, number, part = parts
    if dataset not in load_contract().datasets:
        raise ParameterError(f"没有数据集 {dataset}；{ROW_FORM}")
    role = role or _only_role(dataset, kinds)
    missing = NotFound(
        f"行 {row} 没有以角色 {role} 指名的可比较主体；请核对批次、行号和角色，"
        "或先运行 jinghuan resolve"
    )
    lines = sql.execute(
        'SELECT kind, entity_id, "column" FROM member WHERE dataset = ? AND batch = ?'
        " AND row = ? AND part = ? AND role = ? AND list_contains(?, kind)"
        " ORDER BY list_position(?, kind), entity_id LIMIT 1",
        [dataset, batch, int(number), int(part), role, kinds, kinds],
    ).fetchall()
    if not lines:
        raise missing
    kind, entity_id, column = map(str, lines[0])
    name = _name(sql, caller, kind, entity_id)
    level = load_contract().dataset(dataset).column(column).level
    if name is None or not reads_values(caller, level):
        raise missing
    return Side(row, role, kind, entity_id, name)


def _only_role(dataset: str, kinds: list[str]) -> str:
    """The role in which rows of a dataset name one thing of the first kind that they name."""
    named = [m for m in load_mentions() if m.dataset == dataset and m.kind in kinds]
    for kind in kinds:
        own = [m.role for m in named if m.kind == kind]
        if own:
            break
    if len(own) == 1:
        return own[0]
    shown = "、".join(sorted({m.role for m in named})) or "无"
    raise ParameterError(f"{dataset} 的行可指名多个主体，请写明角色（{shown}）")
