"""Where things lie: counties with a made-up centre near their city, distances, roads."""

from functools import cache

import numpy as np
import polars as pl

from ingest.simulate.streams import Floats
from records.contract import read_table

# Rough positions of the cities; counties are spread around them, no survey is meant.
CITY_CENTRES: dict[str, tuple[float, float]] = {
    "320100": (118.80, 32.06), "320200": (120.31, 31.49), "320300": (117.28, 34.21),
    "320400": (119.97, 31.81), "320500": (120.72, 31.35), "320600": (120.89, 32.12),
    "320700": (119.10, 34.52), "320800": (119.02, 33.51), "320900": (120.05, 33.40),
    "321000": (119.41, 32.55), "321100": (119.43, 32.08), "321200": (119.98, 32.50),
    "321300": (118.35, 33.86),
}  # fmt: skip
ROAD_FACTOR = 1.25
# Chemical and metal trades crowd in the south and along the coast.
CITY_WEIGHTS = {
    "320100": 9, "320200": 12, "320300": 5, "320400": 10, "320500": 20, "320600": 12,
    "320700": 4, "320800": 4, "320900": 6, "321000": 6, "321100": 5, "321200": 7,
    "321300": 3,
}  # fmt: skip


@cache
def counties() -> pl.DataFrame:
    """Counties: division_code, county, city_code, city, letter, lon, lat, weight."""
    rows = [
        r for r in read_table("jiangsu_divisions.csv") if r["level"] in ("county", "county_city",
                                                                        "district")
    ]  # fmt: skip
    frame = pl.DataFrame(
        {
            "division_code": [r["code"] for r in rows],
            "county": [r["name_zh"] for r in rows],
            "city_code": [r["parent_code"] for r in rows],
            "city": [r["parent_name_zh"] for r in rows],
            "letter": [r["plate_prefix"][-1] for r in rows],
        }
    )
    rank = frame.select(pl.int_range(pl.len()).over("city_code")).to_series().to_numpy()
    angle = rank * 2.399963  # golden angle: no two counties of a city lie on one ray
    radius = 0.05 + 0.06 * np.sqrt(rank)
    centre = np.array([CITY_CENTRES[c] for c in frame["city_code"]])
    weights = np.array([CITY_WEIGHTS[c] for c in frame["city_code"]], dtype=float)
    per_city = frame.select(pl.len().over("city_code")).to_series().to_numpy()
    return frame.with_columns(
        lon=pl.Series(np.round(centre[:, 0] + radius * 1.15 * np.cos(angle), 5)),
        lat=pl.Series(np.round(centre[:, 1] + radius * np.sin(angle), 5)),
        weight=pl.Series(weights / per_city),
    )


def distance_km(lon_a: Floats, lat_a: Floats, lon_b: Floats, lat_b: Floats) -> Floats:
    """Straight distance in km on a sphere flattened at the province's latitude."""
    dx = (lon_b - lon_a) * 111.32 * np.cos(np.radians(32.9))
    dy = (lat_b - lat_a) * 110.85
    return np.asarray(np.hypot(dx, dy), dtype=np.float64)


def road_km(lon_a: Floats, lat_a: Floats, lon_b: Floats, lat_b: Floats) -> Floats:
    """Length of a road trip in km, at least 3."""
    return np.maximum(3.0, distance_km(lon_a, lat_a, lon_b, lat_b) * ROAD_FACTOR)
