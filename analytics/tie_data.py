"""Of which organisations it is known at all who controls them and what they share.

A tie that is not found says something only where somebody delivered the rows that would show it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import polars as pl

from analytics.shared_identifiers import ONE_PER_IDENTIFIER


@dataclass(frozen=True, slots=True)
class TieData:
    """Organisations with any controller, phone or address; those with an owner or a head."""

    identified: frozenset[str]
    owned: frozenset[str]


IDENTIFIED = f"""{ONE_PER_IDENTIFIER}
SELECT DISTINCT organization FROM one SEMI JOIN organization_given USING (organization)
"""
OWNED = """
SELECT DISTINCT to_id FROM relation
WHERE "type" IN ('LEGAL_REP_OF', 'SHAREHOLDER_OF')
    AND to_id IN (SELECT organization FROM organization_given)
"""


def tie_data(sql: duckdb.DuckDBPyConnection, organizations: Sequence[str]) -> TieData:
    """What is known of the given organisations."""
    given = pl.DataFrame(
        {"organization": sorted(set(organizations))}, schema={"organization": pl.String}
    )
    sql.register("organization_given", given.to_arrow())
    identified, owned = (
        frozenset(str(entity) for (entity,) in sql.execute(text).fetchall())
        for text in (IDENTIFIED, OWNED)
    )
    sql.unregister("organization_given")
    return TieData(identified, owned)
