"""How each agency writes a firm: full, short, old, misspelt, without its code."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from ingest.simulate.names import BRAND_CHARACTERS
from ingest.simulate.streams import Ints, hashed_uniform, stream

# Drawn by hand for the syllables of our own names; not the table that undoes it.
TRADITIONAL = str.maketrans(
    "华达丽通远飞驰维优创杰贞铭车团动轮电机无医药业东荣庆义圆伟锦顺腾跃润环蓝",
    "華達麗通遠飛馳維優創傑貞銘車團動輪電機無醫藥業東榮慶義圓偉錦順騰躍潤環藍",
)
LOOKALIKES = dict(
    zip(
        "润恒鑫源盛瑞达康嘉诚利丰华科清澄海江晟昊旭辉",
        "闰桓兴元胜锐大糠佳城力峰化料青橙悔汇成吴旮挥",
        strict=True,
    )
)


@dataclass(frozen=True, slots=True)
class Habit:
    """Shares in which an agency uses each form; what is left is the full name.

    ``uncoded`` is the share of rows without credit code where the column may be empty.
    """

    short: float = 0.0
    no_region: float = 0.0
    former: float = 0.0
    typo: float = 0.01
    traditional: float = 0.0
    wide: float = 0.1
    uncoded: float = 0.0


HABITS: dict[str, Habit] = {
    "market": Habit(typo=0.0, wide=0.2),
    "tax": Habit(typo=0.004, former=0.2, wide=0.5),
    "ecology": Habit(short=0.1, no_region=0.06, former=0.4, typo=0.012, traditional=0.01,
                     wide=0.3, uncoded=0.1),
    "transport": Habit(short=0.12, no_region=0.08, former=0.3, typo=0.02, wide=0.3, uncoded=0.3),
    "police": Habit(short=0.1, no_region=0.1, typo=0.02, traditional=0.02, wide=0.4, uncoded=0.4),
    "social_insurance": Habit(typo=0.01, former=0.4, wide=0.3),
    "grid": Habit(short=0.2, no_region=0.1, former=0.5, typo=0.02, wide=0.2, uncoded=0.5),
    "enterprise": Habit(short=0.2, wide=0.2, uncoded=0.2),
}  # fmt: skip
UNCODED_BY_DATASET = {"manifest": 0.35, "enterprise": 0.2, "waybill": 0.4}


def misspelt(names: pl.Series, draws: Ints) -> pl.Series:
    """One character of the brand exchanged for a similar one (or another syllable)."""
    place = pl.Series(draws % 2 + 2)
    table = LOOKALIKES | {c: LOOKALIKES.get(c, BRAND_CHARACTERS[i * 7 % len(BRAND_CHARACTERS)])
                          for i, c in enumerate(BRAND_CHARACTERS)}  # fmt: skip
    frame = pl.DataFrame({"name": names, "place": place})
    at = pl.col("name").str.slice(pl.col("place"), 1)
    return frame.select(
        pl.col("name").str.slice(0, pl.col("place"))
        + at.replace(table)
        + pl.col("name").str.slice(pl.col("place") + 1)
    ).to_series()


def written_names(
    firms: pl.DataFrame, ids: pl.Series, agency: str, dataset: str, seed: int
) -> pl.Series:
    """Names as ``agency`` writes them in ``dataset``, one per entry of ``ids`` (null stays null).

    A firm is mostly written one way by one dataset (its habit); 3 % of rows differ.
    """
    habit = HABITS.get(agency, Habit())
    rng = stream(seed, "wording", dataset, ids.name, len(ids))
    number = ids.fill_null(0).to_numpy().astype(np.int64)
    usual = hashed_uniform(number, seed, f"{agency}/{dataset}")
    chance = np.where(rng.random(len(ids)) < 0.03, rng.random(len(ids)), usual)
    columns = ["name", "brand", "word", "suffix", "former_name"]
    frame = firms.select(columns)[number.tolist()].with_columns(
        chance=pl.Series(chance), wide=pl.Series(rng.random(len(ids)) < habit.wide)
    )
    frame = frame.with_columns(
        typo=misspelt(frame["name"], rng.integers(0, 1_000, len(ids))),
        older=pl.col("former_name").is_not_null(),
    )
    edges = np.cumsum([habit.short, habit.no_region, habit.typo, habit.traditional])
    draw = pl.col("chance")
    chosen = frame.with_columns(
        out=pl.when(draw < edges[0]).then(pl.col("brand") + pl.col("word"))
        .when(draw < edges[1]).then(pl.col("brand") + pl.col("word") + pl.col("suffix"))
        .when(draw < edges[2]).then(pl.col("typo"))
        .when(draw < edges[3]).then(
            pl.col("name").str.replace_many(list(map(chr, TRADITIONAL)),
                                            list(map(chr, TRADITIONAL.values()))))
        .when((draw > 1 - habit.former) & pl.col("older")).then(pl.col("former_name"))
        .otherwise(pl.col("name"))
    )  # fmt: skip
    chosen = chosen.with_columns(
        out=pl.when(pl.col("wide"))
        .then(pl.col("out").str.replace_many(["(", ")"], ["（", "）"]))
        .otherwise(pl.col("out"))
    )
    written: pl.Series = chosen.select(pl.when(ids.is_not_null()).then(pl.col("out"))).to_series()
    return written


def written_codes(
    firms: pl.DataFrame, ids: pl.Series, agency: str, dataset: str, seed: int, required: bool
) -> pl.Series:
    """Credit codes as delivered: some missing where they may be, a few with O for 0."""
    habit = HABITS.get(agency, Habit())
    share = 0.0 if required else UNCODED_BY_DATASET.get(dataset, habit.uncoded)
    rng = stream(seed, "codes", dataset, ids.name, len(ids))
    codes = firms["uscc"].gather(ids.fill_null(0))
    empty = pl.Series(rng.random(len(ids)) < share) | ids.is_null()
    confused = pl.Series(rng.random(len(ids)) < (0.01 if agency in ("ecology", "transport") else 0))
    return pl.select(
        pl.when(empty).then(None)
        .when(confused).then(codes.str.replace_all("0", "O", literal=True))
        .otherwise(codes)
    ).to_series()  # fmt: skip
