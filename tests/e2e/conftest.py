"""The small workspace of :mod:`tests.workspace`, made once, and a service over it.

Tests that read share ``made`` and ``client``; tests that write take a copy.
"""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.services import Services
from tests.workspace import PASSWORD, Made, make_workspace


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The workspace; read it only."""
    return make_workspace(tmp_path_factory.mktemp("tiny") / "workspace")


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
