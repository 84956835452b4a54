"""Made-up records of organisations through ours, exact matching and Splink, scored by the truth.

The generator knows nothing of the normaliser. Kinds of mistakes that nothing was tuned on are
scored apart: ``attached`` is the share of records that stand in the cluster that holds most
records of their organisation.
"""

from dataclasses import asdict, dataclass
from time import perf_counter
from typing import Any, Literal

import numpy as np
import polars as pl

from api.bench.cluster_scores import score_clusters
from ingest.resolve.cluster import Edges, cluster
from ingest.resolve.kinds import organization as org
from ingest.resolve.kinds.firms import match_records
from ingest.resolve.kinds.keyed import joined, star_edges
from ingest.resolve.kinds.organization_records import (
    branch_numbers,
    build_records,
    packed_records,
    record_of_tuple,
    tuple_fields,
)
from ingest.resolve.weigh import load_weights
from ingest.simulate.organizations.corruptions import CIRCUMSTANCES, HELD_OUT, carries
from ingest.simulate.organizations.generate import Generated, generate_organizations
from ingest.simulate.organizations.parameters import OrganizationParameters

Engine = Literal["ours", "exact", "splink", "splink_components"]
WARM_UP_FIRMS = 3_000
NONE = np.empty(0, np.int64)


@dataclass(frozen=True, slots=True)
class Task:
    """What to generate and what to resolve it with; ``shuffle`` puts the rows in another order."""

    parameters: OrganizationParameters
    seed: int
    engine: Engine
    threshold: float = 2.0
    shuffle: bool = False


def mention_tuples(records: pl.DataFrame) -> pl.DataFrame:
    """Generated records in the shape of mention tuples, one each."""
    text = {
        "division": "division_code", "name": "name", "code": "code", "phone": "phone",
        "person": "legal_representative", "address": "address",
    }  # fmt: skip
    return records.select(
        pl.lit(0, pl.Int16).alias("mention"),
        pl.lit(1, pl.Int64).alias("rows"),
        *(pl.col(column).fill_null("").alias(name) for name, column in text.items()),
    )


def former_names(records: pl.DataFrame) -> pl.DataFrame:
    """``code, name`` of former names that records with a code state, each once."""
    stated = records.filter(pl.col("former_name").is_not_null() & pl.col("code").is_not_null())
    return stated.select("code", name="former_name").unique().sort("code", "name")


def resolve_generated(task: Task) -> dict[str, Any]:
    """Seconds per step, counts and scores of one task; runs alone in its process."""
    _resolved(generate_organizations(_small(task.parameters), 0), task)
    made = generate_organizations(task.parameters, task.seed)
    if task.shuffle:
        order = np.random.default_rng(7).permutation(made.records.height)
        made = Generated(made.records[order.tolist()], made.truth[order.tolist()], made.entities)
    found, seconds, counts = _resolved(made, task)
    total = sum(seconds.values())
    label = pl.DataFrame({"record_id": made.records["record_id"], "found": found})
    return {
        "records": made.records.height,
        "firms": made.entities.height,
        "missing_codes": round(made.records["code"].null_count() / made.records.height, 3),
        "seconds": round(total, 2),
        "records_per_s": round(made.records.height / total),
        "steps_s": {name: round(value, 2) for name, value in seconds.items()},
        **counts,
        "scores": asdict(score_clusters(found, made.truth["entity_id"])),
        "attached": _attached(found, made.truth),
        # Equal for equal clusters, whatever the order of rows and the names of clusters.
        "clusters_digest": _digest(label),
    }


def _small(parameters: OrganizationParameters) -> OrganizationParameters:
    return OrganizationParameters(
        firm_count=min(WARM_UP_FIRMS, parameters.firm_count),
        missing_code_ratio=parameters.missing_code_ratio,
    )


def _resolved(made: Generated, task: Task) -> tuple[pl.Series, dict[str, float], dict[str, int]]:
    if task.engine == "exact":
        return _exact(made)
    seconds: dict[str, float] = {}
    started = perf_counter()
    fields = tuple_fields(mention_tuples(made.records))
    records = build_records(fields, former_names(made.records), set())
    record = record_of_tuple(fields, records)
    seconds["normalise"] = perf_counter() - started
    started = perf_counter()
    if task.engine == "ours":
        firms = match_records(records, load_weights(), task.threshold)
        root, compared = firms.clusters.root, firms.scored.compared
    else:
        root, compared = _splink(records, task)
    seconds["match"] = perf_counter() - started
    counts = {"distinct_records": records.height, "pairs_compared": compared}
    return pl.Series(root).gather(record), seconds, counts


def _exact(made: Generated) -> tuple[pl.Series, dict[str, float], dict[str, int]]:
    """Records with the same name as written, or the same code, are one."""
    started = perf_counter()
    number = pl.Series(np.arange(made.records.height))
    edges = joined([star_edges(number, made.records[c], 1.0) for c in ("name", "code")])
    nothing = np.full(made.records.height, -1)
    root = cluster(made.records.height, edges, 0.0, nothing, nothing, (NONE, NONE)).root
    return pl.Series(root), {"match": perf_counter() - started}, {"pairs_compared": len(edges.a)}


def _splink(records: pl.DataFrame, task: Task) -> "tuple[np.ndarray[Any, Any], int]":
    """Splink with weights that it learns itself; its edges into our clustering, or components."""
    from ingest.resolve.engines.splink_engine import score_with_splink
    from ingest.resolve.engines.splink_options import SplinkOptions

    packed = packed_records(records)
    options = SplinkOptions(engine="splink-duckdb", training="own")
    scored = score_with_splink(records, packed, load_weights(), options)
    if task.engine == "splink_components":
        kept = scored.weight >= task.threshold
        edges = Edges(scored.candidates.a[kept], scored.candidates.b[kept], scored.weight[kept])
        nothing = np.full(records.height, -1)
        found = cluster(records.height, edges, task.threshold, nothing, nothing, (NONE, NONE))
        return found.root, scored.compared
    scored = org.without_ambiguous(scored, packed, task.threshold)
    edges = org.usable_edges(records, scored, task.threshold)
    branch = branch_numbers(records, packed)
    found = cluster(records.height, edges, task.threshold, packed.code, branch, (NONE, NONE))
    return found.root, scored.compared


def _attached(found: pl.Series, truth: pl.DataFrame) -> dict[str, dict[str, float]]:
    """Share of records in the main cluster of their organisation, by what is amiss with them."""
    frame = truth.with_columns(found=found)
    main = (
        frame.group_by("entity_id", "found")
        .len()
        .sort("entity_id", "len", "found", descending=[False, True, False])
        .unique("entity_id", keep="first", maintain_order=True)
        .select("entity_id", main="found")
    )
    is_in = frame.join(main, on="entity_id", how="left", maintain_order="left").with_columns(
        is_in=pl.col("found") == pl.col("main")
    )
    groups = {
        "held_out": carries(HELD_OUT),
        "tuned": carries(~HELD_OUT & ~CIRCUMSTANCES) & ~carries(HELD_OUT),
        "clean": ~carries(~CIRCUMSTANCES),
    }
    shares: dict[str, dict[str, float]] = {}
    for name, condition in groups.items():
        own = is_in.filter(condition)["is_in"]
        share = len(own.filter(own)) / max(len(own), 1)
        shares[name] = {"records": len(own), "share": round(share, 5)}
    return shares


def _digest(label: pl.DataFrame) -> str:
    """A number of the partition: each record with the smallest record of its cluster."""
    lines = label.with_columns(first=pl.col("record_id").min().over("found")).sort("record_id")
    return f"{lines.select('record_id', 'first').hash_rows(seed=1).sum():016x}"
