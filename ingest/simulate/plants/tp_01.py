"""TP-01: one sampler, or one instrument, at two places at once.

Typology: a laboratory signs for more jobs than its people can do; the names on the forms are those
with a certificate, whoever was there, or nobody. Near misses and excused cases:
``tp_01_innocent.py``.
"""

from datetime import timedelta

import polars as pl

from ingest.simulate.plants.sampling_field import (
    MODEL,
    Field,
    body_case,
    signed_pairs,
    workday,
)
from ingest.simulate.plants.tp_01_innocent import plant_innocent
from ingest.simulate.scene import Scene


def plant(scene: Scene) -> None:
    """Plant everything."""
    field = Field(scene)
    _two_towns(field)
    _few_overlaps(field)
    _too_fast(field)
    _one_instrument(field)
    _shared_serial(field)
    _photos_elsewhere(field)
    _never_seen(field)
    plant_innocent(field)


def _two_towns(field: Field) -> None:
    signed_pairs(
        field,
        "hit",
        "grave",
        "同一采样员六次同时在两地",
        "三个月内六次同一时刻在相距约60公里的两地采样",
        "two towns",
        6,
        (55, 75),
        -70,
        24,
    )


def _few_overlaps(field: Field) -> None:
    signed_pairs(
        field,
        "hit",
        "serious",
        "同一采样员三次同时在两地",
        "三次同一时刻在相距约40公里的两地采样",
        "few overlaps",
        3,
        (35, 50),
        -60,
        30,
    )


def _too_fast(field: Field) -> None:
    signed_pairs(
        field,
        "hit",
        "slight",
        "两处采样之间来不及赶路",
        "相距约90公里而两次采样间隔仅35分钟，一次",
        "too fast",
        1,
        (85, 95),
        35,
        60,
    )


def _one_instrument(field: Field) -> None:
    """Two teams of a body, each with its own people and car, one instrument."""
    first = field.team()
    second = field.team(int(str(first["body"]))) | {"instrument_no": first["instrument_no"]}
    days = [workday(9 + 13 * i, 10) for i in range(4)]
    tag = field.scene.case(
        MODEL,
        "hit",
        "同一台仪器四次同时在两地使用",
        [int(str(first["body"]))],
        "两个采样组在相距约50公里的两地同时使用同一台便携仪器",
        days[-1],
        days[0] + timedelta(hours=3),
        severity="grave",
        subjects=[{"kind": "instrument", "instrument_no": str(first["instrument_no"])}],
        conflicts=4,
    )
    for number, day in enumerate(days):
        here = field.anywhere(f"instrument {number}")
        field.scene.jobs.append(field.job(tag, first, here, day))
        field.scene.jobs.append(
            field.job(tag, second, field.near(here, 45, 60), day + timedelta(minutes=10))
        )
    busy = {f"{d:%m%d}" for d in days}
    field.usual_days(first, "instrument first", 18, busy)


def _shared_serial(field: Field) -> None:
    """Two bodies whose instrument ledgers show one serial number."""
    first, second = field.team(), field.team()
    teams = field.scene.kept["hired teams"]
    field.scene.kept["hired teams"] = teams.with_columns(
        serial_no=pl.when(pl.col("lead") == second["lead"])
        .then(pl.lit(first["serial_no"]))
        .otherwise("serial_no")
    )
    days = [workday(12 + 15 * i, 9.8) for i in range(3)]
    bodies = [int(str(first["body"])), int(str(second["body"]))]
    tag = field.scene.case(
        MODEL,
        "hit",
        "两家机构同时使用同一出厂编号的仪器",
        bodies,
        "两家机构台账登记同一出厂编号的便携仪器，三次同时在两地使用",
        days[-1],
        days[0] + timedelta(hours=3),
        severity="grave",
        subjects=[{"kind": "instrument", "serial_no": str(first["serial_no"])}],
        conflicts=3,
    )
    for number, day in enumerate(days):
        here = field.anywhere(f"serial {number}")
        field.scene.jobs.append(field.job(tag, first, here, day))
        field.scene.jobs.append(
            field.job(tag, second, field.near(here, 60, 90), day + timedelta(minutes=20))
        )


def _photos_elsewhere(field: Field) -> None:
    """The photos were taken at the laboratory, hours later."""
    team = field.team()
    home = field.scene.world.firms().row(int(str(team["body"])), named=True)
    days = [workday(8 + 11 * i, 10) for i in range(5)]
    tag = body_case(
        field,
        "hit",
        "grave",
        "采样照片摄于实验室",
        "五次采样的照片均在采样后约五小时摄于机构所在地，附近卡口无该车",
        team,
        days,
        conflicts=5,
    )
    for number, day in enumerate(days):
        place = field.anywhere(f"photos {number}", watched=True)
        field.scene.jobs.append(
            field.job(
                tag,
                team,
                place,
                day,
                photo_lon=home["lon"],
                photo_lat=home["lat"],
                photo_shift_min=300,
                is_seen=False,
            )
        )
    field.usual_days(team, "photos", 10, {f"{d:%m%d}" for d in days})


def _never_seen(field: Field) -> None:
    team = field.team()
    day = workday(15, 10)
    tag = body_case(
        field,
        "hit",
        "slight",
        "采样车当日未出现在采样点附近",
        "采样点周围卡口密集，前后两小时均未见该车，仅一次",
        team,
        [day],
    )
    place = field.anywhere("never seen", watched=True)
    field.scene.jobs.append(field.job(tag, team, place, day, is_seen=False))
    field.usual_days(team, "never seen", 60, {f"{day:%m%d}"})
