"""Which row of a key is current: corrections by the drop contract's rule, set-based.

The same key delivered again supersedes: the old row stays in the lake and is named, with the
current row of its key, in ``lake/derived/superseded/<dataset>.parquet``. Later is the row with the
larger ``source_updated_at`` when both have one, else the one taken in later. A delivered
``source_record_id`` takes the place of the natural key; all records of one row then go together.
Where a file gave its lines running numbers, it carries all lines of each parent that it touches,
and they replace the earlier ones as a set.
"""

import hashlib
import json
import os
from pathlib import Path

import duckdb

from records.atomic import write_text
from records.contract import Dataset, load_contract
from records.intake import BatchRecord, Ledger
from records.lake import ROWS
from records.workspace import Workspace

LINE_NUMBERS = {"manifest_item": "item_no", "waybill": "item_no", "invoice": "line_no"}
STATE = "state.json"
# Of rows in order of intake the last one stands, unless it and the one it would replace both say
# when they were changed: after the last row without such a time, the newest time stands.
WINNER = """
    first_value({value}) OVER (PARTITION BY {group} ORDER BY
        coalesce(place > last_unstamped, true) DESC,
        CASE WHEN coalesce(place > last_unstamped, true) THEN stamp END DESC NULLS LAST,
        place DESC)
"""
PLACED = """
    SELECT *, max(place) FILTER (WHERE stamp IS NULL) OVER (PARTITION BY {group}) AS last_unstamped
    FROM (SELECT *, row_number() OVER (PARTITION BY {group} ORDER BY {order}) AS place FROM {rows})
"""


def supersede(
    workspace: Workspace, connection: duckdb.DuckDBPyConnection, ledger: Ledger
) -> tuple[str, ...]:
    """Write the tables of superseded rows anew for the datasets whose batches changed.

    Returns
    -------
    tuple of str
        The datasets that were looked at.
    """
    folder = workspace.derived("superseded")
    batches, events = ledger.batches(), ledger.last_event()
    state = _read_state(folder / STATE)
    touched = []
    for name, dataset in sorted(load_contract().datasets.items()):
        own = [b for b in batches if name in b.datasets]
        fingerprint = _fingerprint(own, events)
        if state.get(name, "") == fingerprint:
            continue
        _write(workspace, connection, ledger, dataset, own)
        touched.append(name)
        state[name] = fingerprint
    if touched:
        write_text(json.dumps(state, sort_keys=True, indent=1), folder / STATE)
    return tuple(touched)


def _fingerprint(own: list[BatchRecord], events: dict[tuple[str, str], int]) -> str:
    """What the table of a dataset was made from; empty for a dataset without batches."""
    if not own:
        return ""
    made = [[b.dataset_folder, b.batch, events[(b.dataset_folder, b.batch)]] for b in own]
    return hashlib.sha256(json.dumps(made).encode()).hexdigest()


def _read_state(path: Path) -> dict[str, str]:
    try:
        state: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return state


def _write(
    workspace: Workspace,
    connection: duckdb.DuckDBPyConnection,
    ledger: Ledger,
    dataset: Dataset,
    own: list[BatchRecord],
) -> None:
    target = workspace.derived("superseded") / f"{dataset.name}.parquet"
    target.parent.mkdir(parents=True, exist_ok=True)
    if not own or not dataset.keys:
        target.unlink(missing_ok=True)
        return
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE deliveries"
        " (batch VARCHAR, sequence BIGINT, is_numbered BOOLEAN)"
    )
    connection.executemany(
        "INSERT INTO deliveries VALUES (?, ?, ?)",
        [(b.batch, b.sequence, _is_numbered(ledger, dataset, b)) for b in own],
    )
    files = [str(workspace.batch(dataset.name, b.batch) / ROWS) for b in own]
    _collect(connection, dataset, files)
    _replace_sets(connection)
    connection.execute("CREATE OR REPLACE TEMP TABLE gone AS " + _gone_statement())
    count = connection.execute("SELECT count(*) FROM gone").fetchall()[0][0]
    if count:
        part = target.with_name(target.name + ".part")
        connection.execute(
            "COPY (SELECT batch, row, part, superseded_by FROM gone ORDER BY batch, row, part)"
            f" TO '{_quoted(part)}' (FORMAT parquet, COMPRESSION zstd)"
        )
        os.replace(part, target)
    else:
        target.unlink(missing_ok=True)
    for table in ("deliveries", "candidates", "replaced", "gone"):
        connection.execute(f"DROP TABLE {table}")


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def _is_numbered(ledger: Ledger, dataset: Dataset, batch: BatchRecord) -> bool:
    """Whether the file had no line numbers of its own."""
    if dataset.name not in LINE_NUMBERS:
        return False
    report = json.loads(ledger.report(batch.dataset_folder, batch.batch))
    return bool(report.get("layout", {}).get("is_numbered", False))


def _joined(names: list[str]) -> str:
    """Key columns as one text; an empty value and a missing one are the same key."""
    parts = ", ".join(f"coalesce(\"{name}\"::VARCHAR, '')" for name in names)
    return f"concat_ws(chr(31), {parts})"


def _collect(connection: duckdb.DuckDBPyConnection, dataset: Dataset, files: list[str]) -> None:
    """Table ``candidates``: the rows whose key, or whose parent, stands more than once.

    Only hashes are held for all rows of the dataset; equal hashes of different keys do no harm.
    """
    keys = [column.name for column in dataset.keys]
    line = LINE_NUMBERS.get(dataset.name)
    parent = _joined([name for name in keys if name != line]) if line else "NULL::VARCHAR"
    record = "'#' || coalesce(source_system, '') || chr(31) || source_record_id"
    rows = (
        "SELECT batch, row, part, deliveries.sequence, deliveries.is_numbered,"
        " source_updated_at AS stamp, source_record_id IS NOT NULL AS is_record,"
        f" coalesce({record}, {_joined(keys)}) AS key,"
        f" CASE WHEN source_record_id IS NULL THEN {parent} END AS parent"
        " FROM read_parquet($files, union_by_name = true) JOIN deliveries USING (batch)"
    )
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE candidates AS WITH r AS NOT MATERIALIZED ({rows}),"
        " keys AS (SELECT hash(key) AS h FROM r GROUP BY h HAVING count(*) > 1),"
        " parents AS (SELECT hash(parent) AS h FROM r WHERE parent IS NOT NULL"
        " GROUP BY h HAVING min(batch) <> max(batch))"
        " SELECT * FROM r WHERE hash(key) IN (FROM keys)"
        " OR (parent IS NOT NULL AND hash(parent) IN (FROM parents))",
        {"files": files},
    )


def _replace_sets(connection: duckdb.DuckDBPyConnection) -> None:
    """Table ``replaced``: rows whose parent a file with running numbers delivered later, whole."""
    placed = PLACED.format(group="parent", order="sequence", rows="numbered")
    winner = WINNER.format(value="batch", group="parent")
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE replaced AS
        WITH sets AS (
            SELECT parent, batch, sequence, any_value(is_numbered) AS is_numbered,
                   CASE WHEN bool_and(stamp IS NOT NULL) THEN max(stamp) END AS stamp
            FROM candidates WHERE parent IS NOT NULL GROUP BY parent, batch, sequence
        ), numbered AS (SELECT * FROM sets WHERE is_numbered),
        placed AS ({placed}),
        standing AS (SELECT DISTINCT parent, {winner} AS batch FROM placed),
        whole AS (SELECT s.* FROM sets s JOIN standing USING (parent, batch)),
        heads AS (
            SELECT parent, batch, arg_min(key, (row, part)) AS head_key
            FROM candidates WHERE parent IS NOT NULL GROUP BY parent, batch
        )
        SELECT c.batch, c.row, c.part, c.key, heads.head_key
        FROM candidates c JOIN whole USING (parent)
        JOIN sets s ON s.parent = c.parent AND s.batch = c.batch
        JOIN heads ON heads.parent = whole.parent AND heads.batch = whole.batch
        WHERE c.batch <> whole.batch AND CASE
            WHEN s.stamp IS NOT NULL AND whole.stamp IS NOT NULL AND s.stamp <> whole.stamp
            THEN s.stamp < whole.stamp ELSE s.sequence < whole.sequence END"""
    )


def _gone_statement() -> str:
    """Superseded rows: those of replaced sets, and all but the current one of each key."""
    placed = PLACED.format(group="key", order="sequence, row, part", rows="remaining")
    winner = WINNER.format(
        value="{'batch': batch, 'row': row, 'part': part, 'is_record': is_record}", group="key"
    )
    return f"""
        WITH remaining AS (
            SELECT * FROM candidates ANTI JOIN replaced USING (batch, row, part)
        ), placed AS ({placed}),
        won AS (SELECT *, {winner} AS w FROM placed),
        widths AS (SELECT batch, row, key, max(part) AS parts FROM remaining GROUP BY ALL),
        current AS (SELECT DISTINCT key, w FROM won),
        by_key AS (
            SELECT won.batch, won.row, won.part, w.batch || ':' || w.row || ':' ||
                   CASE WHEN w.is_record THEN least(won.part, parts) ELSE w.part END
                   AS superseded_by
            FROM won JOIN widths
              ON widths.batch = w.batch AND widths.row = w.row AND widths.key = won.key
            WHERE CASE WHEN w.is_record THEN (won.batch, won.row) <> (w.batch, w.row)
                  ELSE (won.batch, won.row, won.part) <> (w.batch, w.row, w.part) END
        ), by_set AS (
            SELECT r.batch, r.row, r.part, coalesce(
                   own.w.batch || ':' || own.w.row || ':' || own.w.part,
                   head.w.batch || ':' || head.w.row || ':' || head.w.part) AS superseded_by
            FROM replaced r LEFT JOIN current own ON own.key = r.key
            LEFT JOIN current head ON head.key = r.head_key
        )
        FROM by_key UNION ALL FROM by_set"""
