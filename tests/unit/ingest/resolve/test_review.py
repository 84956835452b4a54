"""Which question comes first, and which are not asked: hand-made records and edges.

Strategy: the two tables that the queue reads are written by hand, so that a case says exactly what
resolution left behind; one test goes through a real lake.
"""

import duckdb
import polars as pl
import pytest

from ingest.resolve.review import SHORT_NAME_CHANCE, questions
from records.registry import Judgement, Registry
from records.resolved import RESOLVED_TABLES
from records.views import connect_memory, open_views
from tests.unit.ingest.resolve.conftest import code_of
from tests.unit.ingest.resolve.stored_lake import case_rows, resolve_again, resolved_lake

THRESHOLD = 2.0


def record(number, entity, rows=1, code="", tail="", has_row=True):
    return {
        "record": number,
        "kind": "organization",
        "entity_id": f"org:{entity}",
        "reference": f"enterprise:b:{number}:1" if has_row else None,
        "role": "enterprise" if has_row else None,
        "level": "L1",
        "row_count": rows if has_row else 0,
        "code": code_of(code) if code else "",
        "tail": tail,
    }


def edge(a, b, weight, outcome):
    return {
        "a": a,
        "b": b,
        "kind": "organization",
        "levels": "0600000",
        "weight": weight,
        "outcome": outcome,
        "bits": [0.0] * 7,
    }


def asked(records, edges):
    """Questions over these tables."""
    sql = connect_memory()
    for name, lines in (("resolve_record", records), ("resolve_edge", edges)):
        frame = pl.DataFrame(lines, schema=RESOLVED_TABLES[name])
        frame = frame.with_columns(
            pl.col(pl.String).exclude("entity_id", "reference", "role").fill_null("")
        )
        sql.register("given", frame.to_arrow())
        sql.execute(f"CREATE TABLE {name} AS SELECT * FROM given")
        sql.unregister("given")
    try:
        return questions(sql, THRESHOLD)
    finally:
        sql.close()


def ids(found):
    return [question.id for question in found]


def test_more_rows_come_first_then_the_likelier_answer():
    records = [record(n, n, rows) for n, rows in enumerate((50, 60, 5, 5, 50, 60))]
    edges = [
        edge(0, 1, 1.5, "below_threshold"),
        edge(2, 3, 1.5, "below_threshold"),
        edge(4, 5, -1.0, "below_threshold"),
    ]
    found = asked(records, edges)
    assert ids(found) == ["0-1", "4-5", "2-3"]
    assert [q.rows for q in found] == [50, 50, 5]
    assert found[0].chance == pytest.approx(2**1.5 / (1 + 2**1.5), abs=1e-4)
    for question in found:
        assert question.usefulness == pytest.approx(question.chance * question.rows, abs=1e-3)


def test_equal_questions_keep_the_order_of_record_numbers():
    records = [record(n, n, 3) for n in range(4)]
    edges = [edge(2, 3, 1.0, "below_threshold"), edge(0, 1, 1.0, "below_threshold")]
    assert ids(asked(records, edges)) == ["0-1", "2-3"]
    assert ids(asked(records, edges[::-1])) == ["0-1", "2-3"]


def test_a_short_name_is_no_surer_than_short_names_are():
    found = asked([record(0, 0, 9), record(1, 1, 9)], [edge(0, 1, 9.0, "refused_short_name")])
    assert found[0].chance == SHORT_NAME_CHANCE


def test_a_record_that_fits_two_firms_divides_its_chance():
    records = [record(0, 0, 9), record(1, 1, 9, code=1), record(2, 2, 9, code=2)]
    edges = [edge(0, 1, 8.0, "refused_ambiguous"), edge(0, 2, 8.0, "refused_ambiguous")]
    assert [q.chance for q in asked(records, edges)] == [0.5, 0.5]
    bare = [record(0, 0, 9), record(1, 1, 9, code=1), record(2, 2, 9)]
    assert min(q.chance for q in asked(bare, edges)) > 0.9


@pytest.mark.parametrize(
    ("left", "right", "outcome"),
    [
        ({"code": 1}, {"code": 2}, "refused_ambiguous"),
        ({"tail": "昆山分公司"}, {}, "below_threshold"),
        ({}, {}, "refused_branch"),
        ({}, {}, "refused_judgement"),
        ({}, {}, "refused_different_codes"),
        ({}, {}, "same_already"),
    ],
)
def test_what_an_answer_could_not_change_is_not_asked(left, right, outcome):
    records = [record(0, 0, 5, **left), record(1, 1, 5, **right)]
    assert asked(records, [edge(0, 1, 1.0, outcome)]) == ()


def test_two_entities_are_asked_about_once_by_their_best_pair():
    records = [record(0, "x", 5), record(1, "x", 5), record(2, "y", 5)]
    edges = [
        edge(0, 1, 9.0, "joined"),
        edge(0, 2, 0.5, "below_threshold"),
        edge(1, 2, 1.5, "below_threshold"),
    ]
    assert ids(asked(records, edges)) == ["1-2"]


def test_a_weak_bridge_is_asked_and_an_edge_with_support_is_not():
    triangle = [record(n, "x", 5) for n in range(4)]
    edges = [
        edge(0, 1, 2.5, "joined"),
        edge(0, 2, 2.5, "joined"),
        edge(1, 2, 2.5, "same_already"),
        edge(2, 3, 2.5, "joined"),
    ]
    found = asked(triangle, edges)
    assert ids(found) == ["2-3"]
    assert found[0].is_joined
    assert found[0].chance == pytest.approx(1 / (1 + 2**2.5), abs=1e-4)


def test_a_bridge_moves_the_rows_of_its_smaller_side():
    chain = [record(n, "x", rows) for n, rows in enumerate((100, 7, 3, 40))]
    edges = [edge(0, 1, 9.0, "joined"), edge(1, 2, 3.0, "joined"), edge(2, 3, 9.0, "joined")]
    found = asked(chain, edges)
    assert [(q.id, q.rows) for q in found] == [("1-2", 43)]


def test_records_of_one_code_hold_without_an_edge():
    records = [record(0, "x", 5, code=1), record(1, "x", 5), record(2, "x", 5, code=1)]
    edges = [edge(0, 1, 2.5, "joined"), edge(1, 2, 2.5, "same_already")]
    assert asked(records, edges) == ()
    assert ids(asked(records, edges[:1])) == ["0-1"]


def test_a_former_name_is_asked_by_a_row_of_its_firm():
    records = [
        record(0, "x", code=1, has_row=False),
        record(1, "x", 8, code=1),
        record(2, "x", 9, code=1),
        record(3, "y", 4),
    ]
    found = asked(records, [edge(0, 3, 1.0, "below_threshold")])
    assert [(q.edge.a, q.asked_a, q.asked_b) for q in found] == [(0, 2, 3)]


def test_no_tables_no_questions():
    assert asked([], []) == ()


def test_a_judged_bridge_splits_and_is_not_asked_again(tmp_path):
    workspace = resolved_lake(tmp_path)
    rows = case_rows(workspace)
    assert rows[0][1] == rows[1][1]
    said = Judgement(
        rows[0][0], "enterprise", rows[1][0], "enterprise", "different", "甲", "2026-11-01", "走访"
    )
    Registry(workspace).judge(said)
    resolve_again(workspace)
    split = case_rows(workspace)
    assert split[0][1] != split[1][1]
    views = open_views(workspace)
    try:
        sql: duckdb.DuckDBPyConnection = views.cursor()
        outcome = sql.execute(
            "SELECT DISTINCT outcome FROM resolve_edge e JOIN resolve_record x ON x.record = e.a"
            " JOIN resolve_record y ON y.record = e.b WHERE x.entity_id <> y.entity_id"
            " AND (x.entity_id, y.entity_id) IN ((?, ?), (?, ?))",
            [split[0][1], split[1][1], split[1][1], split[0][1]],
        ).fetchall()
        assert outcome == [("refused_judgement",)]
        pairs = {(q.asked_a, q.asked_b) for q in questions(sql, THRESHOLD)}
        ends = dict(sql.execute("SELECT record, entity_id FROM resolve_record").fetchall())
        assert not any({ends[a], ends[b]} == {split[0][1], split[1][1]} for a, b in pairs)
    finally:
        views.close()
