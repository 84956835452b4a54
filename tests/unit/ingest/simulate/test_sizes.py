"""The size ``small`` has about what its name promises, planted cases included."""

from dataclasses import dataclass
from datetime import date

import polars as pl
import pytest

from ingest.simulate.licences import operating_licences
from ingest.simulate.scene import Scene
from ingest.simulate.size import SIZES
from tests.unit.ingest.simulate.conftest import stage

FRESH_SEED = 20261231


@dataclass(frozen=True)
class Counted:
    """A province with everything planted, its licences of plants and its manifests of October."""

    scene: Scene
    licences: pl.DataFrame
    manifests: pl.DataFrame


@pytest.fixture(scope="module")
def small() -> Counted:
    """A province of a seed of its own: registers can be taken from its delivery only once."""
    made = stage(FRESH_SEED, SIZES["small"])
    scene, shipments = made.scene, made.events.shipments
    october = shipments.filter(pl.col("departed_at") >= pl.lit(date(2026, 10, 1)))
    taken = october.group_by("receiver", "category").agg(tonnes=pl.col("received_t").sum())
    operating_licences(scene.world, scene.delivery, taken.sort("receiver", "category"),
                       scene.own_licences())  # fmt: skip
    return Counted(scene, scene.delivery.take("hw_licence"), october)


def test_small_has_about_sixty_licensed_plants(small: Counted) -> None:
    assert 55 <= small.licences["uscc"].n_unique() <= 66
    assert 55 <= small.scene.world.of_role("receiver").height <= 66


@pytest.mark.parametrize(
    ("role", "least", "most"),
    [
        ("generator", 790, 810),
        ("carrier", 118, 126),
        ("tester", 20, 28),
        ("operator", 12, 36),
        ("trader", 60, 72),
    ],
)
def test_small_has_about_as_many_firms_of_each_role_as_it_says(
    small: Counted, role: str, least: int, most: int
) -> None:
    assert least <= small.scene.world.of_role(role).height <= most


def test_small_has_about_five_thousand_manifests_a_month(small: Counted) -> None:
    assert 4_700 <= small.manifests.height <= 5_300
    assert small.manifests["receiver"].n_unique() <= 70


def test_planted_cases_are_few_beside_everyday_manifests(small: Counted) -> None:
    planted = small.manifests.filter(pl.col("tag").is_not_null())
    assert planted.height < 0.06 * small.manifests.height
