"""Files as agencies make them: encodings, separators, headings, workbooks with title and 合计."""

import io
import json
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path

import openpyxl
import polars as pl
from openpyxl.worksheet.worksheet import Worksheet

from records.contract import Column, Dataset

STAMP = (2026, 11, 2, 8, 30, 0)
UNIT_TEXTS = {
    "t": "吨", "t/a": "吨/年", "kg": "千克", "yuan": "元", "yuan/t": "元/吨", "kWh": "kWh",
    "kW": "kW", "km": "公里", "km/h": "km/h", "m": "米", "m3": "m3", "h": "小时", "s": "秒",
    "min": "分钟",
}  # fmt: skip
PARENTS = ("移出人", "承运人", "接受人", "销方", "购方", "驾驶员", "押运员")
TIME_FORMATS = ("%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M:%S", "%Y%m%d%H%M%S", "%Y年%m月%d日 %H:%M:%S")
DATE_FORMATS = ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%Y年%m月%d日")
FULL_WIDTH = [str(d) for d in range(10)], [chr(0xFF10 + d) for d in range(10)]


@dataclass(frozen=True, slots=True)
class FileStyle:
    """How one file is written.

    ``kind`` is csv, tsv, xlsx or jsonl; ``heading`` 0 takes 中文 headings of the contract, n > 0
    the n-th variant where there is one, -1 the canonical names. ``clock`` picks the time format;
    ``has_units`` puts the unit behind a heading.
    """

    kind: str
    encoding: str = "utf-8"
    heading: int = 0
    clock: int = 0
    kilograms: bool = False
    has_units: bool = True


def folded(heading: str) -> str:
    """A heading reduced to what tells it from another."""
    return re.sub(r"[\s_*:：·\-]", "", heading).lower()


def headings(dataset: Dataset, columns: Sequence[Column], style: FileStyle) -> list[str]:
    """One accepted heading per column; none that could also mean another column."""
    owners: dict[str, set[str]] = {}
    for column in dataset.columns:
        for text in column.headings:
            owners.setdefault(folded(text), set()).add(column.name)
    taken = []
    for column in columns:
        wanted = column.heading_zh if style.heading >= 0 else column.name
        options = [v for v in column.variants if len(owners[folded(v)]) == 1]
        if style.heading > 0 and options:
            wanted = options[(style.heading - 1) % len(options)]
        if len(owners[folded(wanted)]) > 1:
            wanted = column.name
        if style.kilograms and column.unit == "t":
            wanted += "(千克)"
        elif column.unit == "yuan" and column.name.endswith("capital_yuan"):
            wanted += "(万元)"
        elif style.has_units and style.heading >= 0 and column.unit in UNIT_TEXTS:
            wanted += f"({UNIT_TEXTS[column.unit]})"
        taken.append(wanted)
    return taken


def as_cells(frame: pl.DataFrame, columns: Sequence[Column], style: FileStyle) -> pl.DataFrame:
    """The frame as texts in the file's own formats."""
    cells = []
    for column in columns:
        expr = pl.col(column.name)
        kind = frame.schema[column.name]
        if kind == pl.Datetime:
            expr = expr.dt.strftime(TIME_FORMATS[style.clock])
        elif kind == pl.Date:
            expr = expr.dt.strftime(DATE_FORMATS[style.clock])
        elif kind.is_float():
            if style.kilograms and column.unit == "t":
                expr = expr * 1000
            elif column.unit == "yuan" and column.name.endswith("capital_yuan"):
                expr = expr / 10_000
            expr = expr.round(6).cast(pl.String).str.replace(r"\.0$", "")
        else:
            expr = expr.cast(pl.String)
            if style.kilograms and column.name == "uom":
                expr = expr.replace("吨", "千克")
        if style.encoding == "gb18030" and column.name.endswith("address"):
            expr = expr.str.replace_many(*FULL_WIDTH)
        cells.append(expr)
    return frame.select(cells)


def write_delimited(
    path: Path, heads: Sequence[str], cells: pl.DataFrame, style: FileStyle
) -> None:
    """CSV or TSV; GB18030 where the style says so."""
    named = cells.rename(dict(zip(cells.columns, heads, strict=True)))
    buffer = io.BytesIO()
    named.write_csv(buffer, separator="\t" if style.kind == "tsv" else ",", line_terminator="\r\n")
    data = buffer.getvalue()
    path.write_bytes(data if style.encoding == "utf-8" else data.decode().encode(style.encoding))


def write_json_lines(path: Path, heads: Sequence[str], cells: pl.DataFrame) -> None:
    """One JSON object per line, empty cells left out."""
    named = cells.rename(dict(zip(cells.columns, heads, strict=True)))
    lines = [
        json.dumps({k: v for k, v in row.items() if v is not None}, ensure_ascii=False)
        for row in named.iter_rows(named=True)
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


def write_workbook(
    path: Path, title: str, heads: Sequence[str], frame: pl.DataFrame, cells: pl.DataFrame
) -> None:
    """A workbook with a merged title, two stacked heading rows and a 合计 footer."""
    book = openpyxl.Workbook()
    sheet: Worksheet = book.worksheets[0]
    sheet.title = "Sheet1"
    width = len(heads)
    sheet.append([title])
    sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=width)
    unit = "单位：吨" if "qty_out_t" in frame.columns else "导出单位：数据中心"
    sheet.append([unit, *[None] * (width - 2), "导出日期：2026-11-02"][:width])
    split = [_split(head) for head in heads]
    sheet.append([parent or child for parent, child in split])
    sheet.append([child if parent else None for parent, child in split])
    _merge_headings(sheet, split)
    numbers = {c for c, t in frame.schema.items() if t.is_numeric()}
    summed = ("qty_out_t", "qty_in_t", "licensed_t_a")
    sums = {c: float(frame[c].sum()) for c in summed if c in frame.columns}
    columns = [
        [float(v) if v is not None else None for v in cells[c].to_list()]
        if c in numbers
        else cells[c].to_list()
        for c in cells.columns
    ]
    for row in zip(*columns, strict=True):
        sheet.append(row)
    first = next(iter(cells.columns))
    footer = [round(sums[c], 6) if c in sums else None for c in cells.columns]
    sheet.append(footer if first in sums else ["合计", *footer[1:]])
    sheet.append(["制表人：系统导出"])
    path.write_bytes(_timeless(book))


def write_zip(path: Path, members: Sequence[tuple[str, bytes]]) -> None:
    """A zip archive that is the same for the same members."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(zipfile.ZipInfo(name, STAMP), data, zipfile.ZIP_DEFLATED)


def _split(head: str) -> tuple[str, str]:
    for parent in PARENTS:
        if head.startswith(parent) and len(head) > len(parent):
            return parent, head[len(parent) :]
    return "", head


def _merge_headings(sheet: Worksheet, split: Sequence[tuple[str, str]]) -> None:
    at = 1
    for parent, group in groupby(split, key=lambda pair: pair[0]):
        n = len(list(group))
        if parent and n > 1:
            sheet.merge_cells(start_row=3, start_column=at, end_row=3, end_column=at + n - 1)
        elif not parent:
            for column in range(at, at + n):
                sheet.merge_cells(start_row=3, start_column=column, end_row=4, end_column=column)
        at += n


def _timeless(book: openpyxl.Workbook) -> bytes:
    """The workbook's bytes with every time of writing replaced by a fixed one."""
    raw, clean = io.BytesIO(), io.BytesIO()
    book.properties.created = datetime(*STAMP)
    book.properties.creator = "data"
    book.save(raw)
    with zipfile.ZipFile(raw) as source, zipfile.ZipFile(clean, "w") as target:
        for item in source.infolist():
            data = source.read(item.filename)
            if item.filename == "docProps/core.xml":
                data = re.sub(
                    rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>2026-11-02T08:30:00Z", data
                )
            target.writestr(zipfile.ZipInfo(item.filename, STAMP), data, zipfile.ZIP_DEFLATED)
    return clean.getvalue()
