"""Monitoring series: everyday ones live, planted ones stand still where and as long as they say."""

from datetime import datetime, timedelta

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view

from ingest.simulate.monitoring import Month, observe
from ingest.simulate.size import SIZES
from ingest.simulate.stations import INSTRUMENTS, Instrument, stations
from tests.unit.ingest.simulate.conftest import Province

EVENT = SIZES["small"].periods()[-1]


@pytest.fixture(scope="module")
def months(province: Province) -> dict[str, Month]:
    """October at all stations, everything planted."""
    return observe(province.scene, EVENT)


def longest_stand(month: Month, kind: Instrument, row: int) -> int:
    """Most analyses in a row within one digit of the display, plant running, flag normal."""
    step = int(month.points["cycle_h"][row]) if kind.code.startswith("w") else 1
    best, run = 0, list[float]()
    for hour in range(0, month.load.shape[1], step):
        if month.flags[row, hour] != "N" or month.load[row, hour] == 0:
            run = []
            continue
        value = month.values[kind.code][row, hour]
        run = [*run, value]
        while max(run) - min(run) > 1.001 * 10.0**-kind.decimals:
            run = run[1:]
        best = max(best, len(run))
    return best


def hour_of(moment: object) -> int:
    """Whole hours from the beginning of the month."""
    assert isinstance(moment, datetime)
    start = datetime(EVENT.first.year, EVENT.first.month, EVENT.first.day)
    return int((moment - start) / timedelta(hours=1))


def changed_mns(province: Province) -> set[str]:
    table = stations(province.scene)
    return {table["mn"][int(str(row["station"]))] for row in province.scene.tampered}


def test_no_everyday_series_stands_still(province: Province, months: dict[str, Month]) -> None:
    touched, seen = changed_mns(province), 0
    for medium, month in months.items():
        for row, mn in enumerate(month.points["mn"]):
            for kind in INSTRUMENTS[medium]:
                if kind.kind == "concentration" and mn not in touched:
                    assert longest_stand(month, kind, row) < 3, (mn, kind.code)
                    seen += 1
    assert seen > 40


def test_any_everyday_24_hours_move_through_more_than_a_few_percent_of_the_range(
    province: Province, months: dict[str, Month]
) -> None:
    touched = changed_mns(province)
    for medium, month in months.items():
        for row, mn in enumerate(month.points["mn"]):
            if mn in touched:
                continue
            for kind in INSTRUMENTS[medium]:
                if kind.kind != "concentration":
                    continue
                value = sliding_window_view(month.values[kind.code][row], 24)
                works = (sliding_window_view(month.load[row], 24) > 0).all(axis=1)
                least = np.ptp(value[works], axis=1).min(initial=np.inf)
                assert least > 0.035 * kind.range_high, (mn, kind.code)


def test_planted_spans_are_as_long_as_their_case_says(
    province: Province, months: dict[str, Month]
) -> None:
    table = stations(province.scene)
    held = 0
    for case in province.cases("OM-02"):
        rows = [r for r in province.scene.tampered
                if case.tag in str(r["tag"]) and r["action"] == "hold"]  # fmt: skip
        for change in rows:
            if not change["factor"]:
                continue
            held += 1
            mn = table["mn"][int(str(change["station"]))]
            month = next(m for m in months.values() if mn in m.points["mn"].to_list())
            row = month.points["mn"].to_list().index(mn)
            first, until = hour_of(change["started"]), hour_of(change["ended"])
            value = month.values[str(change["factor"])][row, first : until + 12]
            assert len(set(value[: until - first])) == 1, case.name
            assert len(set(value)) > 1, case.name
            flow = month.values["w00000" if "w00000" in month.values else "a00000"]
            moving = flow[row, first:until]
            assert moving.min() > 0, case.name
            assert until - first < 6 or moving.std() > 0.05 * moving.mean(), case.name
    assert held >= 10


def test_a_standstill_without_mark_is_one_in_power_and_flow_too(
    province: Province, months: dict[str, Month]
) -> None:
    table = stations(province.scene)
    idle = [r for r in province.scene.tampered if r["action"] == "idle"]
    assert idle
    for change in idle:
        mn = table["mn"][int(str(change["station"]))]
        month = next(m for m in months.values() if mn in m.points["mn"].to_list())
        row = month.points["mn"].to_list().index(mn)
        flow = "w00000" if "w00000" in month.values else "a00000"
        first, until = hour_of(change["started"]), hour_of(change["ended"])
        assert (month.load[row, first:until] == 0).all()
        assert (month.values[flow][row, first:until] == 0).all()
        assert (month.flags[row, first:until] == "N").all()


def test_a_laboratory_finds_what_was_really_there(
    province: Province, months: dict[str, Month]
) -> None:
    """At the detection limit: one outlet is clean indeed, the other only shows it."""
    table, real = stations(province.scene), {}
    for change in province.scene.tampered:
        if change["action"] != "floor":
            continue
        mn = table["mn"][int(str(change["station"]))]
        month = months["水"]
        row = month.points["mn"].to_list().index(mn)
        first = hour_of(change["started"]) // 24 * 24
        shown = month.values["w21003"][row, first : first + 240]
        assert shown.max() <= 0.05
        real[bool(change["is_real"])] = float(
            np.median(month.real["w21003"][row, first : first + 240])
        )
    assert real[True] <= 0.05
    assert real[False] > 0.5
