"""Loads with papers: the trucks, crews and approvals of HW-08 and its look-alikes."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

import numpy as np
import polars as pl

from ingest.simulate.plants.casting import host, set_apart
from ingest.simulate.plants.licensed import item, license_plant
from ingest.simulate.scene import Row, Scene, moment
from ingest.simulate.trades import INCINERATOR, OIL
from ingest.simulate.transfers import Fleet
from ingest.simulate.truth import Story
from ingest.simulate.workdays import is_workday

MODEL = "HW-08"
INSPECTED = date(2026, 10, 20)
ORDINARY_SCOPE = "许可项目：道路普通货物运输（依法须经批准的项目）"


@dataclass(frozen=True, slots=True)
class Loads:
    """``count`` loads of ``tonnes`` of one code from a shipper to a plant.

    ``first_day`` is the day before the end on which the last load goes; ``extra`` overrides columns
    of the transfers; ``days`` fixes the days instead.
    """

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


@dataclass(frozen=True, slots=True)
class Papers:
    """Papers of a truck and its crew; None means that they end when papers usually do."""

    permit_to: date | None = None
    driver_to: date | None = None
    is_permitted: bool = True
    has_escort_paper: bool = True


USUAL_PAPERS = Papers()


@dataclass(frozen=True, slots=True)
class Approval:
    """An approval to move ``tonnes`` of waste over the border of the province."""

    number: str
    tonnes: float
    approved_on: date
    valid_to: date


def stage(scene: Scene, story: Story, loads: Loads) -> None:
    """Register a case of loads and put them on stage."""
    days = list(loads.days) or working_days_before(loads.first_day, loads.count)
    rng = scene.random(f"{MODEL} loads {story.name}")
    starts = [datetime(d.year, d.month, d.day) + timedelta(minutes=int(rng.integers(430, 600)))
              for d in days]  # fmt: skip
    truck = loads.truck or scene.truck()
    carriers = [int(str(truck["carrier"]))] if loads.truck else []
    firms = list(dict.fromkeys([loads.shipper, loads.receiver, *carriers]))
    tag = scene.case(
        MODEL, story.kind, story.name, firms, story.why, min(starts),
        max(starts) + timedelta(hours=8), severity=story.severity,
        core=carriers or [loads.receiver], waste_t=loads.tonnes * len(days), loads=len(days),
    )  # fmt: skip
    for start in starts:
        scene.moves.append({
            "tag": tag, "shipper": loads.shipper, "receiver": loads.receiver, **truck,
            "waste_code": loads.code, "method": loads.method, "departed_at": start,
            "quantity_t": round(loads.tonnes * float(rng.uniform(0.985, 1.0)), 3),
            "received_ratio": 1.0, **loads.extra,
        })  # fmt: skip


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


def crew_of_ordinary_haulier(scene: Scene) -> Row:
    """A truck with its crew of a new carrier that may carry ordinary goods only."""
    return crew(scene, scene.found_firms("carrier", 1, scope=ORDINARY_SCOPE, industry="G5430")[0])


def under_papers(scene: Scene, story: Story, number: int, papers: Papers) -> None:
    """One load on 20 October by a truck of everyday carrier ``number`` with these papers."""
    carriers = scene.world.of_role("carrier").head(scene.world.size.carriers)["firm"]
    truck = crew(scene, int(carriers[number * 11 % len(carriers)]), papers)
    stage(scene, story, Loads(
        scene.generator(0, 5, 6), host(scene, INCINERATOR), "900-252-12", "D10", tonnes=6,
        days=[INSPECTED], truck=truck,
    ))  # fmt: skip


def year_of_oil(scene: Scene, story: Story, licensed_t: float) -> None:
    """Ten loads, 240 t together, to a plant that may take ``licensed_t`` a year."""
    plant = set_apart(scene, OIL)
    license_plant(scene, plant, [item("HW08", licensed_t, "R9")], mode="利用")
    stage(scene, story, Loads(
        scene.generator(6, 9), plant, "900-249-08", "R9", tonnes=24, count=10
    ))  # fmt: skip


def beside(scene: Scene, plant: int, east_deg: float, north_deg: float) -> Row:
    """Columns of loads that are received some way off the plant's site."""
    place = scene.world.firms().row(plant, named=True)
    return {"receiver_lon": round(place["lon"] + east_deg, 6),
            "receiver_lat": round(place["lat"] + north_deg, 6)}  # fmt: skip


def over_the_border(scene: Scene, loads: Loads, approval: Approval | None) -> Loads:
    """Loads from another province, under an approval if there is one."""
    if approval is None:
        return replace(loads, extra={"scope": "跨省"})
    scene.delivery.hold("transfer_approval", pl.DataFrame([{
        "approval_no": approval.number, "waste_code": loads.code, "org:shipper": loads.shipper,
        "org:receiver": loads.receiver, "approved_t": approval.tonnes,
        "approved_on": approval.approved_on, "valid_to": approval.valid_to, "status": "批准",
    }]))  # fmt: skip
    return replace(loads, extra={"scope": "跨省", "approval_no": approval.number})
