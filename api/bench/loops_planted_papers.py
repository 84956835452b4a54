"""What the papers of planted loops say: times, tonnes, codes, and the trucks of a lot.

Drawn from what such schemes look like in files: small losses on the way or none, papers with the
day only, the same round again some weeks later. A lot of twenty tonnes takes a truck or two, so
that every fifth loop has one hop split over trucks. Three loops in twenty change the code at one
firm, a third of them to a product that is sold on; three in a hundred change it and change it
back, the waste bought under its own name by who takes it in the end. In three in a hundred the
papers of one hop leave the code out, which is the cheapest way to change it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from api.bench.loops_edges import DAY_S, Edges
from api.bench.loops_firms import Firms
from api.bench.loops_planted_firms import LONGEST, LoopFirms
from api.bench.loops_relations import LOT_SPREAD

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Generator = np.random.Generator

SHORT_SPAN_DAYS, LONG_SPAN_DAYS = (4.0, 28.0), (31.0, 85.0)
LONG_SHARE, SPLIT_SHARE, REPEATED_SHARE = 0.1, 0.2, 0.2
CHANGED_ONCE_SHARE, CHANGED_TWICE_SHARE = 0.15, 0.03
# Of the changes of code, those where a product goes on instead of a waste.
PRODUCT_SHARE = 0.3
# What stands for the code of a manifest that has none, and how many have none by mistake.
NO_CODE = -1
NO_CODE_SHARE, NO_CODE_HOP_SHARE = 0.001, 0.03
LOSSLESS_SHARE, WHOLE_TONNES_SHARE, DAY_ONLY_SHARE = 0.4, 0.25, 0.3
MOST_LOSS = 0.05
# Lots of eight tonnes in the middle; under cover as its relation has them, but for less than a
# tonne nobody makes out papers that are false.
LOT_MEAN, LOT_DEVIATION, LEAST_LOT_T = 2.2, 0.7, 1.0
MOST_ROUNDS, MOST_TRUCKS = 5, 4
# At least so long between two hand-overs, and at most so long between the trucks of one lot.
PAUSE_S, TRUCKS_S = 4 * 3_600, 3 * 3_600


@dataclass(frozen=True, slots=True)
class Turns:
    """Each time that a loop goes round: ``owner`` is the loop, ``number`` counts from 0.

    ``time``: seconds of the hand-overs, shape (turns, LONGEST). ``span``: seconds from first to
    last, of each loop.
    """

    owner: Ints
    number: Ints
    time: Ints
    is_day_only: Flags
    span: Floats


def draw_turns(hops: Ints, days: int, random: Generator) -> Turns:
    """When each loop goes round; what does not fit into the year is not gone."""
    count = len(hops)
    is_long = random.random(count) < LONG_SHARE
    low, high = np.where(is_long[:, None], LONG_SPAN_DAYS, SHORT_SPAN_DAYS).T
    span = np.minimum(low + random.random(count) * (high - low), days - 2.0) * DAY_S
    is_repeated = random.random(count) < REPEATED_SHARE
    rounds = np.where(is_repeated, random.integers(2, MOST_ROUNDS + 1, count), 1)
    # Days of rest between two rounds.
    period = span + random.uniform(2, 14, count) * DAY_S
    fitting = ((days * DAY_S - DAY_S - span) // period).astype(np.int64) + 1
    rounds = np.clip(rounds, 1, np.maximum(fitting, 1))
    room = days * DAY_S - DAY_S - span - (rounds - 1) * period
    start = random.random(count) * np.maximum(room, 0)
    owner = np.repeat(np.arange(count), rounds)
    number = np.arange(len(owner)) - np.repeat(np.cumsum(rounds) - rounds, rounds)
    begin = start[owner] + number * period[owner]
    time = begin[:, None] + _hand_overs(hops[owner], span[owner], random)
    is_day_only = random.random(count)[owner] < DAY_ONLY_SHARE
    time = np.where(is_day_only[:, None], time // DAY_S * DAY_S, time)
    return Turns(owner, number, time.astype(np.int64), is_day_only, span)


def _hand_overs(hops: Ints, span: Floats, random: Generator) -> Floats:
    """Seconds from the first hand-over to each, shape (turns, LONGEST)."""
    gaps = random.exponential(1.0, (len(hops), LONGEST - 1))
    gaps[np.arange(LONGEST - 1)[None, :] >= (hops - 1)[:, None]] = 0.0
    free = np.maximum(span - (hops - 1) * PAUSE_S, 0.0)
    waits = gaps / gaps.sum(axis=1, keepdims=True) * free[:, None] + PAUSE_S
    return np.concatenate([np.zeros((len(hops), 1)), np.cumsum(waits, axis=1)], axis=1)


def draw_tonnes(usual: Floats, random: Generator) -> Floats:
    """Tonnes at each hop, shape (turns, LONGEST): nothing is lost, or a few per cent a hop.

    Parameters
    ----------
    usual
        Tonnes of a usual lot where the loop has cover, else NaN; shape (turns,).
    """
    count = len(usual)
    free = np.exp(random.normal(LOT_MEAN, LOT_DEVIATION, count))
    like = np.maximum(usual * np.exp(random.normal(0.0, LOT_SPREAD, count)), LEAST_LOT_T)
    lot = np.where(np.isnan(usual), free, like)
    is_whole = random.random(count) < WHOLE_TONNES_SHARE
    lot = np.where(is_whole, np.maximum(np.round(lot), 1.0), np.round(lot, 2))
    kept = 1.0 - random.random((count, LONGEST - 1)) * MOST_LOSS
    kept[random.random(count) < LOSSLESS_SHARE] = 1.0
    return np.concatenate([lot[:, None], lot[:, None] * np.cumprod(kept, axis=1)], axis=1)


def draw_codes(
    firms: Firms, chosen: LoopFirms, hops: Ints, waste_codes: int, random: Generator
) -> tuple[Ints, Ints]:
    """Code at each hop, shape (loops, LONGEST), and how often it changes, shape (loops,).

    The contract's where the loop has cover by one, else one of the first firm's.
    """
    count, row = len(hops), np.arange(len(hops))
    own = np.where(chosen.code >= 0, chosen.code, firms.wastes[chosen.nodes[:, 0], 0])
    kind = random.random(count)
    changes = (kind < CHANGED_TWICE_SHARE + CHANGED_ONCE_SHARE).astype(np.int64)
    changes[(kind < CHANGED_TWICE_SHARE) & (hops > 2)] = 2
    # The hop from which on the code is another one, and the hop from which on it is back.
    at = 1 + (random.random(count) * (hops - changes)).astype(np.int64)
    at = np.minimum(at, hops - 1)
    back = at + 1 + (random.random(count) * (hops - 1 - at)).astype(np.int64)
    back = np.where(changes == 2, np.minimum(back, hops - 1), LONGEST)
    washer = chosen.nodes[row, at]
    other = firms.wastes[washer, 1]
    # The next number stands in when a firm's second code is the same.
    other = np.where(other == own, (other + 1) % waste_codes, other)
    other = np.where(random.random(count) < PRODUCT_SHARE, firms.goods[washer], other)
    hop = np.arange(LONGEST)
    is_other = (changes[:, None] > 0) & (hop >= at[:, None]) & (hop < back[:, None])
    return np.where(is_other, other[:, None], own[:, None]), changes


def leave_out_codes(code: Ints, hops: Ints, waste_codes: int, random: Generator) -> None:
    """Write ``NO_CODE`` at one hop of some loops, at the first if that hop carries a product."""
    loops = np.flatnonzero(random.random(len(hops)) < NO_CODE_HOP_SHARE)
    hop = random.integers(0, hops[loops])
    code[loops, np.where(code[loops, hop] < waste_codes, hop, 0)] = NO_CODE


def without_some_codes(code: NDArray[np.int16], waste_codes: int, random: Generator) -> None:
    """Write ``NO_CODE`` on some manifests by mistake, each as likely as the other."""
    code[(code < waste_codes) & (random.random(len(code)) < NO_CODE_SHARE)] = NO_CODE


def on_trucks(
    edges: Edges, is_parted: Flags, is_day_only: Flags, random: Generator
) -> tuple[Edges, Ints]:
    """The edges with the chosen ones in two to ``MOST_TRUCKS`` parts on one day.

    Returns
    -------
    tuple
        The edges, and for each the position of the one that it is part of.
    """
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
    ), whole
