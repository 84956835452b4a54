"""One small province for the whole session: its scene and what happened in it.

Strategy: what the simulator plants is checked on the events before they become files, by plain
loops over rows that know nothing of any detector.
"""

from dataclasses import dataclass

import polars as pl
import pytest

from ingest.simulate.penalties import everyday_penalties
from ingest.simulate.plants import plant_all
from ingest.simulate.scene import Scene
from ingest.simulate.shipments import Serials
from ingest.simulate.size import SIZES, WorldSize
from ingest.simulate.stage import Happenings, happen, set_stage
from ingest.simulate.truth import Case

SEED = 20261101


@dataclass(frozen=True)
class Province:
    """A staged province and the happenings of all its periods, put together."""

    scene: Scene
    events: Happenings

    def cases(self, model: str, *kinds: str) -> list[Case]:
        """Cases of a model, of some kinds if any are named."""
        return [c for c in self.scene.truth.cases
                if c.model == model and (not kinds or c.kind in kinds)]  # fmt: skip

    def of_case(self, frame: pl.DataFrame, case: Case) -> pl.DataFrame:
        """Rows of a case."""
        return frame.filter(pl.col("tag").str.split("+").list.contains(case.tag))


def stage(seed: int, size: WorldSize, *, planted: bool = True) -> Province:
    """A province of some size."""
    scene = set_stage(seed, size)
    if planted:
        plant_all(scene)
    serials = Serials()
    periods = [happen(scene, period, serials) for period in size.periods()]
    return Province(scene, Happenings(*(
        pl.concat([getattr(period, part) for period in periods])
        for part in ("shipments", "hauls", "trips", "sales")
    )))  # fmt: skip


@pytest.fixture(scope="session")
def province() -> Province:
    """A small province with everything planted and everyday penalties."""
    staged = stage(SEED, SIZES["small"])
    everyday_penalties(staged.scene)
    return staged


@pytest.fixture(scope="session")
def ordinary() -> Province:
    """The same small province with nothing planted."""
    return stage(SEED, SIZES["small"], planted=False)
