"""Both stores alike: nodes, relationships and flows are set, taken away, and refused."""

from collections.abc import Callable
from datetime import date, datetime
from itertools import pairwise

import pytest

from graph.client import GraphStore
from graph.errors import BadRow, UnknownTerm
from graph.writer import GraphWriter
from tests.integration.graph_rows import DUMP, FIRM, dump, firms, number


def test_a_second_load_changes_nothing(store: GraphStore) -> None:
    writer = GraphWriter(store, updated_at=datetime(2026, 10, 31, 16))
    rows = [
        {
            "id": "org:1",
            "name": "江苏扬子化工有限公司",
            "roles": ["generator"],
            "insured_count": 12,
        },
        {"id": "org:2", "name": "乙", "founded_on": date(2020, 2, 29), "roles": None},
    ]
    edge = {"from_id": "org:1", "to_id": "org:2", "source_count": 1, "sources": ["a:b:1:1"]}
    loads = []
    for _ in range(2):
        writer.merge_nodes(FIRM, rows)
        writer.merge_relationships("BRANCH_OF", FIRM, FIRM, [edge])
        loads.append(dump(store))
    assert loads[0] == loads[1]
    assert [row["label"] for row in store.read(DUMP)] == [FIRM, FIRM]


def test_none_removes_a_property_and_absent_columns_stay(store: GraphStore) -> None:
    writer = GraphWriter(store)
    writer.merge_nodes(FIRM, [{"id": "org:1", "name": "甲", "status": "存续", "uscc": "91"}])
    writer.merge_nodes(FIRM, [{"id": "org:1", "status": None, "name": "甲二"}])
    assert store.read("MATCH (n) RETURN n") == [
        {"n": {"label": FIRM, "id": "org:1", "name": "甲二", "uscc": "91"}}
    ]


def test_vanished_nodes_and_relationships_are_deleted(store: GraphStore) -> None:
    writer = GraphWriter(store)
    writer.merge_nodes(FIRM, firms(5))
    ids = [str(row["id"]) for row in firms(5)]
    edges = [{"from_id": a, "to_id": b} for a, b in pairwise(ids)]
    writer.merge_relationships("BRANCH_OF", FIRM, FIRM, edges)
    writer.delete_relationships("BRANCH_OF", FIRM, FIRM, edges[:1])
    assert number(store, "MATCH ()-[r:BRANCH_OF]->() RETURN count(r)") == 3
    writer.delete_nodes(FIRM, [ids[2], "org:never"])
    assert number(store, f"MATCH (n:{FIRM}) RETURN count(n)") == 4
    assert number(store, "MATCH ()-[r:BRANCH_OF]->() RETURN count(r)") == 1


def test_keys_tell_relationships_apart_and_an_empty_key_is_one(store: GraphStore) -> None:
    writer = GraphWriter(store)
    writer.merge_nodes("Manifest", [{"id": "manifest:1"}])
    writer.merge_nodes("Vehicle", [{"id": "vehicle:1"}])
    ends = {"from_id": "manifest:1", "to_id": "vehicle:1"}
    rows = [{**ends, "role": role} for role in ("tractor", "trailer", None)]
    for _ in range(2):
        writer.merge_relationships("USED_VEHICLE", "Manifest", "Vehicle", rows)
    roles = store.read("MATCH ()-[r:USED_VEHICLE]->() RETURN r.role AS role ORDER BY role")
    assert [row["role"] for row in roles] == ["", "tractor", "trailer"]
    writer.delete_relationships("USED_VEHICLE", "Manifest", "Vehicle", rows[:1])
    assert number(store, "MATCH ()-[r:USED_VEHICLE]->() RETURN count(r)") == 2


def test_at_most_twenty_sources_are_kept(store: GraphStore) -> None:
    writer = GraphWriter(store)
    writer.merge_nodes(FIRM, firms(2))
    sources = [f"manifest:b:{i}:1" for i in range(1, 31)]
    ends = {"from_id": firms(2)[0]["id"], "to_id": firms(2)[1]["id"]}
    writer.merge_relationships(
        "BRANCH_OF", FIRM, FIRM, [ends | {"sources": sources, "source_count": 30}]
    )
    (row,) = store.read("MATCH ()-[r]->() RETURN r.sources AS sources, r.source_count AS n")
    assert row == {"sources": sources[:20], "n": 30}


def test_flows_are_set_not_added(store: GraphStore) -> None:
    writer = GraphWriter(store)
    writer.merge_nodes(FIRM, firms(2))
    ends = {"from_id": firms(2)[0]["id"], "to_id": firms(2)[1]["id"], "waste_code": "900-252-12"}
    october = ends | {"month": "2026-10", "waste_t": 12.5, "manifest_count": 3}
    november = ends | {"month": "2026-11", "waste_t": 1.0, "manifest_count": 1}
    writer.set_flows("TRANSFERRED_TO", FIRM, FIRM, [october, november])
    writer.set_flows("TRANSFERRED_TO", FIRM, FIRM, [october | {"waste_t": 11.25}])
    flows = store.read(
        "MATCH ()-[r:TRANSFERRED_TO]->() RETURN r.month AS m, r.waste_t AS t ORDER BY m"
    )
    assert flows == [{"m": "2026-10", "t": 11.25}, {"m": "2026-11", "t": 1.0}]
    writer.delete_relationships("TRANSFERRED_TO", FIRM, FIRM, [november])
    assert number(store, "MATCH ()-[r:TRANSFERRED_TO]->() RETURN count(r)") == 1


def test_a_row_whose_end_is_missing_is_passed_over(store: GraphStore) -> None:
    writer = GraphWriter(store)
    writer.merge_nodes(FIRM, firms(1))
    writer.merge_relationships(
        "BRANCH_OF", FIRM, FIRM, [{"from_id": firms(1)[0]["id"], "to_id": "?"}]
    )
    assert number(store, "MATCH ()-[r]->() RETURN count(r)") == 0


REFUSED: list[tuple[Callable[[GraphWriter], object], type[Exception], str]] = [
    (lambda w: w.merge_nodes("Case", [{"id": "1"}]), UnknownTerm, "Case"),
    (
        lambda w: w.merge_nodes("Organization) DETACH DELETE (n", [{"id": "1"}]),
        UnknownTerm,
        "DETACH",
    ),
    (lambda w: w.merge_nodes(FIRM, [{"id": "1", "colour": 1}]), UnknownTerm, "colour"),
    (lambda w: w.merge_nodes(FIRM, [{"id": None, "name": "x"}]), BadRow, "id"),
    (lambda w: w.merge_nodes(FIRM, [{"id": "org:1"}, {"name": "x"}]), BadRow, "id"),
    (
        lambda w: w.merge_nodes(FIRM, [{"id": "org:1", "insured_count": float("nan")}]),
        BadRow,
        "有限",
    ),
    (lambda w: w.merge_nodes(FIRM, [{"id": "org:1", "name": object()}]), BadRow, "object"),
    (
        lambda w: w.merge_nodes(
            "Manifest", [{"id": "m:1", "handover_at": "2026-10-01T08:30:00+08:00"}]
        ),
        BadRow,
        "UTC",
    ),
    (lambda w: w.merge_relationships("OWES", FIRM, FIRM, []), UnknownTerm, "OWES"),
    (lambda w: w.merge_relationships("DROVE", FIRM, FIRM, []), UnknownTerm, "DROVE"),
    (lambda w: w.set_flows("BRANCH_OF", FIRM, FIRM, []), UnknownTerm, "流量"),
    (
        lambda w: w.set_flows("TESTED", FIRM, FIRM, [{"from_id": "a", "to_id": "b"}]),
        BadRow,
        "month",
    ),
]


@pytest.mark.parametrize(("act", "error", "words"), REFUSED)
def test_refusals_name_what_is_wrong_and_write_nothing(
    store: GraphStore,
    act: Callable[[GraphWriter], object],
    error: type[Exception],
    words: str,
) -> None:
    with pytest.raises(error, match=words):
        act(GraphWriter(store))
    assert number(store, "MATCH (n) RETURN count(n)") == 0
