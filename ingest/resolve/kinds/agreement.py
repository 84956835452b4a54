"""Levels of one attribute over all pairs at once, for the kinds that :mod:`frame` resolves."""

import numpy as np
import polars as pl
from numba import njit, prange
from numpy.typing import NDArray

from ingest.resolve.cluster import Ints
from ingest.resolve.compare import numbered
from ingest.resolve.distance import Points, edit_distance
from ingest.resolve.frame import Levels, Mask
from ingest.resolve.identifiers import pack

NONE, DIFFER, EQUAL = 0, 1, 2
TEXT_LEVELS = {"none": "缺失", "differ": "不同", "equal": "相同"}
EARTH_RADIUS_M = 6_371_000.0


def equality(values: pl.Series, a: Ints, b: Ints) -> Levels:
    """0 where a side is null or empty, 1 where they differ, 2 where they are equal."""
    number, _ = numbered(values.cast(pl.String).fill_null(""))
    x, y = number[a], number[b]
    return np.where((x < 0) | (y < 0), NONE, np.where(x == y, EQUAL, DIFFER)).astype(np.int8)


@njit(parallel=True, cache=True)
def _one_apart(x: Ints, y: Ints, points: Points, length: Ints) -> Mask:
    found = np.zeros(x.size, np.bool_)
    for k in prange(x.size):
        if x[k] >= 0 and y[k] >= 0 and x[k] != y[k]:
            edits = edit_distance(points[x[k]], length[x[k]], points[y[k]], length[y[k]])
            found[k] = edits == 1
    return found


def is_one_apart(values: pl.Series, a: Ints, b: Ints, width: int) -> Mask:
    """Whether both texts are filled, differ, and one edit makes them equal; cut at ``width``."""
    number, distinct = numbered(values.fill_null(""))
    points = pack(distinct, width) if len(distinct) else np.zeros((1, width), np.uint32)
    length = (points != 0).sum(axis=1).astype(np.int64)
    found: Mask = _one_apart(number[a], number[b], points, length)
    return found


def distance_m(lon: pl.Series, lat: pl.Series, a: Ints, b: Ints) -> NDArray[np.float64]:
    """Great-circle distance of each pair in metres, NaN where a side has no position."""
    east, north = np.radians(lon.to_numpy()), np.radians(lat.to_numpy())
    half = np.sin((north[b] - north[a]) / 2) ** 2
    half += np.cos(north[a]) * np.cos(north[b]) * np.sin((east[b] - east[a]) / 2) ** 2
    return np.asarray(2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(half)))
