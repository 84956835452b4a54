"""How two records agree field by field, for kinds without rules of their own: persons of any file.

Each field is a text. Its level is the larger of the edit likeness and the likeness by longest
common subsequence, so that a dropped word costs less than a wrong one.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numba import njit, prange
from numpy.typing import NDArray

from ingest.resolve.cluster import Ints
from ingest.resolve.compare import Texts, numbered
from ingest.resolve.distance import common_length, edit_distance
from ingest.resolve.identifiers import pack

FIELD_LEVELS = ("none", "differ", "similar", "close", "equal")
NONE, DIFFER, SIMILAR, CLOSE, EQUAL = range(5)
SIMILAR_RATIO, CLOSE_RATIO = 0.6, 0.8
WIDTH = 48


@dataclass(frozen=True, slots=True)
class Fields:
    """Texts per field, in the order of ``names``."""

    names: tuple[str, ...]
    texts: tuple[Texts, ...]


def pack_fields(frame: pl.DataFrame, names: tuple[str, ...]) -> Fields:
    """Arrays of the text columns ``names`` of ``frame``; nulls and empty texts are missing.

    Texts are looked at up to their 48th character.
    """
    texts = []
    for name in names:
        number, distinct = numbered(frame[name].fill_null(""))
        points = pack(distinct, WIDTH) if len(distinct) else np.zeros((1, WIDTH), np.uint32)
        texts.append(Texts(number, points, (points != 0).sum(axis=1).astype(np.int64)))
    return Fields(names, tuple(texts))


@njit(parallel=True, cache=True)
def _field_levels(first: Ints, second: Ints, texts: Texts, out: NDArray[np.int8]) -> None:
    for k in prange(first.size):
        x, y = texts.number[first[k]], texts.number[second[k]]
        if x < 0 or y < 0:
            out[k] = 0
        elif x == y:
            out[k] = 4
        else:
            nx, ny = texts.length[x], texts.length[y]
            edits = edit_distance(texts.points[x], nx, texts.points[y], ny)
            common = common_length(texts.points[x], nx, texts.points[y], ny)
            likeness = max(1.0 - edits / max(nx, ny), 2.0 * common / (nx + ny))
            out[k] = 3 if likeness >= CLOSE_RATIO else (2 if likeness >= SIMILAR_RATIO else 1)


def compare_fields(fields: Fields, a: Ints, b: Ints) -> NDArray[np.int8]:
    """Level of each field of each pair, shape (pairs, fields), as :data:`FIELD_LEVELS`."""
    out = np.zeros((len(a), len(fields.names)), np.int8)
    first, second = np.ascontiguousarray(a), np.ascontiguousarray(b)
    for column, texts in enumerate(fields.texts):
        level = np.zeros(len(a), np.int8)
        _field_levels(first, second, texts, level)
        out[:, column] = level
    return out
