"""TP-01: one sampler, or one instrument, at two places at once; and what only looks like it.

Typology: a laboratory signs for more jobs than its people can do; the names on the forms are those
with a certificate, whoever was there, or nobody. Innocent: two teams under one leading sampler, a
date typed wrongly, a private car, no camera around, a camera clock of another time zone, an
automatic sampler that works alone, two people of one name, a report issued anew.
"""

from datetime import datetime, timedelta

import numpy as np
import polars as pl

from ingest.simulate.geography import distance_km
from ingest.simulate.journeys import cameras
from ingest.simulate.permits import outlets
from ingest.simulate.scene import Row, Scene, moment
from ingest.simulate.staff import certificates, hire_teams
from ingest.simulate.truth import Kind, Severity
from ingest.simulate.workdays import is_workday

MODEL = "TP-01"
TRUNK_REACH_KM = 9.0


class Field:
    """Outlets to send people to, by distance from each other and by cameras around."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.places = outlets(scene)
        self.lon, self.lat = (self.places[c].to_numpy() for c in ("lon", "lat"))
        table = cameras(scene.world).filter("is_trunk")
        far = distance_km(
            self.lon[:, None], self.lat[:, None],
            table["lon"].to_numpy()[None], table["lat"].to_numpy()[None],
        )  # fmt: skip
        self.watched = (far < TRUNK_REACH_KM).sum(axis=1)
        self.bodies = scene.world.of_role("tester")["firm"].to_list()
        self.turn = 0

    def team(self, same_body: int | None = None) -> Row:
        """A new team, of the next laboratory or of a given one."""
        body = self.bodies[self.turn % len(self.bodies)] if same_body is None else same_body
        self.turn += same_body is None
        return hire_teams(self.scene, [body]).row(0, named=True)

    def near(self, at: int, low_km: float, high_km: float) -> int:
        """The outlet of another firm whose distance from outlet ``at`` is closest to the span."""
        far = distance_km(self.lon, self.lat, self.lon[at], self.lat[at])
        middle = (low_km + high_km) / 2
        miss = np.abs(far - middle)
        miss[self.places["firm"].to_numpy() == self.places["firm"][at]] = np.inf
        return int(miss.argmin())

    def anywhere(self, label: str, *, watched: bool | None = None) -> int:
        """Some outlet; ``watched`` asks for three cameras around it, or for fewer."""
        rng = self.scene.random(f"{MODEL} {label}")
        fit = np.ones(len(self.lon), dtype=bool)
        if watched is not None:
            fit = (self.watched >= 3) == watched
        choice = np.flatnonzero(fit)
        return int(choice[rng.integers(0, len(choice))]) if len(choice) else 0

    def job(self, tag: str | None, team: Row, place: int, started: datetime, minutes: int = 80,
            **given: object) -> Row:  # fmt: skip
        """A job of a team at an outlet."""
        row = self.places.row(place, named=True)
        return {
            "tag": tag, "body": team["body"], "persons": [team["lead"], team["second"]],
            "plate": team["plate"], "instrument_no": team["instrument_no"],
            "camera": team["camera"], "site": row["firm"], "medium": row["medium"],
            "outlet_code": row["outlet_code"], "lon": row["lon"], "lat": row["lat"],
            "started": started, "ended": started + timedelta(minutes=minutes), **given,
        }  # fmt: skip

    def usual_days(self, team: Row, label: str, n: int, busy: set[str]) -> None:
        """``n`` ordinary jobs of a team, one a day, on days without a planted one."""
        rng = self.scene.random(f"{MODEL} usual {label}")
        home = self.anywhere(f"home {label}")
        done, back = 0, 4
        while done < n and back < 85:
            day = moment(back, 9.0 + rng.random())
            if is_workday(day.date()) and f"{day:%m%d}" not in busy:
                place = self.near(home, 0, float(rng.uniform(4, 50)))
                self.scene.jobs.append(self.job(None, team, place, day, 75))
                done += 1
            back += 1


def workday(days_before_end: int, hour: float) -> datetime:
    """A moment on the next working day before ``days_before_end``."""
    day = moment(days_before_end, hour)
    while not is_workday(day.date()):
        day -= timedelta(days=1)
    return day


def plant(scene: Scene) -> None:
    """Plant everything."""
    field = Field(scene)
    for make in (_two_towns, _few_overlaps, _too_fast, _one_instrument, _shared_serial, _photos_elsewhere,
                 _never_seen):  # fmt: skip
        make(field)
    for make in (_just_in_time, _two_outlets, _close_by):
        make(field)
    for make in (_lead_signs, _wrong_date, _private_car, _no_camera, _clock, _automatic, _namesakes,
                 _issued_anew):  # fmt: skip
        make(field)


def _case(
    field: Field, kind: Kind, severity: Severity, name: str, why: str, team: Row, days: list[datetime],
    **amounts: float,
) -> str:  # fmt: skip
    return field.scene.case(
        MODEL, kind, name, [int(str(team["body"]))], why, min(days), max(days) + timedelta(hours=3),
        severity=severity, subjects=_samplers(team), **amounts,
    )  # fmt: skip


def _samplers(team: Row) -> list[dict[str, str]]:
    frame = pl.DataFrame({"person": [team["lead"]]}).select(certificates(pl.col("person")))
    return [{"kind": "person", "cert_no": str(frame.item())}]


def _pairs(
    field: Field, kind: Kind, severity: Severity, name: str, why: str, label: str, n: int,
    span_km: tuple[float, float], gap_minutes: int, usual: int,
) -> None:  # fmt: skip
    """``n`` days on which a team signs two jobs, the second ``gap_minutes`` after the first."""
    team = field.team()
    days = [workday(6 + 9 * i, 9.5) for i in range(n)]
    tag = _case(field, kind, severity, name, why, team, days, conflicts=n)
    for number, day in enumerate(days):
        here = field.anywhere(f"{label} {number}")
        there = field.near(here, *span_km)
        field.scene.jobs.append(field.job(tag, team, here, day))
        second = day + timedelta(minutes=80 + gap_minutes)
        field.scene.jobs.append(field.job(tag, team, there, second, is_seen=kind != "hit"))
    field.usual_days(team, label, usual, {f"{d:%m%d}" for d in days})


def _two_towns(field: Field) -> None:
    _pairs(field, "hit", "grave", "同一采样员六次同时在两地", "三个月内六次同一时刻在相距约60公里的两地采样",
           "two towns", 6, (55, 75), -70, 24)  # fmt: skip


def _few_overlaps(field: Field) -> None:
    _pairs(field, "hit", "serious", "同一采样员三次同时在两地", "三次同一时刻在相距约40公里的两地采样",
           "few overlaps", 3, (35, 50), -60, 30)  # fmt: skip


def _too_fast(field: Field) -> None:
    _pairs(field, "hit", "slight", "两处采样之间来不及赶路", "相距约90公里而两次采样间隔仅35分钟，一次",
           "too fast", 1, (85, 95), 35, 60)  # fmt: skip


def _just_in_time(field: Field) -> None:
    _pairs(field, "near_miss", "", "赶路时间刚好够", "相距约45公里，间隔65分钟，赶得上",
           "just in time", 4, (40, 48), 65, 20)  # fmt: skip


def _close_by(field: Field) -> None:
    _pairs(field, "near_miss", "", "同一园区内接连采样", "相距不到3公里，间隔15分钟", "close by", 5,
           (0.5, 2.5), 15, 20)  # fmt: skip


def _one_instrument(field: Field) -> None:
    """Two teams of a body, each with its own people and car, one instrument."""
    first = field.team()
    second = field.team(int(str(first["body"]))) | {"instrument_no": first["instrument_no"]}
    days = [workday(9 + 13 * i, 10) for i in range(4)]
    tag = field.scene.case(
        MODEL, "hit", "同一台仪器四次同时在两地使用", [int(str(first["body"]))],
        "两个采样组在相距约50公里的两地同时使用同一台便携仪器", days[-1],
        days[0] + timedelta(hours=3), severity="grave",
        subjects=[{"kind": "instrument", "instrument_no": str(first["instrument_no"])}], conflicts=4,
    )  # fmt: skip
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
        serial_no=pl.when(pl.col("lead") == second["lead"]).then(pl.lit(first["serial_no"]))
        .otherwise("serial_no")
    )  # fmt: skip
    days = [workday(12 + 15 * i, 9.8) for i in range(3)]
    bodies = [int(str(first["body"])), int(str(second["body"]))]
    tag = field.scene.case(
        MODEL, "hit", "两家机构同时使用同一出厂编号的仪器", bodies,
        "两家机构台账登记同一出厂编号的便携仪器，三次同时在两地使用", days[-1],
        days[0] + timedelta(hours=3), severity="grave",
        subjects=[{"kind": "instrument", "serial_no": str(first["serial_no"])}], conflicts=3,
    )  # fmt: skip
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
    tag = _case(field, "hit", "grave", "采样照片摄于实验室", "五次采样的照片均在采样后约五小时摄于机构所在地，附近卡口无该车",
                team, days, conflicts=5)  # fmt: skip
    for number, day in enumerate(days):
        place = field.anywhere(f"photos {number}", watched=True)
        field.scene.jobs.append(field.job(
            tag, team, place, day, photo_lon=home["lon"], photo_lat=home["lat"],
            photo_shift_min=300, is_seen=False,
        ))  # fmt: skip
    field.usual_days(team, "photos", 10, {f"{d:%m%d}" for d in days})


def _never_seen(field: Field) -> None:
    team = field.team()
    day = workday(15, 10)
    tag = _case(field, "hit", "slight", "采样车当日未出现在采样点附近", "采样点周围卡口密集，前后两小时均未见该车，仅一次",
                team, [day])  # fmt: skip
    place = field.anywhere("never seen", watched=True)
    field.scene.jobs.append(field.job(tag, team, place, day, is_seen=False))
    field.usual_days(team, "never seen", 60, {f"{day:%m%d}"})


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
    tag = _case(field, "near_miss", "", "同一厂内两个排口同时采样", "同一企业相距百余米的两个排口，时间重叠",
                team, days)  # fmt: skip
    for number, day in enumerate(days):
        for place in both[number * 3 % len(both)]:
            field.scene.jobs.append(
                field.job(tag, team, int(place), day + timedelta(minutes=15 * (place % 2)))
            )
    field.usual_days(team, "two outlets", 20, {f"{d:%m%d}" for d in days})


def _lead_signs(field: Field) -> None:
    """Two full teams are in the field, the leading sampler's name stands first on both forms."""
    first = field.team()
    second = field.team(int(str(first["body"])))
    days = [workday(7 + 14 * i, 9.6) for i in range(4)]
    tag = _case(field, "look_alike", "", "两个组都由带队人签名", "两组各有两名采样员和车辆在现场，带队人在两张表上签名",
                first, days)  # fmt: skip
    for number, day in enumerate(days):
        here = field.anywhere(f"lead {number}", watched=True)
        there = field.near(here, 30, 45)
        lead, mate = first["lead"], first["second"]
        field.scene.jobs.append(field.job(tag, first, here, day, persons=[lead, mate]))
        field.scene.jobs.append(field.job(
            tag, second, there, day + timedelta(minutes=15),
            persons=[lead, second["lead"], second["second"]],
        ))  # fmt: skip
    field.usual_days(first, "lead", 20, {f"{d:%m%d}" for d in days})


def _wrong_date(field: Field) -> None:
    """Sampled on the 21st, typed 12: samples came in, photos and log say the 21st."""
    team = field.team()
    day = datetime(2026, 10, 21, 9, 40)
    typed = datetime(2026, 10, 12, 9, 40)
    tag = _case(field, "look_alike", "", "采样日期笔误", "21日采样写成12日；接样、照片、仪器记录均为21日", team, [typed, day])  # fmt: skip
    here = field.anywhere("typed")
    there = field.near(here, 50, 70)
    field.scene.jobs.append(field.job(tag, team, here, typed))
    field.scene.jobs.append(field.job(tag, team, there, day, typed_shift_d=-9))
    field.usual_days(team, "typed", 30, {"1012", "1021"})


def _private_car(field: Field) -> None:
    team = field.team()
    days = [workday(11 + 10 * i, 10) for i in range(3)]
    tag = _case(field, "look_alike", "", "驾驶私家车采样", "表上未写车牌，照片的位置和时间均在现场", team, days)
    for number, day in enumerate(days):
        place = field.anywhere(f"car {number}", watched=True)
        field.scene.jobs.append(field.job(tag, team, place, day, plate=None))
    field.usual_days(team, "car", 15, {f"{d:%m%d}" for d in days})


def _no_camera(field: Field) -> None:
    team = field.team()
    days = [workday(13 + 10 * i, 10) for i in range(3)]
    tag = _case(field, "look_alike", "", "采样点附近少有卡口", "采样点十公里内卡口不足，未拍到车辆", team, days)
    for number, day in enumerate(days):
        place = field.anywhere(f"no camera {number}", watched=False)
        field.scene.jobs.append(field.job(tag, team, place, day, is_seen=False))
    field.usual_days(team, "no camera", 15, {f"{d:%m%d}" for d in days})


def _clock(field: Field) -> None:
    """The camera's clock runs on universal time: every photo is eight hours early."""
    team = field.team() | {"camera": "佳能 EOS M50"}
    days = [workday(5 + 8 * i, 9.7) for i in range(8)]
    tag = _case(field, "look_alike", "", "相机时钟未设时区", "该相机所有照片都早八小时，位置均在现场", team, days)
    for number, day in enumerate(days):
        place = field.anywhere(f"clock {number}")
        field.scene.jobs.append(field.job(tag, team, place, day, photo_shift_min=-480))


def _automatic(field: Field) -> None:
    """A 24-hour automatic sampler is set up; the team goes on to another job meanwhile."""
    team = field.team()
    days = [workday(10 + 14 * i, 9.2) for i in range(3)]
    tag = _case(field, "look_alike", "", "自动采样器采24小时混合样", "布设自动采样器后离开，期间在别处采样", team, days)
    for number, day in enumerate(days):
        here = field.anywhere(f"automatic {number}")
        field.scene.jobs.append(field.job(
            tag, team, here, day, 1_440, point_name="废水总排口（自动采样器）", sample_state="24小时混合样",
        ))  # fmt: skip
        there = field.near(here, 20, 35)
        field.scene.jobs.append(field.job(tag, team, there, day + timedelta(hours=4.3)))


def _namesakes(field: Field) -> None:
    """Two samplers of one name at two laboratories, each with a certificate of their own."""
    first, second = field.team(), field.team()
    people = field.scene.world.people
    names = people.frame()["person_name"]
    frame = people.frame().with_columns(
        person_name=pl.when(pl.col("person") == second["lead"])
        .then(pl.lit(names[int(str(first["lead"]))])).otherwise("person_name")
    )  # fmt: skip
    people.blocks = [frame]
    days = [workday(9 + 12 * i, 9.5) for i in range(4)]
    tag = field.scene.case(
        MODEL, "look_alike", "两家机构的采样员同名", [int(str(first["body"])), int(str(second["body"]))],
        "两人同名，上岗证号不同，同一时刻在两地各自采样", days[-1], days[0] + timedelta(hours=3),
        subjects=_samplers(first) + _samplers(second),
    )  # fmt: skip
    for number, day in enumerate(days):
        here = field.anywhere(f"names {number}")
        field.scene.jobs.append(field.job(tag, first, here, day))
        field.scene.jobs.append(field.job(tag, second, field.near(here, 50, 80), day))


def _issued_anew(field: Field) -> None:
    team = field.team()
    days = [workday(12 + 16 * i, 10) for i in range(3)]
    tag = _case(field, "look_alike", "", "报告作废后更正重发", "同一次采样出具两份报告，前一份作废", team, days)
    for number, day in enumerate(days):
        place = field.anywhere(f"anew {number}")
        field.scene.jobs.append(field.job(tag, team, place, day, repeats=2))


