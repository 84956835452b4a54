"""What a search found of the planted loops, and where they stand in the list that is read."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.kernels.temporal_cycles import CycleRules, Cycles, TimedEdges
from analytics.loop_rank import loop_facts, rank_parts
from api.bench.loops_edges import DAY_S
from api.bench.loops_planted import Planted
from api.bench.loops_ranking import Listed, measure_ranking

Ints = NDArray[np.int64]


def judged(
    planted: Planted, cycles: Cycles, edges: TimedEdges, rules: CycleRules
) -> dict[str, Any]:
    """Planted loops that the rules can find, those found, and the measures of the list.

    Parameters
    ----------
    edges
        All edges of the search.
    """
    sets = node_sets(planted.nodes)
    is_found = row_numbers(cycles.nodes, sets) >= 0
    is_findable = planted.span <= rules.window
    if rules.most_changes == 0:
        is_findable &= ~planted.is_changed
    missing = planted.nodes[is_findable & ~is_found]
    facts = loop_facts(cycles, edges, DAY_S)
    parts = rank_parts(facts)
    listed = Listed(
        parts.scores,
        row_numbers(sets, cycles.nodes) >= 0,
        (cycles.nodes >= 0).sum(axis=1),
        facts.busiest,
        parts.rarity_bits,
        busiest_of(missing, edges),
    )
    return {
        "planted_findable": int(is_findable.sum()),
        "planted_found": int((is_findable & is_found).sum()),
        "split_findable": int((is_findable & planted.is_split).sum()),
        "split_found": int((is_findable & planted.is_split & is_found).sum()),
        "ranking": measure_ranking(listed),
    }


def busiest_of(nodes: Ints, edges: TimedEdges) -> Ints:
    """Most edges at any node of each row, -1 standing for no node."""
    size = 1 + int(max(edges.source.max(initial=0), edges.target.max(initial=0)))
    count = np.bincount(edges.source, minlength=size) + np.bincount(edges.target, minlength=size)
    most: Ints = np.where(nodes < 0, 0, count[np.maximum(nodes, 0)]).max(axis=1, initial=0)
    return most


def node_sets(nodes: Ints) -> Ints:
    """Rows of nodes as the kernel writes node sets: sorted, -1 behind."""
    last = np.iinfo(np.int64).max
    rows: Ints = np.sort(np.where(nodes < 0, last, nodes), axis=1)
    return np.where(rows == last, -1, rows)


def row_numbers(rows: Ints, wanted: Ints) -> Ints:
    """Position of each wanted row among the rows, -1 where it is not; both of one width."""
    position = {row.tobytes(): number for number, row in enumerate(rows.astype(np.int64))}
    return np.array([position.get(row.tobytes(), -1) for row in wanted.astype(np.int64)], np.int64)
