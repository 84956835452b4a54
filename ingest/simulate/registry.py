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
    _shareholders(world, delivery, rng, pl.Series(holders))
    _officers(world, delivery, pl.Series(supervisors))
    renamed = firms.filter(pl.col("former_name").is_not_null())
    delivery.add("company_change", renamed.select(
        changed_on=pl.col("founded_on").dt.offset_by("2y"),
        item=pl.lit("名称变更"), old_value="former_name", new_value="name",
        **{"org:company": pl.col("firm")},
    ))  # fmt: skip


def _shareholders(
    world: World, delivery: Delivery, rng: np.random.Generator, holders: pl.Series
) -> None:
    """Stakes set on purpose; every other firm has its legal representative and mostly another."""
    firms, people, stakes = world.firms(), world.people.frame(), world.ownership.stakes
    share = rng.choice([100.0, 90.0, 80.0, 70.0, 60.0, 51.0], firms.height)
    usual = firms.select("firm", "legal_person", "founded_on").with_columns(
        holder=holders, pct=pl.Series(share)
    ).filter(~pl.col("firm").is_in([stake.firm for stake in stakes]))  # fmt: skip
    set_on_purpose = pl.DataFrame(
        [(s.firm, s.holder_person, s.holder_firm, s.pct, s.from_on, s.to_on) for s in stakes],
        schema={"firm": pl.Int64, "person": pl.Int64, "holder_firm": pl.Int64, "pct": pl.Float64,
                "from_on": pl.Date, "valid_to": pl.Date}, orient="row",
    )  # fmt: skip
    first = usual.select("firm", "pct", person="legal_person")
    second = usual.filter(pl.col("pct") < 100).select(
        "firm", pct=100 - pl.col("pct"), person="holder"
    )
    rows = pl.concat([first, second, set_on_purpose], how="diagonal")
    person, firm = rows["person"], rows["holder_firm"]
    rows = rows.with_columns(
        holder_name=pl.select(pl.coalesce(people["person_name"].gather(person),
                                          firms["name"].gather(firm))).to_series(),
        holder_id=pl.select(pl.coalesce(people["id_number"].gather(person),
                                        firms["uscc"].gather(firm))).to_series(),
        founded_on=firms["founded_on"].gather(rows["firm"]),
        capital=firms["capital_yuan"].gather(rows["firm"]),
    )  # fmt: skip
    delivery.add("shareholder", rows.select(
        "holder_name", "holder_id", "pct", "valid_to",
        holder_kind=pl.when(pl.col("holder_firm").is_null()).then(pl.lit("自然人股东"))
        .otherwise(pl.lit("企业法人")),
        capital_yuan=(pl.col("capital") * pl.col("pct") / 100).round(2),
        valid_from=pl.coalesce("from_on", "founded_on"),
        **{"org:company": pl.col("firm")},
    ))  # fmt: skip


def _officers(world: World, delivery: Delivery, supervisors: pl.Series) -> None:
    firms = world.firms()
    for source, post in ((firms["legal_person"], "执行董事兼总经理"), (supervisors, "监事")):
        mentions: dict[str, pl.Expr | pl.Series] = {
            "org:company": pl.col("firm"), "person:officer": source
        }  # fmt: skip
        delivery.add("officer", firms.select(
            post=pl.lit(post), valid_from="founded_on", **mentions
        ))  # fmt: skip
    held = world.ownership.posts
    if held:
        founded = firms["founded_on"].gather([post.firm for post in held])
        delivery.add("officer", pl.DataFrame({
            "post": [post.title for post in held],
            "valid_from": [p.from_on or day for p, day in zip(held, founded, strict=True)],
            "valid_to": pl.Series([post.to_on for post in held], dtype=pl.Date),
            "org:company": [post.firm for post in held],
            "person:officer": [post.person for post in held],
        }))  # fmt: skip


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
