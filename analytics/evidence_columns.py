"""Columns of a frame of rows that findings cite: the fields of ``Evidence`` but its role."""

import polars as pl

EVIDENCE_COLUMNS: dict[str, pl.DataType] = {
    "dataset": pl.String(),
    "batch": pl.String(),
    "row": pl.Int64(),
    "part": pl.Int64(),
    "key": pl.String(),
}
