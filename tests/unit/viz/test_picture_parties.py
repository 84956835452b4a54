"""Pictures of chains and rings: places, fees, helpers, what ties a firm to one with a record."""

from collections.abc import Sequence
from dataclasses import replace

import duckdb

from analytics.models.hw_10 import Params, detect
from analytics.models.hw_11 import Params as LoopParams
from analytics.models.hw_11 import detect as loops
from graph.types import Finding, Subject
from tests.unit.analytics.chain_lake import AS_OF, DUMP, ChainLake, driven, org
from tests.unit.analytics.loop_lake import Lake
from tests.unit.analytics.ring_lake import RingLake
from tests.unit.analytics.tables import make_inputs
from tests.unit.viz.findings import finding_of, loop
from viz.edge_sources import EDGE_SOURCES
from viz.grammar import edge_text, role_zh
from viz.picture import MAX_HELPERS, Picture, PictureEdge, PictureNode, _with_trades, picture_of


def chain(lake: ChainLake) -> tuple[duckdb.DuckDBPyConnection, list[Finding]]:
    inputs = make_inputs(lake.tables, AS_OF)
    return inputs.sql, [finding_of(d, "HW-10", AS_OF) for d in detect(inputs, Params())]


def kinds(picture: Picture, kind: str) -> set[tuple[str, str]]:
    return {(e.source, e.target) for e in picture.edges if e.kind == kind}


def test_the_place_where_the_trucks_stopped_is_tied_to_the_last_hand() -> None:
    lake = ChainLake().shell("x").sell("gx", 0, 100.0).dump().stop("x", 3)
    sql, findings = chain(lake)
    (finding,) = [f for f in findings if any(s.entity_id == DUMP for s in f.subjects)]
    picture = picture_of(sql, finding)
    assert kinds(picture, "visit") == {(org("x"), DUMP)}
    assert ("vehicle:T", DUMP) in kinds(picture, "vehicle")
    (visit,) = [e for e in picture.edges if e.kind == "visit"]
    assert visit.at is not None
    # 2026-08-06 01:00 UTC at the dump.
    assert f"{visit.at:%Y-%m-%d %H:%M}" == "2026-08-06 09:00"


def test_fees_run_against_the_goods_and_are_drawn_apart() -> None:
    lake = ChainLake().chain()
    lake.sell("xg", 1, None, "*环境服务*处置费", uom="项", amount_yuan=5e4)
    sql, (finding, *_) = chain(lake)
    assert "fee" in {e.role for e in finding.evidence}
    picture = picture_of(sql, finding)
    assert kinds(picture, "fee") == {(org("x"), org("g"))}
    assert kinds(picture, "invoice") == {(org("g"), org("x")), (org("x"), org("r"))}
    assert "fee" in {m.kind for m in picture.moments}


def test_an_invoice_cited_for_the_size_of_a_business_is_no_edge() -> None:
    (goods,) = [s for s in EDGE_SOURCES if s.kind == "invoice"]
    assert not goods.takes("node 1 shell turnover")
    assert goods.takes("edge 1")
    assert goods.takes("node 1 shell byproduct_generators")


def test_a_penalised_firm_is_tied_by_what_it_shares() -> None:
    lake = driven(ChainLake().chain().penalise("z")).share("HAS_PHONE", "phone:1", "x", "z")
    lake.add("entity_phone", entity_id="phone:1", name="13951780001", level="L4")
    lake.add("company", uscc="USCC-z", name="z公司", company_entity=org("z"),
             legal_rep_person="person:z")  # fmt: skip
    lake.add("entity_person", entity_id="person:z", name="周", level="L1")
    sql, (finding, *_) = chain(lake)
    rows = sql.execute(
        "SELECT batch, row, part FROM company_linked WHERE legal_rep_person = 'person:z'"
    ).fetchall()
    (cited,) = [
        replace(finding.evidence[0], dataset="company", batch=b, row=r, part=p, role="")
        for b, r, p in rows
    ]
    picture = picture_of(sql, replace(finding, evidence=(*finding.evidence, cited)))
    assert {("phone:1", org("x")), ("phone:1", org("z"))} <= kinds(picture, "shared")


def test_nobody_stands_alone_who_is_no_subject() -> None:
    sql, (finding, *_) = chain(driven(ChainLake().chain()))
    picture = picture_of(sql, finding)
    subjects = {s.entity_id for s in finding.subjects}
    tied = {end for e in picture.edges for end in (e.source, e.target)}
    assert {n.id for n in picture.nodes} - subjects <= tied


def with_helpers(finding: Finding, count: int) -> Finding:
    trucks = tuple(Subject(f"vehicle:{n}", "vehicle", "vehicle", f"苏A{n}") for n in range(count))
    return replace(finding, subjects=(*finding.subjects, *trucks))


def test_a_truck_that_nothing_ties_is_counted_and_not_drawn() -> None:
    sql, finding = loop()
    picture = picture_of(sql, with_helpers(finding, 3))
    assert picture.left_out == {"vehicle": 3}
    assert not [n for n in picture.nodes if n.kind == "vehicle"]


def test_many_trucks_are_counted_and_not_drawn() -> None:
    lake = Lake()
    for number in range(MAX_HELPERS):
        lake.move("ab", number, 10.0, vehicle=f"{number}")
        lake.move("ba", number + 0.5, 10.0, vehicle=f"back{number}")
    inputs = make_inputs(lake.tables, AS_OF)
    (draft,) = loops(inputs, LoopParams())
    picture = picture_of(inputs.sql, finding_of(draft))
    assert [n.id for n in picture.nodes] == ["org:a", "org:b"]
    assert picture.left_out["vehicle"] > MAX_HELPERS


def edge(source: str, target: str, kind: str) -> PictureEdge:
    return PictureEdge(source, target, kind, None, None, "")


def trades(edges: Sequence[PictureEdge]) -> dict[str, str]:
    nodes = [PictureNode(i, "organization", i, "operator") for i in "abc"]
    return {node.id: node.role for node in _with_trades(nodes, edges)}


def test_a_body_that_only_tests_is_a_tester() -> None:
    assert trades([edge("a", "s", "test"), edge("b", "s", "operation")]) == {
        "a": "tester", "b": "operator", "c": "operator",
    }  # fmt: skip
    assert set(trades([edge("a", "s", "test")]).values()) == {"tester"}
    assert set(trades([]).values()) == {"operator"}


def test_firms_that_bodies_serve_are_no_places() -> None:
    own = [f"s{n}" for n in range(6)]
    (draft,) = RingLake().tied().anomalies([*own, "o1"]).drafts()
    sql, _ = loop()
    finding = finding_of(draft, "TP-06")
    picture = picture_of(sql, finding)
    served = [s for s in finding.subjects if s.entity_id == org("s0")]
    assert [role_zh(picture.role_of(s)) for s in served] == ["受服务单位"]


def test_only_what_moves_carries_a_day() -> None:
    _, finding = loop()
    sql, _ = loop()
    (goods,) = [e for e in picture_of(sql, finding).edges if e.kind == "invoice"]
    assert edge_text(replace(goods, count=1)).endswith("08-04")
    assert edge_text(replace(goods, count=2)).endswith("08-04起")
    share = replace(goods, kind="ownership", amount=40.0, unit="%")
    assert edge_text(share) == "40%"
