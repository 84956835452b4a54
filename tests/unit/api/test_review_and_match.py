"""The queue of pairs, matching, the waterfall of an entity and why: what each role is shown."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api import services as services_module
from api.problems import PROBLEM
from api.reading.match import MOST_ROWS
from tests.unit.api.judged_site import JudgedSite, judged_site
from tests.unit.ingest.resolve.conftest import code_of
from tests.unit.ingest.resolve.stored_lake import DOUBTED, PHONE, SUZHOU, case_rows


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JudgedSite]:
    """The lake of the firms of a case; read it only."""
    made = judged_site(tmp_path_factory.mktemp("shared"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def doubted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JudgedSite]:
    """A lake with pairs in doubt; read it only."""
    made = judged_site(tmp_path_factory.mktemp("doubted"), {"enterprise": DOUBTED})
    yield made
    made.close()


def test_questions_come_by_usefulness_with_both_sides_and_bits(doubted: JudgedSite) -> None:
    page = doubted.get("/review", limit=100).json()
    assert page["total"] == len(page["items"]) > 1
    order = [item["usefulness"] for item in page["items"]]
    assert order == sorted(order, reverse=True)
    for item in page["items"]:
        assert item["usefulness"] == pytest.approx(item["chance"] * item["rows"], abs=1e-3)
        assert item["is_joined"] == (item["a"]["entity_id"] == item["b"]["entity_id"])
        step = item["step"]
        total = step["prior_bits"] + sum(part["bits"] for part in step["parts"])
        assert step["bits"] == pytest.approx(total, abs=0.02)
        assert item["a"]["reference"].startswith("enterprise:")
    assert doubted.audit_lines("review.list")


def test_pages_of_questions_are_whole(doubted: JudgedSite) -> None:
    whole = [item["id"] for item in doubted.get("/review", limit=100).json()["items"]]
    seen: list[str] = []
    after = ""
    while True:
        page = doubted.get("/review", limit=1, after=after).json()
        seen += [item["id"] for item in page["items"]]
        after = page["next"]
        if not after:
            break
    assert seen == whole
    stale = doubted.get("/review", after="no-pair")
    assert (stale.status_code, stale.headers["content-type"]) == (422, PROBLEM)


def test_what_was_judged_is_not_asked_until_it_is_undone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services_module, "REOPEN_S", 0.0)
    made = judged_site(tmp_path, {"enterprise": DOUBTED})
    try:
        before = made.get("/review", limit=100).json()
        first = before["items"][0]
        sides = {
            name: {"row": first[name]["reference"], "role": first[name]["role"]}
            for name in ("a", "b")
        }
        body = {**sides, "verdict": "unsure", "reason": "材料不足"}
        assert made.post("/judgements", body).status_code == 201
        after = made.get("/review", limit=100).json()
        assert first["id"] not in [item["id"] for item in after["items"]]
        made.resolve()
        still = made.get("/review", limit=100).json()
        assert still["total"] == after["total"]
        made.post("/judgements", {"undo": 1})
        assert made.get("/review", limit=100).json()["items"] == before["items"]
    finally:
        made.close()


def test_phones_are_masked_with_a_purpose_and_absent_without(doubted: JudgedSite) -> None:
    told, plain = doubted.get("/review"), doubted.get("/review", purpose="")
    assert PHONE not in told.text
    assert "138****2222" in told.text
    assert "138****2222" not in plain.text
    assert plain.json()["total"] == told.json()["total"]


def test_rows_are_matched_reviewed_or_new(shared: JudgedSite) -> None:
    rows = [
        {"name": "宏润（苏州）环保科技有限公司", "division_code": SUZHOU},
        {"code": code_of(2)},
        {"name": "盐城全新固废处置有限公司"},
    ]
    answer = shared.post("/match", {"rows": rows})
    assert answer.status_code == 200
    document = answer.json()
    assert [item["row"] for item in document["items"]] == [1, 2, 3]
    assert [item["decision"] for item in document["items"]] == ["match", "match", "new"]
    best = document["items"][0]["candidates"][0]
    assert best["entity_id"] == shared.entity(0)
    assert best["bits"] == best["step"]["bits"] >= document["threshold_bits"]
    assert {part["attribute"] for part in best["step"]["parts"]} >= {"code", "name", "phone"}
    assert document["items"][1]["candidates"][0]["reason"] == "same_code"
    assert shared.audit_lines("match")[0].object == "3 行"


def test_a_match_masks_phones_and_leaves_out_what_is_not_read(shared: JudgedSite) -> None:
    body = {"rows": [{"name": "苏州宏润环保科技有限公司", "phone": PHONE}]}
    told, plain = shared.post("/match", body), shared.post("/match", body, purpose="")
    for answer in (told, plain):
        assert PHONE not in answer.text

    def phone_bits(answer: Any) -> float:
        parts = answer.json()["items"][0]["candidates"][0]["step"]["parts"]
        return float(next(part["bits"] for part in parts if part["attribute"] == "phone"))

    assert phone_bits(told) > 0.0 == phone_bits(plain)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"rows": []}, 422),
        ({"rows": [{}]}, 422),
        ({"rows": [{"name": "  ", "phone": PHONE}]}, 422),
        ({"rows": [{"name": "甲", "colour": "red"}]}, 422),
        ({"rows": [{"name": "甲"}] * (MOST_ROWS + 1)}, 422),
    ],
)
def test_rows_that_cannot_be_matched_are_refused(
    shared: JudgedSite, body: dict[str, Any], status: int
) -> None:
    answer = shared.post("/match", body)
    assert (answer.status_code, answer.headers["content-type"]) == (status, PROBLEM)


def test_administrators_do_not_match(shared: JudgedSite) -> None:
    for user in ("sysadmin", "secadmin", "auditor"):
        assert shared.post("/match", {"rows": [{"name": "甲"}]}, user).status_code == 403


def test_an_entity_shows_what_it_was_made_of(shared: JudgedSite) -> None:
    profile = shared.get(f"/entities/{shared.entity(0)}").json()
    records = profile["resolution"]["records"]
    by_reason = {record["reason"]: record for record in records}
    assert set(by_reason) == {"first", "joined"}
    assert by_reason["first"]["code"] == code_of(1)
    joined = by_reason["joined"]
    assert joined["other"] == by_reason["first"]["record"]
    parts = {part["attribute"]: part for part in joined["step"]["parts"]}
    assert (parts["phone"]["level"], parts["phone"]["value_a"]) == ("equal", "138****2222")
    assert PHONE not in str(profile["resolution"])
    assert profile["resolution"]["left_out"] == 0


def test_a_former_name_is_part_of_the_firm_by_its_code(shared: JudgedSite) -> None:
    records = shared.get(f"/entities/{shared.entity(4)}").json()["resolution"]["records"]
    old = next(record for record in records if record["name"] == "南通启明货运有限公司")
    assert (old["reason"], old["row_count"], old["reference"]) == ("same_code", 0, "")


def test_a_human_judgement_is_a_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services_module, "REOPEN_S", 0.0)
    made = judged_site(tmp_path)
    try:
        assert made.judge(0, 2, "same").status_code == 201
        made.resolve()
        records = made.get(f"/entities/{made.entity(0)}").json()["resolution"]["records"]
        sister = next(record for record in records if "宏闰" in record["name"])
        assert (sister["reason"], sister["step"]) == ("judged", None)
    finally:
        made.close()


def test_other_kinds_have_no_resolution_of_records(shared: JudgedSite) -> None:
    with shared.services.sql() as sql:
        phone = sql.execute("SELECT entity_id FROM entity_phone ORDER BY 1").fetchall()[0][0]
    assert shared.get(f"/entities/{phone}").json()["resolution"] is None


def test_why_says_what_kept_two_apart_and_masks(shared: JudgedSite) -> None:
    rows = case_rows(shared.workspace)
    path = f"/entities/{rows[0][1]}/why"
    apart = shared.get(path, other=rows[3][1])
    assert apart.status_code == 200
    assert (apart.json()["is_same"], apart.json()["reason"]) == (False, "below_threshold")
    assert "门槛" in apart.json()["reason_zh"]
    strangers = shared.get(path, other=rows[2][1])
    assert strangers.json()["reason"] == "no_shared_key"
    for number in (PHONE, "13899998888"):
        assert number not in apart.text + strangers.text
    assert "138****2222" in apart.text
    one = shared.get(path, other=f"{rows[1][0]}:enterprise").json()
    assert one["is_same"]
    assert shared.get(path, other="org:0000000000000000").status_code == 404
    assert shared.get(path, other="vehicle:0000000000000000").status_code == 422
    assert shared.get(path, "auditor", other=rows[2][1]).status_code == 403
    assert shared.audit_lines("entity.why")
