"""The drop contract: DATASETS.csv as typed datasets and columns.

Source: ``records/data/DATASETS.csv``, the table that fixes what the agencies deliver.
"""

import csv
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from io import StringIO

import polars as pl

COMMON = "_common"
# Inbox folder of packet logs: they fill several datasets and are none themselves.
PACKETS = "hj212"

STORED_TYPES: dict[str, pl.DataType] = {
    "date": pl.Date(),
    "datetime": pl.Datetime("us"),
    "float": pl.Float64(),
    "coord_lon": pl.Float64(),
    "coord_lat": pl.Float64(),
    "int": pl.Int64(),
    "bool": pl.Boolean(),
}
FLAGS_TYPE = pl.List(
    pl.Struct({"column": pl.String, "code": pl.String, "raw": pl.String, "qualifier": pl.String})
)
ROW_COLUMNS: dict[str, pl.DataType] = {
    "batch": pl.String(),
    "row": pl.Int64(),
    "part": pl.Int32(),
    "sheet": pl.String(),
    "line": pl.Int64(),
}
TAIL_COLUMNS: dict[str, pl.DataType] = {"flags": FLAGS_TYPE, "raw_json": pl.String()}
QUARANTINE_SCHEMA: dict[str, pl.DataType] = {
    "row": pl.Int64(),
    "sheet": pl.String(),
    "line": pl.Int64(),
    "reasons": pl.List(pl.String),
    "columns": pl.List(pl.String),
    "raw": pl.String(),
}


@dataclass(frozen=True, slots=True)
class EnumValue:
    """One allowed value of an enumeration; ``code`` is empty when the source has no codes."""

    code: str
    label: str

    @property
    def stored(self) -> str:
        """What the lake holds: the code where there is one, else the label."""
        return self.code or self.label


@dataclass(frozen=True, slots=True)
class Column:
    """One column of one dataset, as the contract states it."""

    dataset: str
    name: str
    heading_zh: str
    variants: tuple[str, ...]
    base_type: str
    enum: tuple[EnumValue, ...]
    unit: str
    is_required: bool
    key: int
    level: str
    refers_to: str
    notes: str

    @property
    def stored_type(self) -> pl.DataType:
        """Polars type of the column in the lake."""
        return STORED_TYPES.get(self.base_type, pl.String())

    @property
    def headings(self) -> tuple[str, ...]:
        """Accepted headings in order of precedence."""
        return (self.name, self.heading_zh, *self.variants)

    @property
    def default_note(self) -> str:
        """The rule after ``default:`` in the notes, empty when there is none."""
        _, mark, rule = self.notes.partition("default:")
        return rule.strip() if mark else ""

    @property
    def is_list(self) -> bool:
        """Whether a cell may hold several values."""
        return re.search(r"(^|, )list\b|\ba list is split", self.notes, re.IGNORECASE) is not None


@dataclass(frozen=True, slots=True)
class Dataset:
    """One dataset: who answers for it, its columns in order, the common ones last."""

    name: str
    agency: str
    name_zh: str
    columns: tuple[Column, ...]

    @property
    def keys(self) -> tuple[Column, ...]:
        """Columns of the natural key in key order."""
        return tuple(sorted((c for c in self.columns if c.key), key=lambda c: c.key))

    def column(self, name: str) -> Column:
        """Column ``name``.

        Raises
        ------
        KeyError
            When the dataset has no such column.
        """
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"dataset {self.name} has no column {name}")

    @property
    def schema(self) -> dict[str, pl.DataType]:
        """Polars schema of the dataset's rows in the lake, in order."""
        return (
            ROW_COLUMNS
            | {column.name: column.stored_type for column in self.columns}
            | TAIL_COLUMNS
        )


@dataclass(frozen=True, slots=True)
class Contract:
    """All datasets by name."""

    datasets: dict[str, Dataset]

    def dataset(self, name: str) -> Dataset:
        """Dataset ``name``; ``KeyError`` with the known names nearby when there is none."""
        try:
            return self.datasets[name]
        except KeyError:
            raise KeyError(f"unknown dataset {name!r}; see records/data/DATASETS.csv") from None


def read_table(name: str) -> list[dict[str, str]]:
    """Rows of a shipped CSV table (``records/data/<name>``), headings as keys."""
    text = files("records").joinpath("data", name).read_text(encoding="utf-8-sig")
    return list(csv.DictReader(StringIO(text)))


def _column(row: dict[str, str]) -> Column:
    base, _, values = row["type"].partition(":")
    enum = []
    for value in values.split("|") if values else ():
        code, mark, label = value.partition("=")
        enum.append(EnumValue(code, label) if mark else EnumValue("", code))
    return Column(
        dataset=row["dataset"],
        name=row["column"],
        heading_zh=row["heading_zh"],
        variants=tuple(v for v in row["heading_variants"].split("|") if v),
        base_type=base,
        enum=tuple(enum),
        unit=row["unit"],
        is_required=row["required"] == "1",
        key=int(row["key"] or 0),
        level=row["level"],
        refers_to=row["refers_to"],
        notes=row["notes"],
    )


@cache
def load_contract() -> Contract:
    """Read the shipped contract once per process."""
    columns: dict[str, list[Column]] = {}
    heads: dict[str, tuple[str, str]] = {}
    for row in read_table("DATASETS.csv"):
        columns.setdefault(row["dataset"], []).append(_column(row))
        heads[row["dataset"]] = (row["agency"], row["dataset_zh"])
    common = tuple(columns.pop(COMMON))
    return Contract(
        {name: Dataset(name, *heads[name], tuple(own) + common) for name, own in columns.items()}
    )
