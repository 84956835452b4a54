"""Made-up firms of one town register, from name parts that resolution's own tables do not hold.

Parts are drawn without replacement, so that two firms of a town are alike only where a case makes
them so. The seed decides which firms a case is told about.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

from tests.unit.ingest.resolve.conftest import code_of

# What one agency's row says about a firm, by column of ``enterprise``.
Statement = dict[str, str]

FIRST = (
    "恒鼎佳琪锐拓森桦凯朗翰霖睿诺卓炜铭钧澜瀚曜琛沃赛玖岚屹"
    "垚峻嵘芮菲乔麦科蓝橙纬绮舜尧禹皓轩宸禄祥瑞颐熙烁焕煜炎灿"
)
SECOND = (
    "邦泽誉祺劲硕尔茂溢沛坤乾隆迈驰捷骏骋盈丰登禾穗樾榕柏楠"
    "楷甬浦滨湾屿峡岭岱衡巍峰崖麓涧溪涛澎湃渊潭泓淳渝濠漫澄漪"
)
# Characters that stand in no name of a town: for slips of the pen and for sister firms.
SLIPS = "昕忻炘鑫淼焱垒磊犇骉"
# Industry in simplified and in traditional script.
INDUSTRIES = (
    ("环保科技", "環保科技"),
    ("机械制造", "機械製造"),
    ("纺织印染", "紡織印染"),
    ("电镀工艺", "電鍍工藝"),
    ("涂装设备", "塗裝設備"),
    ("废油处理", "廢油處理"),
    ("仪表材料", "儀錶材料"),
    ("热处理", "熱處理"),
)
# City and two districts or counties that lie under it.
CITIES = (
    ("苏州", "320505", "320583"),
    ("南通", "320602", "320682"),
    ("常州", "320402", "320481"),
    ("扬州", "321002", "321081"),
    ("徐州", "320302", "320382"),
    ("盐城", "320902", "320981"),
)
ROADS = ("鸿图路", "望亭路", "金鸡大道", "漕湖街", "胜浦路", "阳澄街", "唯新路", "苏虹路")
SURNAMES = ("司徒", "诸葛", "上官", "皇甫", "端木", "公孙", "轩辕", "令狐", "慕容", "宇文")
GIVEN = ("怀瑾", "守拙", "若谷", "明远", "思齐", "修竹", "望舒", "长卿", "子衿", "逸尘")


@dataclass(frozen=True, slots=True)
class Firm:
    """One firm of the town; ``other_district`` lies in the same city."""

    city: str
    district: str
    other_district: str
    trade: str
    industry: str
    traditional: str
    code: str
    phone: str
    person: str
    address: str
    other_address: str

    @property
    def name(self) -> str:
        """Registered name."""
        return f"{self.city}{self.trade}{self.industry}有限公司"

    def says(self, *columns: str, **other: str) -> Statement:
        """What a row with these columns says; ``other`` replaces or adds values."""
        own = {
            "name": self.name,
            "division_code": self.district,
            "uscc": self.code,
            "env_phone": self.phone,
            "legal_rep": self.person,
            "site_address": self.address,
        }
        return {name: own[name] for name in ("name", "division_code", *columns)} | other


class Town:
    """Firms of one seed, one after another."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._number = count(5_000)
        self._trades = self._drawn(
            list(map("".join, zip(self._mixed(FIRST), self._mixed(SECOND), strict=True)))
        )
        self._persons = self._drawn([a + b for a in SURNAMES for b in GIVEN])
        self._places = self._drawn([f"{road}{n}号" for road in ROADS for n in range(3, 400, 7)])

    def _mixed(self, letters: str) -> list[str]:
        return self._random.sample(letters, len(letters))

    def _drawn(self, values: list[str]) -> Iterator[str]:
        return iter(self._random.sample(values, len(values)))

    def firm(self, *, city: int | None = None) -> Firm:
        """A firm that is like no other of the town."""
        number = next(self._number)
        at = self._random.randrange(len(CITIES)) if city is None else city
        place, district, other = CITIES[at]
        industry, traditional = self._random.choice(INDUSTRIES)
        return Firm(
            city=place,
            district=district,
            other_district=other,
            trade=next(self._trades),
            industry=industry,
            traditional=traditional,
            code=code_of(number),
            phone=f"139{number:08d}",
            person=next(self._persons),
            address=f"{place}市{next(self._places)}",
            other_address=f"{place}市{next(self._places)}",
        )

    def slips(self, most: int) -> list[str]:
        """Characters that no name of the town has."""
        return self._random.sample(SLIPS, most)
