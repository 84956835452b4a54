"""What stands behind the figures of ours: curve, cluster sizes, errors by kind, one waterfall."""

from dataclasses import asdict
from typing import Any

import numpy as np
import polars as pl

from api.bench.er_errors import error_table
from api.bench.er_organizations import THRESHOLD, Task, resolve_ours
from api.bench.er_sizes import size_counts
from api.bench.er_sweep import Pairs, curve
from ingest.resolve.explain import explain
from ingest.resolve.kinds.firms import Firms, match_records
from ingest.resolve.kinds.organization_tables import edge_table
from ingest.resolve.weigh import load_weights
from ingest.simulate.organizations.generate import generate_organizations

THRESHOLDS = tuple(float(bits) for bits in range(-6, 17))
# A waterfall that shows something: many attributes say something, some of them against.
SHOWN_BITS = 8.0


def detailed(task: Task) -> dict[str, Any]:
    """The details of one task, resolved by ours at the product's threshold."""
    made = generate_organizations(task.parameters, task.seed)
    forms, firms, _ = resolve_ours(made)
    found = pl.Series(firms.clusters.root).gather(forms.record)
    truth = made.truth["entity_id"]
    # Every pair that the lowest threshold can use.
    wide = match_records(forms.records, load_weights(), min(THRESHOLDS))
    pairs = Pairs(wide.records, wide.packed, wide.scored, wide.weights)
    return {
        "threshold_bits": THRESHOLD,
        **curve(pairs.by_rules, THRESHOLDS, forms.record, truth),
        # The curve clusters by itself: at the product's threshold it must say the same.
        "curve_meets_the_run": bool(np.array_equal(pairs.by_rules(THRESHOLD), firms.clusters.root)),
        "sizes": {"found": size_counts(found), "truth": size_counts(truth)},
        "errors": error_table(made, found),
        "waterfall": _waterfall(firms),
    }


def _waterfall(firms: Firms) -> dict[str, Any] | None:
    """The joined pair with most to see in it; ``None`` when no pair was joined by its weight."""
    edges = edge_table(firms.scored, firms.clusters, firms.packed, firms.weights, THRESHOLD)
    shown = (
        edges.filter(pl.col("outcome") == "joined")
        .with_columns(
            said=pl.col("bits").list.eval(pl.element() != 0).list.sum(),
            against=pl.col("bits").list.min() < 0,
            far=(pl.col("weight") - THRESHOLD - SHOWN_BITS).abs(),
        )
        .sort("against", "said", "far", "a", "b", descending=[True, True, False, False, False])
        .select("a", "b")
        .head(1)
        .rows()
    )
    if not shown:
        return None
    a, b = shown[0]
    explanation = explain(firms, a, b, THRESHOLD)
    return {"step": asdict(explanation.steps[0]), "threshold_bits": THRESHOLD}
