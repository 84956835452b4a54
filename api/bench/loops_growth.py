"""How time and memory of our kernel grow with the number of edges."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from analytics.kernels.temporal_cycles import CycleRules
from api.bench.apart import run_apart
from api.bench.loops_edges import DAY_S
from api.bench.loops_heavy_tails import HeavyTails, heavy_tails
from api.bench.loops_ours import count_ours, search_ours
from api.bench.loops_peers import COUNT_DAYS, Graph

# Edges per node and year: with a hundred hubs on it, as in public payment graphs.
EDGES_PER_NODE = 20
COUNT_HOPS, SEARCH_HOPS, SEARCH_DAYS = 6, 8, 30


def make_tails(places: Sequence[tuple[Path, int]], seed: int) -> dict[str, Any]:
    """Make and write heavy-tailed graphs of these sizes, with all edges and with one per pair."""
    for folder, size in places:
        edges = heavy_tails(HeavyTails(size, max(size // EDGES_PER_NODE, 10)), seed)
        edges.save(folder / "all")
        edges.one_per_pair().save(folder / "one_per_pair")
    return {"graphs": len(places)}


def grow(graphs: Sequence[Graph]) -> dict[str, Any]:
    """Seconds and memory of counting and of the search with all rules, per graph."""
    window = COUNT_DAYS * DAY_S
    rules = CycleRules(SEARCH_DAYS * DAY_S, SEARCH_HOPS, most_changes=0, bundle_length=DAY_S)
    return {
        "count": _line(
            f"计数：至多 {COUNT_HOPS} 跳，{COUNT_DAYS} 天，无其他条件",
            graphs,
            lambda folder: run_apart(count_ours, folder, window, COUNT_HOPS, False),
        ),
        "search": _line(
            f"搜索：至多 {SEARCH_HOPS} 跳，{SEARCH_DAYS} 天，代码相同，流量比 0.7–1.05，同日并车",
            graphs,
            lambda folder: run_apart(search_ours, folder, rules),
        ),
    }


def _line(
    title: str, graphs: Sequence[Graph], measure: Callable[[Path], dict[str, Any]]
) -> dict[str, Any]:
    return {
        "title": title,
        "sizes": [{"size": graph.size, **measure(graph.folder)} for graph in graphs],
    }
