"""Third-party bodies and the sites that they serve: stuff of rings and their look-alikes."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np
import polars as pl

from ingest.simulate.parameters import SLOPE, set_parameter
from ingest.simulate.permits import outlets
from ingest.simulate.scene import Row, Scene
from ingest.simulate.staff import certificates, hire_teams, technicians_of
from ingest.simulate.stations import INSTRUMENTS, reserve, set_operator, stations
from ingest.simulate.tampering import change
from ingest.simulate.truth import Severity

FEEDS = ("hour", "minute", "packet", "packet_minute", "web")
OCTOBER = datetime(2026, 10, 1)


@dataclass(slots=True)
class Circle:
    """Bodies of one circle: operators, testers, their stations (by operator in turn)."""

    operators: list[int]
    testers: list[int]
    stations: list[int] = field(default_factory=list)

    @property
    def bodies(self) -> list[int]:
        """All bodies."""
        return [*self.operators, *self.testers]


def gather(scene: Scene, operators: int, testers: int, sites: int, **given: object) -> Circle:
    """New bodies that share what ``given`` fixes, serving stations that no other case uses."""
    stations(scene)  # made before, so that new operators serve what they are given and no more
    circle = Circle(
        scene.found_firms("operator", operators, scope=SCOPES[0], industry="M7463", **given)
        if operators else [],
        scene.found_firms("tester", testers, scope=SCOPES[1], industry="M7461", **given)
        if testers else [],
    )  # fmt: skip
    if operators:
        circle.stations = free_stations(scene, sites)
        for number, station in enumerate(circle.stations):
            set_operator(scene, station, circle.operators[number % operators])
    return circle


SCOPES = ("一般项目：环境保护监测；仪器仪表修理；信息系统运行维护服务", "许可项目：检验检测服务")


def free_stations(scene: Scene, n: int) -> list[int]:
    """Up to ``n`` reserved stations, water and air in turn; first those that never pause."""
    found: list[int] = []
    while len(found) < n:
        media = "水气" if len(found) % 2 == 0 else "气水"
        taken = [reserve(scene, medium, FEEDS) for medium in media]
        new = [station for station in taken if station is not None]
        if not new:
            return found + _idle_stations(scene, n - len(found))
        found += new
    return found[:n]


def _idle_stations(scene: Scene, n: int) -> list[int]:
    """Up to ``n`` more stations that no case uses, of works with pauses."""
    used = scene.kept["stations used"]
    free = stations(scene).filter(~pl.col("station").is_in(used["station"].to_list()))
    rows = free.select("station").head(n)
    scene.kept["stations used"] = pl.concat([used, rows])
    return rows["station"].to_list()


def mention(scene: Scene, station: int) -> dict[str, str]:
    """The outlet of a station as a subject of a case."""
    row = stations(scene).row(station, named=True)
    return {"kind": "outlet", "mn": row["mn"], "outlet_code": row["outlet_code"],
            "uscc": scene.name_of(row["firm"], "uscc")}  # fmt: skip


def hold(scene: Scene, tag: str, station: int, day: int, *, hours: int = 30) -> None:
    """The values of a station stand still for ``hours`` from 20:00 of a day of October."""
    start = OCTOBER + timedelta(days=day - 1, hours=20)
    scene.tampered.append(change(tag, station, "hold", start, start + timedelta(hours=hours)))


def stand_still(
    scene: Scene, tag: str, station: int, day: int, *, hours: int, name: str, severity: Severity
) -> None:  # fmt: skip
    """As :func:`hold`, registered as a case of OM-02 too."""
    also = scene.case(
        "OM-02", "hit", name, [stations(scene)["firm"][station]],
        "数值长时间不变，流量与用电照常", OCTOBER, OCTOBER + timedelta(days=30, hours=23),
        subjects=[mention(scene, station)], severity=severity, hours=hours,
    )  # fmt: skip
    hold(scene, f"{tag}+{also}", station, day, hours=hours)


def replay(scene: Scene, tag: str, station: int, day: int, fragment: int) -> None:
    """A made-up fragment of thirty hours is shown from 06:00 of a day of October."""
    start = OCTOBER + timedelta(days=day - 1, hours=6)
    scene.tampered.append(change(tag, station, "replay", start, start + timedelta(hours=30),
                                 value=fragment))  # fmt: skip


def turn_down(scene: Scene, tag: str, station: int, day: int, slope: float) -> None:
    """All analysers of a station get one slope from afar, at night, without a reason."""
    medium = stations(scene)["medium"][station]
    at = OCTOBER + timedelta(days=day - 1, hours=2, minutes=13)
    for kind in (k for k in INSTRUMENTS[medium] if k.kind == "concentration"):
        set_parameter(scene, station, at, kind.code, SLOPE, 1.0, slope, by="sysadmin",
                      remote=True, tag=tag)  # fmt: skip


def upgrade(scene: Scene, tag: str, sites: list[int], day: int, reason: str) -> None:
    """The same approved setting at several stations on one working day."""
    for number, station in enumerate(sites):
        medium = stations(scene)["medium"][station]
        kind = next(k for k in INSTRUMENTS[medium] if k.kind == "concentration")
        at = OCTOBER + timedelta(days=day - 1, hours=9 + number, minutes=10)
        set_parameter(scene, station, at, kind.code, SLOPE, 1.0, 1.015, by="厂家工程师",
                      remote=False, reason=reason, approved=True, tag=tag)  # fmt: skip


def lend_technician(scene: Scene, tag: str, circle: Circle) -> None:
    """A technician of the first operator is on the list of the second and signs visits there."""
    first, second = circle.operators[:2]
    crew = technicians_of(scene).filter(pl.col("operator") == first).row(0, named=True)
    scene.note("service_staff", {
        "tag": tag, "org:employer": second, "person:staff": crew["person"],
        "cert_no": crew["cert_no"], "post": "运维", "joined_on": datetime(2024, 3, 1).date(),
    })  # fmt: skip
    theirs = stations(scene).filter(
        pl.col("station").is_in(circle.stations) & (pl.col("operator") == second)
    )
    for number, (mn,) in enumerate(theirs.select("mn").iter_rows()):
        at = OCTOBER + timedelta(days=12 + number, hours=17, minutes=40)
        scene.note("om_log", {
            "tag": tag, "mn": mn, "arrived_at": at, "left_at": at + timedelta(minutes=35),
            "visited_on": at.date(), "work_kind": "巡检", "technician_cert_no": crew["cert_no"],
            "plate": crew["plate"], "abnormal": "无", "org:operator": second,
            "person:technician": crew["person"],
        })  # fmt: skip


def share_team(scene: Scene, circle: Circle) -> dict[str, object]:
    """One sampling team with one instrument on the lists of all testers of the circle."""
    team = hire_teams(scene, circle.testers[:1])
    copies = [team.with_columns(body=pl.lit(body, pl.Int64)) for body in circle.testers[1:]]
    scene.kept["hired teams"] = pl.concat([scene.kept["hired teams"], *copies])
    return team.row(0, named=True)


def places_to_sample(scene: Scene, circle: Circle, n: int) -> list[Row]:
    """Places to be sampled: the circle's stations, else outlets of works all over the province."""
    if circle.stations:
        table = stations(scene)[circle.stations]
    else:
        table = outlets(scene).filter(pl.col("firm") % 7 == circle.testers[0] % 7)
        table = table[np.linspace(0, table.height - 1, n).astype(np.int64).tolist()]
    return table.select(
        pl.col("firm").alias("site"), "medium", "outlet_code", "lon", "lat"
    ).to_dicts()


def sample_twice(
    scene: Scene, tag: str, circle: Circle, team: dict[str, object], sites: list[Row],
    *, photos: bool,
) -> None:  # fmt: skip
    """The team is at two sites at once, in the papers of two bodies; nobody saw its car."""
    for number, first in enumerate(sites):
        second = sites[(number + 1) % len(sites)]
        day = OCTOBER + timedelta(days=8 + number * 2, hours=9, minutes=10)
        picture = f"{(number + 1) * 0x9E3779B97F4A7C15 + circle.testers[0]:040x}"[-14:]
        for turn, site in enumerate((first, second)):
            start = day + timedelta(minutes=35 * turn)
            scene.jobs.append({
                "tag": tag, "body": circle.testers[turn % len(circle.testers)],
                "persons": [team["lead"], team["second"]], "plate": team["plate"],
                "instrument_no": team["instrument_no"], "camera": team["camera"],
                "started": start, "ended": start + timedelta(minutes=95), "is_seen": False,
                "photo_hash": picture if photos else None, **site,
            })  # fmt: skip


def certificate_of(person: object) -> str:
    """Certificate number of a sampler."""
    return str(pl.select(certificates(pl.lit(int(str(person))))).item())
