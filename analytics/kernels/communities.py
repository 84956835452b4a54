"""Communities of a weighted graph by modularity: arrays in, arrays out.

The Leiden algorithm (Traag, Waltman, van Eck 2019, doi:10.1038/s41598-019-41695-z) as
``graspologic_native`` has it, called only where there is something to decide. Two parts A and B of
a component gain by joining when ``w(A, B) > resolution * K(A) * K(B) / 2m`` (K strength, m all
weight). As ``K(A) * K(B)`` is at most a quarter of the component's squared strength, a component
whose lightest edge outweighs ``resolution * K² / 8m`` is one community in the optimum, and is not
searched. What was not searched stands as one edge of equal weight beside the rest, since modularity
knows it only through m.
"""

import graspologic_native as native
import numpy as np
from numba import njit
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
ALONE = -1
ITERATIONS = TRIALS = 4


@njit(cache=True)
def components(nodes: int, first: Ints, second: Ints) -> Ints:
    """Smallest node of each node's connected component, ``nodes`` long."""
    root = np.arange(nodes)
    for edge in range(first.size):
        a, b = first[edge], second[edge]
        while root[a] != a:
            root[a] = root[root[a]]
            a = root[a]
        while root[b] != b:
            root[b] = root[root[b]]
            b = root[b]
        if a < b:
            root[b] = a
        else:
            root[a] = b
    # A root is smaller than what hangs on it, so that it is settled first.
    for node in range(nodes):
        root[node] = root[root[node]]
    return root


def _searched(
    component: Ints, weight: Floats, resolution: float, nodes: int
) -> tuple[NDArray[np.bool_], float]:
    """Which edges lie in components that need a search, and the weight of all others."""
    strength = 2 * np.bincount(component, weight, minlength=nodes)
    lightest = np.full(nodes, np.inf)
    np.minimum.at(lightest, component, weight)
    is_open = lightest <= resolution * strength**2 / (8 * weight.sum())
    chosen = is_open[component]
    return chosen, float(weight[~chosen].sum())


def communities(
    nodes: int, first: Ints, second: Ints, weight: Floats, *, resolution: float, seed: int
) -> Ints:
    """Community by node, numbered by its smallest node, ALONE for nodes without an edge.

    Parameters
    ----------
    first, second, weight
        Edges, each pair of nodes once, first < second, weight > 0; equal shapes.
    resolution
        Above 0; 1 is plain modularity.
    seed
        Equal input and seed give equal output.
    """
    label = components(nodes, first, second)
    if first.size:
        chosen, settled = _searched(label[first], weight, resolution, nodes)
        a, b = first[chosen], second[chosen]
        if a.size:
            label = label.copy()
            label[np.union1d(a, b)] = _leiden(a, b, weight[chosen], settled, resolution, seed)
    has_edge = np.zeros(nodes, dtype=np.bool_)
    has_edge[first] = has_edge[second] = True
    return _numbered(label, has_edge)


def _leiden(
    first: Ints, second: Ints, weight: Floats, settled: float, resolution: float, seed: int
) -> Ints:
    """Label of each node that has an edge, in order: a node of the same community."""
    node, at = np.unique(np.concatenate((first, second)), return_inverse=True)
    width = len(str(node.size + 1))
    names = [f"{number:0{width}d}" for number in range(node.size + 2)]
    edges = [
        (names[a], names[b], w)
        for a, b, w in zip(
            at[: first.size].tolist(), at[first.size :].tolist(), weight.tolist(), strict=True
        )
    ]
    if settled > 0:
        edges.append((names[-2], names[-1], settled))
    _, found = native.leiden(
        edges, resolution=resolution, seed=seed, iterations=ITERATIONS, trials=TRIALS
    )
    group = np.array([found[names[number]] for number in range(node.size)], dtype=np.int64)
    head = np.full(int(group.max()) + 1, node[-1], dtype=np.int64)
    np.minimum.at(head, group, node)
    return np.asarray(head[group])


def _numbered(label: Ints, is_in: NDArray[np.bool_]) -> Ints:
    """Labels as 0, 1, … in order of their smallest node; ALONE outside ``is_in``."""
    number = np.full(label.size, ALONE, dtype=np.int64)
    inside = np.flatnonzero(is_in)
    _, head, at = np.unique(label[inside], return_index=True, return_inverse=True)
    place = np.empty(head.size, dtype=np.int64)
    place[np.argsort(head)] = np.arange(head.size)
    number[inside] = place[at]
    return number
