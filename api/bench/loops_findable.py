"""Planted loops that a search must find, by its rules and from the loops' own papers alone.

Worked out anew here, from the definition in the docstring of :mod:`temporal_cycles`, so that what
is asked of the kernel is not what the kernel says. A loop can be found when one of its turns keeps
the rules: hand-overs in order of time, the quantity handed on within its band, changes of code
counted over papers without one, a manifest on the way, all within the window. A lot on several
trucks counts as the kernel takes it, with all that went from the one firm to the other under the
same code on that day: where that is something else as well, the lot need not be found.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from analytics.kernels.temporal_cycles import TimedEdges
from analytics.kernels.temporal_rules import UNKNOWN_WASTE, CycleRules
from api.bench.loops_planted import Planted
from api.bench.loops_planted_firms import LONGEST
from api.bench.loops_planted_papers import NO_CODE

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
# Sums of single-precision tonnes, in double precision.
ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class _Lots:
    """What is handed over at each hop of each turn, shape (turns, LONGEST); ``owner``: the loop.

    ``is_torn``: on trucks that no rule takes together.
    """

    owner: Ints
    first: Ints
    last: Ints
    tonnes: Floats
    code: Ints
    is_torn: Flags


def findable(planted: Planted, edges: TimedEdges, rules: CycleRules) -> Flags:
    """Which planted loops the rules can find, shape (loops,).

    Parameters
    ----------
    edges
        All edges of the search, those of the planted loops among them.
    """
    lots = _lots(planted, edges, rules)
    hops = planted.hops[lots.owner]
    on_way = np.arange(LONGEST) < hops[:, None]
    end = np.take_along_axis(lots.last, hops[:, None] - 1, axis=1)[:, 0]
    is_kept = (hops <= rules.hop_limit) & (end - lots.first[:, 0] <= rules.window)
    is_kept &= ~(lots.is_torn & on_way).any(axis=1)
    is_kept &= (_may_follow(lots, rules) | ~on_way[:, 1:]).all(axis=1)
    if rules.most_changes is not None:
        is_kept &= changes_of(lots.code, hops, rules.goods_from) <= rules.most_changes
    if rules.needs_mark:
        is_kept &= ((lots.code < rules.goods_from) & on_way).any(axis=1)
    can_be: Flags = np.bincount(lots.owner, is_kept, len(planted.hops)) > 0
    return can_be


def changes_of(code: Ints, hops: Ints, goods_from: int) -> Ints:
    """How often the code changes for certain on each way, shape (ways,).

    A waste of unknown code may be any waste, but is none of the goods.

    Parameters
    ----------
    code
        Shape (ways, n); from ``goods_from`` on goods, UNKNOWN_WASTE where not known. Only the first
        ``hops`` of each way count.
    """
    changes, before = np.zeros(len(code), np.int64), code[:, 0]
    for hop in range(1, code.shape[1]):
        here = code[:, hop]
        is_unknown = (here == UNKNOWN_WASTE) | (before == UNKNOWN_WASTE)
        is_other_kind = (here >= goods_from) != (before >= goods_from)
        is_changed = np.where(is_unknown, is_other_kind, here != before)
        changes += is_changed & (hop < hops)
        # Behind an unknown waste the last known one still counts.
        before = np.where((here == UNKNOWN_WASTE) & ~is_changed, before, here)
    return changes


def _may_follow(lots: _Lots, rules: CycleRules) -> Flags:
    """Of each hop but the first, whether it may follow the one before, shape (turns, n - 1)."""
    is_after = (lots.first[:, 1:] >= lots.first[:, :-1]) & (lots.last[:, 1:] >= lots.last[:, :-1])
    if not rules.has_flow:
        return is_after
    before, after = lots.tonnes[:, :-1], lots.tonnes[:, 1:]
    is_kept = _is_within(before, after, rules.flow_low, rules.flow_high)
    code, following = lots.code[:, :-1], lots.code[:, 1:]
    is_pooled = (code == following) & (code >= 0) & (code < rules.goods_from)
    is_pooled &= lots.first[:, 1:] - lots.last[:, :-1] <= rules.pool_length
    is_pooled &= _is_within(before, after, rules.pool_share, 1 / rules.pool_share)
    may: Flags = is_after & (is_kept | (is_pooled & (rules.pool_length > 0)))
    return may


def _is_within(before: Floats, after: Floats, low: float, high: float) -> Flags:
    return (after >= low * before * (1 - ROUNDING)) & (after <= high * before * (1 + ROUNDING))


def _lots(planted: Planted, edges: TimedEdges, rules: CycleRules) -> _Lots:
    """Lots of all turns, those on several trucks with what goes with them."""
    papers = planted.edges.timed()
    papers = replace(papers, code=np.where(papers.code == NO_CODE, UNKNOWN_WASTE, papers.code))
    turns, turn = np.unique(
        np.stack([planted.edges.loop, planted.turn]), axis=1, return_inverse=True
    )
    place, count = turn.reshape(-1) * LONGEST + planted.hop, turns.shape[1] * LONGEST
    # One of the papers of each lot; the others must be of the same bundle.
    one = np.zeros(count, np.int64)
    one[place] = np.arange(len(place))
    keys = _bundle_keys(papers, rules)
    is_apart = (keys != keys[:, one[place]]).any(axis=0)
    is_split = np.bincount(place, minlength=count) > 1
    is_torn = np.bincount(place, is_apart, count) > 0 if rules.bundle_length else is_split
    sums = _summed(place, count, papers)
    parted = np.flatnonzero(is_split & ~is_torn)
    for own, whole in zip(
        sums, _whole_bundles(papers.take(one[parted]), edges, rules), strict=True
    ):
        own[parted] = whole
    first, last, tonnes = (column.reshape(-1, LONGEST) for column in sums)
    return _Lots(
        turns[0].astype(np.int64),
        first.astype(np.int64),
        last.astype(np.int64),
        tonnes,
        papers.code[one].astype(np.int64).reshape(-1, LONGEST),
        is_torn.reshape(-1, LONGEST),
    )


def _bundle_keys(edges: TimedEdges, rules: CycleRules) -> Ints:
    """Firms, code and day of each edge, shape (4, edges): equal ones are taken together."""
    day = (edges.time.astype(np.int64) + rules.bundle_offset) // max(rules.bundle_length, 1)
    return np.stack([edges.source, edges.target, edges.code, day]).astype(np.int64)


def _summed(place: Ints, count: int, edges: TimedEdges) -> tuple[Floats, Floats, Floats]:
    """First time, last time and tonnes of the edges at each of ``count`` places, 0 for none."""
    first, last = np.full(count, np.inf), np.full(count, -np.inf)
    np.minimum.at(first, place, edges.time)
    np.maximum.at(last, place, edges.time)
    is_empty = np.isinf(first)
    first[is_empty] = last[is_empty] = 0.0
    tonnes = np.bincount(place, edges.tonnes.astype(np.float64), count).astype(np.float64)
    return first, last, tonnes


def _whole_bundles(
    wanted: TimedEdges, edges: TimedEdges, rules: CycleRules
) -> tuple[Floats, Floats, Floats]:
    """First time, last time and tonnes of all of ``edges`` that go with each of the wanted."""
    size = 1 + int(max(edges.source.max(initial=0), edges.target.max(initial=0)))
    is_giver, is_taker = np.zeros(size, np.bool_), np.zeros(size, np.bool_)
    is_giver[wanted.source] = is_taker[wanted.target] = True
    near = edges.take(np.flatnonzero(is_giver[edges.source] & is_taker[edges.target]))
    pair = near.source.astype(np.int64) * size + near.target
    wanted_pair = wanted.source.astype(np.int64) * size + wanted.target
    near = near.take(np.flatnonzero(np.isin(pair, wanted_pair)))
    keys = np.concatenate([_bundle_keys(one, rules) for one in (near, wanted)], axis=1)
    bundles, number = np.unique(keys, axis=1, return_inverse=True)
    number, sizes = number.reshape(-1), bundles.shape[1]
    first, last, tonnes = _summed(number[: len(near.source)], sizes, near)
    own = number[len(near.source) :]
    return first[own], last[own], tonnes[own]
