"""Bit-parallel distances between strings of code points, at most 64 of each are looked at.

Sources: G. Myers, A fast bit-vector algorithm for approximate string matching, J. ACM 46 (1999),
doi:10.1145/316542.316550; H. Hyyrö, Bit-parallel LCS-length computation revisited (2004).
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Points = NDArray[np.uint32]


@njit(cache=True, inline="never")
def edit_distance(x: Points, nx: int, y: Points, ny: int) -> int:
    """Levenshtein distance of ``x[:nx]`` and ``y[:ny]``, ``nx`` at most 64."""
    if nx == 0:
        return ny
    if ny == 0:
        return nx
    one = np.uint64(1)
    up = np.uint64(0xFFFFFFFFFFFFFFFF)
    down = np.uint64(0)
    score = nx
    top = one << np.uint64(nx - 1)
    for j in range(ny):
        equal = np.uint64(0)
        for i in range(nx):
            if x[i] == y[j]:
                equal |= one << np.uint64(i)
        vertical = equal | down
        horizontal = (((equal & up) + up) ^ up) | equal
        raised = down | ~(horizontal | up)
        lowered = up & horizontal
        if raised & top:
            score += 1
        if lowered & top:
            score -= 1
        raised = (raised << one) | one
        lowered = lowered << one
        up = lowered | ~(vertical | raised)
        down = raised & vertical
    return score


@njit(cache=True, inline="never")
def common_length(x: Points, nx: int, y: Points, ny: int) -> int:
    """Length of the longest common subsequence of ``x[:nx]`` and ``y[:ny]``, ``nx`` at most 64."""
    if nx == 0 or ny == 0:
        return 0
    one = np.uint64(1)
    state = np.uint64(0xFFFFFFFFFFFFFFFF)
    for j in range(ny):
        equal = np.uint64(0)
        for i in range(nx):
            if x[i] == y[j]:
                equal |= one << np.uint64(i)
        matched = state & equal
        state = (state + matched) | (state - matched)
    length = 0
    for i in range(nx):
        if not (state >> np.uint64(i)) & one:
            length += 1
    return length


@njit(cache=True, inline="never")
def contains(x: Points, nx: int, y: Points, ny: int) -> bool:
    """Whether ``y[:ny]`` stands in ``x[:nx]`` as it is; an empty one stands nowhere."""
    if ny > nx or ny == 0:
        return False
    for offset in range(nx - ny + 1):
        k = 0
        while k < ny and x[offset + k] == y[k]:
            k += 1
        if k == ny:
            return True
    return False
