"""Lots put together or shared out at a node: whether all that it took in and gave out fits.

The search lets a lot of one code go on as part of a larger one, or in parts, when it goes on soon
(``CycleRules.pool_length``). Here all of the node's edges are asked: a lot larger than the one
before needs enough of its code taken in before it leaves, a lot that goes on smaller enough of it
given out after it came. What does not fit was another lot, and the walk is no round.

Only codes below ``goods_from`` are pooled. Goods of one class come and go every week at any firm
that trades in them: the sums would nearly always fit and show nothing. A lot of 10 t bought and
one of 30 t sold are two lots there.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from analytics.kernels.temporal_elements import NO_TIME, Elements, Floats, Ints, TimedEdges
from analytics.kernels.temporal_rules import SLACK, CycleRules


class Pools(NamedTuple):
    """Of each element, shape (m,): whether it may be a lot put together, or be shared out.

    ``is_put_together``: its source took in enough of its code before it leaves.
    ``is_shared_out``: its target gave out enough of its code after it came.
    """

    is_put_together: NDArray[np.bool_]
    is_shared_out: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Asked:
    """Sums wanted: node, code, and the first and last time that count; shape (k,) each."""

    node: Ints
    code: Ints
    since: Ints
    until: Ints


def _known_tonnes(node: NDArray[np.integer], edges: TimedEdges, asked: Asked) -> Floats:
    """Known tonnes of the edges whose ``node`` and code are asked for, within the time."""
    stride = int(asked.code.max()) + 1
    is_asked = np.zeros(int(max(node.max(initial=0), asked.node.max())) + 1, np.bool_)
    is_asked[asked.node] = True
    used = np.flatnonzero(
        is_asked[node]
        & (edges.code >= 0)
        & (edges.code < stride)
        & (edges.time != NO_TIME)
        & np.isfinite(edges.tonnes)
        & (edges.tonnes > 0)
        & (edges.source != edges.target)
    )
    time = edges.time[used].astype(np.int64)
    first = int(time.min(initial=0))
    length = int(time.max(initial=0)) - first + 2
    # Node, code and time in one number, so that one sorted array answers all.
    place = (node[used].astype(np.int64) * stride + edges.code[used]) * length + time - first
    # Ties by quantity: sums must not depend on the order of the input.
    order = np.lexsort((edges.tonnes[used], place))
    place = place[order]
    sums = np.concatenate([[0.0], np.cumsum(edges.tonnes[used][order], dtype=np.float64)])
    begin = (asked.node * stride + asked.code) * length
    since = np.clip(asked.since - first, 0, length - 1)
    until = np.clip(asked.until - first, -1, length - 1)
    low = np.searchsorted(place, begin + since, "left")
    high = np.maximum(np.searchsorted(place, begin + until, "right"), low)
    found: Floats = sums[high] - sums[low]
    return found


def pools_of(elements: Elements, edges: TimedEdges, rules: CycleRules) -> Pools:
    """What may be pooled of ``elements``, by all ``edges`` that the nodes took in and gave out.

    A lot put together needs ``tonnes / flow_high`` taken in within ``pool_length`` before it
    leaves; one that is shared out ``tonnes * flow_low`` given out within ``pool_length`` after it
    came.
    """
    pools = Pools(*(np.zeros(len(elements.code), np.bool_) for _ in range(2)))
    at = np.flatnonzero(
        (elements.code >= 0) & (elements.code < rules.goods_from) & ~np.isnan(elements.tonnes)
    )
    if not rules.pool_length or not len(at):
        return pools
    code, start, end = elements.code[at], elements.start[at], elements.end[at]
    taken = Asked(elements.source[at], code, start - rules.pool_length, end)
    given = Asked(elements.target[at], code, start, end + rules.pool_length)
    needed = elements.tonnes[at] * (1 - SLACK)
    pools.is_put_together[at] = (
        _known_tonnes(edges.target, edges, taken) >= needed / rules.flow_high
    )
    pools.is_shared_out[at] = _known_tonnes(edges.source, edges, given) >= needed * rules.flow_low
    return pools
