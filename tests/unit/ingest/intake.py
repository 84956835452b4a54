"""A workspace for tests of intake: files go in, reports, rows and quarantine come out."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import polars as pl
from openpyxl import Workbook

from ingest.drop import IngestOptions, ingest
from ingest.report import FileReport, IngestReport
from records.contract import Contract, load_contract
from records.lake import QUARANTINE
from records.views import open_views
from records.workspace import Workspace


@dataclass(frozen=True)
class Intake:
    """An inbox and what became of it."""

    workspace: Workspace

    def put(self, path: str, content: str | bytes, encoding: str = "utf-8") -> Path:
        """Write a file below the inbox."""
        target = self.workspace.inbox / path
        target.parent.mkdir(parents=True, exist_ok=True)
        data = content if isinstance(content, bytes) else content.encode(encoding)
        target.write_bytes(data)
        return target

    def run(self, **options: Any) -> IngestReport:
        """One intake; counts of every file must add up."""
        report = ingest(self.workspace, IngestOptions(**options), lambda _: None)
        for file in report.files:
            assert file.read == file.accepted + file.quarantined, file
        return report

    def take(self, path: str, content: str | bytes, encoding: str = "utf-8") -> FileReport:
        """Put one file and run; the report of that file."""
        self.put(path, content, encoding)
        return next(file for file in self.run().files if file.path.startswith(path))

    def rows(
        self, dataset: str, columns: str = "*", *, history: bool = False
    ) -> list[dict[str, Any]]:
        """Rows of a dataset in order of batch and row."""
        only = Contract({dataset: load_contract().dataset(dataset)})
        views = open_views(self.workspace, contract=only)
        name = f"{dataset}_history" if history else dataset
        try:
            cursor = views.cursor()
            cursor.execute(f'SELECT {columns} FROM "{name}" ORDER BY batch, row, part')
            names = [item[0] for item in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        finally:
            views.close()

    def quarantine(self, report: FileReport) -> list[dict[str, Any]]:
        """Quarantined rows of one file."""
        path = self.workspace.batch(report.dataset, report.sha256) / QUARANTINE
        return pl.read_parquet(path).to_dicts()

    def bytes_of_lake(self) -> dict[str, bytes]:
        """Every file of the lake with its bytes."""
        lake = self.workspace.lake
        return {
            str(path.relative_to(lake)): path.read_bytes()
            for path in sorted(lake.rglob("*"))
            if path.is_file()
        }


def codes(row: dict[str, Any], column: str | None = None) -> list[str]:
    """Flag codes of a row, of one column where it is named."""
    return [f["code"] for f in row["flags"] if column is None or f["column"] == column]


def raw(row: dict[str, Any]) -> dict[str, Any]:
    """The original cells of a row by heading."""
    cells: dict[str, Any] = json.loads(row["raw_json"])
    return cells


def table(*rows: Sequence[object], separator: str = ",") -> str:
    """Delimited text of rows."""
    return "".join(separator.join(map(str, row)) + "\r\n" for row in rows)


def workbook(
    *sheets: tuple[str, Sequence[Sequence[object]]],
    merged: Sequence[str] = (),
    epoch: object = None,
) -> bytes:
    """An .xlsx of (title, rows); ``merged`` are ranges of the first sheet."""
    book = Workbook()
    if epoch is not None:
        book.epoch = epoch  # type: ignore[assignment]  # the stub knows only the default
    book.remove(book.active)  # type: ignore[arg-type]  # a new workbook has a sheet
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
        for area in merged if title == sheets[0][0] else ():
            sheet.merge_cells(area)
    out = BytesIO()
    book.save(out)
    return out.getvalue()
