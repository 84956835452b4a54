"""``jinghuan bench shells``: hidden chains over a province-year, peers in the same run.

Target (issue "Loops, rings and shells"): the shells of a province-year in 60 s at most. Ours is
the array part of HW-10: who may be passed, the paths, the terms that rest on flows alone. Seconds
are the processor's, of the clock for Cypher.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from api.bench.apart import run_apart
from api.bench.request import Request
from api.bench.shells_ours import search_day, search_province
from api.bench.shells_peers import cypher_beside, duckdb_beside, networkx_beside
from api.bench.shells_pictures import draw_pictures
from api.bench.until_slow import Case, stores, until_slow
from api.settings import load_settings

TARGET_S, TARGET_MIB = 60.0, 4_096
LAST_DAY = 364
# A province-year has 25 million edges of 340 000 organisations.
ORGANIZATIONS_PER_EDGE, EDGES_PER_CHAIN, MOST_CHAINS = 0.0136, 2_000, 500


Peers = Mapping[str, Sequence[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Sizes:
    """Edges of each run of ours, the last is the province-year; edges of each peer's slice.

    A peer is not run on a larger slice once it needed longer than ``bound_s`` seconds.
    """

    edges: Sequence[int] = (10_000, 100_000, 1_000_000, 10_000_000, 25_000_000)
    duckdb: Sequence[int] = (10_000, 100_000, 1_000_000)
    networkx: Sequence[int] = (10_000, 30_000)
    cypher: Sequence[int] = (10_000, 30_000)
    bound_s: float = 110.0


QUICK = Sizes((3_000, 30_000), (3_000,), (3_000,), (3_000,), 20.0)


def province(edges: int) -> tuple[int, int, int]:
    """Edges, organisations and planted chains of a province of that size."""
    organizations = max(500, round(edges * ORGANIZATIONS_PER_EDGE))
    return edges, organizations, min(MOST_CHAINS, max(5, edges // EDGES_PER_CHAIN))


def bench(request: Request, sizes: Sizes | None = None) -> dict[str, Any]:
    """Ours with its growth, a day more, and each peer with what it counted."""
    sizes = sizes or Sizes()
    growth = []
    for edges in sizes.edges:
        request.progress("bench", f"{edges:,} 条交接：本产品")
        growth.append(run_apart(search_province, *province(edges)))
    request.progress("bench", "新的一天：本产品")
    day = run_apart(search_day, *province(sizes.edges[-1]), LAST_DAY)
    peers = _peers(request, sizes)
    document: dict[str, Any] = {
        "bench": "shells",
        "cores": os.cpu_count(),
        "sizes": asdict(sizes),
        "province_year": growth[-1],
        "day": day,
        "growth": growth,
        "peers": peers,
        "targets": targets(growth, day, peers),
    }
    document["targets_met"] = all(document["targets"].values())
    if request.pictures is not None:
        document["pictures"] = [str(p) for p in draw_pictures(document, request.pictures)]
    return document


def _peers(request: Request, sizes: Sizes) -> dict[str, list[dict[str, Any]]]:
    def run(
        title: str, beside: Callable[..., dict[str, Any]], edges: Sequence[int], *more: Any
    ) -> list[dict[str, Any]]:
        request.progress("bench", title)
        cases = [Case(size, (*province(size), *more)) for size in edges]
        return until_slow(sizes.bound_s, beside, cases)

    found = {
        "duckdb": run("DuckDB", duckdb_beside, sizes.duckdb),
        "networkx": run("networkx", networkx_beside, sizes.networkx),
    }
    for name, store in stores(load_settings(request.folder).graph).items():
        found[f"cypher_{name}"] = run(
            f"Cypher（{name}）", cypher_beside, sizes.cypher, store,
            request.folder / f"shells-{name}",
        )  # fmt: skip
    return found


def targets(growth: Sequence[dict[str, Any]], day: dict[str, Any], peers: Peers) -> dict[str, bool]:
    """Which targets hold; what a peer did not end on says nothing."""
    beside = [one for runs in peers.values() for one in runs if "ended" not in one]
    return {
        "province_year_within_60_s": growth[-1]["seconds"] <= TARGET_S,
        "province_year_within_4_gib": growth[-1]["peak_mib"] <= TARGET_MIB,
        "all_planted_found": all(step["planted_found"] == step["planted"] for step in growth),
        "day_is_that_of_the_full_run": day["same_as_full_run"],
        "same_counts_as_peers": all(step["same_counts"] for step in beside),
        "same_nodes_as_peers": all(step["same_nodes"] for step in beside),
    }
