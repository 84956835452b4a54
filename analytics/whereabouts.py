"""Was a vehicle on its way: what cameras, tolls, gates and positioning saw of stated trips.

A trip that was driven leaves traces; one that was only written does not. Cameras, tolls, gates,
scales at either end and positioning are asked. "Not seen" means
something only where somebody was looking, so the cameras that were awake on the way are counted.
"""

from dataclasses import dataclass

import duckdb
import polars as pl

from analytics.paper_times import is_day_only

TRIP_COLUMNS: dict[str, pl.DataType] = {
    "trip": pl.Int64(),
    "vehicle": pl.String(),
    "manifest_no": pl.String(),
    "source": pl.String(),
    "target": pl.String(),
    "departed_at": pl.Datetime("us"),
    "arrived_at": pl.Datetime("us"),
    "from_lon": pl.Float64(),
    "from_lat": pl.Float64(),
    "to_lon": pl.Float64(),
    "to_lat": pl.Float64(),
}
SOURCES = ("checkpoint_pass", "toll_trip", "gate_pass", "weighbridge", "gps_point")


@dataclass(frozen=True, slots=True)
class WayRules:
    """Where and when a trip may be seen.

    ``pad_h``: hours added before departure and after arrival; ``detour_ratio`` and ``detour_km``:
    a point belongs to the way when the road through it is no longer than distance times ratio
    plus km; ``overlap_min``: minutes that two trips of one truck must share to exclude each other.
    """

    pad_h: float
    detour_ratio: float
    detour_km: float
    overlap_min: float


@dataclass(frozen=True, slots=True)
class Presence:
    """What was seen of each trip.

    ``trips``: trip, ``awake`` (cameras on the way that recorded any vehicle in the time; NULL
    where an end of the way has no position) and one count per name of SOURCES. ``rows``: trip,
    dataset, batch, row, part, key of what was seen. ``overlaps``: trip, manifest_no of another
    trip of the same truck between other parties at the same time, batch, row, part.
    """

    trips: pl.DataFrame
    rows: pl.DataFrame
    overlaps: pl.DataFrame


# Kilometres of a degree of longitude at 44 degrees north, further than the province reaches.
DEGREE_KM = 80
DISTANCE = """
CREATE OR REPLACE TEMP MACRO way_km(lon1, lat1, lon2, lat2) AS
    6371.0088 * 2 * asin(least(1, sqrt(pow(sin(radians(lat2 - lat1) / 2), 2)
        + cos(radians(lat1)) * cos(radians(lat2)) * pow(sin(radians(lon2 - lon1) / 2), 2))))
"""
IN_TIME = "{0} BETWEEN t.departed_at - to_minutes($pad) AND t.arrived_at + to_minutes($pad)"
ON_WAY = """(t.from_lon IS NULL OR t.to_lon IS NULL OR {0}.lon IS NULL
    OR way_km(t.from_lon, t.from_lat, {0}.lon, {0}.lat)
        + way_km({0}.lon, {0}.lat, t.to_lon, t.to_lat)
        <= way_km(t.from_lon, t.from_lat, t.to_lon, t.to_lat) * $ratio + $km)"""
# Cameras are looked for once for all trips between two places, first in a box around the way; of
# the hours of each only the first in a trip's time is looked up.
AWAKE = f"""
WITH active AS (
    SELECT DISTINCT checkpoint_no, date_trunc('hour', passed_at) AS active_at FROM checkpoint_pass
    WHERE passed_at BETWEEN $earliest AND $latest
), way AS (
    SELECT DISTINCT from_lon, from_lat, to_lon, to_lat,
        way_km(from_lon, from_lat, to_lon, to_lat) * $ratio + $km AS road_km
    FROM trip_given WHERE from_lon IS NOT NULL AND to_lon IS NOT NULL
), box AS (
    SELECT *, (from_lon + to_lon) / 2 AS lon, (from_lat + to_lat) / 2 AS lat,
        road_km / 2 / {DEGREE_KM} AS reach
    FROM way
), near AS (
    SELECT b.from_lon, b.from_lat, b.to_lon, b.to_lat, c.checkpoint_no, c.valid_from, c.valid_to
    FROM box b JOIN checkpoint c ON c.lon BETWEEN b.lon - b.reach AND b.lon + b.reach
        AND c.lat BETWEEN b.lat - b.reach AND b.lat + b.reach
    WHERE way_km(b.from_lon, b.from_lat, c.lon, c.lat)
        + way_km(c.lon, c.lat, b.to_lon, b.to_lat) <= b.road_km
), asked AS (
    SELECT DISTINCT t.trip, n.checkpoint_no, t.departed_at - to_minutes($pad) AS from_at,
        t.arrived_at + to_minutes($pad) AS to_at
    FROM trip_given t JOIN near n USING (from_lon, from_lat, to_lon, to_lat)
    WHERE coalesce(n.valid_from <= t.arrived_at, true)
        AND coalesce(n.valid_to >= t.departed_at, true)
)
SELECT q.trip, count(DISTINCT q.checkpoint_no) AS awake
FROM asked q ASOF JOIN active a ON a.checkpoint_no = q.checkpoint_no AND q.from_at <= a.active_at
WHERE a.active_at <= q.to_at
GROUP BY q.trip
"""
SEEN = f"""
WITH mine AS (
    SELECT DISTINCT m.dataset, m.batch, m.row, m.part, m.entity_id AS vehicle FROM member m
    WHERE m.kind = 'vehicle' AND m.dataset IN ('checkpoint_pass', 'toll_trip', 'gate_pass',
        'weighbridge', 'gps_point') AND m.entity_id IN (SELECT vehicle FROM trip_given)
)
SELECT t.trip, 'checkpoint_pass' AS dataset, p.batch, p.row, p.part,
    p.checkpoint_no || ' ' || p.plate AS key
FROM mine JOIN checkpoint_pass p USING (batch, row, part) JOIN trip_given t USING (vehicle)
LEFT JOIN checkpoint c ON c.checkpoint_no = p.checkpoint_no
WHERE mine.dataset = 'checkpoint_pass' AND {IN_TIME.format("p.passed_at")} AND {ON_WAY.format("c")}
UNION ALL
SELECT t.trip, 'toll_trip', p.batch, p.row, p.part, coalesce(p.pass_no, p.plate)
FROM mine JOIN toll_trip p USING (batch, row, part) JOIN trip_given t USING (vehicle)
WHERE mine.dataset = 'toll_trip' AND p.out_at >= t.departed_at - to_minutes($pad)
    AND coalesce(p.in_at, p.out_at) <= t.arrived_at + to_minutes($pad)
UNION ALL
SELECT t.trip, 'gate_pass', p.batch, p.row, p.part, p.gate_no || ' ' || p.plate
FROM mine JOIN gate_pass_linked p USING (batch, row, part) JOIN trip_given t USING (vehicle)
WHERE mine.dataset = 'gate_pass' AND {IN_TIME.format("p.passed_at")}
    AND p.owner_entity IN (t.source, t.target)
UNION ALL
SELECT t.trip, 'weighbridge', p.batch, p.row, p.part, p.ticket_no
FROM mine JOIN weighbridge_linked p USING (batch, row, part) JOIN trip_given t USING (vehicle)
WHERE mine.dataset = 'weighbridge' AND {IN_TIME.format("p.weighed_at")}
    AND p.owner_entity IN (t.source, t.target)
UNION ALL
SELECT t.trip, 'gps_point', p.batch, p.row, p.part, coalesce(p.plate, p.terminal_phone)
FROM mine JOIN gps_point p USING (batch, row, part) JOIN trip_given t USING (vehicle)
WHERE mine.dataset = 'gps_point' AND {IN_TIME.format("p.located_at")} AND {ON_WAY.format("p")}
ORDER BY ALL
"""
# A departure of which only the day is known may have been at its end; one truck may collect from
# several shippers for one receiver, so both ends must differ. Acceptance may follow arrival by days
# and is no arrival.
OVERLAPS = f"""
WITH left_by AS (
    SELECT *, departed_at + CASE WHEN {is_day_only("m", "departed_at")} THEN to_days(1)
        ELSE to_days(0) END AS left_at
    FROM manifest_linked m WHERE departed_at IS NOT NULL AND arrived_at IS NOT NULL
        AND vehicle_vehicle IN (SELECT vehicle FROM trip_given)
)
SELECT DISTINCT t.trip, m.manifest_no, m.batch, m.row, m.part
FROM trip_given t JOIN left_by own ON own.manifest_no = t.manifest_no
JOIN left_by m ON m.vehicle_vehicle = t.vehicle
WHERE m.manifest_no <> t.manifest_no AND coalesce(m.status, '') NOT IN ('作废', '草稿')
    AND m.shipper_entity NOT IN (t.source, t.target)
    AND m.receiver_entity NOT IN (t.source, t.target)
    AND least(m.arrived_at, own.arrived_at) - greatest(m.left_at, own.left_at)
        >= to_minutes($overlap)
ORDER BY ALL
"""


def presence(sql: duckdb.DuckDBPyConnection, trips: pl.DataFrame, rules: WayRules) -> Presence:
    """What was seen of stated trips.

    Parameters
    ----------
    trips
        Columns TRIP_COLUMNS; rows without vehicle or times are left out. A trip driven by
        several vehicles has several rows. Positions may be NULL, then everything in time counts
        as on the way.

    Returns
    -------
    Presence
        One row per trip in ``trips``, in its order.
    """
    given = trips.select(pl.col(name).cast(kind) for name, kind in TRIP_COLUMNS.items())
    given = given.filter(
        pl.all_horizontal(pl.col("vehicle", "departed_at", "arrived_at").is_not_null())
    )
    sql.register("trip_given", given.to_arrow())
    sql.execute(DISTANCE)
    way = {
        "pad": round(rules.pad_h * 60),
        "ratio": rules.detour_ratio,
        "km": rules.detour_km,
    }
    pad = pl.duration(minutes=way["pad"])
    span = given.select(
        earliest=(pl.col("departed_at") - pad).min().dt.truncate("1h"),
        latest=(pl.col("arrived_at") + pad).max(),
    ).row(0)
    awake = sql.sql(AWAKE, params={**way, "earliest": span[0], "latest": span[1]}).pl()
    rows = sql.sql(SEEN, params=way).pl()
    overlap = {"overlap": round(rules.overlap_min)}
    overlaps = sql.sql(OVERLAPS, params=overlap).pl()
    sql.unregister("trip_given")
    counts = rows.group_by("trip").agg(
        (pl.col("dataset") == name).sum().cast(pl.Int64).alias(name) for name in SOURCES
    )
    is_placed = pl.col("from_lon").is_not_null() & pl.col("to_lon").is_not_null()
    per_trip = (
        given.group_by("trip", maintain_order=True)
        .agg(is_placed.first().alias("placed"))
        .join(awake, on="trip", how="left", maintain_order="left")
        .join(counts, on="trip", how="left", maintain_order="left")
        .with_columns(pl.col(name).fill_null(0) for name in SOURCES)
        .with_columns(awake=pl.when("placed").then(pl.col("awake").fill_null(0)))
        .drop("placed")
    )
    return Presence(per_trip, rows, overlaps)
