"""Numbers with right check digits, made in columns: credit codes, ID numbers, phones, plates.

Sources: GB 32100-2015 (credit code), GB 11643-1999 (ID number), GB 16735 (VIN), GA 36-2018.
"""

import numpy as np
import polars as pl

from ingest.simulate.streams import Ints

CODE_ALPHABET = np.frombuffer(b"0123456789ABCDEFGHJKLMNPQRTUWXY", dtype=np.uint8)
CODE_WEIGHTS = np.array([1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28])
ID_WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
ID_CHECKS = np.frombuffer(b"10X98765432", dtype=np.uint8)
PLATE_CHARACTERS = np.frombuffer(b"0123456789ABCDEFGHJKLMNPQRSTUVWXYZ", dtype=np.uint8)
VIN_CHARACTERS = np.frombuffer(b"0123456789ABCDEFGHJKLMNPRSTUVWXYZ", dtype=np.uint8)
VIN_VALUES = dict(
    zip("0123456789ABCDEFGHJKLMNPRSTUVWXYZ",
        [*range(10), 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 7, 9, 2, 3, 4, 5, 6, 7, 8, 9],
        strict=True)
)  # fmt: skip
VIN_WEIGHTS = np.array([8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2])
# Assigned to no county, so that no real person's number can come out.
ID_DIVISION = "320599"
MOBILE_PREFIXES = (
    "130", "131", "132", "133", "135", "136", "137", "138", "139", "150", "151", "152",
    "153", "155", "156", "157", "158", "159", "177", "180", "181", "182", "183", "185",
    "186", "187", "188", "189",
)  # fmt: skip


def as_text(characters: "np.ndarray[tuple[int, int], np.dtype[np.uint8]]") -> pl.Series:
    """Rows of an ASCII matrix as texts."""
    width = characters.shape[1]
    joined = np.ascontiguousarray(characters).view(f"S{width}").ravel().astype(f"U{width}")
    return pl.Series(joined.tolist(), dtype=pl.String)


def credit_codes(rng: np.random.Generator, divisions: pl.Series) -> pl.Series:
    """Credit codes of firms registered in ``divisions`` (6 digits each), check digit right."""
    n = len(divisions)
    values = np.zeros((n, 18), dtype=np.int64)
    values[:, 0] = 9
    values[:, 1] = 1
    digits = divisions.cast(pl.Int64).to_numpy()
    for place in range(6):
        values[:, 7 - place] = digits // 10**place % 10
    values[:, 8] = rng.choice([20, 21], n)  # registrations of the last years begin MA
    values[:, 8:17] = rng.integers(0, 31, (n, 9))
    values[:, 17] = (31 - values[:, :17] @ CODE_WEIGHTS % 31) % 31
    return as_text(CODE_ALPHABET[values])


def id_numbers(serials: Ints) -> tuple[pl.Series, pl.Series]:
    """ID numbers and birth days of the persons ``serials``; unique for serials below 10^7."""
    day = (serials * 7_919 + 4_001) % 13_500
    sequence = serials // 13_500 * 2 + serials % 2 + 1
    births = np.datetime64("1964-01-01") + day.astype("timedelta64[D]")
    birth = pl.Series(births.astype("datetime64[ms]")).cast(pl.Date)
    head = pl.select(
        pl.lit(ID_DIVISION) + birth.dt.strftime("%Y%m%d")
        + pl.Series(sequence).cast(pl.String).str.zfill(3)
    ).to_series()  # fmt: skip
    digits = np.array(head.to_list(), dtype="S17").view(np.uint8).reshape(-1, 17) - 48
    check = ID_CHECKS[digits.astype(np.int64) @ ID_WEIGHTS % 11]
    return head + as_text(check.reshape(-1, 1)), birth


def mobile_numbers(serials: Ints, seed: int) -> pl.Series:
    """Mobile numbers, unique per serial."""
    body = (serials * 48_271 + seed * 7_907 + 12_345_677) % 100_000_000
    prefix = pl.Series(MOBILE_PREFIXES).gather(serials % len(MOBILE_PREFIXES))
    return prefix + pl.Series(body).cast(pl.String).str.zfill(8)


def plates(letters: pl.Series, serials: Ints, seed: int) -> pl.Series:
    """Ordinary Jiangsu plates (``苏E7K31B``), unique per serial within a city letter."""
    span = 10**4 * 24
    mixed = (serials * 104_729 + seed * 31 + 17) % span
    letter = pl.Series(list("ABCDEFGHJKLMNPQRSTUVWXYZ")).gather(mixed // 10**4)
    number = pl.Series(mixed % 10**4).cast(pl.String).str.zfill(4)
    first = number.str.slice(0, 1)
    return pl.select(pl.lit("苏") + letters + first + letter + number.str.slice(1)).to_series()


def frame_numbers(rng: np.random.Generator, n: int) -> pl.Series:
    """Vehicle identification numbers with check digit in place 9."""
    draws = rng.integers(0, len(VIN_CHARACTERS), (n, 17))
    draws[:, 0] = 20  # L: China
    table = np.array([VIN_VALUES[chr(c)] for c in VIN_CHARACTERS])
    check = table[draws] @ VIN_WEIGHTS % 11
    characters = VIN_CHARACTERS[draws]
    characters[:, 8] = np.frombuffer(b"0123456789X", dtype=np.uint8)[check]
    return as_text(characters)
