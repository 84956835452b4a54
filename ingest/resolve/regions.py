"""Names of provinces, cities and districts at the head of Chinese names and addresses.

Sources: ``records/data/jiangsu_divisions.csv`` and, for the other provinces down to their cities,
``ingest/resolve/data/regions.csv`` (GB/T 2260).
"""

import re
from functools import cache

from ingest.resolve.extract import read_shipped
from records.contract import read_table

LEVEL_SUFFIX = re.compile(
    r"(特别行政区|[壮回]族自治区|维吾尔自治区|自治区|[一-龥]{1,9}族自治州|自治州|地区|省|市|区|县|盟)$"
)
LEVEL_MARKS = "省市区县州盟"
AMBIGUOUS = "*"
COUNTRY = "0"
# A region that would leave less than this many characters is part of the name itself.
LEAST_REST = 2


@cache
def region_codes() -> dict[str, str]:
    """Region name, with and without its level, → code without trailing zero pairs.

    The higher level wins where two levels share a name; ``*`` where two of one level do.
    """
    codes: dict[str, str] = {"中国": COUNTRY}
    rows = [(r["name"], r["code"]) for r in read_shipped("regions.csv")]
    rows += [(r["name_zh"], r["code"]) for r in read_table("jiangsu_divisions.csv")]
    for name, full in rows:
        code = re.sub(r"(00)+$", "", full)
        for form in {name, LEVEL_SUFFIX.sub("", name)}:
            if len(form) < 2:
                continue
            held = codes.get(form)
            if held is None or len(held) > len(code):
                codes[form] = code
            elif held != code and len(held) == len(code):
                codes[form] = AMBIGUOUS
    return codes


@cache
def longest_region() -> int:
    """Length of the longest region name."""
    return max(map(len, region_codes()))


def _token(text: str, at: int, code: str) -> tuple[int, str]:
    """Length and code of the region token at ``at``, 0 when there is none."""
    codes = region_codes()
    for length in range(min(longest_region(), len(text) - at - LEAST_REST), 1, -1):
        word = text[at : at + length]
        found = codes.get(word)
        if found is None or (at and found == COUNTRY):
            continue
        is_full = length >= 3 and word[-1] in LEVEL_MARKS
        if found == AMBIGUOUS and not is_full:
            continue
        # A second token must lie under the first, or a brand like 新华 would be eaten.
        if code not in ("", COUNTRY) and found != AMBIGUOUS:
            is_under = found.startswith(code)
            if not is_under and not (is_full and found[:2] == code[:2]):
                continue
        # 江苏|省, 昆山|市: the level after a bare name belongs to the region.
        level = "省市" if len(found) == 2 else "市区县"
        if not is_full and at + length < len(text) - LEAST_REST and text[at + length] in level:
            length += 1
        return length, found
    return 0, ""


def split_region(text: str) -> tuple[str, str]:
    """Region code at the head of a clean text (empty: none) and what follows it."""
    at, code = 0, ""
    while True:
        length, found = _token(text, at, code)
        if not length:
            return code, text[at:]
        at += length
        if found != AMBIGUOUS and len(found) > len(code):
            code = found


def city_of(code: str) -> str:
    """City of a region or division code (four digits), empty above that level."""
    return code[:4] if len(code) >= 4 and code[2:4] != "00" else ""
