"""The benchmark of loops on little data: what is planted is there, and peers count the same."""

import os
from dataclasses import replace
from functools import cache, partial
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analytics.kernels.temporal_cycles import CycleRules
from api.bench.apart import run_apart
from api.bench.loops import QUICK, targets_of
from api.bench.loops_bounded import run_bounded
from api.bench.loops_counts import is_equal
from api.bench.loops_duckdb import count_duckdb, search_duckdb
from api.bench.loops_edges import DAY_S, Edges, load_edges
from api.bench.loops_heavy_tails import HeavyTails, heavy_tails
from api.bench.loops_judged import node_sets, row_numbers
from api.bench.loops_networkx import closed_walks, count_networkx
from api.bench.loops_ours import count_ours, search_ours
from api.bench.loops_peers import Comparison, Graph, compare, told
from api.bench.loops_pictures import draw_pictures
from api.bench.loops_province import (
    ProvinceParameters,
    ProvinceYear,
    province_year,
    waste_code_numbers,
)
from api.bench.loops_ranking import Listed, measure_ranking
from api.bench.loops_snapml import count_snapml, has_snapml
from api.bench.loops_year import (
    SEARCHES,
    make_year,
    search_day,
    search_year,
    with_manifests,
)

PARAMETERS = ProvinceParameters(3_000, 12_000, 20_000, 200)
SEED, HOPS, WINDOW = 4, 5, 8


@cache
def year() -> ProvinceYear:
    return province_year(PARAMETERS, SEED)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("year")
    make_year(folder, PARAMETERS, SEED)
    return folder


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Few nodes, equal times, parallel edges, edges to oneself: everything that can go wrong."""
    random, count = np.random.default_rng(SEED), 160
    edges = Edges(
        random.integers(0, 9, count).astype(np.int32),
        random.integers(0, 9, count).astype(np.int32),
        random.integers(0, 30, count).astype(np.int32),
        random.choice([7.0, 9.0, 10.0], count).astype(np.float32),
        random.integers(0, 2, count).astype(np.int16),
        np.full(count, -1, np.int32),
    )
    folder = tmp_path_factory.mktemp("crowded")
    edges.by_time().save(folder / "all")
    simple = edges.by_time().one_per_pair()
    simple.take(simple.source != simple.target).save(folder / "one_per_pair")
    return folder


def test_the_same_seed_makes_the_same_year_and_another_one_another() -> None:
    again = province_year(PARAMETERS, SEED)
    for name in Edges.__slots__:
        assert np.array_equal(getattr(again.edges, name), getattr(year().edges, name)), name
    other = province_year(PARAMETERS, SEED + 1)
    assert not np.array_equal(other.edges.source[:1_000], year().edges.source[:1_000])


def test_a_year_holds_what_was_asked_for() -> None:
    edges, is_manifest = year().edges, year().is_manifest
    ordinary = edges.loop < 0
    assert int((ordinary & is_manifest).sum()) == PARAMETERS.manifests
    assert int((ordinary & ~is_manifest).sum()) == PARAMETERS.invoices
    assert (np.diff(edges.time) >= 0).all()
    assert edges.time.min() >= 0
    assert edges.time.max() < PARAMETERS.days * DAY_S
    assert edges.tonnes.min() > 0
    assert (edges.source != edges.target).all()
    codes = len(waste_code_numbers())
    assert codes == 467
    assert np.array_equal(edges.code < codes, is_manifest)
    # Papers with the day only make ties.
    assert 0.2 < (edges.time % DAY_S == 0).mean() < 0.4
    degrees = np.sort(np.bincount(edges.source, minlength=PARAMETERS.organizations))
    assert degrees[-1] > 20 * degrees.mean()


def test_heavy_tails_repeat_answer_and_close() -> None:
    edges = heavy_tails(HeavyTails(5_000, 250), SEED)
    simple = edges.one_per_pair()
    pairs = set(zip(edges.source.tolist(), edges.target.tolist(), strict=True))
    assert len(simple) == len(pairs) < 0.9 * len(edges)
    answered = sum((b, a) in pairs for a, b in pairs)
    plain = replace(HeavyTails(5_000, 250), answer_share=0.0, closing_share=0.0)
    apart = heavy_tails(plain, SEED)
    pairs = set(zip(apart.source.tolist(), apart.target.tolist(), strict=True))
    assert answered > 1.2 * sum((b, a) in pairs for a, b in pairs)
    assert (np.diff(edges.time) >= 0).all()
    assert (edges.source != edges.target).all()


def test_networkx_filter_counts_every_choice_of_parallel_edges() -> None:
    random = np.random.default_rng(SEED)
    for _ in range(60):
        ways = [
            sorted(random.integers(0, 4, random.integers(1, 4)).tolist())
            for _ in range(random.integers(2, 5))
        ]
        window, count = int(random.integers(0, 4)), 0
        for choice in product(*ways):
            turns = [choice[i:] + choice[:i] for i in range(len(choice))]
            count += any(
                list(turn) == sorted(turn) and turn[-1] - turn[0] <= window for turn in turns
            )
        assert closed_walks(ways, window) == count, (ways, window)


def test_peers_count_the_cycles_that_we_count(crowded: Path) -> None:
    ours = count_ours(crowded / "all", WINDOW, HOPS, False)
    assert min(ours["walks"].values()) > 0
    for peer in (count_networkx, count_duckdb):
        assert is_equal(ours, peer(crowded / "all", WINDOW, HOPS)), peer
        assert not is_equal(ours, peer(crowded / "all", WINDOW - 1, HOPS)), peer


@pytest.mark.skipif(not has_snapml(), reason="needs snapml: pip install snapml")
def test_snapml_counts_rising_cycles_without_parallel_edges(crowded: Path) -> None:
    folder = crowded / "one_per_pair"
    ours = count_ours(folder, WINDOW, HOPS, True)
    assert sum(ours["walks"].values()) > 0
    # Apart: to load it changes how this process rounds the smallest floats.
    told = run_apart(count_snapml, folder, WINDOW, HOPS)
    assert is_equal(ours, told)
    assert not is_equal(count_ours(folder, WINDOW, HOPS, False), told)


@pytest.mark.parametrize("most_changes", [None, 0])
def test_duckdb_finds_the_node_sets_that_we_find(crowded: Path, most_changes: int | None) -> None:
    rules = CycleRules(WINDOW, HOPS, most_changes=most_changes)
    ours = search_ours(crowded / "all", rules)
    assert min(list(ours["sets"].values())[:3]) > 0
    assert is_equal(ours, search_duckdb(crowded / "all", rules))
    assert not is_equal(ours, search_duckdb(crowded / "all", replace(rules, flow_low=0.95)))


def test_all_planted_loops_that_a_search_can_find_are_found(made: Path) -> None:
    findable = []
    for search in (SEARCHES[0], SEARCHES[3], SEARCHES[4]):
        found = search_year(made, search, 50)
        assert found["planted_found"] == found["planted_findable"] > 0, search
        assert found["split_found"] == found["split_findable"] > 0, search
        for kind, counts in found["kinds"].items():
            assert counts["found"] == counts["findable"] <= counts["planted"], (search, kind)
        washed_back = found["kinds"]["code_changed_twice"]
        assert washed_back["planted"] > washed_back["findable"] == 0
        assert found["ranking"]["not_in_list"] == 0
        assert found["ranking"]["all"]["precision"]["20"] > 0.5
        findable.append(found["planted_findable"])
    assert findable[0] < findable[1] < findable[2] < PARAMETERS.loops


def test_peers_are_given_manifests_whose_code_is_known(made: Path) -> None:
    edges, manifests = load_edges(made / "year"), load_edges(made / "manifests")
    codes = len(waste_code_numbers())
    assert 0 < (edges.code < 0).sum() < 0.01 * PARAMETERS.manifests
    assert len(manifests) == ((edges.code >= 0) & (edges.code < codes)).sum()
    assert manifests.code.min() >= 0
    assert manifests.code.max() < codes


def test_a_day_is_what_the_full_run_has_for_it(made: Path) -> None:
    edges = load_edges(made / "year")
    days = np.bincount(edges.time[edges.loop >= 0] // DAY_S)
    found = search_day(with_manifests(edges), SEARCHES[0], int(days.argmax()))
    assert found["equals_full_run"]
    assert found["sets"] > 0
    assert found["new_edges"] < found["edges_held"] < len(edges)


def test_node_sets_are_looked_up_whatever_their_order() -> None:
    rows = node_sets(np.array([[7, 2, 5, -1], [3, 1, -1, -1]]))
    assert rows.tolist() == [[2, 5, 7, -1], [1, 3, -1, -1]]
    assert row_numbers(rows, np.array([[1, 3, -1, -1], [1, 2, -1, -1]])).tolist() == [1, -1]


def test_a_process_that_breaks_says_so() -> None:
    with pytest.raises(RuntimeError, match="退出码 3"):
        run_bounded(60.0, os._exit, 3)


def test_a_comparison_ends_at_what_takes_too_long(crowded: Path) -> None:
    engine = partial(count_duckdb, window=WINDOW, hop_limit=3)
    graphs = [Graph(crowded / "all", 160), Graph(crowded / "all", 161)]
    slow = Comparison("", "", 3, 1, engine, engine, graphs)
    found = compare(slow, 0.001)
    assert [line["peer"] for line in found["sizes"]] == [{"ended": "time", "bound_s": 0.001}]
    assert (found["equal"], found["largest"], found["ratio"]) == (None, None, None)
    sizes = [
        {"size": 160, "peer": {}, "ratio": 7.0, "equal": False},
        {"size": 161, "peer": {}, "ratio": 8.0, "equal": True},
        {"size": 162, "peer": {"ended": "memory"}},
    ]
    found = told(slow, 1.0, sizes)
    assert (found["equal"], found["largest"], found["ratio"]) == (False, 161, 8.0)
    assert told(slow, 1.0, sizes[1:])["equal"] is True
    assert told(replace(slow, is_comparable=False), 1.0, sizes)["equal"] is None


def document() -> dict[str, Any]:
    """A result as the benchmark gives it, figures made up."""
    sizes = [{"edges": 10**n, "seconds": 10.0 ** (n - 6), "peak_mib": 100 * n} for n in (3, 4, 5)]
    one: dict[str, Any] = {
        "planted_found": 5, "planted_findable": 5, "seconds": 3.0, "peak_mib": 900,
    }  # fmt: skip
    listed = Listed(
        np.arange(90.0),
        np.arange(90) > 30,
        np.full(90, 3),
        np.arange(90),
        np.zeros(90),
        np.empty(0, np.int64),
    )
    one |= {"title": "代码相同", "ranking": measure_ranking(listed)}
    one["day"] = {"seconds": 0.1, "equals_full_run": True}
    peers = {
        name: {
            "ratio": ratio,
            "equal": True,
            "sizes": [
                {"size": 1_000, "ratio": ratio, "peer": {**sizes[0], "seconds": 2.0}},
                {"size": 10_000, "peer": {"ended": "time", "bound_s": 9.0}},
            ],
        }
        for name, ratio in (("networkx", 100.0), ("duckdb_count_6", 30.0), ("snapml", 5.0))
    }
    return {
        "growth": {"count": {"sizes": sizes}, "search": {"sizes": sizes[1:]}},
        "year": {
            "made": {"manifests": 5_000, "goods_edges": 20_000},
            "searches": {search.name: dict(one) for search in SEARCHES},
        },
        "peers": peers,
    }


def test_targets_hold_at_their_bound_and_not_beyond() -> None:
    given = document()
    assert set(targets_of(given["year"], given["peers"]).values()) == {True}
    for name, value in (("seconds", 10.1), ("peak_mib", 2_049), ("planted_found", 4)):
        given = document()
        given["year"]["searches"]["equal_code_30_days"][name] = value
        assert list(targets_of(given["year"], given["peers"]).values()).count(False) == 1, name
    for name in ("networkx", "duckdb_count_6", "snapml"):
        given = document()
        given["peers"][name]["ratio"] -= 0.1
        assert list(targets_of(given["year"], given["peers"]).values()).count(False) == 1, name
        given["peers"][name] |= {"ratio": 1_000.0, "equal": False}
        assert list(targets_of(given["year"], given["peers"]).values()).count(False) == 2, name
        del given["peers"][name]
        assert list(targets_of(given["year"], given["peers"]).values()).count(None) == 1, name


def test_pictures_are_drawn_and_equal_results_give_equal_bytes(tmp_path: Path) -> None:
    drawn = draw_pictures(document(), tmp_path / "one")
    assert [path.name for path in drawn] == [
        "loops_time.png", "loops_memory.png", "loops_ranking.png",
    ]  # fmt: skip
    for one, two in zip(drawn, draw_pictures(document(), tmp_path / "two"), strict=True):
        assert one.read_bytes().startswith(b"\x89PNG")
        assert one.read_bytes() == two.read_bytes()
    assert drawn[0].read_bytes() != drawn[1].read_bytes()


def test_the_quick_sizes_are_small() -> None:
    assert max(*QUICK.tails, *QUICK.manifests) <= 10_000
    assert QUICK.year.invoices < 1_000_000
