"""Where to find organisations: representative, phones, address, as registered."""

import numpy as np
import polars as pl

from ingest.simulate.identifiers import mobile_numbers
from ingest.simulate.names import person_names
from ingest.simulate.organizations.founding import NOBODY
from ingest.simulate.organizations.parameters import OrganizationParameters
from ingest.simulate.organizations.regions import city_numbers, divisions
from ingest.simulate.organizations.stock import stems
from ingest.simulate.streams import Ints, pick, stream

LANDLINE = 0.45
STREETS_PER_DIVISION = 70
TENANT_WITHOUT_ROOM = 0.3
# Four in ten clients are ever written down with the bookkeeper's phone: 300 firms at most.
MOST_CLIENTS, USUAL_CLIENTS = 700, 12
# Chances that a relative shares with its parent, by kind: representative, phone, address. Address
# only where both sit in one division (``at_parents``).
SHARED = {
    "sister": (0.8, 0.5, 1.0),
    "subsidiary": (0.4, 0.5, 1.0),
    "branch": (0.35, 0.4, 0.5),
}
UNITS = (
    "",
    "",
    "",
    "",
    "3幢",
    "2号楼",
    "{a}幢",
    "{a}幢{b}室",
    "{a}号楼{b}室",
    "{b}室",
    "{a}栋{b}",
    "{a}层",
)


def with_contacts(
    firms: pl.DataFrame, parameters: OrganizationParameters, seed: int
) -> pl.DataFrame:
    """``firms`` with the columns below; relatives share some with their parents.

    ``representative``; ``phone`` and ``contact_phone`` (digits only); ``bookkeeper_phone`` (null
    without one); ``street`` (with house number) and ``unit`` ("" for a whole house).
    """
    rng = stream(seed, "organizations", "contacts")
    n = firms.height
    division = firms["division"].to_numpy()
    own = firms.with_columns(
        representative=person_names(rng, n),
        phone=_phones(rng, division, seed),
        contact_phone=mobile_numbers(np.arange(n) * 2 + 1, seed),
        bookkeeper_phone=_bookkeepers(rng, division, parameters.bookkeeper_ratio, seed),
        street=draw_streets(rng, division),
        unit=draw_units(rng, n),
    )
    own = _in_incubators(rng, own)
    same_person, same_phone, same_place = _sources(rng, own)
    return own.with_columns(
        own["representative"].gather(same_person),
        *(own[c].gather(same_phone) for c in ("phone", "contact_phone")),
        *(own[c].gather(same_place) for c in ("street", "unit", "town", "incubator")),
    )


def _sources(rng: np.random.Generator, firms: pl.DataFrame) -> tuple[Ints, Ints, Ints]:
    """Per kind of contact the row whose contact a firm uses: its parent's or its own."""
    index = np.arange(firms.height)
    parent = firms["parent"].to_numpy()
    near = firms["at_parents"].to_numpy()
    found = []
    for place in range(3):
        odds = firms["kind"].replace_strict(
            {kind: shares[place] for kind, shares in SHARED.items()}, default=0.0,
            return_dtype=pl.Float64,
        ).to_numpy()  # fmt: skip
        shared = (rng.random(len(index)) < odds) & (near | (place < 2)) & (parent != NOBODY)
        source = np.where(shared, parent, index)
        found.append(source[source])  # a branch of a sister may share with the sister's parent
    return found[0], found[1], found[2]


def _phones(rng: np.random.Generator, division: Ints, seed: int) -> pl.Series:
    """The number on the letterhead: landline or mobile, unique."""
    n = len(division)
    serial = np.arange(n)
    local = (serial * 6_700_417 + seed * 7_919) % 30_000_000 + 60_000_000
    frame = pl.DataFrame({
        "line": divisions()["area_code"].gather(division) + pl.Series(local).cast(pl.String),
        "mobile": mobile_numbers(serial * 2, seed),
        "wired": rng.random(n) < LANDLINE,
    })  # fmt: skip
    return frame.select(pl.when("wired").then("line").otherwise("mobile")).to_series()


def _bookkeepers(rng: np.random.Generator, division: Ints, ratio: float, seed: int) -> pl.Series:
    """Phone of the bookkeeper who files for the firm, null without one."""
    n = len(division)
    clients = np.sort(rng.permutation(n)[: round(n * ratio)])
    clients = clients[np.argsort(city_numbers(division[clients]), kind="stable")]
    sizes = np.minimum(rng.pareto(1.1, len(clients) + 1) * USUAL_CLIENTS + 2, MOST_CLIENTS)
    edges = np.cumsum(sizes.astype(np.int64))
    number = np.searchsorted(edges, np.arange(len(clients)), side="right")
    phones = mobile_numbers(2 * n + number, seed)
    return pl.Series([None], dtype=pl.String).new_from_index(0, n).scatter(clients, phones)


def draw_streets(rng: np.random.Generator, division: Ints) -> pl.Series:
    """Street and house number; each division has streets of its own."""
    n = len(division)
    names, kinds = stems("street"), stems("kind_of_street")
    place = (division * 37 + rng.integers(0, STREETS_PER_DIVISION, n)) % len(names)
    house = np.minimum(rng.geometric(0.006, n), 1_999)
    return (
        pl.Series(names, dtype=pl.String).gather(place)
        + pl.Series(kinds, dtype=pl.String).gather((place * 7 + division) % len(kinds))
        + pl.Series(house).cast(pl.String) + "号"
    )  # fmt: skip


def draw_units(rng: np.random.Generator, n: int) -> pl.Series:
    """House, floor or room within an address; empty for one in three."""
    frame = pl.DataFrame({
        "unit": pick(rng, list(UNITS), n),
        "a": rng.integers(1, 21, n),
        "b": rng.integers(1, 19, n) * 100 + rng.integers(1, 16, n),
    })  # fmt: skip
    text = pl.col("unit")
    for name in ("a", "b"):
        text = (
            text.str.split_exact("{" + name + "}", 1).struct.field("field_0")
            + pl.when(text.str.contains("{" + name + "}", literal=True))
            .then(pl.col(name).cast(pl.String)).otherwise(pl.lit(""))
            + text.str.split_exact("{" + name + "}", 1).struct.field("field_1").fill_null("")
        )  # fmt: skip
    return frame.select(text).to_series()


def _in_incubators(rng: np.random.Generator, firms: pl.DataFrame) -> pl.DataFrame:
    """Tenants of one incubator share its house; some have no more than its post box."""
    number = firms["incubator"].to_numpy()
    if not (number != NOBODY).any():
        return firms
    houses = draw_streets(rng, np.arange(number.max() + 1) % divisions().height)
    names = pick(rng, list(stems("park")), len(houses)) + pick(
        rng, list(stems("incubator")), len(houses)
    )
    rooms = rng.integers(1, 13, len(number)) * 100 + rng.integers(1, 60, len(number))
    boxed = pl.Series(rng.random(len(number)) < TENANT_WITHOUT_ROOM)
    place = pl.Series(np.maximum(number, 0))
    tenant = pl.Series(number != NOBODY)
    room = pl.Series(rooms).cast(pl.String) + "室"
    return firms.with_columns(
        street=pl.when(tenant).then(houses.gather(place) + names.gather(place)).otherwise("street"),
        unit=pl.when(tenant).then(pl.when(boxed).then(pl.lit("集群登记")).otherwise(room))
        .otherwise("unit"),
    )  # fmt: skip
