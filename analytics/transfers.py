"""Who handed what to whom: manifests, goods invoices and weighed trips as one list of transfers.

One transfer of a pair may leave several papers. A manifest, a goods invoice and a weighed trip of
the same pair within a few days are one edge whose kinds are listed (RULINGS 16). Service invoices
run backwards and are never edges; red and voided invoices, drafts and cancelled manifests are left
out, and so is a refused load on its way back.
"""

from dataclasses import dataclass
from datetime import datetime

import duckdb
import polars as pl

from analytics.evidence_columns import EVIDENCE_COLUMNS

SERVICE_WORDS = (
    "服务|劳务|处置费|处理费|运输费|运费|装卸|仓储|租赁|咨询|检测费|技术费|手续费|管理费|维修|工程"
    "|利息|保险|电力|供电|自来水|蒸汽|天然气"
)
WASTE_WORDS = "废|渣|污泥|残液|残渣|副产|边角料|下脚|回收|再生资源|含[铜镍锌铅锡铬]"
PACKAGING_CODE = "900-041-49"

EDGE_COLUMNS: dict[str, pl.DataType] = {
    "edge": pl.Int64(),
    "source": pl.String(),
    "target": pl.String(),
    "moved_at": pl.Datetime("us"),
    "tonnes": pl.Float64(),
    "code": pl.String(),
    "kinds": pl.List(pl.String),
    "item_name": pl.String(),
    "manifest_no": pl.String(),
    "carrier": pl.String(),
    "vehicle": pl.String(),
    "plate": pl.String(),
    "departed_at": pl.Datetime("us"),
    "arrived_at": pl.Datetime("us"),
}
ROW_COLUMNS: dict[str, pl.DataType] = {"edge": pl.Int64(), **EVIDENCE_COLUMNS}


@dataclass(frozen=True, slots=True)
class TransferRules:
    """How papers become transfers.

    ``merge_days``: papers of one transfer; ``return_days``: for a refused load to go back;
    ``trip_hours`` and ``weight_tolerance`` (share): between the two weighings of one trip.
    """

    merge_days: int
    return_days: int
    trip_hours: int
    weight_tolerance: float


@dataclass(frozen=True, slots=True)
class Transfers:
    """Transfers in order of time: ``edges`` (EDGE_COLUMNS) and the ``rows`` behind them.

    ``edge`` is the position in ``edges``. ``returned`` counts manifests left out because they
    carried a refused load back.
    """

    edges: pl.DataFrame
    rows: pl.DataFrame
    returned: int


LOTS = """
CREATE OR REPLACE TEMP TABLE transfer_lot AS
WITH head AS (
    SELECT * , coalesce(accepted_at, arrived_at, departed_at, handover_at) AS moved_at
    FROM manifest_linked
    WHERE coalesce(status, '') NOT IN ('作废', '草稿')
    QUALIFY row_number() OVER (PARTITION BY manifest_no ORDER BY batch, row, part) = 1
), item AS (
    SELECT h.manifest_no, i.waste_code, i.waste_name, i.qty_in_t, i.qty_out_t,
        coalesce(i.decision, h.decision, CASE WHEN h.status = '已拒绝' THEN '拒绝' END) AS decision
    FROM head h LEFT JOIN manifest_item i USING (manifest_no)
), lot AS (
    SELECT manifest_no, waste_code AS code, min(waste_name) AS item_name,
        sum(CASE WHEN decision = '拒绝' THEN 0 ELSE coalesce(qty_in_t, qty_out_t) END) AS tonnes,
        sum(CASE WHEN decision = '拒绝' THEN qty_out_t
                 WHEN decision = '部分接受' THEN qty_out_t - coalesce(qty_in_t, 0)
                 ELSE 0 END) AS refused_t
    FROM item GROUP BY manifest_no, waste_code
)
SELECT h.shipper_entity AS source, h.receiver_entity AS target, h.moved_at, l.tonnes, l.code,
    l.item_name, l.refused_t, h.manifest_no, h.carrier_entity AS carrier,
    h.vehicle_vehicle AS vehicle, h.plate, coalesce(h.departed_at, h.handover_at) AS departed_at,
    coalesce(h.arrived_at, h.accepted_at) AS arrived_at, h.batch, h.row, h.part
FROM head h JOIN lot l USING (manifest_no)
WHERE h.shipper_entity IS NOT NULL AND h.receiver_entity IS NOT NULL
    AND h.shipper_entity <> h.receiver_entity AND h.moved_at IS NOT NULL
    AND h.moved_at >= $since AND h.moved_at < $until
"""
RETURNS = """
CREATE OR REPLACE TEMP TABLE transfer_return AS
SELECT b.manifest_no, b.code FROM transfer_lot r JOIN transfer_lot b
    ON b.source = r.target AND b.target = r.source AND b.code IS NOT DISTINCT FROM r.code
    AND b.moved_at >= r.departed_at AND b.moved_at <= r.moved_at + to_days($return_days)
    AND b.manifest_no <> r.manifest_no AND b.tonnes <= r.refused_t * 1.05
WHERE r.refused_t > 0
QUALIFY row_number() OVER (
    PARTITION BY r.manifest_no, r.code ORDER BY b.moved_at, b.manifest_no) = 1
"""
GOODS = """
CREATE OR REPLACE TEMP TABLE transfer_goods AS
WITH line AS (
    SELECT *, coalesce(nullif(invoice_no, ''), einvoice_no) AS number,
        CASE WHEN regexp_matches(lower(trim(uom)), '^(吨|公吨|t|mt)$') THEN qty
             WHEN regexp_matches(lower(trim(uom)), '^(千克|公斤|kg)$') THEN qty / 1000 END AS tonnes
    FROM invoice_linked
), red AS (
    SELECT DISTINCT red_ref FROM line WHERE red_ref IS NOT NULL AND red_ref <> ''
)
SELECT seller_entity AS source, buyer_entity AS target, issued_at AS moved_at,
    CASE WHEN tonnes > 0 THEN tonnes END AS tonnes, item_name, number, vehicle_vehicle AS vehicle,
    plate, batch, row, part
FROM line
WHERE seller_entity IS NOT NULL AND buyer_entity IS NOT NULL AND seller_entity <> buyer_entity
    AND issued_at >= $since AND issued_at < $until
    AND coalesce(status, '正常') = '正常' AND coalesce(is_positive, true) AND amount_yuan > 0
    AND coalesce(red_ref, '') = ''
    AND number NOT IN (SELECT red_ref FROM red)
    AND coalesce(einvoice_no, '') NOT IN (SELECT red_ref FROM red)
    AND coalesce(tax_code, '1') NOT SIMILAR TO '[23].*'
    AND coalesce(special_kind, '') NOT LIKE '%服务%'
    AND NOT regexp_matches(item_name, $service_words)
    AND (tonnes > 0 OR regexp_matches(item_name, $waste_words))
"""
WEIGHED = """
CREATE OR REPLACE TEMP TABLE transfer_weighed AS
SELECT o.owner_entity AS source, i.owner_entity AS target, i.weighed_at AS moved_at,
    i.net_t AS tonnes,
    coalesce(o.waste_code, i.waste_code) AS code, o.vehicle_vehicle AS vehicle, o.plate,
    o.weighed_at AS departed_at, o.batch, o.row, o.part, o.ticket_no,
    i.batch AS in_batch, i.row AS in_row, i.part AS in_part, i.ticket_no AS in_ticket_no
FROM weighbridge_linked o JOIN weighbridge_linked i
    ON i.vehicle_vehicle = o.vehicle_vehicle AND i.owner_entity <> o.owner_entity
    AND i.weighed_at > o.weighed_at AND i.weighed_at <= o.weighed_at + to_hours($trip_hours)
WHERE o.direction = '出厂' AND i.direction = '进厂' AND o.net_t > 0
    AND abs(i.net_t - o.net_t) <= $weight_tolerance * o.net_t
    AND i.weighed_at >= $since AND i.weighed_at < $until
QUALIFY row_number() OVER (
    PARTITION BY o.batch, o.row, o.part ORDER BY i.weighed_at, i.batch, i.row, i.part) = 1
"""
MERGED = """
CREATE OR REPLACE TEMP TABLE transfer_source AS
WITH base AS (
    SELECT 'manifest' AS kind, source, target, moved_at, tonnes, code, item_name, manifest_no,
        carrier, vehicle, plate, departed_at, arrived_at, manifest_no AS key, batch, row, part
    FROM transfer_lot WHERE coalesce(tonnes, 1) > 0
        AND (manifest_no, coalesce(code, '')) NOT IN
            (SELECT (manifest_no, coalesce(code, '')) FROM transfer_return)
    UNION ALL
    SELECT 'invoice', source, target, moved_at, tonnes, NULL, item_name, NULL, NULL, vehicle, plate,
        NULL, NULL, number, batch, row, part FROM transfer_goods
    UNION ALL
    SELECT 'vehicle', source, target, moved_at, tonnes, code, NULL, NULL, NULL, vehicle, plate,
        departed_at, moved_at, ticket_no, batch, row, part FROM transfer_weighed
)
SELECT row_number() OVER (
    ORDER BY moved_at, source, target, kind, code NULLS FIRST, key, batch, row, part) - 1 AS id, *
FROM base
"""
# A paper joins the nearest manifest of its pair; a weighed trip without one joins the invoice.
ABSORBED = """
CREATE OR REPLACE TEMP TABLE transfer_host AS
SELECT p.id, h.id AS host FROM transfer_source p JOIN transfer_source h
    ON h.source = p.source AND h.target = p.target
    AND h.moved_at BETWEEN p.moved_at - to_days($merge_days) AND p.moved_at + to_days($merge_days)
    AND (h.kind = 'manifest' OR (h.kind = 'invoice' AND p.kind = 'vehicle'))
WHERE p.kind <> 'manifest'
QUALIFY row_number() OVER (PARTITION BY p.id ORDER BY h.kind = 'manifest' DESC,
    abs(epoch(h.moved_at) - epoch(p.moved_at)), h.id) = 1
"""
HOSTED = """
CREATE OR REPLACE TEMP TABLE transfer_place AS
SELECT s.id, coalesce(upper.host, own.host, s.id) AS host FROM transfer_source s
LEFT JOIN transfer_host own ON own.id = s.id
LEFT JOIN transfer_host upper ON upper.id = own.host
"""
EDGES = """
SELECT s.source, s.target, s.moved_at, coalesce(s.tonnes, g.tonnes) AS tonnes, s.code, g.kinds,
    s.item_name, s.manifest_no, s.carrier, coalesce(s.vehicle, g.vehicle) AS vehicle,
    coalesce(s.plate, g.plate) AS plate, s.departed_at, s.arrived_at, s.id
FROM transfer_source s JOIN (
    SELECT p.host, list_sort(list(DISTINCT t.kind)) AS kinds, min(t.tonnes) AS tonnes,
        min(t.vehicle) AS vehicle, min(t.plate) AS plate
    FROM transfer_place p JOIN transfer_source t USING (id) GROUP BY p.host
) g ON g.host = s.id ORDER BY s.id
"""
ROWS = """
SELECT host AS id, dataset, batch, row, part, key FROM (
    SELECT p.host, t.kind = 'invoice' AS later, CASE t.kind WHEN 'vehicle' THEN 'weighbridge'
        ELSE t.kind END AS dataset, t.batch, t.row, t.part, t.key
    FROM transfer_place p JOIN transfer_source t USING (id)
    UNION ALL
    SELECT p.host, true, 'weighbridge', w.in_batch, w.in_row, w.in_part, w.in_ticket_no
    FROM transfer_place p JOIN transfer_source t USING (id) JOIN transfer_weighed w
        ON t.kind = 'vehicle' AND w.batch = t.batch AND w.row = t.row AND w.part = t.part
    UNION ALL
    SELECT p.host, false, 'manifest_item', i.batch, i.row, i.part, i.manifest_no
    FROM transfer_place p JOIN transfer_source t USING (id) JOIN manifest_item i
        ON t.kind = 'manifest' AND i.manifest_no = t.manifest_no
        AND i.waste_code IS NOT DISTINCT FROM t.code
) ORDER BY id, later, dataset, batch, row, part
"""


def load_transfers(
    sql: duckdb.DuckDBPyConnection, since: datetime, until: datetime, rules: TransferRules
) -> Transfers:
    """Transfers in ``[since, until)`` (UTC without zone), set-based.

    A manifest counts at its acceptance, else arrival, departure or hand-over; a manifest of
    several waste codes is one edge per code, with the quantity accepted, else the one handed out.
    """
    span = {"since": since, "until": until}
    sql.execute(LOTS, span)
    sql.execute(RETURNS, {"return_days": rules.return_days})
    words = {"service_words": SERVICE_WORDS, "waste_words": WASTE_WORDS}
    sql.execute(GOODS, {**span, **words})
    weighing = {"trip_hours": rules.trip_hours, "weight_tolerance": rules.weight_tolerance}
    sql.execute(WEIGHED, {**span, **weighing})
    sql.execute(MERGED)
    sql.execute(ABSORBED, {"merge_days": rules.merge_days})
    sql.execute(HOSTED)
    edges = sql.sql(EDGES).pl().with_row_index("edge")
    rows = sql.sql(ROWS).pl().join(edges.select("id", "edge"), on="id", maintain_order="left")
    returned = int(sql.execute("SELECT count(*) FROM transfer_return").fetchall()[0][0])
    for name in ("lot", "return", "goods", "weighed", "source", "host", "place"):
        sql.execute(f"DROP TABLE transfer_{name}")
    return Transfers(
        edges.select(pl.col(name).cast(kind) for name, kind in EDGE_COLUMNS.items()),
        rows.select(pl.col(name).cast(kind) for name, kind in ROW_COLUMNS.items()),
        returned,
    )
