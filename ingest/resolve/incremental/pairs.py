"""Pairs of a run out of those of the last one: what changed is compared, the rest is carried."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ingest.resolve.block import Dropped
from ingest.resolve.cluster import Ints
from ingest.resolve.compare import (
    ADDRESS_WIDTH,
    ATTRIBUTES,
    BRANCH_WIDTH,
    PERSON_WIDTH,
    TRUNK_WIDTH,
    Records,
    Texts,
    compare,
)
from ingest.resolve.identifiers import LENGTH, pack
from ingest.resolve.incremental import groups as grouping
from ingest.resolve.incremental.bound import worth_keeping
from ingest.resolve.incremental.index import TEXTS, FirmIndex, Pairs, six_digits
from ingest.resolve.weigh import Weights

Flags = NDArray[np.bool_]
NONE = np.empty(0, np.int64)
NO_PAIRS = Pairs(NONE, NONE, np.zeros((0, len(ATTRIBUTES)), np.int8))


@dataclass(frozen=True, slots=True)
class Renewed:
    """Pairs of now, records per key value, keys above their cap, pairs compared anew."""

    pairs: Pairs
    group_size: Ints
    dropped: tuple[Dropped, ...]
    compared: int


def renewed_pairs(
    index: FirmIndex, now: FirmIndex, former: Ints, weights: Weights, least: float
) -> Renewed:
    """Pairs that still meet, and those of new or changed records compared anew."""
    is_changed = _is_changed(index, now, former)
    before = grouping.groups_of(index.columns, index.group_size)
    change = grouping.change_of(index.columns, index.group_size, now.columns, former, is_changed)
    held = grouping.groups_of(now.columns, change.size)
    due = grouping.due(now.columns, before, held, change)
    a, b = due.pairs // now.size, due.pairs % now.size
    code = now.number["code"]
    is_due = (code[a] == 0) | (code[b] == 0)
    # Pairs that met before in the same words were compared then.
    was_a, was_b = former[a], former[b]
    old = np.flatnonzero(is_due & (was_a >= 0) & (was_b >= 0) & ~is_changed[a] & ~is_changed[b])
    is_due[old] = ~grouping.still_meet(index.columns, before, was_a[old], was_b[old])
    a, b = a[is_due], b[is_due]
    levels = _compared(now, a, b)
    worth = worth_keeping(weights, least, levels)
    fresh = Pairs(a[worth], b[worth], levels[worth])
    kept = _carried(index, former, is_changed)
    asked = np.flatnonzero(due.has_lost[kept.a] | due.has_lost[kept.b])
    meets = np.ones(len(kept.a), np.bool_)
    meets[asked] = grouping.still_meet(now.columns, held, kept.a[asked], kept.b[asked])
    kept = Pairs(kept.a[meets], kept.b[meets], kept.levels[meets])
    return Renewed(
        _merged(kept, fresh, now.size), change.size, grouping.dropped(now.columns, held), len(a)
    )


def _is_changed(index: FirmIndex, now: FirmIndex, former: Ints) -> Flags:
    """Old records whose levels with others may be different now."""
    old = np.flatnonzero(former >= 0)
    was = former[old]
    out = np.zeros(len(former), np.bool_)
    out[old] = (
        (index.number["core"][was] != now.number["core"][old])
        | (index.has_shared_phone[was] != now.has_shared_phone[old])
        | (index.has_shared_address[was] != now.has_shared_address[old])
    )
    return out


def _carried(index: FirmIndex, former: Ints, is_changed: Flags) -> Pairs:
    """Pairs of the index whose records are both there and unchanged."""
    moved = np.full(index.size, -1, np.int64)
    old = np.flatnonzero((former >= 0) & ~is_changed)
    moved[former[old]] = old
    a, b = moved[index.pairs.a], moved[index.pairs.b]
    there = (a >= 0) & (b >= 0)
    return Pairs(a[there], b[there], index.pairs.levels[there])


def _merged(held: Pairs, fresh: Pairs, n: int) -> Pairs:
    """Both as one, sorted, each pair once; what was compared later counts."""
    code, new = held.a * n + held.b, fresh.a * n + fresh.b
    place = np.searchsorted(code, new)
    is_there = np.zeros(len(new), np.bool_)
    inside = place < len(code)
    is_there[inside] = code[place[inside]] == new[inside]
    levels = held.levels.copy()
    levels[place[is_there]] = fresh.levels[is_there]
    at, added = place[~is_there], ~is_there
    return Pairs(
        np.insert(held.a, at, fresh.a[added]),
        np.insert(held.b, at, fresh.b[added]),
        np.insert(levels, at, fresh.levels[added], axis=0),
    )


def _compared(now: FirmIndex, a: Ints, b: Ints) -> NDArray[np.int8]:
    """Levels of pairs, with only the records that take part in one brought into arrays."""
    if not len(a):
        return np.zeros((0, len(ATTRIBUTES)), np.int8)
    is_in = np.zeros(now.size, np.bool_)
    is_in[a] = is_in[b] = True
    chosen = np.flatnonzero(is_in)
    place = np.cumsum(is_in) - 1
    return compare(_packed(now, chosen), place[a], place[b])


def _packed(now: FirmIndex, chosen: Ints) -> Records:
    """Arrays for comparing the chosen records."""
    own = {column: number[chosen] for column, number in now.number.items()}
    own["phone"] = np.where(now.has_shared_phone[chosen], 0, own["phone"])
    own["address"] = np.where(now.has_shared_address[chosen], 0, own["address"])
    whole = {column: number.astype(np.int64) - 1 for column, number in own.items()}

    def texts(column: str, width: int) -> Texts:
        """The distinct texts of the chosen records, their points and lengths."""
        words = now.words[TEXTS[column]].texts
        is_used = np.zeros(len(words), np.bool_)
        is_used[own[column]] = True
        is_used[0] = False
        place = np.cumsum(is_used) - 1
        points = pack(words.filter(pl.Series(is_used)), width)
        if not len(points):
            points = np.zeros((1, width), np.uint32)
        number = np.where(own[column] > 0, place[own[column]], -1).astype(np.int64)
        return Texts(number, points, (points != 0).sum(axis=1).astype(np.int64))

    return Records(
        whole["code"],
        texts("raw_code", LENGTH),
        texts("trunk", TRUNK_WIDTH),
        whole["core"],
        whole["suffix"],
        texts("branch", BRANCH_WIDTH),
        six_digits(now, "region")[chosen],
        six_digits(now, "city")[chosen],
        whole["phone"],
        texts("person", PERSON_WIDTH),
        texts("address", ADDRESS_WIDTH),
    )
