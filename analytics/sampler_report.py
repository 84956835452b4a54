"""Cases of sampling conflicts as drafts: text, subjects, evidence rows, what would clear them."""

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from analytics.model import Draft
from analytics.sampler_cases import MILD, Case, Row, Tally
from analytics.sampler_facts import Facts, facts_of
from graph.types import Cap, Evidence, InnocentCheck, Statistic, Subject
from records.clock import shanghai_iso

SHOWN_IN_TEXT = 3
VEHICLE_ONLY = frozenset({"vehicle"})
WOULD_CLEAR = (
    "采样原始记录、点位定位轨迹与现场视频，能证明当时人员确在现场",
    "两组人员分别采样的排班表与签名说明，或录入时间有误的更正记录",
    "采样仪器领用归还登记，能证明使用的是不同仪器",
)
KIND_ZH = {
    "overlap": "两处采样时间重叠",
    "travel": "两处间隔不足以往返",
    "exif_place": "照片位置偏离采样点",
    "exif_time": "照片时间与采样时间不符",
    "vehicle": "采样车辆在周边卡口无通行记录",
    "instrument": "同一仪器同时在两处使用",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """What statistics are held against, and how many conflicts are cited per draft."""

    hard: int
    rate: float
    instrument_overlaps: int
    conflicts: int


def drafts_of(sql: duckdb.DuckDBPyConnection, cases: Sequence[Case], shown: Shown) -> list[Draft]:
    """Drafts of cases, in their order; at most ``shown.conflicts`` are cited in each."""
    if not cases:
        return []
    facts = facts_of(sql, cases)
    return [_draft(case, facts, shown) for case in cases]


def _draft(case: Case, facts: Facts, shown: Shown) -> Draft:
    tally, first = case.tally, case.conflicts[0]
    about = facts.subjects.get(case.subject, {})
    jobs = [facts.jobs[r[k]] for r in case.conflicts for k in ("first_id", "second_id") if r[k]]
    name = about.get("name") or case.subject
    kinds = {r["conflict"] for r in case.conflicts}
    caps = _caps(case, kinds)
    what = "采样仪器" if case.subject_kind == "instrument" else "采样人员"
    body_name = facts.jobs[first["first_id"]]["body_name"] or case.body
    count = len(case.conflicts)
    score = {1: 0.7, 2: 0.45, 3: 0.2}[case.grade] + min(0.25, 0.03 * tally.hard + 0.01 * tally.soft)
    return Draft(
        grade=case.grade,
        score=round(score, 4),
        identity=(case.body, case.subject),
        discriminator="",
        started_at=min(job["start_at"] for job in jobs),
        ended_at=max(job["end_at"] for job in jobs),
        title=f"疑似采样时空冲突（{body_name}，{what}{name}，{count}处）",
        reason=_reason(case, facts, f"{body_name}{what}{name}"),
        subjects=_subjects(case, about, jobs),
        evidence=_evidence(case, facts, shown.conflicts),
        quantities={
            "conflicts": float(count),
            "hard": float(tally.hard),
            "soft": float(tally.soft),
            "jobs": float(tally.jobs),
        },
        statistics=_statistics(tally, shown),
        innocent=_innocent(case),
        would_clear=WOULD_CLEAR,
        searched=(
            f"test_sample {name}: {tally.jobs} visits in the window, {count} in conflict",
            f"evidence: {min(count, shown.conflicts)} of {count} conflicts shown",
        ),
        caps=caps,
    )


def _caps(case: Case, kinds: set[str]) -> tuple[Cap, ...]:
    if kinds <= VEHICLE_ONLY:
        reason = "仅有车辆旁证，不排除使用其他车辆或卡口漏拍"
        return (Cap("vehicle_only", MILD, reason),)
    if not case.tally.hard and all(r["is_two_teams"] for r in case.conflicts):
        reason = "两组人员分别采样、均由同一带队人签名，次数未达惯常"
        return (Cap("two_teams_one_lead", MILD, reason),)
    return ()


def _statistics(tally: Tally, shown: Shown) -> tuple[Statistic, ...]:
    rate = (tally.hard + tally.soft) / tally.jobs if tally.jobs else 0.0
    found = [
        Statistic("hard_conflicts", float(tally.hard), float(shown.hard), "conflicts", tally.jobs),
        Statistic("soft_conflicts", float(tally.soft), 1.0, "conflicts", tally.jobs),
        Statistic("conflict_rate", rate, shown.rate, "1", tally.jobs),
    ]
    if tally.instrument_overlaps:
        overlaps, limit = float(tally.instrument_overlaps), float(shown.instrument_overlaps)
        found.append(Statistic("instrument_overlaps", overlaps, limit, "overlaps", tally.jobs))
    return tuple(found)


def _innocent(case: Case) -> tuple[InnocentCheck, ...]:
    kinds = {r["conflict"] for r in case.conflicts}
    checks = [InnocentCheck("clerical_times", False, "unknown")]
    if case.subject_kind == "sampler":
        two = any(r["is_two_teams"] for r in case.conflicts)
        checks.append(InnocentCheck("two_teams_one_lead", True, "unknown" if two else "ruled_out"))
        checks.append(InnocentCheck("fixed_sampler", True, "ruled_out"))
    if kinds & {"exif_time", "exif_place"}:
        checks.append(InnocentCheck("exif_clock", True, "ruled_out"))
    if "vehicle" in kinds:
        checks.append(InnocentCheck("personal_car", False, "unknown"))
        checks.append(InnocentCheck("camera_gap", True, "ruled_out"))
    return tuple(checks)


def _subjects(case: Case, about: Row, jobs: Sequence[Row]) -> tuple[Subject, ...]:
    found: dict[str, Subject] = {}
    for job in sorted(jobs, key=lambda j: j["body"] != case.body):
        ids = {"uscc": job["body_uscc"]} if job["body_uscc"] else {}
        found.setdefault(
            job["body"],
            Subject(job["body"], "organization", "tester", job["body_name"] or job["body"], ids),
        )
    if case.subject_kind == "sampler" and case.subject.startswith("person:"):
        ids = {"cert_no": about["code"]} if about.get("code") else {}
        found[case.subject] = Subject(
            case.subject, "person", "person", about.get("name") or case.subject, ids
        )
    for job in jobs:
        if job["site_entity"] and len(found) < 12:
            ids = {"uscc": job["site_uscc"]} if job["site_uscc"] else {}
            found.setdefault(
                job["site_entity"],
                Subject(job["site_entity"], "organization", "site", job["site_name"], ids),
            )
    return tuple(found.values())


def _evidence(case: Case, facts: Facts, shown: int) -> tuple[Evidence, ...]:
    found: dict[str, Evidence] = {}

    def add(dataset: str, row: Row, role: str) -> None:
        cited = Evidence(dataset, row["batch"], row["row"], row["part"], row["key"], role)
        found.setdefault(cited.reference, cited)

    ranked = sorted(case.conflicts, key=lambda r: (not r["is_hard"], r["act_at"], r["visit"]))
    for number, conflict in enumerate(ranked[:shown], 1):
        for key in ("first_id", "second_id"):
            if not conflict[key]:
                continue
            job = facts.jobs[conflict[key]]
            add("test_sample", job, f"冲突{number}：{KIND_ZH[conflict['conflict']]}")
            report = facts.reports.get(job["report_no"])
            if report:
                add("test_report", {**report, "key": job["report_no"]}, "检测报告")
            if conflict["conflict"].startswith("exif"):
                for photo in facts.photos.get(conflict[key], [])[:3]:
                    add("test_photo", photo, "采样照片")
    for row in facts.staff.get(case.subject, [])[:3]:
        add("service_staff", row, "从业人员登记")
    about = facts.subjects.get(case.subject, {})
    if about.get("batch"):
        add("lab_instrument", about, "仪器台账")
    return tuple(found.values())


def _reason(case: Case, facts: Facts, who: str) -> str:
    ranked = sorted(case.conflicts, key=lambda r: (not r["is_hard"], r["act_at"], r["visit"]))
    told = "；".join(_told(r, facts) for r in ranked[:SHOWN_IN_TEXT])
    more = f"，等共{len(ranked)}处" if len(ranked) > SHOWN_IN_TEXT else ""
    rate = (case.tally.hard + case.tally.soft) / case.tally.jobs if case.tally.jobs else 0.0
    return (
        f"{who}的采样记录疑似存在时空冲突：{told}{more}。"
        f"90天内{case.tally.jobs}次采样中硬冲突{case.tally.hard}处、软冲突{case.tally.soft}处，"
        f"占{rate * 100:.1f}%。请调取采样原始记录核对，不排除录入时间有误或两组共签。"
    )


def _told(conflict: Row, facts: Facts) -> str:
    job = facts.jobs[conflict["second_id"] or conflict["first_id"]]
    when = shanghai_iso(job["start_at"])[:16].replace("T", " ")
    kind = KIND_ZH[conflict["conflict"]]
    if not conflict["second_id"]:
        return f"{when}在{job['site_name']}，{kind}"
    other = facts.jobs[conflict["first_id"]]
    text = (
        f"{when}在{job['site_name']}与{other['site_name']}（相距{conflict['km']:.1f}公里），{kind}"
    )
    if conflict["conflict"] == "travel":
        text += f"（仅隔{conflict['gap_min']:.0f}分钟，需{conflict['needed_min']:.0f}分钟）"
    return text
