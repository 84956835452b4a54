"""Organisations blocked, compared and weighed by Splink; clustering and its rules stay ours."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from ingest.errors import ResolveError
from ingest.resolve.block import Dropped
from ingest.resolve.cluster import Edges, Floats, Ints, cluster
from ingest.resolve.compare import Records, compare
from ingest.resolve.engines.splink_backends import (
    Backend,
    duckdb_backend,
    quiet,
    spark_backend,
)
from ingest.resolve.engines.splink_input import (
    LABEL,
    key_columns,
    splink_records,
    surprise_lookups,
)
from ingest.resolve.engines.splink_options import SplinkOptions
from ingest.resolve.engines.splink_settings import (
    RECORD,
    Dialect,
    SplinkDocument,
    splink_document,
)
from ingest.resolve.engines.splink_training import train
from ingest.resolve.kinds import organization as org
from ingest.resolve.kinds.organization_records import without_shared
from ingest.resolve.score import ScoredPairs, count_levels
from ingest.resolve.weigh import Weights

TABLE = "organization_record"


@dataclass(frozen=True, slots=True)
class SplinkPairs:
    """Pairs ``a < b`` that Splink compared, sorted, with their weight in bits.

    ``document`` holds the settings it used, ``dropped`` the key values above their cap.
    """

    a: Ints
    b: Ints
    weight: Floats
    dropped: tuple[Dropped, ...]
    document: SplinkDocument


def _dialect(options: SplinkOptions) -> Dialect:
    return "duckdb" if options.engine == "splink-duckdb" else "spark"


def _backend(options: SplinkOptions) -> AbstractContextManager[Backend]:
    return duckdb_backend(options) if _dialect(options) == "duckdb" else spark_backend(options)


def _arrow(frame: pl.DataFrame) -> Any:
    return frame.to_arrow(compat_level=pl.CompatLevel.oldest())


def splink_pairs(
    records: pl.DataFrame, packed: Records, weights: Weights, options: SplinkOptions
) -> SplinkPairs:
    """All pairs that share a kept key, with Splink's weights.

    Parameters
    ----------
    records, packed
        Records of organisations and their arrays.
    weights
        What Splink is to use, unless ``options`` lets it learn its own.

    Raises
    ------
    ResolveError
        When Splink is not installed or its engine does not start, or when it is to learn its own
        weights and no code stands in two records.
    """
    keys, columns, dropped = key_columns(org.block_keys(records, packed), records)
    frame = splink_records(without_shared(records), keys)
    frozen = weights if options.training == "frozen" else None
    if frozen is None and not frame[LABEL].drop_nulls().is_duplicated().any():
        raise ResolveError(
            "没有两条记录带有同一有效信用代码，Splink 无从学习权重；请先接入带信用代码的数据，"
            "或使用本产品的固定权重"
        )
    document = splink_document(columns, frozen, _dialect(options))
    with quiet(), _backend(options) as backend:
        from splink import Linker

        table = backend.put(TABLE, _arrow(frame))
        if frozen is None:
            document = train(table, document, options)
        linker = Linker(table, document.settings, log_level=None, validate_settings=False)
        if frozen is not None:
            for column, lookup in surprise_lookups(frame, packed).items():
                held = backend.put(f"surprise_{column}", _arrow(lookup))
                linker.table_management.register_term_frequency_lookup(held, column)
        scored = linker.inference.predict().physical_name
        found = backend.query(
            f"SELECT {RECORD}_l AS a, {RECORD}_r AS b, match_weight AS weight FROM {scored}"
        )
    pairs = pl.DataFrame(pl.from_arrow(found)).sort("a", "b")
    a, b, weight = (pairs[name].to_numpy() for name in ("a", "b", "weight"))
    return SplinkPairs(a, b, weight, dropped, document)


def score_with_splink(
    records: pl.DataFrame,
    packed: Records,
    weights: Weights,
    options: SplinkOptions,
    least: float = -np.inf,
) -> org.Scored:
    """Pairs as :func:`organization.score` gives them, blocked and weighed by Splink.

    The levels that explain a weight are the built-in engine's; Splink's are the same.

    Parameters
    ----------
    records, packed, weights, options
        As for :func:`splink_pairs`.
    least
        As for :func:`organization.score`.
    """
    pairs = splink_pairs(records, packed, weights, options)
    levels = compare(packed, pairs.a, pairs.b)
    kept = pairs.weight >= least
    if not np.isneginf(least):
        kept &= (packed.code[pairs.a] < 0) | (packed.code[pairs.b] < 0)
    scored = ScoredPairs(
        pairs.a[kept],
        pairs.b[kept],
        levels[kept],
        pairs.weight[kept],
        len(pairs.a),
        count_levels(levels),
    )
    return org.with_rules(records, packed, scored, pairs.dropped)


def connected_components(n: int, pairs: SplinkPairs, threshold: float) -> Ints:
    """Smallest record number of each record's component: what Splink alone makes of its edges."""
    free, nobody = np.full(n, -1, np.int64), np.empty(0, np.int64)
    edges = Edges(pairs.a, pairs.b, pairs.weight)
    return cluster(n, edges, threshold, free, free, (nobody, nobody)).root
