"""What organisations were before: former names, places and representatives."""

import numpy as np
import polars as pl

from ingest.simulate.names import person_names
from ingest.simulate.organizations.composition import composed
from ingest.simulate.organizations.contacts import draw_streets, draw_units
from ingest.simulate.organizations.founding import draw_towns
from ingest.simulate.organizations.parameters import OrganizationParameters
from ingest.simulate.organizations.regions import draw_styles, elsewhere, region_words
from ingest.simulate.organizations.trades import draw_brands, draw_industries
from ingest.simulate.streams import stream

MOVED_TO_OTHER_CITY = 0.2
# What a new name changes: 字号, trade, region words, or the legal form.
NEW_BRAND, NEW_INDUSTRY, NEW_REGION = 0.45, 0.3, 0.15
OLD_FORMS = {
    "有限公司": "厂",
    "股份有限公司": "有限公司",
    "厂": "加工厂",
    "集团有限公司": "有限公司",
}


def with_history(
    firms: pl.DataFrame, parameters: OrganizationParameters, seed: int
) -> pl.DataFrame:
    """``firms`` with ``former_*`` columns and the flags ``renamed, moved, re_represented``.

    ``former_region, former_brand, former_industry, former_suffix`` (parts of the former name),
    ``former_name`` (null if never renamed), ``former_division, former_town, former_street,
    former_unit``, ``former_representative``; ``registered_in`` is the division in the code.
    Without a flag they hold the present value. Branches keep name and place.
    """
    rng = stream(seed, "organizations", "history")
    n = firms.height
    settled = firms["kind"] == "branch"
    moved = pl.Series(rng.random(n) < parameters.moved_ratio) & ~settled
    firms = _moves(rng, firms, moved)
    renamed = pl.Series(rng.random(n) < parameters.former_name_ratio) & ~settled
    firms = _renamings(rng, firms, renamed)
    replaced = pl.Series(rng.random(n) < parameters.new_representative_ratio)
    return firms.with_columns(
        registered_in="former_division",
        re_represented=replaced,
        former_representative=pl.when(replaced).then(pl.Series(person_names(rng, n)))
        .otherwise("representative"),
    )  # fmt: skip


def _moves(rng: np.random.Generator, firms: pl.DataFrame, moved: pl.Series) -> pl.DataFrame:
    n = firms.height
    division = firms["division"].to_numpy()
    far = rng.random(n) < MOVED_TO_OTHER_CITY
    old = np.where(
        far, elsewhere(rng, division, other_city=True), elsewhere(rng, division, other_city=False)
    )
    old = np.where(moved.to_numpy(), old, division)
    place = {
        "town": draw_towns(rng, old), "street": draw_streets(rng, old), "unit": draw_units(rng, n)
    }  # fmt: skip
    return firms.with_columns(
        moved=moved, moved_far=moved & pl.Series(far), former_division=pl.Series(old),
        **{f"former_{name}": pl.when(moved).then(value).otherwise(name)
           for name, value in place.items()},
    )  # fmt: skip


def _renamings(rng: np.random.Generator, firms: pl.DataFrame, renamed: pl.Series) -> pl.DataFrame:
    """Former names; whoever came from another city bore that one's name."""
    n = firms.height
    division = firms["former_division"].to_numpy()
    style = draw_styles(rng, division)
    far = firms["moved_far"]
    style = np.where(far.to_numpy(), firms["style"].to_numpy(), style)
    draw = pl.Series(rng.random(n))
    edges = np.cumsum([NEW_BRAND, NEW_INDUSTRY, NEW_REGION])
    only = renamed & ~far
    changes = {
        "region": (far | (only & (draw >= edges[1]) & (draw < edges[2])),
                   region_words(division, style, firms["former_town"])),
        "brand": (only & (draw < edges[0]), draw_brands(rng, n)),
        "industry": (only & (draw >= edges[0]) & (draw < edges[1]),
                     draw_industries(rng, firms["pool"])),
        "suffix": (only & (draw >= edges[2]), firms["suffix"].replace(OLD_FORMS)),
    }  # fmt: skip
    firms = firms.with_columns(
        **{f"former_{part}": pl.when(changed).then(old).otherwise(part)
           for part, (changed, old) in changes.items()}
    )  # fmt: skip
    old_name = firms.select(
        "number", "tail", "layout", **{part: f"former_{part}" for part in changes}
    ).select(name=composed())["name"]
    known = old_name.is_in(firms["name"].implode()) | ~old_name.is_first_distinct()
    return firms.with_columns(renamed=~known, former_name=pl.when(~known).then(old_name))
