"""Loading: what the lake says becomes nodes and relationships, and only what changed is sent.

Parts are compared with what the graph holds of them (:mod:`ingest.load.loaded`). Everything is
merged on keys and set, so a load that was killed goes on where it stopped when it is started
again. A graph that does not carry the mark of the last load is emptied of our nodes and loaded
from scratch.
"""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from time import monotonic
from typing import Any

import duckdb

from graph.client import GraphStore
from graph.ontology import ensure_schema, relationship
from graph.writer import GraphWriter
from ingest.load.documents import DOCUMENT_EDGES, DOCUMENT_NODES
from ingest.load.entities import ENTITY_NODES, relation_parts
from ingest.load.flows import FLOWS
from ingest.load.loaded import Difference, LoadedPart
from ingest.load.marker import Mark, token_of
from ingest.load.parts import EdgePart, NodePart
from records.views import Views
from records.workspace import Workspace

# Rows held in memory at once; the writer splits them further.
CHUNK_ROWS = 20_000
NODES = (*ENTITY_NODES, *DOCUMENT_NODES)
Progress = Callable[[str], None]
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class PartReport:
    """One part: rows stated, sent, taken away, and passed over for want of an end."""

    part: str
    rows: int
    written: int
    deleted: int
    passed_over: int
    seconds: float


@dataclass(frozen=True, slots=True)
class LoadReport:
    """A load; ``is_from_scratch`` says that the graph was emptied first."""

    is_from_scratch: bool
    parts: tuple[PartReport, ...]

    @property
    def rows(self) -> int:
        """Nodes and relationships that the lake states."""
        return sum(part.rows for part in self.parts)

    @property
    def written(self) -> int:
        """Nodes and relationships that were sent because they are new or changed."""
        return sum(part.written for part in self.parts)

    @property
    def deleted(self) -> int:
        """Nodes and relationships that were taken away."""
        return sum(part.deleted for part in self.parts)

    def to_json(self) -> dict[str, Any]:
        """The report as plain values."""
        return {
            "rows": self.rows,
            "written": self.written,
            "deleted": self.deleted,
            "is_from_scratch": self.is_from_scratch,
            "parts": [asdict(part) for part in self.parts],
        }


@dataclass(frozen=True, slots=True)
class _Load:
    sql: duckdb.DuckDBPyConnection
    folder: Path
    writer: GraphWriter
    progress: Progress


def load(
    workspace: Workspace,
    views: Views,
    store: GraphStore,
    *,
    is_current: bool = False,
    progress: Progress = lambda _text: None,
) -> LoadReport | None:
    """Bring the graph to the state of the lake.

    Parameters
    ----------
    is_current
        Whether the caller knows that nothing changed since the last load; then the graph is only
        asked whether it still holds that load.

    Returns
    -------
    LoadReport or None
        ``None`` when there was nothing to do.
    """
    folder = workspace.derived("load")
    ensure_schema(store)
    mark = Mark(store, folder)
    if is_current and mark.is_whole():
        return None
    sql = views.cursor()
    edges = (*relation_parts(sql), *DOCUMENT_EDGES, *FLOWS)
    names = {f"{name}.parquet" for name in (*(n.name for n in NODES), *(e.name for e in edges))}
    # A part that this program no longer has would leave its rows in the graph for ever.
    is_from_scratch = not mark.is_ours() or any(
        path.name not in names for path in folder.glob("*.parquet")
    )
    if is_from_scratch:
        progress("清空图谱")
        for path in folder.glob("*.parquet"):
            path.unlink()
        GraphWriter(store).clear()
        mark.restart()
    else:
        mark.begin()
    job = _Load(sql, folder, GraphWriter(store, updated_at=_newest_intake(sql)), progress)
    reports = _load_parts(job, edges)
    mark.finish(token_of(folder))
    return LoadReport(is_from_scratch, tuple(reports))


def _load_parts(job: _Load, edges: tuple[EdgePart, ...]) -> list[PartReport]:
    union = " UNION ALL ".join(f"SELECT id, '{p.label}' AS label FROM ({p.sql})" for p in NODES)
    job.sql.execute(f"CREATE OR REPLACE TEMP TABLE graph_node AS {union}").fetchall()
    reports = [_load_nodes(job, part) for part in NODES]
    reports += [_load_edges(job, part) for part in edges]
    # A node goes last: deleting it takes its relationships along, and a load that is killed must
    # not leave relationships that are gone but counted as loaded.
    for part, report in zip(NODES, reports, strict=False):
        if report.deleted:
            loaded = LoadedPart(job.sql, job.folder, part, ("id",))
            loaded.compare()
            job.writer.delete_nodes(part.label, [str(line[0]) for line in loaded.stale_rows()])
            loaded.confirm()
    return reports


def _load_nodes(job: _Load, part: NodePart) -> PartReport:
    started = monotonic()
    loaded = LoadedPart(job.sql, job.folder, part, ("id",))
    difference = loaded.compare()
    if difference.changed or difference.stale:
        loaded.announce()
        _send(job, part, loaded, difference)
        loaded.confirm_sent()
    return _report(part, difference, started)


def _load_edges(job: _Load, part: EdgePart) -> PartReport:
    started = monotonic()
    keys = ("from_id", "to_id", *relationship(part.type).keys)
    loaded = LoadedPart(job.sql, job.folder, part, keys)
    difference = loaded.compare()
    if difference.changed or difference.stale:
        loaded.announce()
        gone = [dict(zip(keys, line, strict=True)) for line in loaded.stale_rows()]
        job.writer.delete_relationships(part.type, part.from_label, part.to_label, gone)
        _send(job, part, loaded, difference)
        loaded.confirm()
    return _report(part, difference, started)


def _report(part: NodePart | EdgePart, difference: Difference, started: float) -> PartReport:
    return PartReport(
        part.name,
        difference.rows,
        difference.changed,
        difference.stale,
        difference.passed_over,
        round(monotonic() - started, 3),
    )


def _send(
    job: _Load, part: NodePart | EdgePart, loaded: LoadedPart, difference: Difference
) -> None:
    done = 0
    for rows in _chunks(loaded.changed_rows(difference.columns), difference.columns):
        if isinstance(part, NodePart):
            job.writer.merge_nodes(part.label, rows)
        elif part.is_flow:
            job.writer.set_flows(part.type, part.from_label, part.to_label, rows)
        else:
            job.writer.merge_relationships(part.type, part.from_label, part.to_label, rows)
        done += len(rows)
        job.progress(f"{part.name} {done}/{difference.changed}")


def _chunks(result: duckdb.DuckDBPyConnection, columns: tuple[str, ...]) -> Iterator[list[Row]]:
    while lines := result.fetchmany(CHUNK_ROWS):
        yield [dict(zip(columns, line, strict=True)) for line in lines]


def _newest_intake(sql: duckdb.DuckDBPyConnection) -> str | None:
    """When the newest batch was taken in: what nodes written now carry as ``updated_at``."""
    found = sql.execute(
        "SELECT strftime(max(CAST(first_taken_at AS TIMESTAMPTZ)) AT TIME ZONE 'UTC',"
        " '%Y-%m-%dT%H:%M:%SZ') FROM batch_ledger"
    ).fetchall()
    return str(found[0][0]) if found[0][0] else None
