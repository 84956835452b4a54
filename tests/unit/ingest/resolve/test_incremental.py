"""From the index of the last run to the records and pairs of a full run, whatever changed."""

import numpy as np
import polars as pl
import pytest

from ingest.resolve.incremental import vocabulary
from ingest.resolve.incremental.index_files import load_index
from ingest.resolve.incremental.run import IndexPlace, meet
from ingest.resolve.incremental.tuples import Input
from ingest.resolve.incremental.vocabulary import IndexBrokenError, PairVocabulary, Vocabulary
from ingest.resolve.kinds import organization_records as forms
from ingest.resolve.kinds.organization_records import branch_numbers
from ingest.resolve.normalise import industry_lexicon
from ingest.resolve.run import ResolveOptions, resolve
from ingest.resolve.weigh import load_weights
from ingest.simulate.organizations.generate import generate_organizations
from ingest.simulate.organizations.parameters import OrganizationParameters
from records.resolved import RESOLVED_TABLES
from records.workspace import Workspace
from tests.unit.ingest.resolve.conftest import make_views
from tests.unit.ingest.resolve.test_run import ROWS

LEAST = -2.0
FIRMS = 2_500


@pytest.fixture(scope="module")
def rows():
    """Generated records as mention tuples, and what they say of former names."""
    made = generate_organizations(OrganizationParameters(firm_count=FIRMS), 6).records
    return made.select(
        pl.lit(0, pl.Int16).alias("mention"),
        pl.lit(1, pl.Int64).alias("rows"),
        pl.col("former_name"),
        division="division_code",
        name="name",
        code=pl.col("code").fill_null(""),
        phone=pl.col("phone").fill_null(""),
        person=pl.col("legal_representative").fill_null(""),
        address=pl.col("address").fill_null(""),
    )


def stated(rows):
    former = rows.select("code", name="former_name").filter(pl.col("code") != "")
    return Input(rows.drop("former_name"), former.drop_nulls().unique().sort("code", "name"), set())


def met(rows, folder):
    return meet(stated(rows), load_weights(), LEAST, IndexPlace(folder, "test"))


def part(rows, low, high):
    share = np.random.default_rng(1).random(rows.height)
    return rows.filter(pl.Series((share >= low) & (share < high)))


def corrected(rows):
    """Some rows state another phone, some another name."""
    at = pl.int_range(pl.len())
    return rows.with_columns(
        phone=pl.when(at % 17 == 0).then(pl.lit("051288887777")).otherwise("phone"),
        name=pl.when(at % 23 == 0).then(pl.col("name") + "分公司").otherwise("name"),
    )


def flooded(rows):
    """One phone and one address on more firms than may share them."""
    at = pl.int_range(pl.len())
    return rows.with_columns(
        phone=pl.when(at < 40).then(pl.lit("13900000001")).otherwise("phone"),
        address=pl.when(at < 60).then(pl.lit("创业路1号")).otherwise("address"),
    )


def another_tongue(rows):
    """Enough names with a new last word to make it an industry word, which splits others."""
    at = pl.int_range(pl.len())
    return rows.with_columns(
        name=pl.when(at < 60)
        .then(pl.col("name").str.slice(0, 4) + "磁悬浮有限公司")
        .otherwise("name")
    )


def contradicting(rows):
    """Some rows carry the code of the firm before."""
    at = pl.int_range(pl.len())
    return rows.with_columns(
        code=pl.when(at % 19 == 0).then(pl.col("code").shift(1, fill_value="")).otherwise("code"),
        rows=pl.when(at % 5 == 0).then(pl.lit(3, pl.Int64)).otherwise("rows"),
    )


CHANGES = {
    "arrivals": (lambda r: part(r, 0.0, 0.9), lambda r: r),
    "a batch taken back": (lambda r: r, lambda r: part(r, 0.0, 0.7)),
    "both": (lambda r: part(r, 0.0, 0.9), lambda r: part(r, 0.1, 1.0)),
    "corrections": (lambda r: r, corrected),
    "corrections undone": (corrected, lambda r: r),
    "a shared phone": (lambda r: r, flooded),
    "no more a shared phone": (flooded, lambda r: r),
    "another lexicon": (lambda r: r, another_tongue),
    "the lexicon before": (another_tongue, lambda r: r),
    "contradictions": (lambda r: r, contradicting),
    "no more contradictions": (contradicting, lambda r: r),
    "nothing": (lambda r: r, lambda r: r),
}


def same(one, two):
    """Both runs made the same records of the same tuples, and the same pairs of these."""
    assert one.records.select(two.records.columns).equals(two.records)
    assert np.array_equal(one.record.to_numpy(), two.record.to_numpy())
    assert np.array_equal(one.pairs.a, two.pairs.a)
    assert np.array_equal(one.pairs.b, two.pairs.b)
    assert np.array_equal(one.pairs.levels, two.pairs.levels)
    assert one.dropped == two.dropped
    ours, theirs = one.packed, two.packed
    for name in ("region", "city"):
        assert np.array_equal(getattr(ours, name), getattr(theirs, name))
    for name in ("trunk", "person", "address", "code_text"):
        assert equal_alike(getattr(ours, name).number, getattr(theirs, name).number)
    for name in ("code", "core", "suffix", "phone"):
        assert equal_alike(getattr(ours, name), getattr(theirs, name))
    numbers = [branch_numbers(each.records, each.packed) for each in (one, two)]
    assert np.array_equal(*numbers)


def equal_alike(one, two):
    """Whether the same records are equal to each other under both numberings."""
    frame = pl.DataFrame({"one": one, "two": two}).unique()
    none = frame.filter((pl.col("one") < 0) != (pl.col("two") < 0))
    return frame["one"].n_unique() == frame["two"].n_unique() == frame.height and none.is_empty()


@pytest.mark.parametrize("change", CHANGES)
def test_what_changed_is_followed(rows, tmp_path, change):
    before, after = (make(rows) for make in CHANGES[change])
    first = met(before, tmp_path / "index")
    assert not first.is_incremental
    onward, anew = met(after, tmp_path / "index"), met(after, tmp_path / "other")
    assert onward.is_incremental
    assert not anew.is_incremental
    same(onward, anew)
    assert onward.compared < anew.compared / 2


def test_the_cases_reach_what_they_are_named_for(rows):
    lexicons = [industry_lexicon(records(each)["trunk"]) for each in (rows, another_tongue(rows))]
    assert "磁悬浮" in lexicons[1] - lexicons[0]
    blank = [forms.without_shared(records(each)) for each in (rows, flooded(rows))]
    assert [("13900000001" in frame["phone"].to_list()) for frame in blank] == [False, False]
    assert "13900000001" in records(flooded(rows))["phone"].to_list()
    assert records(contradicting(rows))["is_contradictory"].sum() > 10


def records(rows):
    said = stated(rows)
    return forms.build_records(forms.tuple_fields(said.tuples), said.former, set())


def test_days_one_after_another_are_one_full_run(rows, tmp_path):
    for day in range(1, 5):
        last = met(part(rows, 0.05 * day, 0.6 + 0.08 * day), tmp_path / "index")
    assert last.is_incremental
    same(last, met(part(rows, 0.2, 0.92), tmp_path / "other"))


def test_the_order_of_tuples_is_of_no_matter(rows, tmp_path):
    met(part(rows, 0.0, 0.9), tmp_path / "index")
    mixed = rows.sample(fraction=1.0, shuffle=True, seed=3)
    same(met(mixed, tmp_path / "index"), met(mixed, tmp_path / "other"))


def test_much_that_is_new_is_compared_anew(rows, tmp_path):
    met(part(rows, 0.0, 0.5), tmp_path / "index")
    assert not met(rows, tmp_path / "index").is_incremental


def test_a_full_run_makes_the_index_anew(rows, tmp_path):
    some = stated(part(rows, 0.0, 0.2))
    for is_read, is_onward in ((True, False), (False, False), (True, True)):
        place = IndexPlace(tmp_path, "test", is_read=is_read)
        assert meet(some, load_weights(), LEAST, place).is_incremental == is_onward


def test_an_index_of_other_weights_is_left(rows, tmp_path):
    met(part(rows, 0.0, 0.2), tmp_path)
    assert load_index(tmp_path, "test") is not None
    assert load_index(tmp_path, "other weights") is None
    assert load_index(tmp_path / "nowhere", "test") is None


def test_a_damaged_index_is_left(rows, tmp_path):
    some = part(rows, 0.0, 0.2)
    met(some, tmp_path)
    for damage in (lambda p: p.write_bytes(b"x"), lambda p: p.unlink()):
        damage(tmp_path / "rows.npy")
        again = met(some, tmp_path)
        assert not again.is_incremental


def test_texts_keep_their_numbers():
    words, first = Vocabulary.empty().numbered(pl.Series(["乙", "", "甲", "乙"]))
    more, second = words.numbered(pl.Series(["丙", "甲", "", "乙"]))
    assert first.tolist() == [1, 0, 2, 1] or first.tolist() == [2, 0, 1, 2]
    assert more.texts.gather(second).to_list() == ["丙", "甲", "", "乙"]
    assert second[1] == first[2]
    assert second[3] == first[0]


def test_two_texts_of_one_hash_break_the_index(monkeypatch):
    words, _ = Vocabulary.empty().numbered(pl.Series(["甲"]))
    monkeypatch.setattr(vocabulary, "hashes_of", lambda texts: np.full(len(texts), 5, np.uint64))
    with pytest.raises(IndexBrokenError, match="散列"):
        Vocabulary.empty().numbered(pl.Series(["甲", "乙"]))
    same_hash = Vocabulary(words.texts, np.full(1, 5, np.uint64), words.number)
    with pytest.raises(IndexBrokenError, match="散列"):
        same_hash.numbered(pl.Series(["乙"]))


def test_pairs_keep_their_numbers():
    one, two = np.array([1, 0, 2, 1]), np.array([7, 7, 0, 8])
    words, first = PairVocabulary.empty().numbered(one, two)
    assert (first == 0).tolist() == [False, True, True, False]
    again, second = words.numbered(one[::-1], two[::-1], first)
    assert second.tolist() == first[::-1].tolist()
    assert again.size == words.size == 3


def test_a_resolution_from_the_index_is_a_full_one(tmp_path):
    later = ROWS | {
        "enterprise": [
            *ROWS["enterprise"],
            {"uscc": None, "name": "南通金桥运输公司", "site_address": "南通市港口路1号",
             "division_code": "320602"},
        ],
        "vehicle": [],
    }  # fmt: skip
    tables = []
    for uses_index in (True, False):
        workspace = Workspace(tmp_path / str(uses_index))
        for rows in (ROWS, later):
            views = make_views(rows)
            resolve(workspace, views, ResolveOptions(uses_index=uses_index))
            views.close()
        tables.append(
            {p.name: p.read_bytes() for p in workspace.derived("resolve").glob("*.parquet")}
        )
    assert tables[0] == tables[1]
    assert len(tables[0]) >= len(RESOLVED_TABLES)
