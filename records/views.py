"""The lake through DuckDB: every dataset as a view, with what resolution and detection added."""

from collections.abc import Mapping
from pathlib import Path

import duckdb
import polars as pl

from records.contract import Contract, Dataset, load_contract
from records.intake import BatchRecord, Ledger
from records.mentions import Mention, mentions_of
from records.resolved import FINDING_COLUMNS, RESOLVED_TABLES
from records.workspace import Workspace

SQL_TYPES: dict[pl.DataType, str] = {
    pl.String(): "VARCHAR",
    pl.Float64(): "DOUBLE",
    pl.Int64(): "BIGINT",
    pl.Int32(): "INTEGER",
    pl.Boolean(): "BOOLEAN",
    pl.Date(): "DATE",
    pl.Datetime("us"): "TIMESTAMP",
    pl.List(pl.String): "VARCHAR[]",
    pl.List(pl.Float64): "DOUBLE[]",
}
FLAGS_SQL = 'STRUCT("column" VARCHAR, code VARCHAR, raw VARCHAR, qualifier VARCHAR)[]'
RESOLVED_FILES = {"resolve_edge": "edge", "resolve_record": "record"}


def sql_type(stored: pl.DataType) -> str:
    """DuckDB type of a column stored as ``stored``."""
    return SQL_TYPES.get(stored, FLAGS_SQL)


def quoted(name: str) -> str:
    """A column or view name of ours as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def text_literal(value: str) -> str:
    """A path or name of ours as an SQL string literal, for DDL that takes no parameters."""
    return "'" + value.replace("'", "''") + "'"


def empty_select(columns: Mapping[str, pl.DataType]) -> str:
    """A typed SELECT without rows."""
    typed = ", ".join(f"NULL::{sql_type(t)} AS {quoted(n)}" for n, t in columns.items())
    return f"SELECT {typed} WHERE false"


def linked_select(dataset: Dataset) -> str:
    """SELECT of a dataset's current rows with the ids of the entities that each row names."""
    shown = [m for m in mentions_of(dataset.name) if m.linked_column]
    if not shown:
        return f"SELECT * FROM {quoted(dataset.name)}"
    return _pivot(dataset.name, shown)


def _pivot(dataset: str, shown: list[Mention]) -> str:
    picks = ", ".join(
        f"max(entity_id) FILTER (WHERE kind = {text_literal(m.kind)}"
        f" AND role = {text_literal(m.role)}) AS {quoted(m.linked_column)}"
        for m in shown
    )
    columns = ", ".join(f"named.{quoted(m.linked_column)}" for m in shown)
    return (
        f"SELECT rows.*, {columns} FROM {quoted(dataset)} AS rows "
        f"LEFT JOIN (SELECT batch, row, part, {picks} FROM member"
        f" WHERE dataset = {text_literal(dataset)} GROUP BY batch, row, part) AS named"
        " ON named.batch = rows.batch AND named.row = rows.row AND named.part = rows.part"
    )


def resolved_view(table: str) -> str:
    """View of a table of resolution; a kind named like a dataset (person, …) gets a prefix."""
    return f"entity_{table}" if table in load_contract().datasets else table


class Views:
    """A DuckDB connection in which every dataset and derived table exists, empty ones too.

    Build it with :func:`open_views`. A thread or task takes its own :meth:`cursor`.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A cursor of its own for one thread or task."""
        return self._connection.cursor()

    def close(self) -> None:
        """Release the connection and its memory."""
        self._connection.close()


def _parquet(paths: list[Path]) -> str:
    listed = ", ".join(text_literal(str(path)) for path in paths)
    return f"SELECT * FROM read_parquet([{listed}], union_by_name = true)"


def _create_dataset(
    connection: duckdb.DuckDBPyConnection,
    workspace: Workspace,
    dataset: Dataset,
    batches: list[BatchRecord],
) -> None:
    paths = [workspace.batch(dataset.name, b.batch) / "rows.parquet" for b in batches]
    paths = [path for path in paths if path.exists()]
    if not paths:
        _create_empty(connection, dataset)
        return
    rows = _parquet(paths)
    gone = workspace.derived("superseded") / f"{dataset.name}.parquet"
    history = quoted(f"{dataset.name}_history")
    columns = ", ".join(quoted(name) for name in dataset.schema)
    if gone.exists():
        source = (
            f"SELECT r.*, s.superseded_by FROM ({rows}) r LEFT JOIN "
            f"read_parquet({text_literal(str(gone))}) s USING (batch, row, part)"
        )
    else:
        source = f"SELECT *, NULL::VARCHAR AS superseded_by FROM ({rows})"
    connection.execute(f"CREATE VIEW {history} AS SELECT {columns}, superseded_by FROM ({source})")
    connection.execute(
        f"CREATE VIEW {quoted(dataset.name)} AS "
        f"SELECT {columns} FROM {history} WHERE superseded_by IS NULL"
    )


def _create_empty(connection: duckdb.DuckDBPyConnection, dataset: Dataset) -> None:
    """Empty tables instead of views: a workspace has many datasets that nothing was delivered for.

    They are read like the views and are made in a fraction of the time.
    """
    linked = {m.linked_column: pl.String() for m in mentions_of(dataset.name) if m.linked_column}
    for suffix, more in (
        ("", {}),
        ("_history", {"superseded_by": pl.String()}),
        ("_linked", linked),
    ):
        columns = ", ".join(
            f"{quoted(name)} {sql_type(kind)}" for name, kind in (dataset.schema | more).items()
        )
        connection.execute(f"CREATE TABLE {quoted(dataset.name + suffix)} ({columns})")


def _create_derived(connection: duckdb.DuckDBPyConnection, workspace: Workspace) -> None:
    for name, columns in RESOLVED_TABLES.items():
        stem = RESOLVED_FILES.get(name, name)
        path = workspace.derived("resolve") / f"{stem}.parquet"
        select = _parquet([path]) if path.exists() else empty_select(columns)
        connection.execute(f"CREATE VIEW {quoted(resolved_view(name))} AS {select}")
    findings = workspace.derived("detect") / "findings.parquet"
    select = _parquet([findings]) if findings.exists() else empty_select(FINDING_COLUMNS)
    connection.execute(f"CREATE VIEW finding AS {select}")


def _create_ledger(connection: duckdb.DuckDBPyConnection, batches: list[BatchRecord]) -> None:
    lines = pl.DataFrame(
        {
            "dataset": [b.dataset_folder for b in batches],
            "batch": [b.batch for b in batches],
            "path": [b.path for b in batches],
            "sequence": [b.sequence for b in batches],
            "first_taken_at": [b.first_taken_at for b in batches],
            "read": [b.read for b in batches],
            "accepted": [b.accepted for b in batches],
            "quarantined": [b.quarantined for b in batches],
            "accepted_ratio": [b.accepted / b.read if b.read else 1.0 for b in batches],
        },
        schema={
            "dataset": pl.String,
            "batch": pl.String,
            "path": pl.String,
            "sequence": pl.Int64,
            "first_taken_at": pl.String,
            "read": pl.Int64,
            "accepted": pl.Int64,
            "quarantined": pl.Int64,
            "accepted_ratio": pl.Float64,
        },
    )
    connection.register("batch_ledger_lines", lines.to_arrow())
    connection.execute("CREATE TABLE batch_ledger AS SELECT * FROM batch_ledger_lines")
    connection.unregister("batch_ledger_lines")


def connect_memory(memory_limit: str = "3GB", threads: int = 2) -> duckdb.DuckDBPyConnection:
    """An in-memory DuckDB connection with the settings that this product relies on."""
    connection = duckdb.connect(
        ":memory:",
        config={
            "memory_limit": memory_limit,
            "threads": threads,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "preserve_insertion_order": True,
        },
    )
    # Cursors share what is global only; they print no bar of their own accord.
    connection.execute("SET GLOBAL timezone = 'Asia/Shanghai'")
    # A long statement would print its bar to stdout, where only results belong.
    connection.execute("SET enable_progress_bar = false")
    return connection


def open_views(
    workspace: Workspace,
    *,
    contract: Contract | None = None,
    memory_limit: str = "3GB",
    threads: int = 2,
) -> Views:
    """Views over what the ledger has committed.

    Parameters
    ----------
    workspace
        Where lake and ledger lie; both may be missing, then every view is empty.
    memory_limit, threads
        Bounds for DuckDB; larger work spills to its temporary folder.
    """
    connection = connect_memory(memory_limit, threads)
    spill = workspace.derived("spill")
    connection.execute(f"SET temp_directory = {text_literal(str(spill))}")
    batches = Ledger(workspace).batches() if workspace.state_file("intake").exists() else []
    for dataset in (contract or load_contract()).datasets.values():
        own = [b for b in batches if dataset.name in b.datasets]
        _create_dataset(connection, workspace, dataset, own)
    _create_derived(connection, workspace)
    _create_ledger(connection, batches)
    for dataset in (contract or load_contract()).datasets.values():
        name = quoted(f"{dataset.name}_linked")
        connection.execute(f"CREATE VIEW IF NOT EXISTS {name} AS {linked_select(dataset)}")
    return Views(connection)
