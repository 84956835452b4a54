"""Graph kernels of TP-06 against brute force: pair weights, communities, stability."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.kernels.communities import ALONE, communities, components
from analytics.kernels.rings import (
    RingRules,
    SharedIdentifiers,
    best_overlaps,
    find_rings,
    pair_weights,
)
from tests.oracles import rings as oracle

RULES = RingRules(degree_cap=20, resolution=1.0, seed=7, resamples=30, dropped=0.2)


def shared(
    incidence: list[tuple[int, int]], degree: list[int], population: int = 50
) -> SharedIdentifiers:
    return SharedIdentifiers(
        np.array([m for m, _ in incidence], dtype=np.int64),
        np.array([i for _, i in incidence], dtype=np.int64),
        np.array(degree, dtype=np.int64),
        population,
    )


@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    st.sets(st.tuples(st.integers(0, 6), st.integers(0, 4)), max_size=20),
    st.lists(st.integers(2, 9), min_size=5, max_size=5),
    st.integers(2, 6),
)
def test_pair_weights(entries: set[tuple[int, int]], degree: list[int], cap: int) -> None:
    incidence = sorted(entries)
    first, second, weight = pair_weights(7, shared(incidence, degree), cap)
    found = {
        (a, b): w for a, b, w in zip(first.tolist(), second.tolist(), weight.tolist(), strict=True)
    }
    expected = oracle.pair_weights(7, incidence, degree, cap, 50)
    assert found.keys() == expected.keys()
    assert all(found[pair] == pytest.approx(expected[pair]) for pair in expected)


def test_two_circles_are_two_rings_and_loners_are_in_none() -> None:
    incidence = [(m, i) for i in range(3) for m in (0, 1, 2)] + [(m, 3) for m in (4, 5)]
    found = find_rings(8, shared(incidence, [3, 3, 3, 2]), RULES)
    assert found.community.tolist() == [0, 0, 0, ALONE, 1, 1, ALONE, ALONE]
    assert found.stability[0] == 1.0
    assert found.stability[1] == pytest.approx(0.9, abs=0.06), (
        "its one identifier is at times left out"
    )


def test_rings_do_not_depend_on_order_or_duplicates() -> None:
    incidence = [(m, i) for i in range(4) for m in (i, i + 1, i + 5)]
    first = find_rings(10, shared(incidence, [3] * 4), RULES)
    second = find_rings(10, shared([*incidence[::-1], *incidence], [3] * 4), RULES)
    assert first.community.tolist() == second.community.tolist()
    assert first.stability.tolist() == second.stability.tolist()


def test_no_identifiers() -> None:
    found = find_rings(3, shared([], []), RULES)
    assert found.community.tolist() == [ALONE] * 3
    assert found.stability.size == 0


@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    st.dictionaries(
        st.tuples(st.integers(0, 4), st.integers(0, 4), st.integers(0, 2)).filter(
            lambda edge: edge[0] < edge[1]
        ),
        st.sampled_from([0.5, 1.0, 1.5, 3.0, 6.0]),
        min_size=1,
    ),
    st.sampled_from([0.7, 1.0, 1.6]),
)
def test_communities_are_the_best_cut(
    drawn: dict[tuple[int, int, int], float], resolution: float
) -> None:
    """Three blocks of five nodes, each cut in all ways: modularity adds up over components."""
    edges = {(a + 5 * block, b + 5 * block): w for (a, b, block), w in sorted(drawn.items())}
    ends = sorted(edges)
    label = communities(
        15,
        np.array([a for a, _ in ends], dtype=np.int64),
        np.array([b for _, b in ends], dtype=np.int64),
        np.array([edges[end] for end in ends]),
        resolution=resolution,
        seed=7,
    )
    nodes = sorted({node for end in ends for node in end})
    assert [node for node in range(15) if label[node] != ALONE] == nodes
    heads = [label.tolist().index(number) for number in range(label.max() + 1)]
    assert heads == sorted(heads)
    found = [np.flatnonzero(label == number).tolist() for number in range(label.max() + 1)]
    best = sum(
        max(
            oracle.modularity(cut, edges, resolution)
            for cut in oracle.partitions([n for n in nodes if n // 5 == block])
        )
        for block in range(3)
    )
    assert oracle.modularity(found, edges, resolution) == pytest.approx(best, abs=1e-9)


def test_components_are_named_by_their_smallest_node() -> None:
    first, second = np.array([4, 1, 2, 6]), np.array([5, 4, 3, 7])
    assert components(9, first, second).tolist() == [0, 1, 2, 2, 1, 1, 6, 6, 8]


def test_a_chain_of_cliques_is_cut_where_it_is_thin() -> None:
    """Nine cliques of five in a row, one light edge between two: no component is taken whole."""
    edges = {
        (5 * c + a, 5 * c + b): 3.0 for c in range(9) for a in range(5) for b in range(a + 1, 5)
    } | {(5 * c + 4, 5 * c + 5): 0.5 for c in range(8)}
    ends = sorted(edges)
    label = communities(
        45, np.array([a for a, _ in ends]), np.array([b for _, b in ends]),
        np.array([edges[end] for end in ends]), resolution=1.0, seed=7,
    )  # fmt: skip
    assert label.tolist() == np.repeat(np.arange(9), 5).tolist()


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.lists(st.tuples(st.integers(-1, 3), st.integers(-1, 3)), min_size=1, max_size=12))
def test_overlap_with_a_resample(labels: list[tuple[int, int]]) -> None:
    community, other = (np.array(side, dtype=np.int64) for side in zip(*labels, strict=True))
    numbers = {number: place for place, number in enumerate(sorted(set(community.tolist()) - {-1}))}
    community = np.array([numbers.get(number, ALONE) for number in community.tolist()])
    groups = [set(np.flatnonzero(other == n).tolist()) for n in set(other.tolist()) - {-1}]
    groups += [{place} for place in np.flatnonzero(other == ALONE).tolist()]
    expected = [
        oracle.jaccard(set(np.flatnonzero(community == n).tolist()), groups)
        for n in range(len(numbers))
    ]
    assert best_overlaps(community, other, len(numbers)).tolist() == pytest.approx(expected)


def test_stability_tells_a_tight_circle_from_a_loose_chain() -> None:
    tight = [(m, i) for i in range(6) for m in (0, 1, 2)]
    loose = [(10 + link, 6 + link) for link in range(6)] + [
        (11 + link, 6 + link) for link in range(6)
    ]
    found = find_rings(20, shared(tight + loose, [3] * 6 + [2] * 6), RULES)
    assert found.stability[0] == 1.0
    assert found.stability[1:].max() < 0.95


def test_a_hub_of_a_hundred_thousand_costs_nothing() -> None:
    crowd = np.arange(100_000)
    found = find_rings(
        100_000,
        SharedIdentifiers(
            np.concatenate((crowd, [3, 9])),
            np.concatenate((np.zeros(100_000, dtype=np.int64), [1, 1])),
            np.array([100_000, 2]),
            100_000,
        ),
        RULES,
    )
    assert np.flatnonzero(found.community != ALONE).tolist() == [3, 9]


def test_an_identifier_of_everybody_weighs_nothing() -> None:
    assert pair_weights(4, shared([(m, 0) for m in range(4)], [4], population=4), 20)[0].size == 0


def test_more_holders_than_the_degree_says_are_believed() -> None:
    crowd = [(m, 0) for m in range(21)]
    assert pair_weights(30, shared(crowd, [2]), 20)[0].size == 0


@pytest.mark.parametrize(
    ("members", "identifiers", "message"),
    [([0, 1], [0], "2 members but 1 identifiers"), ([0, 9], [0, 0], "member 0 to 9 outside 0 to 2"),
     ([0, -1], [0, 0], "member -1 to 0"), ([0, 1], [0, 4], "identifier 0 to 4 outside 0 to 0")],
)  # fmt: skip
def test_entries_that_name_nothing(
    members: list[int], identifiers: list[int], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        find_rings(
            3, SharedIdentifiers(np.array(members), np.array(identifiers), np.array([2]), 3), RULES
        )
