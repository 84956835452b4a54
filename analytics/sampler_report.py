"""Conflicts of samplers and instruments as cases: episodes, worst window, draft with timeline."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

import duckdb
import polars as pl

from analytics.model import Draft
from graph.types import Cap, Evidence, InnocentCheck, Statistic, Subject
from records.clock import shanghai_iso

Row = dict[str, Any]
MILD = 3
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
class Tally:
    """Conflicts of one subject in one window; ``jobs`` are its visits in it."""

    hard: int
    soft: int
    jobs: int
    instrument_overlaps: int = 0


@dataclass(frozen=True, slots=True)
class Windows:
    """``window_days`` over which conflicts are counted, ``gap_days`` that end an episode.

    From ``lead_repeat`` overlaps in a window on, "two teams, one leader's signature" clears none.
    """

    window_days: int
    gap_days: int
    lead_repeat: int


@dataclass(frozen=True, slots=True)
class Shown:
    """What statistics are held against, and how many conflicts are cited per draft."""

    hard: int
    rate: float
    instrument_overlaps: int
    conflicts: int


@dataclass(frozen=True, slots=True)
class Case:
    """One subject's conflicts in one episode, worst of each visit first; its worst window."""

    subject_kind: str
    subject: str
    body: str
    conflicts: tuple[Row, ...]
    tally: Tally
    grade: int


def cases_of(
    conflicts: pl.DataFrame,
    visits: pl.DataFrame,
    windows: Windows,
    grade_of: Callable[[Tally], int],
) -> list[Case]:
    """Cases of all subjects.

    Parameters
    ----------
    conflicts, visits
        As ``analytics.sampler_jobs`` gives them, conflicts sorted by subject and time.
    """
    by_subject: dict[str, list[datetime]] = {}
    for subject, _, act_at in visits.iter_rows():
        by_subject.setdefault(subject, []).append(act_at)
    cases: list[Case] = []
    for (kind, subject), rows in groupby(
        conflicts.iter_rows(named=True), key=lambda r: (r["subject_kind"], r["subject"])
    ):
        times = sorted(by_subject.get(subject, []))
        for episode in _episodes(_worst_of_visits(rows), windows.gap_days):
            tally, level = _worst_window(episode, times, windows, grade_of)
            bodies = Counter(str(r["body"]) for r in episode)
            body = min(bodies, key=lambda b: (-bodies[b], b))
            if level:
                cases.append(Case(kind, subject, body, tuple(episode), tally, level))
    return cases


def _worst_of_visits(rows: Any) -> list[Row]:
    """One conflict per visit: a form that clashes with three others is one false form."""
    worst: dict[str, Row] = {}
    for row in rows:
        held = worst.get(row["visit"])
        rank = (not row["is_hard"], row["is_two_teams"], row["gap_min"] or 0.0)
        if held is None or rank < (
            not held["is_hard"],
            held["is_two_teams"],
            held["gap_min"] or 0.0,
        ):
            worst[row["visit"]] = row
    return sorted(worst.values(), key=lambda r: (r["act_at"], r["visit"]))


def _episodes(rows: Sequence[Row], gap_days: int) -> list[list[Row]]:
    episodes: list[list[Row]] = []
    for row in rows:
        if episodes and row["act_at"] - episodes[-1][-1]["act_at"] <= timedelta(days=gap_days):
            episodes[-1].append(row)
        else:
            episodes.append([row])
    return episodes


def _worst_window(
    episode: Sequence[Row],
    visits: Sequence[datetime],
    windows: Windows,
    grade_of: Callable[[Tally], int],
) -> tuple[Tally, int]:
    """The tally with the gravest grade over windows that end with a conflict, most hits first."""
    best: tuple[tuple[int, int, int, int], Tally, int] | None = None
    span = timedelta(days=windows.window_days)
    for last in episode:
        end = last["act_at"]
        inside = [r for r in episode if end - span < r["act_at"] <= end]
        jobs = bisect_right(visits, end) - bisect_left(visits, end - span)
        tally = _tally(inside, max(jobs, len(inside)), windows)
        level = grade_of(tally)
        rank = (level or MILD + 1, -tally.hard, -tally.soft, tally.jobs)
        if best is None or rank < best[0]:
            best = (rank, tally, level)
    assert best is not None, "an episode has at least one conflict"  # noqa: S101 - invariant
    return best[1], best[2]


def _tally(rows: Sequence[Row], jobs: int, windows: Windows) -> Tally:
    overlaps = sum(r["conflict"] == "instrument" for r in rows)
    two_teams = sum(r["is_hard"] and r["is_two_teams"] for r in rows)
    hard = sum(r["is_hard"] and not r["is_two_teams"] for r in rows)
    if two_teams >= windows.lead_repeat:
        hard, two_teams = hard + two_teams, 0
    soft = sum(not r["is_hard"] for r in rows) + two_teams
    return Tally(hard, soft, jobs, overlaps)


JOBS = """
SELECT j.id, j.report_no, j.body, b.name AS body_name, b.uscc AS body_uscc, j.site,
    coalesce(o.name, j.site) AS site_name, o.uscc AS site_uscc, o.entity_id AS site_entity,
    j.start_at, j.end_at, j.point_name, j.source.batch, j.source.row, j.source.part, j.source."key"
FROM tp01_job j LEFT JOIN organization b ON b.entity_id = j.body
LEFT JOIN organization o ON o.entity_id = j.site
WHERE j.id IN (SELECT id FROM given_job)
"""
SUBJECTS = """
SELECT sampler AS subject, min(name) AS name, min(cert) AS code,
    NULL AS dataset, NULL AS batch, NULL AS "row", NULL AS part, NULL AS "key"
FROM tp01_sampler WHERE sampler IN (SELECT subject FROM given_subject) GROUP BY sampler
UNION ALL
SELECT instrument, min(name), min(instrument_no), 'lab_instrument', min(source.batch),
    min(source."row"), min(source.part), min(source."key")
FROM tp01_instrument WHERE instrument IN (SELECT subject FROM given_subject) GROUP BY instrument
"""
STAFF = """
SELECT DISTINCT person AS subject, batch, row, part, name || ' ' || coalesce(cert, '') AS "key"
FROM tp01_staff WHERE person IN (SELECT subject FROM given_subject)
UNION SELECT DISTINCT 'cert:' || cert, batch, row, part, name || ' ' || cert
FROM tp01_staff WHERE 'cert:' || cert IN (SELECT subject FROM given_subject)
ORDER BY ALL
"""
PHOTOS = """
SELECT id, batch, row, part, photo_id AS "key" FROM tp01_photo
WHERE (is_place_off OR is_time_off) AND id IN (SELECT id FROM given_job) ORDER BY ALL
"""
REPORTS = """
SELECT report_no, min(batch) AS batch, arg_min(row, batch) AS "row", arg_min(part, batch) AS part
FROM test_report WHERE report_no IN (SELECT report_no FROM tp01_job
    WHERE id IN (SELECT id FROM given_job)) GROUP BY report_no ORDER BY ALL
"""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the drafts of a run cite: jobs by id, subjects by key, rows behind them."""

    jobs: dict[int, Row]
    subjects: dict[str, Row]
    staff: dict[str, list[Row]]
    photos: dict[int, list[Row]]
    reports: dict[str, Row]


def _facts(sql: duckdb.DuckDBPyConnection, cases: Sequence[Case]) -> Facts:
    ids = {r[k] for c in cases for r in c.conflicts for k in ("first_id", "second_id") if r[k]}
    sql.register("given_job", pl.DataFrame({"id": sorted(ids)}).to_arrow())
    sql.register(
        "given_subject", pl.DataFrame({"subject": sorted({c.subject for c in cases})}).to_arrow()
    )

    def rows(statement: str) -> list[Row]:
        return list(sql.sql(statement).pl().iter_rows(named=True))

    def grouped(statement: str, key: str) -> dict[Any, list[Row]]:
        found: dict[Any, list[Row]] = {}
        for row in rows(statement):
            found.setdefault(row[key], []).append(row)
        return found

    facts = Facts(
        jobs={int(r["id"]): r for r in rows(JOBS)},
        subjects={str(r["subject"]): r for r in rows(SUBJECTS)},
        staff=grouped(STAFF, "subject"),
        photos=grouped(PHOTOS, "id"),
        reports={str(r["report_no"]): r for r in rows(REPORTS)},
    )
    sql.unregister("given_job")
    sql.unregister("given_subject")
    return facts


def drafts_of(sql: duckdb.DuckDBPyConnection, cases: Sequence[Case], shown: Shown) -> list[Draft]:
    """Drafts of cases, in their order; at most ``shown.conflicts`` are cited in each."""
    if not cases:
        return []
    facts = _facts(sql, cases)
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
