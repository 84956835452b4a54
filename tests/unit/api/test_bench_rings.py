"""``bench rings`` on little data: what is made, what ours and the peers count, the picture."""

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analytics.kernels.rings import share
from api.bench import BENCHES
from api.bench.rings import QUICK, Sizes, province, targets
from api.bench.rings_data import Province, make_circles, make_holdings, make_services
from api.bench.rings_ours import modularity, search_all, search_year
from api.bench.rings_peers import groups_by_networkx, pairs_by_duckdb
from api.bench.rings_pictures import draw_pictures

LITTLE = Province(1_000, 3_000, 200, 900, seed=4)


@cache
def step() -> dict[str, Any]:
    """One step of the growth, made in place."""
    return {"year": search_year(LITTLE), "all_organizations": search_all(LITTLE)}


@cache
def peers() -> dict[str, list[dict[str, Any]]]:
    """Peers beside it; one more run was too slow."""
    slow = {"size": 6_000, "ended": "time", "bound_s": 1.0}
    return {
        "duckdb": [{"size": 3_000, **pairs_by_duckdb(LITTLE)}, slow],
        "networkx": [{"size": 3_000, **groups_by_networkx(LITTLE)}, slow],
        "cypher_embedded": [
            {"size": 3_000, "seconds": 0.5, "same_pairs": True, "same_weights": True}, slow,
        ],
    }  # fmt: skip


def test_it_is_registered() -> None:
    assert "rings" in BENCHES


def test_identifiers_have_a_heavy_tail_and_every_entry_names_something() -> None:
    made = make_holdings(province(100_000))
    assert made.identifier.size == pytest.approx(100_000, rel=0.02)
    assert made.organization.max() < made.organizations
    degree = made.shared().degree
    assert np.median(degree[degree > 0]) <= 3
    assert degree.max() > 200
    again = make_holdings(province(100_000))
    assert np.array_equal(made.organization, again.organization)


def test_members_are_the_bodies_and_degrees_those_of_all() -> None:
    made = make_holdings(LITTLE)
    bodies, everybody = made.shared(200), made.shared()
    assert bodies.member.max() < 200
    assert np.array_equal(bodies.degree, everybody.degree)
    assert bodies.population == everybody.population == 1_000


def test_circles_share_identifiers_of_their_own_and_some_are_dirty() -> None:
    circles = make_circles(LITTLE)
    assert all(circle.size >= 2 for circle in circles)
    assert len(np.unique(np.concatenate(circles))) == sum(circle.size for circle in circles)
    large = Province(5_000, 10_000, 3_000, 30_000)
    services = make_services(large)
    rate = np.bincount(services.body, services.is_bad, 3_000) / np.maximum(
        np.bincount(services.body, minlength=3_000), 1
    )
    inside = np.concatenate(make_circles(large))
    assert rate[inside].mean() > 1.3 * np.delete(rate, inside).mean()


def test_ours_and_duckdb_count_the_same() -> None:
    ours, peer = step()["all_organizations"], peers()["duckdb"][0]
    assert peer["same_pairs"]
    assert peer["same_weights"]
    assert peer["pairs"] == ours["pairs"] > 1_000
    assert peer["pairs_digest"] == ours["pairs_digest"]


def test_networkx_sees_the_same_graph_and_cuts_it_no_better() -> None:
    peer = peers()["networkx"][0]
    assert (peer["nodes"], peer["components"]) == (peer["nodes_ours"], peer["components_ours"])
    assert peer["modularity_ours"] >= peer["modularity"]


def test_modularity_is_that_of_networkx() -> None:
    import networkx as nx

    holdings = make_holdings(Province(60, 60, seed=2))
    sharing = share(60, holdings.shared(), 20)
    weight = sharing.weights()
    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from(range(60))
    ends = zip(sharing.first.tolist(), sharing.second.tolist(), weight.tolist(), strict=True)
    graph.add_weighted_edges_from(ends)
    label = np.arange(60) % 7
    groups = [set(np.flatnonzero(label == number).tolist()) for number in range(7)]
    assert modularity(label, sharing.first, sharing.second, weight) == pytest.approx(
        nx.community.modularity(graph, groups)
    )


def test_the_year_says_how_many_groups_were_tested() -> None:
    year = step()["year"]
    assert year["groups"] >= year["stable_groups"] >= year["groups_tested"] > 0
    assert year["groups_tested"] >= year["groups_rejected"]


@pytest.mark.parametrize(
    ("name", "field", "value", "target"),
    [
        ("duckdb", "same_pairs", False, "same_pairs_as_peers"),
        ("cypher_embedded", "same_pairs", False, "same_pairs_as_peers"),
        ("duckdb", "same_weights", False, "same_weights_as_peers"),
        ("networkx", "nodes", 1, "same_nodes_as_networkx"),
        ("networkx", "components", 0, "same_components_as_networkx"),
        ("networkx", "modularity", 1.0, "modularity_not_below_louvain"),
    ],
)
def test_each_target_about_a_peer_can_be_missed(
    name: str, field: str, value: object, target: str
) -> None:
    assert all(targets([step()], peers()).values())
    first, *more = peers()[name]
    broken = peers() | {name: [first | {field: value}, *more]}
    told = targets([step()], broken)
    assert [name for name, holds in told.items() if not holds] == [target]


def test_the_target_of_the_year_is_about_its_last_size() -> None:
    slow = step() | {"year": step()["year"] | {"seconds": 60.1}}
    assert targets([slow, step()], peers())["province_year_within_60_s"]
    assert not targets([step(), slow], peers())["province_year_within_60_s"]


def test_the_picture_gives_equal_bytes(tmp_path: Path) -> None:
    document = {"growth": [step(), step()], "province_year": step()["year"], "peers": peers()}
    (first,) = draw_pictures(document, tmp_path / "a")
    (second,) = draw_pictures(document, tmp_path / "b")
    assert first.name == "rings_growth.png"
    assert first.read_bytes() == second.read_bytes()
    (third,) = draw_pictures(document | {"peers": {}}, tmp_path / "c")
    assert third.read_bytes() != first.read_bytes()


def test_small_data_is_small_and_peers_are_given_no_more_than_ours() -> None:
    assert max(QUICK.entries) <= 10_000
    for sizes in (QUICK, Sizes()):
        assert all(
            max(peer) <= max(sizes.entries) for peer in (sizes.duckdb, sizes.networkx, sizes.cypher)
        )
