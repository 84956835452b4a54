"""即征即退: tax refunds that plants claim for products made out of waste."""

import polars as pl

from ingest.simulate.delivery import Delivery
from ingest.simulate.streams import hashed_uniform
from ingest.simulate.trades import TREATMENTS, WASTE_NAMES
from ingest.simulate.world import World

CATEGORIES = {"HW06": "3.4 废溶剂", "HW08": "2.10 废矿物油", "HW17": "2.14 污泥",
              "HW22": "2.15 废液", "HW34": "2.15 废液", "HW46": "2.16 废催化剂", "HW48": "2.9 废渣",
              "HW49": "2.12 包装容器", "HW50": "2.16 废催化剂"}  # fmt: skip
CLAIMING_SHARE = 0.7
REFUND_PCT = {"HW08": 50.0, "HW34": 50.0}


def tax_refunds(
    world: World, shipments: pl.DataFrame, claimants: set[int], delivery: Delivery
) -> None:
    """Add vat_refund: one claim per plant, category of waste and month, on the tonnes accepted.

    ``claimants`` claim whatever their habit.
    """
    products = [i for i, kind in enumerate(TREATMENTS) if kind.product]
    plants = world.of_role("receiver").filter(pl.col("trade").is_in(products))
    habit = hashed_uniform(plants["firm"].to_numpy(), world.seed, "claims") < CLAIMING_SHARE
    plants = plants.filter(pl.Series(habit) | pl.col("firm").is_in(sorted(claimants)))
    sums = (
        shipments.filter(pl.col("decision") != "拒绝")
        .join(plants.select("firm", "trade"), left_on="receiver", right_on="firm")
        .group_by("receiver", "trade", "category",
                  pl.col("accepted_at").dt.truncate("1mo").alias("month"))
        .agg(input_t=pl.col("received_t").sum().round(3), code=pl.col("waste_code").min())
        .sort("receiver", "category", "month")
    )  # fmt: skip
    if sums.height == 0:
        return
    made = pl.DataFrame({
        "trade": range(len(TREATMENTS)),
        "product": [kind.product[0].split("*")[-1] if kind.product else "" for kind in TREATMENTS],
        "price": [float(kind.product[1]) if kind.product else 0.0 for kind in TREATMENTS],
        "yield": [float(kind.yield_ratio) for kind in TREATMENTS],
    })  # fmt: skip
    sums = sums.join(made, on="trade", maintain_order="left").with_columns(
        output_t=(pl.col("input_t") * pl.col("yield")).round(3)
    )
    pct = pl.col("category").replace_strict(REFUND_PCT, default=30.0, return_dtype=pl.Float64)
    value = pl.col("output_t") * pl.col("price")
    delivery.add("vat_refund", sums.select(
        "input_t", "output_t",
        period=pl.col("month").dt.strftime("%Y-%m"),
        category=pl.col("category").replace_strict(CATEGORIES, default="2.9 废渣"),
        input_name=pl.col("code").replace_strict(
            {code: name for code, (name, _) in WASTE_NAMES.items()}, default="其他危险废物"),
        refund_pct=pct,
        refund_yuan=(value * 0.13 * pct / 100).round(2),
        product_name="product",
        approved_on=pl.col("month").dt.offset_by("1mo").dt.offset_by("18d").cast(pl.Date),
        **{"org:taxpayer": pl.col("receiver")},
    ))  # fmt: skip
