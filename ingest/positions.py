"""Positions of a row: exchanged pairs put right, datums brought to WGS84, doubts flagged."""

from collections.abc import Iterator

import numpy as np
import polars as pl

from ingest.values import coordinate
from records.contract import Dataset

# Degrees: the country, and the province with its sea.
CHINA_LON, CHINA_LAT = (73.0, 136.0), (3.0, 54.0)
PROVINCE_LON, PROVINCE_LAT = (116.2, 122.5), (30.7, 35.4)
SAME_AS_WGS84 = ("WGS84", "CGCS2000")


def _pairs(dataset: Dataset) -> Iterator[tuple[str, str]]:
    for column in dataset.columns:
        if column.base_type == "coord_lon":
            yield column.name, column.name.replace("lon", "lat")


def read_positions(frame: pl.DataFrame, dataset: Dataset, crs: str) -> pl.DataFrame:
    """Positions in WGS84, and columns of marks for the flags.

    Parameters
    ----------
    crs
        Datum of the source's configuration, for rows that name none.

    Returns
    -------
    polars.DataFrame
        The frame with the columns ``m:<code>:<column>`` (Boolean) for ``out_of_range``,
        ``crs_unknown`` and ``outside_province`` of each longitude.
    """
    for lon_name, lat_name in _pairs(dataset):
        lon, lat = pl.col(lon_name), pl.col(lat_name)
        is_swapped = lon.is_between(*CHINA_LAT) & lat.is_between(*CHINA_LON)
        frame = frame.with_columns(
            pl.when(is_swapped).then(lat).otherwise(lon).alias(lon_name),
            pl.when(is_swapped).then(lon).otherwise(lat).alias(lat_name),
        )
        is_off = (lat.abs() > 90).fill_null(value=False)
        frame = frame.with_columns(is_off.alias(f"m:out_of_range:{lat_name}"))
        frame = frame.with_columns(pl.when(~is_off).then(lat).alias(lat_name))
        frame = _to_wgs84(frame, lon_name, lat_name, crs)
        is_here = lon.is_between(*PROVINCE_LON) & lat.is_between(*PROVINCE_LAT)
        is_filled = lon.is_not_null() & lat.is_not_null()
        frame = frame.with_columns(
            (is_filled & ~is_here).alias(f"m:outside_province:{lon_name}"),
            (is_filled & pl.col("datum").is_null()).alias(f"m:crs_unknown:{lon_name}"),
        ).drop("datum")
    return frame


def _to_wgs84(frame: pl.DataFrame, lon_name: str, lat_name: str, crs: str) -> pl.DataFrame:
    """The pair in WGS84 and the column ``datum``, null where nothing names one."""
    known = (*SAME_AS_WGS84, "GCJ02", "BD09")
    stated = pl.col("crs") if "crs" in frame.columns else pl.lit(None, dtype=pl.String)
    configured = crs if crs in known else None
    datum = pl.coalesce(pl.when(stated.is_in(known)).then(stated), pl.lit(configured))
    frame = frame.with_columns(datum.alias("datum"))
    for name, back in (("GCJ02", coordinate.from_gcj02), ("BD09", coordinate.from_bd09)):
        is_shifted = (
            (frame["datum"] == name) & frame[lon_name].is_not_null() & frame[lat_name].is_not_null()
        ).fill_null(value=False)
        if not is_shifted.any():
            continue
        where = is_shifted.arg_true()
        x, y = back(
            frame[lon_name].gather(where).to_numpy().astype(np.float64),
            frame[lat_name].gather(where).to_numpy().astype(np.float64),
        )
        frame = frame.with_columns(
            frame[lon_name].scatter(where, np.round(x, 7)).alias(lon_name),
            frame[lat_name].scatter(where, np.round(y, 7)).alias(lat_name),
        )
    return frame
