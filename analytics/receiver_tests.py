"""HW-08 tests of the receiver on the day of acceptance: licence, scope, method, amount, site.

Every statement fills a temporary table; the tests end in rows (test, owner, manifest_no, leg_no,
act_at, result, detail, soft_days, load, cited) with result ``pass``, ``fail``, ``exempt`` or
``unknown``. "Unknown" is what the delivered registers cannot answer; it is never a hit.
"""

from analytics.exemptions import EXEMPT_STEPS
from analytics.quality import flagged

DAY = "CAST({0} + INTERVAL 8 HOUR AS DATE)"
METHOD_CODES = "regexp_extract_all(upper(coalesce({0}, '')), '[RDC][0-9]{{1,2}}')"
METHOD_WORDS = (
    "list_filter(['收集', '贮存', '利用', '处置'], lambda w: contains(coalesce({0}, ''), w))"
)
NO_CRS = "len(list_filter(coalesce({0}.flags, []), lambda f: f.code = 'crs_unknown')) > 0"
PROVINCE = "left(coalesce({0}), 2)"
KM = """6371.0088 * 2 * asin(least(1, sqrt(pow(sin(radians({lat2} - {lat1}) / 2), 2)
    + cos(radians({lat1})) * cos(radians({lat2})) * pow(sin(radians({lon2} - {lon1}) / 2), 2))))"""

MANIFESTS = f"""
CREATE OR REPLACE TEMP TABLE hw08_manifest AS
WITH stated AS (
    SELECT *, coalesce(departed_at, handover_at, accepted_at) AS moved_at,
        coalesce(accepted_at < $until AND coalesce(status, '') <> '已拒绝'
            AND coalesce(decision, '') <> '拒绝', false) AS was_taken
    FROM manifest_linked WHERE coalesce(status, '') NOT IN ('草稿', '作废')
)
SELECT s.* EXCLUDE (lon, lat, raw_json), {DAY.format("accepted_at")} AS accepted_on,
    {DAY.format("moved_at")} AS moved_on, was_taken OR departed_at IS NOT NULL AS was_moved,
    coalesce(e.lon, s.lon) AS site_lon, coalesce(e.lat, s.lat) AS site_lat,
    {PROVINCE.format("s.receiver_division, r.division_code, substr(r.uscc, 3, 6)")}
        AS receiver_province,
    {PROVINCE.format("s.shipper_division, o.division_code, substr(o.uscc, 3, 6)")}
        AS shipper_province
FROM (SELECT *, CASE WHEN NOT {NO_CRS.format("stated")} THEN receiver_lon END AS lon,
        CASE WHEN NOT {NO_CRS.format("stated")} THEN receiver_lat END AS lat FROM stated) s
LEFT JOIN (SELECT manifest_no, first(lon ORDER BY event_at, batch, row) AS lon,
        first(lat ORDER BY event_at, batch, row) AS lat
    FROM manifest_event e WHERE event IN ('接受', '部分接受') AND lon IS NOT NULL
        AND lat IS NOT NULL AND NOT {NO_CRS.format("e")} GROUP BY manifest_no) e USING (manifest_no)
LEFT JOIN organization r ON r.entity_id = s.receiver_entity
LEFT JOIN organization o ON o.entity_id = s.shipper_entity
WHERE moved_at >= $since AND moved_at < $until
"""
# A free step needs the step to be stated: an unknown method proves no exemption.
ITEMS = f"""
CREATE OR REPLACE TEMP TABLE hw08_item AS
WITH read AS (
    SELECT i.manifest_no, i.item_no, i.batch, i.row, i.part,
        CASE WHEN NOT {flagged("i", "waste_code", "bad_code")} THEN i.waste_code END AS code,
        {flagged("i", "waste_code", "unknown_code")} AS is_unknown_code, waste_name,
        NOT regexp_matches(upper(coalesce(hazards, 'C')), '[TIR]') AS is_corrosive_only,
        {METHOD_CODES.format("method")} AS methods, {METHOD_WORDS.format("method")} AS words,
        coalesce(qty_in_t, qty_out_t) AS qty_t
    FROM manifest_item i WHERE coalesce(decision, '') <> '拒绝'
        AND manifest_no IN (SELECT manifest_no FROM hw08_manifest)
), stepped AS (
    SELECT *, 'HW' || right(code, 2) AS category,
        list_filter([
            CASE WHEN len(list_filter(methods, lambda m: m[1] = 'R')) > 0
                OR list_contains(words, '利用') THEN 'use' END,
            CASE WHEN len(list_filter(methods, lambda m: m[1] = 'D')) > 0
                OR list_contains(words, '处置') THEN 'dispose' END,
            CASE WHEN list_contains(words, '收集') OR list_contains(words, '贮存')
                THEN 'collect' END], lambda s: s IS NOT NULL) AS steps
    FROM read
), free AS (
    SELECT s.batch, s.row, s.part, list(DISTINCT e.step) AS free_steps
    FROM stepped s JOIN {EXEMPT_STEPS} e ON (e.code = s.code OR e.category = s.category)
    WHERE (NOT e.is_corrosive_only OR s.is_corrosive_only)
        AND contains(coalesce(s.waste_name, ''), e.word)
    GROUP BY s.batch, s.row, s.part
)
SELECT s.*, coalesce(list_contains(free_steps, 'transport'), false) AS is_free_transport,
    coalesce(list_has_any(free_steps, steps), false) AS is_free_use,
    free_steps IS NOT NULL AND len(steps) = 0 AS may_be_free
FROM stepped s LEFT JOIN free USING (batch, row, part)
"""
# A status that ended the licence counts from the day on which the register was changed.
LICENCES = f"""
CREATE OR REPLACE TEMP TABLE hw08_licence AS
SELECT row_number() OVER (ORDER BY licence_no, from_on, batch, row, part) AS id, *,
    coalesce(lead(from_on) OVER (PARTITION BY licence_no ORDER BY from_on, batch, row, part)
        - 1, DATE '9999-12-31') AS replaced_on
FROM (
    SELECT holder_entity AS holder, licence_no, coalesce(valid_from, issued_on, DATE '1900-01-01')
        AS from_on, coalesce(valid_to, DATE '9999-12-31') AS to_on, issued_on,
        CASE WHEN status IN ('注销', '吊销', '暂扣') THEN coalesce(
            {DAY.format("source_updated_at")}, valid_from, DATE '1900-01-01') END AS ended_on,
        status, "kind", {METHOD_WORDS.format("mode")} AS words, total_t_a,
        CASE WHEN NOT {NO_CRS.format("l")} THEN lon END AS lon,
        CASE WHEN NOT {NO_CRS.format("l")} THEN lat END AS lat,
        left(coalesce(division_code, substr(uscc, 3, 6)), 2) AS province, batch, row, part
    FROM hw_licence_linked l WHERE holder_entity IS NOT NULL
)
"""
SCOPE = f"""
CREATE OR REPLACE TEMP TABLE hw08_scope AS
WITH chosen AS (
    SELECT DISTINCT ON (l.id) l.id, v.valid_from
    FROM hw08_licence l JOIN (SELECT DISTINCT licence_no, valid_from FROM hw_licence_item) v
        USING (licence_no)
    ORDER BY l.id, coalesce(v.valid_from = l.from_on, false) DESC,
        coalesce(v.valid_from <= l.from_on, true) DESC, v.valid_from DESC NULLS LAST
), line AS (
    SELECT c.id AS licence_id, i.category, nullif(i.waste_code, '') AS code,
        {METHOD_CODES.format("i.method")} AS methods, {METHOD_WORDS.format("i.method")} AS words,
        i.licensed_t_a, nullif(trim(i.shared_group), '') AS shared, i.batch, i.row, i.part,
        i.licence_no
    FROM chosen c JOIN hw08_licence l USING (id) JOIN hw_licence_item i
        ON i.licence_no = l.licence_no AND i.valid_from IS NOT DISTINCT FROM c.valid_from
), common AS (
    SELECT licence_id, shared FROM line WHERE shared IS NOT NULL GROUP BY licence_id, shared
    HAVING count(DISTINCT licensed_t_a) <= 1
)
SELECT line.*, CASE WHEN common.shared IS NOT NULL THEN line.shared
    ELSE batch || ':' || row END AS group_key
FROM line LEFT JOIN common USING (licence_id, shared)
"""
VALID = """
CREATE OR REPLACE TEMP TABLE hw08_valid AS
SELECT m.manifest_no, l.* FROM hw08_manifest m JOIN hw08_licence l ON l.holder = m.receiver_entity
WHERE m.was_taken AND m.accepted_on BETWEEN l.from_on AND l.to_on
    AND coalesce(m.accepted_on < l.ended_on, true)
"""
CITED = """struct_pack(dataset := '{0}', batch := {1}.batch, "row" := {1}."row", part := {1}.part,
    "key" := {2}, role := '{3}')"""
CITED_TYPE = """CAST([] AS STRUCT(dataset VARCHAR, batch VARCHAR, "row" BIGINT, part INTEGER,
    "key" VARCHAR, role VARCHAR)[])"""
# Just over, and the manifest cites a number that the register does not know yet: renewed.
T1 = f"""
WITH free AS (
    SELECT manifest_no, bool_and(is_free_use) AS is_free FROM hw08_item GROUP BY manifest_no
), seen AS (
    SELECT m.manifest_no, count(l.id) AS known, count(v.id) AS valid,
        max(l.to_on) FILTER (WHERE l.to_on < m.accepted_on) AS ended_on,
        bool_or(l.ended_on <= m.accepted_on AND m.accepted_on BETWEEN l.from_on AND l.to_on)
            AS is_revoked,
        bool_or(l.from_on > m.accepted_on AND l.issued_on <= m.accepted_on) AS has_predecessor,
        list({CITED.format("hw_licence", "l", "l.licence_no", "经营许可证")}
            ORDER BY l.to_on DESC, l.id)
            FILTER (WHERE l.id IS NOT NULL) AS cited
    FROM hw08_manifest m LEFT JOIN hw08_licence l ON l.holder = m.receiver_entity
    LEFT JOIN hw08_valid v ON v.manifest_no = m.manifest_no AND v.id = l.id
    WHERE m.was_taken AND m.receiver_entity IS NOT NULL GROUP BY m.manifest_no
)
SELECT 'T1' AS test, m.receiver_entity AS owner, m.manifest_no, 0 AS leg_no,
    m.accepted_at AS act_at,
    CASE WHEN coalesce(f.is_free, false) THEN 'exempt' WHEN valid > 0 THEN 'pass'
        WHEN known = 0 AND m.receiver_province NOT IN (SELECT province FROM hw08_licence
            WHERE province IS NOT NULL) THEN 'unknown'
        WHEN known = 0 AND (m.receiver_province IS NULL
            OR NOT EXISTS (SELECT 1 FROM hw08_licence)) THEN 'unknown'
        WHEN has_predecessor AND ended_on IS NULL THEN 'unknown'
        WHEN m.accepted_on - ended_on <= $lag_days AND NOT coalesce(is_revoked, false)
            AND m.licence_no NOT IN (SELECT licence_no FROM hw08_licence) THEN 'unknown'
        ELSE 'fail' END AS result,
    CASE WHEN valid > 0 THEN '' WHEN known = 0 THEN 'none' WHEN is_revoked THEN 'revoked'
        WHEN ended_on IS NOT NULL THEN 'expired' ELSE 'not_yet' END AS detail,
    CASE WHEN NOT coalesce(is_revoked, false) THEN m.accepted_on - ended_on END AS soft_days,
    NULL::DOUBLE AS load, coalesce(cited[:3], {CITED_TYPE}) AS cited
FROM seen JOIN hw08_manifest m USING (manifest_no) LEFT JOIN free f USING (manifest_no)
"""
IN_CODE = "(s.category = i.category AND (s.code IS NULL OR s.code = i.code))"
SCOPE_KEY = "s.licence_no || ' ' || s.category"
IN_METHOD = """CASE WHEN len(i.methods) > 0 AND len(s.methods) > 0
        THEN list_has_any(s.methods, i.methods)
    WHEN len(i.steps) = 0 OR len(s.words) + len(v.words) = 0 THEN NULL
    ELSE list_has_any(list_transform(CASE WHEN len(s.words) > 0 THEN s.words ELSE v.words END,
        lambda w: CASE w WHEN '利用' THEN 'use' WHEN '处置' THEN 'dispose' ELSE 'collect' END),
        i.steps) END"""
T2_T3 = f"""
WITH held AS (
    SELECT i.batch, i.row, i.part, bool_or({IN_CODE}) AS has_code,
        bool_or(s.category = i.category) AS has_category, count(s.licence_id) AS lines,
        bool_or({IN_CODE} AND {IN_METHOD}) AS has_method,
        bool_and({IN_METHOD} IS NOT NULL) FILTER (WHERE {IN_CODE}) AS is_method_known,
        bool_or(v."kind" = '收集试点') AS is_pilot, bool_or(v."kind" = '试生产') AS is_trial,
        list(DISTINCT {CITED.format("hw_licence", "v", "v.licence_no", "经营许可证")}) AS licences,
        list(DISTINCT {CITED.format("hw_licence_item", "s", SCOPE_KEY, "许可明细")})
            FILTER (WHERE s.category = i.category) AS lines_cited
    FROM hw08_item i JOIN hw08_valid v USING (manifest_no)
    LEFT JOIN hw08_scope s ON s.licence_id = v.id GROUP BY i.batch, i.row, i.part
), judged AS (
    SELECT m.receiver_entity AS owner, m.manifest_no, m.accepted_at AS act_at, i.code, i.steps,
        i.methods, h.*, list_concat(list_sort(licences), coalesce(list_sort(lines_cited)[:6],
            {CITED_TYPE})) AS cited, i.is_free_use,
        CASE WHEN i.is_free_use THEN 'exempt' WHEN i.code IS NULL OR lines = 0 THEN 'unknown'
            WHEN has_code THEN 'pass' WHEN is_pilot OR is_trial THEN 'exempt'
            WHEN has_category AND i.is_unknown_code THEN 'unknown' ELSE 'fail' END AS code_result
    FROM hw08_item i JOIN held h USING (batch, row, part) JOIN hw08_manifest m USING (manifest_no)
)
SELECT 'T2' AS test, owner, manifest_no, 0 AS leg_no, act_at, code_result AS result, code AS detail,
    NULL::BIGINT AS soft_days, NULL::DOUBLE AS load, cited FROM judged
UNION ALL
SELECT 'T3', owner, manifest_no, 0, act_at, CASE WHEN code_result <> 'pass' THEN
        CASE WHEN is_free_use THEN 'exempt' ELSE 'unknown' END
    WHEN has_method THEN 'pass' WHEN NOT coalesce(is_method_known, false) THEN 'unknown'
    WHEN is_pilot OR is_trial THEN 'exempt' ELSE 'fail' END,
    array_to_string(CASE WHEN len(methods) > 0 THEN methods ELSE steps END, '/'), NULL, NULL, cited
FROM judged
"""
# Yearly amounts pro rata: each version of a licence counts for its own days of the year.
INTAKE = f"""
CREATE OR REPLACE TEMP TABLE hw08_intake AS
WITH used AS (
    SELECT DISTINCT ON (m.manifest_no) m.manifest_no, m.receiver_entity AS owner, m.accepted_at,
        m.accepted_on, year(m.accepted_on) AS year, v.id AS licence_id, v.licence_no
    FROM hw08_manifest m JOIN hw08_valid v USING (manifest_no)
    ORDER BY m.manifest_no, coalesce(v.licence_no = m.licence_no, false) DESC, v.from_on DESC, v.id
), line AS (
    SELECT DISTINCT ON (i.batch, i.row, i.part) u.*, i.qty_t, s.group_key
    FROM used u JOIN hw08_item i USING (manifest_no)
    LEFT JOIN hw08_scope s ON s.licence_id = u.licence_id AND {IN_CODE}
    WHERE NOT i.is_free_use AND i.qty_t IS NOT NULL
    ORDER BY i.batch, i.row, i.part, s.code NULLS LAST, s.group_key
), share AS (
    SELECT l.id, y.year, greatest(0, least(l.to_on, l.replaced_on, make_date(y.year, 12, 31))
        - greatest(l.from_on, make_date(y.year, 1, 1)) + 1) / (make_date(y.year, 12, 31)
        - make_date(y.year, 1, 1) + 1.0) AS share
    FROM hw08_licence l, (SELECT DISTINCT year FROM used) y
), grouped AS (
    SELECT licence_id, group_key, max(licensed_t_a) AS t_a FROM hw08_scope
    GROUP BY licence_id, group_key
), total AS (
    SELECT l.licence_no, h.year, sum(h.share * coalesce(l.total_t_a, g.t_a)) AS year_t
    FROM hw08_licence l JOIN share h USING (id)
    LEFT JOIN (SELECT licence_id, sum(t_a) AS t_a FROM grouped GROUP BY licence_id) g
        ON g.licence_id = l.id
    GROUP BY l.licence_no, h.year
), part AS (
    SELECT l.licence_no, h.year, g.group_key, sum(h.share * g.t_a) AS year_t
    FROM grouped g JOIN hw08_licence l ON l.id = g.licence_id JOIN share h ON h.id = l.id
    GROUP BY ALL
), summed AS (
    SELECT line.*, total.year_t AS total_t, part.year_t AS part_t, sum(qty_t) OVER (
            PARTITION BY owner, line.licence_no, line.year ORDER BY accepted_at, manifest_no)
            AS taken_t,
        sum(qty_t) OVER (PARTITION BY owner, line.licence_no, line.year, line.group_key
            ORDER BY accepted_at, manifest_no) AS part_taken_t
    FROM line LEFT JOIN total ON total.licence_no = line.licence_no AND total.year = line.year
    LEFT JOIN part ON part.licence_no = line.licence_no AND part.year = line.year
        AND part.group_key = line.group_key
)
SELECT owner, manifest_no, any_value(licence_no) AS licence_no, any_value(licence_id) AS licence_id,
    any_value(accepted_at) AS act_at, any_value(year) AS year, max(taken_t) AS taken_t,
    max(total_t) AS total_t, max(greatest(coalesce(taken_t / nullif(total_t, 0), 0),
        coalesce(part_taken_t / nullif(part_t, 0), 0))) AS load,
    max(CASE WHEN coalesce(total_t, part_t) > 0 THEN 1 ELSE 0 END) AS is_known
FROM summed GROUP BY owner, manifest_no
"""
T4 = f"""
SELECT 'T4' AS test, k.owner, k.manifest_no, 0 AS leg_no, k.act_at,
    CASE WHEN is_known = 0 THEN 'unknown' WHEN load >= $load_near THEN 'fail' ELSE 'pass' END
        AS result, k.licence_no AS detail, NULL::BIGINT AS soft_days, k.load,
    [{CITED.format("hw_licence", "l", "l.licence_no", "经营许可证")}] AS cited
FROM hw08_intake k JOIN hw08_licence l ON l.id = k.licence_id
"""
T9 = f"""
SELECT 'T9' AS test, m.receiver_entity AS owner, m.manifest_no, 0 AS leg_no,
    m.accepted_at AS act_at,
    CASE WHEN bool_and(v.lon + v.lat IS NULL)
            OR any_value(site_lon + site_lat) IS NULL THEN 'unknown'
        WHEN min({{km}}) <= $site_km OR bool_or(v.lon + v.lat IS NULL) THEN 'pass'
        ELSE 'fail' END AS result, '' AS detail, NULL::BIGINT AS soft_days, min({{km}}) AS load,
    list({CITED.format("hw_licence", "v", "v.licence_no", "许可设施位置")} ORDER BY v.id) AS cited
FROM hw08_manifest m JOIN hw08_valid v USING (manifest_no) GROUP BY ALL
""".replace(
    "{km}",
    KM.format(lon1="m.site_lon", lat1="m.site_lat", lon2="v.lon", lat2="v.lat"),
)
RECEIVER_TABLES = (MANIFESTS, ITEMS, LICENCES, SCOPE, VALID, INTAKE)
RECEIVER_TESTS = (T1, T2_T3, T4, T9)
