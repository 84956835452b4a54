"""Who belongs together: shared controllers, phones and addresses, and majority ownership.

An identifier that more than a few organisations share (a bookkeeper's phone, an incubator's
address) says nothing about any two of them and is ignored above the degree cap (RULINGS 15).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import duckdb
import polars as pl

from analytics.shared_identifiers import ONE_PER_IDENTIFIER

CHAIN_DEPTH = 6


@dataclass(frozen=True, slots=True)
class Affiliations:
    """How given organisations hang together.

    ``shared``: organization, other (organization < other), kind (controller, phone, address),
    identifier, degree (organisations that share it), sources (row references). ``groups``:
    organization, head: the organisation or person at the top of its majority chain.
    """

    shared: pl.DataFrame
    groups: pl.DataFrame


# Hubs go before pairs are made: an incubator's address would pair all its firms.
Row = dict[str, object]


class Ties:
    """:class:`Affiliations` of many sets of organisations, looked up without a scan of all."""

    def __init__(self, known: Affiliations) -> None:
        self._shared: dict[tuple[str, str], list[Row]] = {}
        for row in known.shared.iter_rows(named=True):
            self._shared.setdefault((row["organization"], row["other"]), []).append(row)
        self._heads: dict[str, set[str]] = {}
        for organization, head in known.groups.select("organization", "head").iter_rows():
            self._heads.setdefault(organization, set()).add(head)

    def shared(self, nodes: Sequence[str]) -> list[Row]:
        """Shared identifiers among the nodes of one set."""
        pairs = combinations(sorted(set(nodes)), 2)
        return [row for pair in pairs for row in self._shared.get(pair, [])]

    def is_one_group(self, nodes: Sequence[str]) -> bool:
        """Whether one head stands above all nodes by majority."""
        heads = [self._heads.get(node, set()) for node in nodes]
        return bool(heads) and bool(set.intersection(*heads))


SHARED = f"""{ONE_PER_IDENTIFIER}, wanted AS (
    SELECT identifier, kind, count(DISTINCT organization) AS degree FROM one
    WHERE identifier IN (SELECT identifier FROM one JOIN organization_given g USING (organization))
    GROUP BY identifier, kind HAVING degree <= $cap
), near AS (
    SELECT one.*, w.degree FROM one JOIN wanted w USING (identifier, kind)
    SEMI JOIN organization_given g ON g.organization = one.organization
)
SELECT a.organization, b.organization AS other, a.kind, a.identifier, a.degree,
    list_concat(a.sources, b.sources) AS sources
FROM near a JOIN near b ON a.identifier = b.identifier AND a.kind = b.kind
    AND a.organization < b.organization
ORDER BY ALL
"""
# The head of a chain of controllers: legal representatives and holders of at least half of the
# shares; an organisation without one is its own head. Several controllers are all heads; firms that
# hold each other in a circle have the smallest member as head.
GROUPS = """
WITH RECURSIVE holding AS (
    SELECT from_id AS holder, to_id AS held FROM relation
    WHERE "type" = 'LEGAL_REP_OF' OR ("type" = 'SHAREHOLDER_OF'
        AND try_cast(properties ->> '$.pct' AS DOUBLE) >= $majority)
), chain AS (
    SELECT organization, organization AS head, 0 AS depth FROM organization_given
    UNION
    SELECT c.organization, h.holder, c.depth + 1 FROM chain c JOIN holding h ON h.held = c.head
    WHERE c.depth < $depth
), reached AS (
    SELECT DISTINCT organization, head, head NOT IN (SELECT held FROM holding) AS is_top FROM chain
)
SELECT organization, head FROM reached WHERE is_top
UNION ALL
SELECT organization, min(head) FROM reached GROUP BY organization HAVING NOT bool_or(is_top)
ORDER BY ALL
"""


def affiliations(
    sql: duckdb.DuckDBPyConnection,
    organizations: Sequence[str],
    *,
    degree_cap: int,
    majority_pct: float,
) -> Affiliations:
    """How the given organisations hang together.

    Parameters
    ----------
    degree_cap
        Identifiers shared by more organisations are ignored.
    majority_pct
        Share in percent, 0 to 100, from which a holder stands above the organisation.
    """
    given = pl.DataFrame(
        {"organization": sorted(set(organizations))}, schema={"organization": pl.String}
    )
    sql.register("organization_given", given.to_arrow())
    shared = sql.sql(SHARED, params={"cap": degree_cap}).pl()
    groups = sql.sql(GROUPS, params={"majority": majority_pct, "depth": CHAIN_DEPTH}).pl()
    sql.unregister("organization_given")
    return Affiliations(shared, groups)
