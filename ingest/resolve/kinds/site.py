"""Sites: an organisation's places, told apart by distance; stores, dumps and places by number.

Only places of one owner are compared. One stands for another when they are at most 300 m apart or
state one address; a mention that states neither position nor address means the owner's only place.
"""

import numpy as np
import polars as pl

from ingest.resolve.block import Key
from ingest.resolve.cluster import Ints
from ingest.resolve.frame import Attribute, Kind, Levels
from ingest.resolve.kinds.agreement import TEXT_LEVELS, distance_m, equality

# Sites delivered with a number of their own; the others are places of an organisation.
NUMBERED = ("store", "dump", "place")
# An owner's mentions compared pairwise; more are told apart by number and address only.
OWNER_CAP = 500
AT_M, NEAR_M, AROUND_M = 50.0, 300.0, 1_000.0
NUMBER, DISTANCE, ADDRESS_, UNPLACED = range(4)
ATTRIBUTES = (
    Attribute("number", "编号", TEXT_LEVELS, "number", "code"),
    Attribute(
        "distance",
        "相距",
        {
            "none": "缺坐标",
            "far": "1 公里以上",
            "around": "1 公里以内",
            "near": "300 米以内",
            "at": "50 米以内",
        },
        "position",
        "position",
    ),
    Attribute("address", "地址", TEXT_LEVELS, "address_key", "address"),
    Attribute(
        "unplaced",
        "无坐标无地址",
        {"none": "至少一方有", "both": "双方都没有"},
        "owner_id",
        "owner",
    ),
)
COLUMNS = ("owner_id", "number", "address_key", "lon", "lat")


def prepare(tuples: pl.DataFrame) -> pl.DataFrame:
    """``tuples`` with ``number``: kind, owner and code of sites that have numbers, else null.

    Needs ``site_kind``, ``address_key`` and ``owner_id``.
    """
    is_numbered = pl.col("site_kind").is_in(list(NUMBERED)) & (pl.col("code") != "")
    return tuples.with_columns(
        number=pl.when(is_numbered).then(
            pl.concat_str(["site_kind", pl.col("owner_id").fill_null(""), "code"], separator="|")
        )
    )


def site_records(records: pl.DataFrame) -> pl.DataFrame:
    """Records as the frame wants them: a number is tie and identity."""
    is_placed = pl.col("lon").is_not_null() & pl.col("lat").is_not_null()
    return records.with_columns(
        tie="number",
        identity="number",
        is_unplaced=~is_placed & pl.col("address_key").is_null(),
        position=pl.when(is_placed).then(
            pl.col("lon").cast(pl.String) + "," + pl.col("lat").cast(pl.String)
        ),
    )


def keys(records: pl.DataFrame) -> list[Key]:
    """Places without numbers of one owner; by address also where an owner has too many."""
    number = records["record"].to_numpy()
    own = pl.when(pl.col("number").is_null()).then(pl.col("owner_id"))
    values = records.select(owner=own, at=own + "|" + pl.col("address_key"))
    return [
        Key("owner", number, values["owner"], OWNER_CAP),
        Key("owner and address", number, values["at"], OWNER_CAP),
    ]


def compare(records: pl.DataFrame, a: Ints, b: Ints) -> Levels:
    """Levels of each pair, in the order of :data:`ATTRIBUTES`."""
    levels = np.zeros((len(a), len(ATTRIBUTES)), np.int8)
    levels[:, NUMBER] = equality(records["number"], a, b)
    apart = distance_m(records["lon"], records["lat"], a, b)
    for limit in (np.inf, AROUND_M, NEAR_M, AT_M):
        levels[apart <= limit, DISTANCE] += 1
    levels[:, ADDRESS_] = equality(records["address_key"], a, b)
    blank = records["is_unplaced"].to_numpy()
    levels[:, UNPLACED] = blank[a] & blank[b]
    return levels


SITE = Kind(
    name="site", title="address", columns=COLUMNS, attributes=ATTRIBUTES, keys=keys, compare=compare
)


def is_known(frame: pl.DataFrame) -> pl.Series:
    """Without owner or number a place cannot be told from others."""
    return frame.select(
        pl.col("owner_id").is_not_null() | pl.col("number").is_not_null()
    ).to_series()
