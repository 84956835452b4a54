"""What a level is worth: frozen weights in bits, added up, so that a match explains itself.

The weights live in a versioned file of the package. What is known of a value in this collection is
added with a factor of its own:

- agreement on a rare value is worth more than on a common one (trunk, phone, person, address);
- a 字号 that many names begin with says little (brand), and so does a name that is found in many
  cities where the places do not agree as well (spread);
- two spellings that both stand in several records are two names, while a slip stands alone
  (spelling, by the rarer of the two).
"""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ingest.resolve.cluster import Floats, Ints
from ingest.resolve.compare import (
    ADDRESS_EQUAL,
    ATTRIBUTES,
    CONTAINED,
    CORE,
    EDIT_1,
    EDIT_TAIL,
    LEVEL_NAMES,
    PERSON_EQUAL,
    PERSON_SHARED,
    PHONE_EQUAL,
    PHONE_SHARED,
    SAME_CITY,
    SHORTENED,
    TRUNK,
    TRUNK_SUFFIX,
    WEAK,
    Attribute,
    Records,
)

SURPRISE_LOW, SURPRISE_HIGH = -8.0, 4.0
LEAST_SHARED = 2
SPELLING_HIGH, SPREAD_HIGH, BRAND_HIGH = 3.0, 3.0, 5.0
# What is known of a value, the attribute whose levels it belongs to, and these levels.
SURPRISES: tuple[tuple[str, Attribute, tuple[int, ...]], ...] = (
    ("trunk", Attribute.NAME, (TRUNK, TRUNK_SUFFIX)),
    ("phone", Attribute.PHONE, (PHONE_SHARED, PHONE_EQUAL)),
    ("person", Attribute.PERSON, (PERSON_SHARED, PERSON_EQUAL)),
    ("address", Attribute.ADDRESS, (ADDRESS_EQUAL,)),
    ("brand", Attribute.NAME, (CORE, SHORTENED)),
    ("spelling_weak", Attribute.NAME, (WEAK,)),
    ("spelling_core", Attribute.NAME, (CORE,)),
    ("spelling_edit", Attribute.NAME, (EDIT_1, EDIT_TAIL)),
    ("spelling_contained", Attribute.NAME, (CONTAINED, SHORTENED)),
    ("spread", Attribute.NAME, (TRUNK, TRUNK_SUFFIX)),
)
# Least and most of each.
SURPRISE_BOUNDS: dict[str, tuple[float, float]] = {
    name: (0.0, SPELLING_HIGH)
    if name.startswith("spelling")
    else {"brand": (0.0, BRAND_HIGH), "spread": (0.0, SPREAD_HIGH)}.get(
        name, (SURPRISE_LOW, SURPRISE_HIGH)
    )
    for name, _, _ in SURPRISES
}


@dataclass(frozen=True, slots=True)
class Weights:
    """Bits per attribute and level, factors of surprises, prior of a candidate pair."""

    version: str
    prior: float
    levels: tuple[tuple[float, ...], ...]
    surprise: tuple[float, ...]


@cache
def load_weights(name: str = "organization_weights.json") -> Weights:
    """The frozen weights shipped with the package."""
    text = files("ingest.resolve").joinpath("data", name).read_text(encoding="utf-8")
    return weights_of(json.loads(text))


def weights_of(document: dict[str, Any]) -> Weights:
    """Weights out of a document of them (``data/organization_weights.json`` is one).

    Raises
    ------
    KeyError, TypeError, ValueError
        When a level or a factor is missing or no number.
    """
    return Weights(
        document["version"],
        float(document["prior"]),
        tuple(
            tuple(float(document["levels"][a][level]) for level in LEVEL_NAMES[a])
            for a in ATTRIBUTES
        ),
        tuple(float(document["surprise"][name]) for name, _, _ in SURPRISES),
    )


def numbers_of(records: Records) -> list[Ints]:
    """Number of each record's value (-1: none), per entry of :data:`SURPRISES`."""
    by_name = {
        "phone": records.phone,
        "person": records.person.number,
        "address": records.address.number,
        "brand": records.core,
    }
    return [by_name.get(name, records.trunk.number) for name, _, _ in SURPRISES]


def surprise_tables(records: Records) -> list[Floats]:
    """What is known of each value, per entry of :data:`SURPRISES`, by the value's number.

    ``trunk``, ``phone``, ``person``, ``address``: how much rarer it is, in bits, than the values
    that two records share by chance. ``brand``: log2 of the number of names with it. ``spread``:
    log2 of the number of cities it is found in. ``spelling``: log2 of the records it stands in.
    """
    trunk = records.trunk.number
    city = np.where(records.city > 0, records.city, -1)
    spelling = np.clip(_log2(_held(trunk)), 0.0, SPELLING_HIGH)
    tables: dict[str, Floats] = {
        "brand": np.clip(_log2(_distinct(records.core, trunk)), 0.0, BRAND_HIGH),
        "spread": np.clip(_log2(_distinct(trunk, city)), 0.0, SPREAD_HIGH),
    }
    return [
        spelling
        if name.startswith("spelling")
        else tables[name]
        if name in tables
        else _rarity(number)
        for (name, _, _), number in zip(SURPRISES, numbers_of(records), strict=True)
    ]


def _held(number: Ints) -> Floats:
    """Records per number; one entry at least."""
    return np.bincount(number[number >= 0], minlength=1).astype(np.float64)


def _log2(counts: Floats) -> Floats:
    bits: Floats = np.log2(np.maximum(counts, 1.0))
    return bits


def _distinct(key: Ints, value: Ints) -> Floats:
    """Different values (-1: none) per number of ``key``."""
    counts = np.zeros(max(int(key.max(initial=0)), 0) + 1)
    found = (
        pl.DataFrame({"key": key, "value": value})
        .filter((pl.col("key") >= 0) & (pl.col("value") >= 0))
        .unique()
        .group_by("key")
        .len()
    )
    counts[found["key"].to_numpy()] = found["len"].to_numpy()
    return counts


def _rarity(number: Ints) -> Floats:
    held = _held(number)
    if not held.sum():
        return np.zeros(len(held))
    # Whole numbers add up to the same in any order of values.
    share = held / held.sum()
    expected = -np.log2((held.astype(np.int64) ** 2).sum() / held.sum() ** 2)
    rarity = -np.log2(np.maximum(share, 1e-300)) - expected
    # Nothing that is shared is shared by fewer than two: that is not common in any collection.
    rarity = np.where(held <= LEAST_SHARED, np.maximum(rarity, 0.0), rarity)
    clipped: Floats = np.clip(rarity, SURPRISE_LOW, SURPRISE_HIGH)
    return clipped


def applies(place: int, levels: NDArray[np.int8]) -> NDArray[np.bool_]:
    """Whether an entry of :data:`SURPRISES` belongs to each pair's levels."""
    name, attribute, shared = SURPRISES[place]
    found = np.isin(levels[:, attribute], shared)
    if name == "spread":
        found &= levels[:, Attribute.REGION] < SAME_CITY
    return found


def surprises(records: Records, a: Ints, b: Ints, levels: NDArray[np.int8]) -> Floats:
    """What is known of the values of each pair, the smaller of the two, shape (pairs, SURPRISES).

    0 where an entry does not belong to the pair's levels.
    """
    out = np.zeros((len(a), len(SURPRISES)))
    tables, numbers = surprise_tables(records), numbers_of(records)
    for place, (table, number) in enumerate(zip(tables, numbers, strict=True)):
        chosen = np.flatnonzero(applies(place, levels))
        own, other = table[number[a[chosen]]], table[number[b[chosen]]]
        out[chosen, place] = np.minimum(own, other)
    return out


def weigh(weights: Weights, levels: NDArray[np.int8], surprise: Floats) -> Floats:
    """Weight in bits of each pair."""
    total = np.full(len(levels), weights.prior)
    for column, bits in enumerate(weights.levels):
        total += np.array(bits)[levels[:, column]]
    total += surprise @ np.array(weights.surprise)
    return total
