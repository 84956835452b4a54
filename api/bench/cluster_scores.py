"""How well clusters meet the truth: pairs and B-cubed.

Source of B-cubed: A. Bagga, B. Baldwin, Algorithms for scoring coreference chains (1998).
"""

from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True, slots=True)
class ClusterScores:
    """Shares of 0 to 1, rounded to five places; counts of clusters and pairs."""

    precision: float
    recall: float
    f1: float
    bcubed_precision: float
    bcubed_recall: float
    bcubed_f1: float
    found_clusters: int
    true_clusters: int
    found_pairs: int
    true_pairs: int


def score_clusters(found: pl.Series, truth: pl.Series) -> ClusterScores:
    """Score the labels ``found`` against ``truth``, both one per record, without nulls."""
    cells = pl.DataFrame({"found": found, "truth": truth}).group_by("found", "truth").len()
    cells = cells.with_columns(
        pl.col("len").cast(pl.Int64),
        in_found=pl.col("len").sum().over("found").cast(pl.Int64),
        in_truth=pl.col("len").sum().over("truth").cast(pl.Int64),
    )
    both = _pairs(cells["len"])
    found_pairs = _pairs(cells.unique("found")["in_found"])
    true_pairs = _pairs(cells.unique("truth")["in_truth"])
    records = int(cells["len"].sum())
    precision = both / found_pairs if found_pairs else 1.0
    recall = both / true_pairs if true_pairs else 1.0
    squares = cells.select(
        precision=(pl.col("len") ** 2 / pl.col("in_found")).sum() / records,
        recall=(pl.col("len") ** 2 / pl.col("in_truth")).sum() / records,
    ).row(0)
    return ClusterScores(
        round(precision, 5),
        round(recall, 5),
        round(harmonic(precision, recall), 5),
        round(squares[0], 5),
        round(squares[1], 5),
        round(harmonic(*squares), 5),
        cells["found"].n_unique(),
        cells["truth"].n_unique(),
        found_pairs,
        true_pairs,
    )


def harmonic(precision: float, recall: float) -> float:
    """F1 of a precision and a recall."""
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _pairs(sizes: pl.Series) -> int:
    return int((sizes * (sizes - 1) // 2).sum())
