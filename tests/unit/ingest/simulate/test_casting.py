"""Planted cases share the plants of the province without blurring which case is which."""

from collections import Counter
from dataclasses import replace
from itertools import combinations

import polars as pl

from ingest.simulate.plants.casting import accomplices, honest, set_apart
from ingest.simulate.size import WorldSize
from ingest.simulate.stage import set_stage
from ingest.simulate.trades import INCINERATOR, LANDFILL, METAL, OIL, TREATMENTS
from ingest.simulate.truth import Case
from tests.unit.ingest.simulate.conftest import Province

NINE_PLANTS = WorldSize(
    generators=60, receivers=9, carriers=5, manifests=60, outlets=6, testing_bodies=2,
    operators=2, traders=6, bystanders=20, test_reports=10, cameras=20, street_passes=20,
)  # fmt: skip


def plants_of(province: Province, cases: list[Case]) -> list[set[int]]:
    """The licensed plants among the firms of each case."""
    known = set(province.scene.world.of_role("receiver")["firm"])
    return [known.intersection(case.firms) for case in cases]


def test_a_plant_of_a_loop_plays_in_no_other_case_of_loops(province: Province) -> None:
    parts = Counter(
        firm for plants in plants_of(province, province.cases("HW-11", "hit")) for firm in plants
    )
    assert max(parts.values()) == 1
    innocent = plants_of(province, province.cases("HW-11", "near_miss", "look_alike"))
    assert not any(plants & parts.keys() for plants in innocent)


def test_innocent_cases_have_at_most_one_plant_in_common(province: Province) -> None:
    innocent = plants_of(province, province.cases("HW-11", "near_miss", "look_alike"))
    assert len(innocent) >= 15
    assert max(len(a & b) for a, b in combinations(innocent, 2)) == 1


def test_a_plant_takes_the_loads_of_one_case_of_papers(province: Province) -> None:
    plants = plants_of(province, province.cases("HW-08"))
    assert max(Counter(firm for some in plants for firm in some).values()) == 1


def test_planted_cases_found_next_to_no_plants(province: Province) -> None:
    world = province.scene.world
    assert world.of_role("receiver").height - world.size.receivers <= 3


def test_plants_set_apart_have_no_everyday_loads_and_others_of_their_kind_have(
    province: Province,
) -> None:
    apart = province.scene.parts.apart
    everyday = province.events.shipments.filter(pl.col("tag").is_null())
    assert len(apart) >= 8
    assert not apart.intersection(everyday["receiver"])
    trades = province.scene.world.firms()["trade"].gather(everyday["receiver"].unique())
    assert set(trades) == set(range(len(TREATMENTS)))


def test_everyday_loads_of_a_plant_set_apart_go_to_its_kind() -> None:
    scene = set_stage(3, replace(NINE_PLANTS, receivers=40))
    before = scene.routes.table
    firm = set_apart(scene, OIL)
    moved = scene.routes.table.filter(before["receiver"] == firm)
    kinds = scene.world.firms()["trade"].gather(moved["receiver"])
    assert moved.height > 0
    assert firm not in moved["receiver"]
    assert set(kinds) == {OIL}
    assert scene.routes.table.filter(before["receiver"] != firm).equals(
        before.filter(before["receiver"] != firm)
    )


def test_plants_are_founded_where_the_province_has_none_left() -> None:
    scene = set_stage(3, NINE_PLANTS)
    first, second = accomplices(scene, METAL, METAL)
    assert first != second
    assert scene.world.of_role("receiver").height == 10
    assert set_apart(scene, OIL) not in scene.routes.table["receiver"]
    assert scene.world.of_role("receiver").height == 11
    three = honest(scene, LANDFILL, INCINERATOR, INCINERATOR)
    assert len(set(three)) == 3


def test_honest_plants_play_with_new_partners_each_time() -> None:
    scene = set_stage(3, NINE_PLANTS)
    casts = [frozenset(honest(scene, INCINERATOR, LANDFILL)) for _ in range(3)]
    assert len(set(casts)) == 3
    assert all(len(a & b) <= 1 for a, b in combinations(casts, 2))
