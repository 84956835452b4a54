"""What speaks against a round of transfers, and what speaks for it.

Each term is tested and says so: True it holds, False it was looked for and not found, None it
could not be tested.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import duckdb
import polars as pl

from analytics.affiliation import Affiliations, Row, Ties
from analytics.handovers import HANDOVER_COLUMNS, HandoverFacts, handover_facts
from analytics.loops import Round
from analytics.transfers import PACKAGING_CODE
from analytics.whereabouts import SOURCES, TRIP_COLUMNS, WayRules, presence
from graph.types import Evidence
from records.clock import shanghai_day

REGENERATED = ("06", "34", "50")
ROWS_PER_SOURCE = 2


@dataclass(frozen=True, slots=True)
class SuspicionRules:
    """Thresholds of the terms; units in the names, ratios 0 to 1."""

    dwell_h: float
    dwell_h_by_category: str
    power_ratio: float
    power_normal_days: int
    power_normal_months: int
    refund_share: float
    cameras_needed: int
    way: WayRules

    def dwell_needed_h(self, code: str | None) -> float:
        """Hours that the process of a waste code needs at least."""
        pairs = (p.split("=") for p in self.dwell_h_by_category.split(",") if "=" in p)
        own = {category.strip(): float(hours) for category, hours in pairs}
        return own.get(f"HW{code[-2:]}", self.dwell_h) if code else self.dwell_h


@dataclass(slots=True)
class RoundFacts:
    """A round with what was found out about it; ``support`` are rows for the terms that hold.

    ``licensed``: each taker of waste held a licence for its code on that day, ``collector``: one
    between may collect only; ``regenerated``: a licensed plant sold the product back to the giver,
    ``may_be_regenerated``: it looks so but for the licence; ``refused``: manifests on the way that
    were refused in part.
    """

    round: Round
    short_dwell: bool | None = None
    dwell_h: float | None = None
    low_power: bool | None = None
    power_ratio: float | None = None
    power_n: int = 0
    unlicensed_change: bool | None = None
    paper_only: bool | None = None
    unseen: int = 0
    seen: int = 0
    untested: int = 0
    awake: int | None = None
    overlapping: int = 0
    refund: bool | None = None
    refund_yuan: float = 0.0
    licensed: bool | None = None
    collector: bool = False
    regenerated: bool = False
    may_be_regenerated: bool = False
    packaging: bool = False
    refused: int = 0
    not_found: list[str] = field(default_factory=list)
    support: list[Evidence] = field(default_factory=list)

    @property
    def no_treatment(self) -> bool | None:
        """Dwell too short or power too low; None when neither could be tested."""
        return _either(self.short_dwell, self.low_power)

    @property
    def tonnes(self) -> float:
        """Tonnes that went round, 0 when unknown."""
        return self.round.tonnes or 0.0

    @property
    def is_driven(self) -> bool:
        """Whether every step under a manifest was seen on its way."""
        return self.seen > 0 and not (self.unseen or self.untested or self.overlapping)

    @property
    def is_documented(self) -> bool:
        """Whether trips and licences were found and nothing that was tested speaks against it.

        A stay too short for treatment speaks against nobody who only keeps what others treat.
        """
        against = (self.unlicensed_change, self.refund, self.low_power)
        return self.is_driven and self.licensed is True and not any(against)


def _either(one: bool | None, other: bool | None) -> bool | None:
    known = [value for value in (one, other) if value is not None]
    return any(known) if known else None


def _evidence(row: Row, role: str) -> Evidence:
    return Evidence(
        str(row["dataset"]), str(row["batch"]), int(str(row["row"])), int(str(row["part"])),
        str(row["key"]), role,
    )  # fmt: skip


def round_facts(
    sql: duckdb.DuckDBPyConnection,
    rounds: Sequence[Round],
    edges: pl.DataFrame,
    rules: SuspicionRules,
) -> list[RoundFacts]:
    """Facts of each round, in order; a few statements for all of them.

    ``edges`` are the transfers of the rounds, columns EDGE_COLUMNS.
    """
    facts = [RoundFacts(one) for one in rounds]
    _read_handovers(sql, facts, rules)
    _read_trips(sql, facts, edges, rules)
    _read_refusals(sql, facts, edges)
    for fact in facts:
        codes = {hop.code for hop in fact.round.hops if hop.code}
        fact.packaging = PACKAGING_CODE in codes
    return facts


def _read_handovers(
    sql: duckdb.DuckDBPyConnection, facts: list[RoundFacts], rules: SuspicionRules
) -> None:
    places: list[tuple[RoundFacts, int]] = []
    given: list[Row] = []
    for fact in facts:
        hops = fact.round.hops
        for at in range(1, len(hops) + 1):
            before = hops[at - 1]
            given.append(
                {
                    "handover": len(places),
                    "organization": before.target,
                    "received_at": before.received_at,
                    "sent_at": max(hops[at].departed_at, before.received_at)
                    if at < len(hops)
                    else before.received_at,
                    "code": before.code,
                    "tonnes": before.tonnes,
                }
            )
            places.append((fact, at))
    known = handover_facts(
        sql,
        pl.DataFrame(given, schema=HANDOVER_COLUMNS),
        normal_days=rules.power_normal_days,
        normal_months=rules.power_normal_months,
        refund_share=rules.refund_share,
    )
    licences, power, refunds = (
        _by_handover(frame) for frame in (known.licences, known.power, known.refunds)
    )
    for number, (fact, at) in enumerate(places):
        scope = licences.get(number, [])
        before = fact.round.hops[at - 1]
        if before.is_waste and known.has_licence_data:
            fact.licensed = fact.licensed is not False and any(
                row["treats"] or row["collects"] for row in scope
            )
        if at == len(fact.round.hops):
            continue
        _judge_licence(fact, at, scope, known)
        is_collector = any(r["collects"] for r in scope) and not any(r["treats"] for r in scope)
        fact.collector = fact.collector or is_collector
        if before.is_waste and fact.round.hops[at].is_waste and not is_collector:
            _judge_treatment(fact, at, power.get(number, []), rules)
        _judge_refund(fact, at, refunds.get(number, []), known)


def _read_refusals(
    sql: duckdb.DuckDBPyConnection, facts: list[RoundFacts], edges: pl.DataFrame
) -> None:
    """Count manifests of the rounds that were refused in part and stayed in the search."""
    sql.register("trip_edge", edges.select("edge", "manifest_no").to_arrow())
    refused = {
        int(edge)
        for (edge,) in sql.execute(
            """
            SELECT DISTINCT t.edge FROM trip_edge t JOIN manifest m USING (manifest_no)
            LEFT JOIN manifest_item i USING (manifest_no)
            WHERE coalesce(i.decision, m.decision) IN ('拒绝', '部分接受')
            """
        ).fetchall()
    }
    sql.unregister("trip_edge")
    for fact in facts:
        fact.refused = sum(e in refused for hop in fact.round.hops for e in hop.edges)


def _by_handover(frame: pl.DataFrame) -> dict[int, list[Row]]:
    grouped: dict[int, list[Row]] = {}
    for row in frame.iter_rows(named=True):
        grouped.setdefault(int(row["handover"]), []).append(row)
    return grouped


def _judge_licence(fact: RoundFacts, at: int, scope: list[Row], known: HandoverFacts) -> None:
    before, after = fact.round.hops[at - 1], fact.round.hops[at]
    if (
        before.code
        and (before.code[-2:] in REGENERATED or before.code == PACKAGING_CODE)
        and before.is_waste
        and not after.is_waste
        and "invoice" in after.kinds
        and after.target == before.source
    ):
        fact.regenerated = any(row["recycles"] for row in scope)
        fact.may_be_regenerated = not known.has_licence_data
    if not before.code or not after.code or not known.has_licence_data:
        return
    holds = before.code != after.code and not any(row["treats"] for row in scope)
    fact.unlicensed_change = bool(fact.unlicensed_change) or holds
    if holds:
        fact.not_found.append(f"hw_licence {after.source} {before.code}: none with R/D method")
        fact.support += [_evidence(row, "licence") for row in scope]


def _judge_treatment(fact: RoundFacts, at: int, power: list[Row], rules: SuspicionRules) -> None:
    before, after = fact.round.hops[at - 1], fact.round.hops[at]
    dwell = max(0.0, (after.departed_at - before.received_at).total_seconds() / 3600)
    fact.dwell_h = dwell if fact.dwell_h is None else min(fact.dwell_h, dwell)
    is_short = dwell < rules.dwell_needed_h(before.code)
    fact.short_dwell = bool(fact.short_dwell) or is_short
    for row in power:
        ratio = float(str(row["ratio"]))
        if fact.power_ratio is None or ratio < fact.power_ratio:
            fact.power_ratio, fact.power_n = ratio, int(str(row["n"]))
        fact.low_power = bool(fact.low_power) or ratio < rules.power_ratio
        if ratio < rules.power_ratio:
            fact.support.append(_evidence(row, "power"))


def _judge_refund(fact: RoundFacts, at: int, refunds: list[Row], known: HandoverFacts) -> None:
    # A recycler that sells a product may claim; one that hands the waste on as waste did not
    # use it up.
    if not known.has_refund_data or not fact.round.hops[at].is_waste:
        return
    fact.refund = bool(fact.refund) or bool(refunds)
    for row in refunds:
        fact.refund_yuan += float(str(row["refund_yuan"]))
        fact.support.append(_evidence(row, "refund"))


def _read_trips(
    sql: duckdb.DuckDBPyConnection,
    facts: list[RoundFacts],
    edges: pl.DataFrame,
    rules: SuspicionRules,
) -> None:
    wanted = {e for f in facts for h in f.round.hops if h.is_waste for e in h.edges}
    chosen = edges.filter(
        pl.col("edge").is_in(sorted(wanted)) & pl.col("manifest_no").is_not_null()
    )
    trips = _trips(sql, chosen)
    if trips.is_empty():
        for fact in facts:
            fact.untested = sum(hop.is_waste for hop in fact.round.hops)
        return
    seen = presence(sql, trips, rules.way)
    counts = {int(row["trip"]): row for row in seen.trips.iter_rows(named=True)}
    overlaps: dict[int, list[Row]] = {}
    for row in seen.overlaps.iter_rows(named=True):
        overlaps.setdefault(int(row["trip"]), []).append(row)
    traces: dict[int, list[Row]] = {}
    for row in seen.rows.iter_rows(named=True):
        traces.setdefault(int(row["trip"]), []).append(row)
    about = {int(row["edge"]): row for row in chosen.iter_rows(named=True)}
    for fact in facts:
        for hop in fact.round.hops:
            if hop.is_waste:
                _judge_hop(fact, [e for e in hop.edges if e in about], counts, overlaps, rules)
                for e in hop.edges:
                    _tell_search(fact, about.get(e), counts.get(e), traces.get(e, []), rules)
        # One truck may slip past the cameras; all of them, or two, hardly.
        is_unseen = fact.unseen >= 2 or (fact.unseen > 0 and not fact.seen and not fact.untested)
        if fact.unseen + fact.seen:
            fact.paper_only = is_unseen or fact.overlapping > 0


def _trips(sql: duckdb.DuckDBPyConnection, chosen: pl.DataFrame) -> pl.DataFrame:
    """Trips of manifests, each vehicle of each carrier leg one row, with places of the firms."""
    sql.register("trip_edge", chosen.drop("kinds").to_arrow())
    frame: pl.DataFrame = sql.sql(
        """
        WITH driven AS (
            SELECT edge, vehicle FROM trip_edge
            UNION
            SELECT t.edge, l.vehicle_vehicle FROM trip_edge t
            JOIN manifest_leg_linked l ON l.manifest_no = t.manifest_no
        )
        SELECT t.edge AS trip, d.vehicle, t.manifest_no, t.source, t.target,
            coalesce(t.departed_at, t.moved_at) AS departed_at,
            greatest(coalesce(t.arrived_at, t.moved_at), coalesce(t.departed_at, t.moved_at))
                AS arrived_at,
            s.lon AS from_lon, s.lat AS from_lat, r.lon AS to_lon, r.lat AS to_lat
        FROM trip_edge t JOIN driven d ON d.edge = t.edge
        LEFT JOIN organization s ON s.entity_id = t.source
        LEFT JOIN organization r ON r.entity_id = t.target
        WHERE d.vehicle IS NOT NULL ORDER BY trip, d.vehicle
        """
    ).pl()
    sql.unregister("trip_edge")
    return frame.select(pl.col(name).cast(kind) for name, kind in TRIP_COLUMNS.items())


def _judge_hop(
    fact: RoundFacts,
    edges: list[int],
    counts: dict[int, Row],
    overlaps: dict[int, list[Row]],
    rules: SuspicionRules,
) -> None:
    """A step counts as driven when any of its trips was seen, as paper when none was."""
    tested = [counts[e] for e in edges if e in counts]
    if any(int(str(row[name])) for row in tested for name in SOURCES):
        fact.seen += 1
        return
    double = [row for e in edges for row in overlaps.get(e, [])]
    if double:
        fact.overlapping += 1
        for row in double:
            row = {**row, "dataset": "manifest", "key": row["manifest_no"]}
            fact.support.append(_evidence(row, "overlapping trip"))
    awake = [int(str(row["awake"])) for row in tested if row["awake"] is not None]
    if tested and len(awake) == len(edges) and min(awake) >= rules.cameras_needed:
        fact.unseen += 1
        fact.awake = min(awake) if fact.awake is None else min(fact.awake, *awake)
    elif double:
        fact.unseen += 1
    else:
        fact.untested += 1


def _tell_search(
    fact: RoundFacts, edge: Row | None, counts: Row | None, traces: list[Row], rules: SuspicionRules
) -> None:
    if edge is None or counts is None:
        return
    first, last = edge["departed_at"] or edge["moved_at"], edge["arrived_at"] or edge["moved_at"]
    if not isinstance(first, datetime) or not isinstance(last, datetime):
        return
    pad = timedelta(hours=rules.way.pad_h)
    for name in SOURCES:
        if not int(str(counts[name])):
            plate = edge["plate"] or edge["vehicle"]
            span = f"{shanghai_day(first - pad)}..{shanghai_day(last + pad)}"
            fact.not_found.append(f"{name} {span} plate {plate}: none")
    for name in SOURCES:
        fact.support += [_evidence(r, "seen on the way") for r in traces if r["dataset"] == name][
            :2
        ]


def is_one_group(known: Affiliations, nodes: Sequence[str]) -> bool:
    """Whether one head stands above all nodes by majority."""
    return Ties(known).is_one_group(nodes)
