"""Vehicles: plate and plate kind (RULINGS 20); camera misreads go to the one plate they can mean.

Colour is evidence for the kind. An unknown kind matches any except a trailer; where a plate is
known under several kinds, a mention without kind or telling colour stays a vehicle of its own. A
plate that a document states is never moved. A plate that only cameras saw goes to a documented one
if it is the only one that it can be, and neither kind nor colour contradicts. Where cameras read
both plates often, both are on the road, and neither is a misreading of the other.
"""

import numpy as np
import polars as pl

from ingest.resolve.block import Key
from ingest.resolve.cluster import Ints
from ingest.resolve.frame import Attribute, Kind, Levels, Mask, Pairs, Rule
from ingest.resolve.kinds.agreement import EQUAL, TEXT_LEVELS, equality

TRAILER_KIND = "15"
UNREAD = "UNREAD"
CAMERAS = ("gate_pass", "checkpoint_pass", "toll_trip")
# Characters that cameras take for each other, as one representative.
MISREAD_FROM = ["B", "D", "Q", "O", "Z", "I", "S"]
MISREAD_TO = ["8", "0", "0", "0", "2", "1", "5"]
KINDS_BY_COLOUR = {
    "黄": ("01", "15", "16", "51"),
    "蓝": ("02",),
    "绿": ("52", "51"),
    "白": ("23",),
}
NORMAL = r"^[\p{Han}][A-Z][A-Z0-9]{3,6}[挂学警港澳]?$"
# Province and city letter; cameras read them from their own place.
HEAD = 2
LONGEST = 8
LOOK_CAP = 200
# Plates that agree in all but one place: of more than these none is meant.
PLACE_CAP = 25
PLATE, PLATE_KIND, COLOUR, READS = range(4)
# A misreading is read this often, or in this share of the right plate's readings, at most.
FEW_READS, FEW_SHARE = 2, 0.1
SELDOM, BOTH_OFTEN = 1, 2
ONE_APART, LOOKS_ALIKE, PLATE_EQUAL = 2, 3, 4
CONTRADICTS, FITS = 1, 2
ATTRIBUTES = (
    Attribute(
        "plate",
        "号牌",
        {
            "none": "缺失",
            "differ": "不同",
            "one_apart": "差一位",
            "misread": "易混字符外相同",
            "equal": "相同",
        },
        "plate",
        "code",
    ),
    Attribute("plate_kind", "号牌种类", TEXT_LEVELS, "kind", "plate_kind"),
    Attribute(
        "colour",
        "颜色",
        {"none": "缺失", "contradicts": "与种类或对方颜色不符", "fits": "相符"},
        "tint",
        "colour",
    ),
    Attribute(
        "reads",
        "卡口读到的次数",
        {"none": "无从比较", "seldom": "一方远少于另一方", "often": "双方都常见"},
        "reads",
        "code",
    ),
)


def _kinds(frame: pl.DataFrame) -> pl.DataFrame:
    """Kind per mention: delivered, trailer by role or last character, else by colour."""
    is_trailer = pl.col("is_trailer") | pl.col("plate").str.ends_with("挂")
    frame = frame.with_columns(
        kind=pl.when(is_trailer)
        .then(pl.lit(TRAILER_KIND))
        .when(~pl.col("plate_kind").is_in(["", "99"]))
        .then(pl.col("plate_kind"))
    )
    known = (
        frame.filter(pl.col("kind").is_not_null() & (pl.col("kind") != TRAILER_KIND))
        .select("plate", found="kind")
        .unique()
    )
    by_colour = (
        known.join(_colours(), on="found")
        .group_by("plate", "tint")
        .agg(pl.col("found").min(), n=pl.len())
        .filter(pl.col("n") == 1)
        .select("plate", "tint", by_colour="found")
    )
    single = known.group_by("plate").agg(
        only=pl.when(pl.len() == 1).then(pl.col("found").min()).otherwise(pl.lit("several"))
    )
    return (
        frame.join(single, on="plate", how="left", maintain_order="left")
        .join(by_colour, on=["plate", "tint"], how="left", maintain_order="left")
        .with_columns(
            kind=pl.coalesce(
                "kind",
                pl.when(pl.col("only") == "several").then(pl.col("by_colour")),
                pl.when(pl.col("only") != "several").then(pl.col("only")),
                pl.lit(""),
            )
        )
        .drop("only", "by_colour")
    )


def _colours() -> pl.DataFrame:
    return pl.DataFrame(
        [(c, k) for c, kinds in KINDS_BY_COLOUR.items() for k in kinds],
        schema={"tint": pl.String, "found": pl.String},
        orient="row",
    )


def prepare(tuples: pl.DataFrame) -> pl.DataFrame:
    """``tuples`` with ``plate`` (null where unread or no plate), ``kind``, ``tint``.

    Empty texts stand for what is not known; ``is_documented`` says whether the plate stands in any
    row that no camera wrote, ``reads`` how many rows of cameras have it. Needs ``dataset``,
    ``role`` and ``rows``.
    """
    code = pl.col("code").str.to_uppercase().str.replace_all(r"[\s·•.\-]", "")
    frame = tuples.with_columns(
        is_camera=pl.col("dataset").is_in(list(CAMERAS)),
        is_trailer=pl.col("role") == "trailer",
        plate=pl.when((code != UNREAD) & code.str.contains(NORMAL)).then(code),
        tint=pl.coalesce(pl.col("colour").str.extract("([黄蓝绿白])"), pl.lit("")),
    ).with_columns(
        is_documented=(~pl.col("is_camera")).any().over("plate"),
        reads=pl.col("rows").filter("is_camera").sum().over("plate"),
    )
    return _kinds(frame)


def vehicle_records(records: pl.DataFrame) -> pl.DataFrame:
    """Records as the frame wants them: a plate and its kind tie; documented ones are identities."""
    whole = pl.col("plate") + "|" + pl.col("kind")
    return records.with_columns(
        tie=whole,
        identity=pl.when("is_documented").then(whole),
        look=pl.col("plate").str.slice(0, HEAD)
        + pl.col("plate").str.slice(HEAD).str.replace_many(MISREAD_FROM, MISREAD_TO),
    )


def as_meant(tuples: pl.DataFrame) -> pl.DataFrame:
    """``tuples`` with the plate and kind of their entity: those documented, if any are."""
    ranked = pl.struct(~pl.col("is_documented"), "plate")
    meant = tuples.group_by("entity").agg(
        plate=pl.col("plate").sort_by(ranked).first(), kind=pl.col("kind").max()
    )
    return tuples.drop("plate", "kind").join(meant, on="entity", how="left", maintain_order="left")


def keys(records: pl.DataFrame) -> list[Key]:
    """Plates that look alike, and plates that agree in all places but one.

    A plate that only cameras saw is compared with documented ones, not with others of its like.
    """
    holes = pl.concat(
        [
            records.filter(pl.col("plate").str.len_chars() > place).select(
                "record",
                "is_documented",
                value=pl.col("plate").str.slice(0, place)
                + "_"
                + pl.col("plate").str.slice(place + 1),
            )
            for place in range(HEAD, LONGEST)
        ]
    )
    looks = records.select("record", "is_documented", value="look")
    return [
        _key("plate, misread", looks, LOOK_CAP),
        _key("plate, one place", holes, PLACE_CAP),
    ]


def _key(name: str, values: pl.DataFrame, cap: int) -> Key:
    """Key of the values that a documented plate has."""
    held = values.filter(pl.col("is_documented").any().over("value"))
    return Key(name, held["record"].to_numpy(), held["value"], cap)


def compare(records: pl.DataFrame, a: Ints, b: Ints) -> Levels:
    """Levels of each pair, in the order of :data:`ATTRIBUTES`."""
    levels = np.zeros((len(a), len(ATTRIBUTES)), np.int8)
    plate = equality(records["plate"], a, b)
    looks = equality(records["look"], a, b)
    # Keys bring together no plates but those that are equal, look alike or differ in one place.
    levels[:, PLATE] = np.where(plate == EQUAL, PLATE_EQUAL, ONE_APART)
    levels[(looks == EQUAL) & (plate != EQUAL), PLATE] = LOOKS_ALIKE
    levels[:, PLATE_KIND] = equality(records["kind"], a, b)
    levels[:, COLOUR] = _colour_levels(records, a, b)
    levels[:, READS] = _read_levels(records, a, b)
    levels[levels[:, PLATE] == PLATE_EQUAL, READS] = 0
    return levels


def _read_levels(records: pl.DataFrame, a: Ints, b: Ints) -> Levels:
    """How often cameras read the rarer plate, measured by the other; 0 where one was never read."""
    reads = records["reads"].to_numpy()
    fewer, more = np.minimum(reads[a], reads[b]), np.maximum(reads[a], reads[b])
    is_seldom = fewer <= np.maximum(FEW_READS, FEW_SHARE * more)
    return np.where(fewer == 0, 0, np.where(is_seldom, SELDOM, BOTH_OFTEN)).astype(np.int8)


def _colour_levels(records: pl.DataFrame, a: Ints, b: Ints) -> Levels:
    """A colour against the other's colour, or else against the other's kind."""
    tints = equality(records["tint"], a, b)
    fitting = _colours().select(pl.col("tint") + pl.col("found")).to_series()
    level = tints.copy()
    for x, y in ((a, b), (b, a)):
        tint, kind = records["tint"].gather(x), records["kind"].gather(y)
        is_known = ((tint != "") & (kind != "")).to_numpy() & (tints == 0)
        fits = (tint + kind).is_in(fitting.implode()).to_numpy()
        level[is_known] = np.where(fits[is_known], FITS, CONTRADICTS)
    return level


def _is_trailer_or_not(pairs: Pairs) -> Mask:
    one, two = pairs.column("kind")
    found: Mask = ((one == TRAILER_KIND) ^ (two == TRAILER_KIND)).to_numpy()
    return found


def _contradicts(pairs: Pairs) -> Mask:
    found: Mask = (pairs.levels[:, PLATE_KIND] == 1) | (pairs.levels[:, COLOUR] == CONTRADICTS)
    return found


def _is_undocumented(pairs: Pairs) -> Mask:
    """Two plates that only cameras saw: neither is known to be right."""
    one, two = pairs.column("is_documented")
    found: Mask = (~one & ~two).to_numpy()
    return found


VEHICLE = Kind(
    name="vehicle",
    title="plate",
    columns=("plate", "kind", "tint", "is_documented", "reads"),
    attributes=ATTRIBUTES,
    keys=keys,
    compare=compare,
    rules=(
        Rule("refused_trailer", "一方是挂车，另一方不是", _is_trailer_or_not),
        Rule("refused_colour", "号牌种类或颜色互相矛盾，拒绝归并", _contradicts),
        Rule("refused_undocumented", "两个号牌都只见于卡口，无法确定谁是误读", _is_undocumented),
    ),
)
