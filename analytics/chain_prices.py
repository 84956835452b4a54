"""Who profits at each hop of a chain: goods prices and fees per pair, from invoices.

Waste that costs money to dispose of turns into a good that somebody pays for: the ladder of
prices shows where. Goods are paid by the one who receives them, fees for taking waste by the one
who hands it over.
"""

from collections.abc import Mapping, Sequence
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
SELECT w.edge, sum(i.amount_yuan) AS yuan,
    sum(CASE WHEN regexp_matches(lower(trim(i.uom)), '^(吨|公吨|t|mt)$') THEN i.qty
        WHEN regexp_matches(lower(trim(i.uom)), '^(千克|公斤|kg)$') THEN i.qty / 1000
        END) AS tonnes
FROM wanted_given w JOIN invoice i USING (batch, row, part)
GROUP BY w.edge ORDER BY w.edge
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


def edge_prices(
    sql: duckdb.DuckDBPyConnection, edges: Sequence[int], rows: pl.DataFrame
) -> dict[int, tuple[float, float]]:
    """Yuan and tonnes of the goods invoices behind each edge that has any.

    ``rows`` are those behind the edges (``transfers.ROW_COLUMNS``).
    """
    wanted = (
        rows.filter((pl.col("dataset") == "invoice") & pl.col("edge").is_in(list(edges)))
        .select("edge", "batch", "row", "part")
        .unique()
        .sort("edge", "batch", "row", "part")
    )
    sql.register("wanted_given", wanted.to_arrow())
    found = sql.execute(GOODS).fetchall()
    sql.unregister("wanted_given")
    return {int(edge): (float(yuan or 0), float(tonnes or 0)) for edge, yuan, tonnes in found}


def hop_prices(
    sql: duckdb.DuckDBPyConnection,
    pairs: pl.DataFrame,
    known: Mapping[int, tuple[float, float]],
) -> list[HopPrice]:
    """Prices of pairs, in their order.

    Parameters
    ----------
    pairs
        Columns PAIR_COLUMNS; fees count within ``since_at`` and ``until_at``.
    known
        Yuan and tonnes of goods by edge (:func:`edge_prices`).
    """
    sql.register("pair_given", pairs.drop("edges").to_arrow())
    fees: dict[int, list[tuple[float, Evidence]]] = {}
    for number, yuan, batch, row, part, key in sql.execute(FEES, {"words": FEE_WORDS}).fetchall():
        one = Evidence("invoice", str(batch), int(row), int(part), str(key), "fee")
        fees.setdefault(int(number), []).append((float(yuan), one))
    sql.unregister("pair_given")
    found = []
    for number, tonnes, edges in pairs.select("number", "tonnes", "edges").iter_rows():
        goods = [known[edge] for edge in edges if edge in known]
        own = fees.get(int(number), [])
        found.append(
            HopPrice(
                float(tonnes or 0.0),
                sum(t for _, t in goods),
                sum(yuan for yuan, _ in goods),
                sum(yuan for yuan, _ in own),
                tuple(row for _, row in own),
            )
        )
    return found


def licensed_price(sql: duckdb.DuckDBPyConnection) -> float | None:
    """Median of the reference prices for licensed disposal, yuan per tonne."""
    found = sql.execute(REFERENCE).fetchall()[0][0]
    return None if found is None else float(found)


def margins(hops: Sequence[HopPrice]) -> list[float]:
    """Yuan left with each firm between: what it was paid less what it paid.

    Lots of which a hop is not known in money leave the margin one-sided: it is what the books
    show, not what was earned.
    """
    return [
        before.fee_yuan + after.goods_yuan - before.goods_yuan - after.fee_yuan
        for before, after in pairwise(hops)
    ]
