"""Workbooks as agencies make them: title rows, stacked headings, merged cells, footers."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook

from ingest.errors import SourceError
from ingest.formats.table_rows import BadShape, Cells, Counter, Layout, TableReader
from ingest.headings import check_required
from ingest.raw import RawChunk
from records.contract import Dataset

CHUNK_ROWS = 50_000
EXACT_INTEGER = 1e15


def _text(value: object) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        if value.is_integer() and abs(value) < EXACT_INTEGER:
            return str(int(value))
        return repr(value)
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    return str(value)


def _spread(
    rows: list[list[object]], merged: list[tuple[tuple[int, int], tuple[int, int]]]
) -> None:
    """Give the value of a merged cell to each cell that it covers."""
    for (top, left), (bottom, right) in merged:
        if top >= len(rows) or left >= len(rows[top]):
            continue
        value = rows[top][left]
        for row in range(top, min(bottom + 1, len(rows))):
            for column in range(left, min(right + 1, len(rows[row]))):
                rows[row][column] = value


def read_workbook(
    path: Path, dataset: Dataset, layout: Layout
) -> Iterator[tuple[RawChunk, list[BadShape]]]:
    """Chunks of every sheet whose headings map; the others are named in the layout.

    Raises
    ------
    SourceError
        ``unsupported_format`` for a broken or locked workbook, ``no_header`` when no sheet maps,
        ``missing_column``.
    """
    try:
        workbook = CalamineWorkbook.from_path(str(path))
    except CalamineError as error:
        raise SourceError(
            "unsupported_format",
            f"文件 {path.name} 无法作为工作簿打开（{error}）；请去掉密码或重新另存",
        ) from error
    counter, mapped = Counter(), 0
    for name in workbook.sheet_names:
        sheet = workbook.get_sheet_by_name(name)
        values: list[list[object]] = [list(row) for row in sheet.to_python(skip_empty_area=False)]
        _spread(values, list(sheet.merged_cell_ranges or []))
        rows: list[Cells] = [[_text(value) for value in row] for row in values]
        reader = TableReader(dataset, name, counter, layout)
        if not reader.start(rows[:22]):
            layout.sheets_passed_over.append(name)
            continue
        assert reader.headings is not None and reader.heading_row is not None  # noqa: S101, PT018
        found = [h for h in reader.heading_row.headings if h]
        check_required(dataset, reader.headings, f"{path.name} 工作表 {name}", found)
        mapped += 1
        for first in range(reader.skip, len(rows), CHUNK_ROWS):
            block = [(n + 1, rows[n]) for n in range(first, min(first + CHUNK_ROWS, len(rows)))]
            numeric = [
                [isinstance(v, int | float) and not isinstance(v, bool) for v in values[n - 1]]
                for n, _ in block
            ]
            yield reader.chunk(block, numeric)
    if not mapped:
        raise SourceError(
            "no_header",
            f"文件 {path.name}（{dataset.name_zh}）的工作表中都找不到表头："
            f"{'、'.join(layout.sheets_passed_over)}",
        )
