"""The API as another program uses it: findings, leads, models, papers, queries."""

from datetime import datetime
from typing import Any

from starlette.testclient import TestClient

from api.services import Services
from casework.lead import LeadFilter
from graph.types import Finding
from tests.e2e.api_caller import API, an_organization


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
