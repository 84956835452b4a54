"""networkx as a peer: ``simple_cycles(length_bound)`` on the static graph, then a time filter.

Each static cycle of nodes is kept if times fit: the filter counts the ways to choose one of the
parallel edges per hop so that times do not decrease from some start on and stay in the window.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from math import prod
from pathlib import Path
from time import process_time
from typing import Any

import networkx as nx
import numpy as np

from api.bench.loops_counts import by_length
from api.bench.loops_edges import load_edges

Times = list[int]


def count_networkx(folder: Path, window: int, hop_limit: int) -> dict[str, Any]:
    """Temporal cycles by length, parallel edges counted separately; equal times allowed."""
    edges = load_edges(folder)
    started = process_time()
    times: dict[tuple[int, int], Times] = defaultdict(list)
    rows = zip(edges.source.tolist(), edges.target.tolist(), edges.time.tolist(), strict=True)
    for source, target, time in rows:
        times[source, target].append(time)
    for several in times.values():
        several.sort()
    graph = nx.DiGraph(list(times))
    counts, looked_at = np.zeros(hop_limit + 1, np.int64), 0
    for nodes in nx.simple_cycles(graph, length_bound=hop_limit):
        looked_at += 1
        ways = [times[pair] for pair in zip(nodes, nodes[1:] + nodes[:1], strict=True)]
        counts[len(nodes)] += closed_walks(ways, window)
    return {
        "edges": len(edges),
        "seconds": round(process_time() - started, 4),
        "static_cycles": looked_at,
        "walks": by_length(counts),
    }


def closed_walks(ways: list[Times], window: int) -> int:
    """Choices of one time per hop that do not decrease from some hop on and stay in the window.

    A choice of all equal times fits from every hop on and counts once.

    Parameters
    ----------
    ways
        Sorted times of the parallel edges of each hop, in order round the cycle.
    """
    level = sum(
        prod(bisect_right(times, at) - bisect_left(times, at) for times in ways)
        for at in set(ways[0])
    )
    turned = sum(_walks_from(ways[i:] + ways[:i], window) for i in range(len(ways)))
    return turned - (len(ways) - 1) * level


def _walks_from(ways: list[Times], window: int) -> int:
    """Choices whose times do not decrease from the first hop to the last."""
    total = 0
    for start in ways[0]:
        reached = {start: 1}
        for times in ways[1:]:
            onward: dict[int, int] = defaultdict(int)
            for at, count in reached.items():
                first, last = bisect_left(times, at), bisect_right(times, start + window)
                for time in times[first:last]:
                    onward[time] += count
            reached = onward
        total += sum(reached.values())
    return total
