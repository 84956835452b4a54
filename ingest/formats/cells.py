"""Tables of cells as text: what every tabular format gives before headings are known."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import polars as pl

from ingest.headings import HeadRow


@dataclass(frozen=True, slots=True)
class CellBlock:
    """Some rows of a table.

    ``cells`` has String columns named ``0``, ``1``, … (null: empty cell); ``numeric`` the same
    columns as Boolean for formats that know types; ``line`` Int64 the line where each row begins,
    from 1; ``is_broken`` marks rows whose shape cannot be told; ``has_excess`` rows with a filled
    cell beyond the width; ``raw_text`` gives the text as delivered of the rows at some places.
    """

    cells: pl.DataFrame
    numeric: pl.DataFrame | None
    line: pl.Series
    is_broken: pl.Series
    has_excess: pl.Series
    raw_text: Callable[[np.ndarray], list[str]] | None


class Table(Protocol):
    """One sheet, or a text file that is a table."""

    sheet: str

    def head(self, separator: str) -> list[HeadRow]:
        """The first rows, read with a separator where the format has one."""

    @property
    def separators(self) -> tuple[str, ...]:
        """Separators worth trying; one empty text where the format has none."""

    def blocks(self, separator: str, width: int, skip: int) -> Iterator[CellBlock]:
        """Rows after the first ``skip`` rows, ``width`` cells wide."""
