"""Hourly life of plants and what their monitors show: running, load, levels, flags; arrays only.

Arrays have one row per firm or station and one column per hour of a period.
"""

from datetime import timedelta

import numpy as np
import numpy.typing as npt

from ingest.simulate.size import Period
from ingest.simulate.stations import Instrument, shifts
from ingest.simulate.streams import Floats, Ints, stream
from ingest.simulate.workdays import DAYS_OFF

Mask = npt.NDArray[np.bool_]
Texts = npt.NDArray[np.str_]
# A reading differs from the one before by more than the display's last digit: analysers are noisy.
LEAST_STEP_DIGITS = 3


def autocorrelated(
    rng: np.random.Generator, shape: tuple[int, int], memory: float, sd: float
) -> Floats:
    """Noise of standard deviation ``sd`` whose neighbours correlate by ``memory``."""
    noise = rng.normal(0, sd, shape)
    keep, fresh = memory, float(np.sqrt(1 - memory**2))
    for hour in range(1, shape[1]):
        noise[:, hour] = keep * noise[:, hour - 1] + fresh * noise[:, hour]
    return noise


def running_hours(firms: Ints, seed: int, period: Period) -> Mask:
    """Whether each firm works in each hour of a period."""
    hours = period.days * 24
    clock = np.arange(hours) % 24
    days = [period.first + timedelta(days=i) for i in range(period.days)]
    sunday = np.repeat([d.weekday() == 6 for d in days], 24)
    weekend = np.repeat([d.weekday() >= 5 for d in days], 24)
    holiday = np.repeat([d in DAYS_OFF for d in days], 24)
    patterns = np.stack([
        np.ones(hours, dtype=bool),
        (clock >= 6) & (clock < 22) & ~sunday & ~holiday,
        (clock >= 7) & (clock < 19) & ~weekend & ~holiday,
    ])  # fmt: skip
    return np.asarray(patterns[shifts(firms, seed)], dtype=np.bool_)


def loads(firms: Ints, seed: int, period: Period, running: Mask) -> Floats:
    """Load of each firm, 0..1.2, zero where it stands still; higher by day than by night."""
    rng = stream(seed, "load", period.label, len(firms))
    hours = running.shape[1]
    phase = rng.uniform(-2, 2, (len(firms), 1))
    day = 0.12 * np.sin((np.arange(hours)[None] % 24 - 8 + phase) / 24 * 2 * np.pi)
    wave = 0.82 + day + autocorrelated(rng, (len(firms), hours), 0.8, 0.09)
    return np.asarray(np.clip(wave, 0.5, 1.2) * running)


def flow(rng: np.random.Generator, kind: Instrument, load: Floats) -> Floats:
    """Flow that follows the load, zero where there is none."""
    base = rng.uniform(kind.low, kind.high, (len(load), 1))
    noise = 1 + autocorrelated(rng, load.shape, 0.5, kind.swing)
    return np.asarray(np.round(np.maximum(base * load * np.maximum(noise, 0.4), 0), kind.decimals))


def levels(
    rng: np.random.Generator, kind: Instrument, load: Floats, cycle_h: Ints
) -> Floats:  # fmt: skip
    """Levels of a factor, held for ``cycle_h`` hours per station as its analyser does."""
    n, hours = load.shape
    base = rng.uniform(kind.low, kind.high, (n, 1))
    phase = rng.uniform(0, 24, (n, 1))
    day = 1.6 * kind.swing * np.sin((np.arange(hours)[None] + phase) / 24 * 2 * np.pi)
    batch = 0.9 * kind.swing * np.sin((np.arange(hours)[None] + 2.3 * phase) / 10.3 * 2 * np.pi)
    wave = np.exp(day + batch + autocorrelated(rng, (n, hours), 0.72, 0.55 * kind.swing))
    bounded = np.clip(base * wave, 3 * kind.lod, kind.range_high * 0.96)
    value: Floats = np.asarray(np.round(bounded, kind.decimals), dtype=np.float64)
    for cycle in np.unique(cycle_h):
        rows = np.flatnonzero(cycle_h == cycle)
        value[rows] = apart(rng, value[rows, :: int(cycle)], kind.decimals).repeat(
            int(cycle), axis=1
        )[:, :hours]
    return value


def apart(rng: np.random.Generator, value: Floats, decimals: int) -> Floats:
    """Neighbouring readings moved apart where they are closer than the display's noise."""
    digit = float(10.0**-decimals)
    move = rng.integers(4, 12, value.shape) * digit
    out = value.copy()
    for at in range(1, out.shape[1]):
        step = out[:, at] - out[:, at - 1]
        near = np.abs(step) < (LEAST_STEP_DIGITS - 0.5) * digit
        out[:, at] += np.where(near, np.where(step < 0, -move[:, at], move[:, at]), 0)
    return np.asarray(np.round(out, decimals), dtype=np.float64)


def minutes(
    rng: np.random.Generator, kind: Instrument, hourly: Floats, is_held: bool
) -> Floats:  # fmt: skip
    """Six ten-minute values per hour around the hourly one; the same six where it is held."""
    fine = hourly.repeat(6, axis=1)
    if is_held:
        return fine
    n, hours = hourly.shape
    noise = rng.normal(0, 0.45 * kind.swing, (n, hours, 6))
    noise -= noise.mean(axis=2, keepdims=True)
    fine = np.maximum(fine * (1 + noise.reshape(n, hours * 6)), 0)
    moved = apart(rng, np.round(fine, kind.decimals), kind.decimals)
    return np.asarray(np.where(fine > 0, moved, 0.0))
