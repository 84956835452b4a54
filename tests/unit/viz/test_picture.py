"""Pictures of findings: what is drawn, what is masked, what is left out."""

from dataclasses import replace

from analytics.models.hw_11 import Params, detect
from graph.types import Subject
from tests.unit.analytics.loop_lake import AS_OF, Lake, org
from tests.unit.analytics.tables import make_inputs
from tests.unit.viz.findings import PHONE, finding_of, loop
from viz.picture import MAX_NODES, picture_of


def test_subjects_come_first_and_edges_carry_what_their_rows_say() -> None:
    sql, finding = loop()
    picture = picture_of(sql, finding)
    assert [n.id for n in picture.nodes[:3]] == [org("a"), org("b"), org("c")]
    manifest = {(e.source, e.target): e for e in picture.edges if e.kind == "manifest"}
    assert set(manifest) == {(org("a"), org("b")), (org("b"), org("c")), (org("c"), org("a"))}
    first = manifest[org("a"), org("b")]
    assert (first.amount, first.unit, first.count) == (40.0, "吨", 2)
    assert first.at is not None
    assert f"{first.at:%Y-%m-%d %H}" == "2026-08-03 09"
    assert picture.layout == "ring"


def test_a_goods_invoice_of_the_evidence_is_drawn_with_its_price() -> None:
    sql, finding = loop()
    (invoice,) = [e for e in picture_of(sql, finding).edges if e.kind == "invoice"]
    assert (invoice.amount, invoice.unit, invoice.price) == (1000.0, "元", 50.0)


def test_what_ties_two_subjects_is_drawn_masked_and_a_person_of_one_is_not() -> None:
    sql, finding = loop()
    picture = picture_of(sql, finding)
    names = {n.id: n.name for n in picture.nodes}
    assert names["phone:1"] == "139****0001"
    assert PHONE not in str(picture)
    assert "person:1" not in names
    ties = {(e.source, e.target) for e in picture.edges if e.kind == "shared"}
    assert ties == {("phone:1", org("a")), ("phone:1", org("b"))}


def test_a_hub_ties_nobody() -> None:
    sql, finding = loop()
    sql.execute(
        "INSERT INTO relation (from_id, type, to_id) SELECT 'org:x' || i, 'HAS_PHONE', 'phone:1'"
        " FROM range(30) t(i)"
    )
    assert not [e for e in picture_of(sql, finding).edges if e.kind == "shared"]


def test_more_than_three_hundred_nodes_are_counted_not_drawn() -> None:
    sql, finding = loop()
    many = tuple(Subject(f"org:{i}", "organization", "generator", f"{i}") for i in range(310))
    picture = picture_of(sql, replace(finding, subjects=many))
    assert len(picture.nodes) == MAX_NODES
    assert sum(picture.left_out.values()) >= 10
    drawn = {n.id for n in picture.nodes}
    assert all({e.source, e.target} <= drawn for e in picture.edges)


def test_moments_stand_in_time_order() -> None:
    sql, finding = loop()
    moments = picture_of(sql, finding).moments
    assert [m.at for m in moments] == sorted(m.at for m in moments)
    assert [m.kind for m in moments].count("manifest") == 6
    assert moments[0].role == "edge 1"


def test_a_loaded_gate_pass_is_drawn_as_a_vehicle_move() -> None:
    lake = Lake().move("ab", 0, vehicle="T").gate("a", "出厂", -0.05, vehicle="T")
    lake.gate("b", "进厂", -0.01, vehicle="T")
    lake.gate("b", "出厂", 4, 9.8).gate("a", "进厂", 4.1, 9.8)
    inputs = make_inputs(lake.tables, AS_OF)
    (draft,) = detect(inputs, Params())
    assert [e.role for e in draft.evidence].count("seen on the way") == 2
    found = [e for e in picture_of(inputs.sql, finding_of(draft)).edges if e.kind == "vehicle"]
    between = [(e.source, e.target, e.amount) for e in found if e.source.startswith("org:")]
    assert between == [(org("b"), org("a"), 9.8)]
