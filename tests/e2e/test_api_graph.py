"""The API as another program uses it: search, entities, neighbours, paths and pictures."""

from itertools import pairwise

import pytest
from starlette.testclient import TestClient

from api.reading.entity import resolve_alias
from api.reading.subgraph import MOST_NODES
from api.services import Services
from casework.lead import LeadFilter
from graph.types import Finding
from tests.e2e.api_caller import API, an_organization


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
