"""Lots that manifests handed over, without refused loads on their way back.

A manifest is filed (已提交), under way (运输中), waiting (待接受), then accepted or refused
(已接受, 已拒绝). It hands something over once the load has left: a draft, a cancelled one and one
that was only filed move nothing, unless a time of departure, arrival or acceptance says that the
state was not brought up to date. Where no state was delivered, the time of hand-over counts.

A lot is all of one waste code on a manifest, with the quantity accepted, else the one handed out;
unknown where any item's is, as that of a part accepted without a figure.
"""

from collections.abc import Mapping

import duckdb
import polars as pl

from analytics.kernels.return_matching import Lots, Refusals, match_returns
from analytics.paper_times import is_day_only

MANIFEST_LOTS, RETURNED_LOTS = "transfer_lot", "transfer_return"

BY_DAY = [
    f"WHEN m.{time} IS NOT NULL THEN {is_day_only('m', time)}"
    for time in ("accepted_at", "arrived_at", "departed_at", "handover_at")
]
LOTS = f"""
CREATE OR REPLACE TEMP TABLE {MANIFEST_LOTS} AS
WITH head AS (
    SELECT manifest_no, shipper_entity, receiver_entity, carrier_entity, vehicle_vehicle, plate,
        status, decision, coalesce(departed_at, handover_at) AS departed_at,
        coalesce(arrived_at, accepted_at) AS arrived_at,
        coalesce(accepted_at, arrived_at, departed_at, handover_at) AS moved_at,
        CASE {" ".join(BY_DAY)} END AS by_day,
        batch, row, part
    FROM manifest_linked m
    WHERE coalesce(status, '') NOT IN ('作废', '草稿')
        AND (coalesce(status, '') <> '已提交'
            OR coalesce(accepted_at, arrived_at, departed_at) IS NOT NULL)
    QUALIFY row_number() OVER (PARTITION BY manifest_no ORDER BY batch, row, part) = 1
), item AS (
    SELECT h.manifest_no, i.waste_code, i.waste_name, i.qty_in_t, i.qty_out_t,
        coalesce(i.decision, h.decision, CASE WHEN h.status = '已拒绝' THEN '拒绝' END) AS decision
    FROM head h LEFT JOIN manifest_item i USING (manifest_no)
), weighed AS (
    SELECT *, CASE decision WHEN '拒绝' THEN 0 WHEN '部分接受' THEN qty_in_t
            ELSE coalesce(qty_in_t, qty_out_t) END AS accepted_t,
        CASE decision WHEN '拒绝' THEN qty_out_t WHEN '部分接受' THEN qty_out_t - qty_in_t
            ELSE 0 END AS back_t,
        CASE WHEN decision IN ('拒绝', '部分接受') THEN qty_out_t ELSE 0 END AS most_back_t
    FROM item
), lot AS (
    SELECT manifest_no, waste_code AS code, min(waste_name) AS item_name,
        CASE WHEN count(accepted_t) = count(*) THEN sum(accepted_t) END AS tonnes,
        CASE WHEN count(back_t) = count(*) THEN sum(back_t) END AS refused_t,
        CASE WHEN count(most_back_t) = count(*) THEN sum(most_back_t) END AS most_refused_t
    FROM weighed GROUP BY manifest_no, waste_code
)
SELECT h.shipper_entity AS source, h.receiver_entity AS target, h.moved_at, h.by_day, l.tonnes,
    l.code, l.item_name, l.refused_t, l.most_refused_t, h.manifest_no,
    h.carrier_entity AS carrier, h.vehicle_vehicle AS vehicle, h.plate, h.departed_at, h.arrived_at,
    h.batch, h.row, h.part
FROM head h JOIN lot l USING (manifest_no)
WHERE h.shipper_entity IS NOT NULL AND h.receiver_entity IS NOT NULL
    AND h.shipper_entity <> h.receiver_entity AND h.moved_at IS NOT NULL
    AND h.moved_at >= $since AND h.moved_at < $until
"""
# Refusals, and the lots that went the other way; the key is of the two firms and the code.
REFUSALS = f"""
WITH refusal AS (
    SELECT target AS holder, source AS giver, code, manifest_no, refused_t AS tonnes,
        most_refused_t AS most_t, coalesce(departed_at, moved_at) AS first,
        moved_at + to_days($return_days) AS last, true AS is_refusal
    FROM {MANIFEST_LOTS} WHERE coalesce(refused_t, 1) > 0 AND coalesce(most_refused_t, 1) > 0
), back AS (
    SELECT b.source, b.target, b.code, b.manifest_no, b.tonnes, NULL, b.moved_at,
        CASE WHEN b.by_day THEN b.moved_at + to_days(1) ELSE b.moved_at END, false
    FROM {MANIFEST_LOTS} b SEMI JOIN refusal r ON r.holder = b.source AND r.giver = b.target
        AND r.code IS NOT DISTINCT FROM b.code
    WHERE coalesce(b.tonnes, 1) > 0
)
SELECT dense_rank() OVER (ORDER BY holder, giver, code NULLS FIRST) AS key, manifest_no, code,
    coalesce(tonnes, 'nan') AS tonnes, coalesce(most_t, 'inf') AS most_t,
    epoch_us(first) AS first, epoch_us(last) AS last, is_refusal
FROM (FROM refusal UNION ALL FROM back) ORDER BY key, first, last, manifest_no
"""
RETURNS = f"""
CREATE OR REPLACE TEMP TABLE {RETURNED_LOTS} AS SELECT manifest_no, code FROM returned_given
"""


def load_manifest_lots(
    sql: duckdb.DuckDBPyConnection,
    span: Mapping[str, object],
    return_days: int,
    weight_tolerance: float,
) -> None:
    """Fill the tables of lots and of those that are a refused load on its way back.

    A refused lot (source to target) goes back within ``return_days`` of its refusal, as one lot
    or as several that add up to it; see :func:`analytics.kernels.return_matching.match_returns`
    for which, and for what is left over.

    Parameters
    ----------
    span
        ``since`` and ``until`` of the lots, UTC without zone.
    weight_tolerance
        Share by which two weighings of one load may differ.
    """
    sql.execute(LOTS, dict(span))
    found = sql.sql(REFUSALS, params={"return_days": return_days}).pl()
    is_refusal = found["is_refusal"]
    refused, back = found.filter(is_refusal), found.filter(~is_refusal)
    returned = match_returns(
        Refusals(*(refused[c].to_numpy() for c in ("key", "first", "last", "tonnes", "most_t"))),
        Lots(*(back[c].to_numpy() for c in ("key", "first", "last", "tonnes"))),
        weight_tolerance,
    )
    chosen = back.filter(pl.Series(returned, dtype=pl.Boolean)).select("manifest_no", "code")
    sql.register("returned_given", chosen.to_arrow())
    sql.execute(RETURNS)
    sql.unregister("returned_given")
