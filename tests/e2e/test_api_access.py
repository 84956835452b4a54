"""The API as another program uses it: free Cypher, and what a role does not see."""

from starlette.testclient import TestClient

from api.services import Services
from casework.lead import LeadFilter
from tests.e2e.api_caller import API, audit_lines, headers


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
