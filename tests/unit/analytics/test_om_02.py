"""OM-02 on a small lake of one outlet: runs, bands, weeks under the limit, and what clears them."""

import math
from collections.abc import Callable
from datetime import timedelta

import pytest

from analytics.model import Draft
from analytics.models.om_02 import Params, Stretch, detect, grade
from tests.unit.analytics.model_vectors import vectors_of
from tests.unit.analytics.monitor_lake import (
    AS_OF,
    COD,
    FLOW,
    MN,
    OUTLET,
    OWNER,
    SO2,
    START,
    Lake,
    moving,
    shown,
)
from tests.unit.analytics.tables import make_inputs


def flat(_: int) -> float:
    return 42.0


def trembling(step: int) -> float:
    """Within 2 % of the range of 500, never the same for long."""
    return round(60 + 3.5 * math.sin(step * 1.3), 1)


def marked(lake: Lake, first: int, hours: int, **facts: str) -> Lake:
    since = START + timedelta(hours=first)
    row = {"mn": MN, "started_at": since, "ended_at": since + timedelta(hours=hours)}
    return lake.add("obs_mark", **row | facts)


def band(lake: Lake, first: int, hours: int, level: Callable[[int], float] = trembling) -> Lake:
    lake.values |= {h: level(h) for h in range(first, first + hours)}
    return lake


def low_week(multiple: float, days: int = 8, **report: str) -> Lake:
    """Everything under the detection limit of 4 mg/L while a test found ``multiple`` times it."""
    lake = band(Lake(), 100, 24 * days, lambda h: round(2 + 1.9 * math.sin(h * h), 1))
    lake.add(
        "test_report",
        report_no="R1",
        body_uscc="B",
        kind=report.pop("kind", "监督性监测"),
        site_entity=OWNER,
        status="有效",
    )
    return lake.add(
        "test_sample",
        report_no="R1",
        sample_no="S1",
        item_name="化学需氧量",
        body_uscc="B",
        factor_code=COD,
        outlet_code=report.pop("outlet_code", "DW001"),
        sampling_start_at=START + timedelta(days=6),
        result=4.0 * multiple,
        result_unit=report.pop("unit", "mg/L"),
    )


def stopped(hour: int) -> float:
    """Power that falls to nothing from hour 100 to 140."""
    return 2.0 if 100 <= hour < 140 else 100 + 30 * math.sin(hour)


def with_flow(lake: Lake, flow: Callable[[int], float]) -> Lake:
    """Hourly flow of the point beside its values."""
    lake.flow = flow
    return lake


def flagged(lake: Lake, first: int, hours: int) -> Lake:
    lake.flag |= dict.fromkeys(range(first, first + hours), "D")
    return lake


def with_power(lake: Lake, power: Callable[[int], float]) -> Lake:
    lake.power = power
    return lake


CASES: dict[str, tuple[Lake, list[int]]] = {
    "moving values": (Lake(), []),
    "water, 5 h": (Lake().stand(100, 5), []),
    "water, 6 h and three analyses": (Lake().stand(100, 6), [3]),
    "water, 12 h": (Lake().stand(100, 12), [2]),
    "water, 20 h: hours alone cap at 2": (Lake().stand(100, 20), [2]),
    "water, 60 h: a fragment of a day repeats": (Lake().stand(100, 60), [1]),
    "water, 20 h by ten-minute values": (
        Lake().stand(100, 20, None).by_minutes(100, 20, flat),
        [1],
    ),
    "within one digit": (band(Lake(), 100, 13, lambda h: 42.0 + 0.1 * (h % 2)), [2]),
    "within two digits": (band(Lake(), 100, 13, lambda h: 42.0 + 0.1 * (h % 3)), []),
    "one hour missing does not break": (Lake().stand(100, 13).stand(106, 1, None), [2]),
    "a gap of two hours does": (Lake().stand(100, 10).stand(104, 2, None), []),
    "air, 1 h by minutes": (Lake(SO2).stand(100, 1, None).by_minutes(100, 1, flat), []),
    "air, 2 h by minutes": (Lake(SO2).stand(100, 2, None).by_minutes(100, 2, flat), [3]),
    "air, 4 h by minutes": (Lake(SO2).stand(100, 4, None).by_minutes(100, 4, flat), [2]),
    "air, 8 h by minutes": (Lake(SO2).stand(100, 8, None).by_minutes(100, 8, flat), [1]),
    "flow has no band rule": (band(Lake(FLOW), 100, 48), []),
    "nothing else moves": (with_power(Lake().stand(100, 21), lambda _: 100.0), [3]),
    "no power, no flow": (Lake(power=False).stand(100, 21), [3]),
    # Innocent look-alikes
    "marked stop": (marked(Lake().stand(100, 21), 100, 21), []),
    "refused mark marks nothing": (marked(Lake().stand(100, 21), 100, 21, status="驳回"), [2]),
    "stop without a mark": (with_power(Lake().stand(100, 21), stopped), []),
    "buffered outlet that lets nothing out at night": (
        with_flow(Lake().stand(100, 13), lambda h: 0.0 if 100 <= h < 113 else 20 + h % 5),
        [],
    ),
    "the same while it discharges": (
        with_flow(Lake().stand(100, 13), lambda h: 20.0 + h % 5),
        [2],
    ),
    "platform outage": (
        Lake()
        .stand(100, 21)
        .add(
            "platform_outage",
            division_code=None,
            started_at=START + timedelta(hours=100),
            ended_at=START + timedelta(hours=121),
        ),
        [],
    ),
    "values not normal": (
        flagged(Lake().stand(100, 21), 100, 21),
        [],
    ),
    "fill values": (Lake().stand(100, 21, 9999.99), []),
    "under the detection limit": (Lake().stand(100, 200, 3.9), []),
    "always steady: chance gives such runs": (
        band(Lake(), 0, 480, lambda h: 43.0 if h * 2654435761 % 100 < 12 else 42.0),
        [],
    ),
    # Band
    "24 h within 2 % of the range": (band(Lake(), 100, 30), [3]),
    "20 h within 2 %": (band(Lake(), 100, 19), []),
    "narrow near zero is a clean discharge": (
        band(Lake(), 100, 30, lambda h: 10 + 3.5 * math.sin(h * 1.3)),
        [],
    ),
    "always narrow": (band(Lake(), 0, 480), []),
    # Under the limit although tests found more
    "a week under the limit, test found three times it": (low_week(3.0), [2]),
    "the same in one fragment again and again": (low_week(3.0).stand(100, 192, 2.0), [1]),
    "test found 2.9 times": (low_week(2.9), []),
    "six days": (low_week(5.0, days=6), []),
    "a test that the firm ordered": (low_week(5.0, kind="委托检测"), []),
    "a test of another outlet": (low_week(5.0, outlet_code="DW002"), []),
    "result in micrograms": (low_week(3.0, unit="ug/L"), []),
}


@pytest.mark.parametrize("name", CASES)
def test_grades(name: str) -> None:
    lake, expected = CASES[name]
    assert shown(lake.drafts()) == expected


def test_grade_follows_the_shipped_vectors() -> None:
    vectors = vectors_of("OM-02")
    assert len(vectors) == 4
    for vector in vectors:
        given = vector["input"]
        stretch = Stretch(
            given["kind"],
            given["run_h"],
            given["cycles"],
            given.get("second_varies", False),
            given.get("marked_stop", False),
        )
        assert grade(stretch, Params()) == vector["expected_level"], vector["why"]


def one(lake: Lake) -> Draft:
    (draft,) = lake.drafts()
    return draft


def test_a_case_names_outlet_and_firm_with_values_and_comparison() -> None:
    draft = one(Lake().stand(100, 21))
    assert (draft.identity, draft.discriminator) == ((OUTLET,), COD)
    assert draft.started_at == START + timedelta(hours=100)
    assert draft.ended_at == START + timedelta(hours=121)
    assert [(s.kind, s.role) for s in draft.subjects] == [
        ("outlet", "outlet"),
        ("organization", "generator"),
    ]
    assert {e.dataset for e in draft.evidence} == {"obs_hour", "power_hour", "monitor_factor"}
    numbers = {s.name: s.value for s in draft.statistics}
    assert numbers["run_h"] == 21.0
    assert numbers["cycles"] == 10.0
    assert numbers["second_cv"] > 0.1
    assert "疑似" in draft.reason
    assert "用电量" in draft.reason


def test_runs_within_a_day_are_one_episode() -> None:
    near = Lake().stand(100, 8).stand(120, 8)
    assert one(near).quantities["stretches"] == 2.0
    assert len(Lake().stand(100, 8).stand(140, 8).drafts()) == 2


def test_video_may_be_the_second_sensor() -> None:
    lake = with_power(Lake().stand(100, 13), lambda _: 100.0)
    assert shown(lake.drafts()) == [3]
    for hour, kind in ((103, "排水"), (107, "无排水")):
        lake.add(
            "video_event",
            camera_id="K",
            mn=MN,
            event_at=START + timedelta(hours=hour),
            event_kind=kind,
        )
    draft = one(lake)
    assert draft.grade == 2
    assert [e.role for e in draft.evidence if e.dataset == "video_event"] == [
        "视频：排水",
        "视频：无排水",
    ]


def test_caps_say_why() -> None:
    draft = one(Lake(power=False).stand(100, 21))
    assert sorted(cap.code for cap in draft.caps) == ["hourly_data", "production_unknown"]


def test_a_steady_history_caps_at_three() -> None:
    lake = band(Lake(), 0, 480, lambda h: 42.0 if h % 9 == 0 else moving(h)).stand(100, 8)
    steady = band(Lake(), 0, 480, lambda h: 42.0 + (h // 3 % 5)).stand(100, 13)
    assert [c.code for c in one(lake).caps] == ["hourly_data"]
    assert "stable_history" in [c.code for c in one(steady).caps]


def test_equal_fragments_at_two_firms_lift_the_cap_of_hourly_data() -> None:
    lake = Lake().stand(100, 26)
    rows = lake.rows()
    point = {"mn": "MN2", "uscc": "USCC-q", "owner_entity": "org:q", "outlet_outlet": "outlet:2"}
    rows["monitor_point"].append(point)
    rows["obs_hour"] += [row | {"mn": "MN2"} for row in rows["obs_hour"][95:130]]
    drafts = detect(make_inputs(rows, AS_OF), Params())
    assert shown([d for d in drafts if d.identity == (OUTLET,)]) == [1]


def test_evidence_is_capped() -> None:
    draft = one(Lake().stand(100, 300))
    assert len([e for e in draft.evidence if e.dataset == "obs_hour"]) <= 50
