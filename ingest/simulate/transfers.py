"""Waste on its way: who hands what to whom, when, on which truck.

A transfer is the one event from which manifest, waybill, tickets, passes and fees follow
(``shipments.py``, ``journeys.py``, ``billing.py``); plants add transfers of their own.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
import polars as pl

from ingest.simulate.geography import distance_km
from ingest.simulate.size import Period
from ingest.simulate.streams import Floats, Ints, stream
from ingest.simulate.trades import TRADES, TREATMENTS
from ingest.simulate.workdays import is_workday
from ingest.simulate.world import World

TRANSFER_SCHEMA: dict[str, pl.DataType] = {
    "tag": pl.String(),
    "shipper": pl.Int64(),
    "receiver": pl.Int64(),
    "carrier": pl.Int64(),
    "vehicle": pl.Int64(),
    "driver": pl.Int64(),
    "escort": pl.Int64(),
    "waste_code": pl.String(),
    "quantity_t": pl.Float64(),
    "received_ratio": pl.Float64(),
    "departed_at": pl.Datetime("us"),
    "travelled": pl.Boolean(),
    "billed": pl.Boolean(),
    "method": pl.String(),
    "decision": pl.String(),
    "scope": pl.String(),
    "approval_no": pl.String(),
    "licence_no": pl.String(),
    "shipper_name": pl.String(),
    "shipper_coded": pl.Boolean(),
    "receiver_name": pl.String(),
    "receiver_coded": pl.Boolean(),
    "receiver_lon": pl.Float64(),
    "receiver_lat": pl.Float64(),
}
DEFAULTS: dict[str, object] = {
    "received_ratio": 1.0, "travelled": True, "billed": True, "decision": "接受",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Routes:
    """Standing arrangements: one row per generator and waste code.

    Columns: shipper, waste_code, load_t, receiver, method, carrier, weight.
    """

    table: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Fleet:
    """Trucks and crews: ``trucks`` has vehicle, owner, rank, crew (driver, escort)."""

    trucks: pl.DataFrame


def transfer_rows(rows: list[dict[str, object]]) -> pl.DataFrame:
    """Rows written by hand as a transfer frame, missing columns at their defaults."""
    full = [{c: row.get(c, DEFAULTS.get(c)) for c in TRANSFER_SCHEMA} for row in rows]
    return pl.DataFrame(full, schema=TRANSFER_SCHEMA)


def _nearest(rng: np.random.Generator, here: pl.DataFrame, there: pl.DataFrame, among: int) -> Ints:
    """For each row of ``here`` one of the ``among`` nearest rows of ``there`` (their index)."""
    out = np.empty(here.height, dtype=np.int64)
    count = min(among, there.height)
    lon, lat = there["lon"].to_numpy(), there["lat"].to_numpy()
    for start in range(0, here.height, 4_096):
        part = here[start : start + 4_096]
        far = distance_km(
            part["lon"].to_numpy()[:, None], part["lat"].to_numpy()[:, None], lon[None], lat[None]
        )
        near = (
            np.argpartition(far, count - 1, axis=1)[:, :count]
            if count < there.height
            else (np.tile(np.arange(there.height), (part.height, 1)))
        )
        column = rng.integers(0, count, part.height)
        out[start : start + 4_096] = near[np.arange(part.height), column]
    return out


def make_routes(world: World) -> Routes:
    """Which licensed plant takes each waste of each generator, and who drives."""
    rng = stream(world.seed, "routes")
    generators = world.of_role("generator")
    wastes = pl.DataFrame(
        [
            {"trade": i, "waste_code": code, "load_t": float(load)}
            for i, trade in enumerate(TRADES)
            for code, load in trade.wastes.items()
        ]
    )
    table = generators.select("firm", "trade", "lon", "lat").join(
        wastes, on="trade", how="inner", maintain_order="left_right"
    )
    table = table.filter(pl.Series(rng.random(table.height) < 0.8)).with_columns(
        category=pl.lit("HW") + pl.col("waste_code").str.slice(8, 2)
    )
    receivers = world.of_role("receiver")
    parts = []
    for category in sorted(set(table["category"])):
        kinds = [i for i, t in enumerate(TREATMENTS) if category in t.categories]
        able = receivers.filter(pl.col("trade").is_in(kinds))
        part = table.filter(pl.col("category") == category)
        if able.height == 0 or part.height == 0:
            continue
        chosen = able[_nearest(rng, part, able, 4).tolist()]
        parts.append(
            part.with_columns(
                receiver=chosen["firm"],
                method=chosen["trade"].replace_strict(
                    {i: t.method for i, t in enumerate(TREATMENTS)}, return_dtype=pl.String
                ),
            )
        )
    table = pl.concat(parts).sort("firm", "waste_code")
    carriers = world.of_role("carrier")
    base = generators.select("firm", "lon", "lat").sort("firm")
    carrier = carriers["firm"].gather(_nearest(rng, base, carriers, 4))
    table = table.join(
        base.select("firm").with_columns(carrier=carrier), on="firm", maintain_order="left"
    )
    size = world.firms()["insured_count"].gather(table["firm"]).to_numpy()
    return Routes(
        table.select(
            pl.col("firm").alias("shipper"), "waste_code", "load_t", "receiver", "method", "carrier"
        ).with_columns(weight=pl.Series(np.sqrt(size) * rng.lognormal(0, 0.6, table.height)))
    )


def redirected(world: World, routes: Routes, closed: int, able: list[int]) -> Routes:
    """Routes of a plant that takes nothing any more, given to other plants of its kind."""
    rng = stream(world.seed, "redirected", closed)
    mine = pl.col("receiver") == closed
    others = pl.Series(able)[rng.integers(0, len(able), routes.table.height).tolist()]
    return Routes(routes.table.with_columns(
        receiver=pl.when(mine).then(others).otherwise(pl.col("receiver"))
    ))  # fmt: skip


def make_fleet(world: World) -> Fleet:
    """Trucks of the carriers with a driver and an escort each; the last two stay in reserve."""
    rng = stream(world.seed, "fleet")
    carriers = world.of_role("carrier")["firm"].to_numpy()
    each = rng.integers(4, 10, len(carriers))
    owners = np.repeat(carriers, each)
    ids = world.buy_vehicles(owners)
    frame = pl.DataFrame({"vehicle": ids, "owner": owners}).with_columns(
        rank=pl.int_range(pl.len()).over("owner"), fleet=pl.len().over("owner")
    )
    return Fleet(
        frame.with_columns(
            driver=pl.Series(world.people.hire(len(ids))),
            escort=pl.Series(world.people.hire(len(ids))),
            is_spare=pl.col("rank") >= pl.col("fleet") - 2,
        )
    )


def ordinary_transfers(world: World, routes: Routes, fleet: Fleet, period: Period) -> pl.DataFrame:
    """Everyday transfers of a period; no truck is ever in two places."""
    n = round(world.size.manifests * period.manifest_share)
    rng = stream(world.seed, "transfers", period.label)
    weight = routes.table["weight"].to_numpy()
    chosen = np.sort(rng.choice(len(weight), n, p=weight / weight.sum()))
    frame = routes.table[chosen.tolist()].with_columns(draw=pl.Series(rng.random(n)))
    frame = frame.sort("carrier", "draw").with_columns(turn=pl.int_range(pl.len()).over("carrier"))
    trucks = fleet.trucks.filter(~pl.col("is_spare"))
    per_owner = trucks.group_by("owner").len("trucks")
    frame = frame.join(
        per_owner, left_on="carrier", right_on="owner", how="left", maintain_order="left"
    ).with_columns(rank=pl.col("turn") % pl.col("trucks"), slot=pl.col("turn") // pl.col("trucks"))
    days = working_days(period)
    slots = 2 * len(days)
    frame = frame.filter(pl.col("slot") < slots)
    frame = frame.join(
        trucks.select("vehicle", "owner", "rank", "driver", "escort"),
        left_on=["carrier", "rank"], right_on=["owner", "rank"], how="left", maintain_order="left",
    )  # fmt: skip
    shuffled = stream(world.seed, "slots", period.label).permutation(slots)
    spread = slots // max(1, int(frame["slot"].to_numpy().max(initial=0)) + 1)
    place = frame["slot"].to_numpy() * max(1, spread) + frame["carrier"].to_numpy() % max(1, spread)
    slot = shuffled[place % slots]
    hour = np.where(slot % 2 == 0, 6.3, 13.0) + rng.random(frame.height) * 0.8
    start = np.array([np.datetime64(d, "m") for d in days])[slot // 2]
    departed = start + np.round(hour * 60).astype("timedelta64[m]")
    quantity = frame["load_t"].to_numpy() * rng.lognormal(0, 0.28, frame.height)
    loss = 1 - np.abs(rng.normal(0, 0.004, frame.height))
    frame = frame.with_columns(
        tag=pl.lit(None, pl.String),
        quantity_t=pl.Series(np.round(np.clip(quantity, 0.05, 32), 3)),
        received_ratio=pl.Series(loss),
        departed_at=pl.Series(departed.astype("datetime64[us]")),
        travelled=pl.lit(True),
        billed=pl.lit(True),
        decision=pl.lit("接受"),
    )
    missing = [c for c in TRANSFER_SCHEMA if c not in frame.columns]
    full: pl.DataFrame = frame.with_columns(pl.lit(None).alias(c) for c in missing)
    return full.select(pl.col(c).cast(t) for c, t in TRANSFER_SCHEMA.items())


def working_days(period: Period) -> list[date]:
    """Days of a period on which plants ship."""
    days = [period.first + timedelta(days=i) for i in range(period.days)]
    return [d for d in days if is_workday(d)]


def spare_trucks(fleet: Fleet, owner: int) -> pl.DataFrame:
    """Reserve trucks of a carrier with their crews."""
    return fleet.trucks.filter((pl.col("owner") == owner) & pl.col("is_spare"))


def clock(day: date, hour: float) -> datetime:
    """Shanghai time of a day at a decimal hour, to the minute."""
    return datetime(day.year, day.month, day.day) + timedelta(minutes=round(hour * 60))


def trip_hours(distance: Floats) -> Floats:
    """Usual driving time of a road distance in km, with loading and rest."""
    return 0.3 + distance / 52.0
