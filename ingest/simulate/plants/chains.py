"""Waste that leaves a works as goods: sales from hand to hand, money back, lorries at night."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from ingest.simulate.scene import Place, Scene, moment


@dataclass(frozen=True, slots=True)
class ByProduct:
    """What waste is called when it is sold: invoice item, price, what is paid to be rid of it."""

    item: str
    code: str
    price_yuan: float
    fee_yuan: float


ACID = ByProduct("*无机酸*副产盐酸", "900-300-34", 90.0, 520.0)
SOLVENT = ByProduct("*有机化学原料*副产混合溶剂", "900-404-06", 420.0, 1_150.0)
SLUDGE = ByProduct("*废弃资源*含铜污泥中间品", "336-062-17", 260.0, 900.0)
ASH = ByProduct("*有色金属*铝灰副产品", "321-024-48", 150.0, 700.0)


@dataclass(slots=True)
class Chain:
    """Givers, the hands in between, where it ends, and how it goes.

    ``margin`` is the factor from price to price (below 1 the price falls); ``gap_days`` lie between
    buying and selling on; ``fees`` says whether money runs back as services. Each giver has one of
    the ``lorries``, without any nothing is seen on the road. ``first_day`` and ``last_day`` count
    back from the last day.
    """

    givers: list[int]
    hands: list[int]
    end: int | Place
    what: ByProduct
    tonnes: float
    lots: int = 4
    first_day: float = 28.0
    last_day: float = 6.0
    margin: float = 0.8
    gap_days: float = 2.0
    fees: bool = True
    lorries: tuple[int, ...] = ()
    at_night: bool = True

    def firms(self) -> list[int]:
        """Hands first, then the end if it is a firm, then the givers."""
        end = [] if isinstance(self.end, Place) else [self.end]
        return [*self.hands, *end, *self.givers]

    def span(self) -> tuple[datetime, datetime]:
        """First and last time of it."""
        shift = self.gap_days * len(self.hands)
        days = [day - s for day in (self.first_day, self.last_day) for s in (0.0, shift)]
        return moment(max(days), 0), moment(max(min(days), 0), 23.5)


def run(scene: Scene, tag: str, chain: Chain) -> None:
    """Put a chain on stage: each lot of each giver goes through all hands to the end."""
    rng = scene.random(f"chain {tag}")
    step = (chain.first_day - chain.last_day) / max(1, chain.lots - 1)
    for lot in range(chain.lots):
        for number, giver in enumerate(chain.givers):
            tonnes = chain.tonnes / chain.lots / len(chain.givers) * float(rng.uniform(0.9, 1.1))
            day = chain.first_day - lot * step - 0.1 * number
            _pass_on(scene, tag, chain, giver, tonnes, int(day))
            _haul(scene, tag, chain, giver, tonnes, int(day))


def _lorry_of(chain: Chain, giver: int) -> int | None:
    """The lorry that comes to a giver: none can be at two works in one night."""
    turn = chain.givers.index(giver)
    return chain.lorries[turn % len(chain.lorries)] if chain.lorries else None


def _pass_on(scene: Scene, tag: str, chain: Chain, giver: int, tonnes: float, day: int) -> None:
    rng = scene.random(f"sale {tag} {giver} {day}")
    path = [giver, *chain.hands] + ([] if isinstance(chain.end, Place) else [chain.end])
    price = chain.what.price_yuan * float(rng.uniform(0.97, 1.03))
    fee = chain.what.fee_yuan
    for hop, (seller, buyer) in enumerate(pairwise(path)):
        at = moment(day - chain.gap_days * hop, 9.5 + float(rng.uniform(0, 6)))
        scene.trades.append({
            "tag": tag, "seller": seller, "buyer": buyer, "item_name": chain.what.item,
            "quantity": round(tonnes * 0.99**hop, 3),
            "price_yuan": round(price, 2), "issued_at": at,
            "vehicle": _lorry_of(chain, giver),
        })  # fmt: skip
        if chain.fees:
            scene.trades.append({
                "tag": tag, "seller": buyer, "buyer": seller, "uom": "次", "quantity": 1.0,
                "item_name": "*现代服务*技术服务费", "rate_pct": 6.0,
                "price_yuan": round(tonnes * fee, 2), "issued_at": at + timedelta(hours=20),
            })  # fmt: skip
        price, fee = price * chain.margin, fee * 0.62


def _haul(scene: Scene, tag: str, chain: Chain, giver: int, tonnes: float, day: int) -> None:
    lorry = _lorry_of(chain, giver)
    if lorry is None:
        return
    rng = scene.random(f"haul {tag} {giver} {day}")
    hour = (21.2 if chain.at_night else 8.5) + float(rng.uniform(0, 0.4))
    scene.drive(tag, giver, chain.end, moment(day, hour), tonnes, vehicle=lorry,
                goods=chain.what.item.split("*")[-1])  # fmt: skip
