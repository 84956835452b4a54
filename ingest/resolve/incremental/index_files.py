"""The index on disk: arrays that are mapped, texts as Arrow, and what it was made with."""

import json
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ingest.resolve.incremental.bigrams import Bigrams
from ingest.resolve.incremental.groups import KeyColumns
from ingest.resolve.incremental.index import TEXTS, FirmIndex, Pairs
from ingest.resolve.incremental.key_columns import NAMES, paired_keys
from ingest.resolve.incremental.vocabulary import PairVocabulary, Vocabulary
from ingest.resolve.kinds import organization as org
from ingest.resolve.swap import put_in_place, staging_of

FORMAT = "1"
MADE_WITH, TEXTS_FILE = "made_with.json", "{}.arrow"
Arrays = dict[str, NDArray[np.generic]]


def save_index(index: FirmIndex, folder: Path, made_with: str) -> None:
    """Put ``index`` in the place of what ``folder`` holds; readers see the old or the new one.

    Parameters
    ----------
    made_with
        Everything that the index depends on besides the records.
    """
    staging = staging_of(folder)
    for name, array in _arrays(index).items():
        np.save(staging / f"{name}.npy", array)
    for word, vocabulary in index.words.items():
        vocabulary.texts.to_frame("text").write_ipc(staging / TEXTS_FILE.format(word))
    facts = {"format": FORMAT, "made_with": made_with, "lexicon": sorted(index.lexicon)}
    (staging / MADE_WITH).write_text(json.dumps(facts, ensure_ascii=False), encoding="utf-8")
    put_in_place(staging, folder)


def load_index(folder: Path, made_with: str) -> FirmIndex | None:
    """The index of ``folder``; ``None`` where there is none, or one that does not serve.

    It does not serve when it was made with something else, or when a file is damaged.
    """
    try:
        facts = json.loads((folder / MADE_WITH).read_text(encoding="utf-8"))
        if (facts["format"], facts["made_with"]) != (FORMAT, made_with):
            return None
        return _read(folder, frozenset(facts["lexicon"]))
    except (OSError, ValueError, KeyError, EOFError, pl.exceptions.ComputeError):
        return None


def _read(folder: Path, lexicon: frozenset[str]) -> FirmIndex:
    held = {file.stem: np.load(file, mmap_mode="r") for file in sorted(folder.glob("*.npy"))}
    words = {
        word: Vocabulary(
            pl.read_ipc(folder / TEXTS_FILE.format(word))["text"],
            held[f"{word}-hashes"],
            held[f"{word}-number"],
        )
        for word in sorted(set(TEXTS.values()))
    }
    cap = np.array([org.CAPS[name] for name in NAMES], np.int64)
    return FirmIndex(
        words,
        {column: held[f"record-{column}"] for column in TEXTS},
        held["rows"],
        held["is_contradictory"],
        held["has_shared_phone"],
        held["has_shared_address"],
        held["digest"],
        {k: PairVocabulary(held[f"{k}-code"], held[f"{k}-pair"]) for k in paired_keys()},
        KeyColumns(held["key_value"], held["key"], NAMES, cap, held["key_values"]),
        Bigrams(
            PairVocabulary(held["bigram-code"], held["bigram-number"]),
            held["bigram-start"],
            held["bigram-pair"],
        ),
        held["core"],
        lexicon,
        held["tuple_digest"],
        held["tuple_record"],
        held["group_size"],
        Pairs(held["pair_a"], held["pair_b"], held["pair_levels"]),
    )


def _arrays(index: FirmIndex) -> Arrays:
    arrays: Arrays = {
        "rows": index.rows,
        "is_contradictory": index.is_contradictory,
        "has_shared_phone": index.has_shared_phone,
        "has_shared_address": index.has_shared_address,
        "digest": index.digest,
        "tuple_digest": index.tuple_digest,
        "tuple_record": index.tuple_record,
        "group_size": index.group_size,
        "core": index.core,
        "key_value": index.columns.value,
        "key": index.columns.key,
        "key_values": index.columns.values,
        "bigram-code": index.bigrams.pairs.code,
        "bigram-number": index.bigrams.pairs.number,
        "bigram-start": index.bigrams.start,
        "bigram-pair": index.bigrams.pair,
        "pair_a": index.pairs.a,
        "pair_b": index.pairs.b,
        "pair_levels": index.pairs.levels,
    }
    for word, vocabulary in index.words.items():
        arrays[f"{word}-hashes"] = vocabulary.hashes
        arrays[f"{word}-number"] = vocabulary.number
    for column, number in index.number.items():
        arrays[f"record-{column}"] = number
    for key, pairs in index.pair_words.items():
        arrays[f"{key}-code"] = pairs.code
        arrays[f"{key}-pair"] = pairs.number
    return arrays
