"""Bridges of entities: edges whose removal splits the records of one entity in two.

Definition: R. E. Tarjan, A note on finding the bridges of a graph, Information Processing Letters
2 (1974), doi:10.1016/0020-0190(74)90003-9; found by networkx. Records of one valid code are tied
together, so an edge between two of them is never a bridge.
"""

from collections.abc import Iterable, Iterator

import duckdb
import networkx as nx
import polars as pl

from ingest.resolve.extract import frame_of

# A bridge this far above the threshold is right in all but one of a hundred cases.
NEAR_BITS = 5.0
# Entities looked at: those in which a weak edge could move most rows.
MOST_ENTITIES = 1_000
SCHEMA: dict[str, pl.DataType] = {
    "a": pl.Int64(),
    "b": pl.Int64(),
    "levels": pl.String(),
    "weight": pl.Float64(),
    "outcome": pl.String(),
    "bits": pl.List(pl.Float64),
    "question": pl.String(),
    "rows": pl.Int64(),
    "asked_a": pl.Int64(),
    "asked_b": pl.Int64(),
    "chance": pl.Float64(),
}
WITHIN = """
SELECT e.a, e.b, e.levels, e.weight, e.outcome, e.bits, x.entity_id
FROM resolve_edge e
JOIN resolve_record x ON x.kind = e.kind AND x.record = e.a
JOIN resolve_record y ON y.kind = e.kind AND y.record = e.b
WHERE e.kind = 'organization' AND x.entity_id = y.entity_id
    AND e.outcome IN ('joined', 'same_already')
"""
# An edge moves at most half of its entity's rows.
WEAK = """
SELECT entity_id, max(rows / 2 / (1 + pow(2, weight))) AS most
FROM ({within}) JOIN review_entity USING (entity_id) WHERE weight < $below
GROUP BY entity_id ORDER BY most DESC, entity_id LIMIT $entities
"""
RECORDS = """
SELECT entity_id, record, row_count, code, reference IS NOT NULL AS has_row
FROM resolve_record JOIN weak_entity USING (entity_id)
WHERE kind = 'organization' ORDER BY entity_id, record
"""


def bridges(sql: duckdb.DuckDBPyConnection, threshold: float, most: int) -> pl.DataFrame:
    """Bridges within ``NEAR_BITS`` of the threshold, in the columns of a question.

    Needs the temporary table ``review_entity`` (entity_id, rows, standing).
    """
    sql.execute(
        f"CREATE OR REPLACE TEMP TABLE weak_entity AS {WEAK.format(within=WITHIN)}",
        {"below": threshold + NEAR_BITS, "entities": MOST_ENTITIES},
    ).fetchall()
    edges = frame_of(sql, f"{WITHIN} AND x.entity_id IN (SELECT entity_id FROM weak_entity)")
    records = frame_of(sql, RECORDS).partition_by("entity_id", as_dict=True)
    found = [pl.DataFrame(schema=SCHEMA)]
    for (entity_id,), own in edges.sort("entity_id", "a", "b").group_by(
        "entity_id", maintain_order=True
    ):
        weak = own.filter(pl.col("weight") < threshold + NEAR_BITS)
        sides = dict(_smaller_sides(own, weak, records[(entity_id,)]))
        if sides:
            found.append(_asked(weak, sides, records[(entity_id,)]))
    return pl.concat(found).sort("chance", "a", "b", descending=[True, False, False]).head(most)


def _smaller_sides(
    edges: pl.DataFrame, weak: pl.DataFrame, records: pl.DataFrame
) -> Iterator[tuple[tuple[int, int], int]]:
    """The weak edges that are bridges, with the rows on their smaller side."""
    graph: nx.Graph[int] = nx.Graph(edges.select("a", "b").iter_rows())
    graph.add_edges_from(_code_ties(records))
    rows = dict(records.select("record", "row_count").iter_rows())
    # The stubs call a bridge a node; it is a pair of nodes.
    held = {frozenset(pair) for pair in nx.bridges(graph)}  # type: ignore[call-overload]
    for a, b in weak.select("a", "b").iter_rows():
        if frozenset((a, b)) not in held:
            continue
        whole = sum(rows[record] for record in nx.node_connected_component(graph, a))
        graph.remove_edge(a, b)
        side = sum(rows[record] for record in nx.node_connected_component(graph, a))
        graph.add_edge(a, b)
        yield (a, b), min(side, whole - side)


def _code_ties(records: pl.DataFrame) -> Iterable[tuple[int, int]]:
    """From the smallest record of a valid code to each other record of it."""
    coded = records.filter(pl.col("code") != "")
    ties = coded.with_columns(first=pl.col("record").min().over("code"))
    return ties.filter(pl.col("first") != pl.col("record")).select("first", "record").iter_rows()


def _asked(
    weak: pl.DataFrame, sides: dict[tuple[int, int], int], records: pl.DataFrame
) -> pl.DataFrame:
    """Bridges whose two records are stated by rows; a judgement can name no other."""
    moved = pl.DataFrame(
        [(a, b, rows) for (a, b), rows in sides.items()],
        schema={"a": pl.Int64, "b": pl.Int64, "rows": pl.Int64},
        orient="row",
    )
    stated = records.filter("has_row")["record"].implode()
    odds = pl.lit(2.0).pow(pl.col("weight"))
    return (
        weak.join(moved, on=["a", "b"])
        .filter(pl.col("a").is_in(stated) & pl.col("b").is_in(stated))
        .with_columns(
            question=pl.lit("bridge"),
            asked_a=pl.col("a"),
            asked_b=pl.col("b"),
            chance=1.0 / (1.0 + odds),
        )
        .select(pl.col(name).cast(dtype) for name, dtype in SCHEMA.items())
    )
