"""Which organisations join and which stay apart, as cases of rows."""

import random

import polars as pl
import pytest

from ingest.resolve.explain import explain
from ingest.resolve.extract import number_batches, tuples
from ingest.resolve.kinds.firms import resolve_organizations
from ingest.resolve.known import load_known
from ingest.resolve.run import placed
from ingest.resolve.weigh import load_weights
from records.registry import Judgement, Registry
from records.workspace import Workspace
from tests.unit.ingest.resolve.conftest import code_of, make_views

THRESHOLD = 2.0
# Firms of no interest, so that shared values have an ordinary rarity.
SYLLABLES = "海江川通远安顺腾飞跃晟昊旭辉耀翔"
CROWD = [
    {
        "name": f"南京{a}{b}机电有限公司",
        "uscc": code_of(10_000 + 100 * i + j),
        "division_code": "320115",
        "env_phone": f"1390000{i:02d}{j:02d}",
    }
    for i, a in enumerate(SYLLABLES)
    for j, b in enumerate(SYLLABLES)
]


def firm(name: str, code: str = "", division: str = "", **more: str) -> dict[str, str | None]:
    return {"name": name, "uscc": code or None, "division_code": division or None, **more}


def labels(rows, tmp_path, judgements=(), extra=None, *, keep_all=False):
    views = make_views({"enterprise": [*rows, *CROWD], **(extra or {})})
    sql = views.cursor()
    number_batches(sql)
    load_known(sql, Registry(Workspace(tmp_path)))
    found = placed(tuples(sql, "organization"))
    resolved = resolve_organizations(
        sql, found, list(judgements), THRESHOLD, load_weights(), keep_all=keep_all
    )
    at = resolved.tuples.filter(pl.col("dataset") == "enterprise").sort("row")
    by_row = dict(at.select("row", "entity").iter_rows())
    # Rows that say the same are one tuple, kept under the first of them.
    said = {}
    out = []
    for number, row in enumerate(rows, 1):
        key = tuple(sorted((k, v) for k, v in row.items() if v))
        said.setdefault(key, number)
        out.append(by_row[said[key]])
    return out, resolved


FULL = firm("苏州宏润环保科技有限公司", code_of(1), "320505")
TOGETHER = {
    "region moved into brackets": [FULL, firm("宏润（苏州）环保科技有限公司", "", "320505")],
    "traditional script": [FULL, firm("蘇州宏潤環保科技有限公司", "", "320505")],
    "legal form left out": [FULL, firm("苏州宏润环保科技", "", "320505")],
    "full width and blanks": [FULL, firm("苏州 宏润环保科技有限公司　", "", "320505")],
    "O for 0 in the code": [FULL, firm("宏润公司", code_of(1).replace("0", "O"))],
    "one wrong character, same phone": [
        FULL | {"env_phone": "13811112222"},
        firm("苏州宏闰环保科技有限公司", "", "320505", env_phone="13811112222"),
    ],
    "same code, other name": [FULL, firm("苏州华天环境工程有限公司", code_of(1))],
    "former name": [
        FULL | {"former_names": "苏州启明化工有限公司"},
        firm("苏州启明化工有限公司", "", "320505"),
    ],
    "moved within the city": [
        FULL | {"legal_rep": "欧阳立群"},
        firm("苏州宏润环保科技有限公司", "", "320583", legal_rep="欧阳立群"),
    ],
}
HEAD_OFFICE = {
    "env_phone": "13811112222",
    "legal_rep": "欧阳立群",
    "site_address": "苏州市吴中区振兴路88号",
}
APART = {
    "sister firms, one character apart": [FULL, firm("苏州宏闰环保科技有限公司", code_of(2))],
    "sister firms without code": [FULL, firm("苏州宏闰环保科技有限公司", "", "320505")],
    "same name in another city": [FULL, firm("南通宏润环保科技有限公司", "", "320602")],
    "branch without code": [FULL, firm("苏州宏润环保科技有限公司昆山分公司", "", "320505")],
    "branch with everything of the head office": [
        FULL | HEAD_OFFICE,
        firm("苏州宏润环保科技有限公司昆山分公司", "", "320505", **HEAD_OFFICE),
    ],
    "two branches": [
        firm("苏州宏润环保科技有限公司昆山分公司", "", "320505"),
        firm("苏州宏润环保科技有限公司吴江分公司", "", "320505"),
    ],
    "short name alone": [FULL, firm("宏润环保")],
    "different codes under one name": [FULL, FULL | {"uscc": code_of(3)}],
    "nothing in common": [FULL, firm("南通华天纺织厂", "", "320602")],
    "fits two firms equally": [
        firm("宏润环保科技有限公司"),
        FULL,
        firm("南通宏润环保科技有限公司", code_of(4), "320602"),
    ],
}


@pytest.mark.parametrize("case", TOGETHER)
def test_joins(case, tmp_path):
    found, _ = labels(TOGETHER[case], tmp_path)
    assert len(set(found)) == 1, case


@pytest.mark.parametrize("case", APART)
def test_stays_apart(case, tmp_path):
    found, _ = labels(APART[case], tmp_path)
    assert len(set(found)) == len(found), case


def test_a_bookkeepers_phone_on_300_firms_joins_none(tmp_path):
    firms = [
        firm(f"苏州{a}{b}贸易有限公司", "", "320505", env_phone="13800001111")
        for a in SYLLABLES + "宏润泰"
        for b in SYLLABLES
    ][:300]
    found, resolved = labels(firms, tmp_path)
    assert len(set(found)) == 300
    assert any("phone" in note for note in resolved.notes)


def test_a_row_with_the_code_of_one_firm_and_the_name_of_another_moves_neither(tmp_path):
    other = firm("苏州金桥纺织有限公司", code_of(5), "320505")
    rows = [
        FULL,
        other,
        firm("苏州金桥纺织有限公司", code_of(1), "320505", env_phone="13822223333"),
        firm("苏州金桥纺织有限公司", "", "320505"),
    ]
    company = [
        {"name": FULL["name"], "uscc": FULL["uscc"]},
        {"name": other["name"], "uscc": other["uscc"]},
    ]
    found, resolved = labels(rows, tmp_path, extra={"company": company})
    assert found[0] == found[2]
    assert found[1] == found[3]
    assert found[0] != found[1]
    assert any("name of another" in note for note in resolved.notes)


@pytest.mark.parametrize("name", ["王", "（（（（", "苏州", "。。", "有限公司", "水" * 100_000])
def test_odd_names_neither_fail_nor_chain(name, tmp_path):
    found, resolved = labels([firm(name), FULL, firm("苏州"), firm("分公司")], tmp_path)
    sizes = resolved.tuples.group_by("entity").len()
    assert found[0] is not None
    assert sizes["len"].max() <= 2


def test_the_order_of_rows_does_not_matter(tmp_path):
    rows = [row for case in (*TOGETHER.values(), *APART.values()) for row in case]
    rows = [row | {"legal_rep": row.get("legal_rep", f"人{i}")} for i, row in enumerate(rows)]
    found, _ = labels(rows, tmp_path)
    groups = {frozenset(i for i, x in enumerate(found) if x == e) for e in set(found)}
    for seed in (1, 2):
        order = list(range(len(rows)))
        random.Random(seed).shuffle(order)
        again, _ = labels([rows[i] for i in order], tmp_path)
        shuffled = {frozenset(order[i] for i, x in enumerate(again) if x == e) for e in set(again)}
        assert shuffled == groups


def _judged(a: int, b: int, verdict) -> Judgement:
    rows = [f"enterprise:{'b' * 64}:{n}:1" for n in (a, b)]
    return Judgement(rows[0], "enterprise", rows[1], "enterprise", verdict, "甲", "2026-01-01", "")


def test_judgements_bind(tmp_path):
    sisters = APART["sister firms without code"]
    found, _ = labels(sisters, tmp_path, [_judged(1, 2, "same")])
    assert found[0] == found[1]
    twins = TOGETHER["traditional script"]
    found, _ = labels(twins, tmp_path, [_judged(1, 2, "different")])
    assert found[0] != found[1]


def test_a_judgement_does_not_bring_different_codes_together(tmp_path):
    found, _ = labels(APART["different codes under one name"], tmp_path, [_judged(1, 2, "same")])
    assert found[0] != found[1]


REASONS = {
    "nothing in common": "no_shared_key",
    "branch with everything of the head office": "refused_branch",
    "sister firms without code": "below_threshold",
    "short name alone": "refused_short_name",
    "different codes under one name": "refused_different_codes",
    "fits two firms equally": "refused_ambiguous",
}


@pytest.mark.parametrize("case", REASONS)
def test_why_not(case, tmp_path):
    found, _ = labels(APART[case], tmp_path)
    again, resolved = labels(APART[case], tmp_path, keep_all=True)
    assert again == found
    at = resolved.tuples.with_columns(record=resolved.record)
    at = at.filter((pl.col("dataset") == "enterprise") & (pl.col("row") <= 2)).sort("row")
    a, b = at["record"].to_list()
    told = explain(resolved.firms, a, b, THRESHOLD)
    assert not told.is_same
    assert told.reason == REASONS[case]


def test_why_adds_up(tmp_path):
    _, resolved = labels(TOGETHER["traditional script"], tmp_path)
    at = resolved.tuples.with_columns(record=resolved.record)
    at = at.filter((pl.col("dataset") == "enterprise") & (pl.col("row") <= 2)).sort("row")
    a, b = at["record"].to_list()
    told = explain(resolved.firms, a, b, THRESHOLD)
    assert told.is_same
    for step in told.steps:
        assert step.bits == pytest.approx(
            step.prior_bits + sum(part.bits for part in step.parts), abs=0.01
        )
        assert step.bits >= THRESHOLD
