"""TP-06 第三方造假团伙: bodies of one circle that serve many sites whose data are false alike.

Mechanism. One controlling circle runs several operation-and-maintenance or testing bodies, or
their staff move between them. Rare shared persons, phones, addresses, cars, cards and instruments
give the circle away; far more anomalies at their sites than such sites have elsewhere, and the
same settings, data fragments, photos or samplers across bodies, say what it does.

Innocent. A group with filed subcontracts, a manufacturer's service net, bodies that share only a
bookkeeper's phone or an address, a region with old devices (a feature of the expected share).

Source: GRAPH_MODELS TP-06, RULINGS 4, 12, 14, 15, 17, 34.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from analytics.body_links import find_body_rings
from analytics.chain_case import agencies_of
from analytics.kernels.rings import RingRules
from analytics.likeness import likenesses_of_rings
from analytics.likeness_rows import LikenessRules
from analytics.model import Draft, Inputs, Model, parameter
from analytics.ring_case import InnocentRules, RingCase, ring_cases, with_innocent
from analytics.ring_report import RingThresholds, draft_of, evidence_rows, ring_names
from analytics.service_sites import load_service_sites
from analytics.statistics import benjamini_hochberg

DESIGN = "GRAPH_MODELS TP-06"
ANOMALIES = ("OM-", "WW-", "TP-")


@dataclass(frozen=True, slots=True)
class Params:
    """Thresholds of TP-06."""

    degree_cap: int = parameter(20, unit="organisations", source="RULINGS 15")
    resolution: float = parameter(1.0, unit="1", source="design: plain modularity")
    seed: int = parameter(20261121, unit="1", source="GRAPH_MODELS TP-06: fixed seed")
    resamples: int = parameter(100, unit="resamples", source="design: stability")
    dropped: float = parameter(0.2, unit="share", source="design: identifiers left out each time")
    stability: float = parameter(0.6, unit="Jaccard", source="design: stable under resampling")
    history_days: int = parameter(365, unit="d", source="design: services and findings of a year")
    old_days: int = parameter(2920, unit="d", source="design: devices of eight years are old")
    types: int = parameter(2, unit="types", source=DESIGN)
    models_needed: int = parameter(3, unit="models", source="RULINGS 17: fewer are few")
    least_others: int = parameter(
        10, unit="sites", source="design: sites behind the expected share"
    )
    p: float = parameter(0.01, unit="1", source=DESIGN)
    q: float = parameter(0.05, unit="1", source=DESIGN)
    kinds: int = parameter(2, unit="kinds", source=DESIGN)
    sites: int = parameter(5, unit="sites", source=DESIGN)
    agencies: int = parameter(2, unit="agencies", source=DESIGN)
    parameter_days: int = parameter(30, unit="d", source="design: one round of changes")
    fragment: int = parameter(24, unit="values", source="RULINGS 25")
    distinct: int = parameter(6, unit="values", source="design: a flat stretch is no replay")
    margin_bits: float = parameter(
        10.0, unit="bits", source="design: one chance match in a thousand searches"
    )
    fragment_days: int = parameter(90, unit="d", source="DOMAIN D0: patterns")
    photo_bits: int = parameter(6, unit="bits of 64", source="DOMAIN TP-03")
    place_km: float = parameter(1.0, unit="km", source="design: as TP-01, one works site")
    join_min: int = parameter(15, unit="min", source="design: as TP-01, samples in one go")
    fixed_h: float = parameter(8.0, unit="h", source="design: as TP-01, longer runs unattended")
    setup_min: int = parameter(10, unit="min", source="design: as TP-01, at a fixed sampler")
    exif_min: float = parameter(60.0, unit="min", source="DOMAIN TP-01: photos tell the day")
    rows_shown: int = parameter(4, unit="rows", source="design: side by side")
    vendor_share: float = parameter(0.8, unit="share", source="design: one maker's devices")
    vendor_devices: int = parameter(3, unit="devices", source="design: one device is no net")
    majority_pct: float = parameter(50.0, unit="%", source="RULINGS 33")


def grade_of(case: RingCase, agencies: int, params: Params) -> int:
    """Grade by GRAPH_MODELS, 0 for none; caps are not applied here."""
    kinds = len(case.kinds)
    if case.is_rejected and kinds >= 1:
        is_grave = kinds >= params.kinds and case.excess.sites >= params.sites
        return 1 if is_grave and agencies >= params.agencies else 2
    return 3 if case.excess.p < params.p else 0


def _with_likenesses(inputs: Inputs, cases: Sequence[RingCase], params: Params) -> list[RingCase]:
    found = likenesses_of_rings(
        inputs.sql,
        [case.ring.bodies for case in cases],
        LikenessRules(
            since=inputs.until - timedelta(days=params.history_days),
            until=inputs.until,
            parameter_days=params.parameter_days,
            fragment=params.fragment,
            distinct=params.distinct,
            margin_bits=params.margin_bits,
            fragment_days=params.fragment_days,
            photo_bits=params.photo_bits,
            place_km=params.place_km,
            join_min=params.join_min,
            fixed_h=params.fixed_h,
            setup_min=params.setup_min,
            exif_min=params.exif_min,
            rows_shown=params.rows_shown,
        ),
    )
    return [replace(case, likenesses=own) for case, own in zip(cases, found, strict=True)]


def types_asked(models: int, params: Params) -> tuple[int, ...]:
    """How many types make a site anomalous, in the order of what is preferred.

    As GRAPH_MODELS defines it wherever that many models delivered. While they are few, one type is
    asked for as well (RULINGS 17: it reports what it has), as a test of its own.
    """
    if models >= params.models_needed:
        return (params.types,)
    return (params.types, 1) if models >= params.types > 1 else (1,)


def _conspicuous(tested: Sequence[RingCase], params: Params) -> list[RingCase]:
    """The first case of each ring with an excess; every test made is of one family (RULINGS 14)."""
    rejected = benjamini_hochberg([case.excess.p for case in tested], params.q)
    found: dict[tuple[str, ...], RingCase] = {}
    for case, is_rejected in zip(tested, rejected, strict=True):
        if (is_rejected or case.excess.p < params.p) and case.findings:
            found.setdefault(case.ring.bodies, replace(case, is_rejected=bool(is_rejected)))
    return [found[bodies] for bodies in sorted(found)]


def detect(inputs: Inputs, params: Params) -> list[Draft]:
    """Rings of bodies with too many anomalies, gravest first."""
    findings = [f for f in inputs.findings(ANOMALIES) if f.model != "TP-06" and f.status == "ok"]
    sites = load_service_sites(
        inputs.sql,
        findings,
        inputs.until,
        history_days=params.history_days,
        old_days=params.old_days,
    )
    if sites.anomalies.is_empty():
        return []
    search = find_body_rings(
        inputs.sql,
        inputs.until,
        RingRules(
            params.degree_cap, params.resolution, params.seed, params.resamples, params.dropped
        ),
        majority_pct=params.majority_pct,
    )
    rings = [ring for ring in search.rings if ring.stability >= params.stability]
    is_thin = len(sites.models) < params.models_needed
    tested = [
        case
        for types_needed in types_asked(len(sites.models), params)
        for case in ring_cases(
            rings, sites, findings, types_needed=types_needed, least_others=params.least_others
        )
    ]
    conspicuous = _conspicuous(tested, params)
    if not conspicuous:
        return []
    cases = _with_likenesses(inputs, conspicuous, params)
    graded = [
        replace(case, grade=grade_of(case, len(agencies_of(evidence_rows(case))), params))
        for case in cases
    ]
    cases = [case for case in graded if case.grade]
    if not cases:
        return []
    names = ring_names(inputs.sql, cases)
    cases = with_innocent(
        inputs.sql,
        cases,
        {entity: name for entity, (name, _) in names.items()},
        dict(sites.features.select("site", "age").iter_rows()),
        InnocentRules(
            params.vendor_share,
            params.vendor_devices,
            params.degree_cap,
            params.majority_pct,
            params.least_others,
        ),
    )
    thresholds = RingThresholds(
        params.p,
        params.q,
        params.sites,
        params.agencies,
        params.kinds,
        params.stability,
        len(tested),
        sites.models,
        is_thin,
        params.degree_cap,
    )
    drafts = []
    for case in cases:
        ignored = [
            (link.identifier, link.degree)
            for link in search.ignored
            if len(set(link.bodies) & set(case.ring.bodies)) >= 2
        ]
        agencies = agencies_of(evidence_rows(case))
        drafts.append(draft_of(case, names, agencies, ignored, thresholds))
    return sorted(drafts, key=lambda d: (d.grade, -d.score, d.identity))


MODEL = Model(
    id="TP-06",
    version="3",
    name_zh="第三方造假团伙(图模型)",
    name_en="Third-party operator fraud ring (graph)",
    direction="D",
    notice="internal",
    datasets=(
        "om_contract",
        "om_log",
        "param_log",
        "door_log",
        "monitor_point",
        "enterprise",
        "obs_minute",
        "obs_hour",
        "test_report",
        "test_sample",
        "test_photo",
        "test_raw_file",
        "service_body",
        "service_staff",
        "lab_instrument",
        "insured_person",
        "company",
        "shareholder",
        "officer",
    ),
    required=(),
    legal_refs=("CODE-80", "CODE-184", "CODE-1091", "CODE-1230", "JI-10"),
    params=Params(),
    detect=detect,
    episode_gap_days=90,
    after=ANOMALIES,
)
