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

from dataclasses import dataclass
from typing import Literal

from analytics.model import parameter

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
