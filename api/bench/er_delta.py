"""``jinghuan bench delta``: a day of new records against millions resolved before.

Targets (RESOLUTION.md): 100,000 records against 3 million within 10 s, the result equal to a full
run. Rows are given as mention tuples in memory, new and old ones; the time holds reading the index
of the last run, everything up to the clusters of now, and writing the new index.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import numpy as np
import polars as pl

from api.bench.apart import run_apart
from api.bench.er_organizations import former_names, mention_tuples
from api.bench.request import Request
from ingest.resolve.incremental.run import IndexPlace, meet
from ingest.resolve.incremental.tuples import Input
from ingest.resolve.kinds.firms import NOT_JUDGED, match_met
from ingest.resolve.kinds.organization_tables import KEPT_BITS_BELOW
from ingest.resolve.weigh import load_weights
from ingest.simulate.organizations.generate import generate_organizations
from ingest.simulate.organizations.parameters import OrganizationParameters

SEED, THRESHOLD_BITS = 5, 2.0
TARGET_S = 10.0
WARM_UP_FIRMS = 3_000
BEFORE, NOW = "before", "now"


@dataclass(frozen=True, slots=True)
class DeltaSizes:
    """Firms that are made and records that come later: of 3.1 million, and of 214,000."""

    firms: int = 955_000
    later: int = 100_000
    small_firms: int = 66_000
    small_later: int = 7_000


def bench(request: Request, sizes: DeltaSizes | None = None) -> dict[str, Any]:
    """Seconds and memory of a day against everything before, and whether it equals a full run."""
    sizes = sizes or DeltaSizes()
    large, small = request.folder / "large", request.folder / "small"
    request.progress("bench", "生成记录")
    run_apart(generate, large, sizes.firms, sizes.later)
    run_apart(generate, small, sizes.small_firms, sizes.small_later)
    request.progress("bench", "此前全部记录，全量归并")
    full = run_apart(resolve_part, large, BEFORE, "index")
    request.progress("bench", "加入新记录，增量归并")
    day = run_apart(resolve_part, large, NOW, "index")
    request.progress("bench", "较小数据：增量与全量对照")
    run_apart(resolve_part, small, BEFORE, "index")
    onward = run_apart(resolve_part, small, NOW, "index")
    anew = run_apart(resolve_part, small, NOW, "another")
    targets = {
        "day_within_10_s": day["seconds"] <= TARGET_S,
        "day_was_incremental": day["is_incremental"] and onward["is_incremental"],
        "equal_to_full_run": onward["digest"] == anew["digest"] and not anew["is_incremental"],
    }
    return {
        "bench": "delta",
        "cores": os.cpu_count(),
        "seed": SEED,
        "before": full,
        "day": day,
        "small_incremental": onward,
        "small_full": anew,
        "targets": targets,
        "targets_met": all(targets.values()),
    }


def generate(folder: Path, firms: int, later: int) -> dict[str, Any]:
    """Make the records of ``firms`` firms; ``later`` of them, taken at random, come later."""
    records = generate_organizations(OrganizationParameters(firms), SEED).records
    is_later = np.zeros(records.height, np.bool_)
    chosen = np.random.default_rng(SEED).permutation(records.height)[:later]
    is_later[chosen] = True
    for name, part in ((BEFORE, records.filter(pl.Series(~is_later))), (NOW, records)):
        (folder / name).mkdir(parents=True, exist_ok=True)
        mention_tuples(part).write_ipc(folder / name / "tuples.arrow")
        former_names(part).write_ipc(folder / name / "former.arrow")
    return {"records": records.height}


def resolve_part(folder: Path, name: str, index: str) -> dict[str, Any]:
    """Resolve the records of ``folder / name`` with the index of that name; compiled before."""
    _warm_up(folder / "warm")
    new = Input(
        pl.read_ipc(folder / name / "tuples.arrow"),
        pl.read_ipc(folder / name / "former.arrow"),
        set(),
    )
    started, worked = perf_counter(), process_time()
    met, root = _resolved(new, folder / index)
    seconds, processor = perf_counter() - started, process_time() - worked
    label = pl.DataFrame({"record": met.record, "root": root[met.record.to_numpy()]})
    return {
        "tuples": new.tuples.height,
        "records": met.records.height,
        "clusters": len(np.unique(root)),
        "is_incremental": met.is_incremental,
        "pairs_compared": met.compared,
        "pairs_held": len(met.pairs.a),
        "seconds": round(seconds, 2),
        "processor_s": round(processor, 2),
        "digest": f"{label.hash_rows(seed=1).sum():016x}",
    }


def _resolved(new: Input, folder: Path) -> tuple[Any, Any]:
    weights = load_weights()
    met = meet(new, weights, THRESHOLD_BITS - KEPT_BITS_BELOW, IndexPlace(folder, "bench"))
    firms = match_met(met, weights, THRESHOLD_BITS, NOT_JUDGED)
    return met, firms.clusters.root


def _warm_up(folder: Path) -> None:
    records = generate_organizations(OrganizationParameters(WARM_UP_FIRMS), 0).records
    for part in (records.head(records.height - 500), records):
        _resolved(Input(mention_tuples(part), former_names(part), set()), folder)
