"""A chain with everything that was found out about it: terms, support, prices, innocent tests."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

import duckdb
import polars as pl

from analytics.affiliation import affiliations
from analytics.chain_flows import Flows
from analytics.chain_prices import PAIR_COLUMNS, HopPrice, edge_prices, hop_prices, licensed_price
from analytics.chains import Chain
from analytics.loop_suspicion import is_one_group
from analytics.shell_terms import ShellFacts, Term, pass_through
from analytics.whereabouts import SOURCES, TRIP_COLUMNS, WayRules, presence
from graph.types import Evidence
from records.contract import load_contract

NOT_AGENCIES = frozenset({"enterprise", "reference", "any"})
TRACES_PER_EDGE = 2
Row = dict[str, object]


@dataclass(slots=True)
class ChainCase:
    """One chain; ``terms`` per firm between, ``score`` by DOMAIN, ``grade`` before caps.

    ``rows``: evidence of each edge; ``traces``: sightings of the vehicles of an edge;
    ``price_ratios``: by firm between, selling price by buying price of the same lots (median);
    ``licensed_yuan_t``: what licensed disposal costs.
    """

    chain: Chain
    terms: tuple[tuple[Term, ...], ...]
    rows: dict[int, tuple[Evidence, ...]] = field(default_factory=dict)
    traces: dict[int, tuple[Evidence, ...]] = field(default_factory=dict)
    not_found: list[str] = field(default_factory=list)
    agencies: tuple[str, ...] = ()
    prices: tuple[HopPrice, ...] = ()
    price_ratios: tuple[float | None, ...] = ()
    licensed_yuan_t: float | None = None
    is_group: bool = False
    is_confirmed: bool = False
    score: float = 0.0
    grade: int = 0

    @property
    def points(self) -> tuple[int, ...]:
        """Suspicion of each firm between."""
        return tuple(sum(term.points for term in own) for own in self.terms)

    @property
    def support(self) -> int:
        """Independent agencies behind the edges (RULINGS 12)."""
        return len(self.agencies)


@dataclass(frozen=True, slots=True)
class PassRules:
    """Rapid pass-through: days between in and out, least and greatest share kept back."""

    days: int
    low: float
    high: float


def agencies_of(rows: Sequence[Evidence]) -> tuple[str, ...]:
    """Agencies that own the rows, without enterprise and reference (RULINGS 12)."""
    datasets = load_contract().datasets
    owners = {datasets[row.dataset].agency for row in rows if row.dataset in datasets}
    return tuple(sorted(owners - NOT_AGENCIES))


def chain_score(points: Sequence[int], support: int) -> float:
    """Mean suspicion of the firms between and half a point per independent agency."""
    return sum(points) / len(points) + 0.5 * support


def through_shares(
    chain: Chain, node: str, about: Mapping[int, Row], rules: PassRules
) -> list[float]:
    """``(in - out) / in`` at a firm of the chain, of what is handed on within the days allowed.

    Lot by lot where one paper follows another, and for the days of a lot together, because lots
    are put together and split.
    """
    pairs = sorted(
        {(e, f) for path in chain.paths for e, f in pairwise(path) if about[e]["target"] == node}
    )
    rapid = [(e, f) for e, f in pairs if _day(about[f]) - _day(about[e]) <= rules.days]
    shares = []
    for e, f in rapid:
        given, taken = about[f]["tonnes"], about[e]["tonnes"]
        if given is not None and taken is not None:
            shares.append(_share(float(str(taken)), float(str(given))))
    ins, outs = sorted({e for e, _ in rapid}), sorted({f for _, f in rapid})
    taken_all = [about[e]["tonnes"] for e in ins]
    given_all = [about[f]["tonnes"] for f in outs]
    if len(ins) + len(outs) > 2 and None not in (*taken_all, *given_all):
        taken_t = sum(float(str(t)) for t in taken_all)
        given_t = sum(float(str(t)) for t in given_all)
        shares.append(_share(taken_t, given_t))
    return shares


def _day(row: Row) -> int:
    return int(str(row["day"]))


def _share(taken: float, given: float) -> float:
    return (taken - given) / taken if taken > 0 else 0.0


def with_pass_through(
    chain: Chain, facts: Mapping[str, ShellFacts], about: Mapping[int, Row], rules: PassRules
) -> ChainCase:
    """The case with the terms of each firm between, the pass-through of this chain included."""
    return ChainCase(
        chain,
        tuple(
            (
                *facts[node].terms,
                pass_through(
                    through_shares(chain, node, about, rules),
                    rules.low,
                    rules.high,
                    facts[node].is_licensed,
                ),
            )
            for node in chain.middle
        ),
    )


def read_support(
    sql: duckdb.DuckDBPyConnection, cases: Sequence[ChainCase], flows: Flows, way: WayRules
) -> None:
    """Fill rows, traces, agencies and the confirmed place of the cases."""
    wanted = sorted({edge for case in cases for edge in case.chain.edges})
    rows: dict[int, list[Evidence]] = {}
    for row in flows.rows.filter(pl.col("edge").is_in(wanted)).iter_rows(named=True):
        rows.setdefault(int(row["edge"]), []).append(
            Evidence(
                row["dataset"], row["batch"], int(row["row"]), int(row["part"]), row["key"], "edge"
            )
        )
    chosen = flows.edges[wanted]
    traces, silent = _traces(sql, chosen, way)
    confirmed = {int(e) for e in chosen.filter("is_confirmed")["edge"]}
    for case in cases:
        case.rows = {edge: tuple(rows.get(edge, [])) for edge in case.chain.edges}
        case.traces = {edge: traces[edge] for edge in case.chain.edges if edge in traces}
        case.not_found = [line for edge in case.chain.best for line in silent.get(edge, [])]
        behind = [row for own in (case.rows, case.traces) for many in own.values() for row in many]
        case.agencies = agencies_of(behind)
        case.is_confirmed = not confirmed.isdisjoint(case.chain.edges)


def _traces(
    sql: duckdb.DuckDBPyConnection, chosen: pl.DataFrame, way: WayRules
) -> tuple[dict[int, tuple[Evidence, ...]], dict[int, list[str]]]:
    """What saw the vehicles of the edges on their way, and where nothing did."""
    driven = chosen.filter(
        pl.col("vehicle").is_not_null() & ~pl.col("kinds").list.contains("visit")
    )
    if driven.is_empty():
        return {}, {}
    sql.register("driven_given", driven.select("edge", "source", "target").to_arrow())
    places = sql.sql(
        """
        SELECT d.edge AS trip, s.lon AS from_lon, s.lat AS from_lat, r.lon AS to_lon,
            r.lat AS to_lat
        FROM driven_given d LEFT JOIN organization s ON s.entity_id = d.source
        LEFT JOIN organization r ON r.entity_id = d.target ORDER BY d.edge
        """
    ).pl()
    sql.unregister("driven_given")
    left = pl.coalesce("departed_at", "moved_at")
    trips = driven.select(
        pl.col("edge").alias("trip"),
        "vehicle",
        "manifest_no",
        "source",
        "target",
        left.alias("departed_at"),
        pl.max_horizontal(pl.coalesce("arrived_at", "moved_at"), left).alias("arrived_at"),
    ).join(places, on="trip", how="left", maintain_order="left")
    seen = presence(sql, trips.select(list(TRIP_COLUMNS)), way)
    traces: dict[int, list[Evidence]] = {}
    counts: dict[tuple[int, str], int] = {}
    for row in seen.rows.iter_rows(named=True):
        key = (int(row["trip"]), str(row["dataset"]))
        counts[key] = counts.get(key, 0) + 1
        if counts[key] <= TRACES_PER_EDGE:
            one = Evidence(
                row["dataset"], row["batch"], int(row["row"]), int(row["part"]), row["key"],
                "seen on the way",
            )  # fmt: skip
            traces.setdefault(int(row["trip"]), []).append(one)
    plates = dict(driven.select("edge", pl.coalesce("plate", "vehicle")).iter_rows())
    silent = {
        edge: [
            f"{name} plate {plates[edge]}: none" for name in SOURCES if (edge, name) not in counts
        ]
        for edge in plates
    }
    return {edge: tuple(many) for edge, many in traces.items()}, silent


def read_prices(
    sql: duckdb.DuckDBPyConnection,
    cases: Sequence[ChainCase],
    flows: Flows,
    about: Mapping[int, Row],
    pad_days: int,
) -> None:
    """Fill the price ladder of the cases: one entry per hop of their hands."""
    known = edge_prices(sql, sorted({e for case in cases for e in case.chain.edges}), flows.rows)
    licensed = licensed_price(sql)
    lines: list[dict[str, object]] = []
    places: list[tuple[int, int]] = []
    for number, case in enumerate(cases):
        times = [about[e]["moved_at"] for e in case.chain.edges]
        moments = [t for t in times if isinstance(t, datetime)]
        for hop, edges in enumerate(hop_edges(case.chain, about)):
            for source in sorted({str(about[e]["source"]) for e in edges}):
                own = [e for e in edges if about[e]["source"] == source]
                lines.append(
                    {
                        "number": len(places),
                        "source": source,
                        "target": case.chain.hands[hop],
                        "since_at": min(moments) - timedelta(days=pad_days),
                        "until_at": max(moments) + timedelta(days=pad_days),
                        "tonnes": sum(float(str(about[e]["tonnes"] or 0.0)) for e in own),
                        "edges": own,
                    }
                )
                places.append((number, hop))
    found = hop_prices(sql, pl.DataFrame(lines, schema=PAIR_COLUMNS), known)
    for number, case in enumerate(cases):
        case.prices = tuple(
            _together([p for p, at in zip(found, places, strict=True) if at == (number, hop)])
            for hop in range(len(case.chain.hands))
        )
        case.price_ratios = tuple(
            price_ratio(case.chain, node, about, known) for node in case.chain.middle
        )
        case.licensed_yuan_t = licensed


def price_ratio(
    chain: Chain, node: str, about: Mapping[int, Row], known: Mapping[int, tuple[float, float]]
) -> float | None:
    """Median over the lots of a firm: price at which it sold by price at which it bought."""
    unit = {e: yuan / tonnes for e, (yuan, tonnes) in known.items() if yuan > 0 and tonnes > 0}
    pairs = {(e, f) for path in chain.paths for e, f in pairwise(path)}
    ratios = [
        unit[f] / unit[e]
        for e, f in sorted(pairs)
        if about[e]["target"] == node and e in unit and f in unit
    ]
    return median(ratios) if ratios else None


def _together(parts: Sequence[HopPrice]) -> HopPrice:
    return HopPrice(
        sum(p.tonnes for p in parts),
        sum(p.goods_t for p in parts),
        sum(p.goods_yuan for p in parts),
        sum(p.fee_yuan for p in parts),
        tuple(row for p in parts for row in p.rows),
    )


def hop_edges(chain: Chain, about: Mapping[int, Row]) -> list[list[int]]:
    """Edges of each hop of the chain, into each of its hands in order."""
    return [[e for e in chain.edges if about[e]["target"] == hand] for hand in chain.hands]


def read_groups(
    sql: duckdb.DuckDBPyConnection,
    cases: Sequence[ChainCase],
    *,
    degree_cap: int,
    majority_pct: float,
) -> None:
    """Fill whether generator and firms between stand under one owner."""
    parties = [sorted({case.chain.generators[0], *case.chain.middle}) for case in cases]
    everyone = sorted({party for many in parties for party in many})
    known = affiliations(sql, everyone, degree_cap=degree_cap, majority_pct=majority_pct)
    for case, many in zip(cases, parties, strict=True):
        case.is_group = is_one_group(known, many)
