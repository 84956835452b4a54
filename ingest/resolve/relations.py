"""Relationships that rows state between resolved entities, with the rows that state them.

``ingest/resolve/data/relations.csv`` names them; phones, addresses and sites follow from
``belongs_to`` in the table of mentions.
"""

from dataclasses import dataclass

import duckdb

from graph.ontology_relationships import RELATIONSHIP_ROWS
from ingest.resolve.extract import owner_mention, read_shipped
from records.contract import load_contract
from records.mentions import load_mentions

SOURCE_LIMIT = 20
TYPE_BY_KIND = {"phone": "HAS_PHONE", "address": "LOCATED_AT", "site": "HAS_SITE"}
KEYS_BY_TYPE = {row[0]: row[6] for row in RELATIONSHIP_ROWS}


@dataclass(frozen=True, slots=True)
class Statement:
    """Rows of one dataset state a relationship between two of their mentions.

    ``properties`` maps a property to a column or to a quoted text.
    """

    type: str
    dataset: str
    from_mention: int
    to_mention: int
    properties: dict[str, str]
    at: str


def _number(dataset: str, kind: str, role: str) -> int:
    for number, mention in enumerate(load_mentions()):
        if (mention.dataset, mention.kind, mention.role) == (dataset, kind, role):
            return number
    raise KeyError(f"records/data/mentions.csv has no {kind} {role} in {dataset}")


def statements() -> tuple[Statement, ...]:
    """All relationships that rows state, from both tables."""
    found = []
    for line in read_shipped("relations.csv"):
        pairs = [p.partition("=") for p in line["properties"].split("|") if p]
        found.append(
            Statement(
                line["type"],
                line["dataset"],
                _number(line["dataset"], line["from_kind"], line["from_role"]),
                _number(line["dataset"], line["to_kind"], line["to_role"]),
                {name: source for name, _, source in pairs},
                line["at"],
            )
        )
    for number, mention in enumerate(load_mentions()):
        owner = owner_mention(mention) if mention.belongs_to else None
        if owner is None or mention.kind not in TYPE_BY_KIND:
            continue
        properties = {} if mention.kind == "site" else {"use": f"'{mention.role}'"}
        type_ = TYPE_BY_KIND[mention.kind]
        found.append(Statement(type_, mention.dataset, owner, number, properties, ""))
    return tuple(found)


def _event_column(dataset: str) -> str:
    """The first moment of the dataset, as when its rows happened; empty when it has none."""
    columns = load_contract().dataset(dataset).columns
    times = [c.name for c in columns if c.base_type == "datetime" and c.name != "source_updated_at"]
    return times[0] if times else ""


def _value(dataset: str, name: str, source: str) -> str:
    """SQL of a property; a month stands for its first day, or its last where it ends something."""
    if source.startswith("'") or source == "NULL":
        return source
    if load_contract().dataset(dataset).column(source).base_type != "month":
        return f'd."{source}"'
    first = f"CAST(d.\"{source}\" || '-01' AS DATE)"
    return f"last_day({first})" if name == "to_on" else first


def _select(statement: Statement, names: tuple[str, ...]) -> str:
    mentions = load_mentions()
    from_kind = mentions[statement.from_mention].kind
    to_kind = mentions[statement.to_mention].kind
    at = statement.at or _event_column(statement.dataset)
    shown = []
    for name in names:
        value = _value(statement.dataset, name, statement.properties.get(name, "NULL"))
        kind = "DOUBLE" if name == "pct" else "VARCHAR"
        shown.append(f"CAST({value} AS {kind}) AS {name}")
    moment = f'CAST(d."{at}" AS TIMESTAMP)' if at else "CAST(NULL AS TIMESTAMP)"
    own = "".join(f", {item}" for item in shown)
    return (
        f"SELECT i.entity_id AS from_id, j.entity_id AS to_id,"
        f" '{statement.dataset}:' || b.batch || ':' || d.row || ':' || d.part AS reference,"
        f" {moment} AS moment{own}"
        f' FROM "{statement.dataset}" d JOIN batch_number b ON b.batch = d.batch'
        f" JOIN mention_member f ON f.mention = {statement.from_mention}"
        " AND f.batch_no = b.batch_no AND f.row = d.row AND f.part = d.part"
        f" JOIN mention_member t ON t.mention = {statement.to_mention}"
        " AND t.batch_no = b.batch_no AND t.row = d.row AND t.part = d.part"
        f" JOIN id_{from_kind} i ON i.entity = f.entity"
        f" JOIN id_{to_kind} j ON j.entity = t.entity"
    )


def _grouped(type_: str, rows: str, names: tuple[str, ...]) -> str:
    keys = tuple(k for k in KEYS_BY_TYPE[type_] if k in names)
    parts = [
        f"'{n}', {n}" if n in keys else f"'{n}', arg_max({n}, reference) FILTER ({n} IS NOT NULL)"
        for n in names
    ]
    group = ", ".join(("from_id", "to_id", *keys))
    return (
        f"SELECT from_id, '{type_}' AS type, to_id,"
        f" CAST(json_object({', '.join(parts)}) AS VARCHAR) AS properties,"
        f" list(DISTINCT reference ORDER BY reference)[1:{SOURCE_LIMIT}] AS sources,"
        " count(DISTINCT reference)::BIGINT AS source_count, min(moment) AS first_at,"
        f" max(moment) AS last_at FROM ({rows}) WHERE from_id <> to_id GROUP BY {group}"
    )


def _outlets_select() -> str:
    outlets = [n for n, m in enumerate(load_mentions()) if m.kind == "outlet"]
    parts = [
        f"SELECT u.site_id AS from_id, u.entity_id AS to_id, '{load_mentions()[n].dataset}:' ||"
        " b.batch || ':' || m.row || ':' || m.part AS reference, CAST(NULL AS TIMESTAMP) AS moment"
        f" FROM mention_member m JOIN batch_number b USING (batch_no)"
        f" JOIN id_outlet i USING (entity) JOIN outlet_table u ON u.entity_id = i.entity_id"
        f" WHERE m.mention = {n} AND u.site_id IS NOT NULL"
        for n in outlets
    ]
    return " UNION ALL ".join(parts)


def _operates_select() -> str:
    operator = _number("om_contract", "organization", "operator")
    outlet = _number("monitor_point", "outlet", "outlet")
    visitor = _number("om_log", "organization", "operator")
    return (
        f"WITH point AS (SELECT d.mn, min(i.entity_id) AS outlet_id FROM monitor_point d"
        f" JOIN batch_number b ON b.batch = d.batch JOIN mention_member m ON m.mention = {outlet}"
        " AND m.batch_no = b.batch_no AND m.row = d.row AND m.part = d.part"
        " JOIN id_outlet i USING (entity) GROUP BY d.mn),"
        " visits AS (SELECT i.entity_id AS operator_id, d.mn, count(*) AS n FROM om_log d"
        f" JOIN batch_number b ON b.batch = d.batch JOIN mention_member m ON m.mention = {visitor}"
        " AND m.batch_no = b.batch_no AND m.row = d.row AND m.part = d.part"
        " JOIN id_organization i USING (entity) GROUP BY ALL)"
        " SELECT i.entity_id AS from_id, p.outlet_id AS to_id,"
        " 'om_contract:' || b.batch || ':' || d.row || ':' || d.part AS reference,"
        " CAST(d.valid_from AS TIMESTAMP) AS moment, d.contract_no, v.n AS visit_count"
        " FROM om_contract d JOIN batch_number b ON b.batch = d.batch"
        f" JOIN mention_member m ON m.mention = {operator} AND m.batch_no = b.batch_no"
        " AND m.row = d.row AND m.part = d.part JOIN id_organization i USING (entity)"
        " JOIN point p ON p.mn = d.mn LEFT JOIN visits v ON v.mn = d.mn"
        " AND v.operator_id = i.entity_id"
    )


def relations_select() -> str:
    """SELECT of the whole relation table, sorted."""
    by_type: dict[str, list[Statement]] = {}
    for statement in statements():
        by_type.setdefault(statement.type, []).append(statement)
    parts = []
    for type_, own in sorted(by_type.items()):
        names = tuple(sorted({name for s in own for name in s.properties}))
        rows = " UNION ALL ".join(_select(s, names) for s in own)
        parts.append(_grouped(type_, rows, names) if names else _plain(type_, rows))
    parts.append(_plain("HAS_OUTLET", _outlets_select()))
    parts.append(_grouped("OPERATES", _operates_select(), ("contract_no", "visit_count")))
    union = " UNION ALL ".join(f"SELECT * FROM ({part})" for part in parts)
    return f"SELECT * FROM ({union}) ORDER BY type, from_id, to_id, properties"


def _plain(type_: str, rows: str) -> str:
    return _grouped(type_, rows, ()).replace("CAST(json_object() AS VARCHAR)", "'{}'")


def write_relations(sql: duckdb.DuckDBPyConnection, path: str) -> None:
    """Write ``relation.parquet``."""
    sql.execute(f"COPY ({relations_select()}) TO '{path}' (FORMAT parquet, COMPRESSION zstd)")
    sql.fetchall()
