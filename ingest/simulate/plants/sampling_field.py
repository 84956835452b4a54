"""Where TP-01 sends people: outlets, distances, cameras around, teams, and their usual days."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import MappingProxyType

import numpy as np
import polars as pl

from ingest.simulate.geography import distance_km
from ingest.simulate.jobs import job_at
from ingest.simulate.journeys import cameras
from ingest.simulate.permits import outlets
from ingest.simulate.scene import Row, Scene, moment
from ingest.simulate.staff import certificates, hire_teams
from ingest.simulate.truth import Story
from ingest.simulate.workdays import is_workday

MODEL = "TP-01"
WATCHED_KM = 9.0
# Where cases say that there are hardly any cameras within ten kilometres.
UNWATCHED_KM = 11.0
ENOUGH_CAMERAS = 3
NOTHING: Mapping[str, object] = MappingProxyType({})


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
        near, at_gate = far < WATCHED_KM, ~table["is_trunk"].to_numpy()
        # A camera on a quiet road proves nothing; trucks pass the gate of a plant all day.
        self.watched = (near.sum(axis=1) >= ENOUGH_CAMERAS) & near[:, at_gate].any(axis=1)
        self.unwatched = (far < UNWATCHED_KM).sum(axis=1) < ENOUGH_CAMERAS
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
        """Some outlet; ``watched`` asks for three cameras around it, or for hardly any."""
        rng = self.scene.random(f"{MODEL} {label}")
        every = np.ones(len(self.lon), dtype=bool)
        fit = every if watched is None else self.watched if watched else self.unwatched
        choice = np.flatnonzero(fit)
        return int(choice[rng.integers(0, len(choice))]) if len(choice) else 0

    def send(
        self, tag: str | None, team: Row, place: int, started: datetime, minutes: int = 80,
        given: Mapping[str, object] = NOTHING,
    ) -> None:  # fmt: skip
        """Put a job of a team at an outlet on stage; ``given`` overrides columns of the job."""
        row = self.places.row(place, named=True)
        self.scene.jobs.append(job_at(tag, team, row, started, minutes) | dict(given))

    def usual_days(self, team: Row, label: str, n: int, busy: Sequence[datetime]) -> None:
        """``n`` ordinary jobs of a team, one a day, on days without a planted one."""
        rng = self.scene.random(f"{MODEL} usual {label}")
        home = self.anywhere(f"home {label}")
        taken = {day.date() for day in busy}
        done, back = 0, 4
        while done < n and back < 85:
            day = moment(back, 9.0 + rng.random())
            if is_workday(day.date()) and day.date() not in taken:
                self.send(None, team, self.near(home, 0, float(rng.uniform(4, 50))), day, 75)
                done += 1
            back += 1


@dataclass(frozen=True, slots=True)
class Visits:
    """Days on which a case has something to do, and what goes on around them.

    The first day lies ``first`` days before the end, ``n`` in all, each ``step`` days before the
    other, at a decimal ``hour``. ``label`` names the random choices, ``watched`` says whether there
    are cameras around, ``usual`` is how many ordinary jobs the team does besides.
    """

    label: str
    first: int
    step: int
    n: int
    hour: float = 10.0
    watched: bool | None = None
    usual: int = 0

    def days(self) -> list[datetime]:
        """Working days, the last one first."""
        return [workday(self.first + self.step * i, self.hour) for i in range(self.n)]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two jobs of one day: the second ``minutes`` after the start of the first, at a distance."""

    low_km: float
    high_km: float
    minutes: float
    given: Mapping[str, object] = field(default_factory=dict)


def workday(days_before_end: int, hour: float) -> datetime:
    """A moment on the next working day before ``days_before_end``."""
    day = moment(days_before_end, hour)
    while not is_workday(day.date()):
        day -= timedelta(days=1)
    return day


def case(
    field: Field, story: Story, teams: Sequence[Row], days: Sequence[datetime],
    subjects: Sequence[dict[str, str]], conflicts: int = 0,
) -> str:  # fmt: skip
    """Register a case about the bodies of some teams, and about ``subjects``; the tag."""
    bodies = list(dict.fromkeys(int(str(team["body"])) for team in teams))
    return field.scene.case(
        MODEL, story.kind, story.name, bodies, story.why, min(days), max(days) + timedelta(hours=3),
        severity=story.severity, subjects=subjects, conflicts=conflicts,
    )  # fmt: skip


def sampler(team: Row) -> list[dict[str, str]]:
    """The leading sampler of a team as a subject of a case."""
    frame = pl.DataFrame({"person": [team["lead"]]}).select(certificates(pl.col("person")))
    return [{"kind": "person", "cert_no": str(frame.item())}]


def alone(
    field: Field, story: Story, visits: Visits, team: Row, given: Mapping[str, object]
) -> None:  # fmt: skip
    """A case in which a team does one job a day; ``given`` overrides columns of the jobs."""
    days = visits.days()
    conflicts = visits.n if story.kind == "hit" else 0
    tag = case(field, story, [team], days, sampler(team), conflicts)
    for number, day in enumerate(days):
        place = field.anywhere(f"{visits.label} {number}", watched=visits.watched)
        field.send(tag, team, place, day, given=given)
    field.usual_days(team, visits.label, visits.usual, days)


def in_pairs(
    field: Field, tag: str, visits: Visits, first: Row, second: Row, pair: Pair
) -> None:  # fmt: skip
    """On each day a job of the first team and one of the second, which may be the same."""
    for number, day in enumerate(visits.days()):
        here = field.anywhere(f"{visits.label} {number}", watched=visits.watched)
        there = field.near(here, pair.low_km, pair.high_km)
        field.send(tag, first, here, day)
        field.send(tag, second, there, day + timedelta(minutes=pair.minutes), given=pair.given)
    field.usual_days(first, visits.label, visits.usual, visits.days())


def signed_pairs(field: Field, story: Story, visits: Visits, pair: Pair) -> None:
    """A case in which one team signs two jobs a day; nobody sees it at the second one of a hit."""
    team = field.team()
    days = visits.days()
    tag = case(field, story, [team], days, sampler(team), visits.n)
    in_pairs(field, tag, visits, team, team,
             replace(pair, given={"is_seen": story.kind != "hit"}))  # fmt: skip
