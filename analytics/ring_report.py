"""A ring of bodies as a draft: bodies, persons, sites, shared identifiers, likeness, words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import duckdb

from analytics.likeness_rows import Likeness
from analytics.model import Draft
from analytics.ring_case import RingCase
from analytics.service_sites import utc_of
from analytics.shell_rows import evidence_of
from graph.types import Cap, Evidence, InnocentCheck, Statistic, Subject

MILD = 3
LINKS_SHOWN = 20
SITES_SHOWN = 30
PAIRS_SHOWN = 20
ROWS_PER_FINDING = 6
# Below the first a chance is told in millionths, below the second as less than one of them.
SMALL_CHANCE, LEAST_CHANCE = 1e-4, 1e-6
KIND_WORDS = {
    "staff": "人员", "controller": "控制人或高管", "phone": "电话", "address": "地址",
    "person": "参股股东", "email": "邮箱", "vehicle": "车辆", "card": "门禁卡",
    "instrument": "仪器",
}  # fmt: skip
LIKENESS_WORDS = {
    "parameter": "相同的参数修改", "fragment": "相同的监测数据片段", "photo": "相同的照片",
    "raw_file": "相同的原始谱图文件", "sampler": "同一采样人员同时在两家机构采样",
}  # fmt: skip
WOULD_CLEAR = (
    "机构间的分包合同及备案材料，能说明人员、设备共用的合法依据",
    "各机构的社保、劳动合同和考勤记录，能说明人员实际任职单位",
    "异常站点的设备检定、更换记录和原始数据，能说明异常由设备老化造成",
    "采样原始记录、照片原图和仪器谱图，能说明采样检测真实完成",
)


@dataclass(frozen=True, slots=True)
class RingThresholds:
    """What the statistics are held against, and what the model says about its inputs."""

    p: float
    q: float
    sites: int
    agencies: int
    kinds: int
    stability: float
    tested: int
    models: tuple[str, ...]
    is_thin: bool
    degree_cap: int


def draft_of(
    case: RingCase,
    names: Mapping[str, tuple[str, str]],
    agencies: Sequence[str],
    ignored: Sequence[tuple[str, int]],
    thresholds: RingThresholds,
) -> Draft:
    """The draft of one ring; ``names`` gives name and credit code (or masked id) by entity."""
    bodies = case.ring.bodies
    hits = case.excess.hits
    return Draft(
        grade=case.grade,
        score=_score(case),
        identity=bodies,
        discriminator="",
        started_at=min(utc_of(f.window_from) for f in case.findings),
        ended_at=max(utc_of(f.window_to) for f in case.findings),
        title=(
            f"疑似第三方机构造假团伙（{names[bodies[0]][0]}等{len(bodies)}家机构，{hits}个异常站点）"
        ),
        reason=_reason(case, names, thresholds),
        subjects=_subjects(case, names),
        evidence=evidence_rows(case),
        quantities={
            "bodies": float(len(bodies)),
            "sites": float(case.excess.sites),
            "anomalous_sites": float(hits),
            "expected_sites": round(case.excess.expected, 6),
            "shared_identifiers": float(len(case.ring.links)),
            "likeness_pairs": float(len(case.likenesses)),
            # What the funnel plot draws beside the ring.
            **{
                f"bodies_with_{sites}_sites_{anomalous}_anomalous": float(bodies)
                for sites, anomalous, bodies in case.peers
            },
        },
        statistics=_statistics(case, agencies, thresholds),
        innocent=tuple(
            InnocentCheck(
                code, holds is not None, "unknown" if holds is None
                else "holds" if holds else "ruled_out",
            )
            for code, holds in case.innocent
        ),
        would_clear=WOULD_CLEAR,
        searched=_searched(case, names, ignored, thresholds),
        caps=_caps(case, thresholds),
    )  # fmt: skip


def _score(case: RingCase) -> float:
    score = {1: 0.75, 2: 0.5, 3: 0.25}[case.grade]
    score += 0.05 * min(len(case.kinds), 3) + 0.04 * min(case.excess.hits / 10, 1.0)
    return round(min(score, 0.99), 4)


def _caps(case: RingCase, thresholds: RingThresholds) -> tuple[Cap, ...]:
    reasons = {
        "filed_subcontract_group": "同一集团内机构且分包已备案",
        "manufacturer_net": "站点设备基本出自同一厂家，可能为厂家服务网络",
        "shared_bookkeeper": "机构之间仅共用电话、地址或邮箱，可能为共用代账或注册地址",
    }
    caps = [Cap(code, MILD, reasons[code]) for code, holds in case.innocent if holds]
    if thresholds.is_thin:
        models = "、".join(thresholds.models)
        count = len(thresholds.models)
        caps.append(
            Cap("few_models", MILD, f"目前仅有{count}个模型（{models}）提供站点异常，异常类型不足")
        )
    return tuple(caps)


def _statistics(
    case: RingCase, agencies: Sequence[str], thresholds: RingThresholds
) -> tuple[Statistic, ...]:
    excess = case.excess
    found = [
        Statistic("excess_p", excess.p, thresholds.p, "1", excess.sites),
        Statistic("fdr_q", thresholds.q, thresholds.q, "1", thresholds.tested),
        Statistic("fdr_rejected", float(case.is_rejected), 1.0, "1", thresholds.tested),
        Statistic("observed_share", excess.hits / excess.sites, None, "1", excess.sites),
        Statistic("expected_share", excess.expected / excess.sites, None, "1", excess.others),
        Statistic("overall_share", excess.overall, None, "1", excess.others),
        Statistic("sites", float(excess.sites), float(thresholds.sites), "sites"),
        Statistic("stability", case.ring.stability, thresholds.stability, "1"),
        Statistic("likeness_kinds", float(len(case.kinds)), float(thresholds.kinds), "kinds"),
        Statistic("agencies", float(len(agencies)), float(thresholds.agencies), "agencies"),
        Statistic("types_needed", float(case.types_needed), None, "types"),
    ]
    found += [
        Statistic(
            f"identifier_{number}_degree", float(link.degree), float(thresholds.degree_cap),
            "organisations", len(link.bodies),
        )
        for number, link in enumerate(case.ring.links[:LINKS_SHOWN], 1)
    ]  # fmt: skip
    return tuple(found)


def evidence_rows(case: RingCase) -> tuple[Evidence, ...]:
    """Rows of the shared identifiers, of the services, of the likenesses and of the anomalies."""
    found: dict[tuple[str, str], Evidence] = {}

    def add(rows: Sequence[Evidence]) -> None:
        for row in rows:
            found.setdefault((row.reference, row.role), row)

    for link in case.ring.links[:LINKS_SHOWN]:
        sources = [source for rows in link.rows for source in rows]
        add(evidence_of(sources, _shown(link.identifier), f"shared {link.kinds[0]}"))
    shown = dict(case.site_findings[:SITES_SHOWN])
    for site, source in case.services:
        if site in shown:
            add(evidence_of([source], site, "service"))
    for likeness in _pairs_shown(case):
        add(likeness.rows)
    told = {finding_id for found_there in shown.values() for finding_id in found_there}
    for finding in case.findings:
        if finding.finding_id not in told:
            continue
        rows = finding.evidence[:ROWS_PER_FINDING]
        add([replace(row, role=f"anomaly {finding.model}") for row in rows])
    return tuple(found.values())


def _pairs_shown(case: RingCase) -> list[Likeness]:
    """The first pairs of bodies of each kind of likeness, as many as are shown in all."""
    share = PAIRS_SHOWN // max(len(case.kinds), 1)
    by_kind = [[one for one in case.likenesses if one.kind == kind] for kind in case.kinds]
    return [one for own in by_kind for one in own[:share]]


def _shown(identifier: str) -> str:
    """An identifier as a key that gives no L4 value away: cards and mail are cut."""
    kind, _, value = identifier.partition(":")
    return f"{kind}:{value[:2]}***" if kind in ("email", "card") else identifier


def _subjects(case: RingCase, names: Mapping[str, tuple[str, str]]) -> tuple[Subject, ...]:
    def subject(entity: str, role: str) -> Subject:
        name, number = names.get(entity, (entity, ""))
        kind = entity.partition(":")[0]
        if kind == "person":
            return Subject(entity, "person", role, name, {"person_id": number} if number else {})
        return Subject(entity, "organization", role, name, {"uscc": number} if number else {})

    found = [subject(body, "operator") for body in case.ring.bodies]
    people = sorted(
        {
            (link.identifier, link.kinds)
            for link in case.ring.links
            if link.identifier.startswith("person:")
            or ("controller" in link.kinds and link.identifier not in case.ring.bodies)
        }
    )
    found += [
        subject(entity, "controller" if "controller" in kinds else "person")
        for entity, kinds in people[:LINKS_SHOWN]
    ]
    found += [
        replace(subject(site, "site"), role="site") for site, _ in case.site_findings[:SITES_SHOWN]
    ]
    return tuple(found)


def _searched(
    case: RingCase,
    names: Mapping[str, tuple[str, str]],
    ignored: Sequence[tuple[str, int]],
    thresholds: RingThresholds,
) -> tuple[str, ...]:
    lines = [f"likeness {kind}: none" for kind in sorted(set(LIKENESS_WORDS) - set(case.kinds))]
    lines.append(f"anomaly models: {', '.join(thresholds.models)}")
    lines += [
        f"shared identifier {_shown(identifier)}: ignored, degree {degree}"
        for identifier, degree in ignored
    ]
    lines += [
        f"{one.kind} {names[one.first][0]} / {names[one.second][0]}: {one.count}"
        for one in _pairs_shown(case)
    ]
    return tuple(lines)


def _spoken_chance(p: float) -> str:
    """A chance as it is read aloud."""
    if p < LEAST_CHANCE:
        return "不到百万分之一"
    return f"约{p * 100:.2g}%" if p >= SMALL_CHANCE else f"约百万分之{p * 1e6:.2g}"


def _reason(
    case: RingCase, names: Mapping[str, tuple[str, str]], thresholds: RingThresholds
) -> str:
    who = "、".join(names[body][0] for body in case.ring.bodies)
    kinds: dict[str, int] = {}
    for link in case.ring.links:
        for kind in link.kinds:
            kinds[kind] = kinds.get(kind, 0) + 1
    shared = "、".join(f"{KIND_WORDS[kind]}{count}项" for kind, count in sorted(kinds.items()))
    excess = case.excess
    kind = f"至少{case.types_needed}类相互独立的" if case.types_needed > 1 else ""
    told = (
        f"其服务的{excess.sites}个站点中{excess.hits}个出现{kind}异常，"
        f"按站点类型、行业、设备和地区推算应约{excess.expected:.1f}个"
        f"；若无关联，偶然达到这一数量的概率{_spoken_chance(excess.p)}"
        f"（精确检验，同批检验{thresholds.tested}项）"
    )
    likeness = "、".join(LIKENESS_WORDS[kind] for kind in case.kinds)
    alike = f"机构之间还发现{likeness}。" if likeness else "未发现机构间的同样手法。"
    cut = [f"{SITES_SHOWN}个异常站点"] if excess.hits > SITES_SHOWN else []
    pairs = len(_pairs_shown(case))
    cut += [f"{pairs}对机构的同样手法"] if len(case.likenesses) > pairs else []
    part = f"证据列出其中{'、'.join(cut)}。" if cut else ""
    thin = "目前提供站点异常的模型较少，仅作提醒。" if thresholds.is_thin else ""
    return (
        f"{who}共用稀有标识（{shared}），疑似受同一控制圈支配。{told}。{alike}{part}{thin}"
        "以上由数据比对得出，须经人工核实，不代表已认定违法。"
    )


def ring_names(
    sql: duckdb.DuckDBPyConnection, cases: Sequence[RingCase]
) -> dict[str, tuple[str, str]]:
    """Name and credit code, or masked number of a person, of everything in the cases."""
    ids = {body for case in cases for body in case.ring.bodies}
    ids |= {site for case in cases for site, _ in case.site_findings}
    ids |= {link.identifier for case in cases for link in case.ring.links}
    rows = sql.execute(
        """
        SELECT given.id, coalesce(o.name, p.name, given.id), coalesce(o.uscc, p.id_masked, '')
        FROM (SELECT unnest($ids) AS id) given LEFT JOIN organization o ON o.entity_id = given.id
        LEFT JOIN entity_person p ON p.entity_id = given.id ORDER BY given.id
        """,
        {"ids": sorted(ids)},
    ).fetchall()
    return {str(i): (str(name), str(number)) for i, name, number in rows}
