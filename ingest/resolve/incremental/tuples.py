"""Which record each mention tuple states: known ones by their digest, new ones in normal form."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numba import njit
from numpy.typing import NDArray

from ingest.resolve.cluster import Ints
from ingest.resolve.incremental.index import DIGEST_SEED, FirmIndex
from ingest.resolve.kinds import organization_records as forms

STATED = ("name", "code", "phone", "person", "address", "division", "apart")
Digests = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Input:
    """Mention tuples of organisations, their former names, and mentions that are registers."""

    tuples: pl.DataFrame
    former: pl.DataFrame
    registers: set[int]


@dataclass(frozen=True, slots=True)
class Arrived:
    """Records of a run before they are put in order.

    ``kept`` are the records of the index that are still stated, by their old numbers; ``new`` are
    FIELDS of the others, sorted, with their ``digest``. ``of_tuple`` numbers the record of each
    mention tuple among both, kept ones first; ``rows`` is parallel to both. ``unseen`` are digests
    of new tuples, and ``unseen_record`` their records in the same numbers.
    """

    kept: Ints
    new: pl.DataFrame
    digest: Digests
    of_tuple: Ints
    rows: Ints
    unseen: Digests
    unseen_record: Ints


def digests(frame: pl.DataFrame, columns: tuple[str, ...]) -> Digests:
    """A number of 64 bits for what each line states.

    A line meets another's by chance once in 10^8 days of 100,000 lines against 3 million.
    """
    said = frame.select(pl.col(column).fill_null("") for column in columns)
    return said.hash_rows(DIGEST_SEED).to_numpy()


def stated(tuples: pl.DataFrame) -> Digests:
    """Digest of each mention tuple."""
    if "apart" not in tuples.columns:
        tuples = tuples.with_columns(apart=pl.lit(""))
    return digests(tuples, STATED)


def _place(known: Digests, wanted: Digests) -> Ints:
    """Place of each number in the sorted ``known``, -1 where it is not there."""
    # Both in order, each is passed once; looking each up would jump about in memory.
    order = np.argsort(wanted)
    out: Ints = _merged_places(known, wanted[order], order)
    return out


@njit(cache=True)
def _merged_places(known: Digests, wanted: Digests, order: Ints) -> Ints:
    out = np.full(wanted.size, -1, np.int64)
    place = 0
    for k in range(wanted.size):
        while place < known.size and known[place] < wanted[k]:
            place += 1
        if place < known.size and known[place] == wanted[k]:
            out[order[k]] = place
    return out


def known_records(index: FirmIndex, marks: Digests) -> Ints:
    """Old number of the record that each mention tuple states, -1 where it is not known."""
    place = _place(index.tuple_digest, marks)
    return np.where(place < 0, -1, index.tuple_record[np.maximum(place, 0)]).astype(np.int64)


def arrive(index: FirmIndex, new: Input, marks: Digests, record: Ints) -> Arrived:
    """Sort mention tuples and former names into known and new records.

    Parameters
    ----------
    marks, record
        Digests of the mention tuples, and their records as far as they are known.
    """
    is_unseen = record < 0
    unseen = new.tuples.filter(pl.Series(is_unseen))
    named = forms.tuple_fields(unseen).select(*forms.FIELDS)
    place, added, digest = _placed(index, pl.concat([named, forms.shadow_records(new.former)]))
    own = place[: named.height]
    of_tuple = record.copy()
    of_tuple[is_unseen] = own
    rows = new.tuples.select(forms.said_rows(new.registers)).to_series().to_numpy()
    total = index.size + added.height
    count = np.bincount(of_tuple, weights=rows, minlength=total).astype(np.int64)
    is_stated = np.zeros(total, np.bool_)
    is_stated[of_tuple] = is_stated[place] = True
    kept = np.flatnonzero(is_stated[: index.size])
    moved = np.full(total, -1, np.int64)
    moved[kept] = np.arange(len(kept))
    moved[index.size :] = len(kept) + np.arange(added.height)
    rows_of = count[np.append(kept, np.arange(index.size, total))]
    fresh, first = np.unique(marks[is_unseen], return_index=True)
    return Arrived(kept, added, digest, moved[of_tuple], rows_of, fresh, moved[own[first]])


def _placed(index: FirmIndex, fields: pl.DataFrame) -> tuple[Ints, pl.DataFrame, Digests]:
    """Record of each line of FIELDS: its old number, or a number above them all; the new ones."""
    marks = digests(fields, forms.FIELDS)
    order = np.argsort(index.digest)
    found = _place(index.digest[order], marks)
    place = np.where(found < 0, -1, order[np.maximum(found, 0)])
    new = fields.filter(pl.Series(found < 0)).unique().sort(*forms.FIELDS)
    own = digests(new, forms.FIELDS)
    by_digest = np.argsort(own)
    added = by_digest[_place(own[by_digest], marks[found < 0])]
    place[found < 0] = index.size + added
    return place, new, own
