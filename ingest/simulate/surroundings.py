"""Everything around the transfers: monitoring, power, testing, police, reference tables."""

from collections.abc import Callable

import polars as pl

from ingest.simulate import monitoring, operation, packets, power, testing
from ingest.simulate.journeys import road_network, street_traffic
from ingest.simulate.permits import registers_of_plants
from ingest.simulate.scene import Scene
from ingest.simulate.size import Period
from ingest.simulate.staff import third_parties
from ingest.simulate.stations import stations


def surroundings(
    scene: Scene, period: Period, shipments: pl.DataFrame, progress: Callable[[str], None]
) -> None:
    """Add the rest of a period; with the last one, the registers."""
    delivery = scene.delivery
    stations(scene)
    street_traffic(scene.world, delivery, period)
    power.bills(scene, delivery, period, shipments)
    months: dict[str, monitoring.Month] = {}
    if period.is_event:
        progress(f"{period.label}：在线监控、用电、运维")
        months = monitoring.deliver(scene, delivery, period)
        packets.logs(delivery, scene.truth, period, months)
        power.hourly(scene, delivery, period, shipments)
        operation.ledgers(scene, delivery, period)
    progress(f"{period.label}：检测")
    testing.reports(scene, delivery, period, months)
    if period.label == scene.world.size.periods()[-1].label:
        registers_of_plants(scene, delivery)
        power.meter_register(scene, delivery)
        operation.contracts(scene, delivery)
        third_parties(scene, delivery)
        road_network(scene.world, delivery)
