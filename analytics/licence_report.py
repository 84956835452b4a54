"""A run of failed HW-08 tests as a draft: test table, registers searched, words to read aloud."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from analytics.licence_tests import (
    case_evidence,
    case_parties,
    failed_cases,
    months_delivered,
    register_sizes,
    results_by_test,
)
from analytics.model import Draft, Inputs
from graph.types import Cap, Evidence, InnocentCheck, Statistic, Subject
from records.clock import shanghai_day

Row = dict[str, Any]
CaseKey = tuple[str, str, int]
MILD = 3
DETAILS_SHOWN = 8
PARTIES_SHOWN = 6
CARRIER_TESTS = frozenset({"T5", "T6", "T7"})
TEST_ZH = {
    "T1": "接收单位在接受当日没有有效的危险废物经营许可证",
    "T2": "接受的废物代码不在许可证核准范围内",
    "T3": "拟利用处置方式不在许可证核准方式内",
    "T4": "当年累计接受量接近或超过核准经营规模",
    "T5": "承运单位没有有效的危险货物道路运输许可",
    "T6": "运输车辆或挂车没有有效的危险货物道路运输证",
    "T7": "驾驶员或押运员没有有效的危险货物从业资格",
    "T8": "跨省转移没有有效批准或超出批准量",
    "T9": "实际接受地点与许可证载明的设施地点不一致",
}
SHORT_ZH = {
    "T1": "许可证无效",
    "T2": "代码超范围",
    "T3": "方式超范围",
    "T4": "超规模",
    "T5": "承运资质",
    "T6": "车辆运输证",
    "T7": "人员从业资格",
    "T8": "跨省批准",
    "T9": "接受地点",
}
REFS = {
    "T1": ("CODE-534", "CODE-1175(5)", "CODE-1178", "LIC", "JI-7"),
    "T2": ("CODE-534", "CODE-1175(5)", "CODE-1178", "LIC", "JI-7"),
    "T3": ("CODE-534", "CODE-1178", "LIC", "JI-7"),
    "T4": ("CODE-534", "CODE-1178", "LIC"),
    "T5": ("CODE-537", "TRM-11"),
    "T6": ("CODE-537", "TRM-11"),
    "T7": ("CODE-537", "TRM-11"),
    "T8": ("CODE-536", "CODE-1175(8)", "TRM-21"),
    "T9": ("CODE-534", "CODE-1178", "LIC"),
}
WOULD_CLEAR = {
    "T1": "接受当日有效的危险废物经营许可证（含换证、延续受理或试生产批准文件）",
    "T2": "许可证副本核准类别代码页，或该废物在本环节符合豁免条件的证明",
    "T3": "许可证副本核准的利用处置方式，或联单方式填写有误的更正记录",
    "T4": "全年接受台账与许可证核准规模（含扩能批复、合并计量说明）",
    "T5": "承运单位当日有效的道路运输经营许可证副本（经营范围含危险货物）",
    "T6": "车辆及挂车当日有效的道路运输证与年审记录",
    "T7": "驾驶员、押运员当日有效的从业资格证",
    "T8": "移出地省级部门的跨省转移批准文件及已转移量台账",
    "T9": "接受点定位记录的说明，或许可证载明的其他设施地址",
}
SEARCHED = {
    "T1": ("hw_licence",),
    "T2": ("hw_licence", "hw_licence_item"),
    "T3": ("hw_licence", "hw_licence_item"),
    "T4": ("hw_licence", "hw_licence_item"),
    "T5": ("carrier_licence",),
    "T6": ("vehicle_permit",),
    "T7": ("driver_permit",),
    "T8": ("transfer_approval",),
    "T9": ("hw_licence",),
}
DETAIL_ZH = {
    "none": "登记中查无",
    "expired": "已过有效期",
    "revoked": "已注销、吊销或暂扣",
    "not_yet": "尚未生效",
    "scope": "经营范围不含危险货物",
    "status": "状态无效",
    "kind": "类别不符",
    "amount": "累计超出批准量",
}


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What the report holds numbers against."""

    load_near: float
    site_km: float
    renewal_lag_days: int
    evidence_manifests: int


@dataclass(frozen=True, slots=True)
class Context:
    """What all drafts of a run share."""

    results: dict[CaseKey, list[Row]]
    evidence: dict[CaseKey, list[Row]]
    parties: dict[CaseKey, list[Row]]
    sizes: dict[str, int]
    months: dict[int, int]
    as_of_month: int
    as_of_year: int
    thresholds: Thresholds


def drafts_of(
    inputs: Inputs,
    grade_of: Callable[[str, float, int | None], int],
    thresholds: Thresholds,
) -> list[Draft]:
    """Drafts of all failed cases.

    Parameters
    ----------
    grade_of
        Grade of a case by test, share of the yearly amount used, and days since a mere expiry.
    """
    sql = inputs.sql
    cases = failed_cases(sql)
    if cases.is_empty():
        return []
    context = Context(
        results=_by_case(results_by_test(sql), "of_test"),
        evidence=_by_case(case_evidence(sql, thresholds.evidence_manifests), "test"),
        parties=_by_case(case_parties(sql, PARTIES_SHOWN), "test"),
        sizes=register_sizes(sql),
        months=months_delivered(sql),
        as_of_month=inputs.as_of.month,
        as_of_year=inputs.as_of.year,
        thresholds=thresholds,
    )
    drafts = []
    for case in cases.iter_rows(named=True):
        soft = int(case["soft_days"]) if case["is_all_expired"] else None
        level = grade_of(case["test"], float(case["load"] or 0.0), soft)
        if level:
            drafts.append(_draft(case, level, soft, context))
    return drafts


def _by_case(frame: pl.DataFrame, test_column: str) -> dict[CaseKey, list[Row]]:
    found: dict[CaseKey, list[Row]] = {}
    for row in frame.iter_rows(named=True):
        found.setdefault((row[test_column], row["owner"], int(row["episode"])), []).append(row)
    return found


def _draft(case: Row, level: int, soft: int | None, context: Context) -> Draft:
    test, key = case["test"], (case["test"], case["owner"], int(case["episode"]))
    is_lag = test == "T1" and soft is not None and soft <= context.thresholds.renewal_lag_days
    caps = (Cap("renewal_pending", MILD, "许可证刚到期，换证数据可能尚未送达"),) if is_lag else ()
    name = case["name"] or case["owner"]
    amount = f"{case['waste_t']:.1f}吨"
    score = {1: 0.7, 2: 0.45, 3: 0.2}[level] + min(0.25, 0.02 * int(case["manifests"]))
    return Draft(
        grade=level,
        score=round(score, 4),
        identity=(case["owner"],),
        discriminator=test,
        started_at=case["started_at"],
        ended_at=case["ended_at"],
        title=f"疑似资质不符：{SHORT_ZH[test]}（{name}，{case['manifests']}份联单，{amount}）",
        reason=_reason(case, name, context, is_lag),
        subjects=_subjects(context.parties.get(key, ())),
        evidence=tuple(
            Evidence(r["dataset"], r["batch"], r["row"], r["part"], r["key"], r["role"])
            for r in context.evidence.get(key, ())
        ),
        quantities=_quantities(case),
        statistics=_statistics(case, context),
        innocent=_innocent(case, soft, is_lag),
        would_clear=(WOULD_CLEAR[test],),
        searched=_searched(case, context),
        legal_refs=REFS[test],
        caps=caps,
    )


def _subjects(parties: Sequence[Row]) -> tuple[Subject, ...]:
    """The owner of the case first; an entity in two parts of a manifest stands once."""
    found: dict[str, Subject] = {}
    for row in parties:
        ids = {"uscc": row["uscc"]} if row["uscc"] else {}
        if row["kind"] == "vehicle":
            ids = {"plate": row["label"]}
        found.setdefault(
            row["entity_id"],
            Subject(row["entity_id"], row["kind"], row["role"], row["name"], ids),
        )
    return tuple(found.values())


def _quantities(case: Row) -> dict[str, float]:
    found = {"manifests": float(case["manifests"]), "waste_t": float(case["waste_t"])}
    if case["test"] == "T4" and case["load"] is not None:
        found["load_ratio"] = float(case["load"])
    return found


def _statistics(case: Row, context: Context) -> tuple[Statistic, ...]:
    """The test table of the owner in the time of the case, then the number that was graded."""
    key = (case["test"], case["owner"], int(case["episode"]))
    rows = context.results.get(key, ())
    table = []
    for test in sorted({r["test"] for r in rows}):
        counts = {r["result"]: int(r["n"]) for r in rows if r["test"] == test}
        answered = counts.get("pass", 0) + counts.get("fail", 0) + counts.get("exempt", 0)
        failed = float(counts.get("fail", 0))
        table.append(Statistic(f"{test}_failed", failed, 0.0, "manifests", answered))
        if counts.get("unknown"):
            table.append(
                Statistic(f"{test}_unknown", float(counts["unknown"]), None, "manifests", None)
            )
    if case["test"] == "T4":
        limit = context.thresholds.load_near
        table.append(Statistic("load_ratio", float(case["load"]), limit, "1", case["manifests"]))
    if case["test"] == "T9":
        limit = context.thresholds.site_km
        table.append(Statistic("site_distance", float(case["load"]), limit, "km", None))
    if case["soft_days"] is not None:
        table.append(Statistic("expired_days", float(case["soft_days"]), 0.0, "d", None))
    return tuple(table)


def _innocent(case: Row, soft: int | None, is_lag: bool) -> tuple[InnocentCheck, ...]:
    test = case["test"]
    free = InnocentCheck("exempt_waste", True, "unknown" if case["may_be_free"] else "ruled_out")
    if test in CARRIER_TESTS:
        lag = InnocentCheck(
            "register_renewed_feed_late",
            soft is not None,
            "ruled_out" if soft is None else "unknown",
        )
        return (InnocentCheck("transport_exemption", True, "ruled_out"), lag)
    if test == "T8":
        return (InnocentCheck("approval_feed_late", False, "unknown"),)
    if test == "T9":
        return (InnocentCheck("further_licensed_site", True, "ruled_out"),)
    renewed = InnocentCheck("licence_renewed_feed_late", True, "unknown" if is_lag else "ruled_out")
    if test == "T1":
        return (renewed, free)
    if test == "T4":
        return (free, InnocentCheck("licensed_amount_extended", False, "unknown"))
    return (
        InnocentCheck("all_codes_of_category", True, "ruled_out"),
        free,
        InnocentCheck("collection_pilot", True, "ruled_out"),
        InnocentCheck("trial_operation", True, "ruled_out"),
    )


def _detail_zh(detail: str) -> str:
    head, _, tail = detail.rpartition(" ")
    if tail in DETAIL_ZH:
        return f"{head}{DETAIL_ZH[tail]}"
    first, _, rest = detail.partition(" ")
    return f"{rest}{DETAIL_ZH[first]}" if first in DETAIL_ZH else detail


def _reason(case: Row, name: str, context: Context, is_lag: bool) -> str:
    first, last = shanghai_day(case["started_at"]), shanghai_day(case["ended_at"])
    details: Sequence[str] = [d for d in case["details"] if d]
    shown = "、".join(_detail_zh(d) for d in details[:DETAILS_SHOWN])
    more = f"等{len(details)}项" if len(details) > DETAILS_SHOWN else ""
    text = (
        f"{name}在{first.isoformat()}至{last.isoformat()}的{case['manifests']}份联单"
        f"（{case['waste_t']:.1f}吨）中，疑似{TEST_ZH[case['test']]}"
    )
    text += f"：{shown}{more}。" if shown else "。"
    if case["test"] == "T4":
        months, due = context.months.get(last.year, 0), _months_due(last.year, context)
        text += (
            f"已送达{last.year}年{months}个月（应有{due}个月）的联单，"
            f"累计接受量已达核准规模的{case['load'] * 100:.0f}%。"
        )
    if case["test"] == "T9" and case["load"] is not None:
        text += f"最远一次相距{case['load']:.1f}公里。"
    if is_lag:
        text += f"许可证到期仅{case['soft_days']}天，不排除已换证而数据未更新。"
    return text + "请核对原件后再作判断。"


def _months_due(year: int, context: Context) -> int:
    return context.as_of_month if year == context.as_of_year else 12


def _searched(case: Row, context: Context) -> tuple[str, ...]:
    name = case["name"] or case["owner"]
    lines = [f"{d} {name}: {context.sizes[d]} rows in the register" for d in SEARCHED[case["test"]]]
    shown = min(int(case["manifests"]), context.thresholds.evidence_manifests)
    lines.append(f"manifest: {case['manifests']} failed, about {shown} shown as evidence")
    return tuple(lines)
