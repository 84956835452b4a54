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

from api.bench.apart import peak_mib
from api.bench.cluster_scores import score_clusters
from api.bench.er_errors import homes
from ingest.resolve.cluster import cluster
from ingest.resolve.kinds.firms import Firms, match_records
from ingest.resolve.kinds.keyed import joined, star_edges
from ingest.resolve.kinds.organization_records import (
    build_records,
    record_of_tuple,
    tuple_fields,
)
from ingest.resolve.weigh import load_weights
from ingest.simulate.organizations.corruptions import CIRCUMSTANCES, HELD_OUT, carries
from ingest.simulate.organizations.generate import Generated, generate_organizations
from ingest.simulate.organizations.parameters import OrganizationParameters

Engine = Literal["ours", "exact"]
THRESHOLD = 2.0
WARM_UP_FIRMS = 3_000
NONE = np.empty(0, np.int64)


@dataclass(frozen=True, slots=True)
class Task:
    """What to generate and what to resolve it with; ``shuffle`` puts the rows in another order."""

    parameters: OrganizationParameters
    seed: int
    engine: Engine = "ours"
    shuffle: bool = False


@dataclass(frozen=True, slots=True)
class Forms:
    """Distinct records in normal form, the record of each mention, seconds that it took."""

    records: pl.DataFrame
    record: pl.Series
    seconds: float


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


def normal_forms(made: Generated) -> Forms:
    """What both our engine and Splink are given."""
    started = perf_counter()
    fields = tuple_fields(mention_tuples(made.records))
    records = build_records(fields, former_names(made.records), set())
    record = record_of_tuple(fields, records)
    return Forms(records, record, perf_counter() - started)


def resolve_ours(made: Generated) -> tuple[Forms, Firms, float]:
    """Normal forms, clusters, and seconds of matching."""
    forms = normal_forms(made)
    started = perf_counter()
    firms = match_records(forms.records, load_weights(), THRESHOLD)
    return forms, firms, perf_counter() - started


def resolve_generated(task: Task) -> dict[str, Any]:
    """Seconds per step, counts and scores of ours or of equal values; alone in its process."""
    resolve = _exact if task.engine == "exact" else _ours
    resolve(generate_organizations(small(task.parameters), 0))
    made = generate_organizations(task.parameters, task.seed)
    if task.shuffle:
        order = np.random.default_rng(7).permutation(made.records.height)
        made = Generated(made.records[order.tolist()], made.truth[order.tolist()], made.entities)
    found, seconds, counts = resolve(made)
    return described(made, found, seconds) | counts


def described(made: Generated, found: pl.Series, seconds: dict[str, float]) -> dict[str, Any]:
    """Figures of a partition of the made records; ``seconds`` per step."""
    total = sum(seconds.values())
    label = pl.DataFrame({"record_id": made.records["record_id"], "found": found})
    return {
        "records": made.records.height,
        "firms": made.entities.height,
        "missing_codes": round(made.records["code"].null_count() / made.records.height, 3),
        "seconds": round(total, 2),
        "records_per_s": round(made.records.height / total),
        "peak_mib": peak_mib(),
        "steps_s": {name: round(value, 2) for name, value in seconds.items()},
        "scores": asdict(score_clusters(found, made.truth["entity_id"])),
        "attached": _attached(found, made.truth),
        # Equal for equal clusters, whatever the order of rows and the names of clusters.
        "clusters_digest": _digest(label),
    }


def small(parameters: OrganizationParameters) -> OrganizationParameters:
    """As many made-up firms as it takes to have everything compiled and loaded."""
    return OrganizationParameters(
        firm_count=min(WARM_UP_FIRMS, parameters.firm_count),
        missing_code_ratio=parameters.missing_code_ratio,
    )


def _ours(made: Generated) -> tuple[pl.Series, dict[str, float], dict[str, int]]:
    forms, firms, seconds = resolve_ours(made)
    counts = {
        "distinct_records": forms.records.height,
        "pairs_compared": firms.scored.compared,
    }
    found = pl.Series(firms.clusters.root).gather(forms.record)
    return found, {"normalise": forms.seconds, "match": seconds}, counts


def _exact(made: Generated) -> tuple[pl.Series, dict[str, float], dict[str, int]]:
    """Records with the same name as written, or the same code, are one."""
    started = perf_counter()
    number = pl.Series(np.arange(made.records.height))
    edges = joined([star_edges(number, made.records[c], 1.0) for c in ("name", "code")])
    nothing = np.full(made.records.height, -1)
    root = cluster(made.records.height, edges, 0.0, nothing, nothing, (NONE, NONE)).root
    return pl.Series(root), {"match": perf_counter() - started}, {"pairs_compared": len(edges.a)}


def _attached(found: pl.Series, truth: pl.DataFrame) -> dict[str, dict[str, float]]:
    """Share of records in the main cluster of their organisation, by what is amiss with them."""
    placed = homes(found, truth)
    groups = {
        "held_out": carries(HELD_OUT),
        "tuned": carries(~HELD_OUT & ~CIRCUMSTANCES) & ~carries(HELD_OUT),
        "clean": ~carries(~CIRCUMSTANCES),
    }
    shares: dict[str, dict[str, float]] = {}
    for name, condition in groups.items():
        is_lost = placed.filter(condition)["is_lost"]
        share = 1 - int(is_lost.sum()) / max(len(is_lost), 1)
        shares[name] = {"records": len(is_lost), "share": round(share, 5)}
    return shares


def _digest(label: pl.DataFrame) -> str:
    """A number of the partition: each record with the smallest record of its cluster."""
    lines = label.with_columns(first=pl.col("record_id").min().over("found")).sort("record_id")
    return f"{lines.select('record_id', 'first').hash_rows(seed=1).sum():016x}"
