"""Stops of trucks at a place, read back from the rows that are a finding's evidence."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import duckdb
import polars as pl

from graph.types import Evidence
from records.clock import UTC_OFFSET
from viz.edge_sources import VISIT_PLACES, VISIT_SIGHTINGS

ROW_SCHEMA = {"batch": pl.String, "row": pl.Int64, "part": pl.Int32}


@dataclass(frozen=True, slots=True)
class Visit:
    """A vehicle seen at a place: first time (Shanghai, no zone) and number of sightings."""

    vehicle: str
    place: str
    first_at: datetime | None
    sightings: int


def rows_of(evidence: Iterable[Evidence], dataset: str) -> pl.DataFrame:
    """Places in the lake of the rows of ``dataset``: batch, row, part, each once."""
    keys = [(e.batch, e.row, e.part) for e in evidence if e.dataset == dataset]
    return pl.DataFrame(keys, schema=ROW_SCHEMA, orient="row").unique(maintain_order=True)


def visits_of(sql: duckdb.DuckDBPyConnection, evidence: Iterable[Evidence]) -> list[Visit]:
    """Visits by place and vehicle; sightings on the way ("edge 2 seen") are none.

    Parameters
    ----------
    sql
        Cursor over the views.
    evidence
        Rows of one finding. A place and the sightings at it stand in one role, that of its hop.
    """
    rows = tuple(evidence)
    found: dict[tuple[str, str], list[datetime | None]] = {}
    for place, role in _places(sql, rows):
        own = [e for e in rows if e.role == role]
        for vehicle, seen_at in _sightings(sql, own):
            found.setdefault((place, vehicle), []).append(seen_at)
    return [
        Visit(vehicle, place, min((t for t in times if t), default=None), len(times))
        for (place, vehicle), times in sorted(found.items())
    ]


def _places(sql: duckdb.DuckDBPyConnection, rows: tuple[Evidence, ...]) -> list[tuple[str, str]]:
    """Places of the evidence with the role that they are cited in."""
    found: dict[tuple[str, str], None] = {}
    for dataset in VISIT_PLACES:
        for role in sorted({e.role for e in rows if e.dataset == dataset}):
            keys = rows_of([e for e in rows if e.role == role], dataset)
            column = "dump_site" if dataset == "dump_site" else "place_site"
            for (place,) in _joined(sql, keys, dataset, column):
                if place:
                    found[str(place), role] = None
    return list(found)


def _sightings(
    sql: duckdb.DuckDBPyConnection, rows: Iterable[Evidence]
) -> list[tuple[str, datetime | None]]:
    own = tuple(rows)
    found = []
    for dataset, seen_at in VISIT_SIGHTINGS.items():
        keys = rows_of(own, dataset)
        for vehicle, at in _joined(sql, keys, dataset, f"vehicle_vehicle, r.{seen_at}"):
            if vehicle:
                found.append((str(vehicle), at + UTC_OFFSET if isinstance(at, datetime) else None))
    return found


def _joined(
    sql: duckdb.DuckDBPyConnection, keys: pl.DataFrame, dataset: str, columns: str
) -> list[tuple[object, ...]]:
    if keys.is_empty():
        return []
    sql.register("picture_rows", keys.to_arrow())
    found = sql.execute(
        f"SELECT r.{columns} FROM {dataset}_linked r JOIN picture_rows USING (batch, row, part)"
        " ORDER BY ALL"
    ).fetchall()
    sql.unregister("picture_rows")
    return found
