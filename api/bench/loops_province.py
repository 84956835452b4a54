"""A province-year of transfers: manifests and goods invoices of made-up firms, and planted loops.

Firms have standing relations (who ships which code to whom, who sells what to whom), large firms
many; each edge is of one relation. Loops close by chance where collectors and plants pass waste
on to each other, packaging goes back, and goods are returned or traded sideways. The generator
knows no rule of any search.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from api.bench.loops_edges import DAY_S, Edges
from api.bench.loops_firms import (
    CITIES,
    COLLECTOR,
    GENERATOR,
    LEVELS,
    TREATMENT,
    WASTES_PER_FIRM,
    Firms,
    Partners,
    make_firms,
)
from api.bench.loops_planted import Planted, plant_loops
from records.contract import read_table

Ints = NDArray[np.int64]
Generator = np.random.Generator

PACKAGING = "900-041-49"
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
DAY_ONLY_SHARE, WHOLE_TONNES_SHARE = 0.3, 0.3
CHUNK = 2_000_000


@dataclass(frozen=True, slots=True)
class ProvinceParameters:
    """How much to make."""

    organizations: int = 340_000
    manifests: int = 5_000_000
    invoices: int = 20_000_000
    loops: int = 2_000
    days: int = 365


@dataclass(frozen=True, slots=True)
class ProvinceYear:
    """Edges by time, which of them are manifests, and what was planted."""

    edges: Edges
    is_manifest: NDArray[np.bool_]
    planted: Planted


@dataclass(frozen=True, slots=True)
class _Relations:
    """Standing relations as parallel arrays; ``weight`` is how often one is used."""

    source: Ints
    target: Ints
    code: Ints
    weight: NDArray[np.float64]


def province_year(parameters: ProvinceParameters, seed: int) -> ProvinceYear:
    """Make a year; the same parameters and seed give the same arrays."""
    random = [np.random.default_rng(s) for s in np.random.SeedSequence(seed).spawn(4)]
    codes = waste_code_numbers()
    firms = make_firms(parameters.organizations, len(codes), random[0])
    planted = plant_loops(firms, parameters.loops, parameters.days, random[1])
    counts = parameters.manifests, parameters.invoices
    total = sum(counts) + len(planted.edges)
    made = _empty(total)
    contracts = _contracts(firms, counts[0], codes[PACKAGING], random[2])
    _fill(made, 0, contracts, counts[0], parameters.days, random[2])
    _fill(made, counts[0], _trades(firms, counts[1], random[3]), counts[1], parameters.days,
          random[3])  # fmt: skip
    for name in Edges.__slots__:
        getattr(made, name)[sum(counts) :] = getattr(planted.edges, name)
    is_manifest = np.zeros(total, np.bool_)
    is_manifest[: counts[0]] = True
    is_manifest[sum(counts) :] = planted.edges.code < len(codes)
    order = np.argsort(made.time, kind="stable")
    return ProvinceYear(made.take(order), is_manifest[order], planted)


def waste_code_numbers() -> dict[str, int]:
    """Waste codes that the program ships, numbered in order."""
    codes = sorted({row["waste_code"] for row in read_table("hw_waste_codes_2021.csv")})
    return {code: number for number, code in enumerate(codes)}


def _empty(count: int) -> Edges:
    return Edges(
        np.empty(count, np.int32),
        np.empty(count, np.int32),
        np.empty(count, np.int32),
        np.empty(count, np.float32),
        np.empty(count, np.int16),
        np.full(count, -1, np.int32),
    )


def _contracts(firms: Firms, manifests: int, packaging: int, random: Generator) -> _Relations:
    """Who ships which of his codes to whom."""
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
        weight = _uses(count, random)
        parts.append((source, target, code, weight * share / weight.sum()))
    return _without_selves(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _trades(firms: Firms, invoices: int, random: Generator) -> _Relations:
    """Who sells what to whom: mostly down the value chain, sometimes sideways or back."""
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
    weight = _uses(count, random)
    back = np.flatnonzero(random.random(count) < ANSWERED_SHARE)
    return _without_selves(
        np.concatenate([source, target[back]]),
        np.concatenate([target, source[back]]),
        np.concatenate([code, code[back]]),
        np.concatenate([weight, weight[back] * 0.1]),
    )


def _uses(count: int, random: Generator) -> NDArray[np.float64]:
    """How often each relation is used, in proportion: most rarely, some several times a day."""
    return np.minimum(random.pareto(USE_EXPONENT, count) + RAREST, OFTEN)


def _without_selves(
    source: Ints, target: Ints, code: Ints, weight: NDArray[np.float64]
) -> _Relations:
    keep = source != target
    return _Relations(source[keep], target[keep], code[keep], weight[keep] / weight[keep].sum())


def _fill(
    made: Edges, at: int, relations: _Relations, count: int, days: int, random: Generator
) -> None:
    """Write ``count`` edges of the relations from position ``at`` on, a chunk at a time."""
    uses = random.multinomial(count, relations.weight)
    usual = np.exp(random.normal(1.3, 1.1, len(uses)))
    relation = np.repeat(np.arange(len(uses), dtype=np.int32), uses)
    for begin in range(0, count, CHUNK):
        chosen = relation[begin : begin + CHUNK]
        place = slice(at + begin, at + begin + len(chosen))
        made.source[place] = relations.source[chosen]
        made.target[place] = relations.target[chosen]
        made.code[place] = relations.code[chosen]
        made.time[place] = _times(len(chosen), days, random)
        made.tonnes[place] = _tonnes(usual[chosen], random)


def _times(count: int, days: int, random: Generator) -> Ints:
    """Seconds in working hours; a share of the papers carries the day only."""
    clock = random.integers(7 * 3_600, 19 * 3_600, count)
    clock[random.random(count) < DAY_ONLY_SHARE] = 0
    return random.integers(0, days, count) * DAY_S + clock


def _tonnes(usual: NDArray[np.float64], random: Generator) -> NDArray[np.float64]:
    """Lots around what is usual for the relation: whole tonnes, or to the hundredth."""
    lots = usual * np.exp(random.normal(0.0, 0.35, len(usual)))
    is_whole = random.random(len(usual)) < WHOLE_TONNES_SHARE
    return np.where(is_whole, np.maximum(np.round(lots), 1.0), np.maximum(np.round(lots, 2), 0.01))
