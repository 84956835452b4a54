"""Stretches of standing values as drafts of OM-02: episodes of one outlet and factor, with caps."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from typing import Any, Literal

import polars as pl

from analytics.model import Draft
from graph.types import Cap, Evidence, InnocentCheck, Statistic, Subject
from records.clock import shanghai_iso

Row = dict[str, Any]
MILD, HOURLY = 3, 2
KIND_ZH = {"run": "读数恒定", "band": "读数波动极小", "low": "长期低于检出限"}
WOULD_CLEAR = (
    "监测设备运维记录、校准核查记录与原始谱图，能证明该时段读数为真实测量",
    "同时段手工比对监测或监督性监测结果",
    "生产负荷、停排或均质池运行记录，能解释排放稳定或无排放",
)


@dataclass(frozen=True, slots=True)
class Limits:
    """What the report caps by and holds numbers against; hours and cycles are those of grade 3."""

    water_h: float
    water_cycles: int
    air_h: float
    least_cycles: int
    second_cv: float
    band_share: float
    band_usual: float
    lod_share: float
    lod_multiple: float
    chance_mild: float
    chance_drop: float
    known_share: float
    gap_days: int


@dataclass(frozen=True, slots=True)
class Graded:
    """A stretch with its grade before caps and the caps on it."""

    stretch: Row
    grade: int
    caps: tuple[Cap, ...]

    @property
    def shown(self) -> int:
        """Grade after caps."""
        return max([self.grade, *(cap.grade for cap in self.caps)])


def varies(stretch: Row, limits: Limits) -> bool:
    """Whether flow, power or video moved while the value stood."""
    cv = stretch["second_cv"]
    return bool((cv is not None and cv >= limits.second_cv) or stretch["video_kinds"] > 1)


def graded(stretches: pl.DataFrame, grade_of: Callable[[Row], int], limits: Limits) -> list[Graded]:
    """Stretches that grade, without those that chance or the usual state explains."""
    found = []
    for stretch in stretches.iter_rows(named=True):
        expected = stretch["expected"]
        is_chance = expected is not None and expected >= limits.chance_drop
        is_usual = stretch["kind"] == "band" and stretch["usual"] > limits.band_usual
        level = 0 if is_chance or is_usual else grade_of(stretch)
        if level:
            found.append(Graded(stretch, level, _caps(stretch, limits)))
    return found


def _caps(stretch: Row, limits: Limits) -> tuple[Cap, ...]:
    caps = []
    if stretch["hourly_share"] > 0 and not stretch["repeats"]:
        caps.append(Cap("hourly_data", HOURLY, "只有小时数据，且未见24个以上数值重复的片段"))
    if stretch["known_share"] < limits.known_share:
        caps.append(Cap("production_unknown", MILD, "缺少用电或流量数据，无法确认当时是否生产"))
    if stretch["expected"] is not None and stretch["expected"] >= limits.chance_mild:
        caps.append(Cap("stable_history", MILD, "该点位历史读数本来就稳定，偶然出现也有可能"))
    return tuple(caps)


def _series(item: Graded) -> tuple[str, str]:
    return str(item.stretch["place"]), str(item.stretch["factor_code"])


def episodes(found: Sequence[Graded], gap_days: int) -> list[list[Graded]]:
    """Stretches of one outlet and factor, together while no further apart than the gap."""
    cases: list[list[Graded]] = []
    ordered = sorted(found, key=lambda g: (*_series(g), g.stretch["started_at"], g.stretch["id"]))
    for _, group in groupby(ordered, key=_series):
        case: list[Graded] = []
        for item in group:
            end = max((g.stretch["ended_at"] for g in case), default=None)
            if end is not None and item.stretch["started_at"] - end > timedelta(days=gap_days):
                cases.append(case)
                case = []
            case.append(item)
        cases.append(case)
    return cases


def draft_of(
    case: Sequence[Graded], evidence: dict[int, tuple[Evidence, ...]], limits: Limits
) -> Draft:
    """One episode as a draft; its gravest stretch speaks, the others add evidence."""
    worst = min(case, key=lambda g: (g.shown, g.grade, -_hours(g.stretch), g.stretch["id"]))
    stretch = worst.stretch
    hours = _hours(stretch)
    name = stretch["outlet_name"] or stretch["outlet_code"] or stretch["place"]
    owner = stretch["owner_name"] or stretch["owner"] or ""
    factor = stretch["factor_zh"] or stretch["factor_code"]
    score = {1: 0.7, 2: 0.45, 3: 0.2}[worst.grade] + min(0.2, hours / 500) + 0.05 * (len(case) > 1)
    cited: dict[str, Evidence] = {}
    for item in [worst, *(g for g in case if g is not worst)]:
        for row in evidence.get(int(item.stretch["id"]), ()):
            cited.setdefault(row.reference, row)
    return Draft(
        grade=worst.grade,
        score=round(min(score, 0.99), 4),
        identity=(stretch["place"],),
        discriminator=stretch["factor_code"],
        started_at=min(g.stretch["started_at"] for g in case),
        ended_at=max(g.stretch["ended_at"] for g in case),
        title=f"疑似监测数据恒值（{owner}{name}，{factor}，{KIND_ZH[stretch['kind']]}{hours:.0f}小时）",
        reason=_reason(stretch, len(case), f"{owner}{name}", factor, limits),
        subjects=_subjects(stretch, name, owner),
        evidence=tuple(cited.values()),
        quantities={
            "run_h": max(_hours(g.stretch) for g in case),
            "stretches": float(len(case)),
            "cycles": float(stretch["cycles"] or 0),
        },
        statistics=_statistics(stretch, limits),
        innocent=_innocent(stretch, limits),
        would_clear=WOULD_CLEAR,
        searched=_searched(stretch),
        caps=worst.caps,
    )


def _hours(stretch: Row) -> float:
    if stretch["run_h"] is not None:
        return float(stretch["run_h"])
    return float((stretch["ended_at"] - stretch["started_at"]).total_seconds() / 3600)


def _statistics(stretch: Row, limits: Limits) -> tuple[Statistic, ...]:
    n = int(stretch["n"])
    found = []
    if stretch["kind"] == "run":
        is_water = stretch["medium"] == "water"
        hours = limits.water_h if is_water else limits.air_h
        cycles = limits.water_cycles if is_water else limits.least_cycles
        found.append(Statistic("run_h", _hours(stretch), hours, "h", n))
        found.append(Statistic("cycles", float(stretch["cycles"]), float(cycles), "1", n))
    if stretch["kind"] == "band":
        found.append(
            Statistic("band_share", float(stretch["band_share"]), limits.band_share, "1", n)
        )
    if stretch["kind"] == "low":
        found.append(Statistic("low_share", float(stretch["low_share"]), limits.lod_share, "1", n))
        found.append(
            Statistic("test_to_lod", float(stretch["multiple"]), limits.lod_multiple, "1", None)
        )
    if stretch["second_cv"] is not None:
        hours_behind = int(stretch["second_hours"])
        found.append(
            Statistic("second_cv", float(stretch["second_cv"]), limits.second_cv, "1", hours_behind)
        )
    if stretch["expected"] is not None:
        found.append(
            Statistic(
                "chance_runs",
                float(stretch["expected"]),
                limits.chance_mild,
                "runs",
                int(stretch["pairs"]),
            )
        )
    return tuple(found)


def _innocent(stretch: Row, limits: Limits) -> tuple[InnocentCheck, ...]:
    expected = stretch["expected"]
    is_stable = expected is not None and expected >= limits.chance_mild
    is_tested = expected is not None
    chance: Literal["unknown", "ruled_out"] = (
        "unknown" if is_stable or not is_tested else "ruled_out"
    )
    is_producing = stretch["known_share"] >= limits.known_share
    return (
        InnocentCheck("stable_small_load", is_tested, chance),
        InnocentCheck("analyser_holds_last_value", stretch["kind"] == "run", "ruled_out"),
        InnocentCheck(
            "clean_discharge_at_lod",
            stretch["kind"] == "low",
            "ruled_out" if stretch["kind"] == "low" else "unknown",
        ),
        InnocentCheck("unmarked_stop", is_producing, "ruled_out" if is_producing else "unknown"),
        InnocentCheck(
            "buffered_outlet",
            stretch["has_flow"],
            "ruled_out" if stretch["has_flow"] else "unknown",
        ),
        InnocentCheck("firmware_rounding", is_tested, chance),
    )


def _searched(stretch: Row) -> tuple[str, ...]:
    since = shanghai_iso(stretch["started_at"])[:16]
    until = shanghai_iso(stretch["ended_at"])[:16]
    where = f"{since}..{until} mn {stretch['mn']}"
    second = (
        f"{stretch['second_name']}: {stretch['second_hours']} hours"
        if stretch["second_cv"] is not None
        else "none"
    )
    video = f"{stretch['video_kinds']} kinds" if stretch["video_kinds"] else "none"
    return (f"power_hour, flow {where}: {second}", f"video_event {where}: {video}")


def _subjects(stretch: Row, name: str, owner: str) -> tuple[Subject, ...]:
    ids = {"mn": stretch["mn"]}
    if stretch["outlet_code"]:
        ids["outlet_code"] = stretch["outlet_code"]
    found = [Subject(stretch["place"], "outlet", "outlet", name, ids)]
    if stretch["owner"]:
        firm = {"uscc": stretch["uscc"]} if stretch["uscc"] else {}
        found.append(Subject(stretch["owner"], "organization", "generator", owner, firm))
    return tuple(found)


def _reason(stretch: Row, count: int, where: str, factor: str, limits: Limits) -> str:
    since = shanghai_iso(stretch["started_at"])[:16].replace("T", " ")
    until = shanghai_iso(stretch["ended_at"])[:16].replace("T", " ")
    if stretch["kind"] == "run":
        what = (
            f"连续{_hours(stretch):.0f}小时读数不变（约{stretch['middle']:g}，"
            f"{stretch['cycles']}个分析周期）"
        )
    elif stretch["kind"] == "band":
        what = f"波动不超过量程的{stretch['band_share'] * 100:.1f}%"
    else:
        what = (
            f"{stretch['low_share'] * 100:.0f}%的读数低于检出限，"
            f"而监督性监测结果为检出限的{stretch['multiple']:.1f}倍"
        )
    text = f"{where}的{factor}在{since}至{until}{what}，疑似监测数据恒值。"
    if varies(stretch, limits):
        cv = stretch["second_cv"]
        moved = f"{stretch['second_name']}变异系数{cv * 100:.0f}%" if cv is not None else "视频"
        text += f"同时段{moved}显示工况有变化。"
    else:
        text += "同时段未见其他仪表有明显变化。"
    if count > 1:
        text += f"本次共{count}段。"
    return text + "请先检查设备与采样管路，再判断原因。"
