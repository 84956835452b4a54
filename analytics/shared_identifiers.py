"""What ties organisations: the people who control them, the phones and the addresses they use."""

# Opens a statement with ``link`` (one row per relation) and ``one``: identifier, organization, kind
# (controller, phone, address) and the rows that say so, once each. Nobody identifies himself.
ONE_PER_IDENTIFIER = """
WITH link AS (
    SELECT from_id AS identifier, to_id AS organization, 'controller' AS kind, sources
    FROM relation WHERE "type" IN ('LEGAL_REP_OF', 'OFFICER_OF', 'SHAREHOLDER_OF')
    UNION ALL
    SELECT to_id, from_id, CASE "type" WHEN 'HAS_PHONE' THEN 'phone' ELSE 'address' END, sources
    FROM relation WHERE "type" IN ('HAS_PHONE', 'LOCATED_AT') AND from_id LIKE 'org:%'
), one AS (
    SELECT identifier, organization, kind, list_sort(list_distinct(flatten(list(sources))))
        AS sources
    FROM link WHERE identifier <> organization GROUP BY identifier, organization, kind
)"""
