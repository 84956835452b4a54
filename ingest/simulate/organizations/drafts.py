"""One agency's records on their way: who is meant, what is to go wrong, what did."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from ingest.simulate.organizations.agencies import Habit
from ingest.simulate.organizations.corruptions import Corruption
from ingest.simulate.organizations.misspelling import Bools
from ingest.simulate.streams import Ints

NO_PHONE, MAIN_PHONE, CONTACT_PHONE, BOOKKEEPER_PHONE = range(4)


@dataclass(slots=True)
class Draft:
    """Records of one agency.

    The bits are drawn first, and taken back by whoever writes where a slip had no effect.

    Attributes
    ----------
    rows : pl.DataFrame
        What is true of the organisation of each record (columns of the world).
    bits : array
        Corruptions of each record; intended ones at first, true ones after writing.
    phone : array
        Which phone is written, ``NO_PHONE`` to ``BOOKKEEPER_PHONE``.
    with_representative, with_address : array
        Whether there is one at all.
    """

    habit: Habit
    rng: np.random.Generator
    rows: pl.DataFrame
    bits: Ints
    phone: Ints
    with_representative: Bools
    with_address: Bools

    def has(self, mask: Corruption) -> Bools:
        """Records that carry any of ``mask``."""
        return np.asarray((self.bits & int(mask)) != 0, dtype=np.bool_)

    def mark(self, mask: Corruption, where: Bools) -> None:
        """``mask`` is carried where ``where`` says so and nowhere else."""
        self.bits = np.where(where, self.bits | int(mask), self.bits & ~int(mask))

    def chance(self, share: float) -> Bools:
        """True for a random ``share`` of the records."""
        return np.asarray(self.rng.random(len(self.bits)) < share, dtype=np.bool_)
