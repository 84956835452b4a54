"""All organisations of a world, each with a name that the registrar would accept."""

import polars as pl

from ingest.simulate.organizations.composition import composed, trunk
from ingest.simulate.organizations.founding import NOBODY, found_firms
from ingest.simulate.organizations.parameters import OrganizationParameters
from ingest.simulate.organizations.regions import city_numbers
from ingest.simulate.organizations.relatives import branches, derived
from ingest.simulate.organizations.trades import draw_brands
from ingest.simulate.streams import stream

KINDS = ("sister", "namesake", "subsidiary", "branch")
MOST_ROUNDS = 30


def settle_firms(parameters: OrganizationParameters, seed: int) -> pl.DataFrame:
    """One row per organisation: the columns of ``FIRM_COLUMNS`` and the registered ``name``.

    Parents stand before their relatives; ``parent`` is the parent's row.
    """
    total = parameters.firm_count
    counts = {kind: int(total * getattr(parameters, f"{kind}_ratio")) for kind in KINDS}
    plain = found_firms(parameters, total - sum(counts.values()), seed)
    plain = _accepted(plain, seed, "plain")
    firms = pl.concat([plain, derived(plain, counts, seed)])
    firms = _accepted(firms, seed, "derived")
    firms = pl.concat([firms, branches(firms, counts["branch"], seed)])
    return firms.with_columns(name=composed())


def _accepted(firms: pl.DataFrame, seed: int, label: str) -> pl.DataFrame:
    """``firms`` without two of one name, nor two of one 字号 and trade in one city.

    Registrars refuse such names; whoever comes second takes a 字号 of four characters and is no
    relative any more.
    """
    rng = stream(seed, "organizations", "names", label)
    city = pl.Series("city", city_numbers(firms["division"].to_numpy()))
    for _ in range(MOST_ROUNDS):
        taken = firms.select(
            ~composed().is_first_distinct()
            | ~pl.struct(trunk().alias("trunk"), city).is_first_distinct()
        ).to_series()
        rows = taken.arg_true()
        if not len(rows):
            return firms
        firms = firms.with_columns(
            brand=firms["brand"].scatter(rows, draw_brands(rng, len(rows), long=True)),
            kind=firms["kind"].scatter(rows, "plain"),
            parent=firms["parent"].scatter(rows, NOBODY),
            at_parents=firms["at_parents"].scatter(rows, False),
        )
    raise RuntimeError(f"{len(rows)} names still taken after {MOST_ROUNDS} rounds")
