"""The market registry's and social insurance's view of every firm."""

import numpy as np
import polars as pl

from ingest.simulate.delivery import Delivery
from ingest.simulate.size import Period
from ingest.simulate.streams import stream
from ingest.simulate.world import World


def registers(world: World, delivery: Delivery) -> None:
    """Add company, shareholder, officer and company_change of all firms."""
    firms = world.firms()
    n = firms.height
    rng = stream(world.seed, "registry")
    people = world.people
    holders = people.hire(n)
    supervisors = people.hire(n)
    names = people.frame()["person_name"]
    delivery.add("company", firms.select(
        "founded_on", "capital_yuan", "scope", "status", "industry", "former_name",
        reg_no=pl.lit("32") + (pl.col("firm") * 7919 + 100000000).cast(pl.String).str.zfill(11),
        kind=pl.when(pl.col("suffix") == "股份有限公司").then(pl.lit("股份有限公司(非上市)"))
        .otherwise(pl.lit("有限责任公司(自然人投资或控股)")),
        reg_capital_yuan="capital_yuan",
        capital_currency=pl.lit("人民币"),
        term_from="founded_on",
        issuer=pl.col("county") + "市场监督管理局",
        approved_on=pl.max_horizontal("founded_on", pl.date(2019, 5, 6)),
        former_names="former_name",
        **{"org:company": pl.col("firm")},
    ))  # fmt: skip
    share = rng.choice([100.0, 90.0, 80.0, 70.0, 60.0, 51.0], n)
    owned = firms.select("firm", "legal_person", "capital_yuan", "founded_on").with_columns(
        holder=pl.Series(holders), pct=pl.Series(share)
    )
    for person, part, skip in (
        ("legal_person", pl.col("pct"), pl.lit(False)),
        ("holder", 100 - pl.col("pct"), pl.col("pct") == 100),
    ):
        rows = owned.filter(~skip).with_columns(part=part)
        delivery.add("shareholder", rows.select(
            holder_name=names.gather(rows[person]),
            holder_kind=pl.lit("自然人股东"),
            holder_id=people.frame()["id_number"].gather(rows[person]),
            capital_yuan=(pl.col("capital_yuan") * pl.col("part") / 100).round(2),
            pct="part",
            valid_from="founded_on",
            **{"org:company": pl.col("firm")},
        ))  # fmt: skip
    for source, post in (
        (firms["legal_person"], "执行董事兼总经理"),
        (pl.Series(supervisors), "监事"),
    ):
        delivery.add("officer", firms.select(
            post=pl.lit(post), valid_from="founded_on",
            **{"org:company": pl.col("firm"), "person:officer": source},
        ))  # fmt: skip
    renamed = firms.filter(pl.col("former_name").is_not_null())
    delivery.add("company_change", renamed.select(
        changed_on=pl.col("founded_on").dt.offset_by("2y"),
        item=pl.lit("名称变更"), old_value="former_name", new_value="name",
        **{"org:company": pl.col("firm")},
    ))  # fmt: skip


def insurance(world: World, delivery: Delivery, period: Period) -> None:
    """Insured headcount per month: each month of an event period, the last two of history."""
    firms = world.firms()
    rng = stream(world.seed, "insured", period.label)
    last = period.until.year * 12 + period.until.month - 2
    for month in range(last - (0 if period.is_event else 2), last + 1):
        wobble = np.round(rng.normal(0, 0.6, firms.height)).astype(np.int64)
        delivery.add("insured", firms.select(
            month=pl.lit(f"{month // 12}-{month % 12 + 1:02d}"),
            kind=pl.lit("养老"),
            headcount=pl.when(pl.col("insured_count") > 8)
            .then(pl.col("insured_count") + pl.Series(wobble))
            .otherwise(pl.col("insured_count")),
            **{"org:employer": pl.col("firm")},
        ))  # fmt: skip
