"""A run that knows the last one: records that came, went or changed are compared, others are not.

The result is that of a full run with the same weights, to the last edge (a test compares). What
changes about old records when others come is followed: 字号 split by another lexicon, phones and
addresses that became shared, keys above or below their cap, rarest bigrams, contradictions, and
the frequency of every value.
"""

from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ingest.resolve.block import Dropped
from ingest.resolve.cluster import Ints
from ingest.resolve.incremental.index import (
    OWN_FIELDS,
    TEXTS,
    FirmIndex,
    texts_of,
)
from ingest.resolve.incremental.key_columns import FormerValues, key_columns
from ingest.resolve.incremental.pairs import NO_PAIRS, renewed_pairs
from ingest.resolve.incremental.tuples import Arrived
from ingest.resolve.incremental.vocabulary import Numbers, Vocabulary
from ingest.resolve.kinds import organization_records as forms
from ingest.resolve.kinds.organization_records import FIELDS
from ingest.resolve.normalise import core_of, industry_lexicon
from ingest.resolve.weigh import Weights

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Advanced:
    """The new index, the record of each tuple, keys above their cap, pairs compared anew."""

    index: FirmIndex
    of_tuple: Ints
    dropped: tuple[Dropped, ...]
    compared: int


@dataclass(frozen=True, slots=True)
class _Ordered:
    """Records in the order of their FIELDS; ``former`` is the old number of each, -1 if new.

    ``place`` is where each arrived record went.
    """

    words: dict[str, Vocabulary]
    number: dict[str, Numbers]
    rows: Ints
    digest: NDArray[np.uint64]
    former: Ints
    of_tuple: Ints
    place: Ints


def advance(index: FirmIndex, arrived: Arrived, weights: Weights, least: float) -> Advanced:
    """The index after the records of ``arrived``, which are *all* records of now.

    Parameters
    ----------
    least
        Pairs that cannot reach this weight (bits) are let go.

    Raises
    ------
    IndexBrokenError
        When two texts have one hash.
    """
    ordered = _ordered(index, arrived)
    bigrams = index.bigrams.grown(ordered.words["trunk"].texts)
    lexicon, core, words = _cores(index, ordered)
    number = dict(ordered.number, core=core[ordered.number["trunk"]])
    ordered = replace(ordered, words=words, number=number)
    touched = _touched(index, ordered)
    is_odd = _contradictory(index, ordered, touched)
    phone, address = (_shared(index, ordered, touched, c) for c in ("phone", "address"))
    columns, pair_words = key_columns(
        number, words, index.pair_words, bigrams, is_odd, _former_values(index, ordered, is_odd)
    )
    made = FirmIndex(
        words, number, ordered.rows, is_odd, phone, address, ordered.digest, pair_words, columns,
        bigrams, core, lexicon, *_tuples(index, arrived, ordered), index.group_size, NO_PAIRS,
    )  # fmt: skip
    new = renewed_pairs(index, made, ordered.former, weights, least)
    made = replace(made, pairs=new.pairs, group_size=new.group_size)
    return Advanced(made, ordered.of_tuple, new.dropped, new.compared)


def _former_values(index: FirmIndex, ordered: _Ordered, is_odd: Flags) -> FormerValues:
    """Key values that records had, and the records whose values may be others now."""
    is_old = ordered.former >= 0
    was = ordered.former[is_old]
    value = np.zeros((len(is_old), index.columns.value.shape[1]), np.int32)
    value[is_old] = index.columns.value[was]
    is_due = np.ones(len(is_old), np.bool_)
    is_due[is_old] = (index.number["core"][was] != ordered.number["core"][is_old]) | (
        index.is_contradictory[was] != is_odd[is_old]
    )
    return FormerValues(value, is_due)


def _tuples(
    index: FirmIndex, arrived: Arrived, ordered: _Ordered
) -> tuple[NDArray[np.uint64], Ints]:
    """Digests of mention tuples with the records of now; those of records that went are left."""
    # A digest says what its tuple states, so it stays right when no row states it for a while.
    moved = np.full(index.size, -1, np.int64)
    is_old = ordered.former >= 0
    moved[ordered.former[is_old]] = np.flatnonzero(is_old)
    record = moved[index.tuple_record]
    held = record >= 0
    digest = index.tuple_digest[held]
    at = np.searchsorted(digest, arrived.unseen)
    place = ordered.place[arrived.unseen_record]
    return np.insert(digest, at, arrived.unseen), np.insert(record[held], at, place)


def _ordered(index: FirmIndex, arrived: Arrived) -> _Ordered:
    """Kept and new records as one, sorted by FIELDS, in numbers of grown vocabularies."""
    new, kept = forms.with_parts(arrived.new), arrived.kept
    words, added = dict(index.words), {}
    for column, word in TEXTS.items():
        if column != "core":
            words[word], added[column] = words[word].numbered(new[column])
    at = _insertions(index, kept, arrived.new)
    is_all = len(kept) == index.size
    number = {
        c: np.insert(index.number[c] if is_all else index.number[c][kept], at, own)
        for c, own in added.items()
    }
    place = np.empty(len(kept) + new.height, np.int64)
    place[len(kept) :] = at + np.arange(new.height)
    is_kept = np.ones(len(place), np.bool_)
    is_kept[place[len(kept) :]] = False
    place[: len(kept)] = np.flatnonzero(is_kept)
    return _Ordered(
        words,
        number,
        np.insert(arrived.rows[: len(kept)], at, arrived.rows[len(kept) :]),
        np.insert(index.digest[kept], at, arrived.digest),
        np.insert(kept, at, np.full(new.height, -1)),
        place[arrived.of_tuple],
        place,
    )


def _insertions(index: FirmIndex, kept: Ints, new: pl.DataFrame) -> Ints:
    """Before which of the kept records each new one belongs; both are sorted by FIELDS."""
    clean = index.words["clean"].texts.gather(index.number["clean"][kept])
    low = clean.search_sorted(new["clean"], side="left").to_numpy().astype(np.int64)
    high = clean.search_sorted(new["clean"], side="right").to_numpy().astype(np.int64)
    shared = np.flatnonzero(high > low)
    if not len(shared):
        return low
    # Where a name is there already, the other fields decide: sorted among its own records only.
    own = pl.DataFrame({"low": low[shared], "high": high[shared]}).unique().sort("low")
    spans = own.select(pl.int_ranges("low", "high").alias("place")).explode("place")["place"]
    around = spans.to_numpy()
    names = {c: number[kept[around]] for c, number in index.number.items() if c in OWN_FIELDS}
    old = texts_of(index.words, names, OWN_FIELDS).rename({"delivered_city": "city"})
    mixed = pl.concat(
        [
            old.with_columns(is_new=pl.lit(value=False), row=pl.Series(around)),
            new[shared.tolist()].with_columns(is_new=pl.lit(value=True), row=pl.Series(shared)),
        ]
    ).sort(*FIELDS)
    before = mixed.select(
        "is_new", "row", last=pl.when(~pl.col("is_new")).then("row").forward_fill().over("clean")
    ).filter("is_new")
    row = before["row"].to_numpy()
    last = before["last"].fill_null(-1).to_numpy()
    low[row] = np.where(last < 0, low[row], last + 1)
    return low


def _cores(
    index: FirmIndex, ordered: _Ordered
) -> tuple[frozenset[str], Numbers, dict[str, Vocabulary]]:
    """The lexicon of now, the 字号 of each trunk, and the vocabularies with these."""
    texts = ordered.words["trunk"].texts
    held = np.bincount(ordered.number["trunk"], minlength=len(texts))
    lexicon = industry_lexicon(texts.filter(pl.Series(held > 0)))
    known = len(index.core)
    is_due = np.zeros(len(texts), np.bool_)
    is_due[known:] = True
    moved = sorted(lexicon ^ index.lexicon)
    if moved:
        is_due |= texts.str.contains_any(moved).to_numpy()
    due = np.flatnonzero(is_due)
    found = [core_of(trunk, lexicon) for trunk in texts.gather(due).to_list()]
    words, added = ordered.words["core"].numbered(pl.Series(found, dtype=pl.String))
    core = np.concatenate([index.core, np.zeros(len(texts) - known, np.int32)])
    core[due] = added
    return lexicon, core, dict(ordered.words, core=words)


def _touched(index: FirmIndex, ordered: _Ordered) -> tuple[Ints, Ints]:
    """Records that are new or are stated by another number of rows; old ones that are gone."""
    is_old = ordered.former >= 0
    is_other = np.ones(len(ordered.former), np.bool_)
    is_other[is_old] = ordered.rows[is_old] != index.rows[ordered.former[is_old]]
    is_gone = np.ones(index.size, np.bool_)
    is_gone[ordered.former[is_old]] = False
    return np.flatnonzero(is_other), np.flatnonzero(is_gone)


def _values(index: FirmIndex, ordered: _Ordered, touched: tuple[Ints, Ints], column: str) -> Flags:
    """Numbers of ``column`` that records which came, went or changed have, 0 never."""
    marked = np.zeros(len(ordered.words[TEXTS[column]].texts), np.bool_)
    marked[ordered.number[column][touched[0]]] = True
    marked[index.number[column][touched[1]]] = True
    marked[0] = False
    return marked


def _contradictory(index: FirmIndex, ordered: _Ordered, touched: tuple[Ints, Ints]) -> Flags:
    """Whether a record contradicts itself: asked again where its code or name was touched."""
    is_old = ordered.former >= 0
    out = np.zeros(len(ordered.former), np.bool_)
    out[is_old] = index.is_contradictory[ordered.former[is_old]]
    code, clean = ordered.number["code"], ordered.number["clean"]
    is_whole = (code > 0) & (clean > 0)
    asked = is_whole & (
        _values(index, ordered, touched, "code")[code]
        | _values(index, ordered, touched, "clean")[clean]
    )
    codes = np.zeros(len(ordered.words["code"].texts), np.bool_)
    names = np.zeros(len(ordered.words["clean"].texts), np.bool_)
    codes[code[asked]] = names[clean[asked]] = True
    around = np.flatnonzero(is_whole & (codes[code] | names[clean]))
    frame = pl.DataFrame(
        {
            "record": around,
            "code": ordered.words["code"].texts.gather(code[around]),
            "clean": ordered.words["clean"].texts.gather(clean[around]),
            "rows": ordered.rows[around],
        }
    )
    found = forms.contradictory(frame).to_numpy()
    is_asked = asked[around]
    out[around[is_asked]] = found[is_asked]
    return out


def _shared(index: FirmIndex, ordered: _Ordered, touched: tuple[Ints, Ints], column: str) -> Flags:
    """Whether too many differently named firms have a record's phone or address."""
    before = index.has_shared_phone if column == "phone" else index.has_shared_address
    value, trunk = ordered.number[column], ordered.number["trunk"]
    is_old = ordered.former >= 0
    out = np.zeros(len(value), np.bool_)
    out[is_old] = before[ordered.former[is_old]]
    asked = np.flatnonzero(_values(index, ordered, touched, column)[value])
    frame = pl.DataFrame({"value": value[asked], "trunk": trunk[asked]})
    counted = frame.select(pl.col("trunk").n_unique().over("value")).to_series().to_numpy()
    out[asked] = counted > forms.SHARED_MOST
    return out
