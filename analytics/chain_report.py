"""A hidden chain as a draft: roles, score table, ordered evidence, words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import duckdb

from analytics.chain_case import ChainCase, chain_score, hop_edges
from analytics.chain_innocent import InnocentRules, caps_of, innocent_checks, is_cleared
from analytics.chain_ladder import hop_tonnes, ladder, spoken_ladder
from analytics.chain_pass_through import Row
from analytics.chain_people import People
from analytics.model import Draft
from analytics.shell_terms import TERMS, ShellFacts, Term
from graph.types import Evidence, Statistic, Subject
from records.clock import shanghai_day

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
    "power_ratio": "用电量远低于同类单位",
    "pass_through_share": "货物快进快出且进出数量相差明显",
}


@dataclass(frozen=True, slots=True)
class ChainThresholds:
    """What the score, the support, the terms and the innocent tests are held against."""

    score: tuple[float, float, float]
    support: tuple[int, int]
    busy_t: float
    busy_yuan: float
    degree_cap: int
    innocent: InnocentRules


@dataclass(frozen=True, slots=True)
class ChainContext:
    """What all cases of a run share.

    ``about``: flows by edge; ``names``: kind, name and credit code by entity; ``partners``: how
    many each organisation has; ``cut``: first hand-overs that the search left unfinished.
    """

    about: Mapping[int, Row]
    facts: Mapping[str, ShellFacts]
    names: Mapping[str, tuple[str, str, str]]
    people: People
    partners: Mapping[str, int]
    cut: int
    thresholds: ChainThresholds


def draft_of(case: ChainCase, context: ChainContext) -> Draft | None:
    """The draft of one case; None when an innocent explanation leaves nothing to tell."""
    about, facts, names = context.about, context.facts, context.names
    times = [t for e in case.chain.edges if isinstance(t := about[e]["moved_at"], datetime)]
    innocent = innocent_checks(case, facts, context.thresholds.innocent)
    if is_cleared(case, facts, innocent):
        return None
    return Draft(
        grade=case.grade,
        score=round(min(case.score / TOP_SCORE, 0.99), 4),
        identity=(*sorted(case.chain.middle), case.chain.end),
        discriminator=_way(case),
        started_at=min(times),
        ended_at=max(times),
        title=_title(case, about, names),
        reason=_reason(case, about, facts, names),
        subjects=_subjects(case, about, names, context.people),
        evidence=_evidence(case, about, context.people),
        quantities={**ladder(case, about), **_verdicts(case)},
        statistics=_statistics(case, context),
        innocent=innocent,
        would_clear=WOULD_CLEAR,
        searched=_searched(case, context),
        caps=caps_of(innocent),
    )


def _way(case: ChainCase) -> str:
    """Tells ways through the same firms in another order apart, empty for the plain order."""
    rank = {node: str(place) for place, node in enumerate(sorted(case.chain.middle), 1)}
    order = [rank[node] for node in case.chain.middle]
    return "" if order == sorted(order) else ">".join(order)


def _title(
    case: ChainCase, about: Mapping[int, Row], names: Mapping[str, tuple[str, str, str]]
) -> str:
    tonnes = hop_tonnes(hop_edges(case.chain, about)[0], about)
    size = f"{tonnes:.1f}吨" if tonnes else "数量不明"
    goal = "处置场所" if names[case.chain.end][0] == "site" else "接收方"
    middle = case.chain.middle
    first = names[middle[0]][1]
    hands = first if len(middle) == 1 else f"{first}等{len(middle)}家中间单位"
    return f"疑似空壳单位转手危险废物（经{hands}至{goal}，{size}）"


def _verdicts(case: ChainCase) -> dict[str, float]:
    """Verdict on each term of each firm between: 1 it holds, 0 it does not, -1 not testable."""
    return {
        f"node{number}_{term.name}_verdict": -1.0 if term.holds is None else float(term.holds)
        for number, terms in enumerate(case.terms, 1)
        for term in terms
    }


def _statistics(case: ChainCase, context: ChainContext) -> tuple[Statistic, ...]:
    """Score table: each term of each firm between with its value and threshold."""
    thresholds, chain = context.thresholds, case.chain
    found = [
        Statistic("chain_score", case.score, thresholds.score[case.grade - 1], "points"),
        Statistic("support", float(case.support), float(thresholds.support[0]), "agencies"),
    ]
    if chain.end in context.partners:
        found.append(_partners("end_partners", chain.end, context))
    for number, (node, terms, points) in enumerate(
        zip(chain.middle, case.terms, case.points, strict=True), 1
    ):
        fact = context.facts[node]
        found.append(Statistic(f"node{number}_points", float(points), None, "points"))
        found += [
            Statistic(f"node{number}_{t.name}", t.value, t.threshold, TERMS[t.name][1], t.n)
            for t in terms
            if t.value is not None
        ]
        found.append(Statistic(f"node{number}_volume_t", fact.volume_t, thresholds.busy_t, "t"))
        found.append(
            Statistic(f"node{number}_volume_yuan", fact.volume_yuan, thresholds.busy_yuan, "yuan")
        )
        found.append(_partners(f"node{number}_partners", node, context))
        ratio = case.price_ratios[number - 1]
        if ratio is not None:
            low = thresholds.innocent.price_low
            found.append(Statistic(f"node{number}_price_ratio", round(ratio, 6), low, "1"))
        found += [
            Statistic(f"node{number}_shared_{kind}_degree", float(degree), None, "organisations")
            for kind, degree in sorted({(k, d) for _, k, d in fact.offenders})
        ]
    return tuple(found)


def _partners(name: str, node: str, context: ChainContext) -> Statistic:
    """Suppliers or customers of a node against the cap above which it is not passed."""
    count = float(context.partners[node])
    return Statistic(name, count, float(context.thresholds.degree_cap), "organisations")


def _searched(case: ChainCase, context: ChainContext) -> tuple[str, ...]:
    lines = list(case.not_found)
    for node, terms in zip(case.chain.middle, case.terms, strict=True):
        name = context.names[node][1]
        for term in terms:
            if term.holds is None:
                lines.append(f"{term.name} {name}: not testable")
            elif not term.holds:
                lines.append(f"{term.name} {name}: not met")
        lines += [
            f"shared {kind} {name}: ignored, degree {degree}"
            for kind, degree in context.facts[node].ignored_identifiers
        ]
    if case.chain.is_cut:
        lines.append("path search cut behind the first hand-over: more of this chain may exist")
    if context.cut:
        lines.append(f"path search cut at {context.cut} first hand-overs: more chains may exist")
    cap = context.thresholds.degree_cap
    hubs = sum(count > cap for count in context.partners.values())
    lines.append(f"path search did not pass {hubs} organisations of more than {cap} partners")
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
    tonnes = hop_tonnes(edges, about)
    size = f"{tonnes:.1f}吨" if tonnes else "数量不明的货物"
    first, last = shanghai_day(min(times)), shanghai_day(max(times))
    days = f"{first.year}年{first.month}月{first.day}日"
    if last != first:
        days += "至" + (f"{last.year}年" if last.year != first.year else "")
        days += f"{last.month}月{last.day}日"
    return f"{days}由{sources}转至{names[target][1]}{size}（依据{basis}）"


def _spoken_support(agencies: int) -> str:
    if agencies >= 2:
        return f"{agencies}个部门的数据相互印证"
    return "目前仅有1个部门的数据，尚无其他部门印证" if agencies else "尚无政府部门的数据印证"


def _spoken_terms(terms: Sequence[Term]) -> str:
    """What speaks against one firm, told one by one: the terms themselves have commas."""
    told = [TERM_WORDS[term.name] for term in terms if term.holds]
    points = sum(term.points for term in terms)
    most = sum(points for points, _ in TERMS.values())
    if not told:
        return f"未见单项疑点（0分，满分{most}分）"
    return f"有{len(told)}项疑点（{points}分，满分{most}分）：{'；'.join(told)}"


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
    doubts = "".join(
        f"{names[node][1]}{_spoken_terms(terms)}。"
        for node, terms in zip(chain.middle, case.terms, strict=True)
    )
    profit = spoken_ladder(case, about, names)
    shared = sorted(
        {CONTROLLER_NAMES[kind] for node in chain.middle for _, kind, _ in facts[node].offenders}
    )
    ties = f"与涉案方的关联依据：{'、'.join(shared)}。" if shared else ""
    place = "终点为已确认的倾倒点位。" if case.is_confirmed else ""
    is_own = case.score == chain_score(case.points, case.support)
    of_part = "" if is_own else "（取其中得分最高的一段）"
    return (
        f"疑似经空壳单位转手危险废物：{way}。{doubts}{ties}{profit}{place}"
        f"链条得分{case.score:.1f}{of_part}，{_spoken_support(case.support)}。"
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
