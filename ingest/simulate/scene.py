"""What a plant may use: the world, reserve trucks, and places to put its events."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import numpy as np
import polars as pl

from ingest.simulate.billing import SALE_SCHEMA, sale_rows
from ingest.simulate.delivery import Delivery
from ingest.simulate.geography import counties
from ingest.simulate.haulage import haul_rows
from ingest.simulate.journeys import cameras
from ingest.simulate.streams import stream
from ingest.simulate.trades import TREATMENTS
from ingest.simulate.transfers import TRANSFER_SCHEMA, Fleet, Routes, transfer_rows
from ingest.simulate.truth import Case, Kind, Severity, Truth
from ingest.simulate.world import World

Row = dict[str, object]
LAST_DAY = date(2026, 10, 31)


@dataclass(frozen=True, slots=True)
class Place:
    """A spot in the open, WGS84, with the county that it lies in."""

    lon: float
    lat: float
    division_code: str


@dataclass(slots=True)
class Parts:
    """What licensed plants have to do with planted cases (``plants/casting.py``).

    ``guilty`` are in a loop, ``apart`` have a licence for one case and no everyday business,
    ``hosts`` get loads of HW-08; plants of one ``troupe`` are in one innocent case.
    """

    guilty: set[int] = field(default_factory=set)
    apart: set[int] = field(default_factory=set)
    hosts: set[int] = field(default_factory=set)
    troupes: list[frozenset[int]] = field(default_factory=list)


@dataclass(slots=True)
class Scene:
    """Collects planted events; nothing here knows what a detector looks for.

    ``moves`` are transfers, ``trades`` invoices, ``licensed`` plants with licences of their own,
    ``tampered`` changes of monitoring series (``tampering.py``), ``jobs`` sampling jobs
    (``jobs.py``); ``kept`` holds tables that plants and surroundings share, made once.
    """

    world: World
    fleet: Fleet
    routes: Routes
    delivery: Delivery
    truth: Truth
    moves: list[Row] = field(default_factory=list)
    trades: list[Row] = field(default_factory=list)
    licensed: list[Row] = field(default_factory=list)
    tampered: list[Row] = field(default_factory=list)
    jobs: list[Row] = field(default_factory=list)
    kept: dict[str, pl.DataFrame] = field(default_factory=dict)
    serial: dict[str, int] = field(default_factory=dict)
    spare: deque[Row] = field(default_factory=deque)
    taken: set[int] = field(default_factory=set)
    parts: Parts = field(default_factory=Parts)
    hauls: list[Row] = field(default_factory=list)
    claimants: set[int] = field(default_factory=set)
    notes: dict[str, list[Row]] = field(default_factory=dict)

    def random(self, label: str) -> np.random.Generator:
        """Random stream of one plant."""
        return stream(self.world.seed, "plants", label)

    def case(
        self, model: str, kind: Kind, name: str, firms: list[int], why: str,
        started: datetime, ended: datetime, *, severity: Severity = "",
        subjects: Sequence[dict[str, str]] = (), core: Sequence[int] = (), **amounts: float,
    ) -> str:  # fmt: skip
        """Register a case; the tag to put on its rows.

        ``subjects`` are those beside the firms, such as ``{"kind": "outlet", "outlet_code": …}``.
        """
        number = self.serial[model] = self.serial.get(model, 0) + 1
        tag = f"{model}-{number:03d}"
        stamp = "%Y-%m-%d %H:%M"
        self.truth.plant(
            Case(tag, model, kind, name, firms, why, f"{started:{stamp}}", f"{ended:{stamp}}",
                 {k: round(float(v), 4) for k, v in amounts.items()}, severity, list(core),
                 list(subjects))
        )  # fmt: skip
        return tag

    def truck(self) -> Row:
        """A reserve truck with its crew (vehicle, driver, escort, carrier)."""
        if not self.spare:
            self.spare = deque(self.fleet.trucks.filter("is_spare").to_dicts())
        row = self.spare[0]
        self.spare.rotate(-1)
        return {
            "carrier": row["owner"], "vehicle": row["vehicle"], "driver": row["driver"],
            "escort": row["escort"],
        }  # fmt: skip

    def truck_number(self) -> int:
        """Serial number of a reserve truck."""
        return int(str(self.truck()["vehicle"]))

    def lorry(self, owner: int) -> int:
        """A lorry of a firm, with no permit for dangerous goods."""
        owners = np.array([owner], dtype=np.int64)
        return int(self.world.buy_vehicles(owners, {"is_hazmat": False, "vehicle_kind": "仓栅"})[0])

    def drive(
        self, tag: str, origin: int, target: int | Place, departed: datetime, tonnes: float,
        *, vehicle: int | None = None, goods: str = "",
    ) -> None:  # fmt: skip
        """A trip without manifest from a firm to another or to a place in the open."""
        row: Row = {
            "tag": tag, "vehicle": self.truck_number() if vehicle is None else vehicle,
            "origin": origin, "departed_at": departed, "quantity_t": tonnes, "goods": goods or None,
        }  # fmt: skip
        if isinstance(target, Place):
            row |= {"lon": target.lon, "lat": target.lat, "division_code": target.division_code}
        else:
            row["target"] = target
        self.hauls.append(row)

    def note(self, dataset: str, row: Row) -> None:
        """A row of a dataset that is written one by one."""
        self.notes.setdefault(dataset, []).append(row)

    def open_place(self, number: int) -> Place:
        """A spot near a road of some county, off every yard."""
        places = counties()
        row = places.row((number * 29 + 7 * self.world.seed) % places.height, named=True)
        shift = number % 9 * 0.004
        return Place(round(row["lon"] + 0.021 + shift, 6), round(row["lat"] - 0.017 + shift, 6),
                     row["division_code"])  # fmt: skip

    def roadside(self, number: int) -> Place:
        """A spot some hundred metres off a road that a camera watches."""
        table = cameras(self.world).filter("is_trunk")
        row = table.row((number * 31 + self.world.seed) % table.height, named=True)
        return Place(round(row["lon"] + 0.005, 6), round(row["lat"] + 0.003, 6),
                     row["division_code"])  # fmt: skip

    def county_of(self, place: Place) -> str:
        """Name of the county in which a place lies."""
        names = counties().filter(pl.col("division_code") == place.division_code)
        return str(names["county"][0])

    def phone(self) -> str:
        """A mobile number of somebody new."""
        person = int(self.world.people.hire(1)[0])
        return str(self.world.people.frame()["mobile"][person])

    def journeys(self) -> pl.DataFrame:
        """Planted trips without manifest."""
        return haul_rows(self.hauls)

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

    def generator(self, *trades: int) -> int:
        """A waste generator of some trades (indices of TRADES) that no other case uses yet."""
        firms = self.world.of_role("generator").filter(pl.col("trade").is_in(trades))["firm"]
        start = 17 * len(self.taken) % max(1, len(firms))
        order = [*firms.to_list()[start:], *firms.to_list()[:start]]
        return self._take([firm for firm in order if firm not in self.taken] or order)

    def _take(self, candidates: list[int]) -> int:
        self.taken.add(candidates[0])
        return candidates[0]

    def found_plant(self, trade: int) -> int:
        """A new licensed plant of one kind, with no everyday deliveries."""
        kind, rng = TREATMENTS[trade], self.random(f"found {trade} {self.world.firm_count}")
        return self.found_firms(
            "receiver", 1, trade=trade, word=kind.words[int(rng.integers(0, len(kind.words)))],
            industry="N7724", insured_count=int(rng.integers(20, 90)),
            scope="许可项目：危险废物经营（依法须经批准的项目）",
        )[0]  # fmt: skip

    def found_firms(self, role: str, n: int, **given: object) -> list[int]:
        """``n`` new firms of a role, kept out of other cases."""
        firms = [int(firm) for firm in self.world.found(role, n, given)]
        self.taken.update(firms)
        return firms

    def name_of(self, firm: int, column: str = "name") -> str:
        """A text about a firm: its name, or another column."""
        return str(self.world.firms()[column][firm])

    def receivers(self, trade: int) -> list[int]:
        """Licensed plants of one kind (index of TREATMENTS)."""
        return self.world.of_role("receiver").filter(pl.col("trade") == trade)["firm"].to_list()


def moment(days_before_end: float, hour: float) -> datetime:
    """Shanghai time ``days_before_end`` days before 31 October 2026, at a decimal hour."""
    day = datetime(LAST_DAY.year, LAST_DAY.month, LAST_DAY.day) - timedelta(
        days=int(days_before_end)
    )
    return day + timedelta(minutes=round(hour * 60))
