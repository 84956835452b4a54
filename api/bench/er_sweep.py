"""Clusters over many thresholds of pairs that were scored once: a precision–recall curve.

What is best on a curve was chosen with the truth at hand, so it flatters whoever it is of: it is
there so that a peer is not judged by an unlucky threshold.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from api.bench.cluster_scores import score_clusters
from ingest.resolve.cluster import Edges, Ints, cluster
from ingest.resolve.compare import Records
from ingest.resolve.kinds import organization as org
from ingest.resolve.kinds.firms import NOT_JUDGED, clustered
from ingest.resolve.weigh import Weights

NONE = np.empty(0, np.int64)
KEPT = ("precision", "recall", "f1", "bcubed_f1")


@dataclass(frozen=True, slots=True)
class Pairs:
    """Scored pairs of an engine, before any threshold; the records they are of.

    ``weights`` are ours, by which the clustering tells records that contradict each other.
    """

    records: pl.DataFrame
    packed: Records
    scored: org.Scored
    weights: Weights

    @property
    def undecided(self) -> org.Scored:
        """The pairs without the mark for what fits two firms: that depends on the threshold."""
        status = self.scored.status
        return replace(self.scored, status=np.where(status == org.AMBIGUOUS, org.SCORED, status))

    def by_rules(self, threshold: float) -> Ints:
        """Smallest record of each record's cluster, by the product's rules and clustering."""
        found = clustered(
            self.records, self.packed, self.undecided, self.weights, threshold, NOT_JUDGED
        )
        return found.clusters.root

    def by_components(self, threshold: float) -> Ints:
        """Smallest record of each record's connected component."""
        pairs, weight = self.scored.candidates, self.scored.weight
        kept = weight >= threshold
        edges = Edges(pairs.a[kept], pairs.b[kept], weight[kept])
        n = self.records.height
        nothing = np.full(n, -1)
        return cluster(n, edges, threshold, nothing, nothing, (NONE, NONE)).root


def curve(
    root_at: Callable[[float], Ints],
    thresholds: Sequence[float],
    record: pl.Series,
    truth: pl.Series,
) -> dict[str, Any]:
    """``curve`` with the scores at each threshold, and which of them is ``best`` by F1.

    Parameters
    ----------
    root_at
        Cluster of each record at a threshold in bits.
    record
        Record of each mention.
    truth
        Organisation of each mention.
    """
    points = []
    for threshold in thresholds:
        scores = score_clusters(pl.Series(root_at(threshold)).gather(record), truth)
        points.append(
            {"threshold_bits": threshold} | {name: getattr(scores, name) for name in KEPT}
        )
    return {"curve": points, "best": max(points, key=lambda point: point["f1"])}
