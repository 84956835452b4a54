"""Sampling jobs by plain loops: everyday people can do their jobs, planted ones cannot."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl
import pytest

from ingest.simulate.geography import distance_km
from ingest.simulate.jobs import jobs_of
from ingest.simulate.size import SIZES
from ingest.simulate.staff import teams_of
from tests.unit.ingest.simulate.conftest import Province

Job = dict[str, Any]


@pytest.fixture(scope="module")
def jobs(province: Province) -> list[Job]:
    """All jobs of all periods, in order of time."""
    frames = [jobs_of(province.scene, period) for period in SIZES["small"].periods()]
    return list(pl.concat(frames).sort("started").iter_rows(named=True))


def away_km(a: Job, b: Job) -> float:
    places = [np.array([float(j[k])]) for j in (a, b) for k in ("lon", "lat")]
    return float(distance_km(*places)[0])


def conflicts(jobs: list[Job], key: str) -> Iterator[tuple[Job, Job]]:
    """Pairs of neighbouring jobs of one person (or instrument) that nobody can do at 60 km/h."""
    by_owner: dict[object, list[Job]] = defaultdict(list)
    for job in jobs:
        owners = job["persons"] if key == "persons" else [(job["body"], job[key])]
        for owner in owners:
            by_owner[owner].append(job)
    for own in by_owner.values():
        for a, b in pairwise(own):
            gap = (b["started"] - a["ended"]).total_seconds() / 60
            if gap < away_km(a, b) - 10:
                yield a, b


def test_everyday_jobs_can_all_be_done(jobs: list[Job]) -> None:
    everyday = [job for job in jobs if job["tag"] is None]
    assert len(everyday) > 600
    assert not list(conflicts(everyday, "persons"))
    assert not list(conflicts(everyday, "instrument_no"))


def test_everyday_photos_are_taken_at_the_job(jobs: list[Job]) -> None:
    for job in jobs:
        if job["tag"] is None:
            assert job["photo_lon"] is None
            assert job["photo_shift_min"] == 0
            assert job["typed_shift_d"] == 0
            assert job["is_seen"]


@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("同一采样员六次同时在两地", 6),
        ("同一采样员三次同时在两地", 3),
        ("两处采样之间来不及赶路", 1),
        ("同一台仪器四次同时在两地使用", 4),
        ("两个组都由带队人签名", 4),
        ("自动采样器采24小时混合样", 3),
        ("赶路时间刚好够", 0),
        ("同一园区内接连采样", 0),
        ("驾驶私家车采样", 0),
        ("采样点附近少有卡口", 0),
    ],
)
def test_planted_cases_have_the_conflicts_they_tell_of(
    province: Province, jobs: list[Job], name: str, least: int
) -> None:
    case = next(c for c in province.cases("TP-01") if c.name == name)
    own = [job for job in jobs if case.tag in str(job["tag"])]
    assert own
    key = "instrument_no" if "仪器" in name else "persons"
    pairs = {(str(a["started"]), str(b["started"])) for a, b in conflicts(own, key)}
    assert len(pairs) == least


def test_every_body_has_its_teams_with_different_people_and_cars(province: Province) -> None:
    teams = teams_of(province.scene)
    assert teams["body"].n_unique() == SIZES["small"].testing_bodies
    for column in ("lead", "second", "plate", "serial_no"):
        assert teams[column].n_unique() == teams.height
