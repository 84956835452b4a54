"""From the rows of a table (text or workbook) to chunks with mapped columns."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import polars as pl

from ingest.headings import HeadingRow, find_heading_row, map_headings
from ingest.raw import HeadingMap, RawChunk
from records.contract import Dataset

FOOTERS = ("合计", "总计", "小计", "本页合计", "累计")
FOOTER_STARTS = (
    *FOOTERS,
    "制表人",
    "填报人",
    "审核人",
    "打印时间",
    "注:",
    "注：",
    "说明:",
    "说明：",
)
Cells = Sequence[str | None]


@dataclass(slots=True)
class Layout:
    """What stood around the data: titles, footers and passed-over sheets, with line numbers."""

    titles: list[str] = field(default_factory=list)
    rows: list[dict[str, object]] = field(default_factory=list)
    sheets_passed_over: list[str] = field(default_factory=list)
    totals: dict[str, float] = field(default_factory=dict)


@dataclass(slots=True)
class Counter:
    """Ordinal of the last data row of a file, over its sheets."""

    row: int = 0


@dataclass(frozen=True, slots=True)
class BadShape:
    """A row whose shape is broken: its bytes as delivered, line and row ordinal."""

    row: int
    sheet: str | None
    line: int
    raw: str


class TableReader:
    """Maps the rows of one sheet or text file, which come in blocks of (line, cells)."""

    def __init__(
        self, dataset: Dataset, sheet: str | None, counter: Counter, layout: Layout
    ) -> None:
        self._dataset = dataset
        self._sheet = sheet
        self._counter = counter
        self._layout = layout
        self.headings: HeadingMap | None = None
        self.heading_row: HeadingRow | None = None
        self._position: dict[str, int] = {}
        self._key_positions: list[int] = []

    def start(self, head: Sequence[Cells]) -> bool:
        """Find the headings among the first rows; ``False`` when nothing maps."""
        row = find_heading_row(self._dataset, head)
        if row is None:
            return False
        self.heading_row = row
        self.headings, self._position = map_headings(self._dataset, row)
        self._key_positions = [
            self._position[c.name] for c in self._dataset.keys if c.name in self._position
        ]
        self._layout.titles += row.titles
        return True

    @property
    def skip(self) -> int:
        """How many rows stand before the data."""
        row = self.heading_row
        return row.first + row.count if row else 0

    def _is_layout(self, cells: Cells) -> bool:
        keys = [cells[p] for p in self._key_positions if p < len(cells) and cells[p] is not None]
        if any(key.strip() and key.strip() not in FOOTERS for key in keys if key):
            return False
        first = next((cell.strip() for cell in cells if cell and cell.strip()), "")
        return first.startswith(FOOTER_STARTS)

    def _is_heading_again(self, cells: Cells) -> bool:
        assert self.heading_row is not None  # noqa: S101 - start() came first
        shown = [c.strip() if c else "" for c in cells]
        wanted = [h.strip() for h in self.heading_row.headings]
        return shown[: len(wanted)] == wanted[: len(shown)] and any(shown)

    def chunk(
        self, block: Sequence[tuple[int, Cells]], numeric: Sequence[Sequence[bool]] | None = None
    ) -> tuple[RawChunk, list[BadShape]]:
        """Rows of a block as a chunk, and those with cells beyond the last heading."""
        assert self.headings is not None and self.heading_row is not None  # noqa: S101, PT018
        headings = self.heading_row.headings
        width = len(headings)
        kept: list[tuple[int, int, Cells]] = []
        kept_numeric: list[Sequence[bool]] = []
        bad: list[BadShape] = []
        for index, (line, cells) in enumerate(block):
            if not any(cell and cell.strip() for cell in cells) or self._is_heading_again(cells):
                continue
            if self._is_layout(cells):
                text = " ".join(cell for cell in cells if cell)
                self._layout.rows.append({"line": line, "sheet": self._sheet, "text": text[:200]})
                continue
            self._counter.row += 1
            if any(cell and cell.strip() for cell in cells[width:]):
                raw = json.dumps(list(cells), ensure_ascii=False)
                bad.append(BadShape(self._counter.row, self._sheet, line, raw))
                continue
            kept.append((self._counter.row, line, cells))
            if numeric is not None:
                kept_numeric.append(numeric[index])
        return self._chunk(kept, kept_numeric, headings), bad

    def _chunk(
        self,
        kept: list[tuple[int, int, Cells]],
        numeric: list[Sequence[bool]],
        headings: tuple[str, ...],
    ) -> RawChunk:
        assert self.headings is not None  # noqa: S101 - start() came first
        columns: dict[str, pl.Series] = {
            "row": pl.Series([r for r, _, _ in kept], dtype=pl.Int64),
            "sheet": pl.Series([self._sheet] * len(kept), dtype=pl.String),
            "line": pl.Series([n for _, n, _ in kept], dtype=pl.Int64),
        }
        by_place = {
            place: pl.Series(
                [cells[place] if place < len(cells) else None for _, _, cells in kept],
                dtype=pl.String,
            )
            for place in range(len(headings))
        }
        named = [(headings[p] or f"列{p + 1}", s) for p, s in by_place.items()]
        columns["raw_json"] = _as_json(named, len(kept))
        for name, place in self._position.items():
            columns[f"c:{name}"] = by_place[place]
            if numeric:
                columns[f"n:{name}"] = pl.Series(
                    [place < len(flags) and flags[place] for flags in numeric], dtype=pl.Boolean
                )
        return RawChunk(self._dataset, self.headings, pl.DataFrame(columns))


def _as_json(named: list[tuple[str, pl.Series]], size: int) -> pl.Series:
    """One JSON object per row, headings in file order, without a Python call per row."""
    if not size:
        return pl.Series([], dtype=pl.String)
    unique: dict[str, pl.Series] = {}
    for heading, cells in named:
        name, number = heading, 2
        while name in unique:
            name, number = f"{heading}#{number}", number + 1
        unique[name] = cells
    return pl.DataFrame(unique).select(pl.struct(pl.all()).struct.json_encode()).to_series()


def blocks(rows: Iterator[tuple[int, Cells]], size: int) -> Iterator[list[tuple[int, Cells]]]:
    """Rows in lists of at most ``size``."""
    block: list[tuple[int, Cells]] = []
    for row in rows:
        block.append(row)
        if len(block) == size:
            yield block
            block = []
    if block:
        yield block
