"""Credit codes and ID numbers checked by column: GB 32100-2015 and GB 11643-1999."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
USCC_WEIGHTS = np.array([1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28])
PERSON_WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
PERSON_CHECKS = "10X98765432"
LENGTH = 18


def _places(alphabet: str) -> NDArray[np.int64]:
    table = np.full(128, -1, np.int64)
    for place, character in enumerate(alphabet):
        table[ord(character)] = place
    return table


USCC_PLACES = _places(USCC_ALPHABET)
DIGIT_PLACES = _places("0123456789X")


def pack(texts: pl.Series, width: int) -> NDArray[np.uint32]:
    """Code points of ``texts`` (nulls empty), shape (n, width), zero-padded, cut at ``width``."""
    cut = texts.fill_null("").str.slice(0, width).to_list()
    packed = np.array(cut, dtype=f"U{width}").reshape(len(cut))
    return np.ascontiguousarray(packed.view(np.uint32).reshape(len(cut), width))


def _digits(codes: pl.Series, places: NDArray[np.int64]) -> tuple[NDArray[np.int64], pl.Series]:
    points = pack(codes, LENGTH + 1)
    is_shaped = (points[:, LENGTH] == 0) & (points[:, LENGTH - 1] != 0) & (points < 128).all(axis=1)
    digits = places[np.where(points < 128, points, 0)[:, :LENGTH]]
    return digits, pl.Series(is_shaped & (digits >= 0).all(axis=1))


def valid_uscc(codes: pl.Series) -> pl.Series:
    """Whether each code is 18 characters of the alphabet with the right check character."""
    digits, is_shaped = _digits(codes, USCC_PLACES)
    check = (31 - (digits[:, :17] * USCC_WEIGHTS).sum(axis=1) % 31) % 31
    return is_shaped & pl.Series(check == digits[:, 17])


def valid_person_id(numbers: pl.Series) -> pl.Series:
    """Whether each number has a real birth date and the right check character."""
    digits, is_shaped = _digits(numbers, DIGIT_PLACES)
    checks = np.array([DIGIT_PLACES[ord(c)] for c in PERSON_CHECKS])
    check = checks[(digits[:, :17] * PERSON_WEIGHTS).sum(axis=1) % 11]
    is_number = is_shaped & pl.Series((digits[:, :17] < 10).all(axis=1))
    born = numbers.fill_null("").str.slice(6, 8).str.to_date("%Y%m%d", strict=False)
    return is_number & pl.Series(check == digits[:, 17]) & born.is_not_null()


def is_person_number(numbers: pl.Series) -> pl.Series:
    """Whether each code belongs to a person: a valid ID number or a masked one, no credit code."""
    masked = numbers.fill_null("").str.contains(r"^\d{3,10}\*+\d{0,4}[0-9X]?$")
    return (valid_person_id(numbers) | masked) & ~valid_uscc(numbers)


def satisfies_form(condition: str, frame: pl.DataFrame) -> pl.Series:
    """Whether the tuples of one mention meet its ``column~kind`` condition, else all true."""
    _, mark, kind = condition.partition("~")
    if not mark:
        return pl.Series([True] * frame.height, dtype=pl.Boolean)
    return is_person_number(frame["code"]) if kind == "person" else valid_uscc(frame["code"])
