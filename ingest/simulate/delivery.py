"""Rows on their way to an inbox: names filled in as each agency writes them, then files.

A frame handed to :meth:`Delivery.add` has canonical columns, and beside them

- ``org:<role>``, ``person:<role>``, ``vehicle:<role>``: serial numbers of the world's firms,
  people and trucks; every column of that mention which the frame leaves out is filled;
- ``org:<role>:name`` / ``org:<role>:coded``: a name to be written as it stands, and whether its
  code is given;
- ``tag``: the planted case that a row belongs to. None of these reaches a file.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

import polars as pl

from ingest.simulate.truth import Truth
from ingest.simulate.wording import written_codes, written_names
from ingest.simulate.world import World
from records.contract import Column, Dataset, load_contract
from records.mentions import Mention, mentions_of

FIRM_SOURCE = {
    "address": "address",
    "person": "legal_name",
    "person_id": "legal_id",
    "division": "division_code",
    "lon": "lon",
    "lat": "lat",
}
# Filled at random by nobody: such columns belong to the event, not to the firm.
# Keys that the contract derives; the rows carry what they are derived from.
KEYS_DELIVERED = {"invoice": ["einvoice_no", "line_no"]}
NOT_FROM_FIRM = {("manifest", "receiver_lon"), ("manifest", "receiver_lat")}


@dataclass(frozen=True, slots=True)
class RawFile:
    """A file that is no table: inbox folder, name, bytes, number of records."""

    folder: str
    name: str
    data: bytes
    count: int


@dataclass(slots=True)
class Delivery:
    """Collects frames per dataset; ``take`` hands out what is ready to be written.

    ``parties`` then tells who is meant by each of these rows (for the truth file only).

    A dataset may come in several forms (``form`` such as ``web``); each form gets files of its own.
    """

    world: World
    truth: Truth
    pending: dict[tuple[str, str], list[pl.DataFrame]] = field(default_factory=dict)
    held: list[tuple[str, pl.DataFrame]] = field(default_factory=list)
    raw: list[RawFile] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)
    parties: pl.DataFrame = field(default_factory=pl.DataFrame)

    def add(self, dataset: str, frame: pl.DataFrame, form: str = "") -> None:
        """Take rows of ``dataset``; empty frames are left out."""
        if frame.height:
            self.pending.setdefault((dataset, form), []).append(frame)

    def hold(self, dataset: str, frame: pl.DataFrame) -> None:
        """Take rows that wait until the registers are written (:meth:`release`)."""
        self.held.append((dataset, frame))

    def release(self) -> None:
        """Let held rows go with the others."""
        for dataset, frame in self.held:
            self.add(dataset, frame)
        self.held.clear()

    def waiting(self) -> list[tuple[str, str]]:
        """Datasets and forms with rows waiting, in the order of the contract."""
        order = {name: i for i, name in enumerate(load_contract().datasets)}
        return sorted(self.pending, key=lambda place: (order[place[0]], place[1]))

    def take(self, name: str, form: str = "") -> pl.DataFrame:
        """Waiting rows of a dataset: contract columns that are filled, sorted by key."""
        dataset = load_contract().dataset(name)
        # Each frame by itself: what one of them says must not keep another from being filled.
        frames = self.pending.pop((name, form))
        for mention in mentions_of(name):
            frames = [self._filled(dataset, mention, frame) for frame in frames]
        frame = pl.concat(frames, how="diagonal_relaxed")
        keys = KEYS_DELIVERED.get(name) or [c.name for c in dataset.keys if c.name in frame.columns]
        frame = frame.sort(keys, nulls_last=True, maintain_order=True)
        if "tag" in frame.columns:
            tagged = frame.filter(pl.col("tag").is_not_null())
            self.truth.claim(name, tagged["tag"], row_keys(tagged, keys))
        self.parties = self._parties(name, frame)
        columns = [c for c in dataset.columns if c.name in frame.columns]
        self.rows[name] = self.rows.get(name, 0) + frame.height
        return frame.select(_typed(c) for c in columns)

    def _parties(self, name: str, frame: pl.DataFrame) -> pl.DataFrame:
        """Credit codes of the firms that each row means, under the column that names them."""
        codes = self.world.firms()["uscc"]
        return frame.select(
            codes.gather(frame[f"org:{mention.role}"].cast(pl.Int64)).alias(
                mention.name or mention.code
            )
            for mention in mentions_of(name)
            if mention.kind == "organization" and f"org:{mention.role}" in frame.columns
        )

    def _filled(self, dataset: Dataset, mention: Mention, frame: pl.DataFrame) -> pl.DataFrame:
        mark = {"organization": "org", "person": "person", "vehicle": "vehicle"}.get(mention.kind)
        column = f"{mark}:{mention.role}"
        if mark is None or column not in frame.columns:
            return frame
        ids = frame[column].cast(pl.Int64)
        if mark == "org":
            return self._firms_filled(dataset, mention, frame, ids)
        if mark == "person":
            people = self.world.people.frame()
            sources = {
                mention.name: people["person_name"],
                mention.code: people["id_number"],
                mention.phone: people["mobile"],
            }
        else:
            plate = "trailer_plate" if mention.condition == "trailer" else "plate"
            sources = {mention.code: self.world.vehicles()[plate]}
        return frame.with_columns(
            values.gather(ids).alias(target)
            for target, values in sources.items()
            if target and target not in frame.columns
        )

    def _firms_filled(
        self, dataset: Dataset, mention: Mention, frame: pl.DataFrame, ids: pl.Series
    ) -> pl.DataFrame:
        firms, seed, role = self.world.firms(), self.world.seed, f"org:{mention.role}"
        people = self.world.people.frame()
        if mention.name and mention.name not in frame.columns:
            names = written_names(firms, ids, dataset.agency, dataset.name, seed)
            if f"{role}:name" in frame.columns:
                given = frame[f"{role}:name"]
                names = given.zip_with(given.is_not_null(), names)
            frame = frame.with_columns(names.alias(mention.name))
            self._remember(firms, ids, names)
        if mention.code and mention.code not in frame.columns:
            required = dataset.column(mention.code).is_required
            codes = written_codes(firms, ids, dataset.agency, dataset.name, seed, required)
            if f"{role}:coded" in frame.columns:
                coded, full = frame[f"{role}:coded"], firms["uscc"].gather(ids)
                codes = pl.select(
                    pl.when(coded).then(full).when(~coded).then(None).otherwise(codes)
                ).to_series()
            frame = frame.with_columns(codes.alias(mention.code))
        phone = "phone" if dataset.agency == "market" else "contact_phone"
        legal = firms["legal_person"].gather(ids)
        values = {
            mention.phone: firms[phone].gather(ids),
            mention.address: firms["address"].gather(ids),
            mention.person: people["person_name"].gather(legal),
            mention.person_id: people["id_number"].gather(legal),
            mention.division: firms["division_code"].gather(ids),
            mention.lon: firms["lon"].gather(ids),
            mention.lat: firms["lat"].gather(ids),
        }
        return frame.with_columns(
            series.alias(target)
            for target, series in values.items()
            if target
            and target not in frame.columns
            and (dataset.name, target) not in NOT_FROM_FIRM
        )

    def _remember(self, firms: pl.DataFrame, ids: pl.Series, names: pl.Series) -> None:
        seen = pl.DataFrame({"code": firms["uscc"].gather(ids), "name": names}).unique()
        self.truth.written.update((code, name) for code, name in seen.drop_nulls().iter_rows())


def row_keys(frame: pl.DataFrame, keys: Iterable[str]) -> pl.Series:
    """Natural keys as one text per row, parts joined by ``|``."""
    parts = [pl.col(k).cast(pl.String).fill_null("") for k in keys]
    return frame.select(pl.concat_str(parts, separator="|")).to_series()


def _typed(column: Column) -> pl.Expr:
    if column.base_type == "bool":
        return (
            pl.when(pl.col(column.name))
            .then(pl.lit("是"))
            .when(~pl.col(column.name))
            .then(pl.lit("否"))
            .otherwise(None)
            .alias(column.name)
        )
    return pl.col(column.name)
