"""Persons: ID number first, then name with phone, certificate or address.

A name alone joins nothing. No two given names are one person unless an ID number says so, or one
certificate and a name that is one character off: a father and his son share surname, address and
often the phone. Mentions with a name and an employer
but without anything else are one person per name and employer, kept apart from persons known by ID
number: a second 张伟 of the same carrier would otherwise be taken for the first. A phone or address
of more than twenty names is a bookkeeper's or a dormitory's and says nothing (RULINGS 15).
"""

import numpy as np
import polars as pl

from ingest.resolve.block import Key
from ingest.resolve.cluster import Ints
from ingest.resolve.frame import Attribute, Kind, LateRule, Levels, Mask, Pairs, Rule
from ingest.resolve.identifiers import valid_person_id
from ingest.resolve.kinds.agreement import TEXT_LEVELS, equality, is_one_apart
from ingest.resolve.kinds.phone import phone_numbers
from ingest.resolve.normalise import clean_column

# An identifier of more holders than this joins nobody.
MOST_HOLDERS = 20
CAPS = {"name+certificate": 200, "name+phone": 200, "name+address": 200, "name+employer": 200}
NAME_WIDTH = 16
MASKED = r"^(\d{3,10})\*+(\d{0,4}[0-9X]?)$"
ID, NAME, PHONE, CERTIFICATE, ADDRESS, EMPLOYER = range(6)
ID_DIFFER, ID_MASKED, NAME_EDIT, NAME_EQUAL, AGREES = 1, 2, 2, 3, 2
ATTRIBUTES = (
    Attribute(
        "id_number",
        "身份证号",
        {"none": "缺失", "differ": "不同", "masked": "脱敏号码相符", "equal": "相同"},
        "id_text",
        "code",
    ),
    Attribute(
        "name",
        "姓名",
        {"none": "缺失", "differ": "不同", "edit_1": "差一字", "equal": "相同"},
        "clean",
        "name",
    ),
    Attribute("phone", "电话", TEXT_LEVELS, "number", "phone"),
    Attribute("certificate", "证书", TEXT_LEVELS, "certificate", "certificate"),
    Attribute("address", "住址", TEXT_LEVELS, "place", "address"),
    Attribute("employer", "单位", TEXT_LEVELS, "owner_id", "owner"),
)
COLUMNS = (
    "id_text",
    "id_number",
    "clean",
    "number",
    "certificate",
    "place",
    "telling_number",
    "telling_place",
    "owner_id",
    "apart",
)


def prepare(tuples: pl.DataFrame) -> pl.DataFrame:
    """``tuples`` with ``id_number`` (valid ones only), clean name, phone and address.

    ``id_text`` also holds masked numbers. ``telling_number`` and ``telling_place`` are null for
    hubs, whose phone or address says nothing about who somebody is.
    """
    is_id = valid_person_id(tuples["code"])
    is_masked = pl.col("code").str.contains(MASKED)
    frame = tuples.with_columns(
        id_number=pl.when(is_id).then(pl.col("code")),
        id_text=pl.when(is_id | is_masked).then(pl.col("code")).otherwise(pl.lit("")),
        clean=clean_column(tuples["name"]),
        number=phone_numbers(tuples["phone"]),
        place=clean_column(tuples["address"]),
    )
    return frame.with_columns(telling_number=_telling("number"), telling_place=_telling("place"))


def _telling(column: str) -> pl.Expr:
    holders = pl.col("clean").n_unique().over(column)
    return pl.when((pl.col(column) != "") & (holders <= MOST_HOLDERS)).then(pl.col(column))


def hub_notes(frame: pl.DataFrame) -> tuple[str, ...]:
    """How many phones and addresses are those of more than twenty names."""
    notes = []
    for column, word in (("number", "phones"), ("place", "addresses")):
        is_hub = (pl.col(column) != "") & pl.col(f"telling_{column}").is_null()
        hubs = frame.filter(is_hub)[column].n_unique()
        if hubs:
            notes.append(f"person: {hubs} {word} of more than {MOST_HOLDERS} names join nobody")
    return tuple(notes)


def person_records(records: pl.DataFrame) -> pl.DataFrame:
    """Records as the frame wants them: a valid ID number is tie and identity."""
    return records.with_columns(tie="id_number", identity="id_number")


def _key(records: pl.DataFrame, name: str, column: str) -> Key:
    is_whole = (pl.col("clean") != "") & (pl.col(column).cast(pl.String).fill_null("") != "")
    value = records.select(
        pl.when(is_whole).then(
            pl.concat_str(["clean", pl.col(column).cast(pl.String)], separator="|")
        )
    ).to_series()
    return Key(name, records["record"].to_numpy(), value, CAPS[name])


def keys(records: pl.DataFrame) -> list[Key]:
    """A name with one more thing, or a certificate; a name alone is no reason to compare."""
    return [
        _key(records, "name+certificate", "certificate"),
        _key(records, "name+phone", "telling_number"),
        _key(records, "name+address", "telling_place"),
        _key(records, "name+employer", "owner_id"),
        Key(
            "certificate",
            records["record"].to_numpy(),
            records.select(pl.when(pl.col("certificate") != "").then("certificate")).to_series(),
            MOST_HOLDERS,
        ),
    ]


def compare(records: pl.DataFrame, a: Ints, b: Ints) -> Levels:
    """Levels of each pair, in the order of :data:`ATTRIBUTES`."""
    levels = np.zeros((len(a), len(ATTRIBUTES)), np.int8)
    levels[:, ID] = _id_levels(records["id_text"], a, b)
    name = equality(records["clean"], a, b)
    levels[:, NAME] = np.where(name == AGREES, NAME_EQUAL, name)
    levels[is_one_apart(records["clean"], a, b, NAME_WIDTH), NAME] = NAME_EDIT
    for attribute, column in (
        (PHONE, "telling_number"),
        (CERTIFICATE, "certificate"),
        (ADDRESS, "telling_place"),
        (EMPLOYER, "owner_id"),
    ):
        levels[:, attribute] = equality(records[column], a, b)
    return levels


def _id_levels(texts: pl.Series, a: Ints, b: Ints) -> Levels:
    """Masked numbers agree as far as they are shown: first and last digits, the shorter ones."""
    level = equality(texts, a, b)
    level[level == AGREES] = ID_MASKED + 1
    ends = pl.DataFrame({"text": texts}).select(
        head=pl.coalesce(pl.col("text").str.extract(MASKED, 1), "text"),
        tail=pl.coalesce(pl.col("text").str.extract(MASKED, 2), "text"),
        is_masked=pl.col("text").str.contains(r"\*"),
    )
    one, two = ends[a], ends[b]
    both = pl.concat([one, two.rename(lambda name: f"{name}_b")], how="horizontal").select(
        is_masked=pl.col("is_masked") | pl.col("is_masked_b"),
        fits=(
            pl.col("head").str.starts_with(pl.col("head_b"))
            | pl.col("head_b").str.starts_with(pl.col("head"))
        )
        & (
            pl.col("tail").str.ends_with(pl.col("tail_b"))
            | pl.col("tail_b").str.ends_with(pl.col("tail"))
        ),
    )
    fits = (both["is_masked"] & both["fits"]).to_numpy() & (level != 0)
    level[fits] = ID_MASKED
    return level


def _is_other_name(pairs: Pairs) -> Mask:
    name = pairs.levels[:, NAME]
    is_misspelt = (name == NAME_EDIT) & (pairs.levels[:, CERTIFICATE] == AGREES)
    found: Mask = (name != NAME_EQUAL) & ~is_misspelt
    return found


def _is_other_number(pairs: Pairs) -> Mask:
    found: Mask = pairs.levels[:, ID] == ID_DIFFER
    return found


def _is_name_and_employer(pairs: Pairs) -> Mask:
    """Nothing but the name and the employer speaks for the pair."""
    levels = pairs.levels
    found: Mask = (
        (levels[:, ID] != ID_MASKED)
        & (levels[:, PHONE] != AGREES)
        & (levels[:, CERTIFICATE] != AGREES)
        & (levels[:, ADDRESS] != AGREES)
    )
    return found


def _reaches_number(pairs: Pairs, root: Ints) -> Mask:
    """Whether an end is known by ID number, also by way of a phone, certificate or address."""
    known = (
        pl.DataFrame({"root": root, "identity": pairs.records["identity"]})
        .select(pl.col("identity").is_not_null().any().over("root"))
        .to_series()
        .to_numpy()
    )
    found: Mask = known[pairs.a] | known[pairs.b]
    return found


PERSON = Kind(
    name="person",
    title="name",
    columns=COLUMNS,
    attributes=ATTRIBUTES,
    keys=keys,
    compare=compare,
    rules=(
        Rule("refused_other_number", "身份证号（含脱敏号码）不同，拒绝归并", _is_other_number),
        Rule("refused_other_name", "姓名不同且没有相同的身份证号或证书，拒绝归并", _is_other_name),
    ),
    late=LateRule(
        "refused_bare_name",
        "只有姓名和单位相同，不足以归到已知身份证号的人",
        _is_name_and_employer,
        _reaches_number,
    ),
)


def is_identified(frame: pl.DataFrame) -> pl.Series:
    """Whether a mention carries more than a name."""
    known = pl.any_horizontal(
        pl.col(c).is_not_null()
        for c in ("id_number", "telling_number", "telling_place", "owner_id")
    )
    return frame.select(known | (pl.col("certificate") != "")).to_series()
