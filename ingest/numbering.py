"""What only the whole file tells: running numbers, differences, ratios, equal keys."""

from pathlib import Path

import duckdb

from ingest.convert import NUMBERED, RUNNING_NUMBERS
from records.contract import Dataset

FLAG_SQL = 'STRUCT("column" VARCHAR, code VARCHAR, raw VARCHAR, qualifier VARCHAR)'
# Consumption that is not delivered is the difference of the meter's total to the period before:
# (consumption, total, meter, time, length of the period).
DIFFERENCES = {
    "power_hour": ("energy_kwh", "energy_total_kwh", "meter_id", "data_time", "1 hour"),
    "power_15min": ("energy_kwh", "energy_total_kwh", "meter_id", "data_time", "15 minutes"),
    "water_meter_hour": ("usage_m3", "total_m3", "meter_no", "data_time", "1 hour"),
}


def _literal(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def finish_file(
    connection: duckdb.DuckDBPyConnection,
    staged: list[Path],
    target: Path,
    dataset: Dataset,
    signed_ratios: frozenset[str] = frozenset(),
) -> None:
    """Write the staged chunks of a file as its rows, in row order, out of core.

    Empty line numbers become running numbers within their parent. A percentage column without a
    sign whose values are all at most 1 is taken for a ratio. Of rows with an equal key the last
    stands and the earlier ones are left to supersession; all of them carry ``duplicate_in_file``
    when their values are equal too, else the earlier ones ``superseded_in_file``.

    Parameters
    ----------
    signed_ratios
        Percentage columns that carry their sign in the heading or in a cell.
    """
    columns = [name for name in dataset.schema if name != "batch"]
    listed = "[" + ", ".join(_literal(path) for path in staged) + "]"
    source = f"SELECT * FROM read_parquet({listed})"
    source = _numbered(source, dataset)
    source = _differences(source, dataset)
    source = _ratios(connection, source, dataset, signed_ratios)
    picked = ", ".join(f'"{name}"' for name in columns)
    if dataset.keys:
        source, marked = _repeated(source, dataset)
        picked = ", ".join(f"{marked} AS flags" if n == "flags" else f'"{n}"' for n in columns)
    batch = target.parent.name
    connection.execute(
        f"COPY (SELECT '{batch}' AS batch, {picked} FROM ({source}) ORDER BY row, part)"
        f" TO {_literal(target)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 100000)"
    )


def _numbered(source: str, dataset: Dataset) -> str:
    number = NUMBERED.get(dataset.name)
    if not number:
        return source
    parent = RUNNING_NUMBERS[dataset.name]
    return (
        f'SELECT * REPLACE (coalesce("{number}", row_number() OVER'
        f' (PARTITION BY "{parent}" ORDER BY row, part)) AS "{number}") FROM ({source})'
    )


def _differences(source: str, dataset: Dataset) -> str:
    if dataset.name not in DIFFERENCES:
        return source
    used, total, meter, time, length = DIFFERENCES[dataset.name]
    window = f'OVER (PARTITION BY "{meter}" ORDER BY "{time}", row, part)'
    # A meter that was read twice or changed in between has no difference to be trusted.
    difference = (
        f'CASE WHEN lag("{time}") {window} = "{time}" - INTERVAL {length}'
        f' AND "{total}" >= lag("{total}") {window}'
        f' THEN round("{total}" - lag("{total}") {window}, 6) END'
    )
    return f'SELECT * REPLACE (coalesce("{used}", {difference}) AS "{used}") FROM ({source})'


def _ratios(
    connection: duckdb.DuckDBPyConnection, source: str, dataset: Dataset, signed: frozenset[str]
) -> str:
    """Ratios of 0 to 1 under a percentage heading without a sign, times 100 and flagged."""
    names = [c.name for c in dataset.columns if c.unit == "%" and c.name not in signed]
    if not names:
        return source
    largest = ", ".join(f'max(abs("{name}"))' for name in names)
    found = connection.execute(f"SELECT {largest} FROM ({source})").fetchall()[0]
    for name, most in zip(names, found, strict=True):
        if most is None or not 0 < most <= 1:
            continue
        flag = _flag("ratio_scaled", name)
        source = (
            f'SELECT * REPLACE (round("{name}" * 100, 6) AS "{name}",'
            f' CASE WHEN "{name}" IS NULL THEN flags ELSE list_append(flags, {flag}) END AS flags)'
            f" FROM ({source})"
        )
    return source


def _repeated(source: str, dataset: Dataset) -> tuple[str, str]:
    """Source with counts per key, and the expression of the flags that follow from them."""
    keys = [column.name for column in dataset.keys]
    partition = ", ".join(f'"{key}"' for key in keys)
    rest = ", ".join(f'"{c.name}"' for c in dataset.columns if c.name not in keys) or "1"
    source = (
        f"SELECT *, count(*) OVER (PARTITION BY {partition}) AS same_key,"
        f" count(*) OVER (PARTITION BY {partition}, hash({rest})) AS same_row,"
        f" lead(row) OVER (PARTITION BY {partition} ORDER BY row, part) AS later"
        f" FROM ({source})"
    )
    marked = (
        "CASE WHEN same_key = 1 THEN flags"
        f" WHEN same_row = same_key THEN list_append(flags, {_flag('duplicate_in_file')})"
        f" WHEN later IS NOT NULL THEN list_append(flags, {_flag('superseded_in_file')})"
        " ELSE flags END"
    )
    return source, marked


def _flag(code: str, column: str = "") -> str:
    return f"{{'column': '{column}', 'code': '{code}', 'raw': '', 'qualifier': ''}}::{FLAG_SQL}"
