"""Firms of their own: form, name parts, place; some of them in incubators."""

import numpy as np
import polars as pl

from ingest.simulate.organizations import composition
from ingest.simulate.organizations.parameters import OrganizationParameters
from ingest.simulate.organizations.regions import (
    STYLES,
    draw_divisions,
    draw_styles,
    region_words,
)
from ingest.simulate.organizations.stock import stems
from ingest.simulate.organizations.trades import (
    draw_brands,
    draw_forms,
    draw_industries,
    owners_brands,
)
from ingest.simulate.streams import Ints, stream

NOBODY = -1
SHOP_WITH_TOWN = 0.55
LAYOUT_ODDS = (0.90, 0.075, 0.025)
TOWNS_PER_DIVISION = 9
SMALLEST_INCUBATOR, LARGEST_INCUBATOR = 60, 600
# One row per organisation; its place is its entity id until the numbers are dealt out.
FIRM_COLUMNS = {
    "kind": pl.String, "parent": pl.Int64, "member": pl.Int64, "division": pl.Int64,
    "style": pl.Int64, "town": pl.String, "region": pl.String, "brand": pl.String,
    "industry": pl.String, "number": pl.String, "suffix": pl.String, "tail": pl.String,
    "layout": pl.Int64, "pool": pl.String, "code_head": pl.String, "incubator": pl.Int64,
    "at_parents": pl.Boolean,
}  # fmt: skip


def found_firms(parameters: OrganizationParameters, n: int, seed: int) -> pl.DataFrame:
    """``n`` firms without relatives, columns :data:`FIRM_COLUMNS`."""
    rng = stream(seed, "organizations", "founding")
    division = draw_divisions(rng, n)
    incubator = _incubators(rng, parameters, n, division)
    forms = draw_forms(rng, n)
    town = draw_towns(rng, division)
    brands = owners_brands(rng, draw_brands(rng, n), forms["pool"])
    firms = pl.DataFrame({
        "kind": pl.repeat("plain", n, eager=True),
        "parent": pl.repeat(NOBODY, n, dtype=pl.Int64, eager=True),
        "member": pl.repeat(0, n, dtype=pl.Int64, eager=True),
        "division": division,
        "town": town,
        "brand": brands,
        "industry": draw_industries(rng, forms["pool"]),
        "suffix": forms["suffix"],
        "pool": forms["pool"],
        "code_head": forms["code_head"],
        "incubator": incubator,
    })  # fmt: skip
    firms = firms.with_columns(
        number=pl.lit(""), tail=pl.lit(""), at_parents=pl.lit(False),
        style=pl.Series(_styles(rng, division, forms["pool"])),
        layout=pl.Series(_layouts(rng, n)),
    )  # fmt: skip
    return with_regions(firms)


def with_regions(firms: pl.DataFrame) -> pl.DataFrame:
    """``firms`` with the region words that follow from division, style and town."""
    words = region_words(firms["division"].to_numpy(), firms["style"].to_numpy(), firms["town"])
    return firms.with_columns(region=words).select(list(FIRM_COLUMNS))


def draw_towns(rng: np.random.Generator, division: Ints) -> pl.Series:
    """A town per entry; each division has a few of its own."""
    names, kinds = stems("town"), stems("kind_of_town")
    place = (division * 11 + rng.integers(0, TOWNS_PER_DIVISION, len(division))) % len(names)
    kind = pl.Series(kinds, dtype=pl.String).gather(place % len(kinds))
    return pl.Series(names, dtype=pl.String).gather(place) + kind


def _styles(rng: np.random.Generator, division: Ints, pool: pl.Series) -> Ints:
    """How names state their region; shops often with the town."""
    towned = (pool == "shop").to_numpy() & (rng.random(len(division)) < SHOP_WITH_TOWN)
    return np.where(towned, STYLES.index("town"), draw_styles(rng, division))


def _layouts(rng: np.random.Generator, n: int) -> Ints:
    layouts = (composition.REGION_FIRST, composition.REGION_AFTER_BRAND,
               composition.REGION_AFTER_INDUSTRY)  # fmt: skip
    return rng.choice(layouts, n, p=LAYOUT_ODDS).astype(np.int64)


def _incubators(
    rng: np.random.Generator, parameters: OrganizationParameters, n: int, division: Ints
) -> Ints:
    """Incubator of each firm or nobody; ``division`` follows the incubator's place."""
    tenants = np.sort(rng.permutation(n)[: round(n * parameters.incubator_ratio)])
    sizes = rng.integers(SMALLEST_INCUBATOR, LARGEST_INCUBATOR, n // SMALLEST_INCUBATOR + 1)
    number = np.searchsorted(np.cumsum(sizes), rng.permutation(len(tenants)), side="right")
    places = draw_divisions(rng, len(sizes))
    found = np.full(n, NOBODY, dtype=np.int64)
    found[tenants] = number
    division[tenants] = places[number]
    return found
