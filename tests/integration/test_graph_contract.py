"""What both stores must do alike: the embedded server and Neo4j run the same cases."""

import threading
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import pairwise

import pytest

from graph.client import GraphStore, connect
from graph.errors import (
    BadRow,
    ConstraintViolated,
    StatementFailed,
    StoreUnreachable,
    UnknownTerm,
    WriteRefused,
)
from graph.java_server import free_port
from graph.ontology import LABELS, RELATIONSHIPS, ensure_schema
from graph.search import search
from graph.settings import GraphSettings
from graph.writer import GraphWriter
from tests.conftest import StoreAddress

FIRM = "Organization"
DUMP = "MATCH (n) RETURN labels(n)[0] AS label, n AS node ORDER BY n.id"
DUMP_EDGES = (
    "MATCH (a)-[r]->(b) RETURN a.id AS a, type(r) AS type, b.id AS b, r AS edge"
    " ORDER BY a, type, b, toString(r.month), r.role"
)


def firms(count: int) -> list[dict[str, object]]:
    return [{"id": f"org:{i:016x}", "name": f"单位{i}", "level": "L1"} for i in range(count)]


def number(store: GraphStore, cypher: str) -> object:
    rows = store.read(cypher)
    return next(iter(rows[0].values()))


def dump(store: GraphStore) -> list[object]:
    return [*store.read(DUMP), *store.read(DUMP_EDGES)]


# --- schema


def test_schema_can_be_ensured_again(store: GraphStore) -> None:
    ensure_schema(store)
    before = store.read("SHOW CONSTRAINTS YIELD name RETURN name ORDER BY name")
    ensure_schema(store)
    assert store.read("SHOW CONSTRAINTS YIELD name RETURN name ORDER BY name") == before
    assert len(before) == len(LABELS)


@pytest.mark.parametrize("label", sorted(LABELS))
def test_each_label_has_a_unique_id(store: GraphStore, label: str) -> None:
    store.write(f"CREATE (:{label} {{id: 'x'}})")
    with pytest.raises(ConstraintViolated):
        store.write(f"CREATE (:{label} {{id: 'x'}})")


@pytest.mark.parametrize("name", sorted(RELATIONSHIPS))
def test_each_relationship_between_each_pair_of_labels(store: GraphStore, name: str) -> None:
    term, writer = RELATIONSHIPS[name], GraphWriter(store)
    row = {"from_id": "a", "to_id": "b", "sources": ["manifest:b:1:1"], "source_count": 1}
    row |= {"first_at": "2026-10-01T00:00:00Z", "last_at": None}
    row |= {key: 1 if key == "leg_no" else "k" for key in term.keys}
    for start in term.starts:
        for end in term.ends:
            store.write("MATCH (n) DETACH DELETE n")
            writer.merge_nodes(start, [{"id": "a"}])
            writer.merge_nodes(end, [{"id": "b"}])
            for _ in range(2):
                writer.merge_relationships(name, start, end, [row])
            assert number(store, f"MATCH (:{start})-[r:{name}]->(:{end}) RETURN count(r)") == 1


# --- nodes


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
    for _ in range(2):
        writer.merge_nodes(FIRM, rows)
        writer.merge_relationships("BRANCH_OF", FIRM, FIRM, [edge])
        if _ == 0:
            first = dump(store)
    assert dump(store) == first
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


# --- refusals before anything is sent

REFUSED = [
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
    store: GraphStore, act: object, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        act(GraphWriter(store))  # type: ignore[operator]
    assert number(store, "MATCH (n) RETURN count(n)") == 0


# --- times

SHANGHAI = timezone(timedelta(hours=8))
MOMENTS = [
    (datetime(2026, 10, 1, 8, 30), "2026-10-01T08:30:00Z"),
    (datetime(2026, 10, 1, 8, 30, tzinfo=UTC), "2026-10-01T08:30:00Z"),
    (datetime(2026, 10, 1, 8, 30, tzinfo=SHANGHAI), "2026-10-01T00:30:00Z"),
    (datetime(2026, 10, 1, 8, 30, 15, 123000), "2026-10-01T08:30:15.123000Z"),
    ("2026-10-01T00:30:00Z", "2026-10-01T00:30:00Z"),
    (None, None),
]


@pytest.mark.parametrize(("given", "kept"), MOMENTS)
def test_moments_come_back_as_utc(store: GraphStore, given: object, kept: object) -> None:
    GraphWriter(store).merge_nodes("Manifest", [{"id": "manifest:1", "handover_at": given}])
    assert store.read("MATCH (m:Manifest) RETURN m.handover_at AS at") == [{"at": kept}]


def test_moments_compare_as_moments_and_days_as_days(store: GraphStore) -> None:
    writer = GraphWriter(store)
    rows = [
        {"id": f"manifest:{h}", "handover_at": datetime(2026, 10, 1, h)} for h in range(0, 24, 6)
    ]
    writer.merge_nodes("Manifest", rows)
    found = store.read(
        "MATCH (m:Manifest) WHERE m.handover_at >= datetime($at) RETURN count(m) AS c",
        {"at": "2026-10-01T12:00:00Z"},
    )
    assert found == [{"c": 2}]
    writer.merge_nodes("Penalty", [{"id": "penalty:1", "decided_on": date(2026, 2, 28)}])
    assert store.read(
        "MATCH (p:Penalty) WHERE p.decided_on < date('2026-03-01') RETURN p.decided_on AS day"
    ) == [{"day": "2026-02-28"}]


def test_equal_moments_of_different_offsets_are_ordered_by_offset(store: GraphStore) -> None:
    # The trap behind the rule that all moments are stored, and asked for, in UTC.
    (row,) = store.read(
        "WITH datetime('2026-10-01T12:00:00Z') AS z, datetime('2026-10-01T20:00:00+08:00') AS east"
        " RETURN z < east AS less, z = east AS equal, z.epochMillis = east.epochMillis AS same"
    )
    assert row == {"less": True, "equal": False, "same": True}


# --- many at once


def test_eight_threads_merging_one_key_make_one_node(store: GraphStore) -> None:
    start, errors = threading.Barrier(8), []

    def merge(worker: int) -> None:
        start.wait()
        try:
            for turn in range(10):
                GraphWriter(store).merge_nodes(FIRM, [{"id": f"org:{turn}", "name": str(worker)}])
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=merge, args=(worker,)) for worker in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
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


# --- statements


def test_counting_related_nodes(store: GraphStore) -> None:
    writer = GraphWriter(store)
    writer.merge_nodes(FIRM, firms(3))
    writer.merge_nodes("Phone", [{"id": f"phone:{i}"} for i in range(2)])
    writer.merge_relationships(
        "HAS_PHONE",
        FIRM,
        "Phone",
        [{"from_id": firms(1)[0]["id"], "to_id": f"phone:{i}"} for i in (0, 1)],
    )
    rows = store.read(
        f"MATCH (o:{FIRM}) RETURN o.name AS name, COUNT {{ (o)-[:HAS_PHONE]->(:Phone) }} AS phones"
        " ORDER BY name"
    )
    assert rows == [{"name": f"单位{i}", "phones": n} for i, n in enumerate((2, 0, 0))]


def test_a_failed_transaction_leaves_nothing(store: GraphStore) -> None:
    GraphWriter(store).merge_nodes(FIRM, firms(1))
    rows = [{"id": "org:a"}, {"id": "org:b"}, {"id": firms(1)[0]["id"]}]
    with pytest.raises(ConstraintViolated):
        store.write_rows(f"UNWIND $rows AS row CREATE (:{FIRM} {{id: row.id}})", rows)
    assert number(store, f"MATCH (n:{FIRM}) RETURN count(n)") == 1
    with pytest.raises(StatementFailed):
        store.write(f"CREATE (n:{FIRM} {{id: 'org:c'}}) WITH n RETURN 1 / 0 AS x")
    assert number(store, f"MATCH (n:{FIRM}) RETURN count(n)") == 1


WRITES = [
    "CREATE (:Organization {id: 'x'})",
    "MATCH (n:Organization) SET n.name = 'y'",
    "MATCH (n:Organization) DETACH DELETE n",
    "MATCH (n:Organization) CALL (n) { SET n.name = 'y' } RETURN n.id",
    "MERGE (n:Organization {id: 'z'}) RETURN n.id",
    "CREATE (:Other {id: 'x'})",
    "CREATE INDEX other IF NOT EXISTS FOR (n:Organization) ON (n.other)",
]


@pytest.mark.parametrize("cypher", WRITES)
def test_reading_cannot_write(store: GraphStore, cypher: str) -> None:
    GraphWriter(store).merge_nodes(FIRM, firms(2))
    before = dump(store)
    with pytest.raises(WriteRefused):
        store.read(cypher)
    assert dump(store) == before


def test_nodes_relationships_and_paths_come_back_plain(store: GraphStore) -> None:
    writer = GraphWriter(store)
    writer.merge_nodes(FIRM, [{"id": "org:1"}, {"id": "org:2"}])
    writer.merge_relationships("BRANCH_OF", FIRM, FIRM, [{"from_id": "org:1", "to_id": "org:2"}])
    (row,) = store.read("MATCH p = (a {id: 'org:1'})-[r]->(b) RETURN a, r, p")
    first, last = ({"label": FIRM, "id": f"org:{i}"} for i in (1, 2))
    edge = {"type": "BRANCH_OF", "from_id": "org:1", "to_id": "org:2"}
    assert row["a"] == first
    assert row["p"] == [first, edge, last]
    assert row["r"]["type"] == "BRANCH_OF"  # type: ignore[index,call-overload]


def test_a_wrong_statement_says_which(store: GraphStore) -> None:
    with pytest.raises(StatementFailed, match=r"MATCH \(n RETURN"):
        store.read("MATCH (n RETURN 1")


def test_an_unreachable_server_is_named_with_the_cure(store_address: StoreAddress) -> None:
    port = free_port()
    settings = GraphSettings(uri=f"bolt://127.0.0.1:{port}", password="x")
    with pytest.raises(StoreUnreachable, match=rf"{port}.*JINGHUAN_GRAPH_URI"):
        connect(settings, store_address.workspace)


@pytest.mark.neo4j
def test_a_closed_store_stays_closed(store_address: StoreAddress) -> None:
    with store_address.connect() as store:
        assert store.read("RETURN 1 AS one") == [{"one": 1}]
    with pytest.raises(StoreUnreachable, match="已关闭"):
        store.read("RETURN 1 AS one")


def test_wrong_password_and_database_are_told(neo4j_address: StoreAddress) -> None:
    settings = neo4j_address.settings
    with pytest.raises(StoreUnreachable, match="JINGHUAN_GRAPH_PASSWORD"):
        connect(replace(settings, password="wrong"), neo4j_address.workspace)
    with pytest.raises(StoreUnreachable, match="JINGHUAN_GRAPH_DATABASE"):
        connect(replace(settings, database="nowhere"), neo4j_address.workspace)


# --- search

NAMED: list[dict[str, object]] = [
    {"id": "org:1", "name": "江苏扬子化工有限公司", "uscc": "91320500MA1X00001A", "level": "L1"},
    {
        "id": "org:2",
        "name": "常州扬子环保科技有限公司",
        "uscc": "91320400MA1X00002B",
        "level": "L1",
    },
    {
        "id": "org:3",
        "name": "无锡宏达金属制品厂",
        "former_names": ["无锡扬子江五金厂"],
        "uscc": "91320200MA1X00003C",
        "level": "L2",
    },
    {"id": "org:4", "name": "ABC (苏州) 新材料有限公司", "uscc": None, "level": "L1"},
]
SEARCHES = [
    ("扬子化工", {}, ["org:1"], "name"),
    ("江苏扬子化工有限公司", {}, ["org:1"], "name"),
    ("扬子江五金", {}, ["org:3"], "former_names"),
    ("江苏杨子化工有限公司", {}, ["org:1"], "name"),
    ("abc（苏州）", {}, ["org:4"], "name"),
    ("91320400MA1X0", {}, ["org:2"], "uscc"),
    ("91320400ma1x00002b", {}, ["org:2"], "uscc"),
    ("苏A12345", {}, ["vehicle:1"], "plate"),
    ("苏A·12345", {}, ["vehicle:1"], "plate"),
    ("苏A12", {}, ["vehicle:1"], "plate"),
    ("13912345678", {}, ["phone:1"], "number"),
    ("1391234", {}, ["phone:1"], "number"),
    ("1391234", {"level": "L3"}, [], ""),
    ("1391234", {"kinds": ["organization"]}, [], ""),
    ("org:3", {}, ["org:3"], "id"),
    ("org:3", {"level": "L1"}, [], ""),
    ("化工园", {"kinds": ["address"]}, ["address:1"], "text"),
    ("张三", {}, ["person:1"], "name"),
    ("张三", {"kinds": ["vehicle"]}, [], ""),
    ("  ", {}, [], ""),
    ('" OR *:*', {}, [], ""),
    ("没有这家单位", {}, [], ""),
]


@pytest.mark.parametrize(("text", "options", "first", "matched"), SEARCHES)
def test_search(
    store: GraphStore, text: str, options: dict[str, object], first: list[str], matched: str
) -> None:
    fill_for_search(store)
    hits = search(store, text, **options)  # type: ignore[arg-type]
    assert [hit.id for hit in hits[:1]] == first
    assert [hit.property for hit in hits[:1]] == [matched] * len(first)
    assert all(0 < hit.score <= 1 for hit in hits)


def test_search_ranks_and_limits(store: GraphStore) -> None:
    fill_for_search(store)
    hits = search(store, "扬子", kinds=["Organization"])
    assert {hit.id for hit in hits} == {"org:1", "org:2", "org:3"}
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert len(search(store, "扬子", limit=2)) == 2
    with pytest.raises(UnknownTerm, match="planet"):
        search(store, "扬子", kinds=["planet"])


def fill_for_search(store: GraphStore) -> None:
    writer = GraphWriter(store)
    writer.merge_nodes(FIRM, NAMED)
    writer.merge_nodes("Vehicle", [{"id": "vehicle:1", "plate": "苏A12345", "level": "L2"}])
    writer.merge_nodes("Phone", [{"id": "phone:1", "number": "13912345678", "level": "L4"}])
    writer.merge_nodes("Person", [{"id": "person:1", "name": "张三", "level": "L3"}])
    writer.merge_nodes("Address", [{"id": "address:1", "text": "泰兴市化工园区1号", "level": "L1"}])
    if store.kind == "neo4j":
        # The full-text index follows a commit a moment later unless asked to wait.
        store.read("CALL db.index.fulltext.awaitEventuallyConsistentIndexRefresh()")
