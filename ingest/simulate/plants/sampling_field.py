"""Where TP-01 sends people: outlets, distances, cameras around, teams, and their usual days."""

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
CAMERA_REACH_KM = 9.0


class Field:
    """Outlets to send people to, by distance from each other and by cameras around."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.places = outlets(scene)
        self.lon, self.lat = (self.places[c].to_numpy() for c in ("lon", "lat"))
        table = cameras(scene.world)
        far = distance_km(
            self.lon[:, None],
            self.lat[:, None],
            table["lon"].to_numpy()[None],
            table["lat"].to_numpy()[None],
        )
        self.watched = (far < CAMERA_REACH_KM).sum(axis=1)
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

    def job(
        self,
        tag: str | None,
        team: Row,
        place: int,
        started: datetime,
        minutes: int = 80,
        **given: object,
    ) -> Row:
        """A job of a team at an outlet."""
        row = self.places.row(place, named=True)
        return {
            "tag": tag,
            "body": team["body"],
            "persons": [team["lead"], team["second"]],
            "plate": team["plate"],
            "instrument_no": team["instrument_no"],
            "camera": team["camera"],
            "site": row["firm"],
            "medium": row["medium"],
            "outlet_code": row["outlet_code"],
            "lon": row["lon"],
            "lat": row["lat"],
            "started": started,
            "ended": started + timedelta(minutes=minutes),
            **given,
        }

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


def body_case(
    field: Field,
    kind: Kind,
    severity: Severity,
    name: str,
    why: str,
    team: Row,
    days: list[datetime],
    conflicts: int = 0,
) -> str:
    """Register a case about a body and its leading sampler; the tag."""
    return field.scene.case(
        MODEL,
        kind,
        name,
        [int(str(team["body"]))],
        why,
        min(days),
        max(days) + timedelta(hours=3),
        severity=severity,
        subjects=sampler_subjects(team),
        conflicts=conflicts,
    )


def sampler_subjects(team: Row) -> list[dict[str, str]]:
    """The leading sampler of a team as a subject of a case."""
    frame = pl.DataFrame({"person": [team["lead"]]}).select(certificates(pl.col("person")))
    return [{"kind": "person", "cert_no": str(frame.item())}]


def signed_pairs(
    field: Field,
    kind: Kind,
    severity: Severity,
    name: str,
    why: str,
    label: str,
    n: int,
    span_km: tuple[float, float],
    gap_minutes: int,
    usual: int,
) -> None:
    """``n`` days on which a team signs two jobs, the second ``gap_minutes`` after the first."""
    team = field.team()
    days = [workday(6 + 9 * i, 9.5) for i in range(n)]
    tag = body_case(field, kind, severity, name, why, team, days, conflicts=n)
    for number, day in enumerate(days):
        here = field.anywhere(f"{label} {number}")
        there = field.near(here, *span_km)
        field.scene.jobs.append(field.job(tag, team, here, day))
        second = day + timedelta(minutes=80 + gap_minutes)
        field.scene.jobs.append(field.job(tag, team, there, second, is_seen=kind != "hit"))
    field.usual_days(team, label, usual, {f"{d:%m%d}" for d in days})
