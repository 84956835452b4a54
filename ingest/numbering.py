"""What only the whole file tells: running numbers, duplicates, and rows superseded within it."""

from pathlib import Path

import duckdb

from ingest.convert import NUMBERED, RUNNING_NUMBERS
from records.contract import Dataset

FLAG_SQL = 'STRUCT("column" VARCHAR, code VARCHAR, raw VARCHAR, qualifier VARCHAR)'


def _literal(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def finish_file(
    connection: duckdb.DuckDBPyConnection, staged: list[Path], target: Path, dataset: Dataset
) -> None:
    """Write the staged chunks of a file as its rows, in row order, out of core.

    Empty line numbers become running numbers within their parent. Of rows with an equal key the
    last stands and the earlier ones are left to supersession; all of them carry
    ``duplicate_in_file`` when their values are equal too, else ``superseded_in_file``.
    """
    columns = [name for name in dataset.schema if name != "batch"]
    values = [c.name for c in dataset.columns]
    keys = [c.name for c in dataset.keys]
    listed = "[" + ", ".join(_literal(path) for path in staged) + "]"
    source = f"SELECT * FROM read_parquet({listed})"
    number = NUMBERED.get(dataset.name)
    if number:
        parent = RUNNING_NUMBERS[dataset.name]
        source = (
            f'SELECT * REPLACE (coalesce("{number}", row_number() OVER'
            f' (PARTITION BY "{parent}" ORDER BY row, part)) AS "{number}") FROM ({source})'
        )
    if keys:
        partition = ", ".join(f'"{key}"' for key in keys)
        rest = ", ".join(f'"{v}"' for v in values if v not in keys) or "1"
        source = (
            f"SELECT *, count(*) OVER (PARTITION BY {partition}) AS same_key,"
            f" count(*) OVER (PARTITION BY {partition}, hash({rest})) AS same_row,"
            f" lead(row) OVER (PARTITION BY {partition} ORDER BY row, part) AS later"
            f" FROM ({source})"
        )
        mark = (
            "CASE WHEN same_key = 1 THEN flags"
            f" WHEN same_row = same_key THEN list_append(flags, {_flag('duplicate_in_file')})"
            f" WHEN later IS NOT NULL THEN list_append(flags, {_flag('superseded_in_file')})"
            " ELSE flags END"
        )
        picked = ", ".join(f"{mark} AS flags" if n == "flags" else f'"{n}"' for n in columns)
    else:
        picked = ", ".join(f'"{n}"' for n in columns)
    batch = target.parent.name
    connection.execute(
        f"COPY (SELECT '{batch}' AS batch, {picked} FROM ({source}) ORDER BY row, part)"
        f" TO {_literal(target)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 100000)"
    )


def _flag(code: str) -> str:
    return f"{{'column': '', 'code': '{code}', 'raw': '', 'qualifier': ''}}::{FLAG_SQL}"
