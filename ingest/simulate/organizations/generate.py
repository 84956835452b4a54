"""Records of organisations and the truth about them, out of parameters and a seed."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from ingest.simulate.organizations.agencies import HABITS, Habit, missing_shares
from ingest.simulate.organizations.drafts import Draft
from ingest.simulate.organizations.filings import draw_filings
from ingest.simulate.organizations.intentions import draw_intentions
from ingest.simulate.organizations.parameters import OrganizationParameters
from ingest.simulate.organizations.regions import divisions
from ingest.simulate.organizations.world import make_world
from ingest.simulate.organizations.written_codes import write_codes, write_divisions
from ingest.simulate.organizations.written_contacts import (
    write_addresses,
    write_former_names,
    write_phones,
    write_representatives,
)
from ingest.simulate.organizations.written_names import write_names
from ingest.simulate.streams import Ints, stream

RECORD_COLUMNS = {
    "record_id": pl.Int64, "agency": pl.String, "name": pl.String, "former_name": pl.String,
    "code": pl.String, "division_code": pl.String, "phone": pl.String,
    "legal_representative": pl.String, "address": pl.String,
}  # fmt: skip
TRUTH_COLUMNS = {"record_id": pl.Int64, "entity_id": pl.Int64, "corruptions": pl.Int64}
ENTITY_COLUMNS = {
    "entity_id": pl.Int64, "kind": pl.String, "parent_id": pl.Int64, "name": pl.String,
    "former_name": pl.String, "code": pl.String, "division_code": pl.String,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Generated:
    """Records, and apart from them whom they mean.

    Attributes
    ----------
    records : pl.DataFrame
        :data:`RECORD_COLUMNS`; ``record_id`` counts from 0 in an order that tells nothing; values
        that an agency does not give are null.
    truth : pl.DataFrame
        :data:`TRUTH_COLUMNS`, one row per record in the same order; ``corruptions`` is a bit set
        of :class:`~ingest.simulate.organizations.corruptions.Corruption`.
    entities : pl.DataFrame
        :data:`ENTITY_COLUMNS`, one row per organisation: how it is registered today, and of whom
        it is a ``sister``, ``namesake``, ``subsidiary`` or ``branch`` (``parent_id``, else null).
    """

    records: pl.DataFrame
    truth: pl.DataFrame
    entities: pl.DataFrame


def generate_organizations(parameters: OrganizationParameters, seed: int) -> Generated:
    """Records of five agencies about made-up organisations of one province.

    Time and memory grow linearly; equal parameters and seed give equal frames, whatever the
    number of threads.

    Parameters
    ----------
    parameters : OrganizationParameters
        Size and shares.
    seed : int
        Any integer; its lowest 32 bits count.
    """
    world = make_world(parameters, seed)
    filings = draw_filings(parameters, seed)
    uncoded = missing_shares(tuple(map(len, filings)), parameters.missing_code_ratio)
    neighbour = _neighbours(world, seed)
    shown = stream(seed, "organizations", "entity ids").permutation(world.height)
    written = []
    for habit, firm, share in zip(HABITS, filings, uncoded, strict=True):
        rng = stream(seed, "organizations", "records", habit.agency)
        draft = draw_intentions(habit, rng, world[firm.tolist()], share, parameters)
        beside = world.select("division", "town", "street", "unit")[neighbour[firm].tolist()]
        written.append(_written(habit, draft, beside, shown[firm]))
    table = pl.concat(written)
    del written
    order = stream(seed, "organizations", "order").permutation(table.height)
    table = table[order.tolist()].with_columns(record_id=pl.int_range(table.height))
    return Generated(
        table.select(list(RECORD_COLUMNS)),
        table.select(list(TRUTH_COLUMNS)),
        _entities(world, shown),
    )


def _written(habit: Habit, draft: Draft, beside: pl.DataFrame, entity: Ints) -> pl.DataFrame:
    """Records of one agency; ``entity`` says whom each means."""
    columns = {
        "name": write_names(draft),
        "former_name": write_former_names(draft),
        "code": write_codes(draft),
        "division_code": write_divisions(draft),
        "phone": write_phones(draft),
        "legal_representative": write_representatives(draft),
        "address": write_addresses(draft, beside),
    }
    return pl.DataFrame(columns).with_columns(
        agency=pl.lit(habit.agency), entity_id=pl.Series(entity),
        corruptions=pl.Series(draft.bits),
    )  # fmt: skip


def _neighbours(world: pl.DataFrame, seed: int) -> Ints:
    """For every organisation one that stands beside it in lists by division."""
    division = world["division"].to_numpy()
    shuffle = stream(seed, "organizations", "neighbours").random(len(division))
    order = np.lexsort((shuffle, division))
    found = np.empty(len(division), dtype=np.int64)
    found[order] = np.roll(order, 1)
    return found


def _entities(world: pl.DataFrame, shown: Ints) -> pl.DataFrame:
    parent = world["parent"].to_numpy()
    parent_id = np.where(parent >= 0, shown[np.maximum(parent, 0)], -1)
    return (
        world.select("kind", "name", "former_name", "code",
                     entity_id=pl.Series(shown), parent_id=pl.Series(parent_id),
                     division_code=divisions()["division_code"].gather(world["division"]))
        .with_columns(parent_id=pl.when(pl.col("parent_id") >= 0).then("parent_id"))
        .sort("entity_id").select(list(ENTITY_COLUMNS))
    )  # fmt: skip
