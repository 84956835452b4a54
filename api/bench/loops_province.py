"""A province-year of transfers: manifests and goods invoices of made-up firms, and planted loops.

Each edge is of one standing relation; of the manifests, one in a thousand has no code, as happens
where papers are filled in by hand. Loops close by chance as well. The generator knows no rule of
any search.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from api.bench.loops_edges import DAY_S, Edges
from api.bench.loops_firms import make_firms
from api.bench.loops_planted import Planted, plant_loops
from api.bench.loops_planted_papers import without_some_codes
from api.bench.loops_relations import (
    LOT_SPREAD,
    Relations,
    Standing,
    make_contracts,
    make_trades,
)
from records.contract import read_table

Ints = NDArray[np.int64]
Generator = np.random.Generator

PACKAGING = "900-041-49"
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


def province_year(parameters: ProvinceParameters, seed: int) -> ProvinceYear:
    """Make a year; the same parameters and seed give the same arrays."""
    random = [np.random.default_rng(s) for s in np.random.SeedSequence(seed).spawn(5)]
    codes, days = waste_code_numbers(), parameters.days
    firms = make_firms(parameters.organizations, len(codes), random[0])
    manifests, invoices = parameters.manifests, parameters.invoices
    contracts = make_contracts(firms, manifests, codes[PACKAGING], random[2])
    trades = make_trades(firms, invoices, random[3])
    standing = Standing(contracts, trades, len(firms))
    planted = plant_loops(firms, standing, len(codes), parameters.loops, days, random[1])
    ordinary = manifests + invoices
    total = ordinary + len(planted.edges)
    made = _empty(total)
    _fill(made, 0, contracts, days, random[2])
    _fill(made, manifests, trades, days, random[3])
    without_some_codes(made.code[:manifests], len(codes), random[4])
    for name in Edges.__slots__:
        getattr(made, name)[ordinary:] = getattr(planted.edges, name)
    is_manifest = made.code < len(codes)
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


def _fill(made: Edges, at: int, relations: Relations, days: int, random: Generator) -> None:
    """Write all edges of the relations from position ``at`` on, a chunk at a time."""
    relation = np.repeat(np.arange(len(relations.uses), dtype=np.int32), relations.uses)
    for begin in range(0, len(relation), CHUNK):
        chosen = relation[begin : begin + CHUNK]
        place = slice(at + begin, at + begin + len(chosen))
        made.source[place] = relations.source[chosen]
        made.target[place] = relations.target[chosen]
        made.code[place] = relations.code[chosen]
        made.time[place] = _times(len(chosen), days, random)
        made.tonnes[place] = _tonnes(relations.usual[chosen], random)


def _times(count: int, days: int, random: Generator) -> Ints:
    """Seconds in working hours; a share of the papers carries the day only."""
    clock = random.integers(7 * 3_600, 19 * 3_600, count)
    clock[random.random(count) < DAY_ONLY_SHARE] = 0
    return random.integers(0, days, count) * DAY_S + clock


def _tonnes(usual: NDArray[np.float64], random: Generator) -> NDArray[np.float64]:
    """Lots around what is usual for the relation: whole tonnes, or to the hundredth."""
    lots = usual * np.exp(random.normal(0.0, LOT_SPREAD, len(usual)))
    is_whole = random.random(len(usual)) < WHOLE_TONNES_SHARE
    return np.where(is_whole, np.maximum(np.round(lots), 1.0), np.maximum(np.round(lots, 2), 0.01))
