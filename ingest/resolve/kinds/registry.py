"""Which function resolves which kind."""

from collections.abc import Callable
from dataclasses import dataclass

import duckdb
import polars as pl

from ingest.resolve.engine import BUILT_IN, Engine
from ingest.resolve.identifiers import satisfies_form
from ingest.resolve.incremental.run import IndexPlace
from ingest.resolve.kinds.firms import resolve_organizations
from ingest.resolve.kinds.keyed import number_by_key
from ingest.resolve.kinds.organization_records import branch_numbers
from ingest.resolve.kinds.organization_tables import branch_tails, record_table
from ingest.resolve.kinds.resolving import (
    Framed,
    resolve_addresses,
    resolve_persons,
    resolve_phones,
    resolve_sites,
    resolve_vehicles,
)
from ingest.resolve.weigh import Weights
from records.mentions import load_mentions
from records.registry import Judgement
from records.resolved import RESOLVED_TABLES


@dataclass(frozen=True, slots=True)
class Task:
    """Mention tuples of one kind to label, with what binds or bounds the labels."""

    sql: duckdb.DuckDBPyConnection
    found: pl.DataFrame
    judgements: list[Judgement]
    threshold_bits: float
    weights: Weights
    engine: Engine = BUILT_IN
    index: IndexPlace | None = None


@dataclass(frozen=True, slots=True)
class Labelled:
    """Mention tuples with ``entity`` (null: nothing resolved) and ``valid_code``; their edges.

    ``records`` are what the edges join, with ``entity``, where a kind keeps them.
    """

    tuples: pl.DataFrame
    edges: pl.DataFrame
    notes: tuple[str, ...] = ()
    records: pl.DataFrame | None = None


Labeller = Callable[[Task], Labelled]
NO_EDGES = pl.DataFrame(schema=RESOLVED_TABLES["resolve_edge"])
NO_CODE = pl.lit(None, pl.String).alias("valid_code")


def _of_form(found: pl.DataFrame) -> pl.DataFrame:
    """Tuples that meet the ``column~kind`` condition of their mention."""
    conditions = {n: m.condition for n, m in enumerate(load_mentions()) if "~" in m.condition}
    for number, condition in sorted(conditions.items()):
        is_other = found["mention"] != number
        found = found.filter(is_other | satisfies_form(condition, found))
    return found


def _organization(task: Task) -> Labelled:
    resolved = resolve_organizations(
        task.sql,
        _of_form(task.found),
        task.judgements,
        task.threshold_bits,
        task.weights,
        engine=task.engine,
        index=task.index,
    )
    firms = resolved.firms
    tail = branch_tails(firms.records, branch_numbers(firms.records, firms.packed))
    records = record_table(firms.records, resolved.tuples, resolved.record, tail).with_columns(
        pl.lit(None, pl.List(pl.String)).alias("values"),
        pl.lit(None, pl.List(pl.String)).alias("value_levels"),
        entity=pl.Series(firms.clusters.root, dtype=pl.Int32),
    )
    return Labelled(resolved.tuples, resolved.edges, resolved.notes, records)


def _kept(made: Framed) -> Labelled:
    return Labelled(made.tuples, made.edges, made.notes, made.records)


def _person(task: Task) -> Labelled:
    return _kept(resolve_persons(task.sql, _of_form(task.found), task.judgements))


def _vehicle(task: Task) -> Labelled:
    return _kept(resolve_vehicles(task.found))


def _phone(task: Task) -> Labelled:
    return _kept(resolve_phones(task.sql, task.found))


def _address(task: Task) -> Labelled:
    return _kept(resolve_addresses(task.sql, task.found))


def _site(task: Task) -> Labelled:
    return _kept(resolve_sites(task.sql, task.found))


def _account(task: Task) -> Labelled:
    frame = task.found.with_columns(number=pl.col("code").str.replace_all(r"[^0-9A-Za-z*]", ""))
    return Labelled(number_by_key(frame, pl.col("number")).with_columns(NO_CODE), NO_EDGES)


def _outlet(task: Task) -> Labelled:
    number = pl.col("code").str.to_uppercase().str.replace_all(r"[\s\-_]", "")
    key = pl.when(pl.col("owner").is_not_null() & (number != "")).then(
        pl.col("owner").cast(pl.String) + "|" + number
    )
    frame = task.found.with_columns(outlet_code=number)
    return Labelled(number_by_key(frame, key).with_columns(NO_CODE), NO_EDGES)


LABELLERS: dict[str, Labeller] = {
    "organization": _organization,
    "person": _person,
    "vehicle": _vehicle,
    "phone": _phone,
    "address": _address,
    "site": _site,
    "outlet": _outlet,
    "account": _account,
}
