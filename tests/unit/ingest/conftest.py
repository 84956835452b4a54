"""One fixture: an empty workspace in a folder of its own.

Hypothesis has no deadline here: how long an example takes says nothing on a busy machine.
"""

from pathlib import Path

import pytest
from hypothesis import settings

from records.workspace import Workspace
from tests.unit.ingest.intake import Intake

settings.register_profile("without_deadline", deadline=None)
settings.load_profile("without_deadline")


@pytest.fixture
def intake(tmp_path: Path) -> Intake:
    """An empty workspace."""
    workspace = Workspace(tmp_path / "workspace")
    workspace.create()
    return Intake(workspace)
