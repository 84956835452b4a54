"""Sites: an organisation's places, told apart by distance; stores, dumps and places by number."""

import numpy as np
import polars as pl
from numba import njit
from numpy.typing import NDArray

from ingest.resolve.cluster import Edges, cluster
from ingest.resolve.kinds.keyed import joined, star_edges

SAME_SITE_M = 300.0
EARTH_RADIUS_M = 6_371_000.0
# Sites delivered with a number of their own; the others are places of an organisation.
NUMBERED = ("store", "dump", "place")
# An organisation's mentions compared pairwise; more are told apart by address only.
OWNER_CAP = 500
ADDRESS_BITS, DISTANCE_BITS = 10.0, 6.0


@njit(cache=True)
def _near_pairs(
    owner: NDArray[np.int64],
    lon: NDArray[np.float64],
    lat: NDArray[np.float64],
    limit_m: float,
    cap: int,
) -> NDArray[np.int64]:
    """Pairs of positions (in radians, sorted by owner) of one owner at most ``limit_m`` apart."""
    found = []
    begin = 0
    n = owner.size
    while begin < n:
        end = begin
        while end < n and owner[end] == owner[begin]:
            end += 1
        if end - begin <= cap:
            for i in range(begin, end):
                for j in range(i + 1, end):
                    north = np.sin((lat[j] - lat[i]) / 2) ** 2
                    east = np.sin((lon[j] - lon[i]) / 2) ** 2
                    arc = north + np.cos(lat[i]) * np.cos(lat[j]) * east
                    if 2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(arc)) <= limit_m:
                        found.append((i, j))
        begin = end
    pairs = np.empty((len(found), 2), np.int64)
    for k in range(len(found)):
        pairs[k, 0], pairs[k, 1] = found[k]
    return pairs


def _near_edges(frame: pl.DataFrame) -> Edges:
    placed = frame.filter(
        pl.col("owner").is_not_null() & pl.col("lon").is_not_null() & pl.col("lat").is_not_null()
    ).sort("owner", "record")
    pairs = _near_pairs(
        placed["owner"].cast(pl.Int64).to_numpy().copy(),
        np.radians(placed["lon"].to_numpy()),
        np.radians(placed["lat"].to_numpy()),
        SAME_SITE_M,
        OWNER_CAP,
    )
    record = placed["record"].cast(pl.Int64).to_numpy()
    first, second = record[pairs[:, 0]], record[pairs[:, 1]]
    low, high = np.minimum(first, second), np.maximum(first, second)
    return Edges(low, high, np.full(len(low), DISTANCE_BITS))


def site_roots(frame: pl.DataFrame) -> NDArray[np.int64]:
    """Cluster root per mention tuple.

    Parameters
    ----------
    frame
        ``site_kind``, ``dataset``, ``code``, ``address_key`` (null: none), ``owner``, ``lon``,
        ``lat`` per tuple.
    """
    frame = frame.with_columns(record=pl.int_range(pl.len()))
    is_numbered = pl.col("site_kind").is_in(list(NUMBERED)) & (pl.col("code") != "")
    own = pl.col("owner").cast(pl.String)
    number = frame.select(
        pl.when(is_numbered).then(
            pl.concat_str([pl.col("site_kind"), own.fill_null(""), pl.col("code")], separator="|")
        )
    ).to_series()
    open_ = frame.filter(~is_numbered)
    at_address = open_.select(own + "|" + pl.col("address_key")).to_series()
    # A mention without position and address means the only place that its owner has.
    blank = pl.col("lon").is_null() & pl.col("address_key").is_null()
    nowhere = open_.filter(blank).select("record", key=own)
    edges = [
        star_edges(frame["record"], number, ADDRESS_BITS),
        star_edges(open_["record"], at_address, ADDRESS_BITS),
        _near_edges(open_),
        star_edges(nowhere["record"], nowhere["key"], DISTANCE_BITS),
    ]
    none = np.full(frame.height, -1, np.int64)
    nothing = (np.empty(0, np.int64), np.empty(0, np.int64))
    return cluster(frame.height, joined(edges), 0.0, none, none, nothing).root
