"""What rows that people name say about an organisation, and which stored record that is."""

from collections.abc import Iterable
from dataclasses import dataclass

import duckdb
import polars as pl

from ingest.resolve.extract import TEXT_KEYS, frame_of, mention_numbers, rows_select
from ingest.resolve.kinds.organization_records import FIELDS, tuple_fields

# FIELDS without the mark of a judgement; a record keeps the city as it was delivered.
VALUE_FIELDS = tuple(name for name in FIELDS if name not in ("apart", "city"))


@dataclass(frozen=True, slots=True)
class AskedRow:
    """A row in one role: what it says, and the stored records that say the same.

    ``statement`` is what stands in the row; rows of one dataset and role that are equal in it
    cannot be told apart. ``values`` are its normal forms, ``city`` last.
    """

    reference: str
    role: str
    statement: tuple[str, ...]
    values: tuple[str, ...]
    records: tuple[int, ...]


def asked_rows(
    sql: duckdb.DuckDBPyConnection, rows: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], AskedRow]:
    """Current rows by reference and role, with the stored records that say the same.

    A record that people told apart from another has a number of its own; both are given. Rows
    that do not exist, are superseded, or name no organisation in that role are absent.

    Parameters
    ----------
    rows
        Pairs of ``dataset:batch:row:part`` and role.
    """
    fields = _fields(sql, sorted(set(rows)))
    if fields.is_empty():
        return {}
    numbers = _numbers(sql, fields)
    columns = [*VALUE_FIELDS, "city"]
    return {
        (line["reference"], line["role"]): AskedRow(
            line["reference"],
            line["role"],
            tuple(line[f"stated_{name}"] for name in TEXT_KEYS),
            tuple(line[name] for name in columns),
            tuple(sorted(line["records"] or ())),
        )
        for line in fields.join(numbers, on="place", how="left").iter_rows(named=True)
    }


def _fields(sql: duckdb.DuckDBPyConnection, rows: list[tuple[str, str]]) -> pl.DataFrame:
    """``place, reference, role`` and the normal forms of the rows that exist."""
    mentions = {(m.dataset, m.role): n for n, m in mention_numbers("organization").items()}
    listed = pl.DataFrame(
        [(reference, role, *reference.split(":")) for reference, role in rows],
        schema=["reference", "role", "dataset", "batch", "row", "part"],
        orient="row",
    ).with_columns(pl.col("row").cast(pl.Int64), pl.col("part").cast(pl.Int32))
    batches = listed.select(pl.col("batch").unique().sort()).with_row_index("batch_no")
    sql.register("asked_batch", batches.to_arrow())
    sql.execute(
        "CREATE OR REPLACE TEMP TABLE batch_number AS"
        " SELECT batch, CAST(batch_no AS INTEGER) AS batch_no FROM asked_batch"
    ).fetchall()
    sql.unregister("asked_batch")
    frames = [pl.DataFrame()]
    for (dataset, role), own in listed.group_by("dataset", "role", maintain_order=True):
        number = mentions.get((str(dataset), str(role)))
        if number is None:
            continue
        sql.register("asked_row", own.to_arrow())
        frames.append(
            frame_of(
                sql,
                f"SELECT CAST({number} AS SMALLINT) AS mention, 1 AS rows, j.reference, j.role,"
                f" n.* FROM ({rows_select(number)}) n JOIN batch_number USING (batch_no)"
                " JOIN asked_row j ON j.batch = batch_number.batch AND j.row = n.row"
                " AND j.part = n.part ORDER BY j.reference, j.role",
            )
        )
        sql.unregister("asked_row")
    stated = pl.concat(frames, how="diagonal")
    if stated.is_empty():
        return stated
    places = stated.select(
        "reference", "role", *(pl.col(name).alias(f"stated_{name}") for name in TEXT_KEYS)
    ).with_row_index("place")
    return pl.concat([places, tuple_fields(stated).drop("mention", "rows")], how="horizontal")


def _numbers(sql: duckdb.DuckDBPyConnection, fields: pl.DataFrame) -> pl.DataFrame:
    """``place, records``: numbers of the stored records with equal values."""
    sql.register("asked_field", fields.select("place", *VALUE_FIELDS, "city").to_arrow())
    same = " AND ".join(f"r.{name} = f.{name}" for name in VALUE_FIELDS)
    found = frame_of(
        sql,
        "SELECT f.place, list(r.record) AS records FROM asked_field f JOIN resolve_record r"
        f" ON {same} AND r.delivered_city = f.city WHERE r.kind = 'organization'"
        " GROUP BY f.place",
    )
    sql.unregister("asked_field")
    return found
