"""Our kernel on saved edges: counts of temporal cycles, and the search with all rules."""

from dataclasses import replace
from pathlib import Path
from time import process_time
from typing import Any

from analytics.kernels.temporal_counts import count_cycles
from analytics.kernels.temporal_cycles import (
    Cut,
    CycleLimits,
    CycleRules,
    Cycles,
    TimedEdges,
    find_cycles,
)
from api.bench.loops_counts import by_length, set_counts
from api.bench.loops_edges import load_edges
from api.bench.loops_heavy_tails import HeavyTails, heavy_tails

# Bounds that nothing reaches where counts are compared; where they are reached ``cut`` says so.
EVERYTHING = CycleLimits(node_sets=400_000, sets_per_node=1 << 40, rounds_per_set=1)
# Loops of every kind in few edges, so that all that is compiled is compiled before the clock runs.
WARM = HeavyTails(edges=2_000, nodes=40, days=5)


def count_ours(folder: Path, window: int, hop_limit: int, is_rising: bool) -> dict[str, Any]:
    """Temporal cycles by length; compiled before the clock runs."""
    edges = load_edges(folder)
    for part in (heavy_tails(WARM, 0), edges):
        started = process_time()
        counts = count_cycles(
            part.source, part.target, part.time, part.node_count, window, hop_limit, is_rising
        )
        seconds = process_time() - started
    return {"edges": len(edges), "seconds": round(seconds, 4), "walks": by_length(counts)}


def search_ours(folder: Path, rules: CycleRules) -> dict[str, Any]:
    """Node sets and walks by length under all rules, with the rounds; compiled before."""
    edges = load_edges(folder).timed()
    cycles, seconds = timed_search(edges, rules, EVERYTHING)
    return {
        "edges": len(edges.source),
        "seconds": round(seconds, 4),
        "cut": cut_words(cycles.cut),
        **set_counts(cycles.nodes, cycles.walks, rules.hop_limit),
    }


def timed_search(edges: TimedEdges, rules: CycleRules, limits: CycleLimits) -> tuple[Cycles, float]:
    """Loops, and the processor's seconds; compiled before the clock runs."""
    find_cycles(warm_edges(), rules, limits)
    started = process_time()
    cycles = find_cycles(edges, rules, limits)
    return cycles, process_time() - started


def warm_edges() -> TimedEdges:
    """Few edges with loops of every kind, every third one marked."""
    edges = heavy_tails(WARM, 0).timed()
    return replace(edges, is_marked=edges.edge_id % 3 == 0)


def cut_words(cut: Cut) -> dict[str, int | bool]:
    """What was left out, in numbers."""
    return {
        "is_truncated": cut.is_truncated,
        "nodes_ended_early": len(cut.roots),
        "walks_of_refused_sets": cut.walks_of_refused_sets,
        "sets_with_rounds_cut": len(cut.sets),
        "self_loops": cut.self_loops,
        "without_time": cut.without_time,
        "without_quantity": cut.without_quantity,
    }
