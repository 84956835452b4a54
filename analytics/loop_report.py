"""A case of looping transfers as a draft: balance sheet, ordered evidence, words to read aloud."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import duckdb
import polars as pl

from analytics.affiliation import Row
from analytics.loop_balance import BalanceLine, balance_quantities
from analytics.loop_case import Case, Term, Thresholds, terms_of
from analytics.loop_evidence import SUPPORT_SHOWN, evidence_of, searched_of, support_of
from analytics.loop_innocent import caps_of, innocent_of
from analytics.loop_suspicion import RoundFacts, claimed_yuan
from analytics.loops import FoundRounds, Hop
from analytics.model import Draft
from graph.types import Statistic, Subject
from records.clock import shanghai_day

SCORE_BANDS = {1: (0.7, 0.99), 2: (0.4, 0.69), 3: (0.1, 0.39)}
BITS_SCALE = 20.0
KILOGRAM_T = 0.001
TENTH_T = 0.1
YEAR_DAYS = 365
WOULD_CLEAR = (
    "各环节的利用处置生产记录（投料、产品、残渣）与入库出库台账，能证明废物在该环节已实际利用处置",
    "各趟运输的卫星定位轨迹、过磅单和门禁影像，能证明车辆实际到达",
    "退货、改派或包装物返还的书面凭证及对应联单",
    "物料返还加工合同及产品检验单，能证明返回的是合格产品而不是危险废物",
)


@dataclass(frozen=True, slots=True)
class _Sources:
    """What drafts are written from: transfers by edge, their rows, names and codes of firms."""

    about: dict[int, Row]
    rows: dict[int, list[Row]]
    names: dict[str, tuple[str, str]]


def draft_of(
    sql: duckdb.DuckDBPyConnection,
    cases: Sequence[Case],
    found: FoundRounds,
    balances: Sequence[Sequence[BalanceLine]],
    thresholds: Thresholds,
) -> list[Draft]:
    """Drafts of cases, in their order; ``balances`` has the lines of each case."""
    rows: dict[int, list[Row]] = {}
    for row in found.transfers.rows.iter_rows(named=True):
        rows.setdefault(int(row["edge"]), []).append(row)
    about = {int(r["edge"]): r for r in found.transfers.edges.iter_rows(named=True)}
    ids = {n for c in cases for n in c.nodes} | {
        str(row["carrier"]) for row in about.values() if row["carrier"]
    }
    sql.register("subject_given", pl.DataFrame({"entity_id": sorted(ids)}).to_arrow())
    names = {
        str(entity): (str(name or entity), str(uscc or ""))
        for entity, name, uscc in sql.execute(
            "SELECT entity_id, o.name, o.uscc FROM subject_given LEFT JOIN organization o"
            " USING (entity_id) ORDER BY entity_id"
        ).fetchall()
    }
    sql.unregister("subject_given")
    sources = _Sources(about, rows, names)
    return [
        _draft(case, lines, found.rank_of(case.nodes), sources, thresholds)
        for case, lines in zip(cases, balances, strict=True)
    ]


def _draft(
    case: Case,
    lines: Sequence[BalanceLine],
    rank: dict[str, float],
    sources: _Sources,
    thresholds: Thresholds,
) -> Draft:
    terms = terms_of(case, thresholds.repeat_count)
    caps = caps_of(case)
    return Draft(
        grade=case.grade,
        score=_score(max([case.grade, *(cap.grade for cap in caps)]), terms, rank),
        identity=case.nodes,
        discriminator="",
        started_at=min(f.round.started_at for f in case.facts),
        ended_at=max(f.round.ended_at for f in case.facts),
        title=(
            f"疑似危险废物非法转移闭环（{sources.names[case.order[0]][0]}等{len(case.nodes)}家单位，"
            f"{_spoken_sum(case.facts, case.is_whole)}）"
        ),
        reason=_reason(case, sources.names, terms, thresholds),
        subjects=_subjects(case, sources),
        evidence=evidence_of(case, sources.rows),
        quantities=_quantities(case) | balance_quantities(lines, case.order),
        statistics=_statistics(case, terms, rank, thresholds),
        innocent=innocent_of(case),
        would_clear=WOULD_CLEAR,
        searched=searched_of(case, sources.names, terms),
        caps=caps,
    )


def _score(grade: int, terms: Sequence[Term], rank: dict[str, float]) -> float:
    """Place in the list, 0 to 1: first the grade, then terms that hold, then bits of surprise.

    Each grade has a band of its own; within it every term takes one step of equal size, and the
    bits order what has equally many (``analytics/loop_rank.py``).
    """
    low, high = SCORE_BANDS[grade]
    bits = sum(rank.values())
    surprise = 0.5 * (1 + bits / (BITS_SCALE + abs(bits)))
    held = sum(term.holds is True for term in terms)
    return round(low + (high - low) * (held + surprise) / (len(terms) + 1), 6)


def _quantities(case: Case) -> dict[str, float]:
    """Totals, what each party took and gave in the loop, and the hops of the first round told."""
    first = case.told[0].round
    quantities = {
        "waste_t": round(case.tonnes, 6),
        "edges": float(len(first.hops)),
        "loops": float(len(case.facts)),
        "loops_in_window": float(case.days_begun),
        "tonnes_12_months": round(case.yearly_t, 6),
        "span_days": round(max(f.round.days for f in case.facts), 3),
        "refund_yuan": round(claimed_yuan(case.facts), 2),
    }
    hops = [hop for fact in case.facts for hop in fact.round.hops if hop.tonnes is not None]
    for number, node in enumerate(case.order, 1):
        taken = sum(hop.tonnes or 0.0 for hop in hops if hop.target == node)
        given = sum(hop.tonnes or 0.0 for hop in hops if hop.source == node)
        quantities[f"node{number}_in_t"] = round(taken, 6)
        quantities[f"node{number}_out_t"] = round(given, 6)
        quantities[f"node{number}_kept_t"] = round(taken - given, 6)
    return quantities | _hop_quantities(first.hops)


def _hop_quantities(hops: Sequence[Hop]) -> dict[str, float]:
    """Time line of a round: ``hop2:after_h`` since its start, tonnes, transfers, wait and flow."""
    found: dict[str, float] = {}
    for number, hop in enumerate(hops, 1):
        stem = f"hop{number}:"
        found[stem + "after_h"] = _hours(hops[0].received_at, hop.received_at)
        found[stem + "transfers"] = float(len(hop.edges))
        if hop.tonnes is not None:
            found[stem + "t"] = round(hop.tonnes, 6)
        if number < len(hops):
            onward = hops[number]
            found[stem + "kept_h"] = _hours(
                hop.received_at, max(onward.departed_at, hop.received_at)
            )
            if hop.tonnes and onward.tonnes:
                found[stem + "onward_ratio"] = round(onward.tonnes / hop.tonnes, 6)
    return found


def _hours(start: datetime, end: datetime) -> float:
    return round((end - start).total_seconds() / 3600, 3)


def _flows(case: Case) -> list[float]:
    return [
        after.tonnes / before.tonnes
        for fact in case.facts
        for before, after in zip(fact.round.hops, fact.round.hops[1:], strict=False)
        if before.tonnes and after.tonnes
    ]


def _statistics(
    case: Case, terms: Sequence[Term], rank: dict[str, float], thresholds: Thresholds
) -> tuple[Statistic, ...]:
    facts, flows = case.facts, _flows(case)
    dwells = [f.dwell_h for f in facts if f.dwell_h is not None]
    powers = [(f.power_ratio, f.power_n) for f in facts if f.power_ratio is not None]
    awake = [f.awake for f in facts if f.awake is not None]
    tested = sum(f.unseen + f.seen for f in facts)
    found = [
        *(Statistic(t.statistic, t.value, t.threshold, t.unit, t.n) for t in terms),
        *(Statistic(name, round(bits, 6), None, "bits") for name, bits in rank.items()),
        Statistic("rank_total", round(sum(rank.values()), 6), None, "bits"),
        Statistic("tonnes_12_months", case.yearly_t, thresholds.yearly_t, "t"),
        Statistic("waste_t", case.tonnes, thresholds.heavy_t, "t", len(facts)),
        Statistic("trips_unseen", float(sum(f.unseen for f in facts)), None, "legs", tested),
        Statistic(
            "trips_overlapping", float(sum(f.overlapping for f in facts)), 1.0, "legs", tested
        ),
    ]
    if flows:
        found.append(Statistic("flow_ratio", min(flows), thresholds.flow_low, "1", len(flows)))
    if dwells:
        found.append(Statistic("dwell_h", min(dwells), thresholds.dwell_h, "h", len(dwells)))
    if powers:
        ratio, n = min(powers)
        found.append(Statistic("power_ratio", ratio, thresholds.power_ratio, "1", n))
    if awake:
        needed = float(thresholds.cameras_needed)
        found.append(Statistic("cameras_awake", float(min(awake)), needed, "cameras", len(awake)))
    return tuple(sorted(found, key=lambda one: one.name))


def _subjects(case: Case, sources: _Sources) -> tuple[Subject, ...]:
    about, names = sources.about, sources.names

    def organization(entity: str, role: str) -> Subject:
        name, uscc = names[entity]
        return Subject(entity, "organization", role, name, {"uscc": uscc} if uscc else {})

    found = [
        organization(node, "generator" if i == 0 else "receiver")
        for i, node in enumerate(case.order)
    ]
    edges = sorted({e for f in case.facts for h in f.round.hops for e in h.edges})
    carriers = sorted({str(about[e]["carrier"]) for e in edges if about[e]["carrier"]})
    found += [organization(entity, "carrier") for entity in carriers if entity not in case.nodes]
    plates = {str(about[e]["vehicle"]): str(about[e]["plate"] or about[e]["vehicle"])
              for e in edges if about[e]["vehicle"]}  # fmt: skip
    found += [
        Subject(entity, "vehicle", "vehicle", plate, {"plate": plate})
        for entity, plate in sorted(plates.items())
    ]
    return tuple(found)


def _spoken_tonnes(tonnes: float) -> str:
    if tonnes < KILOGRAM_T / 2:
        return "不足0.001吨"
    if tonnes < TENTH_T:
        return f"{tonnes:.3f}".rstrip("0") + "吨"
    return f"{tonnes:.1f}吨"


def _spoken_sum(facts: Sequence[RoundFacts], is_whole: bool) -> str:
    """Tonnes that went round; at least so many where some are unknown or rounds not counted."""
    known = [fact.tonnes for fact in facts if fact.round.tonnes is not None]
    if not known:
        return "数量不明"
    is_all = is_whole and len(known) == len(facts)
    return ("" if is_all else "至少") + _spoken_tonnes(sum(known))


def _extent(case: Case, holds: Sequence[bool | None]) -> str:
    """In how many of several rounds a term holds, and their tonnes."""
    if len(case.facts) == 1:
        return ""
    found = [fact for fact, is_true in zip(case.facts, holds, strict=True) if is_true]
    return f"（{len(found)}次，{_spoken_sum(found, case.is_whole)}）"


def _spoken_count(case: Case) -> str:
    """Number of rounds, and what of them and of the rows beside them is not in the evidence."""
    count, shown = len(case.facts), len(case.shown)
    said = ""
    if not case.is_whole:
        limits = "检索达到上限，未数尽，次数、数量和起止时间以已数部分为限"
        said = f"同一组单位至少发现{count}次（{limits}）"
    elif count > 1:
        said = f"同一组单位共发现{count}次"
    if shown < count:
        said += f"，证据列出其中{shown}次，有疑点的在前"
    support = len(support_of(case))
    if support > SUPPORT_SHOWN:
        rest = f"旁证列出{SUPPORT_SHOWN}条，另有{support - SUPPORT_SHOWN}条未列出"
        said = f"{said}。{rest}" if said else rest
    return said + "。" if said else ""


def _spoken_untested(case: Case, names: dict[str, tuple[str, str]], terms: Sequence[Term]) -> str:
    """What nobody could look for, so that its absence says nothing."""
    holds = {term.code: term.holds for term in terms}
    has_power = any(fact.low_power is not None for fact in case.facts)
    has_dwell = any(fact.short_dwell is not None for fact in case.facts)
    unlicensed = {node for fact in case.facts for node in fact.licence_unknown}
    firms = "、".join(names[node][0] for node in case.order if node in unlicensed)
    missing = [
        word
        for word, is_open in (
            ("运输轨迹", holds["paper_only"] is None),
            (f"{firms}的许可证", bool(firms)),
            ("废物代码变化", holds["code_changed"] is None),
            ("增值税即征即退申报", holds["vat_refund"] is None),
            ("停留时间", not has_dwell),
            ("用电量", not has_power),
            ("控制人、电话与地址", holds["shared_identifier"] is None),
        )
        if is_open
    ]
    return f"未能核查（无数据）：{'、'.join(missing)}。" if missing else ""


def _spoken_day(instant: datetime) -> str:
    day = shanghai_day(instant)
    return f"{day.year}年{day.month}月{day.day}日"


def _spoken_hop(hop: Hop, names: dict[str, tuple[str, str]]) -> str:
    amount = "数量不明" if hop.tonnes is None else _spoken_tonnes(hop.tonnes)
    what = hop.code or (hop.items[0] if hop.items else "货物")
    papers = {"manifest": "联单", "invoice": "发票", "vehicle": "过磅或门禁"}
    basis = "、".join(papers[kind] for kind in hop.kinds)
    return (
        f"{_spoken_day(hop.received_at)}由{names[hop.source][0]}转至{names[hop.target][0]}"
        f"{amount}（{what}，依据{basis}）"
    )


def _spoken_trips(case: Case) -> list[str]:
    """What speaks against the trips having been made, with the numbers of legs."""
    unseen = sum(fact.unseen for fact in case.facts)
    tested = unseen + sum(fact.seen for fact in case.facts)
    overlapping = sum(fact.overlapping for fact in case.facts)
    extent = _extent(case, [fact.paper_only for fact in case.facts])
    found = []
    if unseen:
        share = "均" if unseen == tested else f"中有{unseen}段"
        found.append(f"可核对的{tested}段运输{share}未被途中的卡口、收费站、门禁或卫星定位记录到")
    if overlapping:
        found.append(f"{overlapping}段运输与同一车辆的其他行程时间重叠")
    return [*found[:-1], found[-1] + extent] if found else []


def _reason(
    case: Case,
    names: dict[str, tuple[str, str]],
    terms: Sequence[Term],
    thresholds: Thresholds,
) -> str:
    first = case.told[0].round
    way = "；".join(_spoken_hop(hop, names) for hop in first.hops)
    home = names[first.hops[0].source][0]
    holding = {term.code for term in terms if term.holds}
    doubts = []
    if "paper_only" in holding:
        doubts += _spoken_trips(case)
    if "code_changed" in holding:
        changed = "废物代码在未持相应利用处置许可的单位发生变化"
        doubts.append(changed + _extent(case, [f.unlicensed_change for f in case.facts]))
    if "vat_refund" in holding:
        claimed = "经手单位就相应月份申报了资源综合利用增值税即征即退"
        doubts.append(claimed + _extent(case, [f.refund for f in case.facts]))
    if "no_treatment" in holding:
        short = "中间单位停留时间或用电量不足以完成利用处置"
        doubts.append(short + _extent(case, [f.no_treatment for f in case.facts]))
    if "shared_identifier" in holding:
        doubts.append("单位之间存在相同的控制人、电话或地址")
    if "repeated" in holding:
        days = f"{thresholds.repeat_days}日内同一组单位在{case.days_begun}个不同日期起流转成环"
        doubts.append(days)
    if case.yearly_t >= thresholds.yearly_t:
        year = "12个月" if thresholds.year_days == YEAR_DAYS else f"{thresholds.year_days}日"
        doubts.append(f"{year}累计{_spoken_tonnes(case.yearly_t)}")
    told = "疑点：" + "；".join(doubts) + "。" if doubts else "目前仅有流转成环这一事实。"
    return (
        f"{len(case.nodes)}家单位之间疑似形成危险废物转移闭环：{way}，最终又回到{home}。"
        f"{_spoken_count(case)}{told}{_spoken_untested(case, names, terms)}"
        "以上由数据比对得出，须经人工核实，不代表已认定违法。"
    )
