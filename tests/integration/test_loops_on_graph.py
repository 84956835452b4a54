"""Loops in the graph, asked for in Cypher, are the loops that the kernel finds in the lake.

Strategy: the manifests of a small simulated province, once through intake and resolution, then
loaded into each store. Compared clause by clause: closed walks of two to ``HOPS`` manifests with
distinct parties, times of acceptance that do not decrease, at most ``WINDOW_DAYS`` from first to
last, accepted tonnes that keep 0.7 to 1.05 at each hand-over, and one waste code or any. Edges are
manifests with both parties, a time, one waste code and tonnes above zero. Not compared: bundles of
one day, goods invoices and vehicle moves, which the graph holds as monthly sums only. The Cypher of
``jinghuan bench loops`` is held to the kernel on random edges with ties and parallels.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pytest

from analytics.kernels.temporal_cycles import CycleRules, TimedEdges, find_cycles
from api.bench.loops_counts import set_counts
from api.bench.loops_cypher import load_parties, walks_by_cypher
from api.bench.loops_edges import Edges
from graph.client import GraphStore
from ingest.load.run import load
from ingest.simulate.size import SIZES
from records.views import Views
from records.workspace import Workspace
from tests.integration.some_datasets import resolved_datasets

pytestmark = pytest.mark.slow

SEED, HOPS, WINDOW_DAYS, DAY_S = 3, 4, 90, 86_400
WORLD = replace(
    SIZES["small"], generators=150, receivers=10, carriers=30, manifests=300, outlets=5,
    testing_bodies=4, operators=3, traders=10, bystanders=20, test_reports=20, cameras=5,
    street_passes=100, history_ratio=0.1,
)  # fmt: skip
DELIVERED = ("manifest", "manifest_item")
EDGES = """
    SELECT m.shipper_entity, m.receiver_entity, epoch(m.accepted_at)::BIGINT, i.tonnes, i.code
    FROM manifest_linked m JOIN (
        SELECT manifest_no, sum(qty_in_t) AS tonnes, min(waste_code) AS code
        FROM manifest_item GROUP BY manifest_no HAVING count(DISTINCT waste_code) = 1
    ) i USING (manifest_no)
    WHERE m.shipper_entity IS NOT NULL AND m.receiver_entity IS NOT NULL
        AND m.accepted_at IS NOT NULL AND i.tonnes > 0
    ORDER BY manifest_no
"""
Loops = dict[tuple[str, ...], int]


@dataclass(frozen=True)
class Province:
    """The province's manifests in the lake."""

    workspace: Workspace
    views: Views


@pytest.fixture(scope="module")
def province(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Province]:
    root = tmp_path_factory.mktemp("loops")
    with resolved_datasets(root, WORLD, DELIVERED) as (workspace, views):
        yield Province(workspace, views)


def by_kernel(province: Province, most_changes: int | None) -> Loops:
    """Closed walks by node set, from the lake's arrays."""
    rows = province.views.cursor().execute(EDGES).fetchall()
    source, target, time, tonnes, code = zip(*rows, strict=True)
    parties = sorted({*source, *target})
    party = {entity: number for number, entity in enumerate(parties)}
    codes = {text: number for number, text in enumerate(sorted(set(code)))}
    edges = TimedEdges(
        np.array([party[entity] for entity in source]),
        np.array([party[entity] for entity in target]),
        np.array(time, np.int64),
        np.array(tonnes, np.float64),
        np.array([codes[text] for text in code]),
        np.arange(len(rows)),
    )
    found = find_cycles(edges, CycleRules(WINDOW_DAYS * DAY_S, HOPS, most_changes=most_changes))
    assert not len(found.cut.roots)
    assert not found.cut.walks_of_refused_sets
    return {
        tuple(parties[node] for node in nodes if node >= 0): int(walks)
        for nodes, walks in zip(found.nodes, found.walks, strict=True)
    }


def statement(hops: int, most_changes: int | None) -> str:
    """Cypher for closed walks of so many manifests."""
    steps = range(hops)
    way = "".join(
        f"(v{i}:Organization)<-[:SHIPPED_BY]-(m{i}:Manifest)-[r{i}:RECEIVED_BY]->" for i in steps
    )
    keeps = "r{1}.qty_t >= $low * r{0}.qty_t AND r{1}.qty_t <= $high * r{0}.qty_t"
    wanted = [
        *(f"v{i} <> v{j}" for i in steps for j in range(i)),
        *(f"size(m{i}.waste_codes) = 1 AND r{i}.qty_t > 0" for i in steps),
        *(f"r{b}.at >= r{a}.at AND {keeps.format(a, b)}" for a, b in pairwise(steps)),
        f"r{hops - 1}.at <= r0.at + duration({{days: $days}})",
    ]
    if most_changes == 0:
        wanted += [f"m{i}.waste_codes[0] = m0.waste_codes[0]" for i in steps[1:]]
    # Walks at one instant are one loop: from the lowest manifest number where all turns fit.
    lower = " OR ".join(f"m{i}.id < m0.id" for i in steps[1:])
    turned = f"r{hops - 1}.at = r0.at AND {keeps.format(hops - 1, 0)} AND ({lower})"
    nodes = ", ".join(f"v{i}.id AS n{i}" for i in steps)
    return (
        f"MATCH {way}(v0) WHERE {' AND '.join(wanted)} AND NOT ({turned})"
        f" RETURN {nodes}, count(*) AS walks"
    )


def by_cypher(store: GraphStore, most_changes: int | None) -> Loops:
    """Closed walks by node set, from the graph."""
    found: Loops = {}
    parameters = {"low": 0.7 * (1 - 1e-9), "high": 1.05 * (1 + 1e-9), "days": WINDOW_DAYS}
    for hops in range(2, HOPS + 1):
        for row in store.read(statement(hops, most_changes), parameters, timeout_s=60):
            nodes = tuple(sorted(str(row[f"n{i}"]) for i in range(hops)))
            found[nodes] = found.get(nodes, 0) + int(str(row["walks"]))
    return found


def test_cypher_and_kernel_find_the_same_loops(province: Province, store: GraphStore) -> None:
    load(province.workspace, province.views, store)
    whole = by_kernel(province, None)
    kept = by_kernel(province, 0)
    # Neither rule may be idle: loops of several lengths, and some whose code changes.
    assert len({len(nodes) for nodes in whole}) > 1
    assert 0 < len(kept) < len(whole)
    assert by_cypher(store, None) == whole
    assert by_cypher(store, 0) == kept


@pytest.mark.parametrize("most_changes", [None, 0])
def test_cypher_of_the_benchmark_counts_what_the_kernel_counts(
    store: GraphStore, most_changes: int | None
) -> None:
    random = np.random.default_rng(SEED)
    count, hops = 150, 4
    edges = Edges(
        random.integers(0, 8, count).astype(np.int32),
        random.integers(0, 8, count).astype(np.int32),
        random.integers(0, 30, count).astype(np.int32),
        random.choice([8.0, 9.0, 10.0], count).astype(np.float32),
        random.integers(0, 2, count).astype(np.int16),
        np.full(count, -1, np.int32),
    ).by_time()
    rules = CycleRules(8, hops, most_changes=most_changes)
    load_parties(store, edges)
    found = find_cycles(edges.timed(), rules)
    wanted = set_counts(found.nodes, found.walks, hops)
    assert min(wanted["walks"].values()) > 0
    assert set_counts(*walks_by_cypher(store, rules), hops) == wanted
