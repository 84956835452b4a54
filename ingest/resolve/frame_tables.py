"""What the frame keeps of a kind: records with their values, and the edges between them.

Both go into the tables that organisations fill too (``resolve_record``, ``resolve_edge``); what is
written there of organisations only stays null. ``values`` and ``value_levels`` have one entry per
attribute of the kind, in its order.
"""

import numpy as np
import polars as pl

from ingest.resolve.cluster import (
    BELOW,
    JOINED,
    REFUSED_CODE,
    REFUSED_JUDGEMENT,
    SAME_ALREADY,
)
from ingest.resolve.extract import owner_mention, read_shipped
from ingest.resolve.frame import AMBIGUOUS, DIFFERENT_IDENTITIES, FIRST_RULE, Kind, Resolved
from records.contract import load_contract
from records.mentions import Mention, load_mentions
from records.resolved import RESOLVED_TABLES

# Pairs far below the threshold explain nothing and would fill the table.
KEPT_BITS_BELOW = 4.0
BITS_PLACES = 3
# Columns of a stored record that every kind fills; ids and references are put in later.
OWN_COLUMNS = frozenset(
    {
        "record", "kind", "entity_id", "reference", "role", "level", "row_count", "code",
        "values", "value_levels",
    }
)  # fmt: skip
STATUS_WORDS = {
    DIFFERENT_IDENTITIES: "refused_different_codes",
    AMBIGUOUS: "refused_ambiguous",
}
OUTCOME_WORDS = {
    JOINED: "joined",
    SAME_ALREADY: "same_already",
    REFUSED_CODE: "refused_different_codes",
    REFUSED_JUDGEMENT: "refused_judgement",
    BELOW: "below_threshold",
}


def edge_table(resolved: Resolved) -> pl.DataFrame:
    """Pairs near or above the threshold: levels, bits per attribute, what became of them."""
    pairs, weights = resolved.pairs, resolved.weights
    kept = np.flatnonzero(pairs.weight >= weights.threshold - KEPT_BITS_BELOW)
    levels = pairs.levels[kept]
    digits = pl.DataFrame(
        levels.astype(np.int64), schema=[a.name for a in resolved.kind.attributes]
    )
    return pl.DataFrame(
        {
            "a": pairs.a[kept],
            "b": pairs.b[kept],
            "kind": pl.repeat(resolved.kind.name, len(kept), eager=True),
            "levels": digits.select(pl.concat_str(pl.all())).to_series(),
            "weight": pairs.weight[kept],
            "version": pl.repeat(weights.version, len(kept), eager=True),
            "outcome": _outcomes(resolved).gather(kept),
            "bits": pl.Series(np.round(weights.attribute_bits(levels), BITS_PLACES)).cast(
                pl.List(pl.Float64)
            ),
        },
        schema=RESOLVED_TABLES["resolve_edge"],
    )


def _outcomes(resolved: Resolved) -> pl.Series:
    """What a rule, or else the clustering, made of each pair."""
    kind, status = resolved.kind, resolved.status
    outcome = np.full(len(status), BELOW, np.int64)
    is_edge = resolved.edge >= 0
    outcome[is_edge] = resolved.clusters.outcome[resolved.edge[is_edge]]
    words = pl.Series(outcome).replace_strict(OUTCOME_WORDS, return_dtype=pl.String)
    by_status = STATUS_WORDS | {n: rule.word for n, rule in enumerate(kind.refusals, FIRST_RULE)}
    said = (
        pl.Series(status)
        .cast(pl.Int64)
        .replace_strict(by_status, default=None, return_dtype=pl.String)
    )
    return pl.select(pl.coalesce(said, words)).to_series()


def record_table(
    kind: Kind, records: pl.DataFrame, tuples: pl.DataFrame, record: pl.Series
) -> pl.DataFrame:
    """Records with their smallest row and the levels of their values; no entity ids yet.

    Parameters
    ----------
    tuples
        Mention tuples with ``mention``, ``rows`` and the place of their smallest row.
    record
        Record number of each tuple.
    """
    stated = tuples.with_columns(record=record.cast(pl.Int64)).join(
        _stated_levels(kind), on="mention", how="left"
    )
    first = (
        stated.sort("first_rank")
        .unique("record", keep="first", maintain_order=True)
        .select("record", "first_rank", "dataset", "batch_no", "row", "part", "role")
    )
    names = [a.name for a in kind.attributes]
    lowest = stated.group_by("record").agg(
        pl.col("rows").sum().cast(pl.Int64).alias("row_count"),
        pl.col("level").min(),
        *(pl.col(f"{name}_level").min() for name in names),
    )
    shown = records.select(
        "record",
        *(pl.col(a.value).cast(pl.String).fill_null("").alias(a.name) for a in kind.attributes),
        code=pl.col("identity").fill_null(""),
    )
    whole = shown.join(first, on="record", how="left").join(lowest, on="record", how="left")
    # A value's level is the lowest at which it was delivered, in whatever record (RULINGS 22).
    levels = [pl.col(f"{n}_level").min().over(n).fill_null(pl.col("level")) for n in names]
    of_firms = RESOLVED_TABLES["resolve_record"].keys() - OWN_COLUMNS
    return whole.select(
        "record", "first_rank", "dataset", "batch_no", "row", "part", "role", "level", "row_count",
        "code",
        *(pl.lit(None).alias(column) for column in sorted(of_firms)),
        kind=pl.lit(kind.name),
        values=pl.concat_list(names),
        value_levels=pl.concat_list(levels),
    ).sort("record")  # fmt: skip


def _stated_levels(kind: Kind) -> pl.DataFrame:
    """Level of each attribute's column in each mention of the kind, and of the mention itself."""
    certificates = {
        (r["dataset"], r["role"]): r["column"] for r in read_shipped("certificates.csv")
    }
    contract = load_contract()

    def level(mention: Mention, source: str) -> str | None:
        if source == "owner":
            number = owner_mention(mention) if mention.belongs_to else None
            return None if number is None else level(load_mentions()[number], "column")
        columns = {c.name: c.level for c in contract.dataset(mention.dataset).columns}
        columns_by_source = {
            "certificate": certificates.get((mention.dataset, mention.role), ""),
            "plate_kind": "plate_kind",
            "colour": "plate_color",
            "position": mention.lon,
        }
        column = columns_by_source.get(source)
        return columns.get(str(getattr(mention, source)) if column is None else column)

    own = {n: m for n, m in enumerate(load_mentions()) if m.kind == kind.name}
    schema = {f"{a.name}_level": pl.String for a in kind.attributes} | {"level": pl.String}
    lines = [
        {f"{a.name}_level": level(m, a.source) for a in kind.attributes}
        | {"level": level(m, "column")}
        for m in own.values()
    ]
    return pl.DataFrame(lines, schema=schema).with_columns(
        mention=pl.Series(list(own), dtype=pl.Int16)
    )
