"""What only the whole file tells: running numbers, differences, ratios, equal keys.

Each question reads the columns that it needs and leaves a narrow table ``(row, part, …)`` of the
rows concerned, so that memory does not grow with the width of the file and hardly with its length.
"""

from dataclasses import dataclass
from pathlib import Path

import duckdb

from ingest.convert import NUMBERED, RUNNING_NUMBERS
from records.contract import Dataset
from records.views import quoted, text_literal

FLAG_SQL = 'STRUCT("column" VARCHAR, code VARCHAR, raw VARCHAR, qualifier VARCHAR)'
# Consumption that is not delivered is the difference of the meter's total to the period before:
# (consumption, total, meter, time, length of the period).
DIFFERENCES = {
    "power_hour": ("energy_kwh", "energy_total_kwh", "meter_id", "data_time", "1 hour"),
    "power_15min": ("energy_kwh", "energy_total_kwh", "meter_id", "data_time", "15 minutes"),
    "water_meter_hour": ("usage_m3", "total_m3", "meter_no", "data_time", "1 hour"),
}


@dataclass(frozen=True, slots=True)
class WholeFile:
    """What :func:`ask_whole_file` found.

    ``filled`` is the column whose empty values table ``fillings`` holds, if any; ``ratios`` the
    percentage columns that hold ratios of 0 to 1; table ``repeats`` has the flag of each row
    whose key stands more than once.
    """

    filled: str | None
    ratios: tuple[str, ...]


def ask_whole_file(
    connection: duckdb.DuckDBPyConnection,
    staged: list[Path],
    dataset: Dataset,
    signed_ratios: frozenset[str],
) -> WholeFile:
    """Make the temporary tables ``fillings`` (row, part, value) and ``repeats`` (row, part, code).

    Of rows with an equal key the last stands and the earlier ones are left to supersession; all
    of them carry ``duplicate_in_file`` when their delivered values are equal too, else the earlier
    ones ``superseded_in_file``.

    Parameters
    ----------
    staged
        Chunks of the file's rows.
    signed_ratios
        Percentage columns that carry their sign in the heading or in a cell.
    """
    listed = "[" + ", ".join(text_literal(str(path)) for path in staged) + "]"
    source = f"read_parquet({listed})"
    filled = _fill(connection, source, dataset)
    if filled is not None and dataset.name in NUMBERED:
        source = (
            f"(SELECT s.* REPLACE (coalesce(s.{quoted(filled)}, f.value) AS {quoted(filled)})"
            f" FROM {source} s LEFT JOIN fillings f USING (row, part))"
        )
    _repeat(connection, source, dataset)
    return WholeFile(filled, _ratios(connection, source, dataset, signed_ratios))


def _fill(connection: duckdb.DuckDBPyConnection, source: str, dataset: Dataset) -> str | None:
    """Table ``fillings``: values for empty cells of one column, which is returned."""
    if dataset.name in NUMBERED:
        column, parent = NUMBERED[dataset.name], RUNNING_NUMBERS[dataset.name]
        value = f"row_number() OVER (PARTITION BY {quoted(parent)} ORDER BY row, part)"
    elif dataset.name in DIFFERENCES:
        column, total, meter, time, length = DIFFERENCES[dataset.name]
        window = f"OVER (PARTITION BY {quoted(meter)} ORDER BY {quoted(time)}, row, part)"
        # A meter that was read twice or changed in between has no difference to be trusted.
        value = (
            f"CASE WHEN lag({quoted(time)}) {window} = {quoted(time)} - INTERVAL {length}"
            f" AND {quoted(total)} >= lag({quoted(total)}) {window}"
            f" THEN round({quoted(total)} - lag({quoted(total)}) {window}, 6) END"
        )
    else:
        return None
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE fillings AS SELECT row, part, value FROM"
        f" (SELECT row, part, {quoted(column)} AS delivered, {value} AS value FROM {source})"
        " WHERE delivered IS NULL AND value IS NOT NULL ORDER BY row, part"
    )
    return column


def _repeat(connection: duckdb.DuckDBPyConnection, source: str, dataset: Dataset) -> None:
    """Table ``repeats``; only rows whose key has the hash of another's are held."""
    keys = [column.name for column in dataset.keys]
    if not keys:
        connection.execute(
            "CREATE OR REPLACE TEMP TABLE repeats (row BIGINT, part BIGINT, code VARCHAR)"
        )
        return
    key = ", ".join(quoted(name) for name in keys)
    rest = ", ".join(quoted(c.name) for c in dataset.columns if c.name not in keys) or "1"
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE repeats AS
        WITH twice AS (
            SELECT hash({key}) AS h FROM {source} GROUP BY h HAVING count(*) > 1
        ), held AS (
            SELECT row, part, {key}, hash({rest}) AS delivered
            FROM {source} WHERE hash({key}) IN (FROM twice)
        ), counted AS (
            SELECT row, part, count(*) OVER (PARTITION BY {key}) AS same_key,
                   count(*) OVER (PARTITION BY {key}, delivered) AS same_row,
                   lead(row) OVER (PARTITION BY {key} ORDER BY row, part) AS later
            FROM held
        )
        SELECT row, part, CASE WHEN same_row = same_key THEN 'duplicate_in_file'
               ELSE 'superseded_in_file' END AS code
        FROM counted WHERE same_key > 1 AND (same_row = same_key OR later IS NOT NULL)
        ORDER BY row, part"""
    )


def _ratios(
    connection: duckdb.DuckDBPyConnection, source: str, dataset: Dataset, signed: frozenset[str]
) -> tuple[str, ...]:
    """Percentage columns without a sign whose values are all at most 1: they hold ratios."""
    names = [c.name for c in dataset.columns if c.unit == "%" and c.name not in signed]
    if not names:
        return ()
    largest = ", ".join(f"max(abs({quoted(name)}))" for name in names)
    found = connection.execute(f"SELECT {largest} FROM {source}").fetchall()[0]
    pairs = zip(names, found, strict=True)
    return tuple(name for name, most in pairs if most is not None and 0 < most <= 1)
