"""Which pairs a person should look at first: those whose answer moves most rows, most likely.

Two kinds of questions come out of what resolution stored. A pair that was **not joined** (weight
below the threshold, or refused because a short name, an ambiguity or a contradiction stood in the
way) changes the result when it is judged the same. A **bridge**, the only edge that holds two parts
of an entity together, changes the result when it is judged different.

Usefulness of a question = chance that the answer changes what resolution did × rows that would
then move. The chance comes from the weight, which is the logarithm of odds in bits: 2^w / (1 + 2^w)
for "the same". A record without code can be one of several coded firms only, so its chance is
divided among them by their odds. The rows are those of the smaller entity, or of the smaller side
of the bridge.

Pairs that a rule keeps apart whatever a person says (two valid codes, different branch tails) are
no questions, and neither are pairs that a person judged already.
"""

from dataclasses import dataclass
from typing import Literal

import duckdb
import polars as pl

from ingest.resolve.bridges import bridges
from ingest.resolve.extract import frame_of
from ingest.resolve.stored import StoredEdge

QuestionKind = Literal[
    "below_threshold", "refused_short_name", "refused_ambiguous", "refused_contradictory", "bridge"
]
# The best hit of a short name that stands alone is the right firm this often (measured on the
# registry data that the weights were designed on).
SHORT_NAME_CHANCE = 0.79
# More questions than this nobody answers before the next run asks anew.
MOST_QUESTIONS = 2_000
CHANCE_PLACES, USE_PLACES = 4, 4

# Entities as the questions see them: rows, code, and a row that stands for the whole.
ENTITY = """
CREATE OR REPLACE TEMP TABLE review_entity AS
SELECT entity_id, sum(row_count)::BIGINT AS rows, nullif(max(code), '') AS code,
    arg_min(record, {'rows': -row_count, 'record': record})
        FILTER (reference IS NOT NULL) AS standing
FROM resolve_record WHERE kind = 'organization' AND entity_id IS NOT NULL GROUP BY entity_id
"""
APART = """
WITH pair AS (
    SELECT e.a, e.b, e.levels, e.weight, e.outcome, e.bits,
        x.entity_id AS entity_a, y.entity_id AS entity_b,
        p.code IS NOT NULL AS is_coded_a, q.code IS NOT NULL AS is_coded_b,
        least(p.rows, q.rows) AS rows,
        CASE WHEN x.reference IS NULL THEN p.standing ELSE e.a END AS asked_a,
        CASE WHEN y.reference IS NULL THEN q.standing ELSE e.b END AS asked_b
    FROM resolve_edge e
    JOIN resolve_record x ON x.kind = e.kind AND x.record = e.a
    JOIN resolve_record y ON y.kind = e.kind AND y.record = e.b
    JOIN review_entity p ON p.entity_id = x.entity_id
    JOIN review_entity q ON q.entity_id = y.entity_id
    WHERE e.kind = 'organization' AND x.entity_id <> y.entity_id AND x.tail = y.tail
        AND (p.code IS NULL OR q.code IS NULL OR p.code = q.code)
        AND e.outcome IN ('below_threshold', 'refused_short_name', 'refused_ambiguous',
            'refused_contradictory')),
best AS (
    SELECT * FROM pair QUALIFY row_number() OVER (
        PARTITION BY least(entity_a, entity_b), greatest(entity_a, entity_b)
        ORDER BY weight DESC, a, b) = 1),
rival AS (
    SELECT bare, sum(pow(2, weight)) AS odds FROM (
        SELECT entity_a AS bare, weight FROM best WHERE NOT is_coded_a AND is_coded_b
        UNION ALL
        SELECT entity_b, weight FROM best WHERE NOT is_coded_b AND is_coded_a) GROUP BY bare)
SELECT b.a, b.b, levels, weight, outcome, bits, outcome AS question, rows, asked_a, asked_b,
    least(pow(2, weight) / (1 + pow(2, weight)), coalesce(pow(2, weight) / odds, 1),
        CASE WHEN outcome = 'refused_short_name' THEN {short_name} ELSE 1 END) AS chance
FROM best b LEFT JOIN rival r
    ON r.bare = CASE WHEN is_coded_a THEN entity_b ELSE entity_a END AND is_coded_a <> is_coded_b
WHERE asked_a IS NOT NULL AND asked_b IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class Question:
    """A pair to judge, by its edge.

    ``asked_a`` and ``asked_b`` are the records whose smallest rows a judgement should name: the
    edge's own, or one that stands for the entity where only a former name was compared. ``chance``
    is in 0..1, ``rows`` would move, ``usefulness`` is their product.
    """

    edge: StoredEdge
    question: QuestionKind
    asked_a: int
    asked_b: int
    chance: float
    rows: int
    usefulness: float

    @property
    def id(self) -> str:
        """Record numbers of the edge; they stand until the next run of resolution."""
        return f"{self.edge.a}-{self.edge.b}"

    @property
    def is_joined(self) -> bool:
        """Whether resolution took both sides for one."""
        return self.question == "bridge"


def questions(sql: duckdb.DuckDBPyConnection, threshold: float) -> tuple[Question, ...]:
    """Questions about organisations, the most useful first; of two entities one pair only.

    Parameters
    ----------
    sql
        A cursor over the views of a resolved lake.
    threshold
        Bits that an edge needed to join.

    Returns
    -------
    tuple
        At most 2,000; equal usefulness is ordered by record numbers, so that the same tables give
        the same list.
    """
    sql.execute(ENTITY).fetchall()
    apart = frame_of(sql, APART.format(short_name=SHORT_NAME_CHANCE))
    joined = bridges(sql, threshold, MOST_QUESTIONS)
    found = pl.concat([apart.select(sorted(apart.columns)), joined.select(sorted(apart.columns))])
    ranked = (
        found.with_columns(pl.col("chance").round(CHANCE_PLACES))
        .with_columns(usefulness=(pl.col("chance") * pl.col("rows")).round(USE_PLACES))
        .filter(pl.col("usefulness") > 0)
        .sort("usefulness", "a", "b", descending=[True, False, False])
        .head(MOST_QUESTIONS)
    )
    return tuple(
        Question(
            StoredEdge(
                line["a"], line["b"], line["levels"], line["weight"], line["outcome"],
                tuple(line["bits"]),
            ),
            line["question"],
            line["asked_a"],
            line["asked_b"],
            line["chance"],
            line["rows"],
            line["usefulness"],
        )
        for line in ranked.iter_rows(named=True)
    )  # fmt: skip
