"""What is to go wrong with each record, drawn before anything is written."""

import numpy as np
import polars as pl

from ingest.simulate.organizations.agencies import Habit
from ingest.simulate.organizations.corruptions import (
    ACCIDENTS,
    CIRCUMSTANCES,
    Corruption,
)
from ingest.simulate.organizations.drafts import (
    BOOKKEEPER_PHONE,
    CONTACT_PHONE,
    MAIN_PHONE,
    NO_PHONE,
    Draft,
)
from ingest.simulate.organizations.founding import NOBODY
from ingest.simulate.organizations.parameters import OrganizationParameters
from ingest.simulate.streams import Ints

SHORT_WITHOUT_REGION = 0.6
HELD_OUT_ODDS = {
    Corruption.TRANSPOSED_NAME: 0.2,
    Corruption.OMITTED_INDUSTRY: 0.2,
    Corruption.RARE_HOMOPHONE: 0.2,
    Corruption.TRUNCATED_NAME: 0.1,
    Corruption.SWAPPED_PHONE: 0.1,
    Corruption.NEIGHBOUR_ADDRESS: 0.1,
    Corruption.SWAPPED_CODE: 0.1,
}


def draw_intentions(
    habit: Habit, rng: np.random.Generator, rows: pl.DataFrame, uncoded: float,
    parameters: OrganizationParameters,
) -> Draft:  # fmt: skip
    """A draft of the records ``rows`` of an agency that leaves ``uncoded`` of them without code."""
    n = rows.height
    draft = Draft(habit, rng, rows, np.zeros(n, dtype=np.int64), _phones(habit, rng, rows),
                  rng.random(n) < habit.representative, rng.random(n) < habit.address)  # fmt: skip
    _circumstances(draft, uncoded)
    _names(draft, parameters.slip_scale)
    _values(draft, parameters.slip_scale)
    _held_out(draft, parameters.held_out_ratio)
    return draft


def _phones(habit: Habit, rng: np.random.Generator, rows: pl.DataFrame) -> Ints:
    n = rows.height
    kept = rows["bookkeeper_phone"].is_not_null().to_numpy() & (rng.random(n) < habit.bookkeeper)
    other = np.where(rng.random(n) < habit.contact, CONTACT_PHONE, MAIN_PHONE)
    return np.where(
        rng.random(n) < habit.phone, np.where(kept, BOOKKEEPER_PHONE, other), NO_PHONE
    ).astype(np.int64)


def _circumstances(draft: Draft, uncoded: float) -> None:
    """What is absent, former or shared."""
    habit, rows = draft.habit, draft.rows
    draft.mark(Corruption.MISSING_CODE, draft.chance(uncoded))
    draft.mark(Corruption.MISSING_DIVISION, draft.chance(habit.no_division))
    draft.mark(Corruption.BOOKKEEPER_PHONE, draft.phone == BOOKKEEPER_PHONE)
    placed = draft.with_address | ~draft.has(Corruption.MISSING_DIVISION)
    outdated = rows["moved"].to_numpy() & placed & draft.chance(habit.outdated)
    draft.mark(Corruption.OUTDATED_PLACE, outdated)
    tenant = rows["incubator"].to_numpy() != NOBODY
    draft.mark(Corruption.INCUBATOR_ADDRESS, tenant & draft.with_address & ~outdated)
    draft.mark(Corruption.FORMER_NAME, rows["renamed"].to_numpy() & draft.chance(habit.former))
    draft.mark(
        Corruption.FORMER_REPRESENTATIVE,
        rows["re_represented"].to_numpy() & draft.with_representative
        & draft.chance(habit.former_representative),
    )  # fmt: skip


def _names(draft: Draft, scale: float) -> None:
    habit = draft.habit
    short = draft.chance(habit.short * scale)
    draft.mark(Corruption.SHORT_NAME, short)
    bare = draft.chance(habit.no_region * scale) | (short & draft.chance(SHORT_WITHOUT_REGION))
    draft.mark(Corruption.NO_REGION, bare)
    draft.mark(Corruption.WRONG_REGION, ~bare & draft.chance(habit.wrong_region * scale))
    draft.mark(Corruption.NOTATION, draft.chance(habit.notation * scale))
    draft.mark(Corruption.TRADITIONAL, draft.chance(habit.traditional * scale))
    homophone = draft.chance(habit.homophone * scale)
    draft.mark(Corruption.HOMOPHONE, homophone)
    draft.mark(Corruption.TYPO, ~homophone & draft.chance(habit.typo * scale))


def _values(draft: Draft, scale: float) -> None:
    habit = draft.habit
    coded = ~draft.has(Corruption.MISSING_CODE)
    lookalike = coded & draft.chance(habit.lookalike_code * scale)
    draft.mark(Corruption.LOOKALIKE_CODE, lookalike)
    draft.mark(
        Corruption.MISTYPED_CODE, coded & ~lookalike & draft.chance(habit.mistyped_code * scale)
    )
    placed = ~draft.has(Corruption.MISSING_DIVISION)
    draft.mark(Corruption.WRONG_DIVISION, placed & draft.chance(habit.wrong_division * scale))
    draft.mark(
        Corruption.MISTYPED_REPRESENTATIVE,
        draft.with_representative & draft.chance(habit.mistyped_representative * scale),
    )


def _held_out(draft: Draft, ratio: float) -> None:
    """In ``ratio`` of the wrongly written records a held-out slip instead of the tuned ones."""
    chosen = draft.has(~CIRCUMSTANCES) & draft.chance(ratio)
    draft.bits = np.where(chosen, draft.bits & ~int(ACCIDENTS), draft.bits)
    possible = {
        Corruption.SWAPPED_PHONE: draft.phone != NO_PHONE,
        Corruption.NEIGHBOUR_ADDRESS: draft.with_address,
        Corruption.SWAPPED_CODE: ~draft.has(Corruption.MISSING_CODE),
    }
    every = np.ones(len(chosen), dtype=bool)
    odds = np.stack(
        [possible.get(kind, every) * odd for kind, odd in HELD_OUT_ODDS.items()], axis=1
    )
    edges = np.cumsum(odds, axis=1)
    draw = draft.rng.random(len(chosen)) * edges[:, -1]
    number = (draw[:, None] >= edges).sum(axis=1)
    for place, kind in enumerate(HELD_OUT_ODDS):
        draft.mark(kind, chosen & (number == place))
    # A name cut short twice over would be no name any more.
    cut = draft.has(Corruption.OMITTED_INDUSTRY | Corruption.TRUNCATED_NAME)
    draft.mark(Corruption.SHORT_NAME, draft.has(Corruption.SHORT_NAME) & ~cut)
    bare = draft.has(Corruption.NO_REGION) & ~draft.has(Corruption.OMITTED_INDUSTRY)
    draft.mark(Corruption.NO_REGION, bare)
    moved_in = draft.has(Corruption.INCUBATOR_ADDRESS) & ~draft.has(Corruption.NEIGHBOUR_ADDRESS)
    draft.mark(Corruption.INCUBATOR_ADDRESS, moved_in)
