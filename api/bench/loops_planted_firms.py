"""Which firms a planted loop goes through, and where it runs along relations that are there anyway.

Half of the loops are drawn evenly from firms that have waste: backyard works and small generators
that lend their names, the bulk of what cases tell of. Waste must get past a scale and a licence
somewhere, though, and who has both is busy: three in ten loops have some firms drawn in proportion
to their papers of the year, two in ten only such ones (plants and collectors that pass the same
lot on among themselves). One in five of these firms is drawn by its invoices, since large traders
lend the sale and the refund.

Three in ten loops use cover: from some firms the lot goes to one that takes from it anyway, under
the contract's code and of its usual size, because a new partner is what is asked about.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from api.bench.loops_firms import ORDINARY, Firms
from api.bench.loops_relations import Standing

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Generator = np.random.Generator

LONGEST = 8
# Loops all of whose firms are busy, and those with at least one such firm.
ALL_BUSY_SHARE, BUSY_SHARE = 0.2, 0.5
# Of the firms drawn in proportion to their papers, those drawn by invoices.
TRADER_SHARE = 0.2
STANDING_SHARE = 0.3
# Of the hops of a loop with cover, those that have it; at least one, the way home never.
STANDING_HOP_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class LoopFirms:
    """Firms of each loop in order, shape (loops, LONGEST); those behind its length mean nothing.

    ``busy``: for how many a firm was drawn in proportion to its papers; a standing partner in its
    place is one that gets much as well. ``is_standing``, of the shape of ``nodes``: the hop from
    there runs along a standing relation. ``code`` and ``usual`` are those
    of the first such relation: the contract's code, -1 for none, and tonnes of a lot, NaN for none.
    """

    nodes: Ints
    busy: Ints
    is_standing: Flags
    code: Ints
    usual: Floats


def choose_firms(firms: Firms, standing: Standing, hops: Ints, random: Generator) -> LoopFirms:
    """Draw the firms of loops of ``hops`` firms each."""
    is_busy = _busy_places(hops, random)
    nodes = _distinct(firms, standing, is_busy, random)
    covered = _covered_hops(hops, random)
    is_standing = np.zeros(nodes.shape, np.bool_)
    code, usual = np.full(len(hops), -1, np.int64), np.full(len(hops), np.nan)
    for hop in range(LONGEST - 1):
        loops = np.flatnonzero(covered[:, hop])
        taker, contract, lot = standing.takers(nodes[loops, hop], random)
        is_new = (taker >= 0) & (nodes[loops] != taker[:, None]).all(axis=1)
        loops, taker, contract, lot = (column[is_new] for column in (loops, taker, contract, lot))
        nodes[loops, hop + 1] = taker
        is_standing[loops, hop] = True
        code[loops] = np.where(code[loops] < 0, contract, code[loops])
        usual[loops] = np.where(np.isnan(usual[loops]), lot, usual[loops])
    return LoopFirms(nodes, is_busy.sum(axis=1), is_standing, code, usual)


def _busy_places(hops: Ints, random: Generator) -> Flags:
    """Places of each loop for which a firm is drawn in proportion to its papers."""
    kind = random.random(len(hops))
    some = 1 + (random.random(len(hops)) * (hops - 1)).astype(np.int64)
    busy = np.where(kind < ALL_BUSY_SHARE, hops, np.where(kind < BUSY_SHARE, some, 0))
    return _random_places(busy, hops, random)


def _covered_hops(hops: Ints, random: Generator) -> Flags:
    """Hops of each loop that are to run along a standing relation."""
    inner = hops - 1
    count = np.maximum(random.binomial(inner, STANDING_HOP_SHARE), 1)
    count[random.random(len(hops)) >= STANDING_SHARE] = 0
    return _random_places(count, inner, random)


def _random_places(count: Ints, within: Ints, random: Generator) -> Flags:
    """``count`` of the first ``within`` places of each row, shape (rows, LONGEST)."""
    order = random.random((len(count), LONGEST))
    order[np.arange(LONGEST) >= within[:, None]] = 1.0
    rank = np.argsort(np.argsort(order, axis=1), axis=1)
    chosen: Flags = rank < count[:, None]
    return chosen


def _distinct(firms: Firms, standing: Standing, is_busy: Flags, random: Generator) -> Ints:
    """Rows of distinct firms, one drawn after the other."""
    pool = np.flatnonzero(firms.role != ORDINARY)
    rows = np.full(is_busy.shape, -1, np.int64)
    row, place = np.nonzero(rows < 0)
    while len(row):
        is_trader = random.random(len(row)) < TRADER_SHARE
        busy = standing.busy_firms(is_trader, random)
        even = pool[random.integers(0, len(pool), len(row))]
        rows[row, place] = np.where(is_busy[row, place], busy, even)
        earlier = np.tri(LONGEST, k=-1, dtype=np.bool_)
        is_again = ((rows[:, :, None] == rows[:, None, :]) & earlier).any(axis=2)
        row, place = np.nonzero(is_again)
    return rows
