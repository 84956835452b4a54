"""Organisations from mention tuples to clusters: the steps of :mod:`organization` in order."""

from dataclasses import dataclass

import duckdb
import numpy as np
import polars as pl

from ingest.resolve.cluster import Clusters, Edges, Ints, cluster
from ingest.resolve.compare import Records
from ingest.resolve.engine import BUILT_IN, Engine
from ingest.resolve.engines.splink_engine import score_with_splink
from ingest.resolve.engines.splink_options import SplinkOptions
from ingest.resolve.extract import TEXT_LIMIT
from ingest.resolve.identifiers import is_person_number
from ingest.resolve.incremental.run import IndexPlace, Met, meet
from ingest.resolve.incremental.tuples import Input
from ingest.resolve.kinds import organization as org
from ingest.resolve.kinds import organization_records as forms
from ingest.resolve.kinds.contradictions import CONTRADICTORY_BITS, contradictory_pairs
from ingest.resolve.kinds.keyed import joined
from ingest.resolve.kinds.organization_tables import KEPT_BITS_BELOW, edge_table
from ingest.resolve.known import judged_pairs, judged_rows, record_finder
from ingest.resolve.normalise import is_nameless
from ingest.resolve.score import Scale, ScoredPairs, count_levels, scale, weigh_pairs
from ingest.resolve.weigh import Weights
from records.mentions import load_mentions
from records.registry import Judgement

REGISTERS = (("company", "company"), ("company_branch", "branch"))


@dataclass(frozen=True, slots=True)
class Firms:
    """Records, their pairs and clusters: everything an explanation looks into."""

    records: pl.DataFrame
    packed: Records
    scored: org.Scored
    edges: Edges
    clusters: Clusters
    weights: Weights


@dataclass(frozen=True, slots=True)
class ResolvedFirms:
    """Mention tuples with ``entity`` and ``valid_code``, the kept edges, notes for the report.

    ``record`` is the record of each tuple.
    """

    tuples: pl.DataFrame
    edges: pl.DataFrame
    notes: tuple[str, ...]
    firms: Firms
    record: pl.Series


NO_PAIRS = np.empty(0, np.int64)
NOT_JUDGED = (Edges(NO_PAIRS, NO_PAIRS, np.empty(0)), (NO_PAIRS, NO_PAIRS))


def match_records(
    records: pl.DataFrame,
    weights: Weights,
    threshold: float,
    judged: tuple[Edges, tuple[Ints, Ints]] = NOT_JUDGED,
    *,
    keep_all: bool = False,
    engine: Engine = BUILT_IN,
) -> Firms:
    """Pairs, weights and clusters of records.

    Parameters
    ----------
    records
        As :func:`organization_records.build_records` makes them.
    threshold
        Bits that an edge needs to join.
    judged
        Must-link edges and cannot-link pairs of record numbers.
    keep_all
        Whether every compared pair is kept, for an explanation.
    engine
        What compares and weighs the pairs.

    Raises
    ------
    ResolveError
        When the engine is not installed or does not start.
    """
    packed = forms.packed_records(records)
    least = -np.inf if keep_all else threshold - KEPT_BITS_BELOW
    scored = (
        org.score(records, packed, weights, least)
        if engine == "builtin"
        else score_with_splink(records, packed, weights, SplinkOptions(engine=engine), least)
    )
    return clustered(records, packed, scored, weights, threshold, judged)


def clustered(
    records: pl.DataFrame,
    packed: Records,
    scored: org.Scored,
    weights: Weights,
    threshold: float,
    judged: tuple[Edges, tuple[Ints, Ints]],
    by: Scale | None = None,
) -> Firms:
    """Clusters of scored pairs: what is ambiguous is left open, what contradicts is kept apart.

    ``by`` spares making the scale of these records and weights again.
    """
    same, apart = judged
    scored = org.without_ambiguous(scored, packed, threshold)
    edges = joined([same, org.usable_edges(packed, scored, threshold)])
    branch = forms.branch_numbers(records, packed)
    contrary = contradictory_pairs(records, packed, edges, by or scale(packed, weights))
    clusters = cluster(
        records.height, edges, threshold, packed.code, branch, apart, contrary, -CONTRADICTORY_BITS
    )
    return Firms(records, packed, scored, edges, clusters, weights)


def match_met(
    met: Met, weights: Weights, threshold: float, judged: tuple[Edges, tuple[Ints, Ints]]
) -> Firms:
    """Clusters of records whose pairs were compared in this run or before."""
    a, levels = met.pairs.a, met.pairs.levels
    by = scale(met.packed, weights)
    weight = weigh_pairs(met.packed, by, a, met.pairs.b, levels)
    kept = weight >= threshold - KEPT_BITS_BELOW
    pairs = ScoredPairs(
        a[kept], met.pairs.b[kept], levels[kept], weight[kept], met.compared, count_levels(levels)
    )
    scored = org.with_rules(met.records, met.packed, pairs, met.dropped)
    return clustered(met.records, met.packed, scored, weights, threshold, judged, by)


def resolve_organizations(
    sql: duckdb.DuckDBPyConnection,
    found: pl.DataFrame,
    judgements: list[Judgement],
    threshold: float,
    weights: Weights,
    *,
    keep_all: bool = False,
    engine: Engine = BUILT_IN,
    index: IndexPlace | None = None,
) -> ResolvedFirms:
    """Cluster the mention tuples of organisations.

    Parameters
    ----------
    keep_all
        Whether every compared pair is kept, for an explanation.
    index
        Where the index of the last run lies, which spares comparing what has not changed; it
        serves the built-in engine.
    """
    kept = _told_apart(sql, found.filter(~is_person_number(found["code"])), judgements)
    if index is not None and engine == BUILT_IN and not keep_all:
        new = Input(kept, forms.former_names(sql), _registers())
        met = meet(new, weights, threshold - KEPT_BITS_BELOW, index)
        record = met.record
    else:
        fields = forms.tuple_fields(kept)
        records = forms.build_records(fields, forms.former_names(sql), _registers())
        met, record = None, forms.record_of_tuple(fields, records)
    numbered = judged_rows(sql, judgements, "organization", kept, record)
    judged = judged_pairs(sql, judgements, "organization", numbered)
    firms = (
        match_met(met, weights, threshold, judged)
        if met is not None
        else match_records(records, weights, threshold, judged, keep_all=keep_all, engine=engine)
    )
    records = firms.records
    root = pl.Series(firms.clusters.root)
    codes = records.with_columns(root=root).select(
        pl.col("code").filter(pl.col("code") != "").min().over("root")
    )
    labelled = kept.with_columns(
        entity=root.gather(record).cast(pl.Int32), valid_code=codes.to_series().gather(record)
    )
    notes = (
        *_notes(firms),
        *_name_notes(kept, records["clean"].gather(record)),
        *same_statement_notes(judgements, numbered, sql),
    )
    return ResolvedFirms(labelled, _edge_table(firms, threshold), notes, firms, record)


def firm_records(sql: duckdb.DuckDBPyConnection, found: pl.DataFrame) -> pl.DataFrame:
    """Records of the mention tuples of organisations, nothing joined yet."""
    kept = found.filter(~is_person_number(found["code"]))
    return forms.build_records(forms.tuple_fields(kept), forms.former_names(sql), _registers())


def _registers() -> set[int]:
    """Mentions whose name is the registered one."""
    return {
        number
        for number, mention in enumerate(load_mentions())
        if mention.kind == "organization" and (mention.dataset, mention.role) in REGISTERS
    }


def _told_apart(
    sql: duckdb.DuckDBPyConnection, kept: pl.DataFrame, judgements: list[Judgement]
) -> pl.DataFrame:
    """Tuples with ``apart``: a mark of their own where a person said that they differ."""
    different = [j for j in judgements if j.verdict == "different"]
    index = pl.Series(range(kept.height), dtype=pl.Int64)
    named = judged_rows(sql, different, "organization", kept, index)["record"]
    place = pl.concat_str(["mention", "batch_no", "row", "part", "ordinal"], separator=":")
    mark = pl.when(index.is_in(named.implode())).then(place).otherwise(pl.lit(""))
    return kept.with_columns(apart=mark)


def same_statement_notes(
    judgements: list[Judgement], numbered: pl.DataFrame, sql: duckdb.DuckDBPyConnection
) -> tuple[str, ...]:
    """A note on each ``different`` whose two rows state word for word the same."""
    record_of = record_finder(sql, "organization", numbered)
    return tuple(
        f"judgement {j.number}: both rows state the same, they cannot be told apart"
        for j in judgements
        if j.verdict == "different"
        and (one := record_of(j.row_a, j.role_a)) is not None
        and one == record_of(j.row_b, j.role_b)
    )


def _edge_table(firms: Firms, threshold: float) -> pl.DataFrame:
    return edge_table(firms.scored, firms.clusters, firms.packed, firms.weights, threshold)


def _name_notes(found: pl.DataFrame, clean: pl.Series) -> tuple[str, ...]:
    """What names could not be used, or not as a whole; ``clean`` is the name of each tuple."""
    empty = int(found.filter(is_nameless(clean))["rows"].sum())
    cut = int(found.filter(pl.col("name").str.len_chars() >= TEXT_LIMIT)["rows"].sum())
    notes = (
        (empty, "have a name that tells nobody apart: a character, a region or a legal form only"),
        (cut, f"have a name of more than {TEXT_LIMIT} characters, compared by its beginning"),
    )
    return tuple(f"{count} rows {words}" for count, words in notes if count)


def _notes(firms: Firms) -> tuple[str, ...]:
    scored = firms.scored
    notes = [
        f"blocking key {d.key}: {d.values} values above the cap left out,"
        f" the largest shared by {d.largest} records"
        for d in scored.candidates.dropped
    ]
    odd = int(firms.records["is_contradictory"].sum())
    if odd:
        notes.append(f"{odd} records carry the code of one firm and the name of another")
    undecided = int((scored.status == org.AMBIGUOUS).sum())
    if undecided:
        notes.append(f"{undecided} pairs left open: a record without code fits two firms equally")
    return tuple(notes)
