"""One entity and who says what about it: names by source, identifiers, roles, findings, leads."""

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from api.errors import Forbidden
from api.identity.caller import Caller
from api.reading.aliases import resolve_alias
from api.reading.findings import own_finding_ids
from api.reading.neighbours import graph_node
from api.reading.objects import KIND_BY_LABEL, label_of, shanghai, unknown
from api.reading.record_values import reads_values
from api.reading.resolution import EntityResolution, entity_resolution
from api.services import Services
from casework.evidence import AGENCY_ZH
from casework.lead import Lead
from graph.ontology import Label
from graph.types import Json
from records.contract import load_contract
from records.masking import mask_value
from records.mentions import load_mentions
from records.resolved import RESOLVED_TABLES
from records.views import quoted, resolved_view, text_literal

# Values of the kind tables that need a word of their own; all others are L1 or L2.
MASKED_COLUMNS = {"id_number", "number"}
NOT_SHOWN = {"entity_id", "name", "level", "id_number", "organization_id", "site_id"}
MOST_VALUES = 30


@dataclass(frozen=True, slots=True)
class Statement:
    """A name or identifier as some rows of one dataset give it.

    ``reference`` is the last of those rows (``dataset:batch:row:part``); ``is_masked`` says that
    the value is not shown whole.
    """

    kind: str
    value: str
    dataset: str
    dataset_zh: str
    agency_zh: str
    role: str
    level: str
    rows: int
    reference: str
    is_masked: bool


@dataclass(frozen=True, slots=True)
class SourceCount:
    """How many rows of a dataset name the entity, in which role."""

    dataset: str
    dataset_zh: str
    agency_zh: str
    role: str
    rows: int
    batches: int


@dataclass(frozen=True, slots=True)
class FindingHead:
    """A finding in one line; ``role`` is the entity's in it."""

    finding_id: str
    model: str
    grade: int
    status: str
    title: str
    window_from: str
    window_to: str


@dataclass(frozen=True, slots=True)
class EntityProfile:
    """An entity; ``withheld`` names the parts that the caller may not read, if there were any.

    ``resolution`` says which records it was made of; organisations have one.
    """

    entity_id: str
    asked_id: str
    label: str
    kind: str
    name: str
    level: str
    properties: dict[str, Json]
    names: tuple[Statement, ...]
    identifiers: tuple[Statement, ...]
    sources: tuple[SourceCount, ...]
    findings: tuple[FindingHead, ...]
    leads: tuple[Lead, ...]
    aliases: tuple[str, ...]
    withheld: tuple[str, ...]
    resolution: EntityResolution | None


def read_entity(
    services: Services, caller: Caller, entity_id: str, *, unmask: bool = False
) -> EntityProfile:
    """One entity by its id or by an id that was merged into it.

    Parameters
    ----------
    unmask
        Show L4 values whole; needs purpose and case number (RULINGS 23) and is audited first.

    Raises
    ------
    NotFound
        When there is no such entity, or none within the caller's reach.
    Forbidden
        When L4 values are asked for without the right to them.
    """
    label = label_of(entity_id)
    table = KIND_BY_LABEL[label.name]
    if table not in RESOLVED_TABLES:
        return _from_graph(services, caller, entity_id, label)
    with services.sql() as sql:
        current, aliases = resolve_alias(sql, entity_id)
        row = _row(sql, table, current)
        if row is None or not caller.sees(label.name, str(row["level"] or "L4")):
            raise unknown(entity_id)
        services.record(caller, "entity.read", current)
        shown = _unmasked_origins(services, caller, sql, current) if unmask else ()
        statements = _statements(sql, current, table)
        findings, leads, withheld = _suspicions(services, caller, sql, current)
        sources = _sources(caller, sql, current)
        is_firm = table == "organization"
        resolution = entity_resolution(sql, caller, current) if is_firm else None
    if unmask:
        services.record(caller, "entity.unmask", current)
    masked = tuple(_masked(s, shown) for s in statements if reads_values(caller, s.level))
    return EntityProfile(
        entity_id=current,
        asked_id=entity_id,
        label=label.name,
        kind=table,
        name=_name(row, table, any(s.level == "L4" and not s.is_masked for s in masked)),
        level=str(row["level"] or "L4"),
        properties=_properties(row),
        names=tuple(s for s in masked if s.kind == "name"),
        identifiers=tuple(s for s in masked if s.kind != "name"),
        sources=sources,
        findings=findings,
        leads=leads,
        aliases=aliases,
        withheld=withheld,
        resolution=resolution,
    )


def _row(sql: duckdb.DuckDBPyConnection, table: str, entity_id: str) -> dict[str, Json] | None:
    columns = list(RESOLVED_TABLES[table])
    rows = sql.execute(
        f"SELECT {', '.join(map(quoted, columns))} FROM {quoted(resolved_view(table))}"  # noqa: S608 - names from our own table
        " WHERE entity_id = ?",
        [entity_id],
    ).fetchall()
    return dict(zip(columns, rows[0], strict=True)) if rows else None


def _name(row: dict[str, Json], table: str, is_whole: bool) -> str:
    if table == "phone":
        number = str(row["number"] or "")
        return number if is_whole else mask_value(number)
    return str(row["name"] or row["entity_id"])


def _properties(row: dict[str, Json]) -> dict[str, Json]:
    shown = {
        name: value
        for name, value in row.items()
        if name not in NOT_SHOWN and value not in (None, "", [])
    }
    return {
        name: mask_value(str(value)) if name in MASKED_COLUMNS else _plain(value)
        for name, value in shown.items()
    }


def _plain(value: Json) -> Json:
    return value if isinstance(value, bool | int | float | str | list) else str(value)


def _statements(sql: duckdb.DuckDBPyConnection, entity_id: str, kind: str) -> list[Statement]:
    """Names and codes of the entity as its rows give them, one statement for all datasets."""
    used = sql.execute(
        "SELECT DISTINCT dataset, role FROM member WHERE entity_id = ? ORDER BY ALL", [entity_id]
    ).fetchall()
    contract = load_contract()
    parts: list[str] = []
    for dataset, role in used:
        for mention in load_mentions():
            if (mention.dataset, mention.kind, mention.role) != (dataset, kind, role):
                continue
            if mention.is_list:
                continue
            for what, name in (("name", mention.name), ("code", mention.code)):
                if name:
                    level = contract.dataset(dataset).column(name).level
                    parts.append(_part(dataset, role, what, name, level))
    if not parts:
        return []
    union = " UNION ALL ".join(parts)
    rows = sql.execute(
        f"SELECT * FROM ({union})"  # noqa: S608 - names from the contract
        " ORDER BY what DESC, rows DESC, dataset, role, col, value",
        {"id": entity_id, "most": MOST_VALUES},
    ).fetchall()
    return [
        Statement(
            "name" if what == "name" and kind not in ("phone", "account") else column,
            value,
            dataset,
            contract.dataset(dataset).name_zh,
            AGENCY_ZH.get(contract.dataset(dataset).agency, ""),
            role,
            level,
            int(count),
            reference,
            False,
        )
        for what, column, value, dataset, role, level, count, reference in rows
    ]


def _part(dataset: str, role: str, what: str, column: str, level: str) -> str:
    """SELECT of the values of one column in the rows that name the entity in one role."""
    literals = ", ".join(
        f"{text_literal(value)} AS {name}" for name, value in (("what", what), ("col", column))
    )
    return (
        f"(SELECT {literals}, trim({quoted(column)}::VARCHAR) AS value,"  # noqa: S608 - names from the contract
        f" {text_literal(dataset)} AS dataset, {text_literal(role)} AS role,"
        f" {text_literal(level)} AS level, count(*) AS rows,"
        f" max({text_literal(dataset)} || ':' || r.batch || ':' || r.row || ':' || r.part) AS ref"
        f" FROM {quoted(dataset)} r JOIN (SELECT DISTINCT batch, row, part FROM member"
        f" WHERE entity_id = $id AND dataset = {text_literal(dataset)}"
        f" AND role = {text_literal(role)}) m USING (batch, row, part)"
        f" WHERE trim({quoted(column)}::VARCHAR) <> '' GROUP BY value"
        " ORDER BY rows DESC, value LIMIT $most)"
    )


def _masked(statement: Statement, shown: Sequence[str]) -> Statement:
    if statement.level != "L4" or statement.agency_zh in shown:
        return statement
    return Statement(
        statement.kind,
        mask_value(statement.value),
        statement.dataset,
        statement.dataset_zh,
        statement.agency_zh,
        statement.role,
        statement.level,
        statement.rows,
        statement.reference,
        True,
    )


def _unmasked_origins(
    services: Services, caller: Caller, sql: duckdb.DuckDBPyConnection, entity_id: str
) -> tuple[str, ...]:
    """Agencies whose L4 values the caller may see whole.

    Raises
    ------
    Forbidden
    """
    role = caller.role
    if not role.may_unmask:
        raise Forbidden(f"角色“{role.title_zh}”不能查看未遮蔽的 L4 值")
    if not (caller.purpose and caller.case_no):
        raise Forbidden("查看未遮蔽的 L4 值须同时说明查询目的和案件（线索）编号")
    if role.may_unmask == "all":
        return tuple(AGENCY_ZH.values())
    found = sql.execute(
        "SELECT finding_id FROM finding WHERE list_contains(subject_ids, ?)", [entity_id]
    ).fetchall()
    with services.leads() as leads:
        owners = {lead.owner for lead in leads.of_findings([str(row[0]) for row in found])}
    if caller.user not in owners:
        raise Forbidden("只能在本人承办的线索内查看未遮蔽的 L4 值；该对象不在其中")
    return tuple(zh for agency, zh in AGENCY_ZH.items() if agency != "police")


def _sources(
    caller: Caller, sql: duckdb.DuckDBPyConnection, entity_id: str
) -> tuple[SourceCount, ...]:
    contract = load_contract()
    rows = sql.execute(
        'SELECT dataset, "column", role, count(*) AS rows, count(DISTINCT batch) FROM member'
        " WHERE entity_id = ? GROUP BY ALL ORDER BY rows DESC, dataset, role",
        [entity_id],
    ).fetchall()
    return tuple(
        SourceCount(
            dataset,
            contract.dataset(dataset).name_zh,
            AGENCY_ZH.get(contract.dataset(dataset).agency, ""),
            role,
            int(count),
            int(batches),
        )
        for dataset, column, role, count, batches in rows
        if reads_values(caller, contract.dataset(dataset).column(column).level)
    )


def _suspicions(
    services: Services, caller: Caller, sql: duckdb.DuckDBPyConnection, entity_id: str
) -> tuple[tuple[FindingHead, ...], tuple[Lead, ...], tuple[str, ...]]:
    """Findings and leads about the entity; what the caller may not read is named, not counted."""
    try:
        own = own_finding_ids(services, caller)
    except Forbidden:
        return (), (), ("findings", "leads")
    rows = sql.execute(
        "SELECT finding_id, model, grade, status, title, window_from, window_to FROM finding"
        " WHERE list_contains(subject_ids, ?) ORDER BY grade, score DESC, finding_id",
        [entity_id],
    ).fetchall()
    heads = tuple(FindingHead(*row) for row in rows if own is None or row[0] in own)
    with services.leads() as leads:
        found = leads.of_findings([head.finding_id for head in heads])
    return heads, tuple(found), ()


def _from_graph(services: Services, caller: Caller, entity_id: str, label: Label) -> EntityProfile:
    """A document, case or lead: what the graph holds of it."""
    node = graph_node(services, caller, entity_id)
    services.record(caller, "entity.read", entity_id)
    properties = {
        name: shanghai(value) if name.endswith("_at") and isinstance(value, str) else value
        for name, value in node.properties.items()
        if name != "level"
    }
    return EntityProfile(
        entity_id=entity_id,
        asked_id=entity_id,
        label=label.name,
        kind=KIND_BY_LABEL[label.name],
        name=node.name,
        level=str(node.properties.get("level") or "L4"),
        properties=properties,
        names=(),
        identifiers=(),
        sources=(),
        findings=(),
        leads=(),
        aliases=(),
        withheld=(),
        resolution=None,
    )
