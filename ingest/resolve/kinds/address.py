"""Addresses: normal form, district and city; near ones when the numbers in them are equal.

Two different door numbers are never one address, nor are a door and a room behind it, nor the same
street and number in two districts. What may differ is what comes before the street: 枫桥街道振兴路
88号 is 振兴路88号 of the same city, if no other 振兴路88号 is known there. One wrong character in
the street joins two spellings only when one holder states both.
"""

import numpy as np
import polars as pl

from ingest.resolve.block import Key
from ingest.resolve.cluster import Ints
from ingest.resolve.fields import CLOSE, compare_fields, pack_fields
from ingest.resolve.frame import Attribute, Kind, Levels, Mask, Pairs, Rule
from ingest.resolve.kinds.agreement import DIFFER, EQUAL, TEXT_LEVELS, equality
from ingest.resolve.normalise import clean_column, parse_addresses
from ingest.resolve.regions import city_of

CAP = 60
# Characters before the first number that two spellings of a street share.
STREET_END = 2
# Codes from here on are development zones, which lie across districts.
FIRST_ZONE = 70
TEXT, NUMBERS, CITY, HOLDER = range(4)
CONTAINED, TEXT_EQUAL = 4, 5
ATTRIBUTES = (
    Attribute(
        "text",
        "地址",
        {
            "none": "缺失",
            "differ": "不同",
            "similar": "相似",
            "close": "相近",
            "contained": "一方是另一方的后段",
            "equal": "相同",
        },
        "place",
        "address",
    ),
    Attribute("numbers", "门牌、楼栋、房号", TEXT_LEVELS, "numbers", "address"),
    Attribute("city", "城市", TEXT_LEVELS, "city", "division"),
    Attribute(
        "holder", "使用者", {"none": "无共同使用者", "shared": "有共同使用者"}, "holder", "owner"
    ),
)


def parsed(frame: pl.DataFrame, column: str) -> pl.DataFrame:
    """``frame`` with ``place`` (normal form, null: no address), ``city``, ``district``.

    City and district are codes, empty where unknown; a district is one that the text states.
    """
    clean = clean_column(frame[column])
    parts = parse_addresses(clean)
    cities = pl.DataFrame({"place_region": parts["place_region"].unique().sort()})
    cities = cities.with_columns(
        stated_city=pl.col("place_region").map_elements(city_of, return_dtype=pl.String)
    )
    found = (
        frame.with_columns(clean=clean)
        .join(parts, on="clean", how="left", maintain_order="left")
        .join(cities, on="place_region", how="left", maintain_order="left")
    )
    delivered = pl.when(~pl.col("division").str.ends_with("0000")).then(
        pl.col("division").str.slice(0, 4)
    )
    stated = pl.when(pl.col("stated_city") != "").then("stated_city")
    last = pl.col("place_region").str.extract(r"^\d{4}(\d\d)$", 1).cast(pl.Int32)
    is_district = (last > 0) & (last < FIRST_ZONE)
    return found.with_columns(
        place=pl.when(pl.col("place") != "").then("place"),
        city=pl.coalesce(stated, delivered, pl.lit("")),
        district=pl.when(is_district).then("place_region").otherwise(pl.lit("")),
    ).drop("clean", "place_region", "stated_city", strict=False)


def address_key() -> pl.Expr:
    """City and normal form as one text, null where there is no address."""
    return pl.col("city") + "|" + pl.col("place")


def address_records(records: pl.DataFrame, held: pl.DataFrame) -> pl.DataFrame:
    """Records as the frame wants them: an address of a known district is an identity.

    Parameters
    ----------
    held
        ``record`` and ``owner_id``, the holders of each record; nulls are none.
    """
    holders = (
        held.drop_nulls()
        .group_by("record")
        .agg(holders=pl.col("owner_id").unique().sort(), holder=pl.col("owner_id").min())
    )
    whole = pl.when(pl.col("district") != "").then(address_key() + "|" + pl.col("district"))
    return records.join(holders, on="record", how="left", maintain_order="left").with_columns(
        tie=whole,
        identity=whole,
        numbers=pl.col("place").str.extract_all(r"\d+").list.join("|"),
        street=pl.col("place").str.extract(rf"(\D{{{STREET_END}}})\d", 1),
        holders=pl.col("holders").fill_null([]),
    )


def keys(records: pl.DataFrame) -> list[Key]:
    """Equal numbers behind the same end of a street or at one holder, and equal texts."""
    number = records["record"].to_numpy()
    behind = records.select(
        pl.when(pl.col("numbers") != "").then(pl.col("street") + "|" + pl.col("numbers"))
    ).to_series()
    held = (
        records.filter(pl.col("numbers") != "")
        .select("record", "numbers", "holders")
        .explode("holders", empty_as_null=True, keep_nulls=True)
        .filter(pl.col("holders").is_not_null())
    )
    return [
        Key("street and numbers", number, behind, CAP),
        Key("text", number, records["place"], CAP),
        Key(
            "holder and numbers",
            held["record"].to_numpy(),
            held["holders"] + "|" + held["numbers"],
            CAP,
        ),
    ]


def compare(records: pl.DataFrame, a: Ints, b: Ints) -> Levels:
    """Levels of each pair, in the order of :data:`ATTRIBUTES`."""
    levels = np.zeros((len(a), len(ATTRIBUTES)), np.int8)
    text = compare_fields(pack_fields(records, ("place",)), a, b)[:, 0]
    levels[:, TEXT] = np.minimum(text, CLOSE)
    levels[_is_end(records, a, b) | _is_end(records, b, a), TEXT] = CONTAINED
    levels[equality(records["place"], a, b) == EQUAL, TEXT] = TEXT_EQUAL
    levels[:, NUMBERS] = equality(records["numbers"], a, b)
    levels[:, CITY] = equality(records["city"], a, b)
    one, two = records["holders"].gather(a), records["holders"].gather(b)
    levels[:, HOLDER] = (one.list.set_intersection(two).list.len() > 0).to_numpy()
    return levels


def _is_end(records: pl.DataFrame, a: Ints, b: Ints) -> Mask:
    """Whether the text of ``b`` stands at the end of the text of ``a``."""
    pair = pl.DataFrame({"a": records["place"].gather(a), "b": records["place"].gather(b)})
    found: Mask = pair.select(pl.col("a").str.ends_with(pl.col("b"))).to_series().to_numpy()
    return found


def _is_other_city(pairs: Pairs) -> Mask:
    found: Mask = pairs.levels[:, CITY] == DIFFER
    return found


def _is_street_of_others(pairs: Pairs) -> Mask:
    """Only close, and not of one holder: 东振兴路 and 西振兴路 are two streets."""
    levels = pairs.levels
    found: Mask = (levels[:, TEXT] <= CLOSE) & (levels[:, HOLDER] == 0)
    return found


def _is_end_of_several(pairs: Pairs) -> Mask:
    """The shorter text stands at the end of two addresses or more and could be any of them."""
    places = pairs.records["place"].str.len_chars()
    is_shorter = (places.gather(pairs.a) < places.gather(pairs.b)).to_numpy()
    ends = pl.DataFrame(
        {
            "short": np.where(is_shorter, pairs.a, pairs.b),
            "long": pairs.records["place"].gather(np.where(is_shorter, pairs.b, pairs.a)),
            "is_end": pairs.levels[:, TEXT] == CONTAINED,
        }
    )
    several = (
        ends.filter("is_end")
        .group_by("short")
        .agg(pl.col("long").n_unique())
        .filter(pl.col("long") > 1)["short"]
    )
    found: Mask = (ends["is_end"] & ends["short"].is_in(several.implode())).to_numpy()
    return found


ADDRESS = Kind(
    name="address",
    title="text",
    columns=("place", "city", "district"),
    attributes=ATTRIBUTES,
    keys=keys,
    compare=compare,
    rules=(
        Rule("refused_other_city", "城市不同，拒绝归并", _is_other_city),
        Rule("refused_other_street", "路名不尽相同且使用者不同，拒绝归并", _is_street_of_others),
        Rule("refused_several_streets", "同时是几个地址的后段，无法确定", _is_end_of_several),
    ),
)
