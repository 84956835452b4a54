"""What the registry knows, brought into the resolving connection: rows with ids, judgements."""

from collections.abc import Callable
from dataclasses import replace

import duckdb
import numpy as np
import polars as pl

from ingest.resolve.cluster import Edges, Ints
from ingest.resolve.entities import Known
from ingest.resolve.extract import KEYS, frame_of, rows_select
from records.mentions import load_mentions
from records.registry import Judgement, Registry

JUDGED_BITS = float("inf")


def load_known(sql: duckdb.DuckDBPyConnection, registry: Registry) -> Known:
    """Make ``registered_row`` (mention, batch_no, row, part, ordinal, entity_id) and give the rest.

    A row that a correction superseded hands its id on to the row that took its place, unless that
    row has an id already; of several earlier rows the newest one counts.
    """
    columns = ("dataset", "batch", "row", "part", "kind", "role", "ordinal", "entity_id")
    schema = dict.fromkeys(columns, pl.String) | {
        "row": pl.Int64,
        "part": pl.Int32,
        "ordinal": pl.Int32,
    }
    lines = pl.DataFrame(registry.rows(), schema=schema, orient="row")
    numbers = pl.DataFrame(
        [(m.dataset, m.kind, m.role, n) for n, m in enumerate(load_mentions())],
        schema={"dataset": pl.String, "kind": pl.String, "role": pl.String, "mention": pl.Int16},
        orient="row",
    )
    known = lines.join(numbers, on=["dataset", "kind", "role"], how="inner")
    sql.register("known_row", known.to_arrow())
    sql.execute(
        "CREATE TEMP TABLE held_row AS SELECT k.*, coalesce(b.sequence, 0) AS sequence"
        " FROM known_row k LEFT JOIN (SELECT batch, max(sequence) AS sequence FROM batch_ledger"
        " GROUP BY batch) b ON b.batch = k.batch"
    ).fetchall()
    sql.unregister("known_row")
    for dataset in known["dataset"].unique().sort().to_list():
        _follow(sql, dataset)
    sql.execute(
        "CREATE TEMP TABLE registered_row AS SELECT mention, batch_no, row, part, ordinal,"
        " arg_min(entity_id, {'newest': -sequence, 'id': entity_id}) AS entity_id"
        " FROM held_row JOIN batch_number USING (batch) GROUP BY ALL"
    ).fetchall()
    return Known(frozenset(registry.issued()), registry.aliases())


def _follow(sql: duckdb.DuckDBPyConnection, dataset: str) -> None:
    if not _has_history(sql, dataset):
        return
    sql.execute(
        "UPDATE held_row SET batch = split_part(s.superseded_by, ':', 1),"
        " row = CAST(split_part(s.superseded_by, ':', 2) AS BIGINT),"
        " part = CAST(split_part(s.superseded_by, ':', 3) AS INTEGER)"
        f' FROM (SELECT batch, row, part, superseded_by FROM "{dataset}_history"'
        f" WHERE superseded_by IS NOT NULL) s WHERE held_row.dataset = '{dataset}'"
        " AND held_row.batch = s.batch AND held_row.row = s.row AND held_row.part = s.part"
    ).fetchall()


def current_judgements(
    sql: duckdb.DuckDBPyConnection, judgements: list[Judgement]
) -> list[Judgement]:
    """``judgements`` with rows that were superseded replaced by those that took their place.

    RULINGS 3: a judgement binds a row reference and moves with its key.
    """
    asked = sorted({row for j in judgements for row in (j.row_a, j.row_b)})
    moved: dict[str, str] = {}
    for dataset in sorted({row.split(":")[0] for row in asked}):
        if not _has_history(sql, dataset):
            continue
        own = [row for row in asked if row.startswith(f"{dataset}:")]
        found = sql.execute(
            "SELECT j.reference, j.dataset || ':' || h.superseded_by FROM"
            " (SELECT unnest(?::VARCHAR[]) AS reference, ? AS dataset) j"
            f" JOIN \"{dataset}_history\" h ON h.batch = split_part(j.reference, ':', 2)"
            " AND h.row = CAST(split_part(j.reference, ':', 3) AS BIGINT)"
            " AND h.part = CAST(split_part(j.reference, ':', 4) AS INTEGER)"
            " WHERE h.superseded_by IS NOT NULL",
            [own, dataset],
        ).fetchall()
        moved |= dict(found)
    return [
        replace(j, row_a=moved.get(j.row_a, j.row_a), row_b=moved.get(j.row_b, j.row_b))
        for j in judgements
    ]


def _has_history(sql: duckdb.DuckDBPyConnection, dataset: str) -> bool:
    found = sql.execute(
        "SELECT count(*) FROM duckdb_views() WHERE view_name = ?", [f"{dataset}_history"]
    ).fetchall()
    return bool(found[0][0])


def judged_rows(
    sql: duckdb.DuckDBPyConnection,
    judgements: list[Judgement],
    kind: str,
    found: pl.DataFrame,
    record: pl.Series,
) -> pl.DataFrame:
    """``mention, batch_no, row, part, record`` of the rows that judgements name.

    ``record`` is the record number of each mention tuple in ``found``.
    """
    numbers = {(m.dataset, m.role): n for n, m in enumerate(load_mentions()) if m.kind == kind}
    wanted: dict[int, set[tuple[str, int, int]]] = {}
    for judgement in judgements:
        for row, role in (
            (judgement.row_a, judgement.role_a),
            (judgement.row_b, judgement.role_b),
        ):
            dataset, batch, number, part = row.split(":")
            if (dataset, role) in numbers:
                wanted.setdefault(numbers[(dataset, role)], set()).add(
                    (batch, int(number), int(part))
                )
    tuples = found.select("mention", *KEYS).with_columns(record=record.cast(pl.Int64))
    frames = [
        pl.DataFrame(
            schema={
                "mention": pl.Int16,
                "batch_no": pl.Int32,
                "row": pl.Int64,
                "part": pl.Int32,
                "record": pl.Int64,
            }
        )
    ]
    for mention, rows in sorted(wanted.items()):
        listed = pl.DataFrame(
            sorted(rows),
            schema={"batch": pl.String, "row": pl.Int64, "part": pl.Int32},
            orient="row",
        )
        sql.register("judged_row", listed.to_arrow())
        said = frame_of(
            sql,
            f"SELECT CAST({mention} AS SMALLINT) AS mention, n.* FROM ({rows_select(mention)}) n"
            " JOIN batch_number USING (batch_no) JOIN judged_row j"
            " ON j.batch = batch_number.batch AND j.row = n.row AND j.part = n.part",
        )
        sql.unregister("judged_row")
        frames.append(
            said.join(tuples, on=["mention", *KEYS], how="inner", nulls_equal=True).select(
                "mention", "batch_no", "row", "part", "record"
            )
        )
    return pl.concat(frames)


def judged_pairs(
    sql: duckdb.DuckDBPyConnection, judgements: list[Judgement], kind: str, numbered: pl.DataFrame
) -> tuple[Edges, tuple[Ints, Ints]]:
    """Must-link edges and cannot-link pairs of record numbers for one kind.

    Parameters
    ----------
    numbered
        ``mention, batch_no, row, part, record``: rows that judgements name, with the record that
        stands for each.
    """
    record_of = record_finder(sql, kind, numbered)
    last: dict[tuple[int, int], str] = {}
    for judgement in judgements:
        a, b = (
            record_of(judgement.row_a, judgement.role_a),
            record_of(judgement.row_b, judgement.role_b),
        )
        if a is not None and b is not None and a != b:
            last[(min(a, b), max(a, b))] = judgement.verdict
    same = sorted(pair for pair, verdict in last.items() if verdict == "same")
    apart = sorted(pair for pair, verdict in last.items() if verdict == "different")
    joined = np.array(same, np.int64).reshape(-1, 2)
    split = np.array(apart, np.int64).reshape(-1, 2)
    edges = Edges(joined[:, 0], joined[:, 1], np.full(len(joined), JUDGED_BITS))
    return edges, (split[:, 0], split[:, 1])


def record_finder(
    sql: duckdb.DuckDBPyConnection, kind: str, numbered: pl.DataFrame
) -> Callable[[str, str], int | None]:
    """Function from a row reference and a role to its record, ``None`` when it has none."""
    by_row = {
        (int(m), int(b), int(r), int(p)): int(record)
        for m, b, r, p, record in numbered.select(
            "mention", "batch_no", "row", "part", "record"
        ).iter_rows()
    }
    batches = dict(sql.execute("SELECT batch, batch_no FROM batch_number").fetchall())
    mentions = {(m.dataset, m.role): n for n, m in enumerate(load_mentions()) if m.kind == kind}

    def record_of(row: str, role: str) -> int | None:
        dataset, batch, number, part = row.split(":")
        mention, batch_no = mentions.get((dataset, role)), batches.get(batch)
        if mention is None or batch_no is None:
            return None
        return by_row.get((mention, batch_no, int(number), int(part)))

    return record_of
