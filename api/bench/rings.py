"""``jinghuan bench rings``: rings of bodies over a province-year, peers in the same run.

Target (issue "Loops, rings and shells"): the rings of a province-year in 60 s at most. The search
is that of TP-06 on arrays: degrees over all organisations, groups of the bodies, a hundred
resamples, excess, false discovery rate. Seconds are the processor's, of the clock for Cypher.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from api.bench.apart import run_apart
from api.bench.request import Request
from api.bench.rings_data import Province
from api.bench.rings_ours import search_all, search_year
from api.bench.rings_peers import groups_by_networkx, pairs_by_cypher, pairs_by_duckdb
from api.bench.rings_pictures import draw_pictures
from api.bench.until_slow import Case, stores, until_slow
from api.settings import load_settings

TARGET_S = 60.0
# Three identifiers an organisation; few thousand bodies in a province, each with ten sites.
ORGANIZATIONS_PER_ENTRY, BODIES_PER_ENTRY, MOST_BODIES, SITES_PER_BODY = 0.34, 0.03, 3_000, 10
Peers = Mapping[str, Sequence[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Sizes:
    """Entries (organisation, identifier) of each run, the last of ours is the province-year.

    A peer is not run on more entries once it needed longer than ``bound_s`` seconds.
    """

    entries: Sequence[int] = (10_000, 30_000, 100_000, 300_000, 1_000_000)
    duckdb: Sequence[int] = (10_000, 30_000, 100_000, 300_000, 1_000_000)
    networkx: Sequence[int] = (10_000, 30_000, 100_000, 300_000)
    cypher: Sequence[int] = (10_000, 30_000)
    bound_s: float = 60.0


QUICK = Sizes((3_000, 6_000), (3_000,), (3_000,), (3_000,), 20.0)


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
        request.progress("bench", f"{entries:,} 条标识：团伙、全省分组")
        made = province(entries)
        growth.append(
            {"year": run_apart(search_year, made), "all_organizations": run_apart(search_all, made)}
        )
    peers = _peers(request, sizes)
    document: dict[str, Any] = {
        "bench": "rings",
        "cores": os.cpu_count(),
        "sizes": asdict(sizes),
        "province_year": growth[-1]["year"],
        "growth": growth,
        "peers": peers,
        "definitions": {
            "pairs": "same definition everywhere: counts, fingerprints and weights must agree",
            "groups": "networkx has Louvain, ours is Leiden: modularity is compared, not groups",
        },
        "targets": targets(growth, peers),
    }
    document["targets_met"] = all(document["targets"].values())
    if request.pictures is not None:
        document["pictures"] = [str(p) for p in draw_pictures(document, request.pictures)]
    return document


def _peers(request: Request, sizes: Sizes) -> dict[str, list[dict[str, Any]]]:
    def cases(entries: Sequence[int], *more: Any) -> list[Case]:
        return [Case(size, (province(size), *more)) for size in entries]

    request.progress("bench", "DuckDB")
    found = {"duckdb": until_slow(sizes.bound_s, pairs_by_duckdb, cases(sizes.duckdb))}
    request.progress("bench", "networkx")
    found["networkx"] = until_slow(sizes.bound_s, groups_by_networkx, cases(sizes.networkx))
    for name, store in stores(load_settings(request.folder).graph).items():
        request.progress("bench", f"Cypher（{name}）")
        given = cases(sizes.cypher, request.folder / f"rings-{name}", store)
        found[f"cypher_{name}"] = until_slow(sizes.bound_s, pairs_by_cypher, given)
    return found


def targets(growth: Sequence[dict[str, Any]], peers: Peers) -> dict[str, bool]:
    """Which targets hold; what a peer did not end on says nothing."""
    ended = {name: [one for one in runs if "ended" not in one] for name, runs in peers.items()}
    graphs = ended["networkx"]
    pairs = [one for name, runs in ended.items() if name != "networkx" for one in runs]
    return {
        "province_year_within_60_s": growth[-1]["year"]["seconds"] <= TARGET_S,
        "same_pairs_as_peers": all(one["same_pairs"] for one in pairs),
        "same_weights_as_peers": all(one["same_weights"] for one in pairs),
        "same_nodes_as_networkx": all(g["nodes"] == g["nodes_ours"] for g in graphs),
        "same_components_as_networkx": all(g["components"] == g["components_ours"] for g in graphs),
        "modularity_not_below_louvain": all(
            g["modularity_ours"] >= g["modularity"] for g in graphs
        ),
    }
