"""Automatic monitoring stations: outlet, instruments, who serves them, how they report."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from ingest.simulate.scene import Scene
from ingest.simulate.streams import Floats, Ints, hashed_uniform, stream
from ingest.simulate.trades import TRADES

VENDORS = {
    "水": ("聚科仪器", "CODmax-III", "谱鉴环境", "WQA-2000", "清源分析", "QY-3100"),
    "气": ("雪松分析", "SCS-900C", "谱鉴环境", "CEMS-2000B", "中仪环保", "ZY-FG08"),
}
OUTLET_CODES = {"水": "DW001", "气": "DA001"}
PROTOCOLS = {"2017": "HJ 212-2017", "2025": "HJ 212-2025"}


@dataclass(frozen=True, slots=True)
class Instrument:
    """One factor of a station.

    ``low`` and ``high`` bound the usual level, ``swing`` is its relative spread, ``decimals`` what
    the display shows; units are those of the factor table (mg/L, mg/m3, L/s, m3/s, %).
    """

    code: str
    kind: str
    low: float
    high: float
    swing: float
    decimals: int
    range_high: float
    lod: float
    limit: float
    principle: str


INSTRUMENTS: dict[str, tuple[Instrument, ...]] = {
    "水": (
        Instrument("w00000", "flow", 3, 28, 0.14, 2, 60, 0.05, 0, "超声波明渠流量计"),
        Instrument("w01018", "concentration", 20, 36, 0.16, 1, 100, 4, 60, "重铬酸盐法"),
        Instrument("w21003", "concentration", 1.1, 2.6, 0.17, 2, 8, 0.05, 5, "水杨酸光度法"),
        Instrument("w21011", "concentration", 0.14, 0.27, 0.16, 3, 0.8, 0.01, 0.5, "钼酸铵光度法"),
    ),
    "气": (
        Instrument("a00000", "flow", 8, 55, 0.1, 2, 120, 0.1, 0, "皮托管差压法"),
        Instrument("a19001", "oxygen", 8.5, 12, 0.06, 2, 25, 0.05, 0, "氧化锆法"),
        Instrument("a21026", "concentration", 9, 18, 0.16, 2, 60, 0.5, 35, "紫外差分吸收法"),
        Instrument("a21002", "concentration", 24, 30, 0.13, 1, 100, 1, 50, "紫外差分吸收法"),
        Instrument("a34013", "concentration", 2.8, 6, 0.17, 2, 20, 0.1, 10, "激光散射法"),
    ),
}  # fmt: skip
REFERENCE_OXYGEN_PCT = 9.0
# Ten-minute values and packets come from the largest stations of a medium only.
DETAILED = 60


def instrument(code: str) -> Instrument:
    """The instrument that measures factor ``code``."""
    return next(i for kinds in INSTRUMENTS.values() for i in kinds if i.code == code)


def stations(scene: Scene) -> pl.DataFrame:
    """Monitored outlets, row i is station i; made once per scene.

    Columns: station, firm, medium (水/气), outlet_code, point_name, mn, st, protocol (2017/2025),
    feed (``hour``, ``minute``, ``packet``, ``packet_minute``, ``web``), cycle_h, operator, vendor,
    model, unit_name, lon, lat, accepted_on.
    """
    if "stations" not in scene.kept:
        scene.kept["stations"] = _made(scene)
    return scene.kept["stations"]


def _made(scene: Scene) -> pl.DataFrame:
    world, n = scene.world, scene.world.size.outlets
    rng = stream(world.seed, "stations")
    media = pl.DataFrame({
        "trade": [i for i, t in enumerate(TRADES) for _ in t.media],
        "medium": [m for t in TRADES for m in t.media],
    })  # fmt: skip
    firms = world.of_role("generator").head(world.size.generators)
    able = (
        firms.select("firm", "trade", "insured_count", "lon", "lat")
        .join(media, on="trade", maintain_order="left_right")
        .sort("insured_count", "firm", "medium", descending=[True, False, False])
        .with_columns(rank=pl.int_range(pl.len()).over("medium"))
    )
    frame = able.sort("rank", "medium").head(n).with_row_index("station")
    height = frame.height
    operators = world.of_role("operator")["firm"].to_numpy()
    rank = pl.col("rank")
    kit = pl.Series(rng.integers(0, 3, height))
    names = pl.DataFrame({
        "medium": [m for m in VENDORS for _ in range(3)], "kit": [0, 1, 2] * 2,
        "vendor": [v for table in VENDORS.values() for v in table[0::2]],
        "model": [v for table in VENDORS.values() for v in table[1::2]],
    })  # fmt: skip
    serial = pl.Series(rng.integers(1 << 40, 1 << 44, height)).to_list()
    return frame.with_columns(
        pl.col("station").cast(pl.Int64),
        kit=kit,
        outlet_code=pl.col("medium").replace_strict(OUTLET_CODES),
        point_name=pl.when(pl.col("medium") == "水").then(pl.lit("废水总排口"))
        .otherwise(pl.lit("废气排放口1#")),
        mn=pl.Series([f"3200{value:020X}" for value in serial]),
        st=pl.when(pl.col("medium") == "水").then(pl.lit("32")).otherwise(pl.lit("31")),
        protocol=pl.when(rank % 12 == 8).then(pl.lit("2025")).otherwise(pl.lit("2017")),
        feed=pl.when((rank % 6 == 0) & (rank < DETAILED)).then(pl.lit("minute")).when(rank == 2)
        .then(pl.lit("packet_minute"))
        .when((rank % 6 == 2) & (rank < DETAILED)).then(pl.lit("packet"))
        .when(rank % 6 == 4).then(pl.lit("web")).otherwise(pl.lit("hour")),
        cycle_h=pl.when(pl.col("medium") == "气").then(1).when(rank % 5 == 3).then(4)
        .otherwise(pl.Series(rng.choice([1, 1, 2, 2, 2], height))),
        operator=pl.Series(operators[rng.integers(0, len(operators), height)]),
        unit_name=world.firms()["name"].gather(frame["firm"]),
        lon=pl.Series(np.round(frame["lon"].to_numpy() + rng.normal(0, 0.0009, height), 6)),
        lat=pl.Series(np.round(frame["lat"].to_numpy() + rng.normal(0, 0.0009, height), 6)),
        accepted_on=pl.Series(
            (np.datetime64("2018-03-01") + rng.integers(0, 2_200, height)).astype("datetime64[ms]")
        ).cast(pl.Date),
    ).join(names, on=["medium", "kit"], maintain_order="left").drop(
        "kit", "rank", "trade", "insured_count"
    )  # fmt: skip


def reserve(
    scene: Scene, medium: str, feeds: tuple[str, ...] = ("hour",), *, slow: bool | None = None
) -> int | None:
    """A station of a plant that works round the clock and that no other case uses.

    ``feeds`` are tried in turn; ``slow`` asks for an analyser of four hours, or for none of those.
    None when the world is too small to hold one more.
    """
    table = stations(scene)
    used = scene.kept.get("stations used", pl.DataFrame(schema={"station": pl.Int64}))
    shift = pl.Series(shifts(table["firm"].to_numpy(), scene.world.seed))
    taken_firms = table.filter(pl.col("station").is_in(used["station"].to_list()))["firm"]
    free = table.filter(
        (shift == 0)
        & ~pl.col("firm").is_in(taken_firms.to_list())
        & (pl.col("medium") == medium)
        & ((pl.col("cycle_h") == 4) == slow if slow is not None else pl.lit(value=True))
    )
    for feed in feeds:
        found = free.filter(pl.col("feed") == feed)["station"]
        if len(found):
            row = pl.DataFrame({"station": found[:1]})
            scene.kept["stations used"] = pl.concat([used, row])
            return int(found[0])
    return None


def set_operator(scene: Scene, station: int, operator: int) -> None:
    """Let another firm serve a station."""
    scene.kept["stations"] = stations(scene).with_columns(
        operator=pl.when(pl.col("station") == station).then(operator).otherwise("operator")
    )


def shifts(firms: Ints, seed: int) -> Ints:
    """How firms work: 0 round the clock, 1 two shifts six days, 2 one shift on working days."""
    draw: Floats = hashed_uniform(firms, seed, "shift")
    return np.searchsorted(np.array([0.82, 0.95]), draw).astype(np.int64)
