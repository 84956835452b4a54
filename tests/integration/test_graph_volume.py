"""Both stores alike: many threads, many rows, wide rows, big parameters."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from graph.client import GraphStore
from graph.errors import BadRow
from graph.writer import GraphWriter
from tests.integration.graph_rows import FIRM, firms, number


def test_eight_threads_merging_one_key_make_one_node(store: GraphStore) -> None:
    start = threading.Barrier(8)

    def merge(worker: int) -> None:
        start.wait()
        for turn in range(10):
            GraphWriter(store).merge_nodes(FIRM, [{"id": f"org:{turn}", "name": str(worker)}])

    with ThreadPoolExecutor(8) as pool:
        for merged in [pool.submit(merge, worker) for worker in range(8)]:
            merged.result()
    assert number(store, f"MATCH (n:{FIRM}) RETURN count(n)") == 10


def test_rows_go_in_batches_and_progress_tells(store: GraphStore) -> None:
    told: list[tuple[str, int, int]] = []
    writer = GraphWriter(store, batch=1000, report=lambda *words: told.append(words))
    assert writer.merge_nodes(FIRM, firms(2500)) == 2500
    assert told == [(FIRM, 1000, 2500), (FIRM, 2000, 2500), (FIRM, 2500, 2500)]
    assert number(store, f"MATCH (n:{FIRM}) RETURN count(n)") == 2500


def test_wide_rows_stay_below_the_message_limit(store: GraphStore) -> None:
    wide = "危" * 20_000  # 60 kB each: one statement of 600 rows would be 36 MB
    rows = [{"id": f"address:{i}", "text": f"{i}{wide}"} for i in range(600)]
    cypher = "UNWIND $rows AS row CREATE (n:Order {id: row.id}) SET n.state = size(row.text)"
    assert store.write_rows(cypher, rows) == 600
    assert number(store, "MATCH (n:Order) WHERE n.state > 20000 RETURN count(n)") == 600


def test_parameters_above_the_message_limit_are_refused(store: GraphStore) -> None:
    for run in (store.read, store.write):
        with pytest.raises(BadRow, match="write_rows"):
            run("RETURN size($text) AS n", {"text": "a" * 9 * 1024 * 1024})


def test_big_lists_go_through_unwind(store: GraphStore) -> None:
    GraphWriter(store).merge_nodes(FIRM, firms(20_000))
    ids = [f"org:{i:016x}" for i in range(0, 20_000, 2)] + ["org:none"]
    rows = store.read(
        f"UNWIND $ids AS id MATCH (n:{FIRM} {{id: id}}) RETURN count(n) AS c", {"ids": ids}
    )
    assert rows == [{"c": 10_000}]
