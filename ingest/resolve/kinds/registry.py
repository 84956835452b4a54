"""Which function resolves which kind."""

from collections.abc import Callable
from dataclasses import dataclass

import duckdb
import numpy as np
import polars as pl

from ingest.resolve.engine import BUILT_IN, Engine
from ingest.resolve.identifiers import satisfies_form
from ingest.resolve.kinds import person, site, vehicle
from ingest.resolve.kinds.firms import resolve_organizations
from ingest.resolve.kinds.keyed import number_by_key
from ingest.resolve.kinds.organization_records import branch_numbers
from ingest.resolve.kinds.organization_tables import branch_tails, record_table
from ingest.resolve.known import judged_pairs, judged_rows
from ingest.resolve.normalise import clean_column, parse_addresses, phone_column
from ingest.resolve.regions import city_of
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
    )
    firms = resolved.firms
    tail = branch_tails(firms.records, branch_numbers(firms.records, firms.packed))
    records = record_table(firms.records, resolved.tuples, resolved.record, tail).with_columns(
        entity=pl.Series(firms.clusters.root, dtype=pl.Int32)
    )
    return Labelled(resolved.tuples, resolved.edges, resolved.notes, records)


def _person(task: Task) -> Labelled:
    frame = person.prepare(_of_form(task.found))
    record = pl.Series(np.arange(frame.height))
    numbered = judged_rows(task.sql, task.judgements, "person", frame, record)
    same, apart = judged_pairs(task.sql, task.judgements, "person", numbered)
    clusters = person.person_clusters(frame, same, apart)
    root = pl.Series(clusters.root, dtype=pl.Int32)
    labelled = frame.with_columns(NO_CODE, entity=pl.when(person.is_identified(frame)).then(root))
    return Labelled(labelled, NO_EDGES)


def _vehicle(task: Task) -> Labelled:
    frame = vehicle.prepare(task.found, task.found["dataset"], task.found["role"])
    return Labelled(number_by_key(frame, vehicle.vehicle_key()).with_columns(NO_CODE), NO_EDGES)


def _phone(task: Task) -> Labelled:
    frame = task.found.with_columns(number=phone_column(task.found["code"]))
    return Labelled(number_by_key(frame, pl.col("number")).with_columns(NO_CODE), NO_EDGES)


def _account(task: Task) -> Labelled:
    frame = task.found.with_columns(number=pl.col("code").str.replace_all(r"[^0-9A-Za-z*]", ""))
    return Labelled(number_by_key(frame, pl.col("number")).with_columns(NO_CODE), NO_EDGES)


def with_address_key(frame: pl.DataFrame, column: str) -> pl.DataFrame:
    """``frame`` with ``address_key``: city and normal form, null where there is no address."""
    clean = clean_column(frame[column])
    parsed = parse_addresses(clean)
    cities = pl.DataFrame({"place_region": parsed["place_region"].unique().sort()}).with_columns(
        city=pl.col("place_region").map_elements(city_of, return_dtype=pl.String)
    )
    joined = (
        frame.with_columns(clean=clean)
        .join(parsed, on="clean", how="left", maintain_order="left")
        .join(cities, on="place_region", how="left", maintain_order="left")
    )
    delivered = pl.when(~pl.col("division").str.ends_with("0000")).then(
        pl.col("division").str.slice(0, 4)
    )
    city = pl.coalesce(pl.when(pl.col("city") != "").then("city"), delivered, pl.lit(""))
    return joined.with_columns(
        address_key=pl.when(pl.col("place") != "").then(city + "|" + pl.col("place"))
    ).drop("clean", "place_region", "place", "city", strict=False)


def _address(task: Task) -> Labelled:
    keyed = with_address_key(task.found, "name")
    return Labelled(number_by_key(keyed, pl.col("address_key")).with_columns(NO_CODE), NO_EDGES)


def _site(task: Task) -> Labelled:
    kinds = {n: m.condition for n, m in enumerate(load_mentions()) if m.kind == "site"}
    keyed = with_address_key(task.found, "address")
    frame = keyed.with_columns(
        site_kind=pl.col("mention").replace_strict(kinds, return_dtype=pl.String)
    )
    # Without owner or number a place cannot be told from others.
    is_known = pl.col("owner").is_not_null() | (
        pl.col("site_kind").is_in(list(site.NUMBERED)) & (pl.col("code") != "")
    )
    root = pl.Series(site.site_roots(frame), dtype=pl.Int32)
    return Labelled(frame.with_columns(NO_CODE, entity=pl.when(is_known).then(root)), NO_EDGES)


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
