"""Phones, representatives and addresses as agencies write them."""

import numpy as np
import polars as pl

from ingest.simulate.names import GIVEN_CHARACTERS
from ingest.simulate.organizations.agencies import FROM_CITY, FULL, STREET_ONLY
from ingest.simulate.organizations.corruptions import Corruption
from ingest.simulate.organizations.drafts import (
    BOOKKEEPER_PHONE,
    CONTACT_PHONE,
    NO_PHONE,
    Draft,
)
from ingest.simulate.organizations.misspelling import stretch, with_substitute
from ingest.simulate.organizations.regions import PROVINCE, divisions
from ingest.simulate.organizations.stock import weighted
from ingest.simulate.organizations.written_codes import swapped

FIRST_SWAPPED_DIGIT = 5  # the area code or the carrier's prefix stays
MOBILE_FORMS = ("{a}{b}{c}", "{a}{b}{c}", "{a}{b}{c}", "{a}-{b}-{c}", "{a} {b} {c}", "+86{a}{b}{c}")
LINE_FORMS = ("{a}-{b}", "{a}-{b}", "{a}{b}", "({a}){b}", "（{a}）{b}", "86-{a}-{b}")
WITH_TOWN = (0.6, 0.5, 0.35, 0.1)  # by style of address
WITHOUT_UNIT = 0.25
# Shares of addresses with # for 号, and with 栋 for 幢.
HASH_FOR_NUMBER, OTHER_HOUSE_WORD = 0.06, 0.08


def write_phones(draft: Draft) -> pl.Series:
    """Phones in one of the usual forms, null where none is given."""
    rows, rng = draft.rows, draft.rng
    n = rows.height
    raw = pl.DataFrame({
        "phone": rows["phone"], "contact": rows["contact_phone"],
        "bookkeeper": rows["bookkeeper_phone"], "which": draft.phone,
    }).select(
        pl.when(pl.col("which") == NO_PHONE).then(None)
        .when(pl.col("which") == CONTACT_PHONE).then("contact")
        .when(pl.col("which") == BOOKKEEPER_PHONE).then("bookkeeper")
        .otherwise("phone")
    ).to_series()  # fmt: skip
    places = np.flatnonzero(draft.has(Corruption.SWAPPED_PHONE))
    before = raw.gather(places)
    after = swapped(rng, before, FIRST_SWAPPED_DIGIT)
    done = np.zeros(n, dtype=bool)
    done[places] = (after != before).to_numpy()
    draft.mark(Corruption.SWAPPED_PHONE, done)
    raw = raw.scatter(places, after)
    frame = pl.DataFrame({"raw": raw, "form": rng.integers(0, len(MOBILE_FORMS), n)})
    digits = pl.col("raw")
    area = pl.when(digits.str.starts_with("025")).then(3).otherwise(4)
    mobile = (digits.str.slice(0, 3), digits.str.slice(3, 4), digits.str.slice(7))
    line = (digits.str.slice(0, area), digits.str.slice(area))
    return frame.select(
        pl.when(digits.str.starts_with("0"))
        .then(_in_form(LINE_FORMS, line))
        .otherwise(_in_form(MOBILE_FORMS, mobile))
    ).to_series()


def _in_form(forms: tuple[str, ...], parts: tuple[pl.Expr, ...]) -> pl.Expr:
    """The form number of column ``form`` filled with ``parts``."""
    out = pl.lit(None, dtype=pl.String)
    for number, form in enumerate(forms):
        pattern = form
        for name in ("a", "b", "c"):
            pattern = pattern.replace("{" + name + "}", "{}")
        out = pl.when(pl.col("form") == number).then(pl.format(pattern, *parts)).otherwise(out)
    return out


def write_representatives(draft: Draft) -> pl.Series:
    """Legal representatives, null where none is given."""
    rows = draft.rows
    frame = pl.DataFrame({
        "present": rows["representative"], "former": rows["former_representative"],
        "older": draft.has(Corruption.FORMER_REPRESENTATIVE), "given": draft.with_representative,
    })  # fmt: skip
    names = frame.select(
        pl.when(~pl.col("given")).then(None).when("older").then("former").otherwise("present")
    ).to_series()
    places = np.flatnonzero(draft.has(Corruption.MISTYPED_REPRESENTATIVE))
    some = names.gather(places)
    last = some.str.len_chars().to_numpy().astype(np.int64) - 1
    stock = weighted([(c, 1.0) for c in GIVEN_CHARACTERS])
    text = stretch(some, np.ones(len(places), dtype=np.int64), last)
    return names.scatter(places, with_substitute(draft.rng, text, stock))


def write_addresses(draft: Draft, neighbours: pl.DataFrame) -> pl.Series:
    """Addresses, null where none is given; ``neighbours`` are whose address a slip copies.

    ``neighbours`` has the columns ``division, town, street, unit``, one row per record.
    """
    parts = _places(draft, neighbours)
    rng, n = draft.rng, parts.height
    odds = np.cumsum(draft.habit.address_styles)
    style = np.minimum(np.searchsorted(odds, rng.random(n), side="right"), STREET_ONLY)
    table = divisions()
    at = parts["division"]
    frame = parts.select(
        "street",
        style=pl.Series(style),
        city=table["city_full"].gather(at),
        county=table["county_full"].gather(at),
        town=pl.when(pl.Series(rng.random(n) < np.array(WITH_TOWN)[style])).then("town")
        .otherwise(pl.lit("")),
        unit=pl.when(pl.Series(rng.random(n) < WITHOUT_UNIT)).then(pl.lit("")).otherwise("unit"),
        hash=pl.Series(rng.random(n) < HASH_FOR_NUMBER),
        house=pl.Series(rng.random(n) < OTHER_HOUSE_WORD),
        given=pl.Series(draft.with_address),
    )  # fmt: skip
    style_is = pl.col("style")
    prefix = (
        pl.when(style_is == FULL).then(PROVINCE + "省" + pl.col("city") + pl.col("county"))
        .when(style_is == FROM_CITY).then(pl.col("city") + pl.col("county"))
        .when(style_is == STREET_ONLY).then(pl.lit(""))
        .otherwise("county")
    )  # fmt: skip
    text = prefix + pl.col("town") + pl.col("street") + pl.col("unit")
    text = pl.when("hash").then(text.str.replace("号", "#", literal=True)).otherwise(text)
    text = pl.when("house").then(text.str.replace("幢", "栋", literal=True)).otherwise(text)
    return frame.select(pl.when("given").then(text)).to_series()


def _places(draft: Draft, neighbours: pl.DataFrame) -> pl.DataFrame:
    """Parts of the addresses: present, former, or the neighbour's."""
    older = pl.Series(draft.has(Corruption.OUTDATED_PLACE))
    copies = draft.has(Corruption.NEIGHBOUR_ADDRESS)
    copies &= (neighbours["street"] != draft.rows["street"]).to_numpy()
    draft.mark(Corruption.NEIGHBOUR_ADDRESS, copies)
    copied = pl.Series(copies)
    return draft.rows.select(
        pl.when(copied).then(neighbours[part]).when(older).then(f"former_{part}")
        .otherwise(part).alias(part)
        for part in ("division", "town", "street", "unit")
    )  # fmt: skip


def write_former_names(draft: Draft) -> pl.Series:
    """Former names that the agency states beside the present ones, null elsewhere."""
    stated = draft.rows["renamed"].to_numpy() & draft.chance(draft.habit.states_former_name)
    stated &= ~draft.has(Corruption.FORMER_NAME)
    frame = draft.rows.select("former_name", stated=pl.Series(stated))
    return frame.select(pl.when("stated").then("former_name")).to_series()
