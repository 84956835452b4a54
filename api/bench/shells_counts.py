"""What is compared between the searches: single paths by the nodes that they go through."""

import hashlib
from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np

from analytics.kernels.flow_edges import FlowEdges, FlowPaths, Ints

Nodes = tuple[Any, ...]


def node_counts(found: Mapping[Nodes, int]) -> dict[str, Any]:
    """Paths and node sequences by number of edges, and a fingerprint of both."""
    paths: Counter[str] = Counter()
    sequences: Counter[str] = Counter()
    for nodes, count in found.items():
        paths[str(len(nodes) - 1)] += count
        sequences[str(len(nodes) - 1)] += 1
    text = "\n".join(f"{nodes} {count}" for nodes, count in sorted(found.items()))
    return {
        "paths": dict(sorted(paths.items())),
        "node_sequences": dict(sorted(sequences.items())),
        "fingerprint": hashlib.sha256(text.encode()).hexdigest()[:16],
    }


def nodes_of(found: FlowPaths, edges: FlowEdges) -> dict[Nodes, int]:
    """Single paths by their nodes."""
    rows: Ints = found.edges
    ends = np.where(rows >= 0, edges.target[np.maximum(rows, 0)].astype(np.int64), -1)
    table = np.column_stack((edges.source[rows[:, 0]].astype(np.int64), ends))
    sequences, counts = np.unique(table, axis=0, return_counts=True)
    return {
        tuple(n for n in sequence if n >= 0): int(count)
        for sequence, count in zip(sequences.tolist(), counts, strict=True)
    }
