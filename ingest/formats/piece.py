"""What every format hands over, piece by piece, whatever the size of the file."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import polars as pl

from ingest.raw import RawChunk


@dataclass(frozen=True, slots=True)
class Piece:
    """Some rows read from a file.

    ``read`` counts them. ``chunk`` holds rows whose cells are still to be understood; formats that
    fix their own values give ``records`` by dataset instead, with ``accepted`` rows behind them.
    ``quarantine`` has the quarantine schema; ``raw_text`` gives rows of the chunk, by ordinal, as
    they were delivered, where the format can.
    """

    read: int
    quarantine: pl.DataFrame
    chunk: RawChunk | None = None
    raw_text: Callable[[Sequence[int]], list[str]] | None = None
    records: dict[str, pl.DataFrame] = field(default_factory=dict)
    accepted: int = 0
