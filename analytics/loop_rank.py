"""In which order loops are read: how little chance explains each, in bits.

Firms that trade by the thousand close loops by chance, the more the busier they are and the
rounder their lots. A loop's bits are minus the binary logarithm of the number of loops like it
that are to be expected in a graph of the same firms, partners drawn at random (a configuration
model), with quantities, codes and times of the edges drawn from all edges:

- ``rarity_bits``: over the hops, ``-log2(out * in * N / E)`` of the firm that hands on, where
  ``out`` and ``in`` count its edges, ``N`` firms and ``E`` edges. A hub costs; so does each hop.
- ``flow_bits``: over the hand-overs whose two quantities are known, minus log2 of the share of all
  known quantities that lie as near to the first one as the second does (at least 1 %, the error of
  a scale). Lots of 10 t are common, so that two of them say little; 13.87 t twice says much.
- ``code_bits``: over the hand-overs that keep a known code, of waste or of goods, minus log2 of
  that code's share.
- ``pace_bits``: over the hand-overs, ``log2(T / wait)``, T the span of all edges, waits of at least
  a day.
- ``choice_bits``: minus log2 of closed walks per round: among many walks one fits well by chance.
- ``repeat_bits``: two for each doubling of rounds begun on distinct days. Regular trade repeats as
  well, so a further round counts less than the first.
- ``weight_bits``: log2 of 1 + tonnes / 3: harm, not surprise; 3 t is where the criminal law begins.

The score is the sum. It orders a list; it is no probability and no grade rests on it.
"""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from analytics.kernels.temporal_cycles import Cycles, TimedEdges
from analytics.kernels.temporal_elements import NO_TIME, Floats, Ints
from analytics.loop_hops import hops_of, taken_together

NEAR = 0.01
REPEAT_BITS = 2.0
HEAVY_T = 3.0


@dataclass(frozen=True, slots=True)
class LoopFacts:
    """What the order rests on, one value per node set; shape (k,) each.

    Those of one round are of the set's most surprising round. ``tonnes`` is the smallest known
    quantity on its way (NaN: none known), ``rounds`` those that share no edge, ``days_begun`` the
    distinct days on which they begin, ``busiest`` the most edges at any of the nodes. A set
    whose rounds were cut away entirely has ``rounds`` 0 and only ``rarity_bits``.
    """

    walks: Ints
    rounds: Ints
    days_begun: Ints
    tonnes: Floats
    busiest: Ints
    rarity_bits: Floats
    flow_bits: Floats
    code_bits: Floats
    pace_bits: Floats


@dataclass(frozen=True, slots=True)
class RankParts:
    """Parts of the score in bits, shape (k,) each; their sum is the score."""

    rarity_bits: Floats
    flow_bits: Floats
    code_bits: Floats
    pace_bits: Floats
    choice_bits: Floats
    repeat_bits: Floats
    weight_bits: Floats

    @property
    def scores(self) -> Floats:
        """Sum of the parts."""
        total: Floats = np.sum([getattr(self, part.name) for part in fields(self)], axis=0)
        return total


def rank_parts(facts: LoopFacts) -> RankParts:
    """Each part of the score; equal facts, equal scores, higher first."""
    rounds = np.maximum(facts.rounds, 1)
    return RankParts(
        facts.rarity_bits,
        facts.flow_bits,
        facts.code_bits,
        facts.pace_bits,
        -np.log2(np.maximum(facts.walks, rounds) / rounds),
        REPEAT_BITS * np.log2(np.clip(facts.days_begun, 1, rounds)),
        np.log2(1 + np.nan_to_num(facts.tonnes) / HEAVY_T),
    )


def _share_near(known: Floats, centre: Floats, distance: Floats) -> Floats:
    """Share of the sorted ``known`` values that lie within ``distance`` of each centre."""
    low = np.searchsorted(known, centre - distance, "left")
    high = np.searchsorted(known, centre + distance, "right")
    share: Floats = np.maximum(high - low, 1) / max(len(known), 1)
    return share


def _flow_bits(tonnes: Floats, before: Floats, after: Floats) -> Floats:
    """Bits of hand-overs with these quantities, 0 where one is unknown."""
    known = np.sort(np.log(tonnes[np.isfinite(tonnes) & (tonnes > 0)]))
    bits = np.zeros(len(before))
    is_known = np.isfinite(before) & np.isfinite(after)
    first, second = np.log(before[is_known]), np.log(after[is_known])
    # Rounding must not push an equal quantity over the edge of its own neighbourhood.
    distance = np.maximum(np.abs(second - first), NEAR) * (1 + 1e-9)
    bits[is_known] = -np.log2(_share_near(known, first, distance))
    return bits


def _code_bits(code: Ints, before: Ints, after: Ints) -> Floats:
    """Bits of hand-overs from code to code, 0 where one is unknown or it changes."""
    bits = np.zeros(len(before))
    is_kept = (before >= 0) & (before == after)
    if is_kept.any():
        count = np.bincount(code[code >= 0])
        bits[is_kept] = -np.log2(count[before[is_kept]] / len(code))
    return bits


def _rarity(cycles: Cycles, edges: TimedEdges, valid: NDArray[np.bool_]) -> tuple[Floats, Ints]:
    """Bits of each node set by the degrees of its nodes, and the most edges at one of them."""
    source, target = edges.source[valid], edges.target[valid]
    size = 1 + int(max(edges.source.max(initial=0), edges.target.max(initial=0)))
    leaving, coming = np.bincount(source, minlength=size), np.bincount(target, minlength=size)
    degree = leaving + coming
    nodes, is_node = np.maximum(cycles.nodes, 0), cycles.nodes >= 0
    ways = np.log2(np.maximum(leaving * coming, 1)[nodes])
    mean = np.log2(max(len(source), 1) / max(int(np.count_nonzero(degree)), 1))
    rarity = np.where(is_node, mean - ways, 0.0).sum(axis=1)
    return rarity, np.where(is_node, degree[nodes], 0).max(axis=1, initial=0).astype(np.int64)


def loop_facts(cycles: Cycles, edges: TimedEdges, day: int, day_offset: int = 0) -> LoopFacts:
    """Facts of each node set of ``cycles``, which were found among ``edges``.

    Parameters
    ----------
    edges
        All edges of the search, node numbers dense: memory is bounded by the largest number.
    day, day_offset
        Length of a day in units of time, and what is added to a time before it is cut into days.
    """
    valid = (edges.source != edges.target) & (edges.time != NO_TIME)
    valid &= ~((edges.tonnes <= 0) | np.isinf(edges.tonnes))
    hops = hops_of(cycles)
    time, last, tonnes, code = taken_together(cycles, edges, hops)
    is_inner = hops.place[1:] > 0
    before, after = np.flatnonzero(is_inner), np.flatnonzero(is_inner) + 1
    of_round = hops.round[after]
    total = len(cycles.round_set)
    span = float(np.ptp(edges.time[valid])) if valid.any() else 0.0
    wait: Floats = np.maximum(time[after] - last[before], day).astype(np.float64)

    def per_round(bits: Floats) -> Floats:
        return np.bincount(of_round, bits, minlength=total).astype(np.float64)

    flow = per_round(_flow_bits(edges.tonnes[valid], tonnes[before], tonnes[after]))
    kept = per_round(_code_bits(edges.code[valid], code[before], code[after]))
    pace = per_round(np.log2(max(span, day)) - np.log2(wait))
    rarity, busiest = _rarity(cycles, edges, valid)
    best, rounds, days = _best_rounds(cycles, flow + kept + pace, time[hops.place == 0], day,
                                      day_offset)  # fmt: skip
    has_round = best >= 0

    def of_best(values: Floats, missing: float) -> Floats:
        out = np.full(len(best), missing)
        out[has_round] = values[best[has_round]]
        return out

    return LoopFacts(
        cycles.walks,
        rounds,
        days,
        of_best(cycles.round_tonnes, np.nan),
        busiest,
        rarity,
        of_best(flow, 0.0),
        of_best(kept, 0.0),
        of_best(pace, 0.0),
    )


def _best_rounds(
    cycles: Cycles, bits: Floats, started: Ints, day: int, day_offset: int
) -> tuple[Ints, Ints, Ints]:
    """Each set's round with the most bits (-1: none), its rounds, and the days they begin on."""
    count, owner = len(cycles.walks), cycles.round_set
    best = np.full(count, -1, np.int64)
    # Written last wins: the most bits, then the earlier round.
    order = np.lexsort((-np.arange(len(owner)), bits))
    best[owner[order]] = order
    days = np.unique(np.stack([owner, (started + day_offset) // day], axis=1), axis=0)
    return (
        best,
        np.bincount(owner, minlength=count).astype(np.int64),
        np.bincount(days[:, 0], minlength=count).astype(np.int64),
    )
