"""Waste handed from firm to firm: the hand-overs that loops and their look-alikes are made of."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ingest.simulate.scene import Row, Scene, moment
from ingest.simulate.trades import TREATMENTS


@dataclass(slots=True)
class HandOver:
    """One hand-over of a walk: from ``giver`` to ``taker``, ``day`` days before the last day.

    ``goods`` names an invoice item when it is a sale of goods at ``price_yuan`` per tonne instead
    of a manifest. ``extra`` overrides columns of the transfer.
    """

    giver: int
    taker: int
    code: str
    tonnes: float
    day: float
    hour: float = 9.0
    lots: int = 1
    travelled: bool = False
    goods: str = ""
    price_yuan: float = 0.0
    truck: Row | None = None
    extra: Row = field(default_factory=dict)


def round_trip(
    nodes: Sequence[int], codes: Sequence[str] | str, tonnes: float, days: Sequence[float],
    *, keep: float = 0.99, lots: int = 1, travelled: bool = False,
) -> list[HandOver]:  # fmt: skip
    """Hand-overs along ``nodes`` and back to the first; each keeps the share ``keep``."""
    ends = [*nodes[1:], nodes[0]]
    texts = [codes] * len(nodes) if isinstance(codes, str) else list(codes)
    return [
        HandOver(a, b, code, tonnes * keep**i, day, lots=lots, travelled=travelled)
        for i, (a, b, code, day) in enumerate(zip(nodes, ends, texts, days, strict=True))
    ]


def hand_over(scene: Scene, tag: str, steps: Sequence[HandOver]) -> None:
    """Put hand-overs on stage as transfers and sales."""
    rng = scene.random(f"steps {tag}")
    trade = scene.world.firms()["trade"].to_list()
    role = scene.world.firms()["role"].to_list()
    for step in steps:
        if step.goods:
            scene.trades.append({
                "tag": tag, "seller": step.giver, "buyer": step.taker, "item_name": step.goods,
                "quantity": round(step.tonnes, 3), "price_yuan": step.price_yuan,
                "issued_at": moment(step.day, step.hour + float(rng.uniform(0, 3))),
            })  # fmt: skip
            continue
        licensed = role[step.taker] == "receiver"
        for lot in range(step.lots):
            part = step.tonnes / step.lots * float(rng.uniform(0.97, 1.03))
            scene.moves.append({
                "tag": tag, "shipper": step.giver, "receiver": step.taker,
                **(step.truck or scene.truck()),
                "waste_code": step.code, "quantity_t": round(part, 3),
                "received_ratio": float(rng.uniform(0.992, 1.0)),
                "departed_at": moment(step.day, step.hour + 0.4 * lot + float(rng.uniform(0, 0.3))),
                "travelled": step.travelled,
                "method": TREATMENTS[trade[step.taker]].method if licensed else None,
            } | step.extra)  # fmt: skip


def span(steps: Sequence[HandOver]) -> tuple[datetime, datetime]:
    """First and last time of some hand-overs."""
    days = [step.day for step in steps]
    return moment(max(days), 0), moment(min(days), 23.5)


def falling(rng_days: Sequence[float], last: float) -> list[float]:
    """Days before the end for gaps between hand-overs, the last one ``last`` days before."""
    total, out = last, [last]
    for gap in reversed(list(rng_days)):
        total += gap
        out.append(total)
    return out[::-1]
