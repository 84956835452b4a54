"""Names, addresses and phones in normal form, once per distinct string.

A name of an organisation is region, trunk (字号 and industry words), legal suffix and branch tail:
苏州工业园区 | 宏润环保 | 有限公司 | 昆山分公司. The industry words at the end of a trunk are not
listed anywhere: they are the tails that many trunks share.
"""

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import polars as pl

from ingest.resolve.extract import read_shipped
from ingest.resolve.regions import (
    AMBIGUOUS,
    COUNTRY,
    longest_region,
    region_codes,
    split_region,
)

OPEN, CLOSE = "[【〔〈《{「『", "]】〕〉》}」』"
NOISE = r"[\s·•・‧\-—_~,，.。、;；:：\"“”'‘’!！?？*]+"
BRACKETED = re.compile(r"\(([^()]{1,12})\)")
# A branch whose head office lacks its legal form; the place before it belongs to the branch.
BARE_BRANCH = re.compile(
    r"^(.{3,}?)((?:第?[一二三四五六七八九十\d]{1,3})?分(?:公司|厂|店|部|社|院|行))$"
)
# These words end names of firms too: a number or a place before them makes a branch.
BARE_UNIT = re.compile(
    r"^(.{3,}?)((?:第[一二三四五六七八九十\d]{1,3})?(?:营业部|门市部|经营部|办事处|项目部|仓储中心))$"
)
LEAST_HEAD = 3
BRANCH_HEAD = r"(?:公司|厂|社|集团|银行|中心|院|所|站)"
LEGAL_WORDS = frozenset({"有限合伙", "普通合伙", "特殊普通合伙", "集团", "中国"})
# A tail is an industry word when at least this many trunks end in it.
LEXICON_FLOOR, LEXICON_SHARE = 12, 2_500
# Up to this many texts go one by one.
FEW = 2_000
DIGITS = str.maketrans("一二三四五六七八九〇零", "12345678900")


@dataclass(frozen=True, slots=True)
class ParsedName:
    """A name taken apart; empty strings where a part is missing, ``trunk`` never empty."""

    region: str
    trunk: str
    suffix: str
    branch: str


@cache
def simplified() -> dict[str, str]:
    """Traditional character → simplified one."""
    text = files("ingest.resolve").joinpath("data", "simplified.txt").read_text(encoding="utf-8")
    pairs = "".join(text.split())
    return dict(zip(pairs[::2], pairs[1::2], strict=True))


@cache
def _characters() -> dict[str, str]:
    """Characters to replace: traditional ones and brackets of other forms."""
    table = simplified() | dict(zip(OPEN, "(" * len(OPEN), strict=True))
    return table | dict(zip(CLOSE, ")" * len(CLOSE), strict=True))


def _replaced(texts: pl.Series) -> pl.Series:
    """``texts`` (without nulls) with traditional characters and odd brackets replaced.

    Building the automaton for a column takes milliseconds, more than a few texts are worth.
    """
    table = _characters()
    if len(texts) > FEW:
        return texts.str.replace_many(list(table), list(table.values()))
    by_point = str.maketrans(table)
    moved = [text.translate(by_point) for text in texts.to_list()]
    return pl.Series(texts.name, moved, dtype=pl.String)


def clean_column(texts: pl.Series) -> pl.Series:
    """NFKC, simplified, upper case, round brackets, no blanks, dots or quotes; nulls as empty."""
    return (
        _replaced(texts.fill_null("").str.normalize("NFKC"))
        .str.replace_all(NOISE, "")
        .str.to_uppercase()
    )


@cache
def _suffix_pattern() -> re.Pattern[str]:
    words = sorted((r["suffix"] for r in read_shipped("suffixes.csv")), key=len, reverse=True)
    return re.compile("(?:" + "|".join(map(re.escape, words)) + ")$")


@cache
def _branch_pattern() -> re.Pattern[str]:
    tails = "|".join(re.escape(r["tail"]) for r in read_shipped("branches.csv"))
    return re.compile(f"^(.{{3,}}?{BRANCH_HEAD})(.{{0,10}}(?:{tails}))$")


def _split_branch(clean: str) -> tuple[str, str]:
    """Name of the head office and tail of the branch, empty where there is none."""
    match = _branch_pattern().match(clean)
    if match:
        return match.group(1), match.group(2)
    certain = BARE_BRANCH.match(clean)
    match = certain or BARE_UNIT.match(clean)
    if not match:
        return clean, ""
    head, tail = match.groups()
    for length in range(min(longest_region(), len(head) - LEAST_HEAD), 1, -1):
        if head[-length:] in region_codes():
            return head[:-length], head[-length:] + tail
    return (head, tail) if certain or tail.startswith("第") else (clean, "")


def parse_name(clean: str) -> ParsedName:
    """A clean name taken apart; any text gives a result, brackets alone give themselves."""
    rest, branch = _split_branch(clean)
    region = ""

    def inside(found: re.Match[str]) -> str:
        nonlocal region
        text = found.group(1)
        code = region_codes().get(text, "")
        if not code:
            code, left = split_region(text + "〇〇")
            code = code if left == "〇〇" else ""
        if code:
            if code not in (AMBIGUOUS, COUNTRY) and len(code) > len(region):
                region = code
            return ""
        return "" if text in LEGAL_WORDS else text

    unbracketed = BRACKETED.sub(inside, rest)
    code, trunk = split_region(unbracketed)
    if code != COUNTRY and len(code) > len(region):
        region = code
    suffix = ""
    found = _suffix_pattern().search(trunk)
    if found and found.start() >= 2:
        suffix, trunk = found.group(), trunk[: found.start()]
    if len(trunk) < 2:
        trunk = unbracketed if len(unbracketed) >= 2 else clean
    return ParsedName(region, trunk, suffix, branch)


def is_nameless(clean: pl.Series) -> pl.Series:
    """Whether a clean name tells nobody apart: one letter, or a region or legal form only."""
    letters = clean.str.replace_all(r"[^\p{L}\p{N}]", "")
    forms = {r["suffix"] for r in read_shipped("suffixes.csv")}
    tails = {r["tail"] for r in read_shipped("branches.csv")}
    words = sorted(forms | tails | set(region_codes()))
    return (clean != "") & ((letters.str.len_chars() < 2) | letters.is_in(words))


def parse_names(clean: pl.Series) -> pl.DataFrame:
    """``clean`` names, once each, with ``region, trunk, suffix, branch``, sorted."""
    names = clean.unique().sort()
    parsed = [parse_name(name) for name in names.to_list()]
    return pl.DataFrame(
        {
            "clean": names,
            "region": pl.Series([p.region for p in parsed], dtype=pl.String),
            "trunk": pl.Series([p.trunk for p in parsed], dtype=pl.String),
            "suffix": pl.Series([p.suffix for p in parsed], dtype=pl.String),
            "branch": pl.Series([p.branch for p in parsed], dtype=pl.String),
        }
    )


def industry_lexicon(trunks: pl.Series) -> frozenset[str]:
    """Tails of two to four characters that many distinct trunks share."""
    distinct = trunks.unique()
    floor = max(LEXICON_FLOOR, len(distinct) // LEXICON_SHARE)
    words: list[str] = []
    for length in (2, 3, 4):
        tails = distinct.filter(distinct.str.len_chars() >= length + 2).str.tail(length)
        counts = tails.rename("tail").value_counts()
        words += counts.filter(pl.col("count") >= floor)["tail"].to_list()
    return frozenset(words)


def core_of(trunk: str, lexicon: frozenset[str]) -> str:
    """字号 of a trunk: what is left when industry words are taken off its end."""
    end = len(trunk)
    while end > 2:
        for length in (4, 3, 2):
            if end - length >= 2 and trunk[end - length : end] in lexicon:
                end -= length
                break
        else:
            break
    return trunk[:end]


def cores(trunks: pl.Series) -> pl.Series:
    """字号 per trunk, with the lexicon learned from these trunks."""
    lexicon = industry_lexicon(trunks)
    distinct = trunks.unique().sort()
    found = [core_of(trunk, lexicon) for trunk in distinct.to_list()]
    table = pl.DataFrame({"trunk": distinct, "core": pl.Series(found, dtype=pl.String)})
    return pl.DataFrame({"trunk": trunks}).join(
        table, on="trunk", how="left", maintain_order="left"
    )["core"]


def parse_address(clean: str) -> tuple[str, str]:
    """Region code and the rest of a clean address, room marks and brackets off."""
    region, rest = split_region(clean)
    rest = re.sub(r"\(.*?\)", "", rest).replace("#", "号").translate(DIGITS)
    return ("" if region == COUNTRY else region), re.sub(r"(室|号|栋|幢|楼|层)+$", "", rest)


def parse_addresses(clean: pl.Series) -> pl.DataFrame:
    """``clean`` addresses, once each, with ``place_region`` and ``place``, sorted."""
    texts = clean.unique().sort()
    parsed = [parse_address(text) for text in texts.to_list()]
    return pl.DataFrame(
        {
            "clean": texts,
            "place_region": pl.Series([p[0] for p in parsed], dtype=pl.String),
            "place": pl.Series([p[1] for p in parsed], dtype=pl.String),
        }
    )


def phone_column(phones: pl.Series) -> pl.Series:
    """Digits only, without the country code; empty for masked or too short ones."""
    digits = (
        phones.fill_null("")
        .str.replace(r"(?i)(转|ext\.?|分机).*$", "")
        .str.replace_all(r"[^0-9*]", "")
        .str.replace(r"^(?:86|0086)(1\d{10}|0\d{9,})$", "$1")
    )
    return (
        pl.DataFrame({"digits": digits})
        .select(
            pl.when(pl.col("digits").str.contains(r"^\d{7,12}$"))
            .then("digits")
            .otherwise(pl.lit(""))
        )
        .to_series()
    )
