"""TP-01: two jobs that one team could do, and conflicts that are none.

Innocent: two teams under one leading sampler, a date typed wrongly, a private car, no camera
around, a camera clock of another time zone, an automatic sampler that works alone, two people of
one name, a report issued anew.
"""

from datetime import datetime, timedelta

import polars as pl

from ingest.simulate.plants.sampling_field import (
    MODEL,
    Field,
    body_case,
    sampler_subjects,
    signed_pairs,
    workday,
)


def plant_innocent(field: Field) -> None:
    """Near misses, then look-alikes."""
    _just_in_time(field)
    _two_outlets(field)
    _close_by(field)
    _lead_signs(field)
    _wrong_date(field)
    _private_car(field)
    _no_camera(field)
    _clock(field)
    _automatic(field)
    _namesakes(field)
    _issued_anew(field)


def _just_in_time(field: Field) -> None:
    signed_pairs(
        field,
        "near_miss",
        "",
        "赶路时间刚好够",
        "相距约45公里，间隔65分钟，赶得上",
        "just in time",
        4,
        (40, 48),
        65,
        20,
    )


def _two_outlets(field: Field) -> None:
    """Water and gas of one plant sampled at the same time by one team."""
    team = field.team()
    both = (
        field.places.with_row_index("place")
        .group_by("firm", maintain_order=True)
        .agg("place")
        .filter(pl.col("place").list.len() == 2)["place"]
        .to_list()
    )
    days = [workday(10 + 12 * i, 9.5) for i in range(4)]
    tag = body_case(
        field,
        "near_miss",
        "",
        "同一厂内两个排口同时采样",
        "同一企业相距百余米的两个排口，时间重叠",
        team,
        days,
    )
    for number, day in enumerate(days):
        for place in both[number * 3 % len(both)]:
            field.scene.jobs.append(
                field.job(tag, team, int(place), day + timedelta(minutes=15 * (place % 2)))
            )
    field.usual_days(team, "two outlets", 20, {f"{d:%m%d}" for d in days})


def _close_by(field: Field) -> None:
    signed_pairs(
        field,
        "near_miss",
        "",
        "同一园区内接连采样",
        "相距不到3公里，间隔15分钟",
        "close by",
        5,
        (0.5, 2.5),
        15,
        20,
    )


def _lead_signs(field: Field) -> None:
    """Two full teams are in the field, the leading sampler's name stands first on both forms."""
    first = field.team()
    second = field.team(int(str(first["body"])))
    days = [workday(7 + 14 * i, 9.6) for i in range(4)]
    tag = body_case(
        field,
        "look_alike",
        "",
        "两个组都由带队人签名",
        "两组各有两名采样员和车辆在现场，带队人在两张表上签名",
        first,
        days,
    )
    for number, day in enumerate(days):
        here = field.anywhere(f"lead {number}", watched=True)
        there = field.near(here, 30, 45)
        lead, mate = first["lead"], first["second"]
        field.scene.jobs.append(field.job(tag, first, here, day, persons=[lead, mate]))
        field.scene.jobs.append(
            field.job(
                tag,
                second,
                there,
                day + timedelta(minutes=15),
                persons=[lead, second["lead"], second["second"]],
            )
        )
    field.usual_days(first, "lead", 20, {f"{d:%m%d}" for d in days})


def _wrong_date(field: Field) -> None:
    """Sampled on the 21st, typed 12: samples came in, photos and log say the 21st."""
    team = field.team()
    day = datetime(2026, 10, 21, 9, 40)
    typed = datetime(2026, 10, 12, 9, 40)
    tag = body_case(
        field,
        "look_alike",
        "",
        "采样日期笔误",
        "21日采样写成12日；接样、照片、仪器记录均为21日",
        team,
        [typed, day],
    )
    here = field.anywhere("typed")
    there = field.near(here, 50, 70)
    field.scene.jobs.append(field.job(tag, team, here, typed))
    field.scene.jobs.append(field.job(tag, team, there, day, typed_shift_d=-9))
    field.usual_days(team, "typed", 30, {"1012", "1021"})


def _private_car(field: Field) -> None:
    team = field.team()
    days = [workday(11 + 10 * i, 10) for i in range(3)]
    tag = body_case(
        field,
        "look_alike",
        "",
        "驾驶私家车采样",
        "表上未写车牌，照片的位置和时间均在现场",
        team,
        days,
    )
    for number, day in enumerate(days):
        place = field.anywhere(f"car {number}", watched=True)
        field.scene.jobs.append(field.job(tag, team, place, day, plate=None))
    field.usual_days(team, "car", 15, {f"{d:%m%d}" for d in days})


def _no_camera(field: Field) -> None:
    team = field.team()
    days = [workday(13 + 10 * i, 10) for i in range(3)]
    tag = body_case(
        field,
        "look_alike",
        "",
        "采样点附近少有卡口",
        "采样点十公里内卡口不足，未拍到车辆",
        team,
        days,
    )
    for number, day in enumerate(days):
        place = field.anywhere(f"no camera {number}", watched=False)
        field.scene.jobs.append(field.job(tag, team, place, day, is_seen=False))
    field.usual_days(team, "no camera", 15, {f"{d:%m%d}" for d in days})


def _clock(field: Field) -> None:
    """The camera's clock runs on universal time: every photo is eight hours early."""
    team = field.team() | {"camera": "佳能 EOS M50"}
    days = [workday(5 + 8 * i, 9.7) for i in range(8)]
    tag = body_case(
        field,
        "look_alike",
        "",
        "相机时钟未设时区",
        "该相机所有照片都早八小时，位置均在现场",
        team,
        days,
    )
    for number, day in enumerate(days):
        place = field.anywhere(f"clock {number}")
        field.scene.jobs.append(field.job(tag, team, place, day, photo_shift_min=-480))


def _automatic(field: Field) -> None:
    """A 24-hour automatic sampler is set up; the team goes on to another job meanwhile."""
    team = field.team()
    days = [workday(10 + 14 * i, 9.2) for i in range(3)]
    tag = body_case(
        field,
        "look_alike",
        "",
        "自动采样器采24小时混合样",
        "布设自动采样器后离开，期间在别处采样",
        team,
        days,
    )
    for number, day in enumerate(days):
        here = field.anywhere(f"automatic {number}")
        field.scene.jobs.append(
            field.job(
                tag,
                team,
                here,
                day,
                1_440,
                point_name="废水总排口（自动采样器）",
                sample_state="24小时混合样",
            )
        )
        there = field.near(here, 20, 35)
        field.scene.jobs.append(field.job(tag, team, there, day + timedelta(hours=4.3)))


def _namesakes(field: Field) -> None:
    """Two samplers of one name at two laboratories, each with a certificate of their own."""
    first, second = field.team(), field.team()
    people = field.scene.world.people
    names = people.frame()["person_name"]
    frame = people.frame().with_columns(
        person_name=pl.when(pl.col("person") == second["lead"])
        .then(pl.lit(names[int(str(first["lead"]))]))
        .otherwise("person_name")
    )
    people.blocks = [frame]
    days = [workday(9 + 12 * i, 9.5) for i in range(4)]
    tag = field.scene.case(
        MODEL,
        "look_alike",
        "两家机构的采样员同名",
        [int(str(first["body"])), int(str(second["body"]))],
        "两人同名，上岗证号不同，同一时刻在两地各自采样",
        days[-1],
        days[0] + timedelta(hours=3),
        subjects=sampler_subjects(first) + sampler_subjects(second),
    )
    for number, day in enumerate(days):
        here = field.anywhere(f"names {number}")
        field.scene.jobs.append(field.job(tag, first, here, day))
        field.scene.jobs.append(field.job(tag, second, field.near(here, 50, 80), day))


def _issued_anew(field: Field) -> None:
    team = field.team()
    days = [workday(12 + 16 * i, 10) for i in range(3)]
    tag = body_case(
        field,
        "look_alike",
        "",
        "报告作废后更正重发",
        "同一次采样出具两份报告，前一份作废",
        team,
        days,
    )
    for number, day in enumerate(days):
        place = field.anywhere(f"anew {number}")
        field.scene.jobs.append(field.job(tag, team, place, day, repeats=2))
