"""Loading on both stores: what the lake states is in the graph, once, and nothing else.

Strategy: a lake that holds every relationship once or twice is loaded, once for the cases that only
read; later cases deliver corrections and compare the graph with one loaded from scratch.
"""

import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
import pytest

from graph.client import GraphStore
from graph.ontology import LABELS, RELATIONSHIPS
from ingest.errors import LoadError
from ingest.load.leads import LeadLine, LeadSubject, load_leads
from ingest.load.marker import MARK_LABEL, Mark
from ingest.load.run import LoadReport, load
from ingest.resolve.run import resolve
from records.views import open_views
from records.workspace import Workspace
from tests.conftest import StoreAddress
from tests.integration.lake_files import Rows, add_batches
from tests.integration.load_rows import GENERATOR, RECEIVER, ROWS, invoice, item, manifest

# Written by casework, not from the lake.
FROM_CASEWORK = {"Lead", "Order", "CaseFile"}, {"ABOUT", "LED_TO", "LINKED_TO"}
Dump = tuple[list[str], list[str]]
# At which write the load that follows GONE is killed, from the first to the last, and whether it
# then goes on with the same stage (1) or with BACK (2), which takes back what was half sent.
KILLS = ((1, 2), (2, 1), (5, 2), (8, 1), (11, 2), (14, 1))
DUMP = f"MATCH (n) WHERE NOT n:{MARK_LABEL} RETURN labels(n)[0] AS label, n AS node ORDER BY n.id"
DUMP_EDGES = "MATCH (a)-[r]->(b) RETURN a.id AS a, type(r) AS type, b.id AS b, r AS edge"


def derive(workspace: Workspace) -> None:
    views = open_views(workspace)
    try:
        resolve(workspace, views)
    finally:
        views.close()


def bring(workspace: Workspace, store: GraphStore, *, is_current: bool = False) -> Any:
    views = open_views(workspace)
    try:
        return load(workspace, views, store, is_current=is_current)
    finally:
        views.close()


def deliver(workspace: Workspace, store: GraphStore, rows: Rows) -> LoadReport:
    add_batches(workspace, rows)
    derive(workspace)
    report = bring(workspace, store)
    assert isinstance(report, LoadReport)
    return report


def dump(store: GraphStore) -> Dump:
    """Everything in the graph; ``updated_at`` tells when a node was last written."""
    nodes = [
        repr((row["label"], sorted((k, v) for k, v in row["node"].items() if k != "updated_at")))
        for row in store.read(DUMP)
    ]
    edges = [repr(tuple(row.values())) for row in store.read(DUMP_EDGES)]
    return sorted(nodes), sorted(edges)


def edge(store: GraphStore, type_: str, **keys: object) -> dict[str, Any]:
    where = " AND ".join(f"r.{key} = ${key}" for key in keys) or "true"
    rows = store.read(f"MATCH ()-[r:{type_}]->() WHERE {where} RETURN r AS edge", keys)
    assert len(rows) == 1, rows
    found: Any = rows[0]["edge"]
    return dict(found)


LATER = datetime(2026, 11, 3, 2)
# Two deliveries that follow ROWS: the second takes back most of what the first one changed.
GONE: Rows = {
    "manifest": [
        manifest(2, receiver_uscc=None, receiver_name="某某公司", plate=None, accepted_at=LATER)
    ],
    "complaint": [{"complaint_no": "C2"}],
}
BACK: Rows = {"manifest": [manifest(2)]}


@pytest.fixture(scope="session")
def stages(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Resolved workspaces after ROWS, then GONE, then BACK; each holds all files of the former."""
    found: list[Path] = []
    for rows in (ROWS, GONE, BACK):
        root = tmp_path_factory.mktemp("stage") / "workspace"
        if found:
            shutil.copytree(found[-1], root)
        add_batches(Workspace(root), rows)
        derive(Workspace(root))
        found.append(root)
    return found


@pytest.fixture(scope="session")
def from_scratch() -> dict[tuple[str, int], Dump]:
    """The graph of a stage in one go, by store; filled by the first case that needs it."""
    return {}


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "workspace")


@pytest.fixture
def loaded(workspace: Workspace, store: GraphStore, stages: list[Path]) -> LoadReport:
    shutil.copytree(stages[0], workspace.root)
    report = bring(workspace, store)
    assert isinstance(report, LoadReport)
    return report


class OnlyRead(NamedTuple):
    """What was loaded, by which report, into which store."""

    report: LoadReport
    workspace: Workspace
    store: GraphStore


@pytest.fixture(scope="module", params=["embedded", pytest.param("neo4j", marks=pytest.mark.neo4j)])
def only_read(
    stages: list[Path], request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[OnlyRead]:
    """Each of the two stores in turn after one load; cases that write empty it, so they follow."""
    address: StoreAddress = request.getfixturevalue(f"{request.param}_address")
    workspace = Workspace(tmp_path_factory.mktemp("only-read") / "workspace")
    shutil.copytree(stages[0], workspace.root)
    with address.connect() as store:
        store.write("MATCH (n) DETACH DELETE n")
        report = bring(workspace, store)
        assert isinstance(report, LoadReport)
        yield OnlyRead(report, workspace, store)


def test_counts_in_the_graph_are_counts_in_the_tables(only_read: OnlyRead) -> None:
    loaded, workspace, store = only_read
    assert loaded.is_from_scratch
    assert loaded.written == loaded.rows
    assert loaded.deleted == 0
    assert [p.part for p in loaded.parts if p.passed_over] == []
    in_graph = Counter(row["label"] for row in store.read(DUMP))
    folder = workspace.derived("resolve")
    for kind in ("organization", "person", "vehicle", "phone", "address", "site", "outlet",
                 "account"):  # fmt: skip
        table = pl.read_parquet(folder / f"{kind}.parquet")
        assert in_graph[kind.title()] == table.height, kind
    edges = Counter(row["type"] for row in store.read(DUMP_EDGES))
    stated = Counter(pl.read_parquet(folder / "relation.parquet")["type"].to_list())
    assert {type_: edges[type_] for type_ in stated} == stated
    total = sum(in_graph.values()) + sum(edges.values())
    assert total == loaded.rows


def test_every_label_and_relationship_of_the_ontology_is_loaded(only_read: OnlyRead) -> None:
    loaded, _, store = only_read
    labels, types = FROM_CASEWORK
    assert loaded.rows
    assert {row["label"] for row in store.read(DUMP)} == set(LABELS) - labels
    assert {row["type"] for row in store.read(DUMP_EDGES)} == set(RELATIONSHIPS) - types


def test_each_node_and_relationship_carries_what_the_schema_promises(only_read: OnlyRead) -> None:
    loaded, _, store = only_read
    assert loaded.rows
    for row in store.read(DUMP):
        node: Any = row["node"]
        assert node["level"] in ("L1", "L2", "L3", "L4"), node
        assert node["id"].startswith(LABELS[str(row["label"])].prefix + ":")
        assert node["updated_at"].endswith("Z")
        assert set(node) - {"label"} <= set(LABELS[str(row["label"])].properties)
    for row in store.read(DUMP_EDGES):
        tie: Any = row["edge"]
        term = RELATIONSHIPS[str(row["type"])]
        assert 1 <= len(tie["sources"]) <= 20, tie
        assert tie["source_count"] >= len(tie["sources"])
        assert all(len(source.split(":")) == 4 for source in tie["sources"])
        assert set(term.keys) <= set(tie), (term.name, tie)
        assert set(tie) - {"type", "from_id", "to_id"} <= set(term.properties)


def test_values_come_as_stated(only_read: OnlyRead) -> None:
    loaded, _, store = only_read
    assert loaded.rows
    flow = edge(store, "TRANSFERRED_TO")
    assert (flow["month"], flow["waste_code"]) == ("2026-10", "900-300-34")
    assert (flow["waste_t"], flow["manifest_count"], flow["source_count"]) == (15.5, 2, 2)
    assert flow["last_at"] == "2026-10-02T07:00:00Z"
    sold = edge(store, "INVOICED")
    assert (sold["item_group"], sold["amount_yuan"], sold["invoice_count"]) == ("disposal", 1500, 2)
    visit = edge(store, "VISITED")
    assert (visit["visit_count"], visit["stay_h"], visit["night_count"]) == (1, 6.0, 0)
    paid = edge(store, "PAID")
    assert (paid["amount_yuan"], paid["payment_count"]) == (30000.0, 1)
    assert edge(store, "TESTED")["sample_count"] == 2
    insured = edge(store, "EMPLOYED_BY", kind="insured")
    assert (insured["from_on"], insured["to_on"]) == ("2025-03-01", "2026-02-28")
    share = store.read(
        "MATCH (:Organization)-[r:SHAREHOLDER_OF]->(o:Organization) RETURN r.pct AS pct, o.uscc"
        " AS uscc"
    )
    assert share == [{"pct": 51.0, "uscc": RECEIVER}]
    licence = store.read(
        "MATCH (n:Licence) WHERE n.id STARTS WITH 'licence:hw_licence' RETURN n.categories AS c,"
        " n.valid_to_on AS day"
    )
    assert licence == [{"c": ["HW17", "HW34"], "day": "2030-12-31"}]


def test_a_second_load_writes_nothing(
    loaded: LoadReport, workspace: Workspace, store: GraphStore
) -> None:
    before = dump(store)
    assert bring(workspace, store, is_current=True) is None
    again = bring(workspace, store)
    assert (again.rows, again.written, again.deleted) == (loaded.rows, 0, 0)
    assert dump(store) == before
    assert bring(workspace, store, is_current=True) is None


def test_a_corrected_row_is_sent_and_flows_are_recomputed(
    loaded: LoadReport, workspace: Workspace, store: GraphStore
) -> None:
    report = deliver(workspace, store, {"manifest_item": [item(1, 12.0)], "invoice": [invoice(2)]})
    assert not report.is_from_scratch
    assert 0 < report.written < loaded.rows / 4
    assert edge(store, "TRANSFERRED_TO")["waste_t"] == 17.5
    assert edge(store, "INVOICED")["amount_yuan"] == 2000.0


def test_what_is_stated_no_more_is_deleted(
    loaded: LoadReport, workspace: Workspace, store: GraphStore
) -> None:
    moved = manifest(2, accepted_at=LATER, arrived_at=LATER, plate="苏KD9999", trailer_plate=None)
    report = deliver(workspace, store, {"manifest": [moved]})
    assert loaded.rows
    assert report.deleted
    months = store.read("MATCH ()-[r:TRANSFERRED_TO]->() RETURN r.month AS m, r.waste_t AS t")
    assert sorted((row["m"], row["t"]) for row in months) == [("2026-10", 10.0), ("2026-11", 5.5)]
    used = store.read(
        "MATCH (:Manifest {id: 'manifest:20263205000002'})-[r:USED_VEHICLE]->(v)"
        " RETURN v.plate AS plate, r.role AS role"
    )
    assert used == [{"plate": "苏KD9999", "role": "tractor"}]
    back = deliver(workspace, store, BACK)
    assert back.deleted
    assert store.read("MATCH (v:Vehicle {plate: '苏KD9999'}) RETURN v.id AS id") == []
    assert len(dump(store)[0]) + len(dump(store)[1]) == loaded.rows


def scratch(workspace: Workspace, store: GraphStore) -> Dump:
    """The graph as it is when this lake is loaded into an empty store."""
    store.write("MATCH (n) DETACH DELETE n")
    assert bring(workspace, store).is_from_scratch
    return dump(store)


def test_incremental_is_full(loaded: LoadReport, workspace: Workspace, store: GraphStore) -> None:
    assert loaded.rows
    change = {
        "manifest": [manifest(1, shipper_name="苏州宏润化工", receiver_phone="13800000009")],
        "police_case": [{"case_no": "B1", "case_name": "另案", "case_kind": "其他"}],
        "officer": [{"uscc": GENERATOR, "name": "孙丽", "person_id": None, "post": "监事"}],
    }
    deliver(workspace, store, change)
    assert dump(store) == scratch(workspace, store)


@pytest.mark.parametrize(("call", "stage"), KILLS)
def test_a_load_killed_at_a_write_goes_on(
    call: int,
    stage: int,
    loaded: LoadReport,
    workspace: Workspace,
    store: GraphStore,
    stages: list[Path],
    from_scratch: dict[tuple[str, int], Dump],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert loaded.rows
    shutil.copytree(stages[1], workspace.root, dirs_exist_ok=True)
    count, write_rows = 0, GraphStore.write_rows

    def stopping(self: GraphStore, cypher: str, rows: Any, **more: Any) -> int:
        nonlocal count
        count += bool(rows)
        if count == call:
            # Half of the rows reach the store before the process is gone.
            write_rows(self, cypher, rows[: (len(rows) + 1) // 2], **more)
            raise KeyboardInterrupt
        return write_rows(self, cypher, rows, **more)

    with monkeypatch.context() as patch:
        patch.setattr(GraphStore, "write_rows", stopping)
        with pytest.raises(KeyboardInterrupt):
            bring(workspace, store)
    assert not Mark(store, workspace.derived("load")).is_whole()
    shutil.copytree(stages[stage], workspace.root, dirs_exist_ok=True)
    assert not bring(workspace, store).is_from_scratch
    found = dump(store)
    if (store.kind, stage) not in from_scratch:
        from_scratch[store.kind, stage] = scratch(workspace, store)
    assert found == from_scratch[store.kind, stage]


def test_a_lost_graph_or_a_lost_lake_is_loaded_again(
    loaded: LoadReport, workspace: Workspace, store: GraphStore
) -> None:
    before = dump(store)
    store.write("MATCH (n) DETACH DELETE n")
    again = bring(workspace, store, is_current=True)
    assert (again.is_from_scratch, again.written) == (True, loaded.rows)
    assert dump(store) == before
    for path in workspace.derived("load").iterdir():
        path.unlink()
    store.write("CREATE (:Phone {id: 'phone:of-yesterday'}), (:Phone {id: 'x', number: '1'})")
    assert bring(workspace, store, is_current=True).is_from_scratch
    phones = store.read("MATCH (n:Phone) WHERE n.number IS NULL OR n.id = 'x' RETURN n.id AS id")
    assert phones == [{"id": "x"}]  # not ours by its id


def test_a_mark_that_cannot_be_read_means_from_scratch(
    loaded: LoadReport, workspace: Workspace, store: GraphStore
) -> None:
    (workspace.derived("load") / "mark.json").write_text("{", encoding="utf-8")
    assert bring(workspace, store, is_current=True).rows == loaded.rows


def test_at_most_twenty_sources_and_all_are_counted(
    workspace: Workspace, store: GraphStore
) -> None:
    many = {"invoice": [invoice(n) for n in range(1, 31)]}
    deliver(workspace, store, many)
    flow = edge(store, "INVOICED")
    assert (len(flow["sources"]), flow["source_count"], flow["invoice_count"]) == (20, 30, 30)


def test_an_empty_lake_is_an_empty_graph(workspace: Workspace, store: GraphStore) -> None:
    derive(workspace)
    report = bring(workspace, store)
    assert (report.rows, dump(store)) == (0, ([], []))


# --- leads


def lead(number: str = "320500202611270001", **more: Any) -> LeadLine:
    line = {"grade": 2, "state": "待研判", "models": ("HW-11",), "finding_ids": ("HW-11:1",)}
    return LeadLine(number, **(line | {"about": ()} | more))


def about(store: GraphStore) -> list[tuple[Any, ...]]:
    rows = store.read(
        "MATCH (l:Lead)-[r:ABOUT]->(e) RETURN l.id AS id, r.role AS role, r.model AS model,"
        " e.id AS entity ORDER BY id, role, entity"
    )
    return [tuple(row.values()) for row in rows]


def test_leads_are_tied_to_what_they_are_about(
    loaded: LoadReport, workspace: Workspace, store: GraphStore
) -> None:
    assert loaded.rows
    firm = str(store.read("MATCH (o:Organization) RETURN min(o.id) AS id")[0]["id"])
    van = str(store.read("MATCH (o:Vehicle) RETURN min(o.id) AS id")[0]["id"])
    sources = tuple(f"manifest:b:{n}:1" for n in range(30))
    subjects = (
        LeadSubject(firm, "generator", "HW-11", sources, datetime(2026, 10, 1)),
        LeadSubject(van, "vehicle", "HW-11"),
    )
    first = load_leads(store, [lead(about=subjects), lead("2")])
    assert (first.rows, first.written, first.deleted) == (4, 4, 0)
    tie = edge(store, "ABOUT", role="generator")
    assert (len(tie["sources"]), tie["source_count"]) == (20, 30)
    assert tie["first_at"] == "2026-10-01T00:00:00Z"
    again = load_leads(store, [lead(about=subjects), lead("2")])
    assert (again.written, again.deleted) == (0, 0)
    moved = load_leads(store, [lead(grade=1, about=subjects[:1])])
    assert (moved.written, moved.deleted) == (1, 2)
    assert about(store) == [("lead:320500202611270001", "generator", "HW-11", firm)]
    assert bring(workspace, store).written == 0


def test_a_lead_about_nothing_known_is_refused(store: GraphStore) -> None:
    with pytest.raises(LoadError, match="planet"):
        load_leads(store, [lead(about=(LeadSubject("planet:1", "site", "HW-11"),))])
