"""Who handed what to whom: manifests, goods invoices and vehicle moves as one list of transfers.

One transfer of a pair may leave several papers. A manifest, a goods invoice and a vehicle move of
the same pair within a few days are one edge whose kinds are listed (RULINGS 16). Service invoices
run backwards and are never edges; red and voided invoices, drafts and cancelled manifests are left
out, and so is a refused load on its way back.

A search that asks whether the same thing was handed on takes the class of goods
(``analytics/goods_invoices.py``) for their code; what is told of a transfer as its code is a waste
code only.

A province-year has tens of millions of papers. They stay in DuckDB, which spills, as narrow rows
of numbers; a search takes arrays, and only the edges that it found are read in full.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import duckdb
import numpy as np
import polars as pl
from numpy.typing import NDArray

from analytics.evidence_columns import EVIDENCE_COLUMNS
from analytics.goods_invoices import GOODS_INVOICES, load_goods_invoices
from analytics.kernels.temporal_elements import Floats, Ints
from analytics.statements import run_statements
from analytics.vehicle_moves import VEHICLE_MOVES, load_vehicle_moves

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
    ``trip_hours`` and ``weight_tolerance`` (share): between the two ends of a vehicle's move.
    """

    merge_days: int
    return_days: int
    trip_hours: int
    weight_tolerance: float


@dataclass(frozen=True, slots=True)
class Transfers:
    """Transfers in order of time: ``edges`` (EDGE_COLUMNS) and the ``rows`` behind them.

    ``edge`` is the position among all transfers. ``returned`` counts manifests left out because
    they carried a refused load back.
    """

    edges: pl.DataFrame
    rows: pl.DataFrame
    returned: int


@dataclass(frozen=True, slots=True)
class TransferArrays:
    """All transfers as parallel arrays in order of ``edge``.

    ``source`` and ``target`` are positions in ``parties``, sorted entity ids; ``time`` in seconds
    since 1970 UTC; ``tonnes`` NaN and ``code`` -1 where unknown; ``with_manifest`` tells whether a
    manifest is among the papers. Codes from ``goods_from`` on are classes of goods, those below
    waste codes.
    """

    source: Ints
    target: Ints
    time: Ints
    tonnes: Floats
    code: Ints
    with_manifest: NDArray[np.bool_]
    parties: pl.Series
    goods_from: int


# The kinds by number, in their alphabetical order.
KINDS = ("invoice", "manifest", "vehicle")
INVOICE, MANIFEST, VEHICLE = range(3)

LOTS = """
CREATE OR REPLACE TEMP TABLE transfer_lot AS
WITH head AS (
    SELECT manifest_no, shipper_entity, receiver_entity, carrier_entity, vehicle_vehicle, plate,
        status, decision, coalesce(departed_at, handover_at) AS departed_at,
        coalesce(arrived_at, accepted_at) AS arrived_at,
        coalesce(accepted_at, arrived_at, departed_at, handover_at) AS moved_at, batch, row, part
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
    h.vehicle_vehicle AS vehicle, h.plate, h.departed_at, h.arrived_at, h.batch, h.row, h.part
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
# Entity ids, batches and codes are long texts; sorted numbers keep their order.
PAPERS = ("transfer_lot", GOODS_INVOICES, VEHICLE_MOVES)
NUMBERED = (
    ("party", [f"SELECT {end} AS text FROM {t}" for t in PAPERS for end in ("source", "target")]),
    ("batch", [f"SELECT batch AS text FROM {table}" for table in PAPERS]),
    ("code", [f"SELECT code AS text FROM {table}" for table in ("transfer_lot", VEHICLE_MOVES)]),
)
NUMBERS = tuple(
    f"""
    CREATE OR REPLACE TEMP TABLE transfer_{name} AS
    SELECT CAST(row_number() OVER (ORDER BY text) - 1 AS INTEGER) AS number, text
    FROM ({" UNION ".join(texts)}) WHERE text IS NOT NULL
    """
    for name, texts in NUMBERED
)
# Goods are numbered behind the wastes, so that one array holds both.
CLASSES = f"""
CREATE OR REPLACE TEMP TABLE transfer_class AS
SELECT CAST((SELECT count(*) FROM transfer_code) + row_number() OVER (ORDER BY text) - 1
    AS INTEGER) AS number, text
FROM (SELECT DISTINCT class AS text FROM {GOODS_INVOICES}) WHERE text IS NOT NULL
"""
SOURCES = f"""
CREATE OR REPLACE TEMP TABLE transfer_source AS
WITH base AS (
    SELECT CAST({MANIFEST} AS TINYINT) AS kind, source, target, moved_at, tonnes, code,
        NULL AS class, batch, row, part
    FROM transfer_lot WHERE coalesce(tonnes, 1) > 0
        AND (manifest_no, coalesce(code, '')) NOT IN
            (SELECT (manifest_no, coalesce(code, '')) FROM transfer_return)
    UNION ALL
    SELECT {INVOICE}, source, target, moved_at, tonnes, NULL, class, batch, row, part
    FROM {GOODS_INVOICES}
    UNION ALL
    SELECT {VEHICLE}, source, target, moved_at, tonnes, code, NULL, batch, row, part
    FROM {VEHICLE_MOVES}
), numbered AS (
    SELECT b.kind, s.number AS source, t.number AS target, b.moved_at, b.tonnes,
        coalesce(c.number, g.number) AS code, n.number AS batch, b.row, b.part
    FROM base b JOIN transfer_party s ON s.text = b.source
    JOIN transfer_party t ON t.text = b.target JOIN transfer_batch n ON n.text = b.batch
    LEFT JOIN transfer_code c ON c.text = b.code LEFT JOIN transfer_class g ON g.text = b.class
)
SELECT row_number() OVER (ORDER BY moved_at, source, target, kind, code NULLS FIRST, batch, row,
    part) - 1 AS id, *
FROM numbered
"""
# Most papers are invoices; numbered, they need their texts no more.
DROP_GOODS = f"DROP TABLE {GOODS_INVOICES}"
# A paper joins the nearest manifest of its pair; a vehicle's move without one joins the invoice.
# Nearest before and nearest after, so that a busy pair does not pair everything with everything.
NEAREST = """
    SELECT p.id, {rank} AS rank, abs(epoch_us(h.moved_at) - epoch_us(p.moved_at)) AS distance,
        h.id AS host
    FROM (FROM transfer_source WHERE {papers}) p ASOF JOIN (FROM host WHERE kind = {kind}) h
        ON h.source = p.source AND h.target = p.target AND p.moved_at {side} h.moved_at
"""
NEAREST_HOSTS = " UNION ALL ".join(
    NEAREST.format(rank=rank, kind=kind, papers=papers, side=side)
    for rank, kind, papers in (
        (0, MANIFEST, f"kind <> {MANIFEST}"),
        (1, INVOICE, f"kind = {VEHICLE}"),
    )
    for side in (">=", "<=")
)
HOSTS = f"""
CREATE OR REPLACE TEMP TABLE transfer_host AS
WITH host AS (
    SELECT kind, source, target, moved_at, min(id) AS id FROM transfer_source
    WHERE kind <> {VEHICLE} GROUP BY ALL
), found AS ({NEAREST_HOSTS})
SELECT id, arg_min(host, (rank, distance, host)) AS host FROM found
WHERE distance <= 86400000000 * $merge_days GROUP BY id
"""
PLACES = """
CREATE OR REPLACE TEMP TABLE transfer_place AS
SELECT own.id, coalesce(upper.host, own.host) AS host FROM transfer_host own
LEFT JOIN transfer_host upper ON upper.id = own.host
"""
EDGES = """
CREATE OR REPLACE TEMP TABLE transfer_edge AS
SELECT row_number() OVER (ORDER BY s.id) - 1 AS edge, s.id, s.source, s.target, s.moved_at,
    coalesce(s.tonnes, g.tonnes) AS tonnes, s.code, s.kind,
    (1 << s.kind) | coalesce(g.kinds, 0) AS kinds
FROM transfer_source s ANTI JOIN transfer_place p ON p.id = s.id
LEFT JOIN (
    SELECT p.host, bit_or(1 << t.kind) AS kinds, min(t.tonnes) AS tonnes
    FROM transfer_place p JOIN transfer_source t USING (id) GROUP BY p.host
) g ON g.host = s.id
"""
ARRAYS = f"""
SELECT CAST(source AS BIGINT) AS source, CAST(target AS BIGINT) AS target,
    epoch_us(moved_at) // 1000000 AS time, coalesce(tonnes, 'nan') AS tonnes,
    CAST(coalesce(code, -1) AS BIGINT) AS code, kind = {MANIFEST} AS with_manifest
FROM transfer_edge ORDER BY edge
"""
# Papers of the chosen edges in full; invoices are looked up again, as only few are needed.
CHOSEN = f"""
CREATE OR REPLACE TEMP TABLE transfer_chosen AS
WITH edge AS (
    SELECT e.edge, e.id FROM transfer_edge e JOIN transfer_given g ON g.edge = e.edge
), place AS (
    FROM edge UNION ALL SELECT e.edge, p.id FROM edge e JOIN transfer_place p ON p.host = e.id
), paper AS (
    SELECT p.edge, s.id, s.kind, s.code, b.text AS batch, s.row, s.part
    FROM place p JOIN transfer_source s USING (id) JOIN transfer_batch b ON b.number = s.batch
), truck AS (
    SELECT batch, row, part, max(entity_id) AS vehicle FROM member
    SEMI JOIN paper USING (batch, row, part)
    WHERE dataset = 'invoice' AND kind = 'vehicle' AND role = 'vehicle' GROUP BY ALL
)
SELECT p.edge, p.id, p.kind, 'manifest' AS dataset, p.batch, p.row, p.part, l.manifest_no AS key,
    l.manifest_no, l.code, l.item_name, l.carrier, l.vehicle, l.plate, l.departed_at, l.arrived_at
FROM paper p JOIN transfer_lot l USING (batch, row, part)
LEFT JOIN transfer_code c ON c.number = p.code
WHERE p.kind = {MANIFEST} AND l.code IS NOT DISTINCT FROM c.text
UNION ALL
SELECT p.edge, p.id, p.kind, 'invoice', p.batch, p.row, p.part,
    coalesce(nullif(i.invoice_no, ''), i.einvoice_no), NULL, NULL, i.item_name, NULL, t.vehicle,
    i.plate, NULL, NULL
FROM paper p JOIN invoice i USING (batch, row, part) LEFT JOIN truck t USING (batch, row, part)
WHERE p.kind = {INVOICE}
UNION ALL
SELECT p.edge, p.id, p.kind, v.dataset, p.batch, p.row, p.part, v.key, NULL, v.code, v.item_name,
    NULL, v.vehicle, v.plate, v.departed_at, v.moved_at
FROM paper p JOIN {VEHICLE_MOVES} v USING (batch, row, part)
WHERE p.kind = {VEHICLE}
"""
CHOSEN_EDGES = f"""
SELECT e.edge, s.text AS source, t.text AS target, e.moved_at, e.tonnes, c.text AS code,
    list_filter({list(KINDS)}, lambda k, i: (e.kinds >> (i - 1)) & 1 = 1) AS kinds, own.item_name,
    own.manifest_no, own.carrier, coalesce(own.vehicle, more.vehicle) AS vehicle,
    coalesce(own.plate, more.plate) AS plate, own.departed_at, own.arrived_at
FROM transfer_edge e JOIN transfer_given g ON g.edge = e.edge
JOIN transfer_party s ON s.number = e.source JOIN transfer_party t ON t.number = e.target
LEFT JOIN transfer_code c ON c.number = e.code
JOIN transfer_chosen own ON own.id = e.id
JOIN (
    SELECT edge, min(vehicle) AS vehicle, min(plate) AS plate FROM transfer_chosen GROUP BY edge
) more ON more.edge = e.edge
ORDER BY e.edge
"""
CHOSEN_ROWS = f"""
SELECT edge, dataset, batch, row, part, key FROM (
    SELECT edge, kind = {INVOICE} AS later, dataset, batch, row, part, key FROM transfer_chosen
    UNION ALL
    SELECT c.edge, true, v.in_dataset, v.in_batch, v.in_row, v.in_part, v.in_key
    FROM transfer_chosen c JOIN {VEHICLE_MOVES} v USING (batch, row, part) WHERE c.kind = {VEHICLE}
    UNION ALL
    SELECT c.edge, false, 'manifest_item', i.batch, i.row, i.part, i.manifest_no
    FROM transfer_chosen c JOIN manifest_item i
        ON i.manifest_no = c.manifest_no AND i.waste_code IS NOT DISTINCT FROM c.code
) ORDER BY edge, later, dataset, batch, row, part
"""
# What others may read beside the arrays: ``text`` by ``number``, and edges of numbers. A code of an
# edge that is not among the codes is a class of goods.
TRANSFER_EDGES, TRANSFER_PARTIES, TRANSFER_CODES = (
    "transfer_edge",
    "transfer_party",
    "transfer_code",
)
TABLES = ("lot", "return", "party", "batch", "code", "class", "source", "host", "place", "edge")


class TransferTables:
    """Transfers as tables of a DuckDB cursor; see :func:`transfer_tables`."""

    def __init__(self, sql: duckdb.DuckDBPyConnection) -> None:
        self._sql = sql

    def arrays(self) -> TransferArrays:
        """All transfers as arrays, 41 bytes each."""
        found = self._sql.execute(ARRAYS).fetchnumpy()
        parties = self._sql.sql("SELECT text FROM transfer_party ORDER BY number").pl()["text"]
        (codes,) = self._sql.sql("SELECT count(*) FROM transfer_code").fetchall()
        return TransferArrays(
            source=np.asarray(found["source"], np.int64),
            target=np.asarray(found["target"], np.int64),
            time=np.asarray(found["time"], np.int64),
            tonnes=np.asarray(found["tonnes"], np.float64),
            code=np.asarray(found["code"], np.int64),
            with_manifest=np.asarray(found["with_manifest"], np.bool_),
            parties=parties,
            goods_from=int(codes[0]),
        )

    def read(self, edges: Sequence[int] | None = None) -> Transfers:
        """The given transfers in full, all of them without ``edges``."""
        if edges is None:
            given = self._sql.sql("SELECT edge FROM transfer_edge").pl()
        else:
            given = pl.DataFrame({"edge": edges}, schema={"edge": pl.Int64})
        self._sql.register("transfer_given", given.to_arrow())
        self._sql.execute(CHOSEN)
        frame, rows = self._sql.sql(CHOSEN_EDGES).pl(), self._sql.sql(CHOSEN_ROWS).pl()
        returned = self._sql.execute("SELECT count(*) FROM transfer_return").fetchall()
        self._sql.execute("DROP TABLE transfer_chosen")
        self._sql.unregister("transfer_given")
        return Transfers(
            frame.select(pl.col(name).cast(kind) for name, kind in EDGE_COLUMNS.items()),
            rows.select(pl.col(name).cast(kind) for name, kind in ROW_COLUMNS.items()),
            int(returned[0][0]),
        )


@contextmanager
def transfer_tables(
    sql: duckdb.DuckDBPyConnection, since: datetime, until: datetime, rules: TransferRules
) -> Iterator[TransferTables]:
    """Transfers in ``[since, until)`` (UTC without zone) as tables that go when the block ends.

    A manifest counts at its acceptance, else arrival, departure or hand-over; a manifest of
    several waste codes is one edge per code, with the quantity accepted, else the one handed out.
    """
    values: Mapping[str, object] = {
        "since": since,
        "until": until,
        "return_days": rules.return_days,
        "merge_days": rules.merge_days,
    }
    span: dict[str, object] = {"since": since, "until": until}
    load_vehicle_moves(sql, span, rules.trip_hours, rules.weight_tolerance)
    load_goods_invoices(sql, span, WASTE_WORDS)
    numbering = (*NUMBERS, CLASSES, SOURCES, DROP_GOODS)
    run_statements(sql, (LOTS, RETURNS, *numbering, HOSTS, PLACES, EDGES), values)
    try:
        yield TransferTables(sql)
    finally:
        for name in (VEHICLE_MOVES, *(f"transfer_{name}" for name in TABLES)):
            sql.execute(f"DROP TABLE {name}")


def load_transfers(
    sql: duckdb.DuckDBPyConnection, since: datetime, until: datetime, rules: TransferRules
) -> Transfers:
    """All transfers in ``[since, until)`` (UTC without zone) in full."""
    with transfer_tables(sql, since, until, rules) as tables:
        return tables.read()
