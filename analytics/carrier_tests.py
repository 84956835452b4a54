"""HW-08 tests of the carrier on the day of departure, and of the cross-province approval.

Carrier, vehicle, driver and escort are looked up in the transport registers; a register that
covers nothing of the carrier's province (or of the plate's) answers nothing. Rows are shaped as
in ``analytics/receiver_tests.py``.
"""

from analytics.receiver_tests import CITED, CITED_TYPE, DAY

HAZMAT = (
    "(regexp_matches({0}, '危险货物|危险废物|危货|危险品')"
    " AND NOT regexp_matches({0}, '(危险货物|危险品)除外|除危险|不含危险|非危险'))"
)
PLATE = r"^\p{Han}[A-Z][0-9A-Z\p{Han}]{5,6}$"
# Leg 1 is the carrier on the head; where the head names none, the first leg row stands for it.
LEGS = f"""
CREATE OR REPLACE TEMP TABLE hw08_leg AS
WITH head AS (
    SELECT m.manifest_no, 1 AS leg_no, m.carrier_entity AS owner,
        m.carrier_licence_no AS licence_no, m.vehicle_permit_no, m.plate,
        m.trailer_plate, m.driver_name, m.driver_id, m.driver_person, m.escort_name,
        m.escort_id, m.escort_person, m.moved_at AS act_at, m.batch, m.row, m.part,
        'manifest' AS dataset
    FROM hw08_manifest m WHERE m.was_moved
), later AS (
    SELECT l.manifest_no, l.leg_no, l.carrier_entity, l.carrier_licence_no, NULL, l.plate,
        l.trailer_plate, l.driver_name, l.driver_id, l.driver_person, l.escort_name, l.escort_id,
        l.escort_person, coalesce(l.departed_at, m.moved_at), l.batch, l.row, l.part, 'manifest_leg'
    FROM manifest_leg_linked l JOIN hw08_manifest m USING (manifest_no)
    WHERE m.was_moved AND (l.leg_no > 1 OR m.carrier_entity IS NULL)
)
SELECT j.*, {DAY.format("act_at")} AS moved_on,
    left(coalesce(regexp_extract(j.licence_no, '^[0-9]{{6}}', 0), ''), 2) AS stated_province,
    left(coalesce(o.division_code, substr(o.uscc, 3, 6)), 2) AS province,
    coalesce(f.is_free, false) AS is_free
FROM (SELECT * FROM head UNION ALL SELECT * FROM later) j
LEFT JOIN organization o ON o.entity_id = j.owner
LEFT JOIN (SELECT manifest_no, bool_and(is_free_transport) AS is_free FROM hw08_item
    GROUP BY manifest_no) f USING (manifest_no)
WHERE j.owner IS NOT NULL AND j.act_at < $until
"""
CARRIERS = """
CREATE OR REPLACE TEMP TABLE hw08_carrier AS
SELECT carrier_entity AS owner, licence_no, coalesce(valid_from, DATE '1900-01-01') AS from_on,
    coalesce(valid_to, DATE '9999-12-31') AS to_on, scope, coalesce(status, '') AS status,
    CAST(source_updated_at + INTERVAL 8 HOUR AS DATE) AS changed_on, batch, row, part,
    left(coalesce(nullif(regexp_extract(licence_no, '^[0-9]{6}', 0), ''), substr(uscc, 3, 6)), 2)
        AS province
FROM carrier_licence_linked WHERE carrier_entity IS NOT NULL
"""
ENDED = "({0}.status IN ({1}) AND coalesce(j.moved_on >= {0}.changed_on, true))"
T5 = f"""
WITH seen AS (
    SELECT j.manifest_no, j.leg_no, count(c.licence_no) AS known,
        bool_or({HAZMAT.format("c.scope")}) AS has_scope,
        bool_or(j.moved_on BETWEEN c.from_on AND c.to_on
            AND NOT {ENDED.format("c", "'停业', '注销', '吊销'")} AND {HAZMAT.format("c.scope")})
            AS is_fit, max(c.to_on) FILTER (WHERE {HAZMAT.format("c.scope")}) AS to_on,
        list({CITED.format("carrier_licence", "c", "c.licence_no", "道路运输经营许可证")}
            ORDER BY c.to_on DESC, c.licence_no) FILTER (WHERE c.licence_no IS NOT NULL) AS cited
    FROM hw08_leg j LEFT JOIN hw08_carrier c USING (owner) GROUP BY j.manifest_no, j.leg_no
)
SELECT 'T5' AS test, j.owner, j.manifest_no, j.leg_no, j.act_at,
    CASE WHEN is_fit THEN CASE WHEN j.is_free THEN 'exempt' ELSE 'pass' END
        WHEN j.is_free THEN 'exempt'
        WHEN known = 0 AND coalesce(nullif(j.stated_province, ''), j.province, '') NOT IN (
            SELECT province FROM hw08_carrier WHERE province IS NOT NULL) THEN 'unknown'
        ELSE 'fail' END AS result,
    CASE WHEN known = 0 THEN 'none' WHEN NOT has_scope THEN 'scope'
        WHEN to_on < j.moved_on THEN 'expired' ELSE 'status' END AS detail,
    CASE WHEN to_on < j.moved_on THEN j.moved_on - to_on END AS soft_days, NULL::DOUBLE AS load,
    coalesce(cited[:2], {CITED_TYPE}) AS cited
FROM seen JOIN hw08_leg j USING (manifest_no, leg_no)
"""
# RULINGS 20: a plate without a stated kind matches any vehicle except a trailer.
T6 = f"""
WITH permit AS (
    SELECT plate, (vehicle_kind LIKE '%挂车%' OR plate LIKE '%挂') AS is_trailer, scope,
        coalesce(status, '') AS status, CAST(source_updated_at + INTERVAL 8 HOUR AS DATE)
            AS changed_on, least(coalesce(valid_to, DATE '9999-12-31'),
            coalesce(inspected_to, DATE '9999-12-31')) AS to_on, permit_no, batch, row, part
    FROM vehicle_permit WHERE plate <> 'UNREAD'
), used AS (
    SELECT manifest_no, leg_no, owner, act_at, moved_on, is_free, plate, false AS is_trailer
    FROM hw08_leg WHERE plate IS NOT NULL UNION ALL
    SELECT manifest_no, leg_no, owner, act_at, moved_on, is_free, trailer_plate, true
    FROM hw08_leg WHERE trailer_plate IS NOT NULL
), seen AS (
    SELECT j.manifest_no, j.leg_no, j.owner, j.act_at, j.moved_on, j.is_free, j.plate, j.is_trailer,
        count(p.permit_no) AS known, bool_or({HAZMAT.format("p.scope")}) AS has_scope,
        bool_or(p.to_on >= j.moved_on AND NOT {ENDED.format("p", "'停运', '报停', '注销'")}
            AND {HAZMAT.format("p.scope")}) AS is_fit,
        max(p.to_on) FILTER (WHERE {HAZMAT.format("p.scope")}) AS to_on,
        list({CITED.format("vehicle_permit", "p", "p.permit_no || ' ' || p.plate", "道路运输证")}
            ORDER BY p.to_on DESC, p.permit_no) FILTER (WHERE p.permit_no IS NOT NULL) AS cited
    FROM used j LEFT JOIN permit p ON p.plate = j.plate AND p.is_trailer = j.is_trailer
    GROUP BY ALL
)
SELECT 'T6' AS test, owner, manifest_no, leg_no, act_at,
    CASE WHEN is_free THEN 'exempt' WHEN is_fit THEN 'pass'
        WHEN known = 0 AND (NOT regexp_matches(plate, '{PLATE}')
            OR left(plate, 1) NOT IN (SELECT left(plate, 1) FROM permit)) THEN 'unknown'
        ELSE 'fail' END AS result,
    plate || CASE WHEN known = 0 THEN ' none' WHEN NOT has_scope THEN ' scope'
        WHEN to_on < moved_on THEN ' expired' ELSE ' status' END AS detail,
    CASE WHEN to_on < moved_on THEN moved_on - to_on END AS soft_days, NULL::DOUBLE AS load,
    coalesce(cited[:2], {CITED_TYPE}) AS cited
FROM seen
"""
# A certificate is found by person, else by ID number, else by the number on the waybill.
T7 = f"""
WITH permit AS (
    SELECT permit_no, "kind", driver_person AS person, person_id, valid_to AS to_on,
        coalesce(status, '') AS status, CAST(source_updated_at + INTERVAL 8 HOUR AS DATE)
            AS changed_on, batch, row, part FROM driver_permit_linked
), on_waybill AS (
    SELECT DISTINCT manifest_no, driver_permit_no, escort_permit_no FROM waybill
    WHERE manifest_no IS NOT NULL
), covered AS (
    SELECT DISTINCT left(coalesce(o.division_code, substr(o.uscc, 3, 6),
        substr(d.employer_uscc, 3, 6)), 2) AS province
    FROM driver_permit_linked d LEFT JOIN organization o ON o.entity_id = d.employer_entity
), crew AS (
    SELECT j.manifest_no, leg_no, owner, act_at, moved_on, is_free, province, '驾驶' AS duty,
        driver_name AS name, driver_id AS person_id, driver_person AS person,
        w.driver_permit_no AS permit_no FROM hw08_leg j LEFT JOIN on_waybill w USING (manifest_no)
    UNION ALL
    SELECT j.manifest_no, leg_no, owner, act_at, moved_on, is_free, province, '押运', escort_name,
        escort_id, escort_person, w.escort_permit_no
    FROM hw08_leg j LEFT JOIN on_waybill w USING (manifest_no)
), found AS (
    SELECT c.*, p.permit_no AS known_no, p."kind", p.to_on, p.status, p.changed_on, p.batch, p.row,
        p.part FROM crew c JOIN permit p ON p.person = c.person
    UNION SELECT c.*, p.permit_no, p."kind", p.to_on, p.status, p.changed_on, p.batch, p.row, p.part
    FROM crew c JOIN permit p ON p.person_id = c.person_id AND NOT contains(p.person_id, '*')
    UNION SELECT c.*, p.permit_no, p."kind", p.to_on, p.status, p.changed_on, p.batch, p.row, p.part
    FROM crew c JOIN permit p ON p.permit_no = c.permit_no
), seen AS (
    SELECT manifest_no, leg_no, duty, bool_or(contains("kind", duty)) AS has_kind,
        bool_or(contains("kind", duty) AND to_on >= moved_on
            AND NOT (regexp_matches(status, '吊销|注销|撤销|暂扣|无效')
                AND coalesce(moved_on >= changed_on, true))) AS is_fit,
        max(to_on) FILTER (WHERE contains("kind", duty)) AS to_on,
        list_sort(list(DISTINCT {CITED.format("driver_permit", "found", "known_no", "从业资格证")}))
            AS cited
    FROM found GROUP BY manifest_no, leg_no, duty
)
SELECT DISTINCT 'T7' AS test, c.owner, c.manifest_no, c.leg_no, c.act_at,
    CASE WHEN c.is_free THEN 'exempt' WHEN is_fit THEN 'pass' WHEN s.duty IS NOT NULL THEN 'fail'
        WHEN c.person_id IS NULL OR contains(c.person_id, '*')
            OR coalesce(c.province, '') NOT IN (SELECT province FROM covered
                WHERE province IS NOT NULL) THEN 'unknown' ELSE 'fail' END AS result,
    c.duty || '：' || coalesce(c.name, '') || CASE WHEN s.duty IS NULL THEN ' none'
        WHEN NOT has_kind THEN ' kind' WHEN to_on < c.moved_on THEN ' expired'
        ELSE ' status' END AS detail,
    CASE WHEN to_on < c.moved_on THEN c.moved_on - to_on END AS soft_days, NULL::DOUBLE AS load,
    coalesce(list_sort(cited)[:2], {CITED_TYPE}) AS cited
FROM crew c LEFT JOIN seen s USING (manifest_no, leg_no, duty)
WHERE c.name IS NOT NULL OR c.person_id IS NOT NULL
"""
# Both provinces agree to an approval, so the register of either answers for it. An approval
# lasts at most twelve months, whatever end it states (TRM-21).
T8 = f"""
WITH approval AS (
    SELECT approval_no, waste_code AS code, shipper_entity AS shipper, receiver_entity AS receiver,
        approved_on, least(valid_to, CAST(approved_on + INTERVAL 1 YEAR AS DATE)) AS to_on,
        approved_t, regexp_matches(coalesce(status, ''), '撤销|注销|失效|作废|不予|驳回')
            AS is_void,
        left(coalesce(from_division, ''), 2) AS from_province,
        left(coalesce(to_division, ''), 2) AS to_province, batch, row, part
    FROM transfer_approval_linked
), line AS (
    SELECT m.manifest_no, m.receiver_entity AS owner, m.shipper_entity AS shipper,
        m.accepted_at AS act_at, m.moved_on, m.shipper_province, m.receiver_province,
        nullif(trim(m.approval_no), '') AS approval_no, i.code, sum(i.qty_t) AS qty_t
    FROM hw08_manifest m JOIN hw08_item i USING (manifest_no)
    WHERE m.was_taken AND i.code IS NOT NULL AND m.receiver_entity IS NOT NULL
        AND coalesce(m.scope = '跨省', m.shipper_province <> m.receiver_province, false)
    GROUP BY ALL
), matched AS (
    SELECT DISTINCT ON (l.manifest_no, l.code) l.*, a.approval_no AS found_no, a.to_on,
        a.approved_t, coalesce(l.moved_on BETWEEN a.approved_on AND a.to_on, false)
            AND NOT a.is_void AS is_valid, a.batch, a.row, a.part
    FROM line l LEFT JOIN approval a ON a.code = l.code AND a.receiver = l.owner
        AND a.shipper = l.shipper AND (l.approval_no IS NULL OR a.approval_no = l.approval_no)
    ORDER BY l.manifest_no, l.code, is_valid DESC, a.to_on DESC, a.approval_no
), summed AS (
    SELECT *, sum(qty_t) OVER (PARTITION BY found_no, code ORDER BY act_at, manifest_no)
        / nullif(approved_t, 0) AS load FROM matched
)
SELECT 'T8' AS test, owner, manifest_no, 0 AS leg_no, act_at, CASE
        WHEN found_no IS NULL AND NOT EXISTS (SELECT 1 FROM approval
            WHERE from_province = shipper_province OR to_province = receiver_province)
            THEN 'unknown'
        WHEN coalesce(is_valid, false) AND coalesce(load <= 1 + 1e-9, true) THEN 'pass'
        ELSE 'fail' END AS result,
    CASE WHEN found_no IS NULL THEN 'none ' || coalesce(approval_no, '') WHEN NOT is_valid
        THEN 'expired ' || found_no ELSE 'amount ' || found_no END AS detail,
    CASE WHEN to_on < moved_on THEN moved_on - to_on END AS soft_days,
    CASE WHEN found_no IS NOT NULL THEN load END AS load,
    CASE WHEN found_no IS NOT NULL THEN
        [{CITED.format("transfer_approval", "summed", "found_no", "跨省转移批准")}]
        ELSE {CITED_TYPE} END AS cited
FROM summed
"""
CARRIER_TABLES = (LEGS, CARRIERS)
CARRIER_TESTS = (T5, T6, T7, T8)
