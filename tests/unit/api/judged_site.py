"""A service over a small resolved lake, without a graph: one user per role, one password.

Strategy: the lake of :mod:`tests.unit.ingest.resolve.stored_lake`; tests that only read share one,
tests that judge take their own.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from starlette.testclient import TestClient

from api.app import create_app
from api.identity.users import Users
from api.services import Services
from api.settings import load_settings
from records.workspace import Workspace
from tests.integration.lake_files import Rows
from tests.unit.ingest.resolve.stored_lake import case_rows, resolve_again, resolved_lake

API = "/api/v1"
PASSWORD = "a password for tests"


@dataclass
class JudgedSite:
    """The lake, the service over it, and requests in a role."""

    workspace: Workspace
    services: Services
    client: TestClient

    def headers(self, user: str, purpose: str = "核查", case_no: str = "") -> dict[str, str]:
        role = {"officer1": "officer", "officer2": "officer"}.get(user, user)
        return {
            "Authorization": f"Bearer {self.services.tokens.issue(user, role)}",
            "X-Purpose": quote(purpose),
            "X-Case-No": quote(case_no),
        }

    def get(self, path: str, user: str = "analyst", purpose: str = "核查", **query: Any) -> Any:
        return self.client.get(API + path, params=query, headers=self.headers(user, purpose))

    def post(self, path: str, body: object, user: str = "analyst", purpose: str = "核查") -> Any:
        return self.client.post(API + path, json=body, headers=self.headers(user, purpose))

    def judge(self, a: int, b: int, verdict: str, user: str = "analyst") -> Any:
        """Judge two rows of the case by their numbers."""
        rows = case_rows(self.workspace)
        sides = {"a": {"row": rows[a][0]}, "b": {"row": rows[b][0]}}
        return self.post("/judgements", {**sides, "verdict": verdict, "reason": "走访核实"}, user)

    def entity(self, number: int) -> str:
        """Entity of one row of the case."""
        return str(case_rows(self.workspace)[number][1])

    def resolve(self) -> None:
        """Run resolution, as an operator would."""
        resolve_again(self.workspace)

    def audit_lines(self, action: str) -> list[Any]:
        with self.services.audit() as audit:
            assert audit.check() is None
            return [line for line in audit.lines(limit=100) if line.action == action]

    def close(self) -> None:
        self.client.close()
        self.services.close()


def judged_site(root: Path, rows: Rows | None = None) -> JudgedSite:
    """A site under ``root``; close it at the end."""
    workspace = resolved_lake(root, rows)
    settings = load_settings(root, memory_gb=1.0)
    with Users.open(workspace.state_file("users")) as users:
        users.make_demo_users(PASSWORD)
    services = Services.open(settings)
    client = TestClient(create_app(settings, services), raise_server_exceptions=False)
    return JudgedSite(workspace, services, client)
