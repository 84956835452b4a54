"""Who a mention belongs to, by entity id, and the marks that judgements put on mentions."""

import duckdb
import polars as pl

from ingest.resolve.extract import frame_of, owner_mention
from ingest.resolve.known import judged_rows
from records.mentions import load_mentions
from records.registry import Judgement

HOLDER_KINDS = ("organization", "person")


def with_owner_ids(sql: duckdb.DuckDBPyConnection, found: pl.DataFrame) -> pl.DataFrame:
    """``found`` with ``owner_id`` and ``owner_division``, null where there is no owner.

    Owners are entities of kinds that were resolved before.
    """
    mentions = load_mentions()
    kinds = {
        number: mentions[owner].kind
        for number, mention in enumerate(mentions)
        if mention.belongs_to and (owner := owner_mention(mention)) is not None
    }
    owners = pl.concat([_known(sql, kind) for kind in HOLDER_KINDS])
    return (
        found.with_columns(
            owner_kind=pl.col("mention").replace_strict(kinds, default=None, return_dtype=pl.String)
        )
        .join(owners, on=["owner_kind", "owner"], how="left", maintain_order="left")
        .drop("owner_kind")
    )


def _known(sql: duckdb.DuckDBPyConnection, kind: str) -> pl.DataFrame:
    """``owner_kind, owner, owner_id, owner_division`` of the resolved entities of a kind."""
    made = sql.execute(
        "SELECT count(*) FROM duckdb_tables() WHERE table_name IN (?, ?)",
        [f"id_{kind}", f"resolved_{kind}"],
    ).fetchall()
    source = "SELECT NULL::INTEGER AS owner, NULL::VARCHAR AS owner_id, NULL AS d WHERE false"
    if made[0][0] == 2:
        source = (
            f"SELECT entity AS owner, entity_id AS owner_id, d FROM id_{kind} LEFT JOIN (SELECT"
            " entity, arg_min(division, first_rank) FILTER (division NOT IN ('', '320000')) AS d"
            f" FROM resolved_{kind} GROUP BY entity) USING (entity)"
        )
    return frame_of(
        sql,
        f"SELECT '{kind}' AS owner_kind, CAST(owner AS INTEGER) AS owner, owner_id,"
        f" CAST(d AS VARCHAR) AS owner_division FROM ({source})",
    )


def told_apart(
    sql: duckdb.DuckDBPyConnection, kind: str, found: pl.DataFrame, judgements: list[Judgement]
) -> pl.DataFrame:
    """``found`` with ``apart``: a mark of its own for a mention that a person told from another.

    Without it, two mentions that state the same would be one record and could not be parted.
    """
    different = [j for j in judgements if j.verdict == "different"]
    index = pl.Series(range(found.height), dtype=pl.Int64)
    named = judged_rows(sql, different, kind, found, index)["record"]
    place = pl.concat_str(["mention", "batch_no", "row", "part", "ordinal"], separator=":")
    mark = pl.when(index.is_in(named.implode())).then(place).otherwise(pl.lit(""))
    return found.with_columns(apart=mark)
