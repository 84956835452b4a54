"""Judgements over HTTP: kept, refused with the cure, undone, listed, and only by who may."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api import services as services_module
from api.identity.roles import DEMO_USERS, ROLES
from api.problems import PROBLEM
from records.registry import Registry
from tests.unit.api.judged_site import JudgedSite, judged_site
from tests.unit.ingest.resolve.conftest import code_of
from tests.unit.ingest.resolve.stored_lake import case_rows

MAY_JUDGE = {"analyst", "data_head", "officer", "police_liaison"}
FIRM, SAME_FIRM, SISTER, BRANCH, RENAMED = range(5)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[JudgedSite]:
    monkeypatch.setattr(services_module, "REOPEN_S", 0.0)
    made = judged_site(tmp_path)
    yield made
    made.close()


def test_a_judgement_is_kept_and_takes_effect_at_the_next_resolution(site: JudgedSite) -> None:
    assert site.entity(SISTER) != site.entity(FIRM)
    answer = site.judge(FIRM, SISTER, "same")
    assert answer.status_code == 201
    made = answer.json()
    assert (made["number"], made["verdict"], made["judged_by"]) == (1, "same", "analyst")
    assert made["judged_at"].endswith("+08:00")
    assert "归并" in made["takes_effect"]
    assert site.entity(SISTER) != site.entity(FIRM)
    site.resolve()
    assert site.entity(SISTER) == site.entity(FIRM)
    line = site.audit_lines("judgement")[0]
    assert (line.user, line.purpose, line.detail) == ("analyst", "核查", "相同：走访核实")


def test_undo_gives_back_what_was(site: JudgedSite) -> None:
    number = site.judge(FIRM, SISTER, "same").json()["number"]
    site.resolve()
    answer = site.post("/judgements", {"undo": number}, "data_head")
    assert answer.status_code == 200
    assert answer.json()["withdrawn_by"] == "data_head"
    site.resolve()
    assert site.entity(SISTER) != site.entity(FIRM)
    assert site.audit_lines("judgement.undo")[0].object == str(number)
    again = site.post("/judgements", {"undo": number})
    assert (again.status_code, "已撤销" in again.json()["detail"]) == (404, True)
    assert len(site.audit_lines("judgement.undo")) == 1
    assert site.post("/judgements", {"undo": 99}).status_code == 404


def test_entities_stand_for_their_smallest_rows(site: JudgedSite) -> None:
    rows = case_rows(site.workspace)
    body = {
        "a": {"entity_id": rows[FIRM][1]},
        "b": {"entity_id": rows[SISTER][1]},
        "verdict": "different",
        "reason": "两家",
    }
    made = site.post("/judgements", body).json()
    assert (made["a"]["reference"], made["b"]["reference"]) == (rows[FIRM][0], rows[SISTER][0])
    kept = Registry(site.workspace).judgements()[0]
    assert (kept.row_a, kept.role_a, kept.verdict) == (rows[FIRM][0], "enterprise", "different")


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JudgedSite]:
    """A site on which every judgement is taken back."""
    made = judged_site(tmp_path_factory.mktemp("shared"))
    yield made
    made.close()


@pytest.mark.parametrize("role", ROLES)
def test_only_who_works_with_the_data_judges(shared: JudgedSite, role: str) -> None:
    user = next(name for name, own in DEMO_USERS if own == role)
    answer = shared.judge(FIRM, SISTER, "unsure", user)
    queue = shared.get("/review", user)
    if role in MAY_JUDGE:
        assert (answer.status_code, queue.status_code) == (201, 200)
        taken_back = shared.post("/judgements", {"undo": answer.json()["number"]}, user)
        assert taken_back.status_code == 200
    else:
        assert (answer.status_code, queue.status_code) == (403, 403)
        assert ROLES[role].title_zh in answer.json()["detail"]
        assert shared.post("/judgements", {"undo": 1}, user).status_code == 403
    assert Registry(shared.workspace).judgements() == []


def refused(site: JudgedSite, status: int, words: str, **body: Any) -> None:
    answer = site.post("/judgements", {"verdict": "same", "reason": "核实", **body})
    assert answer.status_code == status
    assert answer.headers["content-type"] == PROBLEM
    assert words in answer.json()["detail"], answer.json()["detail"]
    assert Registry(site.workspace).judgements() == []


def test_what_is_not_there_is_named(site: JudgedSite) -> None:
    rows = case_rows(site.workspace)
    good = {"row": rows[FIRM][0]}
    batch = rows[FIRM][0].split(":")[1]
    refused(site, 404, "org:0000", a=good, b={"entity_id": "org:0000000000000000"})
    refused(site, 404, "9999", a=good, b={"row": f"enterprise:{batch}:9999:1"})
    refused(site, 404, "nobody", a=good, b={"row": rows[SISTER][0], "role": "nobody"})
    refused(site, 422, "数据集", a=good, b={"row": "nowhere:b:1:1"})
    refused(site, 422, "行引用", a=good, b={"row": "enterprise:b:one:1"})
    refused(site, 422, "角色", a=good, b={"row": "manifest:b:1:1"})
    refused(site, 422, "单位", a=good, b={"entity_id": "vehicle:0000000000000000"})
    refused(site, 422, "理由", a=good, b={"row": rows[SISTER][0]}, reason="  ")


def test_what_would_change_nothing_is_refused(site: JudgedSite) -> None:
    rows = case_rows(site.workspace)
    sides = [{"row": reference} for reference, _ in rows]
    refused(site, 409, "同一行", a=sides[FIRM], b=sides[FIRM])
    entity = {"entity_id": rows[FIRM][1]}
    refused(site, 409, "行引用", a=entity, b={"entity_id": rows[SAME_FIRM][1]})
    refused(site, 409, code_of(2), a=sides[FIRM], b=sides[RENAMED])
    refused(site, 409, "昆山分公司", a=sides[FIRM], b=sides[BRANCH])


def test_the_same_words_twice_are_refused_other_words_count(site: JudgedSite) -> None:
    assert site.judge(FIRM, SISTER, "unsure").status_code == 201
    again = site.judge(SISTER, FIRM, "unsure")
    assert (again.status_code, "第 1 号" in again.json()["detail"]) == (409, True)
    assert site.judge(FIRM, SISTER, "different").status_code == 201


def test_rows_that_say_the_same_are_one_record(tmp_path: Path) -> None:
    name = "苏州宏润环保科技有限公司"
    rows = [{"manifest_no": str(n), "shipper_name": name} for n in (1, 2)]
    made = judged_site(tmp_path, {"manifest": rows})
    try:
        with made.services.sql() as sql:
            batch = sql.execute("SELECT DISTINCT batch FROM manifest").fetchall()[0][0]
        sides = [{"row": f"manifest:{batch}:{n}:1", "role": "shipper"} for n in (1, 2)]
        body = {"a": sides[0], "b": sides[1], "reason": "核实"}
        same, different = (
            made.post("/judgements", {**body, "verdict": verdict})
            for verdict in ("same", "different")
        )
        assert (same.status_code, different.status_code) == (409, 409)
        assert "同一条记录" in same.json()["detail"]
        assert "逐字相同" in different.json()["detail"]
    finally:
        made.close()


def test_the_list_is_newest_first_in_pages_and_keeps_what_was_withdrawn(site: JudgedSite) -> None:
    for a, b in ((FIRM, SISTER), (SAME_FIRM, SISTER), (SISTER, RENAMED)):
        assert site.judge(a, b, "unsure").status_code == 201
    site.post("/judgements", {"undo": 2})
    first = site.get("/judgements", limit=2).json()
    assert [item["number"] for item in first["items"]] == [3, 2]
    assert first["items"][1]["withdrawn_by"] == "analyst"
    second = site.get("/judgements", limit=2, after=first["next"]).json()
    assert [item["number"] for item in second["items"]] == [1]
    assert second["next"] is None
    assert site.get("/judgements", "leader").status_code == 200
    assert site.get("/judgements", "auditor").status_code == 403


def test_personal_data_in_a_reason_is_masked(site: JudgedSite) -> None:
    rows = case_rows(site.workspace)
    body = {
        "a": {"row": rows[FIRM][0]},
        "b": {"row": rows[SISTER][0]},
        "verdict": "unsure",
        "reason": "已致电13911112222",
    }
    assert "13911112222" not in site.post("/judgements", body).text
    assert "13911112222" not in site.audit_lines("judgement")[0].detail
    assert Registry(site.workspace).judgements()[0].reason == "已致电13911112222"


def test_people_can_be_judged_too(tmp_path: Path) -> None:
    rows = {
        "driver_permit": [
            {"permit_no": f"P{n}", "name": "李明", "employer_name": f"南通{name}运输有限公司"}
            for n, name in enumerate(("金桥", "银桥"))
        ]
    }
    made = judged_site(tmp_path, rows)
    try:
        listed = "SELECT batch, row FROM driver_permit ORDER BY row"
        with made.services.sql() as sql:
            lines = sql.execute(listed).fetchall()
        sides = [
            {"row": f"driver_permit:{batch}:{row}:1", "role": "driver"} for batch, row in lines
        ]
        body = {"a": sides[0], "b": sides[1], "verdict": "same", "reason": "同一证件"}
        answer = made.post("/judgements", body)
        assert answer.status_code == 201, answer.text
        assert answer.json()["a"]["entity_id"].startswith("person:")
        made.resolve()
        with made.services.sql() as sql:
            found = sql.execute(
                "SELECT count(DISTINCT entity_id) FROM member WHERE kind = 'person'"
            ).fetchall()
        assert found == [(1,)]
    finally:
        made.close()
