"""Small lakes for tests of models: every view of the contract, empty but for the given rows.

Strategy: the tables have the contract's types, ids of entities go through ``member``, and the
``*_linked`` views are built by the product's own SELECT, so a model meets what it meets in a run.
The empty tables are built once per process as a file; each lake is a copy of it.
"""

import atexit
import shutil
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import cache
from itertools import count
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import duckdb
import polars as pl

from analytics.model import Inputs
from graph.types import Finding
from records.clock import day_end
from records.contract import Dataset, load_contract
from records.mentions import mentions_of
from records.resolved import FINDING_COLUMNS, RESOLVED_TABLES
from records.views import linked_select, quoted, resolved_view, sql_type

Rows = Mapping[str, Sequence[Mapping[str, Any]]]
LEDGER: dict[str, pl.DataType] = {
    "dataset": pl.String(),
    "batch": pl.String(),
    "path": pl.String(),
    "sequence": pl.Int64(),
    "first_taken_at": pl.String(),
    "read": pl.Int64(),
    "accepted": pl.Int64(),
    "quarantined": pl.Int64(),
    "accepted_ratio": pl.Float64(),
}


CONFIG: dict[str, str | bool | int | float | list[str]] = {"memory_limit": "500MB", "threads": 1}
NUMBERS = count()


def _derived() -> dict[str, dict[str, pl.DataType]]:
    return {resolved_view(name): columns for name, columns in RESOLVED_TABLES.items()} | {
        "finding": FINDING_COLUMNS,
        "batch_ledger": LEDGER,
    }


@cache
def _empty_lake() -> Path:
    """A file with every table and view, without rows."""
    path = Path(mkdtemp(prefix="lake-")) / "empty.duckdb"
    atexit.register(shutil.rmtree, path.parent, ignore_errors=True)
    contract = load_contract()
    tables = {name: d.schema for name, d in contract.datasets.items()} | _derived()
    with duckdb.connect(path, config=CONFIG) as sql:
        sql.execute("BEGIN")
        for name, columns in tables.items():
            typed = ", ".join(f"{quoted(c)} {sql_type(kind)}" for c, kind in columns.items())
            sql.execute(f"CREATE TABLE {quoted(name)} ({typed})")
        for dataset in contract.datasets.values():
            sql.execute(
                f"CREATE VIEW {quoted(dataset.name + '_history')} AS "
                f"SELECT *, NULL::VARCHAR AS superseded_by FROM {quoted(dataset.name)}"
            )
            name = quoted(dataset.name + "_linked")
            sql.execute(f"CREATE VIEW {name} AS {linked_select(dataset)}")
        sql.execute("COMMIT")
    return path


def _fill(
    sql: duckdb.DuckDBPyConnection,
    name: str,
    columns: Mapping[str, pl.DataType],
    rows: Sequence[Mapping[str, Any]],
) -> None:
    unknown = {key for row in rows for key in row} - set(columns)
    if unknown:
        raise KeyError(f"{name} has no column {sorted(unknown)}; it has {sorted(columns)}")
    if rows:
        data = {column: [row.get(column) for row in rows] for column in columns}
        sql.register("given_rows", pl.DataFrame(data, schema=dict(columns)).to_arrow())
        sql.execute(f"INSERT INTO {quoted(name)} SELECT * FROM given_rows")
        sql.unregister("given_rows")


def _split(
    dataset: Dataset, rows: Sequence[Mapping[str, Any]]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Rows of the dataset, with their place in a batch, and the member lines that they imply."""
    named = {m.linked_column: m for m in mentions_of(dataset.name) if m.linked_column}
    stored, members = [], []
    for number, given in enumerate(rows, 1):
        place = {
            "batch": given.get("batch", f"batch-{dataset.name}"),
            "row": given.get("row", number),
            "part": given.get("part", 1),
        }
        own = {k: v for k, v in given.items() if k not in named}
        stored.append({"line": number, "flags": [], "raw_json": "{}", **own, **place})
        members += [
            {
                "dataset": dataset.name,
                **place,
                "column": named[key].column,
                "kind": named[key].kind,
                "role": named[key].role,
                "entity_id": value,
            }
            for key, value in given.items()
            if key in named and value is not None
        ]
    return stored, members


def make_inputs(
    rows: Rows,
    as_of: date,
    findings: Sequence[Finding] = (),
    left_out: Callable[[str], None] = lambda _line: None,
) -> Inputs:
    """What a model reads, from a few rows.

    Parameters
    ----------
    rows
        By table: datasets of the contract, tables of ``records.resolved``, ``finding`` and
        ``batch_ledger``. The five kinds of entity whose name is a dataset's as well (person,
        vehicle, phone, outlet, account) are ``entity_person`` and so on here. Missing columns
        are NULL. A row of a dataset may also hold columns of its ``*_linked`` view
        (``shipper_entity``, ``vehicle_vehicle``, ...) and ``batch``, ``row``, ``part``; these
        default to ``batch-<dataset>``, running number and 1. Times are UTC without zone.
    as_of
        Shanghai day on which the lake stands.
    findings
        Findings of models that ran before.
    left_out
        Is told what the model did not look at.

    Raises
    ------
    KeyError
        For a table or column that does not exist.
    """
    contract, derived = load_contract(), _derived()
    unknown = set(rows) - set(contract.datasets) - set(derived)
    if unknown:
        raise KeyError(f"no such tables: {sorted(unknown)}")
    path = _empty_lake().with_name(f"{next(NUMBERS)}.duckdb")
    shutil.copy(_empty_lake(), path)
    sql = duckdb.connect(path, config=CONFIG)
    sql.execute("SET timezone = 'Asia/Shanghai'")
    sql.execute("BEGIN")
    members = list(rows.get("member", ()))
    for dataset in contract.datasets.values():
        stored, named = _split(dataset, rows.get(dataset.name, ()))
        members += named
        _fill(sql, dataset.name, dataset.schema, stored)
    for name, columns in derived.items():
        _fill(sql, name, columns, members if name == "member" else rows.get(name, ()))
    sql.execute("COMMIT")

    def of_models(prefixes: Sequence[str]) -> list[Finding]:
        return [f for f in findings if f.model.startswith(tuple(prefixes))]

    return Inputs(sql=sql, as_of=as_of, until=day_end(as_of), findings=of_models, left_out=left_out)
