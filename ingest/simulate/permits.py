"""The ecology agency's registers of plants: file, permit, limits, outlets, monitors."""

import polars as pl

from ingest.simulate.delivery import Delivery
from ingest.simulate.scene import Scene
from ingest.simulate.stations import INSTRUMENTS, OUTLET_CODES, PROTOCOLS, stations
from ingest.simulate.trades import TRADES
from records.contract import read_table

STANDARDS = {"水": "GB 8978-1996", "气": "DB32/4385-2022"}


def registers_of_plants(scene: Scene, delivery: Delivery) -> None:
    """Add enterprise, permit, permit_limit, outlet, monitor_point and monitor_factor."""
    firms = scene.world.of_role("generator", "receiver")
    delivery.add("enterprise", firms.select(
        "industry",
        enterprise_no=pl.lit("32") + (pl.col("firm") + 10_000_000).cast(pl.String),
        crs=pl.lit("WGS84"),
        run_state=pl.lit("正常生产"),
        size_class=pl.when(pl.col("insured_count") > 300).then(pl.lit("大型"))
        .when(pl.col("insured_count") > 60).then(pl.lit("中型")).otherwise(pl.lit("小型")),
        lon="lon",
        lat="lat",
        **{"org:enterprise": pl.col("firm")},
    ))  # fmt: skip
    permitted = permit_numbers(firms).with_columns(
        valid_from=pl.date(2023, 1, 1) + pl.duration(days=pl.col("firm") % 700)
    )
    delivery.add("permit", permitted.select(
        "permit_no", "industry", "lon", "lat", "valid_from",
        valid_to=pl.col("valid_from").dt.offset_by("5y").dt.offset_by("-1d"),
        crs=pl.lit("WGS84"),
        mgmt_class=pl.when(pl.col("insured_count") > 120).then(pl.lit("重点管理"))
        .otherwise(pl.lit("简化管理")),
        main_pollutants=pl.lit("化学需氧量、氨氮、二氧化硫、氮氧化物"),
        issuer=pl.col("city") + "生态环境局",
        issued_on="valid_from",
        status=pl.lit("有效"),
        **{"org:holder": pl.col("firm")},
    ))  # fmt: skip
    _outlets(scene, delivery, permitted)
    _limits(scene, delivery, permitted)
    _monitors(scene, delivery)


def permit_numbers(firms: pl.DataFrame) -> pl.DataFrame:
    """Firms with the number of their discharge permit (``permit_no``)."""
    return firms.with_columns(permit_no=pl.col("uscc") + "001P")


def outlets(scene: Scene) -> pl.DataFrame:
    """Outlets of generators: firm, medium, outlet_code, lon, lat (a monitor's if there is one)."""
    media = pl.DataFrame({
        "trade": [i for i, t in enumerate(TRADES) for _ in t.media],
        "medium": [m for t in TRADES for m in t.media],
    })  # fmt: skip
    firms = scene.world.of_role("generator")
    frame = firms.select("firm", "trade", "lon", "lat").join(
        media, on="trade", maintain_order="left_right"
    )
    exact = stations(scene).select("firm", "medium", exact_lon="lon", exact_lat="lat")
    shift = (pl.col("firm") % 17 - 8) * 0.0001
    return frame.join(exact, on=["firm", "medium"], how="left", maintain_order="left").select(
        "firm", "medium",
        outlet_code=pl.col("medium").replace_strict(OUTLET_CODES),
        lon=pl.coalesce("exact_lon", (pl.col("lon") + shift).round(6)),
        lat=pl.coalesce("exact_lat", (pl.col("lat") - shift).round(6)),
    )  # fmt: skip


def _outlets(scene: Scene, delivery: Delivery, permitted: pl.DataFrame) -> None:
    frame = outlets(scene).join(
        permitted.select("firm", "permit_no"), on="firm", maintain_order="left"
    )
    is_water = pl.col("medium") == "水"
    delivery.add("outlet", frame.select(
        "outlet_code", "permit_no", "lon", "lat",
        outlet_name=pl.when(is_water).then(pl.lit("废水总排口")).otherwise(pl.lit("废气排放口1#")),
        kind=pl.when(is_water).then(pl.lit("废水")).otherwise(pl.lit("废气")),
        crs=pl.lit("WGS84"),
        discharge_to=pl.when(is_water).then(pl.lit("园区污水处理厂")),
        discharge_mode=pl.when(is_water).then(pl.lit("间接排放")).otherwise(pl.lit("直接排放")),
        stack_height_m=pl.when(~is_water).then(25.0),
        **{"org:owner": pl.col("firm")},
    ))  # fmt: skip


def _factors() -> pl.DataFrame:
    names = {r["code"]: r["name_zh"] for r in read_table("hj212_factors.csv")}
    return pl.DataFrame([
        {"medium": medium, "factor_code": i.code, "factor_name": names[i.code], "kind": i.kind,
         "range_high": i.range_high, "lod": i.lod, "resolution": 10.0**-i.decimals,
         "limit_conc": i.limit, "principle": i.principle}
        for medium, kinds in INSTRUMENTS.items() for i in kinds
    ])  # fmt: skip


def _limits(scene: Scene, delivery: Delivery, permitted: pl.DataFrame) -> None:
    kinds = _factors().filter(pl.col("limit_conc") > 0)
    frame = (
        stations(scene)
        .select("firm", "medium", "outlet_code")
        .join(kinds, on="medium", maintain_order="left_right")
        .join(permitted.select("firm", "permit_no", "valid_from"), on="firm", maintain_order="left")
    )
    is_water = pl.col("medium") == "水"
    delivery.add("permit_limit", frame.select(
        "permit_no", "valid_from", "outlet_code", "factor_code", "factor_name", "limit_conc",
        period=pl.when(is_water).then(pl.lit("日均值")).otherwise(pl.lit("小时均值")),
        conc_unit=pl.when(is_water).then(pl.lit("mg/L")).otherwise(pl.lit("mg/m3")),
        standard_no=pl.col("medium").replace_strict(STANDARDS),
    ))  # fmt: skip


def _monitors(scene: Scene, delivery: Delivery) -> None:
    points = stations(scene)
    division = scene.world.firms()["division_code"].gather(points["firm"])
    delivery.add("monitor_point", points.select(
        "mn", "outlet_code", "point_name", "st", "lon", "lat", "accepted_on",
        division_code=division,
        crs=pl.lit("WGS84"),
        protocol=pl.col("protocol").replace_strict(PROTOCOLS),
        device_vendor="vendor",
        device_model="model",
        online_on=pl.col("accepted_on").dt.offset_by("20d"),
        min_interval_min=pl.lit(10.0),
        rtd_interval_s=pl.lit(60.0),
        is_quality_station=pl.lit(False),
        verified_until=pl.date(2027, 6, 30),
        status=pl.lit("在用"),
        **{"org:owner": pl.col("firm"), "org:owner:name": pl.col("unit_name"),
           "org:operator": pl.col("operator")},
    ))  # fmt: skip
    frame = points.select("mn", "medium", "cycle_h", "station").join(
        _factors(), on="medium", maintain_order="left_right"
    )
    old = [
        (r["station"], r["factor"], r["value"]) for r in scene.tampered if r["action"] == "coarse"
    ]
    coarse = pl.DataFrame(
        old, orient="row",
        schema={"station": pl.Int64, "factor_code": pl.String, "coarse": pl.Float64},
    )  # fmt: skip
    frame = frame.join(coarse, on=["station", "factor_code"], how="left", maintain_order="left")
    analysed = (pl.col("medium") == "水") & (pl.col("kind") == "concentration")
    delivery.add("monitor_factor", frame.select(
        "mn", "factor_code", "factor_name", "range_high", "lod", "principle",
        resolution=pl.coalesce("coarse", "resolution"),
        range_low=pl.lit(0.0),
        cycle_min=pl.when(analysed).then(pl.col("cycle_h") * 60.0).otherwise(1.0),
        instrument_sn=pl.lit("FX") + (pl.col("station") * 97 + 30_001).cast(pl.String) + "-"
        + pl.col("factor_code").str.slice(1),
    ))  # fmt: skip
