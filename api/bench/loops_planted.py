"""Planted loops: a lot that goes round three to eight firms and comes home, on paper or in part.

Drawn from what such schemes look like in files, without a look at any search: small losses on the
way or none, papers with the day only, lots split over trucks, a code that changes at one firm, the
same round again some weeks later.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from api.bench.loops_edges import DAY_S, Edges
from api.bench.loops_firms import ORDINARY, Firms

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Generator = np.random.Generator

SHORTEST, LONGEST = 3, 8
HOP_SHARES = (0.3, 0.25, 0.18, 0.12, 0.09, 0.06)
SHORT_SPAN_DAYS, LONG_SPAN_DAYS = (4.0, 28.0), (31.0, 85.0)
LONG_SHARE, CHANGED_SHARE, SPLIT_SHARE, REPEATED_SHARE = 0.1, 0.15, 0.2, 0.2
# Of the changes of code, those where a product goes on instead of a waste.
PRODUCT_SHARE = 0.3
LOSSLESS_SHARE, WHOLE_TONNES_SHARE, DAY_ONLY_SHARE = 0.4, 0.25, 0.3
MOST_LOSS = 0.05
MOST_ROUNDS, MOST_TRUCKS = 5, 4
# At least so long between two hand-overs, and at most so long between the trucks of one lot.
PAUSE_S, TRUCKS_S = 4 * 3_600, 3 * 3_600


@dataclass(frozen=True, slots=True)
class Planted:
    """Planted loops and their edges; ``nodes[i, :hops[i]]`` are the firms of loop i in order.

    ``span``: seconds from the first to the last edge of the first round. ``rounds``: how often it
    goes round.
    """

    edges: Edges
    nodes: Ints
    hops: Ints
    span: Ints
    rounds: Ints
    is_changed: Flags
    is_split: Flags


def plant_loops(firms: Firms, count: int, days: int, random: Generator) -> Planted:
    """Draw ``count`` loops among generators, collectors and plants within ``days``."""
    hops = random.choice(np.arange(SHORTEST, LONGEST + 1), count, p=HOP_SHARES)
    nodes = _distinct(np.flatnonzero(firms.role != ORDINARY), count, random)
    is_long = random.random(count) < LONG_SHARE
    low, high = np.where(is_long[:, None], LONG_SPAN_DAYS, SHORT_SPAN_DAYS).T
    span = np.minimum(low + random.random(count) * (high - low), days - 2.0) * DAY_S
    is_changed = random.random(count) < CHANGED_SHARE
    is_split = random.random(count) < SPLIT_SHARE
    is_repeated = random.random(count) < REPEATED_SHARE
    rounds = np.where(is_repeated, random.integers(2, MOST_ROUNDS + 1, count), 1)
    # Days of rest between two rounds; what does not fit into the year is not gone.
    period = span + random.uniform(2, 14, count) * DAY_S
    fitting = ((days * DAY_S - DAY_S - span) // period).astype(np.int64) + 1
    rounds = np.clip(rounds, 1, np.maximum(fitting, 1))
    room = days * DAY_S - DAY_S - span - (rounds - 1) * period
    start = random.random(count) * np.maximum(room, 0)
    owner = np.repeat(np.arange(count), rounds)
    which = np.arange(len(owner)) - np.repeat(np.cumsum(rounds) - rounds, rounds)
    is_day_only = random.random(count) < DAY_ONLY_SHARE
    time = start[owner, None] + (which * period[owner])[:, None] + _hand_overs(
        hops[owner], span[owner], random
    )  # fmt: skip
    time = np.where(is_day_only[owner, None], time // DAY_S * DAY_S, time)
    tonnes, code = _quantities(hops[owner], random), _codes(firms, nodes, hops, is_changed, random)
    on_way = np.arange(LONGEST)[None, :] < hops[owner, None]
    turn, hop = np.nonzero(on_way)
    following = (hop + 1) % hops[owner[turn]]
    edges = Edges(
        nodes[owner[turn], hop].astype(np.int32),
        nodes[owner[turn], following].astype(np.int32),
        time[turn, hop].astype(np.int32),
        tonnes[turn, hop].astype(np.float32),
        code[owner[turn], hop].astype(np.int16),
        owner[turn].astype(np.int32),
    )
    split_hop = random.integers(0, hops)
    is_parted = is_split[owner[turn]] & (hop == split_hop[owner[turn]])
    last = np.where(on_way, time, 0).max(axis=1)
    first_rounds = np.flatnonzero(which == 0)
    return Planted(
        _on_trucks(edges, is_parted, is_day_only[owner[turn]], random).by_time(),
        np.where(np.arange(LONGEST) < hops[:, None], nodes, -1),
        hops,
        (last - time[:, 0])[first_rounds].astype(np.int64),
        rounds,
        is_changed,
        is_split,
    )


def _distinct(pool: Ints, count: int, random: Generator) -> Ints:
    """Rows of ``LONGEST`` distinct firms of the pool."""
    rows = pool[random.integers(0, len(pool), (count, LONGEST))]
    while True:
        in_order = np.sort(rows, axis=1)
        again = np.flatnonzero((in_order[:, 1:] == in_order[:, :-1]).any(axis=1))
        if not len(again):
            return rows
        rows[again] = pool[random.integers(0, len(pool), (len(again), LONGEST))]


def _hand_overs(hops: Ints, span: NDArray[np.float64], random: Generator) -> NDArray[np.float64]:
    """Seconds from the first hand-over to each, shape (rounds, LONGEST)."""
    gaps = random.exponential(1.0, (len(hops), LONGEST - 1))
    gaps[np.arange(LONGEST - 1)[None, :] >= (hops - 1)[:, None]] = 0.0
    free = np.maximum(span - (hops - 1) * PAUSE_S, 0.0)
    waits = gaps / gaps.sum(axis=1, keepdims=True) * free[:, None] + PAUSE_S
    return np.concatenate([np.zeros((len(hops), 1)), np.cumsum(waits, axis=1)], axis=1)


def _quantities(hops: Ints, random: Generator) -> NDArray[np.float64]:
    """Tonnes at each hop, shape (rounds, LONGEST): nothing is lost, or a few per cent a hop."""
    count = len(hops)
    lot = np.exp(random.normal(2.2, 0.7, count))
    is_whole = random.random(count) < WHOLE_TONNES_SHARE
    lot = np.where(is_whole, np.maximum(np.round(lot), 1.0), np.round(lot, 2))
    kept = 1.0 - random.random((count, LONGEST - 1)) * MOST_LOSS
    kept[random.random(count) < LOSSLESS_SHARE] = 1.0
    return np.concatenate([lot[:, None], lot[:, None] * np.cumprod(kept, axis=1)], axis=1)


def _codes(firms: Firms, nodes: Ints, hops: Ints, is_changed: Flags, random: Generator) -> Ints:
    """Code at each hop, shape (loops, LONGEST): that of the first firm, or another one later on."""
    code = np.repeat(firms.wastes[nodes[:, 0], 0][:, None], LONGEST, axis=1)
    at = random.integers(1, hops)
    other = firms.wastes[nodes[np.arange(len(nodes)), at], 1]
    # The next number stands in when a firm's second code is the same.
    other = np.where(other == code[:, 0], (other + 1) % (firms.wastes.max() + 1), other)
    product = firms.goods[nodes[np.arange(len(nodes)), at]]
    other = np.where(random.random(len(nodes)) < PRODUCT_SHARE, product, other)
    is_after = is_changed[:, None] & (np.arange(LONGEST)[None, :] >= at[:, None])
    return np.where(is_after, other[:, None], code)


def _on_trucks(edges: Edges, is_parted: Flags, is_day_only: Flags, random: Generator) -> Edges:
    """The edges with the chosen ones in two to ``MOST_TRUCKS`` parts on one day."""
    trucks = np.where(is_parted, random.integers(2, MOST_TRUCKS + 1, len(edges)), 1)
    whole = np.repeat(np.arange(len(edges)), trucks)
    load = random.uniform(0.5, 1.0, len(whole))
    share = load / np.bincount(whole, load)[whole]
    parts = edges.take(whole)
    left_of_day = DAY_S - 1 - parts.time % DAY_S
    delay = random.random(len(whole)) * np.minimum(left_of_day, TRUCKS_S)
    delay[~is_parted[whole] | is_day_only[whole]] = 0
    return Edges(
        parts.source,
        parts.target,
        (parts.time + delay.astype(np.int32)).astype(np.int32),
        (parts.tonnes * share).astype(np.float32),
        parts.code,
        parts.loop,
    )
