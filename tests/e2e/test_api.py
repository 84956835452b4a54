"""The HTTP side as another program uses it."""

import json
from datetime import datetime
from itertools import pairwise
from typing import Any
from urllib.parse import quote

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance
from starlette.testclient import TestClient

from api.app import create_app
from api.identity.sessions import SESSION_COOKIE, csrf_token
from api.problems import PROBLEM
from api.reading.entity import resolve_alias
from api.reading.subgraph import MOST_NODES
from api.services import Services
from casework.leads import LeadFilter
from graph.types import Finding
from tests.workspace import PASSWORD, Made

API = "/api/v1"


def headers(token: str, purpose: str = "核查线索", case_no: str = "") -> dict[str, str]:
    return {
        "Authorization": f"Bearer {token}",
        "X-Purpose": quote(purpose),
        "X-Case-No": quote(case_no),
    }


@pytest.fixture
def analyst(tokens: dict[str, str]) -> dict[str, str]:
    return headers(tokens["analyst"])


@pytest.fixture(scope="session")
def findings(services: Services) -> list[Finding]:
    with services.sql() as sql:
        rows = sql.execute("SELECT json FROM finding ORDER BY grade, -score, finding_id")
        return [Finding.from_line(row[0]) for row in rows.fetchall()]


def an_organization(services: Services, order: str = "record_count DESC") -> tuple[str, str]:
    with services.sql() as sql:
        rows = sql.execute(f"SELECT entity_id, name FROM organization ORDER BY {order}, 1 LIMIT 1")
        return rows.fetchall()[0]


def audit_lines(services: Services, action: str) -> list[Any]:
    with services.audit() as audit:
        assert audit.check() is None
        return [line for line in audit.lines(limit=50) if line.action == action]


# --- signing in


def test_a_wrong_password_and_no_token(client: TestClient) -> None:
    refused = client.post(f"{API}/session", json={"user": "analyst", "password": "no"})
    assert refused.status_code == 401
    assert refused.headers["content-type"] == PROBLEM
    for value in ({}, {"Authorization": "Bearer x.y.z"}, {"Authorization": "Basic abc"}):
        answer = client.get(f"{API}/findings", headers=value)
        assert answer.status_code == 401
        assert answer.json()["status"] == 401


def test_who_am_i_with_purpose_and_case(client: TestClient, tokens: dict[str, str]) -> None:
    plain = client.get(f"{API}/session", headers=headers(tokens["police_liaison"], "")).json()
    assert (plain["level"], plain["purpose"]) == ("L2", "")
    whole = client.get(
        f"{API}/session", headers=headers(tokens["police_liaison"], "核查", "A3201")
    ).json()
    assert (whole["level"], whole["purpose"], whole["case_no"]) == ("L4", "核查", "A3201")


def test_expiry_has_an_offset(client: TestClient) -> None:
    made = client.post(f"{API}/session", json={"user": "analyst", "password": PASSWORD}).json()
    assert datetime.fromisoformat(made["expires_at"]).utcoffset() is not None


def test_a_cookie_needs_its_token_against_forgery(made: Made, services: Services) -> None:
    with TestClient(create_app(made.settings, services)) as browser:
        token = services.tokens.issue("analyst", "analyst")
        browser.cookies.set(SESSION_COOKIE, token)
        body = {"parameters": {"id": "org:0"}}
        purpose = {"X-Purpose": quote("核查")}
        url = f"{API}/queries/firm_profile"
        assert browser.get(f"{API}/session").status_code == 200
        assert browser.post(url, json=body, headers=purpose).status_code == 403
        wrong = csrf_token(services, "another session")
        assert browser.post(url, json=body, headers={"X-CSRF-Token": wrong}).status_code == 403
        good = csrf_token(services, token)
        assert browser.post(url, json=body, headers={"X-CSRF-Token": good}).status_code == 200


def test_a_token_does_not_outlive_its_user(made: Made, services: Services) -> None:
    with TestClient(create_app(made.settings, services)) as client:
        gone = services.tokens.issue("nobody", "analyst")
        changed = services.tokens.issue("dispatcher", "analyst")
        for token in (gone, changed):
            assert client.get(f"{API}/session", headers=headers(token)).status_code == 401


# --- reading


def test_search_entity_neighbours(
    client: TestClient, services: Services, analyst: dict[str, str]
) -> None:
    entity_id, name = an_organization(services)
    found = client.get(f"{API}/search", params={"q": name}, headers=analyst).json()
    assert entity_id in [item["entity_id"] for item in found["items"]]
    profile = client.get(f"{API}/entities/{entity_id}", headers=analyst).json()
    assert profile["name"] == name
    assert {n["dataset"] for n in profile["names"]} > {"manifest"}
    assert sum(s["rows"] for s in profile["sources"]) >= profile["properties"]["record_count"]
    around = client.get(f"{API}/entities/{entity_id}/neighbours", headers=analyst).json()
    by_type = {(c["type"], c["label"], c["is_out"]): c for c in around["counts"]}
    assert by_type
    for count in around["counts"]:
        assert 0 < count["neighbours"] <= count["relationships"]


def test_pages_of_neighbours_are_whole_and_without_repeats(
    client: TestClient, services: Services, analyst: dict[str, str]
) -> None:
    entity_id, _ = an_organization(services)
    seen: list[tuple[str, str, bool]] = []
    after = ""
    for _ in range(200):
        page = client.get(
            f"{API}/entities/{entity_id}/neighbours",
            params={"limit": 40, "after": after},
            headers=analyst,
        ).json()
        seen += [(i["node"]["id"], i["type"], i["is_out"]) for i in page["items"]]
        after = page["next"] or ""
        if not after:
            break
    assert len(seen) == len(set(seen))
    assert len(seen) == sum(c["neighbours"] for c in page["counts"])


def test_merged_ids_still_answer(services: Services) -> None:
    entity_id, _ = an_organization(services)
    with services.sql() as sql:
        sql.execute(
            "CREATE OR REPLACE TEMP VIEW entity_alias AS"
            f" SELECT 'org:old' AS alias_id, '{entity_id}' AS entity_id"
        )
        assert resolve_alias(sql, "org:old") == (entity_id, ("org:old",))
        assert resolve_alias(sql, entity_id) == (entity_id, ("org:old",))
        sql.execute("DROP VIEW temp.entity_alias")


@pytest.mark.parametrize("entity_id", ["org:0000000000000000", "nonsense", "who:1", "phone:0"])
def test_what_does_not_exist(client: TestClient, analyst: dict[str, str], entity_id: str) -> None:
    for path in ("", "/neighbours"):
        answer = client.get(f"{API}/entities/{entity_id}{path}", headers=analyst)
        assert answer.status_code == 404
        assert entity_id in answer.json()["detail"]


def test_paths_are_connected(
    client: TestClient, findings: list[Finding], analyst: dict[str, str]
) -> None:
    loop = next(f for f in findings if f.model == "HW-11")
    a, b = [s.entity_id for s in loop.subjects if s.entity_id.startswith("org:")][:2]
    ways = client.get(f"{API}/paths", params={"from": a, "to": b}, headers=analyst).json()
    assert ways["hops"] >= 1
    for way in ways["ways"]:
        ids = [node["id"] for node in way["nodes"]]
        assert (ids[0], ids[-1], len(ids)) == (a, b, ways["hops"] + 1)
        pairs = {frozenset((e["source"], e["target"])) for e in way["edges"]}
        assert pairs == {frozenset(pair) for pair in pairwise(ids)}
    same = client.get(f"{API}/paths", params={"from": a, "to": a}, headers=analyst)
    assert same.status_code == 422


def test_a_graph_is_bounded_and_says_what_was_left_out(
    client: TestClient, services: Services, analyst: dict[str, str]
) -> None:
    entity_id, _ = an_organization(services)
    picture = client.get(
        f"{API}/graph", params={"focus": entity_id, "limit": 5}, headers=analyst
    ).json()
    ids = [node["id"] for node in picture["nodes"]]
    assert ids[0] == entity_id
    assert len(ids) == len(set(ids)) == 5
    assert sum(picture["left_out"].values()) > 0
    assert all(e["source"] in ids and e["target"] in ids for e in picture["edges"])
    whole = client.get(
        f"{API}/graph", params={"focus": entity_id, "limit": MOST_NODES}, headers=analyst
    ).json()
    total = len(whole["nodes"]) + sum(whole["left_out"].values())
    assert total == len(ids) + sum(picture["left_out"].values())


def test_the_graph_of_a_lead_starts_from_its_subjects(
    client: TestClient, services: Services, analyst: dict[str, str]
) -> None:
    with services.leads() as leads:
        lead = leads.find(LeadFilter(model="HW-11", limit=1))[0]
        subjects = {s.entity_id: s.role for s in leads.file(lead.lead_no).finding.subjects}
    picture = client.get(f"{API}/graph", params={"focus": lead.lead_no}, headers=analyst).json()
    roles = {node["id"]: node["role"] for node in picture["nodes"] if node["role"]}
    assert roles == subjects


def test_findings_in_pages_are_the_published_ones(
    client: TestClient, findings: list[Finding], analyst: dict[str, str]
) -> None:
    seen: list[dict[str, Any]] = []
    after = ""
    while True:
        page = client.get(
            f"{API}/findings", params={"limit": 200, "after": after}, headers=analyst
        ).json()
        seen += page["items"]
        after = page["next"]
        if not after:
            break
    assert page["total"] == len(findings) == len(seen)
    assert [f["finding_id"] for f in seen] == [f.finding_id for f in findings]
    assert seen[0] == findings[0].to_json()
    one = client.get(f"{API}/findings/{seen[0]['finding_id']}", headers=analyst).json()
    assert one == seen[0]
    stale = client.get(f"{API}/findings", params={"after": "HW-11:gone"}, headers=analyst)
    assert stale.status_code == 422


def test_filters_of_findings(
    client: TestClient, findings: list[Finding], analyst: dict[str, str]
) -> None:
    subject = findings[0].subjects[0].entity_id
    for params, wanted in (
        ({"model": "HW-11"}, [f for f in findings if f.model == "HW-11"]),
        ({"grade": 1}, [f for f in findings if f.grade == 1]),
        (
            {"subject": subject},
            [f for f in findings if subject in [s.entity_id for s in f.subjects]],
        ),
    ):
        page = client.get(f"{API}/findings", params=params, headers=analyst).json()
        assert page["total"] == len(wanted) > 0


def test_a_lead_with_evidence_as_delivered(
    client: TestClient, services: Services, analyst: dict[str, str]
) -> None:
    page = client.get(f"{API}/leads", params={"limit": 2}, headers=analyst).json()
    assert page["total"] > 2
    following = client.get(
        f"{API}/leads", params={"limit": 2, "after": page["next"]}, headers=analyst
    ).json()
    assert not {x["lead_no"] for x in page["items"]} & {x["lead_no"] for x in following["items"]}
    file = client.get(f"{API}/leads/{page['items'][0]['lead_no']}", headers=analyst).json()
    assert len(file["evidence"]) == len(file["finding"]["evidence"])
    assert all(row["path"] and row["cells"] for row in file["evidence"])
    assert file["events"][0]["event"] == "intake"
    assert client.get(f"{API}/leads/XS0", headers=analyst).status_code == 404


def test_models_with_freshness(client: TestClient, analyst: dict[str, str]) -> None:
    models = {m["id"]: m for m in client.get(f"{API}/models", headers=analyst).json()["items"]}
    loop = models["HW-11"]
    manifest = next(i for i in loop["inputs"] if i["dataset"] == "manifest")
    assert manifest["rows"] > 0
    assert datetime.fromisoformat(manifest["newest_at"]).utcoffset() is not None
    assert all(p["unit"] and p["source"] for p in loop["parameters"])
    assert sum(loop["findings"].values()) > 0


def test_the_catalogue_runs(
    client: TestClient, services: Services, analyst: dict[str, str]
) -> None:
    entity_id, name = an_organization(services)
    listed = client.get(f"{API}/queries", headers=analyst).json()["items"]
    assert len(listed) >= 8
    url = f"{API}/queries/firm_profile"
    answer = client.post(url, json={"parameters": {"id": entity_id}}, headers=analyst).json()
    assert answer["rows"][0][answer["columns"].index("name")] == name
    assert client.post(url, json={"parameters": {}}, headers=analyst).status_code == 422
    unknown = client.post(f"{API}/queries/none", json={}, headers=analyst)
    assert unknown.status_code == 404


# --- free Cypher


def test_cypher_is_written_down_before_the_rows_leave(
    client: TestClient, services: Services, analyst: dict[str, str]
) -> None:
    text = "MATCH (o:Organization) RETURN o.name AS name LIMIT 3"
    answer = client.post(f"{API}/cypher", json={"cypher": text}, headers=analyst)
    assert len(answer.json()["rows"]) == 3
    line = audit_lines(services, "cypher")[0]
    assert (line.object, line.purpose, line.detail) == (text, "核查线索", "3 行")


def test_cypher_needs_role_and_purpose_and_only_reads(
    client: TestClient, services: Services, tokens: dict[str, str]
) -> None:
    def ask(user: str, purpose: str, text: str) -> int:
        body = {"cypher": text}
        asked = headers(tokens[user], purpose)
        return client.post(f"{API}/cypher", json=body, headers=asked).status_code

    good = "MATCH (o:Organization) RETURN o.id LIMIT 1"
    assert ask("analyst", "核查", good) == 200
    assert ask("analyst", "", good) == 403
    assert ask("leader", "核查", good) == 403
    assert ask("analyst", "核查", "MATCH (o:Organization) DETACH DELETE o") == 403
    assert audit_lines(services, "cypher.refused")
    assert ask("analyst", "核查", "MATCH (o:Organization) RETURN x.y") == 422


def test_phone_numbers_are_masked_unless_a_case_is_active(
    client: TestClient, tokens: dict[str, str]
) -> None:
    body = {"cypher": "MATCH (p:Phone) RETURN p ORDER BY p.id LIMIT 1"}

    def number(user: str, case_no: str) -> str:
        answer = client.post(
            f"{API}/cypher", json=body, headers=headers(tokens[user], "核查", case_no)
        )
        return str(answer.json()["rows"][0][0]["number"])

    assert "****" in number("analyst", "A3201")
    assert "****" in number("police_liaison", "")
    assert number("police_liaison", "A3201").isdigit()


# --- what a role does not see


def test_without_a_purpose_findings_are_not_read(
    client: TestClient, tokens: dict[str, str]
) -> None:
    for path in ("findings", "leads"):
        refused = client.get(f"{API}/{path}", headers=headers(tokens["analyst"], ""))
        assert refused.status_code == 403
        assert "查询目的" in refused.json()["detail"]
        assert client.get(
            f"{API}/{path}", headers=headers(tokens["dispatcher"])
        ).status_code == 403  # fmt: skip


def test_an_officer_sees_own_leads_and_nothing_of_others(
    client: TestClient, services: Services, tokens: dict[str, str]
) -> None:
    officer = headers(tokens["officer1"])
    with services.leads() as leads:
        no = leads.find(LeadFilter(limit=1))[0].lead_no
    assert client.get(f"{API}/leads", headers=officer).json()["total"] == 0
    hidden = client.get(f"{API}/leads/{no}", headers=officer)
    missing = client.get(f"{API}/leads/XS9", headers=officer)
    assert hidden.status_code == missing.status_code == 404
    assert hidden.json()["detail"].replace(no, "") == missing.json()["detail"].replace("XS9", "")


def test_administrators_read_no_business_data(client: TestClient, tokens: dict[str, str]) -> None:
    auditor = headers(tokens["auditor"])
    for path in ("findings", "leads", "models", "queries"):
        assert client.get(f"{API}/{path}", headers=auditor).status_code == 403


def test_phones_are_absent_without_a_purpose_and_masked_with_one(
    client: TestClient, services: Services, tokens: dict[str, str]
) -> None:
    with services.sql() as sql:
        rows = sql.execute(
            "SELECT from_id, to_id, number FROM relation JOIN entity_phone p"
            " ON p.entity_id = to_id WHERE type = 'HAS_PHONE' AND from_id LIKE 'org:%'"
            " ORDER BY 1, 2 LIMIT 1"
        ).fetchall()
    firm, phone, number = rows[0]
    url = f"{API}/entities/{firm}/neighbours"
    plain = client.get(url, headers=headers(tokens["analyst"], ""))
    assert "Phone" not in {c["label"] for c in plain.json()["counts"]}
    told = client.get(url, headers=headers(tokens["analyst"]))
    assert "Phone" in {c["label"] for c in told.json()["counts"]}
    assert number not in told.text
    assert client.get(
        f"{API}/entities/{phone}", headers=headers(tokens["analyst"], "")
    ).status_code == 404  # fmt: skip
    assert number not in client.get(
        f"{API}/entities/{phone}", headers=headers(tokens["analyst"])
    ).text  # fmt: skip
    found = client.get(f"{API}/search", params={"q": number}, headers=headers(tokens["analyst"]))
    assert phone in [item["entity_id"] for item in found.json()["items"]]
    assert number not in found.text


def test_unmasking_needs_the_right_and_is_written_down(
    client: TestClient, services: Services, tokens: dict[str, str]
) -> None:
    with services.sql() as sql:
        phone, number = sql.execute(
            "SELECT entity_id, number FROM entity_phone ORDER BY 1 LIMIT 1"
        ).fetchall()[0]
    url = f"{API}/entities/{phone}?unmask=true"
    assert client.get(url, headers=headers(tokens["analyst"], "核查", "A1")).status_code == 403
    assert client.get(url, headers=headers(tokens["police_liaison"])).status_code == 403
    whole = client.get(url, headers=headers(tokens["police_liaison"], "核查", "A1"))
    assert whole.json()["name"] == number
    line = audit_lines(services, "entity.unmask")[0]
    assert (line.object, line.case_no) == (phone, "A1")


# --- papers, health, form


def test_papers(client: TestClient, services: Services, analyst: dict[str, str]) -> None:
    with services.leads() as leads:
        no = leads.find(LeadFilter(model="HW-11", limit=1))[0].lead_no
    for form, start in (("html", b"<!"), ("docx", b"PK"), ("network", b"<")):
        answer = client.post(
            f"{API}/briefings", json={"lead_no": no, "format": form}, headers=analyst
        )
        assert answer.status_code == 200
        assert answer.content.lstrip().startswith(start)
        assert "attachment" in answer.headers["content-disposition"]
    pdf = client.post(f"{API}/briefings", json={"lead_no": no, "format": "pdf"}, headers=analyst)
    assert pdf.status_code == 422
    assert "PDF" in pdf.json()["detail"]


def test_health_and_figures(client: TestClient) -> None:
    assert client.get("/healthz").json()["status"] == "ok"
    assert client.get("/readyz").json() == {
        "status": "ok",
        "checks": {"lake": "ok", "graph": "ok"},
    }
    text = client.get("/metrics").text
    assert 'jinghuan_requests_total{method="GET",route="/healthz",status="200"}' in text


def test_every_answer_is_fenced_in(client: TestClient, analyst: dict[str, str]) -> None:
    for path in (f"{API}/models", "/healthz", f"{API}/nothing"):
        got = client.get(path, headers=analyst).headers
        policy = got["content-security-policy"]
        assert "frame-ancestors 'none'" in policy
        assert "http" not in policy
        assert got["cache-control"] == "no-store"
        assert got["x-content-type-options"] == "nosniff"


def test_the_schema_documents_every_status_as_a_problem(client: TestClient) -> None:
    document = client.get("/api/openapi.json").json()
    for path, methods in document["paths"].items():
        if not path.startswith(API):
            continue
        for operation in methods.values():
            assert "401" in operation["responses"]
            for status, answer in operation["responses"].items():
                if status[0] in "45":
                    assert list(answer["content"]) == [PROBLEM], (path, status)
    assert "HTTPValidationError" not in json.dumps(document["paths"])


def test_any_request_gets_a_documented_answer(
    made: Made, services: Services, tokens: dict[str, str]
) -> None:
    schema = schemathesis.openapi.from_asgi(
        "/api/openapi.json", create_app(made.settings, services)
    )
    tried = 0
    for found in schema.get_all_operations():
        operation = found.ok()
        if operation.path.startswith((API, "/healthz", "/readyz")):
            _try(operation, tokens["analyst"])
            tried += 1
    assert tried >= 15


def _try(operation: Any, token: str) -> None:
    """A few generated requests, right and wrong ones; the same in every run."""

    @given(case=operation.as_strategy())
    @settings(
        max_examples=5,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    def run(case: schemathesis.Case) -> None:
        # Cursors, ids and names of kinds are texts to the schema; made-up ones are refused.
        case.call_and_validate(
            headers={"Authorization": f"Bearer {token}"},
            excluded_checks=[positive_data_acceptance],
        )

    run()
