"""Workbooks as agencies make them: title rows, stacked headings, merged cells, several sheets."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zipfile import BadZipFile, ZipFile

import numpy as np
import polars as pl
from python_calamine import CalamineError, CalamineWorkbook

from ingest.errors import SourceError
from ingest.formats.cells import Body, CellBlock
from ingest.headings import HEAD_ROWS, HeadRow
from ingest.values.moment import EXCEL_EPOCH, MAC_EPOCH

CHUNK_ROWS = 50_000
# Beyond 15 digits a numeric cell no longer holds what was typed: such values keep the exponent
# form, by which their loss of precision is told.
EXACT_BELOW = 1e15
MAX_UNPACKED = 2 << 30
WORKBOOK_PROPERTIES = re.compile(rb"<(?:\w+:)?workbookPr[^>]*>")
SINCE_1904 = re.compile(rb"""date1904=["'](?:1|true)["']""")
Merge = tuple[tuple[int, int], tuple[int, int]]


@dataclass(frozen=True, slots=True)
class WorkbookTable:
    """One sheet with the values of its merged cells spread over what they cover."""

    sheet: str
    rows: list[list[object]]
    merged: tuple[Merge, ...]
    epoch: datetime = EXCEL_EPOCH

    def heads(self) -> dict[str, list[HeadRow]]:
        """The first rows; a merged cell stands once in ``cells`` and throughout in ``spread``."""
        covered = {
            (row, column)
            for (top, left), (bottom, right) in self.merged
            if top < HEAD_ROWS + 2
            for row in range(top, min(bottom, HEAD_ROWS + 2) + 1)
            for column in range(left, right + 1)
            if (row, column) != (top, left)
        }
        rows = []
        for number, values in enumerate(self.rows[: HEAD_ROWS + 2]):
            spread = tuple((cell_text(value) or "").strip() for value in values)
            cells = tuple(
                "" if (number, place) in covered else text for place, text in enumerate(spread)
            )
            rows.append(HeadRow(number + 1, cells, spread))
        return {"": rows}

    def blocks(self, body: Body) -> Iterator[CellBlock]:
        """Rows of the body, some at a time."""
        for begin in range(body.skip, len(self.rows), CHUNK_ROWS):
            rows = self.rows[begin : begin + CHUNK_ROWS]
            columns = {
                place: [row[place] if place < len(row) else None for row in rows]
                for place in range(body.width)
            }
            excess = [any(cell_text(value) for value in row[body.width :]) for row in rows]
            yield CellBlock(
                cells=pl.DataFrame(
                    {
                        str(place): pl.Series(map(cell_text, values), dtype=pl.String)
                        for place, values in columns.items()
                    }
                ),
                numeric=pl.DataFrame(
                    {
                        str(place): pl.Series(map(_is_number, values), dtype=pl.Boolean)
                        for place, values in columns.items()
                    }
                ),
                line=np.arange(begin + 1, begin + 1 + len(rows)),
                is_broken=np.zeros(len(rows), np.bool_),
                has_excess=np.array(excess, np.bool_),
                raw_text=None,
            )


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def cell_text(value: object) -> str | None:
    """A cell as text: whole numbers without ``.0``, moments in ISO form, ``None`` when empty."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        if value.is_integer() and abs(value) < EXACT_BELOW:
            return str(int(value))
        return f"{value:.15G}" if abs(value) >= EXACT_BELOW else repr(value)
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        seconds = round(value.total_seconds())
        return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return str(value)


def _spread(rows: list[list[object]], merged: tuple[Merge, ...]) -> None:
    """Give the value of a merged cell to each cell that it covers."""
    for (top, left), (bottom, right) in merged:
        if top >= len(rows) or left >= len(rows[top]):
            continue
        value = rows[top][left]
        for row in rows[top : bottom + 1]:
            row[left : right + 1] = [value] * (min(right + 1, len(row)) - left)


def _check_size(path: Path, shown: str) -> None:
    """A workbook is read whole, so one that unpacks to more than memory bears is refused."""
    try:
        with ZipFile(path) as archive:
            unpacked = sum(info.file_size for info in archive.infolist())
    except BadZipFile:
        return
    if unpacked > MAX_UNPACKED:
        raise SourceError(
            "too_large",
            f"工作簿 {shown} 解压后超过 {MAX_UNPACKED >> 30} GiB；请改用 csv 导出或分成几个文件",
        )


def _epoch(path: Path) -> datetime:
    """Day nought of serial numbers in the workbook: a workbook may count from 1904."""
    try:
        with ZipFile(path) as archive, archive.open("xl/workbook.xml") as book:
            properties = WORKBOOK_PROPERTIES.search(book.read())
    except (BadZipFile, KeyError):
        return EXCEL_EPOCH
    return MAC_EPOCH if properties and SINCE_1904.search(properties[0]) else EXCEL_EPOCH


def workbook_tables(path: Path, shown: str) -> Iterator[WorkbookTable]:
    """Sheets of a workbook in order, each read when it is asked for.

    Raises
    ------
    SourceError
        ``unsupported_format`` for a damaged or locked workbook, ``too_large``.
    """
    _check_size(path, shown)
    try:
        workbook = CalamineWorkbook.from_path(str(path))
        epoch = _epoch(path)
        for name in workbook.sheet_names:
            sheet = workbook.get_sheet_by_name(name)
            rows: list[list[object]] = [list(r) for r in sheet.to_python(skip_empty_area=False)]
            merged = tuple(sheet.merged_cell_ranges or ())
            _spread(rows, merged)
            yield WorkbookTable(name, rows, merged, epoch)
    except CalamineError as error:
        raise SourceError(
            "unsupported_format",
            f"文件 {shown} 无法作为工作簿打开（{error}）；请去掉密码或重新另存为 .xlsx",
        ) from error
