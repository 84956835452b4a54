"""TP-01: two jobs that one team could do, and conflicts that are none.

Innocent: two teams under one leading sampler, a date typed wrongly, a private car, no camera
around, a camera clock of another time zone, an automatic sampler that works alone, two people of
one name, a report issued anew.
"""

from datetime import datetime, timedelta

import polars as pl

from ingest.simulate.plants.sampling_field import (
    Field,
    Pair,
    Visits,
    alone,
    case,
    in_pairs,
    sampler,
    signed_pairs,
)
from ingest.simulate.truth import Story

AUTOMATIC = {"point_name": "废水总排口（自动采样器）", "sample_state": "24小时混合样"}


def plant_innocent(field: Field) -> None:
    """Near misses, then look-alikes."""
    signed_pairs(
        field, Story("near_miss", "赶路时间刚好够", "相距约45公里，间隔65分钟，赶得上"),
        Visits("just in time", 6, 9, 4, 9.5, usual=20), Pair(40, 48, 145),
    )  # fmt: skip
    _two_outlets(field)
    signed_pairs(
        field, Story("near_miss", "同一园区内接连采样", "相距不到3公里，间隔15分钟"),
        Visits("close by", 6, 9, 5, 9.5, usual=20), Pair(0.5, 2.5, 95),
    )  # fmt: skip
    _lead_signs(field)
    _wrong_date(field)
    for story, visits, given in (
        (_look_alike("驾驶私家车采样", "表上未写车牌，照片的位置和时间均在现场"),
         Visits("car", 11, 10, 3, watched=True, usual=15), {"plate": None}),
        (_look_alike("采样点附近少有卡口", "采样点十公里内卡口不足，未拍到车辆"),
         Visits("no camera", 13, 10, 3, watched=False, usual=15), {"is_seen": False}),
        (_look_alike("相机时钟未设时区", "该相机所有照片都早八小时，位置均在现场"),
         Visits("clock", 5, 8, 8, 9.7), {"camera": "佳能 EOS M50", "photo_shift_min": -480}),
        (_look_alike("报告作废后更正重发", "同一次采样出具两份报告，前一份作废"),
         Visits("anew", 12, 16, 3), {"repeats": 2}),
    ):  # fmt: skip
        alone(field, story, visits, field.team(), given)
    _automatic(field)
    _namesakes(field)


def _look_alike(name: str, why: str) -> Story:
    return Story("look_alike", name, why)


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
    story = Story("near_miss", "同一厂内两个排口同时采样", "同一企业相距百余米的两个排口，时间重叠")
    days = Visits("two outlets", 10, 12, 4, 9.5).days()
    tag = case(field, story, [team], days, sampler(team))
    for number, day in enumerate(days):
        for place in both[number * 3 % len(both)]:
            field.send(tag, team, int(place), day + timedelta(minutes=15 * (place % 2)))
    field.usual_days(team, "two outlets", 20, days)


def _lead_signs(field: Field) -> None:
    """Two full teams are in the field, the leading sampler's name stands first on both forms."""
    first = field.team()
    second = field.team(int(str(first["body"])))
    story = _look_alike(
        "两个组都由带队人签名", "两组各有两名采样员和车辆在现场，带队人在两张表上签名"
    )
    visits = Visits("lead", 7, 14, 4, 9.6, watched=True, usual=20)
    tag = case(field, story, [first], visits.days(), sampler(first))
    signed = {"persons": [first["lead"], second["lead"], second["second"]]}
    in_pairs(field, tag, visits, first, second, Pair(30, 45, 15, signed))


def _wrong_date(field: Field) -> None:
    """Sampled on the 21st, typed 12: samples came in, photos and log say the 21st."""
    team = field.team()
    typed, day = datetime(2026, 10, 12, 9, 40), datetime(2026, 10, 21, 9, 40)
    story = _look_alike("采样日期笔误", "21日采样写成12日；接样、照片、仪器记录均为21日")
    tag = case(field, story, [team], [typed, day], sampler(team))
    here = field.anywhere("typed")
    field.send(tag, team, here, typed)
    field.send(tag, team, field.near(here, 50, 70), day, given={"typed_shift_d": -9})
    field.usual_days(team, "typed", 30, [typed, day])


def _automatic(field: Field) -> None:
    """A 24-hour automatic sampler is set up; the team goes on to another job meanwhile."""
    team = field.team()
    story = _look_alike("自动采样器采24小时混合样", "布设自动采样器后离开，期间在别处采样")
    days = Visits("automatic", 10, 14, 3, 9.2).days()
    tag = case(field, story, [team], days, sampler(team))
    for number, day in enumerate(days):
        here = field.anywhere(f"automatic {number}")
        field.send(tag, team, here, day, 1_440, AUTOMATIC)
        field.send(tag, team, field.near(here, 20, 35), day + timedelta(hours=4.3))


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
    story = _look_alike("两家机构的采样员同名", "两人同名，上岗证号不同，同一时刻在两地各自采样")
    visits = Visits("names", 9, 12, 4, 9.5)
    subjects = sampler(first) + sampler(second)
    tag = case(field, story, [first, second], visits.days(), subjects)
    in_pairs(field, tag, visits, first, second, Pair(50, 80, 0))
