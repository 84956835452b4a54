"""Who lives in the province: firms of every role with what their trade gives them."""

import numpy as np
import polars as pl

from ingest.simulate.names import STREETS
from ingest.simulate.size import WorldSize
from ingest.simulate.streams import pick, stream
from ingest.simulate.trades import PLANT_ORDER, TRADES, TREATMENTS, Trade
from ingest.simulate.world import People, World

HAZMAT_SCOPE = "许可项目：道路危险货物运输（依法须经批准的项目）"
INCUBATOR_MEMBERS = 26
BOOKKEEPER_CLIENTS = 90


def settle(seed: int, size: WorldSize) -> World:
    """A province with its everyday firms; nothing planted yet."""
    world = World(seed=seed, size=size, people=People(seed))
    _generators(world)
    _receivers(world)
    scope = {"scope": HAZMAT_SCOPE, "industry": "G5430"}
    world.found("carrier", size.carriers, scope)
    world.found(
        "trader",
        size.traders,
        {"scope": "一般项目：化工产品销售（不含许可类化工产品）；金属材料销售"},
    )
    world.found(
        "supplier", max(4, size.traders // 3), {"scope": "一般项目：化工产品销售；金属材料销售"}
    )
    world.found(
        "tester", size.testing_bodies, {"scope": "许可项目：检验检测服务", "industry": "M7461"}
    )
    scope = {"scope": "一般项目：环境保护监测；仪器仪表修理；信息系统运行维护服务"}
    world.found("operator", size.operators, scope | {"industry": "M7463"})
    _sisters(world)
    _bystanders(world)
    return world


def _by_trade(
    n: int, values: list[list[str]], trade: pl.Series, seed: int, label: str
) -> pl.Series:
    rng = stream(seed, label)
    draw = rng.integers(0, 1_000, n)
    return pl.Series([values[t][d % len(values[t])] for t, d in zip(trade, draw, strict=True)])


def _generators(world: World) -> None:
    n = world.size.generators
    rng = stream(world.seed, "generators")
    shares = np.array([16, 11, 12, 9, 9, 9, 14, 8, 5, 4, 2, 3], dtype=float)
    trade = pl.Series(rng.choice(len(TRADES), n, p=shares / shares.sum()))
    world.found("generator", n, {
        "trade": trade,
        "word": _by_trade(n, [list(t.words) for t in TRADES], trade, world.seed, "words"),
        "industry": pl.Series([t.industry for t in TRADES]).gather(trade),
        "insured_count": np.round(np.clip(rng.lognormal(4.2, 0.8, n), 12, 4_000)).astype(np.int64),
        "scope": pl.Series([_scope(t) for t in TRADES]).gather(trade),
        "monthly_kwh": np.round(rng.lognormal(12.2, 0.8, n)),
    })  # fmt: skip


def _scope(trade: Trade) -> str:
    return f"一般项目：{trade.words[0]}产品制造；{trade.product[0].split('*')[-1]}销售"


def _receivers(world: World) -> None:
    n = world.size.receivers
    rng = stream(world.seed, "receivers")
    trade = pl.Series(np.resize(np.array(PLANT_ORDER, dtype=np.int64), n))
    world.found("receiver", n, {
        "trade": trade,
        "word": _by_trade(n, [list(t.words) for t in TREATMENTS], trade, world.seed, "plants"),
        "industry": "N7724",
        "insured_count": rng.integers(35, 260, n),
        "scope": "许可项目：危险废物经营（依法须经批准的项目）",
    })  # fmt: skip


def _sisters(world: World) -> None:
    """Sister firms: same brand, county and street, another line of business, one letter apart."""
    n = max(2, world.size.generators // 25)
    rng = stream(world.seed, "sisters")
    elders = world.of_role("generator", "receiver").sample(n, seed=world.seed % 10_000)
    world.found("bystander", n, {
        "brand": elders["brand"],
        "division_code": elders["division_code"],
        "word": pick(rng, ["贸易", "新材料", "科技", "置业", "投资管理", "设备"], n),
        "street": elders["street"],
        "door": elders["door"],
        "legal_person": elders["legal_person"],
    })  # fmt: skip


def _bystanders(world: World) -> None:
    """Firms that share an incubator's address or a bookkeeper's phone, and others."""
    size, rng = world.size, stream(world.seed, "bystanders")
    incubators = max(1, size.bystanders // 120)
    for i in range(incubators):
        n = min(INCUBATOR_MEMBERS, max(2, size.bystanders // 4))
        county = world.of_role("generator")["division_code"][i]
        street = STREETS[int(rng.integers(0, len(STREETS)))]
        host = f"{street}{int(rng.integers(10, 400))}号众创孵化园A座"
        firms = world.found("bystander", n, {"division_code": county, "insured_count": 2})
        _rewrite_addresses(world, n, host, firms[0])
    clients = min(BOOKKEEPER_CLIENTS, max(3, size.bystanders // 2))
    for _ in range(max(1, size.bystanders // 240)):
        keeper = int(world.people.hire(1)[0])
        phone = world.people.frame()["mobile"][keeper]
        world.found("bystander", clients, {"phone": phone})
    world.found("bystander", max(1, size.bystanders - incubators * INCUBATOR_MEMBERS))


def _rewrite_addresses(world: World, n: int, host: str, first: int) -> None:
    block = world.firm_blocks[-1]
    rooms = (pl.Series(np.arange(n)) * 3 + 201).cast(pl.String)
    tail = block.filter(pl.col("firm") >= first)
    address = pl.lit("江苏省") + pl.col("city") + pl.col("county") + pl.lit(host) + rooms + "室"
    world.firm_blocks[-1] = pl.concat(
        [block.filter(pl.col("firm") < first), tail.with_columns(address=address)]
    )
