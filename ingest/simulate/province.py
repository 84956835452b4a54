"""Simulate a province: agency files into an inbox, what was planted into a truth file."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import polars as pl

from ingest.simulate.billing import invoices
from ingest.simulate.haulage import gates_left
from ingest.simulate.inbox import Inbox
from ingest.simulate.journeys import journeys
from ingest.simulate.licences import operating_licences, transport_licences
from ingest.simulate.parameters import everyday_parameters
from ingest.simulate.penalties import everyday_penalties
from ingest.simulate.plants import plant_all
from ingest.simulate.police import deliver_notes, everyday_police
from ingest.simulate.refunds import tax_refunds
from ingest.simulate.registry import insurance, registers
from ingest.simulate.shipments import Serials, papers
from ingest.simulate.size import SIZES, WorldSize
from ingest.simulate.stage import happen, set_stage
from ingest.simulate.surroundings import surroundings

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class SimulationReport:
    """What was written: file paths, rows per dataset (broken ones included), seconds taken."""

    files: tuple[Path, ...]
    rows: dict[str, int]
    seconds: float

    def to_json(self) -> dict[str, object]:
        """Document for ``simulate --json``: paths as texts, rows per dataset, seconds."""
        return {
            "files": [str(path) for path in self.files],
            "rows": self.rows,
            "seconds": round(self.seconds, 3),
        }


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
    scene = set_stage(seed, size)
    world, delivery, record = scene.world, scene.delivery, scene.truth
    progress("预埋情形")
    plant_all(scene)
    inbox = Inbox(out, delivery, record)
    serials, invoice_serial = Serials(), 1
    intake: pl.DataFrame | None = None
    for period in size.periods():
        progress(f"{period.label}：联单、运输、发票")
        events = happen(scene, period, serials)
        shipments = events.shipments
        papers(world, shipments, delivery)
        journeys(world, events.trips, delivery, period)
        gates_left(events.hauls, delivery)
        invoice_serial = invoices(world, events.sales, delivery, invoice_serial)
        tax_refunds(world, shipments, scene.claimants, delivery)
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
    everyday_penalties(scene)
    everyday_parameters(scene)
    everyday_police(scene)
    deliver_notes(scene)
    inbox.write("base")
    if truth is not None:
        record.write(truth, world.firms())
    seconds = time.perf_counter() - began
    return SimulationReport(tuple(inbox.files), dict(sorted(inbox.rows.items())), seconds)
