"""Arrays behind the monitors: who works when, how values are held and kept apart."""

from datetime import date, datetime

import numpy as np
import pytest

from ingest.simulate.series import apart, levels, loads, minutes, running_hours
from ingest.simulate.size import Period
from ingest.simulate.stations import INSTRUMENTS, instrument, shifts
from ingest.simulate.tampering import change

OCTOBER = Period("202610", date(2026, 10, 1), date(2026, 11, 1), 1.0, True)
SEED = 11
FIRMS = np.arange(400, dtype=np.int64)


def test_plants_work_round_the_clock_or_in_shifts_and_rest_on_holidays() -> None:
    shift, running = shifts(FIRMS, SEED), running_hours(FIRMS, SEED, OCTOBER)
    assert set(shift) == {0, 1, 2}
    assert running[shift == 0].all()
    clock, day = np.arange(744) % 24, np.arange(744) // 24 + 1
    assert not running[shift > 0][:, day <= 7].any()
    two, one = running[shift == 1][0], running[shift == 2][0]
    assert not two[(clock < 6) | (clock >= 22)].any()
    assert two[(day == 17) & (clock == 12)].all()
    assert not one[(day == 17) & (clock == 12)].any()
    assert one[(day == 16) & (clock == 12)].all()


def test_load_is_zero_where_nobody_works_and_only_there() -> None:
    running = running_hours(FIRMS, SEED, OCTOBER)
    load = loads(FIRMS, SEED, OCTOBER, running)
    assert ((load > 0) == running).all()
    assert load.max() <= 1.2


@pytest.mark.parametrize("decimals", [1, 2, 3])
def test_neighbours_are_further_apart_than_the_display_can_blur(decimals: int) -> None:
    rng = np.random.default_rng(5)
    value = np.round(rng.normal(10, 3 * 10.0**-decimals, (6, 500)), decimals)
    moved = apart(rng, value, decimals)
    assert np.abs(np.diff(value, axis=1)).min() < 0.5 * 10.0**-decimals
    assert np.abs(np.diff(moved, axis=1)).min() > 2.4 * 10.0**-decimals


@pytest.mark.parametrize("cycle", [1, 2, 4])
def test_an_analyser_shows_its_last_value_until_the_next(cycle: int) -> None:
    kind = instrument("w01018")
    value = levels(np.random.default_rng(3), kind, np.ones((2, 96)), np.full(2, cycle))
    steps = np.flatnonzero(np.diff(value[0]))
    assert (np.diff(steps) == cycle).all()
    assert len(steps) == 96 // cycle - 1


def test_ten_minute_values_have_the_mean_of_their_hour() -> None:
    for kinds in INSTRUMENTS.values():
        for kind in kinds:
            hourly = np.full((1, 24), (kind.low + kind.high) / 2)
            fine = minutes(np.random.default_rng(1), kind, hourly, False)
            digit = 10.0**-kind.decimals
            assert np.abs(fine.reshape(24, 6).mean(axis=1) - hourly[0]).max() < 12 * digit + 1e-9
            assert (minutes(np.random.default_rng(1), kind, hourly, True) == hourly[0, 0]).all()


def test_a_change_must_make_sense() -> None:
    moment = datetime(2026, 10, 1)
    with pytest.raises(ValueError, match="makes no sense"):
        change(None, 1, "hold", moment, moment)
    with pytest.raises(ValueError, match="melt"):
        change(None, 1, "melt", moment, moment.replace(day=2))
