"""Credit codes and division codes as agencies deliver them."""

import numpy as np
import polars as pl

from ingest.simulate.identifiers import CODE_ALPHABET, as_text
from ingest.simulate.organizations.corruptions import Corruption
from ingest.simulate.organizations.drafts import Draft
from ingest.simulate.organizations.regions import divisions, elsewhere
from ingest.simulate.streams import Ints

# Slips stay off the first place, which every clerk knows.
FIRST_MISTYPED, FIRST_SWAPPED = 1, 8
BOTH_LOOKALIKES = 0.3
WRONG_DIVISION_IN_CITY = 0.7


def write_codes(draft: Draft) -> pl.Series:
    """Credit codes, null where missing."""
    codes = draft.rows["code"]
    frame = pl.DataFrame({
        "code": codes,
        "lookalike": draft.has(Corruption.LOOKALIKE_CODE),
        "both": draft.chance(BOTH_LOOKALIKES),
        "missing": draft.has(Corruption.MISSING_CODE),
    })  # fmt: skip
    code = pl.col("code")
    zeros = code.str.replace_all("0", "O", literal=True)
    ones = code.str.replace_all("1", "I", literal=True)
    written = frame.select(
        pl.when("missing").then(None)
        .when(pl.col("lookalike") & pl.col("both"))
        .then(zeros.str.replace_all("1", "I", literal=True))
        .when(pl.col("lookalike") & (zeros != code)).then(zeros)
        .when("lookalike").then(ones)
        .otherwise(code)
    ).to_series()  # fmt: skip
    rows = np.flatnonzero(draft.has(Corruption.MISTYPED_CODE))
    written = written.scatter(rows, _mistyped(draft.rng, codes.gather(rows)))
    rows = np.flatnonzero(draft.has(Corruption.SWAPPED_CODE))
    return written.scatter(rows, swapped(draft.rng, codes.gather(rows), FIRST_SWAPPED))


def _characters(texts: pl.Series) -> "np.ndarray[tuple[int, int], np.dtype[np.uint8]]":
    """ASCII texts of one length as rows of bytes."""
    width = int(texts.str.len_bytes().max() or 1)  # type: ignore[arg-type]  # lengths are ints
    return np.array(texts.to_list(), dtype=f"S{width}").view(np.uint8).reshape(-1, width).copy()


def _mistyped(rng: np.random.Generator, codes: pl.Series) -> pl.Series:
    """One character exchanged for another of the alphabet."""
    if not len(codes):
        return codes
    characters = _characters(codes)
    rows = np.arange(len(codes))
    place = rng.integers(FIRST_MISTYPED, 18, len(codes))
    other = rng.integers(0, len(CODE_ALPHABET), len(codes))
    same = CODE_ALPHABET[other] == characters[rows, place]
    characters[rows, place] = CODE_ALPHABET[(other + same) % len(CODE_ALPHABET)]
    return as_text(characters)


def swapped(rng: np.random.Generator, texts: pl.Series, first: int) -> pl.Series:
    """Two different neighbours exchanged, none before place ``first``."""
    if not len(texts):
        return texts
    characters = _characters(texts)
    differ = (characters[:, :-1] != characters[:, 1:]) & (characters[:, 1:] > 0)
    differ[:, :first] = False
    place: Ints = (rng.random(differ.shape) * differ).argmax(axis=1)
    rows = np.flatnonzero(differ.any(axis=1))
    at = place[rows]
    characters[rows, at], characters[rows, at + 1] = characters[rows, at + 1], characters[rows, at]
    return as_text(characters)


def write_divisions(draft: Draft) -> pl.Series:
    """Division codes of six digits, null where missing; some of the city only."""
    outdated = draft.has(Corruption.OUTDATED_PLACE)
    division = np.where(
        outdated, draft.rows["former_division"].to_numpy(), draft.rows["division"].to_numpy()
    )
    near = draft.chance(WRONG_DIVISION_IN_CITY)
    other = np.where(
        near, elsewhere(draft.rng, division, other_city=False),
        elsewhere(draft.rng, division, other_city=True),
    )  # fmt: skip
    division = np.where(draft.has(Corruption.WRONG_DIVISION), other, division)
    frame = pl.DataFrame({
        "code": divisions()["division_code"].gather(division),
        "city": divisions()["city_code"].gather(division),
        "coarse": draft.chance(draft.habit.city_division) & ~draft.has(Corruption.WRONG_DIVISION),
        "missing": draft.has(Corruption.MISSING_DIVISION),
    })  # fmt: skip
    return frame.select(
        pl.when("missing").then(None).when("coarse").then("city").otherwise("code")
    ).to_series()
