"""Invoices that hand goods from one firm to another, and what class of goods each is of.

Service invoices run backwards and would close every ordinary manifest to a loop (RULINGS 16); red
and voided invoices handed nothing over. A red invoice names its blue one by code and number or by
the electronic number; the eight digits of a paper invoice alone come again in every roll, so they
count between the same two firms only.

Whether goods or a service were sold is told by the tax classification (商品和服务税收分类编码):
1 is goods, of which 110 power, gas and water; the rest is labour, services and rights. Without it
the short name tells, which the invoicing system prints between asterisks before the name of the
goods (``*无机酸*副产盐酸``), and the name: its head noun stands last, so 工程塑料 is no 工程. A
name that says it is a fee is one, whatever its code.

The class says whether two invoices may be of the same thing: the tax classification; where that
was not delivered, the short name. The name itself is written freely and changed with a stroke; it
counts only where nothing else is known.
"""

import duckdb

from analytics.paper_times import is_day_only

GOODS_INVOICES = "goods_invoice"

# Remarks stand behind the head noun: 污水管网工程（二期）.
LAST = r"\s*([（(].*)?$"
FEES = (
    "(处置|处理|运输|装卸|仓储|咨询|检测|技术|手续|管理|服务|维修|租赁|保险|工程|加工|劳务|吊装)费"
    f"|运费|电费|水费|(服务|劳务){LAST}"
)
SERVICES = (
    "(服务|劳务|处置|处理|治理|清运|转运|运输|装卸|仓储|租赁|咨询|检测|维修|保养|施工|工程|利息"
    f"|保险|电力|供电|自来水|蒸汽|天然气){LAST}"
)
PARTIES = """coalesce(nullif(seller_uscc, ''), seller_name, '') || ' '
    || coalesce(nullif(buyer_uscc, ''), buyer_name, '')"""
SHORT_NAME = """CASE WHEN starts_with({0}, '*') AND trim(split_part({0}, '*', 2)) <> ''
    THEN trim(split_part({0}, '*', 2)) ELSE {0} END"""
# Red invoices carry names and numbers as their blue ones do, whatever was made of them since. A
# classification that a spreadsheet rounded (1.07E+18) would put all goods of a chapter together.
GOODS = f"""
CREATE OR REPLACE TEMP TABLE {GOODS_INVOICES} AS
WITH red AS (
    SELECT regexp_replace(red_ref, '[^0-9A-Za-z]', '', 'g') AS number, {PARTIES} AS parties
    FROM invoice WHERE regexp_matches(red_ref, '[0-9A-Za-z]')
), line AS (
    SELECT seller_entity, buyer_entity, issued_at, tax_code, item_name, flags,
        coalesce(nullif(invoice_no, ''), einvoice_no, '') AS number,
        coalesce(invoice_code, '') AS roll, coalesce(einvoice_no, '') AS electronic_no,
        {PARTIES} AS parties, {SHORT_NAME.format("item_name")} AS short_name,
        regexp_matches(item_name, $waste_words) AS is_waste,
        CASE WHEN regexp_matches(lower(trim(uom)), '^(吨|公吨|t|mt)$') THEN qty
             WHEN regexp_matches(lower(trim(uom)), '^(千克|公斤|kg)$') THEN qty / 1000
             END AS tonnes,
        batch, row, part
    FROM invoice_linked
    WHERE seller_entity IS NOT NULL AND buyer_entity IS NOT NULL AND seller_entity <> buyer_entity
        AND issued_at >= $since AND issued_at < $until
        AND coalesce(status, '正常') = '正常' AND coalesce(is_positive, true) AND amount_yuan > 0
        AND coalesce(red_ref, '') = '' AND coalesce(special_kind, '') NOT LIKE '%服务%'
)
SELECT seller_entity AS source, buyer_entity AS target, issued_at AS moved_at,
    {is_day_only("line", "issued_at")} AS by_day,
    CASE WHEN tonnes > 0 THEN tonnes END AS tonnes,
    CASE WHEN tax_code <> '' AND NOT contains(tax_code, '+') THEN tax_code ELSE short_name END
        AS class,
    is_waste, batch, row, part
FROM line
WHERE (tonnes > 0 OR is_waste) AND NOT regexp_matches(item_name, $fees)
    AND CASE WHEN regexp_matches(tax_code, '^[0-9]')
        THEN starts_with(tax_code, '1') AND NOT starts_with(tax_code, '110')
        ELSE NOT (regexp_matches(item_name, $services) OR regexp_matches(short_name, $services)) END
    AND number || ' ' || parties NOT IN (SELECT number || ' ' || parties FROM red)
    AND CASE WHEN roll <> '' OR length(number) = 20 THEN roll || number ELSE '' END
        NOT IN (SELECT number FROM red)
    AND electronic_no NOT IN (SELECT number FROM red)
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
        Pattern of names that speak of waste; such goods count although no tonnes are known.

    Returns
    -------
    str
        Table with source, target, moved_at (issued), by_day (whether only the day is known),
        tonnes (NULL where unknown), class, is_waste, batch, row, part.
    """
    words = {"waste_words": waste_words, "fees": FEES, "services": SERVICES}
    sql.execute(GOODS, {**span, **words})
    return GOODS_INVOICES
