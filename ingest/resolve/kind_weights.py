"""What the levels of a kind are worth: a versioned file per kind, with how its bits were got."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.errors import ResolveError
from ingest.resolve.cluster import Floats

LevelNames = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class KindWeights:
    """Bits per attribute and level; ``prior`` of a candidate pair and ``threshold``, in bits."""

    version: str
    prior: float
    threshold: float
    levels: tuple[tuple[float, ...], ...]

    def attribute_bits(self, levels: NDArray[np.int8]) -> Floats:
        """Bits per attribute, shape (pairs, attributes), of levels of the same shape."""
        bits = np.empty(levels.shape)
        for column, of_level in enumerate(self.levels):
            bits[:, column] = np.array(of_level)[levels[:, column]]
        return bits


def weights_of(document: Mapping[str, Any], names: LevelNames, source: str) -> KindWeights:
    """Weights out of a document of them.

    Raises
    ------
    ResolveError
        When the document's attributes or levels are not those that the kind compares by.
    """
    stated = {a: tuple(levels) for a, levels in document["levels"].items()}
    if stated != dict(names):
        raise ResolveError(
            f"{source} states bits for {stated}, the kind compares by {dict(names)};"
            " write the file anew with the kind's levels in their order"
        )
    return KindWeights(
        document["version"],
        float(document["prior"]),
        float(document["threshold"]),
        tuple(tuple(map(float, document["levels"][a].values())) for a in names),
    )


@cache
def _document(kind: str) -> dict[str, Any]:
    text = files("ingest.resolve").joinpath("data", f"{kind}_weights.json").read_text("utf-8")
    document: dict[str, Any] = json.loads(text)
    return document


def load_kind_weights(kind: str, names: LevelNames) -> KindWeights:
    """The frozen weights of a kind shipped with the package; ``names`` are its levels.

    Raises
    ------
    ResolveError
        As :func:`weights_of`.
    """
    return weights_of(_document(kind), names, f"ingest/resolve/data/{kind}_weights.json")
