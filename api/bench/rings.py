"""``jinghuan bench rings``: rings of bodies over a province-year, peers in the same run.

Target (issue "Loops, rings and shells"): the rings of a province-year in 60 s at most. The search
is that of TP-06 on arrays: degrees over all organisations, groups of the bodies, a hundred
resamples, excess, false discovery rate.
"""

import os
from dataclasses import dataclass
from typing import Any

from api.bench.apart import run_apart
from api.bench.request import Request
from api.bench.rings_data import Province
from api.bench.rings_ours import search_all, search_year
from api.bench.rings_peers import groups_by_networkx, pairs_by_cypher, pairs_by_duckdb
from api.bench.rings_pictures import draw_pictures
from api.settings import load_settings

TARGET_S = 60.0
# Three identifiers an organisation; few thousand bodies in a province, each with ten sites.
ORGANIZATIONS_PER_ENTRY, BODIES_PER_ENTRY, MOST_BODIES, SITES_PER_BODY = 0.34, 0.03, 3_000, 10


@dataclass(frozen=True, slots=True)
class Sizes:
    """Entries (organisation, identifier) of each run, the last is the province-year.

    ``groups_upto`` and ``cypher``: largest for networkx, and those for Cypher, which are slow.
    """

    entries: tuple[int, ...] = (10_000, 30_000, 100_000, 300_000, 1_000_000)
    groups_upto: int = 100_000
    cypher: int = 10_000


def province(entries: int) -> Province:
    """A province with so many entries; a million of them make the province-year."""
    bodies = min(round(BODIES_PER_ENTRY * entries), MOST_BODIES)
    organizations = round(ORGANIZATIONS_PER_ENTRY * entries)
    return Province(organizations, entries, bodies, SITES_PER_BODY * bodies)


def bench(request: Request, sizes: Sizes | None = None) -> dict[str, Any]:
    """Ours with its growth, and each peer with what it counted."""
    sizes = sizes or Sizes()
    growth = []
    for entries in sizes.entries:
        request.progress("bench", f"{entries:,} 条标识：团伙、全省分组、DuckDB")
        made = province(entries)
        step: dict[str, Any] = {
            "year": run_apart(search_year, made),
            "all_organizations": run_apart(search_all, made),
            "duckdb": run_apart(pairs_by_duckdb, made),
        }
        if entries <= sizes.groups_upto:
            request.progress("bench", f"{entries:,} 条标识：networkx")
            step["networkx"] = run_apart(groups_by_networkx, made)
        growth.append(step)
    request.progress("bench", f"{sizes.cypher:,} 条标识：Cypher")
    cypher = run_apart(
        pairs_by_cypher,
        province(sizes.cypher),
        request.folder / "rings",
        load_settings(request.folder).graph,
    )
    document: dict[str, Any] = {
        "bench": "rings",
        "cores": os.cpu_count(),
        "province_year": growth[-1]["year"],
        "growth": growth,
        "cypher": cypher,
        "definitions": {
            "pairs": "same definition everywhere: counts, fingerprints and weights must agree",
            "groups": "networkx has Louvain, ours is Leiden: modularity is compared, not groups",
        },
        "targets": targets(growth, cypher),
    }
    document["targets_met"] = all(document["targets"].values())
    if request.pictures is not None:
        document["pictures"] = [str(p) for p in draw_pictures(document, request.pictures)]
    return document


def targets(growth: list[dict[str, Any]], cypher: dict[str, Any]) -> dict[str, bool]:
    """Which targets hold."""
    peers = [step["duckdb"] for step in growth] + [cypher]
    graphs = [step["networkx"] for step in growth if "networkx" in step]
    return {
        "province_year_within_60_s": growth[-1]["year"]["seconds"] <= TARGET_S,
        "same_pairs_as_peers": all(peer["same_pairs"] for peer in peers),
        "same_weights_as_peers": all(peer["same_weights"] for peer in peers),
        "same_nodes_as_networkx": all(g["nodes"] == g["nodes_ours"] for g in graphs),
        "same_components_as_networkx": all(g["components"] == g["components_ours"] for g in graphs),
        "modularity_not_below_louvain": all(
            g["modularity_ours"] >= g["modularity"] for g in graphs
        ),
    }
