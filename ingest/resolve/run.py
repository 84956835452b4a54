"""Resolution from end to end: mentions of all kinds in, entity tables and members out.

Kinds are resolved in an order in which each may lean on the ones before: persons, sites and
outlets on organisations. The new tables are built beside the old ones and put in place by one
exchange of folders inside the registry's transaction. A run that is killed before the commit
leaves a registry from which the next run derives the same ids.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from ingest.resolve.engine import BUILT_IN, Engine
from ingest.resolve.entities import Assigned, Known, assign
from ingest.resolve.extract import (
    frame_of,
    keep_members,
    mention_numbers,
    number_batches,
    tuples,
)
from ingest.resolve.incremental.run import IndexPlace
from ingest.resolve.kind_weights import load_kind_weights
from ingest.resolve.kinds.registry import LABELLERS, Labelled, Task
from ingest.resolve.kinds.resolving import KINDS
from ingest.resolve.known import current_judgements, load_known
from ingest.resolve.relations import write_relations
from ingest.resolve.swap import put_in_place, staging_of
from ingest.resolve.tables import kind_table, prepare
from ingest.resolve.weigh import Weights, load_weights
from ingest.resolve.weight_files import workspace_weights
from records.mentions import load_mentions
from records.registry import Judgement, Registry
from records.resolved import RESOLVED_TABLES
from records.views import Views
from records.workspace import Workspace

ORDER = ("organization", "person", "vehicle", "phone", "address", "site", "outlet", "account")
RESOLVE_VERSION = "3"
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class ResolveOptions:
    """How to resolve organisations.

    ``threshold_bits`` is the least weight of an edge that joins firms, ``weights`` what a level is
    worth, ``engine`` what compares and weighs pairs; clustering and its rules are ours always.
    ``uses_index`` spares comparing what has not changed since the last run, with equal results.
    """

    threshold_bits: float = 2.0
    weights: Weights = field(default_factory=load_weights)
    engine: Engine = BUILT_IN
    uses_index: bool = field(default=True, repr=False)

    def fingerprint(self, workspace: Workspace) -> str:
        """Everything besides the lake that the result depends on."""
        judgements = Registry(workspace).judgements()
        kinds = [load_kind_weights(name, kind.level_names) for name, kind in KINDS.items()]
        return repr((self, [asdict(j) for j in judgements], RESOLVE_VERSION, kinds))


@dataclass(frozen=True, slots=True)
class ResolveReport:
    """What a run did; ``by_kind`` counts distinct mention tuples and entities."""

    mentions: int
    entities: int
    by_kind: dict[str, dict[str, int]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The report as plain values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class _Kind:
    labelled: Labelled
    assigned: Assigned


def placed(found: pl.DataFrame) -> pl.DataFrame:
    """Tuples with ``dataset``, ``role`` and ``first_rank``, the rank of their smallest row."""
    mentions = load_mentions()
    facts = pl.DataFrame(
        {
            "mention": pl.Series(range(len(mentions)), dtype=pl.Int16),
            "dataset": [m.dataset for m in mentions],
            "role": [m.role for m in mentions],
        }
    )
    order = ["dataset", "batch_no", "row", "part", "role", "ordinal"]
    return (
        found.join(facts, on="mention", how="left", maintain_order="left")
        .with_row_index("record")
        .sort(*order)
        .with_row_index("first_rank")
        .sort("record")
        .drop("record")
    )


def _numbered_by_place(labelled: pl.DataFrame) -> pl.DataFrame:
    """Entities numbered anew by their smallest row reference."""
    first = pl.col("first_rank").min().over("entity")
    return labelled.with_columns(
        entity=pl.when(pl.col("entity").is_not_null()).then(first.rank("dense").cast(pl.Int32) - 1)
    ).with_columns(
        entity=pl.when(pl.col("entity").is_not_null()).then(
            pl.col("entity") - pl.col("entity").min()
        )
    )


def _clusters(sql: duckdb.DuckDBPyConnection, labelled: pl.DataFrame) -> pl.DataFrame:
    batches = pl.DataFrame(
        sql.execute("SELECT batch_no, batch FROM batch_number").fetchall(),
        schema={"batch_no": pl.Int32, "batch": pl.String},
        orient="row",
    )
    known = labelled.filter(pl.col("entity").is_not_null())
    first = (
        known.sort("first_rank")
        .unique("entity", keep="first", maintain_order=True)
        .join(batches, on="batch_no", how="left", maintain_order="left")
    )
    mark = pl.when(pl.col("ordinal") > 0).then("#" + pl.col("ordinal").cast(pl.String))
    anchor = pl.concat_str(
        [pl.col(c).cast(pl.String) for c in ("dataset", "batch", "row", "part", "role")],
        separator=":",
    ) + mark.fill_null("")
    held = pl.col("registered").explode(empty_as_null=True, keep_nulls=True).drop_nulls()
    registered = known.group_by("entity").agg(
        held.unique().sort().alias("registered"), code=pl.col("valid_code").min()
    )
    return first.select("entity", "first_rank", anchor=anchor).join(
        registered, on="entity", how="left", maintain_order="left"
    )


def _resolve_kind(
    sql: duckdb.DuckDBPyConnection,
    kind: str,
    known: Known,
    judgements: list[Judgement],
    options: ResolveOptions,
    index: IndexPlace | None = None,
) -> _Kind:
    found = placed(tuples(sql, kind))
    task = Task(
        sql, found, judgements, options.threshold_bits, options.weights, options.engine, index
    )
    labelled = LABELLERS[kind](task)
    frame = _numbered_by_place(labelled.tuples)
    records = _renumbered(labelled.records, labelled.tuples["entity"], frame["entity"])
    labelled = Labelled(frame, labelled.edges, labelled.notes, records)
    keep_members(sql, kind, frame)
    assigned = assign(sql, kind, _clusters(sql, frame), known)
    sql.register("kind_ids", assigned.ids.to_arrow())
    sql.execute(f"CREATE TEMP TABLE id_{kind} AS SELECT * FROM kind_ids").fetchall()
    sql.unregister("kind_ids")
    shown = frame.filter(pl.col("entity").is_not_null()).drop("registered")
    sql.register("kind_tuples", shown.to_arrow())
    sql.execute(f"CREATE TEMP TABLE resolved_{kind} AS SELECT * FROM kind_tuples").fetchall()
    sql.unregister("kind_tuples")
    return _Kind(labelled, assigned)


def _renumbered(
    records: pl.DataFrame | None, before: pl.Series, after: pl.Series
) -> pl.DataFrame | None:
    """``records`` with the entity numbers that their tuples have now; null where none has one."""
    if records is None:
        return None
    numbers = pl.DataFrame({"entity": before, "now": after}).unique()
    joined = records.join(numbers, on="entity", how="left", maintain_order="left")
    return joined.drop("entity").rename({"now": "entity"})


def _write_records(sql: duckdb.DuckDBPyConnection, path: Path, kinds: dict[str, _Kind]) -> None:
    """Records of the kinds that keep them, with their entity ids and smallest rows."""
    schema = RESOLVED_TABLES["resolve_record"]
    batches = frame_of(sql, "SELECT batch_no, batch FROM batch_number")
    place = pl.concat_str(["dataset", "batch", "row", "part"], separator=":")
    parts = [pl.DataFrame(schema=schema)]
    for made in kinds.values():
        if made.labelled.records is not None:
            parts.append(
                made.labelled.records.join(made.assigned.ids, on="entity", how="left")
                .join(batches, on="batch_no", how="left")
                .with_columns(reference=place)
                .select(pl.col(name).cast(dtype) for name, dtype in schema.items())
            )
    frame = pl.concat(parts).sort("kind", "record")
    frame.write_parquet(path, compression="zstd", statistics=True)


def _write_members(sql: duckdb.DuckDBPyConnection, path: Path) -> int:
    ids = " UNION ALL ".join(
        f"SELECT CAST({n} AS SMALLINT) AS mention, '{m.dataset}' AS dataset, '{m.column}' AS col,"
        f" '{m.kind}' AS kind, '{m.role}' AS role"
        for n, m in enumerate(load_mentions())
    )
    entities = " UNION ALL ".join(
        f"SELECT '{kind}' AS kind, entity, entity_id FROM id_{kind}" for kind in ORDER
    )
    sql.execute(
        f'COPY (SELECT f.dataset, b.batch, m.row, m.part, f.col AS "column", f.kind, f.role,'
        f" e.entity_id FROM mention_member m JOIN ({ids}) f USING (mention)"
        f" JOIN batch_number b USING (batch_no) JOIN ({entities}) e"
        " ON e.kind = f.kind AND e.entity = m.entity"
        " ORDER BY f.dataset, b.batch, m.row, m.part, f.kind, f.role, m.ordinal)"
        f" TO '{path}' (FORMAT parquet, COMPRESSION zstd)"
    ).fetchall()
    counted = sql.execute("SELECT count(*) FROM mention_member").fetchall()
    return int(counted[0][0])


def _registry_rows(
    sql: duckdb.DuckDBPyConnection, kinds: dict[str, _Kind]
) -> list[tuple[str, str, int, int, str, str, int, str]]:
    """Rows to keep: the smallest of each tuple, and those that the registry held before."""
    rows: list[tuple[str, str, int, int, str, str, int, str]] = []
    batches = dict(sql.execute("SELECT batch_no, batch FROM batch_number").fetchall())
    table = pl.DataFrame(
        {"batch_no": list(batches), "batch": list(batches.values())},
        schema={"batch_no": pl.Int32, "batch": pl.String},
    )
    for kind, made in kinds.items():
        named = (
            made.labelled.tuples.filter(pl.col("entity").is_not_null())
            .join(made.assigned.ids, on="entity", how="left")
            .join(table, on="batch_no", how="left")
            .with_columns(kind=pl.lit(kind))
            .select("dataset", "batch", "row", "part", "kind", "role", "ordinal", "entity_id")
            .unique()
            .sort(pl.all())
        )
        rows += named.rows()
    held = sql.execute(
        "SELECT h.dataset, h.batch, h.row, h.part, h.kind, h.role, h.ordinal, m.entity, h.mention"
        " FROM held_row h JOIN batch_number b ON b.batch = h.batch JOIN mention_member m"
        " ON m.mention = h.mention AND m.batch_no = b.batch_no AND m.row = h.row"
        " AND m.part = h.part AND m.ordinal = h.ordinal"
    ).fetchall()
    names = {
        kind: dict(made.assigned.ids.select("entity", "entity_id").iter_rows())
        for kind, made in kinds.items()
    }
    rows += [(*line[:7], names[line[4]][line[7]]) for line in held]
    return sorted(set(rows))


def _write_edges(path: Path, kinds: dict[str, _Kind]) -> None:
    schema = RESOLVED_TABLES["resolve_edge"]
    parts = [made.labelled.edges for made in kinds.values() if made.labelled.edges.height]
    empty = pl.DataFrame(schema=schema)
    frame = pl.concat([empty, *(part.select(list(schema)) for part in parts)])
    frame.sort("kind", "a", "b").write_parquet(path, compression="zstd", statistics=True)


def resolve(
    workspace: Workspace,
    views: Views,
    options: ResolveOptions | None = None,
    progress: Progress = lambda _text: None,
) -> ResolveReport:
    """Resolve all mentions of the lake and write ``lake/derived/resolve``.

    Raises
    ------
    ResolveError
        When the tables shipped for resolution contradict each other.
    """
    options = options or ResolveOptions(weights=workspace_weights(workspace))
    sql = views.cursor()
    registry = Registry(workspace)
    number_batches(sql)
    known = load_known(sql, registry)
    judgements = current_judgements(sql, registry.judgements())
    prepare(sql)
    index = _index_place(workspace, options)
    target = workspace.derived("resolve")
    staging = staging_of(target)
    kinds: dict[str, _Kind] = {}
    for kind in ORDER:
        progress(kind)
        kinds[kind] = _resolve_kind(sql, kind, known, judgements, options, index)
        table = kind_table(sql, kind)
        table.write_parquet(staging / f"{kind}.parquet", compression="zstd", statistics=True)
        if kind in ("site", "outlet"):
            sql.register("kind_rows", table.to_arrow())
            sql.execute(f"CREATE TEMP TABLE {kind}_table AS SELECT * FROM kind_rows").fetchall()
            sql.unregister("kind_rows")
    progress("member")
    mentions = _write_members(sql, staging / "member.parquet")
    progress("relation")
    write_relations(sql, str(staging / "relation.parquet"))
    _write_edges(staging / "edge.parquet", kinds)
    _write_records(sql, staging / "record.parquet", kinds)
    aliases = _aliases(known, kinds)
    pl.DataFrame(
        {"alias_id": list(aliases), "entity_id": list(aliases.values())},
        schema=RESOLVED_TABLES["entity_alias"],
    ).write_parquet(staging / "entity_alias.parquet", compression="zstd", statistics=True)
    rows = _registry_rows(sql, kinds)
    with registry.transaction() as transaction:
        transaction.put_rows(rows)
        for made in kinds.values():
            transaction.put_issued(made.assigned.ids["entity_id"].to_list())
        transaction.put_aliases(aliases)
        put_in_place(staging, target)
    counts = {
        kind: {
            "tuples": made.labelled.tuples.height,
            "entities": made.assigned.ids.height,
            "mentions": _count(sql, kind),
        }
        for kind, made in kinds.items()
    }
    notes = tuple(note for made in kinds.values() for note in made.labelled.notes)
    return ResolveReport(mentions, sum(c["entities"] for c in counts.values()), counts, notes)


def _index_place(workspace: Workspace, options: ResolveOptions) -> IndexPlace:
    """The index of organisations; another version of anything that made it is another index."""
    made_with = (RESOLVE_VERSION, options.threshold_bits, options.weights, pl.__version__)
    folder = workspace.derived("resolve_index")
    return IndexPlace(folder, repr(made_with), is_read=options.uses_index)


def _count(sql: duckdb.DuckDBPyConnection, kind: str) -> int:
    numbers = ", ".join(map(str, mention_numbers(kind)))
    found = sql.execute(
        f"SELECT count(*) FROM mention_member WHERE mention IN ({numbers})"
    ).fetchall()
    return int(found[0][0])


def _aliases(known: Known, kinds: dict[str, _Kind]) -> dict[str, str]:
    """All merged ids with the id that stands for them now, sorted."""
    links = dict(known.aliases)
    for made in kinds.values():
        links |= made.assigned.aliases
    current = {}
    for alias in sorted(links):
        target, seen = links[alias], {alias}
        while target in links and target not in seen:
            seen.add(target)
            target = links[target]
        current[alias] = target
    return current
