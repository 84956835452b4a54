"""From the cells of a table to chunks with mapped columns, and rows whose shape cannot be told."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import polars as pl

from ingest.errors import SourceError
from ingest.formats.cells import Body, CellBlock, Table
from ingest.formats.piece import Piece
from ingest.headings import HeadingChoice, HeadRow, map_head
from ingest.layout import Layout, LayoutReader
from ingest.raw import RawChunk
from ingest.required import check_required
from records.contract import QUARANTINE_SCHEMA, Dataset


def table_pieces(
    tables: Iterable[Table], dataset: Dataset, shown: str, layout: Layout
) -> Iterator[Piece]:
    """Rows of all tables of a file whose headings map, numbered from 1 over the whole file.

    Parameters
    ----------
    tables
        Sheets of a workbook in order, or one text file.
    shown
        Name of the file in messages.
    layout
        Filled with what is no data.

    Raises
    ------
    SourceError
        ``no_header``, ``missing_column`` or ``ambiguous_heading``; the latter possibly after some
        pieces.
    """
    row, is_mapped, first_found = 0, False, ""
    for table in tables:
        head = _best_head(table, dataset)
        if head is None:
            if table.sheet is not None:
                layout.sheets_passed_over.append(table.sheet)
            first_found = first_found or _first_texts(table)
            continue
        is_mapped = True
        separator, heads, choice = head
        name = shown if table.sheet is None else f"{shown} 工作表“{table.sheet}”"
        check_required(dataset, choice, name)
        reader = LayoutReader(dataset, choice, heads, table.sheet, layout)
        body = Body(separator, len(choice.labels), choice.index + choice.height)
        for block in table.blocks(body):
            _check_rivals(block, dataset, choice, name)
            kept = np.flatnonzero(reader.is_data(block))
            yield _piece(block, kept, row, choice, dataset, table)
            row += len(kept)
    if not is_mapped:
        raise SourceError(
            "no_header",
            f"文件 {shown}（{dataset.name_zh} {dataset.name}）前 20 行中找不到表头；"
            f"可用表头例如：{'、'.join(c.heading_zh for c in dataset.columns[:8])}；"
            f"文件开头为：{first_found or '无'}。请加上表头行，或改投正确的目录",
        )


def _best_head(table: Table, dataset: Dataset) -> tuple[str, list[HeadRow], HeadingChoice] | None:
    """The separator whose heading row maps most columns; of equal ones the first."""
    best: tuple[str, list[HeadRow], HeadingChoice] | None = None
    for separator, heads in table.heads().items():
        choice = map_head(dataset, heads)
        if choice and (best is None or len(choice.position) > len(best[2].position)):
            best = (separator, heads, choice)
    return best


def _first_texts(table: Table) -> str:
    for heads in table.heads().values():
        for row in heads:
            found = "、".join(text for text in row.cells if text)
            if found:
                return found[:200]
    return ""


def _check_rivals(block: CellBlock, dataset: Dataset, choice: HeadingChoice, name: str) -> None:
    """Refuse a file in which two headings of one required or key column disagree."""
    for column in dataset.columns:
        if column.name not in choice.rivals or not (column.is_required or column.key):
            continue
        first = choice.position[column.name]
        for rival in choice.rivals[column.name]:
            ours = block.cells[str(first)].str.strip_chars().fill_null("")
            theirs = block.cells[str(rival)].str.strip_chars().fill_null("")
            differs = (ours != theirs).arg_true()
            if len(differs):
                raise SourceError(
                    "ambiguous_heading",
                    f"文件 {name} 有两个表头都表示“{column.heading_zh}”（{column.name}）："
                    f"“{choice.labels[first]}”与“{choice.labels[rival]}”，"
                    f"第 {int(block.line[differs[0]])} 行两者的值不同。可用表头："
                    f"{'、'.join(column.headings)}；文件中的表头：{'、'.join(choice.labels)}。"
                    "请删去或改名其中一列后重新投递",
                )


def _piece(
    block: CellBlock,
    kept: "np.ndarray[tuple[int], np.dtype[np.int64]]",
    before: int,
    choice: HeadingChoice,
    dataset: Dataset,
    table: Table,
) -> Piece:
    ordinal = np.arange(before + 1, before + 1 + len(kept))
    is_bad = (block.is_broken | block.has_excess)[kept]
    cells = block.cells[kept]
    named = cells.rename({str(place): label for place, label in enumerate(choice.labels)})
    columns: dict[str, pl.Series] = {
        "row": pl.Series(ordinal, dtype=pl.Int64),
        "sheet": pl.repeat(table.sheet, len(kept), dtype=pl.String, eager=True),
        "line": pl.Series(block.line[kept], dtype=pl.Int64),
        "raw_json": named.select(pl.struct(pl.all()).struct.json_encode()).to_series(),
    }
    for name, place in choice.position.items():
        columns[f"c:{name}"] = cells[str(place)]
        if block.numeric is not None:
            columns[f"n:{name}"] = block.numeric[str(place)][kept]
    frame = pl.DataFrame(columns)
    raw = _raw_text(block, kept)
    bad = frame.filter(pl.Series(is_bad)).select("row", "sheet", "line", "raw_json")
    texts = raw([int(place) for place in np.flatnonzero(is_bad)]) if raw else bad["raw_json"]
    quarantine = bad.select(
        "row",
        "sheet",
        "line",
        pl.lit(["bad_shape"]).alias("reasons"),
        pl.lit([], dtype=pl.List(pl.String)).alias("columns"),
        pl.Series("raw", texts, dtype=pl.String),
    ).cast(pl.Schema(QUARANTINE_SCHEMA))
    good = frame.filter(pl.Series(~is_bad))
    return Piece(
        read=len(kept),
        quarantine=quarantine,
        chunk=RawChunk(dataset, choice.mapped, good, table.epoch),
        raw_text=(lambda rows: raw([number - before - 1 for number in rows])) if raw else None,
    )


def _raw_text(
    block: CellBlock, kept: "np.ndarray[tuple[int], np.dtype[np.int64]]"
) -> "_RawText | None":
    return _RawText(block, kept) if block.raw_text else None


class _RawText:
    """Rows as delivered, by their place among the data rows of a block."""

    def __init__(
        self, block: CellBlock, kept: "np.ndarray[tuple[int], np.dtype[np.int64]]"
    ) -> None:
        self._block = block
        self._kept = kept

    def __call__(self, places: Sequence[int]) -> list[str]:
        if self._block.raw_text is None:
            return []
        return self._block.raw_text([int(self._kept[place]) for place in places])
