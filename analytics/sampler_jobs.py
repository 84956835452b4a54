"""Sampling jobs of testing bodies in space and time, and where two of them exclude each other.

A job is what one report says was sampled at one point from start to end. A sampler is a
certificate or a person, the bare name only together with the body (RULINGS 34); an instrument is
its serial number, else its number within the body. Jobs without a clock time or a position take
no part. A sampler who sets up a sampler that runs for hours is there at its two ends only.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import duckdb
import polars as pl

from analytics.quality import flagged
from analytics.shared_identifiers import IS_NUMBER, LONGEST_MODEL, MODEL_SIGNS, SERIAL
from analytics.statements import run_statements

NAMES = (
    "list_filter(string_split_regex(coalesce({0}, ''), '\\s*[、，；,;/]\\s*'), lambda n: n <> '')"
)
NO_CRS = "len(list_filter(coalesce({0}.flags, []), lambda f: f.code = 'crs_unknown')) > 0"
# least() passes over NULL, so an unknown place must be caught before.
KM = """
CREATE OR REPLACE TEMP MACRO tp01_km(lon1, lat1, lon2, lat2) AS
    CASE WHEN lon1 + lat1 + lon2 + lat2 IS NOT NULL THEN
        6371.0088 * 2 * asin(least(1, sqrt(pow(sin(radians(lat2 - lat1) / 2), 2)
        + cos(radians(lat1)) * cos(radians(lat2)) * pow(sin(radians(lon2 - lon1) / 2), 2)))) END
"""
# Bodies number their reports alike: a sample without its body belongs to a number of one body only.
LINES = f"""
CREATE OR REPLACE TEMP TABLE tp01_line AS
WITH place AS (
    SELECT uscc, outlet_code, first(lon ORDER BY batch, row, part) AS lon,
        first(lat ORDER BY batch, row, part) AS lat FROM outlet o
    WHERE lon IS NOT NULL AND NOT {NO_CRS.format("o")} GROUP BY uscc, outlet_code
)
SELECT s.batch, s.row, s.part, s.report_no, s.sample_no, s.plate, s.outlet_code, s.point_name,
    coalesce(s.tester_entity, r.tester_entity, s.body_uscc) AS body,
    coalesce(r.body_uscc, s.body_uscc) AS body_uscc, s.received_at,
    coalesce(r.site_entity, r.site_uscc, 'report:' || s.report_no) AS site,
    s.sampling_start_at AS start_at,
    coalesce(CASE WHEN NOT {flagged("s", "sampling_end_at", "date_only")} THEN
        greatest(s.sampling_end_at, s.sampling_start_at) END, s.sampling_start_at) AS end_at,
    coalesce(CASE WHEN NOT {NO_CRS.format("s")} THEN s.lon END, p.lon, o.lon) AS lon,
    coalesce(CASE WHEN NOT {NO_CRS.format("s")} THEN s.lat END, p.lat, o.lat) AS lat,
    {NAMES.format("s.samplers")} AS names, {NAMES.format("s.sampler_cert_nos")} AS certs,
    nullif(trim(s.sampler_instrument_no), '') AS instrument_no
FROM test_sample_linked s LEFT JOIN (
    SELECT *, count(*) OVER (PARTITION BY report_no) AS bodies FROM (
        SELECT DISTINCT ON (report_no, body_uscc) * FROM test_report_linked
        ORDER BY report_no, body_uscc, batch, row, part)) r
    ON r.report_no = s.report_no
        AND (r.body_uscc = s.body_uscc OR (s.body_uscc IS NULL AND r.bodies = 1))
LEFT JOIN place p ON p.uscc = r.site_uscc AND p.outlet_code = s.outlet_code
LEFT JOIN organization o ON o.entity_id = r.site_entity
WHERE s.sampling_start_at >= $since AND s.sampling_start_at < $until
    AND coalesce(r.status, '') <> '作废' AND NOT {flagged("s", "sampling_start_at", "date_only")}
    AND coalesce(s.tester_entity, r.tester_entity, s.body_uscc) IS NOT NULL
"""
# Samples of one team at one point in one go are one job: three in a row, or a day's composite.
JOBS = """
CREATE OR REPLACE TEMP TABLE tp01_job AS
WITH cut AS (
    SELECT *, coalesce(start_at > max(end_at) OVER (PARTITION BY body, report_no, site, lon, lat,
            names, certs ORDER BY start_at, end_at, batch, row, part
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) + to_minutes($join_min), true)
        AS is_new FROM tp01_line
), run AS (
    SELECT *, sum(CAST(is_new AS INTEGER)) OVER (PARTITION BY body, report_no, site, lon, lat,
        names, certs ORDER BY start_at, end_at, batch, row, part ROWS UNBOUNDED PRECEDING) AS run
    FROM cut
), job AS (
    SELECT body, min(body_uscc) AS body_uscc, report_no, site, min(start_at) AS start_at,
        max(end_at) AS end_at, lon, lat, names, certs, min(point_name) AS point_name,
        list(DISTINCT instrument_no ORDER BY instrument_no) FILTER (WHERE instrument_no IS NOT NULL)
            AS instruments, max(received_at) AS received_at,
        min(plate) FILTER (WHERE plate <> 'UNREAD') AS plate, list(DISTINCT sample_no) AS samples,
        first(struct_pack(batch := batch, "row" := row, part := part, "key" := report_no || ' '
            || sample_no) ORDER BY batch, row, part) AS source
    FROM run GROUP BY body, report_no, site, lon, lat, names, certs, run
), visited AS (
    SELECT *, body || '|' || report_no || '|' || site || '|'
        || strftime(start_at + INTERVAL 8 HOUR, '%Y-%m-%d') AS visit FROM job
)
SELECT row_number() OVER (ORDER BY start_at, end_at, body, report_no, site, lon, lat, names, certs)
    AS id, *, min(start_at) OVER (PARTITION BY visit) AS visit_at FROM visited
"""
# A day written wrong: every photo of the report shows one other day, at the hours of the form.
SLIPS = f"""
CREATE OR REPLACE TEMP TABLE tp01_slip AS
WITH photo AS (
    SELECT report_no, body_uscc, min(exif_at) AS first_at, max(exif_at) AS last_at
    FROM test_photo p WHERE exif_at IS NOT NULL AND NOT {flagged("p", "exif_at", "date_only")}
    GROUP BY report_no, body_uscc
), told AS (
    SELECT body, report_no, min(body_uscc) AS body_uscc, min(start_at) AS start_at,
        max(end_at) AS end_at, max(received_at) AS received_at
    FROM tp01_job GROUP BY body, report_no
), moved AS (
    SELECT t.*, p.first_at, p.last_at, CAST(p.first_at + INTERVAL 8 HOUR AS DATE)
        - CAST(t.start_at + INTERVAL 8 HOUR AS DATE) AS days
    FROM told t JOIN photo p ON p.report_no = t.report_no
        AND coalesce(p.body_uscc = t.body_uscc, true)
)
SELECT j.id FROM tp01_job j JOIN moved m USING (body, report_no)
WHERE days <> 0 AND coalesce(m.received_at >= m.first_at, true)
    AND first_at - to_days(CAST(days AS INTEGER)) >= m.start_at - to_seconds($exif_min * 60)
    AND last_at - to_days(CAST(days AS INTEGER)) <= m.end_at + to_seconds($exif_min * 60)
"""
# One ID number in two rows of staff is one person, whatever resolution made of the names.
STAFF = """
CREATE OR REPLACE TEMP TABLE tp01_staff AS
SELECT employer_entity AS body, body_uscc, person_name AS name, nullif(cert_no, '') AS cert,
    CASE WHEN person_id IS NOT NULL AND NOT contains(person_id, '*')
        THEN coalesce(min(staff_person) OVER (PARTITION BY person_id), staff_person)
        ELSE staff_person END AS person, batch, row, part
FROM service_staff_linked
"""
SAMPLERS = f"""
CREATE OR REPLACE TEMP TABLE tp01_sampler AS
WITH named AS (
    SELECT id, body, body_uscc, unnest(generate_series(1, greatest(len(names), len(certs)))) AS no,
        names, certs FROM tp01_job
), one AS (
    SELECT id, body, body_uscc, no, names[no] AS name,
        CASE WHEN (len(certs) = len(names) OR len(names) = 0) AND {IS_NUMBER.format("certs[no]")}
            THEN certs[no] END AS cert FROM named
), by_cert AS (
    SELECT DISTINCT ON (o.id, o.no) o.id, o.no, s.person, s.name
    FROM one o JOIN tp01_staff s ON s.cert = o.cert
    ORDER BY o.id, o.no, s.body_uscc = o.body_uscc DESC, s.name = o.name DESC, s.person
), by_name AS (
    SELECT o.id, o.no, min(s.person) AS person FROM one o
    JOIN tp01_staff s ON s.body_uscc = o.body_uscc AND s.name = o.name
    WHERE o.cert IS NULL GROUP BY o.id, o.no HAVING count(DISTINCT s.person) = 1
)
SELECT o.id, o.no, coalesce(c.person, 'cert:' || o.cert, n.person,
        'name:' || coalesce(o.body, '') || ':' || o.name) AS sampler,
    coalesce(o.name, c.name, o.cert) AS name, o.cert
FROM one o LEFT JOIN by_cert c USING (id, no) LEFT JOIN by_name n USING (id, no)
WHERE coalesce(o.name, o.cert) IS NOT NULL
"""
PRESENCE = """
CREATE OR REPLACE TEMP TABLE tp01_presence AS
WITH team AS (
    SELECT id, list(sampler ORDER BY sampler) AS team, arg_min(sampler, no) AS lead
    FROM tp01_sampler GROUP BY id
)
SELECT j.*, t.team, t.lead, s.sampler
FROM tp01_sampler s JOIN tp01_there j USING (id) JOIN team t USING (id)
"""
THERE = """
CREATE OR REPLACE TEMP TABLE tp01_there AS
WITH placed AS (
    SELECT * EXCLUDE (names, certs), end_at - start_at >= to_seconds($fixed_h * 3600) AS is_fixed
    FROM tp01_job WHERE lon IS NOT NULL AND lat IS NOT NULL AND id NOT IN (SELECT id FROM tp01_slip)
)
SELECT * REPLACE (CASE WHEN is_fixed THEN start_at + to_minutes($setup_min) ELSE end_at END
    AS end_at) FROM placed
UNION ALL BY NAME
SELECT * REPLACE (end_at - to_minutes($setup_min) AS start_at) FROM placed WHERE is_fixed
"""
# Two visits make one conflict, however many of their jobs clash: it stands with the later one.
LATER = "CASE WHEN (a.visit_at, a.visit) > (b.visit_at, b.visit) THEN a.visit ELSE b.visit END"
# Two teams with one signature of a leader: the others differ, and he stands first in both.
PAIRS = f"""
CREATE OR REPLACE TEMP TABLE tp01_pair AS
WITH near AS (
    SELECT a.sampler AS subject, b.body, {LATER} AS visit, b.start_at AS act_at,
        a.id AS first_id, b.id AS second_id, tp01_km(a.lon, a.lat, b.lon, b.lat) AS km,
        date_diff('second', a.end_at, b.start_at) / 60.0 AS gap_min,
        len(a.team) > 1 AND len(b.team) > 1 AND len(list_intersect(a.team, b.team)) = 1
            AND a.lead = a.sampler AND b.lead = a.sampler AS is_two_teams
    FROM tp01_presence a JOIN tp01_presence b ON b.sampler = a.sampler
        AND b.start_at < a.end_at + to_minutes($horizon_min)
        AND (b.start_at > a.start_at OR (b.start_at = a.start_at AND b.id > a.id))
    WHERE a.site <> b.site
)
SELECT *, km / $speed_kmh * 60 AS needed_min, gap_min < 0 AS is_hard FROM near
WHERE km > $place_km AND (gap_min < 0 OR gap_min < km / $speed_kmh * 60 - $slack_min)
"""
INSTRUMENTS = f"""
CREATE OR REPLACE TEMP TABLE tp01_instrument AS
WITH used AS (SELECT *, unnest(instruments) AS instrument_no FROM tp01_there),
known AS (
    SELECT body_uscc, instrument_no,
        min(serial) FILTER (WHERE is_number AND contains(longest, signs)) AS serial,
        min(nullif(trim(serial_no), '')) AS serial_no, min(name) AS name,
        bool_or(portable) AS is_portable,
        first(struct_pack(batch := batch, "row" := row, part := part, "key" := instrument_no)
            ORDER BY batch, row, part) AS source
    FROM (
        SELECT *, {SERIAL.format("serial_no")} AS serial,
            coalesce({IS_NUMBER.format(SERIAL.format("serial_no"))}, false) AS is_number,
            {MODEL_SIGNS.format("model")} AS signs,
            {LONGEST_MODEL.format("model", "serial_no")} AS longest
        FROM lab_instrument
    ) GROUP BY body_uscc, instrument_no
)
SELECT u.id, u.body, u.site, u.visit, u.visit_at, u.start_at, u.end_at, u.lon, u.lat,
    u.instrument_no,
    coalesce('serial:' || k.serial, 'number:' || u.body_uscc || ':' || u.instrument_no)
        AS instrument,
    coalesce(k.name || ' ', '') || coalesce(k.serial_no, u.instrument_no) AS name,
    k.source
FROM used u LEFT JOIN known k USING (body_uscc, instrument_no)
WHERE coalesce(k.is_portable, true)
"""
INSTRUMENT_PAIRS = f"""
CREATE OR REPLACE TEMP TABLE tp01_instrument_pair AS
SELECT a.instrument AS subject, b.body, {LATER} AS visit, b.start_at AS act_at,
    a.id AS first_id, b.id AS second_id, tp01_km(a.lon, a.lat, b.lon, b.lat) AS km,
    date_diff('second', a.end_at, b.start_at) / 60.0 AS gap_min
FROM tp01_instrument a JOIN tp01_instrument b ON b.instrument = a.instrument
    AND b.start_at < a.end_at
    AND (b.start_at > a.start_at OR (b.start_at = a.start_at AND b.id > a.id))
WHERE a.site <> b.site AND tp01_km(a.lon, a.lat, b.lon, b.lat) > $place_km
"""
# A device whose photos are all off by the same time has a wrong clock and proves nothing.
PHOTOS = f"""
CREATE OR REPLACE TEMP TABLE tp01_photo AS
WITH matched AS (
    SELECT p.batch, p.row, p.part, p.photo_id, j.id,
        coalesce(p.device_model, '') || '|' || j.body AS device,
        CASE WHEN NOT {flagged("p", "exif_at", "date_only")} THEN
            CASE WHEN p.exif_at < j.start_at THEN date_diff('second', j.start_at, p.exif_at)
                WHEN p.exif_at > j.end_at THEN date_diff('second', j.end_at, p.exif_at)
                ELSE 0 END / 60.0 END AS off_min,
        date_diff('second', j.start_at + (j.end_at - j.start_at) / 2, p.exif_at) / 60.0 AS mid_min,
        CASE WHEN NOT {NO_CRS.format("p")} THEN
            tp01_km(p.exif_lon, p.exif_lat, j.lon, j.lat) END AS km
    FROM test_photo p JOIN tp01_job j ON j.report_no = p.report_no
        AND coalesce(p.body_uscc = j.body_uscc, true)
        AND (p.sample_no IS NULL OR list_contains(j.samples, p.sample_no))
    WHERE NOT regexp_matches(coalesce(p.subject, ''), '实验|分析|谱图|报告')
), best AS (
    SELECT DISTINCT ON (batch, row, part) * FROM matched
    ORDER BY batch, row, part, abs(coalesce(off_min, 0)) + 60 * coalesce(km, 0), id
), clock AS (
    SELECT device FROM best WHERE mid_min IS NOT NULL GROUP BY device
    HAVING count(*) FILTER (WHERE abs(off_min) > $exif_min) >= $clock_photos
        AND stddev_pop(mid_min) <= $clock_min
)
SELECT b.*, coalesce(km > $exif_km, false) AS is_place_off,
    coalesce(abs(off_min) > $exif_min, false) AND device NOT IN (SELECT device FROM clock)
        AS is_time_off, device IN (SELECT device FROM clock) AS has_wrong_clock
FROM best b
"""
# Misread plates: B and 8, D and 0, Z and 2 are one sign after the second place.
SIGN = "left({0}, 2) || translate(substr({0}, 3), 'BDZ', '802')"
VEHICLES = f"""
CREATE OR REPLACE TEMP TABLE tp01_vehicle AS
WITH job AS (
    SELECT id, {SIGN.format("plate")} AS sign, start_at - to_hours($seen_h) AS since,
        end_at + to_hours($seen_h) AS until, lon, lat
    FROM tp01_job WHERE plate IS NOT NULL AND lon IS NOT NULL
), pass AS (
    SELECT {SIGN.format("p.plate")} AS sign, p.passed_at AS seen_at, c.lon, c.lat
    FROM checkpoint_pass p LEFT JOIN checkpoint c USING (checkpoint_no)
    WHERE {SIGN.format("p.plate")} IN (SELECT sign FROM job)
    UNION ALL
    SELECT {SIGN.format("t.plate")}, e.seen_at, s.lon, s.lat FROM toll_trip t,
        unnest([struct_pack(seen_at := in_at, no := in_station_no, name := in_station),
            struct_pack(seen_at := out_at, no := out_station_no, name := out_station)]) x(e)
    LEFT JOIN toll_station s ON s.station_no = e.no OR (e.no IS NULL AND s.name = e.name)
    WHERE {SIGN.format("t.plate")} IN (SELECT sign FROM job)
), known AS (
    SELECT sign FROM pass GROUP BY sign
    HAVING count(DISTINCT CAST(seen_at + INTERVAL 8 HOUR AS DATE)) >= $vehicle_days
), near AS (
    SELECT j.id, j.since, j.until, c.checkpoint_no FROM job j JOIN checkpoint c
        ON c.lat BETWEEN j.lat - $seen_km / 110.0 AND j.lat + $seen_km / 110.0
    WHERE tp01_km(j.lon, j.lat, c.lon, c.lat) <= $seen_km
        AND coalesce(c.valid_from <= CAST(j.until AS DATE), true)
        AND coalesce(c.valid_to >= CAST(j.since AS DATE), true)
), active AS (
    SELECT DISTINCT checkpoint_no, date_trunc('hour', passed_at) AS active_at FROM checkpoint_pass
    WHERE checkpoint_no IN (SELECT checkpoint_no FROM near)
), awake AS (
    SELECT n.id, count(DISTINCT n.checkpoint_no) AS cameras
    FROM near n JOIN active a ON a.checkpoint_no = n.checkpoint_no
        AND a.active_at >= date_trunc('hour', n.since) AND a.active_at <= n.until
    GROUP BY n.id
), seen AS (
    SELECT DISTINCT j.id FROM job j JOIN pass p ON p.sign = j.sign
        AND p.seen_at BETWEEN j.since AND j.until
    WHERE p.lon IS NULL OR tp01_km(j.lon, j.lat, p.lon, p.lat) <= $seen_km
)
SELECT j.id, a.cameras FROM job j JOIN awake a USING (id) JOIN known USING (sign)
ANTI JOIN seen USING (id) WHERE a.cameras >= $cameras
"""
# Photo and vehicle speak about a job as a whole; they count once, with its first signer.
CONFLICTS = """
CREATE OR REPLACE TEMP TABLE tp01_conflict AS
WITH leader AS (SELECT id, arg_min(sampler, no) AS subject FROM tp01_sampler GROUP BY id),
alone AS (
    SELECT id, CASE WHEN is_place_off THEN 'exif_place' ELSE 'exif_time' END AS conflict,
        max(km) AS km, max(abs(off_min)) AS gap_min FROM tp01_photo
    WHERE (is_place_off OR is_time_off) AND id NOT IN (SELECT id FROM tp01_slip) GROUP BY ALL
    UNION ALL SELECT id, 'vehicle', NULL, cameras FROM tp01_vehicle
    WHERE id NOT IN (SELECT id FROM tp01_slip)
)
SELECT 'sampler' AS subject_kind, subject, body, visit, act_at, first_id, second_id,
    CASE WHEN is_hard THEN 'overlap' ELSE 'travel' END AS conflict, is_hard, is_two_teams, km,
    gap_min, needed_min FROM tp01_pair
UNION ALL
SELECT 'sampler', l.subject, j.body, j.visit, j.start_at, j.id, NULL, a.conflict, false, false,
    a.km, a.gap_min, NULL FROM alone a JOIN tp01_job j USING (id) JOIN leader l USING (id)
UNION ALL
SELECT 'instrument', subject, body, visit, act_at, first_id, second_id, 'instrument', true, false,
    km, gap_min, NULL FROM tp01_instrument_pair
"""
RESULT = """
SELECT * FROM tp01_conflict
ORDER BY subject_kind, subject, act_at, visit, conflict, first_id, second_id
"""
VISITS = """
SELECT DISTINCT s.sampler AS subject, j.visit, min(j.start_at) AS act_at
FROM tp01_sampler s JOIN tp01_job j USING (id)
WHERE s.sampler IN (SELECT subject FROM tp01_conflict) GROUP BY s.sampler, j.visit
UNION
SELECT i.instrument, i.visit, min(i.start_at) FROM tp01_instrument i
WHERE i.instrument IN (SELECT subject FROM tp01_conflict) GROUP BY i.instrument, i.visit
ORDER BY ALL
"""
STATEMENTS = (
    KM,
    LINES,
    JOBS,
    SLIPS,
    THERE,
    STAFF,
    SAMPLERS,
    PRESENCE,
    PAIRS,
    INSTRUMENTS,
    INSTRUMENT_PAIRS,
    PHOTOS,
    VEHICLES,
    CONFLICTS,
)


def find_conflicts(
    sql: duckdb.DuckDBPyConnection,
    since: datetime,
    until: datetime,
    numbers: Mapping[str, Any],
) -> pl.DataFrame:
    """Every conflict of jobs that start between ``since`` and ``until`` (UTC without zone).

    Parameters
    ----------
    numbers
        Parameters of TP-01 that the statements name.

    Returns
    -------
    polars.DataFrame
        Sorted; subject_kind (sampler, instrument), subject, body, visit, act_at, first_id and
        second_id (jobs), conflict (overlap, travel, exif_place, exif_time, vehicle, instrument),
        is_hard, is_two_teams, km, gap_min, needed_min.
    """
    run_statements(sql, STATEMENTS, {**numbers, "since": since, "until": until})
    frame: pl.DataFrame = sql.sql(RESULT).pl()
    return frame


def visits_of_subjects(sql: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """Visits of the subjects of conflicts: subject, visit (body, report, site, day), act_at."""
    frame: pl.DataFrame = sql.sql(VISITS).pl()
    return frame
