"""A year of a province's hand-overs with heavy tails, and hidden chains planted in it.

The generator knows how firms trade, not how they are searched: no threshold of a detector stands
here. Few firms have most of the customers, pairs trade again and again, days follow the week,
quantities are log-normal. The planted chains are returned as truth, apart from the edges.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int32]
Bools = NDArray[np.bool_]
DAYS = 365
GOODS, CODES = 400, 300
# Shares of all organisations.
GENERATOR_SHARE, PLANT_SHARE, COLLECTOR_SHARE = 0.18, 0.002, 0.01
MANIFEST_SHARE, WASTE_WORDED_SHARE, UNKNOWN_SHARE = 0.2, 0.015, 0.08
LOTS_PER_PAIR = 6.0
TAIL, TOP = 1.15, 400.0
NEWCOMERS_PER_CHAIN = 3


@dataclass(frozen=True, slots=True)
class Province:
    """Edges by position (32-bit numbers) and what registers say of the organisations.

    ``tonnes`` NaN and ``goods`` -1 are unknown; goods below CODES are waste codes of manifests.
    ``is_manifest`` and ``is_waste`` (by code or by word) are by edge, ``is_generator`` by
    organisation. ``planted`` are the organisations of each hidden chain in their order.
    """

    source: Numbers
    target: Numbers
    day: Numbers
    tonnes: NDArray[np.float32]
    goods: Numbers
    is_manifest: Bools
    is_waste: Bools
    is_generator: Bools
    planted: tuple[tuple[int, ...], ...]


def make_province(edges: int, organizations: int, chains: int, seed: int) -> Province:
    """A province of about ``edges`` edges with ``chains`` planted among them.

    The same seed gives the same province.
    """
    rng = np.random.default_rng(seed)
    planted, lots = _planted(rng, organizations, chains)
    manifests = int(edges * MANIFEST_SHARE)
    parts = [
        _manifests(rng, manifests, organizations),
        _invoices(
            rng,
            edges - manifests - len(lots["day"]),
            organizations - NEWCOMERS_PER_CHAIN * chains,
        ),
        lots,
    ]
    # In the order of time, as papers come in.
    order = np.argsort(np.concatenate([part["day"] for part in parts]), kind="stable")

    def column(name: str) -> NDArray[np.generic]:
        return np.concatenate([part.pop(name) for part in parts])[order]

    return Province(
        source=column("source").astype(np.int32),
        target=column("target").astype(np.int32),
        day=column("day").astype(np.int32),
        tonnes=column("tonnes").astype(np.float32),
        goods=column("goods").astype(np.int32),
        is_manifest=column("is_manifest").astype(np.bool_),
        is_waste=column("is_waste").astype(np.bool_),
        is_generator=np.arange(organizations) < int(organizations * GENERATOR_SHARE),
        planted=planted,
    )


Columns = dict[str, NDArray[np.generic]]


def _heavy(rng: np.random.Generator, size: int, count: int) -> NDArray[np.int64]:
    """``size`` numbers below ``count``; few of them come very often."""
    weight = np.minimum(rng.pareto(TAIL, count) + 0.05, TOP * max(1.0, count / 5_000))
    return np.searchsorted(np.cumsum(weight) / weight.sum(), rng.random(size)).clip(0, count - 1)


def _days(rng: np.random.Generator, size: int) -> NDArray[np.int64]:
    day = rng.integers(0, DAYS, size)
    moved = (day % 7 >= 5) & (rng.random(size) < 0.7)
    return np.where(moved, np.maximum(day - 2, 0), day)


def _tonnes(rng: np.random.Generator, size: int, middle: float) -> NDArray[np.float64]:
    return np.round(rng.lognormal(np.log(middle), 1.1, size), 3) + 0.001


def _manifests(rng: np.random.Generator, size: int, organizations: int) -> Columns:
    generators = int(organizations * GENERATOR_SHARE)
    plants = max(2, int(organizations * PLANT_SHARE))
    collectors = max(2, int(organizations * COLLECTOR_SHARE))
    pairs = max(1, int(size / LOTS_PER_PAIR))
    shipper = _heavy(rng, pairs, generators)
    receiver = generators + _heavy(rng, pairs, plants)
    # One pair in eight goes to a collector, and collectors ship on to plants.
    collector = generators + plants + _heavy(rng, pairs, collectors)
    draw = rng.random(pairs)
    receiver = np.where(draw < 0.125, collector, receiver)
    shipper = np.where((draw >= 0.125) & (draw < 0.15), collector, shipper)
    code = rng.integers(0, CODES, pairs)
    chosen = _heavy(rng, size, pairs)
    return {
        "source": shipper[chosen].astype(np.int32),
        "target": receiver[chosen].astype(np.int32),
        "day": _days(rng, size).astype(np.int32),
        "tonnes": _tonnes(rng, size, 4.0).astype(np.float32),
        "goods": code[chosen].astype(np.int32),
        "is_manifest": np.ones(size, dtype=np.bool_),
        "is_waste": np.ones(size, dtype=np.bool_),
    }


def _invoices(rng: np.random.Generator, size: int, organizations: int) -> Columns:
    pairs = max(1, int(size / LOTS_PER_PAIR))
    place = rng.permutation(organizations)
    seller, buyer = place[_heavy(rng, pairs, organizations)], _heavy(rng, pairs, organizations)
    goods = CODES + rng.integers(0, GOODS, pairs)
    is_waste = rng.random(pairs) < WASTE_WORDED_SHARE
    chosen = _heavy(rng, size, pairs)
    tonnes = _tonnes(rng, size, 8.0)
    tonnes[rng.random(size) < UNKNOWN_SHARE] = np.nan
    return {
        "source": seller[chosen].astype(np.int32),
        "target": buyer[chosen].astype(np.int32),
        "day": _days(rng, size).astype(np.int32),
        "tonnes": tonnes.astype(np.float32),
        "goods": goods[chosen].astype(np.int32),
        "is_manifest": np.zeros(size, dtype=np.bool_),
        "is_waste": is_waste[chosen],
    }


def _planted(
    rng: np.random.Generator, organizations: int, chains: int
) -> tuple[tuple[tuple[int, ...], ...], Columns]:
    """Hidden chains of one to three newcomers, a few lots each, some kept back at every hand.

    Newcomers are the last organisations; they also trade a little, as anyone.
    """
    rows: list[tuple[int, int, int, float, int, bool]] = []
    truth = []
    old = organizations - NEWCOMERS_PER_CHAIN * chains
    for chain in range(chains):
        first = old + NEWCOMERS_PER_CHAIN * chain
        shells = [first + n for n in range(int(rng.integers(1, NEWCOMERS_PER_CHAIN + 1)))]
        generator = int(rng.integers(0, int(organizations * GENERATOR_SHARE)))
        hands = (*shells, int(rng.integers(int(organizations * GENERATOR_SHARE), old)))
        truth.append((generator, *hands))
        goods = int(CODES + rng.integers(0, GOODS))
        for _ in range(int(rng.integers(1, 5))):
            day, tonnes = int(rng.integers(0, DAYS - 20)), float(rng.uniform(20, 200))
            for source, target in zip((generator, *shells), hands, strict=True):
                rows.append((source, target, day, round(tonnes, 3), goods, True))
                day += int(rng.integers(0, 6))
                tonnes *= float(rng.uniform(0.65, 0.95))
        for shell in shells:
            for _ in range(int(rng.integers(0, 4))):
                other, goods_too = int(rng.integers(0, old)), int(CODES + rng.integers(0, GOODS))
                ends = (shell, other) if rng.random() < 0.5 else (other, shell)
                size = round(float(rng.lognormal(1.0, 0.8)), 3)
                rows.append((*ends, int(rng.integers(0, DAYS)), size, goods_too, False))
    columns = list(zip(*rows, strict=True)) if rows else [()] * 6
    return tuple(truth), {
        "source": np.array(columns[0], dtype=np.int32),
        "target": np.array(columns[1], dtype=np.int32),
        "day": np.array(columns[2], dtype=np.int32),
        "tonnes": np.array(columns[3], dtype=np.float32),
        "goods": np.array(columns[4], dtype=np.int32),
        "is_manifest": np.zeros(len(rows), dtype=np.bool_),
        "is_waste": np.array(columns[5], dtype=np.bool_),
    }
