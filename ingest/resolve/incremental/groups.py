"""Which records share a key value, as numbers: group sizes, pairs of changed records, candidacy."""

from dataclasses import dataclass

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

from ingest.resolve.block import Dropped, is_first
from ingest.resolve.cluster import Ints

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class KeyColumns:
    """Key values of records as numbers, 0 for none.

    ``value`` has a line per record and a column per slot of a key (a name has two rare bigrams);
    ``key`` is the key of each column; ``name``, ``cap`` and ``values`` (numbers in use) are per
    key.
    """

    value: NDArray[np.int32]
    key: Ints
    name: tuple[str, ...]
    cap: Ints
    values: Ints


@dataclass(frozen=True, slots=True)
class Groups:
    """Records per value, all keys one after another; ``usable`` groups have 2 to cap records.

    The group of value ``v`` of key ``k`` is at ``offset[k] + v``.
    """

    offset: Ints
    size: Ints
    usable: NDArray[np.bool_]


def groups_of(columns: KeyColumns, size: Ints) -> Groups:
    """Groups of these sizes (:func:`all_sizes`)."""
    offset = np.cumsum(columns.values) - columns.values
    usable = size >= 2
    for k, first in enumerate(offset):
        own = slice(first, first + columns.values[k])
        usable[own] &= size[own] <= columns.cap[k]
    return Groups(offset, size, usable)


def all_sizes(columns: KeyColumns) -> Ints:
    """Records per value, all keys one after another; no value has none."""
    offset = np.cumsum(columns.values) - columns.values
    size: Ints = _sizes(columns.value, columns.key, offset, int(columns.values.sum()))
    size[offset] = 0
    return size


@njit(parallel=True, cache=True)
def _sizes(value: NDArray[np.int32], key: Ints, offset: Ints, total: int) -> Ints:
    size = np.zeros(total, np.int64)
    for k in prange(offset.size):
        for c in range(value.shape[1]):
            if key[c] == k:
                for i in range(value.shape[0]):
                    size[offset[k] + value[i, c]] += 1
    return size


@dataclass(frozen=True, slots=True)
class Change:
    """What became of the slots of records between two runs.

    ``is_new`` slots hold a value that the record had not before; ``has_lost`` records had a value
    which they have no more.
    """

    is_new: NDArray[np.bool_]
    has_lost: NDArray[np.bool_]
    size: Ints


def change_of(
    before: KeyColumns, before_size: Ints, now: KeyColumns, former: Ints, is_changed: Flags
) -> Change:
    """Compare the key values of each record with those it had.

    Parameters
    ----------
    before_size
        Records per value before.
    former
        Number of each record in ``before``, -1 where it is new.
    is_changed
        Records whose content changed otherwise: all their slots are new.
    """
    offset = np.cumsum(now.values) - now.values
    was = np.cumsum(before.values) - before.values
    size = np.zeros(int(now.values.sum()), np.int64)
    for k, held in enumerate(before.values):
        size[offset[k] : offset[k] + held] = before_size[was[k] : was[k] + held]
    is_new, has_lost = _change(before.value, now.value, now.key, offset, former, is_changed, size)
    is_gone = np.ones(len(before.value), np.bool_)
    is_gone[former[former >= 0]] = False
    for c, k in enumerate(now.key):
        np.subtract.at(size, offset[k] + before.value[is_gone, c], 1)
    size[offset] = 0
    return Change(is_new, has_lost, size)


@njit(cache=True)
def _change(
    before: NDArray[np.int32],
    now: NDArray[np.int32],
    key: Ints,
    offset: Ints,
    former: Ints,
    is_changed: NDArray[np.bool_],
    size: Ints,
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """New slots and records that lost a value; ``size`` follows them."""
    is_new = np.zeros(now.shape, np.bool_)
    has_lost = np.zeros(former.size, np.bool_)
    for i in range(former.size):
        f = former[i]
        for c in range(now.shape[1]):
            if f >= 0 and now[i, c] == before[f, c]:
                is_new[i, c] = is_changed[i]
                continue
            is_held, was_held = False, False
            if f >= 0:
                for d in range(now.shape[1]):
                    if key[d] == key[c]:
                        is_held |= before[f, d] == now[i, c]
                        was_held |= now[i, d] == before[f, c]
                size[offset[key[c]] + before[f, c]] -= 1
                has_lost[i] |= not was_held
            size[offset[key[c]] + now[i, c]] += 1
            is_new[i, c] = not is_held or is_changed[i]
    return is_new, has_lost


def dropped(columns: KeyColumns, groups: Groups) -> tuple[Dropped, ...]:
    """Keys with values above their cap."""
    found = []
    for k, name in enumerate(columns.name):
        size = groups.size[groups.offset[k] : groups.offset[k] + columns.values[k]]
        over = size > columns.cap[k]
        if over.any():
            found.append(Dropped(name, int(over.sum()), int(size.max())))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Due:
    """Pairs ``a * n + b`` that have to be looked at, and records that may meet others no more."""

    pairs: Ints
    has_lost: NDArray[np.bool_]


def due(columns: KeyColumns, before: Groups, now: Groups, change: Change) -> Due:
    """Pairs (``a < b``, each once) of new slots, and of groups that became small enough.

    Parameters
    ----------
    before, now
        Groups of both runs; values have the same numbers in both.
    """
    n = len(columns.value)
    has_lost = change.has_lost.copy()
    parts = [np.empty(0, np.int64)]
    for k in range(len(columns.name)):
        slots = np.flatnonzero(columns.key == k)
        held = int(columns.values[k])
        usable = now.usable[now.offset[k] : now.offset[k] + held]
        last = before.offset[k + 1] if k + 1 < len(before.offset) else len(before.size)
        was_size, was_usable = (
            _padded(array[before.offset[k] : last], held) for array in (before.size, before.usable)
        )
        # A group that was too large and is not any more was never paired.
        is_freed = usable & (was_size > columns.cap[k])
        is_cut = ~usable & was_usable.astype(np.bool_)
        wanted = is_freed.copy()
        for c in slots:
            wanted[columns.value[change.is_new[:, c], c]] = True
        wanted &= usable
        asked = wanted | is_cut
        asked[0] = False
        record, value, marked = [], [], []
        for c in slots:
            own = np.flatnonzero(asked[columns.value[:, c]])
            its = columns.value[own, c]
            has_lost[own[is_cut[its]]] = True
            own, its = own[wanted[its]], its[wanted[its]]
            record.append(own)
            value.append(its)
            marked.append(change.is_new[own, c] | is_freed[its])
        parts.append(
            _group_pairs(np.concatenate(record), np.concatenate(value), np.concatenate(marked), n)
        )
    merged = np.concatenate(parts)
    merged.sort()
    return Due(merged[is_first(merged)], has_lost)


def _padded(array: NDArray[np.generic], size: int) -> Ints:
    out = np.zeros(size, np.int64)
    out[: len(array)] = array
    return out


def _group_pairs(record: Ints, value: NDArray[np.int32], is_new: NDArray[np.bool_], n: int) -> Ints:
    order = np.lexsort((record, value))
    record, value, is_new = record[order], value[order], is_new[order]
    count = _count_pairs(value, is_new)
    start = np.cumsum(count) - count
    pairs: Ints = _fill_pairs(record, value, is_new, start, int(count.sum()), n)
    return pairs


@njit(cache=True)
def _count_pairs(value: NDArray[np.int32], is_new: NDArray[np.bool_]) -> Ints:
    count = np.zeros(value.size, np.int64)
    for i in range(value.size):
        j = i + 1
        while j < value.size and value[j] == value[i]:
            if is_new[i] or is_new[j]:
                count[i] += 1
            j += 1
    return count


@njit(cache=True)
def _fill_pairs(
    record: Ints,
    value: NDArray[np.int32],
    is_new: NDArray[np.bool_],
    start: Ints,
    total: int,
    n: int,
) -> Ints:
    out = np.empty(total, np.int64)
    for i in range(value.size):
        place = start[i]
        j = i + 1
        while j < value.size and value[j] == value[i]:
            if is_new[i] or is_new[j]:
                a, b = min(record[i], record[j]), max(record[i], record[j])
                out[place] = a * n + b
                place += 1
            j += 1
    return out


@njit(parallel=True, cache=True)
def _still_meet(
    a: Ints,
    b: Ints,
    value: NDArray[np.int32],
    key: Ints,
    offset: Ints,
    usable: NDArray[np.bool_],
) -> NDArray[np.bool_]:
    out = np.zeros(a.size, np.bool_)
    for e in prange(a.size):
        for c in range(value.shape[1]):
            held = value[a[e], c]
            if held == 0 or not usable[offset[key[c]] + held]:
                continue
            for d in range(value.shape[1]):
                if key[d] == key[c] and value[b[e], d] == held:
                    out[e] = True
    return out


def still_meet(columns: KeyColumns, groups: Groups, a: Ints, b: Ints) -> NDArray[np.bool_]:
    """Whether the records of each pair share a usable value of some key."""
    meets: NDArray[np.bool_] = _still_meet(
        a, b, columns.value, columns.key, groups.offset, groups.usable
    )
    return meets
