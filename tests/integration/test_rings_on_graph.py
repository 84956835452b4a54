"""Rings of bodies on the lake's arrays and by Cypher on the graph: the same pairs, the same groups.

Strategy: of a tiny simulated province what speaks of bodies, owners and staff is taken in and
resolved once, and loaded into each store; series, transfers and trips would only take time. What
the graph holds of the shared identifiers is compared: persons (control and employment), phones,
addresses and owners. Certificates without a person, technicians of visits, e-mails, instruments,
vehicles on visits and door cards are in records only.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from analytics.body_links import SharedByBodies, find_body_rings, shared_by_bodies
from analytics.kernels.communities import ALONE, communities
from analytics.kernels.rings import RingRules, pair_weights
from analytics.models.tp_06 import Params
from api.bench.rings_data import Province
from api.bench.rings_peers import pairs_by_cypher
from graph.client import GraphStore, connect
from graph.settings import GraphSettings
from ingest.load.run import load
from records.views import Views
from records.workspace import Workspace
from tests.integration.some_datasets import resolved_datasets
from tests.workspace import TINY

pytestmark = pytest.mark.slow
UNTIL = datetime(2027, 1, 1)
IN_GRAPH = ("relation",)
DATASETS = {
    "company", "company_change", "enterprise", "insured", "monitor_point", "officer", "om_contract",
    "om_log", "service_body", "service_staff", "shareholder", "test_report",
}  # fmt: skip
TIES = "HAS_PHONE|LOCATED_AT|LEGAL_REP_OF|OFFICER_OF|SHAREHOLDER_OF|EMPLOYED_BY"
POPULATION = "MATCH (o:Organization) RETURN count(o) AS organizations"
BY_IDENTIFIER = f"""
UNWIND $bodies AS body_id
MATCH (:Organization {{id: body_id}})-[:{TIES}]-(s) WHERE s:Phone OR s:Address OR s:Person
WITH DISTINCT s
MATCH (s)-[:{TIES}]-(x:Organization)
WITH s, collect(DISTINCT x.id) AS holders
WHERE size(holders) >= 2 AND size(holders) <= $cap
UNWIND holders AS first
UNWIND holders AS second
WITH first, second, size(holders) AS degree
WHERE first < second AND first IN $bodies AND second IN $bodies
RETURN first, second, sum(log($population / toFloat(degree))) AS weight
"""
# An owner shares himself with what he owns.
BY_OWNER = """
MATCH (s:Organization)-[:SHAREHOLDER_OF]->(x:Organization) WHERE s.id <> x.id
WITH s.id AS owner, collect(DISTINCT x.id) AS owned
WITH owned + [owner] AS holders
WHERE size(holders) <= $cap
UNWIND holders AS first
UNWIND holders AS second
WITH first, second, size(holders) AS degree
WHERE first < second AND first IN $bodies AND second IN $bodies
RETURN first, second, sum(log($population / toFloat(degree))) AS weight
"""
Pairs = dict[tuple[str, str], float]


def rules() -> RingRules:
    own = Params()
    return RingRules(own.degree_cap, own.resolution, own.seed, 0, own.dropped)


@dataclass(frozen=True)
class Lake:
    """A resolved lake and what its bodies share."""

    workspace: Workspace
    views: Views
    shared: SharedByBodies

    @property
    def pairs(self) -> Pairs:
        bodies = self.shared.bodies
        first, second, weight = pair_weights(
            len(bodies), self.shared.identifiers, rules().degree_cap
        )
        return {
            (bodies[a], bodies[b]): w
            for a, b, w in zip(first.tolist(), second.tolist(), weight.tolist(), strict=True)
        }


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    root = tmp_path_factory.mktemp("rings")
    with resolved_datasets(root, TINY, DATASETS) as (workspace, views):
        yield Lake(
            workspace,
            views,
            shared_by_bodies(views.cursor(), UNTIL, IN_GRAPH, majority_pct=Params().majority_pct),
        )


def pairs_on_graph(store: GraphStore, bodies: list[str]) -> Pairs:
    population = store.read(POPULATION)[0]["organizations"]
    given = {"bodies": bodies, "cap": rules().degree_cap, "population": population}
    found: Pairs = {}
    for cypher in (BY_IDENTIFIER, BY_OWNER):
        for row in store.read(cypher, given, timeout_s=60):
            pair = str(row["first"]), str(row["second"])
            found[pair] = found.get(pair, 0.0) + float(str(row["weight"]))
    return found


def groups_of(pairs: Pairs) -> set[frozenset[str]]:
    """Leiden on pairs by name, numbered anew."""
    names = sorted({body for pair in pairs for body in pair})
    place = {name: number for number, name in enumerate(names)}
    ends = sorted(pairs)
    label = communities(
        len(names),
        np.array([place[a] for a, _ in ends], dtype=np.int64),
        np.array([place[b] for _, b in ends], dtype=np.int64),
        np.array([pairs[end] for end in ends]),
        resolution=rules().resolution,
        seed=rules().seed,
    )
    assert (label != ALONE).all()
    return {
        frozenset(names[i] for i in np.flatnonzero(label == number).tolist())
        for number in range(int(label.max()) + 1)
    }


def test_pairs_and_groups_are_those_of_cypher(lake: Lake, store: GraphStore) -> None:
    load(lake.workspace, lake.views, store, is_current=False)
    found = pairs_on_graph(store, list(lake.shared.bodies))
    expected = lake.pairs
    assert len(expected) > 10
    assert found.keys() == expected.keys()
    assert all(found[pair] == pytest.approx(expected[pair], abs=1e-9) for pair in expected)
    rings = find_body_rings(
        lake.views.cursor(), UNTIL, rules(), IN_GRAPH, majority_pct=Params().majority_pct
    ).rings
    assert groups_of(found) == {frozenset(ring.bodies) for ring in rings}


def test_a_hub_ties_nobody_on_either_side(lake: Lake) -> None:
    """The province has identifiers of more holders than the cap, so that the rule is put to use."""
    crowded = [link for link in lake.shared.links if link.degree > rules().degree_cap]
    assert crowded
    assert all(len(link.bodies) >= 2 for link in crowded)


def test_the_peer_of_the_benchmark_counts_the_same_and_spares_a_filled_store(
    tmp_path: Path,
) -> None:
    little, settings = Province(150, 300, seed=3), GraphSettings(java_heap="512m")
    found = pairs_by_cypher(little, tmp_path, settings)
    assert found["pairs"] > 50
    assert found["same_pairs"]
    assert found["same_weights"]
    with connect(settings, Workspace(tmp_path)) as store:
        store.write("CREATE (:Organization {id: 'org:kept'})")
        with pytest.raises(RuntimeError, match="不是空的"):
            pairs_by_cypher(little, tmp_path, settings)
        assert store.read("MATCH (o:Organization) RETURN o.id AS id") == [{"id": "org:kept"}]
