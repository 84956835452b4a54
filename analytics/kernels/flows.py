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
goods. Parallel edges are paths of their own; a self-loop is on no path; edges of one day may
follow each other in either order. Work is bounded by ``steps`` and output by ``paths``.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
SLACK = 1e-9
LONGEST = 4


@dataclass(frozen=True, slots=True)
class FlowEdges:
    """Edges by position. ``goods`` -1 and ``tonnes`` NaN are unknown.

    ``opens``: may be the first edge; ``follows``: may be a later one; ``strict``: may follow only
    an edge of equal, known goods. ``passes`` is by node: may be an inner node.
    """

    source: Ints
    target: Ints
    day: Ints
    tonnes: Floats
    goods: Ints
    opens: Bools
    follows: Bools
    strict: Bools
    passes: Bools


@dataclass(frozen=True, slots=True)
class FlowRules:
    """Days and ratios of the definition; ``hop_limit`` at most 4."""

    window: int
    hop_limit: int
    low: float
    high: float
    concentration: float


@dataclass(frozen=True, slots=True)
class FlowPaths:
    """Edge positions of each path, -1 behind the last, in order of their numbers; shape (n, 4).

    ``is_cut``: the search stopped at a limit and more may exist.
    """

    edges: Ints
    is_cut: bool


class Sums(NamedTuple):
    """Running sums of known tonnes and counts of unknown ones, per group of sorted edges.

    ``group`` of an edge, first position of each group in ``order`` (``start``), days in that
    order, and the sums with a leading zero.
    """

    group: Ints
    start: Ints
    day: Ints
    tonnes: Floats
    unknown: Ints


class Ledger(NamedTuple):
    """Sums of a node's intake, of what it hands on, and of each pair."""

    taken: Sums
    given: Sums
    pair: Sums


def _sums(key: Ints, day: Ints, tonnes: Floats) -> Sums:
    _, group = np.unique(key, return_inverse=True)
    group = group.astype(np.int64).ravel()
    order = np.lexsort((np.arange(key.size), day, group))
    sizes = np.bincount(group, minlength=1)
    known = np.nan_to_num(tonnes[order], nan=0.0)
    return Sums(
        group,
        np.concatenate(([0], np.cumsum(sizes))).astype(np.int64),
        day[order].astype(np.int64),
        np.concatenate(([0.0], np.cumsum(known))),
        np.concatenate(([0], np.cumsum(np.isnan(tonnes[order])))).astype(np.int64),
    )


@njit(cache=True)
def _between(sums: Sums, group: int, first: int, last: int) -> float:
    """Tonnes of a group from day ``first`` to ``last``; NaN when one of them is unknown."""
    start, stop = sums.start[group], sums.start[group + 1]
    low = start + np.searchsorted(sums.day[start:stop], first)
    high = start + np.searchsorted(sums.day[start:stop], last, side="right")
    if sums.unknown[high] > sums.unknown[low]:
        return np.nan
    return float(sums.tonnes[high] - sums.tonnes[low])


@njit(cache=True)
def _flow_holds(
    e: int,
    f: int,
    day: Ints,
    tonnes: Floats,
    ledger: Ledger,
    limits: tuple[int, float, float, float],
) -> bool:
    window, low, high, concentration = limits
    sent = _between(ledger.pair, ledger.pair.group[f], day[e], day[e] + window)
    if sent < low * tonnes[e] * (1 - SLACK):
        return False
    taken = _between(ledger.taken, ledger.taken.group[e], day[f] - window, day[f])
    if tonnes[f] > high * taken * (1 + SLACK):
        return False
    own = _between(ledger.pair, ledger.pair.group[e], day[f] - window, day[f])
    given = _between(ledger.given, ledger.given.group[f], day[e], day[e] + window)
    is_thin_in = own < concentration * taken * (1 - SLACK)
    is_thin_out = sent < concentration * given * (1 - SLACK)
    return not (is_thin_in and is_thin_out)


@njit(cache=True)
def _search(
    first: Ints,
    order: Ints,
    source: Ints,
    target: Ints,
    day: Ints,
    tonnes: Floats,
    goods: Ints,
    flags: Bools,
    passes: Bools,
    ledger: Ledger,
    hop_limit: int,
    limits: tuple[int, float, float, float],
    steps: int,
    found: Ints,
) -> tuple[int, bool]:
    """Depth-first over ``order`` (edges by source and day); ``found`` is filled row by row."""
    count, used = 0, 0
    path = np.full(LONGEST, -1, dtype=np.int64)
    cursor = np.zeros(LONGEST, dtype=np.int64)
    for opening in range(source.size):
        if not flags[opening, 0] or source[opening] == target[opening]:
            continue
        path[:] = -1
        path[0] = opening
        depth = 0
        cursor[0] = first[target[opening]]
        while depth >= 0:
            e = path[depth]
            node = target[e]
            if depth + 1 >= hop_limit or not passes[node] or cursor[depth] >= first[node + 1]:
                path[depth] = -1
                depth -= 1
                continue
            f = order[cursor[depth]]
            cursor[depth] += 1
            used += 1
            if used > steps:
                return count, True
            if day[f] < day[e] or day[f] - day[opening] > limits[0] or not flags[f, 1]:
                continue
            if flags[f, 2] and (goods[f] < 0 or goods[f] != goods[e]):
                continue
            is_new = target[f] != source[opening]
            for i in range(depth + 1):
                is_new = is_new and target[f] != target[path[i]]
            if not is_new or not _flow_holds(e, f, day, tonnes, ledger, limits):
                continue
            if count == found.shape[0]:
                return count, True
            depth += 1
            path[depth] = f
            cursor[depth] = first[target[f]]
            found[count] = path
            count += 1
    return count, False


def find_paths(edges: FlowEdges, rules: FlowRules, *, steps: int, paths: int) -> FlowPaths:
    """All paths of the definition, or as many as the limits allow.

    Complexity: edges looked at, at most ``steps``, each with a few binary searches.

    Raises
    ------
    ValueError
        For a hop limit outside 2 to 4.
    """
    if not 2 <= rules.hop_limit <= LONGEST:
        raise ValueError(f"hop limit {rules.hop_limit} must lie within 2 and {LONGEST}")
    nodes = edges.passes.size
    if edges.source.size == 0:
        return FlowPaths(np.empty((0, LONGEST), dtype=np.int64), False)
    order = np.lexsort((np.arange(edges.source.size), edges.day, edges.source))
    first = np.searchsorted(edges.source[order], np.arange(nodes + 1)).astype(np.int64)
    ledger = Ledger(
        _sums(edges.target, edges.day, edges.tonnes),
        _sums(edges.source, edges.day, edges.tonnes),
        _sums(edges.source * nodes + edges.target, edges.day, edges.tonnes),
    )
    found = np.empty((paths, LONGEST), dtype=np.int64)
    count, is_cut = _search(
        first,
        order.astype(np.int64),
        edges.source,
        edges.target,
        edges.day,
        edges.tonnes,
        edges.goods,
        np.column_stack((edges.opens, edges.follows, edges.strict)),
        edges.passes,
        ledger,
        rules.hop_limit,
        (rules.window, rules.low, rules.high, rules.concentration),
        steps,
        found,
    )
    kept = found[:count]
    by_number = np.lexsort(kept.T[::-1])
    return FlowPaths(kept[by_number].copy(), bool(is_cut))
