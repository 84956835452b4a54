"""What ties organisations: the people who control them, the phones and the addresses they use.

And what a number must be like to tell one thing from another.
"""

# A number of a certificate, card or device: words and noughts in its place are nobody's.
IS_NUMBER = "(length({0}) >= 4 AND regexp_matches({0}, '[1-9]'))"
SERIAL = "upper(trim({0}))"
# Makers number alike: a serial number is one device's only where the models agree, of which one may
# be written shorter than the other. Letters and digits of the model, and the longest of a number.
MODEL_SIGNS = "regexp_replace(upper(coalesce({0}, '')), '[^0-9A-Z]', '', 'g')"
LONGEST_MODEL = (
    f"max(struct_pack(n := length({MODEL_SIGNS}), signs := {MODEL_SIGNS}))"
    f" OVER (PARTITION BY {SERIAL.replace('{0}', '{1}')}).signs"
)

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
