"""``bench shells`` on tiny provinces: what the peers count, the truth, the day, the picture."""

from pathlib import Path

from analytics.models.hw_10 import Params
from api.bench import BENCHES
from api.bench.shells import QUICK, Sizes, province, targets
from api.bench.shells_edges import flow_edges, flow_rules
from api.bench.shells_ours import search_day, search_province
from api.bench.shells_peers import duckdb_beside, networkx_beside
from api.bench.shells_pictures import draw_pictures
from api.bench.shells_province import make_province

TINY = (3_000, 400, 12)


def test_peers_find_the_same_paths() -> None:
    for beside in (duckdb_beside, networkx_beside):
        found = beside(*TINY)
        assert found["same_counts"]
        assert found["same_nodes"]
        assert sum(found["peer"]["paths"].values()) > 20


def test_planted_chains_are_found_and_a_day_is_that_of_the_full_run() -> None:
    found = search_province(*TINY)
    assert found["planted_found"] == found["planted"] == 12
    assert found["manifests"] + found["invoices"] == found["edges"] == 3_000
    days = [search_day(*TINY, day) for day in range(20, 340, 40)]
    assert all(day["same_as_full_run"] for day in days)
    assert any(day["paths"] for day in days)


def test_the_same_seed_gives_the_same_province_and_truth_stands_apart() -> None:
    one, two = (make_province(*TINY, seed=3) for _ in range(2))
    assert one.source.tobytes() == two.source.tobytes()
    assert one.tonnes.tobytes() == two.tonnes.tobytes()
    assert one.planted == two.planted
    assert one.planted != make_province(*TINY, seed=4).planted
    flows = flow_edges(one, Params().degree_cap)
    assert flows.source.dtype == flows.day.dtype == "int32"
    assert flow_rules(Params()).window == Params().window_days


def test_targets_say_what_failed() -> None:
    ours = search_province(*TINY) | {"peak_mib": 300}
    good = {"size": 3_000, "same_counts": True, "same_nodes": True}
    slow = {"size": 9_000, "ended": "time", "bound_s": 60.0}
    day = {"same_as_full_run": True}
    assert all(targets([ours], day, {"duckdb": [good, slow]}).values())
    told = targets([ours | {"planted_found": 11}], day, {"duckdb": [good | {"same_nodes": False}]})
    assert {name for name, holds in told.items() if not holds} == {
        "all_planted_found", "same_nodes_as_peers",
    }  # fmt: skip


def test_it_is_registered() -> None:
    assert "shells" in BENCHES


def test_a_province_year_is_the_last_of_the_sizes() -> None:
    assert province(Sizes().edges[-1]) == (25_000_000, 340_000, 500)


def test_small_data_is_small_and_peers_are_given_no_more_than_ours() -> None:
    assert max(QUICK.edges) <= 100_000
    for sizes in (QUICK, Sizes()):
        assert all(
            max(peer) <= max(sizes.edges) for peer in (sizes.duckdb, sizes.networkx, sizes.cypher)
        )


def test_the_picture_gives_equal_bytes(tmp_path: Path) -> None:
    ours = search_province(*TINY) | {"peak_mib": 300}
    peer = [{"size": 3_000, "peer": {"seconds": 0.5}}, {"size": 9_000, "ended": "time"}]
    document = {
        "growth": [ours, ours | {"edges": 6_000}],
        "province_year": ours,
        "peers": {"duckdb": peer, "networkx": peer, "cypher_embedded": peer},
    }
    (first,) = draw_pictures(document, tmp_path / "a")
    (second,) = draw_pictures(document, tmp_path / "b")
    assert first.name == "shells_growth.png"
    assert first.read_bytes() == second.read_bytes()
    (third,) = draw_pictures(document | {"peers": {}}, tmp_path / "c")
    assert third.read_bytes() != first.read_bytes()
