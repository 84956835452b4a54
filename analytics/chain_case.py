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
from analytics.chain_pass_through import Outflows, PassRules, Row, through_shares
from analytics.chain_prices import (
    PAIR_COLUMNS,
    WANTED_COLUMNS,
    GoodsPrice,
    HopPrice,
    edge_prices,
    hop_prices,
    licensed_prices,
    together,
)
from analytics.chains import Chain
from analytics.loop_suspicion import is_one_group
from analytics.shell_terms import ShellFacts, Term, pass_through
from analytics.whereabouts import SOURCES, TRIP_COLUMNS, WayRules, presence
from graph.types import Evidence
from records.clock import shanghai_day
from records.contract import load_contract

NOT_AGENCIES = frozenset({"enterprise", "reference", "any"})
TRACES_PER_EDGE = 2


@dataclass(slots=True)
class ChainCase:
    """One chain; ``terms`` per firm between, ``score`` by DOMAIN, ``grade`` before caps.

    ``rows``: evidence of each edge; ``traces``: sightings of the vehicles of an edge;
    ``price_ratios``: by firm between, selling price by buying price of the same lots (median);
    ``licensed_yuan_t``: what licensed disposal of such waste costs; ``score`` may be that of a part
    of the chain, as DOMAIN takes the best of all paths.
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

    def age_days(self, place: int) -> float | None:
        """Days since the firm at this place was founded, as of the chain's beginning."""
        return next(term.value for term in self.terms[place] if term.name == "age_days")

    @property
    def support(self) -> int:
        """Independent agencies behind the edges (RULINGS 12)."""
        return len(self.agencies)


def agencies_of(rows: Sequence[Evidence]) -> tuple[str, ...]:
    """Agencies that own the rows, without enterprise and reference (RULINGS 12)."""
    datasets = load_contract().datasets
    owners = {datasets[row.dataset].agency for row in rows if row.dataset in datasets}
    return tuple(sorted(owners - NOT_AGENCIES))


def chain_score(points: Sequence[int], support: int) -> float:
    """Mean suspicion of the firms between and half a point per independent agency."""
    return sum(points) / len(points) + 0.5 * support


def with_terms(
    chain: Chain,
    facts: Mapping[str, ShellFacts],
    about: Mapping[int, Row],
    handed_on: Outflows,
    rules: PassRules,
) -> ChainCase:
    """The case with the terms of each firm between, as old as it was when the chain began."""
    moments = [t for e in chain.edges if isinstance(t := about[e]["moved_at"], datetime)]
    begun_on = shanghai_day(min(moments))
    terms = []
    for node in chain.middle:
        fact = facts[node]
        shares = through_shares(chain, node, about, handed_on, rules.days)
        passing = pass_through(shares, rules.low, rules.high, fact.is_licensed)
        terms.append((*fact.terms_on(begun_on), passing))
    return ChainCase(chain, tuple(terms))


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
    licensed = licensed_prices(sql, _disposed(cases, about))
    lines: list[dict[str, object]] = []
    places: dict[tuple[int, int], list[int]] = {}
    for number, case in enumerate(cases):
        times = [about[e]["moved_at"] for e in case.chain.edges]
        moments = [t for t in times if isinstance(t, datetime)]
        for hop, edges in enumerate(hop_edges(case.chain, about)):
            for source in sorted({str(about[e]["source"]) for e in edges}):
                own = [e for e in edges if about[e]["source"] == source]
                lines.append(
                    {
                        "number": len(lines),
                        "source": source,
                        "target": case.chain.hands[hop],
                        "since_at": min(moments) - timedelta(days=pad_days),
                        "until_at": max(moments) + timedelta(days=pad_days),
                        "tonnes": sum(float(str(about[e]["tonnes"] or 0.0)) for e in own),
                        "edges": own,
                    }
                )
                places.setdefault((number, hop), []).append(len(lines) - 1)
    found = hop_prices(sql, pl.DataFrame(lines, schema=PAIR_COLUMNS), known)
    for number, case in enumerate(cases):
        case.prices = tuple(
            _together([found[line] for line in places.get((number, hop), ())])
            for hop in range(len(case.chain.hands))
        )
        case.price_ratios = tuple(
            price_ratio(case.chain, node, about, known) for node in case.chain.middle
        )
        case.licensed_yuan_t = licensed.get(number)


def _disposed(cases: Sequence[ChainCase], about: Mapping[int, Row]) -> pl.DataFrame:
    """Waste code of most of what the generators of each case gave away, and the day they began."""
    lines = []
    for number, case in enumerate(cases):
        first = hop_edges(case.chain, about)[0]
        codes: dict[str, float] = {}
        for e in first:
            if (code := about[e]["code"]) is not None:
                codes[str(code)] = codes.get(str(code), 0.0) + float(str(about[e]["tonnes"] or 0.0))
        moments = [t for e in first if isinstance(t := about[e]["moved_at"], datetime)]
        code = min(codes, key=lambda c: (-codes[c], c), default=None)
        lines.append({"number": number, "code": code, "on_day": shanghai_day(min(moments))})
    return pl.DataFrame(lines, schema=WANTED_COLUMNS)


def price_ratio(
    chain: Chain, node: str, about: Mapping[int, Row], known: Mapping[int, GoodsPrice]
) -> float | None:
    """Median over the lots of a firm: price at which it sold by price at which it bought."""
    unit = {e: price for e, goods in known.items() if (price := goods.yuan_t) is not None}
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
        together([p.goods for p in parts]),
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
    """Fill whether generators and firms between stand under one owner."""
    parties = [sorted({*case.chain.generators, *case.chain.middle}) for case in cases]
    everyone = sorted({party for many in parties for party in many})
    known = affiliations(sql, everyone, degree_cap=degree_cap, majority_pct=majority_pct)
    for case, many in zip(cases, parties, strict=True):
        case.is_group = is_one_group(known, many)
