"""Which invoices hand goods over: red ones and their blue ones, fees, and names that mislead."""

from datetime import timedelta

import pytest

from analytics.goods_invoices import load_goods_invoices
from analytics.transfers import WASTE_WORDS
from records.clock import day_end
from tests.unit.analytics.loop_lake import AS_OF, START, Lake
from tests.unit.analytics.tables import make_inputs

SLUDGE = "*废料*铜泥"
GOODS, SERVICE = "1080207010000000000", "3040502020000000000"


def kept(lake: Lake) -> list[str]:
    """Ways of the goods invoices."""
    sql = make_inputs(lake.tables, AS_OF).sql
    span: dict[str, object] = {"since": START - timedelta(days=9), "until": day_end(AS_OF)}
    table = load_goods_invoices(sql, span, WASTE_WORDS)
    rows = sql.execute(f"SELECT source, target FROM {table} ORDER BY ALL").fetchall()
    return [str(a)[-1] + str(b)[-1] for a, b in rows]


def blue(**facts: object) -> Lake:
    number = {"invoice_no": "12345678", "invoice_code": "0320001"}
    return Lake().sell("ab", 0, SLUDGE, 9.0, **{**number, **facts})


def red(lake: Lake, ref: str, way: str = "ab", **facts: object) -> Lake:
    return lake.sell(way, 1, SLUDGE, -9.0, amount_yuan=-1.0, red_ref=ref, invoice_no="99999999",
                     **facts)  # fmt: skip


NUMBER = "26322000000123456789"
REDS = {
    "of the same parties": (red(blue(), "12345678"), []),
    "of the same parties, another roll": (red(blue(), "12345678", invoice_code="0320009"), []),
    "a stranger's with the same number": (
        red(blue(), "12345678", "cd", invoice_code="0320009"), ["ab"],
    ),
    "the other way round": (red(blue(), "12345678", "ba"), ["ab"]),
    "code and number": (red(blue(), "032000112345678", "cd"), []),
    "code and number, parted": (red(blue(), "0320001-12345678", "cd"), []),
    "a dash in the column": (red(blue(), "-", "cd"), ["ab"]),
    "another code and the number": (red(blue(), "032000912345678", "ab"), ["ab"]),
    "an electronic number": (red(blue(einvoice_no=NUMBER), NUMBER, "cd"), []),
    "an electronic number as the number": (
        red(blue(invoice_no=NUMBER, invoice_code=None), NUMBER, "cd"), [],
    ),
    "an electronic number alone": (
        red(blue(invoice_no=None, invoice_code=None, einvoice_no=NUMBER), NUMBER, "cd"), [],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REDS)
def test_a_red_invoice_takes_back_its_own(name: str) -> None:
    lake, expected = REDS[name]
    assert kept(lake) == expected


NAMES: dict[str, tuple[str, str | None, bool]] = {
    "plastics": ("*塑料制品*工程塑料", None, True),
    "plastics by code": ("工程塑料", GOODS, True),
    "plastics, bare name": ("工程塑料", None, True),
    "scrap cable": ("*电线*废电力电缆铜米", None, True),
    "scrap cable, bare name": ("废电力电缆", None, True),
    "gas cylinders": ("天然气钢瓶", GOODS, True),
    "works by code": ("钢结构", SERVICE, False),
    "labour by code": ("来料加工铜泥", "2010000000000000000", False),
    "an intangible by code": ("技术", "4010000000000000000", False),
    "a code that a spreadsheet rounded": ("污泥", "3.0405E+18", False),
    "works": ("*建筑服务*安装工程", None, False),
    "works, bare name": ("污水管网工程", None, False),
    "works with a note": ("污水管网工程（二期）", None, False),
    "fee for disposal": ("*环境治理服务*危险废物处置费", None, False),
    "fee for disposal under a code of goods": ("*废料*污泥处置费", GOODS, False),
    "a service with a note": ("*废料*污泥清运（8月）", None, False),
    "fee with a note": ("污泥处理费(8月)", None, False),
    "freight": ("*运输服务*运费", None, False),
    "power": ("*供电*电力", None, False),
    "power by code": ("*供电*电", "1100101020100000000", False),
    "steam": ("蒸汽", None, False),
    "lease": ("*经营租赁*叉车", None, False),
}


@pytest.mark.parametrize("name", NAMES)
def test_goods_and_services(name: str) -> None:
    item, tax_code, is_goods = NAMES[name]
    assert kept(Lake().sell("ab", 0, item, 9.0, tax_code=tax_code)) == ["ab"] * is_goods
