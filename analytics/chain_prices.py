"""Who profits at each hop of a chain: goods prices and fees per pair, from invoices.

Waste that costs money to dispose of turns into a good that somebody pays for: the ladder of
prices shows where. Goods are paid by the one who receives them, fees for taking waste by the one
who hands it over.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import duckdb
import polars as pl

from graph.types import Evidence

FEE_WORDS = "处置|处理|清运|运输|运费|装卸|仓储|技术服务|咨询"
# A barrel of chemicals for treatment is sold, not a fee taken.
FEE_GOODS = "药剂|试剂|设备|装置|材料|配件|软件"


@dataclass(frozen=True, slots=True)
class GoodsPrice:
    """Yuan invoiced as goods without tax; of these ``weighed_yuan`` for the ``tonnes`` known."""

    yuan: float = 0.0
    weighed_yuan: float = 0.0
    tonnes: float = 0.0

    @property
    def yuan_t(self) -> float | None:
        """Price per tonne of what was weighed."""
        return (
            self.weighed_yuan / self.tonnes if self.tonnes > 0 and self.weighed_yuan > 0 else None
        )


def together(prices: Iterable[GoodsPrice]) -> GoodsPrice:
    """Goods of several papers as one."""
    many = tuple(prices)
    return GoodsPrice(
        sum(p.yuan for p in many), sum(p.weighed_yuan for p in many), sum(p.tonnes for p in many)
    )


@dataclass(frozen=True, slots=True)
class HopPrice:
    """One hop: tonnes moved, goods invoiced, yuan of fees to the taker, rows of the fees."""

    tonnes: float
    goods: GoodsPrice
    fee_yuan: float
    rows: tuple[Evidence, ...]

    @property
    def has_money(self) -> bool:
        """Whether any money of this hop is known, in one direction or the other."""
        return self.goods.yuan > 0 or self.fee_yuan > 0

    @property
    def fee_yuan_t(self) -> float | None:
        """Fee per tonne moved."""
        return self.fee_yuan / self.tonnes if self.tonnes > 0 and self.fee_yuan > 0 else None


GOODS = """
WITH line AS (
    SELECT w.edge, i.amount_yuan AS yuan,
        CASE WHEN i.qty <= 0 THEN NULL
            WHEN regexp_matches(lower(trim(i.uom)), '^(吨|公吨|t|mt)$') THEN i.qty
            WHEN regexp_matches(lower(trim(i.uom)), '^(千克|公斤|kg)$') THEN i.qty / 1000
            END AS tonnes
    FROM wanted_given w JOIN invoice i USING (batch, row, part)
)
SELECT edge, sum(yuan) AS yuan, sum(yuan) FILTER (WHERE tonnes > 0) AS weighed_yuan,
    sum(tonnes) AS tonnes
FROM line GROUP BY edge ORDER BY edge
"""
FEES = """
SELECT p.number, i.amount_yuan AS yuan, i.batch, i.row, i.part,
    coalesce(nullif(i.invoice_no, ''), i.einvoice_no) AS key
FROM pair_given p JOIN invoice_linked i
    ON i.seller_entity = p.target AND i.buyer_entity = p.source
    AND i.issued_at BETWEEN p.since_at AND p.until_at
WHERE i.amount_yuan > 0 AND coalesce(i.status, '正常') = '正常' AND coalesce(i.red_ref, '') = ''
    AND regexp_matches(coalesce(i.item_name, ''), $words)
    AND NOT regexp_matches(coalesce(i.item_name, ''), $goods)
ORDER BY ALL
"""
# Prices of the waste code go before those of its category, and these before prices of no category.
# Of waste whose code is not known nothing but the middle of all prices can be said.
REFERENCE = """
WITH reference AS (
    SELECT upper(item) AS item, valid_from, valid_to, price_yuan
        * CASE WHEN regexp_full_match(unit, '(元/?)?/?(吨|公吨|t)') THEN 1
            WHEN regexp_full_match(unit, '万元/(吨|公吨|t)') THEN 10000
            WHEN regexp_full_match(unit, '元/(千克|公斤|kg)') THEN 1000 END AS yuan_t
    FROM (SELECT *, regexp_replace(lower(price_uom), '\\s', '', 'g') AS unit FROM price_reference)
    WHERE "kind" = '处置费' AND price_yuan > 0 AND NOT coalesce(positive_price, false)
), fitting AS (
    SELECT w.number, r.yuan_t, CASE WHEN w.code IS NULL THEN 0
        WHEN contains(r.item, upper(w.code)) THEN 0
        WHEN regexp_matches(r.item, '[0-9]{3}-[0-9]{3}-[0-9]{2}') THEN NULL
        WHEN starts_with(r.item, 'HW' || right(w.code, 2)) THEN 1
        WHEN NOT starts_with(r.item, 'HW') THEN 2 END AS rank
    FROM disposed_given w JOIN reference r ON coalesce(r.valid_from <= w.on_day, true)
        AND coalesce(r.valid_to >= w.on_day, true)
    WHERE r.yuan_t IS NOT NULL
)
SELECT number, median(yuan_t) FROM (
    SELECT * FROM fitting WHERE rank IS NOT NULL
    QUALIFY rank = min(rank) OVER (PARTITION BY number)
) GROUP BY number ORDER BY number
"""
WANTED_COLUMNS: dict[str, pl.DataType] = {
    "number": pl.Int64(),
    "code": pl.String(),
    "on_day": pl.Date(),
}
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
) -> dict[int, GoodsPrice]:
    """Goods invoiced behind each edge that has an invoice of goods.

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
    return {
        int(edge): GoodsPrice(*(float(figure or 0) for figure in figures))
        for edge, *figures in found
    }


def hop_prices(
    sql: duckdb.DuckDBPyConnection,
    pairs: pl.DataFrame,
    known: Mapping[int, GoodsPrice],
) -> list[HopPrice]:
    """Prices of pairs, in their order.

    Parameters
    ----------
    pairs
        Columns PAIR_COLUMNS; fees count within ``since_at`` and ``until_at``.
    known
        Goods by edge (:func:`edge_prices`).
    """
    sql.register("pair_given", pairs.drop("edges").to_arrow())
    fees: dict[int, list[tuple[float, Evidence]]] = {}
    words = {"words": FEE_WORDS, "goods": FEE_GOODS}
    for number, yuan, batch, row, part, key in sql.execute(FEES, words).fetchall():
        one = Evidence("invoice", str(batch), int(row), int(part), str(key), "fee")
        fees.setdefault(int(number), []).append((float(yuan), one))
    sql.unregister("pair_given")
    found = []
    for number, tonnes, edges in pairs.select("number", "tonnes", "edges").iter_rows():
        own = fees.get(int(number), [])
        found.append(
            HopPrice(
                float(tonnes or 0.0),
                together(known[edge] for edge in edges if edge in known),
                sum(yuan for yuan, _ in own),
                tuple(row for _, row in own),
            )
        )
    return found


def licensed_prices(sql: duckdb.DuckDBPyConnection, disposed: pl.DataFrame) -> dict[int, float]:
    """What licensed disposal costs, yuan per tonne, by number; absent where no reference says so.

    Parameters
    ----------
    disposed
        Columns WANTED_COLUMNS: the waste code, NULL where unknown, and the day of the price.
    """
    sql.register("disposed_given", disposed.to_arrow())
    found = sql.execute(REFERENCE).fetchall()
    sql.unregister("disposed_given")
    return {int(number): float(yuan) for number, yuan in found}


def margins(hops: Sequence[HopPrice]) -> list[float | None]:
    """Yuan left with each firm between: what it was paid less what it paid.

    None where nothing is known of the money of one side: the other side alone is no margin.
    """
    return [
        before.fee_yuan + after.goods.yuan - before.goods.yuan - after.fee_yuan
        if before.has_money and after.has_money
        else None
        for before, after in pairwise(hops)
    ]
