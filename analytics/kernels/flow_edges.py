"""What the path search is given and what it gives: edges, rules, limits, changes, paths."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Numbers = NDArray[np.integer]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
LONGEST = 4
NO_DAY = -(2**31)


@dataclass(frozen=True, slots=True)
class FlowEdges:
    """Edges by position. ``source``, ``target``, ``goods`` -1 and ``day`` NO_DAY are unknown.

    ``tonnes`` that are NaN, zero, negative or above a million are unknown. ``opens``: may be the
    first edge; ``follows``: may be a later one; ``strict``: may follow only an edge of equal,
    known goods. ``passes`` is by node: may be an inner node. Numbers of 32 bits take half the
    memory of 64.
    """

    source: Numbers
    target: Numbers
    day: Numbers
    tonnes: NDArray[np.floating]
    goods: Numbers
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
class FlowLimits:
    """Bounds of the work (``steps``: edges looked at) and of the output, each also by first pair.

    ``lots``: single paths that are listed where lots of one day run side by side.
    """

    steps: int = 200_000_000
    paths: int = 1_000_000
    pair_steps: int = 2_000_000
    pair_paths: int = 20_000
    lots: int = 1_000


@dataclass(frozen=True, slots=True)
class FlowChanges:
    """Nodes and days at which edges were added, withdrawn or corrected: both ends of each edge."""

    node: Numbers
    day: Numbers


@dataclass(frozen=True, slots=True)
class FlowPaths:
    """Edge positions of each path, -1 behind the last, in order of their numbers; shape (n, 4).

    ``cut``: first pairs (source, target) of which more paths exist than are listed, or may exist,
    in their order; shape (k, 2). ``unusable``: edges without day or end, or from a node to itself.
    """

    edges: Ints
    cut: Ints
    unusable: int

    @property
    def is_cut(self) -> bool:
        """Whether more paths may exist than are listed."""
        return self.cut.size > 0
