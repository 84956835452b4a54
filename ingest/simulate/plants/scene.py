"""What a plant may use: the world, reserve trucks, and places to put its events."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import numpy as np
import polars as pl

from ingest.simulate.billing import SALE_SCHEMA, sale_rows
from ingest.simulate.delivery import Delivery
from ingest.simulate.streams import stream
from ingest.simulate.transfers import TRANSFER_SCHEMA, Fleet, Routes, transfer_rows
from ingest.simulate.truth import Case, Kind, Truth
from ingest.simulate.world import World

Row = dict[str, object]
LAST_DAY = date(2026, 10, 31)


@dataclass(slots=True)
class Scene:
    """Collects planted events; nothing here knows what a detector looks for."""

    world: World
    fleet: Fleet
    routes: Routes
    delivery: Delivery
    truth: Truth
    moves: list[Row] = field(default_factory=list)
    trades: list[Row] = field(default_factory=list)
    licensed: list[Row] = field(default_factory=list)
    tampered: list[Row] = field(default_factory=list)
    serial: dict[str, int] = field(default_factory=dict)
    used_trucks: int = 0

    def random(self, label: str) -> np.random.Generator:
        """Random stream of one plant."""
        return stream(self.world.seed, "plants", label)

    def case(
        self, model: str, kind: Kind, name: str, firms: list[int], why: str,
        started: datetime, ended: datetime, **amounts: float,
    ) -> str:  # fmt: skip
        """Register a case; the tag to put on its rows."""
        number = self.serial[model] = self.serial.get(model, 0) + 1
        tag = f"{model}-{number:03d}"
        stamp = "%Y-%m-%d %H:%M"
        self.truth.plant(
            Case(tag, model, kind, name, firms, why, f"{started:{stamp}}", f"{ended:{stamp}}",
                 {k: round(float(v), 4) for k, v in amounts.items()})
        )  # fmt: skip
        return tag

    def truck(self, owner: int | None = None) -> Row:
        """A reserve truck with its crew (vehicle, driver, escort, carrier)."""
        spare = self.fleet.trucks.filter("is_spare")
        if owner is not None:
            spare = spare.filter(pl.col("owner") == owner)
        row = spare.row(self.used_trucks % spare.height, named=True)
        self.used_trucks += 1
        return {
            "carrier": row["owner"], "vehicle": row["vehicle"], "driver": row["driver"],
            "escort": row["escort"],
        }  # fmt: skip

    def transfers(self) -> pl.DataFrame:
        """Planted transfers."""
        return transfer_rows(self.moves) if self.moves else pl.DataFrame(schema=TRANSFER_SCHEMA)

    def sales(self) -> pl.DataFrame:
        """Planted invoices."""
        return sale_rows(self.trades) if self.trades else pl.DataFrame(schema=SALE_SCHEMA)

    def own_licences(self) -> pl.DataFrame:
        """Plants whose licences a plant writes itself."""
        return pl.DataFrame({"firm": [int(str(r["firm"])) for r in self.licensed]},
                            schema={"firm": pl.Int64})  # fmt: skip

    def receivers(self, trade: int) -> list[int]:
        """Licensed plants of one kind (index of TREATMENTS)."""
        return self.world.of_role("receiver").filter(pl.col("trade") == trade)["firm"].to_list()


def moment(days_before_end: float, hour: float) -> datetime:
    """Shanghai time ``days_before_end`` days before 31 October 2026, at a decimal hour."""
    day = datetime(LAST_DAY.year, LAST_DAY.month, LAST_DAY.day) - timedelta(
        days=int(days_before_end)
    )
    return day + timedelta(minutes=round(hour * 60))
