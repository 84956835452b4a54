"""Who handed what to whom: manifests, goods invoices and vehicle moves as one list of transfers.

One transfer of a pair may leave several papers. A manifest, a goods invoice and a vehicle move of
the same pair within a few days are one edge whose kinds are listed (RULINGS 16), when they can be
of the same load (``analytics/kernels/paper_matching.py``); what joins no other paper is an edge of
its own. Service invoices run backwards and are never edges (``analytics/goods_invoices.py``); what
manifests moved, and what came back refused, is told in ``analytics/manifest_lots.py``.

A paper dated by day (``analytics/paper_times.py``) is of any time of that day. It is placed at the
time that hides no order of the firms' other papers of that day, as far as one time can: before
what its taker handed on, else at the end of the day; where its giver took something in later than
that, at that time. Papers dated by one day without others beside them are so at one time, and each
may follow the other.

A search that asks whether the same thing was handed on takes the class of goods
(``analytics/goods_invoices.py``) for their code; what is told of a transfer as its code is a waste
code only.

A province-year has tens of millions of papers. They stay in DuckDB, which spills, as narrow rows
of numbers; a search takes arrays, and only the edges that it found are read in full.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import duckdb
import numpy as np
import polars as pl
from numpy.typing import NDArray

from analytics.evidence_columns import EVIDENCE_COLUMNS
from analytics.goods_invoices import GOODS_INVOICES, load_goods_invoices
from analytics.joined_papers import JOINED_PAPERS, join_papers
from analytics.kernels.paper_matching import INVOICE, MANIFEST, VEHICLE
from analytics.kernels.temporal_elements import Floats, Ints
from analytics.kernels.temporal_rules import UNKNOWN_WASTE
from analytics.manifest_lots import MANIFEST_LOTS, RETURNED_LOTS, load_manifest_lots
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
    ``trip_hours``: between the two ends of a vehicle's move. ``weight_tolerance``: share by which
    two weighings of one load differ, also those on its papers and those of a refused load.
    """

    merge_days: int
    return_days: int
    trip_hours: int
    weight_tolerance: float


@dataclass(frozen=True, slots=True)
class Transfers:
    """Transfers in order of time: ``edges`` (EDGE_COLUMNS) and the ``rows`` behind them.

    ``edge`` is the position among all transfers.
    """

    edges: pl.DataFrame
    rows: pl.DataFrame


@dataclass(frozen=True, slots=True)
class TransferArrays:
    """All transfers as parallel arrays in order of ``edge``.

    ``source`` and ``target`` are positions in ``parties``, sorted entity ids; ``time`` in seconds
    since 1970 UTC; ``tonnes`` NaN and ``code`` -1 where unknown, -2 where a scale's ticket speaks
    of waste without a code; ``with_manifest`` tells whether a manifest is among the papers. Codes
    from ``goods_from`` on are classes of goods, those below waste codes.
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

# Entity ids, batches and codes are long texts; sorted numbers keep their order.
PAPERS = (MANIFEST_LOTS, GOODS_INVOICES, VEHICLE_MOVES)
NUMBERED = (
    ("party", [f"SELECT {end} AS text FROM {t}" for t in PAPERS for end in ("source", "target")]),
    ("batch", [f"SELECT batch AS text FROM {table}" for table in PAPERS]),
    ("code", [f"SELECT code AS text FROM {table}" for table in (MANIFEST_LOTS, VEHICLE_MOVES)]),
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
FROM (SELECT class AS text FROM {GOODS_INVOICES} UNION SELECT class FROM {VEHICLE_MOVES})
WHERE text IS NOT NULL
"""
# Trucks are only compared, and within a pair: a part of their hash is enough.
NUMBERED_PAPERS = f"""
CREATE OR REPLACE TEMP TABLE transfer_paper AS
WITH base AS (
    SELECT CAST({MANIFEST} AS TINYINT) AS kind, source, target, moved_at, by_day, tonnes, code,
        NULL AS class, NULL AS other, false AS is_goods, vehicle, batch, row, part
    FROM {MANIFEST_LOTS} WHERE coalesce(tonnes, 1) > 0
        AND (manifest_no, coalesce(code, '')) NOT IN
            (SELECT (manifest_no, coalesce(code, '')) FROM {RETURNED_LOTS})
    UNION ALL
    SELECT {INVOICE}, source, target, moved_at, by_day, tonnes, NULL, class, NULL, NOT is_waste,
        NULL, batch, row, part
    FROM {GOODS_INVOICES}
    UNION ALL
    SELECT {VEHICLE}, source, target, moved_at, false, tonnes, code, class,
        CASE WHEN is_waste THEN {UNKNOWN_WASTE} END, class IS NOT NULL, vehicle, batch, row, part
    FROM {VEHICLE_MOVES}
)
SELECT b.kind, s.number AS source, t.number AS target, b.moved_at, b.by_day, b.tonnes,
    coalesce(c.number, g.number, b.other) AS code, b.is_goods,
    CASE WHEN b.vehicle IS NOT NULL THEN CAST(hash(b.vehicle) >> 33 AS INTEGER) END AS truck,
    n.number AS batch, b.row, b.part
FROM base b JOIN transfer_party s ON s.text = b.source
JOIN transfer_party t ON t.text = b.target JOIN transfer_batch n ON n.text = b.batch
LEFT JOIN transfer_code c ON c.text = b.code LEFT JOIN transfer_class g ON g.text = b.class
"""
# A paper dated by day stands at the first second of that day in Shanghai.
DAY = "date_trunc('day', moved_at + to_hours(8)) - to_hours(8)"
SOURCES = f"""
CREATE OR REPLACE TEMP TABLE transfer_source AS
WITH dated AS (
    SELECT source, target, moved_at AS day FROM transfer_paper WHERE by_day
), came AS (
    SELECT target AS party, {DAY} AS day, max(moved_at) AS at FROM transfer_paper WHERE NOT by_day
        AND (target, {DAY}) IN (SELECT (source, day) FROM dated)
    GROUP BY ALL
), sent AS (
    SELECT source AS party, {DAY} AS day, min(moved_at) AS at FROM transfer_paper WHERE NOT by_day
        AND (source, {DAY}) IN (SELECT (target, day) FROM dated)
    GROUP BY ALL
), placed AS (
    FROM transfer_paper WHERE NOT by_day
    UNION ALL
    SELECT p.* REPLACE (CASE WHEN c.at > s.at THEN c.at
        ELSE coalesce(s.at, p.moved_at + to_seconds(86399)) END AS moved_at)
    FROM (FROM transfer_paper WHERE by_day) p
    LEFT JOIN came c ON c.party = p.source AND c.day = p.moved_at
    LEFT JOIN sent s ON s.party = p.target AND s.day = p.moved_at
)
SELECT row_number() OVER (ORDER BY moved_at, source, target, kind, code NULLS FIRST, batch, row,
    part) - 1 AS id, *
FROM placed
"""
# Most papers are invoices; numbered, they need their texts no more.
DROP_GOODS = f"DROP TABLE {GOODS_INVOICES}"
DROP_PAPERS = "DROP TABLE transfer_paper"
EDGES = f"""
CREATE OR REPLACE TEMP TABLE transfer_edge AS
SELECT row_number() OVER (ORDER BY s.id) - 1 AS edge, s.id, s.source, s.target, s.moved_at,
    coalesce(s.tonnes, g.tonnes) AS tonnes, s.code, s.kind,
    (1 << s.kind) | coalesce(g.kinds, 0) AS kinds
FROM transfer_source s ANTI JOIN {JOINED_PAPERS} p ON p.id = s.id
LEFT JOIN (
    SELECT p.host, bit_or(1 << t.kind) AS kinds, min(t.tonnes) AS tonnes
    FROM {JOINED_PAPERS} p JOIN transfer_source t USING (id) GROUP BY p.host
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
    FROM edge UNION ALL SELECT e.edge, p.id FROM edge e JOIN {JOINED_PAPERS} p ON p.host = e.id
), paper AS (
    SELECT p.edge, s.id, s.kind, s.code, s.is_goods, b.text AS batch, s.row, s.part
    FROM place p JOIN transfer_source s USING (id) JOIN transfer_batch b ON b.number = s.batch
), truck AS (
    SELECT batch, row, part, max(entity_id) AS vehicle FROM member
    SEMI JOIN paper USING (batch, row, part)
    WHERE dataset = 'invoice' AND kind = 'vehicle' AND role = 'vehicle' GROUP BY ALL
)
SELECT p.edge, p.id, p.kind, p.is_goods, 'manifest' AS dataset, p.batch, p.row, p.part,
    l.manifest_no AS key, l.manifest_no, l.code, l.item_name, l.carrier, l.vehicle, l.plate,
    l.departed_at, l.arrived_at
FROM paper p JOIN {MANIFEST_LOTS} l USING (batch, row, part)
LEFT JOIN transfer_code c ON c.number = p.code
WHERE p.kind = {MANIFEST} AND l.code IS NOT DISTINCT FROM c.text
UNION ALL
SELECT p.edge, p.id, p.kind, p.is_goods, 'invoice', p.batch, p.row, p.part,
    coalesce(nullif(i.invoice_no, ''), i.einvoice_no), NULL, NULL, i.item_name, NULL, t.vehicle,
    i.plate, NULL, NULL
FROM paper p JOIN invoice i USING (batch, row, part) LEFT JOIN truck t USING (batch, row, part)
WHERE p.kind = {INVOICE}
UNION ALL
SELECT p.edge, p.id, p.kind, p.is_goods, v.dataset, p.batch, p.row, p.part, v.key, NULL, v.code,
    v.item_name, NULL, v.vehicle, v.plate, v.departed_at, v.moved_at
FROM paper p JOIN {VEHICLE_MOVES} v USING (batch, row, part)
WHERE p.kind = {VEHICLE}
"""
# A transfer without a truck takes the first of its other papers, but not of a sale of goods, which
# only weighs the same.
CHOSEN_EDGES = f"""
SELECT e.edge, s.text AS source, t.text AS target, e.moved_at, e.tonnes, c.text AS code,
    list_filter({list(KINDS)}, lambda k, i: (e.kinds >> (i - 1)) & 1 = 1) AS kinds, own.item_name,
    own.manifest_no, own.carrier,
    CASE WHEN own.plate IS NULL THEN coalesce(own.vehicle, lent.truck.vehicle) ELSE own.vehicle
        END AS vehicle,
    CASE WHEN own.vehicle IS NULL THEN coalesce(own.plate, lent.truck.plate) ELSE own.plate
        END AS plate,
    own.departed_at, own.arrived_at
FROM transfer_edge e JOIN transfer_given g ON g.edge = e.edge
JOIN transfer_party s ON s.number = e.source JOIN transfer_party t ON t.number = e.target
LEFT JOIN transfer_code c ON c.number = e.code
JOIN transfer_chosen own ON own.id = e.id
LEFT JOIN (
    SELECT edge, arg_min(struct_pack(vehicle, plate), id) AS truck FROM transfer_chosen
    WHERE coalesce(vehicle, plate) IS NOT NULL AND NOT is_goods GROUP BY edge
) lent ON lent.edge = e.edge
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
# edge that is not among the codes is a class of goods, or that of a waste without a code.
TRANSFER_EDGES, TRANSFER_PARTIES, TRANSFER_CODES = (
    "transfer_edge",
    "transfer_party",
    "transfer_code",
)
TABLES = ("lot", "return", "party", "batch", "code", "class", "source", "place", "edge")


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
        self._sql.execute("DROP TABLE transfer_chosen")
        self._sql.unregister("transfer_given")
        return Transfers(
            frame.select(pl.col(name).cast(kind) for name, kind in EDGE_COLUMNS.items()),
            rows.select(pl.col(name).cast(kind) for name, kind in ROW_COLUMNS.items()),
        )


@contextmanager
def transfer_tables(
    sql: duckdb.DuckDBPyConnection, since: datetime, until: datetime, rules: TransferRules
) -> Iterator[TransferTables]:
    """Transfers in ``[since, until)`` (UTC without zone) as tables that go when the block ends.

    A manifest counts at its acceptance, else arrival, departure or hand-over; a manifest of
    several waste codes is one edge per code.
    """
    span: dict[str, object] = {"since": since, "until": until}
    load_manifest_lots(sql, span, rules.return_days, rules.weight_tolerance)
    load_vehicle_moves(sql, span, rules.trip_hours, rules.weight_tolerance, WASTE_WORDS)
    load_goods_invoices(sql, span, WASTE_WORDS)
    numbering = (*NUMBERS, CLASSES, NUMBERED_PAPERS, DROP_GOODS, SOURCES, DROP_PAPERS)
    run_statements(sql, numbering, {})
    join_papers(sql, rules.merge_days, rules.weight_tolerance)
    sql.execute(EDGES)
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
