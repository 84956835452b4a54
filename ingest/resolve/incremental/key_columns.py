"""Key values of records as numbers that stay the same from run to run."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.resolve.incremental.bigrams import Bigrams
from ingest.resolve.incremental.groups import KeyColumns
from ingest.resolve.incremental.index import TEXTS
from ingest.resolve.incremental.vocabulary import Numbers, PairVocabulary, Vocabulary
from ingest.resolve.kinds import organization as org

RARE, RARE_CITY = "two rarest bigrams", "two rarest bigrams+city"
NAMES = (*org.VALUE_KEYS, RARE, RARE_CITY)
# Keys of a name; a record that contradicts itself has none.
NAME_PARTS = frozenset({"trunk", "core"})
Flags = NDArray[np.bool_]


def paired_keys() -> tuple[str, ...]:
    """Keys whose values are pairs of numbers."""
    return (*(name for name, parts in org.VALUE_KEYS.items() if len(parts) > 1), RARE_CITY)


@dataclass(frozen=True, slots=True)
class FormerValues:
    """Key values of an earlier run by record, shape (records, slots), 0 for new records.

    ``is_due`` records are new, or have other values now.
    """

    value: NDArray[np.int32]
    is_due: Flags


def key_columns(
    number: dict[str, Numbers],
    words: dict[str, Vocabulary],
    pair_words: dict[str, PairVocabulary],
    bigrams: Bigrams,
    is_contradictory: Flags,
    former: FormerValues | None = None,
) -> tuple[KeyColumns, dict[str, PairVocabulary]]:
    """Key values of all records, and the grown vocabularies of pairs."""
    grown = dict(pair_words)
    slots: list[tuple[int, Numbers]] = []

    values = np.zeros(len(NAMES), np.int64)
    for k, (name, parts) in enumerate(org.VALUE_KEYS.items()):
        own = [number[part] for part in parts]
        if NAME_PARTS & set(parts):
            own[0] = np.where(is_contradictory, 0, own[0]).astype(np.int32)
        if len(own) == 1:
            value = own[0]
            values[k] = len(words[TEXTS[parts[0]]].texts)
        else:
            slot = len(slots)
            grown[name], value = _paired(grown[name], own[0], own[1], former, slot)
            values[k] = grown[name].size
        slots.append((k, value))
    held = np.bincount(number["trunk"], minlength=len(words["trunk"].texts))
    held[0] = 0
    common = bigrams.common(held)
    rare = bigrams.rarest(common, org.BIGRAM_MOST)[number["trunk"]]
    wide = bigrams.rarest(common, org.BIGRAM_CITY_MOST)[number["trunk"]]
    k = NAMES.index(RARE)
    values[k] = bigrams.pairs.size
    slots += [(k, column) for column in rare.T]
    k = NAMES.index(RARE_CITY)
    for column in wide.T:
        grown[RARE_CITY], value = grown[RARE_CITY].numbered(
            column, number["city"], None if former is None else former.value[:, len(slots)]
        )
        slots.append((k, value))
    values[k] = grown[RARE_CITY].size
    cap = np.array([org.CAPS[name] for name in NAMES], np.int64)
    columns = KeyColumns(
        np.column_stack([column for _, column in slots]).astype(np.int32),
        np.array([key for key, _ in slots], np.int64),
        NAMES,
        cap,
        values,
    )
    return columns, grown


def _paired(
    words: PairVocabulary, one: Numbers, two: Numbers, former: FormerValues | None, slot: int
) -> tuple[PairVocabulary, Numbers]:
    """Numbers of pairs; those of an earlier run where records have not changed."""
    if former is None:
        return words.numbered(one, two)
    asked = np.flatnonzero(former.is_due)
    grown, found = words.numbered(one[asked], two[asked])
    value = former.value[:, slot].copy()
    value[asked] = found
    return grown, value
