"""The inbox: which dataset goes into which kind of file, and the rows broken on purpose."""

from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from ingest.simulate.delivery import Delivery
from ingest.simulate.files import (
    FileStyle,
    as_cells,
    headings,
    write_delimited,
    write_json_lines,
    write_workbook,
    write_zip,
)
from ingest.simulate.truth import Truth
from records.contract import Column, Dataset, load_contract

WORKBOOK_ROWS = 450
MINUTE_PLAIN = FileStyle("csv")
CHINESE = FileStyle("csv", "gb18030", heading=1, clock=1, has_units=False)
# Share of the rows and style of each file of a dataset; the rest goes into the last one.
STYLES: dict[str, tuple[tuple[float, FileStyle], ...]] = {
    "manifest": ((0.45, MINUTE_PLAIN), (0.48, CHINESE), (0.07, FileStyle("xlsx", heading=0))),
    "manifest_item": ((0.45, MINUTE_PLAIN), (0.48, FileStyle("csv", "gb18030", 1, 1, True)),
                      (0.07, FileStyle("xlsx"))),
    "invoice": ((0.7, FileStyle("csv", heading=1)), (0.3, FileStyle("csv", "gb18030", 2, 3))),
    "hw_licence": ((1.0, FileStyle("xlsx")),),
    "hw_licence_item": ((1.0, FileStyle("xlsx", heading=1)),),
    "company": ((0.6, CHINESE), (0.4, FileStyle("jsonl", heading=-1))),
    "enterprise": ((0.8, FileStyle("csv", "gb18030", 1)), (0.2, FileStyle("xlsx"))),
    "waybill": ((1.0, FileStyle("jsonl", heading=-1)),),
    "carrier_licence": ((1.0, FileStyle("xlsx", heading=1)),),
    "vehicle_permit": ((1.0, FileStyle("csv", "gb18030", 0, 2)),),
    "toll_trip": ((1.0, FileStyle("tsv", heading=1)),),
    "checkpoint_pass": ((1.0, FileStyle("csv", heading=1, clock=2)),),
    "insured": ((1.0, FileStyle("tsv", "gb18030")),),
    "obs_hour:web": ((1.0, CHINESE),),
    "test_report": ((1.0, FileStyle("csv", "gb18030", 1, 1)),),
    "penalty": ((1.0, FileStyle("xlsx", heading=0)),),
    "holiday": ((1.0, FileStyle("csv")),),
}  # fmt: skip
FALLBACK = (
    ((1.0, FileStyle("csv")),),
    ((1.0, CHINESE),),
    ((1.0, FileStyle("csv", heading=2, clock=1)),),
    ((1.0, FileStyle("tsv")),),
    ((1.0, FileStyle("csv", "gb18030", clock=3)),),
)
ZIPPED = frozenset({"power_hour"})
# What is broken: column, cell, the reason that a reader should give.
BROKEN: dict[str, tuple[tuple[str, str, str], ...]] = {
    "manifest": (
        ("handover_at", "2026-02-30", "bad_date"),
        ("receiver_name", "—", "missing_required"),
    ),
    "manifest_item": (
        ("qty_out_t", "十二吨半", "bad_number"),
        ("qty_out_t", "—", "missing_required"),
    ),
    "invoice": (("amount_yuan", "见清单", "bad_number"), ("issued_at", "26/13/40", "bad_date")),
    "company": (("uscc", "待补", "bad_format"),),
    "waybill": (("carrier_name", "", "missing_required"),),
    "gps_point": (("lat", "319.3", "out_of_range"),),
    "checkpoint_pass": (("passed_at", "20261032250000", "bad_date"),),
}


@dataclass(slots=True)
class Inbox:
    """Writes what waits in a delivery to ``root/<dataset>/``; memory is freed after each write."""

    root: Path
    delivery: Delivery
    truth: Truth
    files: list[Path] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)

    def write(self, label: str) -> None:
        """Write all waiting rows as files named after ``label``."""
        for file in self.delivery.raw:
            path = self.root / file.folder / file.name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(file.data)
            self.files.append(path)
            self.rows[file.folder] = self.rows.get(file.folder, 0) + file.count
        self.delivery.raw.clear()
        for name, form in self.delivery.waiting():
            dataset = load_contract().dataset(name)
            frame = self.delivery.take(name, form)
            parties = self.delivery.parties
            broken = self._broken(dataset, frame)
            start = 0
            place = f"{name}:{form}" if form else name
            styles = STYLES.get(place) or FALLBACK[len(place) * 7 % len(FALLBACK)]
            for number, (share, style) in enumerate(styles, start=1):
                stop = (
                    frame.height
                    if number == len(styles)
                    else _cut(frame, start + round(share * frame.height))
                )
                part, meant = frame[start:stop], parties[start:stop]
                start = stop
                if part.height:
                    extra = broken if number == 1 else broken[:0]
                    stem = f"{label}_{form}{number}"
                    data = self._write_one(dataset, part, extra, style, stem)
                    lines = 2 * len(BROKEN.get(name, ())) if extra.height else 0
                    self.truth.know_parties(name, data, meant, (part.height // 3, lines))

    def _write_one(
        self,
        dataset: Dataset,
        frame: pl.DataFrame,
        broken: pl.DataFrame,
        style: FileStyle,
        stem: str,
    ) -> bytes:
        """Write a file; the bytes that make its batch."""
        columns = [c for c in dataset.columns if c.name in frame.columns]
        columns = [c for c in columns if frame[c.name].null_count() < frame.height or c.key]
        heads = headings(dataset, columns, style)
        folder = self.root / dataset.name
        folder.mkdir(parents=True, exist_ok=True)
        cells = as_cells(frame, columns, style)
        if style.kind == "xlsx" and frame.height > WORKBOOK_ROWS * 4:
            style = FileStyle("csv", "gb18030", style.heading, style.clock)
        if broken.height:
            cells = self._with_broken(dataset, columns, cells, broken)
        path = folder / f"{stem}.{style.kind}"
        if style.kind == "xlsx":
            title = f"{dataset.name_zh}导出表（{stem[:6]}）"
            write_workbook(path, title, heads, frame.select(c.name for c in columns), cells)
        elif style.kind == "jsonl":
            write_json_lines(path, heads, cells)
        else:
            write_delimited(path, heads, cells, style)
        data = path.read_bytes()
        if dataset.name in ZIPPED and style.kind in ("csv", "tsv"):
            path.unlink()
            member = (path.name, data)
            path = path.with_suffix(".zip")
            write_zip(path, [member])
        self.files.append(path)
        self.rows[dataset.name] = self.rows.get(dataset.name, 0) + cells.height
        return data

    def _broken(self, dataset: Dataset, frame: pl.DataFrame) -> pl.DataFrame:
        """Copies of two rows per flaw, taken from the middle."""
        flaws = BROKEN.get(dataset.name, ())
        if frame.height < 200 or not flaws:
            return frame[:0]
        middle = frame.height // 2
        return frame[middle : middle + 2 * len(flaws)]

    def _with_broken(
        self, dataset: Dataset, columns: list[Column], cells: pl.DataFrame, broken: pl.DataFrame
    ) -> pl.DataFrame:
        copies = as_cells(broken, columns, FileStyle("csv")).cast(pl.String)
        lines = []
        for i, (column, cell, reason) in enumerate(BROKEN[dataset.name]):
            for j in (0, 1):
                lines.append(copies[2 * i + j].with_columns(pl.lit(cell).alias(column)))
                counts = self.truth.bad_rows.setdefault(dataset.name, {})
                counts[reason] = counts.get(reason, 0) + 1
        at = cells.height // 3
        return pl.concat([cells[:at], *lines, cells[at:]])


def _cut(frame: pl.DataFrame, at: int) -> int:
    """The first row from ``at`` on that begins a new parent, so that no parent is torn apart."""
    first = frame.columns[0]
    at = min(at, frame.height)
    while 0 < at < frame.height and frame[first][at] == frame[first][at - 1]:
        at += 1
    return at
