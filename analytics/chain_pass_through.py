"""What a firm between keeps back of what it hands on within days: the rapid pass-through of HW-10.

Lots are put together and split, and a lot may be followed by any other of its days, so that two
papers alone say nothing. Everything that may have followed, to whatever customer, is held against
everything that it may have followed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import polars as pl

from analytics.chains import Chain
from analytics.kernels.communities import components
from analytics.kernels.flow_edges import Bools, Floats, Ints

Row = dict[str, object]
NO_GROUP = NO_GOODS = -1


@dataclass(frozen=True, slots=True)
class PassRules:
    """Rapid pass-through: days between in and out, least and greatest share kept back."""

    days: int
    low: float
    high: float


class HandedOn(NamedTuple):
    """What one firm handed on, in parallel arrays: ``tonnes`` NaN where unknown, ``goods`` numbers.

    NO_GOODS stands for goods that are not known.
    """

    day: Ints
    tonnes: Floats
    goods: Ints
    is_strict: Bools


@dataclass(frozen=True, slots=True)
class Outflows:
    """What firms handed on and may have taken in before; ``goods`` numbers by name."""

    by_firm: Mapping[str, HandedOn]
    goods: Mapping[str, int]


def outflows(edges: pl.DataFrame, firms: Sequence[str]) -> Outflows:
    """What each of the firms handed on and may have taken in before.

    Parameters
    ----------
    edges
        ``chain_flows.FLOW_COLUMNS``. A stop at a place is left out: no paper weighs it.
    """
    chosen = edges.filter(
        pl.col("source").is_in(list(firms))
        & pl.col("follows")
        & ~pl.col("kinds").list.contains("visit")
    ).select("source", "day", "tonnes", "goods", "strict")
    names = chosen["goods"].drop_nulls().unique().sort().to_list()
    goods = {name: number for number, name in enumerate(names)}
    numbered = chosen.with_columns(
        pl.col("goods")
        .replace_strict(names, list(goods.values()), default=NO_GOODS, return_dtype=pl.Int64)
        .fill_null(NO_GOODS),
        pl.col("tonnes").fill_null(float("nan")),
    )
    found = {str(own["source"][0]): own for own in numbered.partition_by("source")}
    return Outflows(
        {
            firm: HandedOn(
                own["day"].to_numpy(),
                own["tonnes"].to_numpy(),
                own["goods"].to_numpy(),
                own["strict"].to_numpy(),
            )
            for firm in firms
            for own in [found.get(firm, numbered.clear())]
        },
        goods,
    )


def through_shares(
    chain: Chain, node: str, about: Mapping[int, Row], handed_on: Outflows, days: int
) -> list[float]:
    """``(in - out) / in`` at a firm of the chain, one per group of lots that belong together.

    Parameters
    ----------
    about
        Flows of the chain by edge.
    days
        Within which a lot out follows a lot in.

    Notes
    -----
    A group counts when the chain leads through it and all of it is weighed.
    """
    steps = {step for path in chain.paths for step in pairwise(path)}
    own = [(e, f) for e, f in steps if about[e]["target"] == node]
    rapid = {e for e, f in own if _day(about[f]) - _day(about[e]) <= days}
    taken = sorted({e for e, _ in own}, key=lambda e: (_day(about[e]), e))
    lot_day = np.array([_day(about[e]) for e in taken], dtype=np.int64)
    lot_goods = np.array(
        [handed_on.goods.get(str(about[e]["goods"]), NO_GOODS) for e in taken], dtype=np.int64
    )
    lot_t = np.array([_tonnes(about[e]) for e in taken])
    followers = handed_on.by_firm[node]
    of_lot, of_follower = _groups(lot_day, lot_goods, followers, days)
    chosen = np.unique(of_lot[[e in rapid for e in taken]])
    follows = of_follower != NO_GROUP
    group = of_follower[follows]
    size = lot_day.size
    ins = np.bincount(of_lot, lot_t, minlength=size)[chosen]
    outs = np.bincount(group, followers.tonnes[follows], minlength=size)[chosen]
    has_out = np.bincount(group, minlength=size)[chosen] > 0
    known = has_out & np.isfinite(ins) & np.isfinite(outs) & (ins > 0)
    return [float(share) for share in (ins[known] - outs[known]) / ins[known]]


def _day(row: Row) -> int:
    return int(str(row["day"]))


def _tonnes(row: Row) -> float:
    """Tonnes, NaN where unknown: so is every sum with one of them."""
    return float("nan") if row["tonnes"] is None else float(str(row["tonnes"]))


def _groups(lot_day: Ints, lot_goods: Ints, out: HandedOn, days: int) -> tuple[Ints, Ints]:
    """Group of each lot in and of each lot out, NO_GROUP where it follows nothing.

    ``lot_day`` ascends. A lot out joins all lots that it may follow, which are neighbours in time
    among those of its goods: so that only neighbours are joined, whatever their number.
    """
    host = np.full(out.day.size, NO_GROUP, dtype=np.int64)
    ends: list[tuple[Ints, Ints]] = [(np.empty(0, dtype=np.int64),) * 2]
    kinds = [(np.arange(lot_day.size), np.flatnonzero(~out.is_strict))]
    kinds += [
        (np.flatnonzero(lot_goods == one), np.flatnonzero(out.is_strict & (out.goods == one)))
        for one in np.unique(lot_goods[lot_goods != NO_GOODS])
    ]
    for members, own in kinds:
        first = np.searchsorted(lot_day[members], out.day[own] - days)
        last = np.searchsorted(lot_day[members], out.day[own], side="right") - 1
        own, first, last = (side[last >= first] for side in (own, first, last))
        host[own] = members[first]
        covered = np.zeros(members.size + 1, dtype=np.int64)
        np.add.at(covered, first, 1)
        np.add.at(covered, last, -1)
        joined = np.flatnonzero(np.cumsum(covered) > 0)
        ends.append((members[joined], members[joined + 1]))
    label = components(lot_day.size, *(np.concatenate(side) for side in zip(*ends, strict=True)))
    found = host != NO_GROUP
    host[found] = label[host[found]]
    return label, host
