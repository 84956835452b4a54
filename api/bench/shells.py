"""``jinghuan bench shells``: hidden chains over a province-year, peers in the same run.

Target (issue "Loops, rings and shells"): the shells of a province-year in 60 s at most. Ours is
the array part of HW-10: who may be passed, the paths, the terms that rest on flows alone.
"""

import os
from dataclasses import dataclass
from typing import Any

from api.bench.apart import run_apart
from api.bench.request import Request
from api.bench.shells_ours import search_day, search_province
from api.bench.shells_peers import cypher_beside, duckdb_beside, networkx_beside
from api.bench.shells_pictures import draw_pictures
from api.settings import load_settings

TARGET_S, TARGET_MIB = 60.0, 4_096
LAST_DAY = 364
# A province-year has 25 million edges of 340 000 organisations.
ORGANIZATIONS_PER_EDGE, EDGES_PER_CHAIN, MOST_CHAINS = 0.0136, 2_000, 500


@dataclass(frozen=True, slots=True)
class Sizes:
    """Edges of each run of ours, the last is the province-year; edges of each peer's slice."""

    edges: tuple[int, ...] = (10_000, 100_000, 1_000_000, 10_000_000, 25_000_000)
    duckdb: tuple[int, ...] = (10_000, 100_000, 1_000_000)
    networkx: tuple[int, ...] = (10_000, 30_000)
    cypher: tuple[int, ...] = (10_000, 30_000)


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
    peers: dict[str, list[dict[str, Any]]] = {"duckdb": [], "networkx": [], "cypher": []}
    for edges in sizes.duckdb:
        request.progress("bench", f"{edges:,} 条交接：DuckDB")
        peers["duckdb"].append(run_apart(duckdb_beside, *province(edges)))
    for edges in sizes.networkx:
        request.progress("bench", f"{edges:,} 条交接：networkx")
        peers["networkx"].append(run_apart(networkx_beside, *province(edges)))
    settings = load_settings(request.folder).graph
    for edges in sizes.cypher:
        request.progress("bench", f"{edges:,} 条交接：Cypher")
        folder = request.folder / f"shells-{edges}"
        peers["cypher"].append(run_apart(cypher_beside, *province(edges), settings, folder))
    document: dict[str, Any] = {
        "bench": "shells",
        "cores": os.cpu_count(),
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


def targets(
    growth: list[dict[str, Any]], day: dict[str, Any], peers: dict[str, list[dict[str, Any]]]
) -> dict[str, bool]:
    """Which targets hold."""
    beside = [step for steps in peers.values() for step in steps]
    return {
        "province_year_within_60_s": growth[-1]["seconds"] <= TARGET_S,
        "province_year_within_4_gib": growth[-1]["peak_mib"] <= TARGET_MIB,
        "all_planted_found": all(step["planted_found"] == step["planted"] for step in growth),
        "day_is_that_of_the_full_run": day["same_as_full_run"],
        "same_counts_as_peers": all(step["same_counts"] for step in beside),
        "same_nodes_as_peers": all(step["same_nodes"] for step in beside),
    }
