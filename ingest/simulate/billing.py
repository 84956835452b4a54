"""Invoices: goods, freight, disposal fees. Money for waste runs against the waste."""

import numpy as np
import polars as pl

from ingest.simulate.delivery import Delivery
from ingest.simulate.size import Period
from ingest.simulate.streams import Ints, stream
from ingest.simulate.trades import (
    BUYERS,
    BY_PRODUCTS,
    DISPOSAL_PRICE_YUAN_T,
    FREIGHT_YUAN_T_KM,
    TRADES,
    TREATMENTS,
    WASTE_NAMES,
)
from ingest.simulate.world import World

SALE_SCHEMA: dict[str, pl.DataType] = {
    "tag": pl.String(),
    "seller": pl.Int64(),
    "buyer": pl.Int64(),
    "item_name": pl.String(),
    "uom": pl.String(),
    "quantity": pl.Float64(),
    "price_yuan": pl.Float64(),
    "rate_pct": pl.Float64(),
    "issued_at": pl.Datetime("us"),
    "vehicle": pl.Int64(),
    "from_place": pl.String(),
    "to_place": pl.String(),
    "remark": pl.String(),
    "seller_name": pl.String(),
    "buyer_name": pl.String(),
}


def sale_rows(rows: list[dict[str, object]]) -> pl.DataFrame:
    """Sales written by hand: seller, buyer, item_name, quantity (t), price_yuan, issued_at."""
    full = [{"uom": "吨", "rate_pct": 13.0} | row for row in rows]
    return pl.DataFrame([{c: r.get(c) for c in SALE_SCHEMA} for r in full], schema=SALE_SCHEMA)


def _sales(frame: pl.DataFrame) -> pl.DataFrame:
    missing = [c for c in SALE_SCHEMA if c not in frame.columns]
    return frame.with_columns(pl.lit(None).alias(c) for c in missing).select(
        pl.col(c).cast(t) for c, t in SALE_SCHEMA.items()
    )


def disposal_fees(world: World, shipments: pl.DataFrame) -> pl.DataFrame:
    """One fee per pair, category and month, by the plant to the generator (or goods, if bought)."""
    rng = stream(world.seed, "fees", str(shipments["departed_at"].min()))
    billed = shipments.filter(pl.col("billed") & (pl.col("decision") != "拒绝"))
    sums = (
        billed.group_by("shipper", "receiver", "category",
                        pl.col("accepted_at").dt.truncate("1mo").alias("month"))
        .agg(quantity=pl.col("received_t").sum().round(3), last=pl.col("accepted_at").max(),
             code=pl.col("waste_code").first())
        .sort("shipper", "receiver", "category", "month")
    )  # fmt: skip
    n = sums.height
    price = sums["category"].replace_strict(DISPOSAL_PRICE_YUAN_T, default=2500.0)
    price = price.cast(pl.Float64) * pl.Series(rng.normal(1, 0.07, n))
    issued = (
        pl.col("month").dt.month_end()
        + pl.duration(minutes=pl.lit(pl.Series(rng.integers(9 * 60, 17 * 60, n))))
        - pl.duration(days=pl.lit(pl.Series(rng.integers(0, 3, n))))
    )
    bought = pl.col("price_yuan") < 0
    names = {code: f"*废弃资源*{name}" for code, (name, _) in WASTE_NAMES.items()}
    frame = sums.with_columns(price_yuan=price.round(2)).with_columns(
        seller=pl.when(bought).then("shipper").otherwise("receiver"),
        buyer=pl.when(bought).then("receiver").otherwise("shipper"),
        item_name=pl.when(bought)
        .then(pl.col("code").replace_strict(names, default="*废弃资源*含金属废料"))
        .otherwise(pl.lit("*环境治理服务*危险废物处置费")),
        price_yuan=pl.col("price_yuan").abs(),
        uom=pl.lit("吨"),
        rate_pct=pl.when(bought).then(13.0).otherwise(6.0),
        issued_at=pl.max_horizontal(issued, pl.col("last")),
    )
    return _sales(frame)


def freight(world: World, shipments: pl.DataFrame) -> pl.DataFrame:
    """A freight invoice for most trips, carrier to generator, plate and places in it."""
    rng = stream(world.seed, "freight", str(shipments["departed_at"].min()))
    n = shipments.height
    moved = shipments.with_columns(
        rate=pl.Series(rng.normal(FREIGHT_YUAN_T_KM, 0.08, n)), kept=pl.Series(rng.random(n) < 0.6),
        delay=pl.Series(rng.integers(1, 6, n)),
    ).filter(pl.col("kept") & pl.col("travelled") & pl.col("billed"))  # fmt: skip
    plates = world.vehicles()["plate"].gather(moved["vehicle"])
    return _sales(moved.select(
        seller="carrier",
        buyer="shipper",
        item_name=pl.lit("*运输服务*危险货物运输费"),
        uom=pl.lit("次"),
        quantity=pl.lit(1.0),
        price_yuan=((pl.col("quantity_t").clip(3) * pl.col("distance_km") * pl.col("rate")) + 350)
        .round(2),
        rate_pct=pl.lit(9.0),
        issued_at=pl.col("accepted_at") + pl.duration(days=pl.col("delay")),
        vehicle="vehicle",
        from_place="shipper:county",
        to_place="receiver:county",
        remark=pl.lit("车牌") + plates + " 起运地" + pl.col("shipper:county") + " 到达地"
        + pl.col("receiver:county"),
    ))  # fmt: skip


def ordinary_trade(world: World, period: Period) -> pl.DataFrame:
    """Feedstock in, product out, recovered materials sold: what firms live on."""
    rng = stream(world.seed, "trade", period.label)
    generators = world.of_role("generator")
    suppliers = world.of_role("supplier")["firm"].to_numpy()
    dealers = world.of_role("trader").filter(pl.col("founded_on") < period.first)
    traders = dealers["firm"].to_numpy()
    plants = world.of_role("receiver").filter(
        pl.col("trade").is_in([i for i, t in enumerate(TREATMENTS) if t.product])
    )
    months = max(1, round(period.days / 30)) if period.is_event else 2
    parts = [
        _trade(rng, generators, "feed", suppliers, period, months, into=True),
        _trade(rng, generators, "product", traders, period, months, into=False),
        _trade(rng, plants, "product", traders, period, months * 2, into=False, licensed=True),
        _to_works(rng, plants, generators, period, months, licensed=True),
        _to_works(rng, dealers, generators, period, months, licensed=False),
        _by_products(rng, generators, traders, period, months),
    ]
    return pl.concat(parts)


def _to_works(
    rng: np.random.Generator, sellers: pl.DataFrame, works: pl.DataFrame, period: Period,
    times: int, *, licensed: bool,
) -> pl.DataFrame:  # fmt: skip
    """Sales to works that use the goods: recovered products of a plant, feedstock of a trader."""
    goods = pl.DataFrame(
        [
            {"seller_trade": i if licensed else -1, "works_trade": j, "item_name": item,
             "price": float(price)}
            for i, kind in enumerate(TREATMENTS if licensed else TREATMENTS[:1])
            for item, price, buyers in (
                [(*kind.product, BUYERS[i])] if licensed and kind.product
                else [] if licensed
                else [(*trade.feed, (j,)) for j, trade in enumerate(TRADES)]
            )
            for j in buyers
        ]
    )  # fmt: skip
    own = sellers["firm"].to_numpy().repeat(times)
    buyers = works[rng.integers(0, works.height, len(own)).tolist()]
    frame = pl.DataFrame({
        "seller": own, "buyer": buyers["firm"], "works_trade": buyers["trade"],
        "seller_trade": sellers["trade"].to_numpy().repeat(times) if licensed else -1,
    }).join(goods, on=["seller_trade", "works_trade"], maintain_order="left")  # fmt: skip
    n = frame.height
    price = frame["price"].to_numpy() * rng.normal(1, 0.05, n)
    return _sales(frame.with_columns(
        uom=pl.lit("吨"),
        quantity=pl.Series(np.round(np.clip(rng.lognormal(11, 0.7, n) / price, 0.2, 200), 3)),
        price_yuan=pl.Series(np.round(price, 2)),
        rate_pct=pl.lit(13.0),
        issued_at=pl.Series(_office_hours(rng, period, n)),
    ))  # fmt: skip


def _by_products(
    rng: np.random.Generator, works: pl.DataFrame, traders: Ints, period: Period, times: int
) -> pl.DataFrame:
    """Real by-products: from works through a trader, who adds his share, to works that use them."""
    makers = works.filter(pl.col("trade").is_in(list(BY_PRODUCTS)) & (pl.col("firm") % 11 == 3))
    n = makers.height * times
    own = makers["firm"].to_numpy().repeat(times)
    items = [BY_PRODUCTS[trade] for trade in makers["trade"].to_list()]
    price = np.array([p for _, p in items]).repeat(times) * rng.normal(1, 0.05, n)
    bought = pl.DataFrame({
        "seller": own,
        "buyer": traders[(own * 5) % len(traders)],
        "item_name": pl.Series([name for name, _ in items for _ in range(times)], dtype=pl.String),
        "uom": ["吨"] * n,
        "quantity": np.round(rng.uniform(5, 30, n), 3),
        "price_yuan": np.round(price, 2),
        "rate_pct": np.full(n, 13.0),
        "issued_at": _office_hours(rng, period, n),
    })  # fmt: skip
    users = works["firm"].gather((own * 17 + 5) % works.height)
    sold = bought.with_columns(
        seller="buyer", buyer=users, price_yuan=(pl.col("price_yuan") * 1.11).round(2),
        issued_at=pl.col("issued_at").dt.offset_by("3d"),
    ).filter(pl.col("issued_at") < period.until)  # fmt: skip
    return pl.concat([_sales(bought), _sales(sold)])


def _office_hours(rng: np.random.Generator, period: Period, n: int) -> pl.Series:
    """``n`` times of day at which invoices are written."""
    minutes = rng.integers(0, period.days, n) * 1440 + rng.integers(510, 1050, n)
    first = np.datetime64(period.first, "m")
    return pl.Series((first + minutes.astype("timedelta64[m]")).astype("datetime64[us]"))


def _trade(
    rng: np.random.Generator, firms: pl.DataFrame, kind: str, others: Ints, period: Period,
    times: int, *, into: bool, licensed: bool = False,
) -> pl.DataFrame:  # fmt: skip
    n = firms.height * times
    own = firms["firm"].to_numpy().repeat(times)
    trade = firms["trade"].to_numpy().repeat(times)
    table: list[tuple[str, float]] = (
        [t.product or ("", 0.0) for t in TREATMENTS]
        if licensed
        else [(t.feed if kind == "feed" else t.product) for t in TRADES]
    )
    partner = others[(own * 13 + rng.integers(0, 3, n)) % len(others)]
    price = np.array([p for _, p in table])[trade] * rng.normal(1, 0.05, n)
    tonnes = np.clip(rng.lognormal(11.6, 0.7, n) / np.maximum(price, 200), 0.2, 900)
    return _sales(pl.DataFrame({
        "seller": partner if into else own,
        "buyer": own if into else partner,
        "item_name": pl.Series([name for name, _ in table]).gather(trade),
        "uom": ["吨"] * n,
        "quantity": np.round(tonnes, 3),
        "price_yuan": np.round(price, 2),
        "rate_pct": np.full(n, 13.0),
        "issued_at": _office_hours(rng, period, n),
    }))  # fmt: skip


def invoices(world: World, sales: pl.DataFrame, delivery: Delivery, serial: int) -> int:
    """Add sales as invoices in order of time; the serial that comes next."""
    frame = sales.sort("issued_at", "seller", "buyer", "item_name", maintain_order=True)
    n = frame.height
    rng = stream(world.seed, "invoices", serial)
    number = pl.Series(np.arange(serial, serial + n) * 7 + 3_100_000)
    amount = (pl.col("quantity") * pl.col("price_yuan")).round(2)
    service = pl.col("item_name").str.contains("费$")
    frame = frame.with_columns(
        einvoice_no=pl.col("issued_at").dt.strftime("%y") + pl.lit("322")
        + number.cast(pl.String).str.zfill(15),
        amount_yuan=amount,
        hidden=pl.Series(rng.random(n) < 0.25) & service,
    )  # fmt: skip
    delivery.add("invoice", frame.select(
        "tag", "einvoice_no", "issued_at", "item_name", "rate_pct", "from_place", "to_place",
        "remark", "amount_yuan",
        line_no=pl.lit(1, pl.Int64),
        uom=pl.when(~pl.col("hidden")).then("uom"),
        qty=pl.when(~pl.col("hidden")).then("quantity"),
        unit_price_yuan=pl.when(~pl.col("hidden")).then("price_yuan"),
        tax_yuan=(pl.col("amount_yuan") * pl.col("rate_pct") / 100).round(2),
        total_yuan=(pl.col("amount_yuan") * (1 + pl.col("rate_pct") / 100)).round(2),
        kind=pl.lit("数电票（增值税专用发票）"),
        status=pl.lit("正常"),
        is_positive=pl.lit(True),
        **{"org:seller": pl.col("seller"), "org:buyer": pl.col("buyer"),
           "org:seller:name": pl.col("seller_name"), "org:buyer:name": pl.col("buyer_name"),
           "vehicle:vehicle": pl.col("vehicle")},
    ))  # fmt: skip
    return serial + n
