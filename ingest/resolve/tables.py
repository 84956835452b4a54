"""One table per kind: the best value of each attribute, out of the rows of an entity.

Values come from the best source that states them: the company register, then the ecology files,
then the others (RULINGS 22 for ``level``: the lowest at which the naming value was delivered).
"""

import duckdb
import polars as pl

from ingest.resolve.extract import frame_of, mention_numbers, read_shipped
from records.contract import load_contract
from records.mentions import Mention, load_mentions
from records.resolved import RESOLVED_TABLES

# dataset, role → columns of the organisation table taken from it, best source first
ORGANIZATION_SOURCES: tuple[tuple[str, str, dict[str, str]], ...] = (
    (
        "company",
        "company",
        {
            "name": "name",
            "former": "former_names",
            "division_code": "division_code",
            "industry": "industry",
            "status": "status",
            "founded_on": "founded_on",
            "legal_rep": "legal_rep",
            "reg_capital_yuan": "reg_capital_yuan",
            "scope": "scope",
        },
    ),
    (
        "enterprise",
        "enterprise",
        {
            "name": "name",
            "former": "former_names",
            "division_code": "division_code",
            "industry": "industry",
            "legal_rep": "legal_rep",
            "lon": "lon",
            "lat": "lat",
        },
    ),
    (
        "permit",
        "holder",
        {
            "name": "unit_name",
            "division_code": "division_code",
            "industry": "industry",
            "legal_rep": "legal_rep",
            "lon": "lon",
            "lat": "lat",
        },
    ),
    (
        "hw_licence",
        "holder",
        {
            "name": "unit_name",
            "division_code": "division_code",
            "legal_rep": "legal_rep",
            "lon": "lon",
            "lat": "lat",
        },
    ),
    ("carrier_licence", "carrier", {"name": "name"}),
    ("service_body", "body", {"name": "name"}),
)
ATTRIBUTE_TYPES = {
    "name": "VARCHAR",
    "former": "VARCHAR",
    "division_code": "VARCHAR",
    "industry": "VARCHAR",
    "status": "VARCHAR",
    "founded_on": "DATE",
    "legal_rep": "VARCHAR",
    "reg_capital_yuan": "DOUBLE",
    "scope": "VARCHAR",
    "lon": "DOUBLE",
    "lat": "DOUBLE",
}
FORMER_SPLIT = "[、,，;；|/\\s]+"


def numbered(dataset: str, kind: str, role: str) -> int:
    """Number of one mention."""
    for number, m in mention_numbers(kind).items():
        if (m.dataset, m.role) == (dataset, role):
            return number
    raise KeyError(f"records/data/mentions.csv has no {kind} {role} in {dataset}")


def rows_of(dataset: str, kind: str, role: str, columns: str) -> str:
    """SELECT of ``entity``, ``reference`` and ``columns`` (alias d) of the rows of one mention."""
    number = numbered(dataset, kind, role)
    return (
        f"SELECT m.entity, {{'b': b.batch_no, 'r': d.row, 'p': d.part}} AS reference, {columns}"
        f' FROM "{dataset}" d JOIN batch_number b ON b.batch = d.batch'
        f" JOIN mention_member m ON m.mention = {number} AND m.batch_no = b.batch_no"
        " AND m.row = d.row AND m.part = d.part"
    )


def _level(mention: Mention) -> str:
    dataset = load_contract().dataset(mention.dataset)
    columns = [c for c in (mention.name, mention.code) if c]
    if mention.kind != "organization":
        columns = [mention.column]
    return min(dataset.column(c).level for c in columns)


def prepare(sql: duckdb.DuckDBPyConnection) -> None:
    """Make the small tables that the queries below join: levels and roles of mentions."""
    roles = {(r["dataset"], r["role"]): r["entity_role"] for r in read_shipped("roles.csv")}
    lines = [
        (n, m.kind, _level(m), roles.get((m.dataset, m.role)) if m.kind == "organization" else None)
        for n, m in enumerate(load_mentions())
    ]
    sql.execute(
        "CREATE TEMP TABLE mention_fact (mention SMALLINT, kind VARCHAR, level VARCHAR,"
        " entity_role VARCHAR)"
    ).fetchall()
    sql.executemany("INSERT INTO mention_fact VALUES (?, ?, ?, ?)", lines)


def _organization_sources() -> str:
    parts = []
    for rank, (dataset, role, columns) in enumerate(ORGANIZATION_SOURCES):
        shown = ", ".join(
            f'CAST(d."{columns[name]}" AS {type_}) AS {name}'
            if name in columns
            else f"CAST(NULL AS {type_}) AS {name}"
            for name, type_ in ATTRIBUTE_TYPES.items()
        )
        parts.append(
            f"SELECT *, {{'k': {rank}, 'f': reference}} AS o"
            f" FROM ({rows_of(dataset, 'organization', role, shown)})"
        )
    return " UNION ALL ".join(parts)


def _organization() -> str:
    best = ", ".join(
        f"arg_min({n}, o) FILTER ({n} IS NOT NULL) AS {n}" for n in ATTRIBUTE_TYPES if n != "former"
    )
    renamed = rows_of(
        "company_change",
        "organization",
        "company",
        "CASE WHEN d.item LIKE '%名称%' THEN d.old_value END AS former",
    )
    insured = rows_of("insured", "organization", "employer", "d.month, d.headcount, d.kind")
    return f"""
WITH source AS ({_organization_sources()}),
best AS (SELECT entity, {best} FROM source GROUP BY entity),
old_name AS (
    SELECT entity, list_sort(list(DISTINCT f)) AS former_names FROM (
        SELECT entity, unnest(string_split_regex(former, '{FORMER_SPLIT}')) AS f
        FROM (SELECT entity, former FROM source UNION ALL SELECT entity, former FROM ({renamed}))
        WHERE former IS NOT NULL) WHERE f <> '' GROUP BY entity),
headcount AS (
    SELECT entity, arg_max(headcount, {{'m': month, 'h': headcount}}) AS insured_count
    FROM ({insured}) WHERE kind IS NULL OR kind = '养老' GROUP BY entity),
said AS (
    SELECT entity, name, sum(rows) AS n,
        regexp_matches(name, '(公司|厂|社|院|所|中心|站|店|部)$') AS is_full
    FROM resolved_organization WHERE name <> '' GROUP BY entity, name),
names AS (
    SELECT entity, arg_min(name, {{'f': NOT is_full, 'n': -n, 't': name}}) AS said_name,
        list_sort(list(name)) AS all_names,
        arg_min(name, {{'l': length(name), 't': name}}) FILTER (NOT is_full) AS short_name
    FROM said GROUP BY entity),
fact AS (
    SELECT entity, min(level) AS level, sum(rows)::BIGINT AS record_count,
        list_sort(list(DISTINCT entity_role) FILTER (entity_role IS NOT NULL)) AS roles,
        min(code) AS any_code, min(valid_code) AS uscc,
        arg_min(division, first_rank) FILTER (division <> '') AS said_division
    FROM resolved_organization JOIN mention_fact USING (mention) GROUP BY entity)
SELECT i.entity_id, coalesce(best.name, said_name, uscc, any_code) AS name, level, uscc,
    short_name, coalesce(former_names, []) AS former_names,
    list_filter(coalesce(all_names, []), lambda n: n <> coalesce(best.name, said_name, ''))
        AS aliases,
    coalesce(best.division_code, said_division) AS division_code,
    nullif(regexp_extract(industry, '^[A-Z]?[0-9]{{2,4}}'), '') AS industry_code,
    status, founded_on, legal_rep, reg_capital_yuan, scope, insured_count::BIGINT AS insured_count,
    coalesce(roles, []) AS roles, record_count, lon, lat
FROM id_organization i JOIN fact USING (entity) LEFT JOIN best USING (entity)
LEFT JOIN names USING (entity) LEFT JOIN old_name USING (entity) LEFT JOIN headcount USING (entity)
"""


PERSON = """
WITH said AS (
    SELECT entity, name, sum(rows) AS n FROM resolved_person WHERE name <> '' GROUP BY ALL),
names AS (SELECT entity, arg_min(name, {'n': -n, 't': name}) AS name FROM said GROUP BY entity),
fact AS (
    SELECT entity, min(level) AS level, min(id_number) AS id_number,
        sum(rows)::BIGINT AS record_count
    FROM resolved_person JOIN mention_fact USING (mention) GROUP BY entity)
SELECT entity_id, name, level, id_number,
    regexp_replace(id_number, '^(.{6}).{8}(.{4})$', '\\1********\\2') AS id_masked,
    CAST(try_strptime(substr(id_number, 7, 8), '%Y%m%d') AS DATE) AS birth_on, record_count
FROM id_person JOIN fact USING (entity) LEFT JOIN names USING (entity)
"""


def _vehicle() -> str:
    loads = " UNION ALL ".join(
        f"SELECT entity, {{'k': {k}, 'f': reference}} AS o, rated_load_t"
        f" FROM ({rows_of(dataset, 'vehicle', 'vehicle', 'd.rated_load_t')})"
        for k, dataset in enumerate(("vehicle", "vehicle_permit"))
    )
    return f"""
WITH fact AS (
    SELECT entity, min(level) AS level, min(plate) AS plate, min(kind) AS kind,
        sum(rows)::BIGINT AS record_count
    FROM (SELECT r.*, f.level FROM resolved_vehicle r JOIN mention_fact f USING (mention))
    GROUP BY entity),
load AS (SELECT entity, arg_min(rated_load_t, o) FILTER (rated_load_t IS NOT NULL) AS rated_load_t
    FROM ({loads}) GROUP BY entity)
SELECT entity_id, left(plate, 2) || '·' || substr(plate, 3) AS name, level, plate,
    nullif(kind, '') AS plate_kind, kind = '15' AS is_trailer, rated_load_t, record_count
FROM id_vehicle JOIN fact USING (entity) LEFT JOIN load USING (entity)
"""


PHONE = """
SELECT entity_id, left(number, 3) || '****' || right(number, 4) AS name, level, number
FROM id_phone JOIN (
    SELECT entity, min(level) AS level, min(number) AS number
    FROM resolved_phone JOIN mention_fact USING (mention) GROUP BY entity) USING (entity)
"""
ADDRESS = """
SELECT entity_id, text AS name, level, text, division_code, lon, lat FROM id_address JOIN (
    SELECT entity, min(level) AS level, arg_min(name, first_rank) AS text,
        arg_min(division, first_rank) FILTER (division <> '') AS division_code,
        arg_min(lon, first_rank) FILTER (lon IS NOT NULL) AS lon,
        arg_min(lat, first_rank) FILTER (lat IS NOT NULL) AS lat
    FROM resolved_address JOIN mention_fact USING (mention) GROUP BY entity) USING (entity)
"""
SITE = """
SELECT s.entity_id, s.name, s.level, s.kind, s.lon, s.lat, s.division_code,
    o.entity_id AS organization_id
FROM (SELECT * FROM id_site JOIN (
    SELECT entity, min(level) AS level, arg_min(name, first_rank) FILTER (name <> '') AS name,
        max(site_kind) AS kind, arg_min(lon, first_rank) FILTER (lon IS NOT NULL) AS lon,
        arg_min(lat, first_rank) FILTER (lat IS NOT NULL) AS lat,
        arg_min(division, first_rank) FILTER (division <> '') AS division_code, min(owner) AS owner
    FROM resolved_site JOIN mention_fact USING (mention) GROUP BY entity) USING (entity)) s
LEFT JOIN id_organization o ON o.entity = s.owner
"""


def _outlet() -> str:
    point = rows_of("monitor_point", "outlet", "outlet", "d.mn, d.lon, d.lat, d.st")
    outlet = rows_of("outlet", "outlet", "outlet", "d.lon, d.lat, d.kind")
    return f"""
WITH seen AS (
    SELECT entity, {{'k': 0, 'f': reference}} AS o, lon, lat,
        CASE kind WHEN '废水' THEN 'water' WHEN '废气' THEN 'air' WHEN '雨水' THEN 'rain' END
            AS medium,
        NULL AS mn FROM ({outlet})
    UNION ALL
    SELECT entity, {{'k': 1, 'f': reference}}, lon, lat,
        CASE st WHEN '31' THEN 'air' WHEN '27' THEN 'air' WHEN '32' THEN 'water' END, mn
    FROM ({point})),
fact AS (
    SELECT entity, arg_min(lon, o) FILTER (lon IS NOT NULL) AS lon,
        arg_min(lat, o) FILTER (lat IS NOT NULL) AS lat,
        arg_min(medium, o) FILTER (medium IS NOT NULL) AS medium,
        list_sort(list(DISTINCT mn) FILTER (mn IS NOT NULL)) AS mns FROM seen GROUP BY entity),
named AS (
    SELECT entity, min(level) AS level, min(outlet_code) AS outlet_code, min(owner) AS owner
    FROM resolved_outlet JOIN mention_fact USING (mention) GROUP BY entity),
whole AS (
    SELECT i.entity_id, outlet_code AS name, level, outlet_code,
        coalesce(medium, CASE left(outlet_code, 2) WHEN 'DW' THEN 'water' WHEN 'DA' THEN 'air'
            WHEN 'YS' THEN 'rain' END) AS medium,
        coalesce(mns, []) AS mns, o.entity_id AS organization_id, f.lon, f.lat
    FROM id_outlet i JOIN named USING (entity) LEFT JOIN fact f USING (entity)
    LEFT JOIN id_organization o ON o.entity = named.owner),
nearest AS (
    SELECT w.entity_id, arg_min(s.entity_id, {{
        'd': coalesce((s.lon - w.lon) ** 2 + (s.lat - w.lat) ** 2, 1e9),
        's': s.entity_id}}) AS site_id
    FROM whole w JOIN site_table s ON s.organization_id = w.organization_id
        AND s.kind IN ('plant', 'facility') GROUP BY w.entity_id)
SELECT w.entity_id, name, level, outlet_code, medium, mns, organization_id, site_id, lon, lat
FROM whole w LEFT JOIN nearest USING (entity_id)
"""


def _account() -> str:
    banks = rows_of("account", "account", "account", "d.bank")
    peers = rows_of("transfer", "account", "peer", "d.peer_bank AS bank")
    return f"""
WITH bank AS (SELECT entity, arg_min(bank, o) FILTER (bank IS NOT NULL) AS bank FROM (
    SELECT entity, bank, {{'k': 0, 'f': reference}} AS o FROM ({banks}) UNION ALL
    SELECT entity, bank, {{'k': 1, 'f': reference}} FROM ({peers})) GROUP BY entity),
fact AS (SELECT entity, min(level) AS level, min(number) AS number
    FROM resolved_account JOIN mention_fact USING (mention) GROUP BY entity)
SELECT entity_id, '尾号' || right(number, 4) AS name, level, number, right(number, 4) AS tail4, bank
FROM id_account JOIN fact USING (entity) LEFT JOIN bank USING (entity)
"""


def kind_table(sql: duckdb.DuckDBPyConnection, kind: str) -> pl.DataFrame:
    """The table of one kind, sorted by id, in the declared columns.

    Needs ``resolved_<kind>`` and ``id_<kind>``; sites come before outlets.
    """
    queries = {
        "organization": _organization,
        "person": lambda: PERSON,
        "vehicle": _vehicle,
        "phone": lambda: PHONE,
        "address": lambda: ADDRESS,
        "site": lambda: SITE,
        "outlet": _outlet,
        "account": _account,
    }
    found = frame_of(sql, queries[kind]())
    schema = RESOLVED_TABLES[kind]
    return found.select([pl.col(name).cast(dtype) for name, dtype in schema.items()]).sort(
        "entity_id"
    )
