"""HW-10 空壳交接: waste that goes through firms which are little more than a name.

Mechanism. A generator sells or hands its waste to a young firm without staff, power or scope for
it; one to three such firms pass it on within days, and it ends at a place or a receiver that never
dealt with the generator. Manifests, goods invoices, freight papers and vehicle stops on resolved
organisations show the way; registers, insurance, grid and penalties show what the firms between
are.

Innocent. Trading companies with years and staff, new logistics firms, incubator addresses and
bookkeepers' phones (ignored above the degree cap), family firms under one owner, licensed
collectors, works that use the goods, by-products that everybody pays more for.

Source: DOMAIN HW-10, GRAPH_MODELS HW-10, RULINGS 4, 12, 15, 21.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from analytics.chain_case import (
    ChainCase,
    chain_score,
    read_groups,
    read_prices,
    read_support,
    with_terms,
)
from analytics.chain_flows import Flows, load_flows
from analytics.chain_innocent import InnocentRules
from analytics.chain_pass_through import PassRules, Row, outflows
from analytics.chain_people import read_people
from analytics.chain_report import ChainContext, ChainThresholds, draft_of, subject_names
from analytics.chains import Chain, Rated, find_chains, without_parts
from analytics.kernels.flow_edges import FlowLimits, FlowRules
from analytics.model import Draft, Inputs, Model, parameter
from analytics.place_visits import VisitRules, load_place_visits
from analytics.shell_terms import ShellFacts, ShellRules
from analytics.shells import firms_frame, shell_facts
from analytics.transfers import TransferRules, load_transfers
from analytics.whereabouts import WayRules

DESIGN = "DOMAIN HW-10"
SCOPE_WORDS = "危险废物|危废|危险化学品|危化品|危险货物|固体废物|固废|废弃物|再生资源|废旧物资"


@dataclass(frozen=True, slots=True)
class Params:
    """Thresholds of HW-10."""

    window_days: int = parameter(30, unit="d", source=DESIGN)
    hop_limit: int = parameter(4, unit="edges", source=DESIGN)
    flow_low: float = parameter(0.5, unit="ratio", source="design: 5-40 % kept back, and loss")
    flow_high: float = parameter(1.05, unit="ratio", source="GRAPH_MODELS HW-11")
    concentration: float = parameter(
        0.25, unit="share", source="design: a trader's many flows are no chain"
    )
    history_days: int = parameter(365, unit="d", source="design: findings stay for a year")
    merge_days: int = parameter(7, unit="d", source="RULINGS 16")
    return_days: int = parameter(30, unit="d", source="design: as HW-11")
    trip_hours: int = parameter(24, unit="h", source="RULINGS 27")
    weight_tolerance: float = parameter(0.1, unit="ratio", source="design: as HW-11")
    degree_cap: int = parameter(20, unit="organisations", source="RULINGS 15")
    age_days: int = parameter(365, unit="d", source=DESIGN)
    insured_count: int = parameter(2, unit="persons", source=DESIGN)
    busy_t: float = parameter(100.0, unit="t", source=DESIGN)
    busy_yuan: float = parameter(1e6, unit="yuan", source=DESIGN)
    scope_words: str = parameter(SCOPE_WORDS, unit="pattern", source=DESIGN + ": HW or hazmat")
    offence_days: int = parameter(1825, unit="d", source="design: five years back")
    byproduct_generators: int = parameter(2, unit="generators", source=DESIGN)
    power_ratio: float = parameter(0.05, unit="ratio", source=DESIGN)
    power_peers: int = parameter(8, unit="customers", source="RULINGS 28: fewer say nothing")
    coverage: float = parameter(0.5, unit="share", source="design: absence says something")
    pass_days: int = parameter(7, unit="d", source=DESIGN)
    pass_low: float = parameter(0.05, unit="ratio", source=DESIGN)
    pass_high: float = parameter(0.40, unit="ratio", source=DESIGN)
    score_3: float = parameter(2.5, unit="points", source=DESIGN)
    score_2: float = parameter(3.5, unit="points", source=DESIGN)
    score_1: float = parameter(4.5, unit="points", source=DESIGN)
    support_2: int = parameter(2, unit="agencies", source=DESIGN)
    support_1: int = parameter(3, unit="agencies", source="RULINGS 15")
    place_radius_m: float = parameter(500.0, unit="m", source="DOMAIN HW-03")
    stop_min: float = parameter(15.0, unit="min", source="DOMAIN HW-03")
    slow_kmh: float = parameter(5.0, unit="km/h", source="DOMAIN HW-03")
    camera_km: float = parameter(1.0, unit="km", source="design: a camera at the place's road")
    turn_km: float = parameter(
        5.0, unit="km", source="design: rural cameras stand kilometres apart"
    )
    turn_h: float = parameter(6.0, unit="h", source="design: there, unloaded and back")
    repeat_days: int = parameter(2, unit="d", source="design: once may be a way through")
    origin_h: float = parameter(24.0, unit="h", source="RULINGS 27")
    dump_days: int = parameter(180, unit="d", source="design: before a dump is found")
    way_pad_h: float = parameter(12.0, unit="h", source="design: times of day are often missing")
    detour_ratio: float = parameter(1.4, unit="ratio", source="design: road to straight line")
    detour_km: float = parameter(10.0, unit="km", source="design: access roads")
    overlap_min: float = parameter(30.0, unit="min", source="design: as HW-11")
    fee_days: int = parameter(30, unit="d", source="design: fees are billed around the transfer")
    power_normal: float = parameter(
        0.5, unit="ratio", source="design: half of what its peers draw is a working place"
    )
    operating_staff: int = parameter(
        10, unit="persons", source="design: ten on the payroll are no mere name"
    )
    price_low: float = parameter(1.0, unit="ratio", source="design: waste falls in price")
    price_high: float = parameter(1.3, unit="ratio", source="design: ordinary trade margins")
    majority_pct: float = parameter(50.0, unit="%", source="RULINGS 33")
    episode_gap_days: int = parameter(90, unit="d", source="design: as HW-11")
    search_steps: int = parameter(200_000_000, unit="edges", source="design: bounded work")
    search_paths: int = parameter(1_000_000, unit="paths", source="design: bounded output")
    pair_steps: int = parameter(2_000_000, unit="edges", source="design: per first hand-over")
    pair_paths: int = parameter(20_000, unit="paths", source="design: per first hand-over")
    lot_paths: int = parameter(1_000, unit="paths", source="design: lots of one day side by side")


def _shell_rules(params: Params) -> ShellRules:
    return ShellRules(
        params.age_days,
        params.insured_count,
        params.busy_t,
        params.busy_yuan,
        params.scope_words,
        params.degree_cap,
        params.offence_days,
        params.byproduct_generators,
        params.power_ratio,
        params.power_peers,
        params.coverage,
    )


def _thresholds(params: Params) -> ChainThresholds:
    return ChainThresholds(
        (params.score_1, params.score_2, params.score_3),
        (params.support_1, params.support_2),
        params.busy_t,
        params.busy_yuan,
        params.degree_cap,
        InnocentRules(
            params.age_days,
            params.insured_count,
            params.power_normal,
            params.operating_staff,
            params.price_low,
            params.price_high,
        ),
    )


def grade_of(score: float, support: int, is_confirmed: bool, params: Params) -> int:
    """Grade by DOMAIN and RULINGS 15, 0 for none; a confirmed dump needs a suspicious chain too."""
    if score < params.score_3:
        return 0
    if (score >= params.score_1 or is_confirmed) and support >= params.support_1:
        return 1
    return 2 if score >= params.score_2 and support >= params.support_2 else 3


def _flows(inputs: Inputs, params: Params) -> Flows:
    since = inputs.until - timedelta(days=params.history_days)
    transfers = load_transfers(
        inputs.sql,
        since,
        inputs.until,
        TransferRules(
            params.merge_days, params.return_days, params.trip_hours, params.weight_tolerance
        ),
    )
    visits = load_place_visits(
        inputs.sql,
        since,
        inputs.until,
        VisitRules(
            params.place_radius_m,
            params.stop_min,
            params.slow_kmh,
            params.camera_km,
            params.turn_km,
            params.turn_h,
            params.repeat_days,
            params.origin_h,
            params.dump_days,
        ),
    )
    return load_flows(
        inputs.sql,
        transfers,
        visits,
        since,
        inputs.until,
        merge_days=params.merge_days,
        degree_cap=params.degree_cap,
    )


def _shells(
    inputs: Inputs, chains: tuple[Chain, ...], about: dict[int, Row], flows: Flows, params: Params
) -> dict[str, ShellFacts]:
    """Facts of every firm between, as of the first lot that it handed on."""
    times: dict[str, tuple[datetime, datetime]] = {}
    for chain in chains:
        moments = [t for e in chain.edges if isinstance(t := about[e]["moved_at"], datetime)]
        for node in chain.middle:
            first, last = times.get(node, (min(moments), max(moments)))
            times[node] = (min(first, *moments), max(last, *moments))
    return shell_facts(inputs.sql, firms_frame(times), flows, inputs.until, _shell_rules(params))


def _scored(cases: list[ChainCase], params: Params) -> list[ChainCase]:
    """Whole chains that reach a grade; parts of a longer one are told there."""
    own = {}
    for case in cases:
        case.score = chain_score(case.points, case.support)
        case.grade = grade_of(case.score, case.support, case.is_confirmed, params)
        if case.grade and min(case.points) >= 1:
            own[id(case.chain)] = case
    kept = []
    for rated in without_parts([Rated(c.chain, c.score, c.grade) for c in own.values()]):
        case = own[id(rated.chain)]
        case.score, case.grade = rated.score, rated.grade
        kept.append(case)
    return kept


def detect(inputs: Inputs, params: Params) -> list[Draft]:
    """Hidden chains, one draft per firms between, end and episode, gravest first."""
    flows = _flows(inputs, params)
    found = find_chains(
        flows,
        FlowRules(
            params.window_days,
            params.hop_limit,
            params.flow_low,
            params.flow_high,
            params.concentration,
        ),
        FlowLimits(
            params.search_steps,
            params.search_paths,
            params.pair_steps,
            params.pair_paths,
            params.lot_paths,
        ),
        gap_days=params.episode_gap_days,
    )
    if not found.chains:
        return []
    wanted = sorted({edge for chain in found.chains for edge in chain.edges})
    about = {int(row["edge"]): row for row in flows.edges[wanted].iter_rows(named=True)}
    facts = _shells(inputs, found.chains, about, flows, params)
    passing = PassRules(params.pass_days, params.pass_low, params.pass_high)
    handed_on = outflows(flows.edges, sorted(facts))
    cases = [with_terms(chain, facts, about, handed_on, passing) for chain in found.chains]
    cases = [case for case in cases if min(case.points) >= 1]
    way = WayRules(params.way_pad_h, params.detour_ratio, params.detour_km, params.overlap_min)
    read_support(inputs.sql, cases, flows, way)
    cases = _scored(cases, params)
    if not cases:
        return []
    read_prices(inputs.sql, cases, flows, about, params.fee_days)
    read_groups(inputs.sql, cases, degree_cap=params.degree_cap, majority_pct=params.majority_pct)
    names = subject_names(inputs.sql, cases, about)
    people = read_people(inputs.sql, cases, params.majority_pct)
    context = ChainContext(
        about, facts, names, people, flows.partners, found.cut, _thresholds(params)
    )
    drafts = [draft for case in cases if (draft := draft_of(case, context)) is not None]
    return sorted(drafts, key=lambda d: (d.grade, -d.score, d.identity, d.started_at))


MODEL = Model(
    id="HW-10",
    version="2",
    name_zh="空壳交接(图模型)",
    name_en="Shell hand-off (graph)",
    direction="A",
    notice="internal",
    datasets=(
        "manifest",
        "manifest_item",
        "invoice",
        "waybill",
        "weighbridge",
        "gate_pass",
        "checkpoint",
        "checkpoint_pass",
        "gps_point",
        "toll_trip",
        "dump_site",
        "place",
        "company",
        "shareholder",
        "officer",
        "insured",
        "grid_power_month",
        "penalty",
        "police_case",
        "police_case_party",
        "hw_licence",
        "carrier_licence",
        "hw_plan",
        "hw_plan_waste",
        "hw_declaration",
        "hw_store",
        "hw_ledger",
        "enterprise",
        "permit",
        "price_reference",
    ),
    required=("company",),
    legal_refs=("CODE-534", "JI-7", "JI-8", "MIN-2019"),
    params=Params(),
    detect=detect,
    episode_gap_days=90,
)
