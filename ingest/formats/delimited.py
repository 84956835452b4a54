"""Delimited text: comma, tab, semicolon or bar, found from the heading row."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa

from ingest.errors import SourceError
from ingest.formats.cells import Body, CellBlock
from ingest.formats.text_encoding import BLOCK, utf8_blocks
from ingest.formats.tokens import Tokens, cut, gather, has_excess
from ingest.headings import HEAD_ROWS, HeadRow
from ingest.values.moment import EXCEL_EPOCH

SEPARATORS = (",", "\t", ";", "|")
DECLARATION = b"sep="
CHUNK_ROWS = 100_000
HEAD_BYTES = 1 << 18


@dataclass(frozen=True, slots=True)
class DelimitedTable:
    """A text file that is a table; ``shown`` names it in messages."""

    path: Path
    shown: str

    @property
    def sheet(self) -> str | None:
        """Text has no sheets."""
        return None

    @property
    def epoch(self) -> datetime:
        """Serial numbers in text come from a workbook of the usual kind."""
        return EXCEL_EPOCH

    def heads(self) -> dict[str, list[HeadRow]]:
        """The first rows, cut at the separator that the file declares, else at each possible one.

        Raises
        ------
        SourceError
            ``undecodable``.
        """
        block, is_last = next(utf8_blocks(self.path, self.shown))
        declared, skipped, line = _declared(block)
        data = np.frombuffer(block, np.uint8)[skipped : skipped + HEAD_BYTES]
        is_whole = is_last and skipped + HEAD_BYTES >= len(block)
        separators = (declared,) if declared else SEPARATORS
        return {
            separator: _head_rows(cut(data, ord(separator), is_last=is_whole, line=line))
            for separator in separators
        }

    def blocks(self, body: Body) -> Iterator[CellBlock]:
        """Rows of the body; memory does not grow with the file.

        Raises
        ------
        SourceError
            ``undecodable``; ``too_large`` when one record does not fit into a block.
        """
        rest, line, is_first, skip = b"", 1, True, body.skip
        for block, is_last in utf8_blocks(self.path, self.shown):
            if is_first:
                _, skipped, line = _declared(block)
                block, is_first = block[skipped:], False
            text = rest + block
            data = np.frombuffer(text, np.uint8)
            tokens = cut(data, ord(body.separator), is_last=is_last, line=line)
            rest, line = text[tokens.used :], tokens.next_line
            if len(rest) > BLOCK:
                raise SourceError(
                    "too_large",
                    f"文件 {self.shown} 第 {line} 行超过 {BLOCK >> 20} MiB；请检查换行符后重新导出",
                )
            first = min(skip, tokens.size)
            skip -= first
            excess = has_excess(tokens, body.width)
            for begin in range(first, tokens.size, CHUNK_ROWS):
                kept = np.arange(begin, min(begin + CHUNK_ROWS, tokens.size))
                yield _block(tokens, kept, body.width, excess)


def _declared(block: bytes) -> tuple[str, int, int]:
    """Separator of a leading ``sep=`` line, its length in bytes, and the line that follows."""
    if block[:4].lower() != DECLARATION:
        return "", 0, 1
    line, _, _ = block.partition(b"\n")
    declared = line[4:].rstrip(b"\r").decode("utf-8").strip('"')
    return (declared if declared in SEPARATORS else ""), len(line) + 1, 2


def _head_rows(tokens: Tokens) -> list[HeadRow]:
    rows = []
    for record in range(min(tokens.size, HEAD_ROWS + 2)):
        width = int(tokens.first[record + 1] - tokens.first[record])
        cells = []
        for place in range(width):
            _, text = gather(tokens, place, np.array([record]))
            cells.append(text.tobytes().decode("utf-8").strip())
        rows.append(HeadRow(int(tokens.line[record]), tuple(cells), tuple(cells)))
    return rows


def _block(
    tokens: Tokens,
    kept: "np.ndarray[tuple[int], np.dtype[np.int64]]",
    width: int,
    excess: "np.ndarray[tuple[int], np.dtype[np.bool_]]",
) -> CellBlock:
    columns = {}
    for place in range(width):
        offsets, text = gather(tokens, place, kept)
        array = pa.LargeStringArray.from_buffers(
            len(kept), pa.py_buffer(offsets), pa.py_buffer(text)
        )
        columns[str(place)] = pl.Series(pl.from_arrow(array), dtype=pl.String)

    def raw_text(places: Sequence[int]) -> list[str]:
        return [tokens.text(int(kept[place])) for place in places]

    return CellBlock(
        cells=pl.DataFrame(columns).with_columns(
            pl.when(pl.all().str.len_bytes() > 0).then(pl.all())
        ),
        numeric=None,
        line=tokens.line[kept],
        is_broken=tokens.is_broken[kept],
        has_excess=excess[kept],
        raw_text=raw_text,
    )
