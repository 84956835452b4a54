"""Standing relations of made-up firms: who ships which code to whom, who sells what to whom.

Large firms have many. Waste that collectors and plants pass on to each other, packaging that goes
back, and goods that are returned or traded sideways let loops close by chance.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from api.bench.loops_firms import (
    CITIES,
    COLLECTOR,
    GENERATOR,
    LEVELS,
    TREATMENT,
    WASTES_PER_FIRM,
    Firms,
    Partners,
)

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Generator = np.random.Generator

# Who ships to whom, and the share of all manifests.
FLOWS = (
    (GENERATOR, COLLECTOR, 0.45),
    (GENERATOR, TREATMENT, 0.33),
    (COLLECTOR, TREATMENT, 0.15),
    (TREATMENT, TREATMENT, 0.04),
    (COLLECTOR, COLLECTOR, 0.02),
    (TREATMENT, GENERATOR, 0.01),
)
EDGES_PER_CONTRACT, EDGES_PER_TRADE = 25, 10
# Steps that goods go in the value chain.
STEPS, STEP_SHARES = (1, 0, -1), (0.75, 0.15, 0.10)
ANSWERED_SHARE = 0.05
USE_EXPONENT, RAREST, OFTEN = 1.3, 0.1, 300.0
# Tonnes of a usual lot, and how single lots differ from it (logarithms).
USUAL_MEAN, USUAL_SPREAD, LOT_SPREAD = 1.3, 1.1, 0.35


@dataclass(frozen=True, slots=True)
class Relations:
    """Standing relations as parallel arrays.

    ``uses``: edges of the year that are of it. ``usual``: tonnes of a usual lot.
    """

    source: Ints
    target: Ints
    code: Ints
    uses: Ints
    usual: Floats

    def activity(self, firms: int) -> Ints:
        """Edges of the year at each of ``firms`` firms, in and out."""
        given = np.bincount(self.source, self.uses, firms)
        taken = np.bincount(self.target, self.uses, firms)
        return (given + taken).astype(np.int64)


def make_contracts(firms: Firms, manifests: int, packaging: int, random: Generator) -> Relations:
    """Who ships which of his codes to whom, used ``manifests`` times in all."""
    partners = Partners(firms, firms.role, 4)
    parts = []
    for giver, taker, share in FLOWS:
        count = max(int(share * manifests / EDGES_PER_CONTRACT), 1)
        source = partners.any_of(giver, count, random)
        target = partners.draw(np.full(count, taker), firms.city[source], random)
        which = (WASTES_PER_FIRM * random.random(count) ** 3).astype(np.int64)
        code = firms.wastes[source, which]
        if taker == GENERATOR:
            code = np.full(count, packaging)
        weight = _weights(count, random)
        parts.append((source, target, code, weight * share / weight.sum()))
    source, target, code, weight = (np.concatenate(one) for one in zip(*parts, strict=True))
    return _used(source, target, code, weight, manifests, random)


def make_trades(firms: Firms, invoices: int, random: Generator) -> Relations:
    """Who sells what to whom, ``invoices`` times in all: mostly down the value chain."""
    partners = Partners(firms, firms.level, LEVELS)
    count = max(int(invoices / EDGES_PER_TRADE), 1)
    source = partners.draw(
        random.integers(0, LEVELS, count), random.integers(0, CITIES, count), random
    )
    step = random.choice(STEPS, count, p=STEP_SHARES)
    level = np.clip(firms.level[source] + step, 0, LEVELS - 1)
    target = partners.draw(level, firms.city[source], random)
    # Goods that do not go down the chain are the buyer's own: returned, or traded in kind.
    code = np.where(step == 1, firms.goods[source], firms.goods[target])
    weight = _weights(count, random)
    back = np.flatnonzero(random.random(count) < ANSWERED_SHARE)
    return _used(
        np.concatenate([source, target[back]]),
        np.concatenate([target, source[back]]),
        np.concatenate([code, code[back]]),
        np.concatenate([weight, weight[back] * 0.1]),
        invoices,
        random,
    )


def _weights(count: int, random: Generator) -> Floats:
    """How often each relation is used, in proportion: most rarely, some several times a day."""
    return np.minimum(random.pareto(USE_EXPONENT, count) + RAREST, OFTEN)


def _used(
    source: Ints, target: Ints, code: Ints, weight: Floats, count: int, random: Generator
) -> Relations:
    """Relations between two firms, used ``count`` times in all."""
    keep = source != target
    uses = random.multinomial(count, weight[keep] / weight[keep].sum())
    usual = np.exp(random.normal(USUAL_MEAN, USUAL_SPREAD, len(uses)))
    return Relations(source[keep], target[keep], code[keep], uses, usual)


class Standing:
    """Draws from relations: firms in proportion to their edges of the year, and their partners."""

    def __init__(self, contracts: Relations, trades: Relations, firms: int) -> None:
        self._takers = [_Takers(contracts, firms), _Takers(trades, firms)]
        self._busy = [np.cumsum(one.activity(firms)) for one in (contracts, trades)]

    def busy_firms(self, is_trader: NDArray[np.bool_], random: Generator) -> Ints:
        """Firms in proportion to their invoices where ``is_trader``, else to their manifests."""
        by_manifests, by_invoices = self._busy
        at = random.random(len(is_trader))
        firms: Ints = np.searchsorted(by_manifests, at * by_manifests[-1], "right")
        if by_invoices[-1]:
            traders = np.searchsorted(by_invoices, at * by_invoices[-1], "right")
            firms = np.where(is_trader, traders, firms)
        return firms

    def takers(self, giver: Ints, random: Generator) -> tuple[Ints, Ints, Floats]:
        """For each firm one that it hands on to anyway, often used relations first.

        By a contract where it has one, else by a trade.

        Returns
        -------
        tuple
            The other firm (-1: none), the code of the contract (-1: it is no contract), and tonnes
            of a usual lot there.
        """
        contracts, trades = self._takers
        relation, trade = contracts.draw(giver, random), trades.draw(giver, random)
        has_contract, has_trade = relation >= 0, (relation < 0) & (trade >= 0)
        taker, code = np.full(len(giver), -1, np.int64), np.full(len(giver), -1, np.int64)
        usual = np.full(len(giver), np.nan)
        for has, number, of in (
            (has_contract, relation, contracts.relations),
            (has_trade, trade, trades.relations),
        ):
            taker[has], usual[has] = of.target[number[has]], of.usual[number[has]]
        code[has_contract] = contracts.relations.code[relation[has_contract]]
        return taker, code, usual


class _Takers:
    """Relations by giver."""

    def __init__(self, relations: Relations, firms: int) -> None:
        self.relations = relations
        self._order = np.argsort(relations.source, kind="stable")
        self._height = np.concatenate([[0], np.cumsum(relations.uses[self._order])])
        bounds = np.searchsorted(relations.source[self._order], np.arange(firms + 1))
        self._bound = self._height[bounds]

    def draw(self, giver: Ints, random: Generator) -> Ints:
        """Number of a relation of each giver, -1 where it has none that is used."""
        low, high = self._bound[giver], self._bound[giver + 1]
        at = low + random.random(len(giver)) * (high - low)
        place = np.searchsorted(self._height, at, "right") - 1
        chosen = self._order[np.clip(place, 0, len(self._order) - 1)]
        return np.where(high > low, chosen, -1).astype(np.int64)
