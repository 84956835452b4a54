"""Records without code that contradict each other, and so never become one through a third.

A 简称, or a name without its trade, may fit two firms; strongest-edge-first clustering would join
both through it. Codes prevent that where there are any. Where there are none, two records that
weigh clearly against being one are kept apart, unless an edge says more for it than they say
against it: all pairs without code within a component of the
usable edges are compared, whatever keys they share, so the result depends on the component alone.
"""

import numpy as np
import polars as pl
from numba import njit

from ingest.resolve.cluster import Edges, Ints
from ingest.resolve.compare import Records, compare, pack_records
from ingest.resolve.score import Scale, weigh_pairs

# Bits below which two records are held to be different firms.
CONTRADICTORY_BITS = -6.0
# Components of more records without code than this are left to the edges.
MOST_MEMBERS = 400


@njit(cache=True)
def _components(n: int, a: Ints, b: Ints) -> Ints:
    """Smallest record number of each record's component."""
    parent = np.arange(n)
    for e in range(a.size):
        i, j = a[e], b[e]
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        while parent[j] != j:
            parent[j] = parent[parent[j]]
            j = parent[j]
        if i < j:
            parent[j] = i
        else:
            parent[i] = j
    for i in range(n):
        parent[i] = parent[parent[i]]
    return parent


def _pairs_within(group: Ints) -> tuple[Ints, Ints]:
    """All pairs of places with one value in ``group``, which is sorted."""
    starts = np.flatnonzero(np.r_[True, group[1:] != group[:-1]])
    size = np.diff(np.r_[starts, len(group)])
    following = np.repeat(starts + size, size) - np.arange(len(group)) - 1
    first = np.repeat(np.arange(len(group)), following)
    start = np.cumsum(following) - following
    return first, first + 1 + np.arange(len(first)) - start[first]


def contradictory_pairs(
    records: pl.DataFrame, packed: Records, edges: Edges, by: Scale
) -> tuple[Ints, Ints]:
    """Pairs ``a < b`` of records without code that are not to become one.

    Parameters
    ----------
    records
        Records with their texts.
    packed
        Their arrays; the characters of texts are not read.
    edges
        Edges that may join.
    by
        The weights, with what is known of the values of these records.
    """
    root = _components(records.height, edges.a, edges.b)
    own = np.flatnonzero(packed.code < 0)
    members = np.bincount(root[own], minlength=records.height)
    whole = np.bincount(root, minlength=records.height)
    group = root[own]
    chosen = own[(members[group] > 1) & (whole[group] > 2) & (members[group] <= MOST_MEMBERS)]
    chosen = chosen[np.argsort(root[chosen], kind="stable")]
    if not len(chosen):
        return chosen, chosen
    said = records[chosen].with_columns(
        pl.when(pl.Series(number[chosen] >= 0)).then(name).otherwise(pl.lit("")).alias(name)
        for name, number in (("phone", packed.phone), ("address", packed.address.number))
    )
    one, two = _pairs_within(root[chosen])
    levels = compare(pack_records(said), one, two)
    a, b = chosen[one], chosen[two]
    weight = weigh_pairs(packed, by, a, b, levels)
    apart = weight <= CONTRADICTORY_BITS
    return a[apart], b[apart]
