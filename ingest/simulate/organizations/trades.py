"""字号, industry words and legal forms of new firms."""

import numpy as np
import polars as pl

from ingest.simulate.names import person_names
from ingest.simulate.organizations.stock import (
    Weighted,
    brand_characters,
    favourite_brands,
    foreign_syllables,
    legal_forms,
    trade_words,
    weighted,
)
from ingest.simulate.streams import Ints

LETTERS = weighted([(c, 1.0) for c in "ABCDEFGHJKLMNPRSTVWXYZ"])
THREE, FOREIGN, LETTERED, FAVOURITE = 0.18, 0.08, 0.01, 0.25
OWNER_IN_SHOP_NAME = 0.06
TAILED, COMPOUND, TAIL_ONLY = 0.26, 0.02, 0.05


def _joined(rng: np.random.Generator, stocks: list[Weighted], n: int) -> pl.Series:
    parts = pl.DataFrame({str(k): stock.draw(rng, n) for k, stock in enumerate(stocks)})
    return parts.select(pl.concat_str(pl.all())).to_series()


def draw_brands(rng: np.random.Generator, n: int, long: bool = False) -> pl.Series:
    """字号: two characters mostly, three, transliterated or led by letters at times.

    ``long`` ones have four characters each, for firms whose first choice was taken.
    """
    characters = brand_characters()
    if long:
        return _joined(rng, [characters] * 4, n)
    first, middle, last = (foreign_syllables(p) for p in ("first", "middle", "last"))
    edges = np.cumsum([THREE, FOREIGN / 2, FOREIGN / 2, LETTERED, FAVOURITE])
    kind = np.searchsorted(edges, rng.random(n), side="right")
    choices = [
        _joined(rng, [characters] * 3, n),
        _joined(rng, [first, middle, last], n),
        _joined(rng, [first, middle, middle, last], n),
        _joined(rng, [LETTERS, LETTERS, characters], n),
        favourite_brands().draw(rng, n),
        _joined(rng, [characters] * 2, n),
    ]
    return _chosen(kind, choices)


def _chosen(kind: Ints, choices: list[pl.Series]) -> pl.Series:
    """Per entry the text of choice number ``kind``."""
    columns = {f"choice_{k}": series for k, series in enumerate(choices)}
    frame = pl.DataFrame({"kind": kind, **columns})
    out = pl.col(f"choice_{len(choices) - 1}")
    for k in range(len(choices) - 1):
        out = pl.when(pl.col("kind") == k).then(pl.col(f"choice_{k}")).otherwise(out)
    return frame.select(out).to_series()


def draw_forms(rng: np.random.Generator, n: int) -> pl.DataFrame:
    """Legal forms: suffix, pool, code_head."""
    forms = legal_forms()
    odds = forms["weight"].to_numpy()
    place = rng.choice(forms.height, n, p=odds / odds.sum())
    drawn: pl.DataFrame = forms.select("suffix", "pool", "code_head")[place.tolist()]
    return drawn


def draw_industries(rng: np.random.Generator, pool: pl.Series) -> pl.Series:
    """Industry words per entry of ``pool``; companies also combine two or take a general one."""
    n = len(pool)
    words = trade_words("company")
    edges = np.cumsum([TAILED, COMPOUND, TAIL_ONLY])
    kind = np.searchsorted(edges, rng.random(n), side="right")
    word, tail, other = pl.col("word"), pl.col("tail"), pl.col("other")
    company = (
        pl.when(pl.col("kind") == 0).then(
            word + pl.when(word.str.ends_with(tail)).then(pl.lit("")).otherwise(tail))
        .when(pl.col("kind") == 1).then(
            word + pl.when(word == other).then(pl.lit("")).otherwise(other))
        .when(pl.col("kind") == 2).then(tail)
        .otherwise(word)
    )  # fmt: skip
    columns = {
        "pool": pool, "kind": pl.Series(kind), "word": words.draw(rng, n),
        "tail": trade_words("tail").draw(rng, n), "other": words.draw(rng, n),
    }  # fmt: skip
    for name in ("factory", "shop", "cooperative", "partnership", "centre"):
        columns[name] = trade_words(name).draw(rng, n)
        company = pl.when(pl.col("pool") == name).then(pl.col(name)).otherwise(company)
    return pl.DataFrame(columns).select(company).to_series()


def owners_brands(rng: np.random.Generator, brands: pl.Series, pool: pl.Series) -> pl.Series:
    """``brands`` where a few shops bear their owner's name instead."""
    frame = pl.DataFrame(
        {"brand": brands, "pool": pool, "owner": person_names(rng, len(brands)),
         "draw": rng.random(len(brands))}
    )  # fmt: skip
    owned = (pl.col("pool") == "shop") & (pl.col("draw") < OWNER_IN_SHOP_NAME)
    return frame.select(pl.when(owned).then("owner").otherwise("brand")).to_series()
