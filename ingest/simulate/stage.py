"""What happens in a province: its people and firms, then transfers, trips and sales by period."""

from dataclasses import dataclass

import polars as pl

from ingest.simulate.billing import disposal_fees, freight, ordinary_trade
from ingest.simulate.delivery import Delivery
from ingest.simulate.haulage import JOURNEY_COLUMNS, haul_journeys
from ingest.simulate.kinship import tie_firms
from ingest.simulate.scene import Scene
from ingest.simulate.settle import settle
from ingest.simulate.shipments import Serials, enrich
from ingest.simulate.size import Period, WorldSize
from ingest.simulate.transfers import make_fleet, make_routes, ordinary_transfers
from ingest.simulate.truth import Truth


@dataclass(frozen=True, slots=True)
class Happenings:
    """Events of one period: waste with papers, lorries without, all trips, all sales."""

    shipments: pl.DataFrame
    hauls: pl.DataFrame
    trips: pl.DataFrame
    sales: pl.DataFrame


def set_stage(seed: int, size: WorldSize) -> Scene:
    """A province on an ordinary day, with nothing planted."""
    world = settle(seed, size)
    tie_firms(world)
    routes, fleet = make_routes(world), make_fleet(world)
    truth = Truth(seed)
    return Scene(world, fleet, routes, Delivery(world, truth), truth)


def happen(scene: Scene, period: Period, serials: Serials) -> Happenings:
    """Ordinary and planted events of a period; ``serials`` run on to the next."""
    world = scene.world
    ordinary = ordinary_transfers(world, scene.routes, scene.fleet, period)
    planted = within(scene.transfers(), "departed_at", period)
    shipments = enrich(world, pl.concat([ordinary, planted]), serials)
    hauls = haul_journeys(world, within(scene.journeys(), "departed_at", period))
    trips = pl.concat([frame.select(JOURNEY_COLUMNS) for frame in (shipments, hauls)])
    sales = [
        disposal_fees(world, shipments),
        freight(world, shipments),
        ordinary_trade(world, period),
        within(scene.sales(), "issued_at", period),
    ]
    return Happenings(shipments, hauls, trips, pl.concat(sales))


def within(frame: pl.DataFrame, column: str, period: Period) -> pl.DataFrame:
    """Rows whose time lies in a period."""
    return frame.filter((pl.col(column) >= period.first) & (pl.col(column) < period.until))
