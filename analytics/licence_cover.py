"""Of which firms the lake would know the licence: no row may mean no licence, or no list.

The list of licences counts as full for a city when it holds those of nearly all firms there that
manifests name a licence number for, and these are many enough, or the province's are and nearly
all of them are in the list. A firm whose manifests name a number that is nobody else's
has a licence of its own, which the list lacks.
"""

import duckdb

# Few firms show nothing about the list; counts of firms of a city, and of a province.
COVERED_FIRMS, COVERED_FIRMS_PROVINCE = 5, 20
COVERED_SHARE = 0.95
KNOWN = """
WITH firm AS (
    SELECT DISTINCT organization FROM handover_given
), holder AS (
    SELECT DISTINCT holder_entity AS organization, trim(licence_no) AS licence_no
    FROM hw_licence_linked WHERE holder_entity IS NOT NULL
), named AS (
    SELECT DISTINCT receiver_entity AS organization, trim(licence_no) AS licence_no
    FROM manifest_linked
    WHERE receiver_entity IS NOT NULL AND trim(licence_no) <> ''
        AND coalesce(status, '') NOT IN ('作废', '草稿')
), own AS (
    SELECT n.*, h.licence_no IS NULL AS is_missing
    FROM named n LEFT JOIN (SELECT DISTINCT licence_no FROM holder) h USING (licence_no)
    WHERE h.licence_no IS NULL
        OR (n.organization, n.licence_no) IN (SELECT (organization, licence_no) FROM holder)
), placed AS (
    SELECT left(o.division_code, 4) AS city, left(o.division_code, 2) AS province,
        n.organization IN (SELECT organization FROM holder) AS is_listed
    FROM (SELECT DISTINCT organization FROM own) n
    JOIN organization o ON o.entity_id = n.organization
), city AS (
    SELECT city AS place, avg(CAST(is_listed AS INTEGER)) AS share, count(*) AS firms
    FROM placed WHERE city IS NOT NULL GROUP BY city
), province AS (
    SELECT province AS place, avg(CAST(is_listed AS INTEGER)) AS share, count(*) AS firms
    FROM placed WHERE province IS NOT NULL GROUP BY province
)
SELECT f.organization FROM firm f LEFT JOIN organization o ON o.entity_id = f.organization
LEFT JOIN city c ON c.place = left(o.division_code, 4)
LEFT JOIN province p ON p.place = left(o.division_code, 2)
WHERE f.organization IN (SELECT organization FROM holder)
    OR (c.share >= $share
        AND (c.firms >= $firms OR (p.firms >= $firms_province AND p.share >= $share))
        AND f.organization NOT IN (SELECT organization FROM own WHERE is_missing))
"""


def firms_of_known_licence(sql: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """Firms of ``handover_given`` of which the lake tells whether they hold a licence."""
    values = {
        "firms": COVERED_FIRMS,
        "firms_province": COVERED_FIRMS_PROVINCE,
        "share": COVERED_SHARE,
    }
    return frozenset(str(firm) for (firm,) in sql.execute(KNOWN, values).fetchall())
