"""HW-11 非法转移闭环: waste that is handed round until it is back with a party that handed it on.

Mechanism. On paper, or in part really, a lot goes from firm to firm and returns: to fake its
disposal, to launder its code, to use up somebody's licence, or to claim the VAT refund for
utilisation on the same tonnes again. Manifests, goods invoices and weighed trips on resolved
organisations show it, although no single table does. At most one firm on the way may change what
is handed on: its waste code, or waste to goods and back. With more changes nearly any firm's goods
follow any other's, and what closes then is chance.

Innocent. Refused loads on their way back and drafts never become transfers. Solvents, acids,
catalysts and drums that a licensed plant regenerates and sells back as a product clear a round.
Returned packaging and consolidation within one group clear it when everything about it is
documented: every trip seen, every taker licensed for the code on the day, the code unchanged but
for the packaging itself, no refund, no idle plant. A group that sells the waste on as goods does
not consolidate it. A group's rounds are not cleared when they repeat or add up to what grades 2
and 1 want. Otherwise these two cap the grade at 3.

Source: GRAPH_MODELS HW-11, RULINGS 16 and 33.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import groupby

from analytics.affiliation import Ties, affiliations
from analytics.kernels.temporal_cycles import Cut, CycleLimits, CycleRules
from analytics.loop_balance import node_balances
from analytics.loop_case import Case, Thresholds
from analytics.loop_report import draft_of
from analytics.loop_suspicion import (
    RoundFacts,
    SuspicionRules,
    round_facts,
)
from analytics.loops import DAY_S, SHANGHAI_S, find_rounds
from analytics.model import Draft, Inputs, Model, parameter
from analytics.transfers import PACKAGING_CODE, TransferRules, transfer_tables
from analytics.whereabouts import WayRules
from records.clock import shanghai_day

DESIGN = "GRAPH_MODELS HW-11"


@dataclass(frozen=True, slots=True)
class Params:
    """Thresholds of HW-11."""

    window_days: int = parameter(90, unit="d", source=DESIGN)
    short_days: int = parameter(30, unit="d", source=DESIGN + "; longer only for grade 1")
    hop_limit: int = parameter(8, unit="edges", source=DESIGN)
    most_changes: int = parameter(
        1, unit="changes", source=DESIGN + ": equal, or changed at a node; 7: any number"
    )
    flow_low: float = parameter(0.7, unit="ratio", source=DESIGN)
    flow_high: float = parameter(1.05, unit="ratio", source=DESIGN)
    bundle_days: int = parameter(1, unit="d", source="LOOPS 9: lots split over trucks")
    pool_days: int = parameter(7, unit="d", source="LOOPS 9: lots put together or shared out")
    pool_share: float = parameter(0.25, unit="share", source="design: of a pooled lot, as HW-10")
    merge_days: int = parameter(7, unit="d", source="RULINGS 16")
    return_days: int = parameter(30, unit="d", source="design: time for a refused load to go back")
    trip_hours: int = parameter(24, unit="h", source="RULINGS 27: a trip lasts at most 24 h")
    weight_tolerance: float = parameter(0.1, unit="ratio", source="design: two weighings of a trip")
    history_days: int = parameter(730, unit="d", source="design: episodes and 12-month sums")
    dwell_h: float = parameter(24.0, unit="h", source="RULINGS 33")
    dwell_h_by_category: str = parameter("", unit="HWnn=h,...", source="RULINGS 33")
    power_ratio: float = parameter(0.2, unit="ratio", source=DESIGN)
    power_normal_days: int = parameter(20, unit="d", source="design: days behind normal power")
    power_normal_months: int = parameter(3, unit="months", source="design: as above, grid data")
    refund_share: float = parameter(0.7, unit="ratio", source="design: of a lot in the claim")
    cameras_needed: int = parameter(3, unit="cameras", source="design: unread plates are common")
    way_pad_h: float = parameter(12.0, unit="h", source="design: times of day are often missing")
    detour_ratio: float = parameter(1.4, unit="ratio", source="design: road to straight line")
    detour_km: float = parameter(10.0, unit="km", source="design: access roads")
    overlap_min: float = parameter(30.0, unit="min", source="design: trips of one truck")
    degree_cap: int = parameter(20, unit="organisations", source="RULINGS 15")
    majority_pct: float = parameter(50.0, unit="%", source="RULINGS 33")
    repeat_count: int = parameter(3, unit="loops", source=DESIGN)
    repeat_days: int = parameter(90, unit="d", source=DESIGN)
    heavy_t: float = parameter(3.0, unit="t", source=DESIGN + "; JI-1-2")
    yearly_t: float = parameter(100.0, unit="t", source=DESIGN)
    year_days: int = parameter(365, unit="d", source=DESIGN)
    episode_gap_days: int = parameter(90, unit="d", source="RULINGS 4")
    search_steps: int = parameter(10_000_000_000, unit="elements", source="design: bounded work")
    node_sets: int = parameter(50_000, unit="sets", source="design: bounded output")


def _suspicion_rules(params: Params) -> SuspicionRules:
    return SuspicionRules(
        params.dwell_h,
        params.dwell_h_by_category,
        params.power_ratio,
        params.power_normal_days,
        params.power_normal_months,
        params.refund_share,
        params.cameras_needed,
        WayRules(params.way_pad_h, params.detour_ratio, params.detour_km, params.overlap_min),
    )


def _is_cleared(fact: RoundFacts) -> bool:
    """Whether a product or packaging that comes back explains the whole round."""
    is_packaging_back = (
        fact.packaging
        and len(fact.round.hops) == 2
        and fact.round.hops[-1].code == PACKAGING_CODE
        and fact.is_documented
    )
    return fact.regenerated or is_packaging_back


def _is_group_consolidation(facts: Sequence[RoundFacts], params: Params) -> bool:
    """Whether the rounds of one group are few, small, and documented in every step."""
    return (
        all(f.is_documented and not f.round.changes and not f.no_treatment for f in facts)
        and _most_in_window(facts, params.repeat_days) < params.repeat_count
        and not any(_in_heavy_year(facts, params))
    )


def _has_grave_term(fact: RoundFacts) -> bool:
    return bool(fact.paper_only or fact.unlicensed_change or fact.refund)


def _yearly_t(facts: Sequence[RoundFacts], last: RoundFacts, params: Params) -> float:
    """Tonnes of a node set's rounds in the 12 months up to the end of ``last``."""
    until = last.round.ended_at
    since = until - timedelta(days=params.year_days)
    return sum(f.tonnes for f in facts if since < f.round.ended_at <= until)


def _in_heavy_year(facts: Sequence[RoundFacts], params: Params) -> list[bool]:
    """Whether each round is part of 12 months whose rounds carry enough for grade 1."""
    year = timedelta(days=params.year_days)
    ends = [f.round.ended_at for f in facts if _yearly_t(facts, f, params) >= params.yearly_t]
    return [any(end - year < f.round.ended_at <= end for end in ends) for f in facts]


def _most_in_window(facts: Sequence[RoundFacts], days: int) -> int:
    """Most loops begun within ``days``; those begun on one day are one."""
    starts = sorted({shanghai_day(f.round.started_at) for f in facts})
    span = timedelta(days=days)
    return max(
        (sum(first <= other <= first + span for other in starts) for first in starts), default=0
    )


def _episodes(facts: Sequence[RoundFacts], gap_days: int) -> list[list[RoundFacts]]:
    """Rounds of one node set cut where nothing ran for ``gap_days``."""
    episodes: list[list[RoundFacts]] = []
    for fact in sorted(facts, key=lambda f: (f.round.started_at, f.round.hops[0].edges)):
        ends = [f.round.ended_at for f in episodes[-1]] if episodes else []
        if ends and fact.round.started_at - max(ends) <= timedelta(days=gap_days):
            episodes[-1].append(fact)
        else:
            episodes.append([fact])
    return episodes


def _grade(case: Case, params: Params) -> int:
    """Grade by GRAPH_MODELS, before caps."""

    def tonnes_with(holds: Sequence[bool | None]) -> float:
        return sum(f.tonnes for f, is_true in zip(case.facts, holds, strict=True) if is_true)

    grave = [
        [f.paper_only for f in case.facts],
        [f.unlicensed_change for f in case.facts],
        [f.refund for f in case.facts],
    ]
    if case.yearly_t >= params.yearly_t or any(tonnes_with(t) >= params.heavy_t for t in grave):
        return 1
    suspicious = [bool(_has_grave_term(f) or f.no_treatment or case.shared) for f in case.facts]
    if case.loops >= params.repeat_count or tonnes_with(suspicious) >= params.heavy_t:
        return 2
    return 3


def _cases(facts: Sequence[RoundFacts], known: Ties, note: str, params: Params) -> list[Case]:
    """Cases of one node set."""
    nodes = facts[0].round.nodes
    is_group = known.is_one_group(nodes)
    if is_group and _is_group_consolidation(facts, params):
        return []
    in_heavy_year = _in_heavy_year(facts, params)
    kept = [
        fact
        for fact, is_in_heavy_year in zip(facts, in_heavy_year, strict=True)
        if fact.round.days <= params.short_days
        or (fact.tonnes >= params.heavy_t and _has_grave_term(fact))
        or is_in_heavy_year
    ]
    cases = []
    for episode in _episodes(kept, params.episode_gap_days):
        case = Case(
            nodes=nodes,
            facts=tuple(episode),
            shared=tuple(known.shared(nodes)),
            is_group=is_group,
            loops=_most_in_window(episode, params.repeat_days),
            yearly_t=max(_yearly_t(kept, fact, params) for fact in episode),
            note=note,
            grade=3,
        )
        cases.append(replace(case, grade=_grade(case, params)))
    return cases


def _sought(params: Params) -> tuple[CycleRules, CycleLimits]:
    rules = CycleRules(
        window=params.window_days * DAY_S,
        hop_limit=params.hop_limit,
        flow_low=params.flow_low,
        flow_high=params.flow_high,
        most_changes=params.most_changes,
        needs_mark=True,
        bundle_length=params.bundle_days * DAY_S,
        bundle_offset=SHANGHAI_S,
        pool_length=params.pool_days * DAY_S,
        pool_share=params.pool_share,
    )
    limits = CycleLimits(
        steps=params.search_steps,
        node_sets=params.node_sets,
        first_window=params.short_days * DAY_S,
    )
    return rules, limits


def _note(cut: Cut) -> str:
    return (
        f"search cut: {len(cut.roots)} organisations, {cut.walks_of_refused_sets} walks of further "
        f"node sets, {len(cut.sets)} node sets not counted to the end"
        if cut.is_truncated
        else ""
    )


def detect(inputs: Inputs, params: Params) -> list[Draft]:
    """Loops of transfers, one draft per node set and episode, gravest first."""
    since = inputs.until - timedelta(days=params.history_days)
    papers = TransferRules(
        params.merge_days, params.return_days, params.trip_hours, params.weight_tolerance
    )
    with transfer_tables(inputs.sql, since, inputs.until, papers) as tables:
        found = find_rounds(tables, *_sought(params))
        facts = round_facts(
            inputs.sql, found.rounds, found.transfers.edges, _suspicion_rules(params)
        )
        facts = [fact for fact in facts if not _is_cleared(fact)]
        if not facts:
            return []
        members = sorted({node for fact in facts for node in fact.round.nodes})
        known = Ties(
            affiliations(
                inputs.sql, members, degree_cap=params.degree_cap, majority_pct=params.majority_pct
            )
        )
        note = _note(found.cycles.cut)
        cases = [
            case
            for _, of_nodes in groupby(facts, key=lambda f: f.round.nodes)
            for case in _cases(list(of_nodes), known, note, params)
        ]
        balances = node_balances(inputs.sql, cases)
    thresholds = Thresholds(
        params.flow_low,
        params.dwell_h,
        params.power_ratio,
        params.cameras_needed,
        params.repeat_count,
        params.yearly_t,
        params.heavy_t,
    )
    drafts = draft_of(inputs.sql, cases, found, balances, thresholds)
    return sorted(drafts, key=lambda d: (d.grade, -d.score, d.identity, d.started_at))


MODEL = Model(
    id="HW-11",
    version="2",
    name_zh="非法转移闭环(图模型)",
    name_en="Illegal transfer loop (graph)",
    direction="A",
    notice="internal",
    datasets=(
        "manifest",
        "manifest_item",
        "manifest_leg",
        "invoice",
        "weighbridge",
        "checkpoint",
        "checkpoint_pass",
        "toll_trip",
        "gate_pass",
        "gps_point",
        "hw_licence",
        "hw_licence_item",
        "power_hour",
        "grid_power_month",
        "vat_refund",
        "shareholder",
        "officer",
        "company",
    ),
    required=("manifest", "manifest_item"),
    legal_refs=("CODE-534", "CODE-536", "TRM-10", "TRM-11"),
    params=Params(),
    detect=detect,
    episode_gap_days=90,
)
