"""Staged chunks of a file become its rows: in row order, a few chunks at a time."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import polars as pl
import pyarrow.parquet as pq

from ingest.numbering import FLAG_SQL, WholeFile, ask_whole_file
from records.contract import Dataset
from records.views import quoted, text_literal

ROW_GROUP_ROWS = 100_000


def finish_file(
    connection: duckdb.DuckDBPyConnection,
    staged: list[Path],
    target: Path,
    dataset: Dataset,
    signed_ratios: frozenset[str] = frozenset(),
) -> None:
    """Write the staged chunks of a file as its rows, in row order, out of core.

    Empty line numbers become running numbers within their parent. A percentage column without a
    sign whose values are all at most 1 is taken for a ratio. Rows with an equal key are flagged
    (:func:`ingest.numbering.ask_whole_file`).

    Parameters
    ----------
    staged
        Chunks with the dataset's columns but ``batch``; one row of the file lies in one chunk.
    target
        The file to write; its folder is named after the batch.
    signed_ratios
        Percentage columns that carry their sign in the heading or in a cell.
    """
    whole = ask_whole_file(connection, staged, dataset, signed_ratios)
    picked = _columns(dataset, whole, target.parent.name)
    writer: pq.ParquetWriter | None = None
    try:
        for chunks, first, last in _in_order(staged):
            listed = "[" + ", ".join(text_literal(str(path)) for path in chunks) + "]"
            span = f"WHERE row BETWEEN {first} AND {last}"
            source = (
                f"read_parquet({listed}) s"
                f" LEFT JOIN (FROM repeats {span}) r ON r.row = s.row AND r.part = s.part"
            )
            if whole.filled:
                source += (
                    f" LEFT JOIN (FROM fillings {span}) f ON f.row = s.row AND f.part = s.part"
                )
            rows = connection.sql(
                f"SELECT {picked} FROM {source} ORDER BY s.row, s.part"
            ).to_arrow_table()
            if writer is None:
                writer = pq.ParquetWriter(target, rows.schema, compression="zstd")
            writer.write_table(rows, row_group_size=ROW_GROUP_ROWS)
    finally:
        if writer is not None:
            writer.close()


def _in_order(staged: list[Path]) -> Iterator[tuple[list[Path], int, int]]:
    """Chunks in row order with their first and last row; those that overlap come together."""
    spans = []
    for path in staged:
        rows = pl.scan_parquet(path).select(pl.min("row"), pl.max("row").alias("last")).collect()
        first, last = rows.row(0)
        spans.append((int(first), int(last), path))
    spans.sort()
    group: list[Path] = []
    begin = end = 0
    for first, last, path in spans:
        if group and first > end:
            yield group, begin, end
            group = []
        if not group:
            begin, end = first, last
        group.append(path)
        end = max(end, last)
    if group:
        yield group, begin, end


def _columns(dataset: Dataset, whole: WholeFile, batch: str) -> str:
    """The SELECT list: what the whole file told put into the columns of each row."""
    picked = [f"{text_literal(batch)} AS batch"]
    for name in dataset.schema:
        column = f"s.{quoted(name)}"
        if name == "batch":
            continue
        if name == "flags":
            column = _flags(whole)
        elif name == whole.filled:
            column = f"coalesce({column}, f.value)"
        elif name in whole.ratios:
            column = f"round({column} * 100, 6)"
        picked.append(f"{column} AS {quoted(name)}")
    return ", ".join(picked)


def _flags(whole: WholeFile) -> str:
    flags = "s.flags"
    for name in whole.ratios:
        flag = _flag("'ratio_scaled'", name)
        flags = (
            f"CASE WHEN s.{quoted(name)} IS NULL THEN {flags} ELSE list_append({flags}, {flag}) END"
        )
    repeated = _flag("r.code", "")
    return f"CASE WHEN r.code IS NULL THEN {flags} ELSE list_append({flags}, {repeated}) END"


def _flag(code: str, column: str) -> str:
    return (
        f"{{'column': {text_literal(column)}, 'code': {code}, 'raw': '', 'qualifier': ''}}"
        f"::{FLAG_SQL}"
    )
