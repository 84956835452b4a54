"""Ids of clusters: the registry is asked first, then an id is minted once and never reused.

RULINGS 3: kind and 16 hex of SHA-256 over the anchor, a valid credit code for organisations, else
the smallest row reference of the cluster (with its role, because one row names several people).
Clusters that were one keep the id in the part that holds the code; clusters that became one keep
one id and leave the others as aliases.
"""

from dataclasses import dataclass

import duckdb
import polars as pl

from ingest.resolve.extract import frame_of

PREFIX = {"organization": "org"}


@dataclass(frozen=True, slots=True)
class Known:
    """What the registry knew before this run."""

    issued: frozenset[str]
    aliases: dict[str, str]


@dataclass(frozen=True, slots=True)
class Assigned:
    """``ids``: entity, entity_id, sorted by entity; ``aliases`` that this run adds."""

    ids: pl.DataFrame
    aliases: dict[str, str]


def hashed_ids(sql: duckdb.DuckDBPyConnection, kind: str, anchors: pl.Series) -> pl.Series:
    """Id per anchor text."""
    prefix = PREFIX.get(kind, kind)
    sql.register("anchor_text", pl.DataFrame({"anchor": anchors}).with_row_index("i").to_arrow())
    ids = frame_of(
        sql, f"SELECT '{prefix}:' || left(sha256(anchor), 16) AS id FROM anchor_text ORDER BY i"
    )["id"]
    sql.unregister("anchor_text")
    return ids.cast(pl.String)


def _claims(clusters: pl.DataFrame, known: Known) -> pl.DataFrame:
    """Registered ids and the one cluster each goes to: held code, any code, smallest row."""
    claims = (
        clusters.select("entity", "first_rank", "coded_id", "registered")
        .explode("registered", empty_as_null=True, keep_nulls=True)
        .filter(pl.col("registered").is_not_null())
    )
    aliases = pl.DataFrame(
        {"registered": list(known.aliases), "current": list(known.aliases.values())},
        schema={"registered": pl.String, "current": pl.String},
    )
    return (
        claims.join(aliases, on="registered", how="left", maintain_order="left")
        .with_columns(claimed=pl.coalesce("current", "registered"))
        .select("entity", "first_rank", "coded_id", "claimed")
        .unique()
        .with_columns(
            is_own=pl.col("coded_id") == pl.col("claimed"),
            has_code=pl.col("coded_id").is_not_null(),
        )
        .sort(
            "claimed", "is_own", "has_code", "first_rank",
            descending=[False, True, True, False], nulls_last=True,
        )
        .unique("claimed", keep="first", maintain_order=True)
    )  # fmt: skip


def assign(
    sql: duckdb.DuckDBPyConnection, kind: str, clusters: pl.DataFrame, known: Known
) -> Assigned:
    """Ids of all clusters of one kind.

    Parameters
    ----------
    clusters
        One line per entity: ``entity``; ``anchor`` (text of the smallest row reference and role);
        ``first_rank`` (its rank among all); ``code`` (valid credit code or null); ``registered``
        (ids that the registry holds for its rows).
    """
    clusters = clusters.sort("entity")
    coded = hashed_ids(sql, kind, clusters["code"].fill_null(""))
    clusters = clusters.with_columns(
        coded_id=pl.when(pl.col("code").is_not_null()).then(coded),
        row_id=hashed_ids(sql, kind, clusters["anchor"]),
    )
    claims = _claims(clusters, known)
    chosen = (
        claims.sort("entity", "is_own", "claimed", descending=[False, True, False], nulls_last=True)
        .unique("entity", keep="first", maintain_order=True)
        .select("entity", entity_id="claimed")
    )
    taken = set(claims["claimed"].to_list())
    named = clusters.join(chosen, on="entity", how="left", maintain_order="left")
    new = named.filter(pl.col("entity_id").is_null())
    minted = _mint(sql, kind, new, taken, known)
    kept = named.filter(pl.col("entity_id").is_not_null()).select("entity", "entity_id")
    ids = pl.concat([kept, minted]).sort("entity")
    lost = claims.join(chosen, on="entity", how="left").filter(
        pl.col("claimed") != pl.col("entity_id")
    )
    aliases = dict(zip(lost["claimed"].to_list(), lost["entity_id"].to_list(), strict=True))
    return Assigned(ids, aliases)


def _mint(
    sql: duckdb.DuckDBPyConnection, kind: str, new: pl.DataFrame, taken: set[str], known: Known
) -> pl.DataFrame:
    """New ids; an id that another entity has or had is passed over by counting the anchor up."""
    # An id that was merged leads to the firm that took it in, even when its code comes back.
    used = taken | set(known.aliases)
    done = [pl.DataFrame(schema={"entity": pl.Int32, "entity_id": pl.String})]
    new = new.with_columns(entity_id=pl.coalesce("coded_id", "row_id"))
    attempt = 1
    while new.height:
        # A code names the same firm for ever; a row may have moved to another entity.
        is_free = ~pl.col("entity_id").is_in(sorted(used))
        if known.issued:
            is_free &= pl.col("coded_id").is_not_null() | ~pl.col("entity_id").is_in(
                sorted(known.issued)
            )
        else:
            is_free &= pl.lit(True)
        new = new.with_columns(is_free=is_free & pl.col("entity_id").is_first_distinct())
        done.append(new.filter("is_free").select(pl.col("entity").cast(pl.Int32), "entity_id"))
        used |= set(done[-1]["entity_id"].to_list())
        attempt += 1
        new = new.filter(~pl.col("is_free")).with_columns(coded_id=pl.lit(None, pl.String))
        if new.height:
            again = hashed_ids(sql, kind, new["anchor"] + f"#{attempt}")
            new = new.with_columns(entity_id=again)
    return pl.concat(done)
