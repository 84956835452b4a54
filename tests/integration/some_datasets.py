"""A simulated province of which only some datasets are taken in and resolved."""

import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from ingest.drop import IngestOptions, ingest
from ingest.resolve.run import resolve
from ingest.simulate.province import simulate_world
from ingest.simulate.size import WorldSize
from records.views import Views, open_views
from records.workspace import Workspace
from tests.workspace import SEED


@contextmanager
def resolved_datasets(
    root: Path, size: WorldSize, datasets: Collection[str]
) -> Iterator[tuple[Workspace, Views]]:
    """Workspace under ``root`` and views of it; other datasets would only take time."""
    workspace = Workspace(root / "workspace")
    simulate_world(workspace.inbox, size, seed=SEED)
    for folder in workspace.inbox.iterdir():
        if folder.name not in datasets:
            shutil.rmtree(folder)
    ingest(workspace, IngestOptions(), lambda _: None)
    views = open_views(workspace)
    resolve(workspace, views)
    views.close()
    views = open_views(workspace)
    try:
        yield workspace, views
    finally:
        views.close()
