"""A small workspace as ``run`` leaves it, made once and shared by tests that only read it.

Strategy: a tiny simulated province goes through all stages on the embedded store.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path

from api.identity.users import Users
from api.jobs import Jobs
from api.settings import Settings, load_settings
from graph.server_state import folder_lock
from ingest.simulate.province import simulate_world
from ingest.simulate.size import WorldSize

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
SEED = 7
PASSWORD = "a password for tests"


@dataclass(frozen=True)
class Made:
    """The workspace and its settings."""

    root: Path
    settings: Settings


def settings_of(root: Path) -> Settings:
    """Settings for a workspace in a test: little memory, any free port."""
    return load_settings(root, memory_gb=1.0)


def make_workspace(root: Path) -> None:
    """Simulate, run all stages, and make one user per role (two officers) with one password."""
    settings = settings_of(root)
    settings.paths.create()
    simulate_world(settings.paths.inbox, TINY, seed=SEED, truth=root / "out" / "truth.json")
    Jobs(settings).run()
    with Users.open(settings.paths.state_file("users")) as users:
        users.make_demo_users(PASSWORD)


def take_workspace(session: Path, root: Path) -> Made:
    """A copy of the workspace, graph and all.

    Parameters
    ----------
    session
        Folder of this session of tests, the same for all of its processes; the first that asks
        makes the workspace there, the others wait for it. Nobody opens that one.
    root
        Where the copy goes; it must not exist.
    """
    original = session / "tiny"
    with folder_lock(session / "tiny.lock"):
        if not original.exists():
            fresh = session / "tiny.new"
            shutil.rmtree(fresh, ignore_errors=True)
            make_workspace(fresh)
            fresh.rename(original)
    shutil.copytree(original, root)
    return Made(root, settings_of(root))
