"""Numbers of texts that stay the same from run to run; new texts get the next free numbers."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ingest.errors import ResolveError
from ingest.resolve.cluster import Ints

Hashes = NDArray[np.uint64]
Numbers = NDArray[np.int32]
HASH_SEED = 20
SECOND_PART = 32
ONE_HASH = "归并索引中两个不同文本的散列相同；将重新全量归并"


class IndexBrokenError(ResolveError):
    """The index of an earlier run cannot be used; a full run makes a new one."""


def hashes_of(texts: pl.Series) -> Hashes:
    """A number of 64 bits for each text."""
    return texts.hash(HASH_SEED).to_numpy()


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Texts by number, the empty one at 0; ``hashes`` are sorted, ``number`` runs beside them."""

    texts: pl.Series
    hashes: Hashes
    number: Numbers

    @classmethod
    def empty(cls) -> "Vocabulary":
        """A vocabulary that knows the empty text only."""
        none = np.empty(0, np.uint64)
        return cls(pl.Series("text", [""], dtype=pl.String), none, none.astype(np.int32))

    def numbered(self, texts: pl.Series) -> "tuple[Vocabulary, Numbers]":
        """The vocabulary with ``texts`` in it, and their numbers; the empty text is 0.

        Raises
        ------
        IndexBrokenError
            When two texts have one hash (a chance of 1 in 10 million for a million texts).
        """
        distinct = texts.unique()
        distinct = distinct.filter(distinct != "").sort()
        hashes = hashes_of(distinct)
        place = np.searchsorted(self.hashes, hashes)
        is_known = np.zeros(len(hashes), np.bool_)
        inside = place < len(self.hashes)
        is_known[inside] = self.hashes[place[inside]] == hashes[inside]
        number = np.empty(len(hashes), np.int32)
        number[is_known] = self.number[place[is_known]]
        if not self.texts.gather(number[is_known]).equals(distinct.filter(is_known)):
            raise IndexBrokenError(ONE_HASH)
        new = ~is_known
        number[new] = np.arange(len(self.texts), len(self.texts) + int(new.sum()), dtype=np.int32)
        table = pl.DataFrame({"text": distinct, "number": number})
        found = pl.DataFrame({"text": texts}).join(
            table, on="text", how="left", maintain_order="left"
        )["number"]
        return self._with(distinct.filter(new), hashes[new], number[new]), (
            found.fill_null(0).cast(pl.Int32).to_numpy()
        )

    def _with(self, texts: pl.Series, hashes: Hashes, number: Numbers) -> "Vocabulary":
        if not len(texts):
            return self
        order = np.argsort(hashes, kind="stable")
        hashes, number = hashes[order], number[order]
        place = np.searchsorted(self.hashes, hashes)
        grown = np.insert(self.hashes, place, hashes)
        if (grown[1:] == grown[:-1]).any():
            raise IndexBrokenError(ONE_HASH)
        return Vocabulary(
            pl.concat([self.texts, texts.alias("text")]),
            grown,
            np.insert(self.number, place, number),
        )


@dataclass(frozen=True, slots=True)
class PairVocabulary:
    """Numbers of pairs of numbers, from 1; ``code`` is sorted, ``number`` runs beside it."""

    code: Ints
    number: Numbers

    @classmethod
    def empty(cls) -> "PairVocabulary":
        """A vocabulary without pairs."""
        return cls(np.empty(0, np.int64), np.empty(0, np.int32))

    @property
    def size(self) -> int:
        """Numbers in use, 0 included."""
        return len(self.code) + 1

    def numbered(
        self, first: Numbers, second: Numbers, likely: Numbers | None = None
    ) -> "tuple[PairVocabulary, Numbers]":
        """The vocabulary with these pairs in it, and their numbers; 0 where a part is 0.

        Parameters
        ----------
        first, second
            Parallel, at least 0.
        likely
            Numbers that most pairs have, from an earlier run; they are checked.
        """
        wanted = (first.astype(np.int64) << SECOND_PART) | second.astype(np.int64)
        return self.of_codes(np.where((first == 0) | (second == 0), 0, wanted), likely)

    def of_codes(
        self, wanted: Ints, likely: Numbers | None = None
    ) -> "tuple[PairVocabulary, Numbers]":
        """The same for codes that are whole numbers already; 0 is none."""
        number = np.zeros(len(wanted), np.int32)
        if likely is None:
            open_ = np.flatnonzero(wanted)
        else:
            code = np.zeros(self.size, np.int64)
            code[self.number] = self.code
            is_right = code[likely] == wanted
            number[is_right] = likely[is_right]
            open_ = np.flatnonzero(~is_right & (wanted != 0))
        codes = pl.Series(wanted[open_]).unique().sort().to_numpy()
        place = np.searchsorted(self.code, codes)
        inside = place < len(self.code)
        is_known = np.zeros(len(codes), np.bool_)
        is_known[inside] = self.code[place[inside]] == codes[inside]
        new = ~is_known
        added = np.arange(self.size, self.size + int(new.sum()), dtype=np.int32)
        at = place[new]
        grown = PairVocabulary(
            np.insert(self.code, at, codes[new]), np.insert(self.number, at, added)
        )
        number[open_] = grown.number[np.searchsorted(grown.code, wanted[open_])]
        return grown, number
