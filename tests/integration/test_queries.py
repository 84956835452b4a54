"""The catalogue and free statements on both stores, against a small graph whose answers are known.

Strategy: one hand-made graph with a hit, a near miss, empty values and doubled relationships for
every query; the expected rows stand in a table beside the parameters.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from neo4j import GraphDatabase, NotificationMinimumSeverity

from graph.client import GraphStore
from graph.errors import StatementFailed, StatementTimedOut
from graph.writer import GraphWriter
from queries.catalogue import find_query, load_catalogue
from queries.errors import Forbidden
from queries.runner import run_cypher, run_query
from tests.conftest import StoreAddress

LEVELS = {"Phone": "L4", "Lead": "L3"}
NODES: dict[str, list[dict[str, Any]]] = {
    "Organization": [
        {"id": "org:g", "name": "甲化工", "uscc": "91A", "roles": ["generator"],
         "founded_on": "2020-02-29", "insured_count": 12, "former_names": ["旧甲"]},
        {"id": "org:r", "name": "乙处置"},
        {"id": "org:c", "name": "丙运输"},
        {"id": "org:s", "name": "丁空壳"},
        {"id": "org:h", "name": "戊控股"},
        {"id": "org:o", "name": "己运维"},
        {"id": "org:alone", "name": "庚"},
        *({"id": f"org:x{i}", "name": f"挂靠{i}"} for i in range(21)),
    ],
    "Person": [{"id": "person:a", "name": "张三"}, {"id": "person:b", "name": "李四"}],
    "Vehicle": [{"id": "vehicle:1", "plate": "苏A12345"}, {"id": "vehicle:2", "plate": "苏A12346"}],
    "Phone": [
        {"id": "phone:1", "number": "13912345678"},
        {"id": "phone:hub", "number": "13800000000"},
    ],
    "Address": [{"id": "address:1", "text": "南京路1号"}],
    "Site": [{"id": "site:g", "name": "甲厂"}],
    "Outlet": [
        {"id": "outlet:1", "outlet_code": "DW001", "medium": "水"},
        {"id": "outlet:2", "outlet_code": "DA001"},
    ],
    "Manifest": [
        {"id": "manifest:01", "status": "办结", "handover_at": "2026-10-01T00:30:00Z",
         "waste_codes": ["336-064-17"], "qty_out_t": 5.5, "qty_in_t": 5.4},
        # the last moment of 2 October in Shanghai, and the first of the 3rd
        {"id": "manifest:02", "handover_at": "2026-10-02T15:59:59Z"},
        {"id": "manifest:03", "handover_at": "2026-10-02T16:00:00Z"},
        {"id": "manifest:04"},
    ],
    "Licence": [
        {"id": "licence:1", "kind": "危废经营", "valid_to_on": "2027-01-01",
         "categories": ["HW17"]},
        {"id": "licence:2", "kind": "排污许可证"},
    ],
    "Contract": [{"id": "contract:om:1", "kind": "运维"}],
    "Penalty": [
        {"id": "penalty:1", "decided_on": "2025-05-01", "fine_yuan": 20000.0, "is_hw": True},
        {"id": "penalty:2"},
        {"id": "penalty:3"},
    ],
    "Lead": [
        {"id": "lead:XS1", "grade": 2, "state": "SCORED", "models": ["HW-11"]},
        {"id": "lead:XS2", "grade": 1, "state": "SCORED", "models": ["HW-10"]},
    ],
}  # fmt: skip
Tie = tuple[str, str, str, str, str, dict[str, Any]]
TIES: list[Tie] = [
    ("LEGAL_REP_OF", "Person", "Organization", "person:a", "org:g", {}),
    ("LEGAL_REP_OF", "Person", "Organization", "person:a", "org:s", {}),
    ("OFFICER_OF", "Person", "Organization", "person:a", "org:g", {"post": "经理"}),
    ("OFFICER_OF", "Person", "Organization", "person:b", "org:r", {}),
    ("SHAREHOLDER_OF", "Organization", "Organization", "org:h", "org:g", {"pct": 60.0}),
    ("SHAREHOLDER_OF", "Person", "Organization", "person:b", "org:h", {}),
    ("HAS_PHONE", "Organization", "Phone", "org:g", "phone:1", {"use": "contact"}),
    ("HAS_PHONE", "Organization", "Phone", "org:g", "phone:1", {"use": "filing"}),
    ("HAS_PHONE", "Organization", "Phone", "org:s", "phone:1", {"use": "contact"}),
    ("HAS_PHONE", "Organization", "Phone", "org:alone", "phone:hub", {"use": "contact"}),
    ("HAS_PHONE", "Organization", "Phone", "org:r", "phone:hub", {"use": "contact"}),
    *(
        ("HAS_PHONE", "Organization", "Phone", f"org:x{i}", "phone:hub", {"use": "contact"})
        for i in range(21)
    ),
    ("LOCATED_AT", "Organization", "Address", "org:g", "address:1", {"use": "site"}),
    ("HAS_SITE", "Organization", "Site", "org:g", "site:g", {}),
    ("HAS_OUTLET", "Site", "Outlet", "site:g", "outlet:1", {}),
    ("OPERATES", "Organization", "Outlet", "org:o", "outlet:1", {"contract_no": "1"}),
    ("OPERATES", "Organization", "Outlet", "org:o", "outlet:1", {"contract_no": "2"}),
    ("OPERATES", "Organization", "Outlet", "org:o", "outlet:2", {"contract_no": "1"}),
    ("COVERS_OUTLET", "Contract", "Outlet", "contract:om:1", "outlet:1", {}),
    ("OWNS_VEHICLE", "Organization", "Vehicle", "org:c", "vehicle:1", {}),
    ("HOLDS_LICENCE", "Organization", "Licence", "org:r", "licence:1", {}),
    ("HOLDS_LICENCE", "Organization", "Licence", "org:r", "licence:2", {}),
    *(
        ("SHIPPED_BY", "Manifest", "Organization", f"manifest:0{i}", "org:g", {})
        for i in (1, 2, 3, 4)
    ),
    *(
        ("RECEIVED_BY", "Manifest", "Organization", f"manifest:0{i}", "org:r", {})
        for i in (1, 3, 4)
    ),
    ("CARRIED_BY", "Manifest", "Organization", "manifest:01", "org:c", {"leg_no": 1}),
    ("CARRIED_BY", "Manifest", "Organization", "manifest:01", "org:c", {"leg_no": 2}),
    ("USED_VEHICLE", "Manifest", "Vehicle", "manifest:01", "vehicle:1", {"role": "tractor"}),
    ("USED_VEHICLE", "Manifest", "Vehicle", "manifest:02", "vehicle:1", {"role": "tractor"}),
    ("USED_VEHICLE", "Manifest", "Vehicle", "manifest:03", "vehicle:1", {"role": "tractor"}),
    ("DRIVEN_BY", "Manifest", "Person", "manifest:01", "person:b", {"role": "driver"}),
    ("DRIVEN_BY", "Manifest", "Person", "manifest:01", "person:a", {"role": "escort"}),
    ("IMPOSED_ON", "Penalty", "Organization", "penalty:1", "org:g", {}),
    ("IMPOSED_ON", "Penalty", "Organization", "penalty:2", "org:s", {}),
    ("IMPOSED_ON", "Penalty", "Organization", "penalty:3", "org:r", {}),
    ("ABOUT", "Lead", "Organization", "lead:XS1", "org:g", {"role": "generator", "model": "HW-11"}),
    ("ABOUT", "Lead", "Organization", "lead:XS2", "org:g", {"role": "shell", "model": "HW-10"}),
]
FLOWS: list[Tie] = [
    ("TRANSFERRED_TO", "Organization", "Organization", "org:g", "org:r",
     {"month": "2026-09", "waste_code": "336-064-17"}),
    ("TRANSFERRED_TO", "Organization", "Organization", "org:r", "org:s",
     {"month": "2026-10", "waste_code": "336-064-17"}),
    # goes back in time, and a service: neither continues the chain
    ("TRANSFERRED_TO", "Organization", "Organization", "org:r", "org:alone",
     {"month": "2026-08", "waste_code": "336-064-17"}),
    ("INVOICED", "Organization", "Organization", "org:r", "org:h",
     {"month": "2026-10", "item_group": "disposal"}),
    ("INVOICED", "Organization", "Organization", "org:s", "org:c",
     {"month": "2026-10", "item_group": "goods"}),
]  # fmt: skip
# Query, parameters, rows; a row is the cells of the columns named.
ANSWERS: list[tuple[str, dict[str, Any], tuple[str, ...], list[tuple[Any, ...]]]] = [
    ("firm_profile", {"id": "org:g"},
     ("name", "founded_on", "insured_count", "former_names", "vehicle_count", "penalty_count"),
     [("甲化工", "2020-02-29", 12, ["旧甲"], 0, 1)]),
    ("firm_profile", {"id": "org:r"}, ("uscc", "founded_on", "licence_count", "site_count"),
     [(None, None, 2, 0)]),
    ("firm_profile", {"id": "org:none"}, ("name",), []),
    ("behind_firm", {"id": "org:g"}, ("holder", "relation", "company", "pct", "hops"),
     [("戊控股", "股东", "甲化工", 60.0, 1), ("李四", "股东", "戊控股", None, 2),
      ("张三", "法定代表人", "甲化工", None, 1), ("张三", "经理", "甲化工", None, 1)]),
    ("behind_firm", {"id": "org:r"}, ("holder", "relation"), [("李四", "主要人员")]),
    ("behind_firm", {"id": "org:alone"}, ("holder",), []),
    ("connect_firms", {"a": "org:g", "b": "org:o"}, ("hops",), []),
    ("connect_firms", {"a": "org:g", "b": "org:r"}, ("names", "hops"),
     [(["甲化工", "乙处置"], 1)]),
    # only by a phone that 23 firms share
    ("connect_firms", {"a": "org:x1", "b": "org:x2"}, ("hops",), []),
    ("manifests_between", {"id": "org:g", "from": "2026-10-01", "to": "2026-10-02"},
     ("manifest_no", "shipper", "receiver", "qty_in_t"),
     [("01", "甲化工", "乙处置", 5.4), ("02", "甲化工", None, None)]),
    ("manifests_between", {"id": "org:r", "from": "2026-10-02", "to": "2026-10-02"},
     ("manifest_no",), []),
    ("trips_of_plate", {"plate": "苏A12345", "from": "2026-10-01", "to": "2026-10-02"},
     ("manifest_no", "carrier", "driver"), [("01", "丙运输", "李四"), ("02", None, None)]),
    ("trips_of_plate", {"plate": "苏A12346", "from": "2026-10-01", "to": "2026-10-31"},
     ("manifest_no",), []),
    ("shared_identifiers", {"ids": ["org:g", "org:s", "org:r"]},
     ("kind", "shared", "firms", "degree"),
     [("Person", "张三", ["丁空壳", "甲化工"], 2),
      ("Phone", "139****5678", ["丁空壳", "甲化工"], 2)]),
    ("shared_identifiers", {"ids": ["org:r", "org:alone"]}, ("shared", "degree"),
     [("138****0000", 23)]),
    ("shared_identifiers", {"ids": ["org:g"]}, ("shared",), []),
    ("sites_of_operator", {"id": "org:o"}, ("outlet_code", "owner", "contract_count"),
     [("DW001", "甲化工", 1), ("DA001", None, 0)]),
    ("sites_of_operator", {"id": "org:g"}, ("outlet_code",), []),
    ("chain_from_generator", {"id": "org:g"}, ("names", "relations", "hops"),
     [(["甲化工", "乙处置"], ["TRANSFERRED_TO"], 1),
      (["甲化工", "乙处置", "丁空壳"], ["TRANSFERRED_TO", "TRANSFERRED_TO"], 2),
      (["甲化工", "乙处置", "丁空壳", "丙运输"],
       ["TRANSFERRED_TO", "TRANSFERRED_TO", "INVOICED"], 3)]),
    ("chain_from_generator", {"id": "org:g", "to_month": "2026-09"}, ("hops",), [(1,)]),
    ("licences_of_firm", {"id": "org:r"}, ("licence_id", "valid_to_on", "categories"),
     [("licence:1", "2027-01-01", ["HW17"]), ("licence:2", None, None)]),
    ("licences_of_firm", {"id": "org:g"}, ("licence_id",), []),
    ("penalties_around_firm", {"id": "org:g"}, ("penalty_id", "party", "via", "is_hw"),
     [("penalty:1", "甲化工", "本单位", True), ("penalty:2", "丁空壳", "张三", None)]),
    ("penalties_around_firm", {"id": "org:alone"}, ("penalty_id",), []),
    ("leads_about", {"id": "org:g"}, ("lead_no", "grade", "role"),
     [("XS2", 1, "shell"), ("XS1", 2, "generator")]),
    ("leads_about", {"id": "org:r"}, ("lead_no",), []),
]  # fmt: skip


def _load(store: GraphStore) -> None:
    writer = GraphWriter(store)
    for label, rows in NODES.items():
        level = LEVELS.get(label, "L2")
        names = sorted(set().union(*rows))
        full = [{name: row.get(name) for name in names} | {"level": level} for row in rows]
        writer.merge_nodes(label, full)
    for write, ties in ((writer.merge_relationships, TIES), (writer.set_flows, FLOWS)):
        groups: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
        for type_, a, b, from_id, to_id, values in ties:
            groups.setdefault((type_, a, b), []).append(
                {"from_id": from_id, "to_id": to_id, **values}
            )
        for (type_, a, b), rows in groups.items():
            names = sorted(set().union(*rows))
            write(type_, a, b, [{name: row.get(name) for name in names} for row in rows])


@pytest.fixture(scope="module", params=["embedded", pytest.param("neo4j", marks=pytest.mark.neo4j)])
def filled(request: pytest.FixtureRequest) -> Iterator[tuple[GraphStore, StoreAddress]]:
    """Each of the two stores in turn with the graph of this file."""
    address: StoreAddress = request.getfixturevalue(f"{request.param}_address")
    with address.connect() as store:
        store.write("MATCH (n) DETACH DELETE n")
        _load(store)
        yield store, address
        store.write("MATCH (n) DETACH DELETE n")


@pytest.mark.parametrize(
    ("name", "parameters", "columns", "expected"),
    ANSWERS,
    ids=[f"{name}-{number}" for number, (name, *_) in enumerate(ANSWERS)],
)
def test_answers(
    filled: tuple[GraphStore, StoreAddress],
    name: str,
    parameters: dict[str, Any],
    columns: tuple[str, ...],
    expected: list[tuple[Any, ...]],
) -> None:
    answer = run_query(filled[0], find_query(name), parameters)
    at = [answer.columns.index(column) for column in columns]
    rows = [tuple(row[i] for i in at) for row in answer.rows]
    wanted = expected
    if name == "shared_identifiers":
        # the firms of an identifier are a set
        rows = [tuple(sorted(c) if isinstance(c, list) else c for c in row) for row in rows]
    if name in ("behind_firm", "penalties_around_firm"):
        # parts of a UNION come in any order
        assert sorted(rows, key=repr) == sorted(wanted, key=repr)
    else:
        assert rows == wanted
    assert not answer.is_truncated


def test_every_query_has_a_hit_and_an_empty_answer() -> None:
    names = set(load_catalogue())
    assert {name for name, _, _, rows in ANSWERS if rows} == names
    assert {name for name, _, _, rows in ANSWERS if not rows} >= names - {"chain_from_generator"}


@pytest.mark.parametrize("name", list(load_catalogue()))
def test_the_stores_plan_each_query_without_a_warning(
    filled: tuple[GraphStore, StoreAddress], name: str
) -> None:
    store, address = filled
    query = find_query(name)
    values = {p.name: p.default or "2026-10-01" for p in query.parameters} | {"row_limit": 5}
    if store.kind == "embedded":
        assert store.read(f"EXPLAIN {query.cypher}", values) is not None
        return
    s = address.settings
    with (
        GraphDatabase.driver(
            s.uri,
            auth=(s.user, s.password),
            notifications_min_severity=NotificationMinimumSeverity.WARNING,
        ) as driver,
        driver.session(database=s.database) as session,
    ):
        summary = session.run(f"EXPLAIN {query.cypher}", values).consume()
    assert summary.query_type == "r"
    # A type that this small graph has nowhere is no fault of the query.
    faults = [
        status.status_description
        for status in summary.gql_status_objects
        if status.is_notification and status.raw_classification != "UNRECOGNIZED"
    ]
    assert faults == []


def test_a_limit_cuts_and_says_so(filled: tuple[GraphStore, StoreAddress]) -> None:
    answer = run_query(filled[0], find_query("behind_firm"), {"id": "org:g"}, row_limit=1)
    assert (len(answer.rows), answer.is_truncated) == (1, True)


def test_free_statements(filled: tuple[GraphStore, StoreAddress]) -> None:
    store = filled[0]
    text = (
        "MATCH (o:Organization)-[:HAS_PHONE]->(p:Phone) WITH p, count(DISTINCT o.id) AS n"
        " WHERE n > 1 RETURN p.id AS id, n ORDER BY n"
    )
    answer = run_cypher(store, text)
    assert answer.columns == ("id", "n")
    assert answer.rows == (("phone:1", 2), ("phone:hub", 23))
    cut = run_cypher(store, "MATCH (o:Organization) RETURN o.id AS id", row_limit=3)
    assert (len(cut.rows), cut.is_truncated) == (3, True)
    both = run_cypher(
        store,
        "MATCH (o:Organization) RETURN o.id AS id UNION MATCH (p:Person) RETURN p.id AS id",
        row_limit=5,
    )
    assert len(both.rows) == 5


def test_what_the_guard_refuses_never_reaches_the_store(
    filled: tuple[GraphStore, StoreAddress],
) -> None:
    store = filled[0]
    with pytest.raises(Forbidden):
        run_cypher(store, "MATCH (o:Organization) DETACH DELETE o RETURN 1")
    assert store.read("MATCH (o:Organization) RETURN count(o) AS n") == [{"n": 28}]


def test_a_wrong_statement_is_the_askers_fault(filled: tuple[GraphStore, StoreAddress]) -> None:
    with pytest.raises(StatementFailed):
        run_cypher(filled[0], "MATCH (o:Organization) RETURN nobody.knows AS x")


def test_a_slow_statement_ends(filled: tuple[GraphStore, StoreAddress]) -> None:
    text = (
        "UNWIND range(1, 20000) AS a UNWIND range(1, 20000) AS b UNWIND range(1, 99) AS c"
        " RETURN count(a) AS n"
    )
    with pytest.raises(StatementTimedOut):
        run_cypher(filled[0], text, timeout_s=1.0)
