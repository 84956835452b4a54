"""What a level is worth: frozen weights in bits, added up, so that a match explains itself.

The weights live in a versioned file of the package. Agreement on a rare value is worth more than
on a common one: the surprise of the shared value, relative to what two records of this collection
share by chance, is added with a factor per attribute.
"""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.resolve.cluster import Floats, Ints
from ingest.resolve.compare import ATTRIBUTES, LEVEL_NAMES, Attribute, Records

SURPRISE_LOW, SURPRISE_HIGH = -8.0, 4.0
# Attribute whose value is shared, and the levels at which it is.
SURPRISES: tuple[tuple[str, Attribute, tuple[int, ...]], ...] = (
    ("trunk", Attribute.NAME, (5, 6)),
    ("core", Attribute.NAME, (2,)),
    ("phone", Attribute.PHONE, (2,)),
    ("person", Attribute.PERSON, (3,)),
    ("address", Attribute.ADDRESS, (4,)),
)


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


def surprise_tables(records: Records) -> list[Floats]:
    """Clipped surprise in bits of each value, per entry of :data:`SURPRISES`, by its number.

    The surprise of a value is how much rarer it is than the values that two records share by
    chance.
    """
    numbers = (
        records.trunk.number,
        records.core,
        records.phone,
        records.person.number,
        records.address.number,
    )
    tables: list[Floats] = []
    for number in numbers:
        held = np.bincount(number[number >= 0]).astype(np.float64)
        if not held.size:
            tables.append(np.zeros(1))
            continue
        share = held / held.sum()
        expected = -np.log2((share**2).sum())
        rarity = -np.log2(np.maximum(share, 1e-300)) - expected
        tables.append(np.clip(rarity, SURPRISE_LOW, SURPRISE_HIGH))
    return tables


def surprises(records: Records, a: Ints, levels: NDArray[np.int8]) -> Floats:
    """Clipped surprise in bits of each shared value, shape (pairs, len(SURPRISES)), else 0."""
    numbers = (
        records.trunk.number,
        records.core,
        records.phone,
        records.person.number,
        records.address.number,
    )
    out = np.zeros((len(a), len(SURPRISES)))
    tables = surprise_tables(records)
    for column, (_, attribute, shared) in enumerate(SURPRISES):
        chosen = np.flatnonzero(np.isin(levels[:, attribute], shared))
        out[chosen, column] = tables[column][numbers[column][a[chosen]]]
    return out


def weigh(weights: Weights, levels: NDArray[np.int8], surprise: Floats) -> Floats:
    """Weight in bits of each pair."""
    total = np.full(len(levels), weights.prior)
    for column, bits in enumerate(weights.levels):
        total += np.array(bits)[levels[:, column]]
    total += surprise @ np.array(weights.surprise)
    return total
