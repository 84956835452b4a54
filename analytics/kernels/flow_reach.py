"""Which edges can lie on a path, and which nodes inside one: sets only, before any search.

Everything here errs on the side of keeping: an edge that is left out lies on no path.
"""

import numpy as np

from analytics.kernels.flow_edges import (
    NO_DAY,
    Bools,
    FlowChanges,
    FlowEdges,
    FlowRules,
    Ints,
    Numbers,
)


def usable_edges(edges: FlowEdges) -> Bools:
    """Edges between two known, different nodes on a known day."""
    found: Bools = (edges.source >= 0) & (edges.target >= 0) & (edges.day != NO_DAY)
    found &= edges.source != edges.target
    return found


def node_days(node: Numbers, day: Numbers) -> Ints:
    """One sortable number per node and day."""
    return (node.astype(np.int64) << 32) + (day.astype(np.int64) - NO_DAY)


def has_within(known: Ints, node: Numbers, first: Ints, last: Ints) -> Bools:
    """Whether sorted ``known`` (:func:`node_days`) has a day of the node from first to last."""
    if not known.size:
        return np.zeros(node.size, dtype=np.bool_)
    place = np.searchsorted(known, node_days(node, last), side="right") - 1
    newest = known[np.maximum(place, 0)]
    return (place >= 0) & (newest >= node_days(node, first))


def near_changes(
    edges: FlowEdges, rules: FlowRules, changes: FlowChanges, usable: Bools
) -> tuple[Bools, Bools]:
    """Usable edges and inner nodes that a path through a changed node may have.

    An inner node of such a path is at most two hand-overs from the changed one, and no edge that
    counts in its sums is more than three windows away in time.
    """
    if not changes.day.size:
        return np.zeros_like(usable), np.zeros_like(edges.passes)
    first = int(changes.day.min()) - 3 * rules.window
    last = int(changes.day.max()) + 3 * rules.window
    near = usable & (edges.day >= first) & (edges.day <= last)
    touched = np.zeros_like(edges.passes)
    touched[changes.node] = True
    touched &= edges.passes
    inner = touched.copy()
    inside = np.flatnonzero(near & edges.follows)
    source, target = edges.source[inside], edges.target[inside]
    is_inner = edges.passes[source] & edges.passes[target]
    source, target = source[is_inner], target[is_inner]
    for start, stop in ((source, target), (target, source)):
        reached = touched
        for _ in range(rules.hop_limit - 2):
            found = np.zeros_like(touched)
            found[stop[reached[start]]] = True
            inner |= found
            reached = found
    return near, inner


def live_edges(
    edges: FlowEdges, rules: FlowRules, usable: Bools, passes: Bools
) -> tuple[Ints, Bools]:
    """Positions of the edges that may lie on a path, and the nodes that may be inside one.

    An edge may lie on a path when it may open one, or when such an edge reached its source within
    the window before.
    """
    later = usable & edges.follows & ~(edges.strict & (edges.goods < 0))
    frontier = np.flatnonzero(usable & edges.opens)
    frontier = frontier[passes[edges.target[frontier]]]
    openings = frontier
    follows = np.zeros(edges.source.size, dtype=np.bool_)
    for _ in range(rules.hop_limit - 1):
        target = edges.target[frontier]
        reached = np.zeros_like(passes)
        reached[target] = True
        known = np.unique(node_days(target, edges.day[frontier]))
        next_ = np.flatnonzero(later)
        next_ = next_[reached[edges.source[next_]] & ~follows[next_]]
        day = edges.day[next_].astype(np.int64)
        next_ = next_[has_within(known, edges.source[next_], day - rules.window, day)]
        follows[next_] = True
        frontier = next_[passes[edges.target[next_]]]
    inner = np.zeros_like(passes)
    inner[edges.source[follows]] = True
    live = follows
    live[openings[inner[edges.target[openings]]]] = True
    return np.flatnonzero(live), inner
