"""What resolution keeps of organisations: records, their rows and levels, edges and outcomes."""

import pytest

from ingest.resolve.asked import asked_rows
from ingest.resolve.compare import ATTRIBUTES
from ingest.resolve.stored import edges_within, read_records, records_of_entity, step_of
from ingest.resolve.weigh import load_weights
from records.views import open_views
from tests.unit.ingest.resolve.stored_lake import (
    FIRM,
    PHONE,
    case_rows,
    resolved_lake,
)


@pytest.fixture(scope="module")
def lake(tmp_path_factory):
    return resolved_lake(tmp_path_factory.mktemp("stored"))


@pytest.fixture
def sql(lake):
    views = open_views(lake)
    yield views.cursor()
    views.close()


def test_every_row_counts_once_and_every_record_has_its_entity(lake, sql):
    stored = sql.execute(
        "SELECT kind, sum(row_count), count(*) FILTER (entity_id IS NULL) FROM resolve_record"
        " GROUP BY kind"
    ).fetchall()
    mentions = dict(sql.execute("SELECT kind, count(*) FROM member GROUP BY kind").fetchall())
    assert {kind for kind, _, _ in stored} == {"organization", "phone", "address", "site"}
    for kind, rows, orphans in stored:
        assert rows == mentions[kind], kind
        assert orphans == 0, kind


def test_a_record_names_its_smallest_row(lake, sql):
    for number, (reference, entity_id) in enumerate(case_rows(lake)[:5]):
        found = asked_rows(sql, [(reference, "enterprise")])[(reference, "enterprise")]
        record = read_records(sql, found.records)[found.records[0]]
        assert record.entity_id == entity_id
        # The renamed firm is stated by the register first: company sorts before enterprise.
        assert (record.reference == reference) == (number != 4)


def test_levels_are_those_at_which_values_came(lake, sql):
    firm = records_of_entity(sql, case_rows(lake)[0][1])[0]
    level = dict(zip(ATTRIBUTES, (said.level for said in firm.said), strict=True))
    value = dict(zip(ATTRIBUTES, (said.value for said in firm.said), strict=True))
    assert value["phone"] == PHONE
    assert level["phone"] == "L4"
    assert level["name"] < "L3"
    assert level["person"] < "L3"


def test_a_former_name_has_no_row(lake, sql):
    renamed = case_rows(lake)[4][1]
    old = [r for r in records_of_entity(sql, renamed) if not r.reference]
    assert [r.name for r in old] == ["南通启明货运有限公司"]
    assert old[0].row_count == 0


def test_bits_and_prior_are_the_weight(lake, sql):
    edges = edges_within(sql, case_rows(lake)[0][1])
    assert edges
    records = read_records(sql, [end for edge in edges for end in (edge.a, edge.b)])
    for edge in edges:
        step = step_of(edge, records[edge.a], records[edge.b])
        assert step.bits == pytest.approx(
            sum(p.bits for p in step.parts) + step.prior_bits, abs=0.01
        )
        assert step.prior_bits == pytest.approx(load_weights().prior, abs=0.01)


def test_outcomes_say_what_became_of_each_pair(lake, sql):
    rows = [reference for reference, _ in case_rows(lake)[:4]]
    asked = asked_rows(sql, [(row, "enterprise") for row in rows])
    firm, same, sister, branch = (asked[(row, "enterprise")].records[0] for row in rows)
    said = {
        (a, b): outcome
        for a, b, outcome in sql.execute("SELECT a, b, outcome FROM resolve_edge").fetchall()
    }

    def outcome(a, b):
        return said.get((min(a, b), max(a, b)))

    assert outcome(firm, same) == "joined"
    assert outcome(firm, branch) == outcome(same, branch) == "below_threshold"
    assert outcome(firm, sister) is None, "too far below the threshold to be kept"


def test_rows_that_are_not_there_are_absent(lake, sql):
    first = case_rows(lake)[0][0]
    gone = first.rsplit(":", 2)[0] + ":99999:1"
    found = asked_rows(sql, [(gone, "enterprise"), (first, "nobody"), (first, "enterprise")])
    assert list(found) == [(first, "enterprise")]
    assert FIRM["name"] in found[(first, "enterprise")].statement
    assert asked_rows(sql, []) == {}
