"""Claims of VAT refund that rest on a lot which was handed on.

A claim is about the lot when its material may be the lot's category of waste. It rests on the lot
when what else the firm took in of that material, by manifest or as goods bought, from the month of
receipt on, does not suffice for what it claimed from that month on. Claims of more than all that
came in show nothing where the material is one that also comes without papers.
"""

from dataclasses import dataclass

import duckdb
import polars as pl

from analytics.refund_materials import materials_of
from analytics.transfers import KINDS, TRANSFER_CODES, TRANSFER_EDGES, TRANSFER_PARTIES

# Tonnes of a claim and of the papers differ by weighing and rounding.
CLAIM_SLACK = 1.05


@dataclass(frozen=True, slots=True)
class RefundClaims:
    """Claims by hand-over, and the hand-overs whose months the lake holds claims of.

    ``claims``: handover, dataset, batch, row, part, key, refund_yuan, input_t, ``rests`` (NULL
    where its material or tonnes cannot be told).
    """

    claims: pl.DataFrame
    testable: frozenset[int]


GIVEN = """
CREATE OR REPLACE TEMP TABLE refund_lot AS
SELECT handover, organization, tonnes, right(code, 2) AS category,
    strftime(received_at + to_hours(8), '%Y-%m') AS came,
    strftime(sent_at + to_hours(8) + to_months(1), '%Y-%m') AS until
FROM handover_given
"""
CLAIM = """
CREATE OR REPLACE TEMP TABLE refund_claim AS
SELECT v.taxpayer_entity AS organization, v.period, coalesce(v.category, '') AS category,
    coalesce(v.input_name, '') AS input_name, v.refund_yuan, v.input_t, v.batch, v.row, v.part
FROM vat_refund_linked v SEMI JOIN refund_lot h ON v.taxpayer_entity = h.organization
WHERE v.refund_yuan > 0
"""
# What a firm took in by month: wastes under their category, goods under their name.
TAKEN = f"""
CREATE OR REPLACE TEMP TABLE refund_taken AS
WITH firm AS (
    SELECT p.number, p.text AS organization FROM {TRANSFER_PARTIES} p
    SEMI JOIN refund_claim c ON c.organization = p.text
), edge AS (
    SELECT f.organization, e.source, strftime(e.moved_at + to_hours(8), '%Y-%m') AS period, e.id,
        e.kind, e.code, TRY_CAST(e.tonnes AS DECIMAL(18, 6)) AS tonnes
    FROM {TRANSFER_EDGES} e JOIN firm f ON f.number = e.target
)
SELECT e.organization, e.source, e.period, right(c.text, 2) AS category, NULL AS item_name,
    sum(e.tonnes) AS tonnes
FROM edge e JOIN {TRANSFER_CODES} c ON c.number = e.code GROUP BY ALL
UNION ALL
SELECT e.organization, e.source, e.period, NULL, i.item_name, sum(e.tonnes)
FROM edge e JOIN transfer_source s USING (id) JOIN transfer_batch b ON b.number = s.batch
JOIN invoice i ON i.batch = b.text AND i.row = s.row AND i.part = s.part
WHERE e.kind = {KINDS.index("invoice")} GROUP BY ALL
"""
TEXTS = """
SELECT category AS text FROM refund_claim UNION SELECT input_name FROM refund_claim
UNION SELECT item_name FROM refund_taken WHERE item_name IS NOT NULL ORDER BY text
"""
# A name that manifests use for a waste says more than any word in it.
READ = """
CREATE OR REPLACE TEMP TABLE refund_read AS
WITH named AS (
    SELECT waste_name AS text, list_sort(list_distinct(list(right(waste_code, 2)))) AS categories
    FROM manifest_item WHERE waste_code IS NOT NULL
        AND waste_name IN (SELECT input_name FROM refund_claim) GROUP BY waste_name
)
SELECT c.*, coalesce(n.categories, i.categories, t.categories) AS categories,
    coalesce(n.categories IS NOT NULL OR i.is_known OR t.is_known, false) AS is_known,
    CASE WHEN n.categories IS NOT NULL THEN coalesce(i.is_shared AND i.is_known, false)
        WHEN i.is_known THEN i.is_shared ELSE t.is_shared END AS is_shared
FROM refund_claim c LEFT JOIN named n ON n.text = c.input_name
LEFT JOIN refund_text i ON i.text = c.input_name AND i.is_known
LEFT JOIN refund_text t ON t.text = c.category
"""
# A bill for many manifests is no further lot: goods count from those only that gave no such waste.
SUPPLIES = """
CREATE OR REPLACE TEMP TABLE refund_supply AS
WITH offered AS (
    SELECT k.organization, k.categories, t.source, t.period, t.tonnes,
        coalesce(list_contains(k.categories, t.category), false) AS is_waste,
        list_has_any(k.categories, coalesce(x.categories, [])) AS is_goods
    FROM (SELECT DISTINCT organization, categories FROM refund_read WHERE is_known) k
    JOIN refund_taken t ON t.organization = k.organization
    LEFT JOIN refund_text x ON x.text = t.item_name
)
SELECT organization, categories, period, sum(tonnes) AS tonnes FROM (
    SELECT *, bool_or(is_waste) OVER (PARTITION BY organization, categories, source) AS gives_waste
    FROM offered
) WHERE is_waste OR (is_goods AND NOT gives_waste) GROUP BY ALL
"""
REFUNDS = """
WITH asked AS (
    SELECT h.handover, h.came, h.tonnes AS lot_t, r.* EXCLUDE category, r.category AS claimed,
        r.is_known AND list_contains(r.categories, h.category) AS is_about
    FROM refund_lot h JOIN refund_read r ON r.organization = h.organization
        AND r.period BETWEEN h.came AND h.until
), summed AS (
    SELECT a.*, coalesce((
        SELECT sum(s.tonnes) FROM refund_supply s
        WHERE s.organization = a.organization AND s.categories = a.categories
            AND s.period BETWEEN a.came AND a.period
    ), 0) AS taken_t, (
        SELECT sum(TRY_CAST(o.input_t AS DECIMAL(18, 6))) FROM asked o
        WHERE o.handover = a.handover AND o.is_about AND o.period BETWEEN a.came AND a.period
    ) AS claimed_t
    FROM asked a
), judged AS (
    SELECT *, CASE WHEN NOT is_known THEN NULL WHEN NOT is_about THEN false
        WHEN input_t IS NULL OR coalesce(lot_t, 0) <= 0 THEN NULL
        WHEN claimed_t < taken_t - (1 - $share) * lot_t - 1e-6 THEN false
        WHEN claimed_t > $slack * taken_t AND is_shared THEN NULL ELSE true END AS rests
    FROM summed
)
SELECT handover, 'vat_refund' AS dataset, batch, row, part, period || ' ' || claimed AS key,
    refund_yuan, input_t,
    rests AND period = min(period) FILTER (WHERE rests) OVER (PARTITION BY handover) AS rests
FROM judged ORDER BY ALL
"""
TESTABLE = """
SELECT DISTINCT h.handover FROM refund_lot h
JOIN (SELECT DISTINCT period FROM vat_refund) v ON v.period BETWEEN h.came AND h.until
"""
TEXT_COLUMNS: dict[str, pl.DataType] = {
    "text": pl.String(),
    "categories": pl.List(pl.String),
    "is_known": pl.Boolean(),
    "is_shared": pl.Boolean(),
}


def refund_claims(sql: duckdb.DuckDBPyConnection, share: float) -> RefundClaims:
    """Claims of the firms of ``handover_given``, while ``transfer_tables`` is open.

    Parameters
    ----------
    share
        Part of the lot, 0 to 1, that must be in what was claimed.
    """
    for statement in (GIVEN, CLAIM, TAKEN):
        sql.execute(statement)
    read = [(text, materials_of(str(text))) for (text,) in sql.execute(TEXTS).fetchall()]
    texts = pl.DataFrame(
        [(text, list(m.categories), m.is_known, m.is_shared) for text, m in read],
        schema=TEXT_COLUMNS,
        orient="row",
    )
    sql.register("refund_text", texts.to_arrow())
    sql.execute(READ)
    sql.execute(SUPPLIES)
    claims = sql.sql(REFUNDS, params={"share": share, "slack": CLAIM_SLACK}).pl()
    testable = frozenset(int(number) for (number,) in sql.execute(TESTABLE).fetchall())
    sql.unregister("refund_text")
    for name in ("lot", "claim", "taken", "read", "supply"):
        sql.execute(f"DROP TABLE refund_{name}")
    return RefundClaims(claims, testable)
