"""Temporal graphs shaped like public ones: hubs, repeats, reciprocity, closure, communities.

Edges are drawn in layers: a configuration with Zipf degrees whose hubs both send and receive, half
of it inside communities; then shares of the edges repeat another edge's pair, answer an edge
shortly after it, or close a path of two edges to a triangle. Nothing in it knows what a search
looks for.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from api.bench.loops_edges import DAY_S, Edges

Ints = NDArray[np.int64]
CODES = 460


@dataclass(frozen=True, slots=True)
class HeavyTails:
    """What to draw.

    ``exponent`` of the Zipf weights of nodes; shares of edges that are inside a community, repeat
    a pair, answer an edge within ``answer_days``, close a triangle within ``closing_days``.
    """

    edges: int
    nodes: int
    days: int = 365
    exponent: float = 0.6
    community_nodes: int = 200
    local_share: float = 0.5
    repeat_share: float = 0.3
    answer_share: float = 0.08
    closing_share: float = 0.08
    answer_days: int = 20
    closing_days: int = 10


def heavy_tails(shape: HeavyTails, seed: int) -> Edges:
    """Draw a graph; about ``shape.edges`` edges, since edges from a node to itself are left out."""
    random = np.random.default_rng(seed)
    m, length = shape.edges, shape.days * DAY_S
    source, target = _configuration(shape, random)
    time = random.integers(0, length, m)
    layer, model = random.random(m), random.integers(0, m, m)
    bounds = np.cumsum([shape.repeat_share, shape.answer_share, shape.closing_share])
    repeats = np.flatnonzero(layer < bounds[0])
    answers = np.flatnonzero((layer >= bounds[0]) & (layer < bounds[1]))
    closers = np.flatnonzero((layer >= bounds[1]) & (layer < bounds[2]))
    source[repeats], target[repeats] = source[model[repeats]], target[model[repeats]]
    answered = model[answers]
    source[answers], target[answers] = target[answered], source[answered]
    delay = random.integers(0, shape.answer_days * DAY_S, len(answers))
    time[answers] = np.minimum(time[answered] + delay, length - 1)
    _close(source, target, time, closers, model[closers], shape, random)
    keep = source != target
    count = int(keep.sum())
    return Edges(
        source[keep].astype(np.int32),
        target[keep].astype(np.int32),
        time[keep].astype(np.int32),
        np.exp(random.normal(1.0, 1.5, count)).astype(np.float32),
        zipf(random, CODES, 1.0, count).astype(np.int16),
        np.full(count, -1, np.int32),
    ).by_time()


def zipf(random: np.random.Generator, values: int, exponent: float, count: int) -> Ints:
    """``count`` numbers below ``values``, small ones often: weights (i + 1) ** -exponent."""
    heights = np.cumsum(np.arange(1, values + 1, dtype=np.float64) ** -exponent)
    numbers: Ints = np.searchsorted(heights, random.random(count) * heights[-1])
    return numbers


def _configuration(shape: HeavyTails, random: np.random.Generator) -> tuple[Ints, Ints]:
    """Ends of edges by the weights of nodes, a share of them inside the source's community."""
    n, m = shape.nodes, shape.edges
    name = random.permutation(n)
    source, target = (name[zipf(random, n, shape.exponent, m)] for _ in range(2))
    community = random.integers(0, max(n // shape.community_nodes, 1), n)
    member = np.argsort(community, kind="stable")
    begin = np.searchsorted(community[member], np.arange(community.max() + 2))
    near = np.flatnonzero(random.random(m) < shape.local_share)
    own = community[source[near]]
    size = begin[own + 1] - begin[own]
    # The square makes a few members the hubs of their community.
    target[near] = member[begin[own] + (size * random.random(len(near)) ** 2).astype(np.int64)]
    return source, target


def _close(
    source: Ints, target: Ints, time: Ints, closers: Ints, first: Ints, shape: HeavyTails,
    random: np.random.Generator,
) -> None:  # fmt: skip
    """Make ``closers`` close a path of two edges each, ``first`` being its first edge."""
    by_source = np.argsort(source, kind="stable")
    sorted_source = source[by_source]
    low = np.searchsorted(sorted_source, target[first], "left")
    choice = np.searchsorted(sorted_source, target[first], "right") - low
    place = low + (choice * random.random(len(closers))).astype(np.int64)
    second = by_source[np.minimum(place, len(by_source) - 1)]
    delay = random.integers(0, shape.closing_days * DAY_S, len(closers))
    after = np.maximum(time[first], time[second]) + delay
    ends, starts = target[second], source[first]
    has = choice > 0
    source[closers[has]], target[closers[has]] = ends[has], starts[has]
    time[closers[has]] = np.minimum(after[has], shape.days * DAY_S - 1)
