"""Phones: one number however it is written; a local number belongs to its holder's city.

A number of a fixed line may lack its area code. Where the city of its holder is known it is the
full number of that city; where it is not, it stays a number of its own, because the same eight
digits are somebody else's two cities on. Extensions behind a switchboard are the switchboard.
Source of the area codes (``data/area_codes.csv``): the national numbering plan, one line per
prefecture of the province and its neighbours.
"""

from functools import cache

import numpy as np
import polars as pl

from ingest.resolve.block import Key
from ingest.resolve.cluster import Ints
from ingest.resolve.extract import read_shipped
from ingest.resolve.frame import Attribute, Kind, Levels
from ingest.resolve.kinds.agreement import DIFFER, EQUAL, TEXT_LEVELS, equality
from ingest.resolve.normalise import phone_column

# A number of more holders than this is an agent's or a hotline (RULINGS 15).
MOST_HOLDERS = 20
LOCAL_CAP = 200
NUMBER, AREA = range(2)
LOCAL_ONLY, WHOLE = 2, 3
FIXED_LINE = r"^(010|02\d|0[3-9]\d\d)([2-9]\d{6,7})$"
LOCAL_LINE = r"^[2-9]\d{6,7}$"
ABROAD_FORM = r"^[^\d+]*(?:\+|00)?86[\s\-()]*([2-9](?:[\s\-()]*\d){8,})"
EXTENSION = r"^(\(?0\d{2,3}\)?[\s\-]?\d{7,8}|\d{7,8})[\-*#]\d{1,5}$"
ATTRIBUTES = (
    Attribute(
        "number",
        "号码",
        {"none": "缺失", "differ": "不同", "local": "一方缺区号，其余相同", "equal": "相同"},
        "number",
        "code",
    ),
    Attribute("area", "区号", TEXT_LEVELS, "area", "code"),
)


@cache
def _area_codes() -> tuple[dict[str, str], str]:
    """Area code by division prefix, and a pattern of the codes without their zero."""
    by_division = {r["division_prefix"]: r["area_code"] for r in read_shipped("area_codes.csv")}
    return by_division, "|".join(sorted({code[1:] for code in by_division.values()}))


def phone_numbers(phones: pl.Series) -> pl.Series:
    """Digits of each phone with the zero of its area code; empty for masked and short ones.

    ``+86 512 6666 8888``, ``(512)66668888`` and ``0512-66668888-801`` are ``051266668888``.
    """
    texts = phones.fill_null("").str.strip_chars().str.replace(ABROAD_FORM, "0$1")
    digits = phone_column(texts.str.replace(EXTENSION, "$1"))
    return digits.str.replace(rf"^((?:{_area_codes()[1]})\d{{7,8}})$", "0$1")


def prepare(tuples: pl.DataFrame, divisions: pl.Series) -> pl.DataFrame:
    """``tuples`` with ``number``, ``local`` (without area code) and ``area`` (empty: unknown).

    Parameters
    ----------
    divisions
        Division code of each tuple's holder, empty or null where it is not known.
    """
    codes, _ = _area_codes()
    areas = divisions.fill_null("").str.slice(0, 4).replace_strict(codes, default=None)
    broad = divisions.fill_null("").str.slice(0, 2).replace_strict(codes, default="")
    frame = tuples.with_columns(number=phone_numbers(tuples["code"]))
    is_local = pl.col("number").str.contains(LOCAL_LINE)
    return frame.with_columns(
        local=pl.when(is_local)
        .then("number")
        .otherwise(pl.coalesce(pl.col("number").str.extract(FIXED_LINE, 2), pl.lit(""))),
        area=pl.when(is_local)
        .then(pl.coalesce(areas, broad))
        .otherwise(pl.coalesce(pl.col("number").str.extract(FIXED_LINE, 1), pl.lit(""))),
    )


def phone_records(records: pl.DataFrame) -> pl.DataFrame:
    """Records as the frame wants them: a number with its area code is tie and identity."""
    whole = (
        pl.when(pl.col("local") == "")
        .then("number")
        .when(pl.col("area") != "")
        .then(pl.col("area") + pl.col("local"))
    )
    return records.with_columns(tie=whole, identity=whole)


def whole_numbers(records: pl.DataFrame, root: pl.Series) -> pl.Series:
    """The number of each record's entity, with area code where any of its records knows it."""
    return records.select(
        pl.coalesce(pl.col("identity").min().over(root), "number").alias("number")
    ).to_series()


def keys(records: pl.DataFrame) -> list[Key]:
    """Numbers are compared that are equal without their area codes."""
    local = records.select(pl.when(pl.col("local") != "").then("local")).to_series()
    return [Key("local number", records["record"].to_numpy(), local, LOCAL_CAP)]


def compare(records: pl.DataFrame, a: Ints, b: Ints) -> Levels:
    """Levels of each pair, in the order of :data:`ATTRIBUTES`."""
    levels = np.zeros((len(a), len(ATTRIBUTES)), np.int8)
    levels[:, NUMBER] = equality(records["number"], a, b)
    levels[levels[:, NUMBER] == EQUAL, NUMBER] = WHOLE
    is_local = equality(records["local"], a, b) == EQUAL
    levels[is_local & (levels[:, NUMBER] == DIFFER), NUMBER] = LOCAL_ONLY
    levels[:, AREA] = equality(records["area"], a, b)
    return levels


def hub_notes(frame: pl.DataFrame) -> tuple[str, ...]:
    """How many numbers have more holders than an identifier of one holder may have."""
    held = frame.filter(pl.col("number") != "").group_by("number").agg(pl.col("owner").n_unique())
    hubs = sorted(held.filter(pl.col("owner") > MOST_HOLDERS)["owner"].to_list())
    if not hubs:
        return ()
    return (
        f"phone: {len(hubs)} numbers of more than {MOST_HOLDERS} holders are evidence of"
        f" nothing, the largest has {hubs[-1]}",
    )


PHONE = Kind(
    name="phone",
    title="number",
    columns=("number", "local", "area"),
    attributes=ATTRIBUTES,
    keys=keys,
    compare=compare,
)
