"""Ordinary ties between firms, and what the registry makes of them."""

from datetime import date

import polars as pl
import pytest

from ingest.simulate.kinship import tie_firms
from ingest.simulate.registry import registers
from ingest.simulate.settle import settle
from tests.unit.ingest.simulate.conftest import Province


@pytest.fixture(scope="module")
def register(ordinary: Province) -> dict[str, pl.DataFrame]:
    """Tables of the market registry as delivered."""
    delivery = ordinary.scene.delivery
    registers(ordinary.scene.world, delivery)
    return {name: delivery.take(name) for name in ("company", "shareholder", "officer")}


def test_shares_of_a_firm_never_exceed_the_whole(register: dict[str, pl.DataFrame]) -> None:
    sums = register["shareholder"].group_by("uscc").agg(pl.col("pct").sum())
    assert sums["pct"].max() <= 100.0
    assert (sums["pct"] == 100.0).sum() > sums.height * 0.9


def test_groups_are_held_by_firms_and_stay_below_the_hub(register: dict[str, pl.DataFrame]) -> None:
    held = register["shareholder"].filter(pl.col("holder_kind") == "企业法人")
    known = set(register["company"]["uscc"])
    assert held.height >= 30
    assert set(held["holder_id"]) <= known
    assert held.group_by("holder_id").len()["len"].max() <= 20


def test_managers_who_moved_have_left_the_first_firm(register: dict[str, pl.DataFrame]) -> None:
    moved = register["officer"].filter(pl.col("post") == "副总经理")
    by_person = moved.group_by("person_id").agg(
        left=pl.col("valid_to").max(),
        joined=pl.col("valid_from").max(),
        firms=pl.col("uscc").n_unique(),
    )
    assert by_person.height >= 10
    assert by_person["left"].null_count() == 0
    assert (by_person["left"] < by_person["joined"]).all()
    assert (by_person["firms"] == 2).all()


def test_ties_repeat_for_the_same_seed(ordinary: Province) -> None:
    world = settle(ordinary.scene.world.seed, ordinary.scene.world.size)
    tie_firms(world)
    assert world.ownership == ordinary.scene.world.ownership


def test_some_trading_firms_are_young_or_small_and_innocent(ordinary: Province) -> None:
    firms = ordinary.scene.world.of_role("trader", "bystander")
    assert (firms["insured_count"] <= 2).sum() >= 10
    assert firms.filter(pl.col("founded_on") > date(2025, 10, 31)).height >= 3
