"""Trucks on the road: cameras, satellite points, toll gates, at plausible times.

A truck drives straight from gate to gate at the usual speed; cameras within a few kilometres of
that line see it, most of the time. Paper transfers leave no trace.
"""

from functools import lru_cache

import numpy as np
import polars as pl

from ingest.simulate.delivery import Delivery
from ingest.simulate.geography import counties, distance_km
from ingest.simulate.size import Period
from ingest.simulate.streams import Floats, pick, stream
from ingest.simulate.world import World

FRACTIONS = (0.08, 0.3, 0.5, 0.7, 0.9, 0.99)
CAMERA_REACH_KM = 6.0
SEEN_SHARE = 0.93
LOADING_MINUTES = 12.0


@lru_cache(maxsize=2)
def _camera_table(
    seed: int, trunk: int, gates: tuple[tuple[float, float, str], ...]
) -> pl.DataFrame:
    rng = stream(seed, "cameras")
    places = counties()[(np.arange(trunk) % counties().height).tolist()]
    lon = np.concatenate([places["lon"].to_numpy() + rng.normal(0, 0.05, trunk),
                          [g[0] + 0.004 for g in gates]])  # fmt: skip
    lat = np.concatenate([places["lat"].to_numpy() + rng.normal(0, 0.045, trunk),
                          [g[1] + 0.002 for g in gates]])  # fmt: skip
    division = [*places["division_code"].to_list(), *[g[2] for g in gates]]
    number = np.arange(len(lon))
    return pl.DataFrame({
        "camera": number,
        "is_trunk": number < trunk,
        "lon": np.round(lon, 6),
        "lat": np.round(lat, 6),
        "division_code": division,
    }).with_columns(
        checkpoint_no=pl.col("division_code") + "1000"
        + (pl.col("camera") + 10_001).cast(pl.String).str.zfill(8),
        road=pl.lit("S") + (pl.col("camera") * 7 % 380 + 200).cast(pl.String),
    )  # fmt: skip


def cameras(world: World) -> pl.DataFrame:
    """Cameras: trunk roads of every county, and one at the gate of each licensed plant."""
    plants = world.of_role("receiver")
    gates = tuple(plants.select("lon", "lat", "division_code").iter_rows())
    trunk = max(4, world.size.cameras - world.size.receivers)
    return _camera_table(world.seed, trunk, gates)


def road_network(world: World, delivery: Delivery) -> None:
    """Add checkpoint and toll_station."""
    delivery.add("checkpoint", cameras(world).select(
        "checkpoint_no", "lon", "lat", "division_code", "road",
        name=pl.col("road") + "卡口" + (pl.col("camera") + 1).cast(pl.String),
        crs=pl.lit("WGS84"),
    ))  # fmt: skip
    delivery.add("toll_station", toll_stations().select(
        "station_no", "name", "lon", "lat", "division_code", crs=pl.lit("WGS84")
    ))  # fmt: skip


def toll_stations() -> pl.DataFrame:
    """One toll station per county."""
    return counties().select(
        "division_code",
        station_no=pl.lit("G32") + pl.col("division_code"),
        name=pl.col("county").str.replace("(市|区|县)$", "") + "收费站",
        lon=(pl.col("lon") + 0.02).round(6),
        lat=(pl.col("lat") - 0.015).round(6),
    )


def journeys(world: World, shipments: pl.DataFrame, delivery: Delivery, period: Period) -> None:
    """Add what cameras, satellites and toll gates saw of the transfers that really travelled."""
    trips = shipments.filter("travelled")
    if trips.height == 0:
        return
    rng = stream(world.seed, "journeys", period.label)
    _passes(world, trips, _ends(trips), delivery, rng)
    _satellite(world, trips, delivery, rng)
    _tolls(trips, delivery, world)


def _driving_minutes(trips: pl.DataFrame) -> Floats:
    span = (trips["arrived_at"] - trips["departed_at"]).dt.total_minutes().to_numpy()
    return np.maximum(span - LOADING_MINUTES, 2.0)


def _nearest_camera(table: pl.DataFrame, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    lon, lat = table["lon"].to_numpy(), table["lat"].to_numpy()
    best, far = np.empty(len(x)), np.empty(len(x))
    for start in range(0, len(x), 2_048):
        piece = slice(start, start + 2_048)
        d = distance_km(x[piece, None], y[piece, None], lon[None], lat[None])
        best[piece] = d.argmin(axis=1)
        far[piece] = d.min(axis=1)
    return best, far


def _passes(
    world: World, trips: pl.DataFrame, ends: dict[str, Floats], delivery: Delivery,
    rng: np.random.Generator,
) -> None:  # fmt: skip
    table = cameras(world)
    trunk = table.filter("is_trunk")
    minutes = _driving_minutes(trips)
    frames = []
    base = trips.select("tag", "vehicle", "departed_at").with_row_index("trip")
    for share in FRACTIONS:
        x = ends["ax"] + share * (ends["bx"] - ends["ax"])
        y = ends["ay"] + share * (ends["by"] - ends["ay"])
        camera, far = _nearest_camera(trunk, x, y)
        seconds = (LOADING_MINUTES + share * minutes) * 60 + rng.integers(0, 120, len(x))
        frames.append(base.with_columns(
            camera=pl.Series(camera.astype(np.int64)), seconds=pl.Series(seconds.astype(np.int64)),
            near=pl.Series(far < CAMERA_REACH_KM), direction=pl.lit("下行"),
        ))  # fmt: skip
    first = int(table["is_trunk"].sum())
    plants = world.of_role("receiver")["firm"].to_list()
    at_gate = trips["receiver"].replace_strict(
        {firm: first + i for i, firm in enumerate(plants)}, default=-1, return_dtype=pl.Int64
    )
    stay = (trips["accepted_at"] - trips["departed_at"]).dt.total_seconds() + 1_500
    for seconds_at_gate, way in (
        (pl.Series(((minutes + LOADING_MINUTES) * 60 - 130).astype(np.int64)), "进厂方向"),
        (stay.cast(pl.Int64), "出厂方向"),
    ):
        frames.append(base.with_columns(
            camera=at_gate, seconds=seconds_at_gate, near=at_gate >= 0, direction=pl.lit(way)
        ))  # fmt: skip
    seen = pl.concat(frames)
    seen = seen.with_columns(draw=pl.Series(rng.random(seen.height))).filter(
        pl.col("near") & (pl.col("draw") < SEEN_SHARE)
    )
    seen = seen.unique(["trip", "camera", "direction"], keep="first", maintain_order=True)
    n = seen.height
    plates = world.vehicles()["plate"].gather(seen["vehicle"])
    trailers = world.vehicles()["trailer_plate"].gather(seen["vehicle"])
    unread = pl.Series(rng.random(n) < 0.008)
    delivery.add("checkpoint_pass", seen.select(
        "tag", "direction",
        checkpoint_no=table["checkpoint_no"].gather(seen["camera"]),
        passed_at=pl.col("departed_at") + pl.duration(seconds=pl.col("seconds")),
        plate=pl.when(unread).then(pl.lit("无牌")).otherwise(plates),
        plate_kind=pl.lit("01"),
        lane=pl.Series(rng.integers(1, 4, n)).cast(pl.String),
        plate_color=pl.lit("黄"),
        trailer_plate=pl.when(~unread).then(trailers),
        speed_kmh=pl.Series(np.round(rng.normal(58, 9, n), 0)),
    ))  # fmt: skip


def _ends(trips: pl.DataFrame) -> dict[str, Floats]:
    return {k: trips[f"{s}:{c}"].to_numpy() for k, s, c in (
        ("ax", "shipper", "lon"), ("ay", "shipper", "lat"),
        ("bx", "receiver", "lon"), ("by", "receiver", "lat"))}  # fmt: skip


def _satellite(
    world: World, trips: pl.DataFrame, delivery: Delivery, rng: np.random.Generator
) -> None:
    trips = trips.filter(world.vehicles()["is_hazmat"].gather(trips["vehicle"]))
    if trips.height == 0:
        return
    ends = _ends(trips)
    minutes = _driving_minutes(trips)
    count = (minutes // 10).astype(np.int64) + 2
    trip = np.repeat(np.arange(trips.height), count)
    step = np.arange(len(trip)) - np.repeat(np.cumsum(count) - count, count)
    share = np.minimum(step / np.maximum(count[trip] - 1, 1), 1.0)
    dx, dy = (ends["bx"] - ends["ax"])[trip], (ends["by"] - ends["ay"])[trip]
    jitter = rng.normal(0, 0.0009, (2, len(trip))) * (share > 0) * (share < 1)
    speed = np.round(np.clip(rng.normal(56, 8, len(trip)), 20, 79) * (share > 0) * (share < 1), 1)
    base = trips.select("tag", "vehicle", "departed_at")[trip.tolist()]
    seconds = ((LOADING_MINUTES + share * minutes[trip]) * 60).astype(np.int64)
    delivery.add("gps_point", base.select(
        "tag",
        terminal_phone=world.vehicles()["terminal_phone"].gather(base["vehicle"]),
        located_at=pl.col("departed_at") + pl.duration(seconds=pl.lit(pl.Series(seconds))),
        lon=pl.Series(np.round(ends["ax"][trip] + share * dx + jitter[0], 6)),
        lat=pl.Series(np.round(ends["ay"][trip] + share * dy + jitter[1], 6)),
        speed_kmh=pl.Series(speed),
        status_bits=pl.lit(3, pl.Int64),
        **{"vehicle:vehicle": pl.col("vehicle")},
    ))  # fmt: skip


def _tolls(trips: pl.DataFrame, delivery: Delivery, world: World) -> None:
    stations = toll_stations()
    far = trips.filter(
        (pl.col("distance_km") > 40)
        & (pl.col("shipper:division_code") != pl.col("receiver:division_code"))
    )
    for side in ("shipper", "receiver"):
        far = far.join(
            stations.select("division_code", pl.col("name").alias(f"{side}_station"),
                            pl.col("station_no").alias(f"{side}_station_no")),
            left_on=f"{side}:division_code", right_on="division_code", maintain_order="left",
        )  # fmt: skip
    tare = world.vehicles()["rated_load_t"].gather(far["vehicle"]) * 0.62 + 5.2
    delivery.add("toll_trip", far.select(
        "tag", "pass_no",
        plate_color=pl.lit("黄色"),
        in_station="shipper_station",
        in_station_no="shipper_station_no",
        in_at=pl.col("departed_at").dt.offset_by("26m"),
        out_station="receiver_station",
        out_station_no="receiver_station_no",
        out_at=pl.max_horizontal(pl.col("arrived_at").dt.offset_by("-14m"),
                                 pl.col("departed_at").dt.offset_by("35m")),
        axles=pl.lit(4, pl.Int64),
        gross_t=(tare + pl.col("quantity_t")).round(2),
        fee_yuan=(pl.col("distance_km") * 1.4).round(2),
        **{"vehicle:vehicle": pl.col("vehicle")},
    ))  # fmt: skip


def street_traffic(world: World, delivery: Delivery, period: Period) -> None:
    """Cars and lorries that have nothing to do with waste."""
    n = world.size.street_passes if period.is_event else 0
    if n == 0:
        return
    rng = stream(world.seed, "street", period.label)
    table = cameras(world)
    cars = rng.integers(0, max(50, n // 4), n)
    letter = pl.Series(list("ABCDEFGHJKLMN")).gather(cars % 13)
    digits = pl.Series((cars * 7_919 + 11_003) % 90_000 + 10_000).cast(pl.String)
    seconds = rng.integers(0, period.days * 86_400, n)
    moment = np.datetime64(period.first, "s") + seconds.astype("timedelta64[s]")
    lorry = cars % 9 == 0
    delivery.add("checkpoint_pass", pl.DataFrame({
        "checkpoint_no": table["checkpoint_no"].gather(rng.integers(0, table.height, n)),
        "passed_at": pl.Series(moment.astype("datetime64[us]")),
        "plate": pl.select(pl.lit("苏") + letter + digits).to_series(),
        "plate_kind": pl.Series(np.where(lorry, "01", "02")),
        "lane": pick(rng, ["1", "2", "3"], n),
        "plate_color": pl.Series(np.where(lorry, "黄", "蓝")),
        "direction": pick(rng, ["上行", "下行"], n),
        "speed_kmh": np.round(rng.normal(60, 12, n), 0),
    }))  # fmt: skip
