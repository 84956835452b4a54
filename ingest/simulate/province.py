"""Simulate a province: agency files into an inbox, what was planted into a truth file."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import polars as pl

from ingest.simulate.billing import disposal_fees, freight, invoices, ordinary_trade
from ingest.simulate.delivery import Delivery
from ingest.simulate.inbox import Inbox
from ingest.simulate.journeys import journeys
from ingest.simulate.licences import operating_licences, transport_licences
from ingest.simulate.plants import plant_all
from ingest.simulate.plants.scene import Scene
from ingest.simulate.registry import insurance, registers
from ingest.simulate.settle import settle
from ingest.simulate.shipments import Serials, enrich, papers
from ingest.simulate.size import SIZES, Period, WorldSize
from ingest.simulate.surroundings import surroundings
from ingest.simulate.transfers import make_fleet, make_routes, ordinary_transfers
from ingest.simulate.truth import Truth

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class SimulationReport:
    """What was written: file paths, rows per dataset (broken ones included), seconds taken."""

    files: tuple[Path, ...]
    rows: dict[str, int]
    seconds: float


def _silent(_: str) -> None:
    return None


def simulate(
    out: Path,
    *,
    size: Literal["small", "month", "year"] = "small",
    seed: int = 1,
    truth: Path | None = None,
    progress: Progress = _silent,
) -> SimulationReport:
    """Write agency files of one named size into the inbox folder ``out``.

    The same size and seed give the same bytes. ``truth`` receives what was planted; it must lie
    outside ``out``. ``progress`` is told what is being made.

    Raises
    ------
    ValueError
        When ``size`` has no such name, or the truth file would lie in the inbox.
    """
    if size not in SIZES:
        raise ValueError(f"size {size!r} is not known; choose one of {', '.join(SIZES)}")
    return simulate_world(out, SIZES[size], seed=seed, truth=truth, progress=progress)


def simulate_world(
    out: Path,
    size: WorldSize,
    *,
    seed: int,
    truth: Path | None = None,
    progress: Progress = _silent,
) -> SimulationReport:
    """As :func:`simulate`, for a world of any size."""
    if truth is not None and truth.resolve().is_relative_to(out.resolve()):
        raise ValueError(f"truth file {truth} lies inside the inbox {out}; put it elsewhere")
    began = time.perf_counter()
    progress("企业、人员、车辆")
    world = settle(seed, size)
    routes, fleet = make_routes(world), make_fleet(world)
    record = Truth(seed)
    delivery = Delivery(world, record)
    scene = Scene(world, fleet, routes, delivery, record)
    progress("预埋情形")
    plant_all(scene)
    inbox = Inbox(out, delivery, record)
    serials, invoice_serial = Serials(), 1
    intake: pl.DataFrame | None = None
    for period in size.periods():
        progress(f"{period.label}：联单、运输、发票")
        ordinary = ordinary_transfers(world, routes, scene.fleet, period)
        planted = within(scene.transfers(), "departed_at", period)
        shipments = enrich(world, pl.concat([ordinary, planted]), serials)
        papers(world, shipments, delivery, scene.fleet)
        journeys(world, shipments, delivery, period)
        sales = [
            disposal_fees(world, shipments),
            freight(world, shipments),
            ordinary_trade(world, period),
            within(scene.sales(), "issued_at", period),
        ]
        invoice_serial = invoices(world, pl.concat(sales), delivery, invoice_serial)
        insurance(world, delivery, period)
        surroundings(scene, period, shipments, progress)
        taken = shipments.group_by("receiver", "category").agg(tonnes=pl.col("received_t").sum())
        intake = taken if period.is_event else intake
        inbox.write(period.label)
    assert intake is not None  # noqa: S101 - every size ends with an event period
    progress("登记与许可")
    operating_licences(world, delivery, intake.sort("receiver", "category"), scene.own_licences())
    transport_licences(world, delivery, scene.fleet)
    registers(world, delivery)
    inbox.write("base")
    if truth is not None:
        record.write(truth, world.firms())
    seconds = time.perf_counter() - began
    return SimulationReport(tuple(inbox.files), dict(sorted(inbox.rows.items())), seconds)


def within(frame: pl.DataFrame, column: str, period: Period) -> pl.DataFrame:
    """Rows whose time lies in a period."""
    return frame.filter((pl.col(column) >= period.first) & (pl.col(column) < period.until))
