"""Licences that HW-08 and its look-alikes write themselves."""

from datetime import date

import polars as pl

from ingest.simulate.licences import licence_rows
from ingest.simulate.plants.casting import host
from ingest.simulate.scene import Row, Scene
from ingest.simulate.shipments import licence_numbers
from ingest.simulate.trades import TREATMENTS

USUAL_SPAN = (date(2023, 5, 1), date(2028, 4, 30))
# Far more of each category than a plant gets in a year, in a province of any size.
AMPLE_T_A = 20_000.0


def number_of(scene: Scene, firm: int) -> str:
    """The number of a plant's licence as its manifests cite it."""
    table = licence_numbers(scene.world).filter(pl.col("firm") == firm)
    return str(table["base_licence_no"][0])


def item(category: str, tonnes: float, method: str, code: str | None = None) -> Row:
    """An item of a licence."""
    return {"category": category, "licensed_t_a": tonnes, "method": method, "waste_code": code}


def usual_items(trade: int, method: str = "", code: str | None = None) -> list[Row]:
    """Items for all that plants of a kind take every day, by their usual method or another text."""
    kind = TREATMENTS[trade]
    return [item(c, AMPLE_T_A, method or kind.method, code) for c in kind.categories]


def license_plant(
    scene: Scene, firm: int, items: list[Row], span: tuple[date, date] = USUAL_SPAN, **given: str
) -> None:  # fmt: skip
    """Write a plant's licence; ``items`` have category, licensed_t_a, method, waste_code."""
    place = scene.world.firms().row(firm, named=True)
    head, lines = licence_rows(
        firm, number_of(scene, firm), span, items, lon_lat=(place["lon"], place["lat"]), **given
    )
    scene.delivery.hold("hw_licence", head)
    scene.delivery.hold("hw_licence_item", lines)


def host_with_licence(
    scene: Scene, trade: int, items: list[Row], *spans: tuple[date, date]
) -> int:  # fmt: skip
    """An everyday plant of a kind with a licence of these items, of the usual span if none."""
    plant = host(scene, trade)
    scene.licensed.append({"firm": plant})
    for span in spans or (USUAL_SPAN,):
        license_plant(scene, plant, items, span, mode=TREATMENTS[trade].mode)
    return plant
