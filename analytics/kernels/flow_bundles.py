"""Lots of one pair, day and kind side by side: searched as one, listed one by one.

Whether a lot fits on a path asks only that it is not larger than what the sums allow, so the
lots of a bundle that fit are always its smallest ones.
"""

from typing import NamedTuple

import numpy as np

from analytics.kernels.flow_edges import Bools, FlowEdges, FlowRules, Ints
from analytics.kernels.flow_sums import UNKNOWN, Sums, grams_of, grams_within_each, running_sums

OPENS, FOLLOWS, STRICT = 1, 2, 4


class Bundles(NamedTuple):
    """Bundles in order of source, day and target, and their lots.

    ``flags`` adds OPENS, FOLLOWS and STRICT; ``pair`` is a group of ``Ledger.pair``; the lots of
    bundle ``b`` are ``lot[start[b]:start[b + 1]]`` (positions in the edges) with ``grams``
    ascending, unknown ones first. ``taken``: what its source took in during the window up to its
    day; ``given``: what its target hands on during the window from its day.
    """

    source: Ints
    target: Ints
    day: Ints
    goods: Ints
    flags: Ints
    pair: Ints
    start: Ints
    lot: Ints
    grams: Ints
    taken: Ints
    given: Ints


class Ledger(NamedTuple):
    """Sums of each pair that has an inner node, and first bundle of each node."""

    pair: Sums
    first: Ints


def make_bundles(
    edges: FlowEdges, rules: FlowRules, live: Ints, usable: Bools, inner: Bools
) -> tuple[Bundles, Ledger]:
    """Bundles of the live edges, with the sums of all usable edges at inner nodes."""
    nodes = edges.passes.size
    around = np.flatnonzero(usable)
    around = around[inner[edges.source[around]] | inner[edges.target[around]]]
    source, target = (side[around].astype(np.int64) for side in (edges.source, edges.target))
    day, grams = edges.day[around], grams_of(edges.tonnes[around])
    pairs, pair = np.unique(source * nodes + target, return_inverse=True)
    taken = running_sums(target, day, grams, nodes)
    given = running_sums(source, day, grams, nodes)
    by_pair = running_sums(pair.ravel().astype(np.int64), day, grams, pairs.size)
    bundles = _bundled(edges, live, pairs)
    last = bundles.day + rules.window
    bundles = bundles._replace(
        taken=grams_within_each(taken, bundles.source, bundles.day - rules.window, bundles.day),
        given=grams_within_each(given, bundles.target, bundles.day, last),
    )
    first = np.searchsorted(bundles.source, np.arange(nodes + 1)).astype(np.int64)
    return bundles, Ledger(by_pair, first)


def _bundled(edges: FlowEdges, live: Ints, pairs: Ints) -> Bundles:
    source, target, day, goods = (
        side[live].astype(np.int64) for side in (edges.source, edges.target, edges.day, edges.goods)
    )
    grams = grams_of(edges.tonnes[live])
    flags = OPENS * edges.opens[live] + FOLLOWS * edges.follows[live]
    flags = flags.astype(np.int64) + STRICT * edges.strict[live]
    order = np.lexsort((live, grams, flags, goods, target, day, source))
    columns = [c[order] for c in (source, target, day, goods, flags)]
    is_first = np.ones(live.size, dtype=np.bool_)
    is_first[1:] = np.logical_or.reduce([c[1:] != c[:-1] for c in columns])
    start = np.flatnonzero(is_first)
    source, target, day, goods, flags = (c[start] for c in columns)
    nothing = np.full(start.size, UNKNOWN, dtype=np.int64)
    return Bundles(
        source,
        target,
        day,
        goods,
        flags,
        np.searchsorted(pairs, source * edges.passes.size + target).astype(np.int64),
        np.append(start, live.size).astype(np.int64),
        live[order].astype(np.int64),
        grams[order],
        nothing,
        nothing,
    )
