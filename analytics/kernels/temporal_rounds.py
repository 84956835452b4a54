"""Edge-disjoint loops of each node set: how often the same parties went round.

Closed walks multiply where edges run in parallel; what a reader counts are rounds that share no
edge. They are taken greedily: walks with the fewest changes of code first, then the fewest pooled
hand-overs, the earliest start and end, then the most tonnes.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.kernels.temporal_elements import Elements, ElementTable, Floats, Ints, within
from analytics.kernels.temporal_flows import Pools
from analytics.kernels.temporal_greedy import Members, Pairs, disjoint_rounds, steps_of_cost
from analytics.kernels.temporal_rules import CycleLimits, CycleRules

PAIR_BITS = 24


def _pairs(elements: Elements, node_count: int) -> Pairs:
    key = elements.source * node_count + elements.target
    order = np.argsort(key, kind="stable").astype(np.int64)
    keys, begin = np.unique(key[order], return_index=True)
    return Pairs(order, keys, np.append(begin, len(order)).astype(np.int64))


def _pair_cell(first: NDArray[np.integer], second: NDArray[np.integer]) -> Ints:
    """Cell of each ordered pair in a map of 2**PAIR_BITS; few pairs share one."""
    key = first.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    key ^= second.astype(np.uint64) * np.uint64(0xC2B2AE3D27D4EB4F)
    key ^= key >> np.uint64(31)
    key *= np.uint64(0xBF58476D1CE4E5B9)
    return (key >> np.uint64(64 - PAIR_BITS)).astype(np.int64)


def edges_within(sets: Ints, source: NDArray[np.integer], target: NDArray[np.integer]) -> Ints:
    """Positions of edges that run between two nodes of one set, and of a few others."""
    is_node = np.zeros(
        int(max(source.max(initial=0), target.max(initial=0), sets.max(initial=0))) + 1, bool
    )
    is_node[sets[sets >= 0]] = True
    chosen = np.flatnonzero(is_node[source] & is_node[target])
    wanted = np.zeros(1 << PAIR_BITS, np.bool_)
    for i in range(sets.shape[1]):
        for j in range(sets.shape[1]):
            both = (sets[:, i] >= 0) & (sets[:, j] >= 0) & (i != j)
            wanted[_pair_cell(sets[both, i], sets[both, j])] = True
    return chosen[wanted[_pair_cell(source[chosen], target[chosen])]].astype(np.int64)


def _members(member_from: Ints, member: Ints) -> tuple[Members, Ints]:
    """Edges numbered anew, and their positions in the input."""
    edges, dense = np.unique(member, return_inverse=True)
    dense = dense.astype(np.int64)
    length = np.diff(member_from)
    owner = np.repeat(np.arange(len(length)), length)
    is_alone = np.repeat(length == 1, length)
    single_of, bundle_of = (np.full(len(edges), -1, np.int64) for _ in range(2))
    single_of[dense[is_alone]] = owner[is_alone]
    bundle_of[dense[~is_alone]] = owner[~is_alone]
    return Members(member_from, dense, single_of, bundle_of), edges.astype(np.int64)


@dataclass(frozen=True, slots=True)
class SetRounds:
    """Rounds of node sets, in order of set and start, with the edges of each hop.

    Hop h of round r consists of the edge positions ``edge[bounds[r, h]:bounds[r, h + 1]]``.
    ``was_cut``: by set, whether its rounds were not counted to the end.
    """

    owner: Ints
    size: Ints
    changes: Ints
    tonnes: Floats
    bounds: Ints
    edge: Ints
    was_cut: NDArray[np.bool_]


def rounds_of_sets(
    sets: Ints,
    when: Ints,
    table: ElementTable,
    pools: Pools,
    rules: CycleRules,
    limits: CycleLimits,
) -> SetRounds:
    """Edge-disjoint rounds of each node set.

    Parameters
    ----------
    sets
        Shape (sets, hop limit), sorted nodes, -1 behind.
    when
        Shape (sets, 2): start of the first loop of each set and end of the last.
    table
        Elements of :func:`edges_within`: all that lie on a loop of the sets, between their nodes.
    pools
        What may be pooled of these.
    """
    was_cut = np.zeros(len(sets), np.bool_)
    if not len(sets):
        none = np.empty(0, np.int64)
        bounds = np.zeros((0, sets.shape[1] + 1), np.int64)
        return SetRounds(none, none, none, np.empty(0), bounds, none, was_cut)
    nodes = np.unique(sets[sets >= 0])
    elements = table.elements._replace(
        source=np.searchsorted(nodes, table.elements.source).astype(np.int64),
        target=np.searchsorted(nodes, table.elements.target).astype(np.int64),
    )
    members, edges = _members(table.member_from, table.member)
    rounds = disjoint_rounds(
        np.where(sets >= 0, np.searchsorted(nodes, sets), -1).astype(np.int64),
        when,
        len(nodes),
        steps_of_cost(rules),
        np.array([limits.rounds_per_set, limits.rounds_when_many, limits.rounds], np.int64),
        limits.steps_per_set,
        rules.kernel(),
        elements,
        pools,
        _pairs(elements, len(nodes)),
        members,
        was_cut,
    )
    bounds, edge = _edges_of_hops(rounds.hops, members)
    return SetRounds(
        rounds.owner,
        (rounds.hops >= 0).sum(axis=1).astype(np.int64),
        rounds.changes,
        rounds.tonnes,
        bounds,
        edges[edge],
        was_cut,
    )


def _edges_of_hops(hops: Ints, members: Members) -> tuple[Ints, Ints]:
    """Edges of each hop, and their bounds of shape (rounds, hops + 1)."""
    size = np.where(hops >= 0, members.member_from[hops + 1] - members.member_from[hops], 0)
    flat = size.ravel()
    ends = np.cumsum(flat)
    begin = np.repeat(members.member_from[np.maximum(hops, 0)].ravel(), flat)
    bounds = np.zeros((len(size), size.shape[1] + 1), np.int64)
    bounds[:, 1:] = ends.reshape(size.shape)
    bounds[:, 0] = bounds[:, 1] - size[:, 0]
    return bounds, members.member[begin + within(flat)]
