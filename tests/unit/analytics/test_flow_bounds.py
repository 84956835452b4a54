"""Monstrous input to the path search: work and output stay bounded, and what was cut is named.

No times are asserted: a search without bounds would not end within the patience of any run.
"""

import numpy as np
import pytest

from analytics.kernels.flow_edges import FlowEdges, FlowLimits, FlowPaths, FlowRules
from analytics.kernels.flows import find_paths

RULES = FlowRules(window=30, hop_limit=4, low=0.5, high=1.05, concentration=0.0)
HUB, FAR = 0, 1_000
# A chain of the first and the last day beside the monster: 200 to 201 to 202.
PLAIN = ([200, 201], [201, 202], [0, 1])


def edges(
    source: np.ndarray, target: np.ndarray, day: np.ndarray, nodes: int = FAR + 1
) -> FlowEdges:
    """Edges of 10 t that may all open and follow, through any node; the plain chain comes last."""
    source = np.concatenate((source, PLAIN[0])).astype(np.int32)
    target = np.concatenate((target, PLAIN[1])).astype(np.int32)
    size = source.size
    return FlowEdges(
        source,
        target,
        np.concatenate((day, PLAIN[2])).astype(np.int32),
        np.full(size, 10.0),
        np.zeros(size, dtype=np.int32),
        np.ones(size, dtype=np.bool_),
        np.ones(size, dtype=np.bool_),
        np.zeros(size, dtype=np.bool_),
        np.ones(nodes, dtype=np.bool_),
    )


def has_plain_chain(found: FlowPaths, size: int) -> bool:
    return [size - 2, size - 1, -1, -1] in found.edges.tolist()


def test_a_hub_of_a_million_edges() -> None:
    rng = np.random.default_rng(1)
    other = rng.integers(10, 190, 1_000_000)
    is_in = rng.random(other.size) < 0.5
    hub = edges(
        np.where(is_in, other, HUB), np.where(is_in, HUB, other), rng.integers(0, 365, other.size)
    )
    found = find_paths(hub, RULES, FlowLimits(steps=10**6, paths=10**4, pair_paths=100))
    assert len(found.edges) <= 10**4
    assert found.is_cut
    assert set(found.cut.ravel().tolist()) <= {HUB, *range(10, 190)}
    assert [200, 201] not in found.cut.tolist()


def test_a_hub_that_may_not_be_passed_costs_nothing() -> None:
    other = np.arange(200_000) % 180 + 10
    hub = edges(np.where(other % 2, other, HUB), np.where(other % 2, HUB, other), other * 0)
    hub.passes[HUB] = False
    found = find_paths(hub, RULES, FlowLimits(steps=10, paths=10))
    assert not found.is_cut
    assert len(found.edges) == 1
    assert has_plain_chain(found, hub.source.size)


def test_a_hundred_thousand_lots_on_one_day() -> None:
    """They are one bundle each way: the search is short, the list of single paths is cut."""
    way = np.arange(100_000) % 2
    many = edges(1 + way, 2 + way, way * 0)
    found = find_paths(many, RULES, FlowLimits(steps=1_000, lots=50))
    assert found.cut.tolist() == [[1, 2]]
    assert len(found.edges) == 51
    assert has_plain_chain(found, many.source.size)


def test_a_clique_of_thirty_on_one_day() -> None:
    """870 edges, 17 million paths of four hops; every pair gets its share, and so does the rest."""
    source, target = (side.ravel() for side in np.meshgrid(np.arange(30), np.arange(30)))
    clique = edges(source, target, source * 0)
    found = find_paths(clique, RULES, FlowLimits(paths=10**5, pair_paths=100))
    assert found.unusable == 30, "self-loops"
    assert len(found.cut) == 870
    assert len(found.edges) == 870 * 100 + 1
    assert has_plain_chain(found, clique.source.size)


def test_what_others_leave_goes_to_the_pair_that_needs_it() -> None:
    """Twenty lots on days of their own follow one; an equal share for each pair is far less."""
    day = np.append(0, np.arange(1, 21))
    many = edges(np.where(day == 0, 1, 2), np.where(day == 0, 2, 3), day)
    found = find_paths(many, RULES, FlowLimits(paths=30))
    assert not found.is_cut
    assert len(found.edges) == 21


@pytest.mark.parametrize("limits", [FlowLimits(steps=1), FlowLimits(paths=1)])
def test_limits_of_the_whole_cut_and_name_the_first_pairs(limits: FlowLimits) -> None:
    two = edges(np.array([5, 6]), np.array([6, 7]), np.array([0, 0]))
    found = find_paths(two, RULES, limits)
    assert found.is_cut
    assert found.edges.tolist() == [[0, 1, -1, -1]]
    assert found.cut.tolist() == [[200, 201]]


def test_a_cut_search_gives_the_same_bytes_again() -> None:
    rng = np.random.default_rng(2)
    size = 300
    plain = edges(rng.integers(0, 40, size), rng.integers(0, 40, size), rng.integers(0, 60, size))
    first = find_paths(plain, RULES, FlowLimits(pair_paths=3))
    assert first.is_cut
    again = find_paths(plain, RULES, FlowLimits(pair_paths=3))
    assert first.edges.tobytes() == again.edges.tobytes()
    assert first.cut.tobytes() == again.cut.tobytes()
