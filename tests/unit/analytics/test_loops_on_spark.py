"""Loops on Spark: what the kernel finds on one machine, byte for byte."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.sql import DataFrame, SparkSession

from analytics.kernels.temporal_cycles import (
    CycleLimits,
    CycleRules,
    TimedEdges,
    complete_cycles,
    cycles_ending,
    find_cycles,
)
from analytics.kernels.temporal_elements import NO_TIME
from analytics.kernels.temporal_slices import spans_of
from analytics.scale.loops_on_spark import edges_of_parties, find_slices_on_spark
from tests.spark_session import spark_session
from tests.unit.analytics.cycle_checks import COLUMNS, DAY, as_bytes

pytestmark = [
    pytest.mark.slow,
    # PySpark looks at the version of pandas even where, as here, no frame of it is made.
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning"),
]

RULES = CycleRules(window=3 * DAY, bundle_length=DAY, bundle_offset=4)
NAMES = (*COLUMNS, "is_marked")
LIMITS = CycleLimits(segment_days=2)


@pytest.fixture(scope="module")
def edges() -> TimedEdges:
    """Many ties, parallel edges and lots over a day; unknown and void values; some without time."""
    random = np.random.default_rng(11)
    n = 1500
    time = random.integers(-40, 160, n)
    time[random.random(n) < 0.02] = NO_TIME
    tonnes = random.choice([np.nan, 5.0, 7.0, 10.0, 10.4, 15.0, 20.0, 0.0, np.inf], n)
    return TimedEdges(
        source=random.integers(0, 40, n),
        target=random.integers(0, 40, n),
        time=time,
        tonnes=tonnes,
        code=random.integers(-1, 3, n),
        edge_id=random.permutation(n).astype(np.int64) + 2**40,
        is_marked=random.random(n) < 0.2,
    )


@pytest.fixture(scope="module")
def spark() -> Iterator[SparkSession]:
    with spark_session() as session:
        yield session


@pytest.fixture(scope="module")
def frame(
    spark: SparkSession, edges: TimedEdges, tmp_path_factory: pytest.TempPathFactory
) -> DataFrame:
    """The edges as a lake of three files, missing values as nulls."""
    folder: Path = tmp_path_factory.mktemp("edges")
    missing = {
        "time": edges.time == NO_TIME,
        "tonnes": np.isnan(edges.tonnes),
        "code": edges.code < 0,
    }
    table = pa.table(
        {name: pa.array(getattr(edges, name), mask=missing.get(name)) for name in NAMES}
    )
    for part in range(3):
        pq.write_table(table.slice(500 * part, 500), folder / f"{part}.parquet")
    return spark.read.parquet(str(folder))


@pytest.mark.parametrize("most_changes", [None, 0, 1])
def test_same_bytes_as_on_one_machine(
    frame: DataFrame, edges: TimedEdges, most_changes: int | None
) -> None:
    rules = replace(RULES, most_changes=most_changes, needs_mark=most_changes is not None)
    slices = find_slices_on_spark(frame, rules, LIMITS)
    assert len(slices) >= 5
    local = find_cycles(edges, rules, LIMITS)
    assert len(local.nodes) > 20
    assert not local.cut.is_truncated
    assert as_bytes(complete_cycles(slices, edges, rules, LIMITS)) == as_bytes(local)


def test_what_was_cut_comes_back(frame: DataFrame, edges: TimedEdges) -> None:
    tight = CycleLimits(segment_days=2, steps=400, node_sets=4)
    slices = find_slices_on_spark(frame, RULES, tight)
    assert any(len(one.cut) for one in slices)
    assert any(one.refused for one in slices)
    for one in slices:
        alone = cycles_ending(edges, RULES, tight, one.ends_from, one.ends_before)
        assert as_bytes(one) == as_bytes(alone)
        assert (one.refused, one.steps) == (alone.refused, alone.steps)
    has_time = edges.time != NO_TIME
    first, last = int(edges.time[has_time].min()), int(edges.time[has_time].max())
    bounds = [(one.ends_from, one.ends_before) for one in slices]
    assert bounds == spans_of(first, last, RULES, tight)
    assert bounds[0][1] - bounds[0][0] == 2 * DAY


@pytest.mark.parametrize("pool_length", [0, 2])
def test_the_driver_needs_the_edges_of_parties_only(
    frame: DataFrame, edges: TimedEdges, pool_length: int
) -> None:
    few = CycleRules(
        window=4, hop_limit=3, bundle_length=DAY, most_changes=0, pool_length=pool_length
    )
    slices = find_slices_on_spark(frame, few, LIMITS)
    near = edges_of_parties(frame, slices)
    assert 0 < len(near.source) < len(edges.source)
    here = complete_cycles(slices, near, few, LIMITS)
    there = find_cycles(edges, few, LIMITS)
    assert here.nodes.tobytes() == there.nodes.tobytes()
    assert here.walks.tobytes() == there.walks.tobytes()
    assert near.edge_id[here.hop_edge].tolist() == edges.edge_id[there.hop_edge].tolist()


def test_marks_must_be_told(frame: DataFrame) -> None:
    with pytest.raises(ValueError, match="is_marked"):
        find_slices_on_spark(frame.drop("is_marked"), replace(RULES, needs_mark=True))


def test_no_edge_with_a_time_gives_no_slice(frame: DataFrame) -> None:
    assert find_slices_on_spark(frame.where("time is null"), RULES) == []
