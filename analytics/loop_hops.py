"""Hops of the rounds of loops as arrays: which edges each takes together, and what they carry."""

from dataclasses import dataclass

import numpy as np

from analytics.kernels.temporal_cycles import Cycles, TimedEdges
from analytics.kernels.temporal_elements import Floats, Ints


@dataclass(frozen=True, slots=True)
class Hops:
    """Hops of all rounds, one after the other: ``round`` they belong to and ``place`` in it."""

    round: Ints
    place: Ints
    begin: Ints
    end: Ints


def hops_of(cycles: Cycles) -> Hops:
    """Hops of all rounds, in order."""
    count = cycles.round_hops
    owner = np.repeat(np.arange(len(count)), count)
    place = np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count)
    return Hops(owner, place, cycles.hop_from[owner, place], cycles.hop_from[owner, place + 1])


def taken_together(
    cycles: Cycles, edges: TimedEdges, hops: Hops
) -> tuple[Ints, Ints, Floats, Ints]:
    """First time, last time, summed tonnes and code of the edges of each hop."""
    if not len(hops.begin):
        empty = np.empty(0, np.int64)
        return empty, empty, np.empty(0), empty
    size = hops.end - hops.begin
    inside = np.arange(int(size.sum())) - np.repeat(np.cumsum(size) - size, size)
    members = cycles.hop_edge[np.repeat(hops.begin, size) + inside]
    starts = np.cumsum(size) - size
    return (
        np.minimum.reduceat(edges.time[members], starts),
        np.maximum.reduceat(edges.time[members], starts),
        np.add.reduceat(edges.tonnes[members], starts),
        edges.code[members][starts],
    )
