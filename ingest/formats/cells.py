"""Tables of cells as text: what every tabular format gives before the columns are known."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import numpy as np
import numpy.typing as npt
import polars as pl

from ingest.headings import HeadRow


@dataclass(frozen=True, slots=True)
class CellBlock:
    """Some rows of a table.

    ``cells`` has String columns named ``0``, ``1``, … (null: empty cell); ``numeric`` the same
    columns as Boolean where the format knows types; ``line`` the line where each row begins, from
    1; ``is_broken`` marks rows whose shape cannot be told; ``has_excess`` rows with a filled cell
    beyond the width; ``raw_text`` gives rows at some places as they were delivered, ``None`` where
    the format has no text of its own.
    """

    cells: pl.DataFrame
    numeric: pl.DataFrame | None
    line: npt.NDArray[np.int64]
    is_broken: npt.NDArray[np.bool_]
    has_excess: npt.NDArray[np.bool_]
    raw_text: Callable[[Sequence[int]], list[str]] | None


@dataclass(frozen=True, slots=True)
class Body:
    """Where the rows of a table lie once its heading row is known.

    ``separator`` is the one its head was read with (``""`` where there is none), ``width`` the
    number of cells, ``skip`` the number of rows before the first.
    """

    separator: str
    width: int
    skip: int


class Table(Protocol):
    """One sheet, or a text file that is a table."""

    @property
    def sheet(self) -> str | None:
        """Name of the sheet, ``None`` where the format has no sheets."""

    @property
    def epoch(self) -> datetime:
        """Day nought of serial numbers."""

    def heads(self) -> Mapping[str, list[HeadRow]]:
        """The first rows, by the separator they were read with (``""`` where there is none)."""

    def blocks(self, body: Body) -> Iterator[CellBlock]:
        """Rows of the body in order."""
