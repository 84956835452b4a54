"""Batches in the lake: staged beside it, renamed into place, and debris of killed runs removed.

A batch lies in ``lake/<dataset>/<batch>/rows.parquet`` for each dataset that it fills; its report
and quarantine lie in the folder of the dataset it was delivered under. What the ledger does not
name is debris.
"""

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

import polars as pl

from records.contract import QUARANTINE_SCHEMA
from records.workspace import Workspace

ROWS, QUARANTINE, REPORT = "rows.parquet", "quarantine.parquet", "report.json"
NO_BATCHES = ("derived", ".staging")


class StagedBatch:
    """A batch being written under ``lake/.staging``; nothing is seen of it before :meth:`publish`.

    Chunks are appended in the order of the file and joined when the file has been read.
    """

    def __init__(self, workspace: Workspace, folder: str, batch: str) -> None:
        self._workspace = workspace
        self._folder = folder
        self._batch = batch
        self._root = workspace.staging / folder / batch
        self._chunks: dict[str, list[Path]] = {}
        self._held: list[Path] = []
        self.discard()
        (self._root / "chunks").mkdir(parents=True)

    def add_records(self, dataset: str, records: pl.DataFrame) -> None:
        """Append records of a dataset (its schema without ``batch``)."""
        if records.height:
            chunks = self._chunks.setdefault(dataset, [])
            path = self._root / "chunks" / f"{dataset}-{len(chunks):06d}.parquet"
            records.write_parquet(path, compression="lz4")
            chunks.append(path)

    def add_quarantine(self, held: pl.DataFrame) -> None:
        """Append quarantined rows (quarantine schema)."""
        if held.height:
            path = self._root / "chunks" / f".held-{len(self._held):06d}.parquet"
            held.select(list(QUARANTINE_SCHEMA)).write_parquet(path, compression="lz4")
            self._held.append(path)

    @property
    def chunks(self) -> dict[str, list[Path]]:
        """Appended record files by dataset, in order."""
        return self._chunks

    def target(self, dataset: str) -> Path:
        """Where the joined rows of a dataset are to be written; its folder exists."""
        path = self._root / dataset / self._batch / ROWS
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def write_quarantine(self) -> None:
        """Join the quarantined rows, in row order."""
        path = self._own / QUARANTINE
        if self._held:
            frames = [pl.scan_parquet(held) for held in self._held]
            pl.concat(frames).sort("row", maintain_order=True).sink_parquet(
                path, compression="zstd"
            )
        else:
            pl.DataFrame(schema=QUARANTINE_SCHEMA).write_parquet(path, compression="zstd")

    def write_report(self, text: str) -> None:
        """Write the batch report (JSON text)."""
        (self._own / REPORT).write_text(text, encoding="utf-8")

    @property
    def _own(self) -> Path:
        path = self._root / self._folder / self._batch
        path.mkdir(parents=True, exist_ok=True)
        return path

    def publish(self) -> None:
        """Rename the folders into place; folders of an earlier processing are replaced.

        Until the ledger names the batch, a crash between two renames leaves debris only.
        """
        shutil.rmtree(self._root / "chunks")
        staged = sorted(path / self._batch for path in self._root.iterdir())
        for folder in staged:
            for file in sorted(folder.iterdir()):
                _to_disk(file)
            _to_disk(folder)
        for folder in staged:
            final = self._workspace.batch(folder.parent.name, self._batch)
            final.parent.mkdir(parents=True, exist_ok=True)
            shutil.rmtree(final, ignore_errors=True)
            os.rename(folder, final)
            _to_disk(final.parent)
        self.discard()

    def discard(self) -> None:
        """Remove what was staged."""
        shutil.rmtree(self._root, ignore_errors=True)


def _to_disk(path: Path) -> None:
    """Make a file or folder survive a loss of power."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def remove_debris(workspace: Workspace, known: Iterable[tuple[str, str]]) -> None:
    """Remove staged files and batch folders that the ledger does not name.

    Parameters
    ----------
    known
        (dataset, batch) of every folder that the ledger answers for.
    """
    shutil.rmtree(workspace.staging, ignore_errors=True)
    named = set(known)
    if not workspace.lake.exists():
        return
    for dataset in sorted(workspace.lake.iterdir()):
        if dataset.name in NO_BATCHES or not dataset.is_dir():
            continue
        for batch in sorted(dataset.iterdir()):
            if (dataset.name, batch.name) not in named:
                shutil.rmtree(batch)
        if not any(dataset.iterdir()):
            dataset.rmdir()
