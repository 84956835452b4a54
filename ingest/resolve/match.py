"""Which known organisation a new row means: candidates with bits, and whether that is enough.

A row goes the way of a record in a full run: the same normal forms, keys, levels, weights and rules
beyond weights. What is left out is the clustering, so a row says which entity it would join, and
changes nothing.

Decision per row: ``match`` when the best entity has the row's valid code, or states exactly the
same, or reaches the threshold with no other entity within the margin; ``review`` when something
weighs enough to be looked at but a rule or a rival stands in the way; else ``new``.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
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
from ingest.resolve.weigh import Weights, load_weights

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
BITS_PLACES, PRIOR_PLACES = 3, 2


@dataclass(frozen=True, slots=True)
class MatchOptions:
    """Least bits to join, least lead over the next entity in bits, weights, and what may be seen.

    ``level`` is the highest level of entities, records and values that take part; L4 values do
    when L3 is read (they are compared, and masked where they are shown).
    """

    threshold_bits: float = 2.0
    margin_bits: float = org.MARGIN_BITS
    level: str = "L4"
    weights: Weights = field(default_factory=load_weights)


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
    compared = compared_pairs(index, records, options.weights, options.level)
    reason = _reasons(compared, options)
    is_shown = ~compared.is_other_code & (
        (compared.weight >= options.threshold_bits - KEPT_BITS_BELOW) | (reason <= SAME_STATEMENT)
    )
    pairs, reason = compared.of(is_shown), reason[is_shown]
    ranked = _ranked(index, pairs, reason, records.height)
    shown = np.array([at for own in ranked for at in own[:MOST_CANDIDATES]], np.int64)
    made = dict(zip(shown.tolist(), _candidates(index, records, pairs, reason, shown), strict=True))
    found = [
        Matched(
            _decision(pairs, reason, own, options),
            tuple(made[at] for at in own[:MOST_CANDIDATES]),
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
                # A branch is a unit of its own: whatever it shares, it joins nothing else.
                "class": np.where(reason == BRANCH, BRANCH, np.minimum(reason, ABOVE)),
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
    joinable = [at for at in own[:2] if reason[at] != BRANCH]
    if not joinable:
        return "new"
    first = int(reason[own[0]])
    if first > ABOVE:
        return "review"
    if len(joinable) == 1 or (first < ABOVE and first < reason[own[1]]):
        return "match"
    lead = pairs.weight[own[0]] - pairs.weight[own[1]]
    return "match" if lead >= options.margin_bits else "review"


def _candidates(
    index: MatchIndex, records: pl.DataFrame, pairs: ComparedPairs, reason: Ints, shown: Ints
) -> list[Candidate]:
    """The chosen pairs with both sides' values and the bits of each."""
    columns = list(VALUE_COLUMNS.values())
    left = records.select(columns)[pairs.query[shown]].to_dicts()
    right = index.frame.select(*columns, "record", "entity_id", "entity_name", "entity_code")
    rights = right[pairs.record[shown]].to_dicts()
    bits = np.round(pairs.bits[shown], BITS_PLACES).tolist()
    weight = np.round(pairs.weight[shown], BITS_PLACES).tolist()
    levels, why = pairs.levels[shown].tolist(), reason[shown].tolist()
    return [
        Candidate(
            theirs["entity_id"],
            theirs["entity_name"] or theirs["clean"],
            theirs["entity_code"] or "",
            weight[at],
            REASONS[why[at]],
            theirs["record"],
            Step(
                mine["clean"],
                theirs["clean"],
                tuple(
                    Part(
                        attribute,
                        LEVEL_NAMES[attribute][levels[at][k]],
                        mine[VALUE_COLUMNS[attribute]],
                        theirs[VALUE_COLUMNS[attribute]],
                        bits[at][k],
                    )
                    for k, attribute in enumerate(ATTRIBUTES)
                ),
                round(weight[at] - sum(bits[at]), PRIOR_PLACES),
                weight[at],
            ),
        )
        for at, (mine, theirs) in enumerate(zip(left, rights, strict=True))
    ]
