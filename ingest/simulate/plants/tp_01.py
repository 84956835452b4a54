"""TP-01: one sampler, or one instrument, at two places at once.

Typology: a laboratory signs for more jobs than its people can do; the names on the forms are those
with a certificate, whoever was there, or nobody. Near misses and excused cases:
``tp_01_innocent.py``.
"""

import polars as pl

from ingest.simulate.plants.sampling_field import (
    Field,
    Pair,
    Visits,
    alone,
    case,
    in_pairs,
    signed_pairs,
)
from ingest.simulate.plants.tp_01_innocent import plant_innocent
from ingest.simulate.scene import Scene
from ingest.simulate.truth import Severity, Story


def plant(scene: Scene) -> None:
    """Plant everything."""
    field = Field(scene)
    for story, visits, pair in (
        (_hit("同一采样员六次同时在两地", "三个月内六次同一时刻在相距约60公里的两地采样"),
         Visits("two towns", 6, 9, 6, 9.5, usual=24), Pair(55, 75, 10)),
        (_hit("同一采样员三次同时在两地", "三次同一时刻在相距约40公里的两地采样", "serious"),
         Visits("few overlaps", 6, 9, 3, 9.5, usual=30), Pair(35, 50, 20)),
        (_hit("两处采样之间来不及赶路", "相距约90公里而两次采样间隔仅35分钟，一次", "slight"),
         Visits("too fast", 6, 9, 1, 9.5, usual=60), Pair(85, 95, 115)),
    ):  # fmt: skip
        signed_pairs(field, story, visits, pair)
    _one_instrument(field)
    _shared_serial(field)
    _photos_elsewhere(field)
    _never_seen(field)
    plant_innocent(field)


def _hit(name: str, why: str, severity: Severity = "grave") -> Story:
    return Story("hit", name, why, severity)


def _one_instrument(field: Field) -> None:
    """Two teams of a body, each with its own people and car, one instrument."""
    first = field.team()
    second = field.team(int(str(first["body"]))) | {"instrument_no": first["instrument_no"]}
    story = _hit(
        "同一台仪器四次同时在两地使用", "两个采样组在相距约50公里的两地同时使用同一台便携仪器"
    )
    visits = Visits("instrument", 9, 13, 4, usual=18)
    subject = {"kind": "instrument", "instrument_no": str(first["instrument_no"])}
    tag = case(field, story, [first, second], visits.days(), [subject], visits.n)
    in_pairs(field, tag, visits, first, second, Pair(45, 60, 10))


def _shared_serial(field: Field) -> None:
    """Two bodies whose instrument ledgers show one serial number."""
    first, second = field.team(), field.team()
    teams = field.scene.kept["hired teams"]
    field.scene.kept["hired teams"] = teams.with_columns(
        serial_no=pl.when(pl.col("lead") == second["lead"])
        .then(pl.lit(first["serial_no"]))
        .otherwise("serial_no")
    )
    story = _hit(
        "两家机构同时使用同一出厂编号的仪器",
        "两家机构台账登记同一出厂编号的便携仪器，三次同时在两地使用",
    )
    visits = Visits("serial", 12, 15, 3, 9.8)
    subject = {"kind": "instrument", "serial_no": str(first["serial_no"])}
    tag = case(field, story, [first, second], visits.days(), [subject], visits.n)
    in_pairs(field, tag, visits, first, second, Pair(60, 90, 20))


def _photos_elsewhere(field: Field) -> None:
    """The photos were taken at the laboratory, hours later."""
    team = field.team()
    home = field.scene.world.firms().row(int(str(team["body"])), named=True)
    story = _hit(
        "采样照片摄于实验室", "五次采样的照片均在采样后约五小时摄于机构所在地，附近卡口无该车"
    )
    visits = Visits("photos", 8, 11, 5, watched=True, usual=10)
    given = {"photo_lon": home["lon"], "photo_lat": home["lat"], "photo_shift_min": 300}
    alone(field, story, visits, team, given | {"is_seen": False})


def _never_seen(field: Field) -> None:
    story = _hit(
        "采样车当日未出现在采样点附近", "采样点周围卡口密集，前后两小时均未见该车，仅一次", "slight"
    )
    visits = Visits("never seen", 15, 0, 1, watched=True, usual=60)
    alone(field, story, visits, field.team(), {"is_seen": False})
