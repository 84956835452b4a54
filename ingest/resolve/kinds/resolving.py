"""The kinds that the frame resolves, from mention tuples to labels, edges and records."""

from dataclasses import dataclass

import duckdb
import polars as pl

from ingest.resolve.cluster import Edges, Ints
from ingest.resolve.frame import NOT_JUDGED, Kind, Resolved, notes_of, records_of, resolve_records
from ingest.resolve.frame_tables import edge_table, record_table
from ingest.resolve.kind_weights import load_kind_weights
from ingest.resolve.kinds import address, person, phone, site, vehicle
from ingest.resolve.kinds.holders import told_apart, with_owner_ids
from ingest.resolve.known import judged_pairs, judged_rows
from records.mentions import load_mentions
from records.registry import Judgement

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (person.PERSON, vehicle.VEHICLE, phone.PHONE, address.ADDRESS, site.SITE)
}


@dataclass(frozen=True, slots=True)
class Framed:
    """Mention tuples with ``entity``, and everything that the frame made of their records."""

    tuples: pl.DataFrame
    edges: pl.DataFrame
    records: pl.DataFrame
    notes: tuple[str, ...]
    resolved: Resolved


def resolve_persons(
    sql: duckdb.DuckDBPyConnection, found: pl.DataFrame, judgements: list[Judgement]
) -> Framed:
    """Persons; who carries nothing but a name is nobody."""
    marked = told_apart(sql, "person", with_owner_ids(sql, found), judgements)
    frame = person.prepare(marked)
    records, record = records_of(person.PERSON, frame)
    numbered = judged_rows(sql, judgements, "person", frame, record)
    judged = judged_pairs(sql, judgements, "person", numbered)
    made = _framed(person.PERSON, frame, person.person_records(records), record, judged)
    named = pl.when(person.is_identified(frame)).then("entity")
    tuples = made.tuples.with_columns(entity=named)
    return _with_notes(made, tuples, person.hub_notes(frame))


def resolve_vehicles(found: pl.DataFrame) -> Framed:
    """Vehicles; a plate that was not read is none. A misread one shows the plate it means."""
    frame = vehicle.prepare(found).filter(pl.col("plate").is_not_null())
    records, record = records_of(vehicle.VEHICLE, frame)
    made = _framed(vehicle.VEHICLE, frame, vehicle.vehicle_records(records), record)
    return _with_notes(made, vehicle.as_meant(made.tuples))


def resolve_phones(sql: duckdb.DuckDBPyConnection, found: pl.DataFrame) -> Framed:
    """Phones, with the number of their entity."""
    owned = with_owner_ids(sql, found)
    frame = phone.prepare(owned, owned["owner_division"]).filter(pl.col("number") != "")
    records, record = records_of(phone.PHONE, frame)
    made = _framed(phone.PHONE, frame, phone.phone_records(records), record)
    whole = phone.whole_numbers(made.resolved.pairs.records, pl.Series(made.resolved.clusters.root))
    tuples = made.tuples.with_columns(number=whole.gather(record))
    return _with_notes(made, tuples, phone.hub_notes(tuples))


def resolve_addresses(sql: duckdb.DuckDBPyConnection, found: pl.DataFrame) -> Framed:
    """Addresses; a text without a place is none."""
    frame = address.parsed(with_owner_ids(sql, found), "name").filter(pl.col("place").is_not_null())
    records, record = records_of(address.ADDRESS, frame)
    held = frame.select("owner_id").with_columns(record=record)
    made = _framed(address.ADDRESS, frame, address.address_records(records, held), record)
    return _with_notes(made, made.tuples)


def resolve_sites(sql: duckdb.DuckDBPyConnection, found: pl.DataFrame) -> Framed:
    """Sites; one without owner or number cannot be told from others and is none."""
    kinds = {n: m.condition for n, m in enumerate(load_mentions()) if m.kind == "site"}
    placed = address.parsed(with_owner_ids(sql, found), "address").with_columns(
        address_key=address.address_key(),
        site_kind=pl.col("mention").replace_strict(kinds, return_dtype=pl.String),
    )
    frame = site.prepare(placed)
    frame = frame.filter(site.is_known(frame))
    records, record = records_of(site.SITE, frame)
    made = _framed(site.SITE, frame, site.site_records(records), record)
    return _with_notes(made, made.tuples)


def _framed(
    kind: Kind,
    frame: pl.DataFrame,
    records: pl.DataFrame,
    record: pl.Series,
    judged: tuple[Edges, tuple[Ints, Ints]] = NOT_JUDGED,
) -> Framed:
    weights = load_kind_weights(kind.name, kind.level_names)
    resolved = resolve_records(kind, records, weights, judged)
    root = pl.Series(resolved.clusters.root, dtype=pl.Int32)
    tuples = frame.with_columns(
        pl.lit(None, pl.String).alias("valid_code"), entity=root.gather(record)
    )
    kept = record_table(kind, records, frame, record).with_columns(entity=root)
    return Framed(tuples, edge_table(resolved), kept, notes_of(resolved), resolved)


def _with_notes(made: Framed, tuples: pl.DataFrame, notes: tuple[str, ...] = ()) -> Framed:
    return Framed(tuples, made.edges, made.records, (*made.notes, *notes), made.resolved)
