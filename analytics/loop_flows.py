"""Lots put together or shared out at a firm: whether all that it took in and gave out fits.

The search lets a lot of one code go on as part of a larger one, or in parts, when it goes on soon
(``CycleRules.pool_length``). Here the whole of the firm's papers is asked: a larger lot needs
enough of the code taken in before it, a smaller one enough given out after the lot came. What
does not fit was another lot, and the round is none.

Only lots of waste are pooled (``CycleRules.goods_from``). Goods of one class come and go every
week at any firm that trades in them: the sums would nearly always fit and show nothing. A lot of
10 t bought and one of 30 t sold are two lots there.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.kernels.temporal_cycles import CycleRules, Cycles, TimedEdges
from analytics.kernels.temporal_elements import NO_TIME, Floats, Ints
from analytics.kernels.temporal_rules import SLACK
from analytics.loop_hops import hops_of, taken_together


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
    used = np.flatnonzero(
        np.isin(node, asked.node)
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
    order = np.argsort(place, kind="stable")
    place = place[order]
    sums = np.concatenate([[0.0], np.cumsum(edges.tonnes[used][order], dtype=np.float64)])
    begin = (asked.node * stride + asked.code) * length
    since = np.clip(asked.since - first, 0, length - 1)
    until = np.clip(asked.until - first, -1, length - 1)
    low = np.searchsorted(place, begin + since, "left")
    high = np.maximum(np.searchsorted(place, begin + until, "right"), low)
    found: Floats = sums[high] - sums[low]
    return found


def rounds_with_flow(cycles: Cycles, edges: TimedEdges, rules: CycleRules) -> NDArray[np.bool_]:
    """Whether each round of ``cycles``, found among ``edges``, keeps its flow at every firm.

    Hand-overs within the flow band need nothing more. A lot that goes on larger needs
    ``next / flow_high`` of its code taken in within ``pool_length`` before the next leaves; one
    that goes on smaller needs ``flow_low`` of it given out within ``pool_length`` after it came.
    """
    holds = np.ones(len(cycles.round_set), np.bool_)
    if not rules.pool_length or not len(holds):
        return holds
    hops = hops_of(cycles)
    first, last, tonnes, code = taken_together(cycles, edges, hops)
    after = np.flatnonzero(hops.place > 0)
    before = after - 1
    node = edges.source[cycles.hop_edge[hops.begin[after]]].astype(np.int64)
    # Unknown quantities compare false: they never break a flow.
    is_larger = tonnes[after] > rules.flow_high * tonnes[before] * (1 + SLACK)
    is_smaller = tonnes[after] < rules.flow_low * tonnes[before] * (1 - SLACK)
    fits = np.ones(len(after), np.bool_)
    for chosen, ends, asked, needed in (
        (
            is_larger,
            edges.target,
            Asked(node, code[after], first[after] - rules.pool_length, last[after]),
            tonnes[after] / rules.flow_high,
        ),
        (
            is_smaller,
            edges.source,
            Asked(node, code[before], first[before], last[before] + rules.pool_length),
            tonnes[before] * rules.flow_low,
        ),
    ):
        at = np.flatnonzero(chosen)
        if len(at):
            part = Asked(asked.node[at], asked.code[at], asked.since[at], asked.until[at])
            fits[at] = _known_tonnes(ends, edges, part) >= needed[at] * (1 - SLACK)
    holds[hops.round[after[~fits]]] = False
    return holds
