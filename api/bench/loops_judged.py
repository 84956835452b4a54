"""What a search found of the planted loops, and where they stand in the list that is read."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.kernels.temporal_cycles import CycleRules, Cycles, TimedEdges
from analytics.loop_rank import loop_facts, rank_parts
from api.bench.loops_edges import DAY_S
from api.bench.loops_findable import findable
from api.bench.loops_planted import Planted
from api.bench.loops_ranking import Kind, Listed, measure_ranking

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


def judged(
    planted: Planted, cycles: Cycles, edges: TimedEdges, rules: CycleRules
) -> dict[str, Any]:
    """Planted loops that the rules can find, those found, and the measures of the list.

    A node set that no round tells, because lots pooled on its way are not covered, is in no list:
    it is not found.

    Parameters
    ----------
    edges
        All edges of the search.

    Returns
    -------
    dict
        ``kinds`` counts by kind: ``found`` are findable ones whose node set is in the list,
        ``found_otherwise`` those that the rules need not find and that are there all the same: by
        two rounds together, or with edges that are not planted. In ``ranking`` a node set that is
        no planted one counts as chance, even where a planted edge helps to close it.
        ``chance_told`` are these, ``chance_told_within_30_days`` those with a round so short.
    """
    cycles = told(cycles)
    sets = node_sets(planted.nodes)
    is_planted = row_numbers(sets, cycles.nodes) >= 0
    number = row_numbers(cycles.nodes, sets)
    is_found, is_findable = number >= 0, findable(planted, edges, rules)
    kinds = planted.kinds()
    return {
        "planted_findable": int(is_findable.sum()),
        "planted_found": int((is_findable & is_found).sum()),
        "split_findable": int((is_findable & planted.is_split).sum()),
        "split_found": int((is_findable & planted.is_split & is_found).sum()),
        "kinds": {
            name: {
                "planted": int(flags.sum()),
                "findable": int((is_findable & flags).sum()),
                "found": int((is_findable & flags & is_found).sum()),
                "found_otherwise": int((~is_findable & flags & is_found).sum()),
            }
            for name, flags in kinds.items()
        },
        "chance_told": int((~is_planted).sum()),
        "chance_told_within_30_days": int((~is_planted & _has_short_round(cycles, edges)).sum()),
        "ranking": measure_ranking(
            _listed(sets, number, is_findable & ~is_found, kinds, cycles, edges)
        ),
    }


def told(cycles: Cycles) -> Cycles:
    """The node sets that have a round, with all rounds."""
    number, round_set = np.unique(cycles.round_set, return_inverse=True)
    return replace(
        cycles,
        nodes=cycles.nodes[number],
        walks=cycles.walks[number],
        first=cycles.first[number],
        last=cycles.last[number],
        round_set=round_set.astype(np.int64),
    )


def _has_short_round(cycles: Cycles, edges: TimedEdges) -> Flags:
    """Of each node set, whether a round lasts no longer than 30 days."""
    found = np.zeros(len(cycles.nodes), np.bool_)
    if len(cycles.round_set):
        time, begin = edges.time[cycles.hop_edge].astype(np.int64), cycles.hop_from[:, 0]
        span = np.maximum.reduceat(time, begin) - np.minimum.reduceat(time, begin)
        found[cycles.round_set[span <= 30 * DAY_S]] = True
    return found


def _listed(
    sets: Ints, number: Ints, is_missing: Flags, kinds: Mapping[str, Flags], cycles: Cycles,
    edges: TimedEdges,
) -> Listed:  # fmt: skip
    """The list, ``number`` being the place in it of the node set of each planted loop.

    Loops of one node set are one there, of every kind that one of them is of.
    """
    facts = loop_facts(cycles, edges, DAY_S)
    parts = rank_parts(facts)
    missing, which = np.unique(sets[is_missing], axis=0, return_inverse=True)
    listed = np.zeros(len(cycles.nodes), np.bool_)
    listed[number[number >= 0]] = True
    of_kind = {}
    for name, flags in kinds.items():
        here, gone = np.zeros(len(listed), np.bool_), np.zeros(len(missing), np.bool_)
        here[number[flags & (number >= 0)]] = True
        gone[which.reshape(-1)[flags[is_missing]]] = True
        of_kind[name] = Kind(here, gone)
    return Listed(
        parts.scores,
        listed,
        (cycles.nodes >= 0).sum(axis=1),
        facts.busiest,
        parts.rarity_bits,
        busiest_of(missing, edges),
        of_kind,
    )


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
