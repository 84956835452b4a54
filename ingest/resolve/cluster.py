"""Entities out of weighted edges: strongest edge first, and a merge can be refused.

Plain connected components chain firms together through one weak edge. Here edges are taken in
falling weight; two groups are not merged when they hold different valid codes, different branch
tails, rows that a person judged to be different, or records that contradict each other. Ties go to
the smaller record numbers, so the result does not depend on the order in which edges arrive.
"""

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

JOINED, SAME_ALREADY, REFUSED_CODE, REFUSED_BRANCH, REFUSED_JUDGEMENT, BELOW, REFUSED_CONTRARY = (
    range(7)
)


NOBODY = np.empty(0, np.int64)


@dataclass(frozen=True, slots=True)
class Edges:
    """Scored pairs ``a < b`` of record numbers; ``weight`` in bits, +inf for a judgement."""

    a: Ints
    b: Ints
    weight: Floats


@dataclass(frozen=True, slots=True)
class Clusters:
    """``root`` per record: the smallest record number of its cluster; ``outcome`` per edge."""

    root: Ints
    outcome: NDArray[np.int8]


@njit(cache=True)
def _find(parent: Ints, i: int) -> int:
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = parent[i]
    return i


@njit(cache=True)
def _is_apart(
    parent: Ints,
    i: int,
    j: int,
    start: Ints,
    other: Ints,
    why: NDArray[np.int8],
    head: Ints,
    following: Ints,
) -> int:
    """Why two groups are not to be merged, a judgement before all else; ``JOINED`` if they may."""
    found = JOINED
    record = head[i]
    while record >= 0:
        for place in range(start[record], start[record + 1]):
            if _find(parent, other[place]) == j:
                found = int(why[place])
                if found == REFUSED_JUDGEMENT:
                    return found
        record = following[record]
    return found


@njit(cache=True)
def _merge_in_order(
    n: int,
    a: Ints,
    b: Ints,
    weight: Floats,
    threshold: float,
    code: Ints,
    branch: Ints,
    apart_start: Ints,
    apart_other: Ints,
    apart_why: NDArray[np.int8],
    contrary_bits: float,
) -> tuple[Ints, NDArray[np.int8]]:
    parent = np.arange(n)
    size = np.ones(n, np.int64)
    held = code.copy()
    head = np.arange(n)
    tail = np.arange(n)
    following = np.full(n, -1, np.int64)
    has_apart = np.zeros(n, np.bool_)
    for i in range(n):
        has_apart[i] = apart_start[i + 1] > apart_start[i]
    outcome = np.empty(a.size, np.int8)
    for e in range(a.size):
        if weight[e] < threshold:
            outcome[e] = BELOW
            continue
        i = _find(parent, a[e])
        j = _find(parent, b[e])
        if i == j:
            outcome[e] = SAME_ALREADY
            continue
        if held[i] >= 0 and held[j] >= 0 and held[i] != held[j]:
            outcome[e] = REFUSED_CODE
            continue
        if branch[i] != branch[j]:
            outcome[e] = REFUSED_BRANCH
            continue
        if has_apart[i] and has_apart[j]:
            small, large = (i, j) if size[i] <= size[j] else (j, i)
            why = _is_apart(
                parent, small, large, apart_start, apart_other, apart_why, head, following
            )
            # An edge that says more than what speaks against it holds, as a judgement does.
            if why == REFUSED_JUDGEMENT or (why != JOINED and weight[e] < contrary_bits):
                outcome[e] = why
                continue
        if size[i] < size[j]:
            i, j = j, i
        parent[j] = i
        size[i] += size[j]
        has_apart[i] |= has_apart[j]
        following[tail[i]] = head[j]
        tail[i] = tail[j]
        if held[i] < 0:
            held[i] = held[j]
        outcome[e] = JOINED
    smallest = np.full(n, n, np.int64)
    for i in range(n):
        root = _find(parent, i)
        smallest[root] = min(smallest[root], i)
    result = np.empty(n, np.int64)
    for i in range(n):
        result[i] = smallest[_find(parent, i)]
    return result, outcome


def _strongest_first(n: int, edges: Edges) -> Ints:
    """Order of falling weight, then of record numbers; edges mostly come in order of these."""
    by_record = np.argsort(edges.a * n + edges.b, kind="stable")
    order: Ints = by_record[np.argsort(-edges.weight[by_record], kind="stable")]
    return order


def cluster(
    n: int,
    edges: Edges,
    threshold: float,
    code: Ints,
    branch: Ints,
    apart: tuple[Ints, Ints],
    contrary: tuple[Ints, Ints] = (NOBODY, NOBODY),
    contrary_bits: float = np.inf,
) -> Clusters:
    """Clusters of ``n`` records.

    Parameters
    ----------
    threshold
        Edges below this weight (bits) join nothing.
    code, branch
        Per record, -1 where there is none. Groups with different codes are not merged; groups
        with different branch tails (a missing one is different from any) are not merged.
    apart
        Pairs of records that a person judged to be different.
    contrary, contrary_bits
        Pairs of records that contradict each other: edges below so many bits do not merge them.
    """
    order = _strongest_first(n, edges)
    both = np.concatenate([*apart, *contrary]).astype(np.int64)
    other = np.concatenate([*reversed(apart), *reversed(contrary)]).astype(np.int64)
    why = np.full(len(both), REFUSED_CONTRARY, np.int8)
    why[: 2 * len(apart[0])] = REFUSED_JUDGEMENT
    by_record = np.argsort(both, kind="stable")
    start = np.zeros(n + 1, np.int64)
    np.cumsum(np.bincount(both, minlength=n), out=start[1:])
    root, sorted_outcome = _merge_in_order(
        n,
        edges.a[order],
        edges.b[order],
        edges.weight[order].astype(np.float64),
        threshold,
        code.astype(np.int64),
        branch.astype(np.int64),
        start,
        other[by_record],
        why[by_record],
        contrary_bits,
    )
    outcome = np.empty(len(order), np.int8)
    outcome[order] = sorted_outcome
    return Clusters(root, outcome)
