"""A hidden chain as a draft: roles, price ladder, score table, ordered evidence, words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import duckdb

from analytics.chain_case import ChainCase, Row, hop_edges, is_trader
from analytics.chain_people import People
from analytics.chain_prices import margins
from analytics.model import Draft
from analytics.shells import TERMS, ShellFacts, Term
from graph.types import Cap, Evidence, InnocentCheck, Statistic, Subject
from records.clock import shanghai_day

MILD = 3
PATHS_SHOWN = 12
TOP_SCORE = 8.0
SHELL_POINTS = 2
CONTROLLER_NAMES = {"controller": "控制人", "phone": "电话", "address": "地址", "self": "本单位"}
WOULD_CLEAR = (
    "中间单位收货、贮存、加工或再销售的台账与出入库记录，能说明货物真实去向",
    "中间单位的经营场所、设备、用电和用工证明，能说明其具备实际经营能力",
    "物料属性鉴别结论或产品质量标准，能证明所售为合格产品或副产品而非危险废物",
    "各段运输的过磅单、卫星定位轨迹和收货人签收凭证",
)
TERM_WORDS = {
    "age_days": "成立不足一年",
    "insured_count": "参保人数极少而业务量大",
    "scope_without_waste": "经营范围不含危险废物或危险化学品",
    "offender_links": "与涉危险废物处罚或判决的单位、人员共用控制人、电话或地址",
    "byproduct_generators": "向多家产废单位收购同类副产物",
    "power_ratio": "用电量远低于同类单位，无合理用途",
    "pass_through_share": "货物快进快出且进出数量相差明显",
}


@dataclass(frozen=True, slots=True)
class ChainThresholds:
    """What the score, the support and the innocent tests are held against."""

    score: tuple[float, float, float]
    support: tuple[int, int]
    age_days: int
    insured_count: int
    note: str


def draft_of(
    case: ChainCase,
    about: Mapping[int, Row],
    facts: Mapping[str, ShellFacts],
    names: Mapping[str, tuple[str, str, str]],
    people: People,
    thresholds: ChainThresholds,
) -> Draft:
    """The draft of one case; ``names`` gives kind, name and credit code by entity."""
    times = [t for e in case.chain.edges if isinstance(t := about[e]["moved_at"], datetime)]
    innocent = _innocent(case, facts, thresholds)
    held = {check.code for check in innocent if check.result == "holds"}
    return Draft(
        grade=case.grade,
        score=round(min(case.score / TOP_SCORE, 0.99), 4),
        identity=(*sorted(case.chain.middle), case.chain.end),
        discriminator="",
        started_at=min(times),
        ended_at=max(times),
        title=_title(case, about, names),
        reason=_reason(case, about, facts, names),
        subjects=_subjects(case, about, names, people),
        evidence=_evidence(case, about, people),
        quantities=_quantities(case, about),
        statistics=_statistics(case, facts, thresholds),
        innocent=innocent,
        would_clear=WOULD_CLEAR,
        searched=_searched(case, facts, names, thresholds),
        caps=_caps(held),
    )


def _caps(held: set[str]) -> tuple[Cap, ...]:
    reasons = {
        "trading_company": "中间单位均为有实际用工、成立一年以上的贸易企业",
        "new_logistics_firm": "中间单位均持有有效道路运输经营许可",
        "family_firm": "产废单位与中间单位同属一个控制关系",
        "licensed_body": "中间单位均持有有效危险废物经营许可",
    }
    return tuple(Cap(code, MILD, text) for code, text in reasons.items() if code in held)


def _innocent(
    case: ChainCase, facts: Mapping[str, ShellFacts], thresholds: ChainThresholds
) -> tuple[InnocentCheck, ...]:
    own = [facts[node] for node in case.chain.middle]
    traders = [is_trader(f, thresholds.age_days, thresholds.insured_count) for f in own]
    ignored = {kind for f in own for kind, _ in f.ignored_identifiers}

    def check(code: str, holds: bool | None) -> InnocentCheck:
        if holds is None:
            return InnocentCheck(code, False, "unknown")
        return InnocentCheck(code, True, "holds" if holds else "ruled_out")

    return (
        check("trading_company", None if None in traders else all(traders)),
        check("new_logistics_firm", all(f.is_carrier for f in own)),
        check("incubator_address", "address" in ignored),
        check("bookkeeper_phone", "phone" in ignored),
        check("family_firm", case.is_group),
        check("licensed_body", all(f.is_licensed for f in own)),
    )


def _hop_tonnes(edges: Sequence[int], about: Mapping[int, Row]) -> float:
    return sum(float(str(about[e]["tonnes"])) for e in edges if about[e]["tonnes"] is not None)


def _title(
    case: ChainCase, about: Mapping[int, Row], names: Mapping[str, tuple[str, str, str]]
) -> str:
    tonnes = _hop_tonnes(hop_edges(case.chain, about)[0], about)
    size = f"{tonnes:.1f}吨" if tonnes else "数量不明"
    goal = "处置场所" if names[case.chain.end][0] == "site" else "接收方"
    return f"疑似空壳单位转手危险废物（{len(case.chain.middle)}家中间单位至{goal}，{size}）"


def _quantities(case: ChainCase, about: Mapping[int, Row]) -> dict[str, float]:
    """Tonnes, prices and fees per hop, and what stayed with each firm between."""
    hops = hop_edges(case.chain, about)
    found = {
        "waste_t": round(_hop_tonnes(hops[0], about), 6),
        "hops": float(len(hops)),
        "edges": float(len(case.chain.edges)),
        "paths": float(len(case.chain.paths)),
        "generators": float(len(case.chain.generators)),
    }
    for number, (edges, price) in enumerate(zip(hops, case.prices, strict=True), 1):
        found[f"hop{number}_t"] = round(_hop_tonnes(edges, about), 6)
        if price.goods_yuan_t is not None:
            found[f"hop{number}_price_yuan_t"] = round(price.goods_yuan_t, 2)
        if price.fee_yuan_t is not None:
            found[f"hop{number}_fee_yuan_t"] = round(price.fee_yuan_t, 2)
    for number, margin in enumerate(margins(case.prices), 1):
        found[f"node{number}_margin_yuan"] = round(margin, 2)
    first = case.prices[0]
    found["generator_income_yuan"] = round(first.goods_yuan - first.fee_yuan, 2)
    return found


def _statistics(
    case: ChainCase, facts: Mapping[str, ShellFacts], thresholds: ChainThresholds
) -> tuple[Statistic, ...]:
    """Score table: each term of each firm between with its value and threshold."""
    found = [
        Statistic("chain_score", case.score, thresholds.score[case.grade - 1], "points"),
        Statistic("support", float(case.support), float(thresholds.support[0]), "agencies"),
    ]
    for number, (node, terms, points) in enumerate(
        zip(case.chain.middle, case.terms, case.points, strict=True), 1
    ):
        found.append(Statistic(f"node{number}_points", float(points), None, "points"))
        found += [
            Statistic(f"node{number}_{t.name}", t.value, t.threshold, TERMS[t.name][1], t.n)
            for t in terms
            if t.value is not None
        ]
        found.append(Statistic(f"node{number}_volume_t", facts[node].volume_t, None, "t"))
        found.append(Statistic(f"node{number}_volume_yuan", facts[node].volume_yuan, None, "yuan"))
        found += [
            Statistic(f"node{number}_shared_{kind}_degree", float(degree), None, "organisations")
            for kind, degree in sorted({(k, d) for _, k, d in facts[node].offenders})
        ]
    return tuple(found)


def _searched(
    case: ChainCase,
    facts: Mapping[str, ShellFacts],
    names: Mapping[str, tuple[str, str, str]],
    thresholds: ChainThresholds,
) -> tuple[str, ...]:
    lines = list(case.not_found)
    for node, terms in zip(case.chain.middle, case.terms, strict=True):
        name = names[node][1]
        for term in terms:
            if term.holds is None:
                lines.append(f"{term.name} {name}: not testable")
            elif not term.holds:
                lines.append(f"{term.name} {name}: not met")
        lines += [
            f"shared {kind} {name}: ignored, degree {degree}"
            for kind, degree in facts[node].ignored_identifiers
        ]
    if thresholds.note:
        lines.append(thresholds.note)
    return tuple(dict.fromkeys(lines))


def _evidence(case: ChainCase, about: Mapping[int, Row], people: People) -> tuple[Evidence, ...]:
    """Rows of the edges in order of the hops, their sightings, then the rows of the terms."""
    found: dict[tuple[str, str], Evidence] = {}

    def add(rows: Sequence[Evidence], role: str = "") -> None:
        for row in rows:
            one = replace(row, role=role) if role else row
            found.setdefault((one.reference, "" if role.startswith("edge") else one.role), one)

    shown = {e for path in case.chain.paths[:PATHS_SHOWN] for e in path} | set(case.chain.best)
    for number, edges in enumerate(hop_edges(case.chain, about), 1):
        for edge in edges:
            if edge in shown:
                add(case.rows[edge], f"edge {number}")
                add(case.traces.get(edge, ()), f"edge {number} seen")
    for number, terms in enumerate(case.terms, 1):
        for term in terms:
            if term.holds:
                add([replace(r, role=f"node {number} {r.role}") for r in term.rows])
    for price in case.prices:
        add(price.rows[:PATHS_SHOWN])
    add(people.rows(case.chain.middle))
    return tuple(found.values())


def _subjects(
    case: ChainCase,
    about: Mapping[int, Row],
    names: Mapping[str, tuple[str, str, str]],
    people: People,
) -> tuple[Subject, ...]:
    def organization(entity: str, role: str) -> Subject:
        kind, name, uscc = names[entity]
        ids = {"uscc": uscc} if uscc else {}
        return Subject(entity, "site" if kind == "site" else "organization", role, name, ids)

    chain = case.chain
    found = [organization(node, "generator") for node in chain.generators]
    for node, points in zip(chain.middle, case.points, strict=True):
        found.append(organization(node, "shell" if points >= SHELL_POINTS else "broker"))
    is_site = names[chain.end][0] == "site"
    found.append(organization(chain.end, "site" if is_site else "receiver"))
    told = {subject.entity_id for subject in found}
    carriers = sorted({str(c) for e in chain.edges if (c := about[e]["carrier"])} - told)
    found += [organization(carrier, "carrier") for carrier in carriers]
    plates = {
        str(v): str(about[e]["plate"] or v) for e in chain.edges if (v := about[e]["vehicle"])
    }
    found += [
        Subject(entity, "vehicle", "vehicle", plate, {"plate": plate})
        for entity, plate in sorted(plates.items())
    ]
    found += people.drivers(case)
    found += people.controllers(chain.middle)
    return tuple(found)


def _spoken_hop(
    edges: Sequence[int],
    target: str,
    about: Mapping[int, Row],
    names: Mapping[str, tuple[str, str, str]],
) -> str:
    papers = {
        "manifest": "联单", "invoice": "发票", "vehicle": "过磅", "waybill": "电子运单",
        "visit": "车辆停留",
    }  # fmt: skip
    kinds: set[str] = set()
    for e in edges:
        listed = about[e]["kinds"]
        kinds.update(str(kind) for kind in (listed if isinstance(listed, list) else []))
    basis = "、".join(papers[kind] for kind in sorted(kinds))
    times = [t for e in edges if isinstance(t := about[e]["moved_at"], datetime)]
    sources = "、".join(sorted({names[str(about[e]["source"])][1] for e in edges}))
    tonnes = _hop_tonnes(edges, about)
    size = f"{tonnes:.1f}吨" if tonnes else "数量不明的货物"
    first, last = shanghai_day(min(times)), shanghai_day(max(times))
    days = f"{first.year}年{first.month}月{first.day}日"
    days += f"至{last.month}月{last.day}日" if last != first else ""
    return f"{days}由{sources}转至{names[target][1]}{size}（依据{basis}）"


def _spoken_terms(terms: Sequence[Term]) -> str:
    return "、".join(TERM_WORDS[term.name] for term in terms if term.holds) or "暂无单项疑点"


def _reason(
    case: ChainCase,
    about: Mapping[int, Row],
    facts: Mapping[str, ShellFacts],
    names: Mapping[str, tuple[str, str, str]],
) -> str:
    chain = case.chain
    way = "；".join(
        _spoken_hop(edges, hand, about, names)
        for edges, hand in zip(hop_edges(chain, about), chain.hands, strict=True)
    )
    doubts = "；".join(
        f"{names[node][1]}：{_spoken_terms(terms)}（{points}分）"
        for node, terms, points in zip(chain.middle, case.terms, case.points, strict=True)
    )
    gains = [
        f"{names[node][1]}账面留存约{margin / 1e4:.1f}万元"
        for node, margin in zip(chain.middle, margins(case.prices), strict=True)
        if abs(margin) >= 1
    ]
    profit = f"价格阶梯：{'，'.join(gains)}。" if gains else ""
    shared = sorted(
        {CONTROLLER_NAMES[kind] for node in chain.middle for _, kind, _ in facts[node].offenders}
    )
    ties = f"与涉案方的关联依据：{'、'.join(shared)}。" if shared else ""
    place = "终点为已确认的倾倒点位。" if case.is_confirmed else ""
    return (
        f"疑似经空壳单位转手危险废物：{way}。疑点：{doubts}。{ties}{profit}{place}"
        f"链条得分{case.score:.1f}，{case.support}个部门的数据相互印证。"
        "以上由数据比对得出，须经人工核实，不代表已认定违法。"
    )


def subject_names(
    sql: duckdb.DuckDBPyConnection, cases: Sequence[ChainCase], about: Mapping[int, Row]
) -> dict[str, tuple[str, str, str]]:
    """Kind, name and credit code of every organisation and site of the cases."""
    ids = {node for case in cases for node in (*case.chain.generators, *case.chain.hands)}
    ids |= {str(c) for case in cases for e in case.chain.edges if (c := about[e]["carrier"])}
    ids |= {str(about[e]["source"]) for case in cases for e in case.chain.edges}
    rows = sql.execute(
        """
        SELECT given.id, CASE WHEN given.id LIKE 'site:%' THEN 'site' ELSE 'organization' END,
            coalesce(o.name, s.name, given.id), coalesce(o.uscc, '')
        FROM (SELECT unnest($ids) AS id) given LEFT JOIN organization o ON o.entity_id = given.id
        LEFT JOIN site s ON s.entity_id = given.id ORDER BY given.id
        """,
        {"ids": sorted(ids)},
    ).fetchall()
    return {str(i): (str(kind), str(name), str(uscc)) for i, kind, name, uscc in rows}
