"""Everything around the transfers: monitoring, power, testing, police, reference tables."""

import polars as pl

from ingest.simulate.journeys import road_network, street_traffic
from ingest.simulate.plants.scene import Scene
from ingest.simulate.size import Period


def surroundings(scene: Scene, period: Period, shipments: pl.DataFrame, progress: object) -> None:
    """Add the rest of a period."""
    street_traffic(scene.world, scene.delivery, period)
    if period.label == scene.world.size.periods()[-1].label:
        files(scene)
        road_network(scene.world, scene.delivery)


def files(scene: Scene) -> None:
    """The ecology agency's file of every plant."""
    firms = scene.world.of_role("generator", "receiver")
    scene.delivery.add("enterprise", firms.select(
        "industry",
        enterprise_no=pl.lit("32") + (pl.col("firm") + 10_000_000).cast(pl.String),
        crs=pl.lit("WGS84"),
        run_state=pl.lit("正常生产"),
        **{"org:enterprise": pl.col("firm")},
    ))  # fmt: skip
