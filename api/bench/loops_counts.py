"""What is compared between engines: closed walks and node sets by number of edges.

An engine's document holds ``walks`` by length, and, where it tells node sets, ``sets`` by length
and a ``digest`` of all of them: equal digests, equal sets.
"""

import hashlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
COMPARED = ("walks", "sets", "digest")


def by_length(counts: Ints) -> dict[str, int]:
    """Counts that stand at their length in an array, from length 2 on."""
    return {str(length): int(counts[length]) for length in range(2, len(counts))}


def set_counts(nodes: Ints, walks: Ints, hop_limit: int) -> dict[str, Any]:
    """Walks and node sets by length, and the digest.

    Parameters
    ----------
    nodes
        Node sets, shape (k, hop_limit): sorted, -1 behind.
    walks
        Closed walks of each, shape (k,).
    """
    length = (nodes >= 0).sum(axis=1)
    order = np.lexsort(nodes.T[::-1])
    sums = np.zeros(hop_limit + 1, np.int64)
    np.add.at(sums, length, walks)
    return {
        "walks": by_length(sums),
        "sets": by_length(np.bincount(length, minlength=hop_limit + 1)),
        "digest": hashlib.sha256(nodes[order].astype("<i8").tobytes()).hexdigest()[:16],
    }


def sorted_sets(nodes: Ints, walks: Ints, hop_limit: int) -> tuple[Ints, Ints]:
    """Node sets and their walks from walks told one per row, in any order of nodes.

    Parameters
    ----------
    nodes
        Nodes on the way, shape (k, n), n at most ``hop_limit``.
    walks
        How often each row counts, shape (k,).
    """
    full = np.full((len(nodes), hop_limit), -1, np.int64)
    full[:, : nodes.shape[1]] = np.sort(nodes, axis=1)
    sets, which = np.unique(full, axis=0, return_inverse=True)
    total = np.zeros(len(sets), np.int64)
    np.add.at(total, which.reshape(-1), walks)
    return sets, total


def is_equal(ours: dict[str, Any], peer: dict[str, Any]) -> bool:
    """Whether a peer counted what ours did, in all that it tells."""
    told = [name for name in COMPARED if name in peer]
    return bool(told) and all(ours.get(name) == peer[name] for name in told)
