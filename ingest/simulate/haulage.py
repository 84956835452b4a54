"""Lorries on the road without a manifest: goods, and what is called goods."""

import numpy as np
import polars as pl

from ingest.simulate.delivery import Delivery
from ingest.simulate.geography import road_km
from ingest.simulate.streams import stream
from ingest.simulate.transfers import trip_hours
from ingest.simulate.world import World

HAUL_SCHEMA: dict[str, pl.DataType] = {
    "tag": pl.String(),
    "vehicle": pl.Int64(),
    "origin": pl.Int64(),
    "target": pl.Int64(),
    "lon": pl.Float64(),
    "lat": pl.Float64(),
    "division_code": pl.String(),
    "departed_at": pl.Datetime("us"),
    "quantity_t": pl.Float64(),
    "goods": pl.String(),
}
JOURNEY_COLUMNS = (
    "tag", "vehicle", "departed_at", "arrived_at", "accepted_at", "receiver", "quantity_t",
    "distance_km", "pass_no", "travelled", "shipper:lon", "shipper:lat", "shipper:division_code",
    "receiver:lon", "receiver:lat", "receiver:division_code",
)  # fmt: skip


def haul_rows(rows: list[dict[str, object]]) -> pl.DataFrame:
    """Hauls written by hand: vehicle, origin, target firm or lon, lat and division_code."""
    full = [{column: row.get(column) for column in HAUL_SCHEMA} for row in rows]
    return pl.DataFrame(full, schema=HAUL_SCHEMA)


def haul_journeys(world: World, hauls: pl.DataFrame) -> pl.DataFrame:
    """Hauls with the columns of ``JOURNEY_COLUMNS`` and ``origin``, ``goods``."""
    firms = world.firms()
    frame = hauls.sort("departed_at", "vehicle", maintain_order=True)
    frame = frame.with_columns(
        firms[c].gather(frame["origin"]).alias(f"shipper:{c}")
        for c in ("lon", "lat", "division_code")
    )
    frame = frame.with_columns(
        pl.coalesce(firms[c].gather(frame["target"]), pl.col(c)).alias(f"receiver:{c}")
        for c in ("lon", "lat", "division_code")
    )
    distance = road_km(
        frame["shipper:lon"].to_numpy(), frame["shipper:lat"].to_numpy(),
        frame["receiver:lon"].to_numpy(), frame["receiver:lat"].to_numpy(),
    )  # fmt: skip
    rng = stream(world.seed, "haulage", str(frame["departed_at"].min()), frame.height)
    minutes = np.round(trip_hours(distance) * 60 * (1 + np.abs(rng.normal(0, 0.06, frame.height))))
    frame = frame.with_columns(
        receiver=pl.col("target").fill_null(-1),
        distance_km=pl.Series(np.round(distance, 1)),
        minutes=pl.Series(minutes.astype(np.int64)),
        travelled=pl.lit(True),
        pass_no=pl.lit("TH") + pl.col("departed_at").dt.strftime("%y%m%d%H%M")
        + pl.col("vehicle").cast(pl.String).str.zfill(6)
        + pl.int_range(pl.len()).over("departed_at", "vehicle").cast(pl.String),
    ).with_columns(
        arrived_at=pl.col("departed_at") + pl.duration(minutes=pl.col("minutes")),
        accepted_at=pl.col("departed_at") + pl.duration(minutes=pl.col("minutes") + 55),
    )  # fmt: skip
    return frame.select(*JOURNEY_COLUMNS, "origin", "goods")


def gates_left(hauls: pl.DataFrame, delivery: Delivery) -> None:
    """Add the pass at the gate of the yard that the lorry left."""
    delivery.add("gate_pass", hauls.select(
        "tag", "goods",
        gate_no=pl.lit("MG") + pl.col("origin").cast(pl.String).str.zfill(5),
        passed_at=pl.col("departed_at").dt.offset_by("4m"),
        direction=pl.lit("出厂"),
        plate_color=pl.lit("黄色"),
        load_t=pl.col("quantity_t").round(2),
        **{"org:owner": pl.col("origin"), "vehicle:vehicle": pl.col("vehicle")},
    ))  # fmt: skip
