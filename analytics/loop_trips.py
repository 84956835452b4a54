"""Whether the trips of a round were driven: per step under a manifest seen, unseen or untested.

A step is driven when a scale or gate saw its load leave and come, or anything saw one of its
trucks on the way. It is paper when nothing did although cameras were awake, or when one truck
would have been in two places. Where the departure is not known at all, or who drove, nobody knows
where and when to look.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import duckdb
import polars as pl

from analytics.affiliation import Row
from analytics.loops import Hop, Round
from analytics.paper_times import TripTimes
from analytics.whereabouts import SOURCES, TRIP_COLUMNS, WayRules, presence
from graph.types import Evidence
from records.clock import UTC_OFFSET

ROWS_PER_SOURCE = 2
# RULINGS 27; the end of a trip whose arrival is not known.
LONGEST_TRIP = timedelta(hours=24)


@dataclass(slots=True)
class TripFacts:
    """Steps of a round by what was seen of them; ``awake`` cameras where least were."""

    seen: int = 0
    unseen: int = 0
    untested: int = 0
    overlapping: int = 0
    awake: int | None = None
    not_found: list[str] = field(default_factory=list)
    support: list[Evidence] = field(default_factory=list)

    @property
    def is_paper(self) -> bool | None:
        """Whether the round was only written; None where no step could be tested.

        One truck may slip past the cameras; all of them, or two, hardly.
        """
        if not self.unseen + self.seen:
            return None
        is_unseen = self.unseen >= 2 or (self.unseen > 0 and not (self.seen or self.untested))
        return is_unseen or self.overlapping > 0


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the lake tells of trips, by edge: the edge, when to look, and what was found."""

    about: Mapping[int, Row]
    spans: Mapping[int, tuple[datetime, datetime]]
    counts: Mapping[int, Row]
    traces: Mapping[int, list[Row]]
    overlaps: Mapping[int, list[Row]]


def evidence_of(row: Row, role: str) -> Evidence:
    """A row of the lake as evidence."""
    return Evidence(
        str(row["dataset"]), str(row["batch"]), int(str(row["row"])), int(str(row["part"])),
        str(row["key"]), role,
    )  # fmt: skip


def trip_facts(
    sql: duckdb.DuckDBPyConnection,
    rounds: Sequence[Round],
    edges: pl.DataFrame,
    times: Mapping[int, TripTimes],
    rules: WayRules,
    cameras_needed: int,
) -> list[TripFacts]:
    """Facts of each round, in order.

    Parameters
    ----------
    edges
        Transfers of the rounds, columns EDGE_COLUMNS.
    times
        When the loads of these may have left and come.
    cameras_needed
        Cameras awake on the way, from which on "not seen" means something.
    """
    seen = _look(sql, rounds, edges, times, rules)
    facts = []
    for one in rounds:
        found = TripFacts()
        for hop in (hop for hop in one.hops if hop.is_waste):
            _judge_hop(found, hop, seen, cameras_needed)
            for edge in hop.edges:
                _tell_search(found, edge, seen, rules)
        facts.append(found)
    return facts


def _look(
    sql: duckdb.DuckDBPyConnection,
    rounds: Sequence[Round],
    edges: pl.DataFrame,
    times: Mapping[int, TripTimes],
    rules: WayRules,
) -> _Seen:
    wanted = {e for one in rounds for hop in one.hops if hop.is_waste for e in hop.edges}
    chosen = edges.filter(
        pl.col("edge").is_in(sorted(wanted)) & pl.col("manifest_no").is_not_null()
    )
    about = {int(row["edge"]): row for row in chosen.iter_rows(named=True)}
    spans = {edge: span for edge in about if (span := _span(times.get(edge)))}
    trips = _trips(sql, chosen, spans)
    if trips.is_empty():
        return _Seen(about, spans, {}, {}, {})
    found = presence(sql, trips, rules)
    counts = {int(row["trip"]): row for row in found.trips.iter_rows(named=True)}
    return _Seen(about, spans, counts, _by_trip(found.rows), _by_trip(found.overlaps))


def _span(times: TripTimes | None) -> tuple[datetime, datetime] | None:
    """First and last moment at which the load may have been on its way."""
    if times is None or times.left_from is None or times.left_until is None:
        return None
    return times.left_from, times.came_until or times.left_until + LONGEST_TRIP


def _by_trip(frame: pl.DataFrame) -> dict[int, list[Row]]:
    grouped: dict[int, list[Row]] = {}
    for row in frame.iter_rows(named=True):
        grouped.setdefault(int(row["trip"]), []).append(row)
    return grouped


def _trips(
    sql: duckdb.DuckDBPyConnection,
    chosen: pl.DataFrame,
    spans: Mapping[int, tuple[datetime, datetime]],
) -> pl.DataFrame:
    """Trips of manifests, each vehicle of each carrier leg one row, with places of the firms."""
    timed = pl.DataFrame(
        [(edge, *span) for edge, span in spans.items()],
        schema={"edge": pl.Int64, "left_at": pl.Datetime("us"), "came_at": pl.Datetime("us")},
        orient="row",
    )
    sql.register("trip_edge", chosen.drop("kinds").to_arrow())
    sql.register("trip_span", timed.to_arrow())
    frame: pl.DataFrame = sql.sql(
        """
        WITH driven AS (
            SELECT edge, vehicle FROM trip_edge
            UNION
            SELECT t.edge, l.vehicle_vehicle FROM trip_edge t
            JOIN manifest_leg_linked l ON l.manifest_no = t.manifest_no
        )
        SELECT t.edge AS trip, d.vehicle, t.manifest_no, t.source, t.target,
            p.left_at AS departed_at, p.came_at AS arrived_at,
            s.lon AS from_lon, s.lat AS from_lat, r.lon AS to_lon, r.lat AS to_lat
        FROM trip_edge t JOIN driven d ON d.edge = t.edge JOIN trip_span p ON p.edge = t.edge
        LEFT JOIN organization s ON s.entity_id = t.source
        LEFT JOIN organization r ON r.entity_id = t.target
        WHERE d.vehicle IS NOT NULL ORDER BY trip, d.vehicle
        """
    ).pl()
    sql.unregister("trip_edge")
    sql.unregister("trip_span")
    return frame.select(pl.col(name).cast(kind) for name, kind in TRIP_COLUMNS.items())


def _judge_hop(found: TripFacts, hop: Hop, seen: _Seen, cameras_needed: int) -> None:
    edges = [e for e in hop.edges if e in seen.about]
    tested = [seen.counts[e] for e in edges if e in seen.counts]
    if "vehicle" in hop.kinds or any(int(str(row[name])) for row in tested for name in SOURCES):
        found.seen += 1
        return
    double = [row for e in edges for row in seen.overlaps.get(e, [])]
    if double:
        found.overlapping += 1
        for row in double:
            row = {**row, "dataset": "manifest", "key": row["manifest_no"]}
            found.support.append(evidence_of(row, "overlapping trip"))
    awake = [int(str(row["awake"])) for row in tested if row["awake"] is not None]
    if tested and len(awake) == len(edges) and min(awake) >= cameras_needed:
        found.unseen += 1
        found.awake = min(awake) if found.awake is None else min(found.awake, *awake)
    elif double:
        found.unseen += 1
    else:
        found.untested += 1


def _tell_search(found: TripFacts, edge: int, seen: _Seen, rules: WayRules) -> None:
    if edge not in seen.counts:
        return
    about, counts = seen.about[edge], seen.counts[edge]
    pad = timedelta(hours=rules.pad_h)
    first, last = (
        f"{at + UTC_OFFSET:%Y-%m-%d %H:%M}"
        for at in (seen.spans[edge][0] - pad, seen.spans[edge][1] + pad)
    )
    for name in SOURCES:
        if not int(str(counts[name])):
            plate = about["plate"] or about["vehicle"]
            found.not_found.append(f"{name} {first}..{last} plate {plate}: none")
    for name in SOURCES:
        rows = [row for row in seen.traces.get(edge, []) if row["dataset"] == name]
        found.support += [evidence_of(row, "seen on the way") for row in rows[:ROWS_PER_SOURCE]]
