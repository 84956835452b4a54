"""A small inbox made by hand for the pages: one grave loop, one mild one, ordinary traffic, faults.

Strategy: few rows, written as agencies write them (Chinese headings, two encodings), so that every
page has something to show: findings of two grades, names that differ between sources, a shared
phone, quarantined rows, a refused file, and a name with markup in it.
"""

import csv
from datetime import datetime, timedelta
from pathlib import Path

FIRMS = {
    # name, code, city, legal representative, phone
    "宁江": ("南京宁江表面处理有限公司", "320115", "周立群", "13951780001"),
    "润泽": ("苏州润泽环保科技有限公司", "320507", "周立群", "13951780001"),
    "恒通": ("无锡恒通资源再生利用有限公司", "320214", "徐海东", "13771120002"),
    "安达": ("常州安达危险品运输有限公司", "320412", "郑伟", "13815030003"),
    "东港": ("南通东港水处理有限公司", "320612", "何敏", "13862910004"),
    "新华": ("盐城新华固废处置有限公司", "320903", "孙丽", "13770050005"),
    "宏达": ("徐州宏达电镀有限公司", "320312", "赵强", "13952160006"),
    "标记": ("扬州<b>测试</b>有限公司", "321003", "钱文", "13773590007"),
}
START = datetime(2026, 8, 3, 9, 0)
DIGITS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)


def credit_code(key: str) -> str:
    """A valid unified social credit code for a firm of this inbox."""
    order = list(FIRMS).index(key)
    body = "9" + "1" + FIRMS[key][1] + f"MA1{order:01d}WXY{order:02d}"
    total = sum(DIGITS.index(c) * w for c, w in zip(body, WEIGHTS, strict=True))
    return body + DIGITS[(31 - total % 31) % 31]


def _write(path: Path, rows: list[dict[str, object]], encoding: str = "utf-8-sig") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def _moves() -> list[tuple[str, str, float, float, str]]:
    """From, to, day, tonnes, code: three heavy rounds, one light one, and ordinary traffic."""
    moves: list[tuple[str, str, float, float, str]] = []
    for number in range(3):
        day = 12.0 * number
        moves += [
            ("宁江", "润泽", day, 42.6, "336-064-17"),
            ("润泽", "恒通", day + 2, 41.2, "336-064-17"),
            ("恒通", "宁江", day + 5, 40.9, "336-064-17"),
        ]
    moves += [("东港", "新华", 20.0, 2.1, "772-006-49"), ("新华", "东港", 23.0, 2.0, "772-006-49")]
    moves += [("宏达", "新华", float(day), 6.5, "336-054-17") for day in range(0, 40, 4)]
    moves += [("标记", "新华", 7.0, 1.2, "900-041-49")]
    return moves


def _manifests(inbox: Path) -> None:
    heads: list[dict[str, object]] = []
    items: list[dict[str, object]] = []
    for number, (source, target, day, tonnes, code) in enumerate(_moves(), 1):
        sent = START + timedelta(days=day)
        manifest_no = f"20263201{number:06d}"
        heads.append(
            {
                "联单编号": manifest_no,
                "移出人名称": FIRMS[source][0],
                "移出人统一社会信用代码": credit_code(source),
                "移出人联系电话": FIRMS[source][3],
                "交付时间": f"{sent:%Y-%m-%d %H:%M}",
                "承运人名称": FIRMS["安达"][0],
                "承运人统一社会信用代码": credit_code("安达"),
                "驾驶员": "冯建国",
                "驾驶员身份证号": "320402198005124517",
                "牌号": "苏D72618",
                "实际起运时间": f"{sent + timedelta(minutes=20):%Y-%m-%d %H:%M}",
                "实际到达时间": f"{sent + timedelta(hours=3):%Y-%m-%d %H:%M}",
                "接受人名称": FIRMS[target][0],
                "接受人统一社会信用代码": credit_code(target),
                "接受时间": f"{sent + timedelta(hours=4):%Y-%m-%d %H:%M}",
                "处理意见": "接受",
                "联单状态": "已接受",
            }
        )
        items.append(
            {
                "联单编号": manifest_no,
                "序号": 1,
                "废物名称": "表面处理污泥",
                "废物代码": code,
                "移出量(吨)": tonnes,
                "接受量(吨)": tonnes,
                "计量单位": "吨",
            }
        )
    bad = dict(heads[0], 联单编号="20263201990001", 交付时间="2026-02-30 09:00")
    nameless = dict(heads[1], 联单编号="20263201990002", 接受人名称="")
    _write(inbox / "manifest" / "202610_危险废物转移联单.csv", [*heads, bad, nameless], "gb18030")
    wrong = dict(items[0], 联单编号="20263201990003", **{"移出量(吨)": "十二吨半"})
    _write(inbox / "manifest_item" / "202610_联单废物明细.csv", [*items, wrong])


def _firms(inbox: Path) -> None:
    companies: list[dict[str, object]] = [
        {
            "统一社会信用代码": credit_code(key),
            "企业名称": name,
            "法定代表人": representative,
            "注册资本(万元)": 800,
            "成立日期": "2014-05-16",
            "住所": f"{name[:2]}市工业园区{order}号",
            "行政区划代码": division,
            "登记状态": "在业",
            "联系电话": phone,
        }
        for order, (key, (name, division, representative, phone)) in enumerate(FIRMS.items(), 1)
    ]
    _write(inbox / "company" / "202610_企业登记信息.csv", companies, "gb18030")
    licences: list[dict[str, object]] = [
        {
            "许可证编号": f"JS{FIRMS[key][1]}OOD{number:03d}",
            "有效期起": "2024-01-01",
            "有效期止": "2028-12-31",
            "单位名称": FIRMS[key][0].replace("有限公司", "公司"),
            "统一社会信用代码": credit_code(key),
            "许可证类型": "综合经营",
            "许可证状态": "有效",
        }
        for number, key in enumerate(("润泽", "恒通", "新华"), 1)
    ]
    _write(inbox / "hw_licence" / "2026_危险废物经营许可证.csv", licences)


def _invoices(inbox: Path) -> None:
    rows: list[dict[str, object]] = [
        {
            "发票号码": f"2632200000{number:010d}",
            "行号": 1,
            "开票日期": f"{START + timedelta(days=day + 1):%Y-%m-%d}",
            "销方识别号": credit_code(source),
            "销方名称": FIRMS[source][0],
            "购方识别号": credit_code(target),
            "购方名称": FIRMS[target][0],
            "货物或应税劳务名称": "*废料*含镍污泥",
            "单位": "吨",
            "数量": tonnes,
            "单价": 300,
            "金额": round(tonnes * 300, 2),
            "发票状态": "正常",
        }
        for number, (source, target, day, tonnes, _) in enumerate(_moves()[:9], 1)
    ]
    _write(inbox / "invoice" / "202610_增值税发票明细.csv", rows)


def write_inbox(inbox: Path) -> None:
    """Write the inbox; the folder is made."""
    _firms(inbox)
    _manifests(inbox)
    _invoices(inbox)
    # A file that must be refused: a required column is missing.
    _write(inbox / "waybill" / "202610_运单.csv", [{"托运单号": "1", "备注": "缺列"}])
