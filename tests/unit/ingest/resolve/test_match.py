"""New rows against a resolved lake: the same entities as a full run, and honest decisions."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.resolve import compare, normalise
from ingest.resolve.compare import compare as compare_pairs
from ingest.resolve.compare import numbered, pack_records
from ingest.resolve.match import MatchOptions, match
from ingest.resolve.match_index import build_index
from ingest.resolve.match_pairs import MatchQuery
from ingest.resolve.normalise import clean_column
from records.views import open_views
from tests.integration.lake_files import add_batches
from tests.unit.ingest.resolve.conftest import code_of
from tests.unit.ingest.resolve.stored_lake import (
    BATCH_ROWS,
    FIRM,
    NANTONG,
    PHONE,
    SUZHOU,
    case_rows,
    resolve_again,
    resolved_lake,
)


@pytest.fixture(scope="module")
def lake(tmp_path_factory):
    return resolved_lake(tmp_path_factory.mktemp("match"))


@pytest.fixture(scope="module")
def index(lake):
    views = open_views(lake)
    try:
        return build_index(views.cursor())
    finally:
        views.close()


def one(index, options=None, **values):
    return match(index, [MatchQuery(**values)], options or MatchOptions())[0]


def as_query(row):
    return MatchQuery(
        row["name"],
        row.get("uscc") or "",
        row.get("env_phone") or "",
        row.get("legal_rep") or "",
        row.get("site_address") or "",
        row.get("division_code") or "",
    )


def test_a_row_of_the_lake_is_its_own_entity(lake, index):
    rows = BATCH_ROWS["enterprise"]
    found = match(index, [as_query(row) for row in rows], MatchOptions())
    entities = [entity for _, entity in case_rows(lake)]
    assert [m.candidates[0].entity_id for m in found] == entities
    assert {m.decision for m in found} == {"match"}


def test_what_a_row_would_join_is_what_a_full_run_joins(tmp_path):
    """New rows are matched first and then delivered: both ways give the same entity."""
    new = [
        {"name": "苏州宏润环保科技有限公司", "division_code": SUZHOU, "env_phone": PHONE},
        {"name": "宏润（苏州）环保科技有限公司", "division_code": SUZHOU},
        {"name": "南通启明货运有限公司", "division_code": NANTONG},
        {"name": "盐城全新固废处置有限公司", "division_code": "320903"},
        {"name": "南京海江机电公司", "division_code": "320115"},
    ]
    workspace = resolved_lake(tmp_path)
    views = open_views(workspace)
    index = build_index(views.cursor())
    views.close()
    found = match(index, [as_query(row) for row in new], MatchOptions())
    said = [m.candidates[0].entity_id if m.decision == "match" else None for m in found]
    known = {entity for _, entity in case_rows(workspace)}
    before = len(BATCH_ROWS["enterprise"])
    add_batches(workspace, {"enterprise": new})
    resolve_again(workspace)
    rows = dict.fromkeys(case_rows(workspace))
    joined = [entity for reference, entity in rows if _is_new(reference, rows, before)]
    assert [entity if entity in known else None for entity in joined] == said
    assert said.count(None) == 1


def _is_new(reference, rows, before):
    """Whether a row came with the later batch, which is the smaller of the two."""
    batches = [r.split(":")[1] for r, _ in rows]
    return batches.count(reference.split(":")[1]) < before


def test_rows_come_back_in_their_order_and_equal_rows_get_equal_answers(index):
    names = ["完全无关的名称厂", FIRM["name"], "完全无关的名称厂"]
    found = match(index, [MatchQuery(name=name) for name in names], MatchOptions())
    assert [m.decision for m in found] == ["new", "match", "new"]
    assert found[0] == found[2]
    assert match(index, [], MatchOptions()) == []


def test_a_code_says_who_it_is_whatever_the_name(index):
    found = one(index, name="换了名字的某某公司", code=code_of(1))
    assert (found.decision, found.candidates[0].reason) == ("match", "same_code")
    assert found.candidates[0].code == code_of(1)


def test_another_valid_code_is_another_firm(index):
    found = one(index, name=FIRM["name"], code=code_of(77), phone=PHONE)
    assert found.decision == "new"
    assert code_of(1) not in {candidate.code for candidate in found.candidates}


def test_a_branch_that_nobody_knows_is_new(index):
    found = one(index, name="苏州宏润环保科技有限公司吴江分公司", phone=PHONE)
    assert found.decision == "new"
    assert {c.reason for c in found.candidates} == {"refused_branch"}


def test_two_firms_that_fit_equally_are_for_review(tmp_path):
    twins = [
        {"name": "苏州宏润环保科技有限公司", "uscc": code_of(1), "division_code": SUZHOU},
        {"name": "南通宏润环保科技有限公司", "uscc": code_of(2), "division_code": NANTONG},
    ]
    views = open_views(resolved_lake(tmp_path, {"enterprise": twins}))
    index = build_index(views.cursor())
    views.close()
    found = one(index, name="宏润环保科技有限公司")
    assert found.decision == "review"
    assert {c.code for c in found.candidates} == {code_of(1), code_of(2)}
    assert one(index, name="宏润环保科技有限公司", division_code=SUZHOU).decision == "match"


def test_bits_add_up(index):
    for candidate in one(index, name=FIRM["name"], phone=PHONE).candidates:
        step = candidate.step
        assert candidate.bits == step.bits
        assert step.bits == pytest.approx(
            step.prior_bits + sum(part.bits for part in step.parts), abs=0.01
        )


def test_what_the_caller_may_not_read_is_not_compared(index):
    whole = one(index, name=FIRM["name"], phone=PHONE).candidates[0]
    without = one(index, MatchOptions(level="L2"), name=FIRM["name"], phone=PHONE).candidates[0]
    parts = {part.attribute: part for part in without.step.parts}
    assert (parts["phone"].level, parts["phone"].bits) == ("none", 0.0)
    assert without.bits < whole.bits
    assert one(index, MatchOptions(level="L0"), name=FIRM["name"]).candidates == ()


def test_a_firm_of_a_police_case_is_not_there_without_one(tmp_path):
    name = "苏州宏润环保科技有限公司"
    party = {"case_no": "A1", "org_name": name, "uscc": code_of(1)}
    views = open_views(resolved_lake(tmp_path, {"police_case_party": [party]}))
    index = build_index(views.cursor())
    views.close()
    assert one(index, MatchOptions(level="L4"), name=name).decision == "match"
    assert one(index, MatchOptions(level="L3"), name=name).candidates == ()


def test_a_typo_is_found_by_what_is_rare_in_the_name(index):
    found = one(index, name="宏润环保科枝有限公司")
    assert code_of(1) in {candidate.code for candidate in found.candidates}
    assert found.decision == "match"


@pytest.mark.parametrize("name", ["王", "（（（（", "苏州", "。。", "有限公司", "水" * 100_000])
def test_odd_names_find_nothing_and_do_not_fail(index, name):
    assert one(index, name=name).decision == "new"


def test_an_empty_lake_has_no_candidates(tmp_path):
    views = open_views(resolved_lake(tmp_path, {}))
    index = build_index(views.cursor())
    views.close()
    assert one(index, name=FIRM["name"]).decision == "new"


TEXTS = st.lists(st.text(alphabet="苏蘇潤润A a（(【】·0", max_size=6), max_size=8)


@given(texts=TEXTS)
@settings(deadline=None)
def test_few_texts_are_cleaned_like_many(texts):
    column = pl.Series("name", texts, dtype=pl.String)
    with pytest.MonkeyPatch.context() as patch:
        few = clean_column(column)
        patch.setattr(normalise, "FEW", -1)
        assert few.equals(clean_column(column), check_names=True)


@given(texts=TEXTS)
@settings(deadline=None)
def test_few_texts_are_numbered_like_many(texts):
    column = pl.Series("name", texts, dtype=pl.String)
    with pytest.MonkeyPatch.context() as patch:
        number, distinct = numbered(column)
        patch.setattr(compare, "FEW", -1)
        again, many = numbered(column)
    assert np.array_equal(number, again)
    assert distinct.to_list() == many.to_list()


def test_few_pairs_are_compared_like_many(index):
    packed = pack_records(index.frame)
    random = np.random.default_rng(3)
    a, b = random.integers(0, index.frame.height, (2, 1_500))
    few = compare_pairs(packed, a, b)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compare, "FEW", -1)
        many = compare_pairs(packed, a, b)
    assert few.any()
    assert np.array_equal(few, many)
