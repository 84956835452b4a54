"""What speaks against a round of transfers, and what speaks for it.

Each term is tested and says so: True it holds, False it was looked for and not found, None it
could not be tested.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import duckdb
import polars as pl

from analytics.affiliation import Affiliations, Row, Ties
from analytics.handovers import HANDOVER_COLUMNS, HandoverFacts, handover_facts
from analytics.loop_regeneration import regeneration_explains
from analytics.loop_trips import evidence_of, trip_facts
from analytics.loops import Round
from analytics.paper_times import Stay, TripTimes, stay_between, trip_times
from analytics.whereabouts import WayRules
from graph.types import Evidence


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

    ``dwell_h``: the shortest stay of which all times are known to the hour. ``licensed``: each
    taker of waste held a licence for its code on that day; ``licence_unknown``: takers of which
    the lake does not tell; ``collector``: one between may collect only; ``claims``: refunds that
    rest on the lot, yuan by row reference; ``regenerated``: a licensed plant sold the product
    back to the giver, ``may_be_regenerated``: it looks so, but not all of it is known;
    ``refused``: manifests on the way that were refused in part.
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
    claims: dict[str, float] = field(default_factory=dict)
    licensed: bool | None = None
    licence_unknown: list[str] = field(default_factory=list)
    collector: bool = False
    regenerated: bool = False
    may_be_regenerated: bool = False
    refused: int = 0
    not_found: list[str] = field(default_factory=list)
    support: list[Evidence] = field(default_factory=list)

    @property
    def no_treatment(self) -> bool | None:
        """Dwell too short or power too low; None when neither could be tested."""
        return _either(self.short_dwell, self.low_power)

    @property
    def refund_yuan(self) -> float:
        """Refunds that rest on the round's lot."""
        return sum(self.claims.values())

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


def claimed_yuan(facts: Iterable[RoundFacts]) -> float:
    """Refunds that rest on the lots of several rounds, each claim once."""
    claims = {reference: yuan for fact in facts for reference, yuan in fact.claims.items()}
    return sum(claims[reference] for reference in sorted(claims))


def _any_of(verdicts: Sequence[bool | None]) -> bool | None:
    """True when one holds, False when all are tested and none holds."""
    if any(verdicts):
        return True
    return None if not verdicts or None in verdicts else False


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
    times = trip_times(sql, edges.filter(pl.col("manifest_no").is_not_null()))
    _read_handovers(sql, facts, times, rules)
    trips = trip_facts(sql, rounds, edges, times, rules.way, rules.cameras_needed)
    for fact, found in zip(facts, trips, strict=True):
        fact.paper_only = found.is_paper
        fact.seen, fact.unseen, fact.untested = found.seen, found.unseen, found.untested
        fact.overlapping, fact.awake = found.overlapping, found.awake
        fact.not_found += found.not_found
        fact.support += found.support
    _read_refusals(sql, facts, edges)
    return facts


@dataclass(frozen=True, slots=True)
class _Handovers:
    """What is known of all hand-overs: rows by number, times by edge, names by firm."""

    facts: HandoverFacts
    licences: Mapping[int, list[Row]]
    power: Mapping[int, list[Row]]
    claims: Mapping[int, list[Row]]
    times: Mapping[int, TripTimes]
    names: Mapping[str, str]

    def times_of(self, edges: Sequence[int]) -> list[TripTimes]:
        """Times of those edges that a manifest tells of."""
        return [self.times[edge] for edge in edges if edge in self.times]


def _read_handovers(
    sql: duckdb.DuckDBPyConnection,
    facts: list[RoundFacts],
    times: Mapping[int, TripTimes],
    rules: SuspicionRules,
) -> None:
    given: list[Row] = []
    numbers: list[range] = []
    for fact in facts:
        hops = fact.round.hops
        numbers.append(range(len(given), len(given) + len(hops)))
        for before, after in zip(hops, [*hops[1:], None], strict=True):
            left = max(after.departed_at, before.received_at) if after else before.received_at
            row = (len(given), before.target, before.received_at, left, before.code, before.tonnes)
            given.append(dict(zip(HANDOVER_COLUMNS, row, strict=True)))
    known = handover_facts(
        sql,
        pl.DataFrame(given, schema=HANDOVER_COLUMNS),
        normal_days=rules.power_normal_days,
        normal_months=rules.power_normal_months,
        refund_share=rules.refund_share,
    )
    read = _Handovers(
        facts=known,
        licences=_by_handover(known.licences),
        power=_by_handover(known.power),
        claims=_by_handover(known.refunds.claims),
        times=times,
        names=_names(sql, {str(row["organization"]) for row in given}),
    )
    for fact, own in zip(facts, numbers, strict=True):
        _judge_licences(fact, own, read)
        _judge_treatments(fact, own, read, rules)
        _judge_refunds(fact, own, read)
        _judge_regeneration(fact, own, read, rules)


def _names(sql: duckdb.DuckDBPyConnection, firms: set[str]) -> dict[str, str]:
    sql.register("firm_given", pl.DataFrame({"entity_id": sorted(firms)}).to_arrow())
    found = sql.execute(
        "SELECT entity_id, coalesce(o.name, entity_id) FROM firm_given"
        " LEFT JOIN organization o USING (entity_id)"
    ).fetchall()
    sql.unregister("firm_given")
    return {str(entity): str(name) for entity, name in found}


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


def _verdict(value: object) -> bool | None:
    return None if value is None else bool(value)


def _by_handover(frame: pl.DataFrame) -> dict[int, list[Row]]:
    grouped: dict[int, list[Row]] = {}
    for row in frame.iter_rows(named=True):
        grouped.setdefault(int(row["handover"]), []).append(row)
    return grouped


def _judge_licences(fact: RoundFacts, numbers: range, read: _Handovers) -> None:
    """Licences of the takers; a firm whose licence the lake lacks is not found, not unlicensed."""
    hops = fact.round.hops
    lacking: list[bool | None] = []
    changed: list[bool | None] = []
    for place, (number, before) in enumerate(zip(numbers, hops, strict=True)):
        scope = read.licences.get(number, [])
        treats = any(row["treats"] for row in scope)
        collects = any(row["collects"] for row in scope)
        is_known = bool(scope) or before.target in read.facts.known_firms
        if before.is_waste:
            lacking.append(not (treats or collects) if is_known else None)
            if not is_known:
                fact.licence_unknown.append(before.target)
        if place + 1 == len(hops):
            continue
        fact.collector = fact.collector or (collects and not treats)
        after = hops[place + 1]
        if not before.code or not after.code:
            continue
        if before.code == after.code:
            changed.append(False if read.facts.has_licence_data else None)
            continue
        changed.append(not treats if is_known else None)
        if changed[-1] is not False:
            ending = "none with R/D method" if is_known else "not testable"
            name = read.names[before.target]
            fact.not_found.append(f"hw_licence {name} {before.code}: {ending}")
        if changed[-1]:
            fact.support += [evidence_of(row, "licence") for row in scope]
    found = _any_of(lacking)
    fact.licensed = None if found is None else not found
    fact.unlicensed_change = _any_of(changed)


def _stays(fact: RoundFacts, read: _Handovers) -> list[Stay | None]:
    """Stay at each firm between, in order."""
    hops = fact.round.hops
    return [
        stay_between(read.times_of(before.edges), read.times_of(after.edges))
        for before, after in pairwise(hops)
    ]


def _is_short(stay: Stay, needed_h: float) -> bool | None:
    if stay.longest_h is not None and stay.longest_h < needed_h:
        return True
    return False if stay.shortest_h is not None and stay.shortest_h >= needed_h else None


def _judge_treatments(
    fact: RoundFacts, numbers: range, read: _Handovers, rules: SuspicionRules
) -> None:
    """Stay and power at those between that hand waste on and may do more than collect it."""
    hops = fact.round.hops
    short: list[bool | None] = []
    for number, before, after, stay in zip(
        numbers, hops, hops[1:], _stays(fact, read), strict=False
    ):
        scope = read.licences.get(number, [])
        is_collector = any(r["collects"] for r in scope) and not any(r["treats"] for r in scope)
        if not (before.is_waste and after.is_waste) or is_collector:
            continue
        short.append(_is_short(stay, rules.dwell_needed_h(before.code)) if stay else None)
        if stay is None:
            continue
        if stay.is_exact and stay.longest_h is not None:
            known = [h for h in (fact.dwell_h, stay.longest_h) if h is not None]
            fact.dwell_h = min(known)
        _judge_power(fact, read.power.get(number, []), rules)
    fact.short_dwell = _any_of(short)


def _judge_power(fact: RoundFacts, power: list[Row], rules: SuspicionRules) -> None:
    for row in power:
        ratio = float(str(row["ratio"]))
        if fact.power_ratio is None or ratio < fact.power_ratio:
            fact.power_ratio, fact.power_n = ratio, int(str(row["n"]))
        fact.low_power = bool(fact.low_power) or ratio < rules.power_ratio
        if ratio < rules.power_ratio:
            fact.support.append(evidence_of(row, "power"))


def _judge_refunds(fact: RoundFacts, numbers: range, read: _Handovers) -> None:
    """Claims of those that hand the waste on as waste, and so did not use it up.

    A recycler that sells a product may claim.
    """
    verdicts: list[bool | None] = []
    for number, after in zip(numbers, fact.round.hops[1:], strict=False):
        if not after.is_waste:
            continue
        if number not in read.facts.refunds.testable:
            verdicts.append(None)
            continue
        claims = read.claims.get(number, [])
        verdicts.append(_any_of([_verdict(row["rests"]) for row in claims] or [False]))
        for row in claims:
            if row["rests"]:
                one = evidence_of(row, "refund")
                fact.claims[one.reference] = float(str(row["refund_yuan"]))
                fact.support.append(one)
    fact.refund = _any_of(verdicts)


def _judge_regeneration(
    fact: RoundFacts, numbers: range, read: _Handovers, rules: SuspicionRules
) -> None:
    hops = fact.round.hops
    for number, before, after in zip(numbers, hops, hops[1:], strict=False):
        scope = read.licences.get(number, [])
        is_known = bool(scope) or before.target in read.facts.known_firms
        verdict = regeneration_explains(
            before,
            after,
            read.times_of(before.edges),
            any(row["recycles"] for row in scope) if is_known else None,
            rules.dwell_needed_h(before.code),
        )
        fact.regenerated = fact.regenerated or verdict is True
        fact.may_be_regenerated = fact.may_be_regenerated or verdict is None


def is_one_group(known: Affiliations, nodes: Sequence[str]) -> bool:
    """Whether one head stands above all nodes by majority."""
    return Ties(known).is_one_group(nodes)
