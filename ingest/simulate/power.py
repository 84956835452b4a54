"""Electricity: hourly meters at monitored and licensed plants, monthly bills of every firm."""

import numpy as np
import polars as pl

from ingest.simulate.abroad import OUTSIDER
from ingest.simulate.delivery import Delivery
from ingest.simulate.monitoring import plant_hours
from ingest.simulate.scene import Scene
from ingest.simulate.series import autocorrelated
from ingest.simulate.size import Period
from ingest.simulate.streams import Floats, Ints, stream
from ingest.simulate.trades import TREATMENTS

PRODUCTION, TREATMENT, TOTAL = "产污设施", "治污设施", "总电"
IDLE_SHARE = 0.02


def meters(scene: Scene) -> pl.DataFrame:
    """Hourly meters: meter_id, firm, kind, facility_code and _name, pair_id, rated_power_kw."""
    seed = scene.world.seed
    firms = np.unique(scene.kept["stations"]["firm"].to_numpy())
    rng = stream(seed, "meters")
    rated = np.round(rng.uniform(120, 900, len(firms)), 0)
    plants = scene.world.of_role("receiver")["firm"].to_numpy()
    blocks = [
        _meter(firms, PRODUCTION, "MF0001", "主生产线", rated, paired=True),
        _meter(firms, TREATMENT, "TA001", "末端治理设施", np.round(rated * 0.18, 0), paired=True),
        _meter(plants, TOTAL, "", "总进线", np.full(len(plants), 1_000.0), paired=False),
    ]
    return pl.concat(blocks)


def _meter(
    firms: Ints, kind: str, code: str, name: str, rated: Floats, *, paired: bool
) -> pl.DataFrame:  # fmt: skip
    letter = {PRODUCTION: "P", TREATMENT: "T", TOTAL: "Z"}[kind]
    return pl.DataFrame({"firm": firms, "rated_power_kw": rated}).with_columns(
        kind=pl.lit(kind),
        meter_id=pl.lit("YD") + pl.col("firm").cast(pl.String).str.zfill(6) + letter,
        facility_code=pl.lit(code or None, pl.String),
        facility_name=pl.lit(name),
        pair_id=pl.lit("PAIR") + pl.col("firm").cast(pl.String).str.zfill(6)
        if paired
        else pl.lit(None, pl.String),
    )


def hourly(scene: Scene, delivery: Delivery, period: Period, shipments: pl.DataFrame) -> None:
    """Add power_hour of a month."""
    rng = stream(scene.world.seed, "power", period.label)
    table = meters(scene)
    _, running, load = plant_hours(scene, period)
    shape = running.shape
    wave = np.where(running, np.maximum(load, 0.3), IDLE_SHARE)
    for kind, memory in ((PRODUCTION, 0.6), (TREATMENT, 0.8)):
        rated = table.filter(pl.col("kind") == kind)["rated_power_kw"].to_numpy()[:, None]
        noise = 1 + autocorrelated(rng, shape, memory, 0.05)
        _deliver(delivery, table.filter(pl.col("kind") == kind), rated * 0.8 * wave * noise, period)
    plants = table.filter(pl.col("kind") == TOTAL)
    month = monthly_use(scene, plants["firm"].to_numpy(), shipments)
    hours = shape[1]
    clock = np.arange(hours) % 24
    by_day = np.where((clock >= 7) & (clock < 20), 1.35, 0.62)[None]
    noise = 1 + autocorrelated(rng, (len(month), hours), 0.5, 0.06)
    _deliver(delivery, plants, month[:, None] / hours * by_day * noise, period)


def monthly_use(scene: Scene, firms: Ints, shipments: pl.DataFrame) -> Floats:
    """Energy in kWh of a month: what the house needs, and what treating its waste needs.

    Waste that never travelled needs nothing.
    """
    world = scene.world
    table = world.firms()[firms.tolist()].select("firm", "monthly_kwh", "trade")
    taken = (
        shipments.filter(pl.col("travelled") & (pl.col("decision") != "拒绝"))
        .group_by(pl.col("receiver").alias("firm"))
        .agg(tonnes=pl.col("received_t").sum())
    )
    need = [t.kwh_t for t in TREATMENTS]
    joined = table.join(taken, on="firm", how="left", maintain_order="left").with_columns(
        kwh_t=pl.Series(need).gather(table["trade"].clip(0, len(need) - 1))
    )
    use = pl.col("monthly_kwh") + pl.col("tonnes").fill_null(0) * pl.col("kwh_t")
    return np.asarray(joined.select(use).to_series().to_numpy(), dtype=np.float64)


def _deliver(delivery: Delivery, table: pl.DataFrame, energy: Floats, period: Period) -> None:
    n, hours = energy.shape
    who = np.arange(n).repeat(hours)
    moments = np.datetime64(period.first, "h") + np.arange(hours).astype("timedelta64[h]")
    value = np.round(np.maximum(energy, 0), 2)
    delivery.add("power_hour", pl.DataFrame({
        "meter_id": table["meter_id"].gather(who),
        "data_time": np.tile(moments.astype("datetime64[us]"), n),
        "org:owner": table["firm"].gather(who),
        "facility_name": table["facility_name"].gather(who),
        "kind": table["kind"].gather(who),
        "active_power_kw": value.ravel(),
        "energy_kwh": value.ravel(),
        "run_state": np.where(
            value > 0.1 * value.max(axis=1, keepdims=True), "运行", "停止"
        ).ravel(),
        "online": ["在线"] * (n * hours),
    }))  # fmt: skip


def meter_register(scene: Scene, delivery: Delivery) -> None:
    """Add power_meter."""
    delivery.add("power_meter", meters(scene).select(
        "meter_id", "kind", "facility_code", "facility_name", "pair_id", "rated_power_kw",
        pair_from=pl.when(pl.col("pair_id").is_not_null()).then(pl.date(2024, 1, 1)),
        max_lag_h=pl.when(pl.col("pair_id").is_not_null()).then(2.0),
        installed_on=pl.date(2023, 9, 1),
        verified_until=pl.date(2028, 8, 31),
        **{"org:owner": pl.col("firm")},
    ))  # fmt: skip


def bills(scene: Scene, delivery: Delivery, period: Period, shipments: pl.DataFrame) -> None:
    """Add grid_power_month: every firm, every month of the period."""
    firms = scene.world.firms().filter(pl.col("role") != OUTSIDER)
    first = period.first.year * 12 + period.first.month - 1
    months = range(first, first + max(1, round(period.days / 30.4)))
    rng = stream(scene.world.seed, "grid", period.label)
    for month in months:
        inside = shipments.filter(
            (pl.col("accepted_at").dt.year() * 12 + pl.col("accepted_at").dt.month() - 1) == month
        )
        use = monthly_use(scene, firms["firm"].to_numpy(), inside)
        season = 1 + 0.08 * np.cos((month % 12 - 7) / 12 * 2 * np.pi)
        noise = np.clip(rng.normal(1, 0.06, firms.height), 0.7, 1.3)
        delivery.add("grid_power_month", firms.select(
            "industry",
            account_no=pl.lit("0320") + (pl.col("firm") + 10_000_000).cast(pl.String),
            month=pl.lit(f"{month // 12}-{month % 12 + 1:02d}"),
            energy_kwh=pl.Series(np.round(use * season * noise, 0)),
            **{"org:customer": pl.col("firm")},
        ))  # fmt: skip
