"""What can be amiss with a record, as bits: what a bench may tune on, and what it may not."""

from enum import IntFlag, auto

import polars as pl


class Corruption(IntFlag):
    """One bit per way in which a record differs from its firm's registered state.

    Names say what the record carries: ``TYPO`` a wrong, lost or doubled character in the name,
    ``OUTDATED_PLACE`` region and address from before a move, and so on.
    """

    MISSING_CODE = auto()
    MISSING_DIVISION = auto()
    BOOKKEEPER_PHONE = auto()
    INCUBATOR_ADDRESS = auto()

    SHORT_NAME = auto()
    NO_REGION = auto()
    WRONG_REGION = auto()
    NOTATION = auto()
    TRADITIONAL = auto()
    FORMER_NAME = auto()
    OUTDATED_PLACE = auto()
    FORMER_REPRESENTATIVE = auto()

    HOMOPHONE = auto()
    TYPO = auto()
    WRONG_DIVISION = auto()
    LOOKALIKE_CODE = auto()
    MISTYPED_CODE = auto()
    MISTYPED_REPRESENTATIVE = auto()

    TRANSPOSED_NAME = auto()
    OMITTED_INDUSTRY = auto()
    RARE_HOMOPHONE = auto()
    TRUNCATED_NAME = auto()
    SWAPPED_PHONE = auto()
    NEIGHBOUR_ADDRESS = auto()
    SWAPPED_CODE = auto()


# Values that are absent, or rightly shared with other firms: nothing is written wrongly.
CIRCUMSTANCES = (
    Corruption.MISSING_CODE
    | Corruption.MISSING_DIVISION
    | Corruption.BOOKKEEPER_PHONE
    | Corruption.INCUBATOR_ADDRESS
)
# Slips of the hand; a held-out slip takes their place in a record.
ACCIDENTS = (
    Corruption.HOMOPHONE
    | Corruption.TYPO
    | Corruption.WRONG_DIVISION
    | Corruption.LOOKALIKE_CODE
    | Corruption.MISTYPED_CODE
    | Corruption.MISTYPED_REPRESENTATIVE
)
HELD_OUT = (
    Corruption.TRANSPOSED_NAME
    | Corruption.OMITTED_INDUSTRY
    | Corruption.RARE_HOMOPHONE
    | Corruption.TRUNCATED_NAME
    | Corruption.SWAPPED_PHONE
    | Corruption.NEIGHBOUR_ADDRESS
    | Corruption.SWAPPED_CODE
)
TUNED = ~HELD_OUT
# Codes with one of these are invalid or have characters that GB 32100 does not know.
SPOILT_CODE = Corruption.LOOKALIKE_CODE | Corruption.MISTYPED_CODE | Corruption.SWAPPED_CODE


def carries(mask: Corruption, column: str = "corruptions") -> pl.Expr:
    """Whether a bit set carries any of ``mask``."""
    return (pl.col(column) & int(mask)) != 0


def corruption_names(bits: pl.Series) -> pl.Series:
    """Names of the bits of each entry, in order of declaration, as a list column."""
    column = pl.col(bits.name)
    named = [pl.when((column & int(c)) != 0).then(pl.lit(str(c.name).lower())) for c in Corruption]
    return bits.to_frame().select(pl.concat_list(named).list.drop_nulls()).to_series()
