"""What each attribute of a compared pair adds to its weight: the bars of the waterfall, in bits."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.resolve.cluster import Floats
from ingest.resolve.compare import ATTRIBUTES
from ingest.resolve.weigh import SURPRISES, Weights

# Column of a record that shows what it says about an attribute.
VALUE_COLUMNS = {
    "code": "raw_code",
    "name": "clean",
    "region": "region",
    "branch": "branch",
    "phone": "phone",
    "person": "person",
    "address": "address",
}


@dataclass(frozen=True, slots=True)
class Part:
    """One bar of the waterfall: what both sides say, how they agree, what it is worth in bits."""

    attribute: str
    level: str
    value_a: str
    value_b: str
    bits: float


@dataclass(frozen=True, slots=True)
class Step:
    """Two records compared; ``bits`` is the prior and all parts together."""

    name_a: str
    name_b: str
    parts: tuple[Part, ...]
    prior_bits: float
    bits: float


def attribute_bits(weights: Weights, levels: NDArray[np.int8], surprise: Floats) -> Floats:
    """Bits per attribute, shape (pairs, 7): the level's weight and the surprise of shared values.

    With the prior they add up to :func:`ingest.resolve.weigh.weigh`.

    Parameters
    ----------
    levels
        Levels of each pair, shape (pairs, 7).
    surprise
        Surprises of each pair, shape (pairs, len(SURPRISES)).
    """
    bits = np.empty((len(levels), len(ATTRIBUTES)))
    for column, of_level in enumerate(weights.levels):
        bits[:, column] = np.array(of_level)[levels[:, column]]
    for column, (_, attribute, _) in enumerate(SURPRISES):
        bits[:, attribute] += surprise[:, column] * weights.surprise[column]
    return bits
