"""One fixture: an empty workspace in a folder of its own."""

from pathlib import Path

import pytest

from records.workspace import Workspace
from tests.unit.ingest.intake import Intake


@pytest.fixture
def intake(tmp_path: Path) -> Intake:
    """An empty workspace."""
    workspace = Workspace(tmp_path / "workspace")
    workspace.create()
    return Intake(workspace)
