"""Rows as read from a file, before their values are understood, and after."""

from dataclasses import dataclass, field
from datetime import datetime

import polars as pl

from ingest.values.moment import EXCEL_EPOCH
from records.contract import Dataset


@dataclass(frozen=True, slots=True)
class HeadingMap:
    """How the headings of one file or sheet map.

    ``columns`` gives the heading as delivered by canonical column; ``units`` the unit text taken
    off a heading; ``title_unit`` the unit of a title row.
    """

    dataset: str
    columns: dict[str, str]
    units: dict[str, str]
    title_unit: str
    unknown: tuple[str, ...]
    passed_over: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RawChunk:
    """Some rows of one file, cells as text.

    ``frame`` has ``row`` Int64, ``sheet`` String, ``line`` Int64, ``raw_json`` String, then
    ``c:<column>`` String for each mapped column (null: empty cell) and, for workbooks,
    ``n:<column>`` Boolean (the cell was numeric). ``epoch`` is day nought of serial numbers.
    """

    dataset: Dataset
    headings: HeadingMap
    frame: pl.DataFrame
    epoch: datetime = EXCEL_EPOCH


@dataclass(frozen=True, slots=True)
class Converted:
    """Records (schema of the dataset without ``batch``) and quarantined rows of a chunk.

    ``signed_ratios`` names the percentages that carry their sign somewhere.
    """

    records: pl.DataFrame
    quarantine: pl.DataFrame
    signed_ratios: frozenset[str] = field(default_factory=frozenset)
