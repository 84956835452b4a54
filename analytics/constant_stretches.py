"""Stretches of automatic monitoring in which a value stands still, found in SQL.

Runs of equal values, days in a narrow band, weeks under the detection limit; each with the
second sensor, the chance of it by the series' own history, and fragments that repeat.
"""

from collections.abc import Mapping, Sequence

import duckdb
import polars as pl

from analytics.production import FLOW_FACTORS
from analytics.quality import VALUES, flagged
from analytics.statements import run_statements
from graph.types import Evidence

END = "seen_at + to_minutes(CAST(period_min AS BIGINT))"
NAMED = """mn, factor_code, any_value(family) AS medium, any_value(place) AS place,
    any_value(owner) AS owner, any_value(outlet_code) AS outlet_code"""
SHARES = """count(DISTINCT seen_at) AS n,
    avg(CAST(dataset = 'obs_hour' AS INTEGER)) AS hourly_share,
    avg(CAST(is_on IS NOT NULL AS INTEGER)) AS known_share"""
UNIT = """CASE WHEN regexp_matches({0}, '^(mg|毫克)') THEN 'mg'
        WHEN regexp_matches({0}, '^(ug|μg|µg|微克)') THEN 'ug' END"""

# A buffered outlet that lets nothing out keeps its last value, whether the plant works or not.
USED = f"""
CREATE OR REPLACE TEMP TABLE om02_used AS
WITH digit AS (
    SELECT mn, factor_code, CASE WHEN bool_and(abs(value - round(value, 0)) < 1e-9) THEN 1.0
        WHEN bool_and(abs(value - round(value, 1)) < 1e-9) THEN 0.1
        WHEN bool_and(abs(value - round(value, 2)) < 1e-9) THEN 0.01
        WHEN bool_and(abs(value - round(value, 3)) < 1e-9) THEN 0.001 ELSE 0.0001 END AS shown
    FROM {VALUES} WHERE is_valid GROUP BY mn, factor_code
), point AS (
    SELECT DISTINCT ON (mn) mn, outlet_code, coalesce(owner_entity, uscc) AS owner,
        coalesce(outlet_outlet, 'mn:' || mn) AS place FROM monitor_point_linked
    ORDER BY mn, batch, row, part
), stepped AS (
    SELECT v.*, p.owner, p.outlet_code, coalesce(p.place, 'mn:' || v.mn) AS place,
        coalesce(nullif(v.resolution, 0), least(v.display_digit, d.shown)) AS step,
        greatest(v.period_min, coalesce(v.cycle_min, CASE WHEN v.family = 'water'
            AND v.is_concentration THEN $cycle_min ELSE v.period_min END)) AS cycle,
        h.is_on, value <= coalesce(lod, 0) + 1e-9 AS is_low
    FROM {VALUES} v JOIN digit d USING (mn, factor_code) LEFT JOIN point p USING (mn)
    LEFT JOIN production_hour h
        ON h.mn = v.mn AND h.seen_at = date_trunc('hour', v.seen_at)
    LEFT JOIN flow_on_hour o ON o.mn = v.mn AND o.seen_at = date_trunc('hour', v.seen_at)
    WHERE v.is_valid AND v.family IN ('water', 'air') AND coalesce(h.is_on, true)
        AND (v.family = 'air' OR v.factor_code IN {FLOW_FACTORS} OR coalesce(o.is_on, true))
)
SELECT *, CAST(round(value / step) AS BIGINT) AS code FROM stepped
"""
# Values within one digit have codes k and k + 1, so a run is an island of such a pair of codes;
# the single codes are looked at as well because a pair may hold values further apart than a digit.
RUNS = f"""
CREATE OR REPLACE TEMP TABLE om02_run AS
WITH cut AS (
    SELECT *, coalesce(date_diff('second', lag(seen_at) OVER w, seen_at)
        > 60 * (period_min + $bridge_min), true) AS is_new
    FROM om02_used WHERE NOT is_low WINDOW w AS (PARTITION BY mn, factor_code ORDER BY seen_at)
), placed AS (
    SELECT *, sum(CAST(is_new AS INTEGER)) OVER w AS segment, row_number() OVER w AS place_no
    FROM cut WINDOW w AS (PARTITION BY mn, factor_code ORDER BY seen_at)
), near AS (
    SELECT *, abs(code - lag(code) OVER w) <= 1 OR abs(code - lead(code) OVER w) <= 1 AS is_near
    FROM placed WINDOW w AS (PARTITION BY mn, factor_code, segment ORDER BY seen_at)
), banded AS (
    SELECT * REPLACE (near.code AS code), unnest([2 * near.code - 1, 2 * near.code,
        2 * near.code + 1]) AS band FROM near WHERE is_near
), island AS (
    SELECT *, place_no - row_number() OVER (
        PARTITION BY mn, factor_code, segment, band ORDER BY seen_at) AS island FROM banded
)
SELECT DISTINCT ON (mn, factor_code, started_at, ended_at) * FROM (
    SELECT {NAMED}, min(seen_at) AS started_at, max({END}) AS ended_at,
        sum(period_min) / 60.0 AS run_h, median(value) AS middle,
        CAST(floor(sum(period_min) / max(cycle) + 1e-9) AS BIGINT) AS cycles,
        max(cycle) AS cycle, max(step) AS step, {SHARES}
    FROM island GROUP BY mn, factor_code, segment, band, island
    HAVING max(value) - min(value) <= max(step) * 1.000001 AND cycles >= $least_cycles
        AND run_h >= CASE WHEN any_value(family) = 'water' THEN $water_h ELSE $air_h END
) ORDER BY mn, factor_code, started_at, ended_at
"""
CHANCE = """
CREATE OR REPLACE TEMP TABLE om02_chance AS
WITH pair AS (
    SELECT a.mn, a.factor_code, a.seen_at, a.period_min / a.cycle AS weight,
        abs(a.code - b.code) <= 1 AS is_close
    FROM om02_used a JOIN om02_used b ON a.mn = b.mn AND a.factor_code = b.factor_code
        AND b.seen_at = a.seen_at + to_minutes(CAST(a.cycle AS BIGINT))
    WHERE (a.mn, a.factor_code) IN (SELECT (mn, factor_code) FROM om02_run)
)
SELECT r.mn, r.factor_code, r.started_at, r.ended_at, count(*) AS pairs,
    sum(weight) * pow((sum(CAST(is_close AS INTEGER)) + 0.5) / (count(*) + 1), r.cycles - 1)
        AS expected
FROM om02_run r JOIN pair p ON p.mn = r.mn AND p.factor_code = r.factor_code
    AND (p.seen_at + to_minutes(CAST(r.cycle AS BIGINT)) < r.started_at OR p.seen_at >= r.ended_at)
GROUP BY r.mn, r.factor_code, r.started_at, r.ended_at, r.cycles
HAVING count(*) >= $chance_pairs
"""
BANDS = f"""
CREATE OR REPLACE TEMP TABLE om02_band AS
WITH rolling AS (
    SELECT *, max(high) OVER w - min(low) OVER w AS band, sum(period_min) OVER w / 60.0 AS valid_h,
        avg(value) OVER w AS level, min(seen_at) OVER w AS first_at,
        range_high - coalesce(range_low, 0) AS span
    FROM om02_used WHERE is_concentration AND NOT is_low AND range_high > coalesce(range_low, 0)
    WINDOW w AS (PARTITION BY mn, factor_code ORDER BY seen_at
        RANGE BETWEEN to_minutes(CAST($band_h * 60 - 1 AS BIGINT)) PRECEDING AND CURRENT ROW)
), judged AS (
    SELECT *, band < $band_share * span AND level >= $band_level * span AS is_narrow
    FROM rolling WHERE valid_h >= $band_valid_h
), usual AS (
    SELECT mn, factor_code, avg(CAST(is_narrow AS INTEGER)) AS usual FROM judged GROUP BY ALL
), cut AS (
    SELECT *, coalesce(first_at > lag(seen_at) OVER w, true) AS is_new FROM judged
    WHERE is_narrow WINDOW w AS (PARTITION BY mn, factor_code ORDER BY seen_at)
), island AS (
    SELECT *, sum(CAST(is_new AS INTEGER)) OVER (
        PARTITION BY mn, factor_code ORDER BY seen_at) AS island FROM cut
)
SELECT {NAMED}, min(first_at) AS started_at, max({END}) AS ended_at,
    max(band / span) AS band_share, any_value(usual) AS usual, {SHARES}
FROM island JOIN usual USING (mn, factor_code) GROUP BY mn, factor_code, island
"""
LOW_WEEKS = f"""
CREATE OR REPLACE TEMP TABLE om02_low AS
WITH test AS (
    SELECT s.factor_code, s.outlet_code, coalesce(r.site_entity, r.site_uscc) AS owner,
        s.sampling_start_at AS tested_at, s.result, s.batch, s.row, s.part,
        s.report_no || ' ' || s.sample_no AS key, {UNIT.format("lower(s.result_unit)")} AS unit
    FROM test_sample s JOIN test_report_linked r
        ON r.report_no = s.report_no AND r.body_uscc = s.body_uscc
    WHERE r."kind" = '监督性监测' AND coalesce(r.status, '有效') <> '作废' AND s.result > 0
        AND coalesce(s.qc_kind, '样品') = '样品' AND NOT {flagged("s", "result", "below_detection")}
), rolling AS (
    SELECT *, avg(CAST(is_low AS INTEGER)) OVER w AS low_share, min(seen_at) OVER w AS first_at,
        sum(period_min) OVER w / 60.0 AS valid_h, {UNIT.format("unit_zh")} AS unit
    FROM om02_used WHERE lod > 0
        AND (owner, factor_code) IN (SELECT (owner, factor_code) FROM test)
    WINDOW w AS (PARTITION BY mn, factor_code ORDER BY seen_at
        RANGE BETWEEN to_minutes(CAST($lod_days * 1440 - 1 AS BIGINT)) PRECEDING AND CURRENT ROW)
), matched AS (
    SELECT v.*, t.source, t.result * CASE WHEN t.unit = v.unit THEN 1.0 WHEN t.unit = 'mg'
        THEN 1000.0 WHEN t.unit = 'ug' THEN 0.001 END / v.lod AS multiple
    FROM rolling v JOIN (SELECT *, struct_pack(dataset := 'test_sample', batch := batch,
        row := row, part := part, key := key) AS source FROM test) t
        ON t.owner = v.owner AND t.factor_code = v.factor_code
        AND (t.outlet_code IS NULL OR v.outlet_code IS NULL OR t.outlet_code = v.outlet_code)
        AND t.tested_at BETWEEN v.first_at - to_days($lod_test_days)
            AND v.seen_at + to_days($lod_test_days)
    WHERE v.low_share >= $lod_share AND v.valid_h >= $lod_valid_h AND v.unit IS NOT NULL
        AND t.unit IS NOT NULL AND v.seen_at - v.first_at >= to_days($lod_days) - to_hours(2)
), cut AS (
    SELECT *, coalesce(first_at > lag(seen_at) OVER w, true) AS is_new FROM (
        SELECT DISTINCT ON (mn, factor_code, seen_at) * FROM matched
        WHERE multiple >= $lod_multiple ORDER BY mn, factor_code, seen_at, multiple DESC, source)
    WINDOW w AS (PARTITION BY mn, factor_code ORDER BY seen_at)
), island AS (
    SELECT *, sum(CAST(is_new AS INTEGER)) OVER (
        PARTITION BY mn, factor_code ORDER BY seen_at) AS island FROM cut
)
SELECT {NAMED}, min(first_at) AS started_at, max({END}) AS ended_at,
    min(low_share) AS low_share, max(multiple) AS multiple,
    first(source ORDER BY multiple DESC, source) AS source, {SHARES}
FROM island GROUP BY mn, factor_code, island
"""
STRETCHES = """
CREATE OR REPLACE TEMP TABLE om02_stretch AS
SELECT row_number() OVER (ORDER BY place, factor_code, started_at, ended_at, "kind", mn) AS id, *
FROM (SELECT 'run' AS "kind", * FROM om02_run UNION ALL BY NAME
    SELECT 'band' AS "kind", * FROM om02_band UNION ALL BY NAME
    SELECT 'low' AS "kind", * FROM om02_low)
"""
# The flow cannot vouch for itself, so a flow factor is compared with power only.
SECOND = f"""
CREATE OR REPLACE TEMP TABLE om02_second AS
WITH channel AS (
    SELECT s.id, '用电量' AS name, p.seen_at, p.amount, 'power_hour' AS dataset, p.source.batch,
        p.source.row, p.source.part, p.source.key
    FROM om02_stretch s JOIN power_of_hour p ON p.owner = s.owner
        AND p.seen_at >= date_trunc('hour', s.started_at) AND p.seen_at < s.ended_at
    UNION ALL
    SELECT s.id, '流量', f.seen_at, f.amount, f.source.dataset, f.source.batch, f.source.row,
        f.source.part, f.source.key
    FROM om02_stretch s JOIN flow_of_hour f ON f.mn = s.mn
        AND s.factor_code NOT IN {FLOW_FACTORS}
        AND f.seen_at >= date_trunc('hour', s.started_at) AND f.seen_at < s.ended_at
)
SELECT *, 1.4826 * mad(amount) OVER w / nullif(abs(median(amount) OVER w), 0) AS cv,
    count(*) OVER w AS hours FROM channel WINDOW w AS (PARTITION BY id, name)
"""
VIDEO = """
CREATE OR REPLACE TEMP TABLE om02_video AS
SELECT DISTINCT s.id, v.event_kind, v.batch, v.row, v.part, v.camera_id AS key, v.event_at
FROM om02_stretch s JOIN video_event_linked v ON v.event_at >= s.started_at
    AND v.event_at < s.ended_at AND v.event_kind IN ('排水', '无排水') AND (v.mn = s.mn OR (
        coalesce(v.owner_entity, v.uscc) = s.owner AND v.outlet_code = s.outlet_code))
"""
# Two fragments repeat when they do not overlap in time or stand on points of different firms.
FRAGMENTS = f"""
CREATE OR REPLACE TEMP TABLE om02_repeat AS
WITH series AS (
    SELECT mn, factor_code, any_value(owner) AS owner, max(step) AS step FROM om02_used
    WHERE (mn, factor_code) IN (SELECT (mn, factor_code) FROM om02_stretch WHERE hourly_share > 0)
    GROUP BY mn, factor_code
), gram AS (
    SELECT v.mn, v.factor_code, s.owner, v.seen_at,
        list(CAST(round(v.value / s.step) AS BIGINT)) OVER w AS codes,
        min(v.seen_at) OVER w AS first_at
    FROM {VALUES} v JOIN series s USING (mn, factor_code)
    WHERE v.is_valid AND v.dataset = 'obs_hour'
    WINDOW w AS (PARTITION BY v.mn, v.factor_code ORDER BY v.seen_at
        RANGE BETWEEN to_hours($fragment - 1) PRECEDING AND CURRENT ROW)
), whole AS (
    SELECT *, hash(factor_code, codes) AS print FROM gram WHERE len(codes) = $fragment
        AND seen_at - first_at = to_hours($fragment - 1)
), twice AS (
    SELECT print FROM whole GROUP BY print
    HAVING count(DISTINCT owner) > 1
    UNION SELECT print FROM whole GROUP BY print, mn, factor_code
    HAVING max(first_at) - min(first_at) >= to_hours($fragment)
)
SELECT DISTINCT s.id FROM om02_stretch s JOIN whole w ON w.mn = s.mn
    AND w.factor_code = s.factor_code AND w.first_at < s.ended_at AND w.seen_at >= s.started_at
WHERE w.print IN (SELECT print FROM twice)
"""
RESULT = """
SELECT s.*, c.pairs, c.expected, r.id IS NOT NULL AS repeats, x.second_cv, x.second_name,
    x.second_hours, coalesce(v.kinds, 0) AS video_kinds, o.name AS owner_name, o.uscc,
    t.name AS outlet_name, f.factor_zh,
    s.mn IN (SELECT mn FROM flow_on_hour) AS has_flow
FROM om02_stretch s
LEFT JOIN om02_chance c USING (mn, factor_code, started_at, ended_at)
LEFT JOIN om02_repeat r ON r.id = s.id
LEFT JOIN (SELECT id, max(cv) AS second_cv, arg_max(name, {'cv': cv, 'name': name}) AS second_name,
        arg_max(hours, {'cv': cv, 'name': name}) AS second_hours
    FROM om02_second WHERE hours >= $second_n GROUP BY id) x ON x.id = s.id
LEFT JOIN (SELECT id, count(DISTINCT event_kind) AS kinds FROM om02_video GROUP BY id) v
    ON v.id = s.id
LEFT JOIN organization o ON o.entity_id = s.owner
LEFT JOIN entity_outlet t ON t.entity_id = s.place
LEFT JOIN observed_factor f ON f.factor_code = s.factor_code
ORDER BY s.id
"""
# Values of a stretch evenly spread, first and last among them, then what it was compared with.
EVIDENCE = """
WITH value_row AS (
    SELECT s.id, v.dataset, v.batch, v.row, v.part, v.mn || ' ' || v.factor_code || ' ' ||
        strftime(v.seen_at + to_hours(8), '%Y-%m-%d %H:%M') AS key, v.seen_at,
        row_number() OVER w AS no, count(*) OVER (PARTITION BY s.id) AS n
    FROM om02_stretch s JOIN om02_used v ON v.mn = s.mn AND v.factor_code = s.factor_code
        AND v.seen_at >= s.started_at AND v.seen_at < s.ended_at
    WHERE list_contains($ids, s.id) WINDOW w AS (PARTITION BY s.id ORDER BY v.seen_at)
)
SELECT id, dataset, batch, row, part, key, '监测值' AS role FROM value_row
WHERE no = n OR (no - 1) % greatest(1, CAST(ceil(n / $rows) AS BIGINT)) = 0
UNION ALL
SELECT id, dataset, batch, row, part, key || ' ' || strftime(seen_at + to_hours(8),
    '%Y-%m-%d %H:%M'), '对照：' || name FROM om02_second WHERE list_contains($ids, id)
QUALIFY row_number() OVER (PARTITION BY id, name ORDER BY seen_at) % greatest(1, CAST(
    ceil(count(*) OVER (PARTITION BY id, name) / 12) AS BIGINT)) = 0
UNION ALL
SELECT id, 'video_event', batch, row, part, key, '视频：' || event_kind FROM om02_video
WHERE list_contains($ids, id)
UNION ALL
SELECT s.id, 'monitor_factor', m.batch, m.row, m.part, m.mn || ' ' || m.factor_code, '仪器参数'
FROM om02_stretch s JOIN monitor_factor m USING (mn, factor_code) WHERE list_contains($ids, s.id)
UNION ALL
SELECT s.id, 'test_sample', s.source.batch, s.source.row, s.source.part, s.source.key, '监督性监测'
FROM om02_stretch s WHERE s.source IS NOT NULL AND list_contains($ids, s.id)
ORDER BY ALL
"""


def find_stretches(sql: duckdb.DuckDBPyConnection, numbers: Mapping[str, float]) -> pl.DataFrame:
    """Every stretch that OM-02 grades, with what speaks for and against it.

    ``load_values`` and ``load_production`` must have run.

    Parameters
    ----------
    numbers
        Parameters of OM-02 that the statements name.

    Returns
    -------
    polars.DataFrame
        Sorted by ``id``: kind (run, band or low), mn, factor_code, place (outlet id or mn), owner,
        started_at, ended_at (UTC), run_h, cycles, band_share, low_share, multiple, usual,
        hourly_share, known_share, pairs and expected (runs like this by chance, NULL where the
        history is too short), repeats, second_cv, second_name, video_kinds and names.
    """
    steps = (USED, RUNS, CHANCE, BANDS, LOW_WEEKS, STRETCHES, SECOND, VIDEO, FRAGMENTS)
    run_statements(sql, steps, numbers)
    frame: pl.DataFrame = sql.sql(RESULT, params={"second_n": numbers["second_n"]}).pl()
    return frame


def stretch_evidence(
    sql: duckdb.DuckDBPyConnection, ids: Sequence[int], rows: int
) -> dict[int, tuple[Evidence, ...]]:
    """Rows behind stretches by id: values (at most about ``rows``), comparison, instrument."""
    found: dict[int, list[Evidence]] = {}
    for number, *cited in sql.execute(EVIDENCE, {"ids": list(ids), "rows": rows}).fetchall():
        found.setdefault(number, []).append(Evidence(*cited))
    return {number: tuple(cited) for number, cited in found.items()}
