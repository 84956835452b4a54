"""The small workspace of :mod:`tests.workspace`, made once, and a service over it.

Tests that read share ``made`` and ``client``; tests that write take a copy. Making it takes most of
a minute, so processes that test side by side make it once and take a copy each.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.services import Services
from graph.types import Finding
from tests.e2e.api_caller import headers
from tests.workspace import PASSWORD, Made, take_workspace


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all processes of this session of tests."""
    session = tmp_path_factory.getbasetemp()
    # Each process has a folder of its own below that of the session.
    return session.parent if "PYTEST_XDIST_WORKER" in os.environ else session


@pytest.fixture(scope="session")
def made(shared_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The workspace of this process; read it only."""
    return take_workspace(shared_folder, tmp_path_factory.mktemp("tiny") / "workspace")


@pytest.fixture(scope="session")
def services(made: Made) -> Iterator[Services]:
    """Services over the workspace, with a graph server of their own for the session."""
    opened = Services.open(made.settings)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def client(made: Made, services: Services) -> Iterator[TestClient]:
    """A client of the application that nobody is signed in to."""
    with TestClient(create_app(made.settings, services)) as opened:
        yield opened


@pytest.fixture(scope="session")
def tokens(client: TestClient) -> dict[str, str]:
    """A token of each demo user, by user name."""
    users = ["analyst", "dispatcher", "police_liaison", "auditor", "officer1", "leader"]
    return {
        user: client.post("/api/v1/session", json={"user": user, "password": PASSWORD}).json()[
            "token"
        ]
        for user in users
    }


@pytest.fixture
def analyst(tokens: dict[str, str]) -> dict[str, str]:
    """Headers of an analyst who has said why."""
    return headers(tokens["analyst"])


@pytest.fixture(scope="session")
def findings(services: Services) -> list[Finding]:
    """What the run found, in the order of a list."""
    with services.sql() as sql:
        rows = sql.execute("SELECT json FROM finding ORDER BY grade, -score, finding_id")
        return [Finding.from_line(row[0]) for row in rows.fetchall()]
