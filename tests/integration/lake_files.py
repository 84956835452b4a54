"""A lake on disk from rows given as dicts: batches, ledger, corrections as intake leaves them."""

import hashlib
import json
from typing import Any

import polars as pl

from records.contract import load_contract
from records.intake import BatchOutcome, Event, Ledger
from records.supersede import supersede
from records.views import connect_memory
from records.workspace import Workspace

Rows = dict[str, list[dict[str, Any]]]


def add_batches(workspace: Workspace, rows: Rows) -> None:
    """One batch per dataset; the same keys in a later call supersede the earlier rows."""
    ledger = Ledger(workspace)
    for name in sorted(rows):
        dataset = load_contract().dataset(name)
        number = ledger.next_event()
        batch = hashlib.sha256(f"{name}/{number}".encode()).hexdigest()
        given = [{"batch": batch, "row": i, "part": 1} | row for i, row in enumerate(rows[name], 1)]
        path = workspace.batch(name, batch) / "rows.parquet"
        path.parent.mkdir(parents=True)
        pl.DataFrame(given, schema=dataset.schema, strict=False).write_parquet(path)
        count = len(given)
        outcome = BatchOutcome(count, count, 0, (name,), {}, (), json.dumps({}))
        ledger.commit(
            Event(number, name, batch, "{}"),
            f"{name}/{number}.csv",
            f"2026-11-{number % 28 + 1:02d}T00:00:00+08:00",
            outcome,
        )
    with connect_memory() as connection:
        supersede(workspace, connection, ledger)
