"""Kinds whose normal form is their identity, and the star edges that other kinds build on."""

import numpy as np
import polars as pl

from ingest.resolve.cluster import Edges


def number_by_key(tuples: pl.DataFrame, key: pl.Expr) -> pl.DataFrame:
    """``tuples`` with ``entity``: equal keys share a number, a null or empty key has none."""
    keyed = tuples.with_columns(key.alias("key"))
    is_named = pl.col("key").is_not_null() & (pl.col("key") != "")
    return keyed.with_columns(
        entity=pl.when(is_named).then(pl.col("key").rank("dense").cast(pl.Int32) - 1)
    ).drop("key")


def star_edges(record: pl.Series, key: pl.Series, weight: float) -> Edges:
    """Edges from the smallest record of each key to the others; null keys give none."""
    frame = (
        pl.DataFrame({"record": record, "key": key})
        .filter(pl.col("key").is_not_null())
        .with_columns(centre=pl.col("record").min().over("key"))
        .filter(pl.col("record") != pl.col("centre"))
        .unique(["centre", "record"])
        .sort("centre", "record")
    )
    a = frame["centre"].cast(pl.Int64).to_numpy()
    b = frame["record"].cast(pl.Int64).to_numpy()
    return Edges(a, b, np.full(len(a), weight))


def joined(parts: list[Edges]) -> Edges:
    """Several lists of edges as one."""
    return Edges(
        np.concatenate([p.a for p in parts]),
        np.concatenate([p.b for p in parts]),
        np.concatenate([p.weight for p in parts]),
    )
