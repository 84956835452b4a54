"""The two rarest character pairs of each name, kept up to date as names come and go."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numba import njit, prange
from numpy.typing import NDArray

from ingest.resolve.block import RAREST
from ingest.resolve.cluster import Ints
from ingest.resolve.compare import TRUNK_WIDTH
from ingest.resolve.distance import Points
from ingest.resolve.identifiers import pack
from ingest.resolve.incremental.vocabulary import Numbers, PairVocabulary

# A code point has at most 21 bits.
PAIR_SHIFT = 21


@dataclass(frozen=True, slots=True)
class Bigrams:
    """Character pairs of the texts of a vocabulary: those of text ``i`` are ``pair[start[i]:]``.

    ``start`` has one more entry than there are texts; ``pair`` holds numbers of ``pairs``.
    """

    pairs: PairVocabulary
    start: Ints
    pair: Numbers

    @classmethod
    def empty(cls) -> "Bigrams":
        """No texts at all."""
        return cls(PairVocabulary.empty(), np.zeros(1, np.int64), np.empty(0, np.int32))

    def grown(self, texts: pl.Series) -> "Bigrams":
        """With the texts that follow those it knows; ``texts`` are all texts by number."""
        known = len(self.start) - 1
        added = texts.slice(known)
        if not len(added):
            return self
        count, codes = _codes(pack(added, TRUNK_WIDTH))
        pairs, number = self.pairs.of_codes(codes)
        start = np.concatenate([self.start, self.start[-1] + np.cumsum(count)])
        return Bigrams(pairs, start, np.concatenate([self.pair, number]))

    def common(self, held: Ints) -> Ints:
        """Records in whose names each pair stands; ``held`` has each text as their name."""
        common: Ints = _common(self.start, self.pair, held, self.pairs.size)
        return common

    def rarest(self, common: Ints, most: int) -> NDArray[np.int32]:
        """Numbers of the two rarest pairs of each text, shape (texts, 2), 0 where there is none.

        Parameters
        ----------
        common
            As :meth:`common` gives it.
        most
            A pair in the names of more records than this, or of one alone, is no key.
        """
        code = np.zeros(self.pairs.size, np.int64)
        code[self.pairs.number] = self.pairs.code
        rarest: NDArray[np.int32] = _rarest(self.start, self.pair, common, code, most)
        return rarest


@njit(cache=True)
def _codes(points: Points) -> tuple[Ints, Ints]:
    """Distinct pairs of each row of code points: how many, and their codes one after another."""
    rows, width = points.shape
    count = np.zeros(rows, np.int64)
    out = np.empty(rows * (width - 1), np.int64)
    place = 0
    for i in range(rows):
        begin = place
        for k in range(width - 1):
            if points[i, k + 1] == 0:
                break
            code = (np.int64(points[i, k]) << PAIR_SHIFT) | np.int64(points[i, k + 1])
            is_new = True
            for j in range(begin, place):
                if out[j] == code:
                    is_new = False
            if is_new:
                out[place] = code
                place += 1
        count[i] = place - begin
    return count, out[:place].copy()


@njit(cache=True)
def _common(start: Ints, pair: Numbers, held: Ints, pairs: int) -> Ints:
    common = np.zeros(pairs, np.int64)
    for i in range(start.size - 1):
        if held[i] > 0:
            for k in range(start[i], start[i + 1]):
                common[pair[k]] += held[i]
    return common


@njit(parallel=True, cache=True)
def _rarest(start: Ints, pair: Numbers, common: Ints, code: Ints, most: int) -> NDArray[np.int32]:
    out = np.zeros((start.size - 1, RAREST), np.int32)
    for i in prange(start.size - 1):
        for k in range(start[i], start[i + 1]):
            new = pair[k]
            if common[new] < 2 or common[new] > most:
                continue
            # Kept in order of how many records share the pair, then of its code.
            for slot in range(RAREST):
                old = out[i, slot]
                if (
                    old == 0
                    or common[new] < common[old]
                    or (common[new] == common[old] and code[new] < code[old])
                ):
                    out[i, slot] = new
                    new = old
                    if new == 0:
                        break
    return out
