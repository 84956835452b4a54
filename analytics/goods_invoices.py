"""Invoices that hand goods from one firm to another, and what class of goods each is of.

Service invoices run backwards and would close every ordinary manifest to a loop (RULINGS 16); red
and voided invoices handed nothing over.

The class says whether two invoices may be of the same thing. It is the tax classification
(商品和服务税收分类编码); where that was not delivered, its short name, which the invoicing system
prints between asterisks before the name of the goods (``*无机酸*副产盐酸``). The name itself is
written freely and changed with a stroke; it counts only where nothing else is known.
"""

import duckdb

GOODS_INVOICES = "goods_invoice"

SERVICE_WORDS = (
    "服务|劳务|处置费|处理费|运输费|运费|装卸|仓储|租赁|咨询|检测费|技术费|手续费|管理费|维修|工程"
    "|利息|保险|电力|供电|自来水|蒸汽|天然气"
)
# A classification that a spreadsheet rounded (1.07E+18) would put all goods of a chapter together.
GOODS = f"""
CREATE OR REPLACE TEMP TABLE {GOODS_INVOICES} AS
WITH line AS (
    SELECT seller_entity, buyer_entity, issued_at, status, is_positive, amount_yuan, red_ref,
        einvoice_no, tax_code, special_kind, item_name, batch, row, part,
        coalesce(nullif(invoice_no, ''), einvoice_no) AS number,
        CASE WHEN regexp_matches(lower(trim(uom)), '^(吨|公吨|t|mt)$') THEN qty
             WHEN regexp_matches(lower(trim(uom)), '^(千克|公斤|kg)$') THEN qty / 1000 END AS tonnes
    FROM invoice_linked
), red AS (
    SELECT DISTINCT red_ref FROM invoice WHERE red_ref IS NOT NULL AND red_ref <> ''
)
SELECT seller_entity AS source, buyer_entity AS target, issued_at AS moved_at,
    CASE WHEN tonnes > 0 THEN tonnes END AS tonnes,
    CASE WHEN tax_code <> '' AND NOT contains(tax_code, '+') THEN tax_code
         WHEN starts_with(item_name, '*') AND trim(split_part(item_name, '*', 2)) <> ''
             THEN trim(split_part(item_name, '*', 2))
         ELSE item_name END AS class,
    batch, row, part
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


def load_goods_invoices(
    sql: duckdb.DuckDBPyConnection, span: dict[str, object], waste_words: str
) -> str:
    """Fill the temporary table of goods invoices and give its name.

    Parameters
    ----------
    span
        ``since`` and ``until`` of the invoices, UTC without zone.
    waste_words
        Pattern of names under which goods count although no tonnes are known.

    Returns
    -------
    str
        Table with source, target, moved_at (issued), tonnes (NULL where unknown), class, batch,
        row, part.
    """
    sql.execute(GOODS, {**span, "service_words": SERVICE_WORDS, "waste_words": waste_words})
    return GOODS_INVOICES
