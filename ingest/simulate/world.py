"""The people, firms and trucks of a made-up province, before anything happens."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from ingest.simulate.geography import counties
from ingest.simulate.identifiers import (
    credit_codes,
    frame_numbers,
    id_numbers,
    mobile_numbers,
    plates,
)
from ingest.simulate.names import (
    STREETS,
    SUFFIXES,
    WORDS_BY_ROLE,
    bare_region,
    brands,
    compose,
    person_names,
)
from ingest.simulate.ownership import Ownership
from ingest.simulate.size import WorldSize
from ingest.simulate.streams import Ints, pick, stream

# Firms that need no works: founded, run by two people, gone.
SHORT_LIVED = ("trader", "bystander")
Given = Mapping[str, object]


@dataclass(slots=True)
class People:
    """Everybody who has a name, an ID number and a phone of their own."""

    seed: int
    blocks: list[pl.DataFrame] = field(default_factory=list)
    count: int = 0

    def hire(self, n: int, names: list[str] | None = None) -> Ints:
        """Add ``n`` persons, with ``names`` if given; their serial numbers."""
        rng = stream(self.seed, "people", self.count)
        serials = np.arange(self.count, self.count + n, dtype=np.int64)
        self.count += n
        number, birth = id_numbers(serials)
        self.blocks.append(
            pl.DataFrame(
                {
                    "person": serials,
                    "person_name": pl.Series(names) if names else person_names(rng, n),
                    "id_number": number,
                    "birth_on": birth,
                    "mobile": mobile_numbers(serials, self.seed),
                    "is_male": serials % 2 == 0,
                }
            )
        )
        return serials

    def frame(self) -> pl.DataFrame:
        """Persons in order of their serial numbers, so that row i is person i."""
        if len(self.blocks) > 1:
            self.blocks = [pl.concat(self.blocks)]
        return self.blocks[0]


@dataclass(slots=True)
class World:
    """Firms, people, vehicles. Row i of ``firms()`` is firm i, likewise for vehicles."""

    seed: int
    size: WorldSize
    people: People
    firm_blocks: list[pl.DataFrame] = field(default_factory=list)
    vehicle_blocks: list[pl.DataFrame] = field(default_factory=list)
    firm_count: int = 0
    vehicle_count: int = 0
    names_taken: set[str] = field(default_factory=set)
    ownership: Ownership = field(default_factory=Ownership)

    def found(self, role: str, n: int, given: Given | None = None) -> Ints:
        """Add ``n`` firms of a role; ``given`` fixes columns (scalars or sequences of length n)."""
        rng = stream(self.seed, "firms", role, self.firm_count)
        given = given or {}
        places = counties()
        weights = places["weight"].to_numpy()
        frame = places[rng.choice(len(places), n, p=weights / weights.sum()).tolist()]
        ids = np.arange(self.firm_count, self.firm_count + n, dtype=np.int64)
        self.firm_count += n
        words = WORDS_BY_ROLE.get(role, WORDS_BY_ROLE["bystander"])
        frame = frame.with_columns(
            firm=pl.Series(ids),
            role=pl.lit(role),
            brand=brands(rng, n),
            word=pick(rng, words, n),
            suffix=pick(rng, SUFFIXES, n),
            style=pl.Series((rng.random(n) < 0.06).astype(np.int64)),
            region_draw=pl.Series(rng.random(n)),
            trade=pl.lit(-1, pl.Int64),
            industry=pl.lit("F5169"),
            founded_on=days_after("1996-01-01", _ages(rng, role, n)),
            capital_yuan=pl.Series(rng.choice([5e5, 1e6, 2e6, 5e6, 1e7, 3e7, 5e7, 1e8], n)),
            insured_count=pl.Series(_headcounts(rng, role, n)),
            lon=pl.Series(np.round(frame["lon"].to_numpy() + rng.normal(0, 0.035, n), 6)),
            lat=pl.Series(np.round(frame["lat"].to_numpy() + rng.normal(0, 0.03, n), 6)),
            street=pick(rng, STREETS, n),
            door=pl.Series(rng.integers(1, 999, n)),
            legal_person=pl.Series(self.people.hire(n)),
            contact_person=pl.Series(self.people.hire(n)),
            status=pl.lit("存续"),
            scope=pl.lit("一般项目：货物进出口；技术服务；国内贸易代理"),
            monthly_kwh=pl.Series(np.round(rng.lognormal(9.6, 0.9, n), 0)),
            former_name=pl.lit(None, pl.String),
        )
        frame = frame.with_columns(
            **{k: _fixed(v, frame.schema[k]) for k, v in given.items() if k in frame.columns}
        )
        if "division_code" in given:
            frame = _moved(frame, places, keep=set(given))
        frame = self._named(frame, given, rng)
        phones = self.people.frame()["mobile"]
        frame = frame.with_columns(
            uscc=credit_codes(rng, frame["division_code"]),
            phone=phones.gather(frame["legal_person"]),
            contact_phone=phones.gather(frame["contact_person"]),
        )
        late = ("uscc", "phone", "contact_phone", "address", "former_name")
        frame = frame.with_columns(**{k: _fixed(given[k], pl.String()) for k in late if k in given})
        self.firm_blocks.append(frame.select(sorted(frame.columns)))
        return ids

    def _named(self, frame: pl.DataFrame, given: Given, rng: np.random.Generator) -> pl.DataFrame:
        draw = pl.col("region_draw")
        frame = frame.with_columns(
            region=pl.when(draw < 0.55).then(bare_region(pl.col("city")))
            .when(draw < 0.88).then(bare_region(pl.col("county")))
            .otherwise(pl.lit("江苏"))
        )  # fmt: skip
        if "region" in given:
            frame = frame.with_columns(region=_fixed(given["region"], pl.String()))
        while True:
            names = compose(frame)
            taken = names.is_in(list(self.names_taken)) | ~names.is_first_distinct()
            if not taken.any():
                break
            extra = brands(rng, len(frame)).str.slice(0, 1)
            frame = frame.with_columns(
                brand=pl.when(taken).then(pl.col("brand") + extra).otherwise(pl.col("brand"))
            )
        self.names_taken.update(names.to_list())
        renamed = pl.Series(rng.random(len(frame)) < 0.07)
        old_brand = brands(rng, len(frame))
        return frame.with_columns(
            name=names,
            former_name=pl.when(renamed)
            .then(pl.col("region") + old_brand + pl.col("word") + "有限公司")
            .otherwise(pl.lit(None, pl.String)),
            address=pl.lit("江苏省") + pl.col("city") + pl.col("county") + pl.col("street")
            + pl.col("door").cast(pl.String) + "号",
        )  # fmt: skip

    def amend(self, firm: int, given: Given) -> None:
        """Give a firm other values in some columns."""
        block, mine = self.firms(), pl.col("firm") == firm
        self.firm_blocks = [
            block.with_columns(
                pl.when(mine).then(pl.lit(value, block.schema[c])).otherwise(pl.col(c)).alias(c)
                for c, value in given.items()
            )
        ]

    def buy_vehicles(self, owners: Ints, given: Given | None = None) -> Ints:
        """Register one truck per entry of ``owners`` (firm numbers); their serial numbers."""
        rng = stream(self.seed, "vehicles", self.vehicle_count)
        n = len(owners)
        ids = np.arange(self.vehicle_count, self.vehicle_count + n, dtype=np.int64)
        self.vehicle_count += n
        letters = self.firms()["letter"].gather(owners)
        kind = pick(rng, ["罐车", "厢式", "仓栅", "牵引", "厢式"], n)
        load = pl.Series(rng.choice([5.0, 10.0, 15.0, 30.0, 32.0], n))
        frame = pl.DataFrame(
            {
                "vehicle": ids,
                "owner": owners,
                "plate": plates(letters, ids, self.seed),
                "vehicle_kind": kind,
                "rated_load_t": load,
                "vin": frame_numbers(rng, n),
                "transport_no": letters_to_permit(
                    ids, self.firms()["division_code"].gather(owners)
                ),
                "terminal_phone": (pl.Series(ids) + 64_000_100_000).cast(pl.String),
                "registered_on": days_after("2016-03-01", rng.integers(0, 3_500, n)),
                "permit_to": days_after("2027-01-15", rng.integers(0, 900, n)),
                "is_hazmat": np.ones(n, dtype=bool),
            }
        ).with_columns(
            trailer_plate=pl.when(pl.col("vehicle_kind") == "牵引")
            .then(pl.col("plate").str.slice(0, 2)
                  + (pl.col("vehicle") * 37 % 9000 + 1000).cast(pl.String) + "挂")
            .otherwise(pl.lit(None, pl.String))
        )  # fmt: skip
        frame = frame.with_columns(
            **{k: _fixed(v, frame.schema[k]) for k, v in (given or {}).items()}
        )
        self.vehicle_blocks.append(frame)
        return ids

    def firms(self) -> pl.DataFrame:
        """All firms so far."""
        if len(self.firm_blocks) > 1:
            self.firm_blocks = [pl.concat(self.firm_blocks)]
        return self.firm_blocks[0]

    def vehicles(self) -> pl.DataFrame:
        """All trucks so far."""
        if len(self.vehicle_blocks) > 1:
            self.vehicle_blocks = [pl.concat(self.vehicle_blocks)]
        return self.vehicle_blocks[0]

    def of_role(self, *roles: str) -> pl.DataFrame:
        """Firms of some roles."""
        return self.firms().filter(pl.col("role").is_in(roles))


def _ages(rng: np.random.Generator, role: str, n: int) -> Ints:
    """Days from 1996 to the founding; trading firms come and go, works have been there for long."""
    old = rng.integers(0, 10_200, n)
    return np.where(rng.random(n) < 0.12, rng.integers(10_200, 11_130, n), old) if (
        role in SHORT_LIVED
    ) else old  # fmt: skip


def _headcounts(rng: np.random.Generator, role: str, n: int) -> Ints:
    """Insured people; every fifth trading firm has hardly any."""
    usual = rng.integers(4, 60, n)
    return np.where(rng.random(n) < 0.2, rng.integers(0, 4, n), usual) if (
        role in SHORT_LIVED
    ) else usual  # fmt: skip


def days_after(first: str, days: Ints) -> pl.Series:
    """Dates ``days`` days after an ISO date."""
    dates = np.datetime64(first) + days.astype("timedelta64[D]")
    return pl.Series(dates.astype("datetime64[ms]")).cast(pl.Date)


def letters_to_permit(ids: Ints, divisions: pl.Series) -> pl.Series:
    """道路运输证号: county code and a serial."""
    return divisions + (pl.Series(ids) + 100_001).cast(pl.String)


def _fixed(value: object, kind: pl.DataType) -> pl.Expr | pl.Series:
    """A given scalar or sequence as a column of type ``kind``."""
    if isinstance(value, pl.Series):
        return value.cast(kind)
    if isinstance(value, np.ndarray | list | tuple):
        return pl.Series(value).cast(kind)
    return pl.lit(value, kind)


def _moved(frame: pl.DataFrame, places: pl.DataFrame, keep: set[str]) -> pl.DataFrame:
    """Firms whose county was fixed take over that county's names and position."""
    own = [c for c in ("county", "city_code", "city", "letter", "lon", "lat") if c not in keep]
    joined = frame.drop(own).join(
        places.select("division_code", *own), on="division_code", how="left", maintain_order="left"
    )
    shift = pl.col("door").cast(pl.Float64)
    moves = {
        "lon": pl.col("lon") + (shift % 61 - 30) * 0.001,
        "lat": pl.col("lat") + (shift % 53 - 26) * 0.001,
    }
    return joined.with_columns(**{k: v for k, v in moves.items() if k in own}).select(frame.columns)
