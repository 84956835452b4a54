"""Edges of hidden chains: transfers, freight papers and stops at places, ready for the path search.

A hand-over may leave a manifest, an invoice, a weighed trip and a dangerous-goods waybill; they
are one edge (RULINGS 16). What a firm registered as its own waste is not what it took in, and
ordinary goods follow only goods of their own kind, so that a factory's products and wastes do not
continue the flow of its raw materials.
"""

from dataclasses import dataclass
from datetime import datetime

import duckdb
import polars as pl

from analytics.place_visits import PlaceVisits
from analytics.transfers import ROW_COLUMNS, WASTE_WORDS, Transfers

FLOW_COLUMNS: dict[str, pl.DataType] = {
    "edge": pl.Int64(),
    "source": pl.String(),
    "target": pl.String(),
    "moved_at": pl.Datetime("us"),
    "day": pl.Int64(),
    "tonnes": pl.Float64(),
    "code": pl.String(),
    "goods": pl.String(),
    "item_name": pl.String(),
    "kinds": pl.List(pl.String),
    "manifest_no": pl.String(),
    "carrier": pl.String(),
    "vehicle": pl.String(),
    "plate": pl.String(),
    "departed_at": pl.Datetime("us"),
    "arrived_at": pl.Datetime("us"),
    "is_waste": pl.Boolean(),
    "opens": pl.Boolean(),
    "follows": pl.Boolean(),
    "strict": pl.Boolean(),
    "is_confirmed": pl.Boolean(),
}


# What is sold to treat waste is none; scrapped equipment is.
EQUIPMENT_WORDS = "设备|装置|药剂|试剂|滤料|滤袋|滤芯|配件|软件|系统|分析仪|监测仪|检测仪"
SCRAP_WORDS = "废旧|报废|废弃"


@dataclass(frozen=True, slots=True)
class Flows:
    """``edges`` (FLOW_COLUMNS) in order of time, ``rows`` behind them (ROW_COLUMNS).

    ``passable``: organisations with few enough partners to be an inner node; ``partners``:
    suppliers or customers of each organisation, whichever are more.
    """

    edges: pl.DataFrame
    rows: pl.DataFrame
    passable: frozenset[str]
    partners: dict[str, int]


WAYBILLS = """
CREATE OR REPLACE TEMP TABLE flow_waybill AS
WITH head AS (
    SELECT waybill_no, min(consignor_entity) AS source, min(consignee_entity) AS target,
        coalesce(min(arrived_at), min(departed_at), min(dispatched_at)) AS moved_at,
        sum(qty_t) AS tonnes, min(goods) AS item_name, min(nullif(manifest_no, '')) AS manifest_no,
        min(carrier_entity) AS carrier, min(vehicle_vehicle) AS vehicle, min(plate) AS plate,
        coalesce(min(departed_at), min(dispatched_at)) AS departed_at, min(arrived_at) AS arrived_at
    FROM waybill_linked WHERE coalesce(status, '') NOT IN ('作废', '草稿', '已取消')
    GROUP BY waybill_no
)
SELECT * FROM head WHERE moved_at >= $since AND moved_at < $until
    AND source IS NOT NULL AND target IS NOT NULL AND source <> target
"""
# By number and by pair apart: a join on either would compare all with all.
HOSTS = """
CREATE OR REPLACE TEMP TABLE flow_host AS
WITH near AS (
    SELECT w.waybill_no, w.manifest_no, w.moved_at, t.edge, t.manifest_no AS written,
        t.moved_at AS written_at
    FROM flow_waybill w JOIN transfer_given t ON t.manifest_no = w.manifest_no
    UNION
    SELECT w.waybill_no, w.manifest_no, w.moved_at, t.edge, t.manifest_no, t.moved_at
    FROM flow_waybill w JOIN transfer_given t ON t.source = w.source AND t.target = w.target
        AND abs(date_diff('hour', t.moved_at, w.moved_at)) <= 24 * $merge_days
)
SELECT waybill_no, edge FROM near
QUALIFY row_number() OVER (PARTITION BY waybill_no ORDER BY written IS DISTINCT FROM manifest_no,
    abs(epoch(written_at) - epoch(moved_at)), edge) = 1
"""
UNION = """
CREATE OR REPLACE TEMP TABLE flow_all AS
WITH carried AS (
    SELECT h.edge, min(w.tonnes) AS tonnes, min(w.vehicle) AS vehicle, min(w.plate) AS plate,
        min(w.carrier) AS carrier, min(w.departed_at) AS departed_at,
        min(w.arrived_at) AS arrived_at
    FROM flow_host h JOIN flow_waybill w USING (waybill_no) GROUP BY h.edge
), base AS (
    SELECT 'transfer' AS origin, CAST(t.edge AS VARCHAR) AS number, t.source, t.target, t.moved_at,
        coalesce(t.tonnes, c.tonnes) AS tonnes, t.code, t.item_name,
        CASE WHEN c.edge IS NULL THEN t.kinds ELSE list_sort(list_append(t.kinds, 'waybill')) END
            AS kinds,
        t.manifest_no, coalesce(t.carrier, c.carrier) AS carrier,
        coalesce(t.vehicle, c.vehicle) AS vehicle, coalesce(t.plate, c.plate) AS plate,
        coalesce(t.departed_at, c.departed_at) AS departed_at,
        coalesce(t.arrived_at, c.arrived_at) AS arrived_at, false AS is_confirmed
    FROM transfer_given t LEFT JOIN carried c ON c.edge = t.edge
    UNION ALL
    SELECT 'waybill', waybill_no, source, target, moved_at, tonnes, NULL, item_name, ['waybill'],
        NULL, carrier, vehicle, plate, departed_at, arrived_at, false
    FROM flow_waybill WHERE waybill_no NOT IN (SELECT waybill_no FROM flow_host)
    UNION ALL
    SELECT 'visit', CAST(visit AS VARCHAR), organization, site, moved_at, NULL, NULL, NULL,
        ['visit'], NULL, NULL, vehicle, plate, moved_at, moved_at, is_confirmed
    FROM visit_given
)
SELECT row_number() OVER (ORDER BY moved_at, source, target, origin, code NULLS FIRST,
    item_name NULLS FIRST, tonnes NULLS FIRST, manifest_no NULLS FIRST, vehicle NULLS FIRST,
    number) - 1 AS edge, *
FROM base
"""
# Registered producers make goods and wastes of their own; one that only ships manifests may pass on
# what it bought.
GENERATORS = """
CREATE OR REPLACE TEMP TABLE flow_generator AS
WITH registered AS (
    SELECT owner_entity AS organization FROM hw_plan_linked
    UNION SELECT owner_entity FROM hw_declaration_linked
    UNION SELECT owner_entity FROM hw_store_linked
    UNION SELECT owner_entity FROM hw_ledger_linked
    UNION SELECT holder_entity FROM permit_linked
    UNION SELECT enterprise_entity FROM enterprise_linked
), shipping AS (
    SELECT shipper_entity AS organization FROM manifest_linked
)
SELECT organization, organization IN (FROM registered) AS is_registered
FROM (FROM registered UNION FROM shipping) WHERE organization IS NOT NULL
"""
OWN_WASTE = """
CREATE OR REPLACE TEMP TABLE flow_own AS
SELECT p.owner_entity AS organization, w.waste_code AS code
FROM hw_plan_linked p JOIN hw_plan_waste w USING (plan_no)
UNION SELECT owner_entity, waste_code FROM hw_declaration_linked
"""
# The head noun of Chinese goods stands last: 副产工业盐 and 废盐 are both 盐.
EDGES = """
WITH worded AS (
    SELECT *, nullif(right(regexp_replace(coalesce(item_name, ''),
        '\\*[^*]*\\*|[（(][^）)]*[）)]|[\\s0-9%%．.]', '', 'g'), 1), '') AS goods,
        list_contains(kinds, 'manifest') OR list_contains(kinds, 'visit')
            OR (regexp_matches(coalesce(item_name, ''), $waste_words)
                AND (regexp_matches(item_name, $scrap_words)
                    OR NOT regexp_matches(item_name, $equipment_words))) AS is_waste
    FROM flow_all
)
SELECT e.*, CAST(epoch(moved_at + to_hours(8)) // 86400 AS BIGINT) AS day,
    e.is_waste AND g.organization IS NOT NULL AND NOT list_contains(kinds, 'visit') AS opens,
    o.organization IS NULL AS follows,
    NOT list_contains(kinds, 'visit') AND (coalesce(g.is_registered, false)
        OR NOT (e.is_waste AND (g.organization IS NULL OR list_contains(kinds, 'manifest'))))
        AS strict
FROM worded e
LEFT JOIN flow_generator g ON g.organization = e.source
LEFT JOIN flow_own o ON o.organization = e.source AND o.code = e.code
ORDER BY edge
"""
ROWS = """
SELECT f.edge, r.dataset, r.batch, r.row, r.part, r.key
FROM flow_all f JOIN row_given r ON f.origin = 'transfer' AND r.edge = CAST(f.number AS BIGINT)
UNION ALL
SELECT f.edge, 'waybill', w.batch, w.row, w.part, w.waybill_no
FROM flow_all f JOIN waybill w ON f.origin = 'waybill' AND w.waybill_no = f.number
UNION ALL
SELECT f.edge, 'waybill', w.batch, w.row, w.part, w.waybill_no
FROM flow_all f JOIN flow_host h ON f.origin = 'transfer' AND h.edge = CAST(f.number AS BIGINT)
JOIN waybill w ON w.waybill_no = h.waybill_no
UNION ALL
SELECT f.edge, r.dataset, r.batch, r.row, r.part, r.key
FROM flow_all f JOIN visit_row_given r ON f.origin = 'visit' AND r.visit = CAST(f.number AS BIGINT)
ORDER BY ALL
"""
PARTNERS = """
WITH partner AS (
    SELECT source AS organization, count(DISTINCT target) AS n FROM flow_all GROUP BY source
    UNION ALL SELECT target, count(DISTINCT source) FROM flow_all GROUP BY target
)
SELECT organization, max(n) FROM partner WHERE organization LIKE 'org:%'
GROUP BY organization ORDER BY organization
"""


def load_flows(
    sql: duckdb.DuckDBPyConnection,
    transfers: Transfers,
    places: PlaceVisits,
    since: datetime,
    until: datetime,
    *,
    merge_days: int,
    degree_cap: int,
) -> Flows:
    """Edges of the path search in ``[since, until)`` (UTC without zone), set-based.

    Parameters
    ----------
    merge_days
        Days within which a waybill belongs to another paper of the same pair.
    degree_cap
        An organisation with more suppliers or more customers is no inner node.
    """
    given = {
        "transfer_given": transfers.edges,
        "row_given": transfers.rows,
        "visit_given": places.visits,
        "visit_row_given": places.rows,
    }
    for name, frame in given.items():
        sql.register(name, frame.to_arrow())
    sql.execute(WAYBILLS, {"since": since, "until": until})
    sql.execute(HOSTS, {"merge_days": merge_days})
    for statement in (UNION, GENERATORS, OWN_WASTE):
        sql.execute(statement)
    words = {
        "waste_words": WASTE_WORDS,
        "equipment_words": EQUIPMENT_WORDS,
        "scrap_words": SCRAP_WORDS,
    }
    edges = sql.sql(EDGES, params=words).pl()
    rows = sql.sql(ROWS).pl()
    partners = {str(name): int(n) for name, n in sql.execute(PARTNERS).fetchall()}
    for name in ("flow_waybill", "flow_host", "flow_all", "flow_generator", "flow_own"):
        sql.execute(f"DROP TABLE {name}")
    for name in given:
        sql.unregister(name)
    return Flows(
        edges.select(pl.col(name).cast(kind) for name, kind in FLOW_COLUMNS.items()),
        rows.select(pl.col(name).cast(kind) for name, kind in ROW_COLUMNS.items()),
        frozenset(name for name, n in partners.items() if n <= degree_cap),
        partners,
    )
