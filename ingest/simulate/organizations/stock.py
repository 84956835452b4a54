"""Name parts shipped with the simulator, drawn up by hand and shared with no normaliser."""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from io import StringIO

import numpy as np
import polars as pl

from ingest.simulate.streams import Floats, Ints


@dataclass(frozen=True, slots=True)
class Weighted:
    """Texts with the odds of each; ``odds`` sum to 1."""

    texts: tuple[str, ...]
    odds: Floats

    def places(self, rng: np.random.Generator, n: int) -> Ints:
        """``n`` random places in ``texts``."""
        edges = np.cumsum(self.odds)
        found = np.searchsorted(edges, rng.random(n) * edges[-1], side="right")
        return np.asarray(np.minimum(found, len(self.texts) - 1), dtype=np.int64)

    def draw(self, rng: np.random.Generator, n: int) -> pl.Series:
        """``n`` random texts."""
        return pl.Series(self.texts, dtype=pl.String).gather(self.places(rng, n))


def weighted(pairs: list[tuple[str, float]]) -> Weighted:
    """Texts with weights of any sum."""
    odds = np.array([weight for _, weight in pairs], dtype=np.float64)
    return Weighted(tuple(text for text, _ in pairs), odds / odds.sum())


@cache
def shipped(name: str) -> tuple[dict[str, str], ...]:
    """Rows of ``data/<name>.csv`` of this room."""
    folder = files("ingest.simulate.organizations").joinpath("data")
    return tuple(csv.DictReader(StringIO(folder.joinpath(f"{name}.csv").read_text("utf-8"))))


@cache
def brand_characters() -> Weighted:
    """Characters of 字号 with their odds."""
    return weighted(
        [
            (c, float(row["weight"]))
            for row in shipped("brand_characters")
            for c in row["characters"]
        ]
    )


@cache
def favourite_brands() -> Weighted:
    """字号 that many founders think of, the first ones most (by rank, as in any vocabulary)."""
    brands = shipped("favourite_brands")[0]["brands"].split()
    return weighted([(brand, 1 / (rank + 10)) for rank, brand in enumerate(brands)])


@cache
def foreign_syllables(place: str) -> Weighted:
    """Characters of transliterated 字号: ``first``, ``middle`` or ``last``."""
    return weighted(
        [(c, 1.0) for row in shipped("foreign_syllables") if row["place"] == place
         for c in row["characters"]]
    )  # fmt: skip


@cache
def trade_words(pool: str) -> Weighted:
    """Industry words of a pool of legal forms (``company``, ``factory``, ...; ``tail``)."""
    return weighted(
        [(word, float(row["weight"])) for row in shipped("trade_words") if row["pool"] == pool
         for word in row["words"].split()]
    )  # fmt: skip


@cache
def legal_forms() -> pl.DataFrame:
    """Legal forms: suffix, pool, weight, code_head (first two places of the credit code)."""
    return pl.DataFrame(list(shipped("legal_forms"))).with_columns(
        pl.col("weight").cast(pl.Float64)
    )


@cache
def branch_tails(of_company: bool) -> Weighted:
    """What follows the head office's name in the name of its branch."""
    parent = "company" if of_company else "other"
    return weighted(
        [(r["tail"], float(r["weight"])) for r in shipped("branch_tails") if r["parent"] == parent]
    )


@cache
def stems(kind: str) -> tuple[str, ...]:
    """Stems of ``street``, ``town``, ``park``, ... names; repeated ones are commoner."""
    return next(tuple(r["stems"].split()) for r in shipped("streets") if r["kind"] == kind)


@cache
def traditional(form: str) -> tuple[list[str], list[str]]:
    """Simplified characters and their traditional ones, in the ``usual`` or a ``variant`` form."""
    rows = shipped("traditional")
    table = {s: t for r in rows if r["form"] == "usual"
             for s, t in zip(r["simplified"], r["traditional"], strict=True)}  # fmt: skip
    if form == "variant":
        table |= {s: t for r in rows if r["form"] == "variant"
                  for s, t in zip(r["simplified"], r["traditional"], strict=True)}  # fmt: skip
    return list(table), list(table.values())
