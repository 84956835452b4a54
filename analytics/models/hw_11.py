"""HW-11 非法转移闭环: waste that is handed round until it is back with a party that handed it on.

Mechanism. On paper, or in part really, a lot goes from firm to firm and returns: to fake its
disposal, to launder its code, to use up somebody's licence, or to claim the VAT refund for
utilisation on the same tonnes again. Manifests, goods invoices and weighed trips on resolved
organisations show it, although no single table does. At most one firm on the way may change what
is handed on: its waste code, or waste to goods and back. With more changes nearly any firm's goods
follow any other's, and what closes then is chance.

Innocent. Refused loads, their ways back where they are known, and drafts never become transfers.
Solvents, acids,
catalysts and drums that a licensed plant regenerates and sells back as a product clear a round.
Returned packaging and consolidation within one group clear it when everything about it is
documented: every trip seen, every taker licensed for the code on the day, the code unchanged but
for the packaging itself, no refund, no idle plant. A group that sells the waste on as goods does
not consolidate it. A group's rounds are not cleared when they repeat or add up to what grades 2
and 1 want. Otherwise a group caps the grade at 3, and packaging that comes back counts for nothing:
the grade is that of the other rounds, 3 when there are none.

History. What is searched begins with a quarter of the year, so that a ring keeps its first day, and
with it its id (RULINGS 4), while days go by. When the quarter that holds its first rounds is left
behind, the id changes and the finding names the one that it replaces.

Source: GRAPH_MODELS HW-11, RULINGS 16 and 33.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from analytics.affiliation import Ties, affiliations
from analytics.kernels.temporal_cycles import CycleLimits, CycleRules
from analytics.loop_balance import node_balances
from analytics.loop_case import Case, Thresholds
from analytics.loop_grades import (
    GradeRules,
    grade_of,
    in_heavy_year,
    most_in_window,
    told_episodes,
    yearly_tonnes,
)
from analytics.loop_report import draft_of
from analytics.loop_suspicion import (
    RoundFacts,
    SuspicionRules,
    round_facts,
)
from analytics.loops import DAY_S, SHANGHAI_S, FoundRounds, find_rounds
from analytics.model import Draft, Inputs, Model, parameter
from analytics.tie_data import TieData, tie_data
from analytics.transfers import TransferRules, transfer_tables
from analytics.whereabouts import WayRules
from records.clock import day_end, shanghai_day

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
    history_days: int = parameter(
        730, unit="d", source="design: episodes and 12-month sums, from the start of a quarter"
    )
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
    rounds_per_set: int = parameter(
        CycleLimits().rounds_per_set, unit="loops", source="design: bounded output"
    )


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


def _grade_rules(params: Params) -> GradeRules:
    return GradeRules(
        short_days=params.short_days,
        episode_gap_days=params.episode_gap_days,
        repeat_count=params.repeat_count,
        repeat_days=params.repeat_days,
        heavy_t=params.heavy_t,
        yearly_t=params.yearly_t,
        year_days=params.year_days,
    )


def _is_cleared(fact: RoundFacts) -> bool:
    """Whether a product or packaging that comes back explains the whole round."""
    is_packaging_back = (
        fact.round.brings_packaging_back and len(fact.round.hops) == 2 and fact.is_documented
    )
    return fact.regenerated or is_packaging_back


def _is_group_consolidation(facts: Sequence[RoundFacts], params: Params) -> bool:
    """Whether the rounds of one group are few, small, and documented in every step."""
    return (
        all(f.is_documented and not f.round.changes and not f.no_treatment for f in facts)
        and most_in_window(facts, params.repeat_days) < params.repeat_count
        and not any(in_heavy_year(facts, _grade_rules(params)))
    )


@dataclass(frozen=True, slots=True)
class _Known:
    """What cases are judged with: who belongs together, of whom that is known, what was cut."""

    ties: Ties
    data: TieData
    found: FoundRounds
    note: str

    def is_group(self, nodes: Sequence[str]) -> bool | None:
        """Whether the parties are one group; None where somebody's owners are not known."""
        is_one = self.ties.is_one_group(nodes)
        return True if is_one else False if self.data.owned.issuperset(nodes) else None


def _cases(facts: Sequence[RoundFacts], known: _Known, params: Params) -> list[Case]:
    """Cases of one node set."""
    nodes = facts[0].round.nodes
    is_group = known.is_group(nodes)
    if is_group and _is_group_consolidation(facts, params):
        return []
    episodes = told_episodes(facts, _grade_rules(params))
    kept = [fact for episode in episodes for fact in episode]
    return [_case(episode, kept, is_group, known, params) for episode in episodes]


def _case(
    episode: Sequence[RoundFacts],
    kept: Sequence[RoundFacts],
    is_group: bool | None,
    known: _Known,
    params: Params,
) -> Case:
    """One episode of a node set, of which ``kept`` are all rounds that are told."""
    nodes = episode[0].round.nodes
    shared, rules = tuple(known.ties.shared(nodes)), _grade_rules(params)

    def most_in_year(rounds: Sequence[RoundFacts], among: Sequence[RoundFacts]) -> float:
        return max(yearly_tonnes(rounds, among, rules))

    def unpacked(rounds: Sequence[RoundFacts]) -> list[RoundFacts]:
        return [fact for fact in rounds if not fact.round.brings_packaging_back]

    year_t, rest = most_in_year(episode, kept), unpacked(episode)
    rest_t = most_in_year(rest, unpacked(kept)) if rest else 0.0
    return Case(
        nodes=nodes,
        facts=tuple(episode),
        shared=shared,
        identified=len(known.data.identified.intersection(nodes)),
        is_group=is_group,
        days_begun=most_in_window(episode, rules.repeat_days),
        yearly_t=year_t,
        note=known.note,
        is_whole=known.found.is_whole(nodes),
        grade=grade_of(episode, bool(shared), year_t, rules),
        grade_without_packaging=grade_of(rest, bool(shared), rest_t, rules) if rest else None,
    )


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
        rounds_per_set=params.rounds_per_set,
        first_window=params.short_days * DAY_S,
    )
    return rules, limits


def _note(found: FoundRounds) -> str:
    cut = found.cycles.cut
    return (
        f"search cut: {len(cut.roots)} organisations, {cut.walks_of_refused_sets} walks of further "
        f"node sets, {len(cut.sets)} node sets not counted to the end"
        if cut.is_truncated
        else ""
    )


def _history_start(until: datetime, history_days: int) -> datetime:
    """First instant of the Shanghai quarter that holds the start of the history."""
    day = shanghai_day(until - timedelta(days=history_days))
    first = date(day.year, day.month - (day.month - 1) % 3, 1)
    return day_end(first - timedelta(days=1))


def detect(inputs: Inputs, params: Params) -> list[Draft]:
    """Loops of transfers, one draft per node set and episode, gravest first."""
    since = _history_start(inputs.until, params.history_days)
    papers = TransferRules(
        params.merge_days, params.return_days, params.trip_hours, params.weight_tolerance
    )
    with transfer_tables(inputs.sql, since, inputs.until, papers) as tables:
        found = find_rounds(tables, *_sought(params))
        if note := _note(found):
            inputs.left_out(note)
        facts = round_facts(
            inputs.sql, found.rounds, found.transfers.edges, _suspicion_rules(params)
        )
        facts = [fact for fact in facts if not _is_cleared(fact)]
        if not facts:
            return []
        members = sorted({node for fact in facts for node in fact.round.nodes})
        ties = Ties(
            affiliations(
                inputs.sql, members, degree_cap=params.degree_cap, majority_pct=params.majority_pct
            )
        )
        known = _Known(ties, tie_data(inputs.sql, members), found, note)
        cases = [
            case
            for _, of_nodes in groupby(facts, key=lambda f: f.round.nodes)
            for case in _cases(list(of_nodes), known, params)
        ]
        balances = node_balances(inputs.sql, cases)
    drafts = draft_of(inputs.sql, cases, found, balances, _thresholds(params))
    return sorted(drafts, key=lambda d: (d.grade, -d.score, d.identity, d.started_at))


def _thresholds(params: Params) -> Thresholds:
    return Thresholds(
        flow_low=params.flow_low,
        dwell_h=params.dwell_h,
        power_ratio=params.power_ratio,
        cameras_needed=params.cameras_needed,
        repeat_count=params.repeat_count,
        repeat_days=params.repeat_days,
        yearly_t=params.yearly_t,
        year_days=params.year_days,
        heavy_t=params.heavy_t,
    )


MODEL = Model(
    id="HW-11",
    version="3",
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
