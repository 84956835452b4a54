"""Persons: ID number first, then name with phone, address, certificate or employer.

A name alone joins nothing. Mentions with a name and an employer but without anything else are one
person per name and employer, kept apart from persons known by ID number: a second 张伟 of the same
carrier would otherwise be taken for the first.
"""

import numpy as np
import polars as pl

from ingest.resolve.cluster import Clusters, Edges, cluster
from ingest.resolve.identifiers import valid_person_id
from ingest.resolve.kinds.keyed import joined, star_edges
from ingest.resolve.normalise import clean_column

ID_BITS, CERTIFICATE_BITS, PHONE_BITS, ADDRESS_BITS, EMPLOYER_BITS = 20.0, 12.0, 10.0, 8.0, 4.0
THRESHOLD_BITS = 2.0
MASK = "*"


def prepare(tuples: pl.DataFrame) -> pl.DataFrame:
    """``tuples`` with ``id_number`` (valid ones only), clean name, phone and keys of evidence."""
    is_id = valid_person_id(tuples["code"])
    return tuples.with_columns(
        id_number=pl.when(is_id).then(pl.col("code")),
        clean=clean_column(tuples["name"]),
        number=pl.col("phone").str.replace_all(r"\D", ""),
        place=clean_column(tuples["address"]),
    )


def _key(name: pl.Expr, *parts: pl.Expr) -> pl.Expr:
    is_whole = name != ""
    for part in parts:
        is_whole = is_whole & part.is_not_null() & (part.cast(pl.String) != "")
    texts = [part.cast(pl.String) for part in parts]
    return pl.when(is_whole).then(pl.concat_str([name, *texts], separator="|"))


def _shared(frame: pl.DataFrame, key: pl.Expr, bits: float, is_open: bool) -> Edges:
    """Star edges of one key.

    Where a key is shared by several ID numbers, or is too weak to reach an ID number
    (``is_open`` false), mentions without a number join among themselves only.
    """
    keyed = frame.with_columns(key=key).with_columns(
        holders=pl.col("id_number").n_unique().over("key")
        - pl.col("id_number").is_null().any().over("key").cast(pl.UInt32)
    )
    is_one = (pl.col("holders") <= 1) & pl.lit(is_open)
    own = keyed.select(
        "record",
        key=pl.when(is_one | pl.col("id_number").is_null()).then(pl.col("key")),
    )
    return star_edges(own["record"], own["key"], bits)


def person_clusters(
    frame: pl.DataFrame, judged: Edges, apart: tuple[np.ndarray, np.ndarray]
) -> Clusters:
    """Clusters of the prepared mention tuples; ``judged`` are must-link edges."""
    frame = frame.with_columns(record=pl.int_range(pl.len()))
    name = pl.col("clean")
    edges = [
        judged,
        star_edges(frame["record"], frame["id_number"], ID_BITS),
        _shared(frame, _key(name, pl.col("certificate")), CERTIFICATE_BITS, is_open=True),
        _shared(frame, _key(name, pl.col("number")), PHONE_BITS, is_open=True),
        _shared(frame, _key(name, pl.col("place")), ADDRESS_BITS, is_open=True),
    ]
    code = frame["id_number"].rank("dense").fill_null(0).cast(pl.Int64).to_numpy() - 1
    none = np.full(frame.height, -1, np.int64)
    known = cluster(frame.height, joined(edges), THRESHOLD_BITS, code, none, apart)
    # Who was tied to an ID number by a phone or certificate is out of reach of a bare name too.
    reached = frame.with_columns(root=pl.Series(known.root)).with_columns(
        id_number=pl.col("id_number").min().over("root")
    )
    edges.append(_shared(reached, _key(name, pl.col("owner")), EMPLOYER_BITS, is_open=False))
    return cluster(frame.height, joined(edges), THRESHOLD_BITS, code, none, apart)


def is_identified(frame: pl.DataFrame) -> pl.Series:
    """Whether a mention carries more than a name."""
    evidence = ("certificate", "number", "place")
    known = pl.any_horizontal(pl.col(c) != "" for c in evidence)
    return frame.select(
        known | pl.col("id_number").is_not_null() | pl.col("owner").is_not_null()
    ).to_series()
