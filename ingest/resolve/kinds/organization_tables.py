"""What resolution keeps of organisations: records with their entities, and the edges between them.

Review, matching of new rows and the waterfall of an entity are read from these two tables, so that
none of them has to resolve again.
"""

import numpy as np
import polars as pl
import pyarrow as pa

from ingest.resolve.cluster import (
    BELOW,
    JOINED,
    REFUSED_BRANCH,
    REFUSED_CODE,
    REFUSED_CONTRARY,
    REFUSED_JUDGEMENT,
    SAME_ALREADY,
    Clusters,
    Ints,
)
from ingest.resolve.compare import ATTRIBUTES, Records
from ingest.resolve.kinds import organization as org
from ingest.resolve.waterfall import attribute_bits
from ingest.resolve.weigh import Weights, surprises
from records.contract import load_contract
from records.mentions import Mention, load_mentions
from records.resolved import RESOLVED_TABLES

# Edges far below the threshold explain nothing and would fill the table.
KEPT_BITS_BELOW = 4.0
BITS_PLACES, WEIGHT_PLACES = 3, 6
STATUS_WORDS = {
    org.SHORT_ALONE: "refused_short_name",
    org.AMBIGUOUS: "refused_ambiguous",
    org.CONTRADICTORY: "refused_contradictory",
}
OUTCOME_WORDS = {
    JOINED: "joined",
    SAME_ALREADY: "same_already",
    REFUSED_CODE: "refused_different_codes",
    REFUSED_BRANCH: "refused_branch",
    REFUSED_JUDGEMENT: "refused_judgement",
    REFUSED_CONTRARY: "refused_contrary",
    BELOW: "below_threshold",
}
# Record column → the column of a mention that delivered it.
DELIVERED = {
    "clean": "name",
    "raw_code": "code",
    "phone": "phone",
    "person": "person",
    "address": "address",
}
# Former names are columns of registers; a record that only they state has no mention.
FORMER_COLUMNS = (
    ("company", "former_names"),
    ("enterprise", "former_names"),
    ("company_change", "old_value"),
)


def edge_table(
    scored: org.Scored, clusters: Clusters, packed: Records, weights: Weights, threshold: float
) -> pl.DataFrame:
    """Compared pairs near or above the threshold: levels, bits per attribute, what became of them.

    Pairs of equal or of different valid codes are left out: the codes alone decide about them.
    """
    kept = np.flatnonzero(
        (scored.weight >= threshold - KEPT_BITS_BELOW)
        & (scored.status != org.SAME_CODE)
        & (scored.status != org.DIFFERENT_CODES)
    )
    a, b, levels = scored.candidates.a[kept], scored.candidates.b[kept], scored.levels[kept]
    bits = attribute_bits(weights, levels, surprises(packed, a, b, levels))
    return pl.DataFrame(
        {
            "a": a,
            "b": b,
            "kind": pl.repeat("organization", len(kept), eager=True),
            "levels": _digits(levels),
            "weight": np.round(scored.weight[kept], WEIGHT_PLACES),
            "version": pl.repeat(weights.version, len(kept), eager=True),
            "outcome": _outcomes(scored, clusters, threshold, kept),
            "bits": pl.Series(np.round(bits, BITS_PLACES)).cast(pl.List(pl.Float64)),
        },
        schema=RESOLVED_TABLES["resolve_edge"],
    )


def _digits(levels: "np.ndarray[tuple[int, int], np.dtype[np.int8]]") -> pl.Series:
    """The levels of each pair as a text of one digit per attribute."""
    digits = np.ascontiguousarray(levels.astype(np.uint8) + ord("0"))
    ends = np.arange(0, digits.size + 1, len(ATTRIBUTES), dtype=np.int64)
    texts = pa.LargeStringArray.from_buffers(
        len(levels), pa.py_buffer(ends), pa.py_buffer(digits.tobytes())
    )
    return pl.Series(pl.from_arrow(texts))


def _outcomes(scored: org.Scored, clusters: Clusters, threshold: float, kept: Ints) -> pl.Series:
    """What a rule, or else the clustering, made of each kept pair."""
    is_scored = scored.status == org.SCORED
    usable = np.flatnonzero(is_scored & (scored.weight >= threshold))
    # The clustering saw judged and same-code edges first, then the usable pairs in their order.
    outcome = np.full(len(scored.weight), BELOW, np.int8)
    outcome[usable] = clusters.outcome[len(clusters.outcome) - len(usable) :]
    words = [*STATUS_WORDS.values(), *OUTCOME_WORDS.values()]
    number = np.full(len(scored.weight), -1, np.int64)
    for at, status in enumerate(STATUS_WORDS):
        number[scored.status == status] = at
    for at, code in enumerate(OUTCOME_WORDS, len(STATUS_WORDS)):
        number[is_scored & (outcome == code)] = at
    return pl.Series(words, dtype=pl.String).gather(number[kept])


def record_table(
    records: pl.DataFrame, tuples: pl.DataFrame, record: pl.Series, tail: pl.Series
) -> pl.DataFrame:
    """Records with their smallest row and the levels of their values; no entity ids yet.

    Parameters
    ----------
    records
        As :func:`organization_records.build_records` makes them.
    tuples
        Mention tuples with ``mention``, ``rows`` and the place of their smallest row.
    record
        Record number of each tuple.
    tail
        Branch tail of each record as the clustering took it.

    Returns
    -------
    DataFrame
        The declared columns without ``entity_id`` and ``reference``, with ``first_rank`` (null for
        a record that only a register's former name states) and ``batch_no, row, part, dataset``.
    """
    stated = tuples.with_columns(record=record.cast(pl.Int64)).join(
        _delivered_levels(), on="mention", how="left"
    )
    first = (
        stated.sort("first_rank")
        .unique("record", keep="first", maintain_order=True)
        .select("record", "first_rank", "dataset", "batch_no", "row", "part", "role")
    )
    lowest = stated.group_by("record").agg(
        pl.col("rows").sum().cast(pl.Int64).alias("row_count"),
        pl.col("level").min(),
        *(pl.col(f"{name}_level").min() for name in DELIVERED),
    )
    former = max(load_contract().dataset(d).column(c).level for d, c in FORMER_COLUMNS)
    kept = (
        records.join(first, on="record", how="left", maintain_order="left")
        .join(lowest, on="record", how="left", maintain_order="left")
        .with_columns(
            pl.col("level").fill_null(former),
            pl.col("row_count").fill_null(0),
            *(pl.col(f"{name}_level").fill_null(former) for name in ("clean", "raw_code")),
            kind=pl.lit("organization"),
            tail=tail,
        )
    )
    # A value's level is the lowest at which it was delivered, in whatever record (RULINGS 22).
    return kept.with_columns(
        pl.when(pl.col(name) != "").then(pl.col(f"{name}_level").min().over(name))
        for name in DELIVERED
    ).sort("record")


def _delivered_levels() -> pl.DataFrame:
    """Level of each column of each mention, and of the mention itself (its name or code)."""
    contract = load_contract()

    def level(mention: Mention, column: str) -> str | None:
        return contract.dataset(mention.dataset).column(column).level if column else None

    lines = [
        {f"{name}_level": level(m, getattr(m, column)) for name, column in DELIVERED.items()}
        for m in load_mentions()
    ]
    named = [[line["clean_level"], line["raw_code_level"]] for line in lines]
    return pl.DataFrame(
        lines, schema={f"{name}_level": pl.String for name in DELIVERED}
    ).with_columns(
        mention=pl.Series(range(len(lines)), dtype=pl.Int16),
        level=pl.Series([min((x for x in pair if x), default="L4") for pair in named]),
    )


def branch_tails(records: pl.DataFrame, number: Ints) -> pl.Series:
    """Texts of branch numbers (:func:`organization_records.branch_numbers`), empty for none."""
    distinct = records["branch"].unique().sort()
    texts = distinct.filter(distinct != "")
    return pl.Series(number).replace_strict(
        list(range(len(texts))), texts.to_list(), default="", return_dtype=pl.String
    )
