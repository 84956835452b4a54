"""Names as agencies write them: parts left out, slips, other scripts and brackets."""

import numpy as np
import polars as pl

from ingest.simulate.organizations.composition import (
    REGION_FIRST,
    brand_start,
    composed,
)
from ingest.simulate.organizations.corruptions import Corruption
from ingest.simulate.organizations.drafts import Draft
from ingest.simulate.organizations.misspelling import (
    likenesses,
    stretch,
    with_homophone,
    with_transposition,
    with_typo,
)
from ingest.simulate.organizations.regions import STYLES, elsewhere, region_words
from ingest.simulate.organizations.stock import traditional
from ingest.simulate.streams import Ints

REGION_OF_OTHER_LEVEL = 0.6
VARIANT_SCRIPT = 0.2
SHORTEST_FIELD, LONGEST_FIELD = 8, 11
BRACKETS = (("【", "】"), ("〔", "〕"), ("[", "]"), ("{", "}"))
BLANK_INSIDE, BLANK_OUTSIDE, PUNCTUATION = 0.5, 0.2, 0.15
MARKS = (".", "·", "-", "*", "。")


def write_names(draft: Draft) -> pl.Series:
    """The names; the bits of ``draft`` that concern names become true to them."""
    parts = _written_parts(draft)
    names = parts.select(name=composed())["name"]
    start = parts.select(brand_start()).to_series().to_numpy()
    first = (parts["layout"] == REGION_FIRST).to_numpy()
    brand = parts["brand"].str.len_chars().to_numpy().astype(np.int64)
    industry = parts["industry"].str.len_chars().to_numpy().astype(np.int64)
    names = _slips(draft, names, start, brand + industry * first)
    names = _in_traditional(draft, names)
    names = _truncated(draft, names, start + brand)
    wide = draft.chance(draft.habit.wide_brackets)
    frame = pl.DataFrame({"name": names, "wide": wide})
    names = frame.select(
        pl.when("wide").then(pl.col("name").str.replace_many(["(", ")"], ["（", "）"]))
        .otherwise("name")
    ).to_series()  # fmt: skip
    return _in_other_notation(draft, names)


def _written_parts(draft: Draft) -> pl.DataFrame:
    """Parts of the names after what is left out or replaced as a whole."""
    rows = draft.rows
    former = pl.Series(draft.has(Corruption.FORMER_NAME))
    parts = rows.select(
        *(pl.when(former).then(f"former_{part}").otherwise(part).alias(part)
          for part in ("region", "brand", "industry", "suffix")),
        "number", "tail", "layout", "division", "style", "town",
    )  # fmt: skip
    stated = (parts["region"] != "").to_numpy()
    bare = draft.has(Corruption.NO_REGION) & stated
    draft.mark(Corruption.NO_REGION, bare)
    wrong = draft.has(Corruption.WRONG_REGION) & stated & ~bare
    other = _other_regions(draft, parts)
    wrong &= (other != parts["region"]).to_numpy()
    draft.mark(Corruption.WRONG_REGION, wrong)
    short = draft.has(Corruption.SHORT_NAME) & (parts["number"] == "").to_numpy()
    draft.mark(Corruption.SHORT_NAME, short)
    omitted = pl.Series(draft.has(Corruption.OMITTED_INDUSTRY))
    return parts.with_columns(
        region=pl.when(pl.Series(bare)).then(pl.lit("")).when(pl.Series(wrong)).then(other)
        .otherwise("region"),
        suffix=pl.when(pl.Series(short)).then(pl.lit("")).otherwise("suffix"),
        industry=pl.when(omitted).then(pl.lit("")).otherwise("industry"),
    )  # fmt: skip


def _other_regions(draft: Draft, parts: pl.DataFrame) -> pl.Series:
    """The city for the county and the other way round, or a neighbouring division."""
    division, style = parts["division"].to_numpy(), parts["style"].to_numpy()
    of_city = np.isin(style, [STYLES.index("city"), STYLES.index("city_full")])
    level = np.where(of_city, STYLES.index("county"), STYLES.index("city"))
    same_place = draft.chance(REGION_OF_OTHER_LEVEL)
    neighbour = elsewhere(draft.rng, division, other_city=False)
    return region_words(
        np.where(same_place, division, neighbour),
        np.where(same_place, level, STYLES.index("county")),
        parts["town"],
    )


def _slips(draft: Draft, names: pl.Series, start: Ints, span: Ints) -> pl.Series:
    """One wrong character or two exchanged, within 字号 and industry words."""
    rng = draft.rng
    for mask, split in (
        (Corruption.HOMOPHONE, "tuned"), (Corruption.RARE_HOMOPHONE, "held_out"),
    ):  # fmt: skip
        rows = np.flatnonzero(draft.has(mask))
        some = names.gather(rows)
        text = stretch(some, start[rows], span[rows])
        written = with_homophone(rng, text, likenesses(split))
        done = np.zeros(len(names), dtype=bool)
        done[rows] = (written != some).to_numpy()
        if mask is Corruption.RARE_HOMOPHONE:  # a held-out slip of another kind in its place
            left = draft.has(mask) & ~done
            draft.mark(Corruption.TRANSPOSED_NAME, draft.has(Corruption.TRANSPOSED_NAME) | left)
        draft.mark(mask, done)
        names = names.scatter(rows, written)
    rows = np.flatnonzero(draft.has(Corruption.TYPO))
    written = with_typo(rng, names.gather(rows), start[rows], span[rows])
    names = _scattered(draft, Corruption.TYPO, names, rows, written)
    rows = np.flatnonzero(draft.has(Corruption.TRANSPOSED_NAME))
    text = stretch(names.gather(rows), start[rows], span[rows])
    return _scattered(draft, Corruption.TRANSPOSED_NAME, names, rows, with_transposition(rng, text))


def _scattered(
    draft: Draft, mask: Corruption, names: pl.Series, rows: Ints, written: pl.Series
) -> pl.Series:
    """``names`` with ``written`` in ``rows``, and ``mask`` where that made a difference."""
    done = np.zeros(len(names), dtype=bool)
    done[rows] = (written != names.gather(rows)).to_numpy()
    draft.mark(mask, done)
    return names.scatter(rows, written)


def _in_traditional(draft: Draft, names: pl.Series) -> pl.Series:
    rows = np.flatnonzero(draft.has(Corruption.TRADITIONAL))
    some = names.gather(rows).to_frame("name")
    variant = pl.Series(draft.rng.random(len(rows)) < VARIANT_SCRIPT)
    written = some.select(
        pl.when(variant).then(pl.col("name").str.replace_many(*traditional("variant")))
        .otherwise(pl.col("name").str.replace_many(*traditional("usual")))
    ).to_series()  # fmt: skip
    return _scattered(draft, Corruption.TRADITIONAL, names, rows, written)


def _truncated(draft: Draft, names: pl.Series, brand_end: Ints) -> pl.Series:
    """Names cut off at the end of a narrow field, never within 字号."""
    rows = np.flatnonzero(draft.has(Corruption.TRUNCATED_NAME))
    width = draft.rng.integers(SHORTEST_FIELD, LONGEST_FIELD, len(rows))
    some = names.gather(rows)
    lengths = some.str.len_chars().to_numpy().astype(np.int64)
    keep = np.minimum(np.maximum(width, brand_end[rows] + 1), lengths - 1)
    frame = pl.DataFrame({"name": some, "keep": keep})
    written = frame.select(pl.col("name").str.slice(0, pl.col("keep"))).to_series()
    return _scattered(draft, Corruption.TRUNCATED_NAME, names, rows, written)


def _in_other_notation(draft: Draft, names: pl.Series) -> pl.Series:
    """Blanks, marks, unusual brackets and small letters."""
    rng = draft.rng
    rows = np.flatnonzero(draft.has(Corruption.NOTATION))
    n = len(rows)
    edges = np.cumsum([BLANK_INSIDE, BLANK_OUTSIDE, PUNCTUATION])
    frame = pl.DataFrame({
        "name": names.gather(rows),
        "kind": np.searchsorted(edges, rng.random(n), side="right"),
        "place": 1 + (rng.random(n) * 6).astype(np.int64),
        "blank": pl.Series([" ", "　"]).gather(rng.integers(0, 2, n)),
        "mark": pl.Series(MARKS).gather(rng.integers(0, len(MARKS), n)),
        "brackets": rng.integers(0, len(BRACKETS), n),
        "front": rng.random(n) < 0.3,
    })  # fmt: skip
    name, blank = pl.col("name"), pl.col("blank")
    split = name.str.slice(0, pl.col("place")), name.str.slice(pl.col("place"))
    other = name
    for number, (opened, closed) in enumerate(BRACKETS):
        other = (
            pl.when(pl.col("brackets") == number)
            .then(name.str.replace_many(["(", ")", "（", "）"], [opened, closed] * 2))
            .otherwise(other)
        )
    other = other.str.to_lowercase()
    written = frame.select(
        pl.when(pl.col("kind") == 1)
        .then(pl.when("front").then(blank + name).otherwise(name + blank))
        .when(pl.col("kind") == 2)
        .then(pl.when("front").then(split[0] + pl.col("mark") + split[1])
              .otherwise(name + pl.col("mark")))
        .when((pl.col("kind") == 3) & (other != name)).then(other)
        .otherwise(split[0] + blank + split[1])
    ).to_series()  # fmt: skip
    return _scattered(draft, Corruption.NOTATION, names, rows, written)
