"""The API as another program uses it: health, headers, the schema and answers that keep to it."""

import json
from typing import Any

import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import positive_data_acceptance
from starlette.testclient import TestClient

from api.app import create_app
from api.problems import PROBLEM
from api.services import Services
from tests.e2e.api_caller import API
from tests.workspace import Made


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
    def run(case: Any) -> None:
        # Cursors, ids and names of kinds are texts to the schema; made-up ones are refused.
        case.call_and_validate(
            headers={"Authorization": f"Bearer {token}"},
            excluded_checks=[positive_data_acceptance],
        )

    run()


def test_any_request_gets_a_documented_answer(
    made: Made, services: Services, tokens: dict[str, str]
) -> None:
    schema = schemathesis.openapi.from_asgi(
        "/api/openapi.json", create_app(made.settings, services)
    )
    tried = 0
    for found in schema.get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()
        if operation.path.startswith((API, "/healthz", "/readyz")):
            _try(operation, tokens["analyst"])
            tried += 1
    assert tried >= 15
