"""Snap ML as a peer: the temporal-cycle feature of its ``GraphFeaturePreprocessor``.

What it counts was found by brute force on small graphs: cycles of strictly increasing times within
the window, last minus first at most the window; each is told at every one of its edges, so the sum
of a column over all edges is the number of cycles times their length. There is no limit of length.
Parallel edges that may precede the same closing edge are told as one cycle: numbers agree with
others only where no pair of nodes has two edges in a window.
"""

import importlib
import importlib.util
import warnings
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np

from api.bench.loops_counts import by_length
from api.bench.loops_edges import load_edges

ABSENT = "未安装 snapml：pip install snapml"
OTHER_FEATURES = ("fan", "degree", "scatter-gather", "lc-cycle", "vertex_stats")
RAW_COLUMNS = 4


def has_snapml() -> bool:
    """Whether the peer is installed."""
    return importlib.util.find_spec("snapml") is not None


def count_snapml(folder: Path, window: int, hop_limit: int) -> dict[str, Any]:
    """Temporal cycles by length on one thread; ``longer`` are those beyond ``hop_limit``."""
    # Published without type information, and not needed by anything but this peer. It reads the
    # processor's features from a place that numpy calls deprecated; refused, it would be slower.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        snapml = importlib.import_module("snapml")
    edges = load_edges(folder)
    rows = np.empty((len(edges), RAW_COLUMNS))
    rows[:, 0] = np.arange(len(edges))
    rows[:, 1], rows[:, 2] = edges.source, edges.target
    # An edge at time 0 takes part in nothing there.
    rows[:, 3] = edges.time - edges.time.min(initial=0) + 1.0
    features = snapml.GraphFeaturePreprocessor()
    features.set_params(
        dict.fromkeys(OTHER_FEATURES, False)
        | {
            "num_threads": 1,
            "temp-cycle": True,
            "temp-cycle_tw": window,
            "temp-cycle_bins": list(range(2, hop_limit + 2)),
        }
    )
    started = process_time()
    told = features.transform(rows)[:, RAW_COLUMNS:].sum(axis=0)
    seconds = process_time() - started
    counts = np.zeros(hop_limit + 1, np.int64)
    for length in range(2, hop_limit + 1):
        counts[length] = round(told[length - 2] / length)
    return {
        "edges": len(edges),
        "seconds": round(seconds, 4),
        "walks": by_length(counts),
        "edges_of_longer_cycles": int(told[-1]),
    }
