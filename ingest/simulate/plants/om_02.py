"""OM-02: values that stand still although the plant works, and what only looks like it.

Typology: an analyser is fed with one solution, its output is frozen in the logger, or the probe
hangs in clean water; production, flow and power go on. Innocent: plant or discharge stopped,
analyser between two analyses, marked fault, truly clean discharge, an old display.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ingest.simulate.jobs import job_at
from ingest.simulate.scene import Scene, moment
from ingest.simulate.staff import hire_teams
from ingest.simulate.stations import instrument, reserve, stations
from ingest.simulate.tampering import change
from ingest.simulate.truth import Kind, Severity

MODEL = "OM-02"
MINUTE = ("minute", "packet_minute", "hour", "packet")
HOUR = ("hour", "packet")


@dataclass(frozen=True, slots=True)
class Still:
    """One span of one factor that a plant changes."""

    kind: Kind
    severity: Severity
    name: str
    why: str
    medium: str
    factor: str
    action: str
    days_before_end: float
    hours: int
    feeds: tuple[str, ...] = HOUR
    value: float | None = None
    mark: str | None = None
    is_real: bool = False
    slow: bool | None = False


SPANS: tuple[Still, ...] = (
    Still(
        "hit",
        "grave",
        "化学需氧量一天半不变",
        "排水照常而读数冻结36小时",
        "水",
        "w01018",
        "hold",
        12,
        36,
        MINUTE,
    ),
    Still(
        "hit",
        "grave",
        "二氧化硫16小时不变",
        "生产、烟气流量照常而读数冻结",
        "气",
        "a21026",
        "hold",
        9,
        16,
        MINUTE,
    ),
    Still(
        "hit",
        "grave",
        "氨氮30小时不变",
        "数据包中读数冻结，流量照常",
        "水",
        "w21003",
        "hold",
        15,
        30,
        ("packet_minute", *MINUTE),
    ),
    Still(
        "hit",
        "serious",
        "化学需氧量16小时不变",
        "夜班起读数冻结，排水照常",
        "水",
        "w01018",
        "hold",
        8,
        16,
    ),
    Still(
        "hit",
        "serious",
        "氮氧化物6小时不变",
        "烟气流量照常而读数冻结6小时",
        "气",
        "a21002",
        "hold",
        6,
        6,
    ),
    Still("hit", "slight", "化学需氧量9小时不变", "读数冻结9小时", "水", "w01018", "hold", 11, 9),
    Still(
        "hit", "slight", "烟尘3小时不变", "读数冻结3小时，生产照常", "气", "a34013", "hold", 13, 3
    ),
    Still(
        "hit",
        "slight",
        "二氧化硫一天半几乎不动",
        "一天半内只在极窄的带内抖动",
        "气",
        "a21026",
        "narrow",
        16,
        36,
        value=0.004,
    ),
    Still(
        "near_miss",
        "",
        "化学需氧量3小时相同",
        "偶然连续3小时相同，随后正常变化",
        "水",
        "w01018",
        "hold",
        10,
        3,
    ),
    Still(
        "near_miss",
        "",
        "二氧化硫2小时相同",
        "两个小时均值相同，随后正常变化",
        "气",
        "a21026",
        "hold",
        7,
        2,
    ),
    Still(
        "near_miss",
        "",
        "四小时一测的仪器两次结果相同",
        "每4小时分析一次，两次结果恰好相同",
        "水",
        "w01018",
        "hold",
        14,
        8,
        slow=True,
    ),
    Still(
        "near_miss",
        "",
        "化学需氧量一天内变化不大",
        "一天内小幅波动，负荷平稳",
        "水",
        "w01018",
        "narrow",
        13,
        26,
        value=0.018,
        is_real=True,
    ),
    Still(
        "look_alike",
        "",
        "停产两天未标记",
        "停产且无排水，分析仪保持最后一个值，未作标记",
        "水",
        "",
        "idle",
        12,
        48,
        is_real=True,
    ),
    Still(
        "look_alike",
        "",
        "停炉一天未标记",
        "停炉一天，仪器保持最后一个值，用电同时归零",
        "气",
        "",
        "idle",
        9,
        24,
        is_real=True,
    ),
    Still(
        "look_alike",
        "",
        "夜间不排水",
        "调节池夜间停排，保持最后一个值，生产不停",
        "水",
        "",
        "pause",
        16,
        10,
        is_real=True,
    ),
    Still(
        "look_alike",
        "",
        "故障已标记",
        "仪器故障一天多，已报告并标记",
        "水",
        "w01018",
        "hold",
        10,
        30,
        mark="故障",
    ),
    Still(
        "look_alike",
        "",
        "维护已标记",
        "维护中保持读数，已标记",
        "气",
        "a21002",
        "hold",
        8,
        9,
        mark="维护",
    ),
    Still(
        "look_alike",
        "",
        "老仪器只显示整数",
        "显示分辨力为1毫克，读数在相邻整数间跳动",
        "气",
        "a34013",
        "coarse",
        30,
        739,
        value=1.0,
        is_real=True,
    ),
)


def plant(scene: Scene) -> None:
    """Plant all spans, and two outlets at the detection limit, one truly clean and one not."""
    for span in SPANS:
        _span(scene, span)
    _at_limit(scene, is_clean=False)
    _at_limit(scene, is_clean=True)


def _subject(scene: Scene, station: int) -> tuple[int, dict[str, str]]:
    row = stations(scene).row(station, named=True)
    subject = {"kind": "outlet", "outlet_code": row["outlet_code"], "mn": row["mn"]}
    return int(row["firm"]), subject


def _span(scene: Scene, span: Still) -> None:
    slow = span.slow if span.medium == "水" else None
    station = reserve(scene, span.medium, span.feeds, slow=slow)
    if station is None:
        return
    firm, subject = _subject(scene, station)
    started = moment(span.days_before_end, 4)
    ended = started + timedelta(hours=span.hours)
    nights = 10 if span.action == "pause" else 1
    tag = scene.case(
        MODEL,
        span.kind,
        span.name,
        [firm],
        span.why,
        started,
        ended + timedelta(days=nights - 1),
        severity=span.severity,
        subjects=[subject],
        hours=span.hours,
    )
    factor = span.factor or None
    for night in range(nights):
        first = started + timedelta(days=night)
        if span.action == "pause":
            first -= timedelta(hours=8)
        scene.tampered.append(
            change(
                tag,
                station,
                span.action,
                first,
                first + timedelta(hours=span.hours),
                factor,
                span.value,
                is_real=span.is_real,
            )
        )
    if span.mark:
        scene.tampered.append(change(tag, station, "mark", started, ended, None, None, span.mark))


def _at_limit(scene: Scene, *, is_clean: bool) -> None:
    """Ammonia at the detection limit for twelve days, tested twice by a supervising laboratory."""
    feeds = HOUR if is_clean else MINUTE
    station = reserve(scene, "水", feeds, slow=False)
    if station is None:
        return
    firm, subject = _subject(scene, station)
    started = moment(15, 0)
    ended = started + timedelta(days=12)
    tag = scene.case(
        MODEL,
        "look_alike" if is_clean else "hit",
        "氨氮长期处于检出限（确实清洁）" if is_clean else "氨氮长期处于检出限而监督监测明显检出",
        [firm],
        "连续12天处于检出限，两次监督监测同样未检出"
        if is_clean
        else "连续12天处于检出限，两次监督监测为检出限的二十余倍",
        started,
        ended,
        severity="" if is_clean else "grave",
        subjects=[subject],
        days=12,
    )
    factor = "w21003"
    scene.tampered.append(change(tag, station, "floor", started, ended, factor, is_real=is_clean))
    result = 0.01 if is_clean else 24 * instrument(factor).lod
    for day in (3, 9):
        _supervise(scene, tag, station, started + timedelta(days=day, hours=9.5), factor, result)


def _supervise(
    scene: Scene, tag: str, station: int, started: datetime, factor: str, result: float
) -> None:
    row = stations(scene).row(station, named=True)
    bodies = scene.world.of_role("tester")["firm"]
    team = hire_teams(scene, [int(bodies[station % len(bodies)])]).row(0, named=True)
    scene.jobs.append(
        job_at(tag, team, row, started, 95)
        | {"kind": "监督性监测", "factor": factor, "result": result}
    )
