"""TP-01 on small lakes: overlaps, travel, instruments, photos, cars; near misses and innocents."""

from datetime import timedelta
from typing import Any

import pytest

from analytics.model import Draft
from analytics.models.tp_01 import Params, grade
from analytics.sampler_cases import Tally
from tests.unit.analytics.model_vectors import vectors_of
from tests.unit.analytics.sampling_lake import START, Lake, org

DAY = 24
DAY_ONLY = {"column": "sampling_start_at", "code": "date_only", "raw": "", "qualifier": ""}


def clash(lake: Lake, count: int, **facts: Any) -> Lake:
    """Overlapping jobs at a and b, one pair a day."""
    for day in range(count):
        lake.job("a", DAY * day, **facts).job("b", DAY * day + 0.5, **facts)
    return lake


def calm(lake: Lake, count: int, first: int = 20) -> Lake:
    """Jobs at one site, one a day from day ``first`` before START on."""
    for day in range(count):
        lake.job("a", -DAY * first - DAY * day)
    return lake


def bottles(lake: Lake) -> Lake:
    """One report: three bottles of eight hours each at a, filled one after the other."""
    lake.job("a", 0, 8)
    last = lake.tables["test_sample"][-2:]
    for number in (1, 2):
        step = timedelta(hours=8 * number, minutes=number)
        for row in last:
            moved = {key: row[key] + step for key in ("sampling_start_at", "sampling_end_at")}
            lake.add("test_sample", **row | moved | {"sample_no": f"{row['sample_no']}-{number}"})
    return lake


def photo(lake: Lake, number: str, **facts: Any) -> Lake:
    return lake.add("test_photo", photo_id=f"P{number}", report_no=f"R{number}", **facts)


def cameras(lake: Lake, count: int, days: int = 4, near: bool = True) -> Lake:
    """Cameras round a (or far off), awake from six hours before START on, in every hour."""
    lat = 31.02 if near else 31.4
    for number in range(count):
        lake.add("checkpoint", checkpoint_no=f"c{number}", lon=120.0, lat=lat + number / 1000)
        for hour in range(-6, 12):
            at = START + timedelta(hours=hour)
            lake.add("checkpoint_pass", checkpoint_no=f"c{number}", passed_at=at, plate="苏AZZZZZ")
    lake.add("checkpoint", checkpoint_no="far", lon=121.9, lat=33.0)
    for day in range(days):
        at = START - timedelta(days=day + 1)
        lake.add("checkpoint_pass", checkpoint_no="far", passed_at=at, plate="苏A00001")
    return lake


def levels(lake: Lake) -> list[int]:
    return [max([d.grade, *(c.grade for c in d.caps)]) for d in lake.drafts()]


CASES: dict[str, tuple[Lake, list[int]]] = {
    "far apart in time": (Lake().job("a", 0).job("b", 3), []),
    # 55.6 km at 60 km/h are 55.6 min; ten minutes are let off.
    "gap of 46 minutes is enough": (Lake().job("a", 0).job("b", 1 + 46 / 60), []),
    "gap of 45 minutes is not": (Lake().job("a", 0).job("b", 1 + 45 / 60), [3]),
    "one overlap": (clash(Lake(), 1), [3]),
    "jobs that touch": (Lake().job("a", 0).job("b", 1), [3]),
    "two overlaps": (clash(Lake(), 2), [2]),
    "five overlaps": (clash(calm(Lake(), 80), 5), [1]),
    "four overlaps in 88 jobs": (clash(calm(Lake(), 70, 10), 4), [1]),
    "four overlaps in 208 jobs": (clash(calm(Lake(), 200, 100), 4), [2]),
    "five overlaps in more than 90 days": (
        clash(clash(Lake(), 2), 0).job("a", -DAY * 100).job("b", -DAY * 100 + 0.5),
        [2, 3],
    ),
    "two soft conflicts in many jobs": (
        calm(Lake(), 60, 10).job("a", 0).job("b", 1.5).job("a", 24).job("b", 25.5),
        [2],
    ),
    "one soft conflict in few jobs": (Lake().job("a", 0).job("b", 1.5), [3]),
    "neighbouring works": (Lake().job("a", 0).job("c", 0.5), []),
    "two points of one site": (
        Lake().job("a", 0, lon=120.0, lat=31.0).job("a", 0.5, lon=120.0, lat=31.02),
        [],
    ),
    "no position": (Lake().job("a", 0).job("z", 0.5), []),
    "withdrawn report": (Lake().job("a", 0).job("b", 0.5, status="作废"), []),
    "only the day is known": (
        Lake()
        .job("a", 0)
        .job(
            "b",
            0.5,
            flags=[DAY_ONLY],
        ),
        [],
    ),
    # Who is who
    "one name at two bodies is two people": (
        Lake().job("a", 0).job("b", 0.5, body="u"),
        [],
    ),
    "one certificate at two bodies is one person": (
        Lake().job("a", 0, certs=("SZ-0001",)).job("b", 0.5, certs=("SZ-0001",), body="u"),
        [3],
    ),
    "two certificates of one ID number": (
        Lake()
        .staff("甲", "SZ-0001", "1")
        .staff("甲", "SZ-0002", "1", body="u")
        .job("a", 0, certs=("SZ-0001",))
        .job("b", 0.5, certs=("SZ-0002",), body="u"),
        [3],
    ),
    "two certificates of two people": (
        Lake().job("a", 0, certs=("SZ-0001",)).job("b", 0.5, certs=("SZ-0002",)),
        [],
    ),
    "name once, certificate once": (
        Lake().staff("甲", "SZ-0001", "1").job("a", 0).job("b", 0.5, certs=("SZ-0001",)),
        [3],
    ),
    "second signer is in both": (
        Lake().job("a", 0, samplers=("甲", "乙")).job("b", 0.5, samplers=("丙", "乙")),
        [3],
    ),
    # Innocent look-alikes
    "two teams with one leader, twice": (
        Lake()
        .job("a", 0, samplers=("甲", "乙"))
        .job("b", 0.5, samplers=("甲", "丙"))
        .job("a", DAY * 30, samplers=("乙",)),
        [3],
    ),
    "sampler that runs for ten hours": (Lake().job("a", 0, 10).job("b", 4), []),
    "a composite of a day in three bottles": (
        bottles(Lake()).job("b", 5),
        [],
    ),
    "back for the sampler in time": (Lake().job("a", 0, 10).job("b", 8), []),
    "not back for the sampler in time": (Lake().job("a", 0, 10).job("b", 8.5), [3]),
    # Instruments
    "one instrument at two sites": (
        Lake()
        .job("a", 0, samplers=("甲",), sampler_instrument_no="I1")
        .job("b", 0.5, samplers=("乙",), sampler_instrument_no="I1"),
        [3],
    ),
    "twice": (
        Lake()
        .job("a", 0, samplers=("甲",), sampler_instrument_no="I1")
        .job("b", 0.5, samplers=("乙",), sampler_instrument_no="I1")
        .job("a", 48, samplers=("甲",), sampler_instrument_no="I1")
        .job("b", 48.5, samplers=("乙",), sampler_instrument_no="I1"),
        [1],
    ),
    "one number at two bodies": (
        Lake()
        .job("a", 0, samplers=("甲",), sampler_instrument_no="I1")
        .job("b", 0.5, samplers=("乙",), sampler_instrument_no="I1", body="u"),
        [],
    ),
    "one serial number at two bodies": (
        Lake()
        .add("lab_instrument", body_uscc="USCC-t", instrument_no="I1", serial_no="SN-2024-7")
        .add("lab_instrument", body_uscc="USCC-u", instrument_no="I9", serial_no="sn-2024-7")
        .job("a", 0, samplers=("甲",), sampler_instrument_no="I1")
        .job("b", 0.5, samplers=("乙",), sampler_instrument_no="I9", body="u"),
        [3],
    ),
    "instrument handed on in time": (
        Lake()
        .job("a", 0, samplers=("甲",), sampler_instrument_no="I1")
        .job("b", 1, samplers=("乙",), sampler_instrument_no="I1"),
        [],
    ),
    # Photos
    "photo at the site": (photo(Lake().job("a", 0), "0000", exif_lon=120.0, exif_lat=31.005), []),
    "photo 1.1 km off": (photo(Lake().job("a", 0), "0000", exif_lon=120.0, exif_lat=31.01), [3]),
    "photo 60 minutes late": (
        photo(Lake().job("a", 0), "0000", exif_at=START + timedelta(hours=2)),
        [],
    ),
    "photo 61 minutes late": (
        photo(Lake().job("a", 0), "0000", exif_at=START + timedelta(hours=2, minutes=1)),
        [3],
    ),
    "device whose clock is wrong": (
        photo(
            photo(
                photo(
                    Lake().job("a", 0).job("a", 24).job("a", 48),
                    "0000",
                    exif_at=START + timedelta(hours=9),
                ),
                "0001",
                exif_at=START + timedelta(hours=33),
            ),
            "0002",
            exif_at=START + timedelta(hours=57),
        ),
        [],
    ),
    "a day written wrong, as photos and the laboratory show": (
        photo(
            Lake()
            .job("a", 0, received_at=START + timedelta(days=9, hours=9))
            .job("b", 0.5, received_at=START + timedelta(hours=9)),
            "0000",
            exif_at=START + timedelta(days=9, minutes=30),
        ),
        [],
    ),
    "photos of another day at another hour": (
        photo(Lake().job("a", 0).job("b", 0.5), "0000", exif_at=START + timedelta(days=9, hours=5)),
        [2],
    ),
    "samples received before the day that the photos show": (
        photo(
            Lake().job("a", 0, received_at=START + timedelta(hours=9)).job("b", 0.5),
            "0000",
            exif_at=START + timedelta(days=9, minutes=30),
        ),
        [2],
    ),
    "picture of the laboratory": (
        photo(Lake().job("a", 0), "0000", exif_lon=120.9, exif_lat=31.9, subject="实验室分析"),
        [],
    ),
    # Cars
    "car not seen among three cameras": (cameras(Lake().job("a", 0, plate="苏A00001"), 3), [3]),
    "two cameras are too few": (cameras(Lake().job("a", 0, plate="苏A00001"), 2), []),
    "cameras far off": (cameras(Lake().job("a", 0, plate="苏A00001"), 3, near=False), []),
    "a plate that cameras do not know": (
        cameras(Lake().job("a", 0, plate="苏A00001"), 3, days=2),
        [],
    ),
    "car seen, misread": (
        cameras(Lake().job("a", 0, plate="苏AB0001"), 3, days=0)
        .add(
            "checkpoint_pass",
            checkpoint_no="c0",
            passed_at=START - timedelta(hours=1),
            plate="苏A80001",
        )
        .add("checkpoint_pass", checkpoint_no="far", passed_at=START, plate="苏AB0001")
        .add(
            "checkpoint_pass",
            checkpoint_no="far",
            passed_at=START - timedelta(days=2),
            plate="苏AB0001",
        )
        .add(
            "checkpoint_pass",
            checkpoint_no="far",
            passed_at=START - timedelta(days=3),
            plate="苏AB0001",
        ),
        [],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_grades(name: str) -> None:
    lake, expected = CASES[name]
    assert levels(lake) == expected


def test_grade_follows_the_shipped_vectors() -> None:
    vectors = vectors_of("TP-01")
    assert len(vectors) == 2
    for vector in vectors:
        given = vector["input"]
        tally = Tally(given["hard"], given["soft"], given["jobs"])
        assert grade(tally, Params()) == vector["expected_level"], vector["why"]


def test_two_teams_count_hard_once_it_is_a_habit() -> None:
    lake = Lake()
    for day in range(5):
        lake.job("a", DAY * day, samplers=("甲", "乙"))
        lake.job("b", DAY * day + 0.5, samplers=("甲", "丙"))
    (draft,) = lake.drafts()
    assert draft.grade == 1
    (draft,) = lake.drafts(lead_repeat=6)
    assert draft.grade == 2
    assert {c.code: c.result for c in draft.innocent}["two_teams_one_lead"] == "unknown"


def one(lake: Lake) -> Draft:
    (draft,) = lake.drafts()
    return draft


def test_a_case_names_body_person_sites_and_rows() -> None:
    lake = Lake().staff("甲", "SZ-0001", "1")
    draft = one(clash(lake, 2, certs=("SZ-0001",)))
    assert draft.identity == (org("t"), "person:1")
    assert [(s.role, s.name) for s in draft.subjects] == [
        ("tester", "t检测公司"),
        ("person", "甲"),
        ("site", "a公司"),
        ("site", "b公司"),
    ]
    assert {e.dataset for e in draft.evidence} == {"test_sample", "test_report", "service_staff"}
    assert draft.quantities == {"conflicts": 2.0, "hard": 2.0, "soft": 0.0, "jobs": 4.0}
    assert draft.started_at == START
    assert "相距55.6公里" in draft.reason
    assert "疑似" in draft.reason


def test_two_samples_of_one_visit_are_one_job() -> None:
    draft = one(Lake().job("a", 0).job("b", 0.5))
    assert draft.quantities["jobs"] == 2.0
    assert draft.quantities["conflicts"] == 1.0


def test_three_forms_that_clash_are_two_conflicts() -> None:
    draft = one(Lake().job("a", 0, 3).job("d", 0.2, 2.8).job("b", 0.5))
    assert draft.quantities["hard"] == 2.0


def test_two_visits_are_one_conflict_however_many_bottles_clash() -> None:
    lake = Lake().job("a", 0, 0.4).job("b", 0.2, 0.4)
    for report, shift in (("R0000", 1.0), ("R0001", 1.2)):
        row = next(r for r in lake.tables["test_sample"] if r["report_no"] == report)
        start = START + timedelta(hours=shift)
        lake.add(
            "test_sample",
            **row
            | {
                "sample_no": f"{report}-late",
                "sampling_start_at": start,
                "sampling_end_at": start + timedelta(hours=0.4),
            },
        )
    draft = one(lake)
    assert draft.quantities == {"conflicts": 1.0, "hard": 1.0, "soft": 0.0, "jobs": 2.0}


def test_two_teams_alone_are_capped() -> None:
    lake = Lake()
    for day in range(3):
        lake.job("a", DAY * day, samplers=("甲", "乙"))
        lake.job("b", DAY * day + 0.5, samplers=("甲", "丙"))
    assert [c.code for c in one(lake).caps] == ["two_teams_one_lead"]


def test_identity_holds_no_id_number() -> None:
    draft = one(clash(Lake().staff("甲", "SZ-0001", "1"), 1, certs=("SZ-0001",)))
    assert "id-1" not in repr(draft)


def test_car_alone_is_capped() -> None:
    lake = cameras(Lake().job("a", 0, plate="苏A00001").job("a", 2, plate="苏A00001"), 3)
    draft = one(lake)
    assert (draft.grade, [c.code for c in draft.caps]) == (2, ["vehicle_only"])
    codes = {c.code: c.result for c in draft.innocent}
    assert codes["personal_car"] == "unknown"
    assert codes["camera_gap"] == "ruled_out"


def test_evidence_is_capped_and_counted() -> None:
    draft = one(clash(Lake(), 26))
    shown = [e for e in draft.evidence if e.dataset == "test_sample"]
    assert len(shown) == 40
    assert "evidence: 20 of 26 conflicts shown" in draft.searched


def test_jobs_after_the_day_do_not_count() -> None:
    assert Lake().job("a", DAY * 40).job("b", DAY * 40 + 0.5).drafts() == []
