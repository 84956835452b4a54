"""Which licensed plants of the province play in which planted case.

A plant is in one loop at most, and is then in no innocent case of that model. Near misses and
look-alikes share the plants that are left, since an honest plant has dealings with many: but no
two of these cases share two plants, so that what runs between two plants belongs to one case. A
plant whose licence tells of one case is out of everyday business. Where a province has no plant
left for a part, a new one is founded.
"""

from collections import Counter
from itertools import product

import polars as pl

from ingest.simulate.scene import Scene
from ingest.simulate.transfers import redirected


def accomplices(scene: Scene, *trades: int) -> list[int]:
    """One plant of each kind (indices of TREATMENTS) for a loop; they play in no other one."""
    parts = scene.parts
    chosen: list[int] = []
    for trade in trades:
        known = parts.guilty.union(*parts.troupes)
        free = [firm for firm in reversed(_everyday(scene, trade)) if firm not in known]
        free.sort(key=lambda firm: firm in parts.hosts)
        firm = free[0] if free else scene.found_plant(trade)
        parts.guilty.add(firm)
        chosen.append(firm)
    scene.taken.update(chosen)
    return chosen


def honest(scene: Scene, *trades: int) -> list[int]:
    """One plant of each kind for an innocent case, first those that play in few such cases."""
    parts = scene.parts
    played = Counter(firm for troupe in parts.troupes for firm in troupe)
    pools = [
        sorted(set(_everyday(scene, trade)) - parts.guilty, key=lambda firm: (played[firm], firm))
        for trade in trades
    ]
    fitting = (
        cast for cast in product(*pools)
        if len(set(cast)) == len(cast) and all(len(t.intersection(cast)) < 2 for t in parts.troupes)
    )  # fmt: skip
    chosen = list(next(fitting, ())) or [scene.found_plant(trade) for trade in trades]
    parts.troupes.append(frozenset(chosen))
    scene.taken.update(chosen)
    return chosen


def host(scene: Scene, trade: int) -> int:
    """An everyday plant of a kind for loads of HW-08; one that has no others, if there is any."""
    plants = _everyday(scene, trade)
    firm = next((firm for firm in plants if firm not in scene.parts.hosts), plants[0])
    scene.parts.hosts.add(firm)
    scene.taken.add(firm)
    return firm


def set_apart(scene: Scene, trade: int) -> int:
    """A plant of a kind whose licence one case writes: others take over its everyday business."""
    parts = scene.parts
    plants = _everyday(scene, trade)
    playing = parts.guilty.union(parts.hosts, *parts.troupes)
    free = [firm for firm in plants if firm not in playing]
    if not free or len(plants) == 1:
        return found_apart(scene, trade)
    firm = free[-1]
    scene.routes = redirected(
        scene.world, scene.routes, firm, [other for other in plants if other != firm]
    )
    _write_its_licence(scene, firm)
    return firm


def found_apart(scene: Scene, trade: int) -> int:
    """A new plant of a kind whose licence one case writes."""
    firm = scene.found_plant(trade)
    _write_its_licence(scene, firm)
    return firm


def _write_its_licence(scene: Scene, firm: int) -> None:
    scene.parts.apart.add(firm)
    scene.taken.add(firm)
    scene.licensed.append({"firm": firm})


def _everyday(scene: Scene, trade: int) -> list[int]:
    """Plants of a kind with everyday business, or founded for loops."""
    plants = scene.world.of_role("receiver").filter(pl.col("trade") == trade)["firm"].to_list()
    return [firm for firm in plants if firm not in scene.parts.apart]
