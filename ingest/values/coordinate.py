"""Positions: degrees in any writing, and the shifted Chinese datums back to WGS84.

Source of the shift: the public approximation of GCJ-02; the way back is by iteration and is good
to about a metre.
"""

import re

import numpy as np
from numpy.typing import NDArray

from ingest.values.parsed import Parsed

DMS = re.compile(r"(\d{1,3})\s*[°度]\s*(\d{1,2})\s*['′分]\s*(\d{1,2}(?:\.\d+)?)?\s*[\"″秒]?")
# Larger numbers are degrees times 10^6.
MICRO = 1_000_000
AXIS, FLATTENING = 6378245.0, 0.00669342162296594323
Array = NDArray[np.float64]


def parse_degrees(text: str, limit: float) -> Parsed:
    """Decimal degrees, degrees minutes seconds, or degrees times 10^6, within ±``limit``."""
    found = DMS.match(text)
    if found:
        degrees, minutes, seconds = found.groups()
        value = int(degrees) + int(minutes) / 60 + float(seconds or 0) / 3600
    else:
        try:
            value = float(text)
        except ValueError:
            return Parsed(None, "bad_number")
    if abs(value) > MICRO:
        value /= 1e6
    # A latitude may hold a longitude by mistake: exchanged pairs are put right per row.
    if abs(value) > max(limit, 180.0):
        return Parsed(None, "out_of_range")
    return Parsed(round(value, 7))


def _shift(lon: Array, lat: Array) -> tuple[Array, Array]:
    x, y = lon - 105.0, lat - 35.0
    wave = (20 * np.sin(6 * x * np.pi) + 20 * np.sin(2 * x * np.pi)) * 2 / 3
    d_lat = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * np.sqrt(np.abs(x)) + wave
    d_lat += (20 * np.sin(y * np.pi) + 40 * np.sin(y / 3 * np.pi)) * 2 / 3
    d_lat += (160 * np.sin(y / 12 * np.pi) + 320 * np.sin(y * np.pi / 30)) * 2 / 3
    d_lon = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * np.sqrt(np.abs(x)) + wave
    d_lon += (20 * np.sin(x * np.pi) + 40 * np.sin(x / 3 * np.pi)) * 2 / 3
    d_lon += (150 * np.sin(x / 12 * np.pi) + 300 * np.sin(x / 30 * np.pi)) * 2 / 3
    radians = np.radians(lat)
    curve = 1 - FLATTENING * np.sin(radians) ** 2
    north = d_lat * 180 / (AXIS * (1 - FLATTENING) / (curve * np.sqrt(curve)) * np.pi)
    east = d_lon * 180 / (AXIS / np.sqrt(curve) * np.cos(radians) * np.pi)
    return east, north


def from_gcj02(lon: Array, lat: Array) -> tuple[Array, Array]:
    """WGS84 longitude and latitude in degrees of GCJ-02 positions; arrays of equal shape."""
    x, y = lon.copy(), lat.copy()
    for _ in range(4):
        east, north = _shift(x, y)
        x, y = lon - east, lat - north
    return x, y


def from_bd09(lon: Array, lat: Array) -> tuple[Array, Array]:
    """WGS84 longitude and latitude in degrees of BD-09 positions; arrays of equal shape."""
    x, y = lon - 0.0065, lat - 0.006
    turn = np.pi * 3000 / 180
    radius = np.sqrt(x * x + y * y) - 0.00002 * np.sin(y * turn)
    angle = np.arctan2(y, x) - 0.000003 * np.cos(x * turn)
    return from_gcj02(radius * np.cos(angle), radius * np.sin(angle))
