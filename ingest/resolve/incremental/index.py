"""What a run keeps so that the next one compares only what changed.

Everything here can be made again from the lake: an index that does not fit is thrown away.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ingest.resolve.cluster import Ints
from ingest.resolve.compare import TRUNK_WIDTH, Records, Texts
from ingest.resolve.incremental.bigrams import Bigrams
from ingest.resolve.incremental.groups import KeyColumns
from ingest.resolve.incremental.vocabulary import Numbers, PairVocabulary, Vocabulary

# Columns of records → the vocabulary of their texts.
TEXTS = {
    "clean": "clean",
    "code": "code",
    "raw_code": "raw_code",
    "phone": "phone",
    "person": "person",
    "address": "address",
    "apart": "apart",
    "delivered_city": "city",
    "city": "city",
    "region": "region",
    "trunk": "trunk",
    "suffix": "suffix",
    "branch": "branch",
    "core": "core",
}
# FIELDS of records in their order, as columns of TEXTS.
OWN_FIELDS = ("clean", "code", "raw_code", "phone", "person", "address", "apart", "delivered_city")
DIGEST_SEED = 11
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs ``a < b``, sorted, that could join under some frequency of their values."""

    a: Ints
    b: Ints
    levels: NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class FirmIndex:
    """The records of organisations of one run as numbers of texts, with the pairs worth keeping.

    Attributes
    ----------
    words
        Texts by vocabulary.
    number
        Per column of TEXTS the text of each record.
    rows
        How many rows state each record; a register's statement counts for many.
    is_contradictory, has_shared_phone, has_shared_address
        Per record.
    digest
        A number of 64 bits for the FIELDS of each record.
    pair_words
        Per key of two columns the numbers of its values.
    columns
        Key values of the records.
    bigrams, core
        Per trunk: its character pairs, and the number of its 字号.
    lexicon
        Industry words that the 字号 were split by.
    tuple_digest, tuple_record
        Digests of mention tuples, sorted, and the record of each.
    group_size
        Records per key value, as :class:`Groups` has them.
    pairs
        Pairs of which at most one record has a valid code.
    """

    words: dict[str, Vocabulary]
    number: dict[str, Numbers]
    rows: Ints
    is_contradictory: Flags
    has_shared_phone: Flags
    has_shared_address: Flags
    digest: NDArray[np.uint64]
    pair_words: dict[str, PairVocabulary]
    columns: KeyColumns
    bigrams: Bigrams
    core: Numbers
    lexicon: frozenset[str]
    tuple_digest: NDArray[np.uint64]
    tuple_record: Ints
    group_size: Ints
    pairs: Pairs

    @property
    def size(self) -> int:
        """How many records there are."""
        return len(self.rows)


def texts_of(
    words: dict[str, Vocabulary], number: dict[str, Numbers], columns: tuple[str, ...]
) -> pl.DataFrame:
    """The texts of ``columns`` of each record."""
    return pl.DataFrame(
        {column: words[TEXTS[column]].texts.gather(number[column]) for column in columns}
    )


def records_frame(index: FirmIndex) -> pl.DataFrame:
    """The records as :func:`organization_records.build_records` makes them."""
    return texts_of(index.words, index.number, tuple(TEXTS)).select(
        pl.int_range(pl.len(), dtype=pl.Int64).alias("record"),
        pl.all(),
        rows=pl.Series(index.rows),
        is_contradictory=pl.Series(index.is_contradictory),
    )


def packed_numbers(index: FirmIndex) -> Records:
    """The arrays of the records without the characters of their texts.

    They serve for whatever asks only which texts are equal and how long names are; two records
    cannot be compared by them.
    """
    number = {column: own.astype(np.int64) - 1 for column, own in index.number.items()}
    phone = np.where(index.has_shared_phone, -1, number["phone"])
    address = np.where(index.has_shared_address, -1, number["address"])
    lengths = index.words["trunk"].texts.slice(1).str.len_chars().clip(0, TRUNK_WIDTH)
    return Records(
        number["code"],
        _bare(number["raw_code"]),
        _bare(number["trunk"], lengths.cast(pl.Int64).to_numpy()),
        number["core"],
        number["suffix"],
        _ranked(index, number["branch"]),
        six_digits(index, "region"),
        six_digits(index, "city"),
        phone,
        _bare(number["person"]),
        _bare(address),
    )


def _bare(number: Ints, length: Ints | None = None) -> Texts:
    none = np.zeros(1, np.int64)
    return Texts(number, np.zeros((1, 1), np.uint32), none if length is None else length)


def _ranked(index: FirmIndex, number: Ints) -> Texts:
    """Branches numbered by their order among the texts in use, as when arrays are made anew."""
    texts = index.words["branch"].texts.slice(1)
    used = np.unique(number[number >= 0])
    place = np.full(len(texts) + 1, -1, np.int64)
    place[used] = texts.gather(used).rank("ordinal").cast(pl.Int64).to_numpy() - 1
    return _bare(place[number])


def six_digits(index: FirmIndex, column: str) -> Ints:
    """Division code of each record with six digits, 0 where unknown."""
    texts = index.words[TEXTS[column]].texts
    values = texts.str.pad_end(6, "0").cast(pl.Int64, strict=False).fill_null(0).to_numpy()
    digits: Ints = values[index.number[column]]
    return digits
