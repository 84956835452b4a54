"""Closed walks of waste and goods by exhaustive search, written from the definition of a loop."""

from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from ingest.simulate.stage import Happenings

WINDOW = timedelta(days=90)
LEAST_KEPT, MOST_KEPT = 0.7, 1.05
LONGEST = 5


@dataclass(frozen=True)
class Edge:
    """One hand-over: lots of a day, a pair and a code taken together."""

    giver: int
    taker: int
    at: datetime
    tonnes: float
    tag: str | None
    is_waste: bool


def edges(events: Happenings) -> list[Edge]:
    """Hand-overs of waste that was accepted and of goods by weight, in order of time."""
    accepted = events.shipments.filter(pl.col("decision") == "接受").select(
        "shipper", "receiver", "waste_code", "tag", at="accepted_at", tonnes="received_t",
        is_waste=pl.lit(value=True),
    )  # fmt: skip
    goods = events.sales.filter(pl.col("uom") == "吨").filter(
        ~pl.col("item_name").str.ends_with("费")
    ).select(
        shipper="seller", receiver="buyer", waste_code="item_name", tag="tag", at="issued_at",
        tonnes="quantity", is_waste=pl.lit(value=False),
    )  # fmt: skip
    lots = (
        pl.concat([accepted, goods], how="diagonal")
        .group_by(
            "shipper", "receiver", "waste_code", "is_waste", pl.col("at").dt.date().alias("day")
        )
        .agg(pl.col("at").max(), pl.col("tonnes").sum(), pl.col("tag").drop_nulls().first())
    )
    columns = lots.select("shipper", "receiver", "at", "tonnes", "tag", "is_waste")
    return [Edge(*row) for row in columns.sort("at", "shipper", "receiver").iter_rows()]


def closed_walks(found: list[Edge]) -> list[list[Edge]]:
    """Every closed walk with at least one hand-over of waste."""
    leaving: dict[int, list[Edge]] = defaultdict(list)
    for edge in found:
        leaving[edge.giver].append(edge)
    times = {giver: [edge.at for edge in out] for giver, out in leaving.items()}
    walks: list[list[Edge]] = []

    def go_on(path: list[Edge], seen: set[int]) -> None:
        last = path[-1]
        if last.taker == path[0].giver:
            if any(edge.is_waste for edge in path):
                walks.append(path)
            return
        if len(path) == LONGEST or last.taker not in leaving:
            return
        start = bisect_left(times[last.taker], last.at)
        for edge in leaving[last.taker][start:]:
            if edge.at - path[0].at > WINDOW:
                return
            kept = edge.tonnes / last.tonnes
            if LEAST_KEPT <= kept <= MOST_KEPT and edge.taker not in seen:
                go_on([*path, edge], seen | {edge.taker})

    for edge in found:
        go_on([edge], {edge.taker})
    return walks
