"""A small workspace as ``run`` leaves it, made once and shared by tests that only read it.

Strategy: a tiny simulated province goes through all stages on the embedded store. Tests that change
something take a copy of their own with :func:`copy_workspace`.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path

from api.identity.users import Users
from api.jobs import Jobs, RunReport
from api.settings import Settings, load_settings
from ingest.simulate.province import simulate_world
from ingest.simulate.size import WorldSize
from records.workspace import Workspace

TINY = WorldSize(
    generators=300,
    receivers=24,
    carriers=30,
    manifests=700,
    outlets=10,
    testing_bodies=8,
    operators=4,
    traders=30,
    bystanders=60,
    test_reports=120,
    cameras=20,
    street_passes=300,
)
PASSWORD = "a password for tests"


@dataclass(frozen=True)
class Made:
    """The workspace, its settings, and what the run that made it said."""

    root: Path
    settings: Settings
    report: RunReport

    @property
    def workspace(self) -> Workspace:
        return self.settings.paths


def settings_of(root: Path) -> Settings:
    """Settings for a workspace in a test: little memory, any free port."""
    return load_settings(root, memory_gb=1.0)


def make_workspace(root: Path, seed: int = 7) -> Made:
    """Simulate, run all stages, and make one user per role (two officers) with one password."""
    settings = settings_of(root)
    settings.paths.create()
    simulate_world(settings.paths.inbox, TINY, seed=seed, truth=root / "out" / "truth.json")
    report = Jobs(settings).run()
    with Users.open(settings.paths.state_file("users")) as users:
        users.make_demo_users(PASSWORD)
    return Made(root, settings, report)


def copy_workspace(made: Made, root: Path) -> Settings:
    """A workspace of one's own with the same inbox, lake and state, and no graph yet."""
    shutil.copytree(made.root, root, ignore=shutil.ignore_patterns("graph", "server.*"))
    return settings_of(root)
