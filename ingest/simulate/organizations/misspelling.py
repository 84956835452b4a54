"""Slips within a name, on matrices of code points: exchanged, lost, doubled, swapped characters.

Every function takes names with a stretch of each (``start`` and ``span``, in characters) and
touches nothing outside it; a name in which the slip cannot happen comes back as it was.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
import polars as pl

from ingest.simulate.organizations.stock import Weighted, brand_characters, shipped
from ingest.simulate.streams import Ints

Points = npt.NDArray[np.uint32]
Bools = npt.NDArray[np.bool_]
LAST_POINT = 0x10000  # all characters of the stock lie in the basic plane


@dataclass(frozen=True, slots=True)
class Stretch:
    """Names as code points (0 after the end) and the places within that may change.

    ``open`` has the shape of ``points`` and is true where a slip may happen.
    """

    points: Points
    open: Bools

    def texts(self) -> pl.Series:
        """The names again."""
        width = self.points.shape[1]
        joined = np.ascontiguousarray(self.points).view(f"U{width}").ravel()
        return pl.Series(joined.tolist(), dtype=pl.String)


def stretch(names: pl.Series, start: Ints, span: Ints) -> Stretch:
    """``names`` opened from ``start`` for ``span`` characters."""
    width = int(names.str.len_chars().max() or 1) + 1  # type: ignore[arg-type]  # lengths are ints
    points = np.array(names.to_list(), dtype=f"U{width}").view(np.uint32).reshape(-1, width)
    place = np.arange(width)
    open_ = (place >= start[:, None]) & (place < (start + span)[:, None]) & (points > 0)
    return Stretch(points, open_)


@dataclass(frozen=True, slots=True)
class Likenesses:
    """Per code point the characters it is mistaken for: ``members[first : first + count]``."""

    first: Ints
    count: Ints
    members: Points


@cache
def likenesses(split: str) -> Likenesses:
    """Characters of equal sound or like shape, of the ``tuned`` or the ``held_out`` table."""
    others: dict[str, str] = {}
    for row in shipped("homophones"):
        if row["split"] == split:
            for c in row["characters"]:
                others[c] = others.get(c, "") + row["characters"].replace(c, "")
    first = np.zeros(LAST_POINT, dtype=np.int64)
    count = np.zeros(LAST_POINT, dtype=np.int64)
    members: list[int] = []
    for c, like in others.items():
        first[ord(c)], count[ord(c)] = len(members), len(like)
        members += map(ord, like)
    return Likenesses(first, count, np.array(members, dtype=np.uint32))


def _one_place(rng: np.random.Generator, allowed: Bools) -> tuple[Ints, Ints]:
    """Rows with an allowed place, and one such place in each."""
    score = rng.random(allowed.shape) * allowed
    rows = np.flatnonzero(allowed.any(axis=1))
    return rows, score[rows].argmax(axis=1).astype(np.int64)


def with_homophone(rng: np.random.Generator, text: Stretch, table: Likenesses) -> pl.Series:
    """One character exchanged for one of its likenesses."""
    points = text.points.copy()
    counts = table.count[np.minimum(points, LAST_POINT - 1)]
    rows, place = _one_place(rng, text.open & (counts > 0))
    old = points[rows, place]
    which = (rng.random(len(rows)) * table.count[old]).astype(np.int64)
    points[rows, place] = table.members[table.first[old] + which]
    return Stretch(points, text.open).texts()


def with_substitute(
    rng: np.random.Generator, text: Stretch, stock: Weighted | None = None
) -> pl.Series:
    """One character exchanged for any other of ``stock`` (by default that of 字号)."""
    stock = stock or brand_characters()
    points = text.points.copy()
    rows, place = _one_place(rng, text.open)
    characters = np.array([ord(c) for c in stock.texts], dtype=np.uint32)
    drawn = stock.places(rng, len(rows))
    same = characters[drawn] == points[rows, place]
    points[rows, place] = characters[(drawn + same) % len(characters)]
    return Stretch(points, text.open).texts()


def with_doubled(rng: np.random.Generator, text: Stretch) -> pl.Series:
    """One character typed twice."""
    rows, place = _one_place(rng, text.open)
    column = np.arange(text.points.shape[1] + 1)
    source = np.tile(column, (len(text.points), 1))
    source[rows] -= column > place[:, None]
    return _taken_from(text, source)


def with_loss(rng: np.random.Generator, text: Stretch) -> pl.Series:
    """One character left out, where at least three are open."""
    enough = text.open.sum(axis=1) >= 3
    rows, place = _one_place(rng, text.open & enough[:, None])
    column = np.arange(text.points.shape[1])
    source = np.tile(column, (len(text.points), 1))
    source[rows] += column >= place[:, None]
    return _taken_from(text, source)


def _taken_from(text: Stretch, source: Ints) -> pl.Series:
    """Texts whose characters come from the places ``source``; past the end there is nothing."""
    last = text.points.shape[1] - 1  # always empty: the matrix is one wider than the longest name
    points = np.take_along_axis(text.points, np.minimum(source, last), axis=1)
    return Stretch(points, text.open).texts()


def with_transposition(rng: np.random.Generator, text: Stretch) -> pl.Series:
    """Two different neighbours exchanged."""
    points = text.points.copy()
    differ = points[:, :-1] != points[:, 1:]
    rows, place = _one_place(rng, text.open[:, :-1] & text.open[:, 1:] & differ)
    points[rows, place], points[rows, place + 1] = points[rows, place + 1], points[rows, place]
    return Stretch(points, text.open).texts()


Slip = Callable[[np.random.Generator, Stretch], pl.Series]
TYPOS: tuple[tuple[Slip, float], ...] = (
    (with_substitute, 0.5), (with_loss, 0.3), (with_doubled, 0.2),
)  # fmt: skip


def with_typo(rng: np.random.Generator, names: pl.Series, start: Ints, span: Ints) -> pl.Series:
    """A wrong, lost or doubled character each."""
    edges = np.cumsum([share for _, share in TYPOS])
    kind = np.searchsorted(edges, rng.random(len(names)) * edges[-1], side="right")
    out = names
    for number, (slip, _) in enumerate(TYPOS):
        rows = np.flatnonzero(kind == number)
        if len(rows):
            part = stretch(names.gather(rows), start[rows], span[rows])
            out = out.scatter(rows, slip(rng, part))
    return out
