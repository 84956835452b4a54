"""Loads with papers: the licensed plants, trucks and crews that HW-08 and its look-alikes need."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import numpy as np
import polars as pl

from ingest.simulate.licences import licence_rows
from ingest.simulate.scene import Row, Scene, moment
from ingest.simulate.shipments import licence_numbers
from ingest.simulate.trades import TREATMENTS
from ingest.simulate.transfers import Fleet
from ingest.simulate.truth import Kind, Severity
from ingest.simulate.workdays import is_workday

MODEL = "HW-08"
USUAL_SPAN = (date(2023, 5, 1), date(2028, 4, 30))


@dataclass(slots=True)
class Loads:
    """A case of HW-08: ``count`` loads of ``tonnes`` of one code to one plant.

    ``first_day`` is the day before the end on which the last load goes; ``extra`` overrides columns
    of the transfers; ``days`` fixes the days instead.
    """

    kind: Kind
    severity: Severity
    name: str
    why: str
    shipper: int
    receiver: int
    code: str
    method: str
    tonnes: float = 12.0
    count: int = 3
    first_day: int = 4
    days: Sequence[date] = ()
    truck: Row | None = None
    extra: Row = field(default_factory=dict)


def plant_of(scene: Scene, trade: int) -> int:
    """A new plant of a kind without everyday deliveries, its licence to be written by the case."""
    kind = TREATMENTS[trade]
    rng = scene.random(f"{MODEL} plant {scene.world.firm_count}")
    firm = scene.found_firms(
        "receiver", 1, trade=trade, word=kind.words[int(rng.integers(0, len(kind.words)))],
        industry="N7724", insured_count=int(rng.integers(20, 90)),
        scope="许可项目：危险废物经营（依法须经批准的项目）",
    )[0]  # fmt: skip
    scene.licensed.append({"firm": firm})
    return firm


def usual_plant(scene: Scene, trade: int) -> int:
    """An everyday plant of a kind, with its usual licence; one that no other case uses if any."""
    every = scene.world.of_role("receiver").head(scene.world.size.receivers)
    firms = every.filter(pl.col("trade") == trade)["firm"].to_list()
    free = [firm for firm in firms if firm not in scene.taken] or firms
    scene.taken.add(free[0])
    return int(free[0])


def number_of(scene: Scene, firm: int) -> str:
    """The number of a plant's licence as its manifests cite it."""
    table = licence_numbers(scene.world).filter(pl.col("firm") == firm)
    return str(table["base_licence_no"][0])


def license_plant(
    scene: Scene, firm: int, items: list[Row], span: tuple[date, date] = USUAL_SPAN, **given: str
) -> None:  # fmt: skip
    """Write a plant's licence; ``items`` have category, licensed_t_a, method, waste_code."""
    place = scene.world.firms().row(firm, named=True)
    number = given.pop("licence_no", None) or number_of(scene, firm)
    head, lines = licence_rows(
        firm, number, span, items, lon_lat=(place["lon"], place["lat"]), **given,
    )  # fmt: skip
    scene.delivery.hold("hw_licence", head)
    scene.delivery.hold("hw_licence_item", lines)


def item(category: str, tonnes: float, method: str, code: str | None = None) -> Row:
    """An item of a licence."""
    return {"category": category, "licensed_t_a": tonnes, "method": method, "waste_code": code}


@dataclass(frozen=True, slots=True)
class Papers:
    """Papers of a truck and its crew; None means that they end when papers usually do."""

    permit_to: date | None = None
    driver_to: date | None = None
    is_permitted: bool = True
    has_escort_paper: bool = True


USUAL_PAPERS = Papers()


def crew(scene: Scene, carrier: int, papers: Papers = USUAL_PAPERS) -> Row:
    """A new truck of a carrier with a new crew."""
    world = scene.world
    given: Row = {"vehicle_kind": "厢式", "rated_load_t": 15.0, "trailer_plate": None}
    if papers.permit_to:
        given["permit_to"] = papers.permit_to
    vehicle = int(world.buy_vehicles(np.array([carrier], dtype=np.int64), given)[0])
    driver, escort = (int(person) for person in world.people.hire(2))
    row = pl.DataFrame(
        [{"vehicle": vehicle, "owner": carrier, "driver": driver, "escort": escort,
          "driver_valid_to": papers.driver_to, "is_permitted": papers.is_permitted,
          "escort_certified": papers.has_escort_paper}],
        schema_overrides={"driver_valid_to": pl.Date},
    )  # fmt: skip
    scene.fleet = Fleet(pl.concat([scene.fleet.trucks, row], how="diagonal"))
    return {"carrier": carrier, "vehicle": vehicle, "driver": driver, "escort": escort}


def carrier_of(scene: Scene, number: int) -> int:
    """An everyday carrier."""
    carriers = scene.world.of_role("carrier").head(scene.world.size.carriers)["firm"]
    return int(carriers[number * 11 % len(carriers)])


def stage(scene: Scene, loads: Loads) -> str:
    """Put the loads of a case on stage; the case's tag."""
    days = list(loads.days) or working_days_before(loads.first_day, loads.count)
    rng = scene.random(f"{MODEL} loads {loads.name}")
    starts = [datetime(d.year, d.month, d.day) + timedelta(minutes=int(rng.integers(430, 600)))
              for d in days]  # fmt: skip
    truck = loads.truck or scene.truck()
    carriers = [int(str(truck["carrier"]))] if loads.truck else []
    firms = list(dict.fromkeys([loads.shipper, loads.receiver, *carriers]))
    tag = scene.case(
        MODEL, loads.kind, loads.name, firms, loads.why, min(starts),
        max(starts) + timedelta(hours=8), severity=loads.severity,
        core=carriers or [loads.receiver], waste_t=loads.tonnes * len(days), loads=len(days),
    )  # fmt: skip
    for start in starts:
        scene.moves.append({
            "tag": tag, "shipper": loads.shipper, "receiver": loads.receiver, **truck,
            "waste_code": loads.code, "method": loads.method, "departed_at": start,
            "quantity_t": round(loads.tonnes * float(rng.uniform(0.985, 1.0)), 3),
            "received_ratio": 1.0, **loads.extra,
        })  # fmt: skip
    return tag


def working_days_before(first_day: int, count: int) -> list[date]:
    """``count`` working days, the last at least ``first_day`` days before the end."""
    out: list[date] = []
    back = first_day
    while len(out) < count:
        day = moment(back, 0).date()
        if is_workday(day):
            out.append(day)
        back += 1
    return out


def usual_method(trade: int) -> str:
    """The method by which plants of a kind treat."""
    return TREATMENTS[trade].method
