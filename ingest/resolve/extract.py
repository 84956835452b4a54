"""Mentions out of the lake as distinct tuples, and back from tuples to rows.

Resolution works on distinct mention tuples, not rows: ten million positions of one plate are one
tuple. ``rows_select`` says what a row states about one mention; grouping it gives the tuples,
joining it with the resolved tuples gives the members. Everything is SQL generated from
``records/data/mentions.csv``; no value passes through Python on its way.
"""

import csv
import re
from functools import cache
from importlib.resources import files
from io import StringIO

import duckdb
import polars as pl

from records.contract import load_contract
from records.mentions import Mention, load_mentions

TEXT_KEYS = (
    "name",
    "code",
    "phone",
    "address",
    "person",
    "person_id",
    "division",
    "certificate",
    "plate_kind",
    "colour",
)
POSITION_KEYS = ("lon", "lat")
KEYS = (*TEXT_KEYS, *POSITION_KEYS, "owner")
POSITION_PLACES = 5
# A name or address beyond this is a document pasted into a cell.
TEXT_LIMIT = 200
# Relations of every mention to its row; ``entity`` numbers entities of one kind from 0.
MEMBER_TABLE = "CREATE TEMP TABLE mention_member (mention SMALLINT, batch_no INTEGER, row BIGINT, \
part INTEGER, ordinal INTEGER, entity INTEGER)"
LIST_SPLIT = "[、,，;；|/\\s]+"


def read_shipped(name: str) -> list[dict[str, str]]:
    """Rows of a table shipped with this package (``ingest/resolve/data/<name>``)."""
    text = files("ingest.resolve").joinpath("data", name).read_text(encoding="utf-8")
    return list(csv.DictReader(StringIO(text)))


@cache
def _certificates() -> dict[tuple[str, str], str]:
    return {(r["dataset"], r["role"]): r["column"] for r in read_shipped("certificates.csv")}


def mention_numbers(kind: str) -> dict[int, Mention]:
    """The mentions of one kind by their number, which is the place in the table of mentions."""
    return {i: m for i, m in enumerate(load_mentions()) if m.kind == kind}


def owner_mention(mention: Mention) -> int | None:
    """Number of the mention that ``belongs_to`` names in the same dataset, if any."""
    kind, _, role = mention.belongs_to.partition(":")
    for number, other in enumerate(load_mentions()):
        if (other.dataset, other.kind, other.role) == (mention.dataset, kind, role):
            return number
    return None


def _text(column: str) -> str:
    if not column:
        return "''"
    return f"coalesce(left(trim(CAST(d.\"{column}\" AS VARCHAR)), {TEXT_LIMIT}), '')"


def _columns(mention: Mention) -> dict[str, str]:
    has = {c.name for c in load_contract().dataset(mention.dataset).columns}
    columns = {
        "name": mention.name,
        "code": mention.code,
        "phone": mention.phone,
        "address": mention.address,
        "person": mention.person,
        "person_id": mention.person_id,
        "division": mention.division,
        "certificate": _certificates().get((mention.dataset, mention.role), ""),
        "plate_kind": "",
        "colour": "",
    }
    if mention.kind == "vehicle" and mention.role != "trailer":
        columns["plate_kind"] = "plate_kind" if "plate_kind" in has else ""
        columns["colour"] = "plate_color" if "plate_color" in has else ""
    return columns


def _condition(mention: Mention) -> str:
    match = re.fullmatch(r"(\w+)(!=|=|!)(.*)", mention.condition)
    if match is None:
        return ""
    column, operator, value = match.groups()
    if operator == "!":
        return f" WHERE {_text(column)} <> ''"
    return f" WHERE {_text(column)} {'=' if operator == '=' else '<>'} '{value}'"


def rows_select(number: int) -> str:
    """SELECT of what each row states about one mention: batch_no, row, part, ordinal, KEYS."""
    mention = load_mentions()[number]
    texts = _columns(mention)
    cells = {key: _text(texts[key]) for key in TEXT_KEYS}
    ordinal = "0"
    if mention.is_list:
        parts = f"string_split_regex({cells['name']}, '{LIST_SPLIT}')"
        ordinal = f"unnest(range(1, len({parts}) + 1))"
        cells["name"] = f"unnest({parts})"
        if texts["certificate"]:
            held = f"string_split_regex({cells['certificate']}, '{LIST_SPLIT}')"
            cells["certificate"] = (
                f"unnest(list_resize(CASE WHEN len({held}) = len({parts}) THEN {held}"
                f" ELSE [] END, len({parts}), ''))"
            )
    shown = ", ".join(f"{cells[key]} AS {key}" for key in TEXT_KEYS)
    for key, column in (("lon", mention.lon), ("lat", mention.lat)):
        value = f'round(d."{column}", {POSITION_PLACES})' if column else "NULL"
        shown += f", CAST({value} AS DOUBLE) AS {key}"
    owner, join = "NULL", ""
    owned_by = owner_mention(mention) if mention.belongs_to else None
    if owned_by is not None:
        owner = "o.entity"
        join = (
            f" LEFT JOIN (SELECT * FROM mention_member WHERE mention = {owned_by}) o"
            " ON o.batch_no = b.batch_no AND o.row = d.row AND o.part = d.part"
        )
    return (
        f"SELECT * FROM (SELECT b.batch_no, d.row, d.part, CAST({ordinal} AS INTEGER) AS ordinal,"
        f" {shown}, CAST({owner} AS INTEGER) AS owner"
        f' FROM "{mention.dataset}" d JOIN batch_number b ON b.batch = d.batch{join}'
        f"{_condition(mention)}) WHERE name <> '' OR code <> ''"
    )


def frame_of(sql: duckdb.DuckDBPyConnection, query: str) -> pl.DataFrame:
    """Result of ``query`` as a frame."""
    return pl.DataFrame(sql.sql(query).to_arrow_table())


def number_batches(sql: duckdb.DuckDBPyConnection) -> None:
    """Make ``batch_number`` (batches in the order of their hashes, from 0) and the member table."""
    datasets = sorted({m.dataset for m in load_mentions()})
    union = " UNION ALL ".join(f'SELECT DISTINCT batch FROM "{name}"' for name in datasets)
    sql.execute(
        "CREATE TEMP TABLE batch_number AS SELECT batch,"
        " CAST(row_number() OVER (ORDER BY batch) - 1"
        f" AS INTEGER) AS batch_no FROM (SELECT DISTINCT batch FROM ({union}))"
    ).fetchall()
    sql.execute(MEMBER_TABLE).fetchall()
    filled = " UNION ALL ".join(
        f"(SELECT '{name}' AS dataset FROM \"{name}\" LIMIT 1)" for name in datasets
    )
    sql.execute(f"CREATE TEMP TABLE filled_dataset AS {filled}").fetchall()


def tuples(sql: duckdb.DuckDBPyConnection, kind: str) -> pl.DataFrame:
    """Distinct mention tuples of one kind, sorted by mention and keys.

    Returns
    -------
    DataFrame
        ``mention``, the KEYS, ``rows`` (how many rows state it), ``batch_no, row, part, ordinal``
        of the smallest row reference and ``registered`` (ids that the registry holds for rows of
        this tuple, sorted).
    """
    keys = ", ".join(KEYS)
    frames = []
    filled = {line[0] for line in sql.execute("SELECT dataset FROM filled_dataset").fetchall()}
    for number, mention in mention_numbers(kind).items():
        if mention.dataset not in filled:
            continue
        frame = frame_of(
            sql,
            f"WITH named AS ({rows_select(number)}) SELECT CAST({number} AS SMALLINT) AS mention,"
            f" {keys}, count(*) AS rows,"
            " min({'b': n.batch_no, 'r': n.row, 'p': n.part, 'o': n.ordinal}) AS first,"
            " list_sort(list(DISTINCT g.entity_id) FILTER (g.entity_id IS NOT NULL)) AS registered"
            f" FROM named n LEFT JOIN (SELECT * FROM registered_row WHERE mention = {number}) g"
            " ON g.batch_no = n.batch_no AND g.row = n.row AND g.part = n.part"
            " AND g.ordinal = n.ordinal GROUP BY ALL",
        )
        if frame.height:
            frames.append(frame)
    if not frames:
        return _empty()
    return (
        pl.concat(frames, how="vertical_relaxed")
        .with_columns(
            batch_no=pl.col("first").struct.field("b"),
            row=pl.col("first").struct.field("r"),
            part=pl.col("first").struct.field("p"),
            ordinal=pl.col("first").struct.field("o"),
            registered=pl.col("registered").fill_null([]),
        )
        .drop("first")
        .sort("mention", *KEYS, nulls_last=True)
    )


def _empty() -> pl.DataFrame:
    schema: dict[str, pl.DataType] = {"mention": pl.Int16()}
    schema |= {key: pl.String() for key in TEXT_KEYS}
    schema |= {key: pl.Float64() for key in POSITION_KEYS}
    schema |= {
        "owner": pl.Int32(),
        "rows": pl.Int64(),
        "registered": pl.List(pl.String),
        "batch_no": pl.Int32(),
        "row": pl.Int64(),
        "part": pl.Int32(),
        "ordinal": pl.Int32(),
    }
    return pl.DataFrame(schema=schema)


def keep_members(sql: duckdb.DuckDBPyConnection, kind: str, resolved: pl.DataFrame) -> None:
    """Join resolved tuples (``mention``, KEYS, ``entity``; null = nothing) back to their rows."""
    known = resolved.filter(pl.col("entity").is_not_null()).select("mention", *KEYS, "entity")
    sql.register("resolved_tuple", known.to_arrow())
    same = " AND ".join(f"t.{key} = n.{key}" for key in TEXT_KEYS) + "".join(
        f" AND t.{key} IS NOT DISTINCT FROM n.{key}" for key in (*POSITION_KEYS, "owner")
    )
    present = set(known["mention"].unique().to_list())
    for number in mention_numbers(kind):
        if number in present:
            sql.execute(
                f"INSERT INTO mention_member SELECT {number}, n.batch_no, n.row, n.part, n.ordinal,"
                f" t.entity FROM ({rows_select(number)}) n JOIN"
                f" (SELECT * FROM resolved_tuple WHERE mention = {number}) t ON {same}"
            ).fetchall()
    sql.unregister("resolved_tuple")
