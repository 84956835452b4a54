"""Entities out of weighted edges: strongest edge first, and a merge can be refused.

Plain connected components chain firms together through one weak edge. Here edges are taken in
falling weight; two groups are not merged when they hold different valid codes, different branch
tails, or rows that a person judged to be different. Ties go to the smaller record numbers, so the
result does not depend on the order in which edges arrive.
"""

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

JOINED, SAME_ALREADY, REFUSED_CODE, REFUSED_BRANCH, REFUSED_JUDGEMENT, BELOW = range(6)


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
    parent: Ints, i: int, j: int, start: Ints, other: Ints, head: Ints, following: Ints
) -> bool:
    record = head[i]
    while record >= 0:
        for place in range(start[record], start[record + 1]):
            if _find(parent, other[place]) == j:
                return True
        record = following[record]
    return False


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
            if _is_apart(parent, small, large, apart_start, apart_other, head, following):
                outcome[e] = REFUSED_JUDGEMENT
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


def cluster(
    n: int,
    edges: Edges,
    threshold: float,
    code: Ints,
    branch: Ints,
    apart: tuple[Ints, Ints],
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
    """
    order = np.lexsort((edges.b, edges.a, -edges.weight))
    both = np.concatenate([apart[0], apart[1]]).astype(np.int64)
    other = np.concatenate([apart[1], apart[0]]).astype(np.int64)
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
    )
    outcome = np.empty(len(order), np.int8)
    outcome[order] = sorted_outcome
    return Clusters(root, outcome)
