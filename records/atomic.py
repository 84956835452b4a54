"""Files that readers see whole or not at all."""

import os
from pathlib import Path

import polars as pl


def write_parquet(frame: pl.DataFrame, path: Path) -> None:
    """Write ``frame`` so that readers see the old file or the new one, never a part of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    frame.write_parquet(part, compression="zstd", statistics=True)
    os.replace(part, path)


def write_text(text: str, path: Path) -> None:
    """Write UTF-8 text in the same way."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    part.write_text(text, encoding="utf-8")
    os.replace(part, path)
