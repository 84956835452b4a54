"""Two files whose records each have at most one partner in the other: strongest pair first."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ingest.resolve.cluster import Edges, Ints


@njit(cache=True)
def _take(a: Ints, b: Ints, n: int) -> NDArray[np.bool_]:
    is_taken = np.zeros(n, np.bool_)
    kept = np.zeros(a.size, np.bool_)
    for k in range(a.size):
        if not is_taken[a[k]] and not is_taken[b[k]]:
            is_taken[a[k]] = is_taken[b[k]] = kept[k] = True
    return kept


def link_one_to_one(n: int, edges: Edges, threshold: float) -> Ints:
    """Places in ``edges`` of the pairs that are kept, strongest first.

    Parameters
    ----------
    n
        Records of both files together.
    edges
        Scored pairs across the files.
    threshold
        Pairs below this weight (bits) are not kept.
    """
    order = np.lexsort((edges.b, edges.a, -edges.weight))
    order = order[edges.weight[order] >= threshold]
    kept: Ints = order[_take(edges.a[order], edges.b[order], n)].astype(np.int64)
    return kept
