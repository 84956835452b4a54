"""Temporal loops on a Spark cluster: spans of loop ends are searched by whichever worker is free.

Spark cuts, ships and repeats the work; the search of a span is :func:`cycles_ending`, the same
code as on one machine. An edge goes to every span whose loops may use it: about
``(window + day) / span + 1`` copies, so give ``segment_days`` near the window's length. All edges
of one span and one window before it must fit in the memory of a worker (about 400 bytes each), as
one segment must on one machine.

How to call it, with this package and the extra ``scale`` installed on the workers::

    spark = SparkSession.builder.master("spark://...").getOrCreate()
    edges = spark.read.parquet("hdfs://.../edges")
    slices = find_slices_on_spark(edges, rules, limits)
    near = edges_of_parties(edges, slices)
    cycles = complete_cycles(slices, near, rules, limits)

With all edges at hand, ``complete_cycles(slices, all_edges, rules, limits)`` equals
``find_cycles(all_edges, rules, limits)`` array by array where nothing is cut. The number of
``steps`` differs, because the spans are trimmed apart; and where work is cut the results may
differ, because here each span may use all of ``limits.steps`` and there they share it.
"""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as sf

from analytics.kernels.temporal_cycles import (
    CycleLimits,
    CycleRules,
    CycleSlice,
    TimedEdges,
    cycles_ending,
)
from analytics.kernels.temporal_elements import NO_TIME, Ints
from analytics.kernels.temporal_slices import spans_of

# Columns of the edges, their types on the way and what stands for a missing value, as
# :class:`TimedEdges` has them. A number that does not fit stops the run with Spark's error.
COLUMNS: dict[str, tuple[str, float | int | None]] = {
    "source": ("int", None),
    "target": ("int", None),
    "time": ("bigint", int(NO_TIME)),
    "tonnes": ("double", float("nan")),
    "code": ("int", -1),
    "edge_id": ("bigint", None),
    "is_marked": ("boolean", False),
}
# One row per span; ``nodes`` row by row.
SLICE_ROW = (
    "ends_from bigint, ends_before bigint, nodes array<bigint>, walks array<bigint>,"
    " first array<bigint>, last array<bigint>, refused bigint, cut array<bigint>, steps bigint"
)
LISTS = ("nodes", "walks", "first", "last", "cut")


def find_slices_on_spark(
    edges: DataFrame, rules: CycleRules, limits: CycleLimits | None = None
) -> list[CycleSlice]:
    """The slices of all loops, in order of time; spans that hold no edge have none.

    Parameters
    ----------
    edges
        Columns ``source``, ``target``, ``time``, ``tonnes``, ``code``, ``edge_id`` and, where the
        rules ask for marks, ``is_marked``, as in :class:`TimedEdges`; null is a missing time, an
        unknown quantity or code, no mark. Each
        ``edge_id`` once: it makes the result the same whatever the order in which rows arrive.
    limits
        ``steps`` and ``node_sets`` hold for each span.

    Raises
    ------
    ValueError
        When the rules ask for marks and there is no such column.

    Notes
    -----
    Groups go to the workers with ``applyInArrow``: ``mapInPandas`` gives a worker batches of a
    partition and leaves it to the function to tell groups apart and to put them together; and the
    way over pandas turns whole numbers with gaps into floats. Slices come back through the
    driver: raise ``spark.driver.maxResultSize`` where they are larger than a gigabyte.
    """
    limits = limits or CycleLimits()
    if rules.needs_mark and "is_marked" not in edges.columns:
        raise ValueError("rules ask for a marked edge, but there is no column is_marked: add it")
    timed = _typed(edges).where(sf.col("time") != int(NO_TIME))
    times = timed.agg(sf.min("time").alias("earliest"), sf.max("time").alias("latest")).first()
    if times is None or times["earliest"] is None:
        return []
    spans = spans_of(times["earliest"], times["latest"], rules, limits)
    first, stop = spans[0][0], spans[-1][1]
    length = spans[0][1] - first
    since = sf.col("time") - first
    # An edge may be on loops that end in its own span and in those that begin within its reach.
    numbers = sf.sequence(
        _whole_quotient(since, length),
        sf.least(
            _whole_quotient(since + (rules.window + rules.bundle_length), length),
            sf.lit((times["latest"] - first) // length).cast("bigint"),
        ),
    )

    def search(key: tuple[pa.Scalar, ...], table: pa.Table) -> pa.Table:
        ends_from = first + key[0].as_py() * length
        near = _edges_of(table)
        ends_before = min(ends_from + length, stop)
        return _row_of(cycles_ending(near, rules, limits, ends_from, ends_before))

    spread = timed.withColumn("span", sf.explode(numbers))
    rows = spread.groupBy("span").applyInArrow(search, SLICE_ROW).toArrow()
    return _slices_of(rows.sort_by("ends_from"), rules.hop_limit)


def edges_of_parties(edges: DataFrame, slices: Sequence[CycleSlice]) -> TimedEdges:
    """All edges from and to organisations that are on a loop, by ``edge_id``, for the driver.

    Those to and from others tell whether a lot was put together or shared out.
    Rounds that are found on them tell positions in this table; ``edge_id`` tells which edges of
    the lake these are. Edges that were refused are counted among these only.
    """
    parts = [np.empty(0, np.int64), *(one.nodes.ravel() for one in slices)]
    nodes = np.unique(np.concatenate(parts))
    known = edges.sparkSession.createDataFrame(pa.table({"node": nodes[nodes >= 0]}))
    near = _typed(edges)
    for end in ("source", "target"):
        party = known.select(sf.col("node").alias(f"known_{end}"))
        near = near.join(party, near[end] == party[f"known_{end}"], "left")
    near = near.where(sf.col("known_source").isNotNull() | sf.col("known_target").isNotNull())
    return _edges_of(near.select(*COLUMNS).toArrow().sort_by("edge_id"))


def _typed(edges: DataFrame) -> DataFrame:
    columns = []
    if "is_marked" not in edges.columns:
        edges = edges.withColumn("is_marked", sf.lit(True))
    for name, (kind, missing) in COLUMNS.items():
        column = sf.col(name).cast(kind)
        if missing is not None:
            column = sf.coalesce(column, sf.lit(missing).cast(kind))
        columns.append(column.alias(name))
    return edges.select(*columns)


def _whole_quotient(dividend: Column, divisor: int) -> Column:
    """Exact for any whole number, where ``/`` is a division of floats."""
    return sf.call_function("div", dividend, sf.lit(divisor).cast("bigint"))


def _edges_of(table: pa.Table) -> TimedEdges:
    return TimedEdges(*(table.column(name).to_numpy() for name in COLUMNS))


def _row_of(found: CycleSlice) -> pa.Table:
    lists = {name: [np.ravel(getattr(found, name))] for name in LISTS}
    numbers = {
        name: [getattr(found, name)] for name in ("ends_from", "ends_before", "refused", "steps")
    }
    columns = lists | numbers
    order = [part.split()[0] for part in SLICE_ROW.split(", ")]
    return pa.table({name: columns[name] for name in order})


def _slices_of(rows: pa.Table, hop_limit: int) -> list[CycleSlice]:
    def numbers(name: str, i: int) -> Ints:
        return np.array(rows[name][i].values.to_numpy(), np.int64)

    return [
        CycleSlice(
            ends_from=rows["ends_from"][i].as_py(),
            ends_before=rows["ends_before"][i].as_py(),
            nodes=numbers("nodes", i).reshape(-1, hop_limit),
            walks=numbers("walks", i),
            first=numbers("first", i),
            last=numbers("last", i),
            refused=rows["refused"][i].as_py(),
            cut=numbers("cut", i),
            steps=rows["steps"][i].as_py(),
        )
        for i in range(rows.num_rows)
    ]
