"""Sampling jobs: which team samples which outlet, when, and with what; everyday ones and planted.

A job is the one event from which report, samples, photos, instrument log and camera passes follow
(``testing.py``).
"""

from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt
import polars as pl

from ingest.simulate.geography import distance_km
from ingest.simulate.permits import outlets
from ingest.simulate.scene import Row, Scene
from ingest.simulate.size import Period
from ingest.simulate.staff import teams_of
from ingest.simulate.stations import stations
from ingest.simulate.streams import Ints, stream
from ingest.simulate.transfers import working_days

JOB_SCHEMA: dict[str, pl.DataType] = {
    "tag": pl.String(),
    "body": pl.Int64(),
    "persons": pl.List(pl.Int64),
    "plate": pl.String(),
    "instrument_no": pl.String(),
    "camera": pl.String(),
    "site": pl.Int64(),
    "medium": pl.String(),
    "outlet_code": pl.String(),
    "lon": pl.Float64(),
    "lat": pl.Float64(),
    "started": pl.Datetime("us"),
    "ended": pl.Datetime("us"),
    "kind": pl.String(),
    "is_seen": pl.Boolean(),
    "typed_shift_d": pl.Int64(),
    "photo_shift_min": pl.Int64(),
    "photo_lon": pl.Float64(),
    "photo_lat": pl.Float64(),
    "photo_hash": pl.String(),
    "point_name": pl.String(),
    "sample_state": pl.String(),
    "status": pl.String(),
    "repeats": pl.Int64(),
    "factor": pl.String(),
    "result": pl.Float64(),
}
DEFAULTS: Row = {
    "kind": "委托检测", "is_seen": True, "typed_shift_d": 0, "photo_shift_min": 0, "status": "有效",
    "repeats": 1,
}  # fmt: skip
REACH_KM = 28.0
AFTERNOON_SHARE = 0.3


def job_at(tag: str | None, team: Row, outlet: Row, started: datetime, minutes: int) -> Row:
    """A job of a team (row of ``hire_teams``) at an outlet (row of ``outlets`` or ``stations``)."""
    return {
        "tag": tag, "body": team["body"], "persons": [team["lead"], team["second"]],
        "plate": team["plate"], "instrument_no": team["instrument_no"], "camera": team["camera"],
        "site": outlet["firm"], "medium": outlet["medium"], "outlet_code": outlet["outlet_code"],
        "lon": outlet["lon"], "lat": outlet["lat"],
        "started": started, "ended": started + timedelta(minutes=minutes),
    }  # fmt: skip


def job_rows(rows: list[Row]) -> pl.DataFrame:
    """Jobs written by hand as a frame, missing columns at their defaults.

    ``typed_shift_d`` moves the sampling times on paper by whole days (a typing error);
    ``photo_shift_min``, ``photo_lon`` and ``photo_lat`` say what the camera wrote where it differs,
    ``photo_hash`` (14 hex digits) what the pictures look like;
    ``factor`` and ``result`` fix one result; ``repeats`` is how many reports tell of the job.
    """
    full = [{c: row.get(c, DEFAULTS.get(c)) for c in JOB_SCHEMA} for row in rows]
    return pl.DataFrame(full, schema=JOB_SCHEMA)


def jobs_of(scene: Scene, period: Period) -> pl.DataFrame:
    """All jobs of a period in order of time: everyday ones and planted ones."""
    planted = job_rows(scene.jobs).filter(
        (pl.col("started") >= pl.lit(period.first)) & (pl.col("started") < pl.lit(period.until))
    )
    every = pl.concat([ordinary_jobs(scene, period), planted])
    return every.sort("started", "body", "site", "medium", maintain_order=True)


def ordinary_jobs(scene: Scene, period: Period) -> pl.DataFrame:
    """Everyday jobs: a morning job per team and day, sometimes one nearby in the afternoon.

    A history period has jobs in its last two months only.
    """
    world = scene.world
    rng = stream(world.seed, "jobs", period.label)
    teams = teams_of(scene)
    days = working_days(period)[-42:]
    wanted = world.size.test_reports * (1 if period.is_event else 2) / 3
    n = min(round(wanted / (1 + AFTERNOON_SHARE)), teams.height * len(days))
    slots = np.sort(rng.choice(teams.height * len(days), n, replace=False))
    team, day = slots // len(days), slots % len(days)
    places = outlets(scene)
    monitored = np.flatnonzero(
        places.join(stations(scene).select("firm", "medium", known=pl.lit(1)),
                    on=["firm", "medium"], how="left", maintain_order="left")["known"]
        .is_not_null().to_numpy()
    )  # fmt: skip
    site = rng.integers(0, places.height, n)
    often = rng.random(n) < 0.3
    site[often] = monitored[rng.integers(0, len(monitored), int(often.sum()))]
    morning = _made(rng, teams, places, team, site, np.array(days, dtype="datetime64[m]")[day], 540)
    again = np.flatnonzero(rng.random(n) < AFTERNOON_SHARE)
    near = _neighbours(places, site[again])
    again, near = again[near >= 0], near[near >= 0]
    later = _made(rng, teams, places, team[again], near,
                  np.array(days, dtype="datetime64[m]")[day[again]], 825)  # fmt: skip
    return pl.concat([morning, later])


def _neighbours(places: pl.DataFrame, site: Ints) -> Ints:
    """The nearest outlet of another firm within reach, -1 where there is none."""
    lon, lat = places["lon"].to_numpy(), places["lat"].to_numpy()
    firm = places["firm"].to_numpy()
    far = distance_km(lon[site, None], lat[site, None], lon[None], lat[None])
    far[firm[site][:, None] == firm[None]] = np.inf
    best = far.argmin(axis=1)
    return np.where(far.min(axis=1) < REACH_KM, best, -1)


def _made(
    rng: np.random.Generator, teams: pl.DataFrame, places: pl.DataFrame,
    team: Ints, site: Ints, day: npt.NDArray[np.datetime64], minute: int,
) -> pl.DataFrame:  # fmt: skip
    n = len(team)
    crew, place = teams[team.tolist()], places[site.tolist()]
    start = day + (minute + rng.integers(0, 50, n)).astype("timedelta64[m]")
    end = start + rng.integers(62, 118, n).astype("timedelta64[m]")
    kinds = np.array(["委托检测", "自行监测", "自行监测", "比对监测", "监督性监测"])
    frame = pl.DataFrame({
        "body": crew["body"],
        "persons": pl.select(pl.concat_list(crew["lead"], crew["second"])).to_series(),
        "plate": crew["plate"],
        "instrument_no": crew["instrument_no"],
        "camera": crew["camera"],
        "site": place["firm"],
        "medium": place["medium"],
        "outlet_code": place["outlet_code"],
        "lon": np.round(place["lon"].to_numpy() + rng.normal(0, 0.0006, n), 6),
        "lat": np.round(place["lat"].to_numpy() + rng.normal(0, 0.0006, n), 6),
        "started": start.astype("datetime64[us]"),
        "ended": end.astype("datetime64[us]"),
        "kind": kinds[rng.integers(0, len(kinds), n)],
    })  # fmt: skip
    missing = [pl.lit(DEFAULTS.get(c)).cast(t).alias(c)
               for c, t in JOB_SCHEMA.items() if c not in frame.columns]  # fmt: skip
    return frame.with_columns(missing).select(pl.col(c).cast(t) for c, t in JOB_SCHEMA.items())
