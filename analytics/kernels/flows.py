"""Paths of goods through few hands: arrays in, arrays out.

Definition. A path is two to ``hop_limit`` edges e1, e2, ...; e1 may open, each later edge starts
where the one before ends and may follow it; all nodes are distinct; inner nodes may be passed;
days are non-decreasing and the last is at most ``window`` days after the first. Between an edge e
into a node and the next edge f out of it the flow must hold wherever quantities are known:

- what the node sends to f's target from e's day on, within the window, is at least ``low`` of e;
- f is at most ``high`` of all that the node took in during the window before f;
- e's source gives at least ``concentration`` of the node's intake, or f's target takes that share
  of what it hands on: of an honest trader's many flows no two belong together by chance.

A test with an unknown quantity in it holds. An edge marked strict follows only an edge of its own
goods. Parallel edges are paths of their own; edges of one day may follow each other in either
order. A self-loop, and an edge without a day or an end, is on no path and in no sum.

Method. Sets first: what cannot be reached from an opening edge, and what is not at a node between
two such edges, is dropped before anything is searched. Parallel edges of one day are one bundle in
the search. Work and output are bounded in all and for each first pair, so that one monstrous pair
does not hide the others; the pairs that were cut are named.
"""

from dataclasses import astuple, replace

import numpy as np

from analytics.kernels.flow_bundles import Bundles, Ledger, make_bundles
from analytics.kernels.flow_edges import (
    LONGEST,
    NO_DAY,
    Bools,
    FlowChanges,
    FlowEdges,
    FlowLimits,
    FlowPaths,
    FlowRules,
    Ints,
)
from analytics.kernels.flow_reach import (
    has_within,
    live_edges,
    near_changes,
    node_days,
    usable_edges,
)
from analytics.kernels.flow_search import Changed, Limits, openings_of, search


def find_paths(
    edges: FlowEdges,
    rules: FlowRules,
    limits: FlowLimits | None = None,
    changes: FlowChanges | None = None,
) -> FlowPaths:
    """All paths of the definition, or as many as the limits allow.

    Complexity: a few passes over the edges, a sort of those at inner nodes, and the steps of the
    search, each with a few binary searches.

    Parameters
    ----------
    changes
        Only paths whose truth may rest on these changes are given. Kept paths for which
        :func:`rest_on` says no, together with these, are the paths of the full run, but for first
        pairs that a limit cut.

    Raises
    ------
    ValueError
        For a hop limit outside 2 to 4.
    """
    if not 2 <= rules.hop_limit <= LONGEST:
        raise ValueError(f"hop limit {rules.hop_limit} must lie within 2 and {LONGEST}")
    limits = limits or FlowLimits()
    usable, passes = usable_edges(edges), edges.passes
    unusable = int(usable.size - np.count_nonzero(usable))
    if changes is not None:
        changes = _dated(changes)
        usable, passes = near_changes(edges, rules, changes, usable)
    live, inner = live_edges(edges, rules, usable, passes)
    if not live.size:
        return FlowPaths(_no_paths(), np.empty((0, 2), dtype=np.int64), unusable)
    bundles, ledger = make_bundles(edges, rules, live, usable, inner)
    changed = _by_node(changes, edges.passes.size)
    found, pairs = _in_two_rounds(bundles, ledger, inner, changed, rules, limits)
    return FlowPaths(found, pairs, unusable)


def _in_two_rounds(
    bundles: Bundles,
    ledger: Ledger,
    inner: Bools,
    changed: Changed,
    rules: FlowRules,
    limits: FlowLimits,
) -> tuple[Ints, Ints]:
    """Paths and cut pairs: an equal share for every first pair, then the rest for the unfinished.

    So a pair that would use up everything takes nothing from those that need little.
    """
    openings = openings_of(bundles)
    pair = bundles.pair[openings]
    pairs = np.unique(pair).size
    found = np.empty((limits.paths, LONGEST), dtype=np.int64)

    def run(chosen: Ints, share: FlowLimits, out: Ints) -> tuple[int, int, Ints]:
        is_cut = np.zeros(chosen.size, dtype=np.int64)
        bounds = Limits(*astuple(rules), *astuple(share))
        count, steps = search(chosen, inner, bundles, ledger, changed, bounds, out, is_cut)
        return count, steps, chosen[is_cut > 0]

    fair = replace(
        limits,
        pair_steps=min(limits.pair_steps, max(1, limits.steps // max(pairs, 1))),
        pair_paths=min(limits.pair_paths, max(1, limits.paths // max(pairs, 1))),
    )
    count, steps, cut = run(openings, fair, found)
    if cut.size:
        rest = replace(limits, steps=limits.steps - steps, paths=limits.paths - count)
        again = openings[np.isin(pair, bundles.pair[cut])]
        more, _, cut = run(again, rest, found[count:])
        found = np.unique(found[: count + more], axis=0)
    else:
        found = found[:count]
        found = found[np.lexsort(found.T[::-1])]
    ends = np.column_stack((bundles.source[cut], bundles.target[cut]))
    return found, np.unique(ends, axis=0).reshape(-1, 2)


def rest_on(paths: Ints, edges: FlowEdges, rules: FlowRules, changes: FlowChanges) -> Bools:
    """Whether the truth of each path may rest on the changes; paths as in :class:`FlowPaths`."""
    changes = _dated(changes)
    known = np.unique(node_days(changes.node, changes.day))
    found = np.zeros(len(paths), dtype=np.bool_)
    for e, f in zip(paths.T[:-1], paths.T[1:], strict=True):
        place = np.flatnonzero(f >= 0)
        e, f = e[place], f[place]
        first = edges.day[f].astype(np.int64) - rules.window
        last = edges.day[e].astype(np.int64) + rules.window
        found[place] |= has_within(known, edges.source[f], first, last)
    return found


def _no_paths() -> Ints:
    return np.empty((0, LONGEST), dtype=np.int64)


def _dated(changes: FlowChanges) -> FlowChanges:
    is_known = (changes.node >= 0) & (changes.day != NO_DAY)
    return FlowChanges(changes.node[is_known], changes.day[is_known])


def _by_node(changes: FlowChanges | None, nodes: int) -> Changed:
    if changes is None:
        return Changed(np.zeros(nodes + 1, dtype=np.int64), np.empty(0, dtype=np.int64))
    order = np.lexsort((changes.day, changes.node))
    start = np.searchsorted(changes.node[order], np.arange(nodes + 1)).astype(np.int64)
    return Changed(start, changes.day[order].astype(np.int64))
