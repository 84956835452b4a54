"""Random streams by name: adding a draw in one place never moves the draws of another."""

import zlib

import numpy as np
import numpy.typing as npt
import polars as pl

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
_MASK = 0xFFFFFFFFFFFFFFFF


def stream(seed: int, *labels: object) -> np.random.Generator:
    """Generator that depends on the seed and the labels only."""
    words = [zlib.crc32(str(label).encode()) for label in labels]
    return np.random.default_rng(np.random.SeedSequence([seed & 0xFFFFFFFF, *words]))


def hashed_uniform(ids: Ints, seed: int, label: str) -> Floats:
    """Uniform [0, 1) per id, the same for equal ids: a habit rather than an accident."""
    salt = np.uint64((zlib.crc32(label.encode()) * 0x9E3779B97F4A7C15 + seed) & _MASK)
    x = ids.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + salt
    x ^= x >> np.uint64(30)
    x *= np.uint64(0xBF58476D1CE4E5B9)
    x ^= x >> np.uint64(27)
    x *= np.uint64(0x94D049BB133111EB)
    x ^= x >> np.uint64(31)
    return (x >> np.uint64(11)).astype(np.float64) / float(1 << 53)


def pick(rng: np.random.Generator, choices: list[str], n: int) -> pl.Series:
    """``n`` random texts out of ``choices``."""
    return pl.Series(choices, dtype=pl.String).gather(rng.integers(0, len(choices), n))
