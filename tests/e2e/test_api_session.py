"""The API as another program uses it: signing in, tokens, purpose and case, forgery."""

from datetime import datetime
from urllib.parse import quote

from starlette.testclient import TestClient

from api.app import create_app
from api.identity.sessions import SESSION_COOKIE, csrf_token
from api.problems import PROBLEM
from api.services import Services
from tests.e2e.api_caller import API, headers
from tests.workspace import PASSWORD, Made


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
