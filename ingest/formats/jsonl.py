"""JSON Lines: one object a line, its names mapped like headings."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
import pyarrow as pa

from ingest.formats.cells import Body, CellBlock
from ingest.formats.text_encoding import utf8_blocks
from ingest.formats.tokens import Tokens, cut, gather
from ingest.headings import HeadRow
from ingest.values.moment import EXCEL_EPOCH

# A byte that UTF-8 never holds: a line is then one cell.
NO_SEPARATOR = 255
CHUNK_ROWS = 50_000
# A text that is no JSON becomes null; functions on it then give null instead of an error.
DOCUMENTS = "SELECT *, TRY_CAST(text AS JSON) AS document FROM json_lines"
IS_OBJECT = "coalesce(json_type(document) = 'OBJECT', false)"


@dataclass(frozen=True, slots=True)
class JsonLinesTable:
    """A file of JSON objects; ``shown`` names it in messages."""

    path: Path
    shown: str
    connection: duckdb.DuckDBPyConnection

    @property
    def sheet(self) -> str | None:
        """Text has no sheets."""
        return None

    @property
    def epoch(self) -> datetime:
        """Serial numbers in text come from a workbook of the usual kind."""
        return EXCEL_EPOCH

    def heads(self) -> dict[str, list[HeadRow]]:
        """All names used in the file, in order of the alphabet, as one heading row."""
        names: set[str] = set()
        for tokens in self._lines():
            self.connection.register(
                "json_lines", _text(tokens, 0, tokens.size).to_frame().to_arrow()
            )
            rows = self.connection.execute(
                f"SELECT DISTINCT unnest(json_keys(document)) FROM ({DOCUMENTS}) WHERE {IS_OBJECT}"
            ).fetchall()
            names.update(str(name) for (name,) in rows)
        self.connection.unregister("json_lines")
        cells = tuple(sorted(names))
        return {"": [HeadRow(0, cells, cells)]}

    def blocks(self, body: Body) -> Iterator[CellBlock]:
        """Objects as rows, blank lines left out; no line is a heading row, so none is skipped."""
        names = self.heads()[""][0].cells[: body.width]
        paths = [
            "$." + '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"' for name in names
        ]
        for tokens in self._lines():
            for begin in range(0, tokens.size, CHUNK_ROWS):
                yield self._block(tokens, begin, min(begin + CHUNK_ROWS, tokens.size), paths)

    def _lines(self) -> Iterator[Tokens]:
        rest, line = b"", 1
        for block, is_last in utf8_blocks(self.path, self.shown):
            # Quotes mean nothing to the cutter here.
            text = rest + block
            data = np.frombuffer(text, np.uint8)
            tokens = cut(data, NO_SEPARATOR, is_last=is_last, line=line, has_quotes=False)
            rest, line = text[tokens.used :], tokens.next_line
            yield tokens

    def _block(self, tokens: Tokens, begin: int, end: int, paths: list[str]) -> CellBlock:
        lines = _text(tokens, begin, end)
        frame = pl.DataFrame({"place": np.arange(begin, end), "text": lines}).filter(
            pl.col("text").str.strip_chars() != ""
        )
        self.connection.register("json_lines", frame.to_arrow())
        found = self.connection.sql(
            f"SELECT place, {IS_OBJECT} AS is_object,"
            f" CASE WHEN {IS_OBJECT} THEN json_extract_string(document, $paths) END AS cells"
            f" FROM ({DOCUMENTS}) ORDER BY place",
            params={"paths": paths},
        ).pl()
        self.connection.unregister("json_lines")
        cells = found.select(
            _cell(pl.col("cells").list.get(place, null_on_oob=True)).alias(str(place))
            for place in range(len(paths))
        )
        kept = found["place"].to_numpy()

        def raw_text(places: Sequence[int]) -> list[str]:
            return [tokens.text(int(kept[place])) for place in places]

        return CellBlock(
            cells=cells,
            numeric=None,
            line=tokens.line[kept],
            is_broken=~found["is_object"].fill_null(value=False).to_numpy(),
            has_excess=np.zeros(len(kept), np.bool_),
            raw_text=raw_text,
        )


def _text(tokens: Tokens, begin: int, end: int) -> pl.Series:
    offsets, data = gather(tokens, 0, np.arange(begin, end))
    array = pa.LargeStringArray.from_buffers(end - begin, pa.py_buffer(offsets), pa.py_buffer(data))
    return pl.Series("text", pl.from_arrow(array), dtype=pl.String)


def _cell(cell: pl.Expr) -> pl.Expr:
    """An empty text as null, and a list of texts in the list form of the contract."""
    is_list = cell.str.contains(r'^\["[^"\\]*"(,"[^"\\]*")*\]$')
    joined = cell.str.slice(2).str.head(-2).str.replace_all('","', "、", literal=True)
    shown = pl.when(is_list).then(joined).otherwise(cell)
    return pl.when(shown != "").then(shown)
