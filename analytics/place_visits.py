"""Which firm's vehicles stopped at a dump or another place where no load belongs.

A vehicle that stood there by its positioning, or that cameras of the place's road saw on several
days (close by, or on its way there and back), is a visit. The firm behind it is the one that the
vehicle had left, that the papers of the same trip name, or, where neither is known, its owner.
"""

from dataclasses import dataclass
from datetime import datetime

import duckdb
import polars as pl

from analytics.evidence_columns import EVIDENCE_COLUMNS
from analytics.whereabouts import DISTANCE

RISKY_KINDS = (
    "废弃厂房",
    "废弃矿坑",
    "闲置场地",
    "水源保护区",
    "河道管理范围",
    "养殖场",
    "堆场",
    "填埋点",
)
VISIT_COLUMNS: dict[str, pl.DataType] = {
    "visit": pl.Int64(),
    "organization": pl.String(),
    "site": pl.String(),
    "vehicle": pl.String(),
    "plate": pl.String(),
    "moved_at": pl.Datetime("us"),
    "is_confirmed": pl.Boolean(),
    "basis": pl.String(),
}
VISIT_ROW_COLUMNS: dict[str, pl.DataType] = {"visit": pl.Int64(), **EVIDENCE_COLUMNS}


@dataclass(frozen=True, slots=True)
class VisitRules:
    """When a vehicle was at a place.

    ``radius_m`` around a place without one of its own; ``stop_min`` minutes of standing, or
    slower than ``slow_kmh`` on ``repeat_days`` distinct days, as some terminals report seldom;
    ``camera_km`` between camera and place, also on ``repeat_days``, or, up to ``turn_km`` away,
    past the camera and back after ``stop_min`` to ``turn_h``;
    ``origin_h`` hours back to the firm that it left; ``dump_days`` before a dump was found.
    """

    radius_m: float
    stop_min: float
    slow_kmh: float
    camera_km: float
    turn_km: float
    turn_h: float
    repeat_days: int
    origin_h: float
    dump_days: int


@dataclass(frozen=True, slots=True)
class PlaceVisits:
    """Visits (VISIT_COLUMNS; ``basis`` is gate, paper, position or owner) and their rows."""

    visits: pl.DataFrame
    rows: pl.DataFrame


PLACES = """
CREATE OR REPLACE TEMP TABLE risky_place AS
WITH drawn AS (
    SELECT place_site AS site, radius_m, valid_from, valid_to, batch, row, part, place_id AS key,
        list_transform(regexp_extract_all(geometry, '-?[0-9]+(\\.[0-9]+)?'),
            lambda t: CAST(t AS DOUBLE)) AS numbers
    FROM place_linked WHERE place_site IS NOT NULL AND "kind" IN (SELECT unnest($kinds))
)
SELECT dump_site AS site, lon, lat, $radius AS radius_m, confirmed = '已确认' AS is_confirmed,
    found_at - to_days($dump_days) AS from_at, found_at AS to_at, 'dump_site' AS dataset, batch,
    row, part, site_no AS key
FROM dump_site_linked
WHERE dump_site IS NOT NULL AND coalesce(confirmed, '') <> '排除' AND lon IS NOT NULL
    AND lat IS NOT NULL AND coalesce(found_at < $until, true)
UNION ALL
SELECT site, list_avg(list_filter(numbers, lambda n, i: i % 2 = 1)),
    list_avg(list_filter(numbers, lambda n, i: i % 2 = 0)), coalesce(radius_m, $radius), false,
    CAST(valid_from AS TIMESTAMP), CAST(valid_to AS TIMESTAMP) + to_days(1), 'place', batch, row,
    part, key
FROM drawn WHERE len(numbers) >= 2
"""
NEAR = "abs({0}.lat - p.lat) < {1} / 110.0 AND abs({0}.lon - p.lon) < {1} / 80.0"
STOPS = f"""
CREATE OR REPLACE TEMP TABLE place_stop AS
WITH near AS (
    SELECT p.site, g.batch, g.row, g.part, g.located_at AS seen_at, g.speed_kmh,
        coalesce(g.plate, g.terminal_phone) AS key
    FROM gps_point g JOIN risky_place p ON {NEAR.format("g", "(p.radius_m / 1000)")}
        AND way_km(g.lon, g.lat, p.lon, p.lat) <= p.radius_m / 1000
    WHERE g.located_at >= $since AND g.located_at < $until
        AND coalesce(g.located_at >= p.from_at, true) AND coalesce(g.located_at < p.to_at, true)
), seen AS (
    SELECT m.entity_id AS vehicle, near.*, coalesce(date_diff('minute', lag(seen_at) OVER w,
        seen_at) > 60, true) AS is_new
    FROM near JOIN member m ON m.dataset = 'gps_point' AND m.kind = 'vehicle'
        AND m.batch = near.batch AND m.row = near.row AND m.part = near.part
    WINDOW w AS (PARTITION BY m.entity_id, site ORDER BY seen_at, near.batch, near.row)
), cut AS (
    SELECT *, sum(CAST(is_new AS INTEGER)) OVER (PARTITION BY vehicle, site
        ORDER BY seen_at, batch, row) AS session FROM seen
), halt AS (
    SELECT vehicle, site, min(seen_at) AS first_at, max(seen_at) AS last_at,
        'gps_point' AS dataset,
        list(struct_pack(batch, row, part, key) ORDER BY seen_at, batch, row, part) AS sources,
        CASE WHEN min(speed_kmh) < $slow_kmh THEN CAST(min(seen_at) + to_hours(8) AS DATE) END
            AS slow_on
    FROM cut GROUP BY vehicle, site, session
), stood AS (
    SELECT * EXCLUDE (slow_on) FROM halt
    QUALIFY date_diff('second', first_at, last_at) >= 60 * $stop_min
        OR (slow_on IS NOT NULL
            AND count(DISTINCT slow_on) OVER (PARTITION BY vehicle, site) >= $repeat_days)
), passed AS (
    SELECT DISTINCT m.entity_id AS vehicle, p.site, k.passed_at AS seen_at, k.batch, k.row, k.part,
        k.checkpoint_no, k.checkpoint_no || ' ' || k.plate AS key,
        way_km(c.lon, c.lat, p.lon, p.lat) <= $camera_km AS is_close
    FROM checkpoint c JOIN risky_place p ON {NEAR.format("c", "$turn_km")}
        AND way_km(c.lon, c.lat, p.lon, p.lat) <= $turn_km
    JOIN checkpoint_pass k ON k.checkpoint_no = c.checkpoint_no
    JOIN member m ON m.dataset = 'checkpoint_pass' AND m.kind = 'vehicle' AND m.role = 'vehicle'
        AND m.batch = k.batch AND m.row = k.row AND m.part = k.part
    WHERE k.passed_at >= $since AND k.passed_at < $until
        AND coalesce(k.passed_at >= p.from_at, true) AND coalesce(k.passed_at < p.to_at, true)
), turned AS (
    SELECT *, date_diff('second', lag(seen_at) OVER w, seen_at)
            BETWEEN 60 * $stop_min AND 3600 * $turn_h AS is_return,
        date_diff('second', seen_at, lead(seen_at) OVER w)
            BETWEEN 60 * $stop_min AND 3600 * $turn_h AS is_going
    FROM passed WINDOW w AS (PARTITION BY vehicle, site, checkpoint_no ORDER BY seen_at)
), daily AS (
    SELECT vehicle, site, min(seen_at) AS first_at, max(seen_at) AS last_at, 'checkpoint_pass',
        list(struct_pack(batch, row, part, key) ORDER BY seen_at, batch, row, part)
    FROM turned WHERE is_close OR is_return OR is_going
    GROUP BY vehicle, site, CAST(seen_at + to_hours(8) AS DATE)
    QUALIFY count(*) OVER (PARTITION BY vehicle, site) >= $repeat_days
), either AS (SELECT * FROM stood UNION ALL SELECT * FROM daily)
SELECT row_number() OVER (ORDER BY first_at, vehicle, site, dataset, last_at) AS stop, *
FROM either
"""
# Papers of a day may be written before or after the drive; a gate or a scale is exact.
ORIGINS = """
CREATE OR REPLACE TEMP TABLE stop_origin AS
WITH mine AS (SELECT DISTINCT vehicle FROM place_stop), left_gate AS (
    SELECT vehicle_vehicle AS vehicle, owner_entity AS organization,
        coalesce(left_at, passed_at) AS at, 'gate_pass' AS dataset, batch, row, part,
        gate_no || ' ' || plate AS key
    FROM gate_pass_linked WHERE direction = '出厂' AND vehicle_vehicle IN (FROM mine)
    UNION ALL
    SELECT vehicle_vehicle, owner_entity, weighed_at, 'weighbridge', batch, row, part, ticket_no
    FROM weighbridge_linked WHERE direction = '出厂' AND vehicle_vehicle IN (FROM mine)
), paper AS (
    SELECT vehicle_vehicle AS vehicle, receiver_entity AS organization,
        coalesce(departed_at, handover_at, accepted_at) AS from_at,
        coalesce(arrived_at, accepted_at, departed_at) + to_hours($hours) AS to_at,
        'manifest' AS dataset, batch, row, part, manifest_no AS key
    FROM manifest_linked
    WHERE vehicle_vehicle IN (FROM mine) AND coalesce(status, '') NOT IN ('作废', '草稿')
    UNION ALL
    SELECT w.vehicle_vehicle, u.organization, coalesce(departed_at, dispatched_at),
        coalesce(arrived_at, departed_at, dispatched_at) + to_hours($hours), 'waybill', batch, row,
        part, waybill_no
    FROM waybill_linked w, unnest([consignor_entity, consignee_entity]) u(organization)
    WHERE vehicle_vehicle IN (FROM mine)
    UNION ALL
    SELECT i.vehicle_vehicle, u.organization, issued_at - to_hours($hours),
        issued_at + to_hours(2 * $hours), 'invoice', batch, row, part,
        coalesce(nullif(invoice_no, ''), einvoice_no)
    FROM invoice_linked i, unnest([seller_entity, buyer_entity]) u(organization)
    WHERE vehicle_vehicle IN (FROM mine)
), gate AS (
    SELECT s.stop, o.organization, 'gate' AS basis, o.dataset, o.batch, o.row, o.part, o.key
    FROM place_stop s JOIN left_gate o ON o.vehicle = s.vehicle AND o.at <= s.first_at
        AND o.at >= s.first_at - to_hours($hours)
    WHERE o.organization IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY s.stop
        ORDER BY o.at DESC, o.dataset, o.batch, o.row, o.part) = 1
), written AS (
    SELECT s.stop, o.organization, 'paper' AS basis, o.dataset, o.batch, o.row, o.part, o.key
    FROM place_stop s JOIN paper o ON o.vehicle = s.vehicle
        AND s.first_at BETWEEN o.from_at AND o.to_at
    WHERE o.organization IS NOT NULL
), position AS (
    SELECT s.stop, o.entity_id AS organization, 'position' AS basis, 'gps_point' AS dataset,
        g.batch, g.row, g.part, coalesce(g.plate, g.terminal_phone) AS key
    FROM place_stop s
    JOIN member m ON m.dataset = 'gps_point' AND m.kind = 'vehicle' AND m.entity_id = s.vehicle
    JOIN gps_point g ON g.batch = m.batch AND g.row = m.row AND g.part = m.part
        AND g.located_at < s.first_at AND g.located_at >= s.first_at - to_hours($hours)
    JOIN organization o ON abs(g.lat - o.lat) < 0.004 AND abs(g.lon - o.lon) < 0.005
        AND way_km(g.lon, g.lat, o.lon, o.lat) <= 0.3
    WHERE coalesce(g.speed_kmh, 0) < 5
    QUALIFY row_number() OVER (PARTITION BY s.stop
        ORDER BY g.located_at DESC, way_km(g.lon, g.lat, o.lon, o.lat), o.entity_id, g.batch,
            g.row, g.part) = 1
), known AS (
    SELECT * FROM gate UNION ALL SELECT * FROM written UNION ALL SELECT * FROM position
), owned AS (
    SELECT s.stop, r.from_id, 'owner', split_part(r.sources[1], ':', 1),
        split_part(r.sources[1], ':', 2), TRY_CAST(split_part(r.sources[1], ':', 3) AS BIGINT),
        TRY_CAST(split_part(r.sources[1], ':', 4) AS BIGINT), v.plate
    FROM place_stop s JOIN relation r ON r."type" = 'OWNS_VEHICLE' AND r.to_id = s.vehicle
        AND r.from_id LIKE 'org:%'
    LEFT JOIN entity_vehicle v ON v.entity_id = s.vehicle
    WHERE s.stop NOT IN (SELECT stop FROM known)
)
SELECT * FROM known UNION ALL SELECT * FROM owned
"""
VISITS = """
CREATE OR REPLACE TEMP TABLE place_visit AS
SELECT row_number() OVER (ORDER BY s.first_at, s.stop, o.organization) - 1 AS visit, s.stop,
    o.organization, s.site, s.vehicle, any_value(v.plate) AS plate, s.first_at AS moved_at,
    (SELECT bool_or(p.is_confirmed) FROM risky_place p WHERE p.site = s.site)
        AND s.dataset = 'gps_point' AS is_confirmed,
    min(o.basis) AS basis
FROM place_stop s JOIN stop_origin o USING (stop)
LEFT JOIN entity_vehicle v ON v.entity_id = s.vehicle
GROUP BY s.stop, o.organization, s.site, s.vehicle, s.first_at, s.dataset
"""
ROWS = """
SELECT DISTINCT visit, dataset, batch, row, part, key FROM (
    SELECT v.visit, o.dataset, o.batch, o.row, o.part, o.key FROM place_visit v
    JOIN stop_origin o ON o.stop = v.stop AND o.organization = v.organization
    UNION ALL
    SELECT v.visit, s.dataset, u.source.batch, u.source.row, u.source.part, u.source.key
    FROM place_visit v JOIN place_stop s USING (stop),
        unnest([s.sources[1], s.sources[-1]]) u(source)
    UNION ALL
    SELECT v.visit, p.dataset, p.batch, p.row, p.part, p.key
    FROM place_visit v JOIN risky_place p USING (site)
) WHERE batch IS NOT NULL AND row IS NOT NULL ORDER BY ALL
"""


def load_place_visits(
    sql: duckdb.DuckDBPyConnection, since: datetime, until: datetime, rules: VisitRules
) -> PlaceVisits:
    """Visits in ``[since, until)`` (UTC without zone), set-based, in order of time."""
    sql.execute(DISTANCE)
    span = {"since": since, "until": until}
    places = {"kinds": list(RISKY_KINDS), "radius": rules.radius_m, "dump_days": rules.dump_days}
    sql.execute(PLACES, {**places, "until": until})
    if not sql.execute("SELECT 1 FROM risky_place LIMIT 1").fetchall():
        return PlaceVisits(
            pl.DataFrame(schema=VISIT_COLUMNS), pl.DataFrame(schema=VISIT_ROW_COLUMNS)
        )
    stops = {
        "stop_min": rules.stop_min,
        "slow_kmh": rules.slow_kmh,
        "camera_km": rules.camera_km,
        "turn_km": rules.turn_km,
        "turn_h": rules.turn_h,
        "repeat_days": rules.repeat_days,
    }
    sql.execute(STOPS, {**span, **stops})
    sql.execute(ORIGINS, {"hours": round(rules.origin_h)})
    sql.execute(VISITS)
    visits = sql.sql("SELECT * EXCLUDE (stop) FROM place_visit ORDER BY visit").pl()
    rows = sql.sql(ROWS).pl()
    for name in ("place_visit", "stop_origin", "place_stop", "risky_place"):
        sql.execute(f"DROP TABLE {name}")
    return PlaceVisits(
        visits.select(pl.col(name).cast(kind) for name, kind in VISIT_COLUMNS.items()),
        rows.select(pl.col(name).cast(kind) for name, kind in VISIT_ROW_COLUMNS.items()),
    )
