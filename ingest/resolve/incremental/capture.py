"""The index of a full run: its records as numbers, its pairs as they were compared."""

import numpy as np
import polars as pl

from ingest.resolve.block import Blocks
from ingest.resolve.compare import ATTRIBUTES, Records, compare
from ingest.resolve.incremental.bigrams import Bigrams
from ingest.resolve.incremental.bound import worth_keeping
from ingest.resolve.incremental.groups import all_sizes
from ingest.resolve.incremental.index import TEXTS, FirmIndex, Pairs
from ingest.resolve.incremental.key_columns import key_columns, paired_keys
from ingest.resolve.incremental.tuples import digests, stated
from ingest.resolve.incremental.vocabulary import Numbers, PairVocabulary, Vocabulary
from ingest.resolve.kinds import organization_records as forms
from ingest.resolve.normalise import industry_lexicon
from ingest.resolve.weigh import Weights


def kept_pairs(
    records: Records, weights: Weights, blocks: Blocks, least: float
) -> tuple[Pairs, int]:
    """Candidate pairs that can reach ``least`` bits and that two valid codes do not decide.

    Also how many pairs were compared.
    """
    compared = 0
    parts = [
        Pairs(np.empty(0, np.int64), np.empty(0, np.int64), np.zeros((0, len(ATTRIBUTES)), np.int8))
    ]
    for first, last in blocks.segments():
        a, b = blocks.pairs(first, last)
        is_open = (records.code[a] < 0) | (records.code[b] < 0)
        a, b = a[is_open], b[is_open]
        compared += len(a)
        levels = compare(records, a, b)
        worth = worth_keeping(weights, least, levels)
        parts.append(Pairs(a[worth], b[worth], levels[worth]))
    pairs = Pairs(
        np.concatenate([part.a for part in parts]),
        np.concatenate([part.b for part in parts]),
        np.concatenate([part.levels for part in parts]),
    )
    return pairs, compared


def capture(
    records: pl.DataFrame, tuples: pl.DataFrame, record: pl.Series, pairs: Pairs
) -> FirmIndex:
    """The index of records.

    Parameters
    ----------
    records
        As :func:`organization_records.build_records` makes them.
    tuples, record
        Mention tuples and the record of each.
    """
    words: dict[str, Vocabulary] = {}
    number: dict[str, Numbers] = {}
    for column, word in TEXTS.items():
        words[word], number[column] = words.get(word, Vocabulary.empty()).numbered(records[column])
    bigrams = Bigrams.empty().grown(words["trunk"].texts)
    core = np.zeros(len(words["trunk"].texts), np.int32)
    core[number["trunk"]] = number["core"]
    none = dict.fromkeys(paired_keys(), PairVocabulary.empty())
    is_odd = records["is_contradictory"].to_numpy()
    columns, pair_words = key_columns(number, words, none, bigrams, is_odd)
    blank = forms.without_shared(records)
    marks = stated(tuples)
    order = np.argsort(marks, kind="stable")
    first = order[np.flatnonzero(np.diff(marks[order], prepend=~marks[order[:1]]))]
    return FirmIndex(
        words,
        number,
        records["rows"].cast(pl.Int64).to_numpy(),
        is_odd,
        (blank["phone"] != records["phone"]).to_numpy(),
        (blank["address"] != records["address"]).to_numpy(),
        digests(records.drop("city").rename({"delivered_city": "city"}), forms.FIELDS),
        pair_words,
        columns,
        bigrams,
        core,
        industry_lexicon(records["trunk"]),
        marks[first],
        record.cast(pl.Int64).to_numpy()[first],
        all_sizes(columns),
        pairs,
    )
