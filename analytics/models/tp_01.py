"""TP-01 采样时空冲突: a sampler, or an instrument, in two places at once.

Mechanism. A testing body sells more sampling than its people can do: the forms are written at
the desk, so one signer's jobs overlap or lie further apart than he could drive, one sampler runs
at two sites, photos were taken elsewhere or at another time, the car was never near.

Innocent. Two teams signing with one leader, clerical times, a private car, gaps between cameras,
a wrong camera clock, samplers that run through the night alone. Fixed samplers count at both ends
only, a wrong clock is found from the device's other photos, two teams count softly unless that
repeats; a car is missed only where cameras were awake that know it.

Source: DOMAIN TP-01, RULINGS 4 and 34.
"""

from dataclasses import dataclass, fields
from datetime import timedelta

from analytics.model import Draft, Inputs, Model, parameter
from analytics.sampler_cases import Tally, Windows, cases_of
from analytics.sampler_jobs import find_conflicts, visits_of_subjects
from analytics.sampler_report import Shown, drafts_of

DESIGN = "DOMAIN TP-01"


@dataclass(frozen=True, slots=True)
class Params:
    """Thresholds of TP-01."""

    history_days: int = parameter(730, unit="d", source="design: findings stay while lake has data")
    speed_kmh: float = parameter(60.0, unit="km/h", source=DESIGN)
    slack_min: float = parameter(10.0, unit="min", source=DESIGN)
    place_km: float = parameter(1.0, unit="km", source="design: as for EXIF, one works site")
    horizon_min: int = parameter(600, unit="min", source="design: the province is 600 km long")
    join_min: int = parameter(15, unit="min", source="design: samples in one go are one job")
    fixed_h: float = parameter(8.0, unit="h", source="design: longer runs unattended")
    setup_min: int = parameter(10, unit="min", source="design: presence at a fixed sampler")
    lead_repeat: int = parameter(5, unit="conflicts", source="design: no mere signature then")
    exif_km: float = parameter(1.0, unit="km", source=DESIGN)
    exif_min: float = parameter(60.0, unit="min", source=DESIGN)
    clock_photos: int = parameter(3, unit="photos", source="design: device clock")
    clock_min: float = parameter(45.0, unit="min", source="design: photos are taken all through")
    seen_km: float = parameter(10.0, unit="km", source=DESIGN)
    seen_h: int = parameter(2, unit="h", source=DESIGN)
    cameras: int = parameter(3, unit="cameras", source=DESIGN)
    vehicle_days: int = parameter(3, unit="d", source="design: cameras know the plate")
    window_days: int = parameter(90, unit="d", source=DESIGN)
    hard_one: int = parameter(5, unit="conflicts, grade 1", source=DESIGN)
    hard_two: int = parameter(2, unit="conflicts, grade 2", source=DESIGN)
    rate_one: float = parameter(0.05, unit="ratio, grade 1", source=DESIGN)
    rate_two: float = parameter(0.02, unit="ratio, grade 2", source=DESIGN)
    rate_jobs: int = parameter(50, unit="jobs, grade 1", source=DESIGN)
    rate_conflicts: int = parameter(
        2, unit="conflicts, grade 2", source="design: one soft conflict alone stays grade 3"
    )
    instrument_one: int = parameter(2, unit="overlaps, grade 1", source=DESIGN)
    episode_gap_days: int = parameter(90, unit="d", source="RULINGS 4")
    evidence_conflicts: int = parameter(20, unit="conflicts", source="design: shown per finding")


def grade(tally: Tally, params: Params) -> int:
    """Grade 1 to 3 by DOMAIN TP-01, 0 for none; caps are not applied here."""
    conflicts = tally.hard + tally.soft
    rate = conflicts / tally.jobs if tally.jobs else 0.0
    if (
        tally.hard >= params.hard_one
        or tally.instrument_overlaps >= params.instrument_one
        or (rate >= params.rate_one and tally.jobs >= params.rate_jobs)
    ):
        return 1
    is_often = rate >= params.rate_two and conflicts >= params.rate_conflicts
    if tally.hard >= params.hard_two or is_often:
        return 2
    return 3 if conflicts or tally.instrument_overlaps else 0


def detect(inputs: Inputs, params: Params) -> list[Draft]:
    """Conflicts, one draft per body and sampler or instrument and episode, gravest first."""
    numbers = {f.name: getattr(params, f.name) for f in fields(params)}
    since = inputs.until - timedelta(days=params.history_days)
    conflicts = find_conflicts(inputs.sql, since, inputs.until, numbers)
    if conflicts.is_empty():
        return []
    cases = cases_of(
        conflicts,
        visits_of_subjects(inputs.sql),
        Windows(params.window_days, params.episode_gap_days, params.lead_repeat),
        lambda tally: grade(tally, params),
    )
    drafts = drafts_of(
        inputs.sql,
        cases,
        Shown(params.hard_two, params.rate_two, params.instrument_one, params.evidence_conflicts),
    )
    return sorted(drafts, key=lambda d: (d.grade, -d.score, d.identity, d.started_at))


MODEL = Model(
    id="TP-01",
    version="2",
    name_zh="采样时空冲突",
    name_en="Sampling space-time conflict",
    direction="D",
    notice="internal",
    datasets=(
        "test_report",
        "test_sample",
        "test_photo",
        "service_staff",
        "lab_instrument",
        "outlet",
        "enterprise",
        "checkpoint",
        "checkpoint_pass",
        "toll_trip",
        "toll_station",
    ),
    required=("test_sample",),
    legal_refs=("CODE-80", "CODE-1091", "MON-31", "JI-10"),
    params=Params(),
    detect=detect,
    episode_gap_days=90,
)
