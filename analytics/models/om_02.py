"""OM-02 数据恒值: a monitor that shows one value for longer than a real discharge can.

Mechanism. While the plant produces, a sampling line in a bucket, a simulated signal or a locked
reading gives the same value over and over; load, flow and power go on moving. Also: values that
stay within 2 % of the range for a day, or under the detection limit for a week although
supervisory tests found several times the limit.

Innocent. Small stable load, an analyser that holds its last value between analyses, clean
discharge at the detection limit, a stop without a mark, a buffered outlet, firmware rounding. The
first, second and last are tested against the series' own history: a run that chance alone gives
there is dropped or kept mild.

Source: DOMAIN OM-02, RULINGS 14 and 25.
"""

from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Any, Literal

from analytics.constant_report import Limits, draft_of, episodes, graded, varies
from analytics.constant_stretches import find_stretches, stretch_evidence
from analytics.model import Draft, Inputs, Model, parameter
from analytics.production import ProductionRules, load_production
from analytics.quality import ValueRules, load_values

DESIGN = "DOMAIN OM-02"
Medium = Literal["water", "air"]
MILD = 3


@dataclass(frozen=True, slots=True)
class Params:
    """Thresholds of OM-02."""

    history_days: int = parameter(365, unit="d", source="design: findings stay while lake has data")
    water_h: tuple[float, float, float] = parameter(
        (20.0, 12.0, 6.0), unit="h, grades 1 to 3", source=DESIGN
    )
    water_cycles: tuple[int, int, int] = parameter(
        (5, 4, 3), unit="analyses, grades 1 to 3", source=DESIGN
    )
    air_h: tuple[float, float, float] = parameter(
        (8.0, 4.0, 2.0), unit="h, grades 1 to 3", source=DESIGN
    )
    least_cycles: int = parameter(3, unit="analyses", source="RULINGS 25")
    cycle_min: float = parameter(240.0, unit="min", source=DESIGN + ": 1-4 h, longest if unknown")
    bridge_min: float = parameter(
        60.0, unit="min", source="design: one missing hour does not break"
    )
    second_cv: float = parameter(0.10, unit="ratio", source=DESIGN)
    second_n: int = parameter(3, unit="hours", source="design: hours behind a cv")
    band_share: float = parameter(0.02, unit="share of range", source=DESIGN + ", S19")
    band_h: float = parameter(24.0, unit="h", source=DESIGN)
    band_valid_h: float = parameter(20.0, unit="h", source="HJ 212 app. D: valid day")
    band_level: float = parameter(
        0.10, unit="share of range", source="design: below it a clean discharge cannot move further"
    )
    band_usual: float = parameter(
        0.5, unit="share of days", source="design: above it narrow is the usual state"
    )
    lod_share: float = parameter(0.95, unit="ratio", source=DESIGN)
    lod_days: int = parameter(7, unit="d", source=DESIGN)
    lod_valid_h: float = parameter(100.0, unit="h", source="design: valid hours in the week")
    lod_multiple: float = parameter(3.0, unit="x LOD", source=DESIGN)
    lod_test_days: int = parameter(30, unit="d", source="design: test before or after the week")
    fragment: int = parameter(24, unit="hourly values", source="RULINGS 25")
    chance_pairs: int = parameter(24, unit="pairs", source="design: history behind chance")
    chance_mild: float = parameter(0.05, unit="expected runs", source="design: D0 q = 0.05")
    chance_drop: float = parameter(1.0, unit="expected runs", source="design: one by chance")
    known_share: float = parameter(0.8, unit="ratio", source="design: hours with known production")
    production_share: float = parameter(0.3, unit="ratio", source="DOMAIN D0")
    production_days: int = parameter(30, unit="d", source="DOMAIN D0")
    fill_value: float = parameter(9999.99, unit="factor", source="HJ 212-2025")
    episode_gap_days: int = parameter(1, unit="d", source="RULINGS 4")
    evidence_rows: int = parameter(48, unit="rows", source="design: rows shown per finding")


@dataclass(frozen=True, slots=True)
class Stretch:
    """What is graded: a run of equal values, a day in a narrow band or a week under the LOD."""

    medium: Medium
    run_h: float
    cycles: int
    second_varies: bool
    is_marked_stop: bool = False
    is_narrow: bool = False
    is_lod_refuted: bool = False


def grade(stretch: Stretch, params: Params) -> int:
    """Grade 1 to 3 by DOMAIN OM-02, 0 for none; caps are not applied here."""
    if stretch.is_marked_stop:
        return 0
    if stretch.is_lod_refuted:
        return 1
    hours = params.water_h if stretch.medium == "water" else params.air_h
    water = stretch.medium == "water"
    cycles = params.water_cycles if water else (params.least_cycles,) * 3
    for level in (1, 2, 3):
        long_enough = stretch.run_h >= hours[level - 1] and stretch.cycles >= cycles[level - 1]
        if long_enough and (stretch.second_varies or level == MILD):
            return level
    return MILD if stretch.is_narrow else 0


def _limits(params: Params) -> Limits:
    return Limits(
        water_h=params.water_h[-1],
        water_cycles=params.water_cycles[-1],
        air_h=params.air_h[-1],
        least_cycles=params.least_cycles,
        second_cv=params.second_cv,
        band_share=params.band_share,
        band_usual=params.band_usual,
        lod_share=params.lod_share,
        lod_multiple=params.lod_multiple,
        chance_mild=params.chance_mild,
        chance_drop=params.chance_drop,
        known_share=params.known_share,
        gap_days=params.episode_gap_days,
    )


def detect(inputs: Inputs, params: Params) -> list[Draft]:
    """Standing values, one draft per outlet, factor and episode, gravest first."""
    sql, since = inputs.sql, inputs.until - timedelta(days=params.history_days)
    load_values(sql, since, inputs.until, ValueRules(fill=params.fill_value))
    load_production(
        sql, since, inputs.until, ProductionRules(params.production_share, params.production_days)
    )
    numbers = {f.name: getattr(params, f.name) for f in fields(params)}
    numbers |= {"water_h": params.water_h[-1], "air_h": params.air_h[-1]}
    limits = _limits(params)

    def grade_of(stretch: dict[str, Any]) -> int:
        return grade(
            Stretch(
                medium=stretch["medium"],
                run_h=float(stretch["run_h"] or 0.0),
                cycles=int(stretch["cycles"] or 0),
                second_varies=varies(stretch, limits),
                is_narrow=stretch["kind"] == "band",
                is_lod_refuted=stretch["kind"] == "low",
            ),
            params,
        )

    found = graded(find_stretches(sql, numbers), grade_of, limits)
    ids = [int(item.stretch["id"]) for item in found]
    cited = stretch_evidence(sql, ids, params.evidence_rows) if ids else {}
    drafts = [draft_of(case, cited, limits) for case in episodes(found, params.episode_gap_days)]
    return sorted(drafts, key=lambda d: (d.grade, -d.score, d.identity, d.started_at))


MODEL = Model(
    id="OM-02",
    version="1",
    name_zh="数据恒值",
    name_en="Constant values",
    direction="B",
    notice="neutral",
    datasets=(
        "obs_minute",
        "obs_hour",
        "obs_mark",
        "platform_outage",
        "monitor_point",
        "monitor_factor",
        "power_hour",
        "video_event",
        "test_report",
        "test_sample",
    ),
    required=("monitor_point",),
    legal_refs=("CODE-80", "CODE-1088", "JI-1-7", "MON-25"),
    params=Params(),
    detect=detect,
    episode_gap_days=1,
)
