"""Organisations that take their name from another one, which is where identities blur."""

import numpy as np
import polars as pl

from ingest.simulate.organizations.founding import (
    FIRM_COLUMNS,
    NOBODY,
    draw_towns,
    with_regions,
)
from ingest.simulate.organizations.misspelling import (
    Bools,
    likenesses,
    stretch,
    with_homophone,
    with_substitute,
)
from ingest.simulate.organizations.regions import STYLES, divisions, elsewhere
from ingest.simulate.organizations.stock import branch_tails
from ingest.simulate.organizations.trades import draw_industries
from ingest.simulate.streams import Ints, stream

NUMERALS = ("一", "二", "三", "四", "五", "六", "七", "八", "九")
MOST_PER_FAMILY = 4
SISTER_BY_CHARACTER, SISTER_BY_SOUND = 0.6, 0.5
SISTER_IN_OTHER_COUNTY = 0.2
SISTER_AT_SAME_ADDRESS = 0.4
BRANCH_IN_CITY, BRANCH_IN_OTHER_CITY = 0.45, 0.35


def derived(plain: pl.DataFrame, counts: dict[str, int], seed: int) -> pl.DataFrame:
    """Sisters, namesakes and daughters of ``plain`` firms, ``counts`` of each kind."""
    works = _heads(plain, "company", "factory")
    return pl.concat([
        _sisters(plain, works, counts["sister"], seed),
        _namesakes(plain, works, counts["namesake"], seed),
        _subsidiaries(plain, _heads(plain, "company"), counts["subsidiary"], seed),
    ])  # fmt: skip


def _heads(firms: pl.DataFrame, *pools: str) -> Ints:
    """Rows of firms that may have relatives; all of them in a world too small to choose."""
    rows = np.flatnonzero(firms["pool"].is_in(pools).to_numpy())
    return rows if len(rows) else np.arange(firms.height)


def _families(rng: np.random.Generator, heads: Ints, n: int) -> tuple[Ints, Ints]:
    """``n`` parents out of ``heads`` in families, and each one's place in its family, from 1."""
    order = rng.permutation(heads)
    sizes = np.minimum(rng.geometric(0.6, max(n, 1)), MOST_PER_FAMILY)
    family = np.repeat(np.arange(len(sizes)), sizes)[:n]
    first = np.concatenate([[0], np.cumsum(sizes)])[:-1]
    member = np.arange(n) - first[family] + 1
    return order[family % len(order)].astype(np.int64), member.astype(np.int64)


def _taken(plain: pl.DataFrame, kind: str, parent: Ints, member: Ints) -> pl.DataFrame:
    """Rows of the parents as the start of their relatives' rows, out of the incubators."""
    rows: pl.DataFrame = plain[parent.tolist()]
    return rows.with_columns(
        kind=pl.lit(kind), parent=pl.Series(parent), member=pl.Series(member),
        incubator=pl.lit(NOBODY, dtype=pl.Int64),
    )  # fmt: skip


def _sisters(plain: pl.DataFrame, heads: Ints, n: int, seed: int) -> pl.DataFrame:
    """Same controller, a name that differs by a number, one character or the industry."""
    rng = stream(seed, "organizations", "sisters")
    parent, member = _families(rng, heads, n)
    rows = _taken(plain, "sister", parent, member)
    works = ((rows["suffix"] == "厂") & (rows["number"] == "")).to_numpy()
    by_character = ~works & (rng.random(n) < SISTER_BY_CHARACTER)
    by_industry = ~works & ~by_character
    moved = rng.random(n) < SISTER_IN_OTHER_COUNTY
    division = rows["division"].to_numpy()
    same_place = ~moved & (rng.random(n) < SISTER_AT_SAME_ADDRESS)
    rows = rows.with_columns(
        division=pl.Series(np.where(moved, elsewhere(rng, division, other_city=False), division)),
        number=pl.when(pl.Series(works)).then(pl.Series(NUMERALS, dtype=pl.String).gather(member))
        .otherwise("number"),
        brand=_one_character_off(rng, rows["brand"], by_character),
        other_industry=draw_industries(rng, rows["pool"]),
        by_industry=by_industry, at_parents=pl.Series(same_place),
    ).with_columns(
        industry=pl.when("by_industry").then("other_industry").otherwise("industry")
    )  # fmt: skip
    return with_regions(rows)


def _one_character_off(rng: np.random.Generator, brands: pl.Series, chosen: Bools) -> pl.Series:
    """``brands`` with one character exchanged where ``chosen``, by sound or for any other."""
    by_sound = rng.random(len(brands)) < SISTER_BY_SOUND
    out = brands
    for rows, sound in ((chosen & by_sound, True), (chosen & ~by_sound, False)):
        places = np.flatnonzero(rows)
        if not len(places):
            continue
        some = brands.gather(places)
        lengths = some.str.len_chars().to_numpy().astype(np.int64)
        text = stretch(some, np.zeros(len(places), dtype=np.int64), lengths)
        changed = (
            with_homophone(rng, text, likenesses("tuned")) if sound else with_substitute(rng, text)
        )
        out = out.scatter(places, changed)
    return out


def _namesakes(plain: pl.DataFrame, heads: Ints, n: int, seed: int) -> pl.DataFrame:
    """Strangers of the same name in another city."""
    rng = stream(seed, "organizations", "namesakes")
    parent, member = _families(rng, heads, n)
    rows = _taken(plain, "namesake", parent, member)
    division = elsewhere(rng, rows["division"].to_numpy(), other_city=True)
    wide = pl.col("style").is_in([STYLES.index(s) for s in ("none", "province", "province_full")])
    return with_regions(rows.with_columns(
        division=pl.Series(division), town=draw_towns(rng, division), at_parents=pl.lit(False),
        style=pl.when(wide).then(STYLES.index("city")).otherwise("style"),
    ))  # fmt: skip


def _subsidiaries(plain: pl.DataFrame, heads: Ints, n: int, seed: int) -> pl.DataFrame:
    """Daughters at the mother's address, of another trade."""
    rng = stream(seed, "organizations", "subsidiaries")
    parent, member = _families(rng, heads, n)
    rows = _taken(plain, "subsidiary", parent, member)
    return with_regions(rows.with_columns(
        suffix=pl.lit("有限公司"), industry=draw_industries(rng, rows["pool"]),
        incubator=plain["incubator"].gather(parent), at_parents=pl.lit(True),
    ))  # fmt: skip


def branches(firms: pl.DataFrame, n: int, seed: int) -> pl.DataFrame:
    """``n`` branches of ``firms``: the head office's full name and a tail of their own."""
    rng = stream(seed, "organizations", "branches")
    parent, member = _families(rng, _heads(firms, "company", "factory"), n)
    rows = _taken(firms, "branch", parent, member)
    draw = rng.random(n)
    home = rows["division"].to_numpy()
    division = np.select(
        [draw < BRANCH_IN_CITY, draw < BRANCH_IN_CITY + BRANCH_IN_OTHER_CITY],
        [elsewhere(rng, home, other_city=False), elsewhere(rng, home, other_city=True)],
        home,
    )
    kinds = [branch_tails(of_company).draw(rng, n) for of_company in (True, False)]
    rows = rows.with_columns(
        division=pl.Series(division), town=draw_towns(rng, division),
        at_parents=pl.Series(division == home), county=divisions()["county"].gather(division),
        kind_of_tail=pl.select(
            pl.when(rows["pool"] == "company").then(kinds[0]).otherwise(kinds[1])
        ).to_series(),
        away=pl.Series(division != home),
    )  # fmt: skip
    place = ("parent", "county", "kind_of_tail")
    first = pl.int_range(pl.len()).over(place) == 0
    ordinal = "第" + pl.Series(NUMERALS, dtype=pl.String).gather(member)
    rows = rows.with_columns(ordinal=ordinal).with_columns(
        tail=pl.when(first & pl.col("away")).then("county").otherwise("ordinal")
        + pl.col("kind_of_tail")
    )
    return rows.select(list(FIRM_COLUMNS))
