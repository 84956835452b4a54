"""Operating licences of the plants and permits of carriers, trucks and crews."""

from datetime import date

import numpy as np
import polars as pl

from ingest.simulate.delivery import Delivery
from ingest.simulate.shipments import licence_numbers
from ingest.simulate.streams import stream
from ingest.simulate.trades import TREATMENTS
from ingest.simulate.transfers import Fleet
from ingest.simulate.world import World


def operating_licences(
    world: World, delivery: Delivery, monthly_t: pl.DataFrame, own: pl.DataFrame
) -> None:
    """Licences sized to what each plant takes in.

    ``monthly_t`` has receiver, category, tonnes of a usual month; plants in ``own`` (column
    ``firm``) bring licences of their own and are left out.
    """
    rng = stream(world.seed, "licences")
    plants = world.of_role("receiver").filter(~pl.col("firm").is_in(own["firm"].implode()))
    plants = plants.join(licence_numbers(world), on="firm", maintain_order="left")
    n = plants.height
    start = np.datetime64("2023-02-01") + rng.integers(0, 1_000, n)
    plants = plants.with_columns(
        valid_from=pl.Series(start.astype("datetime64[ms]")).cast(pl.Date),
        use=pl.Series(rng.uniform(0.35, 0.75, n)),
    ).with_columns(valid_to=pl.col("valid_from").dt.offset_by("5y").dt.offset_by("-1d"))
    kinds = pl.DataFrame(
        [
            {"trade": i, "category": c, "method": t.method, "mode": t.mode}
            for i, t in enumerate(TREATMENTS)
            for c in t.categories
        ]
    )
    items = (
        plants.join(kinds, on="trade", maintain_order="left_right")
        .join(monthly_t, left_on=["firm", "category"], right_on=["receiver", "category"],
              how="left", maintain_order="left")
        .with_columns(
            licensed_t_a=pl.max_horizontal(
                (pl.col("tonnes").fill_null(0) * 12 / pl.col("use") / 500).ceil() * 500,
                pl.lit(2_000.0),
            )
        )
    )  # fmt: skip
    totals = items.group_by("firm").agg(
        total=pl.col("licensed_t_a").sum(), mode=pl.col("mode").first()
    )
    heads = plants.join(totals, on="firm", maintain_order="left")
    delivery.add("hw_licence", heads.select(
        "valid_from", "valid_to", "mode",
        licence_no="base_licence_no",
        kind=pl.lit("综合经营"),
        crs=pl.lit("WGS84"),
        total_t_a="total",
        issuer=pl.col("city") + "生态环境局",
        issued_on="valid_from",
        status=pl.lit("有效"),
        **{"org:holder": pl.col("firm")},
    ))  # fmt: skip
    # Half of the plants list 全部 for a category, which means all codes of it.
    delivery.add("hw_licence_item", items.select(
        "valid_from", "category", "method", "licensed_t_a",
        licence_no="base_licence_no",
        waste_code=pl.when(pl.col("firm") % 2 == 0).then(pl.lit("全部")),
    ))  # fmt: skip


def transport_licences(world: World, delivery: Delivery, fleet: Fleet) -> None:
    """Road transport licences, vehicle permits, certificates of drivers and escorts."""
    carriers = world.of_role("carrier")
    number = pl.col("division_code") + (pl.col("firm") + 100_000).cast(pl.String)
    delivery.add("carrier_licence", carriers.select(
        licence_no=number,
        scope=pl.lit("道路危险货物运输(3类,6类,8类,9类,危险废物)"),
        valid_from=pl.date(2023, 6, 1) + pl.duration(days=pl.col("firm") % 300),
        valid_to=pl.date(2027, 6, 1) + pl.duration(days=pl.col("firm") % 300),
        status=pl.lit("有效"),
        issuer=pl.col("city") + "交通运输局",
        **{"org:carrier": pl.col("firm")},
    ))  # fmt: skip
    trucks = world.vehicles()
    delivery.add("vehicle_permit", trucks.select(
        "vehicle_kind", "rated_load_t", "vin", "terminal_phone",
        permit_no="transport_no",
        plate_color=pl.lit("黄色"),
        scope=pl.lit("道路危险货物运输(危险废物)"),
        curb_weight_t=(pl.col("rated_load_t") * 0.62 + 5.2).round(2),
        inspected_to="permit_to",
        valid_to="permit_to",
        status=pl.lit("营运"),
        **{"org:owner": pl.col("owner"), "vehicle:vehicle": pl.col("vehicle")},
    ))  # fmt: skip
    codes = world.firms()["uscc"].gather(trucks["owner"])
    delivery.add("vehicle", trucks.select(
        "vin", "rated_load_t", "registered_on",
        plate_kind=pl.lit("01"),
        owner_name=world.firms()["name"].gather(trucks["owner"]),
        owner_id=codes,
        brand_model=pl.lit("重型特殊结构货车"),
        vehicle_kind="vehicle_kind",
        use_kind=pl.lit("R"),
        curb_weight_t=(pl.col("rated_load_t") * 0.62 + 5.2).round(2),
        inspected_to="permit_to",
        status=pl.lit("正常"),
        **{"vehicle:vehicle": pl.col("vehicle")},
    ))  # fmt: skip
    crews = fleet.trucks
    for kind, column in (("道路危险货物驾驶", "driver"), ("押运", "escort")):
        valid_to = crews[f"{column}_valid_to"] if f"{column}_valid_to" in crews.columns else None
        delivery.add("driver_permit", crews.select(
            permit_no=pl.lit("3205") + (pl.col(column) + 1_000_000).cast(pl.String),
            kind=pl.lit(kind),
            issued_on=pl.date(2022, 3, 1),
            valid_to=pl.lit(date(2028, 2, 28)) if valid_to is None else valid_to,
            status=pl.lit("有效"),
            **{"person:driver": pl.col(column), "org:employer": pl.col("owner")},
        ))  # fmt: skip
