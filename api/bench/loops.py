"""``jinghuan bench loops``: temporal loops of a province-year, peers and growth in one run.

Targets (issue of loops, rings and shells): the year within 10 s of processor time and 2 GB, a day
more within 1 s; 100 times as fast as networkx, 30 times DuckDB at six edges, 5 times Snap ML, all
on equal counts; all planted loops found.
"""

import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from api.bench.apart import run_apart
from api.bench.loops_growth import grow, make_tails
from api.bench.loops_peers import Graph, PeerGraphs, compare, comparisons, missing_peers
from api.bench.loops_pictures import draw_pictures
from api.bench.loops_province import ProvinceParameters
from api.bench.loops_year import SEARCHES, YearSearch, make_year, search_year
from api.bench.request import Request
from api.settings import load_settings

SEED = 1
# The search that the targets are about.
YEAR = "equal_code_30_days"


@dataclass(frozen=True, slots=True)
class Sizes:
    """What is made: the year, heavy-tailed graphs of so many edges, small years of manifests.

    A peer is not run on a larger graph once it needed more than ``bound_s`` seconds.
    """

    year: ProvinceParameters = field(default_factory=ProvinceParameters)
    searches: Sequence[YearSearch] = SEARCHES
    day: int = 200
    tails: Sequence[int] = (1_000, 10_000, 100_000, 1_000_000, 10_000_000)
    manifests: Sequence[int] = (3_000, 30_000, 300_000)
    duckdb_hops: Sequence[int] = (3, 4, 5, 6)
    bound_s: float = 15.0


QUICK = Sizes(
    year=ProvinceParameters(20_000, 80_000, 300_000, 200),
    searches=(SEARCHES[0], SEARCHES[3], SEARCHES[4]),
    tails=(1_000,),
    manifests=(1_500,),
    duckdb_hops=(6,),
    bound_s=10.0,
)


def bench(request: Request, sizes: Sizes | None = None) -> dict[str, Any]:
    """Year, day, peers and growth as one document."""
    sizes = sizes or Sizes()
    folder = request.folder
    request.progress("bench", "生成模拟全省一年")
    year: dict[str, Any] = {"made": run_apart(make_year, folder / "year", sizes.year, SEED)}
    year["searches"] = {}
    for search in sizes.searches:
        request.progress("bench", f"全年：{search.title}")
        year["searches"][search.name] = run_apart(search_year, folder / "year", search, sizes.day)
    request.progress("bench", "生成重尾图")
    graphs = _graphs(folder, sizes)
    request.progress("bench", "规模曲线")
    growth = grow(graphs.tails)
    settings = load_settings(folder / "settings").graph
    peers = {}
    for name, comparison in comparisons(
        graphs, sizes.duckdb_hops, folder / "stores", settings
    ).items():
        request.progress("bench", comparison.title)
        peers[name] = compare(comparison, sizes.bound_s)
    targets = targets_of(year, peers)
    document: dict[str, Any] = {
        "bench": "loops",
        "cores": os.cpu_count(),
        "seed": SEED,
        "sizes": asdict(sizes),
        "year": year,
        "growth": growth,
        "peers": peers,
        "peers_missing": missing_peers(settings),
        "targets": targets,
        "targets_met": all(met is True for met in targets.values()),
    }
    if request.pictures is not None:
        document["pictures"] = [str(path) for path in draw_pictures(document, request.pictures)]
    return document


def _graphs(folder: Path, sizes: Sizes) -> PeerGraphs:
    """Make and save what the peers are run on."""
    places = [(folder / f"tails-{size}", size) for size in sizes.tails]
    run_apart(make_tails, places, SEED)
    tails = [Graph(place / "all", size) for place, size in places]
    simple = [Graph(place / "one_per_pair", size) for place, size in places]
    manifests = []
    whole = sizes.year
    for size in sizes.manifests:
        part = size / whole.manifests
        parameters = ProvinceParameters(
            max(int(whole.organizations * part), 200), size, 0, max(int(size / 100), 1), whole.days
        )
        run_apart(make_year, folder / f"manifests-{size}", parameters, SEED)
        manifests.append(Graph(folder / f"manifests-{size}" / "manifests", size))
    manifests.append(Graph(folder / "year" / "manifests", whole.manifests))
    year = Graph(folder / "year" / "year", whole.manifests + whole.invoices)
    return PeerGraphs(tails, simple, manifests, [year])


def targets_of(year: dict[str, Any], peers: dict[str, Any]) -> dict[str, bool | None]:
    """Which targets hold; ``None`` where the peer was not there or ended on no graph."""
    whole, days = year["searches"][YEAR], [one["day"] for one in year["searches"].values()]
    return {
        "year_within_10_s": whole["seconds"] <= 10,
        "year_within_2_gb": whole["peak_mib"] <= 2_048,
        "day_within_1_s": whole["day"]["seconds"] <= 1,
        "day_equals_full_run": all(day["equals_full_run"] for day in days),
        "all_planted_found": all(
            one["planted_found"] == one["planted_findable"] for one in year["searches"].values()
        ),
        "at_least_100_times_networkx": _ahead(peers, "networkx", 100),
        "at_least_30_times_duckdb_at_6": _ahead(peers, "duckdb_count_6", 30),
        "at_least_5_times_snapml": _ahead(peers, "snapml", 5),
        "counts_equal": all(one["equal"] is not False for one in peers.values()),
    }


def _ahead(peers: dict[str, Any], name: str, times: float) -> bool | None:
    """Whether we are so many times faster on the largest graph that the peer ended on."""
    ratio = peers.get(name, {}).get("ratio")
    return None if ratio is None else bool(ratio >= times and peers[name]["equal"])
