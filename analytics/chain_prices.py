"""Who profits at each hop of a chain: goods prices and fees per pair, from invoices.

Waste that costs money to dispose of turns into a good that somebody pays for: the ladder of
prices shows where. Goods are paid by the one who receives them, fees for taking waste by the one
who hands it over.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import duckdb
import polars as pl

from graph.types import Evidence

FEE_WORDS = "处置|处理|清运|运输|运费|装卸|仓储|技术服务|咨询"


@dataclass(frozen=True, slots=True)
class HopPrice:
    """One hop: tonnes moved, tonnes and yuan invoiced as goods, yuan of fees to the taker."""

    tonnes: float
    goods_t: float
    goods_yuan: float
    fee_yuan: float
    rows: tuple[Evidence, ...]

    @property
    def goods_yuan_t(self) -> float | None:
        """Price per tonne of the goods invoiced."""
        return self.goods_yuan / self.goods_t if self.goods_t > 0 and self.goods_yuan > 0 else None

    @property
    def fee_yuan_t(self) -> float | None:
        """Fee per tonne moved."""
        return self.fee_yuan / self.tonnes if self.tonnes > 0 and self.fee_yuan > 0 else None


GOODS = """
SELECT w.number, sum(i.amount_yuan) AS yuan,
    sum(CASE WHEN regexp_matches(lower(trim(i.uom)), '^(吨|公吨|t|mt)$') THEN i.qty
        WHEN regexp_matches(lower(trim(i.uom)), '^(千克|公斤|kg)$') THEN i.qty / 1000
        END) AS tonnes
FROM wanted_given w JOIN invoice i USING (batch, row, part)
GROUP BY w.number ORDER BY w.number
"""
FEES = """
SELECT p.number, i.amount_yuan AS yuan, i.batch, i.row, i.part,
    coalesce(nullif(i.invoice_no, ''), i.einvoice_no) AS key
FROM pair_given p JOIN invoice_linked i
    ON i.seller_entity = p.target AND i.buyer_entity = p.source
    AND i.issued_at BETWEEN p.since_at AND p.until_at
WHERE i.amount_yuan > 0 AND coalesce(i.status, '正常') = '正常' AND coalesce(i.red_ref, '') = ''
    AND regexp_matches(coalesce(i.item_name, ''), $words)
ORDER BY ALL
"""
REFERENCE = """
SELECT median(price_yuan) FROM price_reference
WHERE "kind" = '处置费' AND price_yuan > 0 AND NOT coalesce(positive_price, false)
    AND coalesce(regexp_matches(price_uom, '吨'), true)
"""
PAIR_COLUMNS: dict[str, pl.DataType] = {
    "number": pl.Int64(),
    "source": pl.String(),
    "target": pl.String(),
    "since_at": pl.Datetime("us"),
    "until_at": pl.Datetime("us"),
    "tonnes": pl.Float64(),
    "edges": pl.List(pl.Int64()),
}


def hop_prices(
    sql: duckdb.DuckDBPyConnection, pairs: pl.DataFrame, rows: pl.DataFrame
) -> list[HopPrice]:
    """Prices of pairs, in their order.

    Parameters
    ----------
    pairs
        Columns PAIR_COLUMNS; fees count within ``since_at`` and ``until_at``.
    rows
        Rows behind the edges (``transfers.ROW_COLUMNS``).
    """
    wanted = (
        pairs.select("number", "edges")
        .explode("edges")
        .join(rows.filter(pl.col("dataset") == "invoice"), left_on="edges", right_on="edge")
        .select("number", "batch", "row", "part")
        .unique()
        .sort("number", "batch", "row", "part")
    )
    sql.register("wanted_given", wanted.to_arrow())
    sql.register("pair_given", pairs.drop("edges").to_arrow())
    goods = {int(r[0]): (float(r[1] or 0), float(r[2] or 0)) for r in sql.execute(GOODS).fetchall()}
    fees: dict[int, list[tuple[float, Evidence]]] = {}
    for number, yuan, batch, row, part, key in sql.execute(FEES, {"words": FEE_WORDS}).fetchall():
        one = Evidence("invoice", str(batch), int(row), int(part), str(key), "fee")
        fees.setdefault(int(number), []).append((float(yuan), one))
    sql.unregister("wanted_given")
    sql.unregister("pair_given")
    return [
        HopPrice(
            float(tonnes or 0.0),
            goods.get(int(number), (0.0, 0.0))[1],
            goods.get(int(number), (0.0, 0.0))[0],
            sum(yuan for yuan, _ in fees.get(int(number), [])),
            tuple(row for _, row in fees.get(int(number), [])),
        )
        for number, tonnes in pairs.select("number", "tonnes").iter_rows()
    ]


def licensed_price(sql: duckdb.DuckDBPyConnection) -> float | None:
    """Median of the reference prices for licensed disposal, yuan per tonne."""
    found = sql.execute(REFERENCE).fetchall()[0][0]
    return None if found is None else float(found)


def margins(hops: Sequence[HopPrice]) -> list[float]:
    """Yuan left with each firm between: what it was paid less what it paid."""
    return [
        before.fee_yuan + after.goods_yuan - before.goods_yuan - after.fee_yuan
        for before, after in pairwise(hops)
    ]
