"""Divisions of the province, and the words that stand for them in names."""

from functools import cache

import numpy as np
import polars as pl

from ingest.simulate.geography import CITY_WEIGHTS
from ingest.simulate.names import bare_region
from ingest.simulate.streams import Ints
from records.contract import read_table

PROVINCE = "江苏"
AREA_CODES = {
    "320100": "025", "320200": "0510", "320300": "0516", "320400": "0519", "320500": "0512",
    "320600": "0513", "320700": "0518", "320800": "0517", "320900": "0515", "321000": "0514",
    "321100": "0511", "321200": "0523", "321300": "0527",
}  # fmt: skip
# How a registered name states its region, and how often by the kind of division.
STYLES = ("none", "province", "province_full", "city", "city_full", "county", "county_full", "both",
          "town")  # fmt: skip
STYLE_ODDS = {
    "county_city": (0.02, 0.07, 0.01, 0.12, 0.02, 0.54, 0.19, 0.03, 0.0),
    "county": (0.02, 0.07, 0.01, 0.10, 0.02, 0.52, 0.23, 0.03, 0.0),
    "district": (0.02, 0.09, 0.01, 0.55, 0.13, 0.09, 0.04, 0.07, 0.0),
    "statistical_zone": (0.02, 0.09, 0.01, 0.60, 0.10, 0.0, 0.18, 0.0, 0.0),
}


@cache
def divisions() -> pl.DataFrame:
    """Counties, districts and zones in order of their code.

    Columns: division_code, county, city_code, city, area_code, level, weight, and one column per
    style of :data:`STYLES` but ``town`` with the words of that style.
    """
    kinds = list(STYLE_ODDS)
    rows = pl.DataFrame(read_table("jiangsu_divisions.csv")).filter(pl.col("level").is_in(kinds))
    county, city = pl.col("county"), pl.col("city")
    return (
        rows.sort("code")
        .select("level", division_code="code", county="name_zh", city_code="parent_code",
                city="parent_name_zh")
        .with_columns(
            area_code=pl.col("city_code").replace_strict(AREA_CODES),
            weight=pl.col("city_code").replace_strict(CITY_WEIGHTS, return_dtype=pl.Float64)
            / pl.len().over("city_code"),
            none=pl.lit(""), province=pl.lit(PROVINCE), province_full=pl.lit(PROVINCE + "省"),
            city_full="city", county_full="county",
        )
        .with_columns(city=bare_region(city), county=bare_region(county))
        .with_columns(
            county=pl.when(pl.col("level") == "statistical_zone").then("county_full")
            .otherwise("county")
        )
        .with_columns(
            both=pl.when(pl.col("level") == "district").then(city + pl.col("county_full"))
            .otherwise(pl.col("city_full") + pl.col("county_full"))
        )
    )  # fmt: skip


def city_numbers(division: Ints) -> Ints:
    """Number of the city of each division (place in :func:`divisions`)."""
    cities = divisions()["city_code"].cast(pl.Int64).to_numpy() // 100
    return np.asarray(cities[division], dtype=np.int64)


def draw_divisions(rng: np.random.Generator, n: int) -> Ints:
    """Places in :func:`divisions`, by the weight of their city."""
    odds = divisions()["weight"].to_numpy()
    return rng.choice(len(odds), n, p=odds / odds.sum()).astype(np.int64)


def elsewhere(rng: np.random.Generator, division: Ints, other_city: bool) -> Ints:
    """Another division per entry: of another city, or of the same one."""
    cities = city_numbers(np.arange(divisions().height))
    far = cities[:, None] != cities[None, :]
    allowed = far if other_city else ~far & ~np.eye(len(cities), dtype=bool)
    edges = np.cumsum(allowed * divisions()["weight"].to_numpy(), axis=1)
    draw = rng.random(len(division)) * edges[division, -1]
    found = np.empty(len(division), dtype=np.int64)
    for place in np.unique(division):
        rows = division == place
        found[rows] = np.searchsorted(edges[place], draw[rows], side="right")
    return found


def draw_styles(rng: np.random.Generator, division: Ints) -> Ints:
    """Places in :data:`STYLES`, by the kind of each division."""
    odds = np.array([STYLE_ODDS[level] for level in divisions()["level"]])
    edges = np.cumsum(odds, axis=1)
    draw = rng.random(len(division)) * edges[division, -1]
    return np.asarray((draw[:, None] >= edges[division]).sum(axis=1), dtype=np.int64)


def region_words(division: Ints, style: Ints, town: pl.Series) -> pl.Series:
    """Region of a name in the style of each entry."""
    table = divisions()
    at = pl.Series(division)
    frame = pl.DataFrame({"style": style, "town": town})
    words = pl.lit("")
    for number, name in enumerate(STYLES):
        value = table["county_full"].gather(at) + town if name == "town" else table[name].gather(at)
        words = pl.when(pl.col("style") == number).then(value).otherwise(words)
    return frame.select(words).to_series()
