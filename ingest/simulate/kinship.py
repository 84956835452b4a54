"""Everyday ties between firms: groups, families, people who change firms."""

from datetime import date

import numpy as np

from ingest.simulate.ownership import Post
from ingest.simulate.streams import stream
from ingest.simulate.world import World

GROUP_ROLES = ("generator", "receiver", "trader")


def tie_firms(world: World) -> None:
    """Holding companies with subsidiaries, families with two firms, managers who moved on."""
    _groups(world)
    _families(world)
    _moves(world)


def _groups(world: World) -> None:
    """One firm in twenty belongs to a group of three to six, wholly or by majority."""
    rng = stream(world.seed, "groups")
    members = rng.permutation(world.of_role(*GROUP_ROLES)["firm"].to_numpy())
    members = members[: max(4, len(members) // 20)]
    start = 0
    heads = []
    while start < len(members):
        size = int(rng.integers(3, 7))
        heads.append(members[start : start + size].tolist())
        start += size
    holdings = world.found("holding", len(heads), {
        "word": "控股",
        "scope": "一般项目：以自有资金从事投资活动；企业总部管理", "industry": "L7211",
    })  # fmt: skip
    for holding, firms in zip(holdings.tolist(), heads, strict=True):
        for firm in firms:
            world.ownership.owned_by_firm(holding, [firm], float(rng.choice([100, 80, 67, 51])))


def _families(world: World) -> None:
    """The owner of a works also owns a small firm of another kind."""
    rng = stream(world.seed, "families")
    works = world.of_role("generator", "trader", "carrier")
    chosen = works[np.sort(rng.choice(works.height, max(2, works.height // 40), False)).tolist()]
    second = world.found("bystander", chosen.height, {
        "legal_person": chosen["legal_person"], "division_code": chosen["division_code"],
        "phone": chosen["phone"], "insured_count": rng.integers(2, 9, chosen.height),
    })  # fmt: skip
    for firm, person in zip(second.tolist(), chosen["legal_person"].to_list(), strict=True):
        world.ownership.owned_by_person(person, [firm], 100.0)


def _moves(world: World) -> None:
    """Managers who left one firm and joined another."""
    rng = stream(world.seed, "moves")
    firms = world.of_role("generator", "receiver", "carrier", "trader", "tester", "operator")
    n = max(3, firms.height // 50)
    pairs = rng.choice(firms["firm"].to_numpy(), (n, 2), replace=True)
    years = rng.integers(2019, 2026, n)
    for person, (old, new), year in zip(world.people.hire(n), pairs, years, strict=True):
        if old == new:
            continue
        left = date(int(year), 6, 30)
        world.ownership.posts += [
            Post(int(old), int(person), "副总经理", to_on=left),
            Post(int(new), int(person), "副总经理", from_on=date(int(year), 9, 1)),
        ]
