"""Delimited text: comma, tab, semicolon or bar, found from the heading row."""

import csv
import tempfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from ingest.errors import SourceError
from ingest.formats.table_rows import BadShape, Cells, Counter, Layout, TableReader, blocks
from ingest.formats.text_encoding import encoding_of, recode
from ingest.headings import check_required, find_heading_row
from ingest.raw import RawChunk
from records.contract import Dataset

SEPARATORS = (",", "\t", ";", "|")
CHUNK_ROWS = 50_000
csv.field_size_limit(1 << 27)


def _rows(path: Path, separator: str) -> Iterator[tuple[int, Cells]]:
    """Rows with the line on which they begin; an empty cell is ``None``."""
    with path.open("r", encoding="utf-8", newline="") as handle:
        reader = csv.reader(handle, delimiter=separator)
        line = 1
        for cells in reader:
            if not (line == 1 and cells and cells[0].startswith("sep=")):
                yield line, [cell or None for cell in cells]
            line = reader.line_num + 1


def _separator(path: Path, dataset: Dataset) -> str:
    best, best_score = ",", -1
    for separator in SEPARATORS:
        head = [cells for _, cells in islice(_rows(path, separator), 20)]
        row = find_heading_row(dataset, head)
        score = len([h for h in row.headings if h]) if row else -1
        if score > best_score:
            best, best_score = separator, score
    return best


def read_delimited(
    path: Path, dataset: Dataset, layout: Layout
) -> Iterator[tuple[RawChunk, list[BadShape]]]:
    """Chunks of the file; memory does not grow with it.

    Raises
    ------
    SourceError
        ``undecodable``, ``no_header`` or ``missing_column``.
    """
    with tempfile.TemporaryDirectory(prefix="jinghuan-") as folder:
        plain = Path(folder) / "text"
        recode(path, plain, encoding_of(path))
        separator = _separator(plain, dataset)
        head = list(islice(_rows(plain, separator), 22))
        reader = TableReader(dataset, None, Counter(), layout)
        if not reader.start([cells for _, cells in head]):
            raise SourceError(
                "no_header",
                f"文件 {path.name}（{dataset.name_zh}）前 20 行中找不到表头；"
                f"可用表头例如：{'、'.join(c.heading_zh for c in dataset.columns[:8])}",
            )
        assert reader.headings is not None and reader.heading_row is not None  # noqa: S101, PT018
        found = [h for h in reader.heading_row.headings if h]
        check_required(dataset, reader.headings, path.name, found)
        data = islice(_rows(plain, separator), reader.skip, None)
        for block in blocks(data, CHUNK_ROWS):
            yield reader.chunk(block)
