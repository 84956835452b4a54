"""Which known organisation a new row means: candidates with bits, and whether that is enough.

A row goes the way of a record in a full run: the same normal forms, keys, levels, weights and rules
beyond weights. What is left out is the clustering, so a row says which entity it would join, and
changes nothing.

Decision per row: ``match`` when the best entity has the row's valid code, or states exactly the
same, or reaches the threshold with no other entity within the margin; ``review`` when something
weighs enough to be looked at but a rule or a rival stands in the way; else ``new``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import polars as pl

from ingest.resolve.cluster import Ints
from ingest.resolve.compare import ATTRIBUTES, LEVEL_NAMES
from ingest.resolve.kinds import organization as org
from ingest.resolve.kinds.organization_tables import KEPT_BITS_BELOW
from ingest.resolve.match_index import MatchIndex
from ingest.resolve.match_pairs import ComparedPairs, MatchQuery, compared_pairs, query_records
from ingest.resolve.waterfall import VALUE_COLUMNS, Part, Step

Decision = Literal["match", "review", "new"]
# In the order in which entities are ranked: a code before words, words before weight.
Reason = Literal[
    "same_code",
    "same_statement",
    "above_threshold",
    "below_threshold",
    "refused_short_name",
    "refused_contradictory",
    "refused_branch",
]
REASONS: tuple[Reason, ...] = get_args(Reason)
SAME_CODE, SAME_STATEMENT, ABOVE, BELOW, SHORT, CONTRADICTORY, BRANCH = range(len(REASONS))
MOST_CANDIDATES = 5
BITS_PLACES = 3


@dataclass(frozen=True, slots=True)
class MatchOptions:
    """Least bits to join, least lead over the next entity in bits, and what may be looked at.

    ``level`` is the highest level of entities, records and values that take part; L4 values do
    when L3 is read (they are compared, and masked where they are shown).
    """

    threshold_bits: float = 2.0
    margin_bits: float = org.MARGIN_BITS
    level: str = "L4"


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entity that a row may mean, by its record that fits best; ``record`` is its number."""

    entity_id: str
    name: str
    code: str
    bits: float
    reason: Reason
    record: int
    step: Step


@dataclass(frozen=True, slots=True)
class Matched:
    """What became of one row; candidates best first, at most five."""

    decision: Decision
    candidates: tuple[Candidate, ...]


def match(index: MatchIndex, queries: Sequence[MatchQuery], options: MatchOptions) -> list[Matched]:
    """What each row most likely means, in the order of ``queries``."""
    if not queries:
        return []
    records, number = query_records(index, queries)
    compared = compared_pairs(index, records, options.level)
    reason = _reasons(compared, options)
    is_shown = ~compared.is_other_code & (
        (compared.weight >= options.threshold_bits - KEPT_BITS_BELOW) | (reason <= SAME_STATEMENT)
    )
    pairs, reason = compared.of(is_shown), reason[is_shown]
    ranked = _ranked(index, pairs, reason, records.height)
    found = [
        Matched(
            _decision(pairs, reason, own, options),
            tuple(
                _candidate(index, records, pairs, at, REASONS[reason[at]])
                for at in own[:MOST_CANDIDATES]
            ),
        )
        for own in ranked
    ]
    return [found[n] for n in number]


def _reasons(pairs: ComparedPairs, options: MatchOptions) -> Ints:
    """Why each pair joins or does not, as a place in REASONS."""
    reason = np.where(pairs.weight >= options.threshold_bits, ABOVE, BELOW).astype(np.int64)
    reason[pairs.is_other_branch] = BRANCH
    reason[pairs.status == org.CONTRADICTORY] = CONTRADICTORY
    reason[pairs.status == org.SHORT_ALONE] = SHORT
    reason[pairs.is_same_statement] = SAME_STATEMENT
    reason[pairs.is_same_code] = SAME_CODE
    return reason


def _ranked(index: MatchIndex, pairs: ComparedPairs, reason: Ints, count: int) -> list[list[int]]:
    """Per query the best pair of each entity, best entities first."""
    best = (
        pl.DataFrame(
            {
                "query": pairs.query,
                "at": np.arange(len(pairs.query)),
                "entity": index.frame["entity_id"].gather(pairs.record),
                "class": np.minimum(reason, ABOVE),
                "weight": pairs.weight,
                "record": pairs.record,
            }
        )
        .sort("query", "class", "weight", "record", descending=[False, False, True, False])
        .unique(["query", "entity"], keep="first", maintain_order=True)
    )
    own: list[list[int]] = [[] for _ in range(count)]
    for query, at in best.select("query", "at").iter_rows():
        own[query].append(at)
    return own


def _decision(
    pairs: ComparedPairs, reason: Ints, own: list[int], options: MatchOptions
) -> Decision:
    if not own:
        return "new"
    first = int(reason[own[0]])
    if first > ABOVE:
        return "review"
    second = int(reason[own[1]]) if len(own) > 1 else BRANCH
    if first < ABOVE and first < second:
        return "match"
    if len(own) == 1:
        return "match"
    lead = pairs.weight[own[0]] - pairs.weight[own[1]]
    return "match" if lead >= options.margin_bits else "review"


def _candidate(
    index: MatchIndex, records: pl.DataFrame, pairs: ComparedPairs, at: int, reason: Reason
) -> Candidate:
    record = int(pairs.record[at])
    left = records.row(int(pairs.query[at]), named=True)
    right = index.frame.row(record, named=True)
    parts = tuple(
        Part(
            attribute,
            LEVEL_NAMES[attribute][pairs.levels[at, k]],
            str(left[VALUE_COLUMNS[attribute]]),
            str(right[VALUE_COLUMNS[attribute]]),
            round(float(pairs.bits[at, k]), BITS_PLACES),
        )
        for k, attribute in enumerate(ATTRIBUTES)
    )
    bits = round(float(pairs.weight[at]), BITS_PLACES)
    return Candidate(
        str(right["entity_id"]),
        str(right["entity_name"] or right["clean"]),
        str(right["entity_code"] or ""),
        bits,
        reason,
        record,
        Step(str(left["clean"]), str(right["clean"]), parts, index.weights.prior, bits),
    )
